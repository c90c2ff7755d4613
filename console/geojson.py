"""Marks and roads as GeoJSON and back.  Pure; what is read may come from anybody.

**Source:** RFC 7946 (2016): WGS-84 longitude before latitude, rings closed and outer rings counter-clockwise; the older
``crs`` member (GeoJSON 2008) is honoured where it names WGS-84 or CGCS2000 and refused where it names anything else.
**Assumed:** a file without ``crs`` means what the RFC says, unless the person who reads it in says otherwise.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

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
from console.picture import Mode, Picture, Text
from console.road_facts import LINE_VERTICES, ROADS, Road, is_line
from console.road_features import DIGITS, id_of, is_road, order_of, written
from console.road_orders import AddRoad
from console.told import Asking, Shift, is_number, iso, past_ns, within, words
from console.trouble import OperatorError

MOST_BYTES = 5_000_000
MOST_FEATURES = 5_000
_PLAIN: dict[str, tuple[MarkShape, bool]] = {
    "Point": ("point", False),
    "LineString": ("line", False),
    "Polygon": ("area", False),
    "MultiPoint": ("point", True),
    "MultiLineString": ("line", True),
    "MultiPolygon": ("area", True),
}

# ---- out


def write(picture: Picture, *, at_ns: int) -> bytes:
    """Its marks and roads as one FeatureCollection, as of ``at_ns``; every feature says whether it is of a drill."""
    mode = picture.mode
    features = [_mark(mark, mode, at_ns) for mark in picture.marks]
    features += [_road(road, picture, at_ns) for road in picture.roads]
    whole = {"type": "FeatureCollection", "mode": mode, "at": iso(at_ns), "datum": "WGS-84", "features": features}
    return msgspec.json.format(msgspec.json.encode(whole), indent=1) + b"\n"


def _road(road: Road, picture: Picture, at_ns: int) -> dict[str, Any]:
    told = written(road, mode=picture.mode, at_ns=at_ns, post=picture.incident.post)
    geometry = _written(Geometry(shape="line", vertices=road.line))
    return {"type": "Feature", "id": road.id, "geometry": geometry, "properties": told}


def _mark(mark: MapMark, mode: Mode, at_ns: int) -> dict[str, Any]:
    told = {
        "kind": mark.kind,
        "name": mark.name,
        "mode": mode,
        "by": mark.by,
        "source": mark.source,
        "state": mark.state,
        "depth_m": mark.depth_m,
        "added_at": iso(mark.added_ns),
        "seen_at": iso(mark.seen_ns),
        "confirmed_at": iso(mark.confirmed_ns),
        "confirmed_by": mark.confirmed_by,
        "expires_s": mark.expires_s,
        "expires_at": iso(mark.expires_ns),
        "is_unknown": is_unknown(mark, at_ns),
    }
    return {"type": "Feature", "id": mark.id, "geometry": _written(mark.geometry), "properties": told}


def _written(geometry: Geometry) -> dict[str, Any]:
    corners = [[round(v.lon_deg, DIGITS), round(v.lat_deg, DIGITS)] for v in geometry.vertices]
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


# ---- in


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a file holds: orders that would add it, and in how many cases it was not taken as it stands.

    The reasons of ``left_out`` are ``geometry_type degrees vertices length drill full``, those of ``altered``
    ``as_note holes undated doubted``.
    """

    orders: tuple[AddMark | AddRoad, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    altered: tuple[tuple[str, int], ...] = ()


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
    marks: dict[str, AddMark] = {}
    roads: dict[str, AddRoad] = {}
    for feature in features:
        for order in _orders(feature, asking, (left_out, altered), is_drill=whole.get("mode") == "drill"):
            if isinstance(order, AddRoad):
                left_out["full"] += not _keep(roads, order.road_id, order, ROADS)
            else:
                left_out["full"] += not _keep(marks, order.mark_id, order, MARKS)
    return Reading(orders=(*marks.values(), *roads.values()), left_out=_counted(left_out), altered=_counted(altered))


Kept = TypeVar("Kept", AddMark, AddRoad)


def _keep(kept: dict[str, Kept], order_id: str, order: Kept, most: int) -> bool:
    """Take it, a later one of the same id in the place of the first; whether there was room."""
    if len(kept) >= most and order_id not in kept:
        return False
    kept[order_id] = order
    return True


def _counted(tally: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple((reason, count) for reason, count in sorted(tally.items()) if count)


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
        raise _refusal("crs", name=words(name) or "?")


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


def _orders(feature: object, asking: Asking, tally: Tally, *, is_drill: bool) -> Iterator[AddMark | AddRoad]:
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
        given = feature.get("id")
        if shape == "line" and is_road(told):
            if not is_line(vertices):
                left_out["vertices" if len(vertices) > LINE_VERTICES else "length"] += 1
                continue
            road = order_of(told, vertices, asking, altered)
            yield replace(road, road_id=_numbered(_own_id(given) or id_of(road), number))
            continue
        order = _order(told, Geometry(shape=shape, vertices=vertices), asking, altered)
        mark_id = (_own_id(given) if told.get("kind") in KINDS else "") or _made_id(order)
        yield replace(order, mark_id=_numbered(mark_id, number))


def _vertices(part: object, shape: MarkShape, to_wgs84: Shift) -> tuple[tuple[Vertex, ...], str]:
    """The corners, and what is wrong with them if anything."""
    places: object = [part] if shape == "point" else part
    if shape == "area":
        places = part[0] if isinstance(part, list) and part else None
    if not isinstance(places, list) or len(places) > VERTICES + 1:
        return (), "vertices"
    found: list[Vertex] = []
    for place in places:
        if not (isinstance(place, list) and len(place) >= 2 and all(is_number(one) for one in place[:2])):
            return (), "degrees"
        lon_deg, lat_deg = float(place[0]), float(place[1])
        if not is_on_earth(lat_deg, lon_deg):
            return (), "degrees"
        found.append(Vertex(*to_wgs84(lat_deg, lon_deg)))
    if shape == "area" and len(found) > 1 and found[0] == found[-1]:
        found.pop()
    fault = geometry_fault("note", Geometry(shape=shape, vertices=tuple(found)))
    return tuple(found), fault or ""


def _order(told: dict[str, Any], geometry: Geometry, asking: Asking, altered: Counter[str]) -> AddMark:
    wanted = told.get("kind")
    kind: MarkKind = cast("MarkKind", wanted) if wanted in KINDS else "note"
    if kind != wanted or geometry_fault(kind, geometry) is not None:
        altered["as_note"] += 1
        kind = "note"
    seen_ns = past_ns(told.get("seen_at"), asking)
    if seen_ns is None:
        altered["undated"] += 1
    good_s = within(told.get("expires_s"), SHORTEST_S, LONGEST_S)
    depth_m = within(told.get("depth_m"), 0.0, DEEPEST_M)
    return AddMark(
        mark_id="",
        kind=kind,
        geometry=geometry,
        name=words(told.get("name")),
        by=words(told.get("by")) or asking.by,
        source=words(told.get("source")) or asking.source,
        state="confirmed" if told.get("state") == STATES[1] else "reported",
        expires_s=GOOD_S[kind] if good_s is None else good_s,
        seen_ns=seen_ns,
        depth_m=depth_m if kind == "water_depth" else None,
        read_by=asking.by,
    )


def _own_id(given: object) -> str:
    """The id of a feature that we may have written, else nothing."""
    return given[:64] if isinstance(given, str) and given.isascii() and given.isprintable() else ""


def _made_id(order: AddMark) -> str:
    """Made of what it says: reading a file twice adds nothing twice."""
    said = repr((order.kind, order.name, order.geometry))
    return f"file-{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:16]}"


def _numbered(one_id: str, number: int) -> str:
    return f"{one_id}-{number}" if number else one_id
