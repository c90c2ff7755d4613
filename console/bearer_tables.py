"""What the engine knows of bearers, as plain mutable tables: part of ``console.tables``."""

from __future__ import annotations

import msgspec

from console.bearer_facts import BearerSample
from console.configuration.model import BearerConfiguration
from console.words import BearerState, Text


class ByteRow(msgspec.Struct, array_like=True):
    """Octets received since ``from_ns``."""

    from_ns: int
    size_bytes: int


class ProbeRow(msgspec.Struct, array_like=True, frozen=True):
    """One finished attempt: ``round_trip_ms`` is ``None`` when it was lost."""

    at_ns: int
    round_trip_ms: float | None


class BearerTable(msgspec.Struct):
    """One bearer's variable facts and its judge's timers."""

    configuration: BearerConfiguration
    state: BearerState
    since_ns: int
    reason: Text | None = None
    attempts: list[ProbeRow] = []
    slot: list[ProbeRow] = []
    slot_from_ns: int = 0
    history: list[BearerSample] = []
    last_answer_ns: int | None = None
    last_attempt_ns: int | None = None
    cannot_probe: str | None = None
    good_run: int = 0
    flaps: int = 0
    flap_ns: int = 0
    receipt_ns: int | None = None
    video: list[ByteRow] = []
    """What pictures took in the last hour, in slots."""
    video_hour_bytes: int = 0
