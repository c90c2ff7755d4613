"""What a tool of the map was pointed at: the vehicle, a base station, a team, or a bare place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF

from console.geodesy import distance_and_bearing
from console.picture import Picture, Place
from console.surroundings import Surroundings
from console.views.judgement import is_place_old, own_place, place_age_ns
from console.views.situation.projection import View
from console.views.situation.vehicle import is_own_place_old
from console.views.speech import Speech

Kind = Literal["vehicle", "station", "team", "point"]
Degrees = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """What was meant.  A team and the vehicle are followed: their place is looked up when it is needed."""

    kind: Kind
    id: str = ""
    degrees: Degrees | None = None


VEHICLE = Spot(kind="vehicle")


def place_of(spot: Spot, picture: Picture) -> Degrees | None:
    """Latitude and longitude now known of it; ``None`` where they are not."""
    if spot.kind in ("point", "station"):
        return spot.degrees
    place = _moving(spot, picture)
    return None if place is None else (place.lat_deg, place.lon_deg)


def _moving(spot: Spot, picture: Picture) -> Place | None:
    if spot.kind == "vehicle":
        return own_place(picture)
    return next((team.place for team in picture.teams if team.id == spot.id), None)


def name_of(spot: Spot, picture: Picture, surroundings: Surroundings, speech: Speech, now_ns: int) -> str:
    """Who it is; where its place is old, with the age: an old place must not be measured as if it were current."""
    if spot.kind == "point":
        return speech.say("situation.spot.point")
    if spot.kind == "station":
        return next((station.name for station in surroundings.stations if station.id == spot.id), spot.id)
    place = _moving(spot, picture)
    team = next((team for team in picture.teams if team.id == spot.id), None) if spot.kind == "team" else None
    name = (
        team.name if team else speech.say("situation.map.vehicle" if spot.kind == "vehicle" else "situation.spot.gone")
    )
    if place is None:
        return f"{name} {speech.say('situation.map.no_place')}"
    is_old = is_place_old(team, now_ns) if team else is_own_place_old(place, now_ns)
    if not is_old:
        return name
    return speech.say("situation.spot.old", name=name, age=speech.age(place_age_ns(place, now_ns)))


def spot_at(point: QPointF, view: View, picture: Picture | None, surroundings: Surroundings, reach_px: float) -> Spot:
    """What is drawn nearest within ``reach_px`` of a point; the place itself where nothing is."""
    found: list[tuple[float, Spot]] = []
    if picture is not None:
        spots = [VEHICLE, *(Spot(kind="team", id=team.id) for team in picture.teams if team.place is not None)]
        for spot in spots:
            place = place_of(spot, picture)
            if place is not None:
                found.append(((view.point(*place) - point).manhattanLength(), spot))
    for station in surroundings.stations:
        degrees = (station.lat_deg, station.lon_deg)
        spot = Spot(kind="station", id=station.id, degrees=degrees)
        found.append(((view.point(*degrees) - point).manhattanLength(), spot))
    near = min(found, key=lambda pair: pair[0], default=None)
    return near[1] if near and near[0] <= reach_px else Spot(kind="point", degrees=view.degrees_at(point))


def measured(begin: Degrees, end: Degrees, speech: Speech) -> tuple[float, str, str]:
    """Metres on the ellipsoid; the distance and the true bearing in words."""
    distance_m, bearing_deg = distance_and_bearing(*begin, *end)
    return distance_m, fine_distance(distance_m, speech), speech.bearing(bearing_deg)


def fine_distance(distance_m: float, speech: Speech) -> str:
    """As spoken everywhere, but to ten metres below ten kilometres."""
    return f"{distance_m / 1000:.2f} km" if 1000 <= distance_m < 10_000 else speech.distance(distance_m)
