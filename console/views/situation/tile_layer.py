"""The lowest layer of the map: the tiles of the packages on this machine, drawn as they come from the reading threads.

What is kept is what was drawn, never that something is missing.  The pictures themselves are what is kept, not another
pixmap of all of them: putting down those that are seen takes a millisecond.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QPointF, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QRegion

from console.maps.package import Package
from console.maps.source import BrokenPackage
from console.maps.store import Found, Key, Make, TileStore
from console.maps.warp import Area, span_over
from console.surroundings import MapSource
from console.views.situation.plate import reaches_around, wide
from console.views.situation.projection import View
from console.views.situation.tile_image import Shape, make, rehearse, shape_of
from console.views.theme import Theme

_MOST_KEPT_BYTES = 16_000_000
"""Beside the tiles wanted now, which are always kept."""
_ASK_AGAIN_S = 5.0
_TOGETHER_MS = 32
"""What comes within this time is painted at once: painting in between would only hold up the reading threads."""
_MOST_A_PACKAGE = 600


@dataclass(frozen=True, slots=True)
class DrawnTile:
    """A tile as it is put down."""

    image: QImage
    shape: Shape
    steps: int
    """How many zooms above the tile its picture was found."""


@dataclass(frozen=True, slots=True)
class _Made:
    """What a reading thread made of a tile found at ``zoom``; no image where it is none."""

    zoom: int
    image: QImage | None
    shape: Shape
    style: object


class TileLayer(QObject):
    """Draws the packages of ``sources`` by number, the lowest on top; without any it draws nothing.

    ``view`` is the part of the plane whose tiles are wanted, ``version`` counts what changed in it.
    """

    changed = Signal()
    """Something else is to be seen or to be said: a package was opened, a tile is damaged or enlarged."""
    drawn = Signal(object)
    """These tiles came: a list of rectangles of the plane, see ``rects_in``."""
    covered = Signal(int, object)
    """The answer to ``check``, package by package."""
    refused = Signal(int, object)
    """A package that cannot be used, and why."""
    _opened = Signal(int, object)
    _came = Signal()

    def __init__(self, theme: Theme, sources: Sequence[MapSource]) -> None:
        super().__init__()
        self._theme = theme
        self.sources = dict(enumerate(sources))
        self.packages: dict[int, Package | BrokenPackage] = {}
        self.hidden: set[int] = set()
        self.damaged: dict[int, int] = {}
        self._said: object = ({}, 0)
        self._opened_count = 0
        self.view: View | None = None
        self.version = 0
        self._style: object = None
        self._kept: OrderedDict[tuple[Key, float], DrawnTile] = OrderedDict()
        self._kept_bytes = 0
        self._shapes: dict[Key, Shape] = {}
        self._steps: dict[int, int] = {}
        self._arrived: deque[tuple[Key, _Made | None]] = deque()
        self._is_told = False
        self._awaited: set[Key] = set()
        self._places: list[QRect] = []
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_TOGETHER_MS)
        self._pause.setTimerType(Qt.TimerType.PreciseTimer)
        self._pause.timeout.connect(self._show)
        self._asked_s = 0.0
        self._opened.connect(self._take_package, Qt.ConnectionType.QueuedConnection)
        self._came.connect(self._take_tiles, Qt.ConnectionType.QueuedConnection)
        self._store = TileStore(sources, on_package=self._opened.emit, on_tile=self._hand_over)
        rehearse()
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
        """End the reading threads."""
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
                result.append((package, self._steps.get(index, 0)))
        return result

    def set_shown(self, index: int, *, is_shown: bool) -> None:
        """Show or hide one package."""
        (self.hidden.discard if is_shown else self.hidden.add)(index)
        self._forget_view()
        self.changed.emit()

    def check(self, view: View) -> None:
        """Count what there is of what is seen; the answers come as ``covered``."""
        self._store.check(seen_area(view), self.covered.emit)

    # ---- drawing

    def bring(self, view: View, ratio: float) -> bool:
        """Ask for what is not there yet; whether there is any package to draw."""
        usable = [index for index, one in self.packages.items() if isinstance(one, Package)]
        if not set(usable) - self.hidden:
            return False
        # What was read of a file before it was opened anew is no longer what it holds.
        style = (self._theme.is_night, ratio, self._opened_count)
        if style != self._style:
            self._style = style
            self._kept.clear()
            self._kept_bytes = 0
            self.view = None
        now = wide(view)
        before = self.view
        if (
            before is None
            or (now.width_px, now.height_px) != (before.width_px, before.height_px)
            or not reaches_around(before, view)
        ):
            self.view = now
            self.version += 1
            self._shapes = self._wanted_shapes(now, max(0, round(now.zoom + 0.01)))
            self._count_steps()
            self._ask(view, ratio)
        elif time.monotonic() - self._asked_s > _ASK_AGAIN_S:
            self._ask(view, ratio)
        return True

    def put(self, painter: QPainter, seen: View, region: QRegion) -> None:
        """Put down those that lie in ``region`` of ``seen``: enlarged parents below, the first package on top."""
        if self.view is None:
            return
        origin, zoom = origin_of(seen).toPoint(), self.view.zoom
        found = [(key, one) for key in self._shapes if (one := self._kept.get((key, zoom))) is not None]
        found = [(key, one) for key, one in found if region.intersects(one.shape.rect.translated(-origin))]
        found.sort(key=lambda pair: (-pair[1].steps, -pair[0].package))
        for key, one in found:
            painter.drawImage(one.shape.rect.topLeft() - origin, one.image)
            self._kept.move_to_end((key, zoom))

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

    def _ask(self, view: View, ratio: float) -> None:
        """Ask for what is not there, the middle of the view first, what is only beside the view later."""
        self._asked_s = time.monotonic()
        zoom, origin = view.zoom, origin_of(view)
        seen = QRect(origin.toPoint(), view.rect().size().toSize())
        middle = origin + QPointF(view.width_px / 2, view.height_px / 2)
        waiting = [
            ((QPointF(shape.rect.center()) - middle).manhattanLength(), key, shape)
            for key, shape in self._shapes.items()
            if (key, zoom) not in self._kept
        ]
        waiting.sort(key=lambda one: one[0])
        dim = self._theme.palette.map_dim
        make_of = partial(_made, ratio=ratio, dim=dim if dim.alpha() else None, style=self._style)
        now: list[tuple[Key, Make]] = []
        later: list[tuple[Key, Make]] = []
        for _, key, shape in waiting:
            (now if shape.rect.intersects(seen) else later).append((key, partial(make_of, shape=shape)))
        self._awaited = {key for key, _ in now}
        self._store.want(now, later)

    def _forget_view(self) -> None:
        self.view = None
        self.version += 1
        self.changed.emit()

    def _count_steps(self) -> None:
        zoom = 0.0 if self.view is None else self.view.zoom
        kept = ((key.package, self._kept.get((key, zoom))) for key in self._shapes)
        steps: dict[int, int] = {}
        for package, one in kept:
            if one is not None and one.steps:
                steps[package] = max(one.steps, steps.get(package, 0))
        self._steps = steps

    # ---- from the reading threads

    def _hand_over(self, key: Key, found: Found | None, made: _Made | None) -> None:
        """In a reading thread.  One signal for all that came before it is heard."""
        del found
        self._arrived.append((key, made))
        if not self._is_told:
            self._is_told = True
            self._came.emit()

    def _take_package(self, index: int, package: Package | BrokenPackage) -> None:
        self.packages[index] = package
        self.damaged.pop(index, None)
        self._opened_count += 1
        if isinstance(package, BrokenPackage):
            self.refused.emit(index, package)
        self._forget_view()

    def _take_tiles(self) -> None:
        # First: what comes after the last one is taken must be told again.
        self._is_told = False
        while self._arrived:
            key, made = self._arrived.popleft()
            self._awaited.discard(key)
            if made is None:
                continue
            if made.image is None:
                self.damaged[key.package] = self.damaged.get(key.package, 0) + 1
                self._places.append(made.shape.rect)
            elif self.view is not None and (self._shapes.get(key), self._style) == (made.shape, made.style):
                self._keep((key, self.view.zoom), DrawnTile(made.image, made.shape, key.zoom - made.zoom))
                self._places.append(made.shape.rect)
        if not self._places:
            return
        self._count_steps()
        self.version += 1
        if not self._awaited:
            self._pause.stop()
            self._show()
        elif not self._pause.isActive():
            self._pause.start()

    def _show(self) -> None:
        places, self._places = self._places, []
        said = (self._steps, sum(self.damaged.values()))
        if said != self._said:
            self._said = said
            self.changed.emit()
        else:
            self.drawn.emit(places)

    def _keep(self, at: tuple[Key, float], one: DrawnTile) -> None:
        before = self._kept.pop(at, None)
        self._kept[at] = one
        self._kept_bytes += one.image.sizeInBytes() - (0 if before is None else before.image.sizeInBytes())
        while self._kept_bytes > _MOST_KEPT_BYTES and len(self._kept) > len(self._shapes):
            _, forgotten = self._kept.popitem(last=False)
            self._kept_bytes -= forgotten.image.sizeInBytes()


def rects_in(view: View, places: Sequence[QRect]) -> list[QRect]:
    """Where these rectangles of the plane lie in what is seen."""
    origin, seen = origin_of(view).toPoint(), view.rect().toRect()
    shifted = [place.translated(-origin).adjusted(-1, -1, 1, 1) & seen for place in places]
    return [place for place in shifted if not place.isEmpty()]


def _made(found: Found, *, shape: Shape, ratio: float, dim: QColor | None, style: object) -> _Made:
    return _Made(found.zoom, make(found, shape, ratio, dim), shape, style)


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
