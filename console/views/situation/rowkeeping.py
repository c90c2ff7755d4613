"""Which rows of a painted list say something else than is on the screen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect
from PySide6.QtGui import QRegion
from PySide6.QtWidgets import QWidget


class RowKeeping:
    """Remembers what every row said when it was painted; nothing is painted from what it remembers.

    ``said`` gives the words of the row of a number at this moment, with all that decides how it looks; ``None`` where
    there is no such row.  ``place`` gives the rectangle of a row.
    """

    def __init__(self, widget: QWidget, said: Callable[[int], object], place: Callable[[int], QRect]) -> None:
        self._widget = widget
        self._said = said
        self._place = place
        self._painted: dict[int, object] = {}

    def refresh(self, count: int) -> None:
        """Repaint those of the first ``count`` rows that are seen and say something else now."""
        seen = self._widget.visibleRegion()
        for number in range(count):
            place = self._place(number)
            if seen.intersects(place) and self._painted.get(number) != self._said(number):
                self._widget.update(place)

    def painted(self, number: int, said: object, region: QRegion) -> None:
        """A row was painted as far as it lies in ``region``; one painted in part is not on the screen as a whole."""
        seen = QRegion(self._place(number)) & self._widget.visibleRegion()
        self._painted[number] = said if seen.subtracted(region).isEmpty() else None
