"""Guests, edits while running, and what stays of them over restarts and replays."""

from __future__ import annotations

import json
from dataclasses import replace

from console.configuration.model import DeviceConfiguration, TaskConfiguration, TeamConfiguration
from console.orders import AddMeans, AddTeam, BeginRollCall, ChangeTeam, EndRollCall, HeardByVoice, RemoveMeans
from console.picture import Team
from console.replay import new_engine
from console.rules.teams import MEANS, TEAMS
from console.rules.tracks import STRANGERS
from tests.console.door import START_NS, VEHICLE, Door, sentence

GUEST = AddTeam(team_id="guest", name="蓝天救援队", means=("bd/4208888",), by="甲")
STRANGER = sentence("BDTXR,1,4208888,2,,A4D3A6BCB1")
FIRE = sentence("BDTXR,1,4204986,2,,A4D3A6BCB1")

RADIOS = replace(
    VEHICLE,
    devices=(
        *VEHICLE.devices,
        DeviceConfiguration(id="gw", name="370M", driver="radio_gateway", wire="tcp:127.0.0.1:1"),
    ),
)


def placed(number: int, lat: float = 34.3956) -> bytes:
    said = {"type": "position", "id": str(number), "lat": lat, "lon": 113.7394, "fix": "3d"}
    return json.dumps(said).encode() + b"\n"


def team(door: Door, team_id: str) -> Team:
    return next(one for one in door.picture().teams if one.id == team_id)


def said(door: Door) -> list[str]:
    return [notice.text.id for notice in door.picture().notices]


def test_a_guest_is_heard_from_when_his_card_first_spoke_and_by_it_from_then_on() -> None:
    door = Door()
    door.ready_terminal()
    door.say("bd", STRANGER)
    heard_ns = door.at_ns
    door.wait(30)
    door.order(GUEST)
    guest = team(door, "guest")
    assert (guest.name, guest.symbol, guest.is_guest, guest.means) == ("蓝天救援队", "蓝", True, ("bd/4208888",))
    assert (guest.last_heard_ns, guest.last_heard_kind) == (heard_ns, "text")
    door.say("bd", STRANGER)
    assert team(door, "guest").last_heard_ns == door.at_ns
    assert door.picture().messages[-1].peer_name == "蓝天救援队"


def test_a_guest_is_where_his_number_was_before_he_had_a_name_with_the_age_of_that_fix() -> None:
    door = Door(RADIOS)
    door.up("gw")
    door.say("gw", placed(3700101))
    there_ns = door.at_ns
    door.wait(300)
    door.order(replace(GUEST, means=("gw/03700101",)))
    place = team(door, "guest").place
    assert place is not None
    assert (round(place.lat_deg, 4), round(place.lon_deg, 4)) == (34.3956, 113.7394)
    assert place.at_ns == there_ns
    assert place.fix_ns == there_ns
    added = [one.text.args for one in door.picture().notices if one.text.id == "notice.means_added"]
    assert [one["by"] for one in added] == ["甲"]


def test_only_so_many_strangers_places_are_kept_and_the_longest_unheard_goes() -> None:
    door = Door(RADIOS)
    door.up("gw")
    for number in range(STRANGERS + 1):
        door.say("gw", placed(4300000 + number))
        door.wait(1)
    assert list(door.engine.tables.devices["gw"].strangers) == [str(4300001 + n) for n in range(STRANGERS)]


def test_guests_and_edits_outlive_a_restart_and_a_new_file() -> None:
    door = Door()
    door.ready_terminal()
    door.order(GUEST)
    door.order(AddMeans(team_id="fire", means="bd/777", by="甲"))
    door.order(ChangeTeam(team_id="fire", state="working", people_present=6, task="转移群众", expected_s=300, by="甲"))
    before = {one.id: one for one in door.picture().teams}
    door.wait(1)
    door.begin(last_ns=door.at_ns)
    assert {one.id: one for one in door.picture().teams} == before
    other = replace(VEHICLE, teams=(replace(VEHICLE.teams[0], name="消防水域三组"), VEHICLE.teams[1]))
    door.begin(other)
    fire = team(door, "fire")
    assert fire.name == "消防水域三组"
    assert (fire.means, fire.task, fire.expected_s) == (("bd/4204986", "bd/777"), "转移群众", 300)
    assert (fire.state, fire.people_present, fire.people) == ("working", 6, 8)
    assert team(door, "guest").means == ("bd/4208888",)


def test_a_replay_and_a_snapshot_come_to_the_same_teams() -> None:
    door = Door()
    door.ready_terminal()
    door.say("bd", FIRE)
    door.order(GUEST)
    door.order(HeardByVoice(team_id="guest", by="甲", text="平安"))
    door.order(ChangeTeam(team_id="fire", state="stood_down", by="甲"))
    saved = door.engine.save()
    door.say("bd", STRANGER)
    door.wait(1000)
    door.order(RemoveMeans(team_id="guest", means="bd/4208888", by="甲"))
    again, continued = new_engine(), new_engine()
    for record in door.records:
        again.step(record)
    continued.restore(saved)
    for record in door.records[next(i for i, r in enumerate(door.records) if r.payload == STRANGER) :]:
        continued.step(record)
    assert again.picture() == door.picture() == continued.picture()


def test_a_means_is_one_teams_and_given_to_another_leaves_the_first() -> None:
    door = Door()
    door.ready_terminal()
    door.order(replace(GUEST, means=("bd/04204986",)))
    assert team(door, "fire").means == ()
    door.say("bd", FIRE)
    assert team(door, "fire").last_heard_ns is None
    assert team(door, "guest").last_heard_ns == door.at_ns
    assert said(door)[-4:-1].count("notice.means_removed") == 1
    door.order(AddMeans(team_id="fire", means="bd/4204986"))
    assert team(door, "fire").means == ("bd/4204986",)
    assert team(door, "guest").means == ()


def test_a_means_taken_away_no_longer_speaks_for_the_team() -> None:
    door = Door()
    door.ready_terminal()
    door.order(RemoveMeans(team_id="fire", means="bd/4204986", by="甲"))
    door.say("bd", FIRE)
    assert team(door, "fire").last_heard_ns is None
    door.wait(1000)
    assert door.alarm("silence:fire") is None, "a team that cannot be heard is not judged"
    assert team(door, "fire").means == ()


def test_a_means_taken_away_takes_what_it_said_with_it_and_gives_it_to_whom_it_belongs() -> None:
    """A radio given to the wrong team: its place and its voice would keep that team fresh for a quarter of an hour."""
    door = Door(RADIOS)
    for device in ("gw", "gnss"):
        door.up(device)
    door.order(AddMeans(team_id="fire", means="gw/3101", by="甲"))
    door.order(AddMeans(team_id="fire", means="gw/3102", by="甲"))
    door.say("gw", placed(3101, lat=34.40))
    first_ns = door.at_ns
    door.wait(60)
    door.say("gw", placed(3102, lat=34.39))
    second_ns = door.at_ns
    fire = team(door, "fire")
    assert fire.place is not None
    assert (fire.place.lat_deg, fire.last_heard_ns, len(fire.trail)) == (34.39, second_ns, 2)
    door.wait(5)
    door.order(AddTeam(team_id="guest", name="蓝天", means=("gw/03102",), by="甲"))
    fire, guest = team(door, "fire"), team(door, "guest")
    assert fire.place is not None
    assert guest.place is not None
    assert (fire.place.lat_deg, fire.place.fix_ns, fire.last_heard_ns) == (34.40, first_ns, first_ns)
    assert (guest.place.lat_deg, guest.place.fix_ns, guest.last_heard_ns) == (34.39, second_ns, second_ns)
    door.order(RemoveMeans(team_id="fire", means="gw/3101", by="甲"))
    fire = team(door, "fire")
    assert (fire.place, fire.last_heard_ns, fire.last_heard_kind, fire.trail) == (None, None, None, ())
    again = new_engine()
    for record in door.records:
        again.step(record)
    assert again.picture() == door.picture()


def test_what_a_person_wrote_down_stays_when_a_means_is_taken_away() -> None:
    door = Door(RADIOS)
    door.up("gw")
    door.order(AddMeans(team_id="fire", means="gw/3101", by="甲"))
    door.order(HeardByVoice(team_id="fire", by="甲"))
    spoke_ns = door.at_ns
    door.wait(10)
    door.say("gw", placed(3101))
    door.order(RemoveMeans(team_id="fire", means="gw/3101", by="甲"))
    fire = team(door, "fire")
    assert (fire.last_heard_ns, fire.last_heard_kind, fire.place) == (spoke_ns, "voice", None)


def test_a_means_that_the_file_no_longer_gives_to_a_team_speaks_for_it_no_more() -> None:
    given = replace(RADIOS.teams[0], means=("gw/3101",))
    door = Door(replace(RADIOS, teams=(given, *RADIOS.teams[1:])))
    door.up("gw")
    door.say("gw", placed(3101))
    assert team(door, "fire").place is not None
    door.wait(1)
    door.begin(RADIOS, last_ns=door.at_ns)
    fire = team(door, "fire")
    assert (fire.place, fire.last_heard_ns) == (None, None)


def test_what_cannot_be_done_is_said_and_changes_nothing() -> None:
    door = Door()
    before = door.picture().teams
    for order in (
        replace(GUEST, team_id="bd"),
        replace(GUEST, team_id="fire"),
        replace(GUEST, team_id="蓝天"),
        replace(GUEST, name="  "),
        AddMeans(team_id="fire", means="nowhere/1"),
        AddMeans(team_id="fire", means="bd/"),
        ChangeTeam(team_id="nobody", task="x"),
        RemoveMeans(team_id="nobody", means="bd/1"),
        HeardByVoice(team_id="nobody", by="甲"),
    ):
        count = len(said(door))
        door.order(order)
        assert said(door)[count:] == ["notice.team_refused"], order
    door.order(RemoveMeans(team_id="fire", means="bd/1"))
    assert door.picture().teams == before


def test_teams_and_their_means_are_bounded() -> None:
    door = Door()
    for number in range(TEAMS + 5):
        door.order(AddTeam(team_id=f"g{number}", name=f"队{number}"))
    for number in range(MEANS + 5):
        door.order(AddMeans(team_id="fire", means=f"bd/{number + 1}"))
    assert len(door.picture().teams) == TEAMS
    assert len(team(door, "fire").means) == MEANS


def test_speech_by_any_means_is_a_sign_of_life_and_stands_in_the_log_with_who_heard_it() -> None:
    door = Door()
    door.ready_terminal()
    door.say("bd", FIRE)
    door.wait(901)
    assert door.alarm("silence:fire").state == "unacknowledged"  # type: ignore[union-attr]
    door.order(HeardByVoice(team_id="fire", by="乙", text="在观音寺桥头"))
    fire = team(door, "fire")
    assert (fire.last_heard_ns, fire.last_heard_by, fire.last_heard_kind) == (door.at_ns, "operator", "voice")
    assert door.picture().notices[-1].text.args == {"team": "消防水域二组", "text": "在观音寺桥头", "by": "乙"}
    door.wait(1)
    assert door.alarm("silence:fire").state == "returned"  # type: ignore[union-attr]


def test_an_edit_a_restart_and_a_list_read_are_no_signs_of_life() -> None:
    """An edit is somebody here, not the team: last heard stays what it was."""
    door = Door()
    door.ready_terminal()
    door.say("bd", FIRE)
    heard_ns = door.at_ns
    door.wait(60)
    door.order(ChangeTeam(team_id="fire", state="working", people_present=3, by="甲"))
    door.order(AddMeans(team_id="fire", means="bd/99"))
    door.begin(last_ns=door.at_ns)
    assert team(door, "fire").last_heard_ns == heard_ns


def test_the_interval_comes_with_the_task() -> None:
    tasks = (TaskConfiguration(name="水上救援", expected_s=300), TaskConfiguration(name="值守", expected_s=3600))
    door = Door(replace(VEHICLE, tasks=tasks))
    door.ready_terminal()
    door.say("bd", FIRE)
    door.order(ChangeTeam(team_id="fire", task="水上救援", by="甲"))
    assert team(door, "fire").expected_s == 300
    door.wait(301)
    assert door.alarm("silence:fire") is not None
    door.order(ChangeTeam(team_id="fire", task="值守", by="甲"))
    door.wait(1)
    assert team(door, "fire").expected_s == 3600
    assert door.alarm("silence:fire").state == "returned"  # type: ignore[union-attr]
    door.order(ChangeTeam(team_id="fire", task="自由词", by="甲"))
    assert team(door, "fire").expected_s == 3600, "a task of which nobody said how often leaves the interval"


def test_a_team_that_was_sent_home_is_not_missed() -> None:
    door = Door()
    door.ready_terminal()
    door.say("bd", FIRE)
    door.order(ChangeTeam(team_id="fire", state="stood_down", by="甲"))
    door.wait(1000)
    assert door.alarm("silence:fire") is None
    door.order(ChangeTeam(team_id="fire", state="working", by="甲"))
    door.wait(1)
    assert door.alarm("silence:fire") is not None


def test_a_team_that_leaves_the_file_is_written_into_the_log_with_its_last_place() -> None:
    door = Door()
    door.up("gnss")
    door.say("gnss", sentence("GNGGA,082640.00,3423.7000,N,11344.4000,E,1,12,1.0,100,M,0,M,,"))
    door.begin(replace(VEHICLE, teams=VEHICLE.teams[:1]))
    gone = next(one for one in door.picture().notices if one.text.id == "notice.team_gone")
    assert gone.subject_id == "own"
    assert gone.text.args["place"] == "34.395000 113.740000 wgs84"
    assert gone.text.args["heard_ns"] == door.at_ns


def test_a_team_of_the_file_with_a_guests_id_takes_over_what_is_known_of_him() -> None:
    door = Door()
    door.ready_terminal()
    door.order(GUEST)
    door.say("bd", STRANGER)
    named = TeamConfiguration(id="guest", name="蓝天一队", symbol="蓝", means=("bd/4208888",))
    door.begin(replace(VEHICLE, teams=(*VEHICLE.teams, named)))
    guest = team(door, "guest")
    assert (guest.name, guest.is_guest, guest.last_heard_ns) == ("蓝天一队", False, START_NS)


def test_a_roll_call_ticks_who_spoke_or_wrote_and_not_whose_radio_only_sent_its_place() -> None:
    door = Door()
    door.ready_terminal()
    door.up("gnss")
    door.say("bd", FIRE)
    door.wait(10)
    door.order(BeginRollCall(by="甲"))
    since_ns = door.at_ns
    assert door.picture().roll_call_ns == since_ns
    door.wait(10)
    door.say("gnss", sentence("GNGGA,082640.00,3423.7000,N,11344.4000,E,1,12,1.0,100,M,0,M,,"))
    assert team(door, "own").last_heard_ns == door.at_ns
    assert team(door, "own").answered_ns is None
    door.order(HeardByVoice(team_id="fire", by="甲"))
    assert team(door, "fire").answered_ns == door.at_ns
    door.begin(last_ns=door.at_ns)
    assert door.picture().roll_call_ns == since_ns, "a restart does not end it"
    door.order(EndRollCall(by="甲"))
    assert door.picture().roll_call_ns is None
    assert door.picture().notices[-1].text.id == "notice.roll_call_missing"
    assert door.picture().notices[-1].text.args["teams"] == "指挥车"
    door.order(EndRollCall(by="甲"))
    assert door.picture().notices[-1].text.id == "notice.roll_call_missing", "ended once"
