"""An event as TAK protocol version 1 (protobuf), read field by field; unknown fields are passed over.

Our own reader, because the layout is some thirty fields of four wire types: less than the glue to a library, which
would bring a compiled runtime that has to fit its generated files.  The library takproto reads the same octets in
the tests.

**Source:** ``takmessage``, ``cotevent``, ``detail`` and its parts as published with ATAK-CIV (``takproto`` directory):
TakMessage takControl 1, cotEvent 2, submissionTime 3, creationTime 4; CotEvent type 1 access 2 qos 3 opex 4 uid 5
sendTime 6 startTime 7 staleTime 8 (ms) how 9 lat 10 lon 11 hae 12 ce 13 le 14 (double) detail 15; Detail xmlDetail 1
contact 2 group 3 precisionLocation 4 status 5 takv 6 track 7; Contact endpoint 1 callsign 2; Group name 1 role 2;
Status battery 1; Takv device 1 platform 2 os 3 version 4; Track speed 1 course 2.
**Assumed:** where an element is in ``xmlDetail`` and in its own field, its own field is meant.  A battery of 0 is a
field that was not set.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element, SubElement

from devices.drivers.cot.event import Event, EventError, identity, known_m, place, positive
from devices.drivers.cot.markup import parse

VARINT: Final = 0
DOUBLE: Final = 1
OCTETS: Final = 2
FLOAT: Final = 5
MOST_FIELDS: Final = 500
_NS_PER_MS: Final = 1_000_000

_PARTS: Final[Mapping[int, tuple[str, Mapping[int, str]]]] = {
    2: ("contact", {1: "endpoint", 2: "callsign"}),
    3: ("__group", {1: "name", 2: "role"}),
    5: ("status", {1: "battery"}),
    6: ("takv", {1: "device", 2: "platform", 3: "os", 4: "version"}),
    7: ("track", {1: "speed", 2: "course"}),
}

_FIXED: Final[Mapping[int, struct.Struct]] = {DOUBLE: struct.Struct("<d"), FLOAT: struct.Struct("<f")}

Value = int | float | bytes
Fields = dict[int, Value]


def varint(data: bytes, at: int, end: int) -> tuple[int, int] | None:
    """The number that begins at ``at`` and where it ends; ``None`` while octets are missing.

    Raises ``EventError`` for one of more than ten octets.
    """
    value = 0
    for index in range(at, min(end, at + 10)):
        octet = data[index]
        value |= (octet & 0x7F) << (7 * (index - at))
        if octet < 0x80:
            return value, index + 1
    if end - at >= 10:
        raise EventError("protobuf")
    return None


def event_of_message(payload: bytes) -> Event | None:
    """The event of a ``TakMessage``, ``None`` where it has none (control alone).  Raises ``EventError``."""
    body = _fields(payload).get(2)
    if body is None:
        return None
    if not isinstance(body, bytes):
        raise EventError("protobuf")
    return read(body)


def read(body: bytes) -> Event:
    """One ``CotEvent``.  Raises ``EventError``."""
    said = _fields(body)
    uid, time_ns = identity(_text(said, 5)), _instant_ns(said, 6)
    if uid is None:
        raise EventError("uid")
    if time_ns is None:
        raise EventError("time")
    lat_deg, lon_deg = place(_double(said, 10), _double(said, 11))
    detail = said.get(15)
    return Event(
        uid=uid,
        kind=_text(said, 1).strip(),
        how=_text(said, 9).strip(),
        opex=_text(said, 4).strip(),
        time_ns=time_ns,
        start_ns=_instant_ns(said, 7),
        stale_ns=_instant_ns(said, 8),
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        hae_m=known_m(_double(said, 12)),
        ce_m=known_m(_double(said, 13)),
        le_m=known_m(_double(said, 14)),
        detail=_detail(detail) if isinstance(detail, bytes) else None,
        raw=body,
    )


def _fields(data: bytes) -> Fields:
    """The last value of each field, as protobuf has it for single ones."""
    said: Fields = {}
    at, end, count = 0, len(data), 0
    while at < end:
        count += 1
        if count > MOST_FIELDS:
            raise EventError("length")
        key, at = (data[at], at + 1) if data[at] < 0x80 else _varint(data, at, end)
        kind = key & 7
        if kind in {VARINT, OCTETS}:
            number, at = (data[at], at + 1) if at < end and data[at] < 0x80 else _varint(data, at, end)
            if kind == VARINT:
                said[key >> 3] = number
                continue
            value: Value = data[at : at + number]
            at += number
        else:
            form = _FIXED.get(kind)
            if form is None or at + form.size > end:
                raise EventError("protobuf")
            (value,) = form.unpack_from(data, at)
            at += form.size
        said[key >> 3] = value
    if at > end:
        raise EventError("protobuf")
    return said


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    found = varint(data, at, end)
    if found is None:
        raise EventError("protobuf")
    return found


def _text(said: Fields, field: int) -> str:
    value = said.get(field, b"")
    if not isinstance(value, bytes):
        raise EventError("protobuf")
    return value.decode("utf-8", "replace")


def _double(said: Fields, field: int) -> float:
    value = said.get(field, 0.0)
    if not isinstance(value, float):
        raise EventError("protobuf")
    return value


def _instant_ns(said: Fields, field: int) -> int | None:
    value = said.get(field, 0)
    if not isinstance(value, int):
        raise EventError("protobuf")
    return positive(value * _NS_PER_MS)


def _detail(data: bytes) -> Element:
    said = _fields(data)
    loose = _text(said, 1)
    detail = Element("detail")
    for field, (name, attributes) in _PARTS.items():
        part = said.get(field)
        if isinstance(part, bytes):
            values = _fields(part)
            written = {attributes[key]: _written(value) for key, value in values.items() if key in attributes}
            SubElement(detail, name, written)
    if loose.strip():
        detail.extend(parse(f"<detail>{loose}</detail>"))
    return detail


def _written(value: Value) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else repr(value)
