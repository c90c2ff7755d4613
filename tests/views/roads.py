"""Sample roads about the places of the drawn screen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from console.map_marks import Vertex
from console.picture import Road
from console.road_facts import Passage, Report, RoadState
from tests.views.pictures import MIN, NOW

H = 60 * MIN


def line(*corners: tuple[float, float]) -> tuple[Vertex, ...]:
    return tuple(Vertex(*corner) for corner in corners)


def report(state: RoadState, age_min: float, **changes: Any) -> Report:
    """The militia reported it so, as before, ``age_min`` ago."""
    seen_ns = NOW - round(age_min * MIN)
    return replace(Report(state=state, by="王磊", source="民兵连", seen_ns=seen_ns, since_ns=seen_ns), **changes)


def road(road_id: str = "bridge", **changes: Any) -> Road:
    """A bridge of 340 m, reported closed 142 minutes ago; ``changes`` replace fields."""
    base = Road(
        id=road_id,
        name="S321 观音寺桥",
        kind="bridge",
        line=line((34.3702, 113.6605), (34.3732, 113.6613)),
        length_m=340.0,
        is_exit=False,
        report=report("closed", 142),
        passage=None,
        expires_s=6 * 3600.0,
        forecast="",
        forecast_ns=None,
        is_added=False,
    )
    return replace(base, **changes)


def roads() -> tuple[Road, ...]:
    """One closed, one difficult, the way out proven by a team, one unknown by now, one open."""
    return (
        road(),
        road(
            "culvert",
            name="郑新路涵洞",
            kind="ford",
            line=line((34.366, 113.8024), (34.360, 113.8034)),
            length_m=670.0,
            report=report("difficult", 35, source="工程机械组"),
            forecast="水还在涨",
            forecast_ns=NOW + 3 * H,
        ),
        road(
            "north",
            name="北环路",
            kind="road",
            line=line((34.431, 113.71), (34.43, 113.733), (34.427, 113.768), (34.43, 113.80)),
            length_m=8300.0,
            is_exit=True,
            report=None,
            passage=Passage(team_id="公安交警组", name="公安交警组", at_ns=NOW - 47 * MIN),
        ),
        road(
            "south",
            name="梨河连接线",
            kind="road",
            line=line((34.378, 113.744), (34.352, 113.747)),
            length_m=2900.0,
            report=report("open", 7 * 60),
        ),
        road(
            "rail",
            name="人民路铁路涵洞",
            kind="ford",
            line=line((34.399, 113.7425), (34.3993, 113.7440)),
            length_m=140.0,
            report=None,
            passage=Passage(team_id=None, name="", at_ns=NOW - 12 * MIN),
        ),
    )
