"""What a hand can do on the map beside moving it: one tool at a time, chosen from the list of tools, ended by Esc."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter

from console.views.situation.projection import View
from console.views.theme import Metric, Size, Theme


class Tool(Protocol):
    """A tool of the map, made with the map it works on.  Points are pixels of ``MapView.view``.

    What a tool does not take (answers False to) the map does itself, so that it can be dragged and zoomed meanwhile.
    """

    def press(self, point: QPointF) -> bool:
        """The button or finger went down; whoever takes it is given every ``move`` until the ``release``."""

    def move(self, point: QPointF) -> bool:
        """The pointer moved: pressed and taken, or hovering (which a finger never does)."""

    def release(self, point: QPointF) -> bool:
        """It went up where ``press`` was taken, or where it went down without a drag: a click."""

    def double(self, point: QPointF) -> bool:
        """A double click; ``press`` and ``release`` came before."""

    def key(self, event: QKeyEvent) -> bool:
        """A key went down while the map has the focus.  Esc that is not taken ends the tool."""

    def draw(self, painter: QPainter, view: View, theme: Theme) -> None:
        """Draw what it measures or makes, over everything."""

    def words(self) -> str:
        """What it found, or what to do next, in the operator's language; one line, shown while it is at work."""

    def ended(self) -> None:
        """It was put away: forget what is not finished."""


class ClickTool:
    """What tools do that want nothing but clicks and keys: the map can be dragged meanwhile, nothing follows."""

    def press(self, point: QPointF) -> bool:
        """Left to the map."""
        del point
        return False

    def move(self, point: QPointF) -> bool:
        """Nothing follows the pointer."""
        del point
        return False


def draw_words(painter: QPainter, view: View, theme: Theme, words: str, left: float) -> None:
    """What the tool at work says, in a box above in the middle of what lies right of ``left``, in up to two lines."""
    if not words:
        return
    painter.setFont(theme.font(Size.BODY))
    metrics = painter.fontMetrics()
    pad, gap = theme.space(3), theme.space(2)
    room = QRectF(left + gap, theme.space(12), view.width_px - left - gap - theme.space(3), 0.0)
    wide = metrics.horizontalAdvance(words) + 1.0
    wraps = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignCenter)
    inner = QRectF(0, 0, min(wide, room.width() - 2 * pad), 2.0 * metrics.lineSpacing())
    inner.setHeight(min(inner.height(), painter.boundingRect(inner, wraps, words).height()))
    inner.moveTo(room.center().x() - inner.width() / 2, room.top() + pad / 2)
    painter.setPen(theme.pen(theme.palette.info, Metric.HAIRLINE))
    painter.setBrush(theme.palette.map_box)
    painter.drawRect(inner.adjusted(-pad, -pad / 2, pad, pad / 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(theme.palette.text)
    painter.drawText(inner, wraps, words)
