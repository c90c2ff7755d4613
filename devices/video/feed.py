"""What the receiver sends to its decoder: a stream of small framed items.  Pure.

Each item is a head (kind, length, stamps, flags; native layout, both ends are one program on one machine) and a body.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

OPEN: Final = 1
"""Body: JSON ``{"slots", "codec", "may_stand_still"}`` of the stream that begins, newline, the codec's extra data."""
VIEW: Final = 2
"""Body: JSON ``{"width_px", "height_px", "rate_hz", "is_key_only"}``."""
PACKET: Final = 3
"""Body: one packet."""

FLAG_KEY, FLAG_BURST, FLAG_STILL, FLAG_DAMAGED = 1, 2, 4, 8
"""``BURST``: sent again to catch up, to be decoded and not shown.  ``STILL``: the last of these, shown however old.
``DAMAGED``: something of it or before it was lost on its way."""

_HEAD = struct.Struct("=BBxxIqqq")
UNKNOWN_NS = -(1 << 63)
_LARGEST_BYTES = 64_000_000


class FeedError(ValueError):
    """The stream of items is torn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One packet of video on its way through our own processes.

    ``pts_ns`` and ``dts_ns`` are the sender's times, ``received_ns`` (CLOCK_MONOTONIC) when it arrived, ``stamp_ns``
    when it was due; ``gap_ns`` of the sender's time is missing before it; ``is_jump``: that clock was set anew;
    ``is_damaged``: the container says that something was lost here.
    """

    data: bytes
    pts_ns: int | None
    dts_ns: int | None
    received_ns: int
    stamp_ns: int
    is_key: bool
    gap_ns: int = 0
    is_jump: bool = False
    is_damaged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item as the decoder reads it; times as in ``Unit``."""

    kind: int
    flags: int
    pts_ns: int | None
    stamp_ns: int
    received_ns: int
    body: bytes


def control(kind: int, body: bytes) -> bytes:
    """The octets of an item that is no packet."""
    return _HEAD.pack(kind, 0, len(body), UNKNOWN_NS, 0, 0) + body


def packet(unit: Unit, flags: int = 0) -> bytes:
    """The octets of one packet's item."""
    flags |= (FLAG_KEY if unit.is_key else 0) | (FLAG_DAMAGED if unit.is_damaged else 0)
    pts_ns = UNKNOWN_NS if unit.pts_ns is None else unit.pts_ns
    return _HEAD.pack(PACKET, flags, len(unit.data), pts_ns, unit.stamp_ns, unit.received_ns) + unit.data


def read_item(stream: BinaryIO) -> Item | None:
    """The next item; ``None`` at the end, also in the middle of an item (the sender died).  Raises ``FeedError``."""
    head = stream.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    kind, flags, length, pts_ns, stamp_ns, received_ns = _HEAD.unpack(head)
    if kind not in {OPEN, VIEW, PACKET} or length > _LARGEST_BYTES:
        raise FeedError(f"kind {kind}, length {length}")
    body = stream.read(length)
    if len(body) < length:
        return None
    return Item(
        kind=kind,
        flags=flags,
        pts_ns=None if pts_ns == UNKNOWN_NS else pts_ns,
        stamp_ns=stamp_ns,
        received_ns=received_ns,
        body=body,
    )
