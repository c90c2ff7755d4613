"""What others write of roads: never better known, better passable or fresher than it is written, or left out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.map_marks import LONGEST_S, SHORTEST_S, WORDS
from console.road_facts import GOOD_S, LINE_VERTICES, ROAD_KINDS, ROAD_STATES, ROADS, RoadState, standing
from devices.driver import NS_PER_S
from tests.console.test_geojson import json_values
from tests.console.test_road_features import HOUR_NS, NOW_NS, feature, iso, later, only, reading

# ---- never better known, better passable or fresher than the file says

times: st.SearchStrategy[Any] = st.sampled_from(
    [
        None, "", "yesterday", 7, True, [], "2025-07-20T08:00:00", iso(NOW_NS + 60 * NS_PER_S), iso(NOW_NS + HOUR_NS),
        iso(NOW_NS), iso(NOW_NS + 20 * NS_PER_S),
        iso(NOW_NS - HOUR_NS), iso(NOW_NS - HOUR_NS), iso(NOW_NS - 5 * HOUR_NS), "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00+14:00",
    ]
)  # fmt: skip
spans: st.SearchStrategy[Any] = st.sampled_from([None, 0, -5, 1e308, 10**40, "1", True, 60, 3600.0, 30_000])


def moment_ns(said: object) -> int | None:
    """Read in another way than the code does."""
    if not isinstance(said, str) or "T" not in said or not said.endswith(("+00:00", "Z", "+14:00")):
        return None
    moment = dt.datetime.strptime(said.replace("Z", "+00:00"), "%Y-%m-%dT%H:%M:%S%z")
    return round(moment.astimezone(dt.UTC).timestamp()) * NS_PER_S if moment.year > 1 else -62_135_647_200 * NS_PER_S


def past_ns(said: object) -> int | None:
    at_ns = moment_ns(said)
    return at_ns if at_ns is not None and at_ns <= NOW_NS + 5 * NS_PER_S else None


BAD: dict[RoadState, int] = {"open": 0, "difficult": 1, "closed": 2, "unknown": 3}


@settings(max_examples=150, deadline=None)
@given(
    said=st.fixed_dictionaries(
        {"state": st.sampled_from(ROAD_STATES), "kind": st.sampled_from(ROAD_KINDS)},
        optional={
            "seen_at": times,
            "passed_at": times,
            "since_at": times,
            "expires_at": times,
            "forecast_at": times,
            "expires_s": spans,
            "reported_state": st.sampled_from([None, 7, "certain", *ROAD_STATES]),
            "is_unknown": st.sampled_from([None, True, False, "no"]),
        },
    )
)
def test_a_road_from_a_file_is_never_surer_or_fresher_than_the_file(said: dict[str, Any]) -> None:
    door = later()
    door.order(only(reading(feature(**said))))
    one = door.picture().roads[0]
    judged = standing(one, door.at_ns)
    dates = [at_ns for at_ns in (past_ns(said.get("seen_at")), past_ns(said.get("passed_at"))) if at_ns is not None]
    if not dates or said["state"] == "unknown" or said.get("is_unknown") is True:
        assert judged.state == "unknown"
    if judged.state != "unknown":
        assert BAD[judged.state] >= BAD[said["state"]]
        assert judged.last_ns is not None
        assert judged.last_ns in [min(at_ns, NOW_NS) for at_ns in dates]
        assert judged.until_ns is not None
        until_ns = moment_ns(said.get("expires_at"))
        assert until_ns is None or judged.until_ns <= until_ns
        good_s = said.get("expires_s")
        if isinstance(good_s, int | float) and not isinstance(good_s, bool) and 60 <= good_s <= 1e6:
            assert judged.until_ns <= judged.last_ns + good_s * NS_PER_S
        if good_s is None:
            assert judged.until_ns <= judged.last_ns + GOOD_S[one.kind] * NS_PER_S
        foretold_ns = moment_ns(said.get("forecast_at"))
        assert said.get("forecast_at") is None or foretold_ns is not None
        if foretold_ns is not None and judged.last != "closed" and foretold_ns > judged.last_ns:
            assert judged.until_ns <= foretold_ns
    assert not [effect for effect in door.effects if type(effect).__name__ == "FaultFound"]


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            ["name", "by", "source", "is_exit", "reported_state", "is_unknown", "seen_at", "since_at", "passed_by",
             "passed_at", "expires_s", "expires_at", "forecast", "forecast_at", "drawn_at", "drawn_by", "mode"]
        ),
        json_values,
        max_size=8,
    )
)  # fmt: skip
def test_whatever_stands_in_a_road_it_is_a_road_or_nothing(said: dict[str, Any]) -> None:
    door = later()
    for order in reading({"id": said.get("name"), **feature(**said)}).orders:
        door.order(order)
    for one in door.picture().roads:
        assert one.name.isprintable()
        assert max(map(len, (one.name, one.forecast, one.drawn_by))) <= WORDS
        assert SHORTEST_S <= one.expires_s <= LONGEST_S
        assert standing(one, door.at_ns).state == "unknown", "no time was told"
    assert not [effect for effect in door.effects if type(effect).__name__ == "FaultFound"]


def test_what_was_proven_comes_with_its_time_and_what_has_none_stays_unknown() -> None:
    at_ns = NOW_NS - HOUR_NS
    found = reading(feature(seen_at=iso(at_ns), source="民兵连", by="李"))
    order = only(found)
    assert (order.state, order.seen_ns, order.source, order.by) == ("open", at_ns, "民兵连", "李")
    assert found.altered == ()
    found = reading(feature())
    order = only(found)
    assert (order.state, order.seen_ns, order.passage, found.altered) == ("unknown", None, None, (("undated", 1),))


def test_what_a_file_denies_itself_is_unknown_and_counted() -> None:
    at, now = iso(NOW_NS - HOUR_NS), iso(NOW_NS)
    denials: list[dict[str, Any]] = [
        {"state": "unknown", "reported_state": "open"},
        {"is_unknown": True},
        {"expires_at": now, "seen_at": now},
        {"expires_at": "18 时"},
        {"forecast_at": "18 时"},
    ]
    for said in denials:
        found = reading(feature(**{"seen_at": at, **said}))
        assert (only(found).seen_ns, found.altered) == (None, (("doubted", 1),)), said
    found = reading(feature(state="closed", passed_at=at, seen_at=iso(NOW_NS - 2 * HOUR_NS)))
    assert (only(found).state, only(found).passage, found.altered) == ("closed", None, (("doubted", 1),))


def test_a_file_that_says_until_when_it_is_good_is_good_until_then() -> None:
    order = only(reading(feature(seen_at=iso(NOW_NS - HOUR_NS), expires_at=iso(NOW_NS + HOUR_NS))))
    assert (order.state, order.expires_s) == ("open", 7200.0)


def test_a_way_out_is_one_only_where_the_file_says_so_plainly() -> None:
    assert only(reading(feature(is_exit=True, state="unknown"))).is_exit
    assert not only(reading(feature(is_exit="yes", state="unknown"))).is_exit


# ---- what is a road and what is not


@pytest.mark.parametrize("said", [{"state": None}, {"state": "fine"}, {"kind": "river"}, {"kind": ["road"]}])
def test_a_line_that_does_not_say_how_the_road_is_stays_a_note(said: dict[str, Any]) -> None:
    found = reading(feature(**said))
    assert [type(order).__name__ for order in found.orders] == ["AddMark"]


@pytest.mark.parametrize(
    ("places", "reason"),
    [
        ([[113.74, 34.4], [113.74001, 34.4]], "length"),
        ([[113.74, 34.4], [118.0, 34.4]], "length"),
        ([[113.74 + n / 1e4, 34.4] for n in range(LINE_VERTICES + 1)], "vertices"),
        ([[113.74, 34.4], [113.74, 94.4]], "degrees"),
        ([[113.74, 34.4]], "vertices"),
    ],
)
def test_what_cannot_be_the_line_of_a_road_is_left_out_and_counted(places: list[list[float]], reason: str) -> None:
    one = feature()
    one["geometry"]["coordinates"] = places
    found = reading(one)
    assert (found.orders, found.left_out) == ((), ((reason, 1),))


def test_each_part_of_a_road_in_several_is_a_road_and_roads_are_bounded() -> None:
    parts = [[[113.7 + n / 1e3, 34.4], [113.7 + n / 1e3, 34.41]] for n in range(ROADS + 5)]
    one = feature()
    one["geometry"] = {"type": "MultiLineString", "coordinates": parts}
    found = reading({"id": "x", **one})
    assert (len(found.orders), found.left_out) == (ROADS, (("full", 5),))
    door = later()
    for order in found.orders:
        door.order(order)
    assert len(door.picture().roads) == ROADS


def test_roads_of_a_drill_never_enter_a_real_incident() -> None:
    assert reading(feature(mode="drill")).left_out == (("drill", 1),)
