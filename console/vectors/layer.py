"""A vector layer as arrays on the drawing plane, thinned once for every other zoom, so that a county stays quick.

**Source:** GeoJSON (RFC 7946); spherical Mercator with the radius 6,378,137 m (EPSG:3857).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import pi
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from console.coordinates.datum import wgs84_of_bd09, wgs84_of_gcj02
from console.surroundings import Datum, MapSource
from console.trouble import OperatorError
from console.vectors.form import MOST_BYTES, MOST_FEATURES, MOST_POINTS
from console.words import Text, Value

Kind = Literal["road", "rail", "river", "water", "boundary", "name", "other"]
KINDS: frozenset[str] = frozenset(get_args(Kind))
Floats = NDArray[np.float64]

_RADIUS_M = 6_378_137.0
_WORLD_M = 2 * pi * _RADIUS_M
_TILE_PX = 256
_LAT_LIMIT_DEG = 85.0
_LEVELS = (7, 9, 11, 13, 15)
"""Zooms that have points of their own; closer than the last all points are drawn."""
_MOST_RANK = 4
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Lines one after the other: path ``i`` holds ``points_m[starts[i]:starts[i + 1]]`` (east, north)."""

    points_m: Floats
    starts: NDArray[np.int64]

    def thinned(self, zoom: int) -> Paths:
        """Without the points that fall into the same pixel at ``zoom`` as the one before; ends stay."""
        cells = np.floor(self.points_m * (_TILE_PX * 2.0**zoom / _WORLD_M)).astype(np.int64)
        is_kept = np.ones(len(cells), dtype=bool)
        is_kept[1:] = (cells[1:] != cells[:-1]).any(axis=1)
        is_kept[self.starts[:-1]] = True
        is_kept[self.starts[1:] - 1] = True
        before = np.concatenate(([0], np.cumsum(is_kept)))
        return Paths(points_m=self.points_m[is_kept], starts=before[self.starts])


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """All lines of one kind and rank; ``boxes_m`` (n, 4) are west, south, east, north of each, ``names`` theirs.

    ``levels`` are the same lines thinned, coarsest first, as (zoom up to which they are fine enough, lines).
    """

    kind: Kind
    rank: int
    is_area: bool
    paths: Paths
    boxes_m: Floats
    names: tuple[str, ...]
    levels: tuple[tuple[int, Paths], ...]

    def at(self, zoom: float) -> Paths:
        """The lines to draw at this zoom."""
        return next((paths for most, paths in self.levels if zoom <= most), self.paths)


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """All points of one kind and rank, (n, 2) on the plane, each with its name (empty: none)."""

    kind: Kind
    rank: int
    places_m: Floats
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorLayer:
    """A layer that was read.  ``datum`` is what its places stand in now: ``wgs84``, ``cgcs2000`` or ``unknown``."""

    id: str
    name: str
    datum: Datum
    date: str
    groups: tuple[Group, ...]
    points: tuple[Points, ...]

    @property
    def has_roads(self) -> bool:
        """Whether there is any road in it."""
        return any(group.kind == "road" for group in self.groups)


class BrokenLayer(OperatorError):  # noqa: N818 - what it is
    """This file cannot be used as a vector layer."""

    def __init__(self, reason: str, /, **args: Value) -> None:
        super().__init__(Text(id=f"vectors.broken.{reason}", args=args), Text(id="vectors.broken_remedy"))


# ---- the file


class _Head(msgspec.Struct, frozen=True):
    name: str = ""
    datum: str = ""
    date: str = ""


class _File(msgspec.Struct, frozen=True):
    type: str
    features: list[msgspec.Raw] = []
    command_post: _Head | None = None


class _Point(msgspec.Struct, frozen=True, tag_field="type", tag="Point"):
    coordinates: list[float]


class _MultiPoint(msgspec.Struct, frozen=True, tag_field="type", tag="MultiPoint"):
    coordinates: list[list[float]]


class _LineString(msgspec.Struct, frozen=True, tag_field="type", tag="LineString"):
    coordinates: list[list[float]]


class _MultiLineString(msgspec.Struct, frozen=True, tag_field="type", tag="MultiLineString"):
    coordinates: list[list[list[float]]]


class _Polygon(msgspec.Struct, frozen=True, tag_field="type", tag="Polygon"):
    coordinates: list[list[list[float]]]


class _MultiPolygon(msgspec.Struct, frozen=True, tag_field="type", tag="MultiPolygon"):
    coordinates: list[list[list[list[float]]]]


_Geometry = _Point | _MultiPoint | _LineString | _MultiLineString | _Polygon | _MultiPolygon


class _Feature(msgspec.Struct, frozen=True):
    geometry: _Geometry
    properties: dict[str, Any] | None = None


_FEATURES: msgspec.json.Decoder[_Feature] = msgspec.json.Decoder(_Feature)


def read_layer(source: MapSource) -> VectorLayer:
    """The layer in this file.  What is no feature that can be drawn is left out.

    Raises:
        BrokenLayer: it is not there, too large, no GeoJSON, or holds nothing to draw.
    """
    name = source.path.name
    head, raws = _read(source.path)
    if len(raws) > MOST_FEATURES:
        raise BrokenLayer("too_much", file=name)
    heap = _Heap()
    for raw in raws:
        try:
            heap.take(_FEATURES.decode(raw))
        except (msgspec.MsgspecError, ValueError):
            continue
        if heap.count > MOST_POINTS:
            raise BrokenLayer("too_much", file=name)
    if not heap.count:
        raise BrokenLayer("nothing", file=name)
    datum = source.datum
    if head is not None and head.datum in get_args(Datum):
        datum = head.datum  # type: ignore[assignment]  # one of them: asked a line above
    groups, points = heap.arrays(datum)
    return VectorLayer(
        id=source.id,
        name=source.name or (head.name[:_LONGEST_NAME] if head else ""),
        datum="wgs84" if datum in {"gcj02", "bd09"} else datum,
        date=source.date or (head.date[:_LONGEST_NAME] if head else ""),
        groups=groups,
        points=points,
    )


def _read(path: Path) -> tuple[_Head | None, list[msgspec.Raw]]:
    try:
        with path.open("rb") as file:
            octets = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BrokenLayer("unreadable", file=path.name, detail=error.strerror or str(error)) from None
    if len(octets) > MOST_BYTES:
        raise BrokenLayer("too_much", file=path.name)
    try:
        found = msgspec.json.decode(octets, type=_File)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        raise BrokenLayer("no_geojson", file=path.name) from None
    if found.type != "FeatureCollection":
        raise BrokenLayer("no_geojson", file=path.name)
    return found.command_post, found.features


# ---- from features to arrays

_Where = tuple[Kind, int, bool]


@dataclass(slots=True)
class _Heap:
    """Degrees by kind and rank until all are there."""

    lines: dict[_Where, tuple[list[Floats], list[str]]] = field(default_factory=dict)
    points: dict[tuple[Kind, int], tuple[list[tuple[float, float]], list[str]]] = field(default_factory=dict)
    count: int = 0

    def take(self, feature: _Feature) -> None:
        """One more feature.

        Raises:
            ValueError: it lies nowhere on earth.
        """
        kind, rank, name = _told(feature.properties or {})
        geometry = feature.geometry
        if isinstance(geometry, _Point | _MultiPoint):
            places = geometry.coordinates if isinstance(geometry, _MultiPoint) else [geometry.coordinates]
            degrees = _degrees(places)
            found = self.points.setdefault((kind, rank), ([], []))
            found[0].extend((lon, lat) for lon, lat in degrees.tolist())
            found[1].extend([name] * len(degrees))
            self.count += len(degrees)
            return
        is_area = isinstance(geometry, _Polygon | _MultiPolygon)
        lines, names = self.lines.setdefault((kind, rank, is_area), ([], []))
        for number, line in enumerate(_lines(geometry)):
            degrees = _degrees(line)
            if len(degrees) > 1:
                lines.append(degrees)
                names.append("" if number else name)  # said once
                self.count += len(degrees)

    def arrays(self, datum: Datum) -> tuple[tuple[Group, ...], tuple[Points, ...]]:
        """Everything on the plane."""
        groups = tuple(_group(where, *found, datum) for where, found in self.lines.items() if found[0])
        points = tuple(
            Points(kind=kind, rank=rank, places_m=_to_plane(np.array(places), datum), names=tuple(names))
            for (kind, rank), (places, names) in self.points.items()
        )
        return groups, points


def _told(properties: dict[str, Any]) -> tuple[Kind, int, str]:
    kind, rank, name = properties.get("kind"), properties.get("rank"), properties.get("name")
    known: Kind = kind if isinstance(kind, str) and kind in KINDS else "other"  # type: ignore[assignment]
    is_rank = isinstance(rank, int) and 0 <= rank <= _MOST_RANK
    words = " ".join(name.split())[:_LONGEST_NAME] if isinstance(name, str) else ""
    return known, rank if is_rank else 0, "".join(sign for sign in words if sign.isprintable())  # type: ignore[return-value]


def _lines(geometry: _LineString | _MultiLineString | _Polygon | _MultiPolygon) -> Iterable[list[list[float]]]:
    if isinstance(geometry, _LineString):
        return (geometry.coordinates,)
    if isinstance(geometry, _MultiPolygon):
        return _rings(geometry)
    return geometry.coordinates


def _rings(geometry: _MultiPolygon) -> Iterator[list[list[float]]]:
    for polygon in geometry.coordinates:
        yield from polygon


def _degrees(places: list[list[float]]) -> Floats:
    degrees = np.array([place[:2] for place in places], dtype=np.float64)
    if degrees.ndim != 2 or degrees.shape[1] != 2:
        raise ValueError("no place")
    if not (np.isfinite(degrees).all() and (np.abs(degrees) <= (180.0, 90.0)).all()):
        raise ValueError("not on earth")
    return degrees


def _to_plane(degrees: Floats, datum: Datum) -> Floats:
    if datum in {"gcj02", "bd09"}:
        inverse = wgs84_of_gcj02 if datum == "gcj02" else wgs84_of_bd09
        places = [inverse(lat, lon) for lon, lat in degrees.tolist()]
        degrees = np.array([(lon, lat) for lat, lon in places])
    lats = np.radians(np.clip(degrees[:, 1], -_LAT_LIMIT_DEG, _LAT_LIMIT_DEG))
    return np.column_stack((_RADIUS_M * np.radians(degrees[:, 0]), _RADIUS_M * np.arcsinh(np.tan(lats))))


def _group(where: _Where, lines: list[Floats], names: list[str], datum: Datum) -> Group:
    kind, rank, is_area = where
    starts = np.concatenate(([0], np.cumsum([len(line) for line in lines]))).astype(np.int64)
    paths = Paths(points_m=_to_plane(np.concatenate(lines), datum), starts=starts)
    low = np.minimum.reduceat(paths.points_m, starts[:-1], axis=0)
    high = np.maximum.reduceat(paths.points_m, starts[:-1], axis=0)
    return Group(
        kind=kind,
        rank=rank,
        is_area=is_area,
        paths=paths,
        boxes_m=np.hstack((low, high)),
        names=tuple(names),
        levels=tuple((zoom, paths.thinned(zoom)) for zoom in _LEVELS),
    )


def pixel_m(zoom: float) -> float:
    """A pixel of the plane at this zoom."""
    return _WORLD_M / _TILE_PX / float(2.0**zoom)
