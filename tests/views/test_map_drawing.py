"""The map: where things are drawn, what is hidden, and what must never look current."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from console.views.situation.declutter import Wanted, place_labels, place_seen
from console.views.situation.ground import angle_words
from console.views.situation.legend import readout
from console.views.situation.map_view import MapView
from console.views.situation.marks import MOST_LED, led_ids, marks_of
from console.views.situation.projection import View, to_degrees, to_plane
from console.views.situation.sketch import drill_sketch
from console.views.speech import Speech
from console.views.theme import Theme
from tests.views.pictures import MIN, NOW, FakeDesk, bridge_with, picture, place, team

SPEECH = Speech("zh", zone=dt.timezone(dt.timedelta(hours=8)))
VIEW = View(centre_east_m=0.0, centre_north_m=0.0, zoom=12.0, width_px=1000.0, height_px=700.0).centred(34.39, 113.74)


def make_map(qtbot: QtBot, desk: FakeDesk) -> MapView:
    view = MapView(bridge_with(desk), Theme(), SPEECH)
    qtbot.addWidget(view)
    view.resize(1000, 700)
    view.show_picture(picture())
    view.show()
    qtbot.waitExposed(view)
    return view


def test_degrees_survive_the_way_to_the_plane_and_back() -> None:
    assert to_degrees(*to_plane(34.396, 113.741)) == pytest.approx((34.396, 113.741), abs=1e-9)
    # EPSG:3857 of 113.740662 E, 34.395949 N by the spherical formula, in metres.
    assert to_plane(0.0, 180.0) == pytest.approx((20_037_508.342789, 0.0), abs=1e-3)


def test_north_is_up_and_east_is_right() -> None:
    centre, north, east = (VIEW.point(*at) for at in ((34.39, 113.74), (34.40, 113.74), (34.39, 113.75)))
    assert north.y() < centre.y()
    assert east.x() > centre.x()


def test_zooming_keeps_the_place_under_the_pointer() -> None:
    pointer = QPointF(200, 500)
    assert VIEW.zoomed(2.0, pointer).degrees_at(pointer) == pytest.approx(VIEW.degrees_at(pointer), abs=1e-9)


def test_fitting_shows_every_place_within_the_margin() -> None:
    places = [(34.30, 113.60), (34.45, 113.90)]
    fitted = VIEW.fitted(places, 50, 60)
    inner = QRectF(49, 49, 902, 542)
    assert all(inner.contains(fitted.point(*at)) for at in places)


def test_labels_never_cover_one_another_and_the_necessary_ones_are_all_there() -> None:
    symbols = [QRectF(500 + 7 * index, 300 + 5 * index, 30, 22) for index in range(12)]
    wanted = [
        Wanted(key=str(index), symbol=rect, size=QSizeF(140, 20), must_show=index < 5)
        for index, rect in enumerate(symbols)
    ]
    placed = place_labels(wanted, QRectF(0, 0, 1000, 700), 6)
    assert {label.key for label in placed} >= {"0", "1", "2", "3", "4"}
    assert len(placed) < len(wanted)
    assert not any(one.rect.intersects(other.rect) for one, other in combinations(placed, 2))
    assert not any(label.rect.intersects(rect) for label in placed for rect in symbols)


def test_what_is_seen_is_named_within_what_is_seen_and_what_lies_beyond_where_there_is_room() -> None:
    seen, drawn = QRectF(200, 100, 1000, 700), QRectF(0, 0, 1400, 900)

    def wanted(key: str, x: float) -> Wanted:
        return Wanted(key=key, symbol=QRectF(x, 400, 20, 20), size=QSizeF(180, 20), must_show=False)

    edge, beyond = wanted("edge", 1170), wanted("beyond", 1210)
    (placed,) = place_labels([edge], drawn, 6)
    assert not seen.contains(placed.rect), "without a word it would be cut"
    found = {one.key: one.rect for one in place_seen([beyond, edge], seen, drawn, 6)}
    assert seen.contains(found["edge"])
    assert drawn.contains(found["beyond"])
    assert not found["edge"].intersects(found["beyond"])


def test_only_the_most_urgent_labels_and_the_selected_one_stand_apart_on_a_leader() -> None:
    teams = tuple(team(f"队{n:02}", "队", 8, 1000 + 60 * n, 15, place(34.39, 113.74, 1000 + 60 * n)) for n in range(20))
    marks = marks_of(picture(teams=teams, alarms=()), VIEW, SPEECH, NOW, "队03")
    assert led_ids(marks) == {"队03", *(f"队{n:02}" for n in range(19, 19 - MOST_LED + 1, -1))}
    fresh = marks_of(picture(teams=(team("新", "新", 8, 5, 15, place(34.39, 113.74, 5)),)), VIEW, SPEECH, NOW, None)
    assert not led_ids(fresh)


def test_a_team_over_its_period_is_dated_struck_and_never_given_as_current() -> None:
    marks = {mark.team_id: mark for mark in marks_of(picture(), VIEW, SPEECH, NOW, None)}
    over = marks["消防水域二组"]
    assert over.look == "over"
    assert over.is_stale
    assert over.struck == "末次 14:05"
    assert over.said == "失联 27 分"
    assert marks["观音寺镇综合队"].look == "old"
    assert marks["观音寺镇综合队"].struck == "末次 13:47"
    assert marks["无人机组"].look == "fresh"
    assert marks["无人机组"].struck == ""


def test_marks_age_with_the_clock_though_no_picture_comes() -> None:
    later = {mark.team_id: mark for mark in marks_of(picture(), VIEW, SPEECH, NOW + 30 * MIN, None)}
    assert all(mark.is_stale for mark in later.values())


def test_an_arrow_is_drawn_only_for_a_fresh_moving_team() -> None:
    marks = {mark.team_id: mark for mark in marks_of(picture(), VIEW, SPEECH, NOW, None)}
    assert marks["无人机组"].course_deg == 70
    assert marks["医疗救护组"].course_deg is None
    later = {mark.team_id: mark for mark in marks_of(picture(), VIEW, SPEECH, NOW + 30 * MIN, None)}
    assert later["无人机组"].course_deg is None


def test_no_uncertainty_is_invented() -> None:
    assert all(mark.accuracy_px is None for mark in marks_of(picture(), VIEW, SPEECH, NOW, None))
    known = replace(place(34.39, 113.74, 5), accuracy_m=500.0)
    (mark,) = marks_of(picture(teams=(team("a", "甲", 1, 5, 5, known),)), VIEW, SPEECH, NOW, None)
    assert mark.accuracy_px is not None
    # Half a kilometre to the north on the ellipsoid: 500 / 110,922 m a degree here.
    north = VIEW.point(34.39 + 500 / 110_922, 113.74)
    assert mark.accuracy_px == pytest.approx(VIEW.point(34.39, 113.74).y() - north.y(), rel=0.01)


def test_a_doubtful_clock_and_an_unknown_datum_are_said_at_the_symbol() -> None:
    where = replace(place(34.39, 113.74, 5), is_clock_doubtful=True, datum="gcj02")
    (mark,) = marks_of(picture(teams=(team("a", "甲", 1, 5, 5, where),)), VIEW, SPEECH, NOW, None)
    assert "源时钟不可信" in mark.said
    assert "GCJ-02" in mark.said


def test_the_readout_gives_coordinates_datum_age_distance_and_bearing() -> None:
    words = " ".join(said for said, _ in readout(picture(), SPEECH, NOW, "消防水域二组", None))
    assert "N 34°21′18.0″ E 113°45′36.0″ WGS-84" in words
    assert "27 分前" in words
    # Geodesic on WGS-84 between the two places: 5,706 m at 156.6 degrees.
    assert "距指挥车 5.7 km / 157°" in words


def test_a_distance_from_an_old_place_of_the_vehicle_says_so() -> None:
    words = readout(picture(), SPEECH, NOW + MIN, None, (34.4, 113.7))
    assert words[-1][1] == "warn"
    assert "车位 1 分前" in words[-1][0]
    nowhere = readout(picture(own_device_id=None), SPEECH, NOW, None, (34.4, 113.7))
    assert nowhere[-1] == ("指挥车位置不明", "warn")


def test_angles_are_written_in_whole_minutes_and_seconds() -> None:
    assert angle_words(34.4, "N", "S") == "N 34°24′"
    assert angle_words(113.7416667, "E", "W") == "E 113°44′30″"


def test_the_sketch_lies_around_the_county() -> None:
    sketch = drill_sketch()
    assert all(34.2 < lat < 34.6 and 113.5 < lon < 114.0 for line in sketch.roads for lon, lat in line.points)
    assert any(name.zh == "双洎河" and name.en for name in sketch.names)


def test_clicking_a_team_selects_it_and_clicking_again_walks_through_those_at_one_place(qtbot: QtBot) -> None:
    view = make_map(qtbot, FakeDesk())
    chosen: list[str] = []
    view.selected.connect(chosen.append)
    where = view.view.point(34.397, 113.731).toPoint()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=where)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=where)
    assert set(chosen) == {"医疗救护组", "蓝天救援队"}


def test_clicking_beside_all_sets_the_cursor_and_clears_the_choice(qtbot: QtBot) -> None:
    view = make_map(qtbot, FakeDesk())
    view.select("消防水域二组")
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(30, 200))
    assert view.selected_id is None
    assert view.cursor_deg is not None


def test_dragging_moves_the_map_and_does_not_select(qtbot: QtBot) -> None:
    view = make_map(qtbot, FakeDesk())
    before = view.view.point(34.39, 113.74)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    QTest.mouseMove(view, QPoint(350, 320))
    QTest.mouseMove(view, QPoint(400, 340))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(400, 340))
    moved = view.view.point(34.39, 113.74) - before
    assert (round(moved.x()), round(moved.y())) == (100, 40)
    assert view.cursor_deg is None


def test_keys_and_buttons_zoom_and_move(qtbot: QtBot) -> None:
    view = make_map(qtbot, FakeDesk())
    zoom = view.view.zoom
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert view.view.zoom == pytest.approx(zoom + 0.5)
    QTest.mouseClick(view._movers.buttons["minus"], Qt.MouseButton.LeftButton)
    assert view.view.zoom == pytest.approx(zoom)
    assert view._movers.buttons["minus"].width() >= 44
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.view.point(34.39, 113.74).x() != pytest.approx(500)


def test_a_map_moved_by_hand_is_not_moved_by_new_places(qtbot: QtBot) -> None:
    view = make_map(qtbot, FakeDesk())
    view.zoom(2)
    held = view.view
    more = (*picture().teams, team("新队", "新", 1, 1, 5, place(34.9, 114.3, 1)))
    view.show_picture(picture(teams=more))
    assert view.view == held


def test_painted_labels_stay_within_the_map_and_clear_of_each_other(qtbot: QtBot) -> None:
    view = make_map(qtbot, FakeDesk())
    view.grab()
    rects = list(view.label_rects.values())
    assert len(rects) >= 9
    assert {"消防水域二组", "观音寺镇综合队"} <= set(view.label_rects)
    assert all(view.view.rect().contains(rect) for rect in rects)
    assert not any(one.intersects(other) for one, other in combinations(rects, 2))


def test_live_shows_no_sketch_and_the_drill_does(qtbot: QtBot) -> None:
    view = make_map(qtbot, FakeDesk())
    view.show_picture(picture(teams=(), own_device_id=None))
    live = view.grab().toImage()
    view.show_picture(picture(teams=(), own_device_id=None, mode="drill"))
    drill = view.grab().toImage()
    river = Theme().palette.map_river

    def has_river(image: QImage) -> bool:
        return any(image.pixelColor(x, y) == river for x in range(0, 1000, 3) for y in range(0, 700, 3))

    assert has_river(drill)
    assert not has_river(live)
