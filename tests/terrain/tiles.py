"""Height tiles made for tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from console.terrain.heights import Floats

SIDE = 1201


def write_tile(folder: Path, name: str, shape: Callable[[Floats, Floats], Floats], side: int = SIDE) -> Path:
    """A tile whose heights are ``shape(lats, lons)``; NaN becomes a void."""
    folder.mkdir(parents=True, exist_ok=True)
    south, west = int(name[1:3]), int(name[4:7])
    lats = np.linspace(south + 1, south, side)[:, None]
    lons = np.linspace(west, west + 1, side)[None, :]
    heights = np.broadcast_to(shape(lats, lons), (side, side))
    path = folder / name
    path.write_bytes(np.where(np.isnan(heights), -32768, np.rint(heights)).astype(">i2").tobytes())
    return path


class Shape:
    """Heights by a formula, without files."""

    def __init__(self, shape: Callable[[Floats, Floats], Floats]) -> None:
        self._shape = shape

    def heights_m(self, lats_deg: Floats, lons_deg: Floats) -> Floats:
        """Heights in metres."""
        return np.asarray(self._shape(*np.broadcast_arrays(lats_deg, lons_deg)), dtype=float)
