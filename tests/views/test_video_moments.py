"""The bar of recorded time: what is there at a moment, in words and pixels; what can be asked of it, and what not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from console.orders import LockRecording, MarkPicture, Order, SaveClip
from console.picture import RecordingHealth, Text
from console.queries import (
    ExportPage,
    ExportRequest,
    RecordingsPage,
    RecordingsRequest,
)
from console.views.theme import NIGHT
from console.views.video import VideoScreen
from console.views.video.spans import pick_between, pick_of
from tests.views.more_pictures import MIN, NOW, S, picture
from tests.views.recordings import PAGE, RecordedDesk, at, recorded
from tests.views.screens import make
from tests.views.video_rig import MS, FakeFeed, screen_with


def _screen(qtbot: QtBot, desk: RecordedDesk | None = None) -> tuple[VideoScreen, list[Order], RecordedDesk]:
    desk = desk or RecordedDesk()
    screen, orders = screen_with(qtbot, {"uav": 200 * MS}, desk=desk)
    qtbot.waitUntil(lambda: screen.moments.bar.page is not None or desk.page is None)
    return screen, orders, desk


def _click(screen: VideoScreen, at_ns: int) -> None:
    bar = screen.moments.bar
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(round(bar.scale().x(at_ns)), bar.height() // 2))


def _press(screen: VideoScreen, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(screen.window(), key, modifier)


def test_what_is_recorded_is_asked_of_the_chosen_camera_and_span(qtbot: QtBot) -> None:
    screen, _, desk = _screen(qtbot)
    asked = [one for one in desk.requests if isinstance(one, RecordingsRequest)]
    assert asked[-1] == RecordingsRequest(from_ns=NOW - 10 * MIN, to_ns=NOW, camera_ids=("uav",))
    screen.moments.spans[3600].click()
    assert desk.requests[-1] == RecordingsRequest(from_ns=NOW - 60 * MIN, to_ns=NOW, camera_ids=("uav",))
    screen.wall.select("van")
    assert desk.requests[-1] == RecordingsRequest(from_ns=NOW - 60 * MIN, to_ns=NOW, camera_ids=("van",))
    assert screen.moments.bar.page is None


def test_the_whole_incident_begins_with_it_or_with_the_oldest_recording(qtbot: QtBot) -> None:
    screen, _, _ = _screen(qtbot)
    screen.moments.choose_span(None)
    assert screen.moments.span() == (NOW - 5 * 3600 * S, NOW)
    screen.show_picture(picture(recording=RecordingHealth(oldest_ns=NOW - 9 * 3600 * S)))
    assert screen.moments.span() == (NOW - 9 * 3600 * S, NOW)


def test_earlier_and_later_turn_by_half_a_span_and_now_follows_the_clock(qtbot: QtBot) -> None:
    screen, _, desk = _screen(qtbot)
    moments = screen.moments
    assert not moments.later.isEnabled()
    moments.earlier.click()
    moments.earlier.click()
    assert moments.span() == (NOW - 20 * MIN, NOW - 10 * MIN)
    desk.now += 60 * S
    assert moments.span() == (NOW - 20 * MIN, NOW - 10 * MIN)
    moments.later.click()
    moments.later.click()
    moments.later.click()
    assert moments.span()[1] == desk.now


def test_a_click_on_the_bar_says_what_is_there_and_offers_what_can_be_done(qtbot: QtBot) -> None:
    screen, _, _ = _screen(qtbot)
    moments = screen.moments
    assert not any(one.isEnabled() for one in (moments.here, moments.lock, moments.export, moments.look))
    _click(screen, at(3.5))
    assert "有录像" in moments.words.text()
    assert moments.lock.text().startswith("解锁")
    assert all(one.isEnabled() for one in (moments.here, moments.lock, moments.export, moments.look))
    _click(screen, at(7))
    assert moments.words.text().endswith("没有录像")
    assert not moments.lock.isEnabled()
    assert not moments.look.isEnabled()


def test_a_span_is_drawn_with_the_mouse(qtbot: QtBot) -> None:
    screen, _, _ = _screen(qtbot)
    bar = screen.moments.bar
    begin, end = (QPoint(round(bar.scale().x(ns)), 20) for ns in (at(6), at(3)))
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=begin)
    QTest.mouseMove(bar, end)
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=end)
    pick = screen.moments.pick
    assert pick is not None
    assert pick.is_range
    assert abs(pick.from_ns - at(6)) < 2 * S
    assert abs(pick.to_ns - at(3)) < 2 * S


def _bar_colours(screen: VideoScreen, back_min: float, y_px: int) -> set[str]:
    bar = screen.moments.bar
    image = bar.grab().toImage()
    x = round(bar.scale().x(at(back_min)))
    return {image.pixelColor(column, y_px).name() for column in range(x - 8, x + 8)}


def test_recorded_missing_removed_and_never_recorded_look_different(qtbot: QtBot) -> None:
    screen, _, _ = _screen(qtbot)
    top = round(screen.moments.bar.track().top())
    middle = round(screen.moments.bar.track().center().y())
    assert _bar_colours(screen, 2.5, middle) == {NIGHT.scroll.name()}
    assert _bar_colours(screen, 7, middle) == {NIGHT.field.name()}
    assert NIGHT.warn.name() in _bar_colours(screen, 4.55, middle)
    assert NIGHT.dim.name() in _bar_colours(screen, 8.5, middle)
    assert NIGHT.scroll.name() not in _bar_colours(screen, 8.5, middle)
    assert NIGHT.info.name() in _bar_colours(screen, 3.5, top - 2)
    assert NIGHT.info.name() not in _bar_colours(screen, 2.5, top - 2)
    assert NIGHT.text.name() in _bar_colours(screen, 0.25, round(screen.moments.bar.track().bottom()) + 2)
    assert NIGHT.own.name() in _bar_colours(screen, 3.83, 4)


def test_a_list_that_cannot_be_read_is_said_on_the_bar_and_draws_nothing(qtbot: QtBot) -> None:
    screen, _, _ = _screen(qtbot, RecordedDesk(page=None))
    _click(screen, at(4))
    assert "不知道" in screen.moments.words.text()
    assert not screen.moments.look.isEnabled()


# ---- orders


def test_a_mark_has_the_moment_of_the_picture_seen_and_its_words_come_after(qtbot: QtBot) -> None:
    screen, orders, desk = _screen(qtbot)
    screen.foot.mark.click()
    desk.now += 20 * S
    assert screen.moments.entry.isVisible()
    screen.moments.entry.field.setText("  桥面  进水 ")
    screen.moments.entry.keep.click()
    assert orders == [MarkPicture(camera_id="uav", at_ns=NOW - 200 * MS, text="桥面 进水")]
    assert not screen.moments.entry.isVisible()
    assert screen.moments.said.text() == "已标记 14:32:06：桥面 进水"


def test_letters_typed_into_a_mark_are_words_and_not_keys(qtbot: QtBot) -> None:
    screen, orders, _ = _screen(qtbot)
    screen.window().activateWindow()
    screen.mark_now()
    QTest.keyClicks(screen.moments.entry.field, "csm")
    assert screen.moments.entry.field.text() == "csm"
    QTest.keyClick(screen.moments.entry.field, Qt.Key.Key_Escape)
    assert orders == []
    assert not screen.moments.entry.isVisible()


def test_a_mark_belongs_to_the_camera_it_was_begun_for(qtbot: QtBot) -> None:
    screen, orders, _ = _screen(qtbot)
    screen.mark_now()
    screen.wall.select("van")
    screen.moments.entry.keep.click()
    assert [one.camera_id for one in orders if isinstance(one, MarkPicture)] == ["uav"]


def test_a_chosen_moment_can_be_marked_afterwards(qtbot: QtBot) -> None:
    screen, orders, _ = _screen(qtbot)
    _click(screen, at(4))
    screen.moments.here.click()
    screen.moments.entry.keep.click()
    marked = orders[0]
    assert isinstance(marked, MarkPicture)
    assert abs(marked.at_ns - at(4)) < S
    assert marked.text == ""


def test_the_last_half_minute_is_asked_for_and_its_arrival_is_said(qtbot: QtBot) -> None:
    screen, orders, desk = _screen(qtbot, RecordedDesk(page=replace(PAGE, files=PAGE.files[:-1])))
    screen.foot.save.click()
    assert orders == [SaveClip(camera_id="uav", last_s=30.0)]
    assert screen.moments.said.text() == "正在存最近 30 秒"
    desk.page = PAGE
    screen.moments.ask()
    qtbot.waitUntil(lambda: screen.moments.said.text() == "已另存 14:31:37–14:32:07：clip.ts")


def test_a_clip_that_does_not_come_is_not_called_saved(qtbot: QtBot) -> None:
    screen, _, desk = _screen(qtbot, RecordedDesk(page=replace(PAGE, files=PAGE.files[:-1])))
    screen.foot.save.click()
    desk.now += 25 * S
    screen.moments.ask()
    qtbot.waitUntil(lambda: screen.moments.said.tone == "warn")
    assert "没有存成" in screen.moments.said.text()


def test_locking_locks_every_file_of_the_choice_and_unlocks_only_when_all_are_locked(qtbot: QtBot) -> None:
    screen, orders, _ = _screen(qtbot)
    screen.moments.bar._choose(pick_between(at(4.5), at(2.5)))
    screen.moments.lock.click()
    assert orders == [
        LockRecording(camera_id="uav", file="5.ts", is_locked=True),
        LockRecording(camera_id="uav", file="3.ts", is_locked=True),
    ]
    orders.clear()
    screen.moments.bar._choose(pick_of(at(3.5)))
    screen.moments.lock.click()
    assert orders == [LockRecording(camera_id="uav", file="4.ts", is_locked=False)]


def test_unlocking_a_recording_leaves_the_clip_of_the_same_moment_locked(qtbot: QtBot) -> None:
    files = (recorded(3, is_locked=True), recorded(3, is_locked=True, is_clip=True, file="clip.ts"))
    screen, orders, _ = _screen(qtbot, RecordedDesk(page=RecordingsPage(files=files, marks=())))
    screen.moments.bar._choose(pick_of(at(2.5)))
    screen.moments.lock.click()
    assert orders == [LockRecording(camera_id="uav", file="3.ts", is_locked=False)]


def test_after_a_mark_the_keys_are_again_where_they_were(qtbot: QtBot) -> None:
    screen, _, _ = _screen(qtbot)
    screen.wall.setFocus()
    screen.mark_now()
    assert screen.moments.entry.field.hasFocus()
    screen.moments.entry.keep.click()
    assert screen.wall.hasFocus()


def test_what_the_list_leaves_out_does_not_look_like_a_time_without_recordings(qtbot: QtBot) -> None:
    page = RecordingsPage(files=(recorded(9), recorded(8)), marks=(), has_more=True)
    screen, _, _ = _screen(qtbot, RecordedDesk(page=page))
    middle = round(screen.moments.bar.track().center().y())
    assert NIGHT.warn_ground.name() in _bar_colours(screen, 2, middle)
    _click(screen, at(2))
    assert "未列出" in screen.moments.words.text()
    _click(screen, at(8.5))
    assert "有录像" in screen.moments.words.text()


def test_an_export_runs_beside_other_work_and_ends_in_a_sentence(qtbot: QtBot) -> None:
    screen, _, desk = _screen(qtbot)
    _click(screen, at(3.5))
    screen.moments.export.click()
    request = desk.requests[-1]
    assert isinstance(request, ExportRequest)
    assert request.camera_ids == ("uav",)
    assert request.to_ns - request.from_ns == MIN
    assert request.from_ns <= at(3.5) < request.to_ns
    assert "正在导出" in screen.moments.said.text()
    screen.wall.select("van")
    desk.exports[0](ExportPage(is_good=False, text=Text(id="没有导出"), remedy=Text(id="腾出空间")))
    qtbot.waitUntil(lambda: screen.moments.said.text() == "没有导出 腾出空间")
    assert screen.moments.said.tone == "alarm"
    assert screen.moments.export.text().startswith("导出")


def test_an_export_can_be_given_up(qtbot: QtBot) -> None:
    screen, _, desk = _screen(qtbot)
    _click(screen, at(3.5))
    screen.moments.export.click()
    assert screen.moments.export.text().startswith("停止导出")
    screen.moments.export.click()
    assert desk.cancelled == 1
    assert "没有留下文件" in screen.moments.said.text()


# ---- replay


def test_a_recorded_moment_is_looked_at_in_the_replay(qtbot: QtBot) -> None:
    desk = RecordedDesk()
    screen, orders, _, replay = make(qtbot, VideoScreen, picture(), desk=desk)
    qtbot.waitUntil(lambda: screen.moments.bar.page is not None)
    _click(screen, at(3.5))
    pick = screen.moments.pick
    assert pick is not None
    screen.moments.look.click()
    assert screen.bridge.is_replaying
    assert replay.moves == [("seek", pick.at_ns), ("speed", 1.0)]
    assert orders == []


def test_a_span_that_begins_in_a_hole_is_looked_at_from_its_first_picture(qtbot: QtBot) -> None:
    screen, _, _, replay = make(qtbot, VideoScreen, picture(), desk=RecordedDesk())
    qtbot.waitUntil(lambda: screen.moments.bar.page is not None)
    screen.moments.bar._choose(pick_between(at(7), at(4)))
    screen.moments.look_at_it()
    assert replay.moves[0] == ("seek", at(5))


def test_in_replay_everything_that_commands_is_visibly_locked_with_the_reason(qtbot: QtBot) -> None:
    screen, orders, _ = _screen(qtbot)
    _click(screen, at(3.5))
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
    _press(screen, Qt.Key.Key_C)
    assert isinstance(orders[-1], SaveClip)
    _press(screen, Qt.Key.Key_S)
    assert list((tmp_path / "snapshots").iterdir())
    _press(screen, Qt.Key.Key_BracketLeft)
    assert screen.moments.pick is not None
    _press(screen, Qt.Key.Key_T)
    assert screen.moments.span_s == 3600
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


def test_arrows_on_the_bar_move_and_stretch_the_choice_and_escape_leaves_it(qtbot: QtBot) -> None:
    screen, _, _ = _screen(qtbot)
    bar = screen.moments.bar
    _click(screen, at(4))
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
    screen, _, _ = _screen(qtbot)
    screen.moments.bar._choose(pick_of(NOW - 25 * MIN))
    begin, end = screen.moments.span()
    assert begin <= NOW - 25 * MIN <= end


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_target_is_large_enough_for_a_glove(qtbot: QtBot, language: str) -> None:
    screen, _ = screen_with(qtbot, {"uav": 200 * MS}, language="zh" if language == "zh" else "en")
    screen.setStyleSheet(screen.theme.style_sheet())
    foot, moments = screen.foot, screen.moments
    for button in (foot.snapshot, foot.mark, foot.save, moments.lock, moments.export, moments.look, moments.earlier):
        assert button.sizeHint().height() >= 44
        assert button.sizeHint().width() >= 44
    assert moments.bar.height() >= 44


def test_the_feed_of_these_tests_has_the_shape_of_the_real_one() -> None:
    assert FakeFeed({"a": S}).seen("a").age_ns == S
