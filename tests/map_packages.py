"""Small map packages made for tests: one colour a tile, so that a pixel says which tile was drawn."""

from __future__ import annotations

import sqlite3
import struct
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

from console.surroundings import Datum, MapSource, Tiling

Place = tuple[int, int, int]
"""Zoom, column, row from the north."""


def colour_of(zoom: int, column: int, row: int) -> tuple[int, int, int]:
    """The colour of a tile."""
    return 40 + zoom * 10 % 200, column * 67 % 256, row * 31 % 256


def png(red: int, green: int, blue: int, side: int = 256) -> bytes:
    """A square of one colour."""
    row = b"\x00" + bytes((red, green, blue)) * side
    return _png(side, side, zlib.compress(row * side, 9))


def bomb(side: int = 30_000) -> bytes:
    """A few kilobytes that unpack to gigabytes."""
    packer = zlib.compressobj(9)
    row = bytes(3 * side + 1)
    data = b"".join(packer.compress(row) for _ in range(200)) + packer.flush()
    return _png(side, side, data)


def _png(width: int, height: int, data: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def block(zoom: int, west: int, north: int, side: int) -> list[Place]:
    """A square of tiles."""
    return [(zoom, west + x, north + y) for x in range(side) for y in range(side)]


def write_mbtiles(
    path: Path,
    places: Iterable[Place],
    *,
    is_deduplicated: bool = False,
    facts: dict[str, str] | None = None,
    rows: Callable[[int], int] = lambda zoom: 1 << zoom,
) -> Path:
    """A package of these tiles; ``rows`` are those of a zoom, from the last of which the file counts."""
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE metadata (name text, value text)")
    database.executemany("INSERT INTO metadata VALUES (?, ?)", (facts or {"name": "t", "format": "png"}).items())
    tiles = [(z, x, rows(z) - 1 - y, png(*colour_of(z, x, y))) for z, x, y in places]
    if is_deduplicated:
        database.executescript(
            "CREATE TABLE map (zoom_level int, tile_column int, tile_row int, tile_id text);"
            "CREATE TABLE images (tile_data blob, tile_id text);"
            "CREATE UNIQUE INDEX map_index ON map (zoom_level, tile_column, tile_row);"
            "CREATE UNIQUE INDEX images_id ON images (tile_id);"
            "CREATE VIEW tiles AS SELECT map.zoom_level AS zoom_level, map.tile_column AS tile_column,"
            " map.tile_row AS tile_row, images.tile_data AS tile_data"
            " FROM map JOIN images ON images.tile_id = map.tile_id;"
        )
        for z, x, y, octets in tiles:
            identity = f"{zlib.crc32(octets):08x}"
            database.execute("INSERT OR IGNORE INTO images VALUES (?, ?)", (octets, identity))
            database.execute("INSERT INTO map VALUES (?, ?, ?, ?)", (z, x, y, identity))
    else:
        database.execute("CREATE TABLE tiles (zoom_level int, tile_column int, tile_row int, tile_data blob)")
        database.execute("CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row)")
        database.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", tiles)
    database.commit()
    database.close()
    return path


def source(
    path: Path, datum: Datum = "wgs84", *, name: str = "图", date: str = "2026-05", tiling: Tiling | None = None
) -> MapSource:
    """The package as configured."""
    return MapSource(id=path.stem, name=name, path=path, datum=datum, date=date, tiling=tiling)
