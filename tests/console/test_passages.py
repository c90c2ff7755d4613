from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from console.configuration.model import TeamConfiguration
from console.map_marks import Vertex
from console.road_facts import standing
from devices.driver import NS_PER_S
from tests.console.door import VEHICLE, Door
from tests.console.road_rig import (
    EAST,
    LINE,
    MIDDLE,
    NORTH,
    WEST,
    Drive,
    driving,
    report,
    road,
    state,
    told,
    vehicle,
)


@pytest.mark.parametrize("line", [(WEST, EAST), (EAST, WEST)])
def test_this_vehicle_proves_a_road_by_driving_it_in_either_direction(line: tuple[Vertex, Vertex]) -> None:
    door, drive = driving(NORTH)
    drive.along(*line)
    passage = road(door).passage
    assert passage is not None
    assert passage.team_id is None
    assert state(door) == "open"
    assert told(door) == ["notice.road_passed"]


@pytest.mark.parametrize(
    ("why", "track"),
    [
        ("half of it", [WEST, MIDDLE]),
        ("turned back before its end", [WEST, (34.4, 113.7492), WEST]),
        (
            "around the other half, and in again at the other end",
            [WEST, MIDDLE, (34.404, 113.746), (34.404, 113.75), EAST],
        ),
        ("around its broken end", [WEST, (34.4, 113.7484), (34.406, 113.7484), (34.406, 113.75), EAST]),
        ("beside it", [(34.4006, 113.74), (34.4006, 113.75)]),
        ("across it", [(34.396, 113.745), (34.404, 113.745)]),
        ("both ends from outside", [WEST, (34.404, 113.741), (34.404, 113.749), EAST]),
    ],
)
def test_who_did_not_drive_all_of_it_proves_nothing(why: str, track: list[tuple[float, float]]) -> None:
    door, drive = driving(NORTH)
    drive.along(*track)
    assert road(door).passage is None, why


def test_a_fifth_of_the_road_may_lie_beside_its_line() -> None:
    door, drive = driving(NORTH)
    drive.along(WEST, (34.4, 113.7440), (34.4005, 113.7441), (34.4005, 113.7452), (34.4, 113.7453), EAST, steps=12)
    assert road(door).passage is not None


def test_nobody_knows_where_one_was_in_a_gap() -> None:
    door, drive = driving(NORTH)
    drive.along(WEST, MIDDLE)
    door.at_ns += 300 * NS_PER_S
    drive.along(MIDDLE, EAST)
    assert road(door).passage is None


def test_who_waits_on_the_road_has_not_left_it() -> None:
    door, drive = driving(NORTH)
    drive.along(WEST, MIDDLE)
    for _ in range(20):
        door.at_ns += 60 * NS_PER_S
        drive.say(*MIDDLE)
    drive.along(MIDDLE, EAST)
    assert road(door).passage is not None


def test_who_drives_under_a_short_bridge_was_not_on_it() -> None:
    short = replace(NORTH, line=(Vertex(34.4, 113.74), Vertex(34.40045, 113.74)))
    door, drive = driving(short)
    drive.along((34.4002, 113.73), (34.4002, 113.75), steps=160)
    assert road(door).passage is None
    drive.along((34.3990, 113.74), (34.4015, 113.74))
    assert road(door).passage is not None


def test_who_turns_back_on_a_ring_was_not_around_it() -> None:
    corners = ((34.4, 113.74), (34.404, 113.74), (34.404, 113.745), (34.4, 113.745), (34.4, 113.7403))
    ring = replace(NORTH, line=tuple(Vertex(*corner) for corner in corners))
    door, drive = driving(ring)
    drive.along(*corners[:4], (34.4, 113.7425), *reversed(corners[:4]))
    assert road(door).passage is None
    drive.along(*corners)
    assert road(door).passage is not None


def test_who_cuts_off_a_hairpin_did_not_drive_it() -> None:
    corners = ((34.4, 113.74), (34.4, 113.745), (34.4009, 113.745), (34.4009, 113.74))
    door, drive = driving(replace(NORTH, line=tuple(Vertex(*corner) for corner in corners)))
    drive.along(corners[0], (34.4, 113.742), (34.4009, 113.742), corners[3])
    assert road(door).passage is None
    drive.along(*reversed(corners))
    assert road(door).passage is not None


def team_door(**changes: Any) -> tuple[Door, Drive]:
    team = TeamConfiguration(id="power", name="电力一队", symbol="电", means=("p9",))
    device = replace(VEHICLE.devices[0], id="p9", name="车载", is_own=False)
    door = Door(vehicle(NORTH, devices=(*VEHICLE.devices, device), teams=(replace(team, **changes),)))
    door.up("p9")
    return door, Drive(door, "p9")


def test_a_team_proves_a_road_and_is_named() -> None:
    door, drive = team_door()
    drive.along(*LINE)
    passage = road(door).passage
    assert passage is not None
    assert (passage.team_id, passage.name) == ("power", "电力一队")


@pytest.mark.parametrize("moves", ["air", "water"])
def test_neither_a_drone_nor_a_boat_proves_a_road(moves: str) -> None:
    door, drive = team_door(moves=moves)
    drive.along(*LINE)
    assert road(door).passage is None


def test_a_passage_after_a_report_of_closed_makes_it_difficult_and_disputed() -> None:
    door, drive = driving(NORTH)
    door.order(report("north", "closed"))
    door.wait(10)
    drive.along(*LINE)
    judged = standing(road(door), door.at_ns)
    assert (judged.state, judged.is_disputed) == ("difficult", True)
    door.order(report("north", "closed", seen_ns=door.at_ns))
    assert state(door) == "closed"


def test_one_who_goes_to_and_fro_is_told_once_in_a_while() -> None:
    door, drive = driving(NORTH)
    drive.along(WEST, EAST, WEST, EAST)
    assert told(door) == ["notice.road_passed"]
    passage = road(door).passage
    assert passage is not None
    assert passage.at_ns > door.at_ns - 30 * NS_PER_S, "the newest is kept"
