"""KISS frames on a stream, and the AX.25 frames in them.

**Source:** KISS by Chepponis and Karn (1987): FEND C0, escapes DB DC and DB DD, port in the high and command in the low
half of the first octet; AX.25 2.2 (TAPR 1998), addresses and UI frames; octets of Debian's direwolf 1.6 agree.
**Assumed:** a modem gives only frames whose checksum was right.  The poll bit in the control octet says nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

FEND = 0xC0
_ESC, _ESC_FEND, _ESC_ESC = 0xDB, 0xDC, 0xDD
FRAME_OCTETS = 1024
NOISE_OCTETS = 256
_UI = 0x03
_NO_LAYER_3 = 0xF0
_MOST_REPEATERS = 8
_CALL = re.compile(rb"[A-Z0-9]{1,6}")
CALLSIGN = re.compile(r"([A-Z0-9]{1,6})(?:-([0-9]|1[0-5]))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """A UI frame.  ``repeated`` are the digipeaters that have handed it on."""

    source: str
    destination: str
    repeated: tuple[str, ...]
    info: bytes


class Framer:
    """Cuts a stream into what lies between two FENDs.  What came before the first one is noise."""

    __slots__ = ("_held", "_is_inside")

    def __init__(self) -> None:
        self._held = bytearray()
        self._is_inside = False

    def push(self, data: bytes) -> Iterator[tuple[str, bytes]]:
        """Pairs of a doubt and octets: the doubt is empty (a frame, still escaped), ``noise`` or ``length``."""
        for octet in data:
            if octet == FEND:
                if self._held:
                    yield ("" if self._is_inside else "noise"), bytes(self._held)
                    self._held.clear()
                self._is_inside = True
                continue
            self._held.append(octet)
            if len(self._held) >= (FRAME_OCTETS if self._is_inside else NOISE_OCTETS):
                yield ("length" if self._is_inside else "noise"), bytes(self._held)
                self._held.clear()
                self._is_inside = False

    def take_rest(self) -> tuple[str, bytes] | None:
        """The frame or noise that the wire broke off in."""
        rest, was_inside = bytes(self._held), self._is_inside
        self._held.clear()
        self._is_inside = False
        return ("truncated" if was_inside else "noise", rest) if rest else None

    def save(self) -> list[object]:
        """The unfinished octets, and whether they are a frame."""
        return [self._held.hex(), self._is_inside]

    def restore(self, state: Sequence[object]) -> None:
        """Continue from what ``save`` gave."""
        self._held = bytearray.fromhex(str(state[0]))
        self._is_inside = bool(state[1])


def unescape(piece: bytes) -> bytes | None:
    """The octets of a frame; ``None`` where an escape is none."""
    if _ESC not in piece:
        return piece
    found = bytearray()
    octets = iter(piece)
    for octet in octets:
        if octet != _ESC:
            found.append(octet)
            continue
        meant = {_ESC_FEND: FEND, _ESC_ESC: _ESC}.get(next(octets, -1))
        if meant is None:
            return None
        found.append(meant)
    return bytes(found)


def kiss(frame: bytes) -> bytes:
    """A frame to be sent on the first port."""
    escaped = frame.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
    return b"\xc0\x00" + escaped + b"\xc0"


def open_frame(frame: bytes) -> Packet | str:
    """What an AX.25 frame holds; else ``address``, or ``other`` for a sound frame that is no UI frame."""
    addresses: list[tuple[str, bool]] = []
    at = 0
    while True:
        field = frame[at : at + 7]
        found = _address(field)
        if found is None or len(addresses) > 1 + _MOST_REPEATERS:
            return "address"
        addresses.append(found)
        at += 7
        if field[6] & 1:
            break
    if len(addresses) < 2:
        return "address"
    if len(frame) < at + 2 or (frame[at] & ~0x10) != _UI or frame[at + 1] != _NO_LAYER_3:
        return "other"
    (destination, _), (source, _), *way = addresses
    repeated = tuple(name for name, is_used in way if is_used)
    return Packet(source=source, destination=destination, repeated=repeated, info=frame[at + 2 :].rstrip(b"\r\n\0"))


def _address(field: bytes) -> tuple[str, bool] | None:
    if len(field) < 7 or any(octet & 1 for octet in field[:6]):
        return None
    call = bytes(octet >> 1 for octet in field[:6]).rstrip(b" ")
    if not _CALL.fullmatch(call):
        return None
    number = (field[6] >> 1) & 0x0F
    return call.decode("ascii") + (f"-{number}" if number else ""), bool(field[6] & 0x80)


def ui_frame(source: str, destination: str, way: Sequence[str], info: bytes) -> bytes:
    """An AX.25 UI frame.  Every name must match ``CALLSIGN``."""
    names = [destination, source, *way]
    octets = b""
    for index, name in enumerate(names):
        call, _, number = name.partition("-")
        is_last = index == len(names) - 1
        command = 0x80 if index == 0 else 0
        octets += bytes(ord(letter) << 1 for letter in call.ljust(6))
        octets += bytes((command | 0x60 | int(number or 0) << 1 | is_last,))
    return octets + bytes((_UI, _NO_LAYER_3)) + info
