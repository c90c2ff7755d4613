"""Frames on the stream of a Meshtastic radio: ``94 C3``, a length of two octets, a protocol buffer.

**Source:** the project's public description of its client API (meshtastic.org, "Client API, serial/TCP"): at most 512
octets, big-endian length; a radio may print its log between frames.
**Assumed:** a length is believed only while what it encloses reads as a protocol buffer; else the search goes on behind
the two marks.
"""

from __future__ import annotations

from devices.protobuf import Fields

MARKS = b"\x94\xc3"
FRAME_OCTETS = 512
NOISE_OCTETS = 256

Piece = tuple[bytes, Fields | None]
"""Octets, and what they hold; ``None``: they are no frame."""


def framed(message: bytes) -> bytes:
    """A message as it goes to the radio."""
    return MARKS + len(message).to_bytes(2, "big") + message


class Framer:
    """Cuts a stream into frames, and what lies between them into lines."""

    __slots__ = ("_noise", "rest")

    def __init__(self) -> None:
        self.rest = b""
        self._noise = b""

    @property
    def noise(self) -> bytes:
        """What lies before the next frame and is not told yet."""
        return self._noise

    def restore(self, rest: bytes, noise: bytes) -> None:
        """Continue there."""
        self.rest, self._noise = rest, noise

    def push(self, data: bytes) -> list[Piece]:
        """Frames and noise, in order."""
        data = self.rest + data
        found: list[Piece] = []
        at = 0
        while at < len(data):
            start = data.find(MARKS[:1], at)
            if start != at:
                at = self._keep(data[at : start if start > at else len(data)], found, at)
                continue
            count, fields = _look(data, at)
            if count == 0:
                break
            if fields is None:
                at = self._keep(data[at : at + count], found, at)
                continue
            self._tell(found)
            found.append((data[at : at + count], fields))
            at += count
        self.rest = data[at:]
        return found

    def _keep(self, taken: bytes, found: list[Piece], at: int) -> int:
        """These octets are no frame: each line is told when it ends, each long one in pieces.  Gives where they end."""
        for octet in taken:
            self._noise += bytes((octet,))
            if octet == 0x0A or len(self._noise) >= NOISE_OCTETS:
                self._tell(found)
        return at + len(taken)

    def _tell(self, found: list[Piece]) -> None:
        if self._noise:
            found.append((self._noise, None))
        self._noise = b""

    def take_rest(self) -> list[tuple[str, bytes]]:
        """What the wire broke off in: the noise before it, and the unfinished frame."""
        noise, rest = self._noise, self.rest
        self._noise = self.rest = b""
        return [(why, octets) for why, octets in (("noise", noise), ("truncated", rest)) if octets]


def _look(data: bytes, at: int) -> tuple[int, Fields | None]:
    """How many octets from the first mark on are a frame, or none; 0 while that cannot be said."""
    head = data[at : at + 4]
    if len(head) >= 2 and head[1:2] != MARKS[1:]:
        return 1, None
    if len(head) < 4:
        return 0, None
    length = int.from_bytes(head[2:], "big")
    if length > FRAME_OCTETS:
        return 2, None
    if len(data) < at + 4 + length:
        return 0, None
    fields = Fields.read(data[at + 4 : at + 4 + length])
    return (2, None) if fields is None else (4 + length, fields)
