from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from console.i18n import translate
from console.map_marks import MARKS, Geometry, MapMark, Vertex, is_unknown
from console.orders import AddMark, ChangeMark, Order, RemoveMark, Undo
from devices.driver import NS_PER_S
from tests.console.door import START_NS, Door, assert_same_from_every, sentence

HERE = Geometry(shape="point", vertices=(Vertex(34.396, 113.741),))
ROUTE = Geometry(shape="line", vertices=(Vertex(34.396, 113.741), Vertex(34.41, 113.75)))
FIELD = Geometry(shape="area", vertices=(Vertex(34.39, 113.74), Vertex(34.39, 113.75), Vertex(34.40, 113.75)))


def adding(mark_id: str = "k1", **changes: Any) -> AddMark:
    order = AddMark(
        mark_id=mark_id,
        kind="road_block",
        geometry=HERE,
        name="洧水桥",
        by="王磊",
        source="消防水域二组",
        state="reported",
        expires_s=600.0,
        seen_ns=START_NS,
    )
    return replace(order, **changes)


def mark(door: Door, mark_id: str = "k1") -> MapMark:
    return next(mark for mark in door.picture().marks if mark.id == mark_id)


def told(door: Door) -> list[str]:
    return [notice.text.id for notice in door.picture().notices if notice.kind == "map"]


def test_a_mark_keeps_who_said_it_when_and_until_when_it_is_good() -> None:
    door = Door()
    door.wait(60)
    door.order(adding())
    found = mark(door)
    assert (found.by, found.source, found.state) == ("王磊", "消防水域二组", "reported")
    assert (found.seen_ns, found.added_ns) == (START_NS, START_NS + 60 * NS_PER_S)
    assert found.expires_ns == START_NS + 600 * NS_PER_S
    assert found.confirmed_ns is None, "what was reported is not confirmed"


def test_a_mark_turns_unknown_at_its_expiry_and_is_told_once() -> None:
    door = Door()
    door.order(adding())
    door.wait(599)
    assert not mark(door).is_expired
    assert not is_unknown(mark(door), door.at_ns)
    assert told(door) == ["notice.mark_added_reported"]
    door.wait(30)
    assert mark(door).is_expired
    assert is_unknown(mark(door), START_NS + 600 * NS_PER_S)
    assert told(door) == ["notice.mark_added_reported", "notice.mark_expired"]


def test_confirming_makes_it_good_again_and_changing_its_name_does_not() -> None:
    door = Door()
    door.order(adding())
    door.wait(700)
    door.order(ChangeMark(mark_id="k1", by="李", name="洧水大桥"))
    assert mark(door).name == "洧水大桥"
    assert mark(door).is_expired, "a new name is no news of the bridge"
    door.order(ChangeMark(mark_id="k1", by="李", state="confirmed", seen_ns=door.at_ns))
    found = mark(door)
    assert not found.is_expired
    assert (found.state, found.confirmed_ns, found.confirmed_by) == ("confirmed", door.at_ns, "李")
    assert found.by == "王磊", "who wrote it down first stays"


def test_an_older_sight_never_makes_a_mark_fresher_or_older() -> None:
    door = Door()
    door.wait(300)
    door.order(adding(seen_ns=door.at_ns))
    door.order(ChangeMark(mark_id="k1", by="李", state="confirmed", seen_ns=START_NS))
    assert mark(door).seen_ns == door.at_ns
    assert mark(door).confirmed_ns is None


def test_nothing_is_seen_in_the_future() -> None:
    door = Door()
    door.order(adding(seen_ns=door.at_ns + 3600 * NS_PER_S))
    assert mark(door).seen_ns == door.at_ns


def test_a_mark_of_unknown_time_is_unknown_from_the_beginning() -> None:
    door = Door()
    door.order(adding(seen_ns=None, state="confirmed"))
    assert mark(door).is_expired
    assert mark(door).confirmed_ns is None
    assert is_unknown(mark(door), 0)
    assert told(door) == ["notice.mark_added_undated"]


def test_removing_is_told_with_what_it_was_and_undo_brings_it_back_as_it_was() -> None:
    door = Door()
    door.order(adding())
    before = mark(door)
    door.order(RemoveMark(mark_id="k1", by="李"))
    assert door.picture().marks == ()
    gone = door.picture().notices[-1].text
    assert (gone.id, gone.args["name"], gone.args["by"]) == ("notice.mark_removed", "洧水桥", "李")
    door.order(Undo(by="李"))
    assert mark(door) == before
    undone = door.picture().notices[-1].text
    assert (undone.id, undone.args["@did"]) == ("notice.undone", "notice.mark_removed")


def test_undo_goes_back_step_by_step_and_says_when_there_is_nothing_left() -> None:
    door = Door()
    door.order(adding())
    door.order(ChangeMark(mark_id="k1", by="李", name="别的"))
    door.order(Undo(by=""))
    assert mark(door).name == "洧水桥"
    door.order(Undo(by=""))
    assert door.picture().marks == ()
    door.order(Undo(by=""))
    assert told(door)[-1] == "notice.nothing_undone"


def test_undoing_a_confirmation_gives_the_old_age_back() -> None:
    door = Door()
    door.order(adding())
    door.wait(590)
    door.order(ChangeMark(mark_id="k1", by="", state="confirmed", seen_ns=door.at_ns))
    door.wait(60)
    door.order(Undo(by=""))
    assert mark(door).seen_ns == START_NS
    assert mark(door).is_expired


def test_a_way_out_nobody_knows_any_more_is_an_alarm_until_it_is_confirmed() -> None:
    door = Door()
    door.order(adding("out", kind="retreat_route", geometry=ROUTE, name="东线"))
    door.order(adding("block"))
    door.wait(601)
    alarm = door.alarm("retreat_route:retreat")
    assert alarm is not None
    assert (alarm.state, alarm.text.args["name"]) == ("unacknowledged", "东线")
    assert door.alarm("retreat_route:block") is None
    door.order(ChangeMark(mark_id="out", by="", state="confirmed", seen_ns=door.at_ns))
    alarm = door.alarm("retreat_route:retreat")
    assert alarm is not None
    assert alarm.state == "returned"


@pytest.mark.parametrize(
    "wrong",
    [
        {"geometry": ROUTE, "kind": "shelter"},
        {"geometry": HERE, "kind": "hazard_area"},
        {"geometry": Geometry(shape="point", vertices=(Vertex(91.0, 0.0),))},
        {"geometry": Geometry(shape="point", vertices=())},
        {"geometry": Geometry(shape="area", vertices=FIELD.vertices[:2]), "kind": "hazard_area"},
        {"geometry": Geometry(shape="line", vertices=ROUTE.vertices * 501), "kind": "retreat_route"},
        {"expires_s": 0.0},
        {"expires_s": 1e12},
        {"depth_m": -1.0, "kind": "water_depth"},
    ],
)
def test_what_cannot_be_a_mark_is_none(wrong: dict[str, Any]) -> None:
    door = Door()
    door.order(adding(**wrong))
    assert door.picture().marks == ()
    assert not [effect for effect in door.effects if type(effect).__name__ == "FaultFound"]


def test_only_water_has_a_depth() -> None:
    door = Door()
    door.order(adding(depth_m=1.2))
    door.order(adding("deep", kind="water_depth", depth_m=1.2))
    assert mark(door).depth_m is None
    assert mark(door, "deep").depth_m == 1.2


def test_marks_are_bounded_and_what_does_not_fit_is_told() -> None:
    door = Door()
    for number in range(MARKS + 3):
        door.order(adding(f"k{number}"))
    assert len(door.picture().marks) == MARKS
    assert told(door)[-1] == "notice.marks_full"


def test_a_typed_name_is_never_taken_for_a_text_of_ours() -> None:
    door = Door()
    door.order(adding(name="@alarm.fault", by="@x"))
    text = door.picture().notices[-1].text
    assert (text.args["name"], text.args["by"]) == ("@alarm.fault", "@x")
    said = translate("zh", text.id, text.args)
    assert "@alarm.fault" in said
    assert "@x" in said
    assert translate("zh", "mark.kind.road_block") in said


def test_no_mark_comes_from_anything_but_an_order() -> None:
    door = Door()
    door.up("gnss")
    for second in range(120):
        door.say("gnss", sentence(f"GNGGA,0638{second % 60:02d}.00,3423.{second:04d},N,11344.4,E,1,12,1,9,M,0,M,,"))
        door.wait(10)
    assert door.picture().marks == ()


def test_restart_snapshot_and_replay_keep_marks_and_what_can_be_undone() -> None:
    door = Door()
    orders: list[Order] = [
        adding(),
        adding("out", kind="retreat_route", geometry=ROUTE),
        adding("wet", kind="hazard_area", geometry=FIELD, state="confirmed"),
        ChangeMark(mark_id="out", by="李", state="confirmed", seen_ns=START_NS + NS_PER_S),
        RemoveMark(mark_id="wet", by="李"),
    ]
    for order in orders:
        door.order(order)
        door.wait(1)
    last_ns = door.at_ns
    door.at_ns += 900 * NS_PER_S
    door.begin(last_ns=last_ns)
    door.wait(2)
    assert mark(door).is_expired, "the time in which the console was off counts"
    door.order(Undo(by=""))
    assert mark(door, "wet").state == "confirmed"
    assert_same_from_every(door, 3)
