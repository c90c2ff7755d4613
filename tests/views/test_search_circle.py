"""The circle in which a team may be that was not placed for a while: it grows, and says that it is assumed."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest
from pytestqt.qtbot import QtBot

from console.picture import Team
from console.views.situation.search import MOST_M, SearchCircles, reach_of, reach_words
from tests.views.pictures import MIN, NOW, place, team
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
    view, picture = shown.screen.map.view, shown.screen.map._picture
    assert picture is not None
    circles = next(layer for layer in shown.screen.map.layers if isinstance(layer, SearchCircles))
    key = cast("tuple[tuple[str, float], ...]", circles.key(picture, view, NOW))
    assert {one[0] for one in key} == {"消防水域二组", "观音寺镇综合队", "基干民兵连"}
    assert circles.key(picture, view, NOW + 100_000_000) == key
    assert circles.key(picture, view, NOW + 2 * MIN) != key
    silent = next(one for one in picture.teams if one.name == "消防水域二组")
    reach = reach_of(silent, NOW)
    assert reach is not None
    image = shown.screen.map.grab().toImage()
    centre = view.point(reach.lat_deg, reach.lon_deg)
    inside = image.pixelColor(round(centre.x()) - 40, round(centre.y()) - 20)
    assert inside.red() > inside.green() + 4, "faintly red"
