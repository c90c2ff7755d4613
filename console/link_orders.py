"""What a person can ask of a way to the rear.  Every order is a record before it is obeyed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckThroughput:
    """Measure what this bearer carries, against what is required of it.

    Where each use costs, only with ``is_confirmed``: somebody was told how much it takes and asked once more.
    """

    bearer_id: str
    by: str
    is_confirmed: bool = False
