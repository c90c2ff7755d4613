"""What the messages of a radio mean: places, charge, and levels of a node.

**Source:** field numbers and units of the public definitions (meshtastic/protobufs, mesh.proto, telemetry.proto,
portnums.proto, 2026): Position in 1e-7 degrees, time of the fix in ``timestamp`` (7), else ``time`` (4), track in 1/100
degrees; DeviceMetrics with a level above 100 for "powered".
**Assumed:** the ground speed is in km/h, as the definitions say now; older ones said m/s, so it is a setting.
``precision_bits`` of 1 to 31 means that a place was rounded before it was sent: half of the cell is its accuracy.
A place of 0, 0 is none.
"""

from __future__ import annotations

import math

from devices.driver import NS_PER_S
from devices.observations import Fix, Observation, Position, Power, Signal
from devices.protobuf import Fields

CHARGE_NS = 600 * NS_PER_S
FUTURE_NS = 60 * NS_PER_S
EVERYBODY = 0xFFFFFFFF
EVERYBODY_NAME = "^all"
_DEGREE_M = 111_320.0
_FIXES: dict[int, Fix] = {2: "2d", 3: "3d"}


def name_of(node: int) -> str:
    """A node as its people write it."""
    return EVERYBODY_NAME if node == EVERYBODY else f"!{node:08x}"


def node_of(name: str) -> int | None:
    """The number of a node, or of everybody; ``None`` where the name is none."""
    text = name.strip().lower()
    if text == EVERYBODY_NAME:
        return EVERYBODY
    digits = text.removeprefix("!")
    is_name = text.startswith("!") and len(digits) == 8 and all(sign in "0123456789abcdef" for sign in digits)
    return int(digits, 16) if is_name and 0 < int(digits, 16) < EVERYBODY else None


def instant_ns(seconds: int | None) -> int | None:
    """A time of the wire; 0 is unknown."""
    return seconds * NS_PER_S if seconds else None


def place(
    said: Fields, subject: str | None, callsign: str | None, mps_per_unit: float, *, is_stored: bool
) -> Position | None:
    """A Position message; ``None`` where it tells no place."""
    lat, lon = said.fixed_signed(1), said.fixed_signed(2)
    if lat is None or lon is None or (lat, lon) == (0, 0) or abs(lat) > 900_000_000 or abs(lon) > 1_800_000_000:
        return None
    speed, track = said.whole(15), said.whole(16)
    altitude_m, satellites = said.signed(3), said.whole(19)
    return Position(
        subject=subject,
        callsign=callsign,
        lat_deg=round(lat * 1e-7, 7),
        lon_deg=round(lon * 1e-7, 7),
        altitude_m=None if altitude_m is None or abs(altitude_m) > 100_000 else float(altitude_m),
        speed_mps=None if speed is None or speed > 2000 else speed * mps_per_unit,
        course_deg=None if track is None or track > 36_000 else track / 100 % 360,
        accuracy_m=_accuracy_m(said),
        fix=_FIXES.get(said.whole(18) or 0, "unknown"),
        satellites=None if satellites is None or satellites > 200 else satellites,
        source_time_ns=instant_ns(said.fixed(7)) or instant_ns(said.fixed(4)),
        is_stored=is_stored,
    )


def _accuracy_m(said: Fields) -> float | None:
    bits = said.whole(23) or 0
    if 0 < bits < 32:
        return (1 << (31 - bits)) * 1e-7 * _DEGREE_M
    error_mm, dilution = said.whole(14), said.whole(12) or said.whole(11)
    if not error_mm or not dilution or error_mm > 1e6 or dilution > 1e5:
        return None
    return error_mm / 1000 * dilution / 100


def charge(metrics: Fields, subject: str | None, *, is_stored: bool) -> Power | None:
    """The battery in DeviceMetrics; ``None`` where nothing is said of it."""
    level, voltage_v = metrics.whole(1), _finite(metrics.real(2), 100.0)
    if level is None and voltage_v is None:
        return None
    is_powered = level is not None and level > 100
    return Power(
        subject=subject,
        source="external" if is_powered else None,
        voltage_v=voltage_v,
        charge_percent=None if level is None or is_powered else float(level),
        is_stored=is_stored,
    )


def is_recent(source_ns: int | None, at_ns: int) -> bool:
    """Whether a charge of that time still says something."""
    return source_ns is None or at_ns < 0 or -FUTURE_NS <= at_ns - source_ns <= CHARGE_NS


def load(metrics: Fields, subject: str | None) -> list[Observation]:
    """How busy the channel is that a node hears."""
    share = _finite(metrics.real(3), 100.0)
    return [] if share is None else [Signal(subject=subject, quantity="channel_busy", value=round(share, 3), unit="%")]


def levels(packet: Fields, subject: str) -> list[Observation]:
    """How strongly a node was heard, if it was heard itself and not somebody who handed its packet on."""
    start, left = packet.whole(15), packet.whole(9)
    if packet.whole(14) or not start or start != left:
        return []
    told: list[Observation] = []
    snr_db, rssi_dbm = _finite(packet.real(8), 200.0), packet.signed(12)
    if rssi_dbm is not None and -300 < rssi_dbm < 100 and rssi_dbm:
        told.append(Signal(subject=subject, quantity="rssi", value=float(rssi_dbm), unit="dBm"))
        if snr_db is not None:
            told.append(Signal(subject=subject, quantity="snr", value=snr_db, unit="dB"))
    return told


def _finite(value: float | None, most: float) -> float | None:
    return value if value is not None and math.isfinite(value) and -most <= value <= most else None
