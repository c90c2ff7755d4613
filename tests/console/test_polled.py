"""A switch that is asked by SNMP: its silence is one alarm from the first missed round until it answers again."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from console.configuration.model import CameraConfiguration, DeviceConfiguration
from console.orders import AcknowledgeAlarm
from console.records import Kind
from devices.driver import NS_PER_S
from devices.profiles import load
from tests.console.door import VEHICLE, Door, assert_same_from_every

SWITCH = "unanswered:switch"
UPTIME = "1.3.6.1.2.1.1.3.0"


class Rack(Door):
    """A switch that is polled every two seconds, and a camera behind it; the wire is given up after three misses."""

    def __init__(self) -> None:
        switch = DeviceConfiguration(id="switch", name="车载交换机", driver="snmp", wire="snmp:192.0.2.2:161")
        camera = CameraConfiguration(id="cam", name="画面", url="udp://127.0.0.1:5600", depends_on=("switch",))
        super().__init__(replace(VEHICLE, devices=(switch,), cameras=(camera,), teams=(), bearers=(), contacts=()))
        self.misses = 0
        self.answer(10)

    def _tell(self, name: str, kind: str = "path", payload: object = None, error: str | None = None) -> None:
        line = {"source": "snmp:192.0.2.2:161", kind: name, "asked_ns": self.at_ns, "answered_ns": self.at_ns}
        said = {"error": error} if error is not None else {"payload": payload}
        self.say("switch", msgspec.json.encode(line | said))

    def answer(self, seconds: int) -> None:
        self.up("switch")
        self._tell("profile", payload={"profile": load("snmp", "if-mib"), "index": 1})
        self.misses = 0
        for _ in range(seconds):
            self._tell(UPTIME, "oid", {"type": "TimeTicks", "value": self.at_ns // (NS_PER_S // 100) % 2**32})
            self.put(Kind.CAMERA, "cam", {"state": "live", "is_connected": True, "packet_age_ns": 0})
            self.wait(1)

    def cut(self, seconds: int) -> None:
        self.put(Kind.CAMERA, "cam", {"state": "stalled", "is_connected": False})
        for second in range(seconds):
            if second % 2 == 1 and self.misses < 3:
                self._tell("poll", error="timeout")
                self.misses += 1
                if self.misses == 3:
                    self.down("switch", "timeout")
            self.wait(1)

    def asking(self) -> dict[str, str]:
        return {a.id: a.state for a in self.picture().alarms if a.state not in {"suppressed"}}


def test_a_wire_that_is_given_up_makes_no_second_line_and_asks_nobody_again() -> None:
    rack = Rack()
    rack.cut(9)
    assert rack.asking() == {SWITCH: "unacknowledged"}
    rack.order(AcknowledgeAlarm(alarm_id=SWITCH))
    for _ in range(20):
        rack.cut(3)
        assert rack.asking() == {SWITCH: "acknowledged"}
        assert rack.alarm("picture:cam").cause_id == "switch"  # type: ignore[union-attr]
    assert rack.engine.tables.devices["switch"].state == "down"
    assert not [n for n in rack.picture().notices if n.text.id == "alarm.wire_down"]


def test_it_is_over_when_the_wire_stands_again_and_its_new_driver_knows_of_no_silence() -> None:
    rack = Rack()
    rack.cut(30)
    assert rack.asking() == {SWITCH: "unacknowledged"}
    rack.answer(4)
    assert rack.asking() == {SWITCH: "returned"}
    rack.answer(70)
    assert rack.asking() == {SWITCH: "returned"}
    rack.cut(12)
    assert rack.asking() == {SWITCH: "unacknowledged"}
    assert_same_from_every(rack, 25)


def test_one_that_never_answered_has_no_data_and_says_why() -> None:
    rack = Rack()
    rack.begin(rack.engine.tables.configuration)
    rack.down("switch", "refused")
    rack.wait(10)
    assert rack.asking()["nodata:switch"] == "unacknowledged"
    assert rack.alarm(SWITCH) is None
