"""A loop whose time passes only when nothing else is left to do: days in minutes, and the same order each time.

**Source:** the idea is that of simulators such as FoundationDB's and TigerBeetle's: clock and chance come from a seed.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable

from tests.lab.link import NS_PER_S


class VirtualLoop(asyncio.SelectorEventLoop):
    """``now_ns`` is its time, from 0.  ``settle`` is called before time passes, for what other threads must still say.

    It returns whether they said anything.

    Nothing of what runs in it may wait for the real world: sockets are asked, never waited for.
    """

    def __init__(self, settle: Callable[[], bool]) -> None:
        super().__init__(_Impatient(self))
        self.now_ns = 0
        self.settle = settle

    def time(self) -> float:
        """Seconds of virtual time."""
        return self.now_ns / NS_PER_S

    def wait(self, wait_s: float) -> None:
        """Let time pass: the loop has nothing to do for so long."""
        self.now_ns += max(1, round(wait_s * NS_PER_S))


class _Impatient(selectors.DefaultSelector):
    """Asks the world and never waits for it; the wait is virtual."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready now; the kernel is asked only where a socket is registered, not just the loop's own."""
        has_sockets = len(self.get_map()) > 1
        ready: list[tuple[selectors.SelectorKey, int]] = super().select(0) if has_sockets else []
        if ready or timeout == 0:
            return ready
        if self._loop.settle():
            # What was waited for may have made something ready, in this thread too: no time passes before it ran.
            return super().select(0)
        if timeout is None:
            return super().select(0.001)
        self._loop.wait(timeout)
        return ready
