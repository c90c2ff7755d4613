"""视频 by keys and gloves, and what of it is locked in a replay."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from console.orders import LockRecording, SaveClip
from console.views.video import VideoScreen
from console.views.video.spans import pick_between, pick_of
from tests.views.more_pictures import MIN, NOW, S, picture
from tests.views.recorded_screen import click_bar, screen_with_recordings
from tests.views.recordings import RecordedDesk, at
from tests.views.screens import make
from tests.views.shell_rig import Shown
from tests.views.video_rig import MS, FakeFeed, screen_with


@pytest.fixture
def shown(qtbot: QtBot, tmp_path: Path) -> Shown:
    return Shown(qtbot, tmp_path)


def _press(screen: VideoScreen, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(screen.window(), key, modifier)


# ---- replay


def test_a_recorded_moment_is_looked_at_in_the_replay(qtbot: QtBot) -> None:
    desk = RecordedDesk()
    screen, orders, _, replay = make(qtbot, VideoScreen, picture(), desk=desk)
    qtbot.waitUntil(lambda: screen.moments.bar.page is not None)
    click_bar(screen, at(3.5))
    pick = screen.moments.pick
    assert pick is not None
    screen.moments.look.click()
    assert screen.bridge.is_replaying
    assert replay.moves == [("seek", pick.at_ns), ("speed", 1.0)]
    assert orders == []


def test_a_span_that_begins_in_a_hole_is_looked_at_from_its_first_picture(qtbot: QtBot) -> None:
    screen, _, _, replay = make(qtbot, VideoScreen, picture(), desk=RecordedDesk())
    qtbot.waitUntil(lambda: screen.moments.bar.page is not None)
    screen.moments.bar.choose(pick_between(at(7), at(4)))
    screen.moments.look_at_it()
    assert replay.moves[0] == ("seek", at(5))


def test_in_replay_everything_that_commands_is_visibly_locked_with_the_reason(qtbot: QtBot) -> None:
    screen, orders, _ = screen_with_recordings(qtbot)
    click_bar(screen, at(3.5))
    screen.bridge.open_replay(None)
    screen.show_picture(picture())
    foot, moments = screen.foot, screen.moments
    locked = (foot.mark, foot.save, foot.reconnect, foot.snapshot, moments.here, moments.lock)
    assert not any(button.isEnabled() for button in locked)
    assert "回放中已锁" in moments.said.text()
    for act in (screen.mark_now, screen.save_clip, screen.reconnect, moments.mark_here, moments.toggle_lock):
        act()
    assert orders == []
    # An export asks nothing of the incident: it reads what lies on the disk.
    assert moments.export.isEnabled()
    assert not moments.entry.isVisible()
    screen.bridge.return_live()
    screen.show_picture(picture())
    assert moments.said.text() == ""
    assert foot.mark.isEnabled()


def test_a_replay_can_be_run_and_paused_from_the_wall(qtbot: QtBot) -> None:
    screen, _, _, replay = make(qtbot, VideoScreen, picture())
    assert screen.play.isHidden()
    screen.bridge.open_replay(None)
    screen.show_picture(picture())
    assert not screen.play.isHidden()
    assert screen.keys_only.isHidden()
    screen.play.click()
    assert replay.moves == [("speed", 1.0)]


# ---- keys


def test_everything_can_be_done_with_keys(qtbot: QtBot, tmp_path: Path) -> None:
    screen, orders = screen_with(qtbot, {"uav": 200 * MS}, tmp_path, desk=RecordedDesk())
    qtbot.waitUntil(lambda: screen.moments.bar.page is not None)
    screen.window().activateWindow()
    qtbot.waitUntil(screen.window().isActiveWindow)
    _press(screen, Qt.Key.Key_B)
    assert isinstance(orders[-1], SaveClip)
    _press(screen, Qt.Key.Key_S)
    assert list((tmp_path / "snapshots").iterdir())
    _press(screen, Qt.Key.Key_BracketLeft)
    assert screen.moments.pick is not None
    _press(screen, Qt.Key.Key_T)
    assert screen.moments.row.span_s == 3600
    _press(screen, Qt.Key.Key_U)
    assert isinstance(orders[-1], LockRecording)
    _press(screen, Qt.Key.Key_K)
    assert screen.wall.is_key_only
    assert screen.keys_only.isChecked()
    _press(screen, Qt.Key.Key_Minus)
    assert screen.wall.placement.count == 1
    _press(screen, Qt.Key.Key_M)
    assert screen.moments.entry.isVisible()
    screen.moments.leave_mark()
    _press(screen, Qt.Key.Key_V)
    assert screen.bridge.is_replaying


def test_the_key_list_names_the_keys_of_the_screen_shown_and_those_of_the_window(shown: Shown) -> None:
    shown.window.show_screen("video")
    shown.press(Qt.Key.Key_F1)
    said = shown.window.note.words
    for words in ("S 抓图", "M 标记", "B 存近 30 秒", "[ ] 选时刻", "空格 确认告警"):
        assert words in said
    assert "{" not in said
    shown.window.show_screen("log")
    shown.press(Qt.Key.Key_F1)
    assert "抓图" not in shown.window.note.words


def test_arrows_on_the_bar_move_and_stretch_the_choice_and_escape_leaves_it(qtbot: QtBot) -> None:
    screen, _, _ = screen_with_recordings(qtbot)
    bar = screen.moments.bar
    click_bar(screen, at(4))
    before = screen.moments.pick
    assert before is not None
    QTest.keyClick(bar, Qt.Key.Key_Left)
    after = screen.moments.pick
    assert after is not None
    assert after.at_ns == before.at_ns - 10 * S
    QTest.keyClick(bar, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert screen.moments.pick == pick_between(after.at_ns, after.at_ns + 10 * S)
    QTest.keyClick(bar, Qt.Key.Key_Escape)
    assert screen.moments.pick is None


def test_a_choice_moved_out_of_the_bar_is_brought_back_into_it(qtbot: QtBot) -> None:
    screen, _, _ = screen_with_recordings(qtbot)
    screen.moments.bar.choose(pick_of(NOW - 25 * MIN))
    begin, end = screen.moments.row.span()
    assert begin <= NOW - 25 * MIN <= end


def test_a_minute_is_found_by_typing_it_and_the_span_follows(qtbot: QtBot) -> None:
    screen, orders, _ = screen_with_recordings(qtbot)
    assert screen.focus_find()
    field = screen.moments.row.time
    QTest.keyClicks(field, "13:05")
    QTest.keyClick(field, Qt.Key.Key_Return)
    pick = screen.moments.pick
    assert pick is not None
    assert pick.at_ns == NOW - 87 * MIN - 7 * S
    begin, end = screen.moments.row.span()
    assert begin < pick.at_ns < end
    assert orders == []
    QTest.keyClicks(field, "soon")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert "认不出" in screen.moments.said.text()
    assert screen.moments.pick == pick


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_target_is_large_enough_for_a_glove(qtbot: QtBot, language: str) -> None:
    screen, _ = screen_with(qtbot, {"uav": 200 * MS}, language="zh" if language == "zh" else "en")
    screen.setStyleSheet(screen.theme.style_sheet())
    foot, moments = screen.foot, screen.moments
    for button in (
        foot.snapshot,
        foot.mark,
        foot.save,
        moments.lock,
        moments.export,
        moments.look,
        moments.row.earlier,
    ):
        assert button.sizeHint().height() >= 44
        assert button.sizeHint().width() >= 44
    assert moments.bar.height() >= 44


def test_the_feed_of_these_tests_has_the_shape_of_the_real_one() -> None:
    assert FakeFeed({"a": S}).seen("a").age_ns == S
