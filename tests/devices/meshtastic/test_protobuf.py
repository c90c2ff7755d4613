"""The reader of protocol buffers, against takproto's protobuf as somebody else's reader and writer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.protobuf import Fields, put_fixed, put_octets, put_real, put_whole, varint

WIRE = {"whole": 0, "octets": 2, "fixed": 5}


@given(numbers=st.dictionaries(st.integers(1, 2**29 - 1), st.integers(0, 2**64 - 1), max_size=20))
def test_whole_numbers_come_back(numbers: dict[int, int]) -> None:
    read = Fields.read(b"".join(put_whole(number, value) for number, value in numbers.items()))
    assert read is not None
    assert {number: read.whole(number) for number in read.numbers()} == numbers


@given(text=st.text(), number=st.integers(-(2**31), 2**31 - 1), real=st.floats(width=32, allow_nan=False))
def test_every_kind_comes_back_and_only_as_its_own(text: str, number: int, real: float) -> None:
    inner = put_fixed(1, number) + put_real(2, real)
    read = Fields.read(put_octets(1, text.encode()) + put_octets(2, inner) + put_whole(3, number & (2**64 - 1)))
    assert read is not None
    assert read.text(1) == text
    assert read.signed(3) == number
    told = read.inner(2)
    assert told is not None
    assert (told.fixed_signed(1), told.real(2)) == (number, real)
    assert (read.whole(1), read.octets(3), read.fixed(3), read.text(9), read.inner(9)) == (None,) * 5


@given(st.binary(max_size=600))
def test_any_octets_are_a_message_or_none(octets: bytes) -> None:
    read = Fields.read(octets)
    if read is None:
        return
    for number in read.numbers():
        for ask in (read.whole, read.signed, read.octets, read.fixed, read.fixed_signed, read.real, read.text):
            ask(number)
        read.inner(number)


@pytest.mark.parametrize(
    "octets",
    [b"\x08", b"\x08\x80", b"\x0a\x05abc", b"\x0d\x01", b"\x0b", b"\x00\x01", b"\x08" + b"\xff" * 11, b"\x0a\xff"],
)
def test_what_is_cut_off_or_no_field_is_no_message(octets: bytes) -> None:
    assert Fields.read(octets) is None


def test_a_length_of_many_gigabytes_asks_for_no_memory() -> None:
    assert Fields.read(b"\x0a" + varint(2**63)) is None


def test_somebody_else_s_writer_and_ours_agree() -> None:
    wrappers: Any = pytest.importorskip("google.protobuf.wrappers_pb2")
    for value in (0, 1, 127, 128, 2**31, 2**64 - 1):
        octets = wrappers.UInt64Value(value=value).SerializeToString()
        read = Fields.read(octets)
        assert read is not None
        assert (read.whole(1) or 0) == value
        assert wrappers.UInt64Value.FromString(put_whole(1, value)).value == value
    read = Fields.read(wrappers.Int32Value(value=-80).SerializeToString())
    assert read is not None
    assert read.signed(1) == -80
    text = wrappers.StringValue(value="新郑").SerializeToString()
    assert text == put_octets(1, "新郑".encode())
