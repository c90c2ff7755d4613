"""Sample marks about the places of the drawn screen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from console.map_marks import Geometry, MapMark, MarkShape, Vertex
from devices.driver import NS_PER_S
from tests.views.pictures import MIN, NOW


def geometry(shape: MarkShape, *corners: tuple[float, float]) -> Geometry:
    return Geometry(shape=shape, vertices=tuple(Vertex(*corner) for corner in corners))


POINT = geometry("point", (34.405, 113.72))
LINE = geometry("line", (34.3945, 113.735), (34.41, 113.745), (34.42, 113.77))
AREA = geometry("area", (34.375, 113.70), (34.375, 113.73), (34.39, 113.735), (34.392, 113.71))


def mark(mark_id: str = "k", **changes: Any) -> MapMark:
    """A road block, reported twelve minutes ago and good for six hours; ``changes`` replace fields."""
    base = MapMark(
        id=mark_id,
        kind="road_block",
        geometry=POINT,
        name="洧水桥",
        by="王磊",
        source="消防水域二组",
        state="reported",
        depth_m=None,
        added_ns=NOW - 12 * MIN,
        seen_ns=NOW - 12 * MIN,
        confirmed_ns=None,
        confirmed_by=None,
        expires_s=6 * 3600.0,
        expires_ns=None,
        is_expired=False,
    )
    made = replace(base, **changes)
    seen_ns = made.seen_ns
    return replace(made, expires_ns=None if seen_ns is None else seen_ns + round(made.expires_s * NS_PER_S))


def marks() -> tuple[MapMark, ...]:
    """One of each kind; the depth and the helipad are unknown by now."""
    confirmed = {"state": "confirmed", "confirmed_by": "李队"}
    return (
        mark("block"),
        mark("wet", kind="hazard_area", geometry=AREA, name="观音寺低洼区", confirmed_ns=NOW - 12 * MIN, **confirmed),
        mark(
            "out",
            kind="retreat_route",
            geometry=LINE,
            name="东线",
            seen_ns=NOW - 47 * MIN,
            confirmed_ns=NOW - 47 * MIN,
            **confirmed,
        ),
        mark(
            "deep",
            kind="water_depth",
            geometry=geometry("point", (34.385, 113.75)),
            name="涵洞",
            depth_m=1.2,
            seen_ns=NOW - 95 * MIN,
            expires_s=3600.0,
        ),
        mark(
            "pad",
            kind="helipad",
            geometry=geometry("point", (34.415, 113.70)),
            name="一中操场",
            seen_ns=NOW - 13 * 60 * MIN,
            expires_s=12 * 3600.0,
            confirmed_ns=NOW - 13 * 60 * MIN,
            **confirmed,
        ),
        mark(
            "home",
            kind="shelter",
            geometry=geometry("point", (34.42, 113.735)),
            name="文化馆",
            confirmed_ns=NOW - 12 * MIN,
            **confirmed,
        ),
        mark("meet", kind="rally_point", geometry=geometry("point", (34.40, 113.775)), name="加油站"),
        mark("file", kind="note", geometry=geometry("point", (34.37, 113.76)), name="水务局测点", seen_ns=None),
    )
