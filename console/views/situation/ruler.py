"""Measuring on the map: legs with distances on the ellipsoid and true bearings."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPolygonF

from console.bridge import Bridge
from console.views.situation.map_view import MapView
from console.views.situation.projection import View
from console.views.situation.spots import Degrees, Spot, fine_distance, measured, name_of, place_of, spot_at
from console.views.situation.tools import ClickTool
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import draw_text

MOST_POINTS = 50


class Ruler(ClickTool):
    """Clicks add points and stick to teams; Enter adds the middle of the map, Backspace takes one away."""

    def __init__(self, owner: MapView, bridge: Bridge, theme: Theme, speech: Speech) -> None:
        self._owner = owner
        self._bridge = bridge
        self._theme = theme
        self._speech = speech
        self.spots: list[Spot] = []
        self._hover: QPointF | None = None
        self._is_finished = False

    # ---- the hand

    def move(self, point: QPointF) -> bool:
        """The leg that would come."""
        self._hover = point
        return bool(self.spots) and not self._is_finished

    def release(self, point: QPointF) -> bool:
        """A point."""
        self._add(point)
        return True

    def double(self, point: QPointF) -> bool:
        """The last point: the next click begins anew."""
        del point
        self._is_finished = True
        return True

    def key(self, event: QKeyEvent) -> bool:
        """Enter and Backspace."""
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._hover = None
                self._add(self._owner.view.rect().center())
            case Qt.Key.Key_Backspace | Qt.Key.Key_Delete if self.spots:
                self.spots.pop()
                self._is_finished = False
            case _:
                return False
        return True

    def ended(self) -> None:
        """Nothing is kept."""
        self.spots = []
        self._hover = None
        self._is_finished = False

    def _add(self, point: QPointF) -> None:
        if self._is_finished or len(self.spots) >= MOST_POINTS:
            self.ended()
        spot = spot_at(
            point,
            self._owner.view,
            self._bridge.picture,
            self._bridge.surroundings,
            self._theme.px(Metric.TOUCH) / 2,
        )
        if not self.spots or self.spots[-1] != spot:
            self.spots.append(spot)

    # ---- what it found

    def _places(self) -> list[Degrees]:
        picture = self._bridge.picture
        places = [] if picture is None else [place_of(spot, picture) for spot in self.spots]
        return [place for place in places if place is not None]

    def words(self) -> str:
        """The last leg and the whole, from whom to whom."""
        say, picture, places = self._speech.say, self._bridge.picture, self._places()
        if picture is None or len(places) < 2 or len(places) < len(self.spots):
            return say("situation.ruler.begin" if len(self.spots) < 2 else "situation.ruler.lost")
        legs = [measured(*leg, self._speech) for leg in pairwise(places)]
        names = [
            name_of(spot, picture, self._bridge.surroundings, self._speech, self._bridge.now_ns())
            for spot in self.spots[-2:]
        ]
        _, distance, bearing = legs[-1]
        said = say("situation.ruler.leg", begin=names[0], end=names[1], distance=distance, bearing=bearing)
        if len(legs) == 1:
            return said
        total = fine_distance(sum(leg[0] for leg in legs), self._speech)
        return f"{said} · {say('situation.ruler.total', count=len(legs), distance=total)}"

    def draw(self, painter: QPainter, view: View, theme: Theme) -> None:
        """The legs with their figures."""
        places = self._places()
        draw_crosshair(painter, view, theme, is_shown=self._hover is None)
        points = [view.point(*place) for place in places]
        if not points:
            return
        painter.setPen(theme.pen(theme.palette.info, Metric.STROKE_BOLD))
        painter.drawPolyline(QPolygonF(points))
        if self._hover is not None and not self._is_finished:
            painter.setPen(theme.pen(theme.palette.info, Metric.STROKE, Qt.PenStyle.DashLine))
            painter.drawLine(points[-1], self._hover)
            places = [*places, view.degrees_at(self._hover)]
            points = [*points, self._hover]
        for (begin, end), (place, next_place) in zip(pairwise(points), pairwise(places), strict=True):
            _, distance, bearing = measured(place, next_place, self._speech)
            draw_plate(painter, (begin + end) / 2, f"{distance} {bearing}", theme)
        draw_dots(painter, points[: len(self.spots)], theme)


def draw_crosshair(painter: QPainter, view: View, theme: Theme, *, is_shown: bool) -> None:
    """The middle of the map, where Enter puts a point."""
    if not is_shown:
        return
    centre, arm = view.rect().center(), theme.space(2)
    painter.setPen(theme.pen(theme.palette.soft, Metric.HAIRLINE))
    painter.drawLine(centre - QPointF(arm, 0), centre + QPointF(arm, 0))
    painter.drawLine(centre - QPointF(0, arm), centre + QPointF(0, arm))


def draw_dots(painter: QPainter, points: list[QPointF], theme: Theme) -> None:
    """The ends of legs."""
    painter.setPen(theme.pen(theme.palette.info, Metric.STROKE))
    painter.setBrush(theme.palette.panel)
    for point in points:
        painter.drawEllipse(point, theme.space(1), theme.space(1))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def draw_plate(
    painter: QPainter, centre: QPointF, words: str, theme: Theme, tone: str = "text", size: Size = Size.SMALL
) -> None:
    """A line of words on the map's box colour, around a point."""
    painter.setFont(theme.font(size))
    metrics = painter.fontMetrics()
    pad = theme.space(1)
    width, height = metrics.horizontalAdvance(words) + 2.0 * pad, float(metrics.height())
    rect = QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height)
    painter.fillRect(rect, theme.palette.map_box)
    draw_text(painter, rect.adjusted(pad, 0, -pad, 0), words, getattr(theme.palette, tone))
