"""视频 with recordings on its bar of time."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from console.orders import Order
from console.views.video import VideoScreen
from tests.views.recordings import RecordedDesk
from tests.views.video_rig import MS, screen_with


def screen_with_recordings(
    qtbot: QtBot, desk: RecordedDesk | None = None
) -> tuple[VideoScreen, list[Order], RecordedDesk]:
    """The screen over a desk that answers with recordings, once they are drawn; its orders; the desk."""
    desk = desk or RecordedDesk()
    screen, orders = screen_with(qtbot, {"uav": 200 * MS}, desk=desk)
    qtbot.waitUntil(lambda: screen.moments.bar.page is not None or desk.page is None)
    return screen, orders, desk


def click_bar(screen: VideoScreen, at_ns: int) -> None:
    """Click this moment on the bar of time."""
    bar = screen.moments.bar
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(round(bar.scale().x(at_ns)), bar.height() // 2))
