"""The lowest layer of the map: the tiles of the packages on this machine, drawn as they come from the reading thread.

What is kept is what was drawn, never that something is missing.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QImage, QPainter

from console.maps.package import Package
from console.maps.source import BrokenPackage
from console.maps.store import Found, Key, Make, TileStore
from console.maps.warp import Area, span_over
from console.surroundings import MapSource
from console.views.situation.plate import Plate
from console.views.situation.projection import View
from console.views.situation.tile_image import Shape, make, shape_of
from console.views.theme import Theme

_MOST_KEPT = 64
_ASK_AGAIN_S = 5.0
_MOST_A_PACKAGE = 600


@dataclass(frozen=True, slots=True)
class DrawnTile:
    """A tile as it is put down."""

    image: QImage
    shape: Shape
    steps: int
    """How many zooms above the tile its picture was found."""


class TileLayer(QObject):
    """Draws the packages of ``sources`` by number, the lowest on top; without any it draws nothing."""

    changed = Signal()
    """Something else is to be seen: a tile came, or a package was opened."""
    covered = Signal(int, object)
    """The answer to ``check``, package by package."""
    refused = Signal(int, object)
    """A package that cannot be used, and why."""
    _opened = Signal(int, object)
    _came = Signal(object, object, object)

    def __init__(self, theme: Theme, sources: Sequence[MapSource]) -> None:
        super().__init__()
        self._theme = theme
        self.sources = dict(enumerate(sources))
        self.packages: dict[int, Package | BrokenPackage] = {}
        self.hidden: set[int] = set()
        self.damaged: dict[int, int] = {}
        self._plate: Plate | None = None
        self._style: object = None
        self._kept: OrderedDict[tuple[Key, float], DrawnTile] = OrderedDict()
        self._shapes: dict[Key, Shape] = {}
        self._asked_s = 0.0
        self._opened.connect(self._take_package, Qt.ConnectionType.QueuedConnection)
        self._came.connect(self._take_tile, Qt.ConnectionType.QueuedConnection)
        self._store = TileStore(sources, on_package=self._opened.emit, on_tile=self._came.emit)
        if self.sources:
            self._store.start()

    def add(self, source: MapSource) -> None:
        """Draw this package too, over all others, or anew in place of the one of the same id."""
        index = next((index for index, one in self.sources.items() if one.id == source.id), None)
        if index is None:
            index = min(self.sources, default=0) - 1
        self.sources[index] = source
        self._store.add(index, source)
        if not self._store.has_begun:
            self._store.start()

    def close(self) -> None:
        """End the reading thread."""
        self._store.close()

    # ---- what there is

    def shown(self, view: View) -> list[tuple[Package, int]]:
        """The packages that lie under what is seen, the uppermost first, and how many zooms they are enlarged by."""
        west, south, east, north = seen_area(view)
        result = []
        for index, package in sorted(self.packages.items()):
            if not isinstance(package, Package) or index in self.hidden or package.area_deg is None:
                continue
            left, below, right, above = package.area_deg
            if left < east and west < right and below < north and south < above:
                result.append((package, self._enlarged(index)))
        return result

    def _enlarged(self, index: int) -> int:
        kept = (self._kept.get((key, self._zoom)) for key in self._shapes if key.package == index)
        return max((one.steps for one in kept if one is not None), default=0)

    @property
    def _zoom(self) -> float:
        return self._plate.view.zoom if self._plate is not None else 0.0

    def set_shown(self, index: int, *, is_shown: bool) -> None:
        """Show or hide one package."""
        (self.hidden.discard if is_shown else self.hidden.add)(index)
        self._plate = None
        self.changed.emit()

    def check(self, view: View) -> None:
        """Count what there is of what is seen; the answers come as ``covered``."""
        self._store.check(seen_area(view), self.covered.emit)

    # ---- drawing

    def bring(self, view: View, ratio: float) -> Plate | None:
        """The plate to put down, ``None`` where no package can be drawn."""
        usable = [index for index, one in self.packages.items() if isinstance(one, Package)]
        if not set(usable) - self.hidden:
            return None
        style = (view.zoom, ratio, self._theme.is_night, view.width_px, view.height_px)
        plate = self._plate
        if plate is None or style != self._style or not plate.covers(view):
            self._style = style
            plate = self._plate = Plate(view, ratio, self._theme.palette.map_ground)
            self._shapes = self._wanted_shapes(plate.view, max(0, round(plate.view.zoom + 0.01)))
            self._paint(plate, QRect(0, 0, round(plate.view.width_px), round(plate.view.height_px)))
            self._ask(plate, view, ratio)
        elif time.monotonic() - self._asked_s > _ASK_AGAIN_S:
            self._ask(plate, view, ratio)
        return plate

    def _wanted_shapes(self, wide: View, zoom: int) -> dict[Key, Shape]:
        area, scale = seen_area(wide), wide.scale_px_per_m
        shapes: dict[Key, Shape] = {}
        for index, package in sorted(self.packages.items()):
            if not isinstance(package, Package) or index in self.hidden:
                continue
            west, east, north, south = span_over(_common(area, package.area_deg), zoom, *package.lie)
            if (east - west + 1) * (south - north + 1) > _MOST_A_PACKAGE:
                continue
            for column in range(west, east + 1):
                for row in range(north, south + 1):
                    key = Key(index, zoom, column, row)
                    shapes[key] = shape_of(key, package.source.datum, scale, package.projection)
        return shapes

    def _ask(self, plate: Plate, view: View, ratio: float) -> None:
        """Ask for what is not there, the middle of the view first."""
        self._asked_s = time.monotonic()
        middle = origin_of(view) + QPointF(view.width_px / 2, view.height_px / 2)
        waiting = [
            ((QPointF(shape.rect.center()) - middle).manhattanLength(), key, shape)
            for key, shape in self._shapes.items()
            if (key, plate.view.zoom) not in self._kept
        ]
        waiting.sort(key=lambda one: one[0])
        wanted: list[tuple[Key, Make]] = [(key, partial(_made, shape=shape, ratio=ratio)) for _, key, shape in waiting]
        self._store.want(wanted)

    def _paint(self, plate: Plate, rect: QRect) -> None:
        """Draw what is kept into this part of the plate: enlarged parents below, the first package on top."""
        origin = origin_of(plate.view).toPoint()
        found = [(key, one) for key in self._shapes if (one := self._kept.get((key, plate.view.zoom))) is not None]
        found = [(key, one) for key, one in found if one.shape.rect.translated(-origin).intersects(rect)]
        found.sort(key=lambda pair: (-pair[1].steps, -pair[0].package))
        painter = plate.begin()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setClipRect(rect)
        painter.fillRect(rect, self._theme.palette.map_ground)
        for key, one in found:
            painter.drawImage(one.shape.rect.topLeft() - origin, one.image)
            self._kept.move_to_end((key, plate.view.zoom))
        if found:
            painter.fillRect(rect, self._theme.palette.map_dim)
        painter.end()

    # ---- from the reading thread

    def _take_package(self, index: int, package: Package | BrokenPackage) -> None:
        self.packages[index] = package
        self.damaged.pop(index, None)
        for key in [one for one in self._kept if one[0].package == index]:
            del self._kept[key]
        self._plate = None
        if isinstance(package, BrokenPackage):
            self.refused.emit(index, package)
        self.changed.emit()

    def _take_tile(self, key: Key, found: Found | None, made: tuple[QImage | None, Shape] | None) -> None:
        if found is None or made is None:
            return
        image, shape = made
        if image is None:
            self.damaged[key.package] = self.damaged.get(key.package, 0) + 1
            return
        plate = self._plate
        if plate is None or self._shapes.get(key) != shape:
            return
        self._kept[key, plate.view.zoom] = DrawnTile(image, shape, key.zoom - found.zoom)
        while len(self._kept) > max(_MOST_KEPT, len(self._shapes)):
            self._kept.popitem(last=False)
        self._paint(plate, shape.rect.translated(-origin_of(plate.view).toPoint()))
        self.changed.emit()


def _made(found: Found, *, shape: Shape, ratio: float) -> tuple[QImage | None, Shape]:
    return make(found, shape, ratio), shape


def origin_of(view: View) -> QPointF:
    """The upper left corner of a view, in whole pixels of the plane at its zoom."""
    scale = view.scale_px_per_m
    return QPointF(
        round(view.centre_east_m * scale - view.width_px / 2), round(-view.centre_north_m * scale - view.height_px / 2)
    )


def seen_area(view: View) -> Area:
    """What a view shows."""
    north, west = view.degrees_at(QPointF(0, 0))
    south, east = view.degrees_at(QPointF(view.width_px, view.height_px))
    return west, south, east, north


def _common(area: Area, other: Area | None) -> Area:
    """What both cover; of two that lie apart something empty at the edge of the first."""
    if other is None:
        return area
    west, south = max(area[0], min(other[0], area[2])), max(area[1], min(other[1], area[3]))
    east, north = min(area[2], max(other[2], area[0])), min(area[3], max(other[3], area[1]))
    return west, south, max(west, east), max(south, north)
