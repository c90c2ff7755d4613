"""Cuts one stream of octets into JT/T 808 frames and rubbish, reads headers, and seals frames to send.

Every ``7E`` is an edge: a damaged frame costs itself and nothing behind it, and two frames may share one flag.

- On the wire: ``7E`` content ``7E``; within content ``7E`` is ``7D 02`` and ``7D`` is ``7D 01``.
- Content: header, body, XOR of header and body.  Numbers are big-endian.
- Header 2011 and 2013: id (2), attributes (2), phone BCD (6), serial (2).  Header 2019 (attribute bit 14): id,
  attributes, version (1), phone BCD (10), serial.  With attribute bit 13 two more numbers: packets, packet (from 1).
- Attributes: bits 0-9 length of the body, 10-12 encryption, 13 split, 14 edition 2019.

**Source:** field layouts as read from cuteLittleDevil/go-jt808 (MIT), SmallChi/JT808 (MIT) and Traccar (Apache-2.0);
their published frames are the vectors.
**Assumed:** a phone number whose digits are no decimal digits names nobody: such a frame is rubbish.  Any version octet
of the 2019 header is taken, since later ones keep the layout.
"""

from __future__ import annotations

import struct
from typing import Final, Literal, NamedTuple

from devices.driver import xor_octets

FLAG: Final = b"\x7e"
LONGEST_BODY: Final = 0x3FF
LONGEST_PIECE: Final = 2 * (21 + LONGEST_BODY + 1)
"""All octets of the longest frame escaped."""
SHORTEST: Final = 13

_START = struct.Struct(">HH")
_WORD = struct.Struct(">H")
_PARTS = struct.Struct(">HH")
_LENGTH: Final = 0x03FF
_ENCRYPTION: Final = 0x1C00
_SPLIT: Final = 0x2000
_EDITION_2019: Final = 0x4000

Doubt = Literal["noise", "length", "escape", "checksum", "phone", "parts"]


class Address(NamedTuple):
    """How a terminal's frames begin: ``version`` is that octet of edition 2019, ``None`` before; phone in BCD."""

    version: int | None
    phone: bytes


class Frame(NamedTuple):
    """One sound frame.  ``subject`` is the phone without leading zeros; not split it is packet 1 of 1."""

    message: int
    address: Address
    subject: str
    serial: int
    is_encrypted: bool
    packets: int
    packet: int
    body: bytes


class Framer:
    """Holds the unfinished rest between two reads, never more than ``LONGEST_PIECE`` octets and a flag."""

    def __init__(self) -> None:
        self.held = b""

    def feed(self, data: bytes) -> list[tuple[Doubt | None, bytes]]:
        """Every piece that ``data`` finishes: what stood between two flags, or octets that are surely none of that.

        Any split of the octets gives the same pieces.
        """
        first, *between = (self.held + data).split(FLAG)
        told: list[tuple[Doubt | None, bytes]] = []
        if not between:
            self.held = _noise(first, told)
            return told
        if first:
            _rest(first, told)
        rest = between.pop()
        for piece in between:
            if not piece:
                continue
            if len(piece) <= LONGEST_PIECE:
                told.append((None, piece))
            else:
                told.append(("length", piece[:LONGEST_PIECE]))
                _rest(piece[LONGEST_PIECE:], told)
        self.held = FLAG + rest
        if len(rest) > LONGEST_PIECE:
            told.append(("length", rest[:LONGEST_PIECE]))
            self.held = _noise(rest[LONGEST_PIECE:], told)
        return told

    def finish(self) -> bytes:
        """Give up what is unfinished; a lone flag is nothing."""
        held, self.held = self.held, b""
        return b"" if held == FLAG else held


def _noise(octets: bytes, told: list[tuple[Doubt | None, bytes]]) -> bytes:
    """Tell whole chunks of what has no flag before it; gives what is left."""
    while len(octets) >= LONGEST_PIECE:
        told.append(("noise", octets[:LONGEST_PIECE]))
        octets = octets[LONGEST_PIECE:]
    return octets


def _rest(octets: bytes, told: list[tuple[Doubt | None, bytes]]) -> None:
    left = _noise(octets, told)
    if left:
        told.append(("noise", left))


def open_piece(piece: bytes) -> Frame | Doubt:
    """The frame that stood between two flags, or what is wrong with it."""
    if b"\x7d" in piece:
        if piece.count(b"\x7d") != piece.count(b"\x7d\x01") + piece.count(b"\x7d\x02"):
            return "escape"
        piece = piece.replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")
    if len(piece) < SHORTEST:
        return "length"
    if xor_octets(piece):
        return "checksum"
    return _read(piece)


def _read(content: bytes) -> Frame | Doubt:
    message, attributes = _START.unpack_from(content)
    version, at = (content[4], 15) if attributes & _EDITION_2019 else (None, 10)
    phone = content[at - 10 : at] if version is not None else content[4:10]
    packets = packet = 1
    start = at + 2
    if attributes & _SPLIT:
        start += 4
    if len(content) != start + (attributes & _LENGTH) + 1:
        return "length"
    if attributes & _SPLIT:
        packets, packet = _PARTS.unpack_from(content, start - 4)
        if not 0 < packet <= packets:
            return "parts"
    digits = phone.hex()
    if not digits.isdecimal():
        return "phone"
    return Frame(
        message,
        Address(version, phone),
        digits.lstrip("0") or "0",
        _WORD.unpack_from(content, at)[0],
        bool(attributes & _ENCRYPTION),
        packets,
        packet,
        content[start:-1],
    )


def seal(message: int, address: Address, serial: int, body: bytes) -> bytes:
    """A whole frame, not split, in the edition of ``address``.  ``body`` has at most ``LONGEST_BODY`` octets."""
    if address.version is None:
        start = _START.pack(message, len(body))
    else:
        start = _START.pack(message, _EDITION_2019 | len(body)) + bytes((address.version,))
    content = start + address.phone + _WORD.pack(serial & 0xFFFF) + body
    content += bytes((xor_octets(content),))
    if b"\x7d" in content or FLAG in content:
        content = content.replace(b"\x7d", b"\x7d\x01").replace(FLAG, b"\x7d\x02")
    return FLAG + content + FLAG
