"""How long a supply lasts, always as a range: what is left, over what is taken, with the doubts of both.

Left is the level (charge or fuel) told last, less what was taken since, counted.  Taken is the load, averaged over five
minutes; where half an hour says something else the range reaches to both.  The doubts of capacity, level and load are
independent, so they add as squares.  Where a monitor counts, what was taken is known and what the battery holds is
not: then the doubt of the whole capacity lies in what is left.  A charge that falls as another capacity would explain
widens the range to it.

**Source:** coulomb counting and state of charge times capacity, age and temperature over the present load are common
practice; that a runtime told by the device alone is not to be trusted: networkupstools/nut issues 813 and 2765 (jumps
from 80 to 30 %), 2805 (values that stand still for hours).
**Assumed:** a charge told is within two points of the truth, fuel within three, a load within 3 %, what a generator
burns within 10 %.
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
FAR_SHARE = 0.15
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
    metered: float
    """What 100 points of the level stand for, as far as is configured."""
    is_counted: bool = False
    """The level is counted from that amount, whatever the battery really holds."""


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
        metered = full
        if configuration.is_counted:
            metered = (configuration.monitor_wh or configuration.capacity_wh) * configuration.efficiency_percent / 100.0
        return Store(
            unit="Wh",
            full=full,
            empty_percent=empty_percent,
            share=share,
            points_percent=LEVEL_POINTS,
            metered=metered,
            is_counted=configuration.is_counted,
        )
    if configuration.full_h is not None:
        full = configuration.full_h * configuration.age_percent / 100.0
        return _store("h", full, 0.0, HOURS_SHARE, LEVEL_POINTS)
    return None


def _store(unit: Unit, full: float, empty_percent: float, share: float, points_percent: float) -> Store:
    return Store(
        unit=unit, full=full, empty_percent=empty_percent, share=share, points_percent=points_percent, metered=full
    )


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
    return min(100.0, max(0.0, supply.anchor_percent - 100.0 * supply.used / store.metered))


def reckon(supply: SupplyTable, store: Store, draw: Draw, *, is_level_assumed: bool, now_ns: int) -> RangeTable | None:
    """The range from now on; ``None`` where no level is known."""
    left = left_percent(supply, store)
    if left is None:
        return None
    low, high = _amounts_left(supply, store, left, is_level_assumed=is_level_assumed)
    low_s, high_s = low / draw.high * _S_PER_H, high / draw.low * _S_PER_H
    end_percent = store.empty_percent
    if store.is_counted:
        end_percent = left - 100.0 * (low + high) / 2.0 / _metered(supply, store)
    following, part = _next(supply.configuration, left, end_percent)
    return RangeTable(
        reckoned_ns=now_ns,
        low_s=low_s,
        high_s=high_s,
        next=following,
        next_low_s=low_s * part,
        next_high_s=high_s * part,
    )


def _amounts_left(
    supply: SupplyTable, store: Store, left_percent: float, *, is_level_assumed: bool
) -> tuple[float, float]:
    """What can still be taken, at least and at most.

    A monitor that counts knows what was taken, so the whole capacity's doubt stays in what is left.  One that knows
    its battery is wrong by a part of what is left.
    """
    step = supply.step_percent if supply.step_percent is not None else 1.0
    points = sqrt(store.points_percent**2 + (step / 2.0) ** 2) if not is_level_assumed else ASSUMED_FULL_POINTS
    usable = max(0.0, left_percent - store.empty_percent)
    low_full, high_full = _seen_full(supply, store)
    if store.is_counted:
        taken = (100.0 - left_percent) / 100.0 * _metered(supply, store)
        part = (100.0 - store.empty_percent) / 100.0
        least, most = low_full * part - taken, high_full * part - taken
        capacity = store.share * store.full
    else:
        least, most = usable / 100.0 * low_full, usable / 100.0 * high_full
        capacity = store.share * most
    slack = sqrt(capacity**2 + (points / 100.0 * high_full) ** 2 + (LOAD_SHARE * max(0.0, most)) ** 2)
    return max(0.0, least - slack), max(0.0, most + slack)


def seen_full(supply: SupplyTable) -> float | None:
    """The amount that a full one would hold as its level fell so far; ``None`` before it fell far enough."""
    if supply.begun_percent is None or supply.anchor_percent is None:
        return None
    fallen = supply.begun_percent - supply.anchor_percent
    taken = supply.begun_used - supply.used
    return None if fallen < SEEN_POINTS or taken <= 0.0 else taken / fallen * 100.0


def _metered(supply: SupplyTable, store: Store) -> float:
    """What 100 points of a counted level stand for: as it fell so far, else as configured."""
    seen = seen_full(supply)
    return seen if seen is not None else store.metered


def _seen_full(supply: SupplyTable, store: Store) -> tuple[float, float]:
    """What a full one holds, at least and at most: as configured, and as its level falls where that is far from it.

    A counted level falls by the amount that the monitor was told, so it proves nothing but that it was told another
    one.  A level that is known falls as the battery does: the further it fell, the more it is believed.
    """
    seen = seen_full(supply)
    far = max(store.share, FAR_SHARE) if store.is_counted else store.share
    if seen is None or abs(seen / store.metered - 1.0) <= far:
        return store.full, store.full
    if store.is_counted:
        return min(store.full, seen), max(store.full, seen)
    if seen > store.full:
        return store.full, seen
    fallen = (supply.begun_percent or 0.0) - (supply.anchor_percent or 0.0)
    weight = min(1.0, fallen / SURE_POINTS)
    return seen, store.full + (seen - store.full) * weight


def is_falling_as_another(supply: SupplyTable, store: Store) -> bool:
    """Whether the level falls as another capacity than the configured one would explain."""
    low, high = _seen_full(supply, store)
    return low != high


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
