"""What the engine knows of bearers, as plain mutable tables: part of ``console.tables``."""

from __future__ import annotations

import msgspec

from console.bearer_facts import BearerSample
from console.configuration.model import BearerConfiguration
from console.link_facts import Throughput
from console.words import BearerState, Text


class ByteRow(msgspec.Struct, array_like=True):
    """Octets received since ``from_ns``."""

    from_ns: int
    size_bytes: int


class ProbeRow(msgspec.Struct, array_like=True, frozen=True):
    """One finished attempt: ``round_trip_ms`` is ``None`` when it was lost."""

    at_ns: int
    round_trip_ms: float | None


class Shortfall(msgspec.Struct, frozen=True):
    """Throughput measured too low, from ``since_ns`` to ``at_ns``; the last time ``mbps`` in the worse direction."""

    since_ns: int
    at_ns: int
    mbps: float


class DetectorTable(msgspec.Struct):
    """The memory of ``console.rules.detector`` for one bearer.

    ``raw`` is what the evidence says now, before flapping is damped.  ``penalty`` rises by one with every cut and
    decays; ``changes`` are the moments of the last minute at which what is shown changed.
    """

    attempts: list[ProbeRow] = []
    last_attempt_ns: int | None = None
    last_answer_ns: int | None = None
    answered_asked_ns: int | None = None
    """When the youngest question that has an answer was asked."""
    last_life_ns: int | None = None
    anew_ns: int = 0
    """What was asked before counts no more: it was cut then."""
    misses: int = 0
    good_run: int = 0
    life_run: int = 0
    is_reached: bool | None = None
    score_s: float = 0.0
    scored_ns: int = 0
    quality: str | None = None
    raw: BearerState = "unknown"
    usable_ns: int | None = None
    penalty: float = 0.0
    penalty_ns: int = 0
    is_unstable: bool = False
    changes: list[int] = []


class BearerTable(msgspec.Struct):
    """One bearer's variable facts and its judge's timers."""

    configuration: BearerConfiguration
    state: BearerState
    since_ns: int
    reason: Text | None = None
    detector: DetectorTable = msgspec.field(default_factory=DetectorTable)
    slot: list[ProbeRow] = []
    slot_from_ns: int = 0
    history: list[BearerSample] = []
    judge_id: str | None = None
    """The probe whose attempts are counted now."""
    cannot_probe: dict[str, str] = {}
    """Why a probe can make no attempt, by device."""
    lost_ns: int | None = None
    """Since when its terminal says that it has no signal or is not registered."""
    receipt_ns: int | None = None
    video: list[ByteRow] = []
    """What pictures took in the last hour, in slots."""
    video_hour_bytes: int = 0
    counters: dict[str, list[int]] = {}
    """The last counters of each interface: received, sent, and when they were told."""
    used_bytes: int = 0
    used_from_ns: int = 0
    is_own_count: bool = True
    asked_ns: int | None = None
    """When it was last asked whether it lives, where each question costs."""
    measuring_ns: int | None = None
    throughput: Throughput | None = None
    shortfall: Shortfall | None = None

    @property
    def is_unstable(self) -> bool:
        """Whether it is cut and comes back again and again."""
        return self.detector.is_unstable
