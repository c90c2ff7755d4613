# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The wall in a window of its own, for a second display: badge, frame and clock as on the first."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.bridge import Bridge
from console.picture import Picture
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.video.wall import JUDGE_PERIOD_MS, WallView
from console.views.widgets.feed import FrameFeed
from console.views.widgets.label import Label


class SecondWindow(QWidget):
    """Opens on the second display where there is one, else as an ordinary window; W and Esc close it."""

    closed = Signal()

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, owner: QWidget | None = None) -> None:
        # Owned by the main window: it goes with it, and does not keep the program running alone.
        super().__init__(owner, Qt.WindowType.Window)
        self._bridge, self._theme, self._speech = bridge, theme, speech
        self._mode = "live"
        self.wall = WallView(bridge, theme, speech, FrameFeed(), "second")
        self.badge = Label(theme, size=Size.STRONG, is_bold=True)
        self.incident = Label(theme, size=Size.STRONG)
        self.clock = Label(theme, size=Size.STRONG, is_bold=True)
        self._head = QHBoxLayout()
        for label, stretch in ((self.badge, 1), (self.incident, 6), (self.clock, 1)):
            self._head.addWidget(label, stretch)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._head)
        self._column.addWidget(self.wall, 1)
        for key in (Qt.Key.Key_W, Qt.Key.Key_Escape):
            QShortcut(QKeySequence(key), self).activated.connect(self.close)
        self._timer = QTimer(self)
        self._timer.setInterval(JUDGE_PERIOD_MS)
        self._timer.timeout.connect(self.refresh)
        bridge.picture_changed.connect(self.show_picture)
        self.restyle()
        if bridge.picture is not None:
            self.show_picture(bridge.picture)

    def show_picture(self, picture: Picture) -> None:
        """Take over cameras and mode."""
        self._mode = "replay" if self._bridge.is_replaying else picture.mode
        self.incident.say(picture.incident.name)
        self.wall.show_picture(picture)
        self.refresh()

    def refresh(self) -> None:
        """The console's time, and whether it still runs."""
        self.badge.say(self._speech.say(f"shell.badge.{self._mode}"))
        self.clock.say(self._speech.clock(self._bridge.now_ns()))
        self.setWindowTitle(f"{self.badge.text()} · {self._speech.say('videowall.title')}")
        self.update()

    def retranslate(self) -> None:
        """Say everything anew."""
        self.refresh()
        self.wall.update()

    def restyle(self) -> None:
        """Colour and measure anew."""
        frame = self._theme.px(Metric.FRAME)
        self._column.setContentsMargins(frame, frame, frame, frame)
        self._head.setContentsMargins(self._theme.space(3), self._theme.space(1), self._theme.space(3), 0)
        self._head.setSpacing(self._theme.space(3))
        for label in (self.badge, self.incident, self.clock):
            label.restyle()
        self.resize(self._theme.px(Metric.SMALLEST_WIDTH), self._theme.px(Metric.SMALLEST_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """The ground, framed in drill and replay."""
        painter = QPainter(self)
        palette, frame = self._theme.palette, self._theme.px(Metric.FRAME)
        colours = {"drill": palette.drill, "replay": palette.replay}
        painter.fillRect(self.rect(), colours.get(self._mode, palette.panel))
        painter.fillRect(self.rect().adjusted(frame, frame, -frame, -frame), palette.panel)

    def open(self) -> None:
        """Show it: full screen on the display on which the main window is not."""
        screens = QGuiApplication.screens()
        owner = self.parentWidget()
        taken = owner.screen() if owner is not None else QGuiApplication.primaryScreen()
        others = [screen for screen in screens if screen is not taken]
        self._timer.start()
        if others:
            self.setGeometry(others[0].availableGeometry())
            self.showFullScreen()
        else:
            self.show()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hidden, not gone."""
        self._timer.stop()
        super().closeEvent(event)
        self.closed.emit()
