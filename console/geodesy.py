"""Distances and bearings on the ellipsoid.

Teams may stand on both sides of 114°E, where UTM and six-degree zones change: nothing here goes through a grid.
CGCS2000 and WGS-84 are taken as one ellipsoid (they differ by about 0.1 mm; the realisations by about 1 m).

**Source:** C. F. F. Karney, Algorithms for geodesics (2013), by the geographiclib package.
"""

from __future__ import annotations

from math import cos, hypot, radians

from geographiclib.geodesic import Geodesic

METRES_PER_DEGREE = 111_320.0


def rough_distance_m(from_lat_deg: float, from_lon_deg: float, to_lat_deg: float, to_lon_deg: float) -> float:
    """Distance on a local plane: for thresholds of metres, not for people.  Good to 1 % below 50 km."""
    north_m = (to_lat_deg - from_lat_deg) * METRES_PER_DEGREE
    east_m = (to_lon_deg - from_lon_deg) * METRES_PER_DEGREE * cos(radians(from_lat_deg))
    return hypot(north_m, east_m)


def distance_and_bearing(
    from_lat_deg: float, from_lon_deg: float, to_lat_deg: float, to_lon_deg: float
) -> tuple[float, float]:
    """Metres along the geodesic, and its azimuth at the start in degrees 0..360 clockwise from true north."""
    line = Geodesic.WGS84.Inverse(from_lat_deg, from_lon_deg, to_lat_deg, to_lon_deg)
    return float(line["s12"]), float(line["azi1"]) % 360.0
