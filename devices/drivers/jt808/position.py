"""The body of a position report: where a terminal is, how it is, and what it warns of.

Body: alarms (4), status (4), latitude (4), longitude (4) in millionths of a degree without sign, height in m (2), speed
in 0.1 km/h (2), course in degrees (2), time BCD YYMMDDhhmmss in UTC+8 (6); then items of id (1), length (1), value.

**Source:** layouts as in ``framing``; the alarm bits and how long each is kept as quoted from JT/T 808-2013 in public
code, bits 15 to 17 from edition 2019.  Items: 01 mileage in 0.1 km, 02 fuel in 0.1 l, 03 speed by the recorder in
0.1 km/h, 30 network signal, 31 satellites.
**Assumed:** latitude and longitude both zero is no position although the terminal calls it fixed.  A terminal that says
"not fixed" sends its last place again, which is not told.  Heights from 8000H on are no heights, courses above 360 and
speeds of FFFFH are unknown.  Item 30 has no stated scale (captures show 0 to 31, as a modem's CSQ): the number is told
as it is, 99 and above not at all.  Only bit 0, the button, is a call for help: warnings of collision and overturning
come from cheap sensors and are told as conditions.  No fuel at all means no sensor.  Items of other ids or lengths are
skipped; a vendor's item (E0 and above) that reaches beyond the end, as in one published capture, is no fault.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, NamedTuple

from devices.driver import NS_PER_S
from devices.observations import Condition, Datum, Emergency, Malformed, Observation, Position, Signal

SOS: Final = 1
ALARMS: Final = (
    "sos",
    "overspeed",
    "fatigue",
    "danger",
    "gnss-module",
    "gnss-antenna-open",
    "gnss-antenna-short",
    "main-power-low",
    "main-power-off",
    "display",
    "speech-module",
    "camera",
    "ic-card-module",
    "overspeed-ahead",
    "fatigue-ahead",
    "violation",
    "tyre-pressure",
    "blind-spot",
    "driving-hours",
    "parked-too-long",
    "area-crossed",
    "route-crossed",
    "section-time",
    "route-left",
    "speed-sensor",
    "fuel",
    "stolen",
    "illegal-ignition",
    "moved",
    "collision",
    "overturning",
    "door",
)
"""The words for the alarm bits, lowest first."""

_BODY = struct.Struct(">IIIIHHH6s")
_FIXED, _SOUTH, _WEST, _IGNITION = 0x02, 0x04, 0x08, 0x01
_EAST_8: Final = timezone(timedelta(hours=8))
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MPS_PER_UNIT: Final = 0.1 / 3.6
_NO_NETWORK: Final = 99
_VENDORS: Final = 0xE0
_SCALED: Final = {
    (0x01, 4): ("mileage", 10, "km"),
    (0x02, 2): ("fuel", 10, "l"),
    (0x03, 2): ("recorder-speed", 10, "km/h"),
    (0x30, 1): ("network", 1, "1"),
}
_SATELLITES: Final = (0x31, 1)


class Reader(NamedTuple):
    """What a report is read with: who, under which name, on which datum, and whether it was kept before."""

    subject: str
    callsign: str | None
    datum: Datum
    is_stored: bool = False


def alarms_of(body: bytes, otherwise: int) -> int:
    """The alarm bits of a report; ``otherwise`` where it is none."""
    return int.from_bytes(body[:4], "big") if len(body) >= _BODY.size else otherwise


def read_report(body: bytes, reader: Reader, alarms_before: int) -> list[Observation]:
    """What one report says.

    Alarms that stand are told every time, those that stood in ``alarms_before`` and do not any more once as normal.
    A stored report tells no levels and no conditions: they were so once.
    """
    if len(body) < _BODY.size:
        return [Malformed(reason="report", raw=body)]
    alarms, status, lat, lon, height_m, speed, course_deg, time = _BODY.unpack_from(body)
    source_time_ns = time_ns(time)
    satellites, levels, rest = _items(body, reader.subject)
    told: list[Observation] = []
    if status & _FIXED and (lat > 90_000_000 or lon > 180_000_000):
        told.append(Malformed(reason="range", raw=body))  # but whoever calls for help is heard all the same
    else:
        is_fixed = bool(status & _FIXED) and bool(lat or lon)
        told.append(
            Position(
                subject=reader.subject,
                callsign=reader.callsign,
                lat_deg=(-lat if status & _SOUTH else lat) / 1e6 if is_fixed else None,
                lon_deg=(-lon if status & _WEST else lon) / 1e6 if is_fixed else None,
                altitude_m=float(height_m) if is_fixed and height_m < 0x8000 else None,
                speed_mps=speed * _MPS_PER_UNIT if is_fixed and speed != 0xFFFF else None,
                course_deg=float(course_deg) if is_fixed and course_deg <= 360 else None,
                fix="unknown" if is_fixed else "none",
                satellites=satellites,
                datum=reader.datum,
                source_time_ns=source_time_ns,
                is_stored=reader.is_stored,
            )
        )
    if alarms & SOS:
        told.append(_sos(reader, source_time_ns))
    if not reader.is_stored:
        told += levels
        told.extend(_conditions(reader.subject, alarms, alarms_before))
        ignition = "on" if status & _IGNITION else "off"
        told.append(Condition(subject=reader.subject, part="ignition", value=ignition))
    if rest:
        told.append(Malformed(reason="items", raw=rest))
    return told


def _sos(reader: Reader, source_time_ns: int | None) -> Emergency:
    """The button was pressed; ``kind`` is a message id, because both languages must say whether it was just now."""
    kind = "@jt808.emergency.stored" if reader.is_stored else "@jt808.emergency.button"
    return Emergency(subject=reader.subject, kind=kind, source_time_ns=source_time_ns, is_stored=reader.is_stored)


def _conditions(subject: str, alarms: int, before: int) -> Iterator[Condition]:
    changed = (alarms | before) & ~SOS
    while changed:
        bit = changed & -changed
        changed ^= bit
        is_on = bool(alarms & bit)
        word = ALARMS[bit.bit_length() - 1]
        yield Condition(subject=subject, part=word, value="alarm" if is_on else "normal", is_good=not is_on)


def _items(body: bytes, subject: str) -> tuple[int | None, list[Signal], bytes]:
    """Satellites, levels, and what is cut off at the end."""
    satellites: int | None = None
    levels: list[Signal] = []
    at, end = _BODY.size, len(body)
    while at + 2 <= end:
        item = (body[at], body[at + 1])
        start = at + 2
        at = start + item[1]
        if at > end:
            return satellites, levels, b"" if item[0] >= _VENDORS else body[start - 2 :]
        if item == _SATELLITES:
            satellites = body[start]
        elif item in _SCALED:
            name, per_unit, unit = _SCALED[item]
            value = int.from_bytes(body[start:at], "big")
            if not (name == "network" and value >= _NO_NETWORK) and not (name == "fuel" and not value):
                levels.append(Signal(subject=subject, quantity=name, value=value / per_unit, unit=unit))
    return satellites, levels, body[at:]


def time_ns(octets: bytes) -> int | None:
    """A time of six BCD octets in UTC+8; ``None`` for what is no time, such as zeros before the first fix."""
    digits = octets.hex()
    try:
        year, month, day, hour, minute, second = (int(digits[at : at + 2]) for at in range(0, 12, 2))
        moment = datetime(2000 + year, month, day, hour, minute, second, tzinfo=_EAST_8)
    except ValueError:
        return None
    return (moment - _EPOCH) // timedelta(seconds=1) * NS_PER_S
