"""One cause, one alarm: what hangs on something that failed is counted in its line, and nothing floods afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.assembly import digest_of
from console.configuration.model import (
    CameraConfiguration,
    Configuration,
    DeviceConfiguration,
    TeamConfiguration,
)
from console.orders import AcknowledgeAlarm, SetEnabled
from console.picture import Alarm
from console.records import Kind
from console.replay import new_engine
from console.rules import explaining
from console.rules.explaining import GRACE_NS
from devices.driver import NS_PER_S
from tests.console.door import VEHICLE, Door, sentence

CAMERAS = 30
PORTS = 6
TEAMS = 4
SWITCH = "unanswered:switch"
ON = ("switch",)
GGA = sentence("GNGGA,063846.00,3423.7000,N,11344.4000,E,1,12,1.0,100,M,0,M,,")


def vehicle() -> Configuration:
    """A switch that is pinged, forty things that hang on it, and a camera that does not."""
    switch = DeviceConfiguration(id="switch", name="车载交换机", driver="probe", wire="ping:192.0.2.2")
    gateway = DeviceConfiguration(
        id="gw", name="370M 网关", driver="radio_gateway", wire="tcp:127.0.0.1:1", depends_on=ON, silent_after_s=20
    )
    ports = tuple(
        DeviceConfiguration(
            id=f"port{n}",
            name=f"设备{n}",
            driver="nmea0183",
            wire=f"tcp:127.0.0.1:{n}",
            depends_on=ON,
            silent_after_s=20,
        )
        for n in range(1, PORTS)
    )
    cameras = tuple(
        CameraConfiguration(id=f"cam{n}", name=f"画面{n}", url=f"udp://127.0.0.1:{5600 + n}", depends_on=ON)
        for n in range(CAMERAS)
    )
    other = CameraConfiguration(id="cam-other", name="别的画面", url="udp://127.0.0.1:5599")
    teams = tuple(
        TeamConfiguration(id=f"team{n}", name=f"队{n}", symbol="队", expected_s=60, means=(f"gw/310{n}",))
        for n in range(TEAMS)
    )
    return replace(
        VEHICLE, devices=(switch, gateway, *ports), cameras=(*cameras, other), teams=teams, bearers=(), contacts=()
    )


class Van(Door):
    """Pictures, data and answers as long as the switch has power."""

    def __init__(self) -> None:
        super().__init__(vehicle())
        self.has_switch = True
        self.spoken_seq = 0
        self.alive = {f"cam{n}" for n in range(CAMERAS)} | {"gw", *(f"port{n}" for n in range(1, PORTS))}
        for device in self.engine.tables.devices:
            self.up(device)
        self.speak()

    def run(self, seconds: int) -> None:
        for _ in range(seconds):
            self.probe("switch", 1.0 if self.has_switch else None)
            if self.has_switch and self.seq >= self.spoken_seq + 20:
                self.speak()
            self.wait(1)

    def speak(self) -> None:
        """Everything that lives says so, about every ten seconds."""
        for identity in (*sorted(self.alive), "cam-other"):
            self.show(identity)
        self.spoken_seq = self.seq

    def show(self, identity: str) -> None:
        if identity.startswith("cam"):
            self.say_live(identity)
        elif identity == "gw":
            for number in range(TEAMS):
                self.say("gw", b'{"type":"presence","id":"310%d","state":"online"}\n' % number)
        else:
            self.say(identity, GGA)

    def say_live(self, camera_id: str) -> None:
        self.put(Kind.CAMERA, camera_id, {"state": "live", "is_connected": True, "packet_age_ns": 0})

    def cut(self) -> None:
        self.has_switch = False
        for identity in sorted(self.alive):
            if identity.startswith("cam"):
                self.put(Kind.CAMERA, identity, {"state": "stalled", "is_connected": False})
            else:
                self.down(identity)

    def connect(self) -> None:
        self.has_switch = True
        for identity in sorted(self.alive):
            if not identity.startswith("cam"):
                self.up(identity)
        self.spoken_seq = 0

    def asking(self) -> list[Alarm]:
        return [alarm for alarm in self.picture().alarms if alarm.state in {"unacknowledged", "returned"}]

    def told(self) -> list[str]:
        """The alarms that the log was told of as raised."""
        said = [n.text.id for n in self.picture().notices if n.kind == "alarm"]
        return [one for one in said if one not in {"alarm.over", "alarm.explains"}]


def test_a_switch_that_loses_power_is_one_line_that_counts_all_that_hangs_on_it() -> None:
    van = Van()
    van.run(30)
    assert van.picture().alarms == ()
    van.cut()
    van.run(25)
    (line,) = van.asking()
    assert line.id == SWITCH
    assert line.beneath is not None
    assert line.beneath.args["hidden"] == CAMERAS + PORTS
    assert van.told() == ["alarm.unanswered"]
    assert line.priority == "amber"
    assert van.alarm("picture:cam-other") is None
    hidden = [alarm for alarm in van.picture().alarms if alarm.state == "suppressed"]
    assert {alarm.cause_id for alarm in hidden} == {"switch"}
    assert {alarm.reason.id for alarm in hidden if alarm.reason} == {"alarm.because"}
    assert van.picture().alarm_load.last_10_min == 1


def test_silent_teams_beneath_make_the_line_red_and_ask_again_once() -> None:
    van = Van()
    van.run(30)
    van.cut()
    van.run(25)
    van.order(AcknowledgeAlarm(alarm_id=SWITCH))
    assert van.asking() == []
    van.run(45)
    (line,) = van.asking()
    assert (line.id, line.state, line.priority) == (SWITCH, "unacknowledged", "red")
    assert line.beneath is not None
    assert line.beneath.args["hidden"] == CAMERAS + PORTS + TEAMS
    assert str(line.beneath.args["hidden_names"]).startswith("队0、队1、队2、队3"), "whom it endangers comes first"
    van.order(AcknowledgeAlarm(alarm_id=SWITCH))
    van.run(60)
    assert van.asking() == []


def test_when_the_switch_returns_nothing_floods() -> None:
    van = Van()
    van.run(30)
    van.cut()
    van.run(90)
    before = len(van.told())
    van.order(AcknowledgeAlarm(alarm_id=SWITCH))
    van.connect()
    slow, van.alive = sorted(van.alive), set()
    for _ in range(GRACE_NS // NS_PER_S + 30):
        if slow:
            van.alive.add(slow.pop())
            van.speak()
        van.run(1)
        assert [alarm for alarm in van.asking() if alarm.id != SWITCH] == []
    assert van.picture().alarms == ()
    assert len(van.told()) == before


def test_what_does_not_come_back_is_judged_by_itself_after_its_time() -> None:
    van = Van()
    van.run(30)
    van.cut()
    van.run(30)
    van.alive -= {"cam3", "port2"}
    van.connect()
    van.run(55)
    hidden = {alarm.id: alarm.reason.id for alarm in van.picture().alarms if alarm.reason is not None}
    assert hidden == {"picture:cam3": "alarm.because_recovering", "nodata:port2": "alarm.because_recovering"}
    van.run(15)
    assert {alarm.id for alarm in van.asking()} == {SWITCH, "picture:cam3", "nodata:port2"}
    assert van.alarm("picture:cam3").state == "unacknowledged"  # type: ignore[union-attr]


def test_one_camera_alone_waits_only_for_the_answer_of_its_switch() -> None:
    van = Van()
    van.run(30)
    van.alive.discard("cam7")
    van.put(Kind.CAMERA, "cam7", {"state": "stalled", "is_connected": False})
    since_ns = van.at_ns
    van.run(4)
    alarm = van.alarm("picture:cam7")
    assert alarm is not None
    assert (alarm.state, alarm.beneath) == ("unacknowledged", None)
    assert alarm.raised_ns <= since_ns + 4 * NS_PER_S


def test_a_fault_from_long_before_keeps_its_own_line() -> None:
    van = Van()
    van.run(30)
    van.alive.discard("cam7")
    van.put(Kind.CAMERA, "cam7", {"state": "stalled", "is_connected": False})
    van.run(10)
    van.order(AcknowledgeAlarm(alarm_id="picture:cam7"))
    van.run(150)
    van.cut()
    van.run(25)
    assert van.alarm("picture:cam7").state == "acknowledged"  # type: ignore[union-attr]
    assert van.alarm(SWITCH).beneath.args["hidden"] == CAMERAS + PORTS - 1  # type: ignore[union-attr]


def test_the_topmost_cause_has_the_line_and_counts_what_is_between() -> None:
    battery = DeviceConfiguration(id="battery", name="电池柜", driver="probe", wire="ping:192.0.2.3")
    switch = DeviceConfiguration(
        id="switch", name="车载交换机", driver="probe", wire="ping:192.0.2.2", depends_on=("battery",)
    )
    camera = CameraConfiguration(id="cam", name="画面", url="udp://127.0.0.1:5600", depends_on=ON)
    door = Door(replace(VEHICLE, devices=(battery, switch), cameras=(camera,), teams=(), bearers=(), contacts=()))
    for is_alive in (True, False):
        state = {"state": "live" if is_alive else "stalled", "is_connected": is_alive, "packet_age_ns": 0}
        door.put(Kind.CAMERA, "cam", state)
        for _ in range(20):
            for one in ("switch", "battery"):
                door.probe(one, 1.0 if is_alive else None)
            door.wait(1)
    states = {alarm.id: (alarm.state, alarm.cause_id) for alarm in door.picture().alarms}
    assert states == {
        "unanswered:battery": ("unacknowledged", None),
        SWITCH: ("suppressed", "battery"),
        "picture:cam": ("suppressed", "battery"),
    }
    assert door.alarm("unanswered:battery").beneath.args["hidden"] == 2  # type: ignore[union-attr]


def test_what_is_fed_twice_is_cut_off_only_when_both_have_failed() -> None:
    tables = Door(VEHICLE).engine.tables
    tables.needs = {"cam": (("switch",),), "switch": (("grid", "genset"), ("rack",))}
    cases = {"": None, "grid": None, "grid genset": "grid", "rack": "rack", "switch grid": "switch", "cam": None}
    for failed, cause in cases.items():
        found = explaining.cause_of(tables, ("cam",), {one: f"x:{one}" for one in failed.split()})
        assert found == cause, failed


def test_a_switch_out_of_service_explains_nothing() -> None:
    van = Van()
    van.run(30)
    van.order(SetEnabled(subject_id="switch", is_enabled=False, by="通信班"))
    van.cut()
    van.run(25)
    assert {alarm.rule for alarm in van.asking()} == {"picture", "nodata"}


@pytest.mark.parametrize("at", [35, 47, 100])
def test_a_restart_and_a_replay_from_any_moment_come_to_the_same(at: int) -> None:
    van = Van()
    van.run(30)
    van.cut()
    saved = b""
    for second in range(31, 140):
        if second == 80:
            van.connect()
        if second == at:
            saved = van.engine.save()
            seq = van.seq
        van.run(1)
    whole, late = new_engine(), new_engine()
    late.restore(saved)
    for record in van.records:
        whole.step(record)
        if record.seq > seq:
            late.step(record)
    assert digest_of(whole.picture()) == digest_of(late.picture()) == digest_of(van.picture())
