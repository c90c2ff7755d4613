"""Phones by HTTP: whose report it is, when it was made, in what unit, and over real wires."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.catalogue import make_driver, make_simulator
from devices.driver import NS_PER_S
from devices.drivers.osmand import Osmand
from devices.observations import Emergency, Malformed, Observation, Position, Power, Unrecognised
from devices.transports import transport_for
from tests.devices.transports.ear import Ear, until
from tests.devices.transports.test_hosting import hosted
from tests.peers import need

NOW_NS = 1_795_343_700 * NS_PER_S


def request(query: str = "", payload: object = None) -> bytes:
    body = "" if payload is None else json.dumps(payload)
    line = {"source": "x", "asked_ns": 1, "answered_ns": 1, "path": "/", "query": query, "payload": body}
    return json.dumps(line).encode()


def test_a_report_without_a_name_is_nobody_s_whoever_spoke_before() -> None:
    driver = Osmand({})
    driver.receive(request("id=7&lat=1&lon=2"), NOW_NS)
    for nobody in ("lat=1&lon=2", "id=&lat=1&lon=2", "id=%00&lat=1&lon=2", f"id={'9' * 65}&lat=1&lon=2", "id=000"):
        (seen,) = driver.receive(request(nobody), NOW_NS)
        assert isinstance(seen, Malformed)
        assert seen.reason == "identity"


@pytest.mark.parametrize(("unit", "mps"), [("knots", 10 * 1852 / 3600), ("kmh", 10 / 3.6), ("mps", 10.0)])
def test_the_unit_of_speed_is_the_configured_one_but_the_newer_app_says_its_own(unit: str, mps: float) -> None:
    driver = Osmand({"speed_unit": unit})
    (older,) = driver.receive(request("id=7&lat=1&lon=2&speed=10"), NOW_NS)
    report = {"timestamp": "2026-11-22T10:00:00Z", "coords": {"latitude": 1, "longitude": 2, "speed": 10}}
    (newer,) = driver.receive(request(payload={"device_id": "7", "location": report}), NOW_NS)
    assert isinstance(older, Position)
    assert isinstance(newer, Position)
    assert older.speed_mps == pytest.approx(mps)
    assert newer.speed_mps == 10.0


@pytest.mark.parametrize(("age_s", "is_told"), [(0, True), (599, True), (601, False), (-61, False)])
def test_a_charge_that_waited_on_the_phone_is_not_told(age_s: int, is_told: bool) -> None:  # noqa: FBT001
    query = f"id=7&lat=1&lon=2&batt=80&timestamp={NOW_NS // NS_PER_S - age_s}"
    assert any(isinstance(one, Power) for one in Osmand({}).receive(request(query), NOW_NS)) is is_told


def test_with_a_list_others_are_strangers_even_when_they_call_for_help() -> None:
    driver = Osmand({"allowed": "7,8"})
    assert [type(one) for one in driver.receive(request("id=8&lat=1&lon=2&alarm=sos"), NOW_NS)] == [Position, Emergency]
    assert [type(one) for one in driver.receive(request("id=9&lat=1&lon=2&alarm=sos"), NOW_NS)] == [Unrecognised]


@given(
    fields=st.dictionaries(
        st.sampled_from(["id", "lat", "lon", "timestamp", "speed", "batt", "valid", "alarm", "location", "charge"]),
        st.text(max_size=20) | st.floats().map(str) | st.integers().map(str),
    )
)
def test_whatever_a_query_holds_a_position_has_a_subject_and_a_place_on_earth(fields: dict[str, str]) -> None:
    for seen in Osmand({}).receive(request(urlencode(fields)), NOW_NS):
        check(seen)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = ("timestamp", "coords", "battery", "extras", "latitude", "longitude", "level", "is_charging", "alarm")


@given(report=st.dictionaries(st.sampled_from(NAMES), JSON | st.dictionaries(st.sampled_from(NAMES), JSON)))
def test_whatever_the_newer_app_says_nothing_is_raised(report: dict[str, Any]) -> None:
    for seen in Osmand({}).receive(request(payload={"device_id": "7", "location": report}), NOW_NS):
        check(seen)


def check(seen: Observation) -> None:
    if isinstance(seen, Position):
        assert seen.subject
        assert seen.lat_deg is None or -90 <= seen.lat_deg <= 90
        assert seen.lon_deg is None or -180 <= seen.lon_deg <= 180
    if isinstance(seen, Power):
        assert 0 <= (seen.charge_percent or 0) <= 100


def test_simulated_phones_call_a_real_listener() -> None:
    async def talk() -> None:
        ear = Ear()
        console = transport_for("http-listen:127.0.0.1:0", "datagram")
        await console.open(ear)
        phones = make_simulator("osmand", {"phones": 2, "interval_s": 1, "sos_after_s": 1}, lambda: 0.5)
        assert phones is not None
        wire = console.url.replace("http-listen:", "http:")
        async with hosted(phones, wire) as (told, _):
            assert told == console.url
            await until(lambda: len(ear.heard) >= 5, within_s=20)
        await console.close()
        driver = make_driver("osmand", {})
        seen = [one for data, _ in ear.heard for one in driver.receive(data, time.time_ns())]
        assert not [one for one in seen if isinstance(one, Malformed)]
        assert {one.subject for one in seen if isinstance(one, Position)} == {"860000", "860001"}
        assert [one.kind for one in seen if isinstance(one, Emergency)] == ["@phones.emergency.sos"]

    asyncio.run(talk())


@pytest.mark.peer
def test_curl_reports_as_the_app_does() -> None:
    async def talk() -> None:
        ear = Ear()
        console = transport_for("http-listen:127.0.0.1:0", "datagram")
        await console.open(ear)
        query = urlencode({"id": "7", "lat": 34.3956, "lon": 113.7394, "timestamp": time.time_ns() // 1_000_000})
        url = console.url.replace("http-listen:", "http://")
        phone = await asyncio.create_subprocess_exec(
            need("curl"), "-sS", "-o", "/dev/null", "-w", "%{http_code}", f"{url}/?{query}", stdout=subprocess.PIPE
        )
        said, _ = await asyncio.wait_for(phone.communicate(), 10)
        await console.close()
        assert said == b"200"
        (seen,) = (one for data, _ in ear.heard for one in Osmand({}).receive(data, time.time_ns()))
        assert isinstance(seen, Position)
        assert (seen.subject, seen.lat_deg) == ("7", 34.3956)

    asyncio.run(talk())
