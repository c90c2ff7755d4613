"""Values that stand still while a battery is being emptied are dead, however often they are repeated."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from devices.driver import NS_PER_S
from devices.drivers.nut import Nut
from devices.observations import Observation, Power

START_NS = 1_795_343_720 * NS_PER_S
STANDING = {"battery.charge": "80", "battery.runtime": "1500", "battery.voltage": "26.0"}


def said(driver: Nut, after_s: float, status: str, values: dict[str, str]) -> Power | None:
    at_ns = START_NS + round(after_s * NS_PER_S)
    line = {"source": "nut:x", "path": "ups/veh", "asked_ns": at_ns, "answered_ns": at_ns}
    line["payload"] = {"ups.status": status, **values}
    seen: list[Observation] = list(driver.receive(json.dumps(line).encode(), at_ns))
    return next((one for one in seen if isinstance(one, Power)), None)


def numbers(power: Power | None) -> list[Any]:
    assert power is not None
    return [power.charge_percent, power.runtime_s, power.voltage_v]


def test_one_value_that_moves_keeps_all_alive() -> None:
    driver = Nut({"frozen_after_s": 60})
    for step in range(100):
        power = said(driver, step * 5.0, "OB DISCHRG", {**STANDING, "battery.runtime": str(1500 - step)})
        assert numbers(power)[0] == 80.0


def test_standing_values_die_on_battery_and_live_again_on_mains() -> None:
    driver = Nut({"frozen_after_s": 60})
    for step in range(13):
        assert numbers(said(driver, step * 5.0, "OB", STANDING)) == [80.0, 1500.0, 26.0]
    frozen = said(driver, 65.0, "OB", STANDING)
    assert numbers(frozen) == [None, None, None]
    assert frozen is not None
    assert frozen.source == "battery"
    assert numbers(said(driver, 70.0, "OL CHRG", STANDING)) == [80.0, 1500.0, 26.0]
    assert numbers(said(driver, 75.0, "OB", STANDING)) == [80.0, 1500.0, 26.0]


def test_a_snapshot_does_not_bring_dead_values_back() -> None:
    driver = Nut({"frozen_after_s": 60})
    said(driver, 0.0, "OB", STANDING)
    again = Nut({"frozen_after_s": 60})
    again.restore(json.loads(json.dumps(driver.save())))
    assert numbers(said(again, 100.0, "OB", STANDING)) == [None, None, None]


@given(st.lists(st.sampled_from(["OB", "OL", "OB LB"]), min_size=1, max_size=30))
def test_no_value_is_told_for_longer_than_it_may_stand(statuses: list[str]) -> None:
    driver = Nut({"frozen_after_s": 60})
    stood_s = 0.0
    for step, status in enumerate(statuses):
        stood_s = stood_s + 10.0 if "OB" in status and step and "OB" in statuses[step - 1] else 0.0
        power = said(driver, step * 10.0, status, STANDING)
        assert (numbers(power)[0] is None) is (stood_s > 60.0)
