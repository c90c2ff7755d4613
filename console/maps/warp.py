"""Where the tiles of a package lie on the ground, whatever datum they were drawn in.

Inside everything is WGS-84.  The tiles of a GCJ-02 or BD-09 map are shifted by some 580 m, and not by the same way
everywhere: over 40 km one shift for the whole map errs by tens of metres.  So every corner of every tile is put where
it belongs.  Neighbours share corners and leave no gap.  Over one tile the shift of GCJ-02 changes by less than 1 %,
that of BD-09 by 2 %: several pixels, so that such a tile is no longer an upright rectangle.
"""

from __future__ import annotations

from functools import lru_cache
from math import asinh, atan, degrees, pi, radians, sinh, tan

from console.coordinates.datum import bd09_of, gcj02_of, wgs84_of_bd09, wgs84_of_gcj02
from console.maps.source import Projection, Span
from console.surroundings import Datum

_RADIUS_M = 6_378_137.0
_HALF_M = pi * _RADIUS_M
_LAT_LIMIT_DEG = 85.0511

Area = tuple[float, float, float, float]
"""West, south, east, north in degrees, WGS-84."""


def to_source(lat_deg: float, lon_deg: float, datum: Datum) -> tuple[float, float]:
    """A WGS-84 place in the datum of a map.  One whose datum is unknown is taken as it is, and said to be unknown."""
    match datum:
        case "gcj02":
            return gcj02_of(lat_deg, lon_deg)
        case "bd09":
            return bd09_of(lat_deg, lon_deg)
        case _:
            return lat_deg, lon_deg


def from_source(lat_deg: float, lon_deg: float, datum: Datum) -> tuple[float, float]:
    """The way back."""
    match datum:
        case "gcj02":
            return wgs84_of_gcj02(lat_deg, lon_deg)
        case "bd09":
            return wgs84_of_bd09(lat_deg, lon_deg)
        case _:
            return lat_deg, lon_deg


@lru_cache(maxsize=8192)
def corner_m(
    zoom: int, column: float, row: float, datum: Datum, projection: Projection = "mercator"
) -> tuple[float, float]:
    """East and north, in metres of the drawing plane (spherical Mercator), of a tile's north-west corner.

    Parts of a row are places within a tile.
    """
    side = 2.0 * _HALF_M / (1 << zoom)
    east_m, north_m = column * side - _HALF_M, _HALF_M - row * side
    if datum not in ("gcj02", "bd09") and projection == "mercator":
        return east_m, north_m
    lat_deg, lon_deg = degrees(atan(sinh(north_m / _RADIUS_M))), degrees(east_m / _RADIUS_M)
    if projection == "degrees":
        lat_deg = max(-_LAT_LIMIT_DEG, min(_LAT_LIMIT_DEG, 90.0 - row * 360.0 / (1 << zoom)))
    lat_deg, lon_deg = from_source(lat_deg, lon_deg, datum)
    return _RADIUS_M * radians(lon_deg), _RADIUS_M * asinh(tan(radians(lat_deg)))


def tile_at(
    lat_deg: float, lon_deg: float, zoom: int, datum: Datum, projection: Projection = "mercator"
) -> tuple[int, int]:
    """Column and row of the tile under a WGS-84 place."""
    lat, lon = to_source(max(-_LAT_LIMIT_DEG, min(_LAT_LIMIT_DEG, lat_deg)), lon_deg, datum)
    most = 1 << zoom
    column = int((lon / 360.0 + 0.5) * most // 1)
    if projection == "degrees":
        rows, down = max(1, most // 2), (90.0 - lat) / 360.0
    else:
        rows, down = most, 0.5 - asinh(tan(radians(lat))) / (2.0 * pi)
    return max(0, min(most - 1, column)), max(0, min(rows - 1, int(down * most // 1)))


def span_over(area: Area, zoom: int, datum: Datum, projection: Projection = "mercator") -> Span:
    """The tiles that lie over an area."""
    west, south, east, north = area
    corners = [tile_at(lat, lon, zoom, datum, projection) for lat in (south, north) for lon in (west, east)]
    columns, rows = [column for column, _ in corners], [row for _, row in corners]
    return min(columns), max(columns), min(rows), max(rows)


def area_of(span: Span, zoom: int, datum: Datum, projection: Projection = "mercator") -> Area:
    """The area, WGS-84, that tiles lie over."""
    west, east, north, south = span
    places = [(column, row) for column in (west, east + 1) for row in (north, south + 1)]
    corners = [corner_m(zoom, column, row, datum, projection) for column, row in places]
    lons = [degrees(east_m / _RADIUS_M) for east_m, _ in corners]
    lats = [degrees(atan(sinh(north_m / _RADIUS_M))) for _, north_m in corners]
    return min(lons), min(lats), max(lons), max(lats)
