"""A count in the place of many teams; dashed and hollow where some of them must not look current."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from console.views.situation.crowd import Badge
from console.views.situation.declutter import Box
from console.views.situation.stamps import Stamps, Writing
from console.views.theme import Metric, Size, Theme

_COUNT = Writing(Size.SMALL, is_bold=True)


def badge_words(badge: Badge) -> str:
    """How many, and of how many the place is old."""
    return f"{badge.number}!{badge.stale}" if badge.stale else str(badge.number)


def badge_boxes(badges: Sequence[Badge], theme: Theme, stamps: Stamps) -> list[Box]:
    """The box of every badge.  There are hundreds of them."""
    least, height, room = theme.px(Metric.SYMBOL_WIDTH), theme.px(Metric.SYMBOL_HEIGHT), theme.space(3)
    boxes: list[Box] = []
    widths: dict[tuple[int, int], float] = {}
    for badge in badges:
        x, y, number, stale, _ = badge
        width = widths.get((number, stale))
        if width is None:
            width = widths[number, stale] = max(least, round(stamps.width(badge_words(badge), _COUNT)) + room)
        left, top = round(x - width / 2), round(y - height / 2)
        boxes.append((left, top, left + width, top + height))
    return boxes


def draw_badges(painter: QPainter, badges: Iterable[tuple[Badge, Box]], theme: Theme, stamps: Stamps) -> None:
    """Draw these; a second edge behind the box says that it stands for several."""
    room = theme.space(1.5)
    for badge, (left, top, right, bottom) in badges:
        words = badge_words(badge)
        key = ("badge", words)
        pixmap = stamps.kept(key)
        if pixmap is None:
            width, height = right - left, bottom - top
            inner = QRectF(room, room, width, height)
            draw = partial(_draw, rect=inner, words=words, theme=theme, is_stale=badge.stale > 0)
            pixmap = stamps.stamp(key, width + 2 * room, height + 2 * room, draw)
        painter.drawPixmap(QPointF(left - room, top - room), pixmap)


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
