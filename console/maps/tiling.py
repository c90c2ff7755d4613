"""How the tiles of a package were cut, and packages cut by degrees read as if all were counted alike.

Nearly everything is cut in spherical Mercator.  Agencies' packages of Tianditu's "c" set, and of GeoServer or SuperMap
in EPSG:4490 or 4326, are cut by latitude and longitude; MBTiles has no word for that.  Drawn as Mercator they would lie
on other parts of the earth.  What the configuration says counts; else what the file says of itself, where its tiles
bear it out; what stays in doubt is refused with the word to write.

**Source:** MBTiles specification 1.3 (Mercator only; rows from the south) and its issue 50; OGC 17-083r4, annex D
(``WorldCRS84Quad``: 2 × 1 tiles of 180° at zoom 0); Tianditu's WMTS capabilities of the "c" matrix (2 × 1 at zoom 1);
SuperMap's ``crs_wkid``, ``crs_wkt`` in the metadata.
**Assumed:** writers of Tianditu's tiles count rows from the south of 2^z rows (as of a square), or of the 2^(z-1) that
there are; the two do not overlap, so the rows tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from console.maps.source import BrokenPackage, Projection, Span, TileSource, plain
from console.maps.warp import Area, area_of
from console.surroundings import MapSource, Tiling

_NAMES = ("crs", "srs", "epsg", "crs_wkid", "crs_wkt", "projection", "profile", "tile_matrix_set", "tilematrixset")
_MERCATOR = re.compile(r"3857|900913|3785|102100|102113|mercator|墨卡托", re.IGNORECASE)
_DEGREES = re.compile(r"4326|4490|crs:?84|geodetic|geographic|lat.?lon|lon.?lat|经纬|^geog", re.IGNORECASE)
_CHINA: Area = (73.0, 3.0, 136.0, 54.0)
_TELLING_DEG = 60.0
"""Bounds wider than this say "the whole world" and nothing of where the tiles lie."""
_ALIKE = 0.2
_BY_DEGREES: tuple[Tiling, ...] = ("tianditu_c", "geodetic")


class ByDegrees:
    """A package cut by degrees, its tiles counted as Tianditu does: two at zoom 1, rows from the north."""

    projection: Projection = "degrees"

    def __init__(self, tiles: TileSource, tiling: Tiling, span: Span, zoom: int) -> None:
        """``span`` is that of ``tiles`` at its ``zoom``.

        Raises:
            ValueError: tiles that are cut so do not lie there.
        """
        self._tiles = tiles
        self._steps = 1 if tiling == "geodetic" else 0
        west, east, north, south = span
        half = 1 << (zoom + self._steps - 1) if zoom + self._steps else 0
        self._is_from_south = self._steps == 0 and half > 0 and north >= half
        if east >= 2 * half or south - (half if self._is_from_south else 0) >= half or west < 0:
            raise ValueError(tiling)

    def _place(self, zoom: int, row: int) -> tuple[int, int]:
        """Zoom and row as the file counts them; here and there from the north."""
        return zoom - self._steps, row + (1 << (zoom - 1) if self._is_from_south else 0)

    def tile(self, zoom: int, column: int, row: int) -> bytes | None:
        """See ``TileSource``."""
        if zoom < 1:
            return None
        own_zoom, own_row = self._place(zoom, row)
        return self._tiles.tile(own_zoom, column, own_row)

    def zooms(self) -> tuple[int, ...]:
        """See ``TileSource``."""
        return tuple(zoom + self._steps for zoom in self._tiles.zooms() if zoom + self._steps > 0)

    def span(self, zoom: int) -> Span | None:
        """See ``TileSource``."""
        own_zoom, less = self._place(zoom, 0)
        found = self._tiles.span(own_zoom)
        return None if found is None else (found[0], found[1], found[2] - less, found[3] - less)

    def count(self, zoom: int, span: Span) -> int:
        """See ``TileSource``."""
        west, east, north, south = span
        own_zoom, more = self._place(zoom, 0)
        return self._tiles.count(own_zoom, (west, east, north + more, south + more))

    def facts(self) -> dict[str, str]:
        """See ``TileSource``."""
        return self._tiles.facts()

    def close(self) -> None:
        """See ``TileSource``."""
        self._tiles.close()


def as_cut(source: MapSource, tiles: TileSource) -> TileSource:
    """The open package, read as it was cut.

    Raises:
        BrokenPackage: how it was cut cannot be known, or it is damaged.
    """
    zooms = tiles.zooms()
    span = tiles.span(zooms[-1]) if zooms else None
    if span is None or source.tiling == "mercator":
        return tiles
    facts, file = tiles.facts(), source.path.name
    ways = {way: cut for way in _BY_DEGREES if (cut := _cut(tiles, way, span, zooms[-1])) is not None}
    if source.tiling is not None:
        if source.tiling not in ways:
            raise BrokenPackage("tiling", file=file, said=source.tiling)
        return ways[source.tiling]
    told = _told(facts)
    if told and not _MERCATOR.search(told) and not _DEGREES.search(told):
        raise BrokenPackage("reference", file=file, said=told)
    areas = {way: _area(source, cut) for way, cut in ways.items()}
    is_told = bool(told) and not _MERCATOR.search(told)
    found = _chosen(facts, areas, _mercator_area(source, span, zooms[-1]), is_told=is_told)
    if found == "unclear":
        raise BrokenPackage("tiling", file=file, said=told or "—")
    return tiles if found == "mercator" else ways[found]


def _chosen(
    facts: Mapping[str, str], areas: Mapping[Tiling, Area], mercator: Area | None, *, is_told: bool
) -> Tiling | Literal["unclear"]:
    """Which way of cutting puts the tiles where the file says that they lie; ``unclear`` where that does not tell.

    ``is_told``: the file says that it is cut by degrees.  Many that say so mean only their bounds.
    """
    bounds = _bounds(facts)
    if bounds is not None:
        if mercator is not None and _are_alike(mercator, bounds):
            return "mercator"
        alike = [way for way, area in areas.items() if _are_alike(area, bounds)]
        if len(alike) == 1:
            return alike[0]
        if is_told:  # cut by steps of its own, perhaps
            return "unclear"
    in_china = [way for way, area in areas.items() if _lies_within(area, _CHINA)]
    if is_told:
        return in_china[0] if len(in_china) == 1 else "unclear"
    is_strange = mercator is None or not _lies_within(mercator, _CHINA)
    return "unclear" if is_strange and in_china else "mercator"


def _cut(tiles: TileSource, tiling: Tiling, span: Span, zoom: int) -> ByDegrees | None:
    try:
        return ByDegrees(tiles, tiling, span, zoom)
    except ValueError:
        return None


def _told(facts: Mapping[str, str]) -> str:
    """What the file says of its reference system, empty where it says nothing."""
    lower = {name.lower(): value for name, value in facts.items()}
    return plain(next((lower[name] for name in _NAMES if lower.get(name)), ""), 60)


def _bounds(facts: Mapping[str, str]) -> Area | None:
    try:
        west, south, east, north = (float(part) for part in facts.get("bounds", "").split(","))
    except ValueError:
        return None
    is_good = -180 <= west < east <= 180 and -90 <= south < north <= 90
    return (west, south, east, north) if is_good and east - west < _TELLING_DEG else None


def _area(source: MapSource, cut: ByDegrees) -> Area:
    zoom = cut.zooms()[-1]
    return area_of(cut.span(zoom) or (0, 0, 0, 0), zoom, source.datum, "degrees")


def _mercator_area(source: MapSource, span: Span, zoom: int) -> Area | None:
    return None if span[1] >> zoom or span[3] >> zoom else area_of(span, zoom, source.datum)


def _are_alike(one: Area, other: Area) -> bool:
    """Whether two areas are about the same: they share much of the larger.  A tile may stand out on every side."""
    width, height = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    larger = max((area[2] - area[0]) * (area[3] - area[1]) for area in (one, other))
    return width > 0 and height > 0 and width * height >= _ALIKE * larger


def _lies_within(area: Area, other: Area) -> bool:
    return area[0] >= other[0] and area[1] >= other[1] and area[2] <= other[2] and area[3] <= other[3]
