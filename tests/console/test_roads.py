from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from console.map_marks import Geometry, Vertex
from console.orders import AddMark, ChangeMark, RemoveMark
from console.road_facts import ROADS, standing
from console.road_orders import AddRoad, RemoveRoad, SetExit
from devices.driver import NS_PER_S
from tests.console.door import START_NS, Door, assert_same_from_every
from tests.console.road_rig import (
    BRIDGE,
    EAST,
    LINE,
    MIDDLE,
    NORTH,
    WEST,
    driving,
    report,
    road,
    state,
    told,
    vehicle,
)

# ---- reports and expiry


def test_a_road_that_nobody_spoke_of_is_unknown() -> None:
    door = Door(vehicle(BRIDGE))
    judged = standing(road(door, "bridge"), door.at_ns)
    assert (judged.state, judged.last_ns) == ("unknown", None)


def test_a_report_stands_until_its_time_is_over_and_then_nobody_knows() -> None:
    door = Door(vehicle(BRIDGE))
    door.wait(60)
    door.order(report("bridge", "closed", expires_s=600.0))
    found = road(door, "bridge")
    assert found.report is not None
    assert (found.report.source, found.report.seen_ns) == ("民兵连", START_NS)
    door.wait(539)
    assert state(door, "bridge") == "closed"
    door.wait(1)
    judged = standing(road(door, "bridge"), door.at_ns)
    assert (judged.state, judged.last) == ("unknown", "closed"), "what it was is still told"
    door.wait(30)
    assert told(door).count("notice.road_expired") == 1


def test_an_older_word_never_replaces_a_newer_one() -> None:
    door = Door(vehicle(BRIDGE))
    door.wait(60)
    door.order(report("bridge", "closed", seen_ns=door.at_ns))
    door.order(report("bridge", "open", seen_ns=START_NS))
    assert state(door, "bridge") == "closed"
    assert told(door)[-1] == "notice.road_late"


def test_a_report_of_the_future_is_one_of_now() -> None:
    door = Door(vehicle(BRIDGE))
    door.order(report("bridge", "open", seen_ns=door.at_ns + 3600 * NS_PER_S))
    found = road(door, "bridge").report
    assert found is not None
    assert found.seen_ns == door.at_ns


def test_since_when_counts_from_the_first_report_that_said_the_same() -> None:
    door = Door(vehicle(BRIDGE))
    door.order(report("bridge", "closed"))
    door.wait(60)
    door.order(report("bridge", "closed", seen_ns=door.at_ns))
    found = road(door, "bridge").report
    assert found is not None
    assert (found.since_ns, found.seen_ns) == (START_NS, door.at_ns)
    door.wait(60)
    door.order(report("bridge", "difficult", seen_ns=door.at_ns))
    found = road(door, "bridge").report
    assert found is not None
    assert found.since_ns == door.at_ns


def test_at_the_hour_foretold_an_open_road_is_known_no_more() -> None:
    door = Door(vehicle(BRIDGE))
    foretold_ns = door.at_ns + 120 * NS_PER_S
    door.order(report("bridge", "open", forecast="18 时上桥面", forecast_ns=foretold_ns))
    door.wait(119)
    assert state(door, "bridge") == "open"
    door.wait(2)
    assert state(door, "bridge") == "unknown"
    assert told(door)[-1] == "notice.road_foretold"
    door.order(report("bridge", "open", seen_ns=door.at_ns))
    assert state(door, "bridge") == "open", "a later word stands over the forecast"


def test_what_the_file_says_was_known_stands_until_a_newer_word() -> None:
    written = replace(BRIDGE, state="closed", source="民兵连", seen_ns=START_NS - 3600 * NS_PER_S)
    door = Door(vehicle(written))
    assert state(door, "bridge") == "closed"
    door.order(report("bridge", "open"))
    door.begin(vehicle(written))
    assert state(door, "bridge") == "open", "a restart with the same file brings nothing old back"


# ---- the own way out: one alarm


def retreat(door: Door) -> dict[str, str]:
    return {a.id: a.text.id for a in door.picture().alarms if a.subject_id == "retreat" and a.state != "returned"}


def test_the_own_way_out_grows_old_first_amber_then_red_as_one_alarm() -> None:
    door = Door(vehicle(NORTH))
    assert retreat(door) == {"retreat_route:retreat": "alarm.retreat_unproven"}
    door.order(report("north", "open"))
    assert retreat(door) == {}
    door.at_ns += 3599 * NS_PER_S
    door.wait(1)
    assert retreat(door) == {"retreat_route:retreat": "alarm.retreat_old"}
    door.at_ns += 3599 * NS_PER_S
    door.wait(1)
    assert retreat(door) == {"retreat_lost:retreat": "alarm.retreat_old"}
    alarm = door.alarm("retreat_lost:retreat")
    assert alarm is not None
    assert (alarm.priority, alarm.state) == ("red", "unacknowledged")
    door.order(report("north", "open", seen_ns=door.at_ns))
    assert retreat(door) == {}


def test_with_every_way_out_closed_it_is_red_at_once_and_stays_so_when_the_words_grow_old() -> None:
    door = Door(vehicle(NORTH, replace(BRIDGE, is_exit=True)))
    door.order(report("north", "open"))
    door.order(report("bridge", "closed"))
    assert retreat(door) == {}
    door.order(report("north", "closed", seen_ns=START_NS + 1, expires_s=60.0))
    assert retreat(door) == {"retreat_lost:retreat": "alarm.retreat_closed"}
    door.wait(120)
    assert retreat(door) == {"retreat_lost:retreat": "alarm.retreat_closed"}


def mark_out(**changes: Any) -> AddMark:
    order = AddMark(
        mark_id="out",
        kind="retreat_route",
        geometry=Geometry(shape="line", vertices=LINE),
        name="东线",
        by="",
        source="",
        state="reported",
        expires_s=600.0,
        seen_ns=START_NS,
    )
    return replace(order, **changes)


def test_marks_and_roads_are_one_way_out() -> None:
    door = Door(vehicle(NORTH))
    door.order(mark_out())
    assert retreat(door) == {}, "the mark proves a way out, though the road was never proven"
    door.wait(601)
    assert retreat(door) == {"retreat_route:retreat": "alarm.retreat_route"}
    door.order(report("north", "open", seen_ns=door.at_ns))
    assert retreat(door) == {}, "the road proves one, though nobody knows of the mark any more"


def test_a_mark_becomes_a_road_with_what_was_known_of_it() -> None:
    door = Door(vehicle())
    door.order(mark_out())
    added = AddRoad(
        road_id="r1", name="东线", kind="road", line=LINE, is_exit=True, by="李", expires_s=7200.0,
        state="open", source="侦察组", seen_ns=START_NS, mark_id="out",
    )  # fmt: skip
    door.order(added)
    assert door.picture().marks == ()
    assert (road(door, "r1").is_exit, state(door, "r1")) == (True, "open")
    door.order(RemoveRoad(road_id="r1", by="李"))
    assert door.picture().roads == ()
    assert retreat(door) == {}


def test_no_way_out_named_is_no_alarm() -> None:
    door = Door(vehicle(BRIDGE))
    door.order(mark_out())
    door.wait(601)
    door.order(RemoveMark(mark_id="out", by=""))
    assert retreat(door) == {}
    door.order(SetExit(road_id="bridge", is_exit=True, by="李"))
    assert retreat(door) == {"retreat_route:retreat": "alarm.retreat_unproven"}
    door.begin(vehicle(BRIDGE))
    assert road(door, "bridge").is_exit, "what a person said stands over a restart"


# ---- bounds, restart, replay


@pytest.mark.parametrize(
    "wrong",
    [
        {"line": (WEST,)},
        {"line": (WEST, WEST)},
        {"line": (WEST, Vertex(91.0, 113.0))},
        {"line": (WEST, Vertex(34.4, 118.0))},
        {"line": LINE * 101},
        {"expires_s": 0.0},
    ],
)
def test_what_cannot_be_a_road_is_none(wrong: dict[str, Any]) -> None:
    door = Door(vehicle())
    order = AddRoad(road_id="r", name="路", kind="road", line=LINE, is_exit=True, by="", expires_s=3600.0)
    door.order(replace(order, **wrong))
    assert door.picture().roads == ()
    assert not [effect for effect in door.effects if type(effect).__name__ == "FaultFound"]


def test_roads_are_bounded_and_one_of_the_file_is_not_removed() -> None:
    door = Door(vehicle(NORTH))
    for number in range(ROADS + 2):
        door.order(
            AddRoad(road_id=f"r{number}", name="路", kind="road", line=LINE, is_exit=False, by="", expires_s=3600.0)
        )
    assert len(door.picture().roads) == ROADS
    assert told(door)[-1] == "notice.roads_full"
    door.order(RemoveRoad(road_id="north", by=""))
    assert road(door).name == "北环路"


def test_restart_snapshot_and_replay_keep_roads_and_who_is_on_the_way() -> None:
    door, drive = driving(NORTH, BRIDGE)
    drive.along(WEST, MIDDLE, steps=8)
    door.order(report("bridge", "closed", seen_ns=door.at_ns))
    door.order(mark_out())
    door.order(ChangeMark(mark_id="out", by="", state="confirmed", seen_ns=door.at_ns))
    drive.along(MIDDLE, EAST, steps=8)
    door.wait(1)
    assert road(door).passage is not None
    assert_same_from_every(door, 4)
