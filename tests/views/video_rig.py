"""视频 over frames of given ages, without shared memory."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from console.i18n import Language
from console.orders import Order
from console.picture import Picture
from console.views.video import VideoScreen
from console.views.video.wall import WallView
from console.views.widgets.feed import FrameFeed
from tests.views.more_pictures import FakeDesk, picture
from tests.views.screens import make

MS = 1_000_000


class FakeFeed(FrameFeed):
    """White frames of a given age; what is wrong with them, and how late they are, where that is told apart."""

    def __init__(self, ages_ns: dict[str, int]) -> None:
        super().__init__()
        self.ages_ns = ages_ns
        self.healths: dict[str, tuple[str, int]] = {}
        self.overdue: dict[str, int] = {}
        self.frame = QImage(64, 36, QImage.Format.Format_RGB32)
        self.frame.fill(Qt.GlobalColor.white)

    def poll(self, camera_id: str) -> bool:
        return camera_id in self.ages_ns

    def image(self, camera_id: str) -> QImage | None:
        return self.frame if camera_id in self.ages_ns else None

    def picture_age_ns(self, camera_id: str) -> int | None:
        return self.ages_ns.get(camera_id)

    def overdue_ns(self, camera_id: str) -> int | None:
        return self.overdue.get(camera_id)

    def health(self, camera_id: str) -> tuple[str, int] | None:
        return self.healths.get(camera_id)


def screen_with(
    qtbot: QtBot,
    ages_ns: dict[str, int],
    folder: Path | None = None,
    *,
    shown: Picture | None = None,
    desk: FakeDesk | None = None,
    language: Language = "zh",
) -> tuple[VideoScreen, list[Order]]:
    """The screen over this picture, whose cameras have frames of these ages; and the orders it gives."""
    screen, orders, _, _ = make(qtbot, VideoScreen, shown or picture(), folder=folder, desk=desk, language=language)
    screen.wall.feed = FakeFeed(ages_ns)
    screen.refresh()
    return screen, orders


def centre(wall: WallView, camera_id: str) -> QPointF:
    """The middle of this camera's tile."""
    return wall.rects()[wall.slots().index(camera_id)].center()


def drawn(wall: WallView) -> QImage:
    """The wall as it looks now."""
    image = QImage(wall.size(), QImage.Format.Format_RGB32)
    wall.render(image, QPoint(0, 0))
    return image


def pixel(wall: WallView, camera_id: str) -> int:
    """How light this camera's picture is: right of the middle and above it, where no words and no band are."""
    rect = wall.rects()[wall.slots().index(camera_id)]
    return drawn(wall).pixelColor(round(rect.center().x()), round(rect.top() + rect.height() * 0.2)).lightness()


def colours(wall: WallView, camera_id: str, top: float, bottom: float) -> set[str]:
    """The colours of this tile between two shares of its height."""
    rect, image = wall.rects()[wall.slots().index(camera_id)], drawn(wall)
    rows = range(round(rect.top() + rect.height() * top) + 3, round(rect.top() + rect.height() * bottom) - 3)
    columns = range(round(rect.left()) + 3, round(rect.right()) - 3)
    return {QColor(image.pixelColor(x, y)).name() for y in rows for x in columns}
