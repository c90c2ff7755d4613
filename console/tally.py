"""The octets one camera took, as its receiving processes tell them."""

from __future__ import annotations

from console.thrift import COMMON_BPS
from devices.video.messages import Status

_NS_PER_S = 1_000_000_000


class Tally:
    """Counts of one camera over all its processes and openings.  ``has_sub``: it has a small stream."""

    def __init__(self, *, has_sub: bool) -> None:
        self._rate_bps = COMMON_BPS["sub" if has_sub else "main"]
        self._told_bytes = 0
        self._fresh_bytes = 0
        self._opened_bytes = 0
        self._opened_ns = 0

    def begin_process(self) -> None:
        """A new process counts from nothing."""
        self._told_bytes = 0

    def open(self, now_ns: int) -> None:
        """A source is being opened (CLOCK_MONOTONIC)."""
        self._opened_bytes, self._opened_ns = self._told_bytes, now_ns

    def take(self, status: Status) -> None:
        """What a process has received so far."""
        new_bytes = max(0, status.received_bytes - self._told_bytes)
        self._told_bytes += new_bytes
        self._fresh_bytes += new_bytes
        if status.state in {"live", "abnormal"} and status.rate_bps and status.grade in {"main", "sub"}:
            self._rate_bps = status.rate_bps

    def close_still(self, now_ns: int) -> int:
        """A still was taken: what it cost in octets.

        A source that is opened for one key frame sends its whole stream until it is closed, most of which nobody
        reads: at least what the stream takes in that time is reckoned.
        """
        seen_bytes = self._told_bytes - self._opened_bytes
        reckoned_bytes = round(self._rate_bps / 8 * (now_ns - self._opened_ns) / _NS_PER_S)
        self._fresh_bytes += max(0, reckoned_bytes - seen_bytes)
        return max(reckoned_bytes, seen_bytes)

    def fresh(self) -> int:
        """The octets since this was asked last."""
        fresh_bytes, self._fresh_bytes = self._fresh_bytes, 0
        return fresh_bytes
