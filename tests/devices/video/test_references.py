"""Lost pictures found in the stream itself, on streams of x264 in both forms."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.video.references import ReferenceCount
from tests.devices.video.faulty import Coded, Coding, encode, scene

_FORMS = {
    "baseline": (("profile", "baseline"), ("tune", "zerolatency")),
    "high": (("profile", "high"), ("tune", "zerolatency")),
    "lists": (("profile", "high"), ("tune", "zerolatency"), ("x264-params", "cqm=jvt")),
    "b-frames": (("profile", "main"), ("bf", "2"), ("x264-params", "b-pyramid=none")),
    "slices": (("profile", "main"), ("tune", "zerolatency"), ("x264-params", "slices=4")),
}


@cache
def coded(form: str) -> list[Coded]:
    options = (("preset", "veryfast"), *_FORMS[form])
    return encode(scene(4.0, pan_px=2.0), Coding(encoder="libx264", decoder="h264", options=options, keys=40))


def lengths(data: bytes) -> bytes:
    """Start codes exchanged for lengths, as MP4 and FLV have it."""
    units = [unit.removesuffix(b"\0") for unit in data.split(b"\0\0\1")[1:]]
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)


def told_apart(data: bytes) -> bytes:
    """The parameter set of a key frame as MP4 and FLV tell it."""
    parameters = next(unit.removesuffix(b"\0") for unit in data.split(b"\0\0\1")[1:] if unit[0] & 31 == 7)
    return b"\1" + parameters[1:4] + b"\xff\xe1" + len(parameters).to_bytes(2, "big") + parameters + b"\0"


def gaps(packets: list[Coded], *, has_lengths: bool = False) -> list[int]:
    count = ReferenceCount(told_apart(packets[0].data) if has_lengths else b"")
    found = []
    for number, packet in enumerate(packets):
        data = lengths(packet.data) if has_lengths else packet.data
        if count.is_gap(data, is_key=packet.is_key):
            found.append(number)
    return found


@pytest.mark.parametrize("form", list(_FORMS))
@pytest.mark.parametrize("has_lengths", [False, True], ids=["start codes", "lengths"])
def test_a_whole_stream_has_no_gap(form: str, *, has_lengths: bool) -> None:
    assert gaps(coded(form), has_lengths=has_lengths) == []


@pytest.mark.parametrize("form", ["baseline", "high", "lists", "slices"])
def test_each_lost_picture_is_found_where_it_is_missing(form: str) -> None:
    packets = coded(form)
    assert gaps([packet for number, packet in enumerate(packets) if number not in {17, 60, 61}]) == [17, 59]


def test_a_lost_picture_that_no_other_refers_to_is_no_damage() -> None:
    packets = coded("b-frames")
    heads = [packet.data[packet.data.find(b"\0\0\1") + 3] for packet in packets]
    spare = next(number for number, head in enumerate(heads) if head & 31 == 1 and not head & 0x60)
    assert gaps(packets[:spare] + packets[spare + 1 :]) == []
    kept = next(number for number, head in enumerate(heads) if number > 4 and head & 31 == 1 and head & 0x60)
    assert gaps(packets[:kept] + packets[kept + 1 :]) != []


def test_a_lost_key_frame_with_its_pictures_is_a_gap_and_the_next_begins_anew() -> None:
    packets = coded("high")
    assert gaps(packets[:38] + packets[43:]) == [38]
    assert gaps(packets[:38] + packets[80:]) == []


@given(st.lists(st.binary(max_size=60).map(lambda tail: b"\0\0\1" + tail), max_size=20), st.binary(max_size=40))
def test_no_octets_disturb_it(packets: list[bytes], extradata: bytes) -> None:
    count = ReferenceCount(extradata)
    for packet in packets:
        assert count.is_gap(packet, is_key=False) in {True, False}
        assert count.is_gap(packet[3:], is_key=False) in {True, False}
