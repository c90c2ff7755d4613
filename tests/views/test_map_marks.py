"""Marks on the map: what they look like at given clock times, and what is said of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from console.map_marks import KINDS, MapMark
from console.views.situation.mark_layer import MarkLayer, anchor_of, box_at
from console.views.situation.mark_words import in_order, words_of
from console.views.situation.projection import View
from console.views.theme import Palette, Theme
from devices.driver import NS_PER_S
from tests.views.marked import AREA, LINE, mark, marks
from tests.views.pictures import MIN, NOW, picture
from tests.views.situation_rig import SPEECH

VIEW = View(centre_east_m=0.0, centre_north_m=0.0, zoom=13.0, width_px=900.0, height_px=700.0).centred(34.395, 113.735)
pytestmark = pytest.mark.usefixtures("qapp")
DAY_AND_NIGHT = pytest.mark.parametrize("is_night", [True, False])


def drawn(*shown: MapMark, now_ns: int = NOW, is_night: bool = True) -> QImage:
    """The marks alone on the ground of the map."""
    theme = Theme(is_night=is_night)
    image = QImage(900, 700, QImage.Format.Format_RGB32)
    image.fill(theme.palette.map_ground)
    painter = QPainter(image)
    MarkLayer().draw(painter, picture(marks=shown, teams=()), VIEW, theme, SPEECH, now_ns)
    painter.end()
    return image


def colours(image: QImage, rect: QRectF | QRect) -> list[str]:
    box = rect.toAlignedRect() if isinstance(rect, QRectF) else rect
    return [
        image.pixelColor(x, y).name()
        for x in range(max(0, box.left()), min(899, box.right()) + 1)
        for y in range(max(0, box.top()), min(699, box.bottom()) + 1)
    ]


def share(image: QImage, rect: QRectF | QRect, colour: QColor) -> float:
    found = colours(image, rect)
    return found.count(colour.name()) / len(found)


def box_of(one: MapMark) -> QRectF:
    return box_at(anchor_of(one, VIEW), Theme())


def confirmed(**changes: Any) -> MapMark:
    return mark(state="confirmed", confirmed_ns=NOW - 12 * MIN, confirmed_by="李队", **changes)


# ---- what it looks like, at which time


@DAY_AND_NIGHT
def test_a_confirmed_mark_is_full_a_reported_one_is_not(is_night: bool) -> None:  # noqa: FBT001
    palette: Palette = Theme(is_night=is_night).palette
    inner = box_of(mark()).adjusted(3, 3, -3, -3)
    assert share(drawn(confirmed(), is_night=is_night), inner, palette.alarm) > 0.5
    assert share(drawn(mark(), is_night=is_night), inner, palette.alarm) < 0.35
    assert share(drawn(mark(), is_night=is_night), inner, palette.panel) > 0.4


@DAY_AND_NIGHT
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_turns_hollow_grey_and_dashed_in_the_second_it_expires(kind: Any, is_night: bool) -> None:  # noqa: FBT001
    place = {"hazard_area": AREA, "retreat_route": LINE}.get(kind, mark().geometry)
    one = confirmed(kind=kind, geometry=place, expires_s=3600.0)
    palette = Theme(is_night=is_night).palette
    expires_ns = NOW - 12 * MIN + 3600 * NS_PER_S
    edge = box_of(one)
    top = QRect(round(edge.left()), round(edge.top()) - 1, round(edge.width()), 3)
    before = drawn(one, now_ns=expires_ns - NS_PER_S, is_night=is_night)
    after = drawn(one, now_ns=expires_ns, is_night=is_night)
    inner = edge.adjusted(3, 3, -3, -3)
    assert share(before, inner, palette.map_ground) < 0.4
    assert share(after, inner, palette.map_ground) > 0.35, "hollow"
    assert share(after, inner, palette.dim) > 0
    tones = {tone.name() for tone in (palette.alarm, palette.warn, palette.own, palette.info)}
    assert not tones & set(colours(after, inner)), "nothing of it is coloured any more"
    line = [after.pixelColor(x, top.center().y()) for x in range(top.left(), top.right())]
    assert any(colour == palette.map_ground for colour in line), "dashed"


def test_a_known_hazard_is_hatched_and_an_unknown_one_is_an_empty_outline() -> None:
    one = confirmed(kind="hazard_area", geometry=AREA, expires_s=3600.0)
    palette = Theme().palette
    low, high = VIEW.point(34.3765, 113.710), VIEW.point(34.3795, 113.720)
    inside = QRectF(low, high).normalized()
    known, unknown = drawn(one), drawn(one, now_ns=NOW + 3600 * NS_PER_S)
    assert 0.02 < share(known, inside, palette.alarm) < 0.5, "lines, and the ground between them"
    assert set(colours(unknown, inside)) == {palette.map_ground.name()}
    assert share(known, inside.translated(250, 0), palette.alarm) == 0, "the hatch ends at the outline"


def test_a_note_that_is_an_area_is_not_hatched() -> None:
    low, high = VIEW.point(34.3765, 113.710), VIEW.point(34.3795, 113.720)
    image = drawn(confirmed(kind="note", geometry=AREA))
    assert set(colours(image, QRectF(low, high).normalized())) == {Theme().palette.map_ground.name()}


def test_a_way_out_points_to_its_end() -> None:
    forward = drawn(confirmed(kind="retreat_route", geometry=LINE))
    back = drawn(confirmed(kind="retreat_route", geometry=replace(LINE, vertices=LINE.vertices[::-1])))
    end = VIEW.point(*LINE.vertices[-1])
    around = QRectF(end.x() - 14, end.y() - 14, 28, 28)
    palette = Theme().palette
    assert share(forward, around, palette.info) > 1.3 * share(back, around, palette.info) > 0


def test_words_say_the_state_and_age_and_from_the_expiry_on_that_nobody_knows() -> None:
    one = mark(expires_s=3600.0)
    assert words_of(one, SPEECH, NOW).said == "上报 12 分"
    assert not words_of(one, SPEECH, NOW + 47 * MIN).is_unknown
    late = words_of(one, SPEECH, NOW + 48 * MIN)
    assert late.is_unknown
    assert late.said == "末次上报 14:20 · 不明(1 时 0 分前)"
    known = words_of(confirmed(expires_s=3600.0), SPEECH, NOW + 48 * MIN)
    assert known.said.startswith("末次确认 14:20 · 不明")
    assert words_of(mark(seen_ns=None), SPEECH, NOW).said == "时刻不详 · 不明"


def test_a_report_after_a_confirmation_is_only_a_report() -> None:
    one = replace(confirmed(), seen_ns=NOW - MIN)
    assert words_of(one, SPEECH, NOW).said == "上报 1 分"


def test_a_depth_is_said_in_metres_and_a_mark_of_yesterday_with_its_date() -> None:
    one = mark(kind="water_depth", depth_m=1.25, seen_ns=NOW - 24 * 60 * MIN, name="涵洞")
    words = words_of(one, SPEECH, NOW)
    assert words.title == "涵洞 1.25 m"
    assert "07-19 14:32" in words.said


def test_the_key_of_the_layer_changes_with_every_word_it_draws() -> None:
    layer, shown = MarkLayer(), picture(marks=marks())
    for before_ns, after_ns in ((NOW, NOW + 60 * NS_PER_S), (NOW, NOW + 48 * 60 * MIN)):
        said = [words_of(one, SPEECH, before_ns) for one in shown.marks]
        changed = [words_of(one, SPEECH, after_ns) for one in shown.marks] != said
        assert changed == (layer.key(shown, VIEW, before_ns) != layer.key(shown, VIEW, after_ns))
    assert layer.key(shown, VIEW, NOW) == layer.key(shown, VIEW.panned(30, 30), NOW)


def test_the_layer_is_drawn_anew_in_the_second_of_an_expiry_and_an_age_is_ten_seconds_late_at_most() -> None:
    layer = MarkLayer()
    one = mark(seen_ns=NOW - 12 * MIN - 33 * NS_PER_S, expires_s=1803.0)
    shown = picture(marks=(one,))
    seconds = range(1200)
    keys = [layer.key(shown, VIEW, NOW + second * NS_PER_S) for second in seconds]
    said = [words_of(one, SPEECH, NOW + second * NS_PER_S) for second in seconds]
    (expiry,) = (second for second in seconds[1:] if said[second].is_unknown != said[second - 1].is_unknown)
    assert keys[expiry] != keys[expiry - 1]
    drawn_at = 0
    for second in seconds[1:]:
        if keys[second] != keys[second - 1]:
            drawn_at = second
        assert said[second] == said[drawn_at] or said[second - min(10, second)] == said[drawn_at]


def test_the_list_puts_the_own_way_out_first_then_what_nobody_knows() -> None:
    ids = [one.id for one in in_order(marks(), NOW)]
    assert ids[0] == "out"
    assert set(ids[1:4]) == {"deep", "pad", "file"}
