"""When a piece of a stream that comes in lumps is due: at the pace at which it was made.  Pure."""

from __future__ import annotations

_JUMP_NS = 10_000_000_000


class Pace:
    """The first piece is due at once, the others by their stamps; one that comes too late moves all that follow."""

    def __init__(self) -> None:
        self._base_ns: int | None = None
        self._last_ns = 0

    def due_ns(self, stamp_ns: int | None, at_ns: int) -> int:
        """When the piece with this decoding time is due, never before ``at_ns``; without a stamp at once."""
        if stamp_ns is None:
            return at_ns
        if self._base_ns is None or abs(stamp_ns - self._last_ns) > _JUMP_NS or self._base_ns + stamp_ns < at_ns:
            self._base_ns = at_ns - stamp_ns
        self._last_ns = stamp_ns
        return self._base_ns + stamp_ns
