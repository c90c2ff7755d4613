"""Painted lists: rows that say something else now are painted anew, and only they."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtGui import QImage, QPaintEvent, QRegion
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from console.views.situation.bearers import BearerRows
from console.views.situation.events import EventRows
from console.views.situation.teamrows import TeamRows
from tests.views.pictures import NOW, S, picture
from tests.views.situation_rig import Shown

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


class Ear(QObject):
    """Hears what is painted of one widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.region = QRegion()
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if isinstance(event, QPaintEvent):
            self.region += event.region()
        return super().eventFilter(watched, event)


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    made = Shown(qtbot)
    made.screen._age_timer.stop()
    return made


def repainted(rows: TeamRows | BearerRows | EventRows) -> QRegion:
    """What a refresh at this moment repaints."""
    ear = Ear(rows)
    rows.refresh()
    QApplication.processEvents()
    rows.removeEventFilter(ear)
    return ear.region


def image(rows: QWidget) -> QImage:
    drawn = QImage(rows.size(), QImage.Format.Format_RGB32)
    rows.render(drawn)
    return drawn


def test_rows_are_left_alone_while_they_say_the_same(shown: Shown) -> None:
    for rows in (shown.screen.teams.rows, shown.screen.bearers.rows, shown.screen.events.rows):
        rows.repaint()
        assert repainted(rows).isEmpty()


def test_every_row_that_looks_different_a_second_later_is_painted(shown: Shown) -> None:
    rows = shown.screen.teams.rows
    for seconds in (1, 20, 400):
        rows.repaint()
        before = image(rows)
        shown.desk.at_ns += seconds * S
        region = repainted(rows)
        after = image(rows)
        seen = rows.visibleRegion()
        for number in range(len(rows.rows())):
            place = rows._place(number)
            if seen.intersects(place) and before.copy(place) != after.copy(place):
                assert (QRegion(place) & seen).subtracted(region).isEmpty(), number
        assert not region.isEmpty()


def test_links_age_though_no_picture_comes(shown: Shown) -> None:
    rows = shown.screen.bearers.rows
    rows.repaint()
    before = image(rows)
    shown.desk.at_ns += 60 * S
    region = repainted(rows)
    after = image(rows)
    for number in range(len(rows.bearers)):
        place = rows._place(number)
        assert before.copy(place) == after.copy(place) or QRegion(place).subtracted(region).isEmpty()
    assert before != after


def test_a_row_painted_in_part_is_painted_again(shown: Shown) -> None:
    rows = shown.screen.teams.rows
    rows.repaint()
    shown.desk.at_ns += 60 * S
    rows.repaint(QRect(0, 0, rows.width(), 5))
    first = rows._place(0)
    shown.desk.at_ns -= 60 * S
    rows.repaint(QRect(0, 0, 3, 3))
    assert (QRegion(first) & rows.visibleRegion()).subtracted(repainted(rows)).isEmpty()


def test_another_picture_with_the_same_words_for_other_teams_is_painted(shown: Shown) -> None:
    rows = shown.screen.teams.rows
    rows.repaint()
    renamed = tuple(replace(team, name=f"{team.name}乙") for team in picture().teams)
    shown.screen.teams.show_picture(picture(teams=renamed))
    region = repainted(rows)
    assert rows.visibleRegion().subtracted(region).boundingRect().height() < rows._place(0).height()


def test_the_newest_of_many_messages_and_notices_are_shown(shown: Shown) -> None:
    one = picture().messages[0]
    many = tuple(replace(one, created_ns=NOW - number * S, text=f"第 {number} 条") for number in range(200))
    shown.screen.events.show_picture(picture(messages=many, notices=()))
    lines = shown.screen.events.rows.lines
    assert len(lines) == 60
    assert [line.at_ns for line in lines] == sorted((message.created_ns for message in many), reverse=True)[:60]


@pytest.mark.parametrize(
    "change", [{"last_heard_by": "gnss"}, {"people": 99}, {"symbol": "乙"}, {"charge_percent": 3.0}]
)
def test_whatever_a_team_row_shows_brings_it_anew_when_it_changes(shown: Shown, change: dict[str, Any]) -> None:
    rows = shown.screen.teams.rows
    rows.repaint()
    first, *others = rows.rows()[2:]
    teams = tuple(replace(team, **change) if team == first else team for team in picture().teams)
    assert others
    shown.screen.teams.show_picture(picture(teams=teams))
    assert QRegion(rows._place(2)).subtracted(repainted(rows)).isEmpty()
