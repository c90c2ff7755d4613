"""What feeds whom, and how long it lasts: every supply judged at each tick from what is told of it.

A state must stand for five seconds before it is believed.  What is told in quick succession is taken by the middle one
of three, so that one damaged value changes nothing; a level that jumps is believed and said to have jumped.  A level
that does not move although more was taken than it is told by is believed no longer: what was taken goes on counting.
"""

from __future__ import annotations

from statistics import median

from console.power_facts import SupplyState
from console.power_tables import LoadTable, SupplyTable
from console.rules import alarms, endurance, power_alarms
from console.rules.endurance import Store
from console.rules.supply_evidence import PERSON_NS, Evidence, evidence, fresh_ns
from console.supply_orders import ReportCharge, ReportFuel, ReportSupply, SetLoad, SupplyOrder
from console.tables import Tables
from console.words import Text, Value
from devices.driver import NS_PER_S

HELD_NS = 5 * NS_PER_S
FAST_S = 300.0
SLOW_S = 1_800.0
QUICK_S = 30.0
JUMP_POINTS = 10.0
JUMP_TOLD_NS = 1_800 * NS_PER_S
STILL_POINTS = 4.0
_S_PER_H = 3600.0


def configure(tables: Tables) -> None:
    """Take over the configured supplies and loads; what is still configured keeps its facts."""
    known, tables.supplies = tables.supplies, {}
    for wanted in tables.configuration.supplies:
        supply = known.pop(wanted.id, None) or SupplyTable(configuration=wanted, since_ns=tables.at_ns)
        supply.configuration = wanted
        tables.supplies[wanted.id] = supply
    for supply_id in known:
        alarms.forget_subject(tables, supply_id)
    loads, tables.loads = tables.loads, {}
    for one in tables.configuration.loads:
        load = loads.get(one.id) or LoadTable(configuration=one)
        load.configuration = one
        tables.loads[one.id] = load


def judge(tables: Tables) -> None:
    """Judge every supply at a tick."""
    for supply in tables.supplies.values():
        told = evidence(tables, supply)
        _settle(tables, supply, told)
        _weigh(tables, supply, told)
        _take_level(tables, supply, told)
        supply.told_by = told.by or supply.told_by
        supply.temperature_c = told.temperature_c if told.temperature_c is not None else supply.temperature_c
        supply.told_runtime_s = told.runtime_s
        _reckon(tables, supply, told)
    for supply in tables.supplies.values():
        power_alarms.judge(tables, supply)


# ---- state


def _settle(tables: Tables, supply: SupplyTable, told: Evidence) -> None:
    """What is told becomes the state when it has stood for a while; what nobody tells any more is unknown at once."""
    state = told.state if told.state is not None else "unknown"
    if state != supply.held_state:
        supply.held_state, supply.held_since_ns = state, tables.at_ns
    is_first = supply.known_state == "unknown"
    has_stood = tables.at_ns - supply.held_since_ns >= HELD_NS
    if state == supply.state or not (has_stood or is_first or state == "unknown"):
        return
    supply.state, supply.since_ns = state, supply.held_since_ns
    if state == supply.known_state:
        supply.since_ns = supply.known_since_ns  # nobody told of it for a while; as far as is known it never changed
    elif state != "unknown":
        _become(supply, state)
        if not is_first:
            args: dict[str, Value] = {"supply": supply.configuration.name, "@state": f"power.became.{state}"}
            tables.note("power", supply.configuration.id, "notice.supply", args)


def _become(supply: SupplyTable, state: SupplyState) -> None:
    supply.known_state, supply.known_since_ns = state, supply.since_ns
    supply.begun_percent, supply.begun_used = None, 0.0
    if state == "feeding":
        supply.weighed_s = 0.0  # what it carried before it fed says little of now
    elif supply.configuration.kind != "generator":
        supply.used = 0.0


# ---- load


def _weigh(tables: Tables, supply: SupplyTable, told: Evidence) -> None:
    """Average the load over time, and count what was taken since the last tick."""
    at_ns = tables.at_ns
    since_s = (at_ns - supply.summed_ns) / NS_PER_S if supply.summed_ns is not None else 0.0
    supply.summed_ns = at_ns
    if told.taken_w is not None and told.taken_ns != supply.load_ns:
        supply.watts = [*supply.watts[-2:], told.taken_w]
        supply.load_ns = told.taken_ns
    watts = median(supply.watts) if told.taken_w is not None and supply.watts else None
    is_feeding = supply.known_state == "feeding" or supply.configuration.kind == "ups"
    if watts is not None and watts > 0.0 and is_feeding:
        step_s = min(since_s, 60.0) if supply.fast_w is not None else 1.0
        supply.weighed_s += step_s
        supply.fast_w = _averaged(supply.fast_w, watts, step_s, min(FAST_S, supply.weighed_s))
        supply.slow_w = _averaged(supply.slow_w, watts, step_s, min(SLOW_S, supply.weighed_s))
    is_idling = supply.configuration.kind == "generator" and supply.known_state == "idle"  # it burns without load
    if not (supply.known_state == "feeding" or is_idling) or since_s <= 0.0:
        return
    load_w = watts if watts is not None and watts > 0.0 else supply.fast_w or configured_w(tables, supply) or 0.0
    load_w = 0.0 if is_idling else load_w
    taken = endurance.rate(supply.configuration, load_w) * since_s / _S_PER_H
    supply.used += taken
    if supply.begun_percent is not None:
        supply.begun_used += taken


def _averaged(was_w: float | None, now_w: float, step_s: float, over_s: float) -> float:
    return now_w if was_w is None else was_w + (now_w - was_w) * min(1.0, step_s / over_s)


def configured_w(tables: Tables, supply: SupplyTable) -> float | None:
    """What is taken by all that is configured to hang on it and is switched on; ``None`` where nothing is."""
    own = supply.configuration.load_w
    if own is not None:
        return own - sum(power_w(tables, load) for load in tables.loads.values() if _is_off_of(load, supply))
    loads_w = [
        power_w(tables, load)
        for load in tables.loads.values()
        if load.is_on and load.configuration.supply_id == supply.configuration.id
    ]
    fed = [tables.supplies[one] for one in supply.configuration.feeds if one in tables.supplies]
    fed_w = [load_w for one in fed if (load_w := one.fast_w or configured_w(tables, one)) is not None]
    return sum(loads_w) + sum(fed_w) if loads_w or fed_w else None


def _is_off_of(load: LoadTable, supply: SupplyTable) -> bool:
    return not load.is_on and load.configuration.supply_id == supply.configuration.id


def power_w(tables: Tables, load: LoadTable) -> float:
    """What a load takes: measured where its device tells it and that is fresh, else as configured."""
    measured = measured_w(tables, load)
    return measured[0] if measured is not None else load.configuration.power_w


def measured_w(tables: Tables, load: LoadTable) -> tuple[float, int] | None:
    """What a load's own device tells that it takes, and when; ``None`` where it is not told or old."""
    device = tables.devices.get(load.configuration.device_id or "")
    fact = device.facts.get("|power.watts|") if device is not None else None
    if fact is None or not isinstance(fact.value, int | float) or tables.at_ns - fact.at_ns > 120 * NS_PER_S:
        return None
    return abs(float(fact.value)), fact.at_ns


# ---- level


def _take_level(tables: Tables, supply: SupplyTable, told: Evidence) -> None:
    if told.level_percent is None or told.level_ns == supply.level_ns or told.level_ns < (supply.level_ns or 0):
        return
    is_quick = supply.level_ns is not None and told.level_ns - supply.level_ns <= QUICK_S * NS_PER_S
    supply.levels = [*supply.levels[-2:], told.level_percent] if is_quick else [told.level_percent]
    supply.level_ns, supply.level_by = told.level_ns, told.by
    if supply.level_percent is None or len(supply.levels) != 2:
        _change_level(tables, supply, median(supply.levels))


def _change_level(tables: Tables, supply: SupplyTable, level_percent: float) -> None:
    """The level is this now.  One that differs says to a fraction of its step what is left."""
    was = supply.level_percent
    if was is not None and level_percent == was:
        return
    if was is not None and supply.anchor_percent is not None:
        change = abs(level_percent - was)
        supply.step_percent = min(supply.step_percent or 5.0, max(0.1, change))
        store = endurance.store_of(supply)
        left = endurance.left_percent(supply, store) if store is not None else None
        if left is not None and abs(level_percent - left) > JUMP_POINTS and change > JUMP_POINTS:
            _jump(tables, supply, was, level_percent)
    supply.level_percent = supply.anchor_percent = level_percent
    supply.used = 0.0
    if supply.known_state == "feeding" and was is not None and supply.begun_percent is None:
        supply.begun_percent, supply.begun_used = level_percent, 0.0


def _jump(tables: Tables, supply: SupplyTable, was_percent: float, now_percent: float) -> None:
    supply.jumped_ns, supply.jumped_from_percent = tables.at_ns, was_percent
    supply.begun_percent, supply.begun_used = None, 0.0
    args: dict[str, Value] = {
        "supply": supply.configuration.name,
        "before": round(was_percent),
        "now": round(now_percent),
    }
    tables.note("power", supply.configuration.id, "notice.level_jumped", args)


def is_standing_still(supply: SupplyTable, store: Store) -> bool:
    """Whether much more was taken since the level changed last than it is told by."""
    if supply.known_state != "feeding" or supply.level_by is None or supply.anchor_percent is None:
        return False
    return 100.0 * supply.used / store.full > (supply.step_percent or 1.0) + STILL_POINTS


# ---- range


def _reckon(tables: Tables, supply: SupplyTable, told: Evidence) -> None:
    supply.is_reserve = supply.known_state != "feeding"
    supply.is_stale = _is_stale(tables, supply, told)
    if supply.configuration.kind == "mains":
        supply.range = supply.basis = supply.doubt = None
        return
    store, hangs_w = endurance.store_of(supply), configured_w(tables, supply)
    draw = endurance.draw_of(supply, hangs_w)
    is_assumed = _assume_full(supply)
    if supply.is_stale and supply.range is not None:
        supply.doubt = Text(id="power.doubt.old")
        return
    supply.range = None
    if store is not None and draw is not None:
        supply.range = endurance.reckon(supply, store, draw, is_level_assumed=is_assumed, now_ns=tables.at_ns)
    supply.basis = _basis(supply, store, hangs_w) if supply.range is not None else None
    supply.doubt = _doubt(tables, supply, store, is_assumed=is_assumed)


def _is_stale(tables: Tables, supply: SupplyTable, told: Evidence) -> bool:
    """Whether what the range stands on is told no longer."""
    if supply.configuration.device_id is not None:
        is_level_old = supply.level_ns is not None and told.level_percent is None
        return told.state is None or (is_level_old and not _by_person(tables, supply))
    limit_ns = fresh_ns(tables, supply) if supply.configuration.team_id is not None else PERSON_NS
    return supply.level_ns is not None and tables.at_ns - supply.level_ns > limit_ns


def _by_person(tables: Tables, supply: SupplyTable) -> bool:
    device = tables.devices.get(supply.configuration.device_id or "")
    is_persons = device is None or supply.level_by != device.configuration.name
    return is_persons and tables.at_ns - (supply.level_ns or 0) <= PERSON_NS


def _assume_full(supply: SupplyTable) -> bool:
    """A battery of whose charge nobody ever told was full when it began to feed, or nothing could be said of it."""
    kind = supply.configuration.kind
    is_assumed = supply.level_ns is None and kind in {"vehicle_battery", "ups", "station_backup"}
    if is_assumed and supply.anchor_percent is None and supply.known_state != "unknown":
        supply.anchor_percent, supply.used = 100.0, 0.0
    return is_assumed


def _basis(supply: SupplyTable, store: Store | None, hangs_w: float | None) -> Text:
    configuration = supply.configuration
    if endurance.counts_hours(configuration):
        return Text(id="power.basis.hours", args={"hours": configuration.full_h})
    word = _word_of_load(supply)
    watts = round(supply.fast_w if supply.fast_w is not None else hangs_w or 0.0)
    left = endurance.left_percent(supply, store) if store is not None else None
    full = store.full if store is not None else 0.0
    if configuration.kind == "generator":
        return Text(
            id=f"power.basis.fuel_{word}", args={"watts": watts, "litres": round(full * (left or 0.0) / 100.0, 1)}
        )
    usable = max(0.0, (left or 0.0) - (store.empty_percent if store is not None else 0.0))
    return Text(id=f"power.basis.{word}", args={"watts": watts, "energy_kwh": round(full * usable / 1e5, 2)})


def _word_of_load(supply: SupplyTable) -> str:
    if supply.fast_w is None:
        return "configured"
    return "measured" if supply.known_state == "feeding" or supply.configuration.kind == "ups" else "earlier"


def _doubt(tables: Tables, supply: SupplyTable, store: Store | None, *, is_assumed: bool) -> Text | None:
    """What is against the range, or why there is none; the gravest first."""
    if supply.is_stale:
        return Text(id="power.doubt.old")
    if store is None:
        kind = "burn" if supply.configuration.kind == "generator" else "capacity"
        return Text(id=f"power.doubt.no_{kind}")
    if supply.anchor_percent is None:
        kind = "fuel" if supply.configuration.kind == "generator" else "charge"
        return Text(id=f"power.doubt.no_{kind}")
    if supply.range is None:
        return Text(id="power.doubt.no_load")
    return _doubt_of_range(tables, supply, store, is_assumed=is_assumed)


def _doubt_of_range(tables: Tables, supply: SupplyTable, store: Store, *, is_assumed: bool) -> Text | None:
    if is_standing_still(supply, store):
        return Text(id="power.doubt.still", args={"percent": round(supply.level_percent or 0.0)})
    if supply.jumped_ns is not None and tables.at_ns - supply.jumped_ns <= JUMP_TOLD_NS:
        args: dict[str, Value] = {
            "before": round(supply.jumped_from_percent),
            "now": round(supply.level_percent or 0.0),
        }
        return Text(id="power.doubt.jumped", args=args)
    if endurance.is_falling_as_another(supply, store):
        seen_kwh = (endurance.seen_full(supply) or 0.0) / 1000.0
        args = {"seen": round(seen_kwh, 1), "configured": round(store.full / 1000.0, 1)}
        return Text(id="power.doubt.falls", args=args)
    if supply.known_state == "unknown":
        return Text(id="power.doubt.no_state")
    return Text(id="power.doubt.assumed_full") if is_assumed else None


# ---- orders


def obey(tables: Tables, order: SupplyOrder) -> None:
    """What a person told of a supply or a load."""
    if isinstance(order, SetLoad):
        _set_load(tables, order)
        return
    supply = tables.supplies.get(order.supply_id)
    if supply is None:
        return
    if isinstance(order, ReportSupply):
        supply.reported_state, supply.reported_by, supply.reported_ns = order.state, order.by, tables.at_ns
        args = {"supply": supply.configuration.name, "by": order.by or "?", "@state": f"power.became.{order.state}"}
        tables.note("operator", order.supply_id, "notice.supply_reported", args)
        return
    _report_level(tables, supply, order)


def _report_level(tables: Tables, supply: SupplyTable, order: ReportCharge | ReportFuel) -> None:
    configuration = supply.configuration
    args: dict[str, Value] = {"supply": configuration.name, "by": order.by or "?"}
    if isinstance(order, ReportFuel):
        if configuration.tank_l is None:
            return
        percent = 100.0 * order.fuel_l / configuration.tank_l
        tables.note("operator", order.supply_id, "notice.fuel_reported", {**args, "litres": round(order.fuel_l, 1)})
    else:
        percent = order.charge_percent
        tables.note("operator", order.supply_id, "notice.charge_reported", {**args, "percent": round(percent)})
    seen_ns = min(tables.at_ns, order.seen_ns if order.seen_ns is not None else tables.at_ns)
    supply.level_percent = supply.anchor_percent = min(100.0, max(0.0, percent))
    supply.level_ns, supply.level_by, supply.levels = seen_ns, order.by or "?", []
    supply.begun_percent, supply.begun_used, supply.jumped_ns = None, 0.0, None
    supply.used = 0.0
    if supply.known_state == "feeding":
        load_w = supply.fast_w or configured_w(tables, supply) or 0.0
        since_h = (tables.at_ns - max(seen_ns, supply.since_ns)) / NS_PER_S / _S_PER_H
        supply.used = endurance.rate(configuration, load_w) * max(0.0, since_h)


def _set_load(tables: Tables, order: SetLoad) -> None:
    load = tables.loads.get(order.load_id)
    if load is None:
        return
    load.is_on, load.told_ns, load.told_by = order.is_on, tables.at_ns, order.by
    text_id = "notice.load_on" if order.is_on else "notice.load_off"
    tables.note("operator", order.load_id, text_id, {"load": load.configuration.name, "by": order.by or "?"})
