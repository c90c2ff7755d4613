"""What is told of a supply now: by its device, by the devices of what it feeds, by its team, by a person.

Only what is fresh is evidence.  A device that answers but repeats no value is not fresh: each fact has its own age.

**Assumed:** where a battery monitor tells the battery's current, power has the same sign, negative while it gives;
every other device tells the load it carries.  A mains without a device of its own is what a supply it feeds says of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from console.power_facts import SupplyState
from console.power_tables import SupplyTable
from console.tables import Tables
from console.words import Fact
from devices.driver import NS_PER_S

QUICK_NS = 120 * NS_PER_S
_FRESH_NS = {"station_backup": 1_800 * NS_PER_S, "handheld": 7_200 * NS_PER_S}
PERSON_NS = 7_200 * NS_PER_S
"""A word of a person about a charge or a tank is good for so long."""
_IDLE_W = 5.0
_IDLE_SHARE_PER_H = 0.002
"""A flow below both is none: shunts have an offset."""
_TURNING_RPM = 300.0
_RUNNING = ("running", "warming-up", "cooling-down")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is told and fresh; ``None`` is not told.  ``taken_w`` is negative while a battery is filled."""

    state: SupplyState | None = None
    taken_w: float | None = None
    taken_ns: int = 0
    level_percent: float | None = None
    level_ns: int = 0
    temperature_c: float | None = None
    runtime_s: float | None = None
    by: str | None = None


def fresh_ns(tables: Tables, supply: SupplyTable) -> int:
    """How old what is told of this supply may be."""
    device = tables.devices.get(supply.configuration.device_id or "")
    own_ns = round(device.configuration.silent_after_s * NS_PER_S) if device is not None else 0
    return max(_FRESH_NS.get(supply.configuration.kind, QUICK_NS), own_ns)


def evidence(tables: Tables, supply: SupplyTable) -> Evidence:
    """All of it, at the tables' moment."""
    configuration = supply.configuration
    device = tables.devices.get(configuration.device_id or "")
    if device is None:
        return _without_device(tables, supply)
    facts = _facts(tables, configuration.device_id or "", configuration.subject, fresh_ns(tables, supply))
    taken = _taken(supply, facts)
    level = facts.get("fuel_level" if configuration.kind == "generator" else "power.charge")
    state = _state(tables, supply, facts, taken[0] if taken is not None else None)
    if state is None and tables.at_ns - supply.reported_ns <= PERSON_NS:
        state = supply.reported_state
    return Evidence(
        state=state,
        taken_w=taken[0] if taken is not None else None,
        taken_ns=taken[1] if taken is not None else 0,
        level_percent=_bounded(level),
        level_ns=level.at_ns if level is not None else 0,
        temperature_c=_number(facts.get("battery_temperature")),
        runtime_s=_number(facts.get("power.runtime")),
        by=device.configuration.name,
    )


def _facts(tables: Tables, device_id: str, subject: str | None, within_ns: int) -> Mapping[str, Fact]:
    """What the device told of this subject and is still fresh, by key."""
    device = tables.devices.get(device_id)
    if device is None or device.state == "disabled":
        return {}
    plain = subject.lstrip("0") if subject is not None else None
    return {
        fact.key: fact
        for fact in device.facts.values()
        if (fact.subject.lstrip("0") if fact.subject is not None else None) == plain
        and tables.at_ns - fact.at_ns <= within_ns
    }


def _number(fact: Fact | None) -> float | None:
    value = fact.value if fact is not None else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _bounded(fact: Fact | None) -> float | None:
    value = _number(fact)
    return None if value is None else min(100.0, max(0.0, value))


def _taken(supply: SupplyTable, facts: Mapping[str, Fact]) -> tuple[float, int] | None:
    """Watts taken from it and when they were told."""
    watts, current = facts.get("power.watts"), facts.get("battery_current")
    power_w, current_a = _number(watts), _number(current)
    if supply.configuration.kind in {"generator", "mains", "ups"} or current is None or current_a is None:
        return (power_w, watts.at_ns) if power_w is not None and watts is not None else None
    if power_w is not None and watts is not None:
        return -power_w, watts.at_ns
    voltage_v = _number(facts.get("power.voltage"))
    return (-current_a * voltage_v, current.at_ns) if voltage_v is not None else None


def _state(tables: Tables, supply: SupplyTable, facts: Mapping[str, Fact], taken_w: float | None) -> SupplyState | None:
    match supply.configuration.kind:
        case "mains":
            is_there = _mains(facts)
            return None if is_there is None else "feeding" if is_there else "off"
        case "generator":
            return _engine(facts, taken_w)
        case "vehicle_battery":
            return _flow(supply, taken_w) or _reported(tables, supply)
        case "handheld":
            return "feeding" if facts else None
        case "ups" | "station_backup":
            return _backed(facts)


def _mains(facts: Mapping[str, Fact]) -> bool | None:
    told = facts.get("condition.mains")
    if told is not None:
        return told.is_good
    source = facts.get("power.source")
    return None if source is None or source.value not in {"mains", "battery"} else source.value == "mains"


def _engine(facts: Mapping[str, Fact], taken_w: float | None) -> SupplyState | None:
    engine, speed_rpm = facts.get("condition.engine"), _number(facts.get("engine_speed"))
    if engine is None and speed_rpm is None:
        return None if taken_w is None else "feeding" if taken_w > _IDLE_W else "off"
    is_turning = speed_rpm is not None and speed_rpm > _TURNING_RPM
    if not is_turning and (engine is None or engine.value not in _RUNNING):
        return "off"
    return "idle" if taken_w is not None and taken_w <= _IDLE_W else "feeding"


def _flow(supply: SupplyTable, taken_w: float | None) -> SupplyState | None:
    if taken_w is None:
        return None
    slack_w = max(_IDLE_W, _IDLE_SHARE_PER_H * (supply.configuration.capacity_wh or 0.0))
    return "feeding" if taken_w > slack_w else "charging" if taken_w < -slack_w else "idle"


def _backed(facts: Mapping[str, Fact]) -> SupplyState | None:
    """A supply that stands behind the mains: it feeds when those are gone."""
    source, battery = facts.get("power.source"), facts.get("condition.battery")
    if source is not None and source.value == "off":
        return "off"
    is_there = _mains(facts)
    if is_there is None:
        return "idle" if source is not None and source.value == "bypass" else None
    if not is_there:
        return "feeding"
    return "charging" if battery is not None and "charging" in str(battery.value).split() else "idle"


# ---- without a device


def _without_device(tables: Tables, supply: SupplyTable) -> Evidence:
    configuration = supply.configuration
    team = tables.teams.get(configuration.team_id or "")
    level, level_ns, by = None, 0, None
    charge_ns = team.charge_ns if team is not None else None
    if team is not None and charge_ns is not None and tables.at_ns - charge_ns <= fresh_ns(tables, supply):
        level = min(100.0, max(0.0, team.charge_percent or 0.0))
        level_ns, by = charge_ns, team.configuration.name
    state: SupplyState | None = "feeding" if configuration.kind == "handheld" else None
    if configuration.kind == "mains":
        state = _by_what_it_feeds(tables, supply)
    state = state or _reported(tables, supply)
    by = by or (supply.reported_by or None if supply.reported_state is not None else None)
    return Evidence(state=state, level_percent=level, level_ns=level_ns, by=by)


def _by_what_it_feeds(tables: Tables, supply: SupplyTable) -> SupplyState | None:
    for fed_id in supply.configuration.feeds:
        fed = tables.supplies.get(fed_id)
        if fed is None or fed.configuration.kind not in {"ups", "station_backup"}:
            continue
        within_ns = fresh_ns(tables, fed)
        is_there = _mains(_facts(tables, fed.configuration.device_id or "", fed.configuration.subject, within_ns))
        if is_there is not None:
            return "feeding" if is_there else "off"
    return None


def feeders(tables: Tables, supply_id: str) -> Iterator[SupplyTable]:
    """The supplies that feed this one."""
    return (one for one in tables.supplies.values() if supply_id in one.configuration.feeds)


def _reported(tables: Tables, supply: SupplyTable) -> SupplyState | None:
    """What a person said last, or what follows from the supplies that feed it, whichever is later."""
    behind = list(feeders(tables, supply.configuration.id))
    derived: SupplyState | None = None
    if any(one.state == "feeding" for one in behind):
        derived = "idle"
    elif behind and all(one.state == "off" for one in behind) and supply.configuration.kind != "generator":
        derived = "feeding"
    changed_ns = max((one.since_ns for one in behind), default=0)
    if supply.reported_state is not None and (derived is None or supply.reported_ns >= changed_ns):
        return supply.reported_state
    return derived
