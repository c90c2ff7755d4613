"""Dates, sky views and carried fields: what takes more than one sentence to know."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from devices.driver import NS_PER_S
from devices.drivers.nmea0183 import Nmea0183
from devices.nmea import DAY_NS, LIMIT_OCTETS, seal
from devices.observations import ClockReading, Condition, Malformed, Observation, Position, Sky, Unrecognised


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * NS_PER_S


def gga(clock: str, quality: str = "1", satellites: str = "08", altitude: str = "110.0") -> bytes:
    return seal(f"GNGGA,{clock},3423.7360,N,11344.3640,E,{quality},{satellites},1.0,{altitude},M,-15.6,M,,".encode())


def rmc(clock: str, date: str, status: str = "A", knots: str = "10.0", course: str = "90.0") -> bytes:
    return seal(f"GNRMC,{clock},{status},3423.7360,N,11344.3640,E,{knots},{course},{date},,,A".encode())


def times(seen: Sequence[Observation]) -> list[int | None]:
    return [one.source_time_ns for one in seen if isinstance(one, Position)]


# ---- dates


def test_a_date_once_told_is_carried_over_midnight() -> None:
    driver = Nmea0183({})
    seen = driver.receive(rmc("235959.00", "150626") + gga("235959.00") + gga("000000.00") + gga("000001.00"), -1)
    assert times(seen)[-3:] == [ns("2026-06-15T23:59:59"), ns("2026-06-16T00:00:00"), ns("2026-06-16T00:00:01")]


def test_a_date_told_by_the_receiver_beats_the_consoles_clock() -> None:
    driver = Nmea0183({})
    driver.receive(rmc("020310.00", "150626"), ns("2020-01-01T00:00:00"))
    assert times(driver.receive(gga("020311.00"), ns("2020-01-01T00:00:01"))) == [ns("2026-06-15T02:03:11")]


def test_after_a_long_silence_the_date_goes_on_with_the_time_that_went_by() -> None:
    driver = Nmea0183({})
    began_ns = ns("2026-06-15T02:03:10")
    driver.receive(rmc("020310.00", "150626"), began_ns)
    later_ns = began_ns + 20 * 3600 * NS_PER_S
    assert times(driver.receive(gga("220310.00"), later_ns)) == [later_ns]


def test_undated_times_for_a_week_stay_on_the_right_day_without_a_clock() -> None:
    driver = Nmea0183({})
    driver.receive(rmc("000000.00", "010126"), -1)
    seen = [times(driver.receive(gga(f"{hour % 24:02d}0000.00"), -1))[0] for hour in range(24 * 7)]
    assert seen == [ns("2026-01-01T00:00:00") + hour * 3600 * NS_PER_S for hour in range(24 * 7)]


@pytest.mark.parametrize("date", ["", "000000", "310226", "991399"])
def test_a_date_that_is_none_is_unknown_and_no_clock_reading(date: str) -> None:
    driver = Nmea0183({})
    seen = driver.receive(rmc("120000.00", date), -1)
    assert times(seen) == [None]
    assert not [one for one in seen if isinstance(one, ClockReading)]
    nearest = driver.receive(rmc("120000.00", date), ns("2026-06-15T13:00:00"))
    assert times(nearest) == [ns("2026-06-15T12:00:00")]


def test_fractions_of_a_second_are_exact() -> None:
    driver = Nmea0183({})
    assert times(driver.receive(rmc("235959.999", "311299"), -1)) == [ns("1999-12-31T23:59:59") + 999_000_000]
    assert times(driver.receive(rmc("000000.123456789", "010100"), -1)) == [ns("2000-01-01T00:00:00") + 123_456_789]


def test_a_leap_second_is_the_next_midnight() -> None:
    assert times(Nmea0183({}).receive(rmc("235960.00", "311216"), -1)) == [ns("2016-12-31T00:00:00") + DAY_NS]


def test_a_zda_dates_what_follows() -> None:
    driver = Nmea0183({})
    driver.receive(seal(b"GNZDA,020310.00,15,06,2026,00,00"), -1)
    assert times(driver.receive(gga("020311.00"), -1)) == [ns("2026-06-15T02:03:11")]


# ---- carried fields


def test_a_position_knows_what_was_told_around_it() -> None:
    driver = Nmea0183({})
    first, second, third = (
        one
        for one in driver.receive(gga("120000.00") + rmc("120000.00", "150626") + gga("120001.00"), -1)
        if isinstance(one, Position)
    )
    assert (first.speed_mps, first.altitude_m, first.fix) == (None, 110.0, "3d")
    assert (second.altitude_m, second.satellites, second.course_deg, second.fix) == (110.0, 8, 90.0, "3d")
    assert third.speed_mps == second.speed_mps == pytest.approx(5.144444)


def test_what_was_told_is_forgotten_after_two_seconds_and_when_the_fix_is_lost() -> None:
    driver = Nmea0183({})
    driver.receive(gga("120000.00"), -1)
    late = driver.receive(rmc("120003.00", "150626"), -1)[0]
    assert isinstance(late, Position)
    assert (late.altitude_m, late.satellites, late.fix) == (None, None, "unknown")
    driver.receive(gga("120004.00"), -1)
    driver.receive(gga("120004.10", quality="0"), -1)
    after = driver.receive(rmc("120004.20", "150626"), -1)[0]
    assert isinstance(after, Position)
    assert (after.altitude_m, after.satellites) == (None, None)


def test_the_mode_of_a_gsa_decides_and_wears_off() -> None:
    driver = Nmea0183({})
    driver.receive(seal(b"GNGSA,A,2,01,02,03,,,,,,,,,,2.0,1.0,1.7"), -1)
    fixes = [one.fix for one in driver.receive(gga("120000.00") * 22, -1) if isinstance(one, Position)]
    assert fixes == ["2d"] * 20 + ["3d"] * 2


@pytest.mark.parametrize("quality", ["6", "7", "8"])
def test_an_estimated_or_simulated_position_is_no_sure_fix(quality: str) -> None:
    (one,) = Nmea0183({}).receive(gga("120000.00", quality=quality), -1)
    assert isinstance(one, Position)
    assert one.fix == "unknown"
    assert one.lat_deg == pytest.approx(34.3956)


# ---- the sky


def gsv(total: int, index: int, text: str, talker: str = "GB") -> bytes:
    return seal(f"{talker}GSV,{total},{index},04,{text}".encode())


def sky(seen: Sequence[Observation]) -> list[Sky]:
    return [one for one in seen if isinstance(one, Sky)]


def test_two_signals_of_one_constellation_are_one_view_with_the_better_level() -> None:
    driver = Nmea0183({})
    driver.receive(gsv(1, 1, "01,10,100,30,02,20,200,,1"), -1)
    (view,) = sky(driver.receive(gsv(1, 1, "01,10,100,40,03,30,300,20,5"), -1))
    assert [(one.number, one.cn0_dbhz) for one in view.satellites] == [(1, 40.0), (2, None), (3, 20.0)]


def test_a_signal_that_is_not_told_any_more_is_forgotten() -> None:
    driver = Nmea0183({})
    driver.receive(gsv(1, 1, "02,20,200,30,1"), -1)
    view = sky(driver.receive(gsv(1, 1, "01,10,100,40,5") * 20, -1))[-1]
    assert [one.number for one in view.satellites] == [1]


def test_the_same_number_in_two_constellations_is_two_satellites() -> None:
    driver = Nmea0183({})
    views = sky(driver.receive(gsv(1, 1, "01,10,100,40", "GB") + gsv(1, 1, "01,50,10,20", "GP"), -1))
    assert [(view.system, view.satellites[0].cn0_dbhz) for view in views] == [("beidou", 40.0), ("gps", 20.0)]


def test_parts_of_two_constellations_may_be_mixed() -> None:
    driver = Nmea0183({})
    parts = gsv(2, 1, "01,1,1,1,02,1,1,1,03,1,1,1,04,1,1,1") + gsv(1, 1, "09,1,1,1", "GP") + gsv(2, 2, "05,1,1,1")
    assert [(view.system, len(view.satellites)) for view in sky(driver.receive(parts, -1))] == [
        ("gps", 1),
        ("beidou", 5),
    ]


def test_no_satellite_in_view_is_an_empty_view() -> None:
    (view,) = sky(Nmea0183({}).receive(seal(b"GBGSV,1,1,00"), -1))
    assert view.satellites == ()


# ---- words and noise


def test_texts_are_told_and_antennas_judged() -> None:
    driver = Nmea0183({})
    seen = driver.receive(
        seal(b"GNTXT,01,01,02,ANTSTATUS=SHORT")
        + seal(b"GNTXT,01,01,01,ANTENNA OK")
        + seal(b"GPTXT,01,01,02,u_blox, ag"),
        -1,
    )
    assert seen == [
        Condition(part="antenna", value="short", is_good=False),
        Condition(part="antenna", value="ok", is_good=True),
        Condition(part="text", value="u_blox, ag"),
    ]


def test_an_overlong_sentence_is_cut_and_the_next_one_understood() -> None:
    driver = Nmea0183({})
    seen = driver.receive(b"$" + b"A" * 5000 + b"\r\n" + seal(b"CFANT,0"), -1)
    assert isinstance(seen[0], Malformed)
    assert (seen[0].reason, len(seen[0].raw)) == ("length", LIMIT_OCTETS)
    assert isinstance(seen[-1], Unrecognised)
    assert all(len(one.raw) <= LIMIT_OCTETS for one in seen if isinstance(one, Malformed))


@pytest.mark.parametrize("number", ["nan", "inf", "1_0", "-1", "1e9", "0x1", "\u0661", " "])
def test_what_only_looks_like_a_number_is_none(number: str) -> None:
    for body in (
        f"GNGGA,120000.00,{number},N,11344.3640,E,1,08,1.0,110.0,M,-15.6,M,,",
        f"GNRMC,120000.00,A,3423.7360,N,{number},E,1.0,90.0,150626,,,A",
        f"GNRMC,{number},A,3423.7360,N,11344.3640,E,1.0,90.0,150626,,,A",
    ):
        seen = Nmea0183({}).receive(seal(body.encode()), -1)
        assert [type(one) for one in seen] == [Malformed], body


def test_a_sentence_without_checksum_is_not_believed() -> None:
    (one,) = Nmea0183({}).receive(gga("120000.00")[:-5] + b"\r\n", -1)
    assert isinstance(one, Malformed)
    assert one.reason == "truncated"


def test_what_the_wire_broke_off_in_is_left_over_once() -> None:
    driver = Nmea0183({})
    driver.receive(b"$GNGGA,12", -1)
    assert driver.finish() == (Malformed(reason="truncated", raw=b"$GNGGA,12"),)
    assert driver.finish() == ()


def test_a_snapshot_keeps_what_was_told_in_this_second() -> None:
    before, after = Nmea0183({}), Nmea0183({})
    before.receive(gga("120000.00") + rmc("120000.00", "150626") + gsv(2, 1, "01,1,1,1,02,1,1,1,03,1,1,1,04,1,1,1"), -1)
    after.restore(json.loads(json.dumps(before.save())))
    rest = rmc("120001.00", "") + gga("120001.00") + gsv(2, 2, "05,1,1,1")
    assert after.receive(rest, -1) == before.receive(rest, -1)
    place = after.receive(rest, -1)[0]
    assert isinstance(place, Position)
    assert (place.altitude_m, place.satellites, place.source_time_ns) == (110.0, 8, ns("2026-06-15T12:00:01"))


def test_a_position_made_in_a_hurry_has_every_field_of_its_kind() -> None:
    (one,) = Nmea0183({}).receive(gga("120000.00"), ns("2026-06-15T12:00:00"))
    assert isinstance(one, Position)
    assert one == Position(
        lat_deg=one.lat_deg,
        lon_deg=one.lon_deg,
        altitude_m=110.0,
        fix="3d",
        satellites=8,
        source_time_ns=ns("2026-06-15T12:00:00"),
    )
    assert repr(one)
