"""What the engine knows of power, as plain mutable tables: part of ``console.tables``."""

from __future__ import annotations

import msgspec

from console.power_facts import SupplyState, Threshold
from console.supplies import LoadConfiguration, SupplyConfiguration
from console.words import Text


class RangeTable(msgspec.Struct, frozen=True):
    """How long a supply lasts from ``reckoned_ns`` on, and when it reaches its next threshold."""

    reckoned_ns: int
    low_s: float
    high_s: float
    next: Threshold
    next_low_s: float
    next_high_s: float


class SupplyTable(msgspec.Struct):
    """One supply's variable facts and its judge's sums.

    A level is the charge of a battery or the fuel in a tank, in percent; amounts are Wh or litres of the same.
    """

    configuration: SupplyConfiguration
    since_ns: int
    state: SupplyState = "unknown"
    known_state: SupplyState = "unknown"
    """The last one that somebody told."""
    known_since_ns: int = 0
    held_state: SupplyState = "unknown"
    held_since_ns: int = 0
    """What is told now, and since when: it becomes the state when it has stood for a while."""
    told_by: str | None = None
    reported_state: SupplyState | None = None
    reported_by: str = ""
    reported_ns: int = 0
    level_percent: float | None = None
    level_ns: int | None = None
    level_by: str | None = None
    levels: list[float] = []
    """The last three told in quick succession."""
    step_percent: float | None = None
    """The smallest change seen: how finely it is told."""
    anchor_percent: float | None = None
    """What was left when the level changed last; ``used`` was taken since."""
    used: float = 0.0
    begun_percent: float | None = None
    begun_used: float = 0.0
    """The first change of the level since it feeds, and what was taken from there to the last one."""
    jumped_ns: int | None = None
    jumped_from_percent: float = 0.0
    fast_w: float | None = None
    slow_w: float | None = None
    weighed_s: float = 0.0
    watts: list[float] = []
    load_ns: int | None = None
    summed_ns: int | None = None
    temperature_c: float | None = None
    told_runtime_s: float | None = None
    range: RangeTable | None = None
    has_fed: bool = False
    is_stale: bool = False
    is_reserve: bool = False
    basis: Text | None = None
    doubt: Text | None = None


class LoadTable(msgspec.Struct):
    """One load; ``is_on`` is what a person said last, ``told_ns`` when."""

    configuration: LoadConfiguration
    is_on: bool = True
    told_ns: int | None = None
    told_by: str | None = None
