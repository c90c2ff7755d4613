"""Power as the picture has it: who feeds the post now, and what switching something off would buy."""

from __future__ import annotations

from console.power_facts import Load, Power, Shed, Supply
from console.power_tables import LoadTable, RangeTable, SupplyTable
from console.rules import endurance
from console.rules.power import configured_w, measured_w, power_w
from console.tables import Tables
from devices.driver import NS_PER_S

_OWN_KINDS = ("vehicle_battery", "ups", "generator", "mains")
"""What feeds this post, not a station or a person elsewhere; what has an end stands before what has none."""
_MOST_SHED = 0.95
_GAIN_S = 60


def power_of(tables: Tables) -> Power:
    """The whole of it."""
    chief = _chief(tables)
    reserve = _reserve(tables, chief)
    basis = chief if chief is not None and chief.range is not None else reserve
    return Power(
        supplies=tuple(_supply(tables, supply) for supply in tables.supplies.values()),
        loads=tuple(_load(tables, load) for load in tables.loads.values()),
        sheds=_sheds(tables, basis) if basis is not None else (),
        chief_id=chief.configuration.id if chief is not None else None,
        reserve_id=reserve.configuration.id if reserve is not None else None,
    )


def _chief(tables: Tables) -> SupplyTable | None:
    """What the post lives on as far as is known: the battery that ends first, else a generator, else the mains."""
    feeding = [
        one for one in tables.supplies.values() if one.known_state == "feeding" and one.configuration.kind in _OWN_KINDS
    ]
    batteries = [one for one in feeding if one.configuration.kind in {"vehicle_battery", "ups"}]
    if batteries:
        return min(batteries, key=_ends)
    return min(feeding, key=lambda one: _OWN_KINDS.index(one.configuration.kind), default=None)


def _ends(supply: SupplyTable) -> float:
    return supply.range.low_s if supply.range is not None else float("inf")


def _reserve(tables: Tables, chief: SupplyTable | None) -> SupplyTable | None:
    """What takes over first where the chief supply has no end by itself: the battery of the post that lasts longest."""
    if chief is None or chief.configuration.kind != "mains":
        return None
    waiting = [
        one
        for one in tables.supplies.values()
        if one.configuration.kind in {"vehicle_battery", "ups"} and one.range is not None
    ]
    return max(waiting, key=_ends, default=None)


def _supply(tables: Tables, supply: SupplyTable) -> Supply:
    configuration = supply.configuration
    found, is_reserve = supply.range, supply.is_reserve
    store = endurance.store_of(supply)
    left = endurance.left_percent(supply, store) if store is not None else supply.level_percent
    is_tank = configuration.kind == "generator"
    is_battery = configuration.kind in {"vehicle_battery", "ups", "station_backup", "handheld"}
    litres = configuration.tank_l * left / 100.0 if is_tank and configuration.tank_l and left is not None else None
    return Supply(
        id=configuration.id,
        name=configuration.name,
        kind=configuration.kind,
        state=supply.state,
        since_ns=supply.since_ns,
        device_id=configuration.device_id,
        team_id=configuration.team_id,
        feeds=configuration.feeds,
        told_by=supply.told_by,
        charge_percent=supply.level_percent if is_battery else None,
        charge_ns=supply.level_ns if is_battery else None,
        load_w=_load_w(tables, supply),
        load_ns=supply.load_ns,
        fuel_l=round(litres, 1) if litres is not None else None,
        fuel_percent=round(left, 1) if is_tank and left is not None else None,
        fuel_ns=supply.level_ns if is_tank else None,
        low_s=round(found.low_s) if found is not None else None,
        high_s=round(found.high_s) if found is not None else None,
        ends_low_ns=_moment(found, found.low_s, is_reserve=is_reserve) if found is not None else None,
        ends_high_ns=_moment(found, found.high_s, is_reserve=is_reserve) if found is not None else None,
        reckoned_ns=found.reckoned_ns if found is not None else None,
        is_reserve=is_reserve,
        is_stale=supply.is_stale,
        basis=supply.basis,
        doubt=supply.doubt,
        next=found.next if found is not None else None,
        next_low_ns=_moment(found, found.next_low_s, is_reserve=is_reserve) if found is not None else None,
        next_high_ns=_moment(found, found.next_high_s, is_reserve=is_reserve) if found is not None else None,
        told_runtime_s=supply.told_runtime_s,
    )


def _load_w(tables: Tables, supply: SupplyTable) -> float | None:
    if endurance.counts_hours(supply.configuration) or supply.known_state in {"off", "unknown"}:
        return None
    watts = supply.fast_w if supply.fast_w is not None else configured_w(tables, supply)
    return round(watts, 1) if watts is not None else None


def _moment(found: RangeTable, after_s: float, *, is_reserve: bool) -> int | None:
    """To the second: the digest of a picture holds no hair of a float."""
    return None if is_reserve else (found.reckoned_ns // NS_PER_S + round(after_s)) * NS_PER_S


def _load(tables: Tables, load: LoadTable) -> Load:
    configuration, measured = load.configuration, measured_w(tables, load)
    return Load(
        id=configuration.id,
        name=configuration.name,
        supply_id=configuration.supply_id,
        power_w=measured[0] if measured is not None else configuration.power_w,
        power_ns=measured[1] if measured is not None else None,
        is_on=load.is_on,
        can_be_shed=configuration.can_be_shed,
        shed_order=configuration.shed_order,
        told_ns=load.told_ns,
        told_by=load.told_by,
    )


def _sheds(tables: Tables, supply: SupplyTable) -> tuple[Shed, ...]:
    """Every load that may be switched off and hangs on this supply, in order, with what it buys."""
    found, draw = supply.range, endurance.draw_of(supply, configured_w(tables, supply))
    if found is None or draw is None or endurance.counts_hours(supply.configuration):
        return ()
    fed = _downstream(tables, supply)
    loads = [
        load
        for load in tables.loads.values()
        if load.is_on and load.configuration.can_be_shed and load.configuration.supply_id in fed
    ]
    whole_w = supply.fast_w if supply.fast_w is not None else configured_w(tables, supply) or 0.0
    off_w, sheds = 0.0, []
    for load in sorted(loads, key=lambda one: (one.configuration.shed_order, one.configuration.id)):
        watts = power_w(tables, load)
        if watts <= 0.0:
            continue
        off_w += watts
        alone, together = _without(supply, whole_w, watts), _without(supply, whole_w, off_w)
        sheds.append(
            Shed(
                load_id=load.configuration.id,
                name=load.configuration.name,
                power_w=round(watts, 1),
                gain_low_s=_minutes(found.low_s * (alone - 1.0)),
                gain_high_s=_minutes(found.high_s * (alone - 1.0)),
                lasts_low_s=_minutes(found.low_s * together),
                lasts_high_s=_minutes(found.high_s * together),
            )
        )
    return tuple(sheds)


def _without(supply: SupplyTable, whole_w: float, off_w: float) -> float:
    """How many times longer it lasts without so many watts."""
    now = endurance.rate(supply.configuration, whole_w)
    then = endurance.rate(supply.configuration, max(whole_w - off_w, (1.0 - _MOST_SHED) * whole_w))
    return now / then if then > 0.0 else 1.0


def _minutes(seconds: float) -> int:
    return int(seconds / _GAIN_S) * _GAIN_S


def _downstream(tables: Tables, supply: SupplyTable) -> dict[str, None]:
    """This supply and all supplies behind it; the configuration has no circles."""
    found = {supply.configuration.id: None}
    for fed_id in supply.configuration.feeds:
        if fed_id in tables.supplies:
            found |= _downstream(tables, tables.supplies[fed_id])
    return found
