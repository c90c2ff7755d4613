"""A thread that reads tiles, so that a slow stick never stops the window.

That a tile is missing is never kept: whoever asks again is answered from the file again.  Where a tile is missing the
nearest parent that is there is given, with its zoom, to be drawn enlarged and called so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from console.maps.package import Coverage, Package, coverage, inspect, open_source
from console.maps.source import LARGEST_TILE_BYTES, BrokenPackage, TileSource
from console.maps.warp import Area
from console.reading import ReadingThread
from console.surroundings import MapSource

_MOST_WANTED = 2_000


@dataclass(frozen=True, slots=True)
class Key:
    """A tile of a package (its place in the list)."""

    package: int
    zoom: int
    column: int
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The picture for a tile as stored: its own, or that of the parent at ``zoom``."""

    key: Key
    zoom: int
    octets: bytes


Make = Callable[[Found], Any]
"""Makes of octets whatever the caller draws, in the reading thread; ``None`` where they are no picture."""


class TileStore(ReadingThread):
    """Reads the packages of a list.  All callbacks come on the thread of the store."""

    def __init__(
        self,
        sources: Sequence[MapSource],
        *,
        on_package: Callable[[int, Package | BrokenPackage], None],
        on_tile: Callable[[Key, Found | None, Any], None],
    ) -> None:
        super().__init__("tiles")
        self._sources = dict(enumerate(sources))
        self._on_package = on_package
        self._on_tile = on_tile
        self._wanted: list[tuple[Key, Make]] = []
        self._asked: list[Callable[[], None]] = []
        self._open: dict[int, tuple[TileSource, Package]] = {}

    def want(self, wanted: Sequence[tuple[Key, Make]]) -> None:
        """These tiles are wanted now, the most wanted first, and no others any more."""
        with self._changed:
            self._wanted = list(reversed(wanted[:_MOST_WANTED]))
            self._changed.notify()

    def add(self, index: int, source: MapSource) -> None:
        """Open this one too, under a number of its own, or anew in place of the one that has it."""

        def open_it() -> None:
            before = self._open.pop(index, None)
            if before is not None:
                before[0].close()
            self._on_package(index, self._opened(index, source))

        with self._changed:
            self._asked.append(open_it)
            self._changed.notify()

    def check(self, area: Area, on_covered: Callable[[int, tuple[Coverage, ...] | BrokenPackage], None]) -> None:
        """Count what there is of an area, package by package."""

        def ask() -> None:
            for index, (tiles, package) in self._open.items():
                try:
                    on_covered(index, coverage(package, tiles, area))
                except BrokenPackage as broken:
                    on_covered(index, broken)

        with self._changed:
            self._asked.append(ask)
            self._changed.notify()

    # ---- the thread

    def _run(self) -> None:
        for index, source in self._sources.items():
            if self._is_closing:
                break
            self._on_package(index, self._opened(index, source))
        while (task := self._next()) is not None:
            task()
        for tiles, _ in self._open.values():
            tiles.close()

    def _opened(self, index: int, source: MapSource) -> Package | BrokenPackage:
        try:
            tiles = open_source(source)
        except BrokenPackage as broken:
            return broken
        try:
            package = inspect(source, tiles)
        except BrokenPackage as broken:
            tiles.close()
            return broken
        self._open[index] = (tiles, package)
        return package

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            while not (self._is_closing or self._asked or self._wanted):
                self._changed.wait()
            if self._is_closing:
                return None
            if self._asked:
                return self._asked.pop(0)
            key, make = self._wanted.pop()
        return lambda: self._answer(key, make)

    def _answer(self, key: Key, make: Make) -> None:
        try:
            found = self._nearest(key)
        except BrokenPackage:
            # One bad page of a file is no reason to do without the others: this tile is missing, as long as it is.
            found = None
        self._on_tile(key, found, None if found is None else make(found))

    def _nearest(self, key: Key) -> Found | None:
        opened = self._open.get(key.package)
        if opened is None:
            return None
        tiles, package = opened
        for zoom in reversed(package.zooms):
            if zoom > key.zoom:
                continue
            steps = key.zoom - zoom
            octets = tiles.tile(zoom, key.column >> steps, key.row >> steps)
            if octets and len(octets) <= LARGEST_TILE_BYTES:
                return Found(key=key, zoom=zoom, octets=octets)
        return None
