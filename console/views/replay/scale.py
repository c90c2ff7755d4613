"""The alarms before and after a moment: pure."""

from __future__ import annotations

from collections.abc import Sequence


def next_alarm_ns(alarms: Sequence[tuple[int, str]], at_ns: int) -> int | None:
    """The moment of the first alarm raised after ``at_ns``."""
    return min((raised_ns for raised_ns, _ in alarms if raised_ns > at_ns), default=None)


def last_alarm_ns(alarms: Sequence[tuple[int, str]], at_ns: int) -> int | None:
    """The moment of the last alarm raised before ``at_ns``."""
    return max((raised_ns for raised_ns, _ in alarms if raised_ns < at_ns), default=None)
