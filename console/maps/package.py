"""One map package: what it is, what is truly in it, and whether it covers the ground one is going to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from console.maps.mbtiles import MbTiles
from console.maps.pmtiles import PmTiles
from console.maps.source import MOST_ZOOM, BrokenPackage, Projection, TileSource, tile_format
from console.maps.tiling import as_cut
from console.maps.warp import Area, area_of, span_over
from console.surroundings import Datum, MapSource

_MOST_TILES_CHECKED = 60_000
_DATUMS: dict[str, Datum] = {"wgs84": "wgs84", "cgcs2000": "cgcs2000", "gcj02": "gcj02", "bd09": "bd09"}
_ALIKE: dict[Datum, Datum] = {"cgcs2000": "wgs84"}
STREET_ZOOM = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What was found in a file.  ``area_deg`` and ``zooms`` come from its tiles, not from what it says of itself.

    ``date`` and the datum of ``source`` are the configured ones, else what the file says; empty and ``unknown`` when
    nobody said.  ``contradicted`` is another datum that the file says of itself than the configuration does.
    """

    source: MapSource
    zooms: tuple[int, ...]
    area_deg: Area | None
    date: str
    attribution: str
    size_bytes: int
    projection: Projection = "mercator"
    contradicted: Datum | None = None

    @property
    def lie(self) -> tuple[Datum, Projection]:
        """In what datum and plane its tiles were cut: what says where they lie."""
        return self.source.datum, self.projection


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many of the tiles over an area are there, of one zoom; ``wanted`` ``None``: too many to count."""

    zoom: int
    there: int
    wanted: int | None

    @property
    def is_whole(self) -> bool:
        """Whether none is missing."""
        return self.wanted is not None and self.there >= self.wanted


def open_source(source: MapSource) -> TileSource:
    """Open the file of a package, by what it is and not by its name.

    Raises:
        BrokenPackage: it cannot be used.
    """
    try:
        if source.path.exists() and not source.path.is_file():  # a pipe would hold the reader of all packages for ever
            raise BrokenPackage("no_package", file=source.path.name)
        with source.path.open("rb") as file:
            head = file.read(8)
    except (OSError, ValueError) as trouble:
        detail = getattr(trouble, "strerror", None) or str(trouble)
        raise BrokenPackage("unreadable", file=source.path.name, detail=detail) from trouble
    tiles: TileSource = PmTiles(source.path) if head.startswith(b"PMTiles") else MbTiles(source.path)
    try:
        return as_cut(source, tiles)
    except BaseException:
        tiles.close()
        raise


def inspect(source: MapSource, tiles: TileSource) -> Package:
    """What is in an open package.

    Raises:
        BrokenPackage: it is damaged, has no tiles, or none that are pictures.
    """
    zooms = tiles.zooms()
    if not zooms:
        raise BrokenPackage("empty", file=source.path.name)
    span = tiles.span(zooms[-1])
    if span is not None and span[1] >> zooms[-1]:
        raise BrokenPackage("tiling", file=source.path.name, said="—")  # no such column
    if span is not None:
        _refuse_strange_tiles(source, tiles, zooms[-1], span)
    facts = tiles.facts()
    told = _DATUMS.get(facts.get("datum", "").lower(), "unknown")
    is_other = "unknown" not in (told, source.datum) and _ALIKE.get(told, told) != _ALIKE.get(
        source.datum, source.datum
    )
    source = replace(source, datum=told) if source.datum == "unknown" else source
    if source.is_own:
        source = replace(source, name=facts.get("name") or source.path.stem)
    return Package(
        source=source,
        contradicted=told if is_other else None,
        zooms=zooms,
        area_deg=None if span is None else area_of(span, zooms[-1], source.datum, tiles.projection),
        date=source.date or facts.get("date", "") or facts.get("timestamp", ""),
        attribution=facts.get("attribution", ""),
        size_bytes=source.path.stat().st_size,
        projection=tiles.projection,
    )


def _refuse_strange_tiles(source: MapSource, tiles: TileSource, zoom: int, span: tuple[int, int, int, int]) -> None:
    """Vector tiles and other things that are no pictures would give an empty map without a word."""
    west, east, north, south = span
    places = [(west, north), ((west + east) // 2, (north + south) // 2), (east, south)]
    found: list[bytes] = []
    troubles: list[BrokenPackage] = []
    for column, row in places:
        try:
            octets = tiles.tile(zoom, column, row)
        except BrokenPackage as broken:
            # One bad page is no reason to do without the rest; only where nothing can be read there is no map.
            troubles.append(broken)
        else:
            found += [octets] if octets is not None else []
    if troubles and not found:
        raise troubles[0]
    if found and not any(tile_format(octets) for octets in found):
        raise BrokenPackage("no_pictures", file=source.path.name)


def coverage(package: Package, tiles: TileSource, area: Area) -> tuple[Coverage, ...]:
    """How far a package covers an area (WGS-84), for every zoom it has.

    Raises:
        BrokenPackage: it is damaged.
    """
    result = []
    for zoom in package.zooms:
        west, east, north, south = span = span_over(area, zoom, *package.lie)
        wanted = (east - west + 1) * (south - north + 1)
        is_countable = wanted <= _MOST_TILES_CHECKED
        there = tiles.count(zoom, span) if is_countable else 0
        result.append(Coverage(zoom=zoom, there=there, wanted=wanted if is_countable else None))
    return tuple(result)


def is_ready(covered: Sequence[Coverage], from_zoom: int) -> bool:
    """Whether one may leave: nothing is missing from ``from_zoom`` down to the scale of streets."""
    whole = {one.zoom for one in covered if one.is_whole}
    first = min(max(0, from_zoom), STREET_ZOOM, MOST_ZOOM)
    return whole >= set(range(first, STREET_ZOOM + 1))
