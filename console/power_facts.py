"""What is known of power: what feeds whom, how long it lasts, and what that is known from.  Part of the picture; pure.

A time to go is always a range.  ``low_s`` and ``high_s`` count from ``reckoned_ns``; of what feeds now ``ends_low_ns``
and ``ends_high_ns`` are the same as moments, a reserve has none.  All four are ``None`` where nothing can be reckoned,
and ``doubt`` then says why.  Every value keeps the time at which it was told (``charge_ns``, ``load_ns``, ``fuel_ns``):
ages are counted when painting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from console.words import Text

SupplyKind = Literal["mains", "generator", "vehicle_battery", "ups", "station_backup", "handheld"]
SupplyState = Literal["feeding", "charging", "idle", "off", "unknown"]
"""``feeding``: others live on it now.  ``charging``, ``idle``: a battery that is filled or rests while another feeds; a
generator that runs without load is idle too.  ``off``: it gives nothing (a mains that failed, a generator that stands).
``unknown``: nobody tells, or it was told too long ago."""
Threshold = Literal["low", "critical", "empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """Something that feeds.

    ``feeds`` are the ids of devices, cameras, bearers, stations, teams, loads and other supplies that live on it.
    ``state`` holds ``since_ns``; before that nobody knows.  ``told_by``: who told it last, the name of a device or a
    person.  ``charge_percent`` 0..100 and ``fuel_percent`` of the tank are as told, ``load_w`` is what is taken,
    averaged over five minutes.  ``is_reserve``: it does not feed now, the range is what it would last if it had to.
    ``is_stale``: what the range stands on is old, so the ends are those reckoned at ``reckoned_ns`` and nobody knows
    whether they still hold.  ``basis`` says what the range stands on, ``doubt`` what is against it.  ``next`` is the
    threshold reached next, between ``next_low_ns`` and ``next_high_ns``.  ``told_runtime_s`` is the device's own word
    for the time to go, for comparison only.
    """

    id: str
    name: str
    kind: SupplyKind
    state: SupplyState
    since_ns: int
    device_id: str | None
    team_id: str | None
    feeds: tuple[str, ...]
    told_by: str | None = None
    charge_percent: float | None = None
    charge_ns: int | None = None
    load_w: float | None = None
    load_ns: int | None = None
    fuel_l: float | None = None
    fuel_percent: float | None = None
    fuel_ns: int | None = None
    low_s: int | None = None
    high_s: int | None = None
    ends_low_ns: int | None = None
    ends_high_ns: int | None = None
    reckoned_ns: int | None = None
    is_reserve: bool = False
    is_stale: bool = False
    basis: Text | None = None
    doubt: Text | None = None
    next: Threshold | None = None
    next_low_ns: int | None = None
    next_high_ns: int | None = None
    told_runtime_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Something that takes power.  ``power_w`` is measured at ``power_ns``, or as configured (``power_ns`` ``None``).

    ``is_on``: as a person told last at ``told_ns`` (``told_by``), on until somebody did.
    """

    id: str
    name: str
    supply_id: str
    power_w: float
    power_ns: int | None
    is_on: bool
    can_be_shed: bool
    shed_order: int
    told_ns: int | None = None
    told_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shed:
    """What switching this load off buys the supply that feeds the post now.

    ``gain_low_s`` and ``gain_high_s``: by itself.  ``lasts_low_s`` and ``lasts_high_s``: how long the supply lasts with
    this one and all before it off.
    """

    load_id: str
    name: str
    power_w: float
    gain_low_s: int
    gain_high_s: int
    lasts_low_s: int
    lasts_high_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """All supplies in the order configured, all loads, and what to switch off first.

    ``chief_id`` is the supply the post lives on now, ``None`` where nobody knows.  ``reserve_id`` is the one that takes
    over, with a range, where the chief one has no end by itself (mains).
    """

    supplies: tuple[Supply, ...] = ()
    loads: tuple[Load, ...] = ()
    sheds: tuple[Shed, ...] = ()
    chief_id: str | None = None
    reserve_id: str | None = None
