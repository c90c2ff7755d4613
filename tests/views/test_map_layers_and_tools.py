"""Layers and tools of others on the map: a layer is drawn once and moved, a tool is asked before the map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from console.picture import Picture
from console.views.situation.map_view import MapView
from console.views.situation.projection import View
from console.views.situation.toolbar import KEY
from console.views.speech import Speech
from console.views.theme import Metric, Theme
from tests.views.pictures import FakeDesk, picture, place, team
from tests.views.situation_rig import SPEECH, Shown
from tests.views.test_map_drawing import make_map

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")
GREEN = QColor("#00ff00")


class Spot:
    """A green square at one place; ``state`` is all it depends on."""

    def __init__(self, lat_deg: float = 34.40, lon_deg: float = 113.70) -> None:
        self.place = (lat_deg, lon_deg)
        self.state = 0
        self.draws = 0

    def key(self, picture: Picture, view: View, now_ns: int) -> object:
        del picture, view, now_ns
        return self.state

    def draw(self, painter: QPainter, picture: Picture, view: View, theme: Theme, speech: Speech, now_ns: int) -> None:
        del picture, theme, speech, now_ns
        self.draws += 1
        at = view.point(*self.place)
        painter.fillRect(QRectF(at.x() - 6, at.y() - 6, 12, 12), GREEN)


class Pencil:
    """Takes clicks, drags when told to, and the letter X."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.takes_press = False

    def _note(self, what: str, *, is_taken: bool) -> bool:
        self.did.append(what)
        return is_taken

    def press(self, point: QPointF) -> bool:
        del point
        return self._note("press", is_taken=self.takes_press)

    def move(self, point: QPointF) -> bool:
        del point
        return self._note("move", is_taken=True)

    def release(self, point: QPointF) -> bool:
        del point
        return self._note("release", is_taken=True)

    def double(self, point: QPointF) -> bool:
        del point
        return self._note("double", is_taken=True)

    def key(self, event: QKeyEvent) -> bool:
        return event.key() == Qt.Key.Key_X and self._note("key", is_taken=True)

    def draw(self, painter: QPainter, view: View, theme: Theme) -> None:
        del view, theme
        painter.fillRect(QRectF(400, 200, 5, 5), GREEN)

    def words(self) -> str:
        return ""

    def ended(self) -> None:
        self._note("ended", is_taken=True)


def with_layer(qtbot: QtBot) -> tuple[MapView, Spot]:
    view, spot = make_map(qtbot, FakeDesk()), Spot()
    view.layers.append(spot)
    view.grab()
    return view, spot


def colour_at(view: MapView, point: QPoint) -> QColor:
    return view.grab().toImage().pixelColor(point)


def test_a_layer_is_drawn_where_it_belongs_and_stays_there_while_dragged_without_being_drawn_again(
    qtbot: QtBot,
) -> None:
    view, spot = with_layer(qtbot)
    at = view.view.point(*spot.place).toPoint()
    assert colour_at(view, at) == GREEN
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    QTest.mouseMove(view, QPoint(320, 310))
    QTest.mouseMove(view, QPoint(350, 320))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(350, 320))
    assert colour_at(view, at + QPoint(50, 20)) == GREEN
    assert spot.draws == 1


def test_a_layer_is_drawn_anew_when_it_says_something_else(qtbot: QtBot) -> None:
    view, spot = with_layer(qtbot)
    before = view.view.point(*spot.place).toPoint()
    spot.place, spot.state = (34.41, 113.71), 1
    view.refresh()
    after = view.view.point(*spot.place).toPoint()
    assert colour_at(view, after) == GREEN
    assert colour_at(view, before) != GREEN
    assert spot.draws == 2


def test_a_layer_is_drawn_anew_before_its_margin_is_used_up(qtbot: QtBot) -> None:
    view, spot = with_layer(qtbot)
    at = view.view.point(*spot.place)
    for _ in range(4):
        view.view = view.view.panned(200, 0)
        view.grab()
    spot.place = view.view.degrees_at(QPointF(60, at.y()))
    spot.state = 1
    assert colour_at(view, view.view.point(*spot.place).toPoint()) == GREEN


def test_a_click_is_the_tools_and_a_drag_still_moves_the_map(qtbot: QtBot) -> None:
    view, pencil = make_map(qtbot, FakeDesk()), Pencil()
    view.take(pencil)
    team = view.view.point(34.397, 113.731).toPoint()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=team)
    assert pencil.did == ["press", "release"]
    assert view.selected_id is None
    before = view.view.point(34.39, 113.74)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    QTest.mouseMove(view, QPoint(350, 320))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(350, 320))
    assert view.view.point(34.39, 113.74).x() - before.x() > 40
    assert pencil.did.count("release") == 1


def test_a_tool_that_takes_the_press_is_given_the_drag(qtbot: QtBot) -> None:
    view, pencil = make_map(qtbot, FakeDesk()), Pencil()
    pencil.takes_press = True
    view.take(pencil)
    before = view.view
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    QTest.mouseMove(view, QPoint(350, 320))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(350, 320))
    assert view.view == before
    assert pencil.did[0] == "press"
    assert {"move", "release"} <= set(pencil.did)


def test_the_tool_is_asked_for_keys_first_is_drawn_above_all_and_ended_by_escape(qtbot: QtBot) -> None:
    view, pencil = make_map(qtbot, FakeDesk()), Pencil()
    view.take(pencil)
    QTest.keyClick(view, Qt.Key.Key_X)
    assert pencil.did == ["key"]
    assert colour_at(view, QPoint(402, 202)) == GREEN
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert view.tool is None
    assert pencil.did[-1] == "ended"
    assert colour_at(view, QPoint(402, 202)) != GREEN


def in_list(view: MapView, entry: QPushButton) -> None:
    """Choose from the list as a finger does."""
    QTest.mouseClick(view.bar.button, Qt.MouseButton.LeftButton)
    assert view.bar.isVisible()
    QTest.mouseClick(entry, Qt.MouseButton.LeftButton)


def test_a_tools_entry_takes_it_up_and_puts_it_away_and_is_large_enough_for_a_glove(qtbot: QtBot) -> None:
    view, first, second = make_map(qtbot, FakeDesk()), Pencil(), Pencil()
    began: list[str] = []
    one, other = (
        view.add_tool("tiles", "Y", first),
        view.add_tool("tiles2", "Z", second, lambda: began.append("second")),
    )
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    view.bar.toggle()
    sizes = [side for each in (view.bar.button, one, other) for side in (each.width(), each.height())]
    assert min(sizes) >= Metric.TOUCH
    assert not QRectF(one.geometry()).intersects(QRectF(other.geometry()))
    view.bar.toggle()
    in_list(view, one)
    assert (view.tool, one.isChecked()) == (first, True)
    in_list(view, other)
    assert (view.tool, one.isChecked(), other.isChecked()) == (second, False, True)
    assert first.did == ["ended"]
    QTest.keyClick(view, Qt.Key.Key_Z)
    assert view.tool is None
    assert not other.isChecked()
    QTest.keyClick(view, Qt.Key.Key_Z)
    assert view.tool is second
    assert began == ["second", "second"]


def test_the_list_of_tools_is_put_away_by_choosing_by_escape_by_its_button_and_by_a_tools_key(qtbot: QtBot) -> None:
    view = make_map(qtbot, FakeDesk())
    view.add_tool("ruler", "D", Pencil())
    bar = view.bar
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    assert not bar.isVisible(), "it covers the ground only while it is wanted"
    QTest.keyClick(view, Qt.Key.Key_K)
    assert bar.isVisible()
    QTest.keyClick(bar, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert not bar.button.isChecked()
    ways: tuple[Callable[[], None], ...] = (
        lambda: QTest.mouseClick(bar.button, Qt.MouseButton.LeftButton),
        lambda: QTest.mouseClick(bar.buttons["ruler"], Qt.MouseButton.LeftButton),
        lambda: QTest.keyClick(view, Qt.Key.Key_Escape),
        lambda: QTest.keyClick(bar, Qt.Key.Key_D),
        lambda: QTest.keyClick(bar, Qt.Key.Key_Return),
    )
    for put_away in ways:
        view.take(None)
        bar.toggle()
        assert bar.isVisible()
        put_away()
        assert not bar.isVisible()


def test_the_map_can_be_moved_while_the_list_of_tools_is_open(qtbot: QtBot) -> None:
    view = make_map(qtbot, FakeDesk())
    view.bar.toggle()
    before = view.view
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(500, 300))
    QTest.mouseMove(view, QPoint(550, 320))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(550, 320))
    assert view.view != before
    assert view.bar.isVisible()


def test_every_tool_has_a_key_of_its_own_that_the_table_of_keys_tells(qtbot: QtBot) -> None:
    screen = Shown(qtbot).screen
    bar = screen.map.bar
    keys = {name: button.key.text() for name, button in bar.buttons.items()}
    assert keys == {
        "marks": "M", "retreat": "E", "ruler": "D", "rings": "O", "reach": "T", "sight": "Shift+T", "grid": "X",
        "sheet": "P", "maps": "G", "roads": "H",
    }  # fmt: skip
    told = screen.keys()
    for name, key in {**keys, "tools": KEY}.items():
        assert f"{key} {SPEECH.say(f'situation.map.tool.{name}')}" in told
    for name, pressed in (("ruler", Qt.Key.Key_D), ("reach", Qt.Key.Key_T), ("marks", Qt.Key.Key_M)):
        QTest.keyClick(screen, pressed)
        assert bar.buttons[name].isChecked()


@pytest.mark.parametrize(("width", "height"), [(695, 462), (1008, 746)])
def test_no_label_lies_under_the_buttons_and_the_list_fits_the_map(qtbot: QtBot, width: int, height: int) -> None:
    shown = Shown(qtbot)
    view = shown.screen.map
    view.setFixedSize(width, height)
    teams = tuple(team(f"队{n}", "队", 4, 60, 15, place(34.395 + n % 6 / 90, 113.70 + n / 300, 10)) for n in range(30))
    view.show_picture(picture(teams=teams))
    view._is_moved_by_hand = True
    view.view = replace(view.view, zoom=12.2).centred(34.41, 113.74)
    view.grab()
    bar = view.bar
    shut = [QRectF(one.geometry()) for one in (bar.button, *bar.quick.values()) if one.isVisible()]
    assert len(shut) == (4 if width > 920 else 1)
    assert view.label_rects
    assert not [key for key, rect in view.label_rects.items() for one in shut if rect.intersects(one)]
    bar.toggle()
    assert view.rect().contains(bar.geometry())
    assert not [one for one in shut if QRectF(bar.geometry()).intersects(one)]
    for entry in bar.buttons.values():
        assert entry.height() >= Metric.TOUCH
        assert entry.width() >= entry.wanted_width(Theme()), entry.text()


def test_the_quick_buttons_do_and_show_what_the_list_does(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    view, bar = shown.screen.map, shown.screen.map.bar
    QTest.mouseClick(bar.quick["ruler"], Qt.MouseButton.LeftButton)
    assert view.tool is shown.screen.instruments.ruler
    assert (bar.quick["ruler"].isChecked(), bar.buttons["ruler"].isChecked()) == (True, True)
    QTest.mouseClick(bar.quick["ruler"], Qt.MouseButton.LeftButton)
    assert view.tool is None
    assert (bar.quick["ruler"].isChecked(), bar.buttons["ruler"].isChecked()) == (False, False)
    QTest.mouseClick(bar.quick["retreat"], Qt.MouseButton.LeftButton)
    assert view.tool is shown.screen.marking.tool
    assert shown.screen.marking.tool.kind == "retreat_route"


def test_in_a_replay_no_way_out_is_drawn_and_the_panel_says_why(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    shown.bridge.open_replay(None)
    shown.screen.show_picture(picture())
    QTest.keyClick(shown.screen, Qt.Key.Key_E)
    assert shown.screen.map.tool is None
    assert shown.screen.marking.panel.said.text() == SPEECH.say("situation.marks.locked")


def test_a_map_without_tools_has_only_the_entry_of_its_packages(qtbot: QtBot) -> None:
    assert set(make_map(qtbot, FakeDesk()).bar.buttons) == {"maps"}
