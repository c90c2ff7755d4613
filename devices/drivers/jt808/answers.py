"""What the platform has to say: frames with its own serial numbers, answers first to wait until they are fetched.

**Source:** 8001 answers everything but registrations and answers: serial and id of what is answered, result (0 done,
1 failed, 2 malformed, 3 not supported).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Any, Final

from devices.driver import Addressed
from devices.drivers.jt808.framing import Address, Frame, seal

OK, FAILED, UNSUPPORTED = 0, 1, 3
MOST: Final = 5000
"""Answers that may wait: more than the frames of one read."""
TOGETHER_OCTETS: Final = 1200
"""Answers to one peer are fetched several in one piece, which still fits one datagram."""

_ACKNOWLEDGE: Final = 0x8001
_BODY = struct.Struct(">HHB")


class Answers:
    """Frames that wait for the next poll.  When too many wait, the newest are not said: a terminal asks again."""

    def __init__(self) -> None:
        self._serial = 0
        self._waiting: list[tuple[str, bytes]] = []

    def acknowledge(self, frame: Frame, peer: str, result: int) -> None:
        """Tell ``peer`` what became of ``frame``."""
        self.put(_ACKNOWLEDGE, frame.address, peer, _BODY.pack(frame.serial, frame.message, result))

    def put(self, message: int, address: Address, peer: str, body: bytes) -> None:
        """Tell ``peer`` a body."""
        if len(self._waiting) < MOST:
            self._waiting.append((peer, self.sealed(message, address, body)[1]))

    def sealed(self, message: int, address: Address, body: bytes) -> tuple[int, bytes]:
        """A frame with the next serial number, and that number."""
        serial = self._serial
        self._serial = (serial + 1) & 0xFFFF
        return serial, seal(message, address, serial, body)

    def take(self) -> list[bytes]:
        """Everything that waits, with its address where the wire has many ends."""
        waiting, self._waiting = self._waiting, []
        if len(waiting) == 1:
            return [_addressed(waiting[0][1], waiting[0][0])]
        by_peer: dict[str, list[bytes]] = {}
        for peer, one in waiting:
            by_peer.setdefault(peer, []).append(one)
        return [_addressed(piece, peer) for peer, all_of in by_peer.items() for piece in _together(all_of)]

    def save(self) -> dict[str, Any]:
        """Plain values."""
        return {"serial": self._serial, "waiting": [[peer, one.hex()] for peer, one in self._waiting]}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._serial = state["serial"]
        self._waiting = [(peer, bytes.fromhex(one)) for peer, one in state["waiting"]]


def _addressed(octets: bytes, peer: str) -> bytes:
    return Addressed(octets, peer) if peer else octets


def _together(frames: list[bytes]) -> Iterator[bytes]:
    piece: list[bytes] = []
    size = 0
    for one in frames:
        if size + len(one) > TOGETHER_OCTETS and piece:
            yield b"".join(piece)
            piece, size = [], 0
        piece.append(one)
        size += len(one)
    yield b"".join(piece)
