"""A count in the place of many teams; dashed and hollow where some of them must not look current."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from console.views.situation.crowd import Badge
from console.views.situation.stamps import Stamps, Writing
from console.views.theme import Metric, Size, Theme

_COUNT = Writing(Size.SMALL, is_bold=True)


def badge_words(badge: Badge) -> str:
    """How many, and of how many the place is old."""
    return f"{badge.count}!{badge.stale}" if badge.stale else str(badge.count)


def badge_rect(badge: Badge, theme: Theme, stamps: Stamps) -> QRectF:
    """The box of a badge."""
    width = max(theme.px(Metric.SYMBOL_WIDTH), round(stamps.width(badge_words(badge), _COUNT)) + theme.space(3))
    height = theme.px(Metric.SYMBOL_HEIGHT)
    return QRectF(round(badge.centre.x() - width / 2), round(badge.centre.y() - height / 2), width, height)


def draw_badge(painter: QPainter, badge: Badge, rect: QRectF, theme: Theme, stamps: Stamps) -> None:
    """Draw it in its ``badge_rect``; a second edge behind the box says that it stands for several."""
    room = theme.space(1.5)
    words = badge_words(badge)
    size = (rect.width() + 2 * room, rect.height() + 2 * room)
    inner = QRectF(room, room, rect.width(), rect.height())
    is_stale = badge.stale > 0
    pixmap = stamps.stamp(("badge", words), *size, lambda on: _draw(on, inner, words, theme, is_stale=is_stale))
    painter.drawPixmap(rect.topLeft() - QPointF(room, room), pixmap)


def _draw(painter: QPainter, rect: QRectF, words: str, theme: Theme, *, is_stale: bool) -> None:
    palette = theme.palette
    colour = palette.alarm if is_stale else palette.own
    shift = theme.space(0.75)
    style = Qt.PenStyle.DashLine if is_stale else Qt.PenStyle.SolidLine
    painter.setPen(theme.pen(colour, Metric.STROKE, style))
    painter.setBrush(Qt.BrushStyle.NoBrush if is_stale else palette.panel)
    painter.drawRect(rect.translated(shift, -shift))
    painter.setBrush(palette.map_ground if is_stale else palette.panel)
    painter.drawRect(rect)
    painter.setFont(theme.font(Size.SMALL, is_bold=True))
    painter.setPen(colour)
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), words)
