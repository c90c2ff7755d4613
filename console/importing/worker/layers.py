"""Vector sources into one layer: GeoJSON in WGS-84 with the few kinds the map draws, a feature a line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyogrio import raw
from pyogrio.errors import DataLayerError, DataSourceError, FieldError, GeometryError

from console.importing.job import FeatureKind, Job, Progress, Report, Tally
from console.importing.trouble import refusal
from console.importing.worker.charset import charset_of
from console.importing.worker.classing import WANTED, Shape, classify, name_of
from console.importing.worker.reference import Reference, check_fit, in_source, reference_of, to_wgs84
from console.vectors.form import FORMAT, MOST_BYTES, MOST_FEATURES, MOST_POINTS
from console.words import Value

_DECIMALS = 6
_TOLERANCE_DEG = 0.00001
"""About a metre: less than a pixel at the largest scale of the map."""
_GPX_LAYERS = ("waypoints", "routes", "tracks")
_NO_MAP_LAYERS = frozenset({"other_relations"})
_SHAPES: dict[int, Shape] = {0: "point", 1: "line", 3: "area", 5: "line", 6: "area"}
_MULTIPOINT, _COLLECTION = 4, 7

Shapes = Any
"""A geometry of shapely, or an array of them; it has no types."""
Say = Callable[[Progress], None]


@dataclass(slots=True)
class Harvest:
    """What was understood so far."""

    lines: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    tally: Tally = field(default_factory=Tally)
    notes: set[str] = field(default_factory=set)
    references: list[Reference] = field(default_factory=list)
    points: int = 0
    octets: int = 0
    bounds_deg: tuple[float, float, float, float] = (180.0, 90.0, -180.0, -90.0)

    def take(self, kind: FeatureKind, rank: int, name: str, geometry: Shapes) -> None:
        """One more feature.

        Raises:
            OperatorError: there is more than a layer may hold.
        """
        self.points += int(shapely.get_num_coordinates(geometry))
        head = json.dumps({"kind": kind, "rank": rank, "name": name}, ensure_ascii=False)
        line = f'{{"type":"Feature","properties":{head},"geometry":{shapely.to_geojson(geometry)}}}'
        self.octets += len(line.encode())
        if len(self.lines) >= MOST_FEATURES or self.points > MOST_POINTS or self.octets > MOST_BYTES // 2:
            raise refusal("too_much", features=MOST_FEATURES, points=MOST_POINTS)
        self.lines.append(line)
        self.counts[kind] += 1
        w, s, e, n = geometry.bounds
        west, south, east, north = self.bounds_deg
        self.bounds_deg = (min(west, w), min(south, s), max(east, e), max(north, n))


def make_layer(job: Job, say: Say) -> Report:
    """Read every layer of the source and write what the map can draw.

    Raises:
        OperatorError: GDAL cannot read it, its reference system is not known, or nothing of use is in it.
    """
    harvest = Harvest()
    try:
        names = list(_layers(job, harvest))
        for number, name in enumerate(names):
            say(Progress(step="reading", done=number, total=len(names), what=name))
            _read_layer(job, name, harvest)
    except (DataSourceError, DataLayerError, FieldError, GeometryError, ValueError, UnicodeError) as error:
        raise refusal("unreadable", file=job.file_name, detail=" ".join(str(error).split())[:120]) from None
    if not harvest.lines:
        reasons = harvest.tally.skipped()
        why: dict[str, Value] = {"@why": f"import.skipped.{reasons[0].reason}"} if reasons else {"why": ""}
        raise refusal("nothing", file=job.file_name, **why)
    say(Progress(step="writing", done=len(names), total=len(names)))
    return _write(job, harvest)


def _layers(job: Job, harvest: Harvest) -> Iterator[str]:
    """The layers with geometry; all that is left out is counted."""
    for name, geometry in pyogrio.list_layers(job.source).tolist():
        if job.kind == "gpx" and name not in _GPX_LAYERS:
            continue  # the same points again, one by one
        if geometry is None:
            harvest.tally.skip("no_geometry", 1, str(name))
        elif name not in _NO_MAP_LAYERS:
            yield str(name)


def _read_layer(job: Job, name: str, harvest: Harvest) -> None:
    encoding = charset_of(Path(job.source)) if job.kind == "shapefile" else None
    if encoding == "GB18030":
        harvest.notes.add("gb18030")
    info = pyogrio.read_info(job.source, layer=name, encoding=encoding)
    if not info["features"] and job.kind not in {"osm"}:
        return
    reference = reference_of(job, info["crs"])
    if reference not in harvest.references:
        harvest.references.append(reference)
    columns = [column for column in info["fields"].tolist() if column.lower() in WANTED]
    meta, _, wkb, values = raw.read(
        job.source,
        layer=name,
        encoding=encoding,
        columns=columns,
        bbox=in_source(reference, job.area_deg) if job.area_deg else None,
        force_2d=True,
        max_features=None if job.kind == "osm" else MOST_FEATURES + 1,
    )
    geometries = _placed(job, reference, shapely.from_wkb(wkb, on_invalid="ignore"), harvest)
    keys = [key.lower() for key in meta["fields"]]
    hint = f"{name} {job.file_name}"
    for index, geometry in enumerate(geometries):
        words = {
            key: str(column[index]).strip()
            for key, column in zip(keys, values, strict=True)
            if column[index] is not None and column[index] == column[index]
        }
        _take(job, words, hint, geometry, harvest)


def _placed(job: Job, reference: Reference, geometries: Shapes, harvest: Harvest) -> Shapes:
    """In degrees of WGS-84, rounded, simplified, cut to the area; ``None`` where nothing is left."""
    way = to_wgs84(reference)
    placed = shapely.transform(geometries, way)
    check_fit(reference, shapely.get_coordinates(placed), job.file_name)
    has_place = np.array([one is not None and _is_on_earth(one) for one in placed], dtype=bool)
    lost = ~has_place & ~shapely.is_missing(geometries)
    harvest.tally.skip("no_place", int(lost.sum()))
    harvest.tally.skip("no_geometry", int(shapely.is_missing(geometries).sum()))
    placed = np.where(has_place, placed, None)
    if job.area_deg is not None:
        cut = shapely.clip_by_rect(placed, *job.area_deg)
        is_outside = has_place & shapely.is_empty(cut)
        harvest.tally.skip("outside_area", int(is_outside.sum()))
        placed = np.where(is_outside, None, cut)
    # Not Douglas-Peucker: a hostile zigzag of a million points would keep it busy for hours.
    thinned = shapely.remove_repeated_points(placed, _TOLERANCE_DEG)
    return shapely.transform(thinned, lambda points: np.round(points, _DECIMALS))


def _is_on_earth(geometry: Shapes) -> bool:
    west, south, east, north = geometry.bounds
    return bool(west >= -180.0 and east <= 180.0 and south >= -90.0 and north <= 90.0)


def _take(job: Job, words: dict[str, str], hint: str, geometry: Shapes, harvest: Harvest) -> None:
    for part in _parts(geometry):
        shape = _SHAPES.get(int(shapely.get_type_id(part)))
        if shape is None or shapely.is_empty(part):
            harvest.tally.skip("no_geometry")
            continue
        found = classify(words, hint, shape, is_osm=job.kind == "osm")
        if job.feature_kind is not None:
            found = (job.feature_kind, found[1] if found is not None and found[0] == job.feature_kind else 2)
        name = name_of(words)
        if found is None:
            harvest.tally.skip("not_for_map", 1, name)
        elif found[0] == "name" and not name:
            harvest.tally.skip("no_name")
        else:
            harvest.take(*found, name, part)


def _parts(geometry: Shapes) -> Iterator[Shapes]:
    """Collections and many points one by one; everything else as it is."""
    if geometry is None:
        return
    if shapely.get_type_id(geometry) in {_MULTIPOINT, _COLLECTION}:
        for part in shapely.get_parts(geometry):
            yield from _parts(part)
    else:
        yield geometry


def _write(job: Job, harvest: Harvest) -> Report:
    first = harvest.references[0]
    is_old = any(one.is_old for one in harvest.references)
    datum = "unknown" if is_old else first.reached
    if is_old:
        harvest.notes.add("old_datum")
    if first.datum != first.reached:
        harvest.notes.add("unshifted")
    head = {
        "format": FORMAT,
        "name": job.name,
        "datum": datum,
        "date": job.date,
        "source": job.file_name,
        "bounds": harvest.bounds_deg,
        "counts": dict(harvest.counts),
    }
    with Path(job.out).open("w", encoding="utf-8", newline="\n") as file:
        file.write(f'{{"type":"FeatureCollection","command_post":{json.dumps(head, ensure_ascii=False)},"features":[\n')
        file.write(",\n".join(harvest.lines))
        file.write("\n]}\n")
    return Report(
        made="layer",
        out=job.out,
        datum=datum,
        crs=first.words,
        bounds_deg=harvest.bounds_deg,
        counts=dict(harvest.counts),
        skipped=harvest.tally.skipped(),
        notes=sorted(harvest.notes),
    )
