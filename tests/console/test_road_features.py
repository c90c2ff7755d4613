"""Roads to GeoJSON and back: the same, or less sure.  GDAL and a JSON Schema read what we wrote, too."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from console import geojson
from console.geojson import Reading
from console.map_marks import Vertex
from console.orders import Undo
from console.road_facts import (
    ROAD_KINDS,
    ROAD_STATES,
    Passage,
    Report,
)
from console.road_features import news
from console.road_orders import AddRoad, RedrawRoad, ReportRoad
from console.told import Asking
from devices.driver import NS_PER_S
from tests.console.door import START_NS, Door, assert_same_from_every
from tests.console.road_rig import BRIDGE, EAST, LINE, NORTH, WEST, driving, report, road, state, vehicle
from tests.console.test_drawn import AWAY, MINE
from tests.console.test_marks import adding

HOUR_NS = 3600 * NS_PER_S
NOW_NS = START_NS + 24 * HOUR_NS
ASKING = Asking(by="通信班", source="邻县.geojson", now_ns=NOW_NS, mode="live")
PLACES = [[113.74, 34.4], [113.745, 34.4], [113.75, 34.4]]


def later(*roads: Any) -> Door:
    """An incident of a day's length."""
    door = Door(vehicle(*roads))
    door.at_ns = NOW_NS
    return door


def written(door: Door) -> bytes:
    return geojson.write(door.picture(), at_ns=door.at_ns)


def feature(**said: Any) -> dict[str, Any]:
    properties = {"kind": "bridge", "name": "石桥", "state": "open", **said}
    return {"type": "Feature", "geometry": {"type": "LineString", "coordinates": PLACES}, "properties": properties}


def reading(*features: Any, asking: Asking = ASKING) -> Reading:
    return geojson.read(msgspec.json.encode({"type": "FeatureCollection", "features": list(features)}), asking)


def only(found: Reading) -> AddRoad:
    (order,) = found.orders
    assert isinstance(order, AddRoad)
    return order


def iso(at_ns: int) -> str:
    return (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=at_ns // 1000)).isoformat()


def taken(door: Door, octets: bytes, asking: Asking = ASKING) -> None:
    """What the panel gives as orders when a file is added."""
    found = geojson.read(octets, replace(asking, now_ns=door.at_ns))
    shown = door.picture()
    for order in news(found.orders, shown.marks, shown.roads):
        door.order(order)


# ---- there and back

words = st.text("桥水ABC 12", min_size=1, max_size=8).map(str.strip).filter(bool)
moments = st.integers(START_NS // 10**6, NOW_NS // 10**6).map(lambda ms: ms * 10**6)
degrees = st.tuples(st.integers(3440_0000, 3480_0000), st.integers(11370_0000, 11390_0000))
lines = st.lists(degrees.map(lambda p: Vertex(p[0] / 1e6, p[1] / 1e6)), min_size=2, max_size=6, unique=True)


@st.composite
def roads(draw: st.DrawFn) -> AddRoad:
    seen_ns = draw(st.none() | moments)
    return AddRoad(
        road_id=draw(st.sampled_from(["r-1", "bridge", "file-7"])),
        name=draw(words),
        kind=draw(st.sampled_from(ROAD_KINDS)),
        line=tuple(draw(lines)),
        is_exit=draw(st.booleans()),
        by=draw(words | st.just("")),
        expires_s=draw(st.sampled_from([60.0, 90.5, 3600.0, 86400.0, 2_592_000.0])),
        state="unknown" if seen_ns is None else draw(st.sampled_from(ROAD_STATES)),
        source="" if seen_ns is None else draw(words | st.just("")),
        seen_ns=seen_ns,
        since_ns=seen_ns if seen_ns is None else draw(moments.map(lambda ns: min(ns, seen_ns))),
        forecast=draw(words | st.just("")),
        forecast_ns=draw(st.none() | moments.map(lambda ns: ns + 12 * HOUR_NS)),
        passage=draw(st.none() | st.builds(Passage, team_id=st.just(""), name=words | st.just(""), at_ns=moments)),
        drawn_ns=draw(st.none() | moments),
        drawn_by=draw(words | st.just("")),
    )


@settings(max_examples=60, deadline=None)
@given(roads())
def test_a_road_written_and_read_again_is_the_same_road_with_the_same_age(order: AddRoad) -> None:
    door, other = later(), later()
    door.order(order)
    taken(other, written(door))
    assert door.picture().roads == other.picture().roads
    assert len(door.picture().roads) <= 1


def test_what_the_file_and_people_and_vehicles_said_comes_through_to_another_post() -> None:
    door, drive = driving(NORTH, replace(BRIDGE, state="closed", source="民兵连", seen_ns=START_NS))
    drive.along(WEST, EAST)
    door.order(report("bridge", "difficult", seen_ns=door.at_ns, forecast="18 时上桥面", forecast_ns=NOW_NS))
    door.wait(60)
    door.order(report("bridge", "difficult", seen_ns=door.at_ns))
    door.order(RedrawRoad(road_id="bridge", line=AWAY, by="王磊"))
    other = Door(vehicle())
    other.at_ns = door.at_ns
    taken(other, written(door))
    for road_id in ("north", "bridge"):
        before, after = road(door, road_id), road(other, road_id)
        passage = before.passage
        if passage is not None:
            assert passage.team_id is None
            passage = Passage(team_id="", name="新郑-指01", at_ns=passage.at_ns)
        assert after == replace(before, passage=passage, is_added=True)
    assert state(other) == "open"


def test_this_vehicle_of_another_post_is_not_this_vehicle() -> None:
    order = only(reading(feature(passed_at=iso(NOW_NS - HOUR_NS))))
    assert order.passage == Passage(team_id="", name="", at_ns=NOW_NS - HOUR_NS)


def test_a_file_replays_from_everywhere_and_is_taken_back_by_who_read_it_in() -> None:
    door, drive = driving(NORTH, BRIDGE)
    drive.along(WEST, EAST, steps=6)
    door.order(MINE)
    door.order(adding())
    octets = written(door)
    other = Door(vehicle(BRIDGE))
    other.at_ns = door.at_ns
    taken(other, octets)
    assert [one.id for one in other.picture().roads] == ["bridge", "north", "r1"]
    other.order(Undo(by="王磊"))
    last = other.picture().notices[-1].text.id
    assert last == "notice.nothing_undone", "王磊 wrote it there, he did not read it in here"
    for _ in range(3):
        other.order(Undo(by="通信班"))
    assert ([one.id for one in other.picture().roads], other.picture().marks) == (["bridge"], ())
    other.wait(1)
    assert_same_from_every(other, 2)


# ---- others read what we write

PLACE = {"type": "array", "prefixItems": [{"type": "number"}] * 2, "minItems": 2, "maxItems": 2}
MOMENT = {"type": ["string", "null"], "format": "date-time"}
SCHEMA = {
    "type": "object",
    "required": ["type", "id", "geometry", "properties"],
    "properties": {
        "type": {"const": "Feature"},
        "id": {"type": "string"},
        "geometry": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "type": {"const": "LineString"},
                "coordinates": {"type": "array", "items": PLACE, "minItems": 2},
            },
        },
        "properties": {
            "type": "object",
            "required": ["name", "state", "seen_at", "source", "passed_by", "passed_at", "expires_s", "forecast"],
            "properties": {
                "state": {"enum": list(ROAD_STATES)},
                "reported_state": {"enum": [*ROAD_STATES, None]},
                "expires_s": {"type": "number", "minimum": 60},
                **{f"{name}_at": MOMENT for name in ("seen", "since", "passed", "expires", "forecast", "drawn")},
            },
        },
    },
}
"""**Source:** RFC 7946 (2016), sections 3.1.4 and 3.2, of a feature that is a line; its properties are ours."""


def some() -> Door:
    door, drive = driving(NORTH, BRIDGE)
    drive.along(WEST, EAST)
    door.order(report("bridge", "closed", expires_s=600.0))
    return door


def test_each_feature_is_one_of_the_rfc() -> None:
    door = some()
    for one in json.loads(written(door))["features"]:
        jsonschema.Draft202012Validator(SCHEMA).validate(one)


def test_gdal_reads_the_same_lines_and_words(tmp_path: Path) -> None:
    import pyogrio  # noqa: PLC0415 - GDAL takes its time
    import shapely  # noqa: PLC0415

    file = tmp_path / "roads.geojson"
    door = some()
    file.write_bytes(written(door))
    meta, _, shapes, fields = pyogrio.raw.read(file)
    assert (meta["crs"], meta["geometry_type"]) == ("EPSG:4326", "LineString")
    assert [[tuple(place) for place in line.coords] for line in shapely.from_wkb(shapes)] == [
        [(lon_deg, lat_deg) for lat_deg, lon_deg in one.line] for one in (NORTH, BRIDGE)
    ]
    read = dict(zip(meta["fields"], fields, strict=True))
    assert list(read["name"]) == ["北环路", "观音寺桥"]
    assert list(read["state"]) == ["open", "closed"]
    assert list(read["source"]) == [None, "民兵连"]
    assert str(read["seen_at"][1]).startswith("2025-07-20")


def test_state_is_what_may_be_counted_on_when_it_was_written_and_not_what_was_once_said() -> None:
    door = later()
    door.order(replace(MINE, seen_ns=NOW_NS - 2 * HOUR_NS, expires_s=3600.0))
    (one,) = json.loads(written(door))["features"]
    said = one["properties"]
    assert (said["state"], said["is_unknown"], said["reported_state"]) == ("unknown", True, "open")


# ---- what is new of it here


def test_reading_a_file_twice_or_at_home_adds_nothing() -> None:
    door = some()
    door.order(MINE)
    before = door.picture().roads
    taken(door, written(door))
    assert door.picture().roads == before
    other = later()
    for _ in range(2):
        taken(other, msgspec.json.encode(feature(state="unknown")))
    assert len(other.picture().roads) == 1


def test_a_newer_report_of_a_road_that_is_here_is_taken_and_an_older_one_is_not() -> None:
    there, here = later(BRIDGE), later(BRIDGE)
    there.order(report("bridge", "closed", seen_ns=NOW_NS - HOUR_NS, forecast="夜里退水", expires_s=7200.0))
    taken(here, written(there))
    one = road(here, "bridge")
    seen_ns = NOW_NS - HOUR_NS
    assert one.report == Report(state="closed", by="王磊", source="民兵连", seen_ns=seen_ns, since_ns=seen_ns)
    assert (one.forecast, one.expires_s, one.is_added) == ("夜里退水", 7200.0, False)
    here.order(report("bridge", "open", seen_ns=NOW_NS, source="工程组"))
    taken(here, written(there))
    assert state(here, "bridge") == "open"


def test_another_road_of_the_same_id_is_another_road() -> None:
    there, here = later(replace(BRIDGE, name="铁路桥", line=LINE)), later(BRIDGE)
    there.order(report("bridge", "closed", seen_ns=NOW_NS))
    for _ in range(2):
        taken(here, written(there))
    ours, theirs = here.picture().roads
    assert (ours.id, ours.name, ours.report) == ("bridge", "观音寺桥", None)
    assert (theirs.name, theirs.line, state(here, theirs.id)) == ("铁路桥", LINE, "closed")
    assert theirs.id.startswith("file-")


def test_only_what_is_news_is_ordered() -> None:
    here = later(BRIDGE)
    here.order(adding(seen_ns=NOW_NS))
    found = geojson.read(written(here), ASKING)
    assert news(found.orders, here.picture().marks, here.picture().roads) == ()
    found = reading({"id": "bridge", **feature(name="观音寺桥", seen_at=iso(NOW_NS), state="closed")})
    (one,) = news(found.orders, (), here.picture().roads)
    assert isinstance(one, ReportRoad)
    assert (one.read_by, one.state) == ("通信班", "closed")
    here.order(report("bridge", "open", seen_ns=NOW_NS))
    assert news(found.orders, (), here.picture().roads) == (), "no newer than what is known"
