"""Short messages as modems hand them over: DELIVER and STATUS-REPORT in, SUBMIT out.

**Source:** 3GPP TS 23.040 (TPDU fields), 23.038 (data coding); three published examples; every unit that is built is
read back in tests with smspdudecoder, and so is every example.
**Assumed:** a status below 0x20 but 0x00 and 0x02 tells nothing about arrival; 0x20-0x3F still trying, 0x40-0x7F final;
a year below 80 is of this century.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from devices.driver import NS_PER_S
from devices.drivers.at_modem import gsm

Alphabet = Literal["gsm7", "ucs2", "octets"]
Outcome = Literal["delivered", "trying", "failed", "untold"]
SINGLE: Final = {"gsm7": 160, "ucs2": 70}
PART: Final = {"gsm7": 153, "ucs2": 67}
FOUR_DAYS: Final = 0xAA
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"\+?[0-9]{3,20}", re.ASCII)
_DIGITS: Final = "0123456789*#abc"
_TEXT_ELEMENTS: Final = frozenset({0x00, 0x08})


class PduError(ValueError):
    """Octets that are no such unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """A text that arrived, or one part of it.

    ``data`` holds septets one an octet (``gsm7``), UTF-16 octets (``ucs2``) or plain octets; ``group`` numbers the
    message and ``index`` (from 1) the part of ``total``; ``foreign`` names a header that makes it something else.
    """

    sender: str
    alphabet: Alphabet
    data: bytes
    time_ns: int | None
    group: int = 0
    index: int = 1
    total: int = 1
    foreign: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """What became of a unit that was submitted as ``message``; ``time_ns``: when the centre had taken it."""

    message: int
    recipient: str
    outcome: Outcome
    status: int
    time_ns: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """One unit to send: ``length`` is that of ``AT+CMGS``, which does not count the octet of the service centre."""

    length: int
    octets: bytes


def read(octets: bytes, length: int, country: str) -> Deliver | StatusReport:
    """The unit that a modem announced with ``length`` octets behind the service centre's.  Raises ``PduError``."""
    try:
        behind = octets[1 + octets[0] :]
        if len(behind) != length:
            raise PduError("length")
        kind = behind[0] & 0x03
        if kind == 0:
            return _deliver(behind, country)
        if kind == 2:
            return _status_report(behind, country)
    except IndexError:
        raise PduError("truncated") from None
    raise PduError("kind")


def _deliver(octets: bytes, country: str) -> Deliver:
    sender, at = _address(octets, 1, country)
    coding = octets[at + 1]
    time_ns = _stamp_ns(octets[at + 2 : at + 9])
    count, data = octets[at + 9], octets[at + 10 :]
    header = data[1 : 1 + data[0]] if octets[0] & 0x40 else b""
    skipped = 1 + data[0] if octets[0] & 0x40 else 0
    if skipped and len(header) != data[0]:
        raise PduError("truncated")
    group, index, total, foreign = _elements(header)
    alphabet = _alphabet(coding)
    content = _content(alphabet, count, data, skipped)
    if alphabet == "ucs2" and len(content) % 2:
        raise PduError("length")
    return Deliver(
        sender=sender, alphabet=alphabet, data=content, time_ns=time_ns, group=group, index=index, total=total,
        foreign="compressed" if coding & 0xE0 in {0x20, 0x60} else foreign,
    )  # fmt: skip


def _content(alphabet: Alphabet, count: int, data: bytes, skipped: int) -> bytes:
    if alphabet != "gsm7":
        if count != len(data):
            raise PduError("length")
        return data[skipped:]
    if len(data) != (7 * count + 7) // 8:
        raise PduError("length")
    before = (8 * skipped + 6) // 7
    return gsm.unpacked(data, count)[before:]


def _alphabet(coding: int) -> Alphabet:
    if coding & 0xF0 == 0xF0:
        return "octets" if coding & 0x04 else "gsm7"
    if coding & 0xF0 == 0xE0:
        return "ucs2"
    if coding & 0x80:
        return "gsm7"
    kinds: tuple[Alphabet, ...] = ("gsm7", "octets", "ucs2", "gsm7")
    return kinds[coding >> 2 & 0x03]


def _elements(header: bytes) -> tuple[int, int, int, str | None]:
    """Group, part, parts of a concatenated message; a name where another element changes the meaning."""
    group, index, total, foreign = 0, 1, 1, None
    at = 0
    while at < len(header):
        kind, size = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + size]
        if len(value) != size:
            raise PduError("truncated")
        if kind in _TEXT_ELEMENTS and size == (3 if kind == 0 else 4):
            group = int.from_bytes(value[:-2], "big") | (0x10000 if kind else 0)
            total, index = value[-2], value[-1]
            if not 1 <= index <= total:
                raise PduError("part")
        elif kind in {0x04, 0x05}:
            foreign = "port"
        elif kind in {0x24, 0x25}:
            foreign = "national-table"
        at += 2 + size
    return group, index, total, foreign


def _status_report(octets: bytes, country: str) -> StatusReport:
    recipient, at = _address(octets, 2, country)
    if len(octets) < at + 15:
        raise PduError("truncated")
    status = octets[at + 14]
    outcome: Outcome = "untold"
    if status in {0x00, 0x02}:
        outcome = "delivered"
    elif 0x20 <= status < 0x40:
        outcome = "trying"
    elif 0x40 <= status < 0x80:
        outcome = "failed"
    time_ns = _stamp_ns(octets[at : at + 7])
    return StatusReport(message=octets[1], recipient=recipient, outcome=outcome, status=status, time_ns=time_ns)


def _address(octets: bytes, at: int, country: str) -> tuple[str, int]:
    """A number in its canonical spelling, and what follows it.  A sender that is a name stands in quotation marks."""
    count, kind = octets[at], octets[at + 1]
    end = at + 2 + (count + 1) // 2
    digits = octets[at + 2 : end]
    if count > 20 or len(digits) != (count + 1) // 2 or len(octets) < end + 1:
        raise PduError("address")
    if kind & 0x70 == 0x50:
        return f'"{gsm.text_of(gsm.unpacked(digits, count * 4 // 7))}"', end
    nibbles = [nibble for octet in digits for nibble in (octet & 0x0F, octet >> 4)][:count]
    if any(nibble == 0x0F for nibble in nibbles):
        raise PduError("address")
    number = "".join(_DIGITS[nibble] for nibble in nibbles)
    return canonical(f"+{number}" if kind & 0x70 == 0x10 else number, country), end


def canonical(number: str, country: str) -> str:
    """One spelling for one number: the own country's numbers stand without its code."""
    own = f"+{country}"
    return number[len(own) :] if country and number.startswith(own) and len(number) > len(own) else number


def _stamp_ns(octets: bytes) -> int | None:
    """Seven swapped pairs of digits, the last a zone in quarters of an hour; ``None`` where they are no moment."""
    if len(octets) != 7:
        raise PduError("truncated")
    pairs = [(octet & 0x0F, octet >> 4) for octet in octets]
    if any(nibble > 9 for pair in pairs[:6] for nibble in pair):
        return None
    year, month, day, hour, minute, second = (10 * tens + ones for tens, ones in pairs[:6])
    quarters = 10 * (pairs[6][0] & 0x07) + pairs[6][1]
    zone = timedelta(minutes=15 * (-quarters if pairs[6][0] & 0x08 else quarters))
    try:
        moment = datetime(year + (2000 if year < 80 else 1900), month, day, hour, minute, second, tzinfo=UTC) - zone
    except ValueError:
        return None
    return (moment - _EPOCH) // timedelta(seconds=1) * NS_PER_S


# ---- out


def number_of(recipient: str) -> str | None:
    """A telephone number without the spaces and hyphens of people; ``None`` for anything else."""
    number = recipient.strip(" ").replace(" ", "").replace("-", "")
    return number if _NUMBER.fullmatch(number) else None


def letters_of(text: str) -> tuple[Alphabet, list[bytes]] | None:
    """The narrowest alphabet and each letter in it, never to be cut in two; ``None``: it is no text."""
    septets = gsm.septets_of(text)
    if septets is not None:
        return "gsm7", septets
    try:
        return "ucs2", [letter.encode("utf-16-be") for letter in text]
    except UnicodeEncodeError:
        return None


def cut(alphabet: Alphabet, letters: Sequence[bytes]) -> list[bytes]:
    """The parts of a text: one where it fits, else each with room for the header of a part."""
    unit = 2 if alphabet == "ucs2" else 1
    if sum(map(len, letters)) <= SINGLE[alphabet] * unit:
        return [b"".join(letters)]
    parts, room = [b""], PART[alphabet] * unit
    for letter in letters:
        if len(parts[-1]) + len(letter) > room:
            parts.append(b"")
        parts[-1] += letter
    return parts


def submit(number: str, alphabet: Alphabet, parts: Sequence[bytes], group: int, *, is_reported: bool) -> list[Submit]:
    """The units for ``number``, in order; ``group`` (0..255) ties the parts together."""
    built = []
    for at, part in enumerate(parts, start=1):
        header = bytes([5, 0, 3, group & 0xFF, len(parts), at]) if len(parts) > 1 else b""
        first = 0x11 | (0x20 if is_reported else 0) | (0x40 if header else 0)
        if alphabet == "ucs2":
            count, data = len(header) + len(part), header + part
        else:
            count = len(part) + (7 if header else 0)
            data = header + gsm.packed(part, 1 if header else 0)
        coding = 0x08 if alphabet == "ucs2" else 0x00
        behind = bytes([first, 0]) + _written(number) + bytes([0, coding, FOUR_DAYS, count]) + data
        built.append(Submit(length=len(behind), octets=b"\0" + behind))
    return built


def _written(number: str) -> bytes:
    digits = number.removeprefix("+")
    filled = digits + "F" * (len(digits) % 2)
    swapped = "".join(filled[at + 1] + filled[at] for at in range(0, len(filled), 2))
    return bytes([len(digits), 0x91 if number.startswith("+") else 0x81]) + bytes.fromhex(swapped)
