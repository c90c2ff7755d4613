"""Where simulated people walk: on circles around a place, a pure function of time, so that any two plays are alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

from devices.driver import NS_PER_S, Settings

EARTH_M = 6_371_008.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody is, and how he moves."""

    lat_deg: float
    lon_deg: float
    speed_mps: float
    course_deg: float


class Walk:
    """Everybody on a circle of his own around ``lat_deg``, ``lon_deg`` of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._lat_deg = float(settings.get("lat_deg", 34.3956))
        self._lon_deg = float(settings.get("lon_deg", 113.7394))
        self._speed_mps = float(settings.get("speed_mps", 1.4))

    def at(self, number: int, at_ns: int) -> Place:
        """Where the ``number``-th of them is."""
        radius_m = 300.0 + 150.0 * number
        angle = (at_ns % (86_400 * NS_PER_S)) / NS_PER_S * self._speed_mps / radius_m + number
        north_m, east_m = radius_m * math.cos(angle), radius_m * math.sin(angle)
        return Place(
            lat_deg=round(self._lat_deg + math.degrees(north_m / EARTH_M), 6),
            lon_deg=round(self._lon_deg + math.degrees(east_m / (EARTH_M * math.cos(math.radians(self._lat_deg)))), 6),
            speed_mps=self._speed_mps,
            course_deg=round(math.degrees(angle) + 90.0, 1) % 360.0,
        )
