"""The circle in which a team may be that was not placed for a while: it grows, and says that it is assumed."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from console.picture import Picture, Team
from console.views.situation import search
from console.views.situation.projection import View, to_plane
from console.views.situation.search import MOST_M, SearchCircles, reach_of, reach_words
from console.views.theme import Theme
from tests.views.pictures import MIN, NOW, picture, place, team
from tests.views.situation_rig import SPEECH, Shown

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def lost(silent_s: float, fix_s: float, expected_min: float = 15) -> Team:
    return team("水域二组", "消", 8, silent_s, expected_min, place(34.355, 113.760, fix_s))


@pytest.mark.parametrize(("fix_s", "has_circle"), [(60, False), (449, False), (451, True), (3600, True)])
def test_a_place_of_now_has_no_circle_and_an_ageing_one_has(fix_s: float, *, has_circle: bool) -> None:
    assert (reach_of(lost(10, fix_s), NOW) is not None) == has_circle


def test_it_grows_on_foot_with_the_age_of_the_fix_not_of_the_last_word() -> None:
    reach = reach_of(lost(10, 27 * 60), NOW)
    assert reach is not None
    assert reach.radius_m == pytest.approx(1800)
    assert reach.tone == "dim"
    later = reach_of(lost(10, 27 * 60), NOW + 27 * MIN)
    assert later is not None
    assert later.radius_m == pytest.approx(3600)
    assert later.tone == "alarm", "by then it is overdue"


def test_it_begins_with_the_accuracy_goes_on_at_the_speed_told_and_ends_somewhere() -> None:
    silent = lost(27 * 60, 27 * 60)
    assert silent.place is not None
    fast = reach_of(replace(silent, place=replace(silent.place, speed_mps=3.0, accuracy_m=100.0)), NOW)
    assert fast is not None
    assert fast.radius_m == pytest.approx(100 + 27 * 60 * 3)
    assert reach_words(fast, SPEECH) == "可能范围 5.0 km(假设 11 km/h)"
    far = reach_of(silent, NOW + 24 * 60 * MIN)
    assert far is not None
    assert (far.radius_m, far.is_most) == (MOST_M, True)
    assert reach_words(far, SPEECH) == "可能已超出 10.0 km(假设 4 km/h)"


def test_the_map_draws_it_around_the_last_place_and_anew_only_when_a_pixel_changes(qtbot: QtBot) -> None:
    shown = Shown(qtbot)
    view, whole = shown.screen.map.view, shown.screen.map._picture
    assert whole is not None
    circles = next(layer for layer in shown.screen.map.layers if isinstance(layer, SearchCircles))
    key = cast("tuple[tuple[str, float], ...]", circles.key(whole, view, NOW))
    assert {one[0] for one in key} == {"消防水域二组", "观音寺镇综合队", "基干民兵连"}
    assert circles.key(whole, view, NOW + 100_000_000) == key
    assert circles.key(whole, view, NOW + 2 * MIN) != key
    silent = next(one for one in whole.teams if one.name == "消防水域二组")
    reach = reach_of(silent, NOW)
    assert reach is not None
    image = shown.screen.map.grab().toImage()
    centre = view.point(reach.lat_deg, reach.lon_deg)
    inside = image.pixelColor(round(centre.x()) - 40, round(centre.y()) - 20)
    assert inside.red() > inside.green() + 4, "faintly red"


def many_lost(count: int) -> Picture:
    lost_ones = (
        team(f"队{n:02}", "队", 8, age_s, 15, place(34.36, 113.2 + n / 12, age_s))
        for n, age_s in enumerate(range(1000, 1000 + 60 * count, 60))
    )
    return picture(teams=tuple(lost_ones))


def drawn(picture: Picture, circles: SearchCircles) -> list[str]:
    """The words put on the map."""
    said: list[str] = []
    image = QImage(900, 400, QImage.Format.Format_RGB32)
    east_m, north_m = to_plane(34.36, 113.7)
    view = View(centre_east_m=east_m, centre_north_m=north_m, zoom=13.0, width_px=900, height_px=400)
    painter = QPainter(image)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "draw_text", lambda _painter, _rect, words, _colour: said.append(words))
        circles.draw(painter, picture, view, Theme(), SPEECH, NOW)
    painter.end()
    return said


def test_of_many_circles_only_the_most_urgent_and_the_selected_say_what_they_are_and_the_count_is_said_once(
    qtbot: QtBot,
) -> None:
    del qtbot
    whole, chosen = many_lost(12), ["队02"]
    circles = SearchCircles(lambda: chosen[0])
    spoken = [one for one, is_spoken in circles._ranked(whole, NOW) if is_spoken]
    assert [one.team_id for one in spoken] == ["队11", "队10", "队09", "队02"]
    assert drawn(whole, circles) == [reach_words(one, SPEECH) for one in spoken]
    assert circles.words(whole, NOW, SPEECH) == "范围圈 12 个，标出 4 个"
    view = View(centre_east_m=0, centre_north_m=0, zoom=12.0, width_px=900, height_px=700)
    before = circles.key(whole, view, NOW)
    chosen[0] = "队11"
    assert circles.key(whole, view, NOW) != before, "drawn anew for another selection"
    few = many_lost(3)
    assert len(drawn(few, circles)) == 3
    assert not circles.words(few, NOW, SPEECH)
