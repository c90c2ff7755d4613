"""Terminals behind the engine's door: what renews last heard, what raises an alarm, what becomes of a text."""

from __future__ import annotations

from dataclasses import replace

from console.assembly import digest_of
from console.configuration.model import Configuration, DeviceConfiguration, TeamConfiguration
from console.effects import Send
from console.orders import ComposeMessage
from console.picture import Team
from console.records import Kind
from console.replay import new_engine
from devices.driver import NS_PER_S
from devices.simulators.jt808_wire import Ear, Place, frames
from tests.console.door import START_NS, VEHICLE, Door
from tests.devices.jt808.conversation import FIRST

OTHER = "13900000000"
CAR = replace(
    VEHICLE,
    devices=(
        *VEHICLE.devices,
        DeviceConfiguration(id="cars", name="车载终端", driver="jt808", wire="tcp-listen:127.0.0.1:7611"),
    ),
    teams=(TeamConfiguration(id="boat", name="冲锋舟一队", symbol="舟", means=(f"cars/{FIRST}",)),),
)


def body(at_ns: int, lat_deg: float = 34.396, alarms: int = 0) -> bytes:
    return Place(
        lat_deg=lat_deg,
        lon_deg=113.741,
        speed_mps=8.0,
        course_deg=90.0,
        at_ns=at_ns,
        mileage_m=1000.0,
        satellites=14,
        level=25,
        alarms=alarms,
    ).report()


class Cars(Door):
    def __init__(self, configuration: Configuration = CAR) -> None:
        super().__init__(configuration)
        self.up("cars")

    def hears(self, number: int, octets: bytes, phone: str = FIRST, peer: str = "192.0.2.7:40001") -> list[Send]:
        pieces = frames("2013", phone, number, 1, octets)
        found = [effect for piece in pieces for effect in self.put(Kind.OCTETS, "cars", piece, peer)]
        return [one for one in found if isinstance(one, Send)]

    def batch(self, *bodies: bytes, kind: int = 1) -> None:
        text = len(bodies).to_bytes(2, "big") + bytes([kind])
        self.hears(0x0704, text + b"".join(len(one).to_bytes(2, "big") + one for one in bodies))

    def boat(self) -> Team:
        return next(team for team in self.picture().teams if team.id == "boat")


def test_a_report_places_the_team_and_is_answered_at_once() -> None:
    cars = Cars()
    (answer,) = cars.hears(0x0200, body(START_NS))
    (order,) = Ear().feed(answer.octets)
    assert (order.number, order.body[2:4], order.body[4]) == (0x8001, b"\x02\x00", 0)
    boat = cars.boat()
    assert boat.place is not None
    assert (boat.place.lat_deg, boat.place.fix_ns, boat.place.datum) == (34.396, START_NS, "wgs84")
    assert boat.last_heard_ns == START_NS


def test_what_is_handed_in_late_renews_nothing_and_moves_nobody_back() -> None:
    cars = Cars()
    cars.hears(0x0200, body(START_NS, 34.5))
    cars.wait(600)
    cars.batch(body(START_NS - 60 * NS_PER_S, 34.1), body(START_NS - 30 * NS_PER_S, 34.2))
    boat = cars.boat()
    assert boat.last_heard_ns == START_NS
    assert boat.place is not None
    assert boat.place.lat_deg == 34.5
    cars.batch(body(START_NS + 60 * NS_PER_S, 34.51))
    boat = cars.boat()
    assert boat.last_heard_ns == START_NS
    assert boat.place is not None
    assert (boat.place.lat_deg, boat.place.fix_ns) == (34.51, START_NS + 60 * NS_PER_S)


def test_a_normal_batch_is_a_sign_of_life() -> None:
    cars = Cars()
    cars.wait(30)
    cars.batch(body(START_NS), body(START_NS + 20 * NS_PER_S), kind=0)
    assert cars.boat().last_heard_ns == cars.at_ns


def test_a_call_for_help_out_of_coverage_raises_the_alarm_without_renewing_last_heard() -> None:
    cars = Cars()
    cars.wait(100)
    cars.batch(body(START_NS, alarms=1))
    alarm = cars.alarm("emergency:boat")
    assert alarm is not None
    assert (alarm.priority, alarm.text.args["@kind"]) == ("red", "jt808.emergency.stored")
    assert cars.boat().last_heard_ns is None


def test_a_report_without_a_fix_is_heard_but_places_nobody() -> None:
    cars = Cars()
    octets = bytearray(body(START_NS))
    octets[7] &= ~0x02
    cars.hears(0x0200, bytes(octets))
    assert cars.boat().last_heard_ns == START_NS
    assert cars.boat().place is None


def test_a_text_waits_for_its_terminal_finds_its_connection_and_is_confirmed_and_the_replay_is_the_same() -> None:
    cars = Cars()
    cars.hears(0x0002, b"", OTHER, "192.0.2.8:40002")
    cars.order(ComposeMessage(message_id="m1", device_id="cars", recipient=FIRST, text="请速回"))
    cars.wait(3)
    assert not cars.sent()
    assert cars.message("m1").state == "queued"
    cars.hears(0x0002, b"")
    cars.hears(0x0002, b"", OTHER, "192.0.2.8:40002")
    cars.wait(2)
    (sending,) = [one for one in cars.effects if isinstance(one, Send) and one.reference == "m1"]
    assert sending.peer == "192.0.2.7:40001"
    (order,) = Ear().feed(sending.octets)
    assert (order.phone, order.number, order.body[1:].decode("gbk")) == (FIRST, 0x8300, "请速回")
    assert cars.message("m1").state == "submitted"
    cars.hears(0x0001, order.serial.to_bytes(2, "big") + b"\x83\x00\x00", OTHER, "192.0.2.8:40002")
    assert cars.message("m1").state == "submitted"
    cars.hears(0x0001, order.serial.to_bytes(2, "big") + b"\x83\x00\x00")
    assert cars.message("m1").state == "confirmed"
    again = new_engine()
    for record in cars.records:
        again.step(record)
    assert digest_of(again.picture()) == digest_of(cars.picture())


def test_a_terminal_that_calls_again_after_a_restart_goes_on_where_it_was() -> None:
    cars = Cars()
    cars.hears(0x0200, body(START_NS))
    after = new_engine()
    after.restore(cars.engine.save())
    cars.engine = after
    cars.at_ns += 30 * NS_PER_S
    cars.hears(0x0200, body(START_NS + 30 * NS_PER_S, 34.41), peer="192.0.2.7:40055")
    boat = cars.boat()
    assert boat.place is not None
    assert (boat.place.lat_deg, boat.last_heard_ns) == (34.41, START_NS + 30 * NS_PER_S)


def test_every_answer_goes_to_the_connection_that_asked() -> None:
    cars = Cars()
    (mine,) = cars.hears(0x0002, b"")
    (other,) = cars.hears(0x0002, b"", OTHER, "192.0.2.8:40002")
    assert (mine.peer, other.peer) == ("192.0.2.7:40001", "192.0.2.8:40002")
    assert [Ear().feed(one.octets)[0].phone for one in (mine, other)] == [FIRST, OTHER]
