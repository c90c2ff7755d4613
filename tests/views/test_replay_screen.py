"""回放: time is moved by hand, keys and buttons; nothing is hidden about where it stands."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from console.picture import Gap
from console.queries import ReplayState, TimelinePage
from console.views.replay import ReplayScreen
from console.views.replay.scale import last_alarm_ns, next_alarm_ns
from console.views.widgets.timescale import TimeScale
from tests.views.more_pictures import NOW, FakeDesk, S, notice, picture
from tests.views.screens import FakeReplay, make

H = 3600 * S
ALARMS = ((NOW - 3000 * S, "a"), (NOW - 2000 * S, "b"), (NOW - 1000 * S, "c"))


def _open(qtbot: QtBot) -> tuple[ReplayScreen, FakeReplay]:
    desk = FakeDesk(timeline=TimelinePage(from_ns=NOW - H, to_ns=NOW, gaps=(), alarms=ALARMS))
    screen, _, _, replay = make(qtbot, ReplayScreen, picture(), desk=desk)
    replay.timeline = desk.timeline
    screen.running.click()
    qtbot.waitUntil(lambda: screen.bar.page is not None)
    return screen, replay


def _put(screen: ReplayScreen, at_ns: int, speed: float = 0.0) -> None:
    state = ReplayState(title="incident", from_ns=NOW - H, to_ns=NOW, at_ns=at_ns, speed=speed)
    screen.bridge.replay_changed.emit(state)


def _key(screen: QWidget, key: Qt.Key) -> None:
    QApplication.sendEvent(screen, QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier))


def test_before_a_choice_there_is_nothing_to_play(qtbot: QtBot) -> None:
    screen, _, _, _ = make(qtbot, ReplayScreen, picture())
    assert screen.play.isHidden()
    assert screen.back.isHidden()
    assert screen.title.text() == "选择要回放的事件"


def test_the_running_incident_is_replayed_and_left_again(qtbot: QtBot) -> None:
    screen, replay = _open(qtbot)
    assert screen.bridge.is_replaying
    assert not screen.play.isHidden()
    screen.back.click()
    assert replay.is_closed
    assert not screen.bridge.is_replaying
    assert screen.play.isHidden()


def test_it_says_date_time_pace_and_what_is_replayed(qtbot: QtBot) -> None:
    screen, _ = _open(qtbot)
    _put(screen, NOW - 1800 * S, speed=10.0)
    assert screen.title.text() == "2023-07-20 周四　14:02:07"
    assert "incident · 10 倍速" in screen.said.text()
    _put(screen, NOW - 1800 * S)
    assert "已暂停" in screen.said.text()


def test_play_runs_at_the_chosen_speed_and_pause_stands_still(qtbot: QtBot) -> None:
    screen, replay = _open(qtbot)
    screen.speeds[30.0].click()
    assert replay.moves == []
    screen.play.click()
    _put(screen, NOW - 1800 * S, speed=30.0)
    screen.speeds[0.5].click()
    screen.play.click()
    assert replay.moves == [("speed", 30.0), ("speed", 0.5), ("speed", 0.0)]


def test_ten_seconds_a_step_and_alarms_are_reached_by_buttons(qtbot: QtBot) -> None:
    screen, replay = _open(qtbot)
    _put(screen, NOW - 2000 * S)
    screen.earlier.click()
    screen.later.click()
    screen.step.click()
    screen.next_alarm.click()
    screen.last_alarm.click()
    assert replay.moves == [
        ("seek", NOW - 2010 * S),
        ("seek", NOW - 1990 * S),
        ("step", 0),
        ("seek", NOW - 1000 * S),
        ("seek", NOW - 3000 * S),
    ]


def test_the_same_by_keys(qtbot: QtBot) -> None:
    screen, replay = _open(qtbot)
    _put(screen, NOW - 2000 * S)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Period, Qt.Key.Key_J, Qt.Key.Key_K, Qt.Key.Key_P):
        _key(screen, key)
    assert [name for name, _ in replay.moves] == ["seek", "seek", "step", "seek", "seek", "speed"]


def test_a_jump_does_not_leave_the_journal(qtbot: QtBot) -> None:
    screen, replay = _open(qtbot)
    _put(screen, NOW - 3 * S)
    screen.later.click()
    _put(screen, NOW - H + S)
    screen.earlier.click()
    assert replay.moves == [("seek", NOW), ("seek", NOW - H)]


def test_after_the_last_alarm_it_says_that_there_is_none(qtbot: QtBot) -> None:
    screen, replay = _open(qtbot)
    _put(screen, NOW - 500 * S)
    screen.next_alarm.click()
    screen.refresh()
    assert replay.moves == []
    assert screen.said.text() == "此后没有告警"


def _drag(screen: ReplayScreen, from_ns: int, to_ns: int) -> None:
    bar = screen.bar
    button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for kind, at_ns in (
        (QEvent.Type.MouseButtonPress, from_ns),
        (QEvent.Type.MouseMove, to_ns),
        (QEvent.Type.MouseButtonRelease, to_ns),
    ):
        place = QPointF(bar.scale().x(at_ns), bar.height() / 2)
        QApplication.sendEvent(bar, QMouseEvent(kind, place, bar.mapToGlobal(place), button, button, none))


def test_the_cursor_is_dragged_to_a_moment(qtbot: QtBot) -> None:
    screen, replay = _open(qtbot)
    _put(screen, NOW - 3000 * S)
    _drag(screen, NOW - 3000 * S, NOW - 900 * S)
    name, at_ns = replay.moves[-1]
    assert name == "seek"
    assert abs(at_ns - (NOW - 900 * S)) <= 4 * S


def test_a_picture_that_arrives_does_not_pull_the_cursor_from_the_hand(qtbot: QtBot) -> None:
    screen, _ = _open(qtbot)
    _put(screen, NOW - 3000 * S)
    place = QPointF(screen.bar.scale().x(NOW - 900 * S), screen.bar.height() / 2)
    button = Qt.MouseButton.LeftButton
    press = QMouseEvent(
        QEvent.Type.MouseButtonPress, place, place, button, button, Qt.KeyboardModifier.NoModifier
    )  # fmt: skip
    QApplication.sendEvent(screen.bar, press)
    _put(screen, NOW - 2999 * S)
    cursor_ns = screen.bar.cursor_ns
    assert cursor_ns is not None
    assert abs(cursor_ns - (NOW - 900 * S)) <= 4 * S


def test_a_click_on_the_live_time_bar_begins_a_replay_there(qtbot: QtBot) -> None:
    desk = FakeDesk(timeline=TimelinePage(from_ns=NOW - H, to_ns=NOW, gaps=(), alarms=()))
    screen, _, _, replay = make(qtbot, ReplayScreen, picture(), desk=desk)
    qtbot.waitUntil(lambda: screen.bar.page is not None)
    _drag(screen, NOW - 1800 * S, NOW - 1800 * S)
    assert screen.bridge.is_replaying
    assert replay.moves[-1][0] == "seek"


def test_what_was_known_then_is_listed_newest_first(qtbot: QtBot) -> None:
    screen, _, _, _ = make(qtbot, ReplayScreen, picture(notices=(notice(1, "first"), notice(2, "second"))))
    assert screen.notices.data(screen.notices.index(0, 1)) == "second"


def test_a_gap_is_drawn(qtbot: QtBot) -> None:
    screen, _ = _open(qtbot)
    _put(screen, NOW - 100 * S)
    plain = screen.bar.grab().toImage()
    gaps = (Gap(from_ns=NOW - 2500 * S, to_ns=NOW - 1500 * S, lost=None),)
    screen.bar.show_timeline(TimelinePage(from_ns=NOW - H, to_ns=NOW, gaps=gaps, alarms=ALARMS))
    assert screen.bar.grab().toImage() != plain


@pytest.mark.parametrize(("at_ns", "later", "sooner"), [(NOW - 2000 * S, -1000, -3000), (NOW, None, -1000)])
def test_the_next_alarm_is_never_the_one_it_stands_on(at_ns: int, later: int | None, sooner: int | None) -> None:
    assert next_alarm_ns(ALARMS, at_ns) == (None if later is None else NOW + later * S)
    assert last_alarm_ns(ALARMS, at_ns) == (None if sooner is None else NOW + sooner * S)


@given(st.integers(1, 10**7), st.floats(0, 1), st.floats(50, 4000))
def test_a_moment_and_its_pixel_agree(span_s: int, share: float, width_px: float) -> None:
    scale = TimeScale(from_ns=NOW, to_ns=NOW + span_s * S, left_px=40.0, width_px=width_px)
    at_ns = NOW + round(span_s * S * share)
    assert abs(scale.at(scale.x(at_ns)) - at_ns) <= max(1000, span_s * S // 10**6)


@given(st.integers(1, 10**7))
def test_ticks_are_round_local_moments_that_do_not_touch(span_s: int) -> None:
    scale = TimeScale(from_ns=NOW, to_ns=NOW + span_s * S, left_px=0.0, width_px=1000.0)
    ticks = scale.ticks(110.0, 8 * 3600)
    assert all(NOW <= tick <= NOW + span_s * S for tick in ticks)
    steps = {later - sooner for sooner, later in pairwise(ticks)}
    assert len(steps) <= 1
    if span_s <= 86_400 * 9:
        assert all(scale.x(later) - scale.x(sooner) >= 109.0 for sooner, later in pairwise(ticks))
    if steps and (step := steps.pop()) >= 3600 * S:
        assert all((tick // S + 8 * 3600) % (step // S) == 0 for tick in ticks)


def test_a_replay_that_was_begun_before_the_screen_was_first_opened_is_shown(qtbot: QtBot) -> None:
    first, replay = _open(qtbot)
    replay.now = NOW - 1800 * S
    screen = ReplayScreen(first.bridge, first.theme, first.speech, first.parentWidget())
    assert screen.title.text() == "2023-07-20 周四　14:02:07"
    assert not screen.play.isHidden()
