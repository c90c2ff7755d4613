"""Threads that read and unpack tiles, so that a slow stick never stops the window.

The file is read by one of them at a time; unpacking takes far longer, holds no lock and is done by several at once.
What is only wanted later (beside what is seen) is left to one of them, so that the others stay free.

That a tile is missing is never kept: whoever asks again is answered from the file again.  Where a tile is missing the
nearest parent that is there is given, with its zoom, to be drawn enlarged and called so.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from console.maps.package import Coverage, Package, coverage, inspect, open_source
from console.maps.source import LARGEST_TILE_BYTES, BrokenPackage, TileSource
from console.maps.warp import Area
from console.reading import ReadingThread
from console.surroundings import MapSource

_MOST_WANTED = 2_000
_MOST_THREADS = 4


class Key(NamedTuple):
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
"""Makes of octets whatever the caller draws, in one of the reading threads; ``None`` where they are no picture."""


class TileStore(ReadingThread):
    """Reads the packages of a list.  All callbacks come on threads of the store, several at once."""

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
        self._later: list[tuple[Key, Make]] = []
        self._asked: list[Callable[[], None]] = []
        self._is_late_at_work = False
        self._reading = threading.Lock()
        self._open: dict[int, tuple[TileSource, Package]] = {}
        count = max(2, min(_MOST_THREADS, os.cpu_count() or 1))
        self._helpers = [threading.Thread(target=self._serve, name=f"tiles {n}", daemon=True) for n in range(1, count)]

    def want(self, wanted: Sequence[tuple[Key, Make]], later: Sequence[tuple[Key, Make]] = ()) -> None:
        """These tiles are wanted now, the most wanted first, then those wanted ``later``, and no others any more."""
        with self._changed:
            self._wanted = list(reversed(wanted[:_MOST_WANTED]))
            self._later = list(reversed(later[:_MOST_WANTED]))
            self._changed.notify_all()

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

    # ---- the threads

    def _run(self) -> None:
        for index, source in self._sources.items():
            if self._is_closing:
                break
            self._on_package(index, self._opened(index, source))
        for helper in self._helpers:
            helper.start()
        self._serve()
        # Nobody else closes: what another thread still reads must stay open under it.
        for helper in self._helpers:
            helper.join()
        for tiles, _ in self._open.values():
            tiles.close()

    def _serve(self) -> None:
        while (task := self._next()) is not None:
            task()

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
            while not self._is_closing:
                if self._asked:
                    return partial(self._count, self._asked.pop(0))
                if self._wanted:
                    return partial(self._answer, *self._wanted.pop())
                if self._later and not self._is_late_at_work:
                    self._is_late_at_work = True
                    return partial(self._answer_late, *self._later.pop())
                self._changed.wait()
            return None

    def _count(self, ask: Callable[[], None]) -> None:
        with self._reading:
            ask()

    def _answer_late(self, key: Key, make: Make) -> None:
        try:
            self._answer(key, make)
        finally:
            with self._changed:
                self._is_late_at_work = False

    def _answer(self, key: Key, make: Make) -> None:
        try:
            with self._reading:
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
