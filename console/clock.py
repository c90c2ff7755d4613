"""Console time: UTC at start plus the time that has really passed, never backwards within a journal.

This is the only place that reads the computer's clocks.  A wall clock that jumps changes nothing here; the jump is
found, written down and shown.
"""

from __future__ import annotations

import time

from devices.driver import NS_PER_S

JUMP_NS = 2 * NS_PER_S


def steady_ns() -> int:
    """Nanoseconds that pass also while the machine sleeps, from an unknown start."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime_ns(boot) if boot is not None else time.monotonic_ns()


def wall_ns() -> int:
    """The computer's idea of UTC."""
    return time.time_ns()  # the one place


class ConsoleClock:
    """Console time of one run.

    ``last_ns`` is the moment of the journal's last record: time goes on from there if the wall clock lies behind it,
    and ``is_doubtful`` says so.
    """

    def __init__(self, last_ns: int = 0) -> None:
        wall = wall_ns()
        self.is_doubtful = wall < last_ns
        self._start_ns = max(wall, last_ns + 1)
        self._steady_ns = steady_ns()
        self._wall_ahead_ns = wall - self._start_ns
        self._last_ns = self._start_ns

    def now_ns(self) -> int:
        """Console time in nanoseconds since 1970-01-01T00:00Z; never smaller than before."""
        now = self._start_ns + steady_ns() - self._steady_ns
        self._last_ns = max(self._last_ns, now)
        return self._last_ns

    def jump_ns(self) -> int | None:
        """By how much the wall clock jumped since the last question, ``None`` if it did not."""
        ahead = wall_ns() - self.now_ns()
        step = ahead - self._wall_ahead_ns
        if abs(step) < JUMP_NS:
            return None
        self._wall_ahead_ns = ahead
        return step
