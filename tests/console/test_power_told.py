"""What is shed, what alarms, what persons tell of power; and that restart and replay come to the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.assembly import digest_of
from console.engine import Engine
from console.replay import new_engine
from console.supply_orders import ReportCharge, ReportFuel, ReportSupply, SetLoad
from devices.driver import NS_PER_S
from tests.console.door import sentence
from tests.console.powered import BATTERY, HEAT, LIGHT, MAINS, RADIOS, SET, UPS, Rig, block, hours


def test_what_is_shed_first_says_what_it_buys() -> None:
    rig = Rig(BATTERY, UPS, loads=(HEAT, LIGHT))
    left = rig.discharge(330, 800.0, 80.0, 5000.0)
    sheds = rig.picture().power.sheds
    assert [one.load_id for one in sheds] == ["light", "heat"]
    base_h = left / 100 * 5000 / 800
    gain_h = left / 100 * 5000 / 600 - base_h
    assert hours(sheds[0].gain_low_s) < gain_h < hours(sheds[0].gain_high_s) + 0.02
    both_h = left / 100 * 5000 / 500
    assert hours(sheds[1].lasts_low_s) < both_h < hours(sheds[1].lasts_high_s)


def test_a_load_that_is_off_is_not_proposed_and_counts_no_more_where_nothing_is_measured() -> None:
    rig = Rig(replace(BATTERY, device_id=None, load_w=500.0), loads=(LIGHT,))
    rig.order(ReportCharge(supply_id="house", charge_percent=80.0))
    rig.order(ReportSupply(supply_id="house", state="feeding"))
    rig.wait(10)
    before = rig.supply("house")
    rig.order(SetLoad(load_id="light", is_on=False, by="王"))
    rig.wait(1)
    after = rig.supply("house")
    assert after.load_w == pytest.approx(300)
    assert (after.low_s or 0) > 1.5 * (before.low_s or 0)
    assert rig.picture().power.sheds == ()
    (load,) = rig.picture().power.loads
    assert (load.is_on, load.told_by) == (False, "王")


def test_what_ends_soon_is_amber_then_red_and_one_alarm() -> None:
    rig = Rig(BATTERY)
    rig.discharge(30, 2000.0, 70.0, 5000.0)
    assert rig.alarm("endurance:house") is None
    rig.discharge(30, 2000.0, 45.0, 5000.0)
    low = rig.alarm("endurance:house")
    assert low is not None
    assert low.priority == "amber"
    rig.discharge(30, 2000.0, 10.0, 5000.0)
    critical = rig.alarm("endurance:house")
    assert critical is not None
    assert critical.priority == "red"
    assert len([one for one in rig.picture().alarms if one.subject_id == "house"]) == 1


def test_the_next_threshold_is_named_with_when() -> None:
    rig = Rig(BATTERY)
    rig.discharge(330, 500.0, 60.0, 5000.0)
    supply = rig.supply("house")
    assert supply.next == "low"
    truth_ns = rig.at_ns + round((60 - 30) / 100 * 10 * 3600 * NS_PER_S) - 330 * NS_PER_S
    assert supply.next_low_ns is not None
    assert supply.next_high_ns is not None
    assert supply.next_low_ns < truth_ns < supply.next_high_ns


@pytest.mark.parametrize(
    "order",
    [
        ReportFuel(supply_id="nobody", fuel_l=3.0),
        ReportFuel(supply_id="house", fuel_l=3.0),
        ReportCharge(supply_id="house", charge_percent=900.0),
        ReportSupply(supply_id="nobody", state="off"),
        SetLoad(load_id="nobody", is_on=False),
    ],
)
def test_what_cannot_be_is_no_fault(order: ReportFuel | ReportCharge | ReportSupply | SetLoad) -> None:
    rig = Rig(BATTERY)
    rig.order(order)
    rig.wait(2)
    assert rig.engine.tables.faults == 0
    charge = rig.supply("house").charge_percent
    assert charge is None or charge <= 100.0


# ---- restart and replay


def test_a_restart_goes_on_with_its_sums_and_replay_comes_to_the_same() -> None:
    rig = Rig(BATTERY, SET, UPS, MAINS, loads=(LIGHT,))
    for _ in range(40):
        rig.ups("OB DISCHRG", 80.0)
        rig.generator(40, 0, is_running=False)
        rig.say("shunt", block(500.0, 70.0))
        rig.wait(1)
    saved = rig.engine.save()
    middle = len(rig.records)
    rig.discharge(60, 500.0, 70.0, 5000.0)
    rig.order(SetLoad(load_id="light", is_on=False, by="王"))
    rig.wait(3)
    from_zero, from_snapshot = new_engine(), new_engine()
    from_snapshot.restore(saved)
    _feed(from_zero, rig, 0)
    _feed(from_snapshot, rig, middle)
    wanted = digest_of(rig.picture())
    assert digest_of(from_zero.picture()) == wanted
    assert digest_of(from_snapshot.picture()) == wanted


def _feed(engine: Engine, rig: Rig, first: int) -> None:
    for record in rig.records[first:]:
        engine.step(record)


def test_the_dead_time_of_a_restart_is_counted_as_taken() -> None:
    rig = Rig(replace(BATTERY, device_id=None, load_w=500.0))
    rig.order(ReportCharge(supply_id="house", charge_percent=80.0))
    rig.order(ReportSupply(supply_id="house", state="feeding"))
    rig.wait(10)
    before = rig.supply("house").high_s or 0
    last_ns = rig.at_ns
    rig.at_ns += 3600 * NS_PER_S
    rig.begin(rig.engine.tables.configuration, last_ns=last_ns)
    rig.wait(2)
    assert before - (rig.supply("house").high_s or 0) == pytest.approx(3600, rel=0.35)


def test_a_card_or_anything_else_said_on_the_wire_is_no_power() -> None:
    rig = Rig(replace(BATTERY, device_id="bd"))
    rig.say("bd", sentence("BDICI,4207733,02097151,0000011,4,60,3,N,002"))
    rig.wait(3)
    assert rig.supply("house").state == "unknown"


def test_what_was_short_must_last_a_fifth_longer_to_be_over() -> None:
    rig = Rig(replace(BATTERY, device_id=None, load_w=500.0, low_percent=0.0, critical_percent=0.0))
    rig.order(ReportSupply(supply_id="house", state="feeding"))

    def is_short(charge_percent: float) -> bool:
        rig.order(ReportCharge(supply_id="house", charge_percent=charge_percent))
        rig.wait(8)
        alarm = rig.alarm("endurance:house")
        return alarm is not None and alarm.state != "returned"

    limit = next(percent for percent in range(60, 0, -1) if is_short(percent))
    assert is_short(limit + 1)
    assert not is_short(limit + 6)


def test_hand_helds_of_a_silent_team_are_old_and_no_alarm_of_their_own() -> None:
    rig = Rig(RADIOS)
    rig.engine.tables.teams["fire"].charge_percent = 60.0
    rig.engine.tables.teams["fire"].charge_ns = rig.at_ns
    rig.wait(2)
    rig.at_ns += 3 * 3600 * NS_PER_S
    rig.wait(2)
    (hand,) = rig.picture().power.supplies
    assert hand.is_stale
    assert rig.alarm("supply_untold:hand") is None
