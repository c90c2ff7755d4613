"""**Source:** RFC 7946 (2016), sections 3.1, 4 and 5 for the form; the examples below are written after it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console import drawn_files, geojson
from console.commands import dispatch
from console.geojson import MOST_BYTES, Reading
from console.journal import store
from console.journal.store import Tail
from console.journal.writer import Writer
from console.map_marks import KINDS, SHAPES, Geometry, MapMark, Vertex
from console.orders import AddMark
from console.picture import Mode
from console.queries import DrawnFilePage, DrawnFileRequest
from console.told import Asking
from console.trouble import OperatorError
from devices.driver import NS_PER_S
from tests.console.door import START_NS, Door
from tests.console.test_marks import FIELD, ROUTE, adding

ASKING = Asking(by="通信班", source="水务局.geojson", now_ns=START_NS, mode="live")


def reading(whole: Any, asking: Asking = ASKING) -> Reading:
    return geojson.read(json.dumps(whole).encode(), asking)


def marks(found: Reading) -> list[AddMark]:
    assert all(isinstance(order, AddMark) for order in found.orders)
    return [order for order in found.orders if isinstance(order, AddMark)]


def feature(form: str, coordinates: Any, /, **told: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": form, "coordinates": coordinates}, "properties": told}


def collection(*features: Any, **members: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **members}


def known(door: Door) -> tuple[MapMark, ...]:
    return door.picture().marks


# ---- there and back


degrees = st.tuples(st.integers(-89_0000000, 89_0000000), st.integers(-179_0000000, 179_0000000))
vertices = st.lists(degrees.map(lambda p: Vertex(p[0] / 1e7, p[1] / 1e7)), min_size=3, max_size=6, unique=True)


@st.composite
def orders(draw: st.DrawFn) -> AddMark:
    kind = draw(st.sampled_from(KINDS))
    shape = draw(st.sampled_from(SHAPES[kind]))
    corners = tuple(draw(vertices))
    return adding(
        kind=kind,
        geometry=Geometry(shape=shape, vertices=corners[:1] if shape == "point" else corners),
        name=draw(st.text("桥水ABC 12", max_size=8)).strip(),
        state=draw(st.sampled_from(["reported", "confirmed"])),
        expires_s=draw(st.sampled_from([60.0, 3600.0, 86400.0])),
        seen_ns=draw(st.one_of(st.none(), st.integers(0, START_NS // NS_PER_S).map(lambda s: s * NS_PER_S))),
        depth_m=draw(st.one_of(st.none(), st.just(1.25))),
    )


@settings(max_examples=60, deadline=None)
@given(orders())
def test_a_mark_written_and_read_again_is_the_same_mark_with_the_same_age(order: AddMark) -> None:
    door, other = Door(), Door()
    door.order(order)
    (before,) = known(door)
    text = geojson.write(door.picture(), at_ns=door.at_ns)
    for again in geojson.read(text, ASKING).orders:
        other.order(again)
    (after,) = known(other)
    if before.geometry.shape == "area":
        # The outer ring is turned as RFC 7946 wants it.
        assert set(after.geometry.vertices) == set(before.geometry.vertices)
    else:
        assert after.geometry == before.geometry
    for name in ("id", "kind", "name", "by", "source", "state", "depth_m", "seen_ns", "expires_ns", "is_expired"):
        assert getattr(after, name) == getattr(before, name), name


def test_what_is_written_is_what_the_rfc_asks_for() -> None:
    door = Door()
    door.order(adding("wet", kind="hazard_area", geometry=FIELD, seen_ns=START_NS))
    shown = replace(door.picture(), mode="drill")
    whole = json.loads(geojson.write(shown, at_ns=START_NS + 3600 * NS_PER_S))
    (one,) = whole["features"]
    (ring,) = one["geometry"]["coordinates"]
    assert ring[0] == ring[-1], "a ring is closed"
    assert ring[0][0] > 100, "longitude first"
    turns = sum((b[0] - a[0]) * (b[1] + a[1]) for a, b in pairwise(ring))
    assert turns < 0, "an outer ring goes counter-clockwise"
    assert (whole["mode"], one["properties"]["mode"], whole["datum"]) == ("drill", "drill", "WGS-84")
    assert one["properties"]["is_unknown"] is True
    assert one["properties"]["seen_at"] == "2025-07-20T08:26:40.000+00:00"
    assert "crs" not in whole


# ---- what others write


def test_a_strangers_point_becomes_a_note_of_unknown_time_that_was_only_reported() -> None:
    found = reading(collection(feature("Point", [113.741, 34.396], name="涵洞", state="certain")))
    (order,) = marks(found)
    assert (order.kind, order.state, order.seen_ns) == ("note", "reported", None)
    assert order.geometry.vertices == (Vertex(34.396, 113.741),)
    assert (order.by, order.source) == ("通信班", "水务局.geojson")
    assert dict(found.altered) == {"as_note": 1, "undated": 1}


def test_a_polygon_is_never_taken_for_a_hazard_that_nobody_said() -> None:
    ring = [[113.7, 34.3], [113.8, 34.3], [113.8, 34.4], [113.7, 34.3]]
    (order,) = reading(feature("Polygon", [ring], hazard=True)).orders
    assert order.kind == "note"
    (order,) = reading(feature("Polygon", [ring], kind="hazard_area")).orders
    assert order.kind == "hazard_area"


def test_a_hole_is_told_and_what_lies_in_it_counts_as_inside() -> None:
    ring = [[113.7, 34.3], [113.8, 34.3], [113.8, 34.4], [113.7, 34.3]]
    found = reading(feature("Polygon", [ring, ring], kind="hazard_area", seen_at="2025-07-20T08:00:00Z"))
    assert dict(found.altered) == {"holes": 1}
    assert len(marks(found)[0].geometry.vertices) == 3


def test_a_time_in_the_future_or_without_a_zone_is_no_time() -> None:
    for said in ("2025-07-21T08:00:00Z", "2025-07-20T08:00:00", "yesterday", 17, None):
        (order,) = reading(feature("Point", [113.7, 34.3], kind="note", seen_at=said)).orders
        assert order.seen_ns is None, said


def test_reading_a_file_twice_adds_nothing_twice() -> None:
    whole = collection(feature("MultiPoint", [[113.7, 34.3], [113.8, 34.4]], name="井", kind="note"))
    door = Door()
    for _ in range(2):
        for order in reading(whole).orders:
            door.order(order)
    assert len(known(door)) == 2


def test_marks_of_a_drill_never_enter_a_real_incident() -> None:
    one = feature("Point", [113.7, 34.3], kind="helipad")
    other = feature("Point", [113.7, 34.3], kind="helipad", mode="drill")
    for whole in (collection(one, mode="drill"), collection(other)):
        found = reading(whole)
        assert (found.orders, found.left_out) == ((), (("drill", 1),))
        drill: Mode = "drill"
        asking = Asking(by="", source="", now_ns=START_NS, mode=drill)
        assert len(reading(whole, asking).orders) == 1


def test_another_datum_is_shifted_before_anything_is_kept() -> None:
    asking = Asking(by="", source="", now_ns=START_NS, mode="live", to_wgs84=lambda lat, lon: (lat + 1, lon - 1))
    (order,) = marks(reading(feature("Point", [114.0, 34.0]), asking))
    assert order.geometry.vertices == (Vertex(35.0, 113.0),)


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4490"])
def test_an_old_crs_that_is_wgs84_is_taken(name: str) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    assert reading(collection(feature("Point", [113.7, 34.3]), crs=crs)).orders


# ---- hostile


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"", "geojson.not_json"),
        (b"\xff\xfe\x00garbage", "geojson.not_json"),
        (b"[" * 200_000, "geojson.not_json"),
        (b'{"type":' * 50_000, "geojson.not_json"),
        (b'{"type": "FeatureCollection", "features": [1e999]}', "geojson.not_json"),
        (b"[1, 2]", "geojson.not_geojson"),
        (b'{"type": 7}', "geojson.not_geojson"),
        (b'{"type": "Topology", "objects": {}}', "geojson.not_geojson"),
        (b'{"type": "FeatureCollection", "features": 3}', "geojson.not_geojson"),
        (b" " * (MOST_BYTES + 1), "geojson.large"),
        (b'{"type": "FeatureCollection", "features": [' + b"0," * 6_000 + b"0]}", "geojson.many"),
        (b'{"type": "Feature", "crs": {"type": "name", "properties": {"name": "EPSG:3857"}}}', "geojson.crs"),
        (b'{"type": "Feature", "crs": 4547}', "geojson.crs"),
    ],
)
def test_what_is_no_geojson_is_a_sentence(octets: bytes, reason: str) -> None:
    with pytest.raises(OperatorError) as caught:
        geojson.read(octets, ASKING)
    assert caught.value.text.id == reason


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        [],
        {"type": "GeometryCollection", "geometries": []},
        {"type": "Point"},
        {"type": "Point", "coordinates": [113.7]},
        {"type": "Point", "coordinates": ["113.7", "34.3"]},
        {"type": "Point", "coordinates": [True, False]},
        {"type": "Point", "coordinates": [476152.8, 3807612.9]},
        {"type": "Point", "coordinates": [10**400, 1]},
        {"type": "LineString", "coordinates": [[113.7, 34.3]]},
        {"type": "LineString", "coordinates": [[113.7, 34.3]] * 1_002},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[113.7, 34.3]]},
        {"type": "MultiPolygon", "coordinates": 5},
    ],
)
def test_a_geometry_that_is_none_is_left_out_and_counted(geometry: Any) -> None:
    good = feature("Point", [113.7, 34.3])
    found = reading(collection({"type": "Feature", "geometry": geometry, "properties": {}}, good))
    assert len(found.orders) == 1
    assert sum(count for _, count in found.left_out) == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(
    geometry=json_values,
    told=st.dictionaries(st.sampled_from(["kind", "name", "seen_at", "expires_s", "depth_m", "mode"]), json_values),
    kind=st.sampled_from(["Point", "Polygon", "MultiLineString", "X"]),
)
def test_whatever_a_file_holds_is_read_or_refused_in_words(geometry: Any, told: dict[str, Any], kind: str) -> None:
    whole = collection(feature(kind, geometry, **told), {"id": geometry, "geometry": {"type": kind}}, geometry)
    door = Door()
    for order in geojson.read(msgspec.json.encode(whole), ASKING).orders:
        door.order(order)
    assert not [effect for effect in door.effects if type(effect).__name__ == "FaultFound"]


def test_a_name_from_a_file_is_one_short_line() -> None:
    (order,) = reading(feature("Point", [113.7, 34.3], name="a\nb\x00\u202e" + "水" * 500)).orders
    assert order.name.isprintable()
    assert len(order.name) <= 80


def test_more_marks_than_there_is_room_for_are_counted() -> None:
    found = reading(collection(*(feature("Point", [113 + n / 1e4, 34.3]) for n in range(600))))
    assert (len(found.orders), dict(found.left_out)) == (500, {"full": 100})


def test_a_file_that_cannot_be_read_is_a_sentence_and_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("nowhere", "pipe", "."):
        request = DrawnFileRequest(file=tmp_path / name, by="", now_ns=0, mode="live")
        page = drawn_files.answer(request)
        assert isinstance(page, DrawnFilePage)
        assert page.trouble is not None
        assert page.trouble.text.id == "geojson.unreadable"


# ---- the command


def test_the_marks_of_a_journal_are_exported_as_they_stood(tmp_path: Path) -> None:
    folder = recorded(tmp_path / "incident")
    out = tmp_path / "marks.geojson"
    assert dispatch(["export", str(folder), "--to", "geojson", str(out)]) == 0
    whole = json.loads(out.read_text(encoding="utf-8"))
    assert [one["id"] for one in whole["features"]] == ["k1", "out"]
    assert out.stat().st_mode & 0o077 == 0
    assert dispatch(["export", str(folder), "--to", "geojson", "--until", "+5s", str(out)]) == 0
    assert [one["id"] for one in json.loads(out.read_text(encoding="utf-8"))["features"]] == ["k1"]
    assert dispatch(["export", str(folder), "--to", "geojson", "--until", "2001-01-01T00:00:00Z", str(out)]) == 0
    assert json.loads(out.read_text(encoding="utf-8"))["features"] == []


def recorded(folder: Path) -> Path:
    """A journal of an incident with two marks, the second ten seconds after the first."""
    door = Door()
    door.wait(1)
    door.order(adding())
    door.wait(10)
    door.order(adding("out", kind="retreat_route", geometry=ROUTE))
    store.prepare_folder(folder)
    writer = Writer(folder, Tail(), store.connect(folder), on_commit=lambda _: None, on_trouble=lambda _: None)
    writer.start()
    for record in door.records:
        writer.put(record)
    assert writer.close()
    return folder
