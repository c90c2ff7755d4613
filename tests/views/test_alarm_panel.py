"""The alarm list: groups by state, what is counted beneath, and orders that take two touches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from console.alarm_orders import ReturnToService, ShelveAlarm, TakeOutOfService, UnshelveAlarm
from console.orders import AcknowledgeAlarm
from console.picture import Alarm, AlarmLoad, Picture, Text
from console.queries import AlarmStrip, ReplayState
from console.views.widgets.alarm_panel import AlarmPanel
from console.views.widgets.label import Label
from console.views.widgets.navigation import SCREENS
from tests.views.more_pictures import picture
from tests.views.pictures import MIN, NOW, FakeDesk, S, alarms
from tests.views.shell_rig import Shown

SWITCH = "unanswered:switch"


def all_states(hidden: int = 36) -> tuple[Alarm, ...]:
    """One alarm in every state; the first counts what is not judged."""
    first, second, third, fourth = alarms()
    names = "消防水域二组、观音寺镇综合队、医疗救护组、车顶桅杆、观音寺桥球机、北斗指挥机…"
    switch = replace(
        first,
        id=SWITCH,
        rule="unanswered",
        subject_id="switch",
        text=Text(id="alarm.unanswered", args={"device": "车载交换机"}),
        beneath=Text(id="alarm.beneath", args={"hidden": hidden, "hidden_names": names}),
    )
    shelved = replace(
        second,
        id="picture:mast",
        state="shelved",
        text=Text(id="alarm.picture", args={"camera": "车顶桅杆"}),
        until_ns=NOW + 12 * MIN,
        by="通信班",
    )
    out = replace(
        second,
        id="nodata:gen",
        state="out_of_service",
        text=Text(id="alarm.nodata", args={"device": "发电机", "seconds": 60}),
        by="通信班",
        is_active=False,
    )
    because = Text(id="alarm.because", args={"cause": "车载交换机"})
    beneath = tuple(
        replace(
            second,
            id=f"picture:c{number}",
            subject_id=f"c{number}",
            state="suppressed",
            text=Text(id="alarm.picture", args={"camera": f"画面 {number}"}),
            cause_id="switch",
            reason=because,
        )
        for number in range(hidden)
    )
    return (switch, second, third, fourth, shelved, out, *beneath)


def crowded(**changes: object) -> Picture:
    load = AlarmLoad(last_10_min=4, last_hour=9, allowed=1)
    return replace(picture(), alarms=all_states(), alarm_load=load, **changes)  # type: ignore[arg-type]


@pytest.fixture
def shown(qtbot: QtBot, tmp_path: Path) -> Shown:
    shown = Shown(qtbot, tmp_path)
    shown.give(crowded())
    shown.window.alarms.toggle()
    QApplication.processEvents()
    return shown


def panel_of(shown: Shown) -> AlarmPanel:
    return shown.window.alarms.panel


def press(button: QPushButton) -> None:
    assert button.isVisible()
    assert button.height() >= 44
    assert button.width() >= 44
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QApplication.processEvents()


def choose(shown: Shown, alarm_id: str) -> None:
    row = next(row for row in panel_of(shown).rows if row.alarm.id == alarm_id)
    QTest.mouseClick(row, Qt.MouseButton.LeftButton, pos=row.rect().center())


def test_alarms_stand_in_groups_by_state_and_what_is_not_judged_is_folded(shown: Shown) -> None:
    panel = panel_of(shown)
    heads = [label.text() for label in panel._rows.findChildren(Label) if label.isVisible()]
    assert heads == ["待确认 3", "已确认 1", "已搁置 1", "已停用 1"]
    assert panel.fold.text() == "同因未另判 36  展开"
    assert [row.alarm.state for row in panel.rows] == [
        "unacknowledged",
        "unacknowledged",
        "returned",
        "acknowledged",
        "shelved",
        "out_of_service",
    ]
    press(panel.fold)
    assert len(panel.rows) == 42
    assert panel.rows[-1].third_line() == "车载交换机 已断,未另判"
    assert not panel.rows[-1].button.isVisible(), "what is not judged is not for a person"
    press(panel.fold)
    assert len(panel.rows) == 6


def test_the_cause_says_in_its_own_line_what_is_not_judged(shown: Shown) -> None:
    row = panel_of(shown).rows[0]
    assert row.words()[0] == "车载交换机 无应答"
    assert row.third_line().startswith("另有 36 项因此未判:消防水域二组、")
    assert row.height() > panel_of(shown).rows[1].height()


def test_the_count_in_the_strip_is_of_what_waits_and_never_of_what_is_put_away(shown: Shown) -> None:
    strip = shown.window.strip
    assert strip.alarms.text() == "2 告警"
    away = tuple(alarm for alarm in all_states() if alarm.state in {"shelved", "suppressed", "out_of_service"})
    shown.give(replace(picture(), alarms=away))
    assert strip.alarms.text() == "无告警"
    assert strip.alarms.property("role") == ""


def test_putting_away_takes_two_touches_and_names_who_did_it(shown: Shown) -> None:
    bar = panel_of(shown).actions_bar
    choose(shown, "bearer:天通终端")
    press(bar.shelve)
    assert not shown.desk.orders
    assert [button.text() for button in bar.times] == ["15 分钟", "1 小时", "4 小时"]
    press(bar.times[1])
    post = picture().incident.post
    assert shown.desk.orders == [ShelveAlarm(alarm_id="bearer:天通终端", for_s=3600.0, by=post)]
    press(bar.service)
    press(bar.back)
    assert len(shown.desk.orders) == 1
    press(bar.service)
    press(bar.sure)
    assert shown.desk.orders[1:] == [TakeOutOfService(alarm_id="bearer:天通终端", by=post)]


def test_what_is_put_away_says_by_whom_until_when_and_whether_it_is_still_so(shown: Shown) -> None:
    rows = {row.alarm.state: row for row in panel_of(shown).rows}
    assert rows["shelved"].words()[1] == "注意 · 已搁置 · 通信班 · 至 14:44 · 还剩 12 分 · 情况仍在"
    assert rows["out_of_service"].words()[1] == "注意 · 已停用 · 通信班 · 情况已消"
    press(rows["shelved"].button)
    press(rows["out_of_service"].button)
    post = picture().incident.post
    assert shown.desk.orders == [
        UnshelveAlarm(alarm_id="picture:mast", by=post),
        ReturnToService(alarm_id="nodata:gen", by=post),
    ]


def test_what_may_not_be_put_away_has_no_button_for_it(shown: Shown) -> None:
    alarm = replace(alarms()[0], is_shelvable=False)
    shown.give(replace(picture(), alarms=(alarm,)))
    bar = panel_of(shown).actions_bar
    assert (bar.shelve.isEnabled(), bar.service.isEnabled()) == (False, True)


def test_all_of_it_goes_by_keys(shown: Shown) -> None:
    panel = panel_of(shown)
    assert panel.rows[0].is_chosen
    QTest.keyClick(panel, Qt.Key.Key_Down)
    assert [row.is_chosen for row in panel.rows[:3]] == [False, True, False]
    QTest.keyClick(panel, Qt.Key.Key_Up)
    QTest.keyClick(panel, Qt.Key.Key_Up)
    assert panel.rows[0].is_chosen
    panel.actions_bar.shelve.setFocus()
    shown.press(Qt.Key.Key_Space)
    assert shown.desk.orders == [AcknowledgeAlarm(alarm_id=SWITCH)], "the key acknowledges, whatever has the focus"
    press(panel.actions_bar.shelve)
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    assert (panel.actions_bar.step, panel.isVisible()) == ("", True), "Escape takes back the first touch"
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    assert not panel.isVisible()


def test_the_rate_is_shown_beside_what_one_can_take_in(shown: Shown) -> None:
    load = panel_of(shown).load
    assert load.text() == "近 10 分钟 4 条 · 近 1 小时 9 条 · 宜不超过每 10 分钟 1 条"
    assert load.tone == "warn"
    shown.give(replace(crowded(), alarm_load=AlarmLoad(last_10_min=1, last_hour=5, allowed=1)))
    assert load.tone == "faint"


def test_silence_and_its_rest_are_seen_on_every_screen(shown: Shown) -> None:
    shown.give(crowded(sound_silenced_until_ns=NOW + 581 * S))
    quiet = shown.window.strip.quiet
    for name in SCREENS:
        shown.window.show_screen(name)
        assert (quiet.isVisible(), quiet.text()) == (True, "静音 9:41 · 停报 2"), name
    shown.pass_time(581)
    assert quiet.text() == "停报 2", "what was put away by hand still stands there"


def test_while_a_replay_is_shown_the_live_silence_is_seen_and_nothing_can_be_put_away(
    qtbot: QtBot, tmp_path: Path
) -> None:
    shown = Shown(qtbot, tmp_path, replay=FakeDesk())
    shown.give(crowded(sound_silenced_until_ns=NOW + 120 * S))
    shown.window.alarms.toggle()
    window = shown.window
    window._show_replay(ReplayState(title="x", from_ns=0, to_ns=NOW, at_ns=NOW - MIN, speed=0))
    live = AlarmStrip(
        at_ns=NOW, alarms=all_states(), is_recorded=True, silenced_until_ns=NOW + 60 * S, load=AlarmLoad(last_10_min=7)
    )
    window._show_live_strip(live)
    QApplication.processEvents()
    assert window.strip.quiet.text() == "静音 1:00 · 停报 2"
    assert window.alarms.panel.load.text().startswith("近 10 分钟 7 条")
    assert not window.alarms.panel.actions_bar.isVisible()
    assert not any(row.button.isEnabled() for row in window.alarms.panel.rows)


def test_the_list_is_never_a_window_and_takes_no_more_than_its_share(shown: Shown) -> None:
    panel = panel_of(shown)
    assert not panel.isWindow()
    assert QApplication.activeModalWidget() is None
    assert panel.height() <= shown.window.stack.height() * 0.67
