"""The line of a road mended on the map, and the key that takes the last change back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from console.map_marks import Vertex
from console.orders import Undo
from console.picture import Notice, Text
from console.road_orders import AddRoad, RedrawRoad
from tests.views.pictures import NOW
from tests.views.roaded import Roaded
from tests.views.roads import roads

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def test_a_corner_is_dragged_and_the_rest_of_the_line_stays(qtbot: QtBot) -> None:
    it = Roaded(qtbot, *roads())
    north = it.picture.roads[2]
    corners = it.redraw("north")
    assert len(corners) == 4
    assert all(it.map.rect().contains(corner.toPoint()) for corner in corners)
    view = it.map.view
    it.drag(corners[1], corners[1] + QPointF(0, 60))
    assert it.map.view == view, "the map stays"
    it.press("draw-finish")
    (order,) = it.orders
    assert isinstance(order, RedrawRoad)
    assert (order.road_id, order.line[0], order.line[2:]) == ("north", north.line[0], north.line[2:])
    moved = view.point(*order.line[1]) - corners[1]
    assert (moved.x(), moved.y()) == pytest.approx((0, 60), abs=1.5)
    assert (it.roading.panel.page, it.map.tool) == ("list", None)


def test_a_leg_is_bent_and_a_corner_dragged_onto_its_neighbour_is_gone(qtbot: QtBot) -> None:
    it = Roaded(qtbot, *roads())
    corners = it.redraw("north")
    it.drag((corners[2] + corners[3]) / 2, corners[3] - QPointF(60, 90))
    assert len(it.roading.tool.corners) == 5
    it.drag(corners[1], corners[0] + QPointF(2, 2))
    assert len(it.roading.tool.corners) == 4
    it.tap(corners[3].x(), corners[3].y())
    assert len(it.roading.tool.corners) == 4, "a tap on a corner is none more"
    it.press("draw-back")
    it.press("draw-finish")
    (order,) = it.orders
    assert isinstance(order, RedrawRoad)
    assert len(order.line) == 3


def test_a_line_is_drawn_from_the_start_and_a_bad_one_is_refused_without_losing_it(qtbot: QtBot) -> None:
    it = Roaded(qtbot, *roads())
    it.redraw("culvert")
    it.press("draw-anew")
    assert it.roading.tool.corners == []
    it.map.zoom(12)
    for x in (200, 203):
        it.roading.tool.corners.append(Vertex(*it.map.view.degrees_at(QPointF(x, 300))))
    it.press("draw-finish")
    assert it.orders == []
    assert "40 米到 200 公里" in it.roading.panel.said.text()
    assert len(it.roading.tool.corners) == 2
    it.map.zoom(-12)
    it.tap(500, 300)
    it.press("draw-finish")
    assert [type(order) for order in it.orders] == [RedrawRoad]


def test_a_part_that_one_looks_at_stays_in_sight_and_a_line_elsewhere_comes_into_it(qtbot: QtBot) -> None:
    it = Roaded(qtbot, *roads())
    it.click_row("north")
    north = it.picture.roads[2]
    it.map.go_to([north.line[1]])
    it.map.zoom(6)
    view = it.map.view
    it.press("redraw")
    assert it.map.view == view
    it.press("draw-leave")
    it.map.go_to([(30.0, 110.0)])
    it.press("redraw")
    assert all(it.map.view.rect().contains(it.map.view.point(*corner)) for corner in north.line)


def test_corners_may_be_set_closer_than_a_finger_is_wide(qtbot: QtBot) -> None:
    it = Roaded(qtbot)
    it.press("new")
    for x in (300, 312, 324):
        it.tap(x, 300)
    assert len(it.roading.tool.corners) == 3


def test_leaving_the_line_changes_nothing_and_the_next_new_road_is_a_new_one(qtbot: QtBot) -> None:
    it = Roaded(qtbot, *roads())
    it.redraw("north")
    it.press("draw-leave")
    assert it.orders == []
    it.press("new")
    for x in (200, 400):
        it.tap(x, 300)
    it.press("draw-finish")
    it.press("name-write")
    assert [type(order) for order in it.orders] == [AddRoad]


def test_the_same_key_takes_back_where_one_works_and_says_what_it_was(qtbot: QtBot) -> None:
    it = Roaded(qtbot, *roads())
    it.screen.marking.panel.form.by.setText("王磊")
    assert it.roading.panel.by.text() == "王磊", "one who writes, on both panels"
    QTest.keyClick(it.screen, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    it.press("undo")
    assert it.orders == [Undo(by="王磊"), Undo(by="王磊")]
    args = {"road": "北环路", "@kind": "road.kind.road", "by": "王磊", "undone_by": "王磊"}
    text = Text(id="notice.undone", args={**args, "@did": "notice.road_redrawn"})
    number = it.picture.notices[-1].number + 1
    notice = Notice(number=number, at_ns=NOW, happened_ns=None, kind="road", subject_id="north", text=text)
    it.show(*roads(), notices=(*it.picture.notices, notice))
    assert it.roading.panel.said.text() == "撤销(王磊)— 重画 道路 北环路 的线路 · 王磊"
    it.roading.open(is_open=False)
    QTest.keyClick(it.screen, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert it.roading.panel.isVisible(), "it is opened again to say so"
    assert len(it.orders) == 3
