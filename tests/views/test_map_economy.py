"""The map draws little, and the same as if it drew all: what is kept must never be what is old."""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from functools import partial
from itertools import combinations

import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QImage, QPainter, QRegion
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.picture import Picture, Team, TrailPoint
from console.views.situation.declutter import Wanted, box, place_labels
from console.views.situation.map_view import MapView
from console.views.situation.projection import View, to_plane, to_points
from console.views.situation.stamps import Stamps, Writing
from console.views.situation.tracks import Trails
from console.views.theme import Size, Theme
from tests.views.pictures import NOW, FakeDesk, S, picture, place, team
from tests.views.test_map_drawing import VIEW, make_map

NIGHT = Theme()


class Painted:
    """A map on the screen, and what was repainted of it."""

    def __init__(self, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
        self.desk = FakeDesk()
        self.map = make_map(qtbot, self.desk)
        self.regions: list[QRegion] = []
        plain = MapView.paintEvent

        def paint(view: MapView, event: object) -> None:
            self.regions.append(event.region())  # type: ignore[attr-defined]
            plain(view, event)  # type: ignore[arg-type]

        monkeypatch.setattr(MapView, "paintEvent", paint)
        self.map.repaint()
        self.regions.clear()

    def refresh(self) -> QRegion:
        """What a refresh at this moment repaints."""
        self.regions.clear()
        self.map.refresh()
        QApplication.processEvents()
        return sum(self.regions, QRegion())


@pytest.fixture
def painted(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Painted:
    return Painted(qtbot, monkeypatch)


def test_nothing_is_painted_while_nothing_changes(painted: Painted) -> None:
    assert painted.refresh().isEmpty()


def test_every_label_whose_age_changed_is_painted_and_the_others_are_not(painted: Painted) -> None:
    said = {mark.team_id: mark.said for mark in painted.map.marks}
    rects = dict(painted.map.label_rects)
    painted.desk.at_ns += S
    region = painted.refresh()
    assert region != QRegion(painted.map.rect())
    changed = {mark.team_id for mark in painted.map.marks if mark.said != said[mark.team_id]}
    assert "公安交警组" in changed
    assert "消防水域二组" not in changed
    for team_id in changed & rects.keys():
        assert QRegion(rects[team_id].toRect()).subtracted(region).isEmpty(), team_id
    assert not region.contains(rects["消防水域二组"].center().toPoint())


def test_what_was_repainted_in_part_looks_as_if_it_was_painted_whole(painted: Painted) -> None:
    shown = QImage(painted.map.size(), QImage.Format.Format_RGB32)
    painted.map.render(shown)
    for _ in range(12):
        painted.desk.at_ns += 3 * S
        region = painted.refresh()
        part = QImage(painted.map.size(), QImage.Format.Format_RGB32)
        painted.map.render(part)
        onto = QPainter(shown)
        onto.setClipRegion(region)
        onto.drawImage(0, 0, part)
        onto.end()
        assert shown == part


def test_the_picture_before_is_let_go_when_the_new_one_is_on_the_screen(painted: Painted) -> None:
    before = picture(teams=())
    for shown in (before, picture()):
        painted.map.show_picture(shown)
        painted.map.refresh()
        held = sys.getrefcount(before)
        QApplication.processEvents()
    assert held - sys.getrefcount(before) >= 1
    assert painted.map._canvas.past is None


@pytest.mark.parametrize("accuracy_m", [1e8, 1e13])
def test_an_absurd_accuracy_stops_no_tick(accuracy_m: float, painted: Painted) -> None:
    for second in range(3):
        where = replace(place(34.39 + second / 1000, 113.74, 0), accuracy_m=accuracy_m * (1 + second))
        painted.map.show_picture(picture(teams=(team("甲", "消", 5, 0, 1, where),)))
        painted.desk.at_ns += S
        assert painted.refresh() == QRegion(painted.map.rect())


def on_screen(view: MapView) -> QImage:
    """What the display shows of it."""
    return view.screen().grabWindow(view.winId()).toImage().convertToFormat(QImage.Format.Format_RGB32)


def opened(qtbot: QtBot, shown: Picture, like: MapView, at_ns: int) -> QImage:
    """The same on a map opened just now."""
    desk = FakeDesk()
    desk.at_ns = at_ns
    other = make_map(qtbot, desk)
    other.show_picture(shown)
    other.zoom(0)
    other.view, other.selected_id = like.view, like.selected_id
    return other.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def test_a_part_painted_later_than_the_rest_brings_the_rest_with_it(painted: Painted, qtbot: QtBot) -> None:
    painted.desk.at_ns += S
    painted.map.repaint(QRegion(0, 0, 5, 5))
    canvas = painted.map._canvas
    qtbot.waitUntil(lambda: bool(canvas.rest.isEmpty()))
    assert on_screen(painted.map) == opened(qtbot, picture(), painted.map, painted.desk.at_ns)


def crew(second: int, chance: random.Random, before: tuple[Team, ...]) -> tuple[Team, ...]:
    """One in four moved and was heard; some lie so close together that a count stands for them."""
    result = []
    for number, one in enumerate(before):
        assert one.place is not None
        if chance.random() < 0.75:
            result.append(one)
            continue
        lat, lon = one.place.lat_deg + chance.gauss(0, 4e-4), one.place.lon_deg + chance.gauss(0, 4e-4)
        moved = replace(place(lat, lon, 0, course_deg=float(number)), at_ns=NOW + second * S, fix_ns=NOW + second * S)
        result.append(replace(one, place=moved, last_heard_ns=NOW + second * S))
    return tuple(result)


@pytest.mark.parametrize("seed", range(3))
def test_after_any_ticks_the_screen_looks_as_if_the_map_was_opened_just_now(
    seed: int, painted: Painted, qtbot: QtBot
) -> None:
    chance = random.Random(seed)
    teams = tuple(
        team(f"{n}", "消", 5, 10, 1, place(chance.gauss(34.39, 0.02), chance.gauss(113.74, 0.02 if n % 2 else 5e-4), 9))
        for n in range(60)
    )
    view = painted.map
    view.zoom(0)
    parts = []
    for second in range(1, 14):
        painted.desk.at_ns += 5 * S
        teams = crew(5 * second, chance, teams)
        if second in (4, 6):
            view.select("3" if second == 4 else None)
        shown = picture(teams=teams)
        view.show_picture(shown)
        if second % 3 == 0:
            view.repaint(QRegion(chance.randrange(700), chance.randrange(500), 90, 60))
        QApplication.processEvents()
        parts.append(painted.refresh() != QRegion(view.rect()))
        assert on_screen(view) == opened(qtbot, shown, view, painted.desk.at_ns), second
    assert sum(parts) >= 6, "nearly always all of it is painted"


def test_a_team_that_becomes_overdue_is_painted_anew(painted: Painted) -> None:
    painted.desk.at_ns += 30 * 60 * S
    assert painted.refresh() == QRegion(painted.map.rect())


# ---- labels


def _brute_force(wanted: list[Wanted], placed: dict[str, QRectF]) -> bool:
    symbols = [(want.key, want.symbol) for want in wanted]
    clear = all(not rect.intersects(symbol) for key, rect in placed.items() for own, symbol in symbols if own != key)
    return clear and not any(one.intersects(other) for one, other in combinations(placed.values(), 2))


@pytest.mark.parametrize("seed", range(6))
def test_seventy_labels_by_cells_stand_as_clear_as_if_each_was_compared_with_each(seed: int) -> None:
    chance = random.Random(seed)
    wanted = [
        Wanted(
            key=str(number),
            symbol=QRectF(chance.uniform(-20, 1000), chance.uniform(-20, 700), 30, 22),
            size=QSizeF(chance.uniform(40, 220), 20),
            must_show=chance.random() < 0.2,
        )
        for number in range(70)
    ]
    obstacles = [QRectF(940, 400, 50, 280), QRectF(0, 650, 400, 40)]
    bounds = QRectF(0, 0, 1000, 700)
    placed = {label.key: label.rect for label in place_labels(wanted, bounds, 6, [box(rect) for rect in obstacles])}
    assert _brute_force(wanted, placed)
    assert all(bounds.contains(rect) for rect in placed.values())
    assert not any(rect.intersects(obstacle) for rect in placed.values() for obstacle in obstacles)
    hidden = [want for want in wanted if want.key not in placed and bounds.intersects(want.symbol)]
    taken = [*placed.values(), *obstacles]
    for want in hidden:
        others = [other.symbol for other in wanted if other is not want]
        right = QRectF(want.symbol.right() + 6, want.symbol.center().y() - 10, want.size.width(), 20)
        assert not bounds.contains(right) or any(right.intersects(rect) for rect in (*taken, *others)), "room was left"


# ---- stamps


def _note(drawn: list[str], key: str, _: QPainter) -> None:
    drawn.append(key)


def test_the_stamp_used_longest_ago_is_forgotten_and_another_style_forgets_all() -> None:
    theme = Theme()
    stamps = Stamps(theme, most=3)
    stamps.begin(1.0)
    drawn: list[str] = []
    for key in ("a", "b", "c", "a", "d", "a", "b"):
        stamps.stamp(key, 4, 4, partial(_note, drawn, key))
    assert drawn == ["a", "b", "c", "d", "b"]
    assert len(stamps) == 3
    theme.is_night = False
    stamps.begin(1.0)
    assert len(stamps) == 0


def test_other_words_and_other_colours_are_other_stamps() -> None:
    stamps = Stamps(Theme())
    stamps.begin(1.0)
    image = QImage(100, 20, QImage.Format.Format_RGB32)
    seen = set()
    for text, colour in (("5 秒", "#ffffff"), ("6 秒", "#ffffff"), ("5 秒", "#ff0000")):
        image.fill(QColor("#000000"))
        painter = QPainter(image)
        stamps.words(painter, QPointF(0, 0), text, QColor(colour), Writing(Size.SMALL), 20)
        painter.end()
        seen.add(bytes(image.constBits()))
    assert len(seen) == 3


# ---- trails


def test_many_places_are_projected_as_each_alone() -> None:
    places = [
        *_walk(0, 20),
        TrailPoint(89.9, 10.0, 0, is_after_gap=False),
        TrailPoint(-90.0, -180.0, 0, is_after_gap=False),
    ]
    for point, place_at in zip(to_points(places), places, strict=True):
        assert (point.x(), point.y()) == pytest.approx(to_plane(place_at.lat_deg, place_at.lon_deg), abs=1e-6)


def _walk(first: int, count: int) -> tuple[TrailPoint, ...]:
    chance = random.Random(1)
    points, lat, lon = [], 34.37, 113.70
    for number in range(first + count):
        lat, lon = lat + chance.uniform(-1, 1.3) * 3e-4, lon + chance.uniform(-0.8, 1.2) * 3e-4
        points.append(TrailPoint(lat, lon, NOW + number * S, number % 37 == 36))
    return tuple(points[first:])


def _moved(first: int, count: int = 60) -> Picture:
    teams = [
        replace(team(f"队 {number}", "队", 5, 5, 15, place(34.39, 113.74, 5)), trail=_walk(first + number, count))
        for number in range(9)
    ]
    return picture(teams=tuple(teams))


def _image(trails: Trails, shown: Picture, view: View = VIEW, stale: frozenset[str] = frozenset()) -> QImage:
    image = QImage(1000, 700, QImage.Format.Format_RGB32)
    image.fill(NIGHT.palette.map_ground)
    painter = QPainter(image)
    trails.draw(painter, shown, view, NIGHT, set(stale))
    painter.end()
    return image


def _settled(trails: Trails, shown: Picture, stale: frozenset[str] = frozenset()) -> QImage:
    image = _image(trails, shown, stale=stale)
    for _ in range(20):
        if trails.is_finished:
            return image
        image = _image(trails, shown, stale=stale)
    raise AssertionError("the layer is never finished")


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("onward", [1, 5, 59, 200])
def test_a_trail_that_went_on_looks_as_if_it_was_drawn_afresh(onward: int) -> None:
    trails = Trails()
    _image(trails, _moved(0))
    assert _settled(trails, _moved(onward)) == _image(Trails(), _moved(onward))


@pytest.mark.usefixtures("qapp")
def test_the_newest_leg_is_drawn_at_once() -> None:
    trails = Trails()
    _image(trails, _moved(0))
    newest, afresh = _image(trails, _moved(5)), _image(Trails(), _moved(5))
    for one in _moved(5).teams:
        at = VIEW.point(one.trail[-1].lat_deg, one.trail[-1].lon_deg).toPoint()
        assert newest.pixelColor(at) == afresh.pixelColor(at) != NIGHT.palette.map_ground


@pytest.mark.usefixtures("qapp")
def test_a_jump_back_in_time_leaves_nothing_of_the_future() -> None:
    trails = Trails()
    _image(trails, _moved(30))
    assert _image(trails, _moved(0)) == _image(Trails(), _moved(0))
    assert _image(trails, picture(teams=())) == _image(Trails(), picture(teams=()))


@pytest.mark.usefixtures("qapp")
def test_the_trail_of_a_team_that_became_stale_is_fainter() -> None:
    trails = Trails()
    _image(trails, _moved(0))
    stale = frozenset(one.id for one in _moved(0).teams)
    assert _settled(trails, _moved(0), stale) == _image(Trails(), _moved(0), stale=stale)


@pytest.mark.usefixtures("qapp")
def test_a_dragged_map_draws_its_trails_where_the_teams_are() -> None:
    trails = Trails()
    _image(trails, _moved(0))
    dragged = VIEW.panned(40, -30)
    assert _image(trails, _moved(0), dragged) == _image(Trails(), _moved(0), dragged)
    far = VIEW.panned(600, 0)
    assert _image(trails, _moved(0), far) == _image(Trails(), _moved(0), far)
