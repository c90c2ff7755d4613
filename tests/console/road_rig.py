"""Roads to report and to drive."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from console.configuration.model import Configuration
from console.map_marks import Vertex
from console.road_facts import Road, RoadConfiguration, RoadRules, RoadState, standing
from console.road_orders import ReportRoad
from devices.driver import NS_PER_S
from tests.console.door import START_NS, VEHICLE, Door, sentence

WEST, MIDDLE, EAST = Vertex(34.4000, 113.7400), Vertex(34.4000, 113.7450), Vertex(34.4000, 113.7500)
LINE = (WEST, EAST)
"""About 917 m."""
NORTH = RoadConfiguration(id="north", name="北环路", kind="road", line=LINE, is_exit=True, expires_s=6 * 3600.0)
BRIDGE = RoadConfiguration(
    id="bridge", name="观音寺桥", kind="bridge", line=(Vertex(34.37, 113.66), Vertex(34.373, 113.66))
)
RULES = RoadRules(warn_s=3600.0, alarm_s=7200.0)


def vehicle(*roads: RoadConfiguration, **changes: Any) -> Configuration:
    return replace(VEHICLE, roads=roads, road_rules=RULES, **changes)


def road(door: Door, road_id: str = "north") -> Road:
    return next(one for one in door.picture().roads if one.id == road_id)


def state(door: Door, road_id: str = "north") -> str:
    return standing(road(door, road_id), door.at_ns).state


def report(road_id: str, said: RoadState, **changes: Any) -> ReportRoad:
    order = ReportRoad(road_id=road_id, state="open", by="王磊", source="民兵连", seen_ns=START_NS)
    return replace(order, state=said, **changes)


def told(door: Door) -> list[str]:
    return [notice.text.id for notice in door.picture().notices if notice.kind == "road"]


class Drive:
    """A vehicle that says its place every few seconds, with the driver's own sentences."""

    def __init__(self, door: Door, device: str = "gnss") -> None:
        self.door = door
        self.device = device

    def say(self, lat_deg: float, lon_deg: float) -> None:
        def written(degrees: float, width: int) -> str:
            whole = int(degrees)
            return f"{whole:0{width}d}{(degrees - whole) * 60:08.5f}"

        body = f"GNGGA,,{written(lat_deg, 2)},N,{written(lon_deg, 3)},E,1,12,1.0,100.0,M,0.0,M,,"
        self.door.say(self.device, sentence(body))

    def along(self, *corners: tuple[float, float], every_s: int = 5, steps: int = 40) -> None:
        for a, b in pairwise(corners):
            for step in range(steps + 1):
                share = step / steps
                self.say(a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))
                self.door.at_ns += every_s * NS_PER_S


def driving(*roads: RoadConfiguration, **changes: Any) -> tuple[Door, Drive]:
    door = Door(vehicle(*roads, **changes))
    door.up("gnss")
    return door, Drive(door)
