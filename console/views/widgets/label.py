# ruff: noqa: N802, ARG002 - the names and signatures of overridden methods are Qt's
"""A line of text in a named size and tone that never spills over its place."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from console.views.theme import Size, Theme

Align = Qt.AlignmentFlag
LEFT = Align.AlignLeft | Align.AlignVCenter
RIGHT = Align.AlignRight | Align.AlignVCenter
CENTRE = Align.AlignCenter
SEPARATOR = " · "


class Label(QLabel):
    """One line; ``tone`` is a colour name of the palette.  What does not fit ends in an ellipsis."""

    def __init__(
        self,
        theme: Theme,
        *,
        size: Size = Size.BODY,
        tone: str = "text",
        is_bold: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._size = size
        self._is_bold = is_bold
        self.tone = tone
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.restyle()

    def restyle(self) -> None:
        """Measure anew."""
        self.setFont(self._theme.font(self._size, is_bold=self._is_bold))
        self.updateGeometry()
        self.update()

    def set_tone(self, tone: str) -> None:
        """Change the colour by its name."""
        if tone != self.tone:
            self.tone = tone
            self.update()

    def say(self, text: str) -> None:
        """Show this text; nothing is repainted where it is the same."""
        if text != self.text():
            self.setText(text)

    def sizeHint(self) -> QSize:
        """As wide as the text."""
        metrics = self._theme.metrics(self._size, is_bold=self._is_bold)
        return QSize(round(metrics.horizontalAdvance(self.text())) + 2, round(metrics.height()))

    def minimumSizeHint(self) -> QSize:
        """May become narrow; never lower than its line."""
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw, elided."""
        painter = QPainter(self)
        colour: QColor = getattr(self._theme.palette, self.tone)
        draw_text(painter, QRectF(self.rect()), self.text(), colour, align=self.alignment())


def fitting(facts: Sequence[str], room_px: float, metrics: QFontMetrics | QFontMetricsF) -> str:
    """As many of the facts, from the first, as stand whole in the room; the first in any case.

    Half a fact is worse than none: who sees "VSAT 通 · 光…" cannot know whether it is up.
    """
    said = facts[0] if facts else ""
    for fact in facts[1:]:
        longer = f"{said}{SEPARATOR}{fact}"
        if metrics.horizontalAdvance(longer) > room_px:
            break
        said = longer
    return said


def draw_text(
    painter: QPainter, rect: QRectF, text: str, colour: QColor, *, align: Align = LEFT, is_middle: bool = False
) -> float:
    """Draw one line in the painter's font, elided to ``rect``; gives the width it took."""
    metrics = painter.fontMetrics()
    said, width = text, metrics.horizontalAdvance(text)
    if width > rect.width():
        mode = Qt.TextElideMode.ElideMiddle if is_middle else Qt.TextElideMode.ElideRight
        said = metrics.elidedText(text, mode, max(0, int(rect.width())))
        width = metrics.horizontalAdvance(said)
    painter.setPen(colour)
    painter.drawText(rect, _flags(align), said)
    return float(width)


@cache
def _flags(align: Align) -> int:
    # Joining flags costs more than drawing a short text.
    return int(align | Align.AlignVCenter | Qt.TextFlag.TextSingleLine)
