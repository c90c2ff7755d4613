"""What goes through the engine's one door, and nothing else does.

A record is numbered, given to the journal and stepped by the engine, in this order.  ``payload`` is what the wire
said (``octets``) or one JSON object (all other kinds); its bytes are the journal's raw column.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

import msgspec


class Kind(IntEnum):
    """What happened.  The numbers are the journal's and never change meaning."""

    START = 1
    """A run begins: configuration in force without secrets, mode, versions.  Source ``console``."""
    OCTETS = 2
    """A wire said these octets.  Source: device id; ``peer`` on listeners."""
    WIRE = 3
    """A wire changed: ``{"state": "connecting|up|down", "reason", "detail", "retry_ns"}``.  Source: device id."""
    TICK = 4
    """One second of console time went by."""
    ORDER = 5
    """An operator asked: ``{"type": class name of console.orders, ...fields}``."""
    OUTCOME = 6
    """What became of an effect: ``{"effect": "send", "reference", "is_written", "octets", "reason"}``."""
    CAMERA = 7
    """A video process reported a change: see devices.video.messages.  Source: camera id."""
    JOURNAL = 8
    """The journal's own state changed: ``{"state": "recorded|unrecorded", "reason", "lost"}``."""
    CLOCK = 9
    """The wall clock jumped: ``{"step_ns"}``."""
    FAULT = 10
    """We were wrong: ``{"where", "traceback"}``.  Source: device id or ``console``."""
    GAP = 11
    """Records were lost: ``{"lost", "from_ns", "state", "replaced"}`` in msgpack; ``state`` is the engine's then."""
    STOP = 12
    """The run ended in order."""
    CONFIGURATION = 13
    """The configuration changed while running; same payload as START."""
    SEGMENT = 14
    """What became of a recorded file: ``{"event", "file", ...}``, see ``Segment`` in devices.video.messages; besides
    ``locked unlocked lock-failed removed`` by the console.  Source: camera id.  The journal's index of recordings.
    ``{"event": "space", "used_bytes", "locked_bytes", "free_bytes", "oldest_ns", "is_stuck"}`` of source ``console``
    tells how full the disk is."""


class Record(NamedTuple):
    """One numbered thing that happened at console time ``at_ns``."""

    seq: int
    at_ns: int
    kind: int
    source: str
    peer: str
    payload: bytes


def pack(value: dict[str, Any]) -> bytes:
    """A JSON payload: compact UTF-8."""
    return msgspec.json.encode(value)


def unpack(payload: bytes) -> dict[str, Any]:
    """The JSON object in ``payload``; an empty payload is an empty object."""
    if not payload:
        return {}
    value = msgspec.json.decode(payload)
    return value if isinstance(value, dict) else {}
