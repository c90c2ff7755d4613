"""From the file's ``[[supply]]`` and ``[[load]]`` tables to values: what feeds whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from console.configuration.faults import said
from console.configuration.reading import Table, meant, shown
from console.picture import Text
from console.power_facts import SupplyKind
from console.supplies import Curve, LoadConfiguration, SupplyConfiguration

_KINDS: Mapping[str, SupplyKind] = {
    "mains": "mains",
    "generator": "generator",
    "vehicle_battery": "vehicle_battery",
    "ups": "ups",
    "station_backup": "station_backup",
    "handheld": "handheld",
}
_BATTERIES = ("vehicle_battery", "ups", "station_backup", "handheld")
_COLD: Mapping[str, Curve] = {
    "lithium": ((-20.0, 0.65), (0.0, 0.88), (25.0, 1.0)),
    "lead": ((-20.0, 0.50), (0.0, 0.80), (25.0, 1.0)),
}
"""The share of its capacity that a battery gives in the cold.

**Source:** typical curves of makers' data sheets (lead: about 1 % a degree below 25, half at -20; lithium iron
phosphate: 85 to 90 % at 0, 60 to 70 % at -20).  They differ by make, which ``capacity_doubt_percent`` must cover.
"""
_LARGEST_WH = 1e7
_LARGEST_W = 1e7


def read_supply(table: Table) -> SupplyConfiguration:
    """A supply; what it feeds, and the device and team it names, are checked by the caller."""
    identity = table.identity()
    kind = _read_kind(table)
    device, slash, subject = table.text("device", "").partition("/")
    if slash and not subject:
        table.note("device", said("reason", "means_form", given=shown(device + slash)), said("remedy", "means_form"))
    supply = SupplyConfiguration(
        id=identity,
        name=table.text("name", identity),
        kind=kind,
        device_id=device or None,
        subject=subject or None,
        team_id=table.text("team", "") or None,
        feeds=table.texts("feeds"),
        capacity_wh=_optional(table, "capacity_wh", 0.1, _LARGEST_WH),
        usable_percent=table.number("usable_percent", 100.0, 5.0, 100.0),
        age_percent=table.number("age_percent", 100.0, 5.0, 100.0),
        cold=_read_cold(table),
        temperature_c=_optional(table, "temperature_c", -60.0, 80.0),
        capacity_doubt_percent=table.number("capacity_doubt_percent", 10.0, 1.0, 60.0),
        is_counted=table.flag("counted", default=kind == "vehicle_battery"),
        monitor_wh=_optional(table, "monitor_wh", 0.1, _LARGEST_WH),
        efficiency_percent=table.number("efficiency_percent", 88.0 if kind == "ups" else 100.0, 20.0, 100.0),
        load_w=_optional(table, "load_w", 0.01, _LARGEST_W),
        full_h=_optional(table, "full_h", 0.1, 1_000.0),
        tank_l=_optional(table, "tank_l", 0.1, 100_000.0),
        burn=_read_burn(table),
        low_percent=table.number("low_percent", 30.0, 0.0, 100.0),
        critical_percent=table.number("critical_percent", 15.0, 0.0, 100.0),
        low_s=table.number("low_h", 2.0, 0.0, 240.0) * 3600.0,
        critical_s=table.number("critical_h", 0.5, 0.0, 240.0) * 3600.0,
    )
    if table.values.get("kind") in _KINDS:
        _check_kind(table, supply)
    table.refuse_rest()
    return supply


def _read_kind(table: Table) -> SupplyKind:
    word = table.text("kind")
    if word and word not in _KINDS:
        table.note("kind", said("reason", "choice", given=shown(word)), meant(word, _KINDS))
    return _KINDS.get(word, "mains")


def _optional(table: Table, key: str, low: float, high: float) -> float | None:
    """A number where the file gives one."""
    value = table.number(key, low, low, high)
    return value if table.has(key) else None


def _read_cold(table: Table) -> Curve:
    """By the battery's chemistry, or point by point: ``cold = [[degrees, share], ...]``."""
    word = table.text("chemistry", "lithium")
    if word not in _COLD:
        table.note("chemistry", said("reason", "choice", given=shown(word)), meant(word, _COLD))
    own = _read_curve(table, "cold", (-60.0, 80.0), (0.05, 1.5))
    return own or _COLD.get(word, _COLD["lithium"])


def _read_burn(table: Table) -> Curve:
    """Point by point, or as a line: so much without load, so much more for each kW."""
    burn = _read_curve(table, "burn", (0.0, 10_000.0), (0.01, 10_000.0))
    idle = _optional(table, "burn_idle_l_per_h", 0.01, 1_000.0)
    slope = _optional(table, "burn_l_per_kwh", 0.05, 5.0)
    if idle is not None and slope is not None:
        return burn or ((0.0, idle), (1_000.0, idle + 1_000.0 * slope))
    if idle is not None or slope is not None:
        key = "burn_idle_l_per_h" if idle is not None else "burn_l_per_kwh"
        table.note(key, said("reason", "half_burn"), said("remedy", "half_burn"))
    return burn


def _read_curve(table: Table, key: str, x: tuple[float, float], y: tuple[float, float]) -> Curve:
    """Pairs of numbers, the first ascending; faults are noted, and then there is none."""
    given = table.value(key, None)
    if given is None:
        return ()
    points = [_point(one, x, y) for one in given] if isinstance(given, list) else []
    curve = tuple(point for point in points if point is not None)
    is_ascending = all(first[0] < second[0] for first, second in pairwise(curve))
    if not curve or len(curve) != len(points) or not is_ascending or len(curve) > 50:
        args = {"low_x": f"{x[0]:g}", "high_x": f"{x[1]:g}", "low_y": f"{y[0]:g}", "high_y": f"{y[1]:g}"}
        table.note(key, said("reason", "curve", given=shown(given)), said("remedy", "curve", **args))
        return ()
    return curve


def _point(given: object, x: tuple[float, float], y: tuple[float, float]) -> tuple[float, float] | None:
    if not isinstance(given, list) or len(given) != 2:
        return None
    first, second = given
    if any(isinstance(one, bool) or not isinstance(one, (int, float)) for one in given):
        return None
    return (float(first), float(second)) if x[0] <= first <= x[1] and y[0] <= second <= y[1] else None


def _check_kind(table: Table, supply: SupplyConfiguration) -> None:
    """What belongs to another kind is a slip: nothing would ever be reckoned from it."""
    wrong: tuple[str, ...] = ()
    if supply.kind not in _BATTERIES:
        wrong = (
            "capacity_wh",
            "usable_percent",
            "age_percent",
            "chemistry",
            "cold",
            "temperature_c",
            "full_h",
            "team",
            "counted",
            "monitor_wh",
        )
    if supply.kind != "generator":
        wrong = (*wrong, "tank_l", "burn", "burn_idle_l_per_h", "burn_l_per_kwh")
    for key in wrong:
        if table.has(key):
            table.note(key, said("reason", "supply_key", key=key, kind=supply.kind), said("remedy", "supply_key"))
    if supply.critical_percent > supply.low_percent:
        table.note("critical_percent", said("reason", "critical_above"), said("remedy", "critical_above"))
    if supply.critical_s > supply.low_s:
        table.note("critical_h", said("reason", "critical_above"), said("remedy", "critical_above"))


def read_load(table: Table) -> LoadConfiguration:
    """A load; its supply and device are checked by the caller."""
    identity = table.identity()
    load = LoadConfiguration(
        id=identity,
        name=table.text("name", identity),
        supply_id=table.text("fed_by"),
        power_w=table.number("power_w", 0.0, 0.0, _LARGEST_W),
        device_id=table.text("device", "") or None,
        can_be_shed=table.flag("can_shed", default=False),
        shed_order=table.whole("shed_order", 0, 1_000) or (0 if table.has("shed_order") else 100),
    )
    if not table.has("power_w") and load.device_id is None:
        table.note("power_w", said("reason", "missing", key="power_w"), said("remedy", "missing", key="power_w"))
    table.refuse_rest()
    return load


def check_supplies(
    supplies: Sequence[SupplyConfiguration],
    rows: Sequence[Table],
    known: Mapping[str, Sequence[str]],
) -> None:
    """Note what names nobody and who feeds himself; ``known``: the ids of each kind of table."""
    fed = [one for name in known for one in known[name]]
    by_id = {supply.id: supply for supply in supplies if supply.id}
    for supply, row in zip(supplies, rows, strict=True):
        for one in supply.feeds:
            if one not in fed:
                row.note("feeds", said("reason", "unknown_fed", id=shown(one)), meant(one, fed))
        for key, given, kind in (("device", supply.device_id, "device"), ("team", supply.team_id, "team")):
            if given is not None and given not in known[kind]:
                row.note(key, said("reason", f"unknown_{kind}", **{kind: shown(given)}), meant(given, known[kind]))
        if supply.id and _feeds_itself(supply.id, by_id):
            row.note("feeds", said("reason", "feeds_itself", id=supply.id), said("remedy", "feeds_itself"))


def _feeds_itself(identity: str, by_id: Mapping[str, SupplyConfiguration]) -> bool:
    seen: dict[str, None] = {}
    waiting = list(by_id[identity].feeds)
    while waiting:
        one = waiting.pop()
        if one == identity:
            return True
        if one in by_id and one not in seen:
            seen[one] = None
            waiting.extend(by_id[one].feeds)
    return False


def check_loads(loads: Sequence[LoadConfiguration], rows: Sequence[Table], known: Mapping[str, Sequence[str]]) -> None:
    """Note loads that hang on nobody, or are measured by nobody."""
    for load, row in zip(loads, rows, strict=True):
        if load.supply_id and load.supply_id not in known["supply"]:
            row.note(
                "fed_by", said("reason", "unknown_supply", id=shown(load.supply_id)), _one_of(load.supply_id, known)
            )
        if load.device_id is not None and load.device_id not in known["device"]:
            remedy = meant(load.device_id, known["device"])
            row.note("device", said("reason", "unknown_device", device=shown(load.device_id)), remedy)


def _one_of(given: str, known: Mapping[str, Sequence[str]]) -> Text:
    return meant(given, known["supply"]) if known["supply"] else said("remedy", "no_supplies")
