"""A height model into HGT tiles: a degree by a degree, posts on whole arc seconds, edges shared with neighbours.

Heights are taken as they are, above whatever they stand on (nearly always the geoid); only feet are made metres.

**Source:** USGS, SRTM Topo documentation (``SRTM_Topo.txt``), "Data formats": big-endian 16-bit metres, the north row
first, 3,601 or 1,201 posts a side, -32,768 a void, named after the south-west corner.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT
from rasterio.warp import calculate_default_transform, transform_bounds

from console.importing.job import MOST_CELLS, VOID, Job, Progress, Report, Tally
from console.importing.trouble import refusal
from console.importing.worker.pictures import Raster
from console.importing.worker.reference import reference_of

_FINE_POSTS, _COARSE_POSTS = 3_600, 1_200
_FINE_UP_TO_DEG = 2.0 / 3_600
_FOOT_M = 0.3048
_LOWEST_M, _HIGHEST_M = -500.0, 9_000.0
_EDGE_DEG = 1e-9

Crs = Any
"""A reference system of rasterio, which has no types."""
Say = Callable[[Progress], None]


def make_heights(job: Job, say: Say) -> Report:
    """Write the tiles of the model into a new folder.

    Raises:
        OperatorError: GDAL cannot read it, where it lies is not known, or it holds no heights.
    """
    try:
        with rasterio.open(job.source, driver="GTiff") as model:
            return _cut(job, model, say)
    except (RasterioError, RasterioIOError, ValueError) as error:
        raise refusal("unreadable", file=job.file_name, detail=" ".join(str(error).split())[:120]) from None


def _cut(job: Job, model: Raster, say: Say) -> Report:
    reference = reference_of(job, model.crs.to_wkt() if model.crs else None)
    if reference.datum in {"gcj02", "bd09"}:
        raise refusal("shifted_heights", file=job.file_name)
    if model.count != 1 or model.transform.is_identity:
        raise refusal("no_heights", file=job.file_name)
    crs = rasterio.crs.CRS.from_wkt(reference.crs.to_wkt())
    west, south, east, north = transform_bounds(crs, "EPSG:4326", *model.bounds, densify_pts=21)
    if job.area_deg is not None:
        w, s, e, n = job.area_deg
        west, south, east, north = max(w, west), max(s, south), min(e, east), min(n, north)
    cells = _cells(west, south, east, north)
    if not cells or len(cells) > MOST_CELLS:
        raise refusal("too_wide" if cells else "nothing", file=job.file_name, why="", most=MOST_CELLS)
    way, _, _ = calculate_default_transform(crs, "EPSG:4326", model.width, model.height, *model.bounds)
    posts = _FINE_POSTS if abs(way.a) <= _FINE_UP_TO_DEG else _COARSE_POSTS
    folder, tally = Path(job.out), Tally()
    folder.mkdir()
    for number, (lat, lon) in enumerate(cells):
        say(Progress(step="heights", done=number, total=len(cells), what=_name(lat, lon)))
        octets = _tile(model, crs, posts, lat, lon, tally)
        if octets is None:
            tally.skip("empty_cell", 1, _name(lat, lon))
        else:
            (folder / _name(lat, lon)).write_bytes(octets)
    made = len(list(folder.iterdir()))
    if not made:
        raise refusal("no_heights", file=job.file_name)
    return Report(
        made="heights",
        out=job.out,
        datum=reference.datum,
        crs=reference.words,
        bounds_deg=(float(west), float(south), float(east), float(north)),
        counts={"cells": made},
        skipped=tally.skipped(),
        notes=["old_datum"] if reference.is_old else [],
    )


def _cells(west: float, south: float, east: float, north: float) -> list[tuple[int, int]]:
    """The square degrees that this touches with more than an edge."""
    return [
        (lat, lon)
        for lat in range(floor(south + _EDGE_DEG), ceil(north - _EDGE_DEG))
        for lon in range(floor(west + _EDGE_DEG), ceil(east - _EDGE_DEG))
    ]


def _tile(model: Raster, crs: Crs, posts: int, lat: int, lon: int, tally: Tally) -> bytes | None:
    """One square degree; ``None`` where the model has nothing in it."""
    step_deg = 1.0 / posts
    # A post is the middle of its pixel, so the picture reaches half a pixel beyond the degree.
    corner = Affine(step_deg, 0, lon - step_deg / 2, 0, -step_deg, lat + 1 + step_deg / 2)
    with WarpedVRT(
        model,
        src_crs=crs,
        crs="EPSG:4326",
        transform=corner,
        width=posts + 1,
        height=posts + 1,
        resampling=Resampling.bilinear,
        nodata=float(VOID),
        src_nodata=model.nodata,
        dtype="float32",
        warp_mem_limit=256,
    ) as warped:
        heights_m = warped.read(1).astype(np.float64) * _metres(model)
        seen = warped.dataset_mask() > 0
    is_height = seen & np.isfinite(heights_m) & (heights_m >= _LOWEST_M) & (heights_m <= _HIGHEST_M)
    tally.skip("no_height", int((seen & ~is_height).sum()))
    if not is_height.any():
        return None
    return np.where(is_height, np.round(np.where(is_height, heights_m, 0.0)), VOID).astype(">i2").tobytes()


def _metres(model: Raster) -> float:
    unit = (model.units[0] or "").lower() if model.units else ""
    return _FOOT_M if unit.startswith(("ft", "foot", "feet", "us survey f")) else 1.0


def _name(lat: int, lon: int) -> str:
    return f"{'N' if lat >= 0 else 'S'}{abs(lat):02d}{'E' if lon >= 0 else 'W'}{abs(lon):03d}.hgt"
