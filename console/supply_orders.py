"""What a person can tell of supplies and loads.  Nothing is switched: somebody did, and says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Reported = Literal["feeding", "charging", "idle", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFuel:
    """``by`` read ``fuel_l`` litres in this generator's tank at ``seen_ns`` (``None``: just now)."""

    supply_id: str
    fuel_l: float
    by: str = ""
    seen_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCharge:
    """``by`` read this charge (0..100) of a battery at ``seen_ns`` (``None``: just now)."""

    supply_id: str
    charge_percent: float
    by: str = ""
    seen_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSupply:
    """``by`` sees what this supply does.  What its own device tells and is fresh stands above it."""

    supply_id: str
    state: Reported
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLoad:
    """``by`` switched this load on or off."""

    load_id: str
    is_on: bool
    by: str = ""


SupplyOrder = ReportFuel | ReportCharge | ReportSupply | SetLoad
