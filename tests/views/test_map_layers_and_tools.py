"""Layers and tools of others on the map: a layer is drawn once and moved, a tool is asked before the map."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from console.picture import Picture
from console.views.situation.map_view import MapView
from console.views.situation.projection import View
from console.views.speech import Speech
from console.views.theme import Metric, Theme
from tests.views.pictures import FakeDesk
from tests.views.test_map_drawing import make_map

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


def test_a_tools_button_takes_it_up_and_puts_it_away_and_is_large_enough_for_a_glove(qtbot: QtBot) -> None:
    view, first, second = make_map(qtbot, FakeDesk()), Pencil(), Pencil()
    one, other = view.add_tool("tiles", first), view.add_tool("tiles2", second)
    assert min(one.width(), one.height(), other.width(), other.height()) >= Metric.TOUCH
    assert not QRectF(one.geometry()).intersects(QRectF(other.geometry()))
    QTest.mouseClick(one, Qt.MouseButton.LeftButton)
    assert (view.tool, one.isChecked()) == (first, True)
    QTest.mouseClick(other, Qt.MouseButton.LeftButton)
    assert (view.tool, one.isChecked(), other.isChecked()) == (second, False, True)
    assert first.did == ["ended"]
    QTest.mouseClick(other, Qt.MouseButton.LeftButton)
    assert view.tool is None
    assert not other.isChecked()


def test_a_map_without_tools_has_only_the_button_of_its_packages(qtbot: QtBot) -> None:
    assert set(make_map(qtbot, FakeDesk()).bar.buttons) == {"maps"}
