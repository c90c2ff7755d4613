"""Several receivers, what is asked and when, and what must never look fresh."""

from __future__ import annotations

import json
import random
from typing import Any

from devices.catalogue import make_simulator
from devices.commands import SendRaw
from devices.driver import NS_PER_S, Refused
from devices.drivers.gpsd import ASK_AGAIN_NS, DEVICES, DEVICES_NS, LINE_OCTETS, RECEIVERS, WATCH, Gpsd
from devices.observations import Condition, Malformed, Observation, Position, Sky

START_NS = 1_781_488_990 * NS_PER_S


def line(**report: Any) -> bytes:
    return json.dumps({"class": report.pop("kind"), **report}).encode() + b"\n"


def fix(path: str, mode: int = 3) -> bytes:
    return line(kind="TPV", device=path, mode=mode, lat=34.5, lon=113.7)


def sky(path: str, used: int) -> bytes:
    return line(kind="SKY", device=path, satellites=[{"PRN": n + 1, "used": n < used} for n in range(8)])


def subjects(driver: Gpsd, *said: bytes) -> list[str | None]:
    return [one.subject for piece in said for one in driver.receive(piece, START_NS) if isinstance(one, Position)]


def played(settings: dict[str, Any], seconds: int) -> list[Observation]:
    """The driver with its simulator; what each tick said, understood at once."""
    device = make_simulator("gpsd", settings, random.Random(3).random)
    assert device is not None
    driver = Gpsd({})
    seen: list[Observation] = []
    for tick in range(seconds * 10):
        at_ns = START_NS + tick * NS_PER_S // 10
        wire = [answer for asked in driver.poll(at_ns) for answer in device.receive(asked, at_ns)]
        for piece in [*wire, *device.tick(at_ns)]:
            seen.extend(driver.receive(piece, at_ns))
    return seen


def test_a_second_receiver_takes_the_name_of_own_position_away_until_one_is_chosen() -> None:
    assert subjects(Gpsd({}), fix("/dev/a"), fix("/dev/b"), fix("/dev/a")) == [None, "/dev/b", "/dev/a"]
    assert subjects(Gpsd({"device": "/dev/b"}), fix("/dev/a"), fix("/dev/b")) == ["/dev/a", None]


def test_a_receiver_that_went_leaves_the_other_as_the_own_one() -> None:
    driver = Gpsd({})
    gone = line(kind="DEVICES", devices=[{"path": "/dev/b", "driver": "NMEA0183"}])
    assert subjects(driver, fix("/dev/a"), fix("/dev/b"), gone, fix("/dev/b")) == [None, "/dev/b", None]


def test_a_receiver_plugged_in_again_elsewhere_is_one_receiver() -> None:
    driver = Gpsd({})
    off = line(kind="DEVICE", path="/dev/ttyACM0", activated=0)
    assert subjects(driver, fix("/dev/ttyACM0"), off, fix("/dev/ttyACM1")) == [None, None]


def test_a_count_of_satellites_is_not_carried_beyond_ten_seconds_nor_to_another_receiver() -> None:
    driver = Gpsd({})
    driver.receive(sky("/dev/a", 5), START_NS)

    def count(path: str, after_s: int) -> int | None:
        (place, *_) = driver.receive(fix(path), START_NS + after_s * NS_PER_S)
        assert isinstance(place, Position)
        return place.satellites

    assert (count("/dev/a", 1), count("/dev/b", 1), count("/dev/a", 11)) == (5, None, None)


def test_it_asks_to_watch_until_that_is_confirmed_and_for_receivers_now_and_then() -> None:
    driver = Gpsd({})
    assert list(driver.poll(START_NS)) == [WATCH]
    assert list(driver.poll(START_NS + NS_PER_S)) == []
    assert list(driver.poll(START_NS + ASK_AGAIN_NS)) == [WATCH]
    driver.receive(line(kind="WATCH", enable=True), START_NS + ASK_AGAIN_NS)
    assert list(driver.poll(START_NS + ASK_AGAIN_NS + DEVICES_NS - 1)) == []
    assert list(driver.poll(START_NS + ASK_AGAIN_NS + DEVICES_NS)) == [DEVICES]
    driver.finish()
    assert list(driver.poll(START_NS + ASK_AGAIN_NS + DEVICES_NS)) == [WATCH], "another connection"


def test_a_watch_that_somebody_switched_off_is_asked_for_again() -> None:
    driver = Gpsd({})
    driver.poll(START_NS)
    driver.receive(line(kind="WATCH", enable=True), START_NS)
    driver.receive(line(kind="WATCH", enable=False), START_NS + NS_PER_S)
    assert list(driver.poll(START_NS + ASK_AGAIN_NS)) == [WATCH]


def test_a_line_longer_than_any_report_is_dropped_whole_and_the_next_is_read() -> None:
    driver = Gpsd({})
    long = b'{"class":"TPV","mode":3,"lat":1,"lon":2,"x":"' + b"y" * LINE_OCTETS + b'"}\n'
    seen = [*driver.receive(long, START_NS), *driver.receive(fix("/dev/a"), START_NS)]
    assert [type(one) for one in seen] == [Malformed, Malformed, Position]


def test_nested_brackets_do_not_break_the_reader() -> None:
    assert [type(one) for one in Gpsd({}).receive(b"[" * 15_000 + b"\n", START_NS)] == [Malformed]


def test_what_is_kept_of_receivers_is_bounded() -> None:
    driver = Gpsd({})
    for number in range(200):
        driver.receive(fix(f"/dev/{number}"), START_NS)
        driver.receive(sky(f"/dev/{number}", 3), START_NS)
    state = driver.save()
    assert {len(state[name]) for name in ("paths", "systems", "used")} == {RECEIVERS}


def test_a_simulated_daemon_loses_its_receiver_and_finds_it_again() -> None:
    seen = played({"unplug_every_s": 20, "unplug_for_s": 6, "speed_mps": 10.0}, 45)
    states = [one.value for one in seen if isinstance(one, Condition) and one.part == "receiver"]
    assert "/dev/ttyACM0 gone" in states
    assert states[-1] != "/dev/ttyACM0 gone"
    assert not [one for one in seen if isinstance(one, Malformed)]
    assert {one.system for one in seen if isinstance(one, Sky)} == {"beidou", "gps"}


def test_torn_lines_are_malformed_and_cost_nothing_else() -> None:
    clean, torn = played({}, 30), played({"noise": 1.0}, 30)
    assert sum(isinstance(one, Position) for one in torn) == sum(isinstance(one, Position) for one in clean)
    assert [one for one in torn if isinstance(one, Malformed)]


def test_a_typed_request_cannot_hold_a_second_line() -> None:
    for octets in (b"?VERSION;\n?X;", b"?VERSION;\x00", b"VERSION;", b"?VERSION"):
        assert Gpsd({}).encode(SendRaw(octets=octets), START_NS) == Refused(reason="gpsd-line")
