"""What short data messages mean, and the octets of ours.

By the first octet: 02 and 09 simple text, 0A location, 82 and 89 text with transport layer, 8A one with a user data
header (parts).  Transport layer: kind(4) report wanted(2) form(1) store(1), number(8); a transfer goes on with
coding(8; 0x80: 24 bits of time follow) and text, a report with state(8) number(8).

**Source:** ftl/tetra-pei ``sds`` and its tests (ETSI EN 300 392-2, 29.4 and 29.5).
**Assumed:** a time in the sender's own zone is unknown, because the zone is; a time without a year is the nearest to
now.  Parts of a long text are told as they come, each with its place, so that a lost part loses nothing else.  A
store-and-forward block is skipped where its length is known, else the message is not read.
"""

from __future__ import annotations

from calendar import timegm
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from devices.driver import NS_PER_S, is_late
from devices.drivers.tetra.coding import decoded
from devices.drivers.tetra.place import BITS, short_report
from devices.observations import Observation, TextMessage

_SIMPLE: Final = frozenset({0x02, 0x09})
_PARTS: Final = 0x8A
_TRANSPORTED: Final = frozenset({0x82, 0x89, _PARTS})
_LOCATION: Final = 0x0A
_TRANSFER: Final = 0
_REPORT: Final = 1
_STORED: Final = {0: 2, 1: 4, 7: 1}
_SHORT: Final = 0x78
_UTC_FRAME: Final = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Outcome = Literal["confirmed", "stored", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of our text of that number."""

    number: int
    outcome: Outcome
    answer: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What was understood; ``answer`` is the report that the sender asked for."""

    said: tuple[Observation, ...] = ()
    answer: bytes = b""
    report: Report | None = None


def read(octets: bytes, bits: int, ends: tuple[str | None, str | None], at_ns: int) -> Meaning | None:
    """Understand one message from and to ``ends``; ``None`` where it is none that can be read.

    ``octets`` are padded with zeros behind the last of ``bits``.
    """
    if not octets:
        return None
    kind, sender = octets[0], ends[0]
    if kind == _LOCATION:
        if bits < 8 + BITS or octets[1] >> 6 or sender is None:
            return None
        value = int.from_bytes(octets, "big") >> (8 * len(octets) - 8 - BITS)
        return Meaning(said=tuple(short_report(value & (1 << BITS) - 1, sender, at_ns)))
    if kind in _SIMPLE and len(octets) >= 2:
        return _text(octets[1:], ends, at_ns, has_time=False)
    return _transported(octets, ends, at_ns) if kind in _TRANSPORTED and len(octets) >= 4 else None


def _transported(octets: bytes, ends: tuple[str | None, str | None], at_ns: int) -> Meaning | None:
    head = octets[1]
    if head >> 4 == _REPORT:
        answer = bytes([octets[0], 0x20, 0x01, octets[3]]) if head & 0x08 else b""
        return Meaning(report=Report(number=octets[3], outcome=outcome_of(octets[2]), answer=answer))
    if head >> 4 != _TRANSFER:
        return None
    number, body = octets[2], octets[3:]
    if head & 1:
        size = _STORED.get(body[0] & 7)
        if size is None:
            return None
        body = body[size:]
    meaning = _text(body, ends, at_ns, has_time=True, has_parts=octets[0] == _PARTS) if body else None
    if meaning is None or not head & 0x04:
        return meaning
    return Meaning(said=meaning.said, answer=bytes([octets[0], 0x10, 0x00, number]))


def _text(
    body: bytes, ends: tuple[str | None, str | None], at_ns: int, *, has_time: bool, has_parts: bool = False
) -> Meaning | None:
    coding, body = body[0], body[1:]
    source_ns = None
    if has_time and coding & 0x80:
        if len(body) < 3:
            return None
        source_ns, body = _instant_ns(int.from_bytes(body[:3], "big"), at_ns), body[3:]
    mark = ""
    if has_parts:
        if not body or len(body) <= body[0]:
            return None
        header, body = body[1 : 1 + body[0]], body[1 + body[0] :]
        mark = f"({header[-1]}/{header[-2]}) " if header[:2] in {b"\0\3", b"\x08\4"} else ""
    text = decoded(coding & 0x7F, body)
    if text is None:
        return None
    told = TextMessage(
        sender=ends[0],
        recipient=ends[1],
        text=mark + text,
        source_time_ns=source_ns,
        is_stored=is_late(source_ns, at_ns),
    )
    return Meaning(said=(told,))


def _instant_ns(bits: int, at_ns: int) -> int | None:
    """Frame(2) reserved(2) month(4) day(5) hour(5) minute(6): the nearest such moment to ``at_ns``."""
    if bits >> 22 != _UTC_FRAME or at_ns < 0:
        return None
    year = (_EPOCH + timedelta(seconds=at_ns // NS_PER_S)).year
    found = []
    for one in (year - 1, year, year + 1):
        try:
            moment = datetime(one, bits >> 16 & 15, bits >> 11 & 31, bits >> 6 & 31, bits & 63, tzinfo=UTC)
        except ValueError:
            continue
        found.append(timegm(moment.timetuple()) * NS_PER_S)
    return min(found, key=lambda instant_ns: abs(instant_ns - at_ns), default=None)


def outcome_of(state: int) -> Outcome:
    """The class of a delivery state."""
    return "confirmed" if state < 0x20 else "stored" if state < 0x40 else "failed"


def short_report_of(status: int) -> Report | None:
    """A status of 16 bits that is a short report on a text."""
    if status >> 10 != _SHORT >> 2:
        return None
    return Report(number=status & 0xFF, outcome="confirmed" if status >> 9 & 1 else "failed")


def text_of(number: int, coding: int, octets: bytes) -> bytes:
    """A text of ours; its receipt is to be reported."""
    return bytes([0x82, 0x04, number, coding]) + octets
