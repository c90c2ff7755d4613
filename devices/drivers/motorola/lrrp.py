"""LRRP: requests for locations and their reports, in tokens of binary XML.

type(1) length(varint) 22 request-number(LV) tokens.  Latitude is a 32-bit number of 180/2^32 degrees with the sign
in its highest bit, longitude a signed one of 360/2^32; a varint float has an integer and a fraction of 1/128 (7 bits an
octet, 0x80: another follows).  Tokens of reports: 34 time, 51 circle, 55 circle with height, 66 point, 69 and 6A point
with height, 6C speed, 56 direction in steps of 2 degrees, 37 38 39 results.  Of requests: 34 31 period, 52 time, 54
height, 57 direction, 62 speed.

**Source:** ok-dmrlib ``motorola/lrrp``, checked on its published octets; Moto.Net for the order of a request (period,
then time, height, direction) and the default port.
**Assumed:** speed is in m/s; the form of southern latitudes and of heights below 0 is not published: a negative
latitude is read as sign and magnitude, a height with 0x40 in its first octet is left unknown.  What follows an unknown
token is not read, because its length is not known.
"""

from __future__ import annotations

from calendar import timegm
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from devices.driver import NS_PER_S

IMMEDIATE: Final = 0x05
TRIGGERED: Final = 0x09
REPORTS: Final = frozenset({0x07, 0x0D, 0x13})
ANSWERS: Final = frozenset({0x0B, 0x11, 0x15})
TYPES: Final = frozenset({0x05, 0x07, 0x09, 0x0B, 0x0D, 0x0F, 0x11, 0x13, 0x14, 0x15})
_CIRCLES: Final = frozenset({0x51, 0x55})
_HEIGHTS: Final = frozenset({0x55, 0x69, 0x6A})
_PLACES: Final = _CIRCLES | _HEIGHTS | {0x66}
_WANTED: Final = bytes([0x52, 0x54, 0x57, 0x62])


class Short(Exception):  # noqa: N818 - an inner word of this package
    """A token is longer than the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lrrp:
    """One message as far as it was understood; ``result`` 0 is success, ``rest`` what follows an unknown token."""

    kind: int
    request: bytes = b""
    at_ns: int | None = None
    lat_deg: float | None = None
    lon_deg: float | None = None
    radius_m: float | None = None
    altitude_m: float | None = None
    speed_mps: float | None = None
    course_deg: float | None = None
    result: int | None = None
    rest: bytes = b""


def is_lrrp(data: bytes) -> bool:
    """Whether the octets have the form of LRRP."""
    if len(data) < 2 or data[0] & 0x7F not in TYPES:
        return False
    try:
        size, at = _varint(data, 1)
    except Short:
        return False
    return size == len(data) - at


def open_lrrp(data: bytes) -> Lrrp | None:
    """The message, or ``None``: its lengths do not agree, or it tells what cannot be."""
    if not is_lrrp(data):
        return None
    _, at = _varint(data, 1)
    told = Lrrp(kind=data[0] & 0x7F)
    if told.kind not in REPORTS | ANSWERS:
        return replace(told, rest=data[at:])
    try:
        while at < len(data):
            known = _token(told, data, at)
            if known is None:
                return replace(told, rest=data[at:])
            told, at = known
    except Short:
        return None
    is_possible = told.lat_deg is None or abs(told.lat_deg) <= 90.0
    return told if is_possible else None


def _token(told: Lrrp, data: bytes, at: int) -> tuple[Lrrp, int] | None:
    """The message with one more token, and where the next begins; ``None`` at one that is not known."""
    token, at = data[at], at + 1
    if token in _PLACES:
        return _place(told, token, data, at)
    if token == 0x22:
        size, at = _varint(data, at)
        return replace(told, request=_take(data, at, size)), at + size
    if token == 0x34:
        return replace(told, at_ns=_instant_ns(_take(data, at, 5))), at + 5
    if token == 0x6C:
        speed, at = _float(data, at)
        return replace(told, speed_mps=speed), at
    if token == 0x56:
        course_deg = _take(data, at, 1)[0] * 2.0
        return replace(told, course_deg=course_deg if course_deg <= 360.0 else None), at + 1
    return _result(told, token, data, at)


def _result(told: Lrrp, token: int, data: bytes, at: int) -> tuple[Lrrp, int] | None:
    if token == 0x38:
        return replace(told, result=0), at
    if token not in {0x37, 0x39}:
        return None
    code, at = _varint(data, at)
    if token == 0x39:  # with words of the maker
        size, at = _varint(data, at)
        _take(data, at, size)
        at += size
    return replace(told, result=code), at


def _place(told: Lrrp, token: int, data: bytes, at: int) -> tuple[Lrrp, int]:
    lat = int.from_bytes(_take(data, at, 4), "big")
    lon = int.from_bytes(_take(data, at + 4, 4), "big", signed=True)
    at += 8
    magnitude_deg = (lat & 0x7FFF_FFFF) * 180.0 / 2**32
    told = replace(told, lat_deg=-magnitude_deg if lat >> 31 else magnitude_deg, lon_deg=lon * 360.0 / 2**32)
    if token in _CIRCLES:
        radius_m, at = _float(data, at)
        told = replace(told, radius_m=radius_m)
    if token in _HEIGHTS:
        is_doubtful = _take(data, at, 1)[0] & 0x40
        altitude_m, at = _float(data, at)
        told = replace(told, altitude_m=None if is_doubtful else altitude_m)
    return told, at


def _take(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise Short
    return data[at : at + size]


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for _ in range(5):
        octet = _take(data, at, 1)[0]
        at += 1
        value = value << 7 | octet & 0x7F
        if octet < 0x80:
            return value, at
    raise Short


def _float(data: bytes, at: int) -> tuple[float, int]:
    whole, at = _varint(data, at)
    before = at
    fraction, at = _varint(data, at)
    return whole + fraction / 128.0 ** (at - before), at


def _instant_ns(octets: bytes) -> int | None:
    bits = int.from_bytes(octets, "big")
    year, month, day = bits >> 26, bits >> 22 & 15, bits >> 17 & 31
    try:
        moment = datetime(year, month, day, bits >> 12 & 31, bits >> 6 & 63, bits & 63, tzinfo=UTC)
    except ValueError:
        return None
    return timegm(moment.timetuple()) * NS_PER_S


def ask(request: bytes, period_s: int | None = None) -> bytes:
    """A request for one report now, or for one every ``period_s`` (1..16383)."""
    body = b"\x22" + bytes([len(request)]) + request
    if period_s is not None:
        body += b"\x34\x31" + (bytes([period_s]) if period_s < 128 else bytes([0x80 | period_s >> 7, period_s & 0x7F]))
    body += _WANTED
    return bytes([IMMEDIATE if period_s is None else TRIGGERED, len(body)]) + body
