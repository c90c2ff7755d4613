"""What is drawn between the tiles and the teams: the graticule, and whatever layers the map was given.

All layers together are one pixmap, drawn anew when one of them says something else; while the map is dragged it is
only moved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from console.picture import Picture
from console.views.situation.ground import draw_graticule, draw_sketch
from console.views.situation.plate import Plate, cleared
from console.views.situation.projection import View
from console.views.situation.scene import Moment
from console.views.speech import Speech
from console.views.theme import Theme


class Layer(Protocol):
    """One kind of thing on the map: marks, vectors, grids, search circles.

    ``MapView.layers`` holds them in the order of drawing, the lowest first.
    """

    def key(self, picture: Picture, view: View, now_ns: int) -> object:
        """What its drawing depends on beside zoom, size, theme and language; drawn anew when it is no longer equal.

        Asked at every painting: it must be quick, and must not depend on the centre of ``view`` (the part seen).
        What grows with time gives its size in whole pixels or its age in whole seconds.
        """

    def draw(self, painter: QPainter, picture: Picture, view: View, theme: Theme, speech: Speech, now_ns: int) -> None:
        """Draw onto ``view``, which is wider than what is seen."""


@runtime_checkable
class Worded(Protocol):
    """A layer that writes sentences beside its symbols: none lies over another's, nor under a team's name."""

    keep_clear: Sequence[QRectF]
    """What lower layers wrote, and what stands over the map where it is seen; set before ``draw``."""
    written: list[QRectF]
    """Where the last ``draw`` wrote."""


class Overlay:
    """The pixmap of the graticule, the drill's sketch and all layers."""

    def __init__(self, theme: Theme, speech: Speech) -> None:
        self._theme = theme
        self._speech = speech
        self._key: object = None
        self._plate: Plate | None = None
        self._written: list[QRectF] = []
        self._named: list[QRectF] = []
        self._named_at: tuple[object, list[QRectF]] = (None, [])

    def written(self, seen: View) -> list[QRectF]:
        """Where sentences stand, in the pixels of ``seen``: the same for one view, however the map is dragged."""
        return self._placed(self._written, seen)

    def named(self, seen: View) -> list[QRectF]:
        """Where names of the country stand, likewise."""
        if self._plate is None or not self._named:
            return []
        at = (self._plate.version, self._plate.corner(seen).toTuple())
        if at != self._named_at[0]:
            # Asked at every painting, and the same until the map is moved.
            self._named_at = (at, self._placed(self._named, seen))
        return self._named_at[1]

    def _placed(self, rects: Sequence[QRectF], seen: View) -> list[QRectF]:
        if self._plate is None or not rects:
            return []
        corner = self._plate.corner(seen)
        return [rect.translated(corner) for rect in rects]

    def bring(
        self,
        moment: Moment,
        layers: Sequence[Layer],
        obstacles: Callable[[], Sequence[QRectF]] = tuple,
        *,
        ratio: float,
    ) -> Plate:
        """What is to be put down; rendered first where the margin is used up or something changed.

        ``obstacles`` stand over what is seen: nothing is written there when it is rendered.
        """
        view = moment.view
        key = (
            (view.zoom, view.width_px, view.height_px, ratio),
            (self._theme.is_night, self._theme.scale, self._speech.language, is_drill(moment.picture)),
            layer_keys(moment, layers),
        )
        plate = self._plate
        if plate is None or key != self._key or not plate.covers(view):
            self._key = key
            plate = self._plate = cleared(plate, view, ratio)
            corner = plate.corner(view)
            self._render(plate, moment, layers, [rect.translated(-corner) for rect in obstacles()])
        return plate

    def _render(self, plate: Plate, moment: Moment, layers: Sequence[Layer], obstacles: Sequence[QRectF]) -> None:
        painter, picture = plate.begin(), moment.picture
        self._written, self._named = [], []
        draw_graticule(painter, plate.view, self._theme)
        if is_drill(picture):
            self._named = draw_sketch(painter, plate.view, self._theme, self._speech.language)
        if picture is not None:
            for layer in layers:
                painter.save()
                if isinstance(layer, Worded):
                    layer.keep_clear = (*obstacles, *self._written)
                layer.draw(painter, picture, plate.view, self._theme, self._speech, moment.now_ns)
                painter.restore()
                if isinstance(layer, Worded):
                    self._written += layer.written
        painter.end()


def is_drill(picture: Picture | None) -> bool:
    """Whether the country drawn is the drill's."""
    return picture is not None and picture.mode == "drill"


def layer_keys(moment: Moment, layers: Sequence[Layer]) -> tuple[object, ...]:
    """What all layers depend on."""
    picture = moment.picture
    return () if picture is None else tuple(layer.key(picture, moment.view, moment.now_ns) for layer in layers)
