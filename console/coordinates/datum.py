"""GCJ-02 and BD-09, the shifted coordinates of Chinese web maps and phones, to and from WGS-84.

About 580 m off in Henan.  Never used for anything inside: only for what people type and for maps that are drawn so.

**Source:** the official algorithm is not public; this is the published reverse-engineered one, in which gcoord and
coordtransform (npm) and coordTransform (PyPI) agree to the last digit.
**Assumed:** outside of the rectangle that this algorithm calls China nothing is shifted.  The rectangle is wide: it
also covers Mongolia, Korea and the north of India, where web maps in truth do not shift.
"""

from __future__ import annotations

from collections.abc import Callable
from math import atan2, cos, pi, radians, sin, sqrt

Shift = Callable[[float, float], tuple[float, float]]

_SEMI_MAJOR_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943
_SHIFTED_LATS_DEG = (0.8293, 55.8271)
_SHIFTED_LONS_DEG = (72.004, 137.8347)
_BAIDU_WAVE = pi * 3000.0 / 180.0
_MOST_ROUNDS = 12
_SETTLED_DEG = 1e-12


def is_shifted(lat_deg: float, lon_deg: float) -> bool:
    """Whether Chinese web maps shift this place (by the public algorithm's rectangle)."""
    (south, north), (west, east) = _SHIFTED_LATS_DEG, _SHIFTED_LONS_DEG
    return south <= lat_deg <= north and west <= lon_deg <= east


def gcj02_of(lat_deg: float, lon_deg: float) -> tuple[float, float]:
    """WGS-84 latitude and longitude in degrees as GCJ-02 ones."""
    if not is_shifted(lat_deg, lon_deg):
        return lat_deg, lon_deg
    x, y = lon_deg - 105.0, lat_deg - 35.0
    wave = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + wave
    north_m += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north_m += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + wave
    east_m += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east_m += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    lat = radians(lat_deg)
    bend = 1.0 - _ECCENTRICITY_SQUARED * sin(lat) ** 2
    meridian_m = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_SQUARED) / (bend * sqrt(bend)) * pi / 180.0
    parallel_m = _SEMI_MAJOR_M / sqrt(bend) * cos(lat) * pi / 180.0
    return lat_deg + north_m / meridian_m, lon_deg + east_m / parallel_m


def bd09_of(lat_deg: float, lon_deg: float) -> tuple[float, float]:
    """WGS-84 latitude and longitude in degrees as BD-09 ones (Baidu): GCJ-02, turned and shifted once more."""
    if not is_shifted(lat_deg, lon_deg):
        return lat_deg, lon_deg
    y, x = gcj02_of(lat_deg, lon_deg)
    radius = sqrt(x * x + y * y) + 0.000_02 * sin(y * _BAIDU_WAVE)
    angle = atan2(y, x) + 0.000_003 * cos(x * _BAIDU_WAVE)
    return radius * sin(angle) + 0.006, radius * cos(angle) + 0.0065


def wgs84_of_gcj02(lat_deg: float, lon_deg: float) -> tuple[float, float]:
    """GCJ-02 latitude and longitude in degrees as WGS-84 ones: the shift undone to less than 1 mm."""
    return _undone(gcj02_of, lat_deg, lon_deg)


def wgs84_of_bd09(lat_deg: float, lon_deg: float) -> tuple[float, float]:
    """BD-09 latitude and longitude in degrees as WGS-84 ones: both shifts undone to less than 1 mm."""
    return _undone(bd09_of, lat_deg, lon_deg)


def _undone(shift: Shift, lat_deg: float, lon_deg: float) -> tuple[float, float]:
    """The place that ``shift`` brings here, by fixed-point iteration: the shift changes by < 1 % over its length."""
    lat, lon = lat_deg, lon_deg
    for _ in range(_MOST_ROUNDS):
        shifted_lat, shifted_lon = shift(lat, lon)
        lat_error, lon_error = lat_deg - shifted_lat, lon_deg - shifted_lon
        lat, lon = lat + lat_error, lon + lon_error
        if abs(lat_error) < _SETTLED_DEG and abs(lon_error) < _SETTLED_DEG:
            break
    return lat, lon
