"""Grids in metres: Gauss-Krueger in zones of three and of six degrees, UTM, and MGRS.

X is north and Y is east in China's surveying habit, and the other way round in most programs: here nothing is called
x or y.  An easting with its zone's number before it has eight digits: 38,476,153 is zone 38 and 476,153.

114°E runs through Zhengzhou: UTM, MGRS and the six-degree zones change there, the three-degree zone 38 (central
meridian 114°, EPSG:4547, with the zone's number EPSG:4526) does not.

pyproj and mgrs are loaded with the first use, for they take a tenth of a second.  For one thread at a time.

**Source:** EPSG registry, CGCS2000 / 3-degree Gauss-Kruger (4513-4554), 6-degree (4491-4512), WGS 84 / UTM.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from math import floor, isfinite
from typing import TYPE_CHECKING, Literal, cast
from warnings import catch_warnings, simplefilter

if TYPE_CHECKING:
    from mgrs import MGRS
    from pyproj import Proj

Kind = Literal["gk3", "gk6", "utm"]

FALSE_EASTING_M = 500_000.0
_SOUTHERN_FALSE_NORTHING_M = 10_000_000.0
_ZONE_M = 1_000_000.0
_UTM_SOUTH_DEG, _UTM_NORTH_DEG = -80.0, 84.0
_MGRS_TEXT = re.compile(r"\d{1,2}[C-HJ-NP-X][A-HJ-NP-Z][A-HJ-NP-V](\d{2}|\d{4}|\d{6}|\d{8}|\d{10})", re.ASCII)
_SPACINGS_DEG: dict[Kind, int] = {"gk3": 3, "gk6": 6, "utm": 6}
_ELLIPSOIDS: dict[Kind, str] = {"gk3": "GRS80", "gk6": "GRS80", "utm": "WGS84"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One zone of a grid: its number (25..45 and 13..23 in China's Gauss-Krueger zones) and its meridian's longitude.

    ``is_southern`` only in UTM.
    """

    kind: Kind
    number: int
    central_deg: int
    is_southern: bool = False

    @property
    def half_width_deg(self) -> float:
        """From the central meridian to the edge."""
        return _SPACINGS_DEG[self.kind] / 2


def zone_at(kind: Kind, lat_deg: float, lon_deg: float) -> Zone | None:
    """The zone that a place lies in; ``None`` where the grid has none."""
    if kind == "utm":
        if not _UTM_SOUTH_DEG <= lat_deg <= _UTM_NORTH_DEG:
            return None
        return utm_zone(min(60, floor((lon_deg + 180.0) / 6.0) + 1), is_southern=lat_deg < 0)
    return gauss_zone(kind, floor(lon_deg / 3.0 + 0.5) if kind == "gk3" else floor(lon_deg / 6.0) + 1)


def gauss_zone(kind: Kind, number: int) -> Zone | None:
    """A Gauss-Krueger zone by its number; ``None`` outside of China's (75°E to 135°E)."""
    central_deg = number * 3 if kind == "gk3" else number * 6 - 3
    return Zone(kind=kind, number=number, central_deg=central_deg) if 75 <= central_deg <= 135 else None


def utm_zone(number: int, *, is_southern: bool) -> Zone | None:
    """A UTM zone by its number 1..60.  The exceptions of Norway and Svalbard are left out."""
    if not 1 <= number <= 60:
        return None
    return Zone(kind="utm", number=number, central_deg=number * 6 - 183, is_southern=is_southern)


def zone_of_epsg(code: int) -> tuple[Zone, bool] | None:
    """The zone of an EPSG code, and whether its eastings carry the zone's number; ``None`` for another code."""
    found: tuple[Zone | None, bool] = (None, False)
    if 4513 <= code <= 4533:
        found = (gauss_zone("gk3", code - 4513 + 25), True)
    elif 4534 <= code <= 4554:
        found = (gauss_zone("gk3", code - 4534 + 25), False)
    elif 4491 <= code <= 4501:
        found = (gauss_zone("gk6", code - 4491 + 13), True)
    elif 4502 <= code <= 4512:
        found = (gauss_zone("gk6", code - 4502 + 13), False)
    elif 32601 <= code <= 32660 or 32701 <= code <= 32760:
        found = (utm_zone(code % 100, is_southern=code > 32700), False)
    zone, has_number = found
    return None if zone is None else (zone, has_number)


def to_grid(zone: Zone, lat_deg: float, lon_deg: float) -> tuple[float, float] | None:
    """Easting (without the zone's number) and northing in metres; ``None`` too far from the zone's meridian.

    Too far is where the easting would run into the digits of the zone's number.
    """
    if abs(lon_deg - zone.central_deg) > 30 or not -90.0 < lat_deg < 90.0:
        return None
    easting_m, northing_m = _projection(zone)(lon_deg, lat_deg)
    return (easting_m, northing_m) if isfinite(northing_m) and 0.0 < easting_m < _ZONE_M else None


def from_grid(zone: Zone, easting_m: float, northing_m: float) -> tuple[float, float] | None:
    """Latitude and longitude in degrees of a grid place; ``None`` where no place on earth has these numbers."""
    if not (0.0 < easting_m < _ZONE_M and abs(northing_m) <= _SOUTHERN_FALSE_NORTHING_M):
        return None
    lon_deg, lat_deg = _projection(zone)(easting_m, northing_m, inverse=True)
    return (lat_deg, lon_deg) if isfinite(lat_deg) and isfinite(lon_deg) and abs(lat_deg) < 90.0 else None


def numbered(zone: Zone, easting_m: float) -> float:
    """An easting with the zone's number before it."""
    return zone.number * _ZONE_M + easting_m


@lru_cache(maxsize=64)
def _projection(zone: Zone) -> Proj:
    from pyproj import Proj  # noqa: PLC0415 - a tenth of a second, and most never ask for a grid

    return Proj(
        proj="tmerc",
        lat_0=0,
        lon_0=zone.central_deg,
        k=0.9996 if zone.kind == "utm" else 1.0,
        x_0=FALSE_EASTING_M,
        y_0=_SOUTHERN_FALSE_NORTHING_M if zone.is_southern else 0.0,
        ellps=_ELLIPSOIDS[zone.kind],
    )


@lru_cache(maxsize=1)
def _mgrs() -> MGRS:
    from mgrs import MGRS  # noqa: PLC0415 - native code, loaded with the first grid that is asked for

    return MGRS()


def mgrs_of(lat_deg: float, lon_deg: float, digits: int = 5) -> str | None:
    """The MGRS square that holds a place, ``digits`` 1..5 for each axis (5: metres); ``None`` near the poles."""
    if not _UTM_SOUTH_DEG <= lat_deg <= _UTM_NORTH_DEG:
        return None
    return cast("str", _mgrs().toMGRS(lat_deg, lon_deg, MGRSPrecision=digits))


def place_of_mgrs(text: str) -> tuple[float, float, float] | None:
    """Latitude and longitude of the middle of a square, and its side in metres; ``None`` where it is none.

    ``text`` in capitals without blanks.
    """
    found = _MGRS_TEXT.fullmatch(text)
    if found is None:
        return None
    from mgrs.core import MGRSError  # noqa: PLC0415 - as above

    # It warns where the latitude band does not fit the northing: then one of the two was mistyped.
    with catch_warnings(record=True) as warned:
        simplefilter("always")
        try:
            lat_deg, lon_deg = _mgrs().toLatLon(text)
        except MGRSError:
            return None
    if warned:
        return None
    return lat_deg, lon_deg, 10.0 ** (5 - len(found[1]) // 2)
