"""The LIP short location report: 76 bits in which a radio says where it is.

kind(2, 00) elapsed(2) longitude(25, signed, 360/2^25) latitude(24, signed, 180/2^24) error(3) velocity(7) direction(4,
steps of 22.5 degrees) what follows(1) reason(8).

**Source:** public decoders of LIP, checked on nine logged reports with known places.
**Assumed:** from memory of TS 100 392-18-1: velocity is km/h up to 28 and 16 * 1.038^(v-13) above (both agree at 28);
error 0 to 5 is below 2 m, 20 m, 200 m, 2 km, 20 km, 200 km; elapsed 0, 1, 2 is at most 5 s, 5 min, 30 min, 3 not known;
reason 2 is an emergency.  A report that may be 5 or 30 minutes old counts as that old: never fresher than it is.
"""

from __future__ import annotations

from typing import Final

from devices.driver import NS_PER_S
from devices.observations import Emergency, Observation, Position

BITS: Final = 76
_ERRORS_M: Final = (2.0, 20.0, 200.0, 2_000.0, 20_000.0, 200_000.0, None, None)
_ELAPSED_NS: Final = {1: 300 * NS_PER_S, 2: 1800 * NS_PER_S}
_EMERGENCY: Final = 2
_UNKNOWN: Final = 127


def short_report(bits: int, subject: str, at_ns: int) -> list[Observation]:
    """Place and, where that is the reason, a call for help; ``bits`` are the 76, heard at ``at_ns``."""
    elapsed = bits >> 72 & 3
    lon_deg = _signed(bits >> 47 & 0x1FF_FFFF, 25) * 360.0 / 2**25
    lat_deg = _signed(bits >> 23 & 0xFF_FFFF, 24) * 180.0 / 2**24
    velocity = bits >> 13 & 0x7F
    is_reason = not bits >> 8 & 1
    said: list[Observation] = []
    if is_reason and bits & 0xFF == _EMERGENCY:
        said.append(Emergency(subject=subject, kind="@radio.emergency.button"))
    age_ns = _ELAPSED_NS.get(elapsed)
    source_ns = at_ns - age_ns if age_ns is not None and at_ns >= 0 else None
    if lat_deg == 0.0 and lon_deg == 0.0:
        return [*said, Position(subject=subject, fix="none", source_time_ns=source_ns)]
    is_moving = velocity not in {0, _UNKNOWN}
    position = Position(
        subject=subject,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        speed_mps=_speed_mps(velocity),
        course_deg=(bits >> 9 & 15) * 22.5 if is_moving else None,
        accuracy_m=_ERRORS_M[bits >> 20 & 7],
        source_time_ns=source_ns,
    )
    return [*said, position]


def _signed(value: int, width: int) -> int:
    return value - (1 << width) if value >> (width - 1) else value


def _speed_mps(velocity: int) -> float | None:
    if velocity == _UNKNOWN:
        return None
    return (velocity if velocity <= 28 else 16.0 * 1.038 ** (velocity - 13)) / 3.6
