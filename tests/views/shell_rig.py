"""A window over a desk and clocks set by the test."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.i18n import Language
from console.picture import Picture
from console.views.settings import Settings
from console.views.window import Window
from tests.views.pictures import FakeDesk, S, bridge_with

CHINA = dt.timezone(dt.timedelta(hours=8))


class Clock:
    """A monotonic clock set by the test."""

    def __init__(self) -> None:
        self.ns = 0

    def __call__(self) -> int:
        return self.ns


class Shown:
    """A window with its desk and clock."""

    def __init__(
        self, qtbot: QtBot, folder: Path, language: Language = "zh", *, replay: FakeDesk | None = None
    ) -> None:
        self.desk = FakeDesk()
        self.clock = Clock()
        self.bridge = bridge_with(self.desk, replay)
        self.settings = Settings(folder / "window.ini")
        self.window = Window(self.bridge, settings=self.settings, language=language, monotonic_ns=self.clock)
        self.window.speech.zone = CHINA
        qtbot.addWidget(self.window)
        self.qtbot = qtbot
        self.window.show()
        qtbot.waitExposed(self.window)

    def give(self, shown: Picture) -> None:
        """A picture comes over the bridge."""
        self.bridge.put_live(shown)
        self.qtbot.waitUntil(lambda: self.bridge.live_picture is shown)
        QApplication.processEvents()

    def pass_time(self, seconds: float) -> None:
        """Time goes by and the window looks at it."""
        self.clock.ns += round(seconds * S)
        self.desk.at_ns += round(seconds * S)
        self.window.refresh()

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.window, key, modifier)
