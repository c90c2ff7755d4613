"""A pixmap half as large again as the view, so that dragging only moves it."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from console.views.situation.projection import View

_MARGIN_SHARE = 0.25


class Plate:
    """Something drawn for ``view``, which is wider than what is seen; ``ratio`` is device pixels a pixel."""

    def __init__(self, seen: View, ratio: float, ground: QColor | Qt.GlobalColor = Qt.GlobalColor.transparent) -> None:
        self.view = seen.resized(seen.width_px * (1 + 2 * _MARGIN_SHARE), seen.height_px * (1 + 2 * _MARGIN_SHARE))
        self.pixmap = QPixmap(ceil(self.view.width_px * ratio), ceil(self.view.height_px * ratio))
        self.pixmap.setDevicePixelRatio(ratio)
        self.pixmap.fill(ground)

    def begin(self) -> QPainter:
        """A painter onto it; end it before the plate is put down."""
        painter = QPainter(self.pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        return painter

    def covers(self, seen: View) -> bool:
        """Whether its margin still reaches around what is seen, at the same zoom."""
        offset = seen.plane_point(self.view.centre_east_m, self.view.centre_north_m)
        return (
            seen.zoom == self.view.zoom
            and abs(offset.x() - seen.width_px / 2) <= seen.width_px * _MARGIN_SHARE
            and abs(offset.y() - seen.height_px / 2) <= seen.height_px * _MARGIN_SHARE
        )

    def corner(self, seen: View) -> QPointF:
        """Where its upper left corner lies in ``seen``."""
        offset = seen.plane_point(self.view.centre_east_m, self.view.centre_north_m)
        return QPointF(offset.x() - self.view.width_px / 2, offset.y() - self.view.height_px / 2)

    def put(self, painter: QPainter, seen: View) -> None:
        """Put it down where it belongs in ``seen``."""
        painter.drawPixmap(self.corner(seen), self.pixmap)
