"""What was measured and used of bearers, on 通信 and 态势; the button that measures."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.link_orders import CheckThroughput
from console.views.carrying import OLD_NS, carried, evidence_words, used
from console.views.comms import CommsScreen
from console.views.situation.bearers import FULL, cell_words
from console.views.speech import Speech
from console.views.telling import bearer_tone, bearer_word
from tests.views.carried import carrying
from tests.views.desks import NOW
from tests.views.pictures import picture
from tests.views.screens import ZONE, make, press

ZH = Speech("zh", zone=ZONE)
FIBRE, LTE, VSAT = 0, 1, 2


def test_a_row_says_what_was_measured_how_long_ago_and_what_is_required(qtbot: QtBot) -> None:
    screen, _, _, _ = make(qtbot, CommsScreen, carrying(picture()))
    screen.resize(1300, 1000)
    screen.refresh()
    fibre, lte, vsat = (" | ".join(screen.bearers.rows[number].words()) for number in (FIBRE, LTE, VSAT))
    assert "实测 50 分前 96/94/≥100" in fibre
    assert "对端无应答 · 网卡有载波" in fibre
    assert "断 · 不稳" in lte
    assert "要求 ≥50 Mb/s" in lte
    assert "流量·今日 2/20 GB" in lte
    assert "实测 6 分前 1.6/1.9/≥2" in vsat
    assert "丢包 去/来 0.2/3.1%" in vsat
    assert "对端有应答 · Es/N0 9.4 dB" in vsat


def test_an_old_measurement_is_struck_through_and_one_that_fell_short_is_amber() -> None:
    vsat = carrying(picture()).bearers[VSAT]
    now = carried(vsat, ZH, NOW)
    later = carried(vsat, ZH, NOW + OLD_NS)
    assert now is not None
    assert later is not None
    assert (now.tone, now.is_struck) == ("warn", False)
    assert (later.tone, later.is_struck) == ("dim", True)


def test_a_quota_that_runs_out_is_coloured() -> None:
    vsat = carrying(picture()).bearers[VSAT]
    assert vsat.usage is not None
    for used_bytes, tone in ((100_000_000, "text"), (400_000_000, "warn"), (500_000_000, "alarm")):
        said = used(replace(vsat, usage=replace(vsat.usage, used_bytes=used_bytes)), ZH)
        assert said is not None
        assert said.tone == tone


def test_what_is_unstable_is_never_plain_and_a_reason_is_not_said_twice() -> None:
    fibre, lte, vsat = carrying(picture()).bearers[:3]
    assert bearer_word(lte, ZH) == "断 · 不稳"
    assert bearer_tone(replace(vsat, is_unstable=True)) == "warn"
    assert evidence_words(fibre, ZH) == "网卡有载波"


def test_the_table_of_the_situation_has_figures_and_quota() -> None:
    vsat = carrying(picture()).bearers[VSAT]
    cells = {column.id: cell_words(vsat, column.id, ZH, NOW)[0] for column in FULL}
    assert cells["capacity"].startswith("1.6/1.9/≥2 · 6 分")
    assert cells["used"] == "425/500 MB"


def test_a_check_that_costs_takes_two_presses_and_a_free_one_takes_one(qtbot: QtBot) -> None:
    shown = carrying(picture())
    up = replace(shown.bearers[FIBRE], state="up")
    screen, orders, _, _ = make(qtbot, CommsScreen, replace(shown, bearers=(up, *shown.bearers[1:])))
    assert list(screen.checks.buttons) == [one.id for one in shown.bearers[:3]]
    assert not screen.checks.buttons[shown.bearers[LTE].id].isEnabled()
    vsat = screen.checks.buttons[shown.bearers[VSAT].id]
    vsat.click()
    assert orders == []
    assert "1 MB" in vsat.text()
    vsat.click()
    screen.checks.buttons[up.id].click()
    assert orders == [
        CheckThroughput(bearer_id=shown.bearers[VSAT].id, by=shown.incident.post, is_confirmed=True),
        CheckThroughput(bearer_id=up.id, by=shown.incident.post),
    ]


def test_the_second_press_must_come_soon(qtbot: QtBot) -> None:
    shown = carrying(picture())
    screen, orders, _, _ = make(qtbot, CommsScreen, shown)
    vsat = screen.checks.buttons[shown.bearers[VSAT].id]
    vsat.click()
    screen.checks._timer.timeout.emit()
    vsat.click()
    assert orders == []


def test_while_one_is_measured_nothing_else_is_and_the_key_goes_to_the_first_button(qtbot: QtBot) -> None:
    shown = carrying(picture())
    screen, _, _, _ = make(qtbot, CommsScreen, shown)
    press(screen, Qt.Key.Key_X)
    assert screen.focusWidget() is screen.checks.buttons[shown.bearers[VSAT].id]
    busy = replace(shown.bearers[VSAT], measuring_ns=NOW)
    screen.show_picture(replace(shown, bearers=(*shown.bearers[:2], busy, *shown.bearers[3:])))
    assert not any(button.isEnabled() for button in screen.checks.buttons.values())
    assert "正在测" in screen.checks.buttons[busy.id].text()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_without_a_reflector_there_is_no_button(qtbot: QtBot, language: str) -> None:
    screen, _, _, _ = make(qtbot, CommsScreen, picture(), language=language)  # type: ignore[arg-type]
    assert not screen.checks.isVisible()
