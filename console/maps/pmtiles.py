"""PMTiles: raster tiles in one file with directories of their places, read by our own bounded reader.

Our own, for the file may come from anybody: no directory may be larger when unpacked than one can be, and none may
lead round in a circle.

**Source:** PMTiles specification version 3 (header of 127 octets, little-endian; directories of varints, deltas of
tile ids along Hilbert curves; root within the first 16,384 octets, leaves at most one below another in practice).
"""

from __future__ import annotations

import json
import struct
import zlib
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from console.maps.source import LARGEST_TILE_BYTES, MOST_ZOOM, BrokenPackage, Projection, Span, plain

_HEADER = struct.Struct("<7sB11Q6B")
_HEADER_BYTES = 127
_LARGEST_DIRECTORY_BYTES = 8_000_000
_MOST_ENTRIES = 1_000_000
_DEPTH = 4
_KEPT_DIRECTORIES = 16
_NO_COMPRESSION, _GZIP = 1, 2
_MOST_COUNTED = 300_000


@dataclass(frozen=True, slots=True)
class _Entry:
    tile_id: int
    run: int
    offset: int
    length: int


class PmTiles:
    """One open PMTiles file."""

    projection: Projection = "mercator"

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            BrokenPackage: it is missing, or no PMTiles file of version 3 with pictures.
        """
        self._path = path
        self._kept: OrderedDict[tuple[int, int], list[_Entry]] = OrderedDict()
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as trouble:
            raise BrokenPackage("unreadable", file=path.name, detail=plain(trouble.strerror or trouble)) from trouble
        try:
            self._begin()
        except BaseException:
            self._file.close()
            raise

    def _begin(self) -> None:
        head = self._read(0, _HEADER_BYTES, _HEADER_BYTES)
        if head[:8] != b"PMTiles\x03":
            raise BrokenPackage("no_package", file=self._path.name)
        fields = _HEADER.unpack_from(head)
        self._root = (fields[2], fields[3])
        self._metadata = (fields[4], fields[5])
        self._leaves_at, self._tiles_at = fields[6], fields[8]
        self._packing = fields[14]
        if self._packing not in (_NO_COMPRESSION, _GZIP) or fields[15] > _NO_COMPRESSION:
            raise BrokenPackage("packing", file=self._path.name)
        self._directory(*self._root)

    def _broken(self, detail: str) -> BrokenPackage:
        return BrokenPackage("damaged", file=self._path.name, detail=detail)

    def _read(self, offset: int, length: int, most: int) -> bytes:
        if length > most or offset < 0:
            raise self._broken(f"{length} > {most}")
        try:
            self._file.seek(offset)
            octets = self._file.read(length)
        except (OSError, OverflowError, ValueError) as trouble:
            raise self._broken(plain(trouble, 80)) from trouble
        if len(octets) != length:
            raise self._broken(f"{len(octets)} < {length}")
        return octets

    def _unpacked(self, octets: bytes) -> bytes:
        if self._packing == _NO_COMPRESSION:
            return octets
        unpacker = zlib.decompressobj(wbits=31)
        try:
            whole = unpacker.decompress(octets, _LARGEST_DIRECTORY_BYTES)
        except zlib.error as trouble:
            raise self._broken(plain(trouble, 80)) from trouble
        if not unpacker.eof:
            raise self._broken(f"> {_LARGEST_DIRECTORY_BYTES}")
        return whole

    def _directory(self, offset: int, length: int) -> list[_Entry]:
        key = (offset, length)
        if key not in self._kept:
            packed = self._read(offset, length, _LARGEST_DIRECTORY_BYTES)
            try:
                self._kept[key] = _entries(self._unpacked(packed))
            except (IndexError, ValueError) as trouble:
                raise self._broken(plain(trouble, 80)) from trouble
            if len(self._kept) > _KEPT_DIRECTORIES:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _find(self, tile_id: int) -> _Entry | None:
        where = self._root
        for _ in range(_DEPTH):
            entries = self._directory(*where)
            index = bisect_right(entries, tile_id, key=lambda entry: entry.tile_id) - 1
            if index < 0:
                return None
            entry = entries[index]
            if entry.run:
                return entry if tile_id < entry.tile_id + entry.run else None
            where = (self._leaves_at + entry.offset, entry.length)
        raise self._broken("depth")

    def tile(self, zoom: int, column: int, row: int) -> bytes | None:
        """See ``TileSource``."""
        entry = self._find(hilbert_id(zoom, column, row))
        return None if entry is None else self._read(self._tiles_at + entry.offset, entry.length, LARGEST_TILE_BYTES)

    def _runs(self) -> Iterator[_Entry]:
        """All entries that stand for tiles, in order; ends where there are more than anybody has."""
        left = _MOST_COUNTED
        waiting = [(self._root, 0)]
        while waiting:
            where, depth = waiting.pop()
            if depth >= _DEPTH:
                raise self._broken("depth")
            leaves = []
            for entry in self._directory(*where):
                left -= 1
                if left < 0:
                    return
                if entry.run:
                    yield entry
                else:
                    leaves.append(((self._leaves_at + entry.offset, entry.length), depth + 1))
            waiting += reversed(leaves)

    def zooms(self) -> tuple[int, ...]:
        """See ``TileSource``."""
        present: set[int] = set()
        for entry in self._runs():
            present |= set(range(zoom_of(entry.tile_id), zoom_of(entry.tile_id + entry.run - 1) + 1))
        return tuple(zoom for zoom in sorted(present) if zoom <= MOST_ZOOM)

    def span(self, zoom: int) -> Span | None:
        """See ``TileSource``."""
        first, last = _first_id(zoom), _first_id(zoom + 1) - 1
        columns: list[int] = []
        rows: list[int] = []
        for entry in self._runs():
            start, end = max(first, entry.tile_id), min(last, entry.tile_id + entry.run - 1)
            # A long run is a region of the curve; its ends and a few between bound it well enough.
            for tile_id in {*range(start, end + 1, max(1, (end - start) // 64)), end} if start <= end else ():
                column, row = place_of(tile_id)
                columns.append(column)
                rows.append(row)
        return (min(columns), max(columns), min(rows), max(rows)) if columns else None

    def count(self, zoom: int, span: Span) -> int:
        """See ``TileSource``."""
        west, east, north, south = span
        return sum(
            self._find(hilbert_id(zoom, column, row)) is not None
            for column in range(west, east + 1)
            for row in range(north, south + 1)
        )

    def facts(self) -> dict[str, str]:
        """See ``TileSource``."""
        try:
            told = json.loads(self._unpacked(self._read(*self._metadata, _LARGEST_DIRECTORY_BYTES)))
        except (BrokenPackage, ValueError, RecursionError):
            return {}
        if not isinstance(told, dict):
            return {}
        return {plain(name, 40): plain(value) for name, value in list(told.items())[:50] if isinstance(value, str)}

    def close(self) -> None:
        """See ``TileSource``."""
        self._file.close()


def _entries(octets: bytes) -> list[_Entry]:
    """A directory: counts, then all ids as deltas, all run lengths, all lengths, all offsets."""
    numbers = _varints(octets)
    count = next(numbers, 0)
    if count > _MOST_ENTRIES or count * 4 > len(octets):
        raise ValueError(f"{count} entries")
    ids, tile_id = [], 0
    for _ in range(count):
        tile_id += next(numbers)
        ids.append(tile_id)
    runs = [next(numbers) for _ in range(count)]
    lengths = [next(numbers) for _ in range(count)]
    entries: list[_Entry] = []
    for index in range(count):
        told = next(numbers)
        offset = entries[-1].offset + entries[-1].length if told == 0 and index else told - 1
        entries.append(_Entry(ids[index], runs[index], offset, lengths[index]))
    return entries


def _varints(octets: bytes) -> Iterator[int]:
    value = shift = 0
    for octet in octets:
        value |= (octet & 0x7F) << shift
        if octet & 0x80:
            shift += 7
            if shift > 63:
                raise ValueError("varint")
        else:
            yield value
            value = shift = 0
    # A directory that ends early is damaged; ``next`` of nothing must not end quietly.
    raise ValueError("short")


def _first_id(zoom: int) -> int:
    return ((1 << (2 * zoom)) - 1) // 3


def zoom_of(tile_id: int) -> int:
    """The zoom a tile id belongs to."""
    return ((3 * tile_id + 1).bit_length() - 1) // 2


def hilbert_id(zoom: int, column: int, row: int) -> int:
    """The number of a tile along the Hilbert curves of all zooms."""
    x, y, distance = column, row, 0
    side = 1 << zoom >> 1
    while side > 0:
        right, below = int(bool(x & side)), int(bool(y & side))
        distance += side * side * ((3 * right) ^ below)
        x, y = _turned(side, x, y, right, below)
        side >>= 1
    return _first_id(zoom) + distance


def place_of(tile_id: int) -> tuple[int, int]:
    """Column and row of a tile id."""
    zoom = zoom_of(tile_id)
    rest = tile_id - _first_id(zoom)
    x = y = 0
    side = 1
    while side < 1 << zoom:
        right = 1 & (rest // 2)
        below = 1 & (rest ^ right)
        x, y = _turned(side, x, y, right, below)
        x += side * right
        y += side * below
        rest //= 4
        side *= 2
    return x, y


def _turned(side: int, x: int, y: int, right: int, below: int) -> tuple[int, int]:
    if below:
        return x, y
    if right:
        x, y = side - 1 - x, side - 1 - y
    return y, x
