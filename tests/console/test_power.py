"""What feeds whom and how long it lasts, from octets to the picture."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.supply_orders import ReportCharge, ReportFuel, ReportSupply
from devices.driver import NS_PER_S
from tests.console.powered import BATTERY, LIGHT, MAINS, RADIOS, SET, STATION, UPS, Rig, block, hours

# ---- batteries


def test_a_battery_that_feeds_lasts_what_is_left_over_what_is_taken() -> None:
    rig = Rig(BATTERY)
    left = rig.discharge(400, 500.0, 80.0, 5000.0)
    supply = rig.supply("house")
    truth_h = left / 100 * 5000 / 500
    assert supply.state == "feeding"
    assert hours(supply.low_s) < truth_h < hours(supply.high_s)
    assert hours(supply.high_s) - hours(supply.low_s) < 0.3 * truth_h
    assert supply.load_w == pytest.approx(500, rel=0.01)
    assert supply.ends_low_ns == pytest.approx(rig.at_ns + (supply.low_s or 0) * NS_PER_S, abs=2 * NS_PER_S)
    assert supply.basis is not None
    assert supply.basis.id == "power.basis.measured"
    assert supply.doubt is None
    assert rig.picture().power.chief_id == "house"


def test_cold_age_and_what_cannot_be_used_shorten_it() -> None:
    new = replace(BATTERY, is_counted=False)
    worn = replace(new, age_percent=80, usable_percent=70, cold=((-20, 0.5), (25, 1.0)), temperature_c=-20)
    fresh, old = Rig(new), Rig(worn)
    for rig in (fresh, old):
        rig.discharge(60, 500.0, 80.0, 5000.0)
    factor = 0.8 * 0.5 * (80 - 30) / 80
    middles = [(hours(rig.supply("house").low_s) + hours(rig.supply("house").high_s)) / 2 for rig in (fresh, old)]
    assert middles[1] == pytest.approx(middles[0] * factor, rel=0.1)


def test_a_battery_that_is_filled_is_a_reserve_without_an_end() -> None:
    rig = Rig(BATTERY, loads=(LIGHT,))
    for _ in range(20):
        rig.say("shunt", block(-300.0, 60.0))
        rig.wait(1)
    supply = rig.supply("house")
    assert supply.state == "charging"
    assert supply.is_reserve
    assert supply.ends_low_ns is None
    assert hours(supply.low_s) < 0.6 * 5000 / 200 < hours(supply.high_s)
    assert supply.basis is not None
    assert supply.basis.id == "power.basis.configured"


def test_one_damaged_block_that_passes_changes_nothing() -> None:
    """One corruption in 256 passes VE.Direct's checksum."""
    rig = Rig(BATTERY)
    rig.discharge(120, 500.0, 80.0, 5000.0)
    before = rig.supply("house")
    rig.say("shunt", block(9000.0, 8.0))
    rig.wait(1)
    after = rig.supply("house")
    assert after.charge_percent == before.charge_percent
    assert after.load_w == pytest.approx(before.load_w, rel=0.01)
    assert after.doubt is None


def test_a_charge_that_jumps_is_believed_and_said_to_have_jumped() -> None:
    rig = Rig(BATTERY)
    rig.discharge(60, 500.0, 80.0, 5000.0)
    rig.discharge(5, 500.0, 30.0, 5000.0)
    supply = rig.supply("house")
    assert supply.charge_percent == pytest.approx(30.0, abs=0.2)
    assert supply.doubt is not None
    assert supply.doubt.id == "power.doubt.jumped"


def test_a_charge_that_stands_still_is_not_believed_and_is_an_alarm() -> None:
    rig = Rig(BATTERY)
    rig.discharge(10, 2000.0, 80.0, 5000.0)
    first = rig.supply("house")
    for _ in range(500):
        rig.say("shunt", block(2000.0, 79.8))
        rig.wait(1)
    supply = rig.supply("house")
    assert supply.charge_percent == pytest.approx(79.8)
    assert supply.doubt is not None
    assert supply.doubt.id == "power.doubt.still"
    assert rig.alarm("supply_untold:house") is not None
    assert (first.high_s or 0) - (supply.high_s or 0) > 400


def test_what_is_told_no_longer_keeps_its_ends_and_is_called_old() -> None:
    rig = Rig(BATTERY)
    rig.discharge(60, 500.0, 80.0, 5000.0)
    before = rig.supply("house")
    rig.wait(200)
    supply = rig.supply("house")
    assert supply.is_stale
    assert supply.state == "unknown"
    assert supply.doubt is not None
    assert supply.doubt.id == "power.doubt.old"
    assert supply.ends_low_ns is not None
    assert before.ends_low_ns is not None
    assert abs(supply.ends_low_ns - before.ends_low_ns) < 180 * NS_PER_S
    assert supply.reckoned_ns is not None
    assert rig.at_ns - supply.reckoned_ns >= 70 * NS_PER_S
    assert rig.alarm("nodata:shunt") is not None
    assert rig.alarm("supply_untold:house") is None
    assert rig.picture().power.chief_id == "house"


def test_a_charge_that_falls_as_another_capacity_would_reaches_to_it() -> None:
    """A battery that holds half of what is configured, and a management system that knows it."""
    rig = Rig(replace(BATTERY, is_counted=False))
    left = rig.discharge(900, 2500.0, 90.0, 2500.0)
    supply = rig.supply("house")
    truth_h = left / 100 * 2500 / 2500
    assert supply.doubt is not None
    assert supply.doubt.id == "power.doubt.falls"
    assert hours(supply.low_s) < truth_h < hours(supply.high_s)


def test_a_monitor_that_counts_from_the_new_capacity_is_seen_through() -> None:
    """It shows 50 % when half of a new battery was taken, of which an aged one has less left than that."""
    aged = replace(BATTERY, age_percent=70, capacity_doubt_percent=5)
    rig = Rig(aged)
    left = rig.discharge(900, 2500.0, 60.0, 5000.0)
    truth_h = (0.7 * 5000 - (100 - left) / 100 * 5000) / 2500
    supply = rig.supply("house")
    assert hours(supply.low_s) < truth_h < hours(supply.high_s)
    assert truth_h < 0.6 * left / 100 * 5000 / 2500
    assert supply.doubt is None


# ---- mains and UPS


def test_the_mains_that_fail_are_an_alarm_and_the_ups_says_how_long_it_lasts() -> None:
    rig = Rig(MAINS, UPS)
    for _ in range(20):
        rig.ups("OL")
        rig.wait(1)
    assert rig.picture().power.chief_id == "mains"
    assert rig.picture().power.reserve_id == "ups"
    assert rig.supply("ups").is_reserve
    for second in range(120):
        rig.ups("OB DISCHRG", 100.0 - second / 100)
        rig.wait(1)
    assert rig.supply("mains").state == "off"
    assert rig.picture().power.chief_id == "ups"
    alarm = rig.alarm("mains_lost:mains")
    assert alarm is not None
    since_ns = alarm.text.args["since_ns"]
    assert since_ns == rig.supply("mains").since_ns
    ups = rig.supply("ups")
    assert hours(ups.low_s) < 0.988 * 1000 * 0.88 / 300 < hours(ups.high_s)
    for _ in range(10):
        rig.ups("OL CHRG", 90.0)
        rig.wait(1)
    assert rig.supply("ups").state == "charging"
    alarm = rig.alarm("mains_lost:mains")
    assert alarm is not None
    assert alarm.state == "returned"


def test_a_mains_that_never_was_there_is_off_without_an_alarm() -> None:
    rig = Rig(MAINS, UPS)
    for _ in range(20):
        rig.ups("OB DISCHRG")
        rig.wait(1)
    assert rig.supply("mains").state == "off"
    assert rig.alarm("mains_lost:mains") is None


def test_a_server_whose_values_are_stale_is_an_alarm_of_the_supply() -> None:
    rig = Rig(MAINS, UPS)
    for second in range(30):
        rig.ups("OB DISCHRG", 90.0 - second / 10)
        rig.wait(1)
    for _ in range(130):
        rig.sampled("nut", {"path": "ups/veh", "error": "data-stale"})
        rig.wait(1)
    assert rig.supply("ups").is_stale
    assert rig.alarm("nodata:nut") is None
    assert rig.alarm("supply_untold:ups") is not None


# ---- generator


def test_fuel_over_what_the_load_burns_is_the_generators_range() -> None:
    rig = Rig(BATTERY, SET)
    for _ in range(60):
        rig.generator(50, 2000, is_running=True)
        rig.wait(1)
    supply = rig.supply("set")
    assert supply.state == "feeding"
    assert supply.fuel_l == pytest.approx(20.0, abs=0.1)
    assert hours(supply.low_s) < 20 / 1.2 < hours(supply.high_s)
    assert supply.basis is not None
    assert supply.basis.id == "power.basis.fuel_measured"
    assert rig.picture().power.chief_id == "set"


def test_fuel_that_runs_low_is_an_alarm_while_the_set_stands_too() -> None:
    rig = Rig(SET)
    rig.generator(25, 0, is_running=False)
    rig.wait(2)
    assert rig.supply("set").state == "off"
    low = rig.alarm("fuel:set")
    assert low is not None
    assert low.priority == "amber"
    for _ in range(3):
        rig.generator(10, 0, is_running=False)
        rig.wait(1)
    critical = rig.alarm("fuel:set")
    assert critical is not None
    assert critical.priority == "red"
    for _ in range(10):
        rig.generator(90, 0, is_running=False)
        rig.wait(1)
    over = rig.alarm("fuel:set")
    assert over is not None
    assert over.state == "returned"


def test_a_person_tells_fuel_and_that_the_set_runs_and_it_is_used_up() -> None:
    rig = Rig(replace(SET, device_id=None, load_w=2000.0))
    rig.order(ReportFuel(supply_id="set", fuel_l=20.0, by="李"))
    rig.order(ReportSupply(supply_id="set", state="feeding", by="李"))
    rig.wait(1800)
    supply = rig.supply("set")
    assert supply.told_by == "李"
    assert supply.fuel_l == pytest.approx(20 - 0.6, abs=0.1)
    assert supply.fuel_ns is not None
    assert hours(supply.low_s) < 19.4 / 1.2 < hours(supply.high_s)


# ---- stations and hand-helds


def test_a_station_of_which_nobody_tells_a_charge_is_taken_as_full_and_doubted() -> None:
    rig = Rig(STATION)
    rig.wait(10)
    assert rig.supply("bs").low_s is None
    rig.order(ReportSupply(supply_id="bs", state="feeding", by="张"))
    rig.wait(3600)
    supply = rig.supply("bs")
    assert supply.doubt is not None
    assert supply.doubt.id == "power.doubt.assumed_full"
    assert hours(supply.low_s) < 7 < hours(supply.high_s)
    rig.order(ReportCharge(supply_id="bs", charge_percent=50.0, by="张"))
    rig.wait(1)
    told = rig.supply("bs")
    assert told.doubt is None
    assert hours(told.low_s) < 4 < hours(told.high_s)


def test_a_charge_read_an_hour_ago_is_less_by_now() -> None:
    rig = Rig(STATION)
    rig.order(ReportSupply(supply_id="bs", state="feeding", by="张"))
    rig.wait(3600)
    rig.order(ReportCharge(supply_id="bs", charge_percent=50.0, by="张", seen_ns=rig.at_ns - 3600 * NS_PER_S))
    rig.wait(1)
    assert hours(rig.supply("bs").high_s) < 4.1


def test_a_teams_hand_helds_last_by_their_charge() -> None:
    rig = Rig(RADIOS)
    rig.wait(5)
    assert rig.supply("hand").doubt is not None
    rig.engine.tables.teams["fire"].charge_percent = 60.0
    rig.engine.tables.teams["fire"].charge_ns = rig.at_ns
    rig.wait(2)
    supply = rig.supply("hand")
    assert supply.told_by == "消防"
    assert hours(supply.low_s) < 6 < hours(supply.high_s)
    assert rig.picture().power.chief_id is None
