"""MBTiles: raster tiles in an SQLite file, read as if its writer meant harm.

Opened read-only and immutable, with an untrusted schema; nothing but reading of tables is allowed, no function but
counting, no virtual table; every statement is ended after a time, and no value is larger than a tile may be.

**Source:** MBTiles specification 1.3 (tables ``metadata`` and ``tiles``; the row is counted from the south, as in
TMS); the deduplicated form, in which ``tiles`` is a view of ``map`` and ``images``, as mbutil writes it.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from console.maps.source import LARGEST_TILE_BYTES, MOST_ZOOM, BrokenPackage, Projection, Span, plain

_MAGIC = b"SQLite format 3\x00"
_STATEMENT_S = 3.0
_STEPS = 20_000
_MOST_FACTS = 50
_FUNCTIONS = {"min", "max", "count"}
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}


class MbTiles:
    """One open MBTiles file."""

    projection: Projection = "mercator"

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            BrokenPackage: it is missing, is no SQLite file, or holds no readable tiles.
        """
        self._path = path
        self._until_s = 0.0
        try:
            with path.open("rb") as file:
                head = file.read(len(_MAGIC))
        except OSError as trouble:
            raise BrokenPackage("unreadable", file=path.name, detail=plain(trouble.strerror or trouble)) from trouble
        if head != _MAGIC:
            raise BrokenPackage("no_package", file=path.name)
        # Immutable: nothing is written beside the file, which may lie on a stick that is read-only.
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        # Several threads read it, one at a time.
        self._database = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        try:
            self._harden()
            self._check_schema()
        except BaseException:
            self._database.close()
            raise

    def _harden(self) -> None:
        database = self._database
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_TILE_BYTES)
        database.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, 100_000)
        database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        database.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 50)
        database.setlimit(sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 5)
        database.text_factory = lambda octets: octets.decode("utf-8", "replace")
        for pragma in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "mmap_size=0", "cache_size=-8000"):
            with self._asking():
                database.execute(f"PRAGMA {pragma}").fetchall()
        database.set_authorizer(_authorize)
        database.set_progress_handler(lambda: time.monotonic() > self._until_s, _STEPS)

    def _check_schema(self) -> None:
        rows = self._all("SELECT type, name, sql FROM sqlite_master LIMIT 200")
        for _, name, sql in rows:
            if str(sql or "").lstrip().upper().startswith("CREATE VIRTUAL"):
                raise BrokenPackage("strange", file=self._path.name, name=plain(name, 40))
        if not any(str(name).lower() == "tiles" and kind in ("table", "view") for kind, name, _ in rows):
            raise BrokenPackage("no_tiles", file=self._path.name)
        self._all("SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles LIMIT 0")

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        self._until_s = time.monotonic() + _STATEMENT_S
        try:
            yield
        except (sqlite3.Error, OverflowError, MemoryError, UnicodeError) as trouble:
            # SQLite puts what it cannot read into its messages, as the octets it found.
            raise BrokenPackage("damaged", file=self._path.name, detail=plain(trouble, 80)) from trouble

    def _all(self, statement: str, values: tuple[int, ...] = ()) -> list[tuple[object, ...]]:
        with self._asking():
            return self._database.execute(statement, values).fetchall()

    def _first(self, statement: str, values: tuple[int, ...] = ()) -> tuple[object, ...] | None:
        with self._asking():
            row: tuple[object, ...] | None = self._database.execute(statement, values).fetchone()
            return row

    def tile(self, zoom: int, column: int, row: int) -> bytes | None:
        """See ``TileSource``."""
        found = self._first(
            "SELECT tile_data FROM tiles WHERE zoom_level=? AND tile_column=? AND tile_row=? LIMIT 1",
            (zoom, column, _flipped(zoom, row)),
        )
        if found is None or found[0] is None:
            return None
        if not isinstance(found[0], bytes):
            raise BrokenPackage("damaged", file=self._path.name, detail=f"z{zoom}/{column}/{row}")
        return found[0]

    def zooms(self) -> tuple[int, ...]:
        """See ``TileSource``."""
        present = (self._first("SELECT 1 FROM tiles WHERE zoom_level=? LIMIT 1", (z,)) for z in range(MOST_ZOOM + 1))
        return tuple(zoom for zoom, row in enumerate(present) if row is not None)

    def span(self, zoom: int) -> Span | None:
        """See ``TileSource``."""
        columns = self._first("SELECT min(tile_column), max(tile_column) FROM tiles WHERE zoom_level=?", (zoom,))
        rows = self._first("SELECT min(tile_row), max(tile_row) FROM tiles WHERE zoom_level=?", (zoom,))
        sides = [*(columns or ()), *(rows or ())]
        most = (2 << zoom) - 1  # cut by degrees there may be twice as many columns
        whole = [side for side in sides if isinstance(side, int) and 0 <= side <= most]
        if len(whole) != 4:
            return None
        west, east, south, north = whole
        return west, east, _flipped(zoom, north), _flipped(zoom, south)

    def count(self, zoom: int, span: Span) -> int:
        """See ``TileSource``."""
        west, east, north, south = span
        found = self._first(
            "SELECT count(*) FROM tiles"
            " WHERE zoom_level=? AND tile_column BETWEEN ? AND ? AND tile_row BETWEEN ? AND ?",
            (zoom, west, east, _flipped(zoom, south), _flipped(zoom, north)),
        )
        number = found[0] if found else 0
        return number if isinstance(number, int) else 0

    def facts(self) -> dict[str, str]:
        """See ``TileSource``."""
        try:
            rows = self._all("SELECT name, value FROM metadata LIMIT ?", (_MOST_FACTS,))
        except BrokenPackage:
            return {}
        return {plain(name, 40): plain(value) for name, value in rows}

    def close(self) -> None:
        """See ``TileSource``."""
        self._database.close()


def _flipped(zoom: int, row: int) -> int:
    return (1 << zoom) - 1 - row


def _authorize(action: int, first: str | None, second: str | None, database: str | None, trigger: str | None) -> int:
    del first, database, trigger
    is_counting = action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FUNCTIONS
    return sqlite3.SQLITE_OK if action in _ALLOWED or is_counting else sqlite3.SQLITE_DENY
