"""Thousands of teams: who is drawn, what a count stands for; dragging draws nothing anew, nor keeps an old age."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from console.picture import Picture, Team, TrailPoint
from console.views.judgement import by_silence, is_place_old, place_age_ns, place_old_after_ns, silence_of
from console.views.situation import canvas
from console.views.situation.crowd import Crowd
from console.views.situation.map_view import MapView
from console.views.situation.plate import Plate
from console.views.theme import Theme
from tests.views.pictures import MIN, NOW, FakeDesk, S, picture, place, team
from tests.views.test_map_drawing import VIEW, make_map


def many(count: int, spread_deg: float = 0.02, seed: int = 1) -> tuple[Team, ...]:
    chance = random.Random(seed)
    return tuple(
        team(
            f"队{number}", "消", 5, 10, 15, place(chance.gauss(34.39, spread_deg), chance.gauss(113.74, spread_deg), 10)
        )
        for number in range(count)
    )


def with_teams(qtbot: QtBot, teams: tuple[Team, ...]) -> tuple[MapView, FakeDesk]:
    desk = FakeDesk()
    view = make_map(qtbot, desk)
    view.view = VIEW
    view.show_picture(picture(teams=teams, own_device_id=None))
    view.zoom(0)
    view.grab()
    return view, desk


def old(one: Team) -> Team:
    assert one.place is not None
    return replace(one, last_heard_ns=NOW - 40 * MIN, place=place(one.place.lat_deg, one.place.lon_deg, 40 * 60))


@pytest.mark.parametrize("count", [40, 500, 5_000, 20_000])
def test_every_team_in_view_is_drawn_or_counted_and_few_enough_to_read_are_drawn(count: int) -> None:
    crowd = Crowd()
    crowd.take(picture(teams=many(count, 0.008)))
    gathered = crowd.gather(VIEW, NOW, ())
    assert len(gathered.teams) + sum(badge.number for badge in gathered.badges) == count
    assert len(gathered.teams) <= 500
    assert all(badge.number > 1 for badge in gathered.badges)


def test_a_count_lies_where_its_teams_are_and_stays_there_while_the_map_is_dragged() -> None:
    crowd = Crowd()
    crowd.take(picture(teams=tuple(replace(one, id=f"{n}") for n, one in enumerate(many(9, 0.0)))))
    (badge,) = crowd.gather(VIEW, NOW, ()).badges
    assert (badge.centre - VIEW.point(34.39, 113.74)).manhattanLength() <= 2
    (moved,) = crowd.gather(VIEW.panned(37, 21), NOW, ()).badges
    assert (moved.centre - badge.centre - QPoint(37, 21)).manhattanLength() <= 2
    assert set(badge.team_ids) == {str(n) for n in range(9)}


def test_the_selected_the_alarmed_and_the_stale_are_never_counted_away(qtbot: QtBot) -> None:
    teams = many(3_000, 0.01)
    teams = (*teams[:40], *(old(one) for one in teams[40:60]), *teams[60:])
    alarm = replace(picture().alarms[0], subject_id="队7", state="unacknowledged")
    view, _ = with_teams(qtbot, teams)
    view.show_picture(picture(teams=teams, alarms=(alarm,), own_device_id=None))
    view.select("队3")
    view.grab()
    drawn = {mark.team_id: mark for mark in view.marks}
    in_view = {
        one.id
        for one in teams[40:60]
        if one.place and VIEW.rect().contains(VIEW.point(one.place.lat_deg, one.place.lon_deg))
    }
    assert {"队3", "队7"} | in_view <= set(drawn)
    assert drawn["队3"].is_selected
    assert drawn["队7"].is_alarmed
    assert all(drawn[one].is_stale for one in in_view)


def test_where_all_are_stale_the_counts_say_so() -> None:
    crowd = Crowd()
    crowd.take(picture(teams=tuple(old(one) for one in many(2_000, 0.005))))
    gathered = crowd.gather(VIEW, NOW, ())
    assert gathered.badges
    assert all(badge.stale == badge.number for badge in gathered.badges)


def test_an_old_place_is_old_from_the_same_moment_for_one_team_as_for_thousands() -> None:
    teams = [*picture().teams, old(many(1)[0]), team("无", "无", 1, None, 15, place(34.3, 113.7, 5))]
    teams.append(replace(teams[-1], id="nomeans", means=()))
    for one in teams:
        if one.place is None:
            continue
        turn = place_old_after_ns(one)
        for now_ns in (NOW, NOW + 5 * MIN, NOW + 20 * MIN, max(turn, 0), turn + 1):
            is_over = silence_of(one, now_ns).level in ("over", "never")
            expected = is_over or place_age_ns(one.place, now_ns) > 2 * one.expected_s * S
            assert is_place_old(one, now_ns) == expected, (one.id, now_ns)
    assert by_silence(teams, NOW)


def test_only_what_changed_is_read_anew_and_the_result_is_the_same() -> None:
    teams = many(300)
    crowd, fresh = Crowd(), Crowd()
    crowd.take(picture(teams=teams))
    changed = (*teams[:100], *(old(one) for one in teams[100:110]), *teams[110:])
    for crew in (changed, changed[:-1], (*changed[1:], changed[0])):
        crowd.take(picture(teams=crew))
        fresh = Crowd()
        fresh.take(picture(teams=crew))
        assert crowd.gather(VIEW, NOW, ()) == fresh.gather(VIEW, NOW, ())


def test_dragging_judges_and_draws_no_team_anew(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    view, _ = with_teams(qtbot, many(300))
    before = view.grab().toImage()
    monkeypatch.setattr(canvas, "marks_of", lambda *_: pytest.fail("a team was judged while dragging"))
    for _ in range(6):
        view.view = view.view.panned(8, 5)
        view.grab()
    after = view.grab().toImage()
    # What was in the middle is 48 px to the right and 30 px lower, to the pixel.
    assert before.copy(200, 200, 300, 200) == after.copy(248, 230, 300, 200)


def test_a_long_drag_never_shows_an_age_that_is_no_longer_true(qtbot: QtBot) -> None:
    view, desk = with_teams(qtbot, many(5))
    said = {mark.said for mark in view.marks}
    assert said == {"10 秒"}
    for _ in range(8):
        view.view = view.view.panned(4, 0)
        desk.at_ns += 250_000_000
        view.grab()
    assert {mark.said for mark in view.marks} == {"12 秒"}


def test_a_team_becomes_hollow_in_the_middle_of_a_drag(qtbot: QtBot) -> None:
    view, desk = with_teams(qtbot, many(1, 0.0))
    symbol = view.view.point(34.39, 113.74).toPoint() + QPoint(-11, -7)
    panel = Theme().palette.panel
    assert view.grab().toImage().pixelColor(symbol) == panel
    view.view = view.view.panned(30, 0)
    assert view.grab().toImage().pixelColor(symbol + QPoint(30, 0)) == panel
    desk.at_ns += 40 * MIN
    view.view = view.view.panned(30, 0)
    assert view.grab().toImage().pixelColor(symbol + QPoint(60, 0)) != panel


def test_drags_and_trails_that_go_on_take_turns_with_one_plate_more(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Plate] = []
    plain = Plate.__init__

    def make(plate: Plate, *args: object) -> None:
        made.append(plate)
        plain(plate, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Plate, "__init__", make)
    teams = tuple(replace(one, trail=walk(0)) for one in many(9))
    view, desk = with_teams(qtbot, teams)
    made.clear()
    for second in range(1, 6):
        desk.at_ns += S
        view.show_picture(picture(teams=tuple(replace(one, trail=walk(second)) for one in teams), own_device_id=None))
        for _ in range(4):
            view.refresh()
            view.grab()
        for _ in range(4):
            view.view = view.view.panned(40, 20)
            view.grab()
    assert len(made) == 1


def walk(first: int) -> tuple[TrailPoint, ...]:
    return tuple(TrailPoint(34.39 + n * 1e-3, 113.74, NOW + n * S, is_after_gap=False) for n in range(first, first + 9))


def fresh_look(qtbot: QtBot, shown: Picture, view: MapView) -> QImage:
    other = make_map(qtbot, FakeDesk())
    other.show_picture(shown)
    other.zoom(0)
    other.view = view.view
    return other.grab().toImage()


def test_after_a_drag_the_map_looks_as_if_it_was_opened_there(qtbot: QtBot) -> None:
    shown = picture(teams=many(150))
    view, desk = with_teams(qtbot, shown.teams)
    view.show_picture(shown)
    for _ in range(5):
        view.view = view.view.panned(31, -17)
        view.grab()
    view.refresh()
    desk.at_ns = NOW
    assert view.grab().toImage() == fresh_look(qtbot, shown, view)


def test_clicking_a_count_of_few_spreads_its_teams_so_that_each_can_be_chosen(qtbot: QtBot) -> None:
    view, _ = with_teams(qtbot, many(6, 0.0))
    (badge,) = view.badges
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=badge.centre.toPoint())
    view.grab()
    assert view.badges == []
    marks = view.marks
    assert len({(mark.centre.x(), mark.centre.y()) for mark in marks}) == 6
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=marks[3].centre.toPoint())
    assert view.selected_id == marks[3].team_id


def test_clicking_a_count_of_many_goes_nearer(qtbot: QtBot) -> None:
    view, _ = with_teams(qtbot, many(2_000, 0.004))
    zoom = view.view.zoom
    badge = max(view.badges, key=lambda one: one.number)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=badge.centre.toPoint())
    assert view.view.zoom > zoom
