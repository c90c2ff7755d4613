"""The window: drill and replay, keys, language and scale; and that it can be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetrics, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from console.i18n import LANGUAGES, Language
from console.queries import AlarmStrip
from console.views.settings import Settings
from console.views.theme import DAY, NIGHT, Palette, Size
from console.views.widgets.frame import fitting_scale
from console.views.widgets.navigation import SCREENS
from tests.views.pictures import NOW, FakeDesk, S, alarms, picture
from tests.views.shell_rig import Shown


@pytest.fixture
def shown(qtbot: QtBot, tmp_path: Path) -> Shown:
    made = Shown(qtbot, tmp_path)
    made.give(picture())
    return made


def _is_seen(shortcut: QShortcut) -> bool:
    owner = shortcut.parent()
    return isinstance(owner, QWidget) and owner.isVisible()


def test_on_every_screen_a_key_means_one_thing(shown: Shown) -> None:
    # Qt obeys neither of two shortcuts on one key, without a word.
    for name in SCREENS:
        shown.window.show_screen(name)
        QApplication.processEvents()
        alive = [one for one in shown.window.findChildren(QShortcut) if one.isEnabled() and _is_seen(one)]
        seen = [one.key().toString() for one in alive]
        assert len(seen) >= len(SCREENS)
        assert sorted(seen) == sorted(set(seen)), name


@pytest.mark.parametrize("key", ["V", "J", "U", "Q"])
def test_a_key_of_the_team_list_is_no_shortcut_of_the_window(shown: Shown, key: str) -> None:
    # A shortcut takes its key before the widget that has the focus hears of it.
    shown.window.show_screen("situation")
    QApplication.processEvents()
    alive = [one for one in shown.window.findChildren(QShortcut) if one.isEnabled() and _is_seen(one)]
    assert key not in [one.key().toString() for one in alive]


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
    shown.bridge.live_changed.emit(AlarmStrip(at_ns=NOW + S, alarms=alarms(), is_recorded=False))
    assert window.strip.alarms.text() == "2 告警"
    assert "实况 14:32:08" in window.strip.clock.pulse.below
    assert window.strip.clock.pulse.clock == "13:32:07"
    assert "回放中:不能发送" in window.banners.replay.words
    assert "实况 3 条告警待确认" in window.banners.replay.words
    assert window.banners.unrecorded.words == "实况未记录!"
    shown.press(Qt.Key.Key_Space)
    assert shown.desk.orders == []
    assert window.note.words == "回放中:不能发送"
    window.alarms.toggle()
    assert [row.button.isEnabled() for row in window.alarms.panel.rows] == [False] * len(alarms())
    window.alarms.toggle()
    shown.press(Qt.Key.Key_Escape)
    assert not shown.bridge.is_replaying
    assert window.strip.badge.words() == "实战"
    assert not window.banners.replay.isVisible()


def test_a_moment_at_which_the_console_was_off_is_said_and_no_picture_counts_as_live(
    qtbot: QtBot, tmp_path: Path
) -> None:
    desk = FakeDesk(NOW)
    shown = Shown(qtbot, tmp_path, replay=desk)
    window = shown.window
    shown.give(picture())
    shown.bridge.open_replay(None)
    shown.bridge.put_replayed(picture(), FakeDesk().state())
    qtbot.waitUntil(window.stack.isVisible)
    assert "控制台没有运行" not in window.banners.replay.words
    assert window.strip.wall.summary is not None
    assert window.strip.wall.summary.headline == "3 / 5 路有画面"
    desk.at_ns += 60 * S
    window.refresh()
    assert "此刻控制台没有运行,所示为 14:32:07 的情况" in window.banners.replay.words
    assert window.strip.wall.summary.headline == "0 / 5 路有画面"


def test_the_live_heart_is_watched_during_a_replay(qtbot: QtBot, tmp_path: Path) -> None:
    shown = Shown(qtbot, tmp_path, replay=FakeDesk(NOW - 3600 * S))
    shown.give(picture())
    shown.bridge.open_replay(None)
    shown.bridge.live_changed.emit(AlarmStrip(at_ns=NOW + S, alarms=(), is_recorded=True))
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
    assert window.strip.incident.words()[1] == "Post 新郑-指01　began 09:20 · 5 h 12 min ago"


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
    assert shown.window.alarms.panel.isVisible()


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
    qtbot.waitUntil(lambda: window.width() == size[0])
    QApplication.processEvents()
    elided.clear()
    window.grab()
    assert len({row.name for row in picture().teams} & set(elided)) == 0
    key_words = {
        window.strip.net.words()[0],
        window.strip.team.words()[0],
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


def test_the_keys_are_told_on_asking_and_all_of_it_can_be_read(shown: Shown) -> None:
    shown.window.resize(1366, 768)
    shown.press(Qt.Key.Key_F1)
    note = shown.window.note
    assert note.isVisible()
    assert "空格 确认告警" in note.words
    assert note.x() > 0
    assert note.geometry().right() < shown.window.frame.width()
