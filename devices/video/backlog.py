"""What a decoder does that is behind: pictures are never shown late, and lag never grows unseen.  Pure.

A moment's stall is made good by decoding without showing, which is several times faster than the stream.  Where that
does not help the machine is too slow for this stream: all up to the next key frame is left out.
"""

from __future__ import annotations

from typing import Literal

Step = Literal["show", "decode", "skip"]

LATE_NS = 200_000_000
_TRIED_NS = 400_000_000
_GAINED = 0.7


class Backlog:
    """How long packets waited in front of one decoder."""

    def __init__(self) -> None:
        self._since_ns: int | None = None
        self._first_ns = 0

    def judge(self, waited_ns: int, now_ns: int) -> Step:
        """What to do with a packet that has waited this long: never more than ``LATE_NS`` and still be shown."""
        if waited_ns <= LATE_NS:
            self._since_ns = None
            return "show"
        if self._since_ns is None:
            self._since_ns, self._first_ns = now_ns, waited_ns
        if now_ns - self._since_ns < _TRIED_NS:
            return "decode"
        is_gaining = waited_ns < self._first_ns * _GAINED
        self._since_ns, self._first_ns = now_ns, waited_ns
        return "decode" if is_gaining else "skip"
