"""Reference systems: what a source is in, whether that fits its coordinates, and the way to WGS-84.

**Source:** EPSG registry through PROJ.  WGS 84 and CGCS2000 are taken for the same (a metre apart by now).  Beijing
1954 and Xian 1980 have no published transformation: what comes out may be off by a hundred metres, so its datum is
declared unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from console.importing.job import Datum, Job
from console.importing.trouble import refusal

Points = NDArray[np.float64]
_WGS84 = re.compile(r"wgs[ _]?(19)?84|world[ _]geodetic[ _]system[ _]1984", re.IGNORECASE)
_CGCS2000 = re.compile(r"china[ _]?2000|cgcs[ _]?2000|china[ _]geodetic[ _]coordinate[ _]system[ _]2000", re.IGNORECASE)
_SHIFTED = ("gcj02", "bd09")
_MARGIN_DEG = 2.0
_SHIFT_DEG = 0.02
_MOST_OUTSIDE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Where a source's numbers lie.  ``datum`` is the source's own; ``is_old`` means no sure way to WGS-84."""

    crs: CRS
    datum: Datum
    is_old: bool

    @property
    def words(self) -> str:
        """What it is called: the code where it has one, else its name."""
        authority = self.crs.to_authority(min_confidence=70)
        return ":".join(authority) if authority else str(self.crs.name)[:60]

    @property
    def reached(self) -> Datum:
        """The datum of places after ``to_wgs84``."""
        return "wgs84" if self.datum in _SHIFTED else self.datum


def reference_of(job: Job, own: str | None) -> Reference:
    """What the source says of itself (``own``: WKT or a code), or what the person said of it.

    Raises:
        OperatorError: neither says anything, or PROJ does not know it.
    """
    said = job.crs or own
    if not said:
        raise refusal("no_crs", file=job.file_name)
    try:
        crs = CRS.from_user_input(said)
        datum = job.datum or datum_of(crs)
    except (CRSError, ProjError):
        raise refusal("unknown_crs", crs=said[:60]) from None
    if crs.geodetic_crs is None:
        raise refusal("no_crs", file=job.file_name)
    return Reference(crs=crs, datum=datum, is_old=datum == "unknown")


def datum_of(crs: CRS) -> Datum:
    """The datum a reference system stands on, as far as this console can tell them apart."""
    geodetic = crs.geodetic_crs
    datum = None if geodetic is None else geodetic.datum
    names = " ".join(str(one.name) for one in (datum, geodetic) if one is not None)
    if _WGS84.search(names):
        return "wgs84"
    return "cgcs2000" if _CGCS2000.search(names) else "unknown"


def to_wgs84(reference: Reference) -> Callable[[Points], Points]:
    """The function from x, y of the source to longitude, latitude in degrees (n, 2); not finite where it cannot."""
    transformer = Transformer.from_crs(reference.crs, "EPSG:4326", always_xy=True)
    unshift = _unshift(reference.datum)

    def transform(points: Points) -> Points:
        lons, lats = transformer.transform(points[:, 0], points[:, 1])
        return unshift(np.column_stack((lons, lats)))

    return transform


def _unshift(datum: Datum) -> Callable[[Points], Points]:
    if datum not in _SHIFTED:
        return lambda points: points
    from console.coordinates.datum import wgs84_of_bd09, wgs84_of_gcj02  # noqa: PLC0415

    inverse = wgs84_of_gcj02 if datum == "gcj02" else wgs84_of_bd09

    def unshift(points: Points) -> Points:
        places = (inverse(lat, lon) for lon, lat in points.tolist())
        return np.array([(lon, lat) for lat, lon in places], dtype=np.float64).reshape(-1, 2)

    return unshift


def check_fit(reference: Reference, degrees: Points, file_name: str) -> None:
    """Refuse a reference system that puts most of the source outside the region it is made for.

    Raises:
        OperatorError: it does not fit.
    """
    use: Any = reference.crs.area_of_use
    finite = degrees[np.isfinite(degrees).all(axis=1)]
    if not len(degrees):
        return
    outside = len(degrees) - len(finite)
    if use is not None and len(finite):
        is_in = (
            (finite[:, 0] >= use.west - _MARGIN_DEG)
            & (finite[:, 0] <= use.east + _MARGIN_DEG)
            & (finite[:, 1] >= use.south - _MARGIN_DEG)
            & (finite[:, 1] <= use.north + _MARGIN_DEG)
        )
        outside += int((~is_in).sum())
    if outside > len(degrees) * _MOST_OUTSIDE:
        raise refusal("crs_does_not_fit", file=file_name, crs=reference.words)


def in_source(reference: Reference, area_deg: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """An area of WGS-84 as a rectangle of the source that surely holds it."""
    west, south, east, north = area_deg
    margin = _SHIFT_DEG if reference.datum != "wgs84" else 0.0
    transformer = Transformer.from_crs("EPSG:4326", reference.crs, always_xy=True)
    left, bottom, right, top = transformer.transform_bounds(
        west - margin, south - margin, east + margin, north + margin
    )
    return float(left), float(bottom), float(right), float(top)
