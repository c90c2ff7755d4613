"""What the engine knows of the change of bearers, as a plain mutable table: part of ``console.tables``."""

from __future__ import annotations

import msgspec

from console.pace_facts import Execution, Told, Way
from console.words import Text


class PaceTable(msgspec.Struct):
    """Who carries, what is proposed, and the timers of the way back."""

    carrier_id: str | None = None
    since_ns: int | None = None
    way: Way | None = None
    by: str = ""
    reason: Text | None = None
    number: int = 0
    held_by: str | None = None
    held_ns: int | None = None
    proposed_id: str | None = None
    proposed_ns: int | None = None
    proposed_reason: Text | None = None
    reserve_ns: int | None = None
    acknowledged_by: str | None = None
    good_since: dict[str, int] = {}
    """Since when each bearer is good enough to return to, without a break."""
    execution: Execution = "none"
    execution_ns: int | None = None
    execution_reason: Text | None = None
    must_repeat: bool = False
    """The computer's route may be gone or another's: it is set again as soon as the bearer is usable."""
    put_back_ns: int | None = None
    """When a route that somebody else had replaced was last put back."""
    told: list[Told] = []
    is_telling_due: bool = False
    """The rear is to be told of this change by itself, and was not yet."""
