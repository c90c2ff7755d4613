"""Somebody else's reader of TAK protobuf, takproto, reads the same as ours, both ways."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import takproto
from hypothesis import given, settings
from hypothesis import strategies as st
from takproto import TAKProtoVer

from devices.catalogue import make_driver, make_simulator
from devices.driver import NS_PER_S
from devices.observations import Malformed, Observation, Position, Power
from tests.devices.cot.events import START_NS, event, user
from tests.devices.vectors import decode_cases

TO_PROTO: Callable[..., bytearray] = takproto.xml2proto
PARSE: Callable[..., Any] = takproto.parse_proto
HEADERS = {"mesh": TAKProtoVer.MESH, "stream": TAKProtoVer.STREAM}


def read(data: bytes) -> Sequence[Observation]:
    driver = make_driver("cot", {})
    return [*driver.receive(data, -1), *driver.finish()]


def published() -> Iterator[bytes]:
    """The XML events of the vectors that another reader can read too: one event, whole, of a real layout."""
    for case in decode_cases("cot"):
        found = re.findall(rb"<event.*?</event>", case.octets, re.DOTALL)
        if "[published]" in case.source and len(found) == 1:
            yield found[0]


XML = list(published())


def test_there_is_something_to_compare() -> None:
    assert len(XML) >= 5


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("xml", XML, ids=lambda xml: re.search(rb"uid=.([^'\"]*)", xml)[1].decode())  # type: ignore[index]
def test_what_takproto_makes_of_xml_means_the_same_to_us(xml: bytes, header: str) -> None:
    from_xml, from_proto = read(xml), read(bytes(TO_PROTO(xml.decode(), HEADERS[header])))
    assert len(from_xml) == len(from_proto) > 0
    for one, other in zip(from_xml, from_proto, strict=True):
        assert not isinstance(one, Malformed)
        for field in one.__dataclass_fields__:
            mine, theirs = getattr(one, field), getattr(other, field)
            # proto3 does not write a zero: a speed or course of 0 is then unknown to us, never the other way round
            assert mine == theirs or (theirs is None and mine == 0.0), field


@settings(max_examples=150, deadline=None)
@given(
    lat_deg=st.floats(-90, 90).map(lambda value: round(value, 7)),
    lon_deg=st.floats(-180, 180).map(lambda value: round(value, 7)),
    ce_m=st.floats(0.5, 5_000).map(lambda value: round(value, 1)),
    battery=st.integers(1, 100),
    callsign=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x9FFF), min_size=1, max_size=20),
    at_s=st.integers(1_000_000_000, 2_000_000_000),  # takproto cuts milliseconds now and then
)
def test_any_place_survives_the_way_through_takproto(
    lat_deg: float, lon_deg: float, ce_m: float, battery: int, callsign: str, at_s: int
) -> None:
    point = f'<point lat="{lat_deg}" lon="{lon_deg}" hae="112.4" ce="{ce_m}" le="9.0"/>'
    whole = user("A", at_s * 1_000_000_000, callsign).decode()
    xml = re.sub("<point[^>]*>", point, whole).replace("</detail>", f'<status battery="{battery}"/></detail>')
    assert read(bytes(TO_PROTO(xml, TAKProtoVer.MESH))) == read(xml.encode())


@pytest.mark.parametrize("header", HEADERS)
def test_takproto_reads_what_our_simulator_says(header: str) -> None:
    device = make_simulator("cot", {"protobuf": header, "users": ["消防一中队", "B"]}, lambda: 0.5)
    assert device is not None
    pieces = [piece for tick in range(120) for piece in device.tick(START_NS + tick * NS_PER_S // 2)]
    assert len(pieces) > 20
    for piece in pieces:
        theirs = PARSE(bytearray(piece)).cotEvent
        ours = read(piece)
        assert not [bad for bad in ours if isinstance(bad, Malformed)]
        for one in ours:
            if isinstance(one, Position):
                assert one.subject == theirs.uid
                assert (one.lat_deg, one.lon_deg, one.accuracy_m) == (theirs.lat, theirs.lon, theirs.ce)
                assert one.source_time_ns == theirs.sendTime * 1_000_000


def test_a_message_of_takproto_is_understood_wherever_it_is_cut() -> None:
    for header in HEADERS.values():
        octets = bytes(TO_PROTO(event("A", START_NS, '<status battery="53"/>').decode(), header)) * 2
        for at in range(1, len(octets)):
            driver = make_driver("cot", {})
            seen = [*driver.receive(octets[:at], -1), *driver.receive(octets[at:], -1)]
            assert [type(one) for one in seen] == [Position, Power] * 2
