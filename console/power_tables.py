"""What the engine knows of power, as plain mutable tables: part of ``console.tables``."""

from __future__ import annotations

import msgspec

from console.power_facts import SupplyState
from console.supplies import LoadConfiguration, SupplyConfiguration


class SupplyTable(msgspec.Struct):
    """One supply's variable facts and its judge's sums."""

    configuration: SupplyConfiguration
    since_ns: int
    state: SupplyState = "unknown"
    told_by: str | None = None


class LoadTable(msgspec.Struct):
    """One load; ``is_on`` is what a person said last, ``told_ns`` when."""

    configuration: LoadConfiguration
    is_on: bool = True
    told_ns: int | None = None
    told_by: str | None = None
