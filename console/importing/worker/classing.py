"""What a feature is on our map, and how important: from OSM's tags, from Geofabrik's classes, from names of layers.

Rank 0 is seen from afar, 4 close by only.

**Source:** OpenStreetMap wiki, Map features (highway, waterway, railway, place, boundary with ``admin_level`` 4
province, 5 city, 6 county, 8 township in China); Geofabrik, OpenStreetMap data in layered GIS format (``fclass``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from console.importing.job import FeatureKind

Shape = Literal["point", "line", "area"]
Class = tuple[FeatureKind, int]

NAMES = ("name", "名称", "地名", "mc", "name_chn", "namechn", "label", "text", "标注", "dlmc", "xzqmc")
TAGS = ("highway", "waterway", "railway", "boundary", "admin_level", "place", "natural", "landuse", "fclass")
_LAYERS = ("layer", "folder", "类型", "type", "class")
WANTED = frozenset((*NAMES, *TAGS, *_LAYERS))

_ROADS = {
    "motorway": 0,
    "trunk": 0,
    "motorway_link": 1,
    "trunk_link": 1,
    "primary": 1,
    "primary_link": 2,
    "secondary": 2,
    "secondary_link": 2,
    "tertiary": 3,
    "tertiary_link": 3,
    "unclassified": 4,
    "residential": 4,
    "living_street": 4,
    "service": 4,
    "track": 4,
    "road": 4,
}
_ROADS |= {f"track_grade{grade}": 4 for grade in range(1, 6)}
_WATERWAYS = {"river": 1, "canal": 2, "stream": 4, "ditch": 4, "drain": 4}
_PLACES = {
    "city": 0,
    "national_capital": 0,
    "county": 1,
    "town": 1,
    "district": 1,
    "borough": 1,
    "suburb": 2,
    "township": 2,
    "village": 3,
    "quarter": 3,
    "neighbourhood": 4,
    "hamlet": 4,
    "isolated_dwelling": 4,
    "locality": 4,
}
_WATERS = frozenset({"water", "reservoir", "wetland", "riverbank", "river", "lake", "basin", "bay"})
_RAILWAYS = frozenset({"rail", "light_rail", "subway", "narrow_gauge", "tram"})

_KEYWORDS: tuple[tuple[FeatureKind, tuple[str, ...]], ...] = (
    ("rail", ("铁路", "rail")),
    ("road", ("道路", "公路", "road", "street", "highway", "lrdl")),
    ("boundary", ("境界", "行政", "边界", "区划", "boundar", "admin", "boul", "boua")),
    ("water", ("水面", "湖", "水库", "lake", "reservoir", "hyda")),
    ("river", ("水系", "河", "渠", "river", "water", "hydl")),
    ("name", ("地名", "居民地", "place", "agnp", "aanp")),
)


def classify(words: Mapping[str, str], hint: str, shape: Shape, *, is_osm: bool) -> Class | None:
    """Kind and rank; ``None``: nothing that this map shows (of OSM: houses, shops, fields).

    ``words`` are the feature's attributes by lower-case name, ``hint`` the names of file and layer.
    """
    found = _by_tags(words, shape) or _by_class(words.get("fclass", ""), shape)
    if found is not None or is_osm:
        return found
    return _by_keywords(" ".join((hint, *(words.get(key, "") for key in _LAYERS))), shape)


def _by_tags(words: Mapping[str, str], shape: Shape) -> Class | None:
    if shape == "point":
        rank = _PLACES.get(words.get("place", ""))
        return None if rank is None else ("name", rank)
    if words.get("boundary") == "administrative" or ("admin_level" in words and "boundary" not in words):
        return "boundary", _boundary_rank(words.get("admin_level", ""))
    if shape == "area":
        is_water = words.get("natural") in _WATERS or words.get("landuse") in _WATERS
        return ("water", 1) if is_water else None
    return _line(words.get("highway", ""), words.get("waterway", ""), words.get("railway", ""))


def _line(highway: str, waterway: str, railway: str) -> Class | None:
    if highway in _ROADS:
        return "road", _ROADS[highway]
    if waterway in _WATERWAYS:
        return "river", _WATERWAYS[waterway]
    return ("rail", 2) if railway in _RAILWAYS else None


def _boundary_rank(level: str) -> int:
    number = int(level) if level.isascii() and level.isdigit() else 6
    return 0 if number <= 4 else 1 if number == 5 else 2 if number == 6 else 3


def _by_class(word: str, shape: Shape) -> Class | None:
    """Geofabrik's shapefiles: one word for all."""
    if shape == "point":
        rank = _PLACES.get(word)
        return None if rank is None else ("name", rank)
    if shape == "area":
        return ("water", 1) if word in _WATERS else None
    return _line(word, word, word)


def _by_keywords(text: str, shape: Shape) -> Class:
    lower = text.lower()
    for kind, keywords in _KEYWORDS:
        if any(keyword in lower for keyword in keywords) and _fits(kind, shape):
            return ("water", 1) if kind == "river" and shape == "area" else (kind, 2)
    return "other", 0


def _fits(kind: FeatureKind, shape: Shape) -> bool:
    match kind:
        case "road" | "rail":
            return shape == "line"
        case "name":
            return shape == "point"
        case "water":
            return shape == "area"
        case _:
            return shape != "point"


def name_of(words: Mapping[str, str]) -> str:
    """What it is called, at most sixty signs in one line; empty where it has no name."""
    found = next((words[key] for key in NAMES if words.get(key)), "")
    return " ".join("".join(sign if sign.isprintable() else " " for sign in found).split())[:60]
