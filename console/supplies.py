"""What feeds whom, as configured: supplies and loads.  Plain frozen values; pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from console.power_facts import SupplyKind

Curve = tuple[tuple[float, float], ...]
"""Points of a function, the first number ascending; straight lines between them, the ends held beyond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyConfiguration:
    """Something that feeds ``feeds`` (ids of the same file).

    ``device_id`` and ``subject`` tell of it, or the charge of ``team_id`` does; without either people tell.
    A battery holds ``capacity_wh`` when new and at 25 degrees, ``age_percent`` of it today, of which ``usable_percent``
    can be taken; ``cold`` is the share that is left at a temperature in degrees, ``temperature_c`` holds where none is
    told.  ``capacity_doubt_percent`` is how far all that may be off, ``efficiency_percent`` what reaches the load.
    ``load_w`` is taken where no load is told.  Or only ``full_h`` is known: how long a full one lasts.
    ``is_counted``: a monitor counts its charge from ``monitor_wh`` (``None``: the capacity when new), whatever the
    battery really holds; else what tells the charge knows the battery.
    A generator has ``tank_l`` and burns litres per hour by ``burn`` (load in kW, litres per hour).
    Charge or fuel at ``low_percent`` and ``critical_percent``, or a time to go at ``low_s`` and ``critical_s`` alarms.
    """

    id: str
    name: str
    kind: SupplyKind
    device_id: str | None = None
    subject: str | None = None
    team_id: str | None = None
    feeds: tuple[str, ...] = ()
    capacity_wh: float | None = None
    usable_percent: float = 100.0
    age_percent: float = 100.0
    cold: Curve = ()
    temperature_c: float | None = None
    capacity_doubt_percent: float = 10.0
    is_counted: bool = False
    monitor_wh: float | None = None
    efficiency_percent: float = 100.0
    load_w: float | None = None
    full_h: float | None = None
    tank_l: float | None = None
    burn: Curve = ()
    low_percent: float = 30.0
    critical_percent: float = 15.0
    low_s: float = 7_200.0
    critical_s: float = 1_800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadConfiguration:
    """Something that takes ``power_w`` from ``supply_id``; ``device_id`` measures it where there is one.

    Those that ``can_be_shed`` are proposed in ``shed_order``, the least first.
    """

    id: str
    name: str
    supply_id: str
    power_w: float
    device_id: str | None = None
    can_be_shed: bool = False
    shed_order: int = 100


def at(curve: Curve, x: float) -> float:
    """The function at ``x``; the curve has one point or more."""
    if x <= curve[0][0]:
        return curve[0][1]
    for (x0, y0), (x1, y1) in pairwise(curve):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return curve[-1][1]
