"""A pixmap half as large again as the view, so that dragging only moves it."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from console.views.situation.projection import View
from console.views.theme import Theme

_MARGIN_SHARE = 0.25


def wide(seen: View) -> View:
    """What is drawn beyond what is seen: the same centre, a whole number of pixels more on every side."""
    across, up = ceil(seen.width_px * _MARGIN_SHARE), ceil(seen.height_px * _MARGIN_SHARE)
    return seen.resized(seen.width_px + 2.0 * across, seen.height_px + 2.0 * up)


class Plate:
    """Something drawn for ``view``, which is wider than what is seen; ``ratio`` is device pixels a pixel.

    ``version`` counts how often it was drawn on.
    """

    def __init__(self, seen: View, ratio: float, ground: QColor | Qt.GlobalColor = Qt.GlobalColor.transparent) -> None:
        self.view = wide(seen)
        self.version = 0
        self.pixmap = QPixmap(ceil(self.view.width_px * ratio), ceil(self.view.height_px * ratio))
        self.pixmap.setDevicePixelRatio(ratio)
        self.pixmap.fill(ground)

    def fits(self, seen: View, ratio: float) -> bool:
        """Whether its pixmap has the size for this view."""
        other = wide(seen)
        size = (other.width_px, other.height_px, ratio)
        return (self.view.width_px, self.view.height_px, self.pixmap.devicePixelRatio()) == size

    def clear(self, seen: View) -> None:
        """Begin again about another view, without anything on it."""
        self.view = wide(seen)
        self.pixmap.fill(Qt.GlobalColor.transparent)

    def begin(self) -> QPainter:
        """A painter onto it; end it before the plate is put down."""
        self.version += 1
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
        """Where its upper left corner lies in ``seen``, on a whole pixel."""
        offset = seen.plane_point(self.view.centre_east_m, self.view.centre_north_m)
        return QPointF(round(offset.x() - self.view.width_px / 2), round(offset.y() - self.view.height_px / 2))

    def put(self, painter: QPainter, seen: View) -> None:
        """Put it down where it belongs in ``seen``."""
        painter.drawPixmap(self.corner(seen), self.pixmap)


class Fusion:
    """Several plates as one: where none of them changed and only the view moves, one pixmap is put down, not many."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._wanted: object = None
        self._plate: Plate | None = None
        self._is_ready = False

    def put(self, painter: QPainter, seen: View, plates: Sequence[Plate], *, ratio: float) -> None:
        """Put down these plates, the lowest (which is opaque) first; all of them cover ``seen``."""
        wanted = [(id(plate), plate.version, plate.view) for plate in plates]
        if wanted != self._wanted:
            self._wanted = wanted
            self._is_ready = False
            for plate in plates:
                plate.put(painter, seen)
            return
        fused = self._plate
        if not self._is_ready or fused is None or not fused.covers(seen):
            self._is_ready = True
            if fused is not None and fused.fits(seen, ratio):
                fused.view = wide(seen)
            else:
                fused = self._plate = Plate(seen, ratio, self._theme.palette.map_ground)
            onto = fused.begin()
            for plate in plates:
                plate.put(onto, fused.view)
            onto.end()
        fused.put(painter, seen)
