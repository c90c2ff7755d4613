"""Pictures of the ground into MBTiles: EPSG:3857, 256 pixels, a warp a zoom, empty ones left out, equal ones kept once.

The datum is only declared: a picture drawn in GCJ-02 keeps its pixels, and whoever draws it moves the tiles.

**Source:** MBTiles specification 1.3 (Mapbox): rows counted from the south; tables ``map`` and ``images`` behind the
view ``tiles`` as in its reference implementations.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from math import ceil, floor, log2, pi
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT
from rasterio.warp import calculate_default_transform, transform_bounds
from rasterio.windows import Window

from console.importing.job import MOST_TILES, Job, Progress, Report
from console.importing.trouble import refusal
from console.importing.worker.pictures import Look, Raster, encoded, look_of
from console.importing.worker.reference import reference_of

_TILE_PX = 256
_HALF_WORLD_M = 6_378_137.0 * pi
_MOST_ZOOM = 19
_LEAST_ZOOM = 3
_LEVELS = 7
"""How many zooms are made of a picture where nobody says."""
_COMMIT_EVERY = 500
_TELL_EVERY = 16
_LAT_LIMIT_DEG = 85.0

Say = Callable[[Progress], None]
Pixels = NDArray[np.uint8]
Crs = Any
"""A reference system of rasterio, which has no types."""
Bounds = tuple[float, float, float, float]

_SCHEMA = """
CREATE TABLE metadata (name TEXT, value TEXT);
CREATE TABLE images (tile_id TEXT PRIMARY KEY, tile_data BLOB);
CREATE TABLE map (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_id TEXT,
                  PRIMARY KEY (zoom_level, tile_column, tile_row));
CREATE VIEW tiles AS SELECT map.zoom_level AS zoom_level, map.tile_column AS tile_column, map.tile_row AS tile_row,
                            images.tile_data AS tile_data FROM map JOIN images ON images.tile_id = map.tile_id;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The tiles of one zoom that cover the picture: first and last column and row, rows from the north."""

    zoom: int
    left: int
    right: int
    top: int
    bottom: int

    @property
    def count(self) -> int:
        """How many tiles."""
        return (self.right - self.left + 1) * (self.bottom - self.top + 1)

    @property
    def size_m(self) -> float:
        """A tile's side on the plane."""
        return float(2 * _HALF_WORLD_M / (1 << self.zoom))


def make_tiles(job: Job, say: Say) -> Report:
    """Cut the picture into tiles.

    Raises:
        OperatorError: GDAL cannot read it, where it lies is not known, or it is too large.
    """
    driver = "GPKG" if job.kind == "geopackage" else "GTiff"
    try:
        with rasterio.open(job.source, driver=driver) as picture:
            return _cut(job, picture, say)
    except (RasterioError, RasterioIOError, ValueError, AttributeError) as error:
        raise refusal("unreadable", file=job.file_name, detail=" ".join(str(error).split())[:120]) from None


def _cut(job: Job, picture: Raster, say: Say) -> Report:
    reference = reference_of(job, picture.crs.to_wkt() if picture.crs else None)
    if picture.transform.is_identity:
        raise refusal("no_crs", file=job.file_name)
    crs = rasterio.crs.CRS.from_wkt(reference.crs.to_wkt())
    bounds_deg = _bounds(job, picture, crs)
    look = look_of(picture, job.file_name)
    grids = _grids(job, bounds_deg, _finest_zoom(picture, crs))
    total = sum(grid.count for grid in grids)
    if total > MOST_TILES:
        raise refusal("too_many_tiles", count=total, most=MOST_TILES, zoom=grids[-1].zoom)
    zooms = (grids[0].zoom, grids[-1].zoom)
    with closing(sqlite3.connect(job.out, isolation_level=None)) as database:
        database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA + "BEGIN;")
        tiles = ((grid.zoom, *tile) for grid in grids for tile in _tiles(picture, crs, look, grid))
        counts = _fill(database, tiles, look, total, say)
        if not counts["tiles"]:
            raise refusal("nothing", file=job.file_name, why="")
        _describe(database, job, reference.datum, bounds_deg, zooms, look)
        database.execute("COMMIT")
    notes = [*look.notes, *(["old_datum"] if reference.is_old else [])]
    return Report(
        made="tiles",
        out=job.out,
        datum=reference.datum,
        crs=reference.words,
        bounds_deg=bounds_deg,
        counts=counts,
        zooms=zooms,
        notes=notes,
    )


def _fill(
    database: sqlite3.Connection, tiles: Iterator[tuple[int, int, int, Pixels | None]], look: Look, total: int, say: Say
) -> dict[str, int]:
    """Keep all tiles that hold something; gives how many, and how many different ones."""
    counts = {"tiles": 0, "pictures": 0}
    for done, (zoom, column, row, pixels) in enumerate(tiles, start=1):
        if pixels is not None:
            _keep(database, zoom, column, row, encoded(pixels, look), counts)
        if done % _COMMIT_EVERY == 0:
            database.execute("COMMIT")
            database.execute("BEGIN")
        if done % _TELL_EVERY == 0 or done == total:
            say(Progress(step="tiles", done=done, total=total, what=f"z{zoom}"))
    return counts


def _bounds(job: Job, picture: Raster, crs: Crs) -> Bounds:
    west, south, east, north = transform_bounds(crs, "EPSG:4326", *picture.bounds, densify_pts=21)
    if job.area_deg is not None:
        w, s, e, n = job.area_deg
        west, south, east, north = max(w, west), max(s, south), min(e, east), min(n, north)
    south, north = max(south, -_LAT_LIMIT_DEG), min(north, _LAT_LIMIT_DEG)
    if not (west < east and south < north):
        raise refusal("nothing", file=job.file_name, **{"@why": "import.skipped.outside_area"})
    return float(west), float(south), float(east), float(north)


def _finest_zoom(picture: Raster, crs: Crs) -> int:
    """The zoom whose pixels are about as fine as the picture's own."""
    way, _, _ = calculate_default_transform(crs, "EPSG:3857", picture.width, picture.height, *picture.bounds)
    zoom = log2(2 * _HALF_WORLD_M / _TILE_PX / abs(way.a))
    return max(_LEAST_ZOOM, min(_MOST_ZOOM, ceil(zoom - 0.25)))


def _grids(job: Job, bounds_deg: Bounds, finest: int) -> list[Grid]:
    first, last = job.zooms or (max(_LEAST_ZOOM, finest - _LEVELS + 1), finest)
    left_m, bottom_m, right_m, top_m = transform_bounds("EPSG:4326", "EPSG:3857", *bounds_deg)
    grids = []
    for zoom in range(first, last + 1):
        size_m, most = 2 * _HALF_WORLD_M / (1 << zoom), (1 << zoom) - 1
        grids.append(
            Grid(
                zoom=zoom,
                left=max(0, floor((left_m + _HALF_WORLD_M) / size_m)),
                right=min(most, ceil((right_m + _HALF_WORLD_M) / size_m) - 1),
                top=max(0, floor((_HALF_WORLD_M - top_m) / size_m)),
                bottom=min(most, ceil((_HALF_WORLD_M - bottom_m) / size_m) - 1),
            )
        )
    return grids


def _tiles(picture: Raster, crs: Crs, look: Look, grid: Grid) -> Iterator[tuple[int, int, Pixels | None]]:
    """Column, row and pixels (bands, 256, 256) with opacity last; ``None`` where the picture has nothing."""
    pixel_m = grid.size_m / _TILE_PX
    corner = Affine(
        pixel_m, 0, grid.left * grid.size_m - _HALF_WORLD_M, 0, -pixel_m, _HALF_WORLD_M - grid.top * grid.size_m
    )
    has_alpha = ColorInterp.alpha in picture.colorinterp
    with WarpedVRT(
        picture,
        src_crs=crs,
        crs="EPSG:3857",
        transform=corner,
        width=(grid.right - grid.left + 1) * _TILE_PX,
        height=(grid.bottom - grid.top + 1) * _TILE_PX,
        resampling=Resampling.nearest if look.is_indexed else Resampling.bilinear,
        add_alpha=not has_alpha,
        warp_mem_limit=256,
    ) as warped:
        for row in range(grid.top, grid.bottom + 1):
            for column in range(grid.left, grid.right + 1):
                window = Window((column - grid.left) * _TILE_PX, (row - grid.top) * _TILE_PX, _TILE_PX, _TILE_PX)
                opacity = warped.read(look.opacity_of(warped), window=window)
                if not opacity.any():
                    yield column, row, None
                else:
                    yield column, row, look.pixels(warped.read(list(look.bands), window=window), opacity)


def _keep(
    database: sqlite3.Connection, zoom: int, column: int, row: int, octets: bytes, counts: dict[str, int]
) -> None:
    identity = hashlib.sha256(octets).hexdigest()[:32]
    new = database.execute("INSERT OR IGNORE INTO images VALUES (?, ?)", (identity, octets)).rowcount
    database.execute("INSERT INTO map VALUES (?, ?, ?, ?)", (zoom, column, (1 << zoom) - 1 - row, identity))
    counts["tiles"] += 1
    counts["pictures"] += max(0, new)


def _describe(
    database: sqlite3.Connection, job: Job, datum: str, bounds: Bounds, zooms: tuple[int, int], look: Look
) -> None:
    said = {
        "name": job.name,
        "format": "jpg" if look.is_photograph else "png",
        "bounds": ",".join(f"{value:.6f}" for value in bounds),
        "minzoom": str(zooms[0]),
        "maxzoom": str(zooms[1]),
        "type": "baselayer",
        "version": "1",
        "description": job.file_name,
        "datum": datum,
        "date": job.date,
    }
    database.executemany("INSERT INTO metadata VALUES (?, ?)", said.items())
