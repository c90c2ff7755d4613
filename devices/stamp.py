"""STAMP test packets (Simple Two-Way Active Measurement Protocol), unauthenticated mode.  Pure.

**Source:** RFC 8762 (clauses 4.2.1 and 4.3.1: layouts; 4.6 on TWAMP Light), RFC 8972 clause 3 (the session id in what
RFC 8762 leaves zero), RFC 5905 clause 6 (NTP's 64-bit time: seconds since 1900 and their fraction).
**Assumed:** clocks at both ends are not synchronised: only differences of times of one end are used.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

PORT = 862
"""The port that the RFC gives; below 1024, so that a reflector on it needs privileges."""

OCTETS = 44
"""The shortest packet, either way."""

LONGEST = 1_400
"""So that a padded one passes every tunnel in one piece."""

SEQUENCES = 1 << 32
_NS_PER_S = 1_000_000_000
_NTP_EPOCH_S = 2_208_988_800
_UNSYNCHRONISED = 0x0001
"""Error estimate: S and Z clear (no synchronised clock, NTP format), scale 0, multiplier 1 (0 is forbidden)."""

_SENT = struct.Struct("!IQHH28x")
_REFLECTED = struct.Struct("!IQHHQIQHxxBxxx")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a sender's packet says.  ``sent_ntp`` is an NTP time, to be given back as it is."""

    sequence: int
    sent_ntp: int
    error_estimate: int
    session: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reflected:
    """What a reflector's packet says.

    ``sequence`` is the reflector's own count of what reached it, or, where it keeps none, the sender's number again.
    ``held_ns`` is how long the reflector kept the packet, which came at ``received_ns`` by its own clock; ``ttl`` is
    what was left of its time to live then.
    """

    sequence: int
    sent_sequence: int
    sent_ntp: int
    session: int
    held_ns: int
    received_ns: int
    ttl: int


def ntp_time(at_ns: int) -> int:
    """UTC nanoseconds since 1970 as NTP's 64-bit time."""
    seconds, rest_ns = divmod(at_ns, _NS_PER_S)
    return ((seconds + _NTP_EPOCH_S) % (1 << 32)) << 32 | (rest_ns << 32) // _NS_PER_S


def _between_ns(first: int, second: int) -> int:
    """From one NTP time to another, across the turn of its era."""
    apart = (second - first) % (1 << 64)
    apart -= (1 << 64) if apart >= 1 << 63 else 0
    return apart * _NS_PER_S >> 32


def sender_packet(sequence: int, at_ns: int, session: int = 0, octets: int = OCTETS) -> bytes:
    """A packet to send at ``at_ns``, padded with zeros to so many octets."""
    packet = _SENT.pack(sequence % SEQUENCES, ntp_time(at_ns), _UNSYNCHRONISED, session)
    return packet.ljust(octets, b"\0")


def read_sent(packet: bytes) -> Sent | None:
    """A sender's packet as a reflector reads it; ``None`` when it is too short to be one."""
    if len(packet) < OCTETS:
        return None
    sequence, sent_ntp, error_estimate, session = _SENT.unpack_from(packet)
    return Sent(sequence=sequence, sent_ntp=sent_ntp, error_estimate=error_estimate, session=session)


def reflector_packet(sent: Sent, sequence: int, received_ns: int, at_ns: int, size: tuple[int, int]) -> bytes:
    """The answer to ``sent``, which came at ``received_ns``; ``size`` is the length and the time to live it came with.

    As long as the question: nobody can be flooded with more than was asked for.
    """
    octets, ttl = size
    packet = _REFLECTED.pack(
        sequence % SEQUENCES,
        ntp_time(at_ns),
        _UNSYNCHRONISED,
        sent.session,
        ntp_time(received_ns),
        sent.sequence,
        sent.sent_ntp,
        sent.error_estimate,
        ttl,
    )
    return packet.ljust(octets, b"\0")


def read_reflected(packet: bytes) -> Reflected | None:
    """A reflector's packet as the sender reads it; ``None`` when it is none."""
    if len(packet) < OCTETS:
        return None
    sequence, at, _, session, received, sent_sequence, sent_ntp, _, ttl = _REFLECTED.unpack_from(packet)
    held_ns = _between_ns(received, at)
    if held_ns < 0:
        return None
    return Reflected(
        sequence=sequence,
        sent_sequence=sent_sequence,
        sent_ntp=sent_ntp,
        session=session,
        held_ns=held_ns,
        received_ns=(received * _NS_PER_S >> 32) - _NTP_EPOCH_S * _NS_PER_S,
        ttl=ttl,
    )
