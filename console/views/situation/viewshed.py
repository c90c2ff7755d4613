"""What an antenna sees, as a layer of the map: seen is tinted, hidden hatched, unknown dotted."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, radians, tan

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from console.bridge import Bridge
from console.picture import Picture
from console.terrain import viewshed
from console.terrain.viewshed import Viewshed
from console.views.situation.projection import View, to_degrees, to_plane
from console.views.situation.reckoning import Nothing, Reckoning, said_nothing
from console.views.situation.ruler import draw_plate
from console.views.situation.spots import Degrees, Spot, name_of, place_of
from console.views.speech import Speech
from console.views.theme import Size, Theme

_SIDE_PX = 720
_HATCH_PX = 9
_DOTS_PX = 5
_RADIUS_M = 6_371_000.0
_MOVED_DEG = 5e-4
"""Half a hundred metres: a sender that moved so far sees something else."""


class SightLayer:
    """The layer, and the question behind it."""

    def __init__(self, reckoning: Reckoning, bridge: Bridge) -> None:
        self._reckoning = reckoning
        self._bridge = bridge
        self.spot: Spot | None = None
        self.answer: Viewshed | Nothing | None = None
        self._asked: Degrees | None = None
        self._image: tuple[object, QImage] | None = None
        self._tick = 0
        self.changed: Callable[[], object] = lambda: None
        """Called when the answer is there."""

    def toggle(self, spot: Spot) -> None:
        """Show what this one sees; put it away where it is shown already."""
        self.spot = None if self.spot == spot else spot
        self.answer = self._asked = None
        self._ask()
        self.changed()

    def renew(self) -> None:
        """What was answered is asked again."""
        self._asked = None

    def _ask(self) -> None:
        picture = self._bridge.picture
        place = None if self.spot is None or picture is None else place_of(self.spot, picture)
        if self.spot is None:
            return
        if place is None:
            self.answer, self._asked = Nothing(reason="no_place"), None
            return
        if self._asked is not None and max(abs(place[0] - self._asked[0]), abs(place[1] - self._asked[1])) < _MOVED_DEG:
            return
        self._asked = place
        self._reckoning.look(place, self._reckoning.height_of(self.spot), lambda answer: self._take(place, answer))

    def _take(self, place: Degrees, answer: Viewshed | Nothing) -> None:
        if place == self._asked:
            self.answer = answer
            self._tick += 1
            self.changed()

    # ---- the layer

    def key(self, picture: Picture, view: View, now_ns: int) -> object:
        """The answer; a sender that moved away from it is asked for anew."""
        del picture, view, now_ns
        self._ask()
        return (self._tick, self.spot, isinstance(self.answer, Nothing))

    def draw(self, painter: QPainter, picture: Picture, view: View, theme: Theme, speech: Speech, now_ns: int) -> None:
        """The picture of it, and below the middle what was reckoned with."""
        shed = self.answer
        if self.spot is None:
            return
        if shed is None or isinstance(shed, Nothing):
            why = speech.say("situation.reach.asking") if shed is None else said_nothing(shed, speech)
            place = place_of(self.spot, picture)
            at = view.rect().center() if place is None else view.point(*place) + QPointF(0, theme.space(9))
            draw_plate(painter, at, speech.say("situation.sight.nothing", why=why), theme, "warn")
            return
        north_west, south_east = _bounds(shed)
        rect = QRectF(view.plane_point(*north_west), view.plane_point(*south_east))
        painter.drawImage(rect, self._painted(shed, theme))
        name = name_of(self.spot, picture, self._bridge.surroundings, speech, now_ns)
        say = speech.say
        lines = [
            say("situation.sight.of", name=name),
            say("situation.sight.antennas", begin=f"{shed.antenna_m:g}", end=f"{shed.target_m:g}"),
            say(
                "situation.sight.share",
                radius=speech.distance(shed.radius_m),
                seen=speech.percent(shed.seen_percent),
                unknown=speech.percent(shed.unknown_percent),
            ),
            say("situation.sight.caveat"),
            *([say("situation.sight.replayed")] if self._bridge.is_replaying else []),
        ]
        middle = view.point(*shed.centre_deg) + QPointF(0, theme.space(9))
        for number, words in enumerate(lines):
            height = theme.metrics(Size.SMALL).height()
            draw_plate(painter, middle + QPointF(0, number * height), words, theme)

    def _painted(self, shed: Viewshed, theme: Theme) -> QImage:
        key = (self._tick, theme.is_night)
        if self._image is None or self._image[0] != key:
            self._image = (key, _image(shed, theme))
        return self._image[1]


def _bounds(shed: Viewshed) -> tuple[Degrees, Degrees]:
    """Of the square around the circle, on the drawing plane."""
    east_m, north_m = to_plane(*shed.centre_deg)
    reach_m = shed.radius_m / cos(radians(shed.centre_deg[0])) * 1.01
    return (east_m - reach_m, north_m + reach_m), (east_m + reach_m, north_m - reach_m)


def _image(shed: Viewshed, theme: Theme) -> QImage:
    (west_m, top_m), (east_m, bottom_m) = _bounds(shed)
    lats = np.array(
        [to_degrees(0.0, top_m + (bottom_m - top_m) * (row + 0.5) / _SIDE_PX)[0] for row in range(_SIDE_PX)]
    )
    lons = np.array(
        [to_degrees(west_m + (east_m - west_m) * (row + 0.5) / _SIDE_PX, 0.0)[1] for row in range(_SIDE_PX)]
    )
    lat = radians(shed.centre_deg[0])
    east = np.radians(lons[None, :] - shed.centre_deg[1]) * np.cos(np.radians(lats[:, None])) * _RADIUS_M
    north = np.radians(lats[:, None] - shed.centre_deg[0]) * _RADIUS_M + east**2 * tan(lat) / (2.0 * _RADIUS_M)
    distances = np.hypot(east, north)
    sights = shed.at(distances, np.degrees(np.arctan2(east, north)) % 360.0)
    rows, columns = np.indices(sights.shape)
    palette = theme.palette
    pixels = np.zeros((_SIDE_PX, _SIDE_PX), dtype=np.uint32)
    is_inside = distances <= shed.radius_m
    pixels[is_inside & (sights == viewshed.Sight.SEEN)] = _shade(palette.info, 70)
    is_hidden = is_inside & (sights == viewshed.Sight.HIDDEN)
    pixels[is_hidden] = _shade(palette.text, 18)
    pixels[is_hidden & ((rows + columns) % _HATCH_PX < 2)] = _shade(palette.text, 70)
    is_unknown = is_inside & (sights == viewshed.Sight.UNKNOWN)
    pixels[is_unknown & (rows % _DOTS_PX == 0) & (columns % _DOTS_PX == 0)] = _shade(palette.warn, 200)
    image = QImage(pixels.tobytes(), _SIDE_PX, _SIDE_PX, _SIDE_PX * 4, QImage.Format.Format_ARGB32)
    return image.copy()


def _shade(colour: QColor, alpha: int) -> int:
    return int(alpha << 24 | colour.red() << 16 | colour.green() << 8 | colour.blue())
