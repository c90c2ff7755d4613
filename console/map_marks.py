"""What people mark on the map: road blocks, hazards, depths, places, the own way out.  Part of the picture.  Pure.

A mark is what somebody said, never what the console concluded.  It is good for ``expires_s`` after it was last seen to
be so; then nobody knows any more, and it is shown so until somebody confirms it.

**Source:** the categories follow those of GB/T 35649-2017 (plotting symbols for emergency response) as far as they are
publicly described; conformity is not claimed.
**Assumed:** how long each kind is good for when nobody says (``GOOD_S``).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Literal, NamedTuple, get_args

MarkKind = Literal[
    "road_block", "hazard_area", "water_depth", "shelter", "helipad", "rally_point", "retreat_route", "note"
]
MarkShape = Literal["point", "line", "area"]
MarkState = Literal["reported", "confirmed"]

KINDS: tuple[MarkKind, ...] = get_args(MarkKind)
STATES: tuple[MarkState, ...] = get_args(MarkState)
SHAPES: dict[MarkKind, tuple[MarkShape, ...]] = {
    "road_block": ("point", "line"),
    "hazard_area": ("area",),
    "water_depth": ("point",),
    "shelter": ("point",),
    "helipad": ("point",),
    "rally_point": ("point",),
    "retreat_route": ("line",),
    "note": ("point", "line", "area"),
}
"""The shapes a kind may have."""

_HOUR_S = 3600.0
GOOD_S: dict[MarkKind, float] = {
    "road_block": 6 * _HOUR_S,
    "hazard_area": 2 * _HOUR_S,
    "water_depth": 1 * _HOUR_S,
    "shelter": 24 * _HOUR_S,
    "helipad": 12 * _HOUR_S,
    "rally_point": 12 * _HOUR_S,
    "retreat_route": 2 * _HOUR_S,
    "note": 24 * _HOUR_S,
}
"""Seconds for which a mark is good when nobody says otherwise."""

MARKS = 500
VERTICES = 1_000
ALL_VERTICES = 20_000
WORDS = 80
SHORTEST_S, LONGEST_S = 60.0, 30 * 24 * _HOUR_S
DEEPEST_M = 100.0
LEAST_VERTICES: dict[MarkShape, int] = {"point": 1, "line": 2, "area": 3}


class Vertex(NamedTuple):
    """One corner, WGS-84, degrees."""

    lat_deg: float
    lon_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """Where a mark is.  An area is its outline, not closed: the last corner is joined to the first."""

    shape: MarkShape
    vertices: tuple[Vertex, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MapMark:
    """One mark.  ``by`` wrote it down, ``source`` is who saw it; ``depth_m`` only of a water depth, ``None``: not told.

    ``added_ns`` is when it became known here, ``seen_ns`` when it was last reported or confirmed to be so (``None``:
    nobody knows, so its age is unknown), ``confirmed_ns`` the last of these that was a confirmation, by
    ``confirmed_by``.  ``expires_ns`` is ``expires_s`` after ``seen_ns``: from then on it is unknown, and ``is_expired``
    says that the engine noticed.
    """

    id: str
    kind: MarkKind
    geometry: Geometry
    name: str
    by: str
    source: str
    state: MarkState
    depth_m: float | None
    added_ns: int
    seen_ns: int | None
    confirmed_ns: int | None
    confirmed_by: str | None
    expires_s: float
    expires_ns: int | None
    is_expired: bool


def geometry_fault(kind: MarkKind, geometry: Geometry) -> str | None:
    """What is wrong with this geometry for this kind: ``shape``, ``vertices`` or ``degrees``; ``None``: nothing."""
    if geometry.shape not in SHAPES.get(kind, ()):
        return "shape"
    count = len(geometry.vertices)
    if count < LEAST_VERTICES[geometry.shape] or count > (1 if geometry.shape == "point" else VERTICES):
        return "vertices"
    if not all(is_on_earth(*vertex) for vertex in geometry.vertices):
        return "degrees"
    return None


def is_on_earth(lat_deg: float, lon_deg: float) -> bool:
    """Whether these are degrees of a place at all."""
    return isfinite(lat_deg) and isfinite(lon_deg) and abs(lat_deg) <= 90 and abs(lon_deg) <= 180


def is_unknown(mark: MapMark, now_ns: int) -> bool:
    """Whether nobody knows at this moment if it is still so.  Judged from the stored times, whenever it is shown."""
    return mark.expires_ns is None or now_ns >= mark.expires_ns
