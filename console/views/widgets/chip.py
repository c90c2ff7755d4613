"""A word in a dashed frame: that nobody watches here, small but told by its shape too."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from console.views.theme import Size, Theme
from console.views.widgets.label import CENTRE, draw_text

_PAD = 1.0


def chip_width(word: str, theme: Theme) -> float:
    """What ``draw_chip`` takes, 0 where there is nothing to say."""
    if not word:
        return 0.0
    return theme.metrics(Size.TINY, is_bold=True).horizontalAdvance(word) + 2 * theme.space(_PAD) + 1


def draw_chip(painter: QPainter, room: QRectF, word: str, theme: Theme, colour: QColor) -> None:
    """At the right end of ``room``."""
    width, height = chip_width(word, theme), theme.metrics(Size.TINY, is_bold=True).height()
    if not word or width > room.width():
        return
    box = QRectF(room.right() - width, room.center().y() - height / 2, width, height)
    painter.setPen(theme.pen(colour, style=Qt.PenStyle.DashLine))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box)
    painter.setFont(theme.font(Size.TINY, is_bold=True))
    draw_text(painter, box.adjusted(-1, 0, 1, 0), word, colour, align=CENTRE)
