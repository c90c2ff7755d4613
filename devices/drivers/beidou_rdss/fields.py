"""Reads single fields of RDSS sentences.  Empty is ``None``; nonsense raises ``FieldError``.

**Source:** field formats as read from public RDSS codecs: ddmm.mmmm angles, hhmmss.ss and hhmm times in UTC.
**Assumed:** hhmm send times and the times in TCI, FKI and PWI are UTC as in DWR.
"""

from __future__ import annotations

import re

from devices.driver import NS_PER_S
from devices.nmea import nearest_ns

_NUMBER = re.compile(rb"[+-]?\d{1,12}(?:\.\d{0,12})?\Z")
_WHOLE = re.compile(rb"[+-]?\d{1,12}\Z")
_CARD = re.compile(rb"\d{1,16}\Z")
_TIME = re.compile(rb"(\d\d)(\d\d)(?:(\d\d)(?:\.(\d{0,9}))?)?\Z")
_ANGLE = re.compile(rb"(\d{0,3})(\d\d(?:\.\d{0,12})?)\Z")

_DAY_NS = 86_400 * NS_PER_S
_CLOCKS_DIFFER_NS = 600 * NS_PER_S


class FieldError(ValueError):
    """A field of a sound sentence that does not hold what it must."""


def field(fields: list[bytes], number: int) -> bytes:
    """Field ``number``, counted from 1 as the documents do, without blanks; empty where the sentence is shorter."""
    return fields[number - 1].strip() if number <= len(fields) else b""


def number(octets: bytes) -> float | None:
    """A decimal number."""
    if not octets:
        return None
    if not _NUMBER.match(octets):
        raise FieldError(octets)
    return float(octets)


def whole(octets: bytes) -> int | None:
    """A whole number."""
    if not octets:
        return None
    if not _WHOLE.match(octets):
        raise FieldError(octets)
    return int(octets)


def card_id(octets: bytes) -> str | None:
    """A card in its canonical spelling; ``None`` for none (empty or zero)."""
    if not octets:
        return None
    if not _CARD.match(octets):
        raise FieldError(octets)
    return octets.lstrip(b"0").decode() or None


def word(octets: bytes) -> str:
    """A short word of the wire as text."""
    return octets.decode("ascii", "replace")


def day_time_ns(hour: int, minute: int, second: int, fraction_ns: int = 0) -> int | None:
    """Nanoseconds since midnight, ``None`` for no time of day."""
    if hour > 23 or minute > 59 or second > 60:
        return None
    return ((hour * 60 + minute) * 60 + second) * NS_PER_S + fraction_ns


def completed_ns(of_day_ns: int | None, at_ns: int, *, is_past: bool = False) -> int | None:
    """The instant nearest ``at_ns`` with this time of day (±12 h); ``None`` where either is unknown.

    ``is_past``: it was before ``at_ns``, so an instant further ahead than clocks differ was a day earlier.
    """
    if of_day_ns is None or at_ns < 0:
        return None
    instant_ns = nearest_ns(of_day_ns, at_ns)
    return instant_ns - _DAY_NS if is_past and instant_ns > at_ns + _CLOCKS_DIFFER_NS else instant_ns


def time_ns(octets: bytes, at_ns: int, *, is_past: bool = False) -> int | None:
    """An undated ``hhmm``, ``hhmmss`` or ``hhmmss.ss`` as an instant (``completed_ns``); ``None`` for anything else."""
    found = _TIME.match(octets)
    if found is None:
        return None
    fraction = (found[4] or b"").ljust(9, b"0")
    of_day_ns = day_time_ns(int(found[1]), int(found[2]), int(found[3] or 0), int(fraction))
    return completed_ns(of_day_ns, at_ns, is_past=is_past)


def angle_deg(octets: bytes, side: bytes, sides: bytes, limit_deg: int) -> float | None:
    """``ddmm.mmmm`` with its side (``sides`` is plus then minus) in degrees."""
    if not octets:
        return None
    found = _ANGLE.match(octets)
    if found is None or len(side) != 1 or side not in sides:
        raise FieldError(octets)
    minutes = float(found[2])
    value_deg = int(found[1] or 0) + minutes / 60
    if minutes >= 60 or value_deg > limit_deg:
        raise FieldError(octets)
    return value_deg if side == sides[:1] else -value_deg
