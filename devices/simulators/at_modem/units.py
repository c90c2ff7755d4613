"""Short messages as a network sees them: SUBMIT is read, DELIVER and STATUS-REPORT are made.

**Source:** 3GPP TS 23.040 and 23.038, written again for this side: nothing is shared with the driver, so that a
mistake in one shows in the other.  **Assumed:** texts to the console are UCS2, as phones in China send them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

CENTRE: Final = bytes.fromhex("0891683108100005F0")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ZONE_QUARTERS: Final = 32
_PART_UNITS: Final = 67
_SINGLE_UNITS: Final = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What the console sent: ``part`` of ``parts``."""

    number: str
    address: bytes
    is_reported: bool
    text: str
    part: int = 1
    parts: int = 1


def read_submit(octets: bytes) -> Submitted | None:
    """A unit as it follows the prompt, with the octet of the service centre; ``None``: it is none."""
    try:
        first, count = octets[1], octets[3]
        end = 5 + (count + 1) // 2
        address = octets[3:end]
        coding, size = octets[end + 1], octets[end + 3]
        data = octets[end + 4 :]
        skipped = data[0] + 1 if first & 0x40 else 0
        part, parts = (data[5], data[4]) if skipped == 6 else (1, 1)
        text = data[skipped:size].decode("utf-16-be") if coding == 8 else _letters(data, size, skipped)
    except (IndexError, UnicodeDecodeError):
        return None
    if octets[0] or first & 0x03 != 1 or (coding == 8 and size != len(data)):
        return None
    digits = "".join(f"{octet & 15:x}{octet >> 4:x}" for octet in address[2:])[:count]
    number = f"+{digits}" if address[1] == 0x91 else digits
    return Submitted(
        number=number, address=address, is_reported=bool(first & 0x20), text=text, part=part, parts=parts
    )  # fmt: skip


def _letters(data: bytes, size: int, skipped: int) -> str:
    """Seven bits a letter; letters that differ from ASCII are shown as a question mark."""
    bits = "".join(f"{octet:08b}"[::-1] for octet in data)
    letters = [int(bits[at : at + 7][::-1] or "0", 2) for at in range(0, 7 * size, 7)]
    return "".join(chr(code) if 0x20 <= code < 0x7B else "\n" if code == 10 else "?" for code in letters)[
        (8 * skipped + 6) // 7 :
    ]


def deliver(sender: str, text: str, at_ns: int, group: int) -> list[tuple[int, bytes]]:
    """A text for the console: for each part the length that is announced, and the unit."""
    data = text.encode("utf-16-be")
    size = 2 * (_SINGLE_UNITS if len(data) <= 2 * _SINGLE_UNITS else _PART_UNITS)
    pieces = [data[at : at + size] for at in range(0, len(data), size)] or [b""]
    units = []
    for at, piece in enumerate(pieces, start=1):
        header = bytes([5, 0, 3, group & 0xFF, len(pieces), at]) if len(pieces) > 1 else b""
        first = bytes([0x44 if header else 0x04])
        body = header + piece
        unit = first + _address(sender) + b"\x00\x08" + _stamp(at_ns) + bytes([len(body)]) + body
        units.append((len(unit), CENTRE + unit))
    return units


def status_report(number: int, address: bytes, at_ns: int, status: int) -> tuple[int, bytes]:
    """The network's word on a unit that was submitted as ``number`` to ``address``."""
    unit = bytes([0x06, number]) + address + _stamp(at_ns) + _stamp(at_ns) + bytes([status])
    return len(unit), CENTRE + unit


def _address(number: str) -> bytes:
    digits = number.removeprefix("+")
    filled = digits + "F" * (len(digits) % 2)
    pairs = bytes(int(filled[at + 1] + filled[at], 16) for at in range(0, len(filled), 2))
    return bytes([len(digits), 0x91 if number.startswith("+") else 0x81]) + pairs


def _stamp(at_ns: int) -> bytes:
    moment = _EPOCH + timedelta(seconds=at_ns // 10**9, minutes=15 * _ZONE_QUARTERS)
    numbers = (moment.year % 100, moment.month, moment.day, moment.hour, moment.minute, moment.second, _ZONE_QUARTERS)
    return bytes((number % 10) << 4 | number // 10 for number in numbers)
