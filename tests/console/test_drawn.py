"""Marks and roads under one key: the last change of either is taken back, in the order in which they were made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from console.map_marks import Vertex
from console.orders import ChangeMark, Order, RemoveMark, Undo
from console.picture import Text
from console.records import Kind
from console.road_orders import AddRoad, RedrawRoad, RemoveRoad, SetExit
from console.tables import STEPS
from devices.driver import NS_PER_S
from tests.console.door import START_NS, Door, assert_same_from_every
from tests.console.road_rig import BRIDGE, EAST, LINE, MIDDLE, NORTH, WEST, driving, report, road, state, vehicle
from tests.console.test_marks import ROUTE, adding, mark

AWAY = (Vertex(34.4100, 113.7400), Vertex(34.4100, 113.7600))
"""About 1.8 km, a kilometre north of ``LINE``."""
MINE = AddRoad(
    road_id="r1", name="便道", kind="road", line=LINE, is_exit=False, by="王磊", expires_s=3600.0,
    state="open", source="民兵连", seen_ns=START_NS,
)  # fmt: skip


def redrawn(road_id: str = "r1", line: tuple[Vertex, ...] = AWAY, by: str = "王磊") -> RedrawRoad:
    return RedrawRoad(road_id=road_id, line=line, by=by)


def told(door: Door) -> Text:
    return door.picture().notices[-1].text


def drawn(door: Door) -> tuple[Any, ...]:
    """All marks and roads, whatever their order, and without what is only told of them."""
    return (
        {one.id: one for one in door.picture().marks},
        {one.id: one for one in door.picture().roads},
    )


# ---- the line


def test_a_road_drawn_anew_keeps_what_was_said_of_it_and_who_drove_it() -> None:
    door, drive = driving(NORTH)
    drive.along(WEST, EAST)
    door.order(report("north", "difficult", expires_s=1800.0, forecast="水还在涨", forecast_ns=START_NS + 10**13))
    before = road(door)
    assert before.passage is not None
    door.wait(10)
    door.order(redrawn("north", AWAY))
    after = road(door)
    assert (after.line, after.drawn_ns, after.drawn_by) == (AWAY, door.at_ns, "王磊")
    assert after.length_m == pytest.approx(1834, rel=0.01)
    kept = {name: getattr(before, name) for name in ("line", "length_m", "drawn_ns", "drawn_by")}
    assert replace(after, **kept) == before, "all but the line"
    assert told(door).id == "notice.road_redrawn"


def test_who_drives_the_old_line_proves_nothing_of_the_new_one() -> None:
    door, drive = driving(NORTH)
    drive.along(WEST, MIDDLE)
    door.order(redrawn("north", AWAY))
    drive.along(MIDDLE, EAST)
    drive.along(WEST, EAST)
    assert road(door).passage is None
    drive.along((34.41, 113.74), (34.41, 113.76))
    assert road(door).passage is not None


def test_half_a_run_on_the_old_line_and_half_on_the_new_one_are_no_passage() -> None:
    door, drive = driving(NORTH)
    drive.along(WEST, MIDDLE)
    door.order(redrawn("north", (WEST, MIDDLE, Vertex(34.4001, 113.75))))
    drive.along(MIDDLE, (34.4001, 113.75))
    assert road(door).passage is None


def test_a_drawn_line_stands_over_a_restart_and_gives_way_to_another_line_of_the_file() -> None:
    door = Door(vehicle(BRIDGE))
    door.order(redrawn("bridge"))
    door.begin(vehicle(replace(BRIDGE, name="观音寺大桥")))
    assert (road(door, "bridge").line, road(door, "bridge").name) == (AWAY, "观音寺大桥")
    door.begin(vehicle(replace(BRIDGE, line=LINE)))
    assert (road(door, "bridge").line, road(door, "bridge").drawn_ns) == (LINE, None)


@pytest.mark.parametrize("line", [(), (WEST,), (WEST, WEST), (WEST, Vertex(91.0, 113.0)), LINE * 101, LINE])
def test_what_is_no_line_or_the_same_changes_nothing(line: tuple[Vertex, ...]) -> None:
    door = Door(vehicle(NORTH))
    before = door.picture()
    door.order(redrawn("north", line))
    door.order(redrawn("nowhere", AWAY))
    assert (door.picture().roads, door.picture().notices) == (before.roads, before.notices)
    assert not [effect for effect in door.effects if type(effect).__name__ == "FaultFound"]


# ---- taking back

ORDERS: tuple[Order, ...] = (
    adding(),
    MINE,
    adding("out", kind="retreat_route", geometry=ROUTE),
    report("r1", "closed", seen_ns=START_NS + NS_PER_S, forecast="夜里退水"),
    ChangeMark(mark_id="k1", by="王磊", name="别的"),
    redrawn(),
    SetExit(road_id="r1", is_exit=True, by="王磊"),
    RemoveMark(mark_id="k1", by="王磊"),
    report("bridge", "difficult", seen_ns=START_NS + NS_PER_S),
    SetExit(road_id="bridge", is_exit=True, by="王磊"),
    redrawn("bridge"),
    RemoveRoad(road_id="r1", by="王磊"),
    replace(MINE, road_id="r2", mark_id="out", is_exit=True),
)


def test_undo_goes_back_through_marks_and_roads_in_the_order_in_which_they_were_made() -> None:
    door = Door(vehicle(BRIDGE))
    door.wait(5)
    states = []
    for order in ORDERS:
        states.append(drawn(door))
        door.order(order)
        assert drawn(door) != states[-1], order
    for before, order in zip(reversed(states), reversed(ORDERS), strict=True):
        door.order(Undo(by="王磊"))
        assert told(door).id == "notice.undone"
        assert drawn(door) == before, order
    door.order(Undo(by="王磊"))
    assert told(door).id == "notice.nothing_undone"


def read_in(count: int, batch: str) -> list[Order]:
    """Marks and one road of a file, as the panel gives them."""
    marks: list[Order] = [adding(f"{batch}-{n}", by="邻县", read_by="王磊", batch=batch) for n in range(count - 1)]
    return [*marks, replace(MINE, road_id=f"{batch}-road", by="邻县", read_by="王磊", batch=batch)]


def test_a_file_is_undone_in_one_step_however_much_it_held() -> None:
    door = Door(vehicle(BRIDGE))
    door.order(adding("before", by="王磊"))
    before = drawn(door)
    for order in read_in(80, "f1"):
        door.order(order)
    assert len(door.picture().marks) == 80
    door.order(Undo(by="王磊"))
    assert drawn(door) == before
    assert (told(door).id, told(door).args["count"], told(door).args["left"]) == ("notice.undone_file", 80, 0)
    door.order(Undo(by="王磊"))
    assert door.picture().marks == (), "what was before the file can be taken back too"
    assert_same_from_every(door, 20)


def test_of_a_file_stays_what_somebody_changed_since() -> None:
    door = Door(vehicle(BRIDGE))
    for order in read_in(5, "f1"):
        door.order(order)
    door.order(ChangeMark(mark_id="f1-2", by="李", name="涵洞"))
    door.order(redrawn("f1-road", by="李"))
    door.order(Undo(by="王磊"))
    assert ([one.id for one in door.picture().marks], [one.name for one in door.picture().marks]) == (
        ["f1-2"],
        ["涵洞"],
    )
    assert (told(door).id, told(door).args["count"], told(door).args["left"]) == ("notice.undone_file_partly", 3, 2)


def test_as_many_steps_as_are_kept_are_files_or_single_changes() -> None:
    door = Door(vehicle(BRIDGE))
    for order in read_in(30, "f1"):
        door.order(order)
    for number in range(STEPS - 1):
        door.order(adding(f"k{number}", by="王磊"))
    for _ in range(STEPS):
        door.order(Undo(by="王磊"))
    assert door.picture().marks == ()
    for order in read_in(30, "f2"):
        door.order(order)
    for number in range(STEPS):
        door.order(adding(f"k{number}", by="王磊"))
    assert len(door.engine.tables.steps) == STEPS, "all of the oldest file is forgotten at once"


def test_what_was_undone_is_said_by_what_it_was() -> None:
    door = Door(vehicle(BRIDGE))
    door.order(redrawn("bridge"))
    door.order(Undo(by="李"))
    assert told(door).id == "notice.nothing_undone", "somebody else drew it"
    door.order(Undo(by="王磊"))
    text = told(door)
    assert (text.id, text.args["@did"], text.args["undone_by"]) == ("notice.undone", "notice.road_redrawn", "王磊")
    assert door.picture().notices[-1].subject_id == "bridge"


def test_each_takes_back_what_he_signed_and_what_nobody_signed() -> None:
    door = Door(vehicle(BRIDGE))
    door.order(adding("mine", by="王磊"))
    door.order(adding("nobodys", by=""))
    door.order(report("bridge", "closed", by="李"))
    door.order(Undo(by="王磊"))
    assert (state(door, "bridge"), [one.id for one in door.picture().marks]) == ("closed", ["mine"])
    door.order(Undo(by="王磊"))
    assert (state(door, "bridge"), door.picture().marks) == ("closed", ())
    door.order(Undo(by=""))
    assert state(door, "bridge") == "unknown", "who does not sign takes back whatever was last"


def test_what_another_changed_since_is_not_taken_from_under_his_hands() -> None:
    door = Door(vehicle(BRIDGE))
    door.order(adding("k2", by="王磊"))
    door.order(report("bridge", "open", by="王磊"))
    door.order(report("bridge", "closed", by="李", seen_ns=door.at_ns))
    door.order(Undo(by="王磊"))
    assert (told(door).id, told(door).args["changed_by"]) == ("notice.undo_late", "李")
    assert state(door, "bridge") == "closed"
    door.order(Undo(by="王磊"))
    assert door.picture().marks == (), "the key goes on with the one before"
    door.order(Undo(by="李"))
    assert state(door, "bridge") == "open"


def test_taking_a_report_back_keeps_who_drove_it_meanwhile() -> None:
    door, drive = driving(NORTH)
    door.order(report("north", "closed"))
    drive.along(WEST, EAST)
    passage = road(door).passage
    assert passage is not None
    door.order(Undo(by=""))
    assert (road(door).report, road(door).passage) == (None, passage)


def test_taking_a_new_line_back_does_not_let_its_passage_prove_the_old_one() -> None:
    door, drive = driving(NORTH)
    door.order(redrawn("north", AWAY))
    drive.along((34.41, 113.74), (34.41, 113.76))
    assert road(door).passage is not None
    door.order(Undo(by=""))
    assert (road(door).line, road(door).passage) == (LINE, None)


def test_an_undone_report_is_as_old_as_it_was() -> None:
    door = Door(vehicle(BRIDGE))
    door.order(report("bridge", "open", expires_s=600.0))
    door.wait(500)
    door.order(report("bridge", "closed", seen_ns=door.at_ns))
    door.wait(200)
    count = door.picture().notices[-1].number
    door.order(Undo(by=""))
    assert state(door, "bridge") == "unknown"
    door.wait(5)
    assert door.picture().notices[-1].number == count + 1, "that it is too old was said before"


def test_a_road_of_another_file_is_not_brought_back() -> None:
    door = Door(vehicle(BRIDGE))
    door.order(report("bridge", "open"))
    door.begin(vehicle())
    door.order(Undo(by=""))
    assert (told(door).id, door.picture().roads) == ("notice.undo_gone", ())
    door.order(replace(MINE, road_id="bridge"))
    door.begin(vehicle(BRIDGE))
    door.order(Undo(by=""))
    assert told(door).id == "notice.undo_gone"
    assert road(door, "bridge").line == BRIDGE.line


def test_what_was_said_of_another_line_is_not_brought_back_to_the_one_the_file_has_now() -> None:
    door = Door(vehicle(BRIDGE))
    door.order(report("bridge", "open"))
    door.order(report("bridge", "difficult", seen_ns=door.at_ns))
    door.begin(vehicle(replace(BRIDGE, line=AWAY)))
    door.order(Undo(by=""))
    assert (told(door).id, road(door, "bridge").report) == ("notice.undo_gone", None)


def test_a_removed_way_out_is_an_alarm_until_it_is_taken_back() -> None:
    door = Door(vehicle(replace(BRIDGE, is_exit=True)))
    door.order(replace(MINE, is_exit=True))
    states = []
    for order in (None, RemoveRoad(road_id="r1", by=""), Undo(by="")):
        if order is not None:
            door.order(order)
        alarm = door.alarm("retreat_route:retreat")
        assert alarm is not None
        states.append(alarm.is_active)
    assert states == [False, True, False]


def test_a_journal_of_the_time_before_roads_could_be_undone_replays() -> None:
    door = Door()
    door.order(adding())
    door.put(Kind.ORDER, "operator", {"type": "UndoMark", "by": ""})
    assert door.picture().marks == ()


def test_restart_snapshot_and_replay_keep_lines_and_what_can_be_undone() -> None:
    door, drive = driving(BRIDGE, NORTH)
    drive.along(WEST, MIDDLE, steps=4)
    for order in ORDERS:
        door.order(order)
    drive.along(MIDDLE, EAST, steps=4)
    door.order(Undo(by="王磊"))
    last_ns = door.at_ns
    door.at_ns += 900 * NS_PER_S
    door.begin(vehicle(BRIDGE, NORTH), last_ns=last_ns)
    door.order(Undo(by="王磊"))
    door.order(Undo(by="李"))
    door.wait(1)
    assert road(door, "r1").line == AWAY
    assert mark(door, "out").kind == "retreat_route"
    assert_same_from_every(door, 3)
