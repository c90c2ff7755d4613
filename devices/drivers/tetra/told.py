"""What a terminal tells of itself: registration, network, level, charge, mode, number, place.

**Source:** ftl/tetra-pei ``ctrl`` (+GPSPOS and its test), SvxLink (+CNUMF, +CTOM, +CREG).
**Assumed:** +CREG? answers with its setting before the state, an unasked +CREG with the state alone; +CSQ and +CBC are
as in mobile phones (level n is -113 + 2 n dBm, 99 unknown; charge in percent).  +GPSPOS is UTC of the nearest day.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from devices.driver import NS_PER_S
from devices.drivers.tetra.identity import subject_of
from devices.observations import Condition, Observation, Position, Power, Signal

_REGISTRATION: Final = {0: "none", 1: "home", 2: "searching", 3: "denied", 4: "unknown", 5: "roaming"}
_GOOD: Final = frozenset({1, 5})
_MODES: Final = {0: "trunked", 1: "direct"}
_DAY_NS: Final = 86_400 * NS_PER_S
_PLACE = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2}),([NS]): ?([0-9]{2})_([0-9]{2}\.[0-9]+),([EW]): ?([0-9]{3})_([0-9]{2}\.[0-9]+)"
    r",([0-9]{1,2})"
)

Told = Sequence[Observation] | None


def registration(fields: Sequence[str], *, is_asked: bool) -> Told:
    """+CREG."""
    state = _whole(fields[1] if is_asked and len(fields) > 1 else fields[0])
    if state is None:
        return None
    return [Condition(part="registration", value=_REGISTRATION.get(state, f"state-{state}"), is_good=state in _GOOD)]


def network(fields: Sequence[str]) -> Told:
    """+COPS."""
    return [Condition(part="network", value=fields[-1].strip('"'))] if len(fields) > 1 and fields[-1] else []


def level(fields: Sequence[str]) -> Told:
    """+CSQ."""
    value = _whole(fields[0])
    if value is None or (value > 31 and value != 99):
        return None
    return [Signal(quantity="rssi", value=None if value == 99 else -113.0 + 2.0 * value, unit="dBm")]


def charge(fields: Sequence[str]) -> Told:
    """+CBC."""
    value = _whole(fields[1]) if len(fields) > 1 else None
    return None if value is None or value > 100 else [Power(source="battery", charge_percent=float(value))]


def mode(fields: Sequence[str]) -> Told:
    """+CTOM: trunked is good, direct reaches only who is near."""
    value = _whole(fields[0])
    return (
        None
        if value is None
        else [Condition(part="mode", value=_MODES.get(value, f"mode-{value}"), is_good=value == 0)]
    )


def own_number(fields: Sequence[str]) -> Told:
    """+CNUMF."""
    subject = subject_of(fields[-1])
    return None if subject is None else [Condition(part="radio-id", value=subject)]


def own_place(fields: Sequence[str], at_ns: int) -> Told:
    """+GPSPOS: where this terminal is."""
    found = _PLACE.fullmatch(",".join(fields))
    if found is None:
        return [Position(fix="none")]
    hour, minute, second, satellites = (int(found[at]) for at in (1, 2, 3, 10))
    lat_deg = int(found[5]) + float(found[6]) / 60.0
    lon_deg = int(found[8]) + float(found[9]) / 60.0
    if lat_deg > 90.0 or lon_deg > 180.0 or max(minute, second) > 59 or hour > 23:
        return None
    since_ns = ((hour * 60 + minute) * 60 + second) * NS_PER_S
    days = (at_ns - since_ns + _DAY_NS // 2) // _DAY_NS
    return [
        Position(
            lat_deg=-lat_deg if found[4] == "S" else lat_deg,
            lon_deg=-lon_deg if found[7] == "W" else lon_deg,
            satellites=satellites,
            source_time_ns=days * _DAY_NS + since_ns if at_ns >= 0 else None,
        )
    ]


def _whole(field: str) -> int | None:
    return int(field) if field.isdecimal() and len(field) <= 4 else None
