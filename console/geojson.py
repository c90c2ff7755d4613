"""Marks as GeoJSON and back.  Pure; what is read may come from anybody.

**Source:** RFC 7946 (2016): WGS-84 longitude before latitude, rings closed and outer rings counter-clockwise; the older
``crs`` member (GeoJSON 2008) is honoured where it names WGS-84 or CGCS2000 and refused where it names anything else.
**Assumed:** a file without ``crs`` means what the RFC says, unless the person who reads it in says otherwise.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec

from console.map_marks import (
    DEEPEST_M,
    GOOD_S,
    KINDS,
    LONGEST_S,
    MARKS,
    SHORTEST_S,
    STATES,
    VERTICES,
    WORDS,
    Geometry,
    MapMark,
    MarkKind,
    MarkShape,
    Vertex,
    geometry_fault,
    is_on_earth,
    is_unknown,
)
from console.orders import AddMark
from console.picture import Mode, Text
from console.trouble import OperatorError

MOST_BYTES = 5_000_000
MOST_FEATURES = 5_000
_DIGITS = 7
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LATE_NS = 5_000_000_000
_PLAIN: dict[str, tuple[MarkShape, bool]] = {
    "Point": ("point", False),
    "LineString": ("line", False),
    "Polygon": ("area", False),
    "MultiPoint": ("point", True),
    "MultiLineString": ("line", True),
    "MultiPolygon": ("area", True),
}

Shift = Callable[[float, float], tuple[float, float]]


def as_it_is(lat_deg: float, lon_deg: float) -> tuple[float, float]:
    """A place that is in WGS-84 already."""
    return lat_deg, lon_deg


# ---- out


def write(marks: Sequence[MapMark], *, mode: Mode, at_ns: int) -> bytes:
    """These marks as one FeatureCollection, as of the moment ``at_ns``; every feature says whether it is of a drill."""
    features = [_feature(mark, mode, at_ns) for mark in marks]
    whole = {"type": "FeatureCollection", "mode": mode, "at": _iso(at_ns), "datum": "WGS-84", "features": features}
    return msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n"


def _feature(mark: MapMark, mode: Mode, at_ns: int) -> dict[str, Any]:
    told = {
        "kind": mark.kind,
        "name": mark.name,
        "mode": mode,
        "by": mark.by,
        "source": mark.source,
        "state": mark.state,
        "depth_m": mark.depth_m,
        "added_at": _iso(mark.added_ns),
        "seen_at": _iso(mark.seen_ns),
        "confirmed_at": _iso(mark.confirmed_ns),
        "confirmed_by": mark.confirmed_by,
        "expires_s": mark.expires_s,
        "expires_at": _iso(mark.expires_ns),
        "is_unknown": is_unknown(mark, at_ns),
    }
    return {"type": "Feature", "id": mark.id, "geometry": _written(mark.geometry), "properties": told}


def _written(geometry: Geometry) -> dict[str, Any]:
    corners = [[round(v.lon_deg, _DIGITS), round(v.lat_deg, _DIGITS)] for v in geometry.vertices]
    match geometry.shape:
        case "point":
            return {"type": "Point", "coordinates": corners[0]}
        case "line":
            return {"type": "LineString", "coordinates": corners}
        case "area":
            turned = corners if _twice_area(geometry.vertices) > 0 else corners[::-1]
            return {"type": "Polygon", "coordinates": [[*turned, turned[0]]]}


def _twice_area(ring: Sequence[Vertex]) -> float:
    """Above zero where the ring goes round counter-clockwise."""
    pairs = zip(ring, (*ring[1:], ring[0]), strict=True)
    return sum(a.lon_deg * b.lat_deg - b.lon_deg * a.lat_deg for a, b in pairs)


def _iso(at_ns: int | None) -> str | None:
    if at_ns is None:
        return None
    return (_EPOCH + timedelta(microseconds=at_ns // 1000)).isoformat(timespec="milliseconds")


# ---- in


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a file holds: orders that would add it, and in how many cases it was not taken as it stands.

    The reasons of ``left_out`` are ``geometry_type degrees vertices drill full``, those of ``altered``
    ``as_note holes undated``.
    """

    orders: tuple[AddMark, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    altered: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who reads it in, from where, when, into which incident; ``to_wgs84`` shifts what stands in the file."""

    by: str
    source: str
    now_ns: int
    mode: Mode
    to_wgs84: Shift = as_it_is


def read(octets: bytes, asking: Asking) -> Reading:
    """What this file would add.

    Raises:
        OperatorError: it is no GeoJSON, too large, or of another datum; the sentence says which.
    """
    whole = _decoded(octets)
    _check_datum(whole)
    features = _features(whole)
    if len(features) > MOST_FEATURES:
        raise _refusal("many", count=len(features), most=MOST_FEATURES)
    left_out: Counter[str] = Counter()
    altered: Counter[str] = Counter()
    orders: dict[str, AddMark] = {}
    for feature in features:
        for order in _orders(feature, asking, (left_out, altered), is_drill=whole.get("mode") == "drill"):
            if len(orders) >= MARKS and order.mark_id not in orders:
                left_out["full"] += 1
                continue
            orders[order.mark_id] = order
    return Reading(
        orders=tuple(orders.values()), left_out=tuple(sorted(left_out.items())), altered=tuple(sorted(altered.items()))
    )


def _refusal(reason: str, **args: str | int) -> OperatorError:
    return OperatorError(Text(id=f"geojson.{reason}", args=dict(args)), Text(id="geojson.remedy"))


def _decoded(octets: bytes) -> dict[str, Any]:
    if len(octets) > MOST_BYTES:
        raise _refusal("large", most=MOST_BYTES // 1_000_000)
    try:
        whole = msgspec.json.decode(octets.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refusal("not_json") from error
    if not isinstance(whole, dict) or not isinstance(whole.get("type"), str):
        raise _refusal("not_geojson")
    return whole


def _check_datum(whole: dict[str, Any]) -> None:
    crs = whole.get("crs")
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if not name.upper().endswith(("CRS84", ":4326", ":4490")):
        raise _refusal("crs", name=_words(name) or "?")


def _features(whole: dict[str, Any]) -> list[Any]:
    kind = whole["type"]
    if kind == "FeatureCollection":
        found = whole.get("features")
        if not isinstance(found, list):
            raise _refusal("not_geojson")
        return found
    if kind == "Feature":
        return [whole]
    if kind in _PLAIN:
        return [{"type": "Feature", "geometry": whole, "properties": None}]
    raise _refusal("not_geojson")


Tally = tuple[Counter[str], Counter[str]]


def _orders(feature: object, asking: Asking, tally: Tally, *, is_drill: bool) -> Iterator[AddMark]:
    left_out, altered = tally
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    plain = _PLAIN.get(str(geometry.get("type"))) if isinstance(geometry, dict) else None
    if not isinstance(feature, dict) or not isinstance(geometry, dict) or plain is None:
        left_out["geometry_type"] += 1
        return
    properties = feature.get("properties")
    told: dict[str, Any] = properties if isinstance(properties, dict) else {}
    if (is_drill or told.get("mode") == "drill") and asking.mode != "drill":
        left_out["drill"] += 1
        return
    shape, is_many = plain
    parts = geometry.get("coordinates")
    for number, part in enumerate(parts if is_many and isinstance(parts, list) else [parts]):
        vertices, fault = _vertices(part, shape, asking.to_wgs84)
        if fault or not vertices:
            left_out[fault or "vertices"] += 1
            continue
        if shape == "area" and isinstance(part, list) and len(part) > 1:
            altered["holes"] += 1
        order = _order(told, Geometry(shape=shape, vertices=vertices), asking, altered)
        mark_id = _identity(feature.get("id"), order, told) + (f"-{number}" if number else "")
        yield replace(order, mark_id=mark_id)


def _vertices(part: object, shape: MarkShape, to_wgs84: Shift) -> tuple[tuple[Vertex, ...], str]:
    """The corners, and what is wrong with them if anything."""
    places: object = [part] if shape == "point" else part
    if shape == "area":
        places = part[0] if isinstance(part, list) and part else None
    if not isinstance(places, list) or len(places) > VERTICES + 1:
        return (), "vertices"
    found: list[Vertex] = []
    for place in places:
        if not (isinstance(place, list) and len(place) >= 2 and all(_is_number(one) for one in place[:2])):
            return (), "degrees"
        lon_deg, lat_deg = float(place[0]), float(place[1])
        if not is_on_earth(lat_deg, lon_deg):
            return (), "degrees"
        found.append(Vertex(*to_wgs84(lat_deg, lon_deg)))
    if shape == "area" and len(found) > 1 and found[0] == found[-1]:
        found.pop()
    fault = geometry_fault("note", Geometry(shape=shape, vertices=tuple(found)))
    return tuple(found), fault or ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def _order(told: dict[str, Any], geometry: Geometry, asking: Asking, altered: Counter[str]) -> AddMark:
    wanted = told.get("kind")
    kind: MarkKind = cast("MarkKind", wanted) if wanted in KINDS else "note"
    if kind != wanted or geometry_fault(kind, geometry) is not None:
        altered["as_note"] += 1
        kind = "note"
    seen_ns = _moment_ns(told.get("seen_at"))
    if seen_ns is None or seen_ns > asking.now_ns + _LATE_NS:
        altered["undated"] += 1
        seen_ns = None
    good_s = _within(told.get("expires_s"), SHORTEST_S, LONGEST_S)
    depth_m = _within(told.get("depth_m"), 0.0, DEEPEST_M)
    return AddMark(
        mark_id="",
        kind=kind,
        geometry=geometry,
        name=_words(told.get("name")),
        by=_words(told.get("by")) or asking.by,
        source=_words(told.get("source")) or asking.source,
        state="confirmed" if told.get("state") == STATES[1] else "reported",
        expires_s=GOOD_S[kind] if good_s is None else good_s,
        seen_ns=seen_ns,
        depth_m=depth_m if kind == "water_depth" else None,
    )


def _within(value: object, least: float, most: float) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        return None
    return float(value)


def _words(value: object) -> str:
    """A stranger's words: one line of what can be shown, no longer than a mark's words."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    return "".join(one if one.isprintable() else " " for one in str(value)[: 4 * WORDS]).strip()[:WORDS]


def _moment_ns(value: object) -> int | None:
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return None if moment.tzinfo is None else (moment - _EPOCH) // _MICROSECOND * 1000


def _identity(given: object, order: AddMark, told: dict[str, Any]) -> str:
    """Of a mark we wrote its own id, else one made of what it says: reading a file twice adds nothing twice."""
    if isinstance(given, str) and told.get("kind") in KINDS and given.isascii() and given.isprintable():
        return given[:64]
    said = repr((order.kind, order.name, order.geometry))
    return f"file-{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:16]}"
