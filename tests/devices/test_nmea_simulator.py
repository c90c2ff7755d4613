"""The simulated receiver: its drive, its faults, and that a driver sees each of them."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from devices.driver import NS_PER_S
from devices.drivers.nmea0183 import Nmea0183
from devices.observations import ClockReading, Malformed, Observation, Position, Sky
from devices.simulators.nmea0183 import Nmea0183Simulator

START_NS = 1_781_488_990 * NS_PER_S
ROUTE = [[34.40, 113.74], [34.41, 113.74], [34.41, 113.76]]


def play(settings: dict[str, Any], seconds: float, seed: int = 1) -> list[bytes]:
    device = Nmea0183Simulator(settings, random.Random(seed).random)
    return [b"".join(device.tick(START_NS + tick * NS_PER_S // 10)) for tick in range(int(seconds * 10))]


def seen(settings: dict[str, Any], seconds: float) -> list[Observation]:
    return list(Nmea0183({}).receive(b"".join(play(settings, seconds)), -1))


def places(settings: dict[str, Any], seconds: float) -> list[Position]:
    return [one for one in seen(settings, seconds) if isinstance(one, Position)]


def test_it_says_one_epoch_a_second_and_nothing_between() -> None:
    said = play({}, 3)
    assert [bool(piece) for piece in said] == ([True] + [False] * 9) * 3
    kinds = [line[3:6] for line in said[0].splitlines()]
    assert set(kinds) == {b"GGA", b"RMC", b"GSA", b"GSV", b"ZDA"}
    assert b"$GBGSV" in said[0]


def test_it_says_more_often_when_asked_to() -> None:
    assert sum(bool(piece) for piece in play({"rate_hz": 5}, 2)) == 10


def test_after_a_pause_it_says_the_newest_epoch_only() -> None:
    device = Nmea0183Simulator({}, random.Random(1).random)
    device.tick(START_NS)
    late = b"".join(device.tick(START_NS + 60 * NS_PER_S + NS_PER_S // 2))
    assert late.count(b"GGA") == 1
    (first, *_) = Nmea0183({}).receive(late, START_NS)
    assert isinstance(first, Position)
    assert first.source_time_ns == START_NS + 60 * NS_PER_S


def test_it_drives_its_route_there_and_back_at_its_speed() -> None:
    drive = [
        one for one in places({"route": ROUTE, "speed_mps": 20.0}, 400) if one.altitude_m is not None and one.lat_deg
    ]
    assert drive[0].lat_deg == pytest.approx(34.40)
    lats = [one.lat_deg or 0.0 for one in drive]
    lons = [one.lon_deg or 0.0 for one in drive]
    assert max(lats) == pytest.approx(34.41, abs=1e-4)
    assert max(lons) == pytest.approx(113.76, abs=1e-3)
    assert lats[-1] < 34.405 or lons[-1] < 113.76, "on its way back"
    for (lat, lon), (next_lat, next_lon) in zip(
        zip(lats, lons, strict=True), zip(lats[2:], lons[2:], strict=True), strict=False
    ):
        step_m = math.hypot((next_lat - lat) * 111_195, (next_lon - lon) * 111_195 * math.cos(math.radians(lat)))
        assert step_m < 45, "it never jumps"


def test_south_and_west_are_said_so_and_minutes_never_become_sixty() -> None:
    for lat_deg, lon_deg in ((-33.99999999, -70.99999999), (0.0, 0.0), (-0.00001, 179.99999), (89.9999, -179.9999)):
        (one, *_) = places({"lat_deg": lat_deg, "lon_deg": lon_deg}, 0.1)
        assert one.lat_deg == pytest.approx(lat_deg, abs=1e-7)
        assert one.lon_deg == pytest.approx(lon_deg, abs=1e-7)


def test_without_a_fix_there_is_no_place_and_the_clock_is_not_locked() -> None:
    said = seen({"has_fix": False}, 3)
    found = [one for one in said if isinstance(one, Position)]
    assert {(one.fix, one.lat_deg, one.altitude_m, one.speed_mps) for one in found} == {("none", None, None, None)}
    assert {one.is_locked for one in said if isinstance(one, ClockReading)} == {False, None}
    assert all(star.cn0_dbhz is None for one in said if isinstance(one, Sky) for star in one.satellites)


def test_noise_is_malformed_and_loses_no_more_than_it_hits() -> None:
    quiet, noisy = seen({}, 60), seen({"noise": 1.0}, 60)
    assert [one for one in noisy if isinstance(one, Malformed)]
    count = sum(isinstance(one, Position) for one in noisy)
    assert count > 0.9 * sum(isinstance(one, Position) for one in quiet)


def test_checksum_errors_are_never_believed() -> None:
    said = seen({"checksum_errors": 0.5, "lat_deg": 34.5, "lon_deg": 113.5}, 60)
    assert {one.reason for one in said if isinstance(one, Malformed)} <= {"checksum", "truncated", "noise"}
    assert sum(isinstance(one, Malformed) for one in said) > 50
    assert {(one.lat_deg, one.lon_deg) for one in said if isinstance(one, Position)} == {(34.5, 113.5)}


def test_it_falls_silent_when_told_to() -> None:
    said = play({"silent_every_s": 10, "silent_for_s": 4}, 20)
    speaking = [bool(said[second * 10]) for second in range(20)]
    assert speaking == ([True] * 6 + [False] * 4) * 2


def test_an_old_date_is_told_as_the_receiver_tells_it() -> None:
    told = [one.source_time_ns for one in seen({"date_offset_days": -7168}, 0.1) if isinstance(one, ClockReading)]
    assert {datetime.fromtimestamp(time_ns / NS_PER_S, UTC).year for time_ns in told} == {2006}


def test_the_same_seed_plays_the_same_faults() -> None:
    faults = {"noise": 0.5, "checksum_errors": 0.2}
    assert play(faults, 20, seed=5) == play(faults, 20, seed=5)
    assert play(faults, 20, seed=5) != play(faults, 20, seed=6)
