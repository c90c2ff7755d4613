"""Is this packet new, and how late is it?  Pure.

A library hands on packets that it held back, and a wire that was plugged in again delivers what had piled up; both
look fresh and are not.  The sender's own time stamps tell: the smallest difference ever seen between arrival and stamp
is the way without delay, all above it is lateness.
"""

from __future__ import annotations

from dataclasses import dataclass

_JUMP_NS = 10_000_000_000
_REORDER_NS = 1_000_000_000
_DRIFT_PPM = 200
"""Two crystals differ by 100 ppm at most each; a sender whose clock is faster must not look later and later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One packet judged.

    ``is_new``: its time advanced.  ``lateness_ns`` >= 0.  ``is_jump``: the sender's clock was set anew, nothing before
    can be compared.  ``gap_ns``: time missing before this packet, 0 where none is.
    """

    is_new: bool
    lateness_ns: int
    is_jump: bool
    gap_ns: int


class ArrivalClock:
    """The arrivals of one opened source.  Times in nanoseconds; ``stamp_ns`` is the decoding time stamp."""

    def __init__(self) -> None:
        self._base_ns: int | None = None
        self._last_stamp_ns = 0
        self._last_at_ns = 0
        self._interval_ns: float | None = None

    def arrive(self, stamp_ns: int | None, at_ns: int) -> Arrival:
        """Judge one packet; without a stamp it is new and its lateness unknown, so 0."""
        if stamp_ns is None:
            return Arrival(is_new=True, lateness_ns=0, is_jump=False, gap_ns=0)
        if self._base_ns is None:
            return self._begin(stamp_ns, at_ns, is_jump=False)
        step_ns = stamp_ns - self._last_stamp_ns
        if step_ns <= -_REORDER_NS or step_ns - (at_ns - self._last_at_ns) > _JUMP_NS:
            return self._begin(stamp_ns, at_ns, is_jump=True)
        passed_ns = at_ns - self._last_at_ns
        way_ns = at_ns - stamp_ns
        self._base_ns = min(self._base_ns + passed_ns * _DRIFT_PPM // 1_000_000, way_ns)
        self._last_at_ns = at_ns
        if step_ns <= 0:
            return Arrival(is_new=False, lateness_ns=way_ns - self._base_ns, is_jump=False, gap_ns=0)
        self._last_stamp_ns = stamp_ns
        return Arrival(is_new=True, lateness_ns=way_ns - self._base_ns, is_jump=False, gap_ns=self._missing_ns(step_ns))

    def _begin(self, stamp_ns: int, at_ns: int, *, is_jump: bool) -> Arrival:
        self._base_ns = at_ns - stamp_ns
        self._last_stamp_ns, self._last_at_ns, self._interval_ns = stamp_ns, at_ns, None
        return Arrival(is_new=True, lateness_ns=0, is_jump=is_jump, gap_ns=0)

    def _missing_ns(self, step_ns: int) -> int:
        usual_ns = self._interval_ns
        if usual_ns is None:
            self._interval_ns = float(step_ns)
            return 0
        self._interval_ns = usual_ns + (min(step_ns, 2 * usual_ns) - usual_ns) / 8
        return int(step_ns - usual_ns) if step_ns > 1.5 * usual_ns else 0
