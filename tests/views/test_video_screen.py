"""视频: what is live, what is veiled, who is where, and what clicks become."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.bridge import Bridge
from console.orders import ReconnectNow
from console.sights import Showing, Sight
from console.views.speech import Speech
from console.views.theme import Metric, Theme
from console.views.video import VideoScreen
from console.views.video.placement import COUNTS, Placement
from console.views.video.second import SecondWindow
from console.views.video.wall import WallView
from tests.views.more_pictures import NOW, FakeDesk, S, camera, picture
from tests.views.screens import ZONE, make
from tests.views.video_rig import FakeFeed, centre, pixel, screen_with

MS = 1_000_000


@pytest.mark.parametrize(("age_ns", "is_bright"), [(200 * MS, True), (1100 * MS, True), (1250 * MS, False)])
def test_a_picture_is_veiled_within_a_second_and_a_quarter(qtbot: QtBot, age_ns: int, is_bright: bool) -> None:  # noqa: FBT001
    screen, _ = screen_with(qtbot, {"uav": age_ns})
    assert (pixel(screen.wall, "uav") > 200) is is_bright


def test_a_picture_is_veiled_whatever_the_engine_says(qtbot: QtBot) -> None:
    feed_ages = {"uav": 200 * MS}
    screen, _ = screen_with(qtbot, feed_ages)
    assert screen.wall.cameras["uav"].state == "live"
    feed_ages["uav"] = 27 * S
    screen.refresh()
    assert pixel(screen.wall, "uav") < 100
    assert screen.foot.state.text().startswith("停滞")
    assert screen.note.text().startswith("4 路 · 0 路有画面")


def test_a_camera_that_is_down_says_why_and_what_to_do(qtbot: QtBot) -> None:
    screen, _ = screen_with(qtbot, {})
    screen.wall.select("hall")
    assert "设备连不上" in screen.foot.state.text()
    assert "8 秒后再试（第 4 次）" in screen.foot.state.text()
    assert screen.foot.state.tone == "alarm"


def test_reconnect_now_is_an_order_and_is_offered_only_where_it_helps(qtbot: QtBot) -> None:
    screen, orders, _, _ = make(qtbot, VideoScreen, picture())
    assert screen.foot.reconnect.isHidden()
    screen.wall.select("hall")
    screen.foot.reconnect.click()
    assert orders == [ReconnectNow(subject_id="hall")]


def test_a_replay_shows_no_picture_of_now_and_gives_no_order(qtbot: QtBot) -> None:
    screen, orders, _, _ = make(qtbot, VideoScreen, picture())
    screen.wall.feed = FakeFeed({"uav": 200 * MS})
    screen.bridge.open_replay(None)
    screen.show_picture(picture())
    assert pixel(screen.wall, "uav") < 100
    screen.wall.select("hall")
    screen.foot.reconnect.click()
    assert orders == []
    assert not screen.foot.snapshot.isEnabled()


# ---- places


def test_every_camera_has_one_place_and_keeps_it_when_another_goes() -> None:
    placement = Placement(4)
    placement.fit(["a", "b", "c"])
    placement.swap(0, 3)
    assert placement.shown() == [None, "b", "c", "a"]
    placement.fit(["b", "a", "d"])
    assert placement.shown() == ["d", "b", None, "a"]


@given(
    st.lists(st.sampled_from("abcdefghijklmnopqrst"), unique=True),
    st.lists(
        st.tuples(st.integers(0, 15), st.integers(0, 15), st.sampled_from(COUNTS), st.integers(-2, 2)), max_size=9
    ),
)
def test_no_camera_is_lost_or_doubled_however_the_wall_is_arranged(
    ids: list[str], moves: list[tuple[int, int, int, int]]
) -> None:
    placement = Placement(4)
    placement.fit(ids)
    for one, other, count, pages in moves:
        placement.swap(one, other)
        placement.set_count(count)
        placement.turn(pages)
        placement.fit(ids)
    seen = []
    for page in range(placement.pages):
        placement.page = page
        seen += [slot for slot in placement.shown() if slot is not None]
    assert sorted(seen) == sorted(ids)


def _mouse(wall: WallView, kind: QEvent.Type, at: QPointF) -> None:
    button = Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, at, wall.mapToGlobal(at), button, button, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(wall, event)


def test_a_tile_is_placed_by_dragging(qtbot: QtBot) -> None:
    screen, _ = screen_with(qtbot, {})
    wall = screen.wall
    start, end = centre(wall, "uav"), centre(wall, "hall")
    _mouse(wall, QEvent.Type.MouseButtonPress, start)
    _mouse(wall, QEvent.Type.MouseMove, (start + end) / 2)
    _mouse(wall, QEvent.Type.MouseMove, end)
    _mouse(wall, QEvent.Type.MouseButtonRelease, end)
    assert wall.slots() == ["hall", "van", "ptz", "uav"]


def test_a_click_chooses_and_moves_nothing(qtbot: QtBot) -> None:
    screen, _ = screen_with(qtbot, {})
    wall = screen.wall
    place = centre(wall, "ptz")
    _mouse(wall, QEvent.Type.MouseButtonPress, place)
    _mouse(wall, QEvent.Type.MouseMove, place + QPointF(2, 1))
    _mouse(wall, QEvent.Type.MouseButtonRelease, place + QPointF(2, 1))
    assert wall.slots() == ["uav", "van", "ptz", "hall"]
    assert wall.selected_id == "ptz"
    assert screen.foot.name.text() == "观音寺桥球机"


def test_a_double_click_enlarges_and_a_second_one_goes_back(qtbot: QtBot) -> None:
    screen, _ = screen_with(qtbot, {})
    wall = screen.wall
    _mouse(wall, QEvent.Type.MouseButtonDblClick, centre(wall, "van"))
    assert wall.slots() == ["van"]
    _mouse(wall, QEvent.Type.MouseButtonDblClick, centre(wall, "van"))
    assert wall.slots() == ["uav", "van", "ptz", "hall"]


def test_more_cameras_than_tiles_make_pages(qtbot: QtBot) -> None:
    screen, _ = screen_with(qtbot, {})
    screen.show_picture(picture(cameras=tuple(camera(f"c{n}", f"{n}") for n in range(6))))
    screen.wall.set_count(4)
    assert screen.page.text() == "第 1 / 2 页"
    screen.forth.click()
    assert screen.wall.slots() == ["c4", "c5", None, None]


def test_only_what_is_seen_is_decoded_and_at_the_size_of_its_tile(qtbot: QtBot) -> None:
    wanted: list[Showing] = []
    bridge = Bridge(FakeDesk(), on_cameras=wanted.append)
    wall = WallView(bridge, Theme(), Speech("zh", zone=ZONE), FakeFeed({}), "video")
    qtbot.addWidget(wall)
    wall.resize(801, 601)
    wall.show()
    disabled = replace(camera("off", "停用"), state="disabled")
    wall.show_picture(picture(cameras=(camera("a", "a"), camera("b", "b"), disabled)))
    caption_px = round(Theme().px(Metric.CAPTION_HEIGHT))
    assert wanted[-1] == {"a": Sight(400, 300 - caption_px, is_full_rate=True), "b": Sight(400, 300 - caption_px)}
    wall.enlarge("b")
    assert wanted[-1] == {"b": Sight(801, 601 - caption_px, is_full_rate=True, is_enlarged=True)}
    wall.hide()
    assert wanted[-1] == {}


def test_two_walls_together_ask_for_the_larger_picture() -> None:
    wanted: list[Showing] = []
    bridge = Bridge(FakeDesk(), on_cameras=wanted.append)
    bridge.show_cameras({"a": Sight(400, 300), "b": Sight(10, 10)}, "one")
    bridge.show_cameras({"a": Sight(800, 200, is_full_rate=True)}, "two")
    assert wanted[-1] == {"a": Sight(800, 300, is_full_rate=True), "b": Sight(10, 10)}
    bridge.show_cameras({}, "one")
    assert wanted[-1] == {"a": Sight(800, 200, is_full_rate=True)}


# ---- the second display


def test_the_second_window_shows_badge_clock_and_closes_by_key(qtbot: QtBot) -> None:
    desk = FakeDesk()
    bridge = Bridge(desk)
    bridge.picture = picture()
    window = SecondWindow(bridge, Theme(), Speech("zh", zone=ZONE))
    qtbot.addWidget(window)
    assert window.badge.text() == "演练"
    assert window.clock.text() == "14:32:07"
    desk.now = NOW + 60 * S
    window.refresh()
    assert window.clock.text() == "14:33:07"
    assert window.wall.slots() == ["uav", "van", "ptz", "hall"]


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_the_second_window_is_opened_and_closed_and_belongs_to_the_first(qtbot: QtBot) -> None:
    screen, _ = screen_with(qtbot, {})
    screen.other.click()
    second = screen.second
    assert second is not None
    assert second.isVisible()
    assert screen.other.isChecked()
    assert second.parent() is screen.window()
    screen.hide()
    assert second.isVisible()
    second.close()
    assert not screen.other.isChecked()
    screen.toggle_second()
    assert second.isVisible()
    second.close()


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_the_second_window_says_when_what_it_shows_is_a_replay(qtbot: QtBot) -> None:
    screen, _ = screen_with(qtbot, {})
    screen.toggle_second()
    second = screen.second
    assert second is not None
    screen.bridge.open_replay(None)
    screen.bridge.picture_changed.emit(picture())
    assert second.badge.text() == "回放"
    second.close()
