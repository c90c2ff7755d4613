# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The list of roads: what is cut first, then what is difficult, then what nobody knows."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from console.picture import Picture, Road
from console.road_facts import standing
from console.views.roadwords import in_order, words_of
from console.views.situation.road_layer import draw_state
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import draw_text


class RoadList(QWidget):
    """One row a road; ``selected`` carries its id."""

    selected = Signal(str)

    def __init__(self, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._speech = speech
        self._now_ns = 0
        self.roads: list[Road] = []
        self.selected_id: str | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_roads(self, picture: Picture, now_ns: int) -> None:
        """Take over what is known, judged at this moment."""
        self._now_ns = now_ns
        self.roads = in_order(picture.roads, now_ns)
        self.setFixedHeight(max(1, len(self.roads)) * self._row_px)
        self.update()

    @property
    def _row_px(self) -> int:
        return self._theme.px(Metric.TEAM_ROW)

    def sizeHint(self) -> QSize:
        """As high as the rows."""
        return QSize(self._theme.space(40), max(1, len(self.roads)) * self._row_px)

    def row_rect(self, road_id: str) -> QRectF:
        """Where a road's row is; empty where it has none."""
        index = next((i for i, road in enumerate(self.roads) if road.id == road_id), None)
        return QRectF() if index is None else QRectF(0, index * self._row_px, self.width(), self._row_px)

    def select(self, road_id: str | None) -> None:
        """Show this one as chosen."""
        self.selected_id = road_id
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the row under the finger."""
        index = int(event.position().y()) // self._row_px
        if 0 <= index < len(self.roads):
            self._choose(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down choose."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None or not self.roads:
            super().keyPressEvent(event)
            return
        ids = [road.id for road in self.roads]
        at = ids.index(self.selected_id) + step if self.selected_id in ids else 0
        self._choose(max(0, min(len(ids) - 1, at)))

    def _choose(self, index: int) -> None:
        self.select(self.roads[index].id)
        self.selected.emit(self.roads[index].id)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows that are seen."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), self._theme.palette.panel)
        for index, road in enumerate(self.roads):
            rect = QRectF(0, index * self._row_px, self.width(), self._row_px)
            if rect.intersects(QRectF(event.rect())):
                self._draw(painter, rect, road)

    def _draw(self, painter: QPainter, rect: QRectF, road: Road) -> None:
        theme, palette = self._theme, self._theme.palette
        if road.id == self.selected_id:
            painter.fillRect(rect, palette.info_ground)
            painter.fillRect(QRectF(rect.left(), rect.top(), theme.space(1), rect.height()), palette.info)
        painter.setPen(theme.pen(palette.row_line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        words = words_of(road, self._speech, self._now_ns)
        centre = QPointF(rect.left() + theme.space(6), rect.center().y())
        draw_state(painter, standing(road, self._now_ns).state, centre, theme)
        left = rect.left() + theme.space(11)
        room = QRectF(left, rect.top(), rect.right() - left - theme.space(2), rect.height() / 2)
        painter.setFont(theme.font(Size.BODY, is_bold=True))
        tone = getattr(palette, words.tone)
        state_px = painter.fontMetrics().horizontalAdvance(words.state) + theme.space(2)
        first = room.adjusted(0, theme.space(1), 0, 0)
        draw_text(painter, first.adjusted(first.width() - state_px + theme.space(2), 0, 0, 0), words.state, tone)
        painter.setFont(theme.font(Size.BODY))
        title = f"{words.title} · {self._speech.say('road.exit')}" if road.is_exit else words.title
        draw_text(painter, first.adjusted(0, 0, -state_px, 0), title, palette.dim if words.is_unknown else palette.text)
        painter.setFont(theme.font(Size.SMALL))
        below = room.translated(0, rect.height() / 2 - theme.space(1))
        draw_text(painter, below, words.said, palette.dim if words.is_unknown else palette.soft)
