"""The drill's sketch of the country: roads, a river, names.  Not a survey, and it says so wherever it is drawn.

The file ``resources/map/drill-sketch.json`` holds ``roads`` (``class`` ``major`` or ``minor``), ``rivers`` and
``names``, each with ``[lon_deg, lat_deg]`` pairs.

**Source:** drawn by hand for the drill around 34.396 N 113.741 E; place names are the county's, their places rough.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).resolve().parent.parent.parent.parent / "resources" / "map" / "drill-sketch.json"

Pair = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A road or river; points are longitude and latitude in degrees."""

    points: tuple[Pair, ...]
    is_major: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name at a place, in both languages."""

    lat_deg: float
    lon_deg: float
    zh: str
    en: str
    is_water: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """All that is drawn of the country."""

    roads: tuple[Line, ...]
    rivers: tuple[Line, ...]
    names: tuple[Name, ...]


@cache
def drill_sketch() -> Sketch:
    """Read the sketch once."""
    data = json.loads(_FILE.read_text(encoding="utf-8"))
    return Sketch(
        roads=tuple(Line(points=_pairs(road["points"]), is_major=road["class"] == "major") for road in data["roads"]),
        rivers=tuple(Line(points=_pairs(river["points"])) for river in data["rivers"]),
        names=tuple(
            Name(
                lon_deg=name["at"][0],
                lat_deg=name["at"][1],
                zh=name["zh"],
                en=name["en"],
                is_water=name.get("kind") == "water",
            )
            for name in data["names"]
        ),
    )


def _pairs(points: list[list[float]]) -> tuple[Pair, ...]:
    return tuple((point[0], point[1]) for point in points)
