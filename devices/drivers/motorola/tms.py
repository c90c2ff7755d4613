"""TMS: texts and their acknowledgements.

length(2) header(1: 0x80 more, 0x40 wants an acknowledgement, 0x20 reserved, 0x10 control, low 4 the kind: 0, or F
for an acknowledgement) address(LV), then 0x80 | low 5 bits of the number, encoding | the number's high bits << 5, and
the text in UTF-16 LE, which radios begin with CR LF.

**Source:** ok-dmrlib ``motorola/tms``, checked on its published octets; Moto.Net for the CR LF and the port.
**Assumed:** a control message of kind 0 says that the radio can take texts; it is acknowledged without a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

AVAILABLE_ACK: Final = bytes.fromhex("00021F00")
NUMBERS: Final = 128
_UTF16: Final = 0x04
_LINE: Final = "\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tms:
    """One message; ``number`` ``None`` where it has none, ``text`` ``None`` where it is none that can be read."""

    is_control: bool
    is_ack: bool
    wants_ack: bool
    number: int | None = None
    text: str | None = None


def is_tms(data: bytes) -> bool:
    """Whether the octets have the form of TMS."""
    return len(data) >= 4 and int.from_bytes(data[:2], "big") == len(data) - 2


def open_tms(data: bytes) -> Tms | None:
    """The message, or ``None``: its lengths do not agree."""
    if not is_tms(data) or len(data) < 4 + data[3]:
        return None
    header, at = data[2], 4 + data[3]
    is_control, is_ack = bool(header & 0x10), header & 0x0F == 0x0F
    number, encoding = None, None
    if header & 0x80 and at < len(data) and not (is_control and not is_ack):
        first, at = data[at], at + 1
        number = first & 0x1F
        if first & 0x80 and at < len(data):
            encoding = data[at] & 0x1F
            number |= data[at] >> 5 << 5
            at += 1
        number %= NUMBERS
    text = None
    if not is_control and encoding == _UTF16:
        try:
            text = data[at:].decode("utf-16-le").removeprefix(_LINE).rstrip("\0")
        except UnicodeDecodeError:
            return None
    wants_ack = bool(header & 0x40)
    return Tms(is_control=is_control, is_ack=is_ack, wants_ack=wants_ack, number=number, text=text)


def acknowledge(number: int | None) -> bytes:
    """The acknowledgement of a message with that number."""
    if number is None:
        return AVAILABLE_ACK
    return bytes([0, 4, 0x9F, 0, 0x80 | number & 0x1F, number >> 5 << 5])


def encoded(text: str) -> bytes | None:
    """The text as it goes on the air, its line feed included; ``None`` for what has no such form."""
    try:
        return (_LINE + text).encode("utf-16-le")
    except UnicodeEncodeError:
        return None


def send(number: int, octets: bytes) -> bytes:
    """A text that wants to be acknowledged."""
    body = bytes([0xE0, 0, 0x80 | number & 0x1F, _UTF16 | number >> 5 << 5]) + octets
    return len(body).to_bytes(2, "big") + body
