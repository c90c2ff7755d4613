"""What an antenna sees of the country around: rays outwards in all directions over an earth 4/3 as large.

Line of sight alone, without the Fresnel zone: a place that is not seen may still be heard by diffraction, and a place
that is seen only just loses up to 6 dB.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from math import ceil, cos, radians, sin, sqrt, tan

import numpy as np
from numpy.typing import NDArray

from console.terrain.heights import Floats
from console.terrain.links import EFFECTIVE_RADIUS_M, Degrees, Heights

MOST_RADIUS_M = 50_000.0
_STEP_M = 30.0
_MOST_STEPS = 1_000
_RAYS = 1_440
_SEMI_MAJOR_M = 6_378_137.0
_ECCENTRICITY_SQUARED = 0.006_694_379_990_14


class Sight(IntEnum):
    """What is known of one place.  Not seen is certain: the ground that is known already hides it."""

    UNKNOWN = 0
    SEEN = 1
    HIDDEN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewshed:
    """What is seen from ``centre_deg``: ``sights[ray, step]``, rays clockwise from north, steps outwards.

    ``antenna_m`` above the ground here, ``target_m`` there.  Shares are of the area within ``radius_m``.
    """

    centre_deg: Degrees
    radius_m: float
    antenna_m: float
    target_m: float
    sights: NDArray[np.uint8]
    seen_percent: float
    unknown_percent: float

    def at(self, distances_m: Floats, bearings_deg: Floats) -> NDArray[np.uint8]:
        """The sights of places so far and in this direction from the centre; beyond the radius unknown."""
        rays, steps = self.sights.shape
        ray = np.rint(bearings_deg / 360.0 * rays).astype(int) % rays
        step = np.rint(distances_m / self.radius_m * steps).astype(int) - 1
        sights = self.sights[ray, np.clip(step, 0, steps - 1)]
        return np.where(distances_m <= self.radius_m, sights, Sight.UNKNOWN).astype(np.uint8)


def see(ground: Heights, centre_deg: Degrees, radius_m: float, antenna_m: float, target_m: float) -> Viewshed | None:
    """Look around; ``None`` where the height of the ground at the centre is not known.

    Raises:
        ValueError: a radius of nothing, or above ``MOST_RADIUS_M``.
    """
    if not 0 < radius_m <= MOST_RADIUS_M:
        raise ValueError(f"no radius for a viewshed: {radius_m}")
    base_m = float(ground.heights_m(np.array([centre_deg[0]]), np.array([centre_deg[1]]))[0])
    if np.isnan(base_m):
        return None
    steps = min(_MOST_STEPS, max(1, ceil(radius_m / _STEP_M)))
    distances = np.arange(1, steps + 1) * (radius_m / steps)
    bearings = np.arange(_RAYS) * (2.0 * np.pi / _RAYS)
    heights = ground.heights_m(*around(centre_deg, distances[None, :], bearings[:, None]))
    sights = _sights(heights, distances, base_m + antenna_m, target_m)
    areas = np.broadcast_to(distances, sights.shape)
    return Viewshed(
        centre_deg=centre_deg,
        radius_m=radius_m,
        antenna_m=antenna_m,
        target_m=target_m,
        sights=sights,
        seen_percent=float(areas[sights == Sight.SEEN].sum() / areas.sum() * 100.0),
        unknown_percent=float(areas[sights == Sight.UNKNOWN].sum() / areas.sum() * 100.0),
    )


def _sights(heights_m: Floats, distances_m: Floats, eye_m: float, target_m: float) -> NDArray[np.uint8]:
    fall = distances_m / (2.0 * EFFECTIVE_RADIUS_M)
    slopes = (heights_m - eye_m) / distances_m - fall
    is_void = np.isnan(slopes)
    highest = np.maximum.accumulate(np.where(is_void, -np.inf, slopes), axis=1)
    before = np.concatenate([np.full((len(slopes), 1), -np.inf), highest[:, :-1]], axis=1)
    tops = slopes + target_m / distances_m
    sights = np.where(tops >= before, Sight.SEEN, Sight.HIDDEN).astype(np.uint8)
    # Beyond ground that is not known, only what known ground hides is certain.
    is_doubtful = np.logical_or.accumulate(is_void, axis=1)
    sights[is_doubtful & (is_void | (sights == Sight.SEEN))] = Sight.UNKNOWN
    return sights


def around(centre_deg: Degrees, distances_m: Floats, bearings_rad: Floats) -> tuple[Floats, Floats]:
    """Latitudes and longitudes so far and in these directions from a place, by Legendre's series to the third order.

    Within 5 m of the geodesic up to 50 km at the latitudes of China.
    """
    lat = radians(centre_deg[0])
    shrink = sqrt(1.0 - _ECCENTRICITY_SQUARED * sin(lat) ** 2)
    across_m = _SEMI_MAJOR_M / shrink
    along_m = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_SQUARED) / shrink**3
    north, east, bend = distances_m * np.cos(bearings_rad), distances_m * np.sin(bearings_rad), tan(lat)
    up = north - east**2 * bend / (2.0 * across_m) - east**2 * north * (1.0 + 3.0 * bend**2) / (6.0 * across_m**2)
    over = (
        east
        + east * north * bend / across_m
        + (east * north**2 * (1.0 + 3.0 * bend**2) - east**3 * bend**2) / (3.0 * across_m**2)
    )
    return centre_deg[0] + np.degrees(up / along_m), centre_deg[1] + np.degrees(over / (across_m * cos(lat)))
