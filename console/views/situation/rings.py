"""Range rings: circles of round distances about a place, kept on the map until they are taken away."""

from __future__ import annotations

from math import hypot

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPolygonF

from console.bridge import Bridge
from console.picture import Picture
from console.terrain.viewshed import around
from console.views.situation.map_view import MapView
from console.views.situation.projection import View
from console.views.situation.ruler import draw_crosshair, draw_dots, draw_plate
from console.views.situation.spots import VEHICLE, Degrees, Spot, name_of, place_of, spot_at
from console.views.situation.tools import ClickTool
from console.views.speech import Speech
from console.views.theme import Metric, Theme

COUNT = 4
_STEPS_M = tuple(base * 10.0**power for power in (1, 2, 3, 4) for base in (1, 2, 5))
_SHARE = 0.42
_POINTS = 120


class Rings:
    """The layer: four rings about ``centre``, ``step_m`` apart."""

    def __init__(self) -> None:
        self.centre: Spot | None = None
        self.step_m = 1_000.0

    def key(self, picture: Picture, view: View, now_ns: int) -> object:
        """Where they are; the vehicle's and a team's go with them, to the metre or so."""
        del view, now_ns
        place = None if self.centre is None else place_of(self.centre, picture)
        return None if place is None else (round(place[0], 5), round(place[1], 5), self.step_m)

    def draw(self, painter: QPainter, picture: Picture, view: View, theme: Theme, speech: Speech, now_ns: int) -> None:
        """Circles on the ellipsoid, each with its distance to the north and to the south."""
        del now_ns
        place = None if self.centre is None else place_of(self.centre, picture)
        if place is None:
            return
        bearings = np.linspace(0.0, 2.0 * np.pi, _POINTS + 1)
        for number in range(1, COUNT + 1):
            radius_m = number * self.step_m
            lats, lons = around(place, np.array([radius_m]), bearings)
            points = [view.point(lat, lon) for lat, lon in zip(lats.tolist(), lons.tolist(), strict=True)]
            painter.setPen(theme.pen(theme.palette.info, Metric.STROKE))
            painter.drawPolyline(QPolygonF(points))
            for index in (0, _POINTS // 2):
                draw_plate(painter, points[index], speech.distance(radius_m), theme)
        draw_dots(painter, [view.point(*place)], theme)


class RingTool(ClickTool):
    """A click puts the rings there, one on their middle takes them away; plus and minus on the keys widen them."""

    def __init__(self, owner: MapView, rings: Rings, bridge: Bridge, theme: Theme, speech: Speech) -> None:
        self._owner = owner
        self._rings = rings
        self._bridge = bridge
        self._theme = theme
        self._speech = speech
        self._is_by_key = False

    def release(self, point: QPointF) -> bool:
        """Put them here, or away."""
        self._is_by_key = False
        place, reach = self._centre(), self._theme.px(Metric.TOUCH) / 2
        if place is not None and (self._owner.view.point(*place) - point).manhattanLength() <= reach:
            self._rings.centre = None
        else:
            self._put(self._spot(point))
        return True

    def double(self, point: QPointF) -> bool:
        """The second click of a double one changes nothing."""
        del point
        return True

    def key(self, event: QKeyEvent) -> bool:
        """Enter: about the middle of the map; V: about the vehicle; Backspace: away."""
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._is_by_key = True
                self._put(self._spot(self._owner.view.rect().center()))
            case Qt.Key.Key_V:
                self._put(VEHICLE)
            case Qt.Key.Key_Backspace | Qt.Key.Key_Delete:
                self._rings.centre = None
            case _:
                return False
        return True

    def ended(self) -> None:
        """The rings stay: they are looked at while other things are done."""

    def _spot(self, point: QPointF) -> Spot:
        surroundings, reach = self._bridge.surroundings, self._theme.px(Metric.TOUCH) / 2
        return spot_at(point, self._owner.view, self._bridge.picture, surroundings, reach)

    def _centre(self) -> Degrees | None:
        picture = self._bridge.picture
        if picture is None or self._rings.centre is None:
            return None
        return place_of(self._rings.centre, picture)

    def _put(self, spot: Spot) -> None:
        self._rings.centre = spot
        place = self._centre()
        if place is None:
            return
        view = self._owner.view
        reach_px = _SHARE * hypot(view.width_px, view.height_px) / 2
        reach_m = reach_px / view.ground_px(1.0, place[0])
        self._rings.step_m = max((step for step in _STEPS_M if step * COUNT <= reach_m), default=_STEPS_M[0])

    def words(self) -> str:
        """About whom, and how far apart."""
        picture, centre = self._bridge.picture, self._rings.centre
        if picture is None or centre is None:
            return self._speech.say("situation.rings.begin")
        name = name_of(centre, picture, self._bridge.surroundings, self._speech, self._bridge.now_ns())
        return self._speech.say("situation.rings.words", name=name, step=self._speech.distance(self._rings.step_m))

    def draw(self, painter: QPainter, view: View, theme: Theme) -> None:
        """The middle, for the keys."""
        draw_crosshair(painter, view, theme, is_shown=self._is_by_key or self._rings.centre is None)
