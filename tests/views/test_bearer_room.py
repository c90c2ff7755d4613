"""Six bearers on a laptop, where a vehicle's screen has no more: all are read, or the rest is named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.i18n import LANGUAGES, Language
from console.picture import Bearer, Fact, Picture, Text
from console.views.comms import CommsScreen
from console.views.situation import SituationScreen
from console.views.speech import Speech
from console.views.theme import Theme
from console.views.widgets.choice import Choice
from console.views.widgets.facts import FactBox
from tests.views.more_pictures import MIN, NOW, S, bearers, pace, picture
from tests.views.screens import ZONE, make

LAPTOP = (1292, 694)
"""What a screen has of 1366 × 768 in the drill, whose frame takes five pixels on each side."""


def laden(count: int) -> Picture:
    """So many bearers, each with all that can be told of one; the reserve carries and nobody has seen that."""
    level = Fact(key="rsrp", value=-88.0, unit="dBm", index=None, at_ns=NOW - 2 * S)
    many: list[Bearer] = [
        replace(
            bearers()[number % 5], id=f"b{number}", name=f"链路 {number}", requires="基站供电与回传",
            requires_mbps=50.0, round_trip_ms=48.0, loss_percent=0.4, level=level, video_bps=25_000.0,
            video_budget_bps=400_000.0, video_grade="stills", video_hour_bytes=1, video_hour_budget_bytes=100_000_000,
            is_in_use=number == 2, can_be_checked=True,
            evidence=(Text(id="bearer.evidence.answers"),), receipt_ns=NOW - 46 * MIN,
        )
        for number in range(count)
    ]  # fmt: skip
    return picture(bearers=tuple(many), pace=pace(acknowledged_by=None, carrier_id="b2"))


def comms(qtbot: QtBot, count: int, language: Language = "zh") -> CommsScreen:
    screen, _, _, _ = make(qtbot, CommsScreen, laden(count), language=language)
    screen.setStyleSheet(Theme().style_sheet())
    screen.resize(*LAPTOP)
    for _ in range(2):
        QApplication.processEvents()
        screen.refresh()
    QApplication.processEvents()
    return screen


@pytest.mark.parametrize("language", LANGUAGES)
def test_six_bearers_with_all_that_is_told_of_them_stand_whole_on_a_laptop(qtbot: QtBot, language: Language) -> None:
    screen = comms(qtbot, 6, language)
    area = screen.bearers.parentWidget()
    assert area is not None
    assert screen.pace.isVisible()
    assert screen.checks.isVisible()
    for row in screen.bearers.rows:
        top = row.mapTo(area, row.rect().topLeft()).y()
        assert 0 <= top < top + row.height() <= area.height(), row.words()[1]
        boxes = [box for box in row.findChildren(FactBox) if box.isVisible()]
        assert len(boxes) >= 8
        assert all(box.geometry().bottom() <= row.rect().bottom() for box in boxes)
    assert screen.more.isHidden()


def test_where_they_do_not_fit_the_rest_is_counted_and_the_worst_named_first(qtbot: QtBot) -> None:
    screen = comms(qtbot, 10)
    assert screen.more.isVisible()
    said = screen.more.text()
    area = screen.bearers.parentWidget()
    assert area is not None
    below = [row for row in screen.bearers.rows if row.geometry().bottom() >= area.height()]
    assert said.startswith(f"↓ 下面还有 {len(below)} 条 · ")
    named = said.split(" · ")[1:]
    assert "断" in named[0]
    assert "断" not in named[-1]
    bar = screen.more._area.verticalScrollBar()
    bar.setValue(bar.maximum())
    QApplication.processEvents()
    assert screen.more.text().startswith("↑ 上面还有")
    assert "↓" not in screen.more.text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_bearer_relies_on_and_the_rate_required_of_it_are_two_words(qtbot: QtBot, language: Language) -> None:
    screen = comms(qtbot, 1, language)
    for size in (LAPTOP, (1846, 1006)):
        screen.resize(*size)
        QApplication.processEvents()
        say = Speech(language, zone=ZONE).say
        relies, required = say("comms.fact.relies"), say("links.required")
        assert relies != required
        words = " | ".join(screen.bearers.rows[0].words())
        assert words.count(required) == 1
        assert f"{required} ≥50 Mb/s" in words
        assert say("comms.requires", need="基站供电与回传") in words or f"{relies} 基站供电与回传" in words
    assert "要求" not in Speech("zh", zone=ZONE).say("situation.bearers.requires", what="x")


def test_on_the_situation_screen_the_bar_of_the_reserve_covers_no_bearer(qtbot: QtBot) -> None:
    screen, _, _, _ = make(qtbot, SituationScreen, laden(6))
    table = screen.bearers
    seen = table.rows.parentWidget()
    assert seen is not None
    for size in (LAPTOP, (1846, 1006)):
        screen.resize(*size)
        QApplication.processEvents()
        screen.refresh()
        QApplication.processEvents()
        assert table.pace.isVisible()
        assert table.rows.height() <= seen.height(), size
    screen.show_picture(laden(5))
    screen.refresh()
    assert table.header.isVisible(), "where there is room the header stays"


def test_a_choice_without_room_ends_in_an_ellipsis(qtbot: QtBot) -> None:
    choice = Choice()
    qtbot.addWidget(choice)
    choice.setStyleSheet(Theme().style_sheet())
    choice.addItem("县应急指挥中心值班室")
    choice.resize(120, 44)
    choice.ensurePolished()
    assert choice.option().currentText.endswith("…")
    choice.resize(320, 44)
    assert choice.option().currentText == "县应急指挥中心值班室"


def test_the_day_of_a_span_is_said_once() -> None:
    speech, day = Speech("zh", zone=ZONE), 24 * 3600 * S
    assert speech.span(NOW + day, NOW + day + 90 * MIN, NOW) == "07-21 14:32–16:02"
    assert speech.span(NOW, NOW + 90 * MIN, NOW) == "14:32–16:02"
    assert speech.span(NOW, NOW + day, NOW) == "14:32–07-21 14:32"
    assert speech.span(NOW + day, NOW + 2 * day, NOW) == "07-21 14:32–07-22 14:32"
