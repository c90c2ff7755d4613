"""How long a supply lasts, always as a range: what is left, over what is taken, with the doubts of both.

Left is the level (charge or fuel) told last, less what was taken since, counted.  Taken is the load, averaged over five
minutes; where half an hour says something else the range reaches to both.  The doubts of capacity, level and load are
independent, so they add as squares.  A charge that falls as another capacity would explain widens the range to it.

**Source:** coulomb counting and state of charge times capacity, age and temperature over the present load are common
practice; that a runtime told by the device alone is not to be trusted: networkupstools/nut issues 813 and 2765 (jumps
from 80 to 30 %), 2805 (values that stand still for hours).
**Assumed:** a level told is within two points of the truth, a load within 3 %, what a generator burns within 10 %, fuel
within three points.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal

from console.power_facts import Threshold
from console.power_tables import RangeTable, SupplyTable
from console.supplies import SupplyConfiguration, at

UNKNOWN_TEMPERATURE_C = 15.0
LEVEL_POINTS = 2.0
FUEL_POINTS = 3.0
ASSUMED_FULL_POINTS = 25.0
LOAD_SHARE = 0.03
CONFIGURED_LOAD_SHARE = 0.15
BURN_SHARE = 0.10
HOURS_SHARE = 0.20
COLD_SHARE = 0.07
MOST_SHARE = 0.9
SEEN_POINTS = 8.0
SURE_POINTS = 30.0
_S_PER_H = 3600.0


Unit = Literal["Wh", "l", "h"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """What a supply holds: ``full`` of its ``unit``, down to ``empty_percent`` of it, known to ``share``."""

    unit: Unit
    full: float
    empty_percent: float
    share: float
    points_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """How fast it is emptied, in ``unit`` an hour: ``middle``, and from ``low`` to ``high``."""

    unit: Unit
    low: float
    middle: float
    high: float


def store_of(supply: SupplyTable) -> Store | None:
    """What this supply holds; ``None`` where nothing configured says it."""
    configuration = supply.configuration
    if configuration.kind == "generator":
        if configuration.tank_l is None or not configuration.burn:
            return None
        return _store("l", configuration.tank_l, 0.0, BURN_SHARE, FUEL_POINTS)
    empty_percent = 100.0 - configuration.usable_percent
    if configuration.capacity_wh is not None:
        warm_c = _temperature_c(supply)
        cold = (
            at(configuration.cold, UNKNOWN_TEMPERATURE_C if warm_c is None else warm_c) if configuration.cold else 1.0
        )
        full = configuration.capacity_wh * configuration.age_percent * configuration.efficiency_percent * cold / 1e4
        doubt = configuration.capacity_doubt_percent / 100.0
        share = doubt if warm_c is not None or not configuration.cold else sqrt(doubt**2 + COLD_SHARE**2)
        return _store("Wh", full, empty_percent, share, LEVEL_POINTS)
    if configuration.full_h is not None:
        full = configuration.full_h * configuration.age_percent / 100.0
        return _store("h", full, 0.0, HOURS_SHARE, LEVEL_POINTS)
    return None


def _store(unit: Unit, full: float, empty_percent: float, share: float, points_percent: float) -> Store:
    return Store(unit=unit, full=full, empty_percent=empty_percent, share=share, points_percent=points_percent)


def unit_of(configuration: SupplyConfiguration) -> Unit:
    """In what this supply's amounts are counted."""
    return "l" if configuration.kind == "generator" else "h" if configuration.capacity_wh is None else "Wh"


def _temperature_c(supply: SupplyTable) -> float | None:
    told = supply.temperature_c
    return told if told is not None else supply.configuration.temperature_c


def counts_hours(configuration: SupplyConfiguration) -> bool:
    """Whether only the hours of a full one are known: then time empties it, whatever is taken."""
    return unit_of(configuration) == "h"


def draw_of(supply: SupplyTable, configured_w: float | None) -> Draw | None:
    """How fast it is emptied, by the load measured, else by ``configured_w``; ``None`` where neither is known."""
    if counts_hours(supply.configuration):
        return Draw(unit="h", low=1.0, middle=1.0, high=1.0)
    if supply.fast_w is not None and supply.fast_w > 0.0:
        slow_w = supply.slow_w if supply.slow_w is not None and supply.slow_w > 0.0 else supply.fast_w
        least_w, most_w = min(supply.fast_w, slow_w), max(supply.fast_w, slow_w)
        return _amounts(supply, (least_w, supply.fast_w, most_w))
    if configured_w is None or configured_w <= 0.0:
        return None
    spread_w = configured_w * CONFIGURED_LOAD_SHARE
    return _amounts(supply, (configured_w - spread_w, configured_w, configured_w + spread_w))


def _amounts(supply: SupplyTable, watts: tuple[float, float, float]) -> Draw:
    low, middle, high = (rate(supply.configuration, watt) for watt in watts)
    return Draw(unit=unit_of(supply.configuration), low=low, middle=middle, high=high)


def rate(configuration: SupplyConfiguration, load_w: float) -> float:
    """What this load takes in an hour: Wh of a battery, litres of a generator, hours where only those are known."""
    if configuration.kind == "generator":
        return at(configuration.burn, load_w / 1000.0) if configuration.burn else 0.0
    return 1.0 if counts_hours(configuration) else load_w


def left_percent(supply: SupplyTable, store: Store) -> float | None:
    """The level now: the one told last, less what was taken since."""
    if supply.anchor_percent is None:
        return None
    return min(100.0, max(0.0, supply.anchor_percent - 100.0 * supply.used / store.full))


def reckon(supply: SupplyTable, store: Store, draw: Draw, *, is_level_assumed: bool, now_ns: int) -> RangeTable | None:
    """The range from now on; ``None`` where no level is known."""
    left = left_percent(supply, store)
    if left is None:
        return None
    usable = max(0.0, left - store.empty_percent)
    step = supply.step_percent if supply.step_percent is not None else 1.0
    points = sqrt(store.points_percent**2 + (step / 2.0) ** 2) if not is_level_assumed else ASSUMED_FULL_POINTS
    share = min(MOST_SHARE, sqrt(store.share**2 + LOAD_SHARE**2 + (points / max(usable, 0.1)) ** 2))
    low_full, high_full = _seen_full(supply, store)
    low_s = usable / 100.0 * low_full * (1.0 - share) / draw.high * _S_PER_H
    high_s = usable / 100.0 * high_full * (1.0 + share) / draw.low * _S_PER_H
    high_s = max(high_s, points / 100.0 * high_full / draw.low * _S_PER_H)
    following, part = _next(supply.configuration, left, store.empty_percent)
    return RangeTable(
        reckoned_ns=now_ns,
        low_s=low_s,
        high_s=high_s,
        next=following,
        next_low_s=low_s * part,
        next_high_s=high_s * part,
    )


def seen_full(supply: SupplyTable) -> float | None:
    """The amount that a full one would hold as its level fell so far; ``None`` before it fell far enough."""
    if supply.begun_percent is None or supply.anchor_percent is None:
        return None
    fallen = supply.begun_percent - supply.anchor_percent
    taken = supply.begun_used - supply.used
    return None if fallen < SEEN_POINTS or taken <= 0.0 else taken / fallen * 100.0


def _seen_full(supply: SupplyTable, store: Store) -> tuple[float, float]:
    """What a full one holds, at least and at most: as configured, and as its level falls where that is far from it.

    A level that is counted from a wrong capacity falls exactly as that one, so it proves nothing where it is larger
    and never narrows the range where it is the same.
    """
    seen = seen_full(supply)
    if seen is None or abs(seen / store.full - 1.0) <= store.share:
        return store.full, store.full
    if seen > store.full:
        return store.full, seen
    fallen = (supply.begun_percent or 0.0) - (supply.anchor_percent or 0.0)
    weight = min(1.0, fallen / SURE_POINTS)
    return seen, store.full + (seen - store.full) * weight


def is_falling_as_another(supply: SupplyTable, store: Store) -> bool:
    """Whether the level falls as another capacity than the configured one would explain."""
    low, high = _seen_full(supply, store)
    return low != store.full or high != store.full


def _next(configuration: SupplyConfiguration, left: float, empty_percent: float) -> tuple[Threshold, float]:
    """The threshold that comes next, and which part of the time to go lies before it."""
    usable = left - empty_percent
    thresholds: tuple[tuple[Threshold, float], ...] = (
        ("low", configuration.low_percent),
        ("critical", configuration.critical_percent),
    )
    for word, percent in thresholds:
        if empty_percent < percent < left:
            return word, (left - percent) / usable
    return "empty", 1.0
