"""Small things of the shell: arrows, room beside marks, the pulse of an open alarm."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QFontMetrics, QImage
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from console.i18n import LANGUAGES, Language
from console.views.theme import Size, Theme
from console.views.widgets.alarm_row import pulse_opacity
from tests.views.pictures import S, picture
from tests.views.reached import board_picture
from tests.views.shell_rig import Shown


@pytest.mark.parametrize("is_night", [True, False])
def test_a_choice_shows_an_arrow_that_stands_out(qtbot: QtBot, *, is_night: bool) -> None:
    theme = Theme(is_night=is_night)
    box = QComboBox()
    qtbot.addWidget(box)
    box.setStyleSheet(theme.style_sheet())
    box.resize(200, 44)
    box.ensurePolished()
    image = box.grab().toImage()
    ground = theme.palette.field.lightness()
    arrow = [image.pixelColor(x, y).lightness() for x in range(168, 196) for y in range(10, 34)]
    assert max(abs(value - ground) for value in arrow) > 80


@pytest.mark.parametrize("is_night", [True, False])
def test_a_box_to_tick_is_dark_at_night_and_shows_that_it_is_ticked(qtbot: QtBot, *, is_night: bool) -> None:
    theme = Theme(is_night=is_night)
    box = QCheckBox("record")
    qtbot.addWidget(box)
    box.setStyleSheet(theme.style_sheet())
    box.resize(200, 44)
    box.ensurePolished()
    open_, field = box.grab().toImage(), theme.palette.field
    assert [open_.pixelColor(x, 22) for x in range(6, 16)] == [field] * 10
    assert box.sizeHint().height() >= 44, "it has no border that would add to it"
    box.setChecked(True)
    ticked = box.grab().toImage()
    inner = [ticked.pixelColor(x, y) for x in range(2, 20) for y in range(13, 31)]
    assert theme.palette.button in inner
    assert theme.palette.on_button in inner


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_the_mark_of_an_answer_never_touches_its_words(
    qtbot: QtBot, tmp_path: Path, language: Language, size: tuple[int, int]
) -> None:
    shown = Shown(qtbot, tmp_path, language)
    shown.give(picture())
    shown.window.resize(*size)
    qtbot.waitUntil(lambda: shown.window.width() == size[0])
    QApplication.processEvents()
    for box in (shown.window.strip.net, shown.window.strip.team):
        assert box.summary is not None
        font = shown.window.theme.font(Size.HUGE if len(box.summary.mark) == 1 else Size.BODY, is_bold=True)
        width = QFontMetrics(font).horizontalAdvance(box.summary.mark)
        image = box.grab().toImage()
        empty = [x for x in range(box.width()) if _is_empty(image, x)]
        # Left of the words there is a stretch of empty columns after the mark.
        run = [x for x in empty if x > width]
        assert len([x for x in run if x < width + 40]) >= 6
        assert run[0] >= width


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_answer_ever_leaves_the_strip_and_every_headline_stands_whole(
    qtbot: QtBot, tmp_path: Path, language: Language
) -> None:
    shown = Shown(qtbot, tmp_path, language)
    shown.give(board_picture(mode="drill"))
    strip = shown.window.strip
    strong = shown.window.theme.metrics(Size.STRONG, is_bold=True)
    for width in (1280, 1366, 1920):
        shown.window.resize(width, 768)
        QApplication.processEvents()
        for box in (strip.net, strip.power, strip.road, strip.team, strip.wall):
            assert box.isVisible(), width
            assert strong.horizontalAdvance(box.words()[0]) <= box.room_px(), (width, box.words())
    # What the colour is for is said even in the least room.
    shown.window.resize(1280, 768)
    QApplication.processEvents()
    assert strip.net.words()[1] == shown.window.speech.say("shell.net_brief.receipt", at="14:31")
    assert strip.team.words()[0] == shown.window.speech.say("shell.team.silent", count=2)


def test_teams_that_are_all_heard_and_an_answer_without_facts_stand_whole_too(qtbot: QtBot, tmp_path: Path) -> None:
    shown = Shown(qtbot, tmp_path)
    whole = board_picture()
    heard = tuple(replace(one, last_heard_ns=whole.at_ns, expected_s=900.0) for one in whole.teams)
    shown.give(replace(whole, teams=heard, cameras=whole.cameras[:1]))
    shown.window.resize(1280, 768)
    QApplication.processEvents()
    team, wall = shown.window.strip.team, shown.window.strip.wall
    assert team.words()[0] == "都按时"
    assert wall.words() == ("1/1 有画", "")
    image = wall.grab().toImage()
    ground = image.pixelColor(0, 0)
    lit = [y for y in range(image.height()) if any(image.pixelColor(x, y) != ground for x in range(44, image.width()))]
    assert abs((lit[0] + lit[-1]) / 2 - image.height() / 2) <= 3, "alone it stands in the middle"


def _is_empty(image: QImage, x: int) -> bool:
    ground: QColor = image.pixelColor(0, 0)
    return all(image.pixelColor(x, y) == ground for y in range(image.height()))


def test_an_open_alarm_pulses_once_in_two_seconds_and_never_vanishes() -> None:
    values = [pulse_opacity(tenth * S // 10) for tenth in range(100)]
    changes = sum(1 for one, other in pairwise(values) if one != other)
    assert changes == 9
    assert min(values) > 0.2
    assert pulse_opacity(5 * S) == pulse_opacity(5 * S + S // 2), "it stands still with the console's time"


def test_only_the_bar_of_an_unacknowledged_alarm_pulses(qtbot: QtBot, tmp_path: Path) -> None:
    shown = Shown(qtbot, tmp_path)
    shown.give(picture())
    shown.window.alarms.toggle()
    QApplication.processEvents()
    seen: dict[str, set[int]] = {}
    for _ in range(2):
        for row in shown.window.alarms.panel.rows:
            seen.setdefault(row.alarm.state, set()).add(_bar(row))
        shown.pass_time(1.0)
    assert len(seen.pop("unacknowledged")) >= 2
    assert all(len(values) == 1 for values in seen.values())


def _bar(row: QWidget) -> int:
    return row.grab(QRect(0, 0, 6, 20)).toImage().pixelColor(2, 10).rgba()
