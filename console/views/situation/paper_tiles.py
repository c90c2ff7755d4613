"""The tiles under a sheet: all that it shows are read before it is drawn, for what is on paper comes no better later.

A bounded number, of the zoom that suits paper.  What is missing stays blank and is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import log2

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QImage

from console.maps.package import Package
from console.maps.source import BrokenPackage
from console.maps.store import Found, Key, TileStore
from console.maps.warp import span_over
from console.views.situation.plate import wide
from console.views.situation.projection import View
from console.views.situation.tile_image import Shape, make, shape_of
from console.views.situation.tile_layer import DrawnTile, TileLayer, origin_of, seen_area
from console.views.theme import Theme

MOST_TILES = 400
"""Under one sheet, of all packages together; more would be finer than ink."""

_Read = tuple[QImage | None, Shape]


class PaperTiles(TileLayer):
    """What ``live`` shows, for one ``view`` of ``ratio`` pixels a pixel.  ``ready`` comes once, after ``start``.

    Give it to the map's painter then.  ``missing`` of ``places`` have no picture; where no package lies, nothing is.
    """

    progressed = Signal(int, int)
    """So many of so many tiles were read."""
    ready = Signal()
    _found = Signal(int, object)
    _read = Signal(object, object, object)

    def __init__(self, theme: Theme, live: TileLayer, view: View, ratio: float) -> None:
        super().__init__(theme, ())
        shown = [live.sources[index] for index in sorted(live.sources) if index not in live.hidden]
        self.sources = dict(enumerate(shown))
        self.missing = self.places = 0
        self.view = wide(view)
        self._view = view
        self._ratio = ratio
        self._done = 0
        self._is_over = False
        self._is_elsewhere = False
        self._found.connect(self._take_found, Qt.ConnectionType.QueuedConnection)
        self._read.connect(self._take_read, Qt.ConnectionType.QueuedConnection)
        self._reading = TileStore(shown, on_package=self._found.emit, on_tile=self._read.emit)

    def start(self) -> None:
        """Begin; where there is no package ``ready`` comes before this returns."""
        if self.sources:
            self._reading.start()
        else:
            self._finish()

    def hurry(self) -> None:
        """Wait no longer: what was not read is missing."""
        self._finish()

    def close(self) -> None:
        """End the reading thread; may take as long as what it is at."""
        self._is_over = True
        self._reading.close()

    # ---- from the reading thread

    def _take_found(self, index: int, package: Package | BrokenPackage) -> None:
        self.packages[index] = package
        if len(self.packages) < len(self.sources) or self._is_over:
            return
        self._shapes = self._chosen_shapes()
        self.progressed.emit(0, len(self._shapes))
        if not self.shown(self._view):
            self._is_elsewhere = True
            self._finish()
            return
        self._reading.want(
            [(key, partial(_made, shape=shape, ratio=self._ratio)) for key, shape in self._shapes.items()]
        )

    def _take_read(self, key: Key, found: Found | None, made: _Read | None) -> None:
        if self._is_over:
            return
        self._done += 1
        if found is not None and made is not None and made[0] is not None:
            self._kept[key, self._view.zoom] = DrawnTile(made[0], made[1], key.zoom - found.zoom)
        self.progressed.emit(self._done, len(self._shapes))
        if self._done >= len(self._shapes):
            self._finish()

    def _finish(self) -> None:
        if self._is_over:
            return
        self._is_over = True
        if self.sources and not self._is_elsewhere:
            self.missing, self.places = self._count_missing()
        self._count_steps()
        self.ready.emit()

    # ---- which tiles

    def _chosen_shapes(self) -> dict[Key, Shape]:
        """The tiles of the finest zoom that is not too many; finer than the picture's own pixels is no use."""
        for zoom in range(self._finest(), -1, -1):
            if self._count(zoom) <= MOST_TILES:
                return self._wanted_shapes(self._view, zoom)
        return {}

    def _finest(self) -> int:
        return max(0, round(self._view.zoom + log2(self._ratio) + 0.01))

    def _count(self, zoom: int) -> int:
        area = seen_area(self._view)
        spans = [span_over(area, zoom, *one.lie) for one in self.packages.values() if isinstance(one, Package)]
        return sum((east - west + 1) * (south - north + 1) for west, east, north, south in spans)

    def _count_missing(self) -> tuple[int, int]:
        """Of the places of tiles in the view, those whose middle lies on no picture; and how many there are."""
        zoom = next((key.zoom for key in self._shapes), self._finest())
        while (places := self._grid(zoom)) is None:
            zoom -= 1
        rects = [one.shape.rect for one in self._kept.values()]
        return sum(not _is_covered(place, rects) for place in places), len(places)

    def _grid(self, zoom: int) -> list[QRectF] | None:
        """The places in the view; ``None`` where they are too many."""
        west, east, north, south = span_over(seen_area(self._view), zoom, "wgs84", "mercator")
        if (east - west + 1) * (south - north + 1) > MOST_TILES:
            return None
        seen = QRectF(origin_of(self._view), self._view.rect().size())
        keys = [Key(0, zoom, column, row) for column in range(west, east + 1) for row in range(north, south + 1)]
        places = [QRectF(shape_of(key, "wgs84", self._view.scale_px_per_m).rect) & seen for key in keys]
        return [place for place in places if place.width() > 1 and place.height() > 1]

    # ---- drawing

    def bring(self, view: View, ratio: float) -> bool:
        """Whether anything was read."""
        del view, ratio
        return bool(self._kept)


def _is_covered(place: QRectF, rects: Sequence[QRect]) -> bool:
    middle = place.center().toPoint()
    return any(rect.contains(middle) for rect in rects)


def _made(found: Found, *, shape: Shape, ratio: float) -> _Read:
    return make(found, shape, ratio), shape
