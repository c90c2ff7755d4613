"""The 40 octets in which a Hytera radio says where it is.

A/V(1) HHMMSS(6) DDMMYY(6) N/S(1) DDMM.MMMM(9) E/W(1) DDDMM.MMMM(10) knots(3) degrees(3), ASCII, UTC; time, date, speed
and direction may be NULs.

**Source:** dmr-kaitai ``gpsdata`` layout, checked on published captures.
**Assumed:** WGS-84; the block does not say whether a fix is 2D or 3D; a valid fix at exactly 0 N 0 E is a receiver that
has none; a two-digit year is of this century.
"""

from __future__ import annotations

import re
from calendar import timegm
from datetime import datetime
from typing import Final

from devices.driver import NS_PER_S
from devices.observations import Position

SIZE: Final = 40
MPS_PER_KNOT: Final = 1852 / 3600
_BLOCK = re.compile(
    rb"([AV])([0-9]{6}|\0{6})([0-9]{6}|\0{6})"
    rb"([NS])([0-9]{2})([0-9]{2}\.[0-9]{4})([EW])([0-9]{3})([0-9]{2}\.[0-9]{4})"
    rb"([0-9. ]{1,3}\0{0,2}|\0{3})([0-9]{1,3}\0{0,2}|\0{3})",
    re.DOTALL,
)
_NO_FIX = re.compile(rb"V([0-9]{6}|\0{6})([0-9]{6}|\0{6})", re.DOTALL)


def place(block: bytes, subject: str) -> Position | None:
    """The position that the block tells; ``None`` when it is none of the described form."""
    found = _BLOCK.fullmatch(block)
    if found is None:
        without = _NO_FIX.match(block)
        if without is None or len(block) != SIZE:
            return None
        return Position(subject=subject, fix="none", source_time_ns=instant_ns(without[1], without[2]))
    at_ns = instant_ns(found[2], found[3])
    lat_deg = _angle(found[5], found[6], is_negative=found[4] == b"S")
    lon_deg = _angle(found[8], found[9], is_negative=found[7] == b"W")
    if found[1] == b"V" or (lat_deg == 0.0 and lon_deg == 0.0):
        return Position(subject=subject, fix="none", source_time_ns=at_ns)
    if lat_deg is None or lon_deg is None or abs(lat_deg) > 90.0 or abs(lon_deg) > 180.0:
        return None
    knots, course_deg = _number(found[10]), _number(found[11])
    return Position(
        subject=subject,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        speed_mps=None if knots is None else knots * MPS_PER_KNOT,
        course_deg=course_deg if course_deg is not None and course_deg <= 360.0 else None,
        source_time_ns=at_ns,
    )


def _angle(degrees: bytes, minutes: bytes, *, is_negative: bool) -> float | None:
    minute = float(minutes)
    if minute >= 60.0:
        return None
    value = int(degrees) + minute / 60.0
    return -value if is_negative else value


def _number(field: bytes) -> float | None:
    text = field.strip(b"\0 ")
    if not text or text.count(b".") > 1 or not text.replace(b".", b"").isdigit():
        return None
    return float(text)


def instant_ns(clock: bytes, date: bytes) -> int | None:
    """HHMMSS and DDMMYY as an instant; ``None`` where either is missing or no such moment exists."""
    if not (clock.isdigit() and date.isdigit()):
        return None
    try:
        moment = datetime.strptime(f"{date.decode()}{clock.decode()} +0000", "%d%m%y%H%M%S %z")
    except ValueError:
        return None
    return timegm(moment.timetuple()) * NS_PER_S
