"""The connections of a wire: each has octets of its own that are not finished yet, and a rate of its own.

**Assumed:** a peer that is silent while ``MOST`` others speak is gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from devices.driver import NS_PER_S
from devices.drivers.jt808.framing import Framer

MOST: Final = 600


@dataclass(slots=True, kw_only=True)
class Channel:
    """One connection: its unfinished octets, and how many pieces came in this second."""

    framer: Framer = field(default_factory=Framer)
    second: int = -1
    count: int = 0

    def is_over(self, at_ns: int, limit: int) -> tuple[bool, bool]:
        """Count a piece: whether it is beyond the rate, and whether it is the first such of this second."""
        second = at_ns // NS_PER_S
        if second != self.second:
            self.second, self.count = second, 0
        if self.count <= limit:
            self.count += 1
            return self.count > limit, self.count == limit + 1
        return True, False


class Channels:
    """By peer, newest last, at most ``MOST``; a wire with one end has the peer ""."""

    def __init__(self) -> None:
        self._open: dict[str, Channel] = {}

    def of(self, peer: str) -> Channel:
        """The connection of ``peer``."""
        found = self._open.pop(peer, None)
        if found is None:
            found = Channel()
            if len(self._open) >= MOST:
                del self._open[next(iter(self._open))]
        self._open[peer] = found
        return found

    def finish(self) -> list[bytes]:
        """Give up what is unfinished."""
        return [channel.framer.finish() for channel in self._open.values()]

    def save(self) -> dict[str, Any]:
        """Plain values."""
        return {peer: [one.framer.held.hex(), one.second, one.count] for peer, one in self._open.items()}

    def restore(self, state: Mapping[str, Sequence[Any]]) -> None:
        """Continue from what ``save`` gave."""
        self._open = {}
        for peer, (held, second, count) in state.items():
            channel = self._open[peer] = Channel(second=second, count=count)
            channel.framer.held = bytes.fromhex(held)
