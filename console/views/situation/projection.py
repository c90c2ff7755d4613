"""Web Mercator for drawing: degrees to metres on the drawing plane, and those to pixels of a view.

For drawing only; distances are measured on the ellipsoid by console.geodesy.

**Source:** spherical Mercator with the radius 6,378,137 m (EPSG:3857).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import asinh, atan, cos, degrees, log2, pi, radians, sinh, tan

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF

from console.picture import TrailPoint

_RADIUS_M = 6_378_137.0
_M_PER_DEG = _RADIUS_M * pi / 180.0
_LAT_LIMIT_DEG = 85.0
_TILE_PX = 256.0
LEAST_ZOOM = 5.0
MOST_ZOOM = 18.0
_MOST_FITTED_ZOOM = 15.0


def to_plane(lat_deg: float, lon_deg: float) -> tuple[float, float]:
    """East and north in metres of the drawing plane."""
    lat = radians(max(-_LAT_LIMIT_DEG, min(_LAT_LIMIT_DEG, lat_deg)))
    return _RADIUS_M * radians(lon_deg), _RADIUS_M * asinh(tan(lat))


def to_points(places: Iterable[TrailPoint]) -> list[QPointF]:
    """Many places on the plane at once: whole trails are projected in the middle of a painting."""
    return [
        QPointF(_M_PER_DEG * place.lon_deg, _RADIUS_M * asinh(tan(radians(place.lat_deg))))
        if -_LAT_LIMIT_DEG < place.lat_deg < _LAT_LIMIT_DEG
        else QPointF(*to_plane(place.lat_deg, place.lon_deg))
        for place in places
    ]


def to_plane_arrays(
    lat_deg: npt.NDArray[np.float64], lon_deg: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """As ``to_plane`` for whole arrays; NaN stays NaN."""
    lat = np.radians(np.clip(lat_deg, -_LAT_LIMIT_DEG, _LAT_LIMIT_DEG))
    return _RADIUS_M * np.radians(lon_deg), _RADIUS_M * np.arcsinh(np.tan(lat))


def to_degrees(east_m: float, north_m: float) -> tuple[float, float]:
    """Latitude and longitude of a point of the drawing plane."""
    return degrees(atan(sinh(north_m / _RADIUS_M))), degrees(east_m / _RADIUS_M)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What part of the plane is seen: its centre, the zoom (whole numbers double the scale) and the size."""

    centre_east_m: float
    centre_north_m: float
    zoom: float
    width_px: float
    height_px: float

    @property
    def scale_px_per_m(self) -> float:
        """Pixels a metre of the plane."""
        return float(_TILE_PX * 2.0**self.zoom / (2.0 * pi * _RADIUS_M))

    def ground_px(self, distance_m: float, lat_deg: float) -> float:
        """How long a short distance on the ground is drawn: the plane stretches it with the latitude."""
        return distance_m * self.scale_px_per_m / cos(radians(lat_deg))

    def point(self, lat_deg: float, lon_deg: float) -> QPointF:
        """Where a place is drawn."""
        east_m, north_m = to_plane(lat_deg, lon_deg)
        return self.plane_point(east_m, north_m)

    def plane_point(self, east_m: float, north_m: float) -> QPointF:
        """Where a point of the plane is drawn."""
        scale = self.scale_px_per_m
        return QPointF(
            self.width_px / 2 + (east_m - self.centre_east_m) * scale,
            self.height_px / 2 - (north_m - self.centre_north_m) * scale,
        )

    def degrees_at(self, point: QPointF) -> tuple[float, float]:
        """Latitude and longitude drawn at ``point``."""
        scale = self.scale_px_per_m
        return to_degrees(
            self.centre_east_m + (point.x() - self.width_px / 2) / scale,
            self.centre_north_m - (point.y() - self.height_px / 2) / scale,
        )

    def panned(self, dx_px: float, dy_px: float) -> View:
        """The view after its content moved by so many pixels."""
        scale = self.scale_px_per_m
        return replace(
            self, centre_east_m=self.centre_east_m - dx_px / scale, centre_north_m=self.centre_north_m + dy_px / scale
        )

    def zoomed(self, steps: float, about: QPointF | None = None) -> View:
        """Zoomed by ``steps``, the place under ``about`` staying where it is."""
        fixed = about or QPointF(self.width_px / 2, self.height_px / 2)
        zoom = max(LEAST_ZOOM, min(MOST_ZOOM, self.zoom + steps))
        after = replace(self, zoom=zoom)
        moved = after.point(*self.degrees_at(fixed))
        return after.panned(fixed.x() - moved.x(), fixed.y() - moved.y())

    def resized(self, width_px: float, height_px: float) -> View:
        """The same centre in another size."""
        return replace(self, width_px=width_px, height_px=height_px)

    def centred(self, lat_deg: float, lon_deg: float) -> View:
        """The same scale about another place."""
        east_m, north_m = to_plane(lat_deg, lon_deg)
        return replace(self, centre_east_m=east_m, centre_north_m=north_m)

    def fitted(self, places: list[tuple[float, float]], margin_px: float, below_px: float = 0.0) -> View:
        """So that all places are seen with a margin around, and ``below_px`` more below; one alone at street scale."""
        if not places:
            return self
        points = [to_plane(lat, lon) for lat, lon in places]
        west, east = min(p[0] for p in points), max(p[0] for p in points)
        south, north = min(p[1] for p in points), max(p[1] for p in points)
        wide = max(1.0, self.width_px - 2 * margin_px) / max(1.0, east - west)
        high = max(1.0, self.height_px - 2 * margin_px - below_px) / max(1.0, north - south)
        zoom = log2(min(wide, high) * 2.0 * pi * _RADIUS_M / _TILE_PX)
        fitted = replace(
            self,
            centre_east_m=(west + east) / 2,
            centre_north_m=(south + north) / 2,
            zoom=max(LEAST_ZOOM, min(_MOST_FITTED_ZOOM, zoom)),
        )
        return fitted.panned(0.0, -below_px / 2)

    def rect(self) -> QRectF:
        """The whole view."""
        return QRectF(0, 0, self.width_px, self.height_px)
