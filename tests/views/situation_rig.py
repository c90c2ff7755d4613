"""A situation screen over a desk and frames set by the test."""

from __future__ import annotations

import datetime as dt

from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.orders import Order
from console.views.situation import SituationScreen
from console.views.speech import Speech
from console.views.theme import Theme
from console.views.widgets.feed import FrameFeed
from tests.views.pictures import (
    MIN,
    NOW,
    FakeDesk,
    bridge_with,
    picture,
)

SPEECH = Speech("zh", zone=dt.timezone(dt.timedelta(hours=8)))
IMAGE = QImage(64, 36, QImage.Format.Format_RGB32)


class StillFeed(FrameFeed):
    """One frame for every camera, of an age set by the test."""

    def __init__(self) -> None:
        super().__init__()
        self.age_ns: int | None = 200_000_000
        self.still = QImage(640, 360, QImage.Format.Format_RGB32)
        self.still.fill(QColor(10, 200, 30))

    def poll(self, camera_id: str) -> bool:
        del camera_id
        return False

    def image(self, camera_id: str) -> QImage | None:
        del camera_id
        return self.still

    def picture_age_ns(self, camera_id: str) -> int | None:
        del camera_id
        return self.age_ns


class Shown:
    """A situation screen over a desk."""

    def __init__(self, qtbot: QtBot, desk: FakeDesk | None = None) -> None:
        self.desk = desk or FakeDesk()
        self.bridge = bridge_with(self.desk, FakeDesk(NOW - 60 * MIN))
        self.screen = SituationScreen(self.bridge, Theme(), SPEECH)
        self.feed = StillFeed()
        self.screen.wall.tiles._feed = self.feed
        self.orders: list[Order] = []
        self.screen.commanded.connect(self.orders.append)
        qtbot.addWidget(self.screen)
        self.screen.resize(1856, 1016)
        self.screen.show_picture(picture())
        self.screen.show()
        qtbot.waitExposed(self.screen)
        QApplication.processEvents()
