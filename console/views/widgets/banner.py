# ruff: noqa: N802 - the names of overridden methods are Qt's
"""Lines across every screen: not recorded, a fault of our own, no Chinese font; and a short answer to a key."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import draw_text

_WRAPPED = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)


class Banner(QWidget):
    """One line with a sign; hidden while there is nothing to say.  ``tone`` is ``alarm``, ``warn`` or ``replay``."""

    def __init__(self, theme: Theme, tone: str, icon: str) -> None:
        super().__init__()
        self._theme = theme
        self._tone = tone
        self._icon = icon
        self.words = ""
        self.hide()
        self.restyle()

    def say(self, words: str) -> None:
        """Say this, or nothing."""
        if words != self.words:
            self.words = words
            self.setAccessibleName(words)
            self.update()
        self.setVisible(bool(words))

    def restyle(self) -> None:
        """Measure anew."""
        self.setFixedHeight(self._theme.px(Metric.BANNER_HEIGHT))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Draw it on a full ground."""
        theme, palette = self._theme, self._theme.palette
        painter = QPainter(self)
        grounds = {"alarm": palette.alarm_button, "warn": palette.warn, "replay": palette.replay}
        colour = palette.on_button if self._tone == "alarm" else palette.panel
        painter.fillRect(self.rect(), grounds[self._tone])
        side = theme.px(Metric.ICON)
        edge = theme.space(4)
        theme.paint_icon(painter, self._icon, QRectF(edge, (self.height() - side) / 2, side, side), colour)
        painter.setFont(theme.font(Size.BODY, is_bold=True))
        left = edge + side + theme.space(2)
        draw_text(painter, QRectF(left, 0, self.width() - left - edge, self.height()), self.words, colour)


class ReplayBanner(Banner):
    """The lock of a replay, what the live incident says meanwhile, and the way back."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "replay", "lock")
        self.back = QPushButton(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(self.back)

    def restyle(self) -> None:
        """Measure anew: high enough for its button."""
        self.setFixedHeight(self._theme.px(Metric.TOUCH) + self._theme.space(1))
        self.update()


class Note(QWidget):
    """A short answer to what was just done; goes away by itself and takes no clicks."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._host = parent
        self._theme = theme
        self.words = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()

    def say(self, words: str) -> None:
        """Show this above the lower edge, in as many lines as it needs, for as long as it takes to read."""
        self.words = words
        theme, host = self._theme, self._host
        edge = theme.space(4)
        metrics = theme.metrics(Size.BODY, is_bold=True)
        room = QRectF(0, 0, host.width() - 6 * edge, host.height())
        need = metrics.boundingRect(room, _WRAPPED, words)
        width = math.ceil(need.width()) + 3 * edge
        height = max(theme.px(Metric.TOUCH), math.ceil(need.height()) + edge)
        self.setGeometry((host.width() - width) // 2, host.height() - height - theme.space(20), width, height)
        self.show()
        self.raise_()
        self._timer.start(round(1000 * (Metric.NOTE_SECONDS + len(words) * Metric.NOTE_SECONDS_A_CHARACTER)))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Draw it."""
        theme, palette = self._theme, self._theme.palette
        painter = QPainter(self)
        painter.fillRect(self.rect(), palette.info_ground)
        painter.setPen(theme.pen(palette.info, Metric.STROKE))
        painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.setFont(theme.font(Size.BODY, is_bold=True))
        inner = QRectF(self.rect()).adjusted(theme.space(4), 0, -theme.space(4), 0)
        painter.setPen(palette.text)
        painter.drawText(inner, _WRAPPED, self.words)
