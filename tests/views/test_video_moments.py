"""The bar of recorded time: what is there at a moment, in words and pixels; what can be asked of it, and what not."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from console.orders import LockRecording, MarkPicture, SaveClip
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
from tests.views.recorded_screen import click_bar, screen_with_recordings
from tests.views.recordings import PAGE, RecordedDesk, at, recorded
from tests.views.video_rig import MS


def test_what_is_recorded_is_asked_of_the_chosen_camera_and_span(qtbot: QtBot) -> None:
    screen, _, desk = screen_with_recordings(qtbot)
    asked = [one for one in desk.requests if isinstance(one, RecordingsRequest)]
    assert asked[-1] == RecordingsRequest(from_ns=NOW - 10 * MIN, to_ns=NOW, camera_ids=("uav",))
    screen.moments.row.spans[3600].click()
    assert desk.requests[-1] == RecordingsRequest(from_ns=NOW - 60 * MIN, to_ns=NOW, camera_ids=("uav",))
    screen.wall.select("van")
    assert desk.requests[-1] == RecordingsRequest(from_ns=NOW - 60 * MIN, to_ns=NOW, camera_ids=("van",))
    assert screen.moments.bar.page is None


def test_the_whole_incident_begins_with_it_or_with_the_oldest_recording(qtbot: QtBot) -> None:
    screen, _, _ = screen_with_recordings(qtbot)
    screen.moments.row.choose_span(None)
    assert screen.moments.row.span() == (NOW - 5 * 3600 * S, NOW)
    screen.show_picture(picture(recording=RecordingHealth(oldest_ns=NOW - 9 * 3600 * S)))
    assert screen.moments.row.span() == (NOW - 9 * 3600 * S, NOW)


def test_earlier_and_later_turn_by_half_a_span_and_now_follows_the_clock(qtbot: QtBot) -> None:
    screen, _, desk = screen_with_recordings(qtbot)
    moments = screen.moments
    assert not moments.row.later.isEnabled()
    moments.row.earlier.click()
    moments.row.earlier.click()
    assert moments.row.span() == (NOW - 20 * MIN, NOW - 10 * MIN)
    desk.now += 60 * S
    assert moments.row.span() == (NOW - 20 * MIN, NOW - 10 * MIN)
    moments.row.later.click()
    moments.row.later.click()
    moments.row.later.click()
    assert moments.row.span()[1] == desk.now


def test_a_click_on_the_bar_says_what_is_there_and_offers_what_can_be_done(qtbot: QtBot) -> None:
    screen, _, _ = screen_with_recordings(qtbot)
    moments = screen.moments
    assert not any(one.isEnabled() for one in (moments.here, moments.lock, moments.export, moments.look))
    click_bar(screen, at(3.5))
    assert "有录像" in moments.words.text()
    assert moments.lock.text().startswith("解锁")
    assert all(one.isEnabled() for one in (moments.here, moments.lock, moments.export, moments.look))
    click_bar(screen, at(7))
    assert moments.words.text().endswith("没有录像")
    assert not moments.lock.isEnabled()
    assert not moments.look.isEnabled()


def test_a_span_is_drawn_with_the_mouse(qtbot: QtBot) -> None:
    screen, _, _ = screen_with_recordings(qtbot)
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
    screen, _, _ = screen_with_recordings(qtbot)
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
    screen, _, _ = screen_with_recordings(qtbot, RecordedDesk(page=None))
    click_bar(screen, at(4))
    assert "不知道" in screen.moments.words.text()
    assert not screen.moments.look.isEnabled()


# ---- orders


def test_a_mark_has_the_moment_of_the_picture_seen_and_its_words_come_after(qtbot: QtBot) -> None:
    screen, orders, desk = screen_with_recordings(qtbot)
    screen.foot.mark.click()
    desk.now += 20 * S
    assert screen.moments.entry.isVisible()
    screen.moments.entry.field.setText("  桥面  进水 ")
    screen.moments.entry.keep.click()
    assert orders == [MarkPicture(camera_id="uav", at_ns=NOW - 200 * MS, text="桥面 进水")]
    assert not screen.moments.entry.isVisible()
    assert screen.moments.said.text() == "已标记 14:32:06：桥面 进水"


def test_letters_typed_into_a_mark_are_words_and_not_keys(qtbot: QtBot) -> None:
    screen, orders, _ = screen_with_recordings(qtbot)
    screen.window().activateWindow()
    screen.mark_now()
    QTest.keyClicks(screen.moments.entry.field, "csm")
    assert screen.moments.entry.field.text() == "csm"
    QTest.keyClick(screen.moments.entry.field, Qt.Key.Key_Escape)
    assert orders == []
    assert not screen.moments.entry.isVisible()


def test_a_mark_belongs_to_the_camera_it_was_begun_for(qtbot: QtBot) -> None:
    screen, orders, _ = screen_with_recordings(qtbot)
    screen.mark_now()
    screen.wall.select("van")
    screen.moments.entry.keep.click()
    assert [one.camera_id for one in orders if isinstance(one, MarkPicture)] == ["uav"]


def test_a_chosen_moment_can_be_marked_afterwards(qtbot: QtBot) -> None:
    screen, orders, _ = screen_with_recordings(qtbot)
    click_bar(screen, at(4))
    screen.moments.here.click()
    screen.moments.entry.keep.click()
    marked = orders[0]
    assert isinstance(marked, MarkPicture)
    assert abs(marked.at_ns - at(4)) < S
    assert marked.text == ""


def test_the_last_half_minute_is_asked_for_and_its_arrival_is_said(qtbot: QtBot) -> None:
    screen, orders, desk = screen_with_recordings(qtbot, RecordedDesk(page=replace(PAGE, files=PAGE.files[:-1])))
    screen.foot.save.click()
    assert orders == [SaveClip(camera_id="uav", last_s=30.0)]
    assert screen.moments.said.text() == "正在存最近 30 秒"
    desk.page = PAGE
    screen.moments.ask()
    qtbot.waitUntil(lambda: screen.moments.said.text() == "已另存 14:31:37–14:32:07：clip.ts")


def test_a_clip_that_does_not_come_is_not_called_saved(qtbot: QtBot) -> None:
    screen, _, desk = screen_with_recordings(qtbot, RecordedDesk(page=replace(PAGE, files=PAGE.files[:-1])))
    screen.foot.save.click()
    desk.now += 25 * S
    screen.moments.ask()
    qtbot.waitUntil(lambda: screen.moments.said.tone == "warn")
    assert "没有存成" in screen.moments.said.text()


def test_locking_locks_every_file_of_the_choice_and_unlocks_only_when_all_are_locked(qtbot: QtBot) -> None:
    screen, orders, _ = screen_with_recordings(qtbot)
    screen.moments.bar.choose(pick_between(at(4.5), at(2.5)))
    screen.moments.lock.click()
    assert orders == [
        LockRecording(camera_id="uav", file="5.ts", is_locked=True),
        LockRecording(camera_id="uav", file="3.ts", is_locked=True),
    ]
    orders.clear()
    screen.moments.bar.choose(pick_of(at(3.5)))
    screen.moments.lock.click()
    assert orders == [LockRecording(camera_id="uav", file="4.ts", is_locked=False)]


def test_unlocking_a_recording_leaves_the_clip_of_the_same_moment_locked(qtbot: QtBot) -> None:
    files = (recorded(3, is_locked=True), recorded(3, is_locked=True, is_clip=True, file="clip.ts"))
    screen, orders, _ = screen_with_recordings(qtbot, RecordedDesk(page=RecordingsPage(files=files, marks=())))
    screen.moments.bar.choose(pick_of(at(2.5)))
    screen.moments.lock.click()
    assert orders == [LockRecording(camera_id="uav", file="3.ts", is_locked=False)]


def test_after_a_mark_the_keys_are_again_where_they_were(qtbot: QtBot) -> None:
    screen, _, _ = screen_with_recordings(qtbot)
    screen.wall.setFocus()
    screen.mark_now()
    assert screen.moments.entry.field.hasFocus()
    screen.moments.entry.keep.click()
    assert screen.wall.hasFocus()


def test_what_the_list_leaves_out_does_not_look_like_a_time_without_recordings(qtbot: QtBot) -> None:
    page = RecordingsPage(files=(recorded(9), recorded(8)), marks=(), has_more=True)
    screen, _, _ = screen_with_recordings(qtbot, RecordedDesk(page=page))
    middle = round(screen.moments.bar.track().center().y())
    assert NIGHT.warn_ground.name() in _bar_colours(screen, 2, middle)
    click_bar(screen, at(2))
    assert "未列出" in screen.moments.words.text()
    click_bar(screen, at(8.5))
    assert "有录像" in screen.moments.words.text()


def test_an_export_runs_beside_other_work_and_ends_in_a_sentence(qtbot: QtBot) -> None:
    screen, _, desk = screen_with_recordings(qtbot)
    click_bar(screen, at(3.5))
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
    screen, _, desk = screen_with_recordings(qtbot)
    click_bar(screen, at(3.5))
    screen.moments.export.click()
    assert screen.moments.export.text().startswith("停止导出")
    screen.moments.export.click()
    assert desk.cancelled == 1
    assert "没有留下文件" in screen.moments.said.text()
