"""The window: a picture in, words and colours out; keys and clicks become orders; nothing old looks alive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from console.i18n import LANGUAGES, Language
from console.orders import AcknowledgeAlarm, SilenceSound
from console.picture import ClockHealth, JournalHealth, Picture, Text
from console.queries import AlarmStrip
from console.trouble import OperatorError
from console.views.settings import Settings
from console.views.theme import DAY, NIGHT, Palette, Size
from console.views.widgets.alarm_panel import by_urgency, next_to_acknowledge
from console.views.widgets.frame import fitting_scale
from console.views.widgets.summary import net_summary, team_summary, wall_summary
from console.views.window import Window
from tests.views.pictures import NOW, FakeDesk, S, alarms, bridge_with, picture

CHINA = dt.timezone(dt.timedelta(hours=8))


class Clock:
    """A monotonic clock set by the test."""

    def __init__(self) -> None:
        self.ns = 0

    def __call__(self) -> int:
        return self.ns


class Shown:
    """A window with its desk and clock."""

    def __init__(
        self, qtbot: QtBot, folder: Path, language: Language = "zh", *, replay: FakeDesk | None = None
    ) -> None:
        self.desk = FakeDesk()
        self.clock = Clock()
        self.bridge = bridge_with(self.desk, replay)
        self.settings = Settings(folder / "window.ini")
        self.window = Window(self.bridge, settings=self.settings, language=language, monotonic_ns=self.clock)
        self.window.speech.zone = CHINA
        qtbot.addWidget(self.window)
        self.qtbot = qtbot
        self.window.show()
        qtbot.waitExposed(self.window)

    def give(self, shown: Picture) -> None:
        """A picture comes over the bridge."""
        self.bridge.put_live(shown)
        self.qtbot.waitUntil(lambda: self.bridge.live_picture is shown)
        QApplication.processEvents()

    def pass_time(self, seconds: float) -> None:
        """Time goes by and the window looks at it."""
        self.clock.ns += round(seconds * S)
        self.desk.at_ns += round(seconds * S)
        self.window.refresh()

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.window, key, modifier)


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
    assert (team.headline, team.below) == ("1 队超时 · 1 队从未收到", "最久 消防水域二组 27 分")
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


def test_the_alarm_button_counts_what_is_unacknowledged(shown: Shown) -> None:
    assert shown.window.strip.alarms.text() == "2 告警"
    assert shown.window.strip.alarms.property("role") == "alarm"
    shown.give(picture(alarms=alarms()[2:3]))
    assert shown.window.strip.alarms.text() == "1 已确认"
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
    panel = window.alarm_panel
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
    shown.window.toggle_alarms()
    shown.give(picture(sound_silenced_until_ns=NOW + 600 * S))
    panel = shown.window.alarm_panel
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


def test_a_fault_of_our_own_leaves_a_mark(shown: Shown) -> None:
    shown.give(picture(faults=2))
    assert shown.window.navigation.faults == 2


def test_trouble_is_told_with_its_remedy(shown: Shown) -> None:
    trouble = OperatorError(Text(id="没有这个文件"), Text(id="请另选"))
    shown.bridge.trouble_raised.emit(trouble)
    assert shown.window.note.words == "没有这个文件 请另选"


# ---- drill and replay


def test_real_drill_and_replay_never_look_alike(qtbot: QtBot, tmp_path: Path) -> None:
    shown = Shown(qtbot, tmp_path, replay=FakeDesk(NOW - 3600 * S))
    window = shown.window
    seen: dict[str, tuple[str, QColor]] = {}
    shown.give(picture())
    seen["live"] = (window.strip.badge.words(), window.grab().toImage().pixelColor(1, 400))
    shown.give(picture(mode="drill"))
    seen["drill"] = (window.strip.badge.words(), window.grab().toImage().pixelColor(1, 400))
    assert window.windowTitle().startswith("演练")
    shown.bridge.open_replay(None)
    shown.bridge.put_replayed(picture(at_ns=NOW - 3600 * S), FakeDesk().state())
    qtbot.waitUntil(lambda: window.picture is not None and window.picture.at_ns < NOW)
    QApplication.processEvents()
    seen["replay"] = (window.strip.badge.words(), window.grab().toImage().pixelColor(1, 400))
    assert [words for words, _ in seen.values()] == ["实战", "演练", "回放"]
    assert seen["drill"][1] == NIGHT.drill
    assert seen["replay"][1] == NIGHT.replay
    assert len({colour.name() for _, colour in seen.values()}) == 3


def test_in_a_replay_nothing_is_sent_and_the_live_incident_stays_in_the_strip(qtbot: QtBot, tmp_path: Path) -> None:
    shown = Shown(qtbot, tmp_path, replay=FakeDesk(NOW - 3600 * S))
    window = shown.window
    shown.give(picture())
    shown.bridge.open_replay(None)
    assert not window.stack.isVisible(), "the live picture must not be seen as the replayed moment's"
    shown.bridge.put_replayed(picture(at_ns=NOW - 3600 * S, alarms=()), FakeDesk().state())
    qtbot.waitUntil(window.stack.isVisible)
    shown.bridge.live_changed.emit(AlarmStrip(at_ns=NOW + S, unacknowledged=alarms()[:2], is_recorded=False))
    assert window.strip.alarms.text() == "2 告警"
    assert "实况 14:32:08" in window.strip.clock.pulse.below
    assert window.strip.clock.pulse.clock == "13:32:07"
    assert "回放中:不能发送" in window.banners.replay.words
    assert "实况 2 条告警未确认" in window.banners.replay.words
    assert window.banners.unrecorded.words == "实况未记录!"
    shown.press(Qt.Key.Key_Space)
    assert shown.desk.orders == []
    assert window.note.words == "回放中:不能发送"
    window.toggle_alarms()
    assert [row.button.isEnabled() for row in window.alarm_panel.rows] == [False, False]
    window.toggle_alarms()
    shown.press(Qt.Key.Key_Escape)
    assert not shown.bridge.is_replaying
    assert window.strip.badge.words() == "实战"
    assert not window.banners.replay.isVisible()


def test_the_live_heart_is_watched_during_a_replay(qtbot: QtBot, tmp_path: Path) -> None:
    shown = Shown(qtbot, tmp_path, replay=FakeDesk(NOW - 3600 * S))
    shown.give(picture())
    shown.bridge.open_replay(None)
    shown.bridge.live_changed.emit(AlarmStrip(at_ns=NOW + S, unacknowledged=(), is_recorded=True))
    assert not shown.window.strip.clock.pulse.is_stalled
    shown.pass_time(3)
    assert shown.window.strip.clock.pulse.is_stalled


# ---- keys, language, theme, scale


def test_keys_choose_screens_and_language_and_colours_and_are_remembered(shown: Shown, tmp_path: Path) -> None:
    window = shown.window
    shown.press(Qt.Key.Key_N)
    shown.press(Qt.Key.Key_L)
    assert not window.theme.is_night
    assert window.strip.badge.words() == "LIVE"
    assert window.note.words == "English"
    kept = Settings(tmp_path / "window.ini")
    assert (kept.is_night, kept.language, kept.scale) == (False, "en", 1.0)
    assert window.strip.incident.words()[1] == "Post 新郑-指01　began 09:20, 5 h 12 min ago"


def test_damaged_settings_are_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "window.ini"
    file.write_bytes(b"\x00\xff[[[\nscale=banana\nlanguage=tlh")
    settings = Settings(file)
    assert (settings.is_night, settings.language, settings.scale) == (True, None, 1.0)


def test_a_scale_that_does_not_fit_is_not_taken_and_is_said(shown: Shown) -> None:
    shown.window.resize(1366, 768)
    shown.press(Qt.Key.Key_Equal, Qt.KeyboardModifier.ControlModifier)
    assert shown.window.theme.scale < 1.25
    assert "放不下更大" in shown.window.note.words
    shown.window.resize(1920, 1080)
    assert shown.window.theme.scale == 1.25


def test_a_wall_of_3840_pixels_is_drawn_twice_as_large() -> None:
    assert fitting_scale(1.0, 3840, 2160) == 2.0
    assert fitting_scale(1.0, 1920, 1080) == 1.0
    assert fitting_scale(1.5, 1366, 768) == pytest.approx(1366 / 1280, abs=0.01)


def test_find_puts_the_cursor_into_the_find_field_and_escape_shows_all_again(shown: Shown) -> None:
    shown.press(Qt.Key.Key_Slash)
    teams = shown.window.screens["situation"].teams  # type: ignore[attr-defined]
    assert teams.find_field.hasFocus()
    teams.find_field.setText("水域")
    assert [team.name for team in teams.rows.rows()] == ["消防水域二组"]
    assert teams.header.note.text() == "只列出 1 / 12 支"
    QTest.keyClick(teams.find_field, Qt.Key.Key_Escape)
    assert len(teams.rows.rows()) == 12


def test_enter_presses_the_button_in_focus(shown: Shown) -> None:
    shown.window.strip.alarms.setFocus()
    QTest.keyClick(shown.window.strip.alarms, Qt.Key.Key_Return)
    assert shown.window.alarm_panel.isVisible()


def test_the_foot_of_the_navigation_works_by_touch(shown: Shown) -> None:
    navigation = shown.window.navigation
    at = navigation.rect().center()
    at.setY(navigation.foot_top() + 10)
    QTest.mouseClick(navigation, Qt.MouseButton.LeftButton, pos=at)
    assert shown.window.speech.language == "en"


def test_full_screen_and_back(shown: Shown) -> None:
    shown.press(Qt.Key.Key_F)
    assert shown.window.isFullScreen()
    shown.press(Qt.Key.Key_Escape)
    assert not shown.window.isFullScreen()


# ---- what can be read


def _contrast(one: QColor, other: QColor) -> float:
    def luminance(colour: QColor) -> float:
        parts = [
            value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
            for value in (colour.redF(), colour.greenF(), colour.blueF())
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [NIGHT, DAY])
def test_text_can_be_told_from_its_ground(palette: Palette) -> None:
    """Ratios after WCAG 2.1: 4.5 for text, 3 for what is only accessory."""
    pairs = [
        ("text", "panel", 10.0),
        ("soft", "panel", 7.0),
        ("dim", "panel", 5.0),
        ("faint", "panel", 4.0),
        ("warn", "panel", 4.5),
        ("warn", "warn_ground", 4.5),
        ("alarm", "panel", 4.5),
        ("alarm", "alarm_ground", 4.5),
        ("soft", "alarm_ground", 4.5),
        ("on_button", "alarm_button", 4.5),
        ("on_button", "button", 4.5),
        ("info", "panel", 4.5),
        ("map_name", "map_ground", 4.0),
        ("own", "map_ground", 10.0),
        ("veil_alarm", "tile", 7.0),
    ]
    for front, ground, least in pairs:
        assert _contrast(getattr(palette, front), getattr(palette, ground)) >= least, (front, ground)


def test_nothing_is_smaller_than_twelve_pixels() -> None:
    assert min(size.value for size in Size) == 12.0


@pytest.fixture
def elided(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What did not fit its place, collected while painting."""
    texts: list[str] = []
    original: Callable[..., str] = QFontMetrics.elidedText

    def collect(self: QFontMetrics, text: str, *args: object) -> str:
        texts.append(text)
        return original(self, text, *args)

    monkeypatch.setattr(QFontMetrics, "elidedText", collect)
    return texts


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("mode", "size", "scale"), [("drill", (1366, 768), 1.0), ("live", (1920, 1080), 1.5)])
def test_what_answers_the_questions_fits_a_laptop_in_both_languages(
    qtbot: QtBot, tmp_path: Path, language: Language, mode: str, size: tuple[int, int], scale: float, elided: list[str]
) -> None:
    shown = Shown(qtbot, tmp_path, language)
    shown.give(picture(mode=mode))
    window = shown.window
    window.chosen_scale = scale
    window.resize(*size)
    window._fit_scale()
    window.refresh()
    qtbot.waitUntil(lambda: window.width() == size[0] and not window.strip.wall.isVisible())
    QApplication.processEvents()
    elided.clear()
    window.grab()
    assert len({row.name for row in picture().teams} & set(elided)) == 0
    key_words = {
        window.strip.net.summary.headline if window.strip.net.summary else "",
        window.strip.team.summary.headline if window.strip.team.summary else "",
        window.strip.team.summary.below if window.strip.team.summary else "",
        window.strip.clock.pulse.below,
        window.strip.clock.pulse.date,
        *window.strip.incident.words(),
    }
    assert not key_words & set(elided)
    say = window.speech.say
    states = {say(f"word.bearer.{state}") for state in ("up", "down", "degraded")}
    messages = {say(f"word.message.{state}") for state in ("sent", "unknown", "confirmed")}
    assert not (states | messages) & set(elided)
    for button in window.findChildren(QPushButton):
        if button.isVisible() and button.text():
            width = button.fontMetrics().horizontalAdvance(button.text())
            assert width <= button.width(), button.text()
