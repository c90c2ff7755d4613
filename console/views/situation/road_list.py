"""The list of roads: what is cut first, then what is difficult, then what nobody knows."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from console.picture import Picture, Road
from console.road_facts import standing
from console.views.roadwords import in_order, words_of
from console.views.situation.pick_list import PickList
from console.views.situation.road_layer import draw_state
from console.views.speech import Speech
from console.views.theme import Size, Theme
from console.views.widgets.label import draw_text


class RoadList(PickList):
    """One row a road."""

    def __init__(self, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(theme, speech, parent)
        self.roads: list[Road] = []

    def show_roads(self, picture: Picture, now_ns: int) -> None:
        """Take over what is known, judged at this moment."""
        self.roads = in_order(picture.roads, now_ns)
        self._show_ids((road.id for road in self.roads), now_ns)

    def _draw_row(self, painter: QPainter, rect: QRectF, index: int) -> None:
        theme, palette, road = self._theme, self._theme.palette, self.roads[index]
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
