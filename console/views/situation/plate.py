"""A pixmap larger than the view by two fifths, so that dragging only moves it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap, QRegion

from console.views.situation.projection import View
from console.views.theme import Theme

_MARGIN_SHARE = 0.2


def wide(seen: View) -> View:
    """What is drawn beyond what is seen: the same centre, a whole number of pixels more on every side."""
    across, up = ceil(seen.width_px * _MARGIN_SHARE), ceil(seen.height_px * _MARGIN_SHARE)
    return seen.resized(seen.width_px + 2.0 * across, seen.height_px + 2.0 * up)


def core(drawn: View) -> QRectF:
    """The part of a ``wide`` view that is seen when it is drawn."""
    across = drawn.width_px * _MARGIN_SHARE / (1 + 2 * _MARGIN_SHARE)
    up = drawn.height_px * _MARGIN_SHARE / (1 + 2 * _MARGIN_SHARE)
    return drawn.rect().adjusted(across, up, -across, -up)


def reaches_around(drawn: View, seen: View) -> bool:
    """Whether what was drawn ``wide`` still reaches around what is seen, at the same zoom."""
    offset = seen.plane_point(drawn.centre_east_m, drawn.centre_north_m)
    return (
        seen.zoom == drawn.zoom
        and abs(offset.x() - seen.width_px / 2) <= seen.width_px * _MARGIN_SHARE
        and abs(offset.y() - seen.height_px / 2) <= seen.height_px * _MARGIN_SHARE
    )


class Sheet(Protocol):
    """Something kept for the part ``view`` of the plane; ``version`` counts how often it changed."""

    @property
    def view(self) -> View | None:
        """What part it reaches over."""

    @property
    def version(self) -> int:
        """Another one: it looks otherwise."""

    def put(self, painter: QPainter, seen: View, region: QRegion) -> None:
        """Put it down where it belongs in ``seen``; only ``region`` is painted."""


class Plate:
    """Something drawn for ``view``, which is wider than what is seen; ``ratio`` is device pixels a pixel.

    ``version`` counts how often it was drawn on; where it is blank, nothing is put down.
    """

    def __init__(self, seen: View, ratio: float) -> None:
        self.view = wide(seen)
        self.version = 0
        self._is_blank = True
        self._changed = self._whole()
        self.pixmap = QPixmap(ceil(self.view.width_px * ratio), ceil(self.view.height_px * ratio))
        self.pixmap.setDevicePixelRatio(ratio)
        self.pixmap.fill(Qt.GlobalColor.transparent)

    def fits(self, seen: View, ratio: float) -> bool:
        """Whether its pixmap has the size for this view."""
        other = wide(seen)
        size = (other.width_px, other.height_px, ratio)
        return (self.view.width_px, self.view.height_px, self.pixmap.devicePixelRatio()) == size

    def clear(self, seen: View) -> None:
        """Begin again about another view, without anything on it."""
        self.view = wide(seen)
        self.version += 1
        self._changed = self._whole()
        if not self._is_blank:
            self._is_blank = True
            self.pixmap.fill(Qt.GlobalColor.transparent)

    def begin(self, region: QRegion | None = None) -> QPainter:
        """A painter onto it, or onto ``region`` of it alone; end it before the plate is put down."""
        self.version += 1
        self._is_blank = False
        painter = QPainter(self.pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if region is None:
            self._changed = self._whole()
        else:
            self._changed += region
            painter.setClipRegion(region)
        return painter

    def taken_changes(self, seen: View) -> QRegion:
        """Where in ``seen`` it looks otherwise than when this was asked last."""
        changed, self._changed = self._changed, QRegion()
        return changed.translated(self.corner(seen).toPoint())

    def _whole(self) -> QRegion:
        return QRegion(self.view.rect().toAlignedRect())

    def covers(self, seen: View) -> bool:
        """Whether its margin still reaches around what is seen, at the same zoom."""
        return reaches_around(self.view, seen)

    def corner(self, seen: View) -> QPointF:
        """Where its upper left corner lies in ``seen``, on a whole pixel."""
        offset = seen.plane_point(self.view.centre_east_m, self.view.centre_north_m)
        return QPointF(round(offset.x() - self.view.width_px / 2), round(offset.y() - self.view.height_px / 2))

    def put(self, painter: QPainter, seen: View, region: QRegion | None = None) -> None:
        """Put it down where it belongs in ``seen``."""
        del region
        if not self._is_blank:
            painter.drawPixmap(self.corner(seen), self.pixmap)


def cleared(plate: Plate | None, seen: View, ratio: float) -> Plate:
    """An empty plate about ``seen``: the same one where its size fits, for it is 16 MB on a whole screen."""
    if plate is None or not plate.fits(seen, ratio):
        return Plate(seen, ratio)
    plate.clear(seen)
    return plate


class Spare:
    """One plate more, lent to one at a time: for trails drawn anew behind those shown, or for all as one in a drag."""

    def __init__(self) -> None:
        self._plate: Plate | None = None
        self._call_back: Callable[[], None] | None = None
        self.is_free = True

    def take(self, seen: View, ratio: float, call_back: Callable[[], None] | None = None) -> Plate:
        """An empty plate about ``seen``; who can do without it again is told by ``call_back`` to give it back."""
        if self._call_back is not None:
            self._call_back()
        plate, self._plate = self._plate, None
        self.is_free, self._call_back = False, call_back
        return cleared(plate, seen, ratio)

    def give(self, plate: Plate) -> None:
        """Take it back, or another one for it."""
        self._plate, self.is_free, self._call_back = plate, True, None


class Fusion:
    """All sheets as one: where none of them changed and only the view moves, one pixmap is put down, not many."""

    def __init__(self, theme: Theme, spare: Spare) -> None:
        self._theme = theme
        self._spare = spare
        self._wanted: object = None
        self._seen: View | None = None
        self._plate: Plate | None = None

    def is_moved(self, seen: View) -> bool:
        """Whether this is another part of the plane than was put down last, at the same zoom and size."""
        last = self._seen
        return (
            last is not None
            and last != seen
            and (last.zoom, last.width_px, last.height_px) == (seen.zoom, seen.width_px, seen.height_px)
        )

    def put(self, painter: QPainter, seen: View, sheets: Sequence[Sheet], region: QRegion, *, ratio: float) -> None:
        """Put down these sheets, the lowest first; all of them cover ``seen``, of which ``region`` is painted."""
        self._seen = seen
        wanted = [(id(sheet), sheet.version, sheet.view) for sheet in sheets]
        is_same = wanted == self._wanted
        self._wanted = wanted
        if self._plate is not None and not (is_same and self._plate.covers(seen)):
            self._release()
        if self._plate is None and is_same and self._spare.is_free:
            self._plate = self._spare.take(seen, ratio, self._release)
            onto = self._plate.begin()
            beyond = self._plate.view
            _put_all(onto, beyond, sheets, QRegion(beyond.rect().toAlignedRect()), self._theme)
            onto.end()
        if self._plate is not None:
            self._plate.put(painter, seen)
        else:
            _put_all(painter, seen, sheets, region, self._theme)

    def _release(self) -> None:
        if self._plate is not None:
            self._spare.give(self._plate)
            self._plate = None


def _put_all(painter: QPainter, seen: View, sheets: Sequence[Sheet], region: QRegion, theme: Theme) -> None:
    painter.fillRect(seen.rect(), theme.palette.map_ground)
    for sheet in sheets:
        sheet.put(painter, seen, region)
