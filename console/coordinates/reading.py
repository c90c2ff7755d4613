"""One field for coordinates of any style: what a text may mean, the likeliest first, and what is doubtful about it.

Nothing is guessed in silence: where an order, a zone or a letter had to be assumed, the reading says so; where a text
means several places they are all given.  Shifted coordinates (GCJ-02, BD-09) are read only where the text names them:
nothing in the figures tells them from others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

from console.coordinates.beidou_grid import cell_of
from console.coordinates.datum import wgs84_of_bd09, wgs84_of_gcj02
from console.coordinates.grids import Kind, Zone, from_grid, gauss_zone, place_of_mgrs, utm_zone, zone_at, zone_of_epsg
from console.coordinates.writing import Datum, Quantity, Zoning, marked, pairs, plain, take_datum, take_zoning
from console.geodesy import METRES_PER_DEGREE, rough_distance_m
from console.picture import Text

Read = Literal["degrees", "dm", "dms", "gk3", "gk6", "utm", "mgrs", "beidou"]

NEAR = (34.396, 113.741)
"""Where figures without a zone are looked for while nobody knows better: the county this console was made for."""
MOST_READINGS = 6

_ZONE_DOUBT = "coordinates.doubt.zone."
_NEIGHBOURHOOD_M = 150_000.0
_ZONE_OVERLAP_DEG = 0.6
_BY_FIGURES: dict[int, Read] = {1: "degrees", 2: "dm", 3: "dms"}
_UTM_TEXT = re.compile(r"(?:UTM)?\s?(\d{1,2})\s?([C-HJ-NP-X])[\s,](.{5,})", re.ASCII)
_BANDS = "CDEFGHJKLMNPQRSTUVWX"
_LEAST_GRID_VALUE = 360.0
_ZONE_M = 1_000_000.0
_SIDES = {"north", "south", "east", "west"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """One reading: the place in WGS-84 degrees, the style and the datum it was written in, and what is doubtful.

    ``cell_m``: the side of the cell that a code names, whose middle the place is; ``None`` for a point.
    """

    style: Read
    lat_deg: float
    lon_deg: float
    datum: Datum
    doubts: tuple[Text, ...] = ()
    cell_m: float | None = None


def understand(text: str, near: tuple[float, float] | None = None) -> tuple[Understood, ...]:
    """Every place that ``text`` may mean, at most ``MOST_READINGS``; empty where it is none.

    ``near``: latitude and longitude of where one is.  Readings closer to it come first, and grid figures without a
    zone are read in the zones around it.
    """
    about = near or NEAR
    datum, rest = take_datum(plain(text))
    # Codes are looked for first: in them a D between figures is no degree.
    figures = marked(rest)
    found = list(chain(_codes(rest.upper()), _utm(figures), _pairs(figures, about)))
    if datum in {"gcj02", "bd09"}:
        found = [_unshifted(one, datum) for one in found if one.style in _BY_FIGURES.values()]
    elif datum is not None:
        found = [replace(one, datum=datum) for one in found]
    found.sort(key=lambda one: rough_distance_m(*about, one.lat_deg, one.lon_deg))
    readings = list(_distinct(found))
    close = [one for one in readings if rough_distance_m(*about, one.lat_deg, one.lon_deg) < _NEIGHBOURHOOD_M]
    # Figures without a zone fit one place in every zone: those far away are given only where none is close.
    return tuple(close + [one for one in readings if one not in close and not (close and _is_zone_assumed(one))])[
        :MOST_READINGS
    ]


def _is_zone_assumed(one: Understood) -> bool:
    return any(doubt.id.startswith(_ZONE_DOUBT) for doubt in one.doubts)


def _distinct(found: list[Understood]) -> Iterator[Understood]:
    seen = set()
    for one in found:
        key = (one.style, round(one.lat_deg, 9), round(one.lon_deg, 9))
        if key not in seen:
            seen.add(key)
            yield one


def _unshifted(one: Understood, datum: Datum) -> Understood:
    lat_deg, lon_deg = (wgs84_of_gcj02 if datum == "gcj02" else wgs84_of_bd09)(one.lat_deg, one.lon_deg)
    return replace(one, lat_deg=lat_deg, lon_deg=lon_deg, datum=datum)


# ---- codes


def _codes(text: str) -> Iterator[Understood]:
    code = re.sub(r"[\s,]", "", text)
    if cell := cell_of(code) if len(code) > 4 else None:
        yield Understood(
            style="beidou",
            lat_deg=cell.lat_deg,
            lon_deg=cell.lon_deg,
            datum="cgcs2000",
            cell_m=cell.height_deg * METRES_PER_DEGREE,
        )
    if square := place_of_mgrs(code):
        lat_deg, lon_deg, side_m = square
        yield Understood(style="mgrs", lat_deg=lat_deg, lon_deg=lon_deg, datum="wgs84", cell_m=side_m)


def _utm(text: str) -> Iterator[Understood]:
    """A zone with N or S or a latitude band before easting and northing: ``49N 751948 3809465``.

    S is the band of 32 to 40 degrees north, and is also written for "south": both are given, and said to be doubtful.
    """
    found = _UTM_TEXT.fullmatch(text)
    if found is None:
        return
    number, letter = int(found[1]), found[2]
    doubts = (Text(id="coordinates.doubt.letter"),) if letter == "S" else ()
    for is_southern in (False, True) if letter == "S" else (letter < "N",):
        zone = utm_zone(number, is_southern=is_southern)
        for one in _grid(found[3], (zone,) if zone else (), NEAR):
            if letter == "N" or is_southern or _band(one.lat_deg) == letter:
                yield replace(one, doubts=(*one.doubts, *doubts))


def _band(lat_deg: float) -> str:
    return _BANDS[max(0, min(len(_BANDS) - 1, int((lat_deg + 80) // 8)))]


# ---- pairs of figures


def _pairs(text: str, near: tuple[float, float]) -> Iterator[Understood]:
    zoning, rest = take_zoning(text)
    if zoning == Zoning():
        for left, right in pairs(rest):
            yield from _geographic(left, right)
        yield from _grid(rest, None, near)
    else:
        yield from _grid(rest, tuple(_zones(zoning)), near)


def _zones(zoning: Zoning) -> Iterator[Zone]:
    zone: Zone | None = None
    if zoning.epsg is not None:
        found = zone_of_epsg(zoning.epsg)
        zone = found[0] if found else None
    elif zoning.central_deg is not None and zoning.central_deg % 3 == 0:
        zone = gauss_zone("gk3", zoning.central_deg // 3)
    elif zoning.number is not None:
        zone = gauss_zone("gk3" if zoning.number >= 25 else "gk6", zoning.number)
    if zone is not None:
        yield zone


def _geographic(left: Quantity, right: Quantity) -> Iterator[Understood]:
    orders = [(lat, lon) for lat, lon in ((left, right), (right, left)) if _is_lat(lat) and _is_lon(lon)]
    has_axes = left.axis in _SIDES or right.axis in _SIDES
    style = _BY_FIGURES[max(len(left.figures), len(right.figures))]
    doubts = (Text(id="coordinates.doubt.order"),) if len(orders) > 1 and not has_axes else ()
    for lat, lon in orders:
        yield Understood(style=style, lat_deg=lat.value(), lon_deg=lon.value(), datum="wgs84", doubts=doubts)


def _is_lat(one: Quantity) -> bool:
    return one.axis not in {"east", "west"} and abs(one.value()) <= 90.0


def _is_lon(one: Quantity) -> bool:
    return one.axis not in {"north", "south"} and abs(one.value()) <= 180.0


def _grid(text: str, zones: tuple[Zone, ...] | None, near: tuple[float, float]) -> Iterator[Understood]:
    """Northing and easting in metres.  ``zones``: those that the text names; ``None`` where it names none."""
    for left, right in pairs(text):
        if any(one.has_marks or len(one.figures) > 1 or abs(one.value()) < _LEAST_GRID_VALUE for one in (left, right)):
            continue
        first, second = tuple(_placed(left, right, zones, near)), tuple(_placed(right, left, zones, near))
        order = (Text(id="coordinates.doubt.axes"),) if first and second else ()
        yield from (replace(one, doubts=(*one.doubts, *order)) for one in (*first, *second))


def _placed(
    north: Quantity, east: Quantity, zones: tuple[Zone, ...] | None, near: tuple[float, float]
) -> Iterator[Understood]:
    if north.axis in {"east", "west"} or east.axis in {"north", "south"}:
        return
    # In Chinese surveying X is north; programs write it the other way round, and then only the figures tell.
    is_turned = north.axis == "y" or east.axis == "x"
    for zone, easting_m, is_assumed in _eastings(east.value(), zones, near):
        place = from_grid(zone, easting_m, north.value())
        if place is None or (
            zones is None and abs(place[1] - zone.central_deg) > zone.half_width_deg + _ZONE_OVERLAP_DEG
        ):
            continue
        doubts = [Text(id="coordinates.doubt.turned")] if is_turned else []
        if is_assumed:
            doubts.append(Text(id=f"{_ZONE_DOUBT}{zone.kind}", args={"central": zone.central_deg}))
        datum: Datum = "wgs84" if zone.kind == "utm" else "cgcs2000"
        yield Understood(style=zone.kind, lat_deg=place[0], lon_deg=place[1], datum=datum, doubts=tuple(doubts))


def _eastings(
    value_m: float, zones: tuple[Zone, ...] | None, near: tuple[float, float]
) -> Iterator[tuple[Zone, float, bool]]:
    """Zones and eastings without number that a written easting may mean, and whether the zone is an assumption."""
    number, easting_m = divmod(value_m, _ZONE_M)
    if number:
        named = gauss_zone("gk3" if number >= 25 else "gk6", int(number))
        if named is not None and (zones is None or named in zones):
            yield named, easting_m, False
    elif zones is not None:
        yield from ((zone, easting_m, False) for zone in zones)
    else:
        yield from ((zone, easting_m, True) for zone in _zones_around(near))


def _zones_around(near: tuple[float, float]) -> Iterator[Zone]:
    lat_deg, lon_deg = near
    kinds: tuple[Kind, ...] = ("gk3", "gk6", "utm")
    for kind in kinds:
        found = {zone_at(kind, lat_deg, lon_deg + step) for step in (-2.0, 0.0, 2.0)}
        yield from sorted((zone for zone in found if zone), key=lambda zone: abs(zone.central_deg - lon_deg))
