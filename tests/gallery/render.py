"""Draws windows over sample pictures."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QEventLoop
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter
from PySide6.QtWidgets import QApplication

from console.bridge import Bridge
from console.i18n import LANGUAGES, Language
from console.picture import Picture
from console.views.comms.history import HistoryView
from console.views.settings import Settings
from console.views.situation import SituationScreen
from console.views.video import VideoScreen
from console.views.widgets.feed import FrameFeed
from console.views.widgets.navigation import SCREENS
from console.views.window import Window
from tests.gallery.wall import RecordedDesk, show_wall
from tests.views.pictures import picture
from tests.views.reached import board_picture

_CUT = ("situation", "board")
"""Screens that are drawn with roads and supplies too."""
_CHARTS_S = 30.0
SIZES = ((1920, 1080), (1366, 768), (3840, 2160))


class PaintedFeed(FrameFeed):
    """A feed whose frames are painted here: the gallery has no cameras."""

    AGES_NS: ClassVar = {"观音寺桥球机": 27_000_000_000, "4G 图传 02": 400_000_000}

    def poll(self, camera_id: str) -> bool:
        del camera_id
        return False

    def image(self, camera_id: str) -> QImage | None:
        if camera_id == "市防指视频会议":
            return None
        image = QImage(1280, 720, QImage.Format.Format_RGB32)
        ground = QLinearGradient(0, 0, 0, 720)
        ground.setColorAt(0, QColor(90, 110, 120))
        ground.setColorAt(1, QColor(30, 40, 46))
        painter = QPainter(image)
        painter.fillRect(image.rect(), ground)
        painter.end()
        return image

    def picture_age_ns(self, camera_id: str) -> int | None:
        return None if camera_id == "市防指视频会议" else self.AGES_NS.get(camera_id, 200_000_000)


def make_window(
    folder: Path, size: tuple[int, int], language: Language, *, is_night: bool, shown: Picture | None = None
) -> Window:
    """A window of this size over a sample picture, with its clock standing at the picture's."""
    settings = Settings(folder / "window.ini")
    settings.keep(night=is_night)
    bridge = Bridge(RecordedDesk())
    window = Window(bridge, settings=settings, language=language, monotonic_ns=lambda: 0)
    window.speech.zone = dt.timezone(dt.timedelta(hours=8))
    window.resize(*size)
    screen = window.screens["situation"]
    assert isinstance(screen, SituationScreen)
    screen.wall.tiles._feed = PaintedFeed()
    bridge.put_live(shown or picture())
    window.show()
    for _ in range(6):
        QApplication.processEvents()
    return window


def await_charts(window: Window) -> None:
    """Charts are loaded by another thread after the first painting: a picture without them shows less than there is."""
    end_s = time.monotonic() + _CHARTS_S
    views = [view for view in window.findChildren(HistoryView) if view.isVisible()]
    while any(view.chart is None for view in views):
        if time.monotonic() > end_s:
            raise TimeoutError("the charts of the bearers were not loaded")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
    QApplication.processEvents()


def render_all(folder: Path, *, screens: Sequence[str] = ()) -> Iterator[Path]:
    """Write every combination; gives the files."""
    application = QApplication.instance() or QApplication([])
    for name in screens or SCREENS:
        for size in SIZES:
            for language in LANGUAGES:
                for is_night in (True, False):
                    shown = board_picture() if name in _CUT else None
                    window = make_window(folder, size, language, is_night=is_night, shown=shown)
                    window.show_screen(name)
                    video = window.screen_shown
                    if isinstance(video, VideoScreen):
                        show_wall(video, window.bridge)
                    for _ in range(6):
                        application.processEvents()
                    await_charts(window)
                    colours = "night" if is_night else "day"
                    file = folder / f"{name}-{size[0]}x{size[1]}-{language}-{colours}.png"
                    window.grab().save(str(file))
                    window.close()
                    window.deleteLater()
                    application.processEvents()
                    yield file
