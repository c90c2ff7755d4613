"""Small drawings kept as pixmaps: a text or a symbol is shaped once and put down many times.

Only the drawing is kept; what is to be written is decided anew at every painting.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from math import ceil
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from console.views.theme import Size, Theme
from console.views.widgets.label import draw_text

MOST_STAMPS = 1024


class Writing(NamedTuple):
    """How words are written; with ``ground_rgba`` on that ground, on which their edges are drawn sharper."""

    size: Size
    is_bold: bool = False
    is_struck: bool = False
    ground_rgba: int = 0


class Stamps:
    """Pixmaps by key; beyond ``most`` of them the one not used for longest is forgotten.

    ``theme`` and ``ratio`` (device pixels a pixel) are set by ``begin`` before every painting; where they changed,
    all is drawn anew.
    """

    def __init__(self, theme: Theme, most: int = MOST_STAMPS) -> None:
        self._theme = theme
        self._most = most
        self._ratio = 1.0
        self._style: object = None
        self._kept: OrderedDict[Hashable, QPixmap] = OrderedDict()
        self._widths: dict[tuple[str, Size, bool], float] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def begin(self, ratio: float) -> None:
        """A painting begins on a surface of this ``ratio``."""
        style = (self._theme.is_night, self._theme.scale, ratio)
        if style != self._style:
            self._style = style
            self._ratio = ratio
            self._kept.clear()
            self._widths.clear()

    def kept(self, key: Hashable) -> QPixmap | None:
        """The pixmap of ``key``, where there is one."""
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def stamp(
        self,
        key: Hashable,
        width_px: float,
        height_px: float,
        draw: Callable[[QPainter], None],
        ground: QColor | Qt.GlobalColor = Qt.GlobalColor.transparent,
    ) -> QPixmap:
        """The pixmap of ``key``, at least so large; ``draw`` fills it with its origin at the upper left corner."""
        kept = self.kept(key)
        if kept is not None:
            return kept
        pixmap = QPixmap(max(1, ceil(width_px * self._ratio)), max(1, ceil(height_px * self._ratio)))
        pixmap.setDevicePixelRatio(self._ratio)
        pixmap.fill(ground)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw(painter)
        painter.end()
        self._kept[key] = pixmap
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return pixmap

    def width(self, text: str, writing: Writing) -> float:
        """How wide this line is written."""
        key = (text, writing.size, writing.is_bold)
        width = self._widths.get(key)
        if width is None:
            if len(self._widths) >= self._most:
                self._widths.clear()
            metrics = self._theme.metrics(writing.size, is_bold=writing.is_bold)
            width = self._widths[key] = metrics.horizontalAdvance(text)
        return width

    def words(
        self, painter: QPainter, at: QPointF, text: str, colour: QColor, writing: Writing, height_px: float
    ) -> float:
        """Write one line with its upper left corner ``at``, in the middle of ``height_px``; gives its width."""
        width = self.width(text, writing)
        key = (text, colour.rgba(), writing, height_px)
        pixmap = self.kept(key)
        if pixmap is None:

            def draw(on: QPainter) -> None:
                on.setFont(self._theme.font(writing.size, is_bold=writing.is_bold, is_struck=writing.is_struck))
                draw_text(on, QRectF(0, 0, width + 2, height_px), text, colour)

            pixmap = self.stamp(key, width + 2, height_px, draw, QColor.fromRgba(writing.ground_rgba))
        painter.drawPixmap(at, pixmap)
        return width
