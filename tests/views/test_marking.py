"""Marking by hand: drawn by finger and by keyboard, written, changed, undone, read from files; locked in a replay."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console import drawn_files
from console.map_marks import MapMark
from console.orders import AddMark, ChangeMark, RemoveMark, Undo
from console.picture import Notice, Picture, Text
from console.queries import DrawnWriteRequest, ExportPage
from console.views.log.lines import notice_row
from console.views.situation.events import lines_of
from tests.views.file_desk import FileDesk
from tests.views.marked import AREA, LINE, geometry, mark
from tests.views.pictures import MIN, NOW, picture
from tests.views.situation_rig import SPEECH, Shown

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


class Marked(Shown):
    """A situation screen whose picture has marks, with the panel open."""

    def __init__(self, qtbot: QtBot, *shown: MapMark) -> None:
        super().__init__(qtbot, FileDesk())
        self.show(*shown)
        self.marking = self.screen.marking
        self.map = self.screen.map
        QTest.keyClick(self.screen, Qt.Key.Key_M)
        QApplication.processEvents()

    def show(self, *shown: MapMark, **changes: Any) -> Picture:
        self.picture = picture(marks=shown, **changes)
        self.screen.show_picture(self.picture)
        QApplication.processEvents()
        return self.picture

    def press(self, act: str) -> None:
        self.marking.panel.acts[act].click()
        QApplication.processEvents()

    def begin(self, kind: Any) -> None:
        self.press("new")
        self.marking.panel.kinds[kind].click()
        QApplication.processEvents()

    def choose(self, mark_id: str) -> None:
        row = self.marking.panel.list.row_rect(mark_id).center().toPoint()
        QTest.mouseClick(self.marking.panel.list, Qt.MouseButton.LeftButton, pos=row)
        QApplication.processEvents()

    def tap(self, x: int, y: int) -> None:
        QTest.mouseClick(self.map, Qt.MouseButton.LeftButton, pos=QPoint(x, y))

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.map, key, modifier)
        QApplication.processEvents()


def test_a_point_is_placed_with_one_tap_and_written_with_enter(qtbot: QtBot) -> None:
    it = Marked(qtbot)
    it.begin("water_depth")
    place = it.map.view.degrees_at(QPointF(300, 250))
    it.tap(300, 250)
    assert it.marking.panel.page == "form"
    form = it.marking.panel.form
    form.deep.setText("1.2")
    form.source.setText("消防水域二组")
    QTest.keyClick(form.deep, Qt.Key.Key_Return)
    (order,) = it.orders
    assert isinstance(order, AddMark)
    assert (order.kind, order.depth_m, order.state, order.seen_ns) == ("water_depth", 1.2, "reported", NOW)
    assert order.geometry.vertices[0] == pytest.approx(place, abs=1e-9)
    assert order.source == "消防水域二组"
    assert it.marking.panel.page == "list"
    assert it.map.tool is None


def test_an_area_is_drawn_tap_by_tap_and_ended_by_a_double_tap(qtbot: QtBot) -> None:
    it = Marked(qtbot)
    it.begin("hazard_area")
    for x, y in ((200, 200), (320, 200)):
        it.tap(x, y)
    assert not it.marking.tool.can_finish()
    QTest.mouseClick(it.map, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    QTest.mouseDClick(it.map, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    it.marking.panel.form.write()
    (order,) = it.orders
    assert isinstance(order, AddMark)
    assert (order.geometry.shape, len(order.geometry.vertices)) == ("area", 3)


def test_a_line_is_drawn_with_the_keyboard_alone(qtbot: QtBot) -> None:
    it = Marked(qtbot)
    it.begin("retreat_route")
    assert it.map.hasFocus()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Up, Qt.Key.Key_Return):
        it.key(key)
    it.key(Qt.Key.Key_Backspace)
    assert len(it.marking.tool.corners) == 2
    it.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(it.marking.panel.form.name, Qt.Key.Key_Return)
    (order,) = it.orders
    assert isinstance(order, AddMark)
    west, east = order.geometry.vertices
    assert west.lon_deg < east.lon_deg


def test_a_road_block_may_be_a_point_or_a_line(qtbot: QtBot) -> None:
    it = Marked(qtbot)
    it.begin("road_block")
    shapes = it.marking.panel.shapes
    assert [name for name, button in shapes.items() if button.isVisible()] == ["point", "line"]
    shapes["line"].click()
    assert it.marking.tool.shape == "line"


def test_an_area_that_is_there_is_mended_and_not_drawn_from_nothing(qtbot: QtBot) -> None:
    it = Marked(qtbot, mark("wet", kind="hazard_area", geometry=AREA))
    it.choose("wet")
    it.press("go")
    it.press("change")
    it.marking.panel.form.redraw.click()
    QApplication.processEvents()
    count = len(AREA.vertices)
    assert it.marking.tool.corners == list(AREA.vertices)
    first = it.map.view.point(*AREA.vertices[0])
    last = it.map.view.point(*AREA.vertices[-1])
    middle = (first + last) / 2
    QTest.mousePress(it.map, Qt.MouseButton.LeftButton, pos=middle.toPoint())
    QTest.mouseMove(it.map, (middle + QPointF(25, -25)).toPoint())
    QTest.mouseRelease(it.map, Qt.MouseButton.LeftButton, pos=(middle + QPointF(25, -25)).toPoint())
    assert len(it.marking.tool.corners) == count + 1, "the leg from the last corner to the first can be bent too"
    it.press("draw-finish")
    it.marking.panel.form.write()
    (order,) = it.orders
    assert isinstance(order, ChangeMark)
    assert order.geometry is not None
    assert order.geometry.vertices[:count] == AREA.vertices


def test_the_map_can_be_dragged_while_drawing(qtbot: QtBot) -> None:
    it = Marked(qtbot)
    it.begin("hazard_area")
    before = it.map.view
    QTest.mousePress(it.map, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    QTest.mouseMove(it.map, QPoint(340, 300))
    QTest.mouseMove(it.map, QPoint(380, 300))
    QTest.mouseRelease(it.map, Qt.MouseButton.LeftButton, pos=QPoint(380, 300))
    assert it.map.view.centre_east_m != before.centre_east_m
    assert it.marking.tool.corners == []


def test_escape_gives_up_what_is_half_drawn_then_the_panel(qtbot: QtBot) -> None:
    it = Marked(qtbot)
    it.begin("hazard_area")
    it.tap(200, 200)
    it.key(Qt.Key.Key_Escape)
    assert it.map.tool is None
    assert it.marking.tool.corners == []
    assert it.marking.panel.page == "list"
    QTest.keyClick(it.marking.panel.list, Qt.Key.Key_Escape)
    assert not it.marking.panel.isVisible()
    assert it.orders == []


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("deep", "-1", "米数"),
        ("deep", "deep", "米数"),
        ("seen", "25:99", "14:05"),
        ("seen", "2099-01-01 10:00", "没有到"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_not_written(qtbot: QtBot, field: str, typed: str, said: str) -> None:
    it = Marked(qtbot)
    it.begin("water_depth")
    it.tap(300, 250)
    form = it.marking.panel.form
    getattr(form, field).setText(typed)
    form.write()
    assert it.orders == []
    assert said in form.said.text()
    assert form.said.isVisible()


def test_changing_words_does_not_make_a_mark_fresh_and_confirming_does(qtbot: QtBot) -> None:
    it = Marked(qtbot, mark("k", expires_s=600.0))
    it.choose("k")
    it.press("change")
    it.marking.panel.form.name.setText("洧水大桥")
    it.marking.panel.form.write()
    it.press("confirm")
    changed, again = it.orders
    assert isinstance(changed, ChangeMark)
    assert (changed.name, changed.seen_ns) == ("洧水大桥", None)
    assert isinstance(again, ChangeMark)
    assert (again.state, again.seen_ns) == ("confirmed", NOW)


def test_tapping_a_mark_on_the_map_shows_who_said_it(qtbot: QtBot) -> None:
    far = geometry("point", (34.36, 113.68))
    it = Marked(qtbot, mark("k", geometry=far))
    it.marking.toggle()
    it.map.go_to([(34.36, 113.68)])
    QApplication.processEvents()
    at = it.map.view.point(34.36, 113.68).toPoint()
    it.tap(at.x(), at.y())
    assert it.marking.panel.isVisible()
    assert it.marking.panel.list.selected_id == "k"
    assert "消防水域二组" in it.marking.panel.detail.text()
    assert "王磊" in it.marking.panel.detail.text()


def test_going_to_a_mark_brings_the_whole_of_it_into_the_view(qtbot: QtBot) -> None:
    far = replace(LINE, vertices=tuple(type(v)(v.lat_deg + 1, v.lon_deg) for v in LINE.vertices))
    it = Marked(qtbot, mark("k", kind="retreat_route", geometry=far))
    it.choose("k")
    it.press("go")
    assert all(it.map.view.rect().contains(it.map.view.point(*corner)) for corner in far.vertices)


def test_removing_and_undoing_are_orders_and_the_panel_says_what_was_undone(qtbot: QtBot) -> None:
    it = Marked(qtbot, mark("k"))
    it.choose("k")
    it.press("remove")
    QTest.keyClick(it.screen, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert it.orders == [RemoveMark(mark_id="k", by=""), Undo(by="")]
    number = it.picture.notices[-1].number + 1
    args = {"@kind": "mark.kind.road_block", "name": "洧水桥", "source": "x", "by": "李"}
    undone = Text(id="notice.undone", args={**args, "@did": "notice.mark_removed", "undone_by": "李"})
    notice = Notice(number=number, at_ns=NOW, happened_ns=None, kind="map", subject_id="map", text=undone)
    it.show(mark("k"), notices=(*it.picture.notices, notice))
    assert it.marking.panel.said.text() == "撤销(李)— 移除标绘:道路中断 洧水桥 · 李"


def test_what_was_removed_is_struck_through_in_the_log() -> None:
    args = {"@kind": "mark.kind.road_block", "name": "洧水桥", "source": "x", "by": "李"}
    text = Text(id="notice.mark_removed", args={**args})
    notice = Notice(number=1, at_ns=NOW, happened_ns=None, kind="map", subject_id="map", text=text)
    row = notice_row(notice, SPEECH, NOW, {})
    assert row[-1].is_struck
    assert "洧水桥" in row[-1].text
    assert row[3].text == "标绘"
    (line,) = lines_of(picture(notices=(notice,), messages=()), SPEECH)
    assert line.is_struck


def test_in_a_replay_marks_are_seen_and_nothing_can_be_marked(qtbot: QtBot) -> None:
    it = Marked(qtbot, mark("k"))
    it.begin("hazard_area")
    it.bridge.open_replay(None)
    it.show(mark("k"))
    assert it.map.tool is None, "what was half drawn is given up"
    it.choose("k")
    acts = it.marking.panel.acts
    assert not [name for name in ("new", "undo", "confirm", "change", "remove", "read") if acts[name].isEnabled()]
    assert acts["go"].isEnabled()
    assert it.marking.panel.said.text() == "回放中:不能标绘"
    QTest.keyClick(it.screen, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert it.orders == []


# ---- files


def test_a_file_is_looked_at_before_anything_is_added(qtbot: QtBot, tmp_path: Path) -> None:
    it = Marked(qtbot, mark("k"), mark("wet", kind="hazard_area", geometry=AREA))
    out = tmp_path / "out.geojson"
    it.marking.files.save(out)
    QApplication.processEvents()
    assert "2 个标绘" in it.marking.panel.said.text()
    it.show(mark("k"))
    it.marking.files.read(out)
    QApplication.processEvents()
    assert it.orders == []
    report = it.marking.panel.report.text()
    assert "可加上 1 个标绘、0 条道路" in report
    assert "1 个已经在图上" in report
    it.press("file-add")
    (order,) = it.orders
    assert isinstance(order, AddMark)
    assert (order.mark_id, order.seen_ns) == ("wet", NOW - 12 * MIN)
    assert it.marking.panel.page == "list"


def test_the_datum_of_a_file_is_wgs84_unless_the_person_says_otherwise(qtbot: QtBot, tmp_path: Path) -> None:
    it = Marked(qtbot)
    file = tmp_path / "a.geojson"
    # GCJ-02 of 34.395949 N 113.740662 E, by gcoord and coordtransform.
    file.write_text('{"type":"Point","coordinates":[113.746811797,34.394659427]}', encoding="utf-8")
    it.marking.files.read(file)
    QApplication.processEvents()
    it.marking.panel.datum.setCurrentIndex(1)
    QApplication.processEvents()
    it.press("file-add")
    (order,) = it.orders
    assert isinstance(order, AddMark)
    assert order.geometry.vertices[0] == pytest.approx((34.395949, 113.740662), abs=1e-8)


def test_a_file_that_is_none_is_a_sentence_and_nothing_can_be_added(qtbot: QtBot, tmp_path: Path) -> None:
    it = Marked(qtbot)
    file = tmp_path / "a.geojson"
    file.write_bytes(b"[" * 100_000)
    it.marking.files.read(file)
    QApplication.processEvents()
    assert "不是 JSON" in it.marking.panel.report.text()
    assert not it.marking.panel.acts["file-add"].isEnabled()


def test_marks_that_cannot_be_written_are_a_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    it = Marked(qtbot, mark("k"))
    it.marking.files.save(tmp_path / "nowhere" / "a.geojson")
    QApplication.processEvents()
    assert "导出不了" in it.marking.panel.said.text()
    assert isinstance(drawn_files.answer(DrawnWriteRequest(out=tmp_path, picture=it.picture, at_ns=0)), ExportPage)


def test_where_there_is_little_room_the_marks_stand_in_the_place_of_the_pictures_until_put_away(qtbot: QtBot) -> None:
    it = Marked(qtbot, mark("k"))
    assert it.screen.desk.isVisible()
    it.screen.resize(1302, 704)
    QApplication.processEvents()
    assert it.screen.is_compact
    assert it.screen.desk.isVisible()
    assert not it.screen.wall.isVisible()
    assert it.map.width() > 600
    it.screen.marking.open(is_open=False)
    assert it.screen.wall.isVisible()
