"""When the first packets of an opened source were due: a library that looks at a stream first hands them on in a lump.

Probing takes up to a second, and a server that keeps the last group of pictures sends it at once: the first packets
then all arrive together, though they were taken one after another.  What is recorded must be dated by when it was, so
the first packets are kept back until others have come at their own pace and tell how long those had waited.
"""

from __future__ import annotations

import time
from dataclasses import replace

from devices.video.feed import Unit

SETTLED_NS = 300_000_000
"""So long after the first packet of an opening those that come have not waited anywhere."""

_MOST_NS = 10_000_000_000
"""A clock that runs wild is no waiting."""


class Settling:
    """Keeps the first packets of an opening back for a moment and dates them.  Not safe between threads."""

    def __init__(self) -> None:
        self._held: list[Unit] = []
        self._is_holding = False
        self._since_ns = 0

    def begin(self) -> list[Unit]:
        """A stream begins; gives what was still kept back of the one before."""
        held = self.release()
        self._is_holding = True
        return held

    def take(self, unit: Unit) -> list[Unit]:
        """One packet arrived; gives those that are dated now, in order."""
        if not self._is_holding:
            return [unit]
        if not self._held:
            self._since_ns = time.monotonic_ns()
        self._held.append(unit)
        is_settled = unit.received_ns - self._held[0].received_ns >= SETTLED_NS
        return self.release() if is_settled else []

    def tend(self, now_ns: int) -> list[Unit]:
        """Asked now and then (CLOCK_MONOTONIC): no packet waits longer because none follows it."""
        return self.release() if self._held and now_ns - self._since_ns >= SETTLED_NS else []

    def release(self) -> list[Unit]:
        """Everything that is kept back, dated; what follows goes through at once."""
        held, self._held, self._is_holding = self._held, [], False
        return dated(held)


def dated(units: list[Unit]) -> list[Unit]:
    """The same packets with ``received_ns`` as it would have been, had none waited.

    The one that waited least is the measure for all up to a jump of the sender's clock.
    """
    number = next((number for number, unit in enumerate(units) if unit.is_jump and number), len(units))
    comparable, rest = units[:number], units[number:]
    ways_ns = [unit.received_ns - unit.dts_ns for unit in comparable if unit.dts_ns is not None]
    if not ways_ns or max(ways_ns) - min(ways_ns) > _MOST_NS:
        return units
    way_ns = min(ways_ns)
    due = [unit if unit.dts_ns is None else replace(unit, received_ns=unit.dts_ns + way_ns) for unit in comparable]
    return due + rest
