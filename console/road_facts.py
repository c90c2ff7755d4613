"""What is known of roads, fords and bridges, and whether a way out of here is proven.  Part of the picture; pure.

A road is a link like any other: it has a state, proof of it, and a time after which nobody knows any more.  Proof is
what a person reported, or that somebody drove it from end to end.  Everything here is judged for a given moment from
stored times, so that nothing old can keep looking known.

**Assumed:** how long a word of a road is good for when nobody says (``GOOD_S``): water rises over a ford within the
hour, a road changes in hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

from console.geodesy import rough_distance_m
from console.map_marks import MapMark, Vertex, is_on_earth, is_unknown

RoadKind = Literal["road", "ford", "bridge"]
RoadState = Literal["open", "difficult", "closed", "unknown"]
"""``difficult``: passable for some, or with danger.  ``unknown``: nobody knows, or nobody knows any more."""

ROAD_KINDS: tuple[RoadKind, ...] = get_args(RoadKind)
ROAD_STATES: tuple[RoadState, ...] = get_args(RoadState)
GOOD_S: dict[RoadKind, float] = {"road": 21_600.0, "ford": 3_600.0, "bridge": 21_600.0}
ROADS = 100
_NS_PER_S = 1_000_000_000
LINE_VERTICES = 200
SHORTEST_M, LONGEST_M = 40.0, 200_000.0
RETREAT = "retreat"
"""The subject of the alarms of the own way out: there is one way out, whatever it consists of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a person said of a road: ``by`` wrote it down, ``source`` saw it at ``seen_ns``.

    ``since_ns``: the first of the reports, without another between, that said the same.
    """

    state: RoadState
    by: str
    source: str
    seen_ns: int
    since_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Somebody drove it from end to end and was at the end at ``at_ns``.

    ``team_id`` ``None``: this vehicle; empty: somebody of whom a file says so, ``name`` if it names him.
    """

    team_id: str | None
    name: str
    at_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadConfiguration:
    """A road as the file or an order has it: its line in WGS-84, ``is_exit`` an own way out.

    A word of it is good for ``expires_s``; ``forecast`` says what is expected of it, at ``forecast_ns`` if that is
    known.  ``state``, ``source`` and ``seen_ns`` are what was known of it when it was written down.
    """

    id: str
    name: str
    kind: RoadKind
    line: tuple[Vertex, ...]
    is_exit: bool = False
    expires_s: float = GOOD_S["road"]
    forecast: str = ""
    forecast_ns: int | None = None
    state: RoadState = "unknown"
    source: str = ""
    seen_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadRules:
    """The own way out is looked after: amber ``warn_s`` after its last proof, red after ``alarm_s``.

    ``tolerance_m``: how far from its line somebody still drives on a road; a quarter of its length at most.
    """

    warn_s: float = 7_200.0
    alarm_s: float = 10_800.0
    tolerance_m: float = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """A road and what is known of it.  ``is_added``: by an order, in no file.

    ``drawn_ns``: when ``drawn_by`` drew its line anew; what is older was known of another line.
    """

    id: str
    name: str
    kind: RoadKind
    line: tuple[Vertex, ...]
    length_m: float
    is_exit: bool
    report: Report | None
    passage: Passage | None
    expires_s: float
    forecast: str
    forecast_ns: int | None
    is_added: bool
    drawn_ns: int | None = None
    drawn_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a road is worth at one moment.

    ``state`` is what may be counted on now; ``last`` what was last known, the same until it expired.  ``last_ns`` is
    the newest word or passage; ``until_ns`` when nobody knows any more.  ``is_passage``: the newest is a passage.
    ``is_disputed``: it was driven after somebody had reported it closed.  ``is_forecast``: it ends, or ended, as
    foretold and not by its age.
    """

    state: RoadState
    last: RoadState
    last_ns: int | None
    until_ns: int | None
    is_passage: bool = False
    is_disputed: bool = False
    is_forecast: bool = False


def length_of(line: Sequence[Vertex]) -> float:
    """Metres along a line, good to 1 %."""
    return sum(rough_distance_m(*a, *b) for a, b in pairwise(line))


def is_line(line: Sequence[Vertex]) -> bool:
    """Whether this can be the line of a road: corners on the earth, long enough, and not endless."""
    is_some = 2 <= len(line) <= LINE_VERTICES and all(is_on_earth(*vertex) for vertex in line)
    return is_some and SHORTEST_M <= length_of(line) <= LONGEST_M


def standing(road: Road, now_ns: int) -> Standing:
    """Judge one road at ``now_ns``.

    A passage after a report of "closed" makes a road difficult, not open: one vehicle got through.
    """
    report, passage = road.report, road.passage
    if report is None and passage is None:
        return Standing(state="unknown", last="unknown", last_ns=None, until_ns=None)
    is_passage = passage is not None and (report is None or passage.at_ns > report.seen_ns)
    said: RoadState = report.state if report is not None else "unknown"
    last = said
    if is_passage:
        last = "difficult" if said in {"closed", "difficult"} else "open"
    last_ns = max(report.seen_ns if report is not None else 0, passage.at_ns if passage is not None else 0)
    until_ns = last_ns + round(road.expires_s * _NS_PER_S)
    forecast_ns = road.forecast_ns
    is_forecast = last != "closed" and forecast_ns is not None and last_ns < forecast_ns < until_ns
    if is_forecast and forecast_ns is not None:
        until_ns = forecast_ns
    return Standing(
        state="unknown" if now_ns >= until_ns else last,
        last=last,
        last_ns=last_ns,
        until_ns=until_ns,
        is_passage=is_passage,
        is_disputed=is_passage and said == "closed",
        is_forecast=is_forecast,
    )


# ---- the own way out

RetreatLevel = Literal["none", "proven", "old", "overdue", "unproven", "closed"]
"""``none``: no way out is named.  ``old``: amber, ``overdue``: red, both by the age of the last proof.

``unproven``: nobody ever proved one.  ``closed``: all are.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """One way out: a road, or a mark of that kind.  ``proven_ns``: when it was last known to be passable.

    ``is_redrawn``: its line was drawn anew since, so that was another one.
    """

    id: str
    name: str
    state: RoadState
    proven_ns: int | None
    is_redrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Retreat:
    """All ways out together; ``best`` is the one proven last of those that are not closed."""

    level: RetreatLevel
    best: Exit | None
    exits: tuple[Exit, ...]


def retreat_of(roads: Sequence[Road], marks: Sequence[MapMark], rules: RoadRules, now_ns: int) -> Retreat:
    """Whether there is a way out that is known to be passable at ``now_ns``."""
    exits = (
        *(_road_exit(road, now_ns) for road in roads if road.is_exit),
        *(_mark_exit(mark, now_ns) for mark in marks if mark.kind == "retreat_route"),
    )
    if not exits:
        return Retreat(level="none", best=None, exits=())
    usable = [one for one in exits if one.state != "closed"]
    if not usable:
        return Retreat(level="closed", best=None, exits=exits)
    best = max(usable, key=lambda one: -1 if one.proven_ns is None else one.proven_ns)
    if best.proven_ns is None:
        return Retreat(level="unproven", best=best, exits=exits)
    age_s = (now_ns - best.proven_ns) / _NS_PER_S
    level: RetreatLevel = "proven"
    if age_s >= rules.alarm_s:
        level = "overdue"
    elif age_s >= rules.warn_s or all(one.state == "unknown" for one in usable):
        level = "old"
    return Retreat(level=level, best=best, exits=exits)


def _road_exit(road: Road, now_ns: int) -> Exit:
    judged = standing(road, now_ns)
    proven = [road.passage.at_ns] if road.passage is not None else []
    if road.report is not None and road.report.state in {"open", "difficult"}:
        proven.append(road.report.seen_ns)
    proven_ns = max(proven, default=None)
    is_redrawn = proven_ns is not None and road.drawn_ns is not None and proven_ns < road.drawn_ns
    return Exit(id=road.id, name=road.name, state=_still(judged), proven_ns=proven_ns, is_redrawn=is_redrawn)


def _still(judged: Standing) -> RoadState:
    """A way out reported closed is none until somebody says otherwise, however long ago that was."""
    return "closed" if judged.last == "closed" else judged.state


def _mark_exit(mark: MapMark, now_ns: int) -> Exit:
    state: RoadState = "unknown" if is_unknown(mark, now_ns) else "open"
    return Exit(id=mark.id, name=mark.name, state=state, proven_ns=mark.seen_ns)
