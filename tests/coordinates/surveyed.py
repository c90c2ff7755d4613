"""The places whose coordinates two implementations of others agree on."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parents[1] / "vectors" / "coords.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    name: str
    lat_deg: float
    lon_deg: float
    kind: str
    value: str

    @property
    def pair(self) -> tuple[float, float]:
        first, second = self.value.split(";")
        return float(first), float(second)


def vectors(beginning: str) -> list[Vector]:
    """The rows whose kind begins so."""
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    found = [
        Vector(
            name=row["name"],
            lat_deg=float(row["lat_wgs84"]),
            lon_deg=float(row["lon_wgs84"]),
            kind=row["kind"],
            value=row["value"],
        )
        for row in csv.DictReader(lines)
    ]
    return [one for one in found if one.kind.startswith(beginning)]


def said(one: Vector) -> str:
    return f"{one.name}-{one.kind.split(' ')[0]}"
