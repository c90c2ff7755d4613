"""When power is an alarm: the mains went, what feeds ends soon, fuel runs low, a charge is not to be believed.

One supply that ends is one alarm, whether by its time to go or by its level; it is red beyond the critical limit.  What
was short must last a fifth longer, or be told three points higher, to be over.
"""

from __future__ import annotations

from console.power_tables import SupplyTable
from console.rules import endurance
from console.rules.alarms import set_alarm
from console.tables import Tables
from console.words import Text, Value

OVER_FACTOR = 1.2
OVER_POINTS = 3.0
_AMBER_S = 3_600.0


def judge(tables: Tables, supply: SupplyTable) -> None:
    """Raise and clear what concerns this supply."""
    if supply.configuration.kind == "mains":
        _mains(tables, supply)
        return
    _ending(tables, supply)
    _untold(tables, supply)


def _is_raised(tables: Tables, rule: str, subject_id: str) -> bool:
    alarm = tables.alarms.get(f"{rule}:{subject_id}")
    return alarm is not None and alarm.is_active


def _mains(tables: Tables, supply: SupplyTable) -> None:
    """The mains were there and are not; one that never was there is no alarm.  Unknown changes nothing."""
    supply_id = supply.configuration.id
    if supply.state == "feeding":
        supply.has_fed = True
        set_alarm(tables, "mains_lost", supply_id, None)
    elif supply.state == "off" and supply.has_fed:
        args: dict[str, Value] = {"supply": supply.configuration.name, "since_ns": supply.since_ns}
        set_alarm(tables, "mains_lost", supply_id, Text(id="alarm.mains_lost", args=args))


def _ending(tables: Tables, supply: SupplyTable) -> None:
    if supply.known_state == "feeding" and supply.is_stale:
        return  # nobody knows: neither raised nor over
    supply_id = supply.configuration.id
    critical = _short(tables, supply, is_critical=True)
    text = critical or _short(tables, supply, is_critical=False)
    left_s = 0.0 if critical is not None else _AMBER_S
    if supply.configuration.kind == "generator":
        set_alarm(tables, "fuel", supply_id, text, left_s=left_s)
    else:
        set_alarm(tables, "endurance", supply_id, text, left_s=left_s)


def _short(tables: Tables, supply: SupplyTable, *, is_critical: bool) -> Text | None:
    """Why this limit is passed, in words; ``None`` where it is not."""
    configuration = supply.configuration
    rule = "fuel" if configuration.kind == "generator" else "endurance"
    alarm = tables.alarms.get(f"{rule}:{configuration.id}")
    is_on = alarm is not None and alarm.is_active and (not is_critical or alarm.own_priority == "red")
    limit_s = configuration.critical_s if is_critical else configuration.low_s
    limit_percent = configuration.critical_percent if is_critical else configuration.low_percent
    args: dict[str, Value] = {"supply": configuration.name}
    is_feeding = supply.known_state == "feeding"
    if is_feeding and supply.range is not None and supply.range.low_s < limit_s * (OVER_FACTOR if is_on else 1.0):
        return Text(id=f"alarm.{rule}_time", args={**args, "hours": round(limit_s / 3600.0, 1)})
    if not is_feeding and rule == "endurance":
        return None
    left = _left(supply)
    if left is None or left > limit_percent + (OVER_POINTS if is_on else 0.0):
        return None
    return Text(id=f"alarm.{rule}_level", args={**args, "percent": round(limit_percent)})


def _left(supply: SupplyTable) -> float | None:
    """The level now, where anybody ever told one.  Fuel counts while the set stands, too: it must be there later."""
    if supply.level_ns is None:
        return None
    store = endurance.store_of(supply)
    return endurance.left_percent(supply, store) if store is not None else supply.level_percent


def _untold(tables: Tables, supply: SupplyTable) -> None:
    """What feeds and is told of no longer, or by a value that stands still, is as grave as a low value.

    Where its device as a whole says nothing, or the team that carries it, that is one alarm already.
    """
    configuration = supply.configuration
    doubt = supply.doubt.id if supply.doubt is not None else ""
    text = None
    is_silent = configuration.kind == "handheld" or _is_raised(tables, "nodata", configuration.device_id or "")
    is_judged = supply.known_state == "feeding" and supply.level_ns is not None and not is_silent
    if is_judged and doubt in {"power.doubt.old", "power.doubt.still"}:
        text = Text(id=f"alarm.supply_{doubt.rpartition('.')[2]}", args={"supply": configuration.name})
    set_alarm(tables, "supply_untold", configuration.id, text)
