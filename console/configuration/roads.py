"""From the file's ``[[road]]`` tables and its ``[roads]`` to values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

from console.configuration.faults import said
from console.configuration.reading import REQUIRED, Table, meant, shown
from console.geodesy import rough_distance_m
from console.map_marks import LONGEST_S, SHORTEST_S, WORDS, Vertex, is_on_earth
from console.road_facts import (
    GOOD_S,
    LINE_VERTICES,
    LONGEST_M,
    ROADS,
    SHORTEST_M,
    RoadConfiguration,
    RoadKind,
    RoadRules,
    RoadState,
)
from devices.driver import NS_PER_S

_KINDS: Mapping[str, RoadKind] = {
    "road": "road", "ford": "ford", "bridge": "bridge", "路": "road", "漫水路": "ford", "桥": "bridge",
}  # fmt: skip
_STATES: Mapping[str, RoadState] = {
    "open": "open", "difficult": "difficult", "closed": "closed", "unknown": "unknown",
    "通": "open", "难行": "difficult", "断": "closed", "不明": "unknown",
}  # fmt: skip

Word = TypeVar("Word", bound=str)


def read_road_rules(table: Table) -> RoadRules:
    """How the own way out is watched, and how near to its line a track proves a road."""
    given = RoadRules()
    warn_s = table.number("exit_warn_min", given.warn_s / 60, 1.0, 2_880.0) * 60
    alarm_s = table.number("exit_alarm_min", max(given.alarm_s, warn_s) / 60, 1.0, 2_880.0) * 60
    if alarm_s < warn_s:
        low, high = f"{warn_s / 60:g}", "2880"
        reason = said("reason", "range", given=f"{alarm_s / 60:g}", low=low, high=high)
        table.note("exit_alarm_min", reason, said("remedy", "range", low=low, high=high))
    tolerance_m = table.number("tolerance_m", given.tolerance_m, 5.0, 200.0)
    table.refuse_rest()
    return RoadRules(warn_s=warn_s, alarm_s=max(alarm_s, warn_s), tolerance_m=tolerance_m)


def read_road(table: Table) -> RoadConfiguration:
    """A road, ford or bridge."""
    identity = table.identity()
    kind = _word(table, "kind", "road", _KINDS)
    road = RoadConfiguration(
        id=identity,
        name=table.text("name", identity, longest=WORDS),
        kind=kind,
        line=_line(table),
        is_exit=table.flag("exit", default=False),
        expires_s=table.number("expires_min", GOOD_S[kind] / 60, SHORTEST_S / 60, LONGEST_S / 60) * 60,
        forecast=table.text("forecast", "", longest=WORDS),
        forecast_ns=_moment(table, "forecast_at"),
        state=_word(table, "state", "unknown", _STATES),
        source=table.text("source", "", longest=WORDS),
        seen_ns=_moment(table, "seen"),
    )
    if table.has("state") and not table.has("seen"):
        table.note("state", said("reason", "road_unseen"), said("remedy", "road_unseen"))
    table.refuse_rest()
    return road


def check_count(rows: Sequence[Table]) -> None:
    """No more roads than are kept."""
    for row in rows[ROADS:]:
        row.note("", said("reason", "roads_many", most=ROADS), said("remedy", "roads_many"))


def check_courier(row: Table, road_id: str | None, roads: Sequence[RoadConfiguration]) -> None:
    """The road by which a courier gets to a contact has to be one of the file."""
    known = [road.id for road in roads]
    if road_id is not None and road_id not in known:
        remedy = meant(road_id, known) if known else said("remedy", "no_roads")
        row.note("road", said("reason", "unknown_road", road=shown(road_id)), remedy)


def _word(table: Table, key: str, default: Word, known: Mapping[str, Word]) -> Word:
    word = table.text(key, default)
    if word not in known:
        table.note(key, said("reason", "choice", given=shown(word)), meant(word, known))
    return known.get(word, default)


def _line(table: Table) -> tuple[Vertex, ...]:
    value = table.value("line", REQUIRED)
    if value is None:
        return ()
    corners = value if isinstance(value, list) else []
    line = tuple(Vertex(float(one[0]), float(one[1])) for one in corners if _is_pair(one))
    if len(line) != len(corners) or not 2 <= len(line) <= LINE_VERTICES:
        table.note("line", said("reason", "road_line", most=LINE_VERTICES), said("remedy", "road_line"))
        return ()
    if not all(is_on_earth(*vertex) for vertex in line):
        table.note("line", said("reason", "road_degrees"), said("remedy", "road_line"))
        return ()
    length_m = sum(rough_distance_m(*a, *b) for a, b in pairwise(line))
    if not SHORTEST_M <= length_m <= LONGEST_M:
        low, high = f"{SHORTEST_M:g}", f"{LONGEST_M:g}"
        reason = said("reason", "road_length", given=f"{length_m:.0f}", low=low, high=high)
        table.note("line", reason, said("remedy", "road_line"))
    return line


def _is_pair(one: object) -> bool:
    return (
        isinstance(one, list)
        and len(one) == 2
        and all(isinstance(part, int | float) and not isinstance(part, bool) for part in one)
    )


def _moment(table: Table, key: str) -> int | None:
    """A time with its zone, in nanoseconds UTC."""
    value = table.value(key, None)
    if value is None:
        return None
    if not isinstance(value, dt.datetime) or value.tzinfo is None:
        table.note(key, said("reason", "since", given=shown(table.values[key])), said("remedy", "since"))
        return None
    return int(value.timestamp()) * NS_PER_S
