"""The window: what strip, clock, alarms and banners say; clicks become orders; nothing old looks alive."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from console.orders import AcknowledgeAlarm, SilenceSound
from console.picture import ClockHealth, JournalHealth, Text
from console.trouble import OperatorError
from console.views.widgets.alarm_row import by_urgency, next_to_acknowledge
from console.views.widgets.summary import net_summary, team_summary, wall_summary
from tests.views.pictures import NOW, S, alarms, picture
from tests.views.shell_rig import Shown


@pytest.fixture
def shown(qtbot: QtBot, tmp_path: Path) -> Shown:
    made = Shown(qtbot, tmp_path)
    made.give(picture())
    return made


# ---- what the strip says


def test_the_strip_answers_what_is_cut_who_is_silent_and_what_is_seen(shown: Shown) -> None:
    strip = shown.window.strip
    assert strip.badge.words() == "实战"
    assert strip.incident.words() == ("双洎河漫溢 · 现场指挥部", "指挥席 新郑-指01　事发 09:20　已 5 时 12 分")
    net, team, wall = strip.net.summary, strip.team.summary, strip.wall.summary
    assert net is not None
    assert team is not None
    assert wall is not None
    assert (net.headline, net.tone) == ("主用备用全断　13:52 起", "red")
    assert net.below.startswith("后方回执 14:31（1 分前）经 VSAT 便携站 · 仍通 VSAT 便携站")
    assert (team.headline, team.below) == ("1 队超时 · 1 队从未收到", "最久 27 分 消防水域二组")
    assert (wall.headline, wall.tone) == ("3 / 5 路有画面", "amber")


def test_the_strip_ages_without_a_new_picture(shown: Shown) -> None:
    shown.pass_time(20 * 60)
    team, wall = shown.window.strip.team.summary, shown.window.strip.wall.summary
    assert team is not None
    assert wall is not None
    assert "11 队超时" in team.headline
    assert wall.headline == "0 / 5 路有画面"


def test_links_without_a_receipt_say_that_the_rear_may_not_have_it(shown: Shown) -> None:
    silent = tuple(replace(one, receipt_ns=None) for one in picture().bearers)
    assert net_summary(picture(bearers=silent), shown.window.speech, NOW).below.startswith("后方未有回执")
    up = tuple(replace(one, receipt_ns=None, state="up") for one in picture().bearers)
    assert net_summary(picture(bearers=up), shown.window.speech, NOW).headline == "VSAT 便携站 通　后方未证实"


def test_a_receipt_by_another_link_or_an_old_one_does_not_prove_the_link_in_use(shown: Shown) -> None:
    bearers = [
        replace(one, state="up", receipt_ns=NOW - 60 * S if one.name == "北斗短报文" else None)
        for one in picture().bearers
    ]
    speech = shown.window.speech
    summary = net_summary(picture(bearers=tuple(bearers)), speech, NOW)
    assert summary.headline == "VSAT 便携站 通　后方未证实"
    assert summary.below.startswith("后方回执 14:31（1 分前）经 北斗短报文")
    proven = tuple(replace(one, state="up") for one in picture().bearers)
    assert net_summary(picture(bearers=proven), speech, NOW).headline == "后方可达　VSAT 便携站 通"
    assert net_summary(picture(bearers=proven), speech, NOW + 3600 * S).headline == "VSAT 便携站 通　后方未证实"


def test_nothing_to_reach_the_rear_by_is_not_called_well(shown: Shown) -> None:
    assert net_summary(picture(bearers=()), shown.window.speech, NOW).tone == "amber"


def test_nothing_configured_is_said_and_not_called_well(shown: Shown) -> None:
    empty = picture(teams=(), cameras=())
    assert team_summary(empty, shown.window.speech, NOW).headline == "没有配置队伍"
    assert wall_summary(empty, shown.window.speech, NOW, is_replayed=False).headline == "没有视频源"


# ---- heartbeat and clock


def test_the_mark_beside_the_clock_stops_when_pictures_stop_and_the_clock_with_it(shown: Shown) -> None:
    pulse = shown.window.strip.clock.pulse
    assert (pulse.clock, pulse.is_stalled) == ("14:32:07", False)
    assert "车载 GNSS 授时" in pulse.below
    shown.pass_time(2.4)
    assert not shown.window.strip.clock.pulse.is_stalled
    shown.pass_time(0.2)
    stalled = shown.window.strip.clock.pulse
    assert stalled.is_stalled
    assert stalled.below.startswith("控制台停顿")
    assert stalled.clock == "14:32:07", "a console that stands still must not show a running clock"
    shown.give(picture(at_ns=NOW + 3 * S))
    assert not shown.window.strip.clock.pulse.is_stalled


def test_the_same_picture_again_does_not_keep_the_heart_beating(shown: Shown) -> None:
    beat = shown.window.heartbeat.beat
    for _ in range(4):
        shown.pass_time(1)
        shown.give(picture(records=5))
    assert shown.window.heartbeat.beat == beat
    assert shown.window.strip.clock.pulse.is_stalled


def test_before_the_first_picture_no_time_is_shown(qtbot: QtBot, tmp_path: Path) -> None:
    early = Shown(qtbot, tmp_path)
    assert early.window.strip.clock.pulse.clock == "--:--:--"
    early.pass_time(3)
    assert early.window.strip.clock.pulse.is_stalled


@pytest.mark.parametrize(
    ("clock", "said", "is_doubtful"),
    [
        (ClockHealth(offset_ns=None, device_id=None, judged_ns=None, is_doubtful=False), "本机时钟", False),
        (ClockHealth(offset_ns=None, device_id=None, judged_ns=None, is_doubtful=True), "时钟存疑", True),
        (ClockHealth(offset_ns=9 * S, device_id="gnss", judged_ns=NOW, is_doubtful=True), "时钟存疑", True),
        (
            ClockHealth(offset_ns=0, device_id="gnss", judged_ns=NOW - 900 * S, is_doubtful=False),
            "授时停于 14:17",
            True,
        ),
    ],
)
def test_the_clock_says_where_its_time_comes_from(
    shown: Shown, clock: ClockHealth, said: str, *, is_doubtful: bool
) -> None:
    shown.give(picture(clock=clock, at_ns=NOW + 1))
    pulse = shown.window.strip.clock.pulse
    assert said in pulse.below
    assert pulse.is_doubtful is is_doubtful


# ---- alarms


def test_the_alarm_button_counts_what_waits_for_a_person_before_what_was_seen(shown: Shown) -> None:
    assert shown.window.strip.alarms.text() == "2 告警"
    assert shown.window.strip.alarms.property("role") == "alarm"
    shown.give(picture(alarms=alarms()[2:3]))
    assert shown.window.strip.alarms.text() == "1 已确认"
    returned = tuple(alarm for alarm in alarms() if alarm.state == "returned")
    shown.give(picture(alarms=(*alarms()[2:3], *returned)))
    assert shown.window.strip.alarms.text() == "1 待确认", "nobody has seen what came and went"
    shown.give(picture(alarms=()))
    assert shown.window.strip.alarms.text() == "无告警"
    assert shown.window.strip.alarms.property("role") == ""


def test_space_acknowledges_the_most_urgent_then_the_next_and_says_so(shown: Shown) -> None:
    shown.press(Qt.Key.Key_Space)
    assert shown.desk.orders == [AcknowledgeAlarm(alarm_id="silence:消防水域二组")]
    assert shown.window.note.words.startswith("已确认:消防水域二组")
    assert shown.window.note.isVisible()
    shown.press(Qt.Key.Key_Space)
    assert shown.desk.orders[1:] == [AcknowledgeAlarm(alarm_id="bearer:天通终端")]


def test_space_without_a_waiting_alarm_orders_nothing(shown: Shown) -> None:
    shown.give(picture(alarms=alarms()[2:3]))
    shown.press(Qt.Key.Key_Space)
    assert shown.desk.orders == []
    assert shown.window.note.words == "没有待确认的告警"


def test_a_space_in_a_text_is_a_space_and_acknowledges_nothing(shown: Shown) -> None:
    text = shown.window.screens["situation"].events.compose.text  # type: ignore[attr-defined]
    text.setFocus()
    QTest.keyClicks(text, "a 1n")
    assert text.text() == "a 1n"
    assert shown.desk.orders == []
    assert shown.window.theme.is_night


def test_urgency_is_state_then_colour_then_age() -> None:
    assert [alarm.id for alarm in by_urgency(alarms())] == [
        "silence:消防水域二组",
        "bearer:天通终端",
        "camera:4G 图传 02",
        "bearer:地面光纤",
    ]
    assert next_to_acknowledge(alarms()[2:3]) is None


def test_the_alarm_list_opens_beside_the_work_and_its_buttons_give_orders(shown: Shown) -> None:
    window = shown.window
    QTest.mouseClick(window.strip.alarms, Qt.MouseButton.LeftButton)
    panel = window.alarms.panel
    assert panel.isVisible()
    assert not panel.isWindow()
    rows = panel.rows
    shown.qtbot.waitUntil(rows[0].isVisible)
    assert [row.alarm.state for row in rows] == ["unacknowledged", "unacknowledged", "returned", "acknowledged"]
    assert [row.button.isVisible() for row in rows] == [True, True, True, False]
    assert rows[0].button.height() >= 44
    assert "已恢复·未确认" in rows[2].words()[1]
    QTest.mouseClick(rows[2].button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(panel.silence, Qt.MouseButton.LeftButton)
    assert shown.desk.orders == [AcknowledgeAlarm(alarm_id="camera:4G 图传 02"), SilenceSound(for_s=600.0)]
    shown.press(Qt.Key.Key_Escape)
    assert not panel.isVisible()


def test_silenced_sound_shows_until_when_and_can_be_ended(shown: Shown) -> None:
    shown.window.alarms.toggle()
    shown.give(picture(sound_silenced_until_ns=NOW + 600 * S))
    panel = shown.window.alarms.panel
    assert "已静音至 14:42:07" in panel.header.note.text()
    assert not shown.window.strip.alarms.icon().isNull(), "that the sound is off is seen on every screen"
    QTest.mouseClick(panel.silence, Qt.MouseButton.LeftButton)
    assert shown.desk.orders == [SilenceSound(for_s=0.0)]


# ---- unrecorded, faults, trouble


def test_unrecorded_is_said_on_every_screen_with_the_count_lost(shown: Shown) -> None:
    banner = shown.window.banners.unrecorded
    assert not banner.isVisible()
    journal = JournalHealth(is_recorded=False, since_ns=NOW - 30 * S, reason=Text(id="磁盘已满"), lost=12)
    shown.give(picture(journal=journal))
    assert banner.isVisible()
    assert banner.words == "未记录:现在发生的事没有写进日志（14:31:37 起，已丢 12 条） · 磁盘已满"
    shown.press(Qt.Key.Key_4)
    assert banner.isVisible()
    shown.give(picture(at_ns=NOW + S))
    assert not banner.isVisible()


def test_without_a_chinese_font_the_console_says_so_in_english(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.views.widgets.banners.has_chinese_font", lambda: False)
    shown.window.refresh()
    assert shown.window.banners.no_font.isVisible()
    assert "fonts-noto-cjk" in shown.window.banners.no_font.words
    assert shown.window.banners.no_font.words.isascii()


def test_a_fault_of_our_own_leaves_a_mark(shown: Shown) -> None:
    shown.give(picture(faults=2))
    assert shown.window.navigation.faults == 2


def test_trouble_is_told_with_its_remedy(shown: Shown) -> None:
    trouble = OperatorError(Text(id="没有这个文件"), Text(id="请另选"))
    shown.bridge.trouble_raised.emit(trouble)
    assert shown.window.note.words == "没有这个文件 请另选"
