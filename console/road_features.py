"""Roads as features of GeoJSON and back.  Pure; what is read may come from anybody.

A line is a road where it says so itself: it has one of our kinds and says how the road is (``state``).  ``state`` is
what could be counted on when the file was written; what was reported and who drove it stand beside it with their times.
A road that is read in is never better known, better passable or fresher than its file says.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from console.map_marks import LONGEST_S, SHORTEST_S, MapMark, Vertex
from console.orders import AddMark
from console.picture import Mode
from console.road_facts import (
    GOOD_S,
    ROAD_KINDS,
    ROAD_STATES,
    Passage,
    Report,
    Road,
    RoadKind,
    RoadState,
    Standing,
    length_of,
    standing,
)
from console.road_orders import AddRoad, ReportRoad
from console.told import Asking, iso, moment_ns, past_ns, words
from devices.driver import NS_PER_S

DIGITS = 7
_WORSE: dict[RoadState, int] = {"open": 0, "difficult": 1, "closed": 2, "unknown": 3}

News = AddMark | AddRoad | ReportRoad


# ---- out


def written(road: Road, *, mode: Mode, at_ns: int, post: str) -> dict[str, Any]:
    """What is said of a road as of ``at_ns``.  ``post`` is whose vehicle "this vehicle" is for others."""
    judged, report, passage = standing(road, at_ns), road.report, road.passage
    expires_ns = None if judged.last_ns is None else judged.last_ns + round(road.expires_s * NS_PER_S)
    return {
        "kind": road.kind,
        "name": road.name,
        "mode": mode,
        "is_exit": road.is_exit,
        "state": judged.state,
        "is_unknown": judged.state == "unknown",
        "reported_state": None if report is None else report.state,
        "by": None if report is None else report.by,
        "source": None if report is None else report.source,
        "seen_at": None if report is None else iso(report.seen_ns),
        "since_at": None if report is None else iso(report.since_ns),
        "passed_by": None if passage is None else post if passage.team_id is None else passage.name,
        "passed_at": None if passage is None else iso(passage.at_ns),
        "expires_s": road.expires_s,
        "expires_at": iso(expires_ns),
        "forecast": road.forecast,
        "forecast_at": iso(road.forecast_ns),
        "drawn_at": iso(road.drawn_ns),
        "drawn_by": road.drawn_by,
    }


# ---- in


def is_road(told: dict[str, Any]) -> bool:
    """Whether a line says of itself that it is a road, and how it is."""
    return told.get("kind") in ROAD_KINDS and told.get("state") in ROAD_STATES


def order_of(told: dict[str, Any], line: tuple[Vertex, ...], asking: Asking, altered: Counter[str]) -> AddRoad:
    """The order that adds it, without an id; what could not be taken as it stands is counted."""
    kind: RoadKind = told["kind"]
    seen_ns, passed_ns = past_ns(told.get("seen_at"), asking), past_ns(told.get("passed_at"), asking)
    reported: Any = told.get("reported_state", told["state"])
    state: RoadState = reported if seen_ns is not None and reported in ROAD_STATES else "unknown"
    since_ns = past_ns(told.get("since_at"), asking)
    if (seen_ns is None and reported in ROAD_STATES[:3]) or (passed_ns is None and told.get("passed_at") is not None):
        altered["undated"] += 1
    passage = None if passed_ns is None else Passage(team_id="", name=words(told.get("passed_by")), at_ns=passed_ns)
    order = AddRoad(
        road_id="",
        name=words(told.get("name")) or asking.source,
        kind=kind,
        line=line,
        is_exit=told.get("is_exit") is True,
        by=_words_or(told.get("by"), asking.by),
        expires_s=_good_s(told, kind, max(seen_ns or 0, passed_ns or 0)),
        state=state,
        source=_words_or(told.get("source"), asking.source),
        seen_ns=seen_ns,
        since_ns=seen_ns if seen_ns is None or since_ns is None else min(since_ns, seen_ns),
        forecast=words(told.get("forecast")),
        forecast_ns=moment_ns(told.get("forecast_at")),
        passage=passage,
        drawn_ns=past_ns(told.get("drawn_at"), asking),
        drawn_by=words(told.get("drawn_by")),
        read_by=asking.by,
    )
    found = _no_better(order, told, asking)
    altered["doubted"] += found != order
    return found


def _words_or(value: object, otherwise: str) -> str:
    """What nobody signed stays so; what says nothing of it has it from the file."""
    return words(value) if isinstance(value, str) else otherwise


def _good_s(told: dict[str, Any], kind: RoadKind, last_ns: int) -> float:
    """For how long it is good: the shortest of what the file says, of the default where it says nothing."""
    given, until_ns = told.get("expires_s"), moment_ns(told.get("expires_at"))
    good_s = GOOD_S[kind]
    if given is not None:
        is_number = isinstance(given, int | float) and not isinstance(given, bool)
        good_s = float(max(SHORTEST_S, min(LONGEST_S, given))) if is_number else SHORTEST_S
    if until_ns is not None and last_ns and (until_ns - last_ns) / NS_PER_S < good_s - 1:
        good_s = max(SHORTEST_S, (until_ns - last_ns) / NS_PER_S)
    return good_s


def _no_better(order: AddRoad, told: dict[str, Any], asking: Asking) -> AddRoad:
    """The same, less what its file itself denies."""
    state: RoadState = told["state"]
    judged = _judged(order, asking.now_ns)
    if judged.state == "unknown" or judged.last_ns is None:
        return order
    good_until_ns = judged.last_ns + round(order.expires_s * NS_PER_S)
    is_over = _is_before(told.get("expires_at"), max(asking.now_ns, good_until_ns - NS_PER_S))
    is_denied = state == "unknown" or told.get("is_unknown") is True
    if is_denied or is_over or (told.get("forecast_at") is not None and order.forecast_ns is None):
        return _unknown(order)
    if _WORSE[judged.state] >= _WORSE[state]:
        return order
    return _unknown(order) if order.seen_ns is None else replace(order, state=state, passage=None)


def _is_before(said: object, at_ns: int) -> bool:
    """Whether a file sets an end that comes before, or that cannot be read."""
    if said is None:
        return False
    end_ns = moment_ns(said)
    return end_ns is None or end_ns < at_ns


def _judged(order: AddRoad, now_ns: int) -> Standing:
    report = None
    if order.seen_ns is not None:
        since_ns = order.since_ns or order.seen_ns
        report = Report(state=order.state, by="", source="", seen_ns=order.seen_ns, since_ns=since_ns)
    road = Road(
        id="",
        name="",
        kind=order.kind,
        line=order.line,
        length_m=length_of(order.line),
        is_exit=order.is_exit,
        report=report,
        passage=order.passage,
        expires_s=order.expires_s,
        forecast=order.forecast,
        forecast_ns=order.forecast_ns,
        is_added=True,
    )
    return standing(road, now_ns)


def _unknown(order: AddRoad) -> AddRoad:
    return replace(order, state="unknown", seen_ns=None, since_ns=None, passage=None)


# ---- what is new of it here


def news(orders: Sequence[AddMark | AddRoad], marks: Sequence[MapMark], roads: Sequence[Road]) -> tuple[News, ...]:
    """What of these orders is not known here yet.

    A road that is here already is not added again; where the file's report is newer, the report is taken.  Another
    road of the same id, as two posts may have written it into their configurations, gets an id of its own.
    """
    there = {mark.id for mark in marks}
    by_id = {road.id: road for road in roads}
    by_line = {(road.name, rounded(road.line)): road for road in roads}
    found: list[News] = []
    for order in orders:
        if isinstance(order, AddMark):
            if order.mark_id not in there:
                found.append(order)
            continue
        known = by_id.get(order.road_id)
        if known is None or known.name != order.name:
            known = by_line.get((order.name, rounded(order.line)), known)
        if known is None:
            found.append(order)
        elif known.name != order.name:
            found.append(replace(order, road_id=id_of(order)))
        elif order.seen_ns is not None and (known.report is None or order.seen_ns > known.report.seen_ns):
            found.append(_report(order, known.id, order.seen_ns))
    return tuple(found)


def _report(order: AddRoad, road_id: str, seen_ns: int) -> ReportRoad:
    is_foretold = bool(order.forecast) or order.forecast_ns is not None
    return ReportRoad(
        road_id=road_id,
        state=order.state,
        by=order.by,
        source=order.source,
        seen_ns=seen_ns,
        expires_s=order.expires_s,
        forecast=order.forecast if is_foretold else None,
        forecast_ns=order.forecast_ns,
        read_by=order.read_by,
    )


def rounded(line: Sequence[Vertex]) -> tuple[tuple[float, float], ...]:
    """A line as precise as files have it."""
    return tuple((round(lat_deg, DIGITS), round(lon_deg, DIGITS)) for lat_deg, lon_deg in line)


def id_of(order: AddRoad) -> str:
    """An id made of what it is: reading a file twice adds nothing twice."""
    said = repr((order.kind, order.name, rounded(order.line)))
    return f"file-{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:16]}"
