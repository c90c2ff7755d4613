"""Whether radio gets from one antenna to another: the ground between them, the curved earth, the Fresnel zone.

The ray is drawn straight over an earth 4/3 as large (standard refraction); 0.6 of the first Fresnel zone must be
clear for a link to be called clear.  What is in the way is told as one knife edge.  Houses and trees are not in the
heights: a clear path is clear of ground, no more.

**Source:** ITU-R P.530, planning criteria for path clearance (4/3 earth, 0.6 F1); ITU-R P.526, Fresnel ellipsoids and
single knife-edge obstacle.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10, sqrt
from typing import Literal, Protocol

import numpy as np
from geographiclib.geodesic import Geodesic

from console.terrain.heights import Floats

EARTH_RADIUS_M = 6_371_000.0
EFFECTIVE_RADIUS_M = EARTH_RADIUS_M * 4.0 / 3.0
CLEAR_SHARE = 0.6
MOST_DISTANCE_M = 200_000.0
_LIGHT_MPS = 299_792_458.0
_STEP_M = 30.0
_MOST_STEPS = 2_000
_LEAST_STEPS = 16
_FREE_ABOVE = -0.78
"""The diffraction parameter below which an edge costs nothing."""

Verdict = Literal["clear", "partly", "blocked", "unknown"]
Degrees = tuple[float, float]


class Heights(Protocol):
    """Where heights come from."""

    def heights_m(self, lats_deg: Floats, lons_deg: Floats) -> Floats:
        """Heights in metres; NaN where unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The ground along a line: metres from its begin, and heights (NaN: unknown)."""

    distances_m: Floats
    heights_m: Floats

    @property
    def length_m(self) -> float:
        """From end to end."""
        return float(self.distances_m[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a profile lets through.

    ``verdict``: clear; partly (the ray passes, 0.6 of the first Fresnel zone does not); blocked; unknown (heights are
    missing, and what is known does not block it).  ``worst_m`` from the begin the clearance in parts of the Fresnel
    radius is least, ``worst_share`` (below zero: the ground stands above the ray) and ``worst_clearance_m`` there;
    ``edge_loss_db`` is what this one edge costs more than free space.  ``unknown_percent`` of the line has no heights.
    ``ray_m`` and ``bulge_m`` are heights along the line: of the ray, and what the curve of the earth adds to the
    ground; ``fresnel_m`` is the radius of the first zone.
    """

    verdict: Verdict
    profile: Profile
    frequency_mhz: float
    ray_m: Floats
    bulge_m: Floats
    fresnel_m: Floats
    worst_m: float | None
    worst_share: float | None
    worst_clearance_m: float | None
    edge_loss_db: float | None
    unknown_percent: float


def profile_between(ground: Heights, begin: Degrees, end: Degrees) -> Profile:
    """The ground along the geodesic, every 30 m or in 2,000 steps.

    Raises:
        ValueError: farther than ``MOST_DISTANCE_M``.
    """
    line = Geodesic.WGS84.InverseLine(*begin, *end)
    if line.s13 > MOST_DISTANCE_M:
        raise ValueError(f"{line.s13:.0f} m is no radio path")
    steps = min(_MOST_STEPS, max(_LEAST_STEPS, round(line.s13 / _STEP_M)))
    distances_m = np.linspace(0.0, line.s13, steps + 1)
    places = [line.Position(float(one)) for one in distances_m]
    lats = np.array([place["lat2"] for place in places])
    lons = np.array([place["lon2"] for place in places])
    return Profile(distances_m=distances_m, heights_m=ground.heights_m(lats, lons))


def judge_link(profile: Profile, frequency_mhz: float, begin_antenna_m: float, end_antenna_m: float) -> Link:
    """What this ground lets through at a frequency, between antennas so high above the ground at either end."""
    near, heights = profile.distances_m, profile.heights_m
    length_m = profile.length_m
    far = length_m - near
    bulge = near * far / (2.0 * EFFECTIVE_RADIUS_M)
    begin_m, end_m = heights[0] + begin_antenna_m, heights[-1] + end_antenna_m
    ray = begin_m + (end_m - begin_m) * near / max(length_m, 1.0)
    wave_m = _LIGHT_MPS / (frequency_mhz * 1e6)
    fresnel = np.sqrt(wave_m * near * far / max(length_m, 1.0))
    clearance = ray - heights - bulge
    inner = slice(1, -1)
    share = clearance[inner] / np.maximum(fresnel[inner], 1e-6)
    is_known = ~np.isnan(share)
    worst = int(np.nanargmin(share)) + 1 if is_known.any() else None
    worst_share = None if worst is None else float(share[worst - 1])
    is_whole = not np.isnan(heights).any()
    return Link(
        verdict=_verdict(worst_share, is_whole=is_whole),
        profile=profile,
        frequency_mhz=frequency_mhz,
        ray_m=ray,
        bulge_m=bulge,
        fresnel_m=fresnel,
        worst_m=None if worst is None else float(near[worst]),
        worst_share=worst_share,
        worst_clearance_m=None if worst is None else float(clearance[worst]),
        edge_loss_db=None if worst_share is None else edge_loss_db(worst_share),
        unknown_percent=float(np.isnan(heights).mean() * 100.0),
    )


def _verdict(worst_share: float | None, *, is_whole: bool) -> Verdict:
    if worst_share is not None and worst_share < 0:
        return "blocked"  # more ground could only block it more
    if worst_share is None or not is_whole:
        return "unknown"
    return "clear" if worst_share >= CLEAR_SHARE else "partly"


def edge_loss_db(share: float) -> float:
    """What a knife edge costs in dB where the clearance is ``share`` of the first Fresnel radius (negative: above)."""
    parameter = -sqrt(2.0) * share
    if parameter <= _FREE_ABOVE:
        return 0.0
    return 6.9 + 20.0 * log10(sqrt((parameter - 0.1) ** 2 + 1.0) + parameter - 0.1)
