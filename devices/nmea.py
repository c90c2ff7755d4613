"""NMEA 0183 sentences on octets: framing, checksum and single fields.  ``devices.gnss`` knows what they mean.

Pure, shared by the drivers and simulators on whose wires such sentences appear.

**Source:** framing and field formats as published by gpsd ("NMEA Revealed") and pynmeagps.
**Assumed:** a sentence without a checksum is not believed; ``YY`` below 80 is of this century; a sentence ends with
CR, LF, both, or at the next ``$``.
"""

from __future__ import annotations

import re
from datetime import date

from devices.driver import NS_PER_S, xor_octets

LIMIT_OCTETS = 1024
"""The longest sentence taken, ``$`` to the last octet before CR LF.  The standard says 80; vendors say more."""

NOISE_OCTETS = 256
DAY_NS = 86_400 * NS_PER_S
_UNIX_DAY = date(1970, 1, 1).toordinal()
_BLANK = b" \t\r\n\0"
_SENTENCE_END = re.compile(rb"[$\r\n]")
_NOISE_END = re.compile(rb"[$\n]")
_DIGITS = tuple(b"%02X" % value for value in range(256))


def seal(body: bytes) -> bytes:
    """The sentence on the wire for what stands between ``$`` and ``*``."""
    return b"$%s*%02X\r\n" % (body, xor_octets(body))


def unseal(frame: bytes) -> tuple[bytes, bytes] | str:
    """What stands between ``$`` and ``*``, and what follows the two digits; or why the frame is not believed.

    ``frame`` begins with ``$`` and holds no end of line.  Words: ``checksum`` (wrong), ``truncated`` (none there).
    """
    if frame[-3:-2] == b"*":
        body = frame[1:-3]
        digits, tail = frame[-2:], b""
    else:
        star = frame.find(b"*")
        if star < 0 or len(frame) < star + 3:
            return "truncated"
        body = frame[1:star]
        digits, tail = frame[star + 1 : star + 3], frame[star + 3 :].strip(_BLANK)
    sum_digits = _DIGITS[xor_octets(body)]
    if digits != sum_digits and digits.upper() != sum_digits:
        return "checksum"
    return body, tail


class Framer:
    """Cuts a stream into sentences and the noise between them, the same however it arrives.

    A piece that begins with ``$`` is a sentence without its end of line; any other piece is noise, cut at ``$``, after
    LF or at 256 octets.  Blank noise is dropped.  An overlong sentence is cut at ``limit`` and its rest is noise.
    """

    __slots__ = ("_limit", "rest")

    def __init__(self, limit: int = LIMIT_OCTETS) -> None:
        self._limit = limit
        self.rest = b""

    def push(self, data: bytes) -> list[bytes]:
        """The pieces that ``data`` completes.  What is held back is shorter than the limit."""
        if not self.rest and data[-2:] == b"\r\n":
            lines = data.split(b"\r\n")
            lines.pop()
            if self._are_sentences(lines):
                return lines
        return self._cut(data)

    def _are_sentences(self, lines: list[bytes]) -> bool:
        """Whether these are whole sentences and nothing else: the usual case, worth a short way."""
        limit = self._limit
        for line in lines:
            if line.rfind(b"$") != 0 or len(line) >= limit or b"\n" in line or b"\r" in line:
                return False
        return True

    def _cut(self, data: bytes) -> list[bytes]:
        buffer = self.rest + data if self.rest else data
        pieces: list[bytes] = []
        at = 0
        size = len(buffer)
        limit = self._limit
        while at < size:
            if buffer[at] == 0x24:
                found = _SENTENCE_END.search(buffer, at + 1, at + limit)
                end = found.start() if found else at + limit
                if not found and end > size:
                    break
                pieces.append(buffer[at:end])
            else:
                found = _NOISE_END.search(buffer, at, at + NOISE_OCTETS)
                if found:
                    end = found.start() + (found.group() == b"\n")
                elif (end := at + NOISE_OCTETS) > size:
                    break
                noise = buffer[at:end]
                if noise.strip(_BLANK):
                    pieces.append(noise)
            at = end
        self.rest = buffer[at:]
        return pieces

    def take_rest(self) -> bytes:
        """What is left over when the wire goes down, without blanks around it."""
        rest, self.rest = self.rest, b""
        return rest.strip(_BLANK)


def overlong(piece: bytes, limit: int = LIMIT_OCTETS) -> bool:
    """Whether a piece that begins with ``$`` was cut for its length."""
    return len(piece) >= limit


class FieldFault(Exception):  # noqa: N818 - an inner word of this file's callers, never seen by a person
    """A field of a sound sentence holds what no field of its kind can."""


def number(field: bytes, low: float, high: float) -> float | None:
    """A number within bounds; ``None`` for an empty field.  Raises ``FieldFault``."""
    if not field:
        return None
    try:
        value = float(field)
    except ValueError:
        raise FieldFault from None
    if not low <= value <= high:  # also refuses NaN
        raise FieldFault
    return value


def whole(field: bytes, low: int, high: int) -> int | None:
    """A whole number within bounds; ``None`` for an empty field.  Raises ``FieldFault``."""
    if not field:
        return None
    if not field.isdigit() or len(field) > 9:
        raise FieldFault
    value = int(field)
    if not low <= value <= high:
        raise FieldFault
    return value


def angle(field: bytes, side: bytes) -> float | None:
    """Degrees of ``[d]ddmm.mmmm`` and its hemisphere; ``None`` if either is empty.  Raises ``FieldFault``."""
    if not field or not side:
        return None
    try:
        value = float(field)
    except ValueError:
        raise FieldFault from None
    if not 0.0 <= value <= 18000.0:
        raise FieldFault
    degrees = int(value / 100.0)
    minutes = value - degrees * 100.0
    if minutes >= 60.0:
        raise FieldFault
    value = degrees + minutes / 60.0
    if side == b"N" or side == b"E":  # noqa: PLR1714 - twice as fast as a tuple on the hot path
        return value if value <= 90.0 or side == b"E" else _refuse()
    if side == b"S" or side == b"W":  # noqa: PLR1714
        return -value if value <= 90.0 or side == b"W" else _refuse()
    raise FieldFault


def _refuse() -> float:
    raise FieldFault


def day_time_ns(field: bytes) -> int | None:
    """Nanoseconds since midnight of ``hhmmss[.sss]``; ``None`` for an empty field.  Raises ``FieldFault``."""
    if not field:
        return None
    clock, fraction = field[:6], field[7:16]
    if len(clock) < 6 or not clock.isdigit() or (len(field) > 6 and field[6] != 0x2E):
        raise FieldFault
    if fraction and not fraction.isdigit():
        raise FieldFault
    hour, minute, second = int(clock[:2]), int(clock[2:4]), int(clock[4:])
    if hour > 23 or minute > 59 or second > 60:
        raise FieldFault
    whole_ns = (hour * 3600 + minute * 60 + second) * NS_PER_S
    return whole_ns + int(fraction.ljust(9, b"0")) if fraction else whole_ns


def day_ns(day: int, month: int, year: int) -> int | None:
    """Midnight UTC of a civil date; ``None`` where there is no such day (00/00/0000 before the first fix)."""
    try:
        return (date(year, month, day).toordinal() - _UNIX_DAY) * DAY_NS
    except ValueError:
        return None


def short_date_ns(field: bytes) -> int | None:
    """Midnight UTC of ``ddmmyy``; ``None`` if empty or no such day.  Raises ``FieldFault``."""
    if not field:
        return None
    if len(field) != 6 or not field.isdigit():
        raise FieldFault
    year = int(field[4:])
    return day_ns(int(field[:2]), int(field[2:4]), year + (2000 if year < 80 else 1900))


def nearest_ns(since_midnight_ns: int, near_ns: int) -> int:
    """The instant with this time of day that is nearest to ``near_ns`` (within 12 h)."""
    midnight = near_ns - near_ns % DAY_NS
    instant = midnight + since_midnight_ns
    if instant - near_ns > DAY_NS // 2:
        return instant - DAY_NS
    if near_ns - instant > DAY_NS // 2:
        return instant + DAY_NS
    return instant
