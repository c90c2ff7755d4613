"""HDAP frames and the two envelopes they may travel in: HRNP (a radio's control port) and HSTRP (a repeater).

HDAP: service(1, bit 0x80: the peer answers) opcode(2) length(2) payload checksum(1) 03.  Big-endian, but RCP has opcode
and length in little-endian; in both byte orders the opcode is kept here as it stands in the vendor's lists.
HRNP: 7E version block op source destination number(2) length(2) sum(2) HDAP.
HSTRP: 32 42 version type number(2) options HDAP; options (type, 0x80 if another follows; length; value).

**Source:** OK-DMR dmr-kaitai (hdap, hrnp, hstrp layouts) and ok-dmrlib, checked on their published captures.
**Assumed:** a datagram may hold several HDAP frames in a row; HRNP in fragments (block above 0) is not put together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

RCP: Final = 0x02
LP: Final = 0x08
TMP: Final = 0x09
RRS: Final = 0x11
SERVICES: Final = {RCP: "RCP", LP: "LP", TMP: "TMP", RRS: "RRS", 0x12: "TP", 0x13: "DTP", 0x14: "DDS"}

CONNECT: Final = 0xFE
ACCEPT: Final = 0xFD
REJECT: Final = 0xFC
CLOSE: Final = 0xFB
CLOSED: Final = 0xFA
DATA: Final = 0x00
DATA_ACK: Final = 0x10

ACK_BIT: Final = 0x01
HEARTBEAT_BIT: Final = 0x02
CONNECT_BIT: Final = 0x04
CLOSE_BIT: Final = 0x08
REJECT_BIT: Final = 0x10
OPTIONS_BIT: Final = 0x20

_HDAP_LEAST: Final = 7
_HRNP_HEAD: Final = 12
_HSTRP_HEAD: Final = 6
_HSTRP_MARK: Final = b"2B"
_END: Final = 0x03


@dataclass(frozen=True, slots=True, kw_only=True)
class Hdap:
    """One message; ``service`` without the reliable bit."""

    service: int
    opcode: int
    payload: bytes
    is_reliable: bool = False

    @property
    def name(self) -> str:
        """As it is spoken of: ``LP A002``."""
        return f"{SERVICES.get(self.service, f'{self.service:02X}')} {self.opcode:04X}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hrnp:
    """One frame of a control session."""

    version: int = 4
    block: int = 0
    op: int
    source: int
    destination: int
    number: int
    data: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hstrp:
    """One frame of a repeater; ``options`` as they stand on the wire."""

    version: int = 0
    kind: int
    number: int
    options: bytes = b""
    data: bytes = b""


def open_hdap(data: bytes) -> tuple[Hdap | str, int]:
    """The frame at the beginning of ``data``, or the reason why there is none; and how many octets that takes."""
    if len(data) < _HDAP_LEAST:
        return "length", len(data)
    service = data[0] & 0x7F
    if service not in SERVICES:
        return "noise", len(data)
    order = "little" if service == RCP else "big"
    size = int.from_bytes(data[3:5], order)  # type: ignore[arg-type]
    end = _HDAP_LEAST + size
    if end > len(data):
        return "length", len(data)
    if data[end - 1] != _END or data[end - 2] != hdap_sum(data[1 : end - 2]):
        return "checksum", len(data)
    opcode = int.from_bytes(data[1:3], order)  # type: ignore[arg-type]
    return Hdap(service=service, opcode=opcode, payload=data[5 : end - 2], is_reliable=data[0] >= 0x80), end


def seal_hdap(frame: Hdap) -> bytes:
    """The octets of a message."""
    order = "little" if frame.service == RCP else "big"
    body = frame.opcode.to_bytes(2, order) + len(frame.payload).to_bytes(2, order) + frame.payload  # type: ignore[arg-type]
    return bytes([frame.service | (0x80 if frame.is_reliable else 0)]) + body + bytes([hdap_sum(body), _END])


def hdap_sum(body: bytes) -> int:
    """The checksum over everything between service and checksum."""
    return (~sum(body) + 0x33) & 0xFF


def is_hrnp(data: bytes) -> bool:
    """Whether a datagram begins as HRNP."""
    return data[:1] == b"\x7e"


def is_hstrp(data: bytes) -> bool:
    """Whether a datagram begins as HSTRP."""
    return data[:2] == _HSTRP_MARK


def open_hrnp(data: bytes) -> Hrnp | str:
    """The frame, or the reason why it is none.  What follows the told length is not part of it."""
    if len(data) < _HRNP_HEAD:
        return "length"
    size = int.from_bytes(data[8:10], "big")
    if not _HRNP_HEAD <= size <= len(data):
        return "length"
    if int.from_bytes(data[10:12], "big") != hrnp_sum(data[:10] + data[12:size]):
        return "checksum"
    return Hrnp(
        version=data[1],
        block=data[2],
        op=data[3],
        source=data[4],
        destination=data[5],
        number=int.from_bytes(data[6:8], "big"),
        data=data[12:size],
    )


def seal_hrnp(frame: Hrnp) -> bytes:
    """The octets of a frame."""
    head = bytes([0x7E, frame.version, frame.block, frame.op, frame.source, frame.destination])
    head += frame.number.to_bytes(2, "big") + (_HRNP_HEAD + len(frame.data)).to_bytes(2, "big")
    return head + hrnp_sum(head + frame.data).to_bytes(2, "big") + frame.data


def hrnp_sum(data: bytes) -> int:
    """One's complement of the one's-complement sum of 16-bit words, padded with a zero."""
    if len(data) % 2:
        data += b"\0"
    total = sum(int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def open_hstrp(data: bytes) -> Hstrp | str:
    """The frame, or the reason why it is none."""
    if len(data) < _HSTRP_HEAD:
        return "length"
    at = _HSTRP_HEAD
    if data[3] & OPTIONS_BIT:
        is_more = True
        while is_more:
            if at + 2 > len(data):
                return "length"
            is_more = data[at] >= 0x80
            at += 2 + data[at + 1]
        if at > len(data):
            return "length"
    number = int.from_bytes(data[4:6], "big")
    return Hstrp(version=data[2], kind=data[3], number=number, options=data[6:at], data=data[at:])


def seal_hstrp(frame: Hstrp) -> bytes:
    """The octets of a frame."""
    head = _HSTRP_MARK + bytes([frame.version, frame.kind]) + frame.number.to_bytes(2, "big")
    return head + frame.options + frame.data
