"""Heights of the ground from HGT tiles: one degree by one degree, big-endian 16-bit metres, the north row first.

A tile is named after its south-west corner (``N34E113.hgt``) and holds 1,201 rows of 1,201 heights (3″) or 3,601 of
3,601 (1″), the edges shared with its neighbours; -32,768 is a void.  Heights stand above the geoid (EGM96), places
are WGS-84.

**Source:** USGS, SRTM Topo documentation (``SRTM_Topo.txt``), "Data formats".
"""

from __future__ import annotations

import re
import stat
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from console.picture import Text
from console.trouble import OperatorError

Floats = NDArray[np.floating[Any]]
Corner = tuple[int, int]
"""Whole degrees of a tile's south-west corner: latitude, longitude."""

MOST_KEPT = 4
MOST_NAMES = 100_000
"""A folder with more files than this is not a folder of height tiles."""

_NAME = re.compile(r"([NS])(\d{2})([EW])(\d{3})\.hgt", re.ASCII | re.IGNORECASE)
_SIDES = {1201 * 1201 * 2: 1201, 3601 * 3601 * 2: 3601}
_LOWEST_M, _HIGHEST_M = -500, 9_000
_VOID = -32_768
_MOST_IMPLAUSIBLE = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One square degree; ``heights_m`` has its first row in the north, voids are ``_VOID``."""

    corner: Corner
    heights_m: NDArray[np.int16]

    def sample(self, lats_deg: Floats, lons_deg: Floats) -> Floats:
        """Heights in metres at places within the tile, between four posts; NaN where one that counts is void."""
        last = self.heights_m.shape[0] - 1
        # A millionth of a post: what lies on one must lean on no other.
        rows = np.round(np.clip((self.corner[0] + 1 - lats_deg) * last, 0, last), 6)
        columns = np.round(np.clip((lons_deg - self.corner[1]) * last, 0, last), 6)
        top, left = np.minimum(rows.astype(int), last - 1), np.minimum(columns.astype(int), last - 1)
        down, right = rows - top, columns - left
        total: Floats = np.zeros(rows.shape)
        for row, column, weight in (
            (top, left, (1 - down) * (1 - right)),
            (top, left + 1, (1 - down) * right),
            (top + 1, left, down * (1 - right)),
            (top + 1, left + 1, down * right),
        ):
            posts = self.heights_m[row, column].astype(float)
            posts[posts == _VOID] = np.nan
            # A post without weight must not make its neighbour unknown.
            total += np.where(weight > 0, posts * weight, 0.0)
        return total


def corner_of(name: str) -> Corner | None:
    """The corner a file's name tells, ``None`` if it is no tile's name."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    lat, lon = int(found[2]), int(found[4])
    corner = (lat if found[1].upper() == "N" else -lat, lon if found[3].upper() == "E" else -lon)
    return corner if -90 <= corner[0] < 90 and -180 <= corner[1] < 180 else None


def read_tile(path: Path) -> Tile:
    """The tile in this file.

    Raises:
        OperatorError: it cannot be read, has another size than a tile, or holds what cannot be heights.
    """
    corner = corner_of(path.name)
    if corner is None:
        raise _trouble("name", path)
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise _trouble("kind", path)
        side = _SIDES.get(facts.st_size)
        octets = b"" if side is None else _read(path, facts.st_size)
    except OSError as error:
        raise _trouble("unreadable", path, detail=error.strerror or str(error)) from error
    if side is None or len(octets) != facts.st_size:
        raise _trouble("size", path, size=facts.st_size)
    heights = np.frombuffer(octets, dtype=">i2").astype(np.int16).reshape(side, side)
    is_void = heights == _VOID
    is_wrong = ((heights < _LOWEST_M) | (heights > _HIGHEST_M)) & ~is_void
    if is_wrong.sum() > _MOST_IMPLAUSIBLE * max(1, (~is_void).sum()):
        raise _trouble("heights", path)
    heights[is_wrong] = _VOID
    return Tile(corner=corner, heights_m=heights)


def _read(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def _trouble(word: str, path: Path, **args: str | int) -> OperatorError:
    return OperatorError(
        Text(id=f"terrain.fault.{word}", args={"file": path.name, **args}), Text(id="terrain.fault.remedy")
    )


class Ground:
    """The heights in these folders; the first that has a tile tells it.

    Tiles are read when first needed; the last four are kept.

    For one thread.  ``faults`` says which tiles could not be used and why; where they lie heights are unknown.
    """

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._paths: dict[Corner, Path] | None = None
        self._kept: OrderedDict[Corner, Tile] = OrderedDict()
        self.faults: dict[Corner, OperatorError] = {}

    def corners(self) -> set[Corner]:
        """Which tiles are there, by their names.

        Raises:
            OperatorError: a folder cannot be read.
        """
        return set(self._tiles())

    def _tiles(self) -> dict[Corner, Path]:
        if self._paths is None:
            found: dict[Corner, Path] = {}
            for folder in self._folders:
                try:
                    found = _named(folder.iterdir()) | found
                except OSError as error:
                    raise _trouble("folder", folder, detail=error.strerror or str(error)) from error
            self._paths = found
        return self._paths

    def heights_m(self, lats_deg: Floats, lons_deg: Floats) -> Floats:
        """Heights in metres at these places (any shape); NaN where no tile, a void or a damaged tile lies.

        Raises:
            OperatorError: the folder cannot be read.
        """
        lats, lons = np.broadcast_arrays(np.asarray(lats_deg, dtype=float), np.asarray(lons_deg, dtype=float))
        heights = np.full(lats.shape, np.nan)
        south, west = np.floor(lats).astype(int), np.floor(lons).astype(int)
        for corner in sorted({*zip(south.ravel().tolist(), west.ravel().tolist(), strict=True)}):
            tile = self._tile(corner)
            if tile is not None:
                here = (south == corner[0]) & (west == corner[1])
                heights[here] = tile.sample(lats[here], lons[here])
        return heights

    def height_m(self, lat_deg: float, lon_deg: float) -> float | None:
        """The height in metres at one place, ``None`` where it is not known."""
        height_m = float(self.heights_m(np.array([lat_deg]), np.array([lon_deg]))[0])
        return None if np.isnan(height_m) else height_m

    def _tile(self, corner: Corner) -> Tile | None:
        kept = self._kept.get(corner)
        if kept is not None:
            self._kept.move_to_end(corner)
            return kept
        path = self._tiles().get(corner)
        if path is None or corner in self.faults:
            return None
        try:
            tile = self._kept[corner] = read_tile(path)
        except OperatorError as trouble:
            self.faults[corner] = trouble
            return None
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return tile


def _named(paths: Iterable[Path]) -> dict[Corner, Path]:
    found: dict[Corner, Path] = {}
    for number, path in enumerate(paths):
        if number >= MOST_NAMES:
            break
        corner = corner_of(path.name)
        if corner is not None:
            found[corner] = path
    return found


def tile_name(lat_deg: float, lon_deg: float) -> str:
    """The name of the file that holds this place: what to look for where heights are missing."""
    south, west = floor(lat_deg), floor(lon_deg)
    return f"{'N' if south >= 0 else 'S'}{abs(south):02d}{'E' if west >= 0 else 'W'}{abs(west):03d}.hgt"
