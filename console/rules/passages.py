"""Who drove a road from end to end: proof that it can be driven, from the tracks of this vehicle and the teams.

A road is walked off at up to ``STATIONS`` stations.  A run begins at either end and is a passage at the other when at
least ``SHARE`` of the stations were touched, in order.  Two fixes in a row are one leg where they are close enough in
time; beyond that nobody knows where one was between, and the run is over.  Turning back takes off what is driven back,
and a way around ends the run, so that two halves never make a whole.

**Assumed:** a fix at least every two minutes; what is wrong by more than the tolerance proves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import cos, hypot, inf, radians
from typing import NamedTuple

from console.geodesy import METRES_PER_DEGREE, rough_distance_m
from console.map_marks import Vertex
from console.road_facts import Passage
from console.road_tables import MoverTable, RoadTable, RunTable
from console.tables import Tables
from console.team_tables import TeamTable
from devices.driver import NS_PER_S
from devices.observations import Position

STATIONS = 60
STATION_M = 10.0
SHARE = 0.8
LEG_NS = 120 * NS_PER_S
FASTEST_MPS = 60.0
STEP_M = 10.0
OWN = ""
"""This vehicle, among those who move."""

_TRUSTED = ("wgs84", "cgcs2000")
_TOLD_NS = 600 * NS_PER_S
_MOVERS = 300


class Leg(NamedTuple):
    """From one fix to the next, degrees."""

    a_lat_deg: float
    a_lon_deg: float
    b_lat_deg: float
    b_lon_deg: float

    def length_m(self) -> float:
        """How long it is."""
        return rough_distance_m(*self)


def move_own(tables: Tables, position: Position, at_ns: int) -> None:
    """This vehicle is there."""
    _move(tables, OWN, Passage(team_id=None, name="", at_ns=at_ns), position)


def move_team(tables: Tables, team: TeamTable, position: Position) -> None:
    """A team's new place.  Only one on the ground that the file names proves a road: no drone, no boat, no guest."""
    configuration = team.configuration
    if configuration.moves != "ground" or team.is_guest or team.fix_ns is None or team.position is not position:
        return
    passage = Passage(team_id=configuration.id, name=configuration.name, at_ns=team.fix_ns)
    _move(tables, configuration.id, passage, position)


def _move(tables: Tables, mover_id: str, passage: Passage, position: Position) -> None:
    lat_deg, lon_deg, at_ns = position.lat_deg, position.lon_deg, passage.at_ns
    if not tables.roads or lat_deg is None or lon_deg is None or position.is_stored:
        return
    if position.datum not in _TRUSTED:
        return
    leg = _leg(tables, mover_id, lat_deg, lon_deg, at_ns)
    if leg is None:
        return
    for road in tables.roads.values():
        tolerance_m = tolerance_of(road.length_m, tables.configuration.road_rules.tolerance_m)
        if (position.accuracy_m or 0.0) > tolerance_m:
            _forget(road, mover_id)
        elif _is_near(road, leg, tolerance_m):
            _drive(tables, road, leg, passage, mover_id, tolerance_m)
        elif road.runs:
            _leave(road, leg.length_m(), mover_id, tolerance_m)


def tolerance_of(length_m: float, configured_m: float) -> float:
    """How far from its line one still drives on it: on a short bridge less, or who passes by its end would be on it."""
    return min(configured_m, length_m / 4)


def _leg(tables: Tables, mover_id: str, lat_deg: float, lon_deg: float, at_ns: int) -> Leg | None:
    """The way since the last fix, a point where that is too long ago; ``None``: it stands, or the fix is an old one."""
    before = tables.movers.get(mover_id)
    if before is None and len(tables.movers) >= _MOVERS:
        return None
    if before is not None and at_ns <= before.at_ns:
        return None
    here = MoverTable(lat_deg=lat_deg, lon_deg=lon_deg, at_ns=at_ns)
    if before is not None:
        distance_m = rough_distance_m(before.lat_deg, before.lon_deg, lat_deg, lon_deg)
        elapsed_ns = at_ns - before.at_ns
        if elapsed_ns <= LEG_NS and distance_m <= FASTEST_MPS * elapsed_ns / NS_PER_S + STEP_M:
            if distance_m < STEP_M:
                before.at_ns = at_ns
                return None
            tables.movers[mover_id] = here
            return Leg(before.lat_deg, before.lon_deg, lat_deg, lon_deg)
        for road in tables.roads.values():
            _forget(road, mover_id)
    tables.movers[mover_id] = here
    return Leg(lat_deg, lon_deg, lat_deg, lon_deg)


def _forget(road: RoadTable, mover_id: str) -> None:
    road.runs.pop(f"{mover_id}>", None)
    road.runs.pop(f"{mover_id}<", None)


def _is_near(road: RoadTable, leg: Leg, tolerance_m: float) -> bool:
    south, west, north, east = road.box_deg
    slack = 2 * tolerance_m / METRES_PER_DEGREE
    return (
        min(leg.a_lat_deg, leg.b_lat_deg) <= north + slack
        and max(leg.a_lat_deg, leg.b_lat_deg) >= south - slack
        and min(leg.a_lon_deg, leg.b_lon_deg) <= east + 2 * slack
        and max(leg.a_lon_deg, leg.b_lon_deg) >= west - 2 * slack
    )


def _leave(road: RoadTable, length_m: float, mover_id: str, tolerance_m: float) -> None:
    for sign in "><":
        run = road.runs.get(f"{mover_id}{sign}")
        if run is not None:
            run.off_m += length_m
            if run.off_m > _most_off_m(road, tolerance_m):
                del road.runs[f"{mover_id}{sign}"]


def _most_off_m(road: RoadTable, tolerance_m: float) -> float:
    return max((1 - SHARE) * road.length_m, 2 * tolerance_m)


def _drive(tables: Tables, road: RoadTable, leg: Leg, passage: Passage, mover_id: str, tolerance_m: float) -> None:
    stations = stations_of(road.line, road.length_m)
    last = len(stations) - 1
    away_m = [_away_m(station, leg) for station in stations]
    touched = [index for index, away in enumerate(away_m) if away <= tolerance_m]
    at_begin, at_end = (
        _nearest(stations, leg.a_lat_deg, leg.a_lon_deg),
        _nearest(stations, leg.b_lat_deg, leg.b_lon_deg),
    )
    if at_end.away_m > tolerance_m:
        _leave(road, leg.length_m(), mover_id, tolerance_m)
    ways = (
        (">", touched, at_begin.station, at_end.station),
        ("<", [last - index for index in reversed(touched)], last - at_begin.station, last - at_end.station),
    )
    for sign, reached, begin, end in ways:
        if _advance(road, f"{mover_id}{sign}", reached, begin, end, last):
            _prove(tables, road, passage)
            _forget(road, mover_id)
            return


def _advance(road: RoadTable, key: str, touched: Sequence[int], begin: int, end: int, last: int) -> bool:
    """Take a leg into the run of one direction; whether that was a passage."""
    run = road.runs.get(key)
    if end < begin:
        if run is not None:
            run.reached = min(run.reached, end)
            run.covered = min(run.covered, run.reached + 1)
        return False
    if touched and touched[0] == 0 and (run is None or run.reached <= 0):
        run = road.runs[key] = RunTable()
    if run is None:
        return False
    for index in touched:
        if index > run.reached:
            run.reached, run.covered = index, run.covered + 1
    if run.reached < last:
        return False
    del road.runs[key]
    return run.covered >= SHARE * (last + 1)


def _prove(tables: Tables, road: RoadTable, passage: Passage) -> None:
    if road.passage is not None and road.passage.at_ns >= passage.at_ns:
        return
    was, road.passage, road.is_expiry_told = road.passage, passage, False
    is_news = was is None or was.team_id != passage.team_id or passage.at_ns - road.told_ns >= _TOLD_NS
    if is_news:
        road.told_ns = passage.at_ns
        who = {"who": passage.name} if passage.name else {"@who": "road.own_vehicle"}
        args = {"road": road.configuration.name, **who}
        tables.note("road", road.configuration.id, "notice.road_passed", args, happened_ns=passage.at_ns)


# ---- the line


class _Nearest(NamedTuple):
    station: int
    away_m: float


def _nearest(stations: Sequence[Vertex], lat_deg: float, lon_deg: float) -> _Nearest:
    away = [rough_distance_m(lat_deg, lon_deg, *station) for station in stations]
    least = min(away)
    return _Nearest(away.index(least), least)


def _away_m(point: Vertex, leg: Leg) -> float:
    """How far a point is from a leg, on a local plane."""
    east = METRES_PER_DEGREE * cos(radians(point.lat_deg))
    ax, ay = (leg.a_lon_deg - point.lon_deg) * east, (leg.a_lat_deg - point.lat_deg) * METRES_PER_DEGREE
    bx, by = (leg.b_lon_deg - point.lon_deg) * east, (leg.b_lat_deg - point.lat_deg) * METRES_PER_DEGREE
    square = (bx - ax) ** 2 + (by - ay) ** 2
    share = 0.0 if square == 0 else max(0.0, min(1.0, -(ax * (bx - ax) + ay * (by - ay)) / square))
    return hypot(ax + share * (bx - ax), ay + share * (by - ay))


def box_of(line: Sequence[Vertex]) -> tuple[float, float, float, float]:
    """South, west, north, east."""
    lats, lons = [one.lat_deg for one in line], [one.lon_deg for one in line]
    return (min(lats), min(lons), max(lats), max(lons)) if line else (inf, inf, -inf, -inf)


@lru_cache(maxsize=256)
def stations_of(line: tuple[Vertex, ...], length_m: float) -> tuple[Vertex, ...]:
    """Equally far apart along the line, both ends among them."""
    count = max(2, min(STATIONS, round(length_m / STATION_M) + 1))
    step_m = length_m / (count - 1)
    found, done_m = [line[0]], 0.0
    for a, b in pairwise(line):
        leg_m = rough_distance_m(*a, *b)
        while len(found) < count - 1 and leg_m > 0 and step_m * len(found) <= done_m + leg_m:
            share = (step_m * len(found) - done_m) / leg_m
            lat_deg = a.lat_deg + share * (b.lat_deg - a.lat_deg)
            found.append(Vertex(lat_deg, a.lon_deg + share * (b.lon_deg - a.lon_deg)))
        done_m += leg_m
    return (*found, line[-1])
