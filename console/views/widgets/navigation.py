# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The column left: the screens in fixed places, keys 1 to 7; at its foot language, colours and size of text."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme

SCREENS = ("situation", "video", "comms", "log", "devices", "replay", "board")
FOOT = ("language", "night", "scale")


class Navigation(QWidget):
    """Emits ``chosen`` with the name of a screen, ``asked`` with one of ``FOOT``."""

    chosen = Signal(str)
    asked = Signal(str)

    def __init__(self, theme: Theme, speech: Speech) -> None:
        super().__init__()
        self._theme = theme
        self._speech = speech
        self.current = SCREENS[0]
        self.faults = 0
        self.restyle()

    def restyle(self) -> None:
        """Measure and colour anew."""
        self.setFixedWidth(self._theme.px(Metric.NAVIGATION_WIDTH))
        self.update()

    def show_current(self, name: str) -> None:
        """Mark the screen shown."""
        self.current = name
        self.update()

    def show_faults(self, faults: int) -> None:
        """Mark at the foot that the program itself failed so many times."""
        if faults != self.faults:
            self.faults = faults
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a screen, or what stands at the foot."""
        y = event.position().y()
        index = int(y // self._theme.px(Metric.NAVIGATION_ENTRY))
        if 0 <= index < len(SCREENS):
            self.chosen.emit(SCREENS[index])
        elif y >= self.foot_top():
            self.asked.emit(FOOT[min(len(FOOT) - 1, int((y - self.foot_top()) // self._theme.px(Metric.TOUCH)))])

    def foot_top(self) -> int:
        """Where the entries of the foot begin."""
        return self.height() - len(FOOT) * self._theme.px(Metric.TOUCH)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Draw the entries."""
        theme, palette = self._theme, self._theme.palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), palette.panel)
        height = theme.px(Metric.NAVIGATION_ENTRY)
        side = theme.px(Metric.ICON)
        painter.setFont(theme.font(Size.TINY))
        line = painter.fontMetrics().height()
        for index, name in enumerate(SCREENS):
            rect = QRectF(0, index * height, self.width(), height)
            is_on = name == self.current
            if is_on:
                painter.fillRect(rect, palette.raised)
                painter.fillRect(QRectF(0, rect.top(), theme.space(0.75), height), palette.info)
            colour = palette.text if is_on else palette.dim
            top = rect.center().y() - (side + line) / 2
            theme.paint_icon(painter, name, QRectF(rect.center().x() - side / 2, top, side, side), colour)
            painter.setPen(colour)
            words = QRectF(0, top + side, rect.width(), line)
            painter.drawText(words, int(Qt.AlignmentFlag.AlignCenter), self._speech.say(f"shell.screen.{name}"))
            key = QRectF(rect.right() - theme.space(4), rect.top() + theme.space(0.5), theme.space(3), line)
            painter.setPen(palette.faint)
            painter.drawText(key, int(Qt.AlignmentFlag.AlignRight), str(index + 1))
        self._draw_foot(painter)
        if self.faults:
            self._draw_faults(painter, side, line)

    def _draw_foot(self, painter: QPainter) -> None:
        theme, palette = self._theme, self._theme.palette
        touch = theme.px(Metric.TOUCH)
        painter.setFont(theme.font(Size.SMALL))
        for index, name in enumerate(FOOT):
            rect = QRectF(0, self.foot_top() + index * touch, self.width(), touch)
            painter.setPen(theme.pen(palette.row_line))
            painter.drawLine(rect.topLeft(), rect.topRight())
            painter.setPen(palette.dim)
            said = self._speech.say(f"shell.foot.{name}")
            if name == "night":
                said = self._speech.say("shell.foot.day" if theme.is_night else "shell.foot.night")
            painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), said)

    def _draw_faults(self, painter: QPainter, side: int, line: int) -> None:
        theme = self._theme
        top = self.foot_top() - side - 2 * line - theme.space(2)
        colour = theme.palette.warn
        theme.paint_icon(painter, "warn", QRectF((self.width() - side) / 2, top, side, side), colour)
        painter.setFont(theme.font(Size.TINY))
        painter.setPen(colour)
        words = QRectF(0, top + side, self.width(), 2 * line)
        said = self._speech.say("shell.faults", count=self.faults)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap), said)
