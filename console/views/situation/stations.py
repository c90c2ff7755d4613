"""Base stations on the map: a mast with the name beside it.  Where they stand is configured, not heard."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from console.picture import Picture
from console.surroundings import Station
from console.views.situation.projection import View
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import draw_text


class Stations:
    """The layer."""

    def __init__(self, stations: tuple[Station, ...]) -> None:
        self._stations = stations

    def key(self, picture: Picture, view: View, now_ns: int) -> object:
        """They never change."""
        del picture, view, now_ns
        return None

    def draw(self, painter: QPainter, picture: Picture, view: View, theme: Theme, speech: Speech, now_ns: int) -> None:
        """Each as a triangle on its place."""
        del picture, speech, now_ns
        side = theme.space(2)
        painter.setFont(theme.font(Size.SMALL))
        metrics = painter.fontMetrics()
        for station in self._stations:
            top = view.point(station.lat_deg, station.lon_deg)
            painter.setPen(theme.pen(theme.palette.soft, Metric.STROKE))
            painter.setBrush(theme.palette.panel)
            corners = [QPointF(0, -side), QPointF(side, side), QPointF(-side, side)]
            painter.drawPolygon(QPolygonF([top + corner for corner in corners]))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            width = metrics.horizontalAdvance(station.name) + theme.space(1)
            rect = QRectF(top.x() - width / 2, top.y() + side * 1.2, width, metrics.height())
            painter.fillRect(rect, theme.palette.map_box)
            draw_text(painter, rect, station.name, theme.palette.soft)
