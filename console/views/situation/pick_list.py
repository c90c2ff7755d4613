# ruff: noqa: N802 - the names of overridden methods are Qt's
"""A list of things on the map, one row each, of which one is chosen by finger or by key."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from console.views.speech import Speech
from console.views.theme import Metric, Theme


class PickList(QWidget):
    """``selected`` carries the id of the row chosen.  What stands in a row is drawn by ``_draw_row``."""

    selected = Signal(str)

    def __init__(self, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._speech = speech
        self._now_ns = 0
        self._ids: list[str] = []
        self.selected_id: str | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def _show_ids(self, ids: Iterable[str], now_ns: int) -> None:
        """These rows, in this order, judged at this moment."""
        self._now_ns = now_ns
        self._ids = list(ids)
        self.setFixedHeight(max(1, len(self._ids)) * self._row_px)
        self.update()

    def _draw_row(self, painter: QPainter, rect: QRectF, index: int) -> None:
        raise NotImplementedError

    def _draw_none(self, painter: QPainter) -> None:
        """What is said where there is no row: nothing, unless somebody does."""

    @property
    def _row_px(self) -> int:
        return self._theme.px(Metric.TEAM_ROW)

    def sizeHint(self) -> QSize:
        """As high as the rows."""
        return QSize(self._theme.space(40), max(1, len(self._ids)) * self._row_px)

    def row_rect(self, row_id: str) -> QRectF:
        """Where a row is; empty where there is none of that id."""
        return self._rect(self._ids.index(row_id)) if row_id in self._ids else QRectF()

    def _rect(self, index: int) -> QRectF:
        return QRectF(0, index * self._row_px, self.width(), self._row_px)

    def select(self, row_id: str | None) -> None:
        """Show this one as chosen."""
        self.selected_id = row_id
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the row under the finger."""
        index = int(event.position().y()) // self._row_px
        if 0 <= index < len(self._ids):
            self._choose(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down choose."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None or not self._ids:
            super().keyPressEvent(event)
            return
        at = self._ids.index(self.selected_id) + step if self.selected_id in self._ids else 0
        self._choose(max(0, min(len(self._ids) - 1, at)))

    def _choose(self, index: int) -> None:
        self.select(self._ids[index])
        self.selected.emit(self._ids[index])

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows that are seen."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, palette = self._theme, self._theme.palette
        painter.fillRect(event.rect(), palette.panel)
        if not self._ids:
            self._draw_none(painter)
        for index, row_id in enumerate(self._ids):
            rect = self._rect(index)
            if not rect.intersects(QRectF(event.rect())):
                continue
            if row_id == self.selected_id:
                painter.fillRect(rect, palette.info_ground)
                painter.fillRect(QRectF(rect.left(), rect.top(), theme.space(1), rect.height()), palette.info)
            painter.setPen(theme.pen(palette.row_line))
            painter.drawLine(rect.bottomLeft(), rect.bottomRight())
            self._draw_row(painter, rect, index)
