"""Why teams are silent: one cause is one alarm, and it is named in the line of those it silenced."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from console.configuration.model import BearerConfiguration, DeviceConfiguration, TeamConfiguration
from console.i18n import LANGUAGES, translate
from console.orders import AcknowledgeAlarm
from console.picture import Alarm
from console.replay import new_engine
from devices.driver import NS_PER_S
from tests.console.door import VEHICLE, Door

RADIO = DeviceConfiguration(
    id="gw", name="370M 调度", driver="radio_gateway", wire="tcp:127.0.0.1:1", silent_after_s=7200
)
PHONES = DeviceConfiguration(id="ph", name="手机位置", driver="owntracks", wire="tcp:127.0.0.1:1", silent_after_s=7200)
NAMES = ("甲队", "乙队", "丙队")


def line(**said: object) -> bytes:
    return msgspec.json.encode(said) + b"\n"


def radio_door() -> Door:
    """Three teams of one gateway, all just heard."""
    teams = tuple(
        TeamConfiguration(id=f"t{n}", name=name, symbol="队", expected_s=600 + n, means=(f"gw/310{n}",))
        for n, name in enumerate(NAMES)
    )
    door = Door(replace(VEHICLE, devices=(*VEHICLE.devices, RADIO), teams=teams))
    door.up("gw")
    for number in range(3):
        speak(door, number)
    return door


def speak(door: Door, number: int) -> None:
    door.say("gw", line(type="presence", id=f"310{number}", state="online"))


def station(door: Door, **said: object) -> None:
    door.say("gw", line(type="station", id="9001", **said))


def raised(door: Door) -> dict[str, Alarm]:
    return {one.id: one for one in door.picture().alarms if one.rule.startswith("silence")}


def test_a_base_station_off_the_air_is_named_by_the_teams_it_silenced_as_one_alarm() -> None:
    door = radio_door()
    door.wait(60)
    station(door, on_air=False)
    since_ns = door.at_ns
    door.wait(300)
    station(door, on_air=False)  # told again: it is off since the first time
    door.wait(241)
    alone = raised(door)["silence:t0"]
    assert (alone.text.id, alone.text.args["@cause"]) == ("alarm.silence_cause", "alarm.cause.off_air")
    assert (alone.text.args["station"], alone.text.args["since_ns"]) == ("9001", since_ns)
    door.wait(3)
    (together,) = raised(door).values()
    assert together.id == "silence_together:gw/9001"
    assert together.priority == "red"
    assert (together.text.args["count"], together.text.args["teams"]) == (3, "甲队、乙队、丙队")
    assert {one.alarm_id for one in door.picture().teams} == {"silence_together:gw/9001"}
    for language in LANGUAGES:
        words = translate(language, together.text.id, together.text.args)
        assert words.index("9001") < words.index("甲队"), "a row is cut off where many teams are named: first the cause"


def of_stations(door: Door) -> dict[str, tuple[str, str]]:
    return {one.id: (one.state, one.text.id) for one in door.picture().alarms if one.rule == "station"}


def test_a_base_station_that_fails_is_told_at_once_until_the_line_of_the_silent_teams_names_it() -> None:
    door = radio_door()
    station(door, mains=False)
    door.wait(5)
    assert of_stations(door) == {}, "it may be back in a moment"
    door.wait(10)
    assert of_stations(door) == {"station:gw/9001": ("unacknowledged", "alarm.station_no_mains")}
    door.order(AcknowledgeAlarm(alarm_id="station:gw/9001"))
    station(door, on_air=False)
    door.wait(1)
    assert of_stations(door) == {"station:gw/9001": ("acknowledged", "alarm.station_off_air")}
    door.wait(600)
    assert "silence_together:gw/9001" in raised(door)
    assert of_stations(door) == {}, "one cause, one line"
    for number in range(3):
        speak(door, number)
    door.wait(30)
    assert of_stations(door)["station:gw/9001"][0] == "unacknowledged", "they are heard by other ways, it is still off"
    station(door, on_air=True)
    door.wait(2)
    assert of_stations(door)["station:gw/9001"][1] == "alarm.station_no_mains"
    station(door, mains=True)
    door.wait(12)
    assert of_stations(door)["station:gw/9001"][0] == "returned"


def test_a_base_station_that_comes_back_before_it_is_an_alarm_leaves_none() -> None:
    door = radio_door()
    station(door, on_air=False)
    door.wait(5)
    station(door, on_air=True)
    door.wait(30)
    station(door, on_air=False)
    door.wait(6)
    assert of_stations(door) == {}


def test_one_more_team_with_the_same_cause_asks_for_a_person_again() -> None:
    door = radio_door()
    station(door, on_air=False)
    door.wait(602)
    door.order(AcknowledgeAlarm(alarm_id="silence_together:gw/9001"))
    assert raised(door)["silence_together:gw/9001"].state == "acknowledged"
    door.wait(1)
    assert raised(door)["silence_together:gw/9001"].state == "unacknowledged"
    assert raised(door)["silence_together:gw/9001"].text.args["count"] == 3


def test_teams_heard_again_leave_the_common_alarm_and_the_last_one_ends_it() -> None:
    door = radio_door()
    station(door, on_air=False)
    door.wait(610)
    speak(door, 0)
    door.wait(1)
    assert raised(door)["silence_together:gw/9001"].text.args["count"] == 2
    assert door.picture().teams[0].alarm_id is None
    speak(door, 1)
    speak(door, 2)
    door.wait(1)
    (ended,) = raised(door).values()
    assert (ended.id, ended.state) == ("silence_together:gw/9001", "returned")


def test_a_team_still_silent_when_the_cause_is_over_has_an_alarm_of_its_own() -> None:
    door = radio_door()
    station(door, on_air=False)
    door.wait(610)
    door.order(AcknowledgeAlarm(alarm_id="silence_together:gw/9001"))
    station(door, on_air=True)
    door.wait(120)
    assert list(raised(door)) == ["silence_together:gw/9001"], "a link that flaps does not raise its teams each time"
    door.wait(1)
    assert {key: one.state for key, one in raised(door).items()} == {
        f"silence:t{n}": "unacknowledged" for n in range(3)
    }
    assert {one.text.id for one in raised(door).values()} == {"alarm.silence"}


def test_a_station_without_mains_is_a_likely_cause_too() -> None:
    door = radio_door()
    station(door, mains=False, battery_percent=30)
    door.wait(601)
    assert raised(door)["silence:t0"].text.args["@cause"] == "alarm.cause.no_mains"
    assert raised(door)["silence:t0"].text.args["since_ns"] == door.at_ns - 601 * NS_PER_S


def test_an_outage_long_after_a_team_fell_silent_is_not_its_cause() -> None:
    door = radio_door()
    door.wait(900)
    station(door, on_air=False)
    door.wait(1)
    assert {one.text.id for one in raised(door).values()} == {"alarm.silence"}


def test_a_team_heard_during_an_outage_has_another_cause() -> None:
    door = radio_door()
    station(door, on_air=False)
    door.wait(300)
    for number in range(3):
        speak(door, number)
    door.wait(610)
    assert {one.text.id for one in raised(door).values()} == {"alarm.silence"}


def test_a_device_without_data_is_named_before_anything_else() -> None:
    door = radio_door()
    station(door, on_air=False)
    door.wait(590)
    door.down("gw")
    door.wait(20)
    (together,) = raised(door).values()
    assert (together.id, together.text.args["device"]) == ("silence_together:gw", "370M 调度")
    assert together.text.args["@cause"] == "alarm.cause.device"


def test_phones_are_silent_because_the_public_networks_are_down_and_others_are_not() -> None:
    public = BearerConfiguration(id="fibre", name="地面光纤", rung="primary", device_id="p1", down_after_s=5)
    teams = (
        TeamConfiguration(id="a", name="甲队", symbol="甲", expected_s=300, means=("ph/a",)),
        TeamConfiguration(id="b", name="乙队", symbol="乙", expected_s=300, means=("ph/b",)),
        TeamConfiguration(id="r", name="电台队", symbol="电", expected_s=300, means=("gw/1",)),
    )
    devices = (*VEHICLE.devices, RADIO, PHONES)
    door = Door(replace(VEHICLE, devices=devices, teams=teams, bearers=(public,)))
    for device in ("gw", "ph", "p1"):
        door.up(device)
    for _ in range(10):
        door.probe("p1", 20.0)
        door.wait(1)
    for _ in range(300):
        door.probe("p1", None)
        door.wait(1)
    assert door.picture().bearers[0].state == "down"
    texts = {key: one.text.args.get("@cause") for key, one in raised(door).items()}
    assert texts == {"silence_together:public-net": "alarm.cause.public_net", "silence:r": None}
    assert raised(door)["silence_together:public-net"].text.args["teams"] == "甲队、乙队"


def test_the_common_alarm_goes_through_a_snapshot_and_a_replay_alike() -> None:
    door = radio_door()
    station(door, on_air=False)
    door.wait(602)
    door.engine.restore(door.engine.save())
    before = door.picture()
    door.wait(1)
    assert door.picture().alarms != before.alarms
    again = new_engine()
    for record in door.records:
        again.step(record)
    assert again.picture() == door.picture()
