"""What an operator can ask of roads.  Part of ``console.orders``; pure."""

from __future__ import annotations

from dataclasses import dataclass

from console.map_marks import Vertex
from console.road_facts import Passage, RoadKind, RoadState


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRoad:
    """A road is so: ``by`` writes it down, ``source`` saw it at ``seen_ns``.

    ``expires_s`` ``None`` leaves how long such a word is good for as it is.  ``forecast`` replaces what was foretold,
    ``None`` leaves it; ``forecast_ns`` goes with it.  ``read_by``: who read it in from a file, ``batch``: with
    what else, to be undone together.
    """

    road_id: str
    state: RoadState
    by: str
    source: str
    seen_ns: int
    expires_s: float | None = None
    forecast: str | None = None
    forecast_ns: int | None = None
    read_by: str | None = None
    batch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddRoad:
    """A road that no file knows, drawn on the map or made of the mark ``mark_id``, which it replaces.

    ``road_id`` is made by the asker and unique in the incident.  ``seen_ns`` ``None``: nobody reported it yet.  What a
    file knows beside that comes with it: since when it is so, what is foretold, who drove it last, when its line was
    drawn anew; ``read_by`` read it in, with all that has this ``batch``.
    """

    road_id: str
    name: str
    kind: RoadKind
    line: tuple[Vertex, ...]
    is_exit: bool
    by: str
    expires_s: float
    state: RoadState = "unknown"
    source: str = ""
    seen_ns: int | None = None
    mark_id: str | None = None
    since_ns: int | None = None
    forecast: str = ""
    forecast_ns: int | None = None
    passage: Passage | None = None
    drawn_ns: int | None = None
    drawn_by: str = ""
    read_by: str | None = None
    batch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedrawRoad:
    """It runs along this ``line``, WGS-84.  What was said of it and who drove it stay with it."""

    road_id: str
    line: tuple[Vertex, ...]
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetExit:
    """This road is an own way out from now on, or none."""

    road_id: str
    is_exit: bool
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveRoad:
    """Take an added road off; one of the file stays."""

    road_id: str
    by: str


RoadOrder = ReportRoad | AddRoad | RedrawRoad | SetExit | RemoveRoad
