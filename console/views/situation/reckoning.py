"""Questions to the heights of the ground, answered beside the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from console.bridge import Bridge
from console.ownmaps import own_heights
from console.terrain.heights import Ground, tile_name
from console.terrain.links import MOST_DISTANCE_M, Link, judge_link, profile_between
from console.terrain.viewshed import Viewshed, see
from console.trouble import OperatorError
from console.views.situation.spots import Degrees, Spot
from console.views.speech import Speech

SHED_RADIUS_M = 20_000.0
T = TypeVar("T")
Reason = Literal["no_folder", "no_place", "far", "no_heights", "trouble"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Two places with their antennas, ``height_m`` above the ground, and the frequency between them."""

    begin_deg: Degrees
    end_deg: Degrees
    begin_height_m: float
    end_height_m: float
    frequency_mhz: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """Why there is no answer: ``file`` is the height file that would be needed, ``trouble`` what stood in the way."""

    reason: Reason
    file: str = ""
    trouble: OperatorError | None = None


class Reckoning:
    """Holds the heights; they are read and used in the bridge's own thread alone."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._ground: Ground | None = None
        self.renew()

    def renew(self) -> None:
        """Heights were brought in: look again what is there.  The configured folder comes before what was imported."""
        own, folder = own_heights(), self._bridge.surroundings.folder
        folders = [*([] if folder is None else [folder]), *([own] if own.is_dir() else [])]
        self._ground = Ground(*folders) if folders else None

    def list_cells(self, on_answer: Callable[[tuple[str, ...] | OperatorError], None]) -> None:
        """The names of the square degrees that have heights, from south to north."""
        ground = self._ground
        if ground is None:
            on_answer(())
            return

        def work() -> tuple[str, ...]:
            return tuple(tile_name(*corner).removesuffix(".hgt") for corner in sorted(ground.corners()))

        self._bridge.reckon(work, on_answer)

    def height_of(self, spot: Spot) -> float:
        """The antenna above the ground: a station's own, the vehicle's, or one in a hand."""
        terrain = self._bridge.surroundings.terrain
        if spot.kind == "station":
            return next(one.height_m for one in self._bridge.surroundings.stations if one.id == spot.id)
        return terrain.vehicle_m if spot.kind == "vehicle" else terrain.handheld_m

    def frequency_of(self, spot: Spot) -> float:
        """A station's own frequency, else the configured one, in MHz."""
        stations = self._bridge.surroundings.stations
        found = next((one.frequency_mhz for one in stations if spot.kind == "station" and one.id == spot.id), None)
        return self._bridge.surroundings.terrain.frequency_mhz if found is None else found

    def judge(self, ends: Ends, on_answer: Callable[[Link | Nothing], None]) -> None:
        """The link between two ends, or why there is none."""
        ground = self._ground
        if ground is None:
            on_answer(Nothing(reason="no_folder"))
            return
        self._bridge.reckon(lambda: _judged(ground, ends), lambda told: on_answer(_answer(told)))

    def look(self, centre_deg: Degrees, antenna_m: float, on_answer: Callable[[Viewshed | Nothing], None]) -> None:
        """What is seen around a place by an antenna in a hand there, or why nothing can be said."""
        ground = self._ground
        if ground is None:
            on_answer(Nothing(reason="no_folder"))
            return
        target_m = self._bridge.surroundings.terrain.handheld_m

        def work() -> Viewshed | Nothing:
            shed = see(ground, centre_deg, SHED_RADIUS_M, antenna_m, target_m)
            return shed or _missing(ground, (centre_deg,))

        self._bridge.reckon(work, lambda told: on_answer(_answer(told)))


def _judged(ground: Ground, ends: Ends) -> Link | Nothing:
    try:
        profile = profile_between(ground, ends.begin_deg, ends.end_deg)
    except ValueError:
        return Nothing(reason="far", file=f"{MOST_DISTANCE_M / 1000:.0f}")
    link = judge_link(profile, ends.frequency_mhz, ends.begin_height_m, ends.end_height_m)
    if link.worst_share is None:
        return _missing(ground, (ends.begin_deg, ends.end_deg))
    return link


def _missing(ground: Ground, places: tuple[Degrees, ...]) -> Nothing:
    """Which file would be needed: one that is not there, or one that could not be used, or one with a hole."""
    for lat_deg, lon_deg in places:
        fault = next((one for corner, one in ground.faults.items() if _holds(corner, lat_deg, lon_deg)), None)
        if fault is not None:
            return Nothing(reason="trouble", trouble=fault)
    names = [tile_name(*place) for place in places if ground.height_m(*place) is None]
    return Nothing(reason="no_heights", file=names[0] if names else tile_name(*places[0]))


def _holds(corner: tuple[int, int], lat_deg: float, lon_deg: float) -> bool:
    return corner[0] <= lat_deg < corner[0] + 1 and corner[1] <= lon_deg < corner[1] + 1


def _answer(told: T | OperatorError) -> T | Nothing:
    return Nothing(reason="trouble", trouble=told) if isinstance(told, OperatorError) else told


def said_nothing(nothing: Nothing, speech: Speech) -> str:
    """Why there is no answer, in words."""
    if nothing.trouble is not None:
        return f"{speech.say('situation.reach.nothing.no_folder')} {speech.tell(nothing.trouble.text)}"
    return speech.say(f"situation.reach.nothing.{nothing.reason}", file=nothing.file)
