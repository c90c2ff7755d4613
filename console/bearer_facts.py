"""What is known of the ways to the rear.  Pure."""

from __future__ import annotations

from dataclasses import dataclass

from console.link_facts import Throughput, Usage
from console.words import BearerState, Cost, Fact, Grade, Rung, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class BearerSample:
    """A bearer over one time slot: median and spread of round trips, share of attempts lost; ``None`` is unknown."""

    at_ns: int
    median_ms: float | None
    low_ms: float | None
    high_ms: float | None
    loss_percent: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """A way to reach the rear.  ``receipt_ns``: when the rear last proved that it received something by it.

    ``answered_ns``: when the far end last answered a probe (the pipe, not the service).  ``is_in_use``: it
    carries the rear's traffic (``console.rules.pace``).  ``video_bps`` is what pictures take of it now,
    ``video_hour_bytes`` what they took in the last hour; the budgets bound both, ``None``: no bound.
    ``is_unstable``: it was cut and came back again and again; a cut is then told at once, a return only after it held.
    """

    id: str
    name: str
    rung: Rung
    requires: str
    device_id: str | None
    state: BearerState
    since_ns: int
    reason: Text | None
    round_trip_ms: float | None
    loss_percent: float | None
    judged_ns: int | None
    answered_ns: int | None = None
    receipt_ns: int | None
    is_in_use: bool
    level: Fact | None
    next_send_ns: int | None
    capacity_bits: int | None
    history: tuple[BearerSample, ...]
    video_bps: float = 0.0
    video_hour_bytes: int = 0
    video_budget_bps: float | None = None
    video_hour_budget_bytes: int | None = None
    video_grade: Grade = "main"
    is_unstable: bool = False
    profile: str = "other"
    cost: Cost = "free"
    requires_mbps: float | None = None
    loss_out_percent: float | None = None
    """Of what was sent, lost on the way out; with ``loss_back_percent`` only where a reflector counts."""
    loss_back_percent: float | None = None
    usage: Usage | None = None
    throughput: Throughput | None = None
    measuring_ns: int | None = None
    can_be_checked: bool = False
    check_bytes: int = 0
    evidence: tuple[Text, ...] = ()
    """What its devices say, in short phrases: carrier, far end, registration."""
