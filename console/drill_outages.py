"""When something of a drill is out: a pure question of the time since its start."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from devices.driver import Simulator

Way = Literal["both", "out", "back"]
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Out from ``from_s`` after the start for ``for_s``; with ``every_s`` again and again.

    ``way``: what is lost on a line, seen from the console: what goes ``out``, what comes ``back``, or both: a cut.
    """

    from_s: float
    for_s: float
    every_s: float = math.inf
    way: Way = "both"

    def _since_last_s(self, since_s: float) -> float:
        return (since_s - self.from_s) % self.every_s if since_s >= self.from_s else -math.inf

    def is_on(self, since_s: float) -> bool:
        """Whether it is out now."""
        return 0 <= self._since_last_s(since_s) < self.for_s

    def next_change_s(self, since_s: float) -> float:
        """When this changes next; infinity if never."""
        if since_s < self.from_s:
            return self.from_s
        gone_s = self._since_last_s(since_s)
        return since_s - gone_s + (self.for_s if gone_s < self.for_s else self.every_s)


def outages_of(table: Mapping[str, Any]) -> tuple[Outage, ...]:
    """What a device's ``[simulate]`` table says of its outages."""
    rows: Sequence[Mapping[str, Any]] = table.get("outages", ())
    return tuple(Outage(**row) for row in rows)


class Schedule:
    """All outages of one thing on the drill's own clock, which counts from the start."""

    def __init__(self, outages: Iterable[Outage], since_s: Callable[[], float], sleep: Sleep = asyncio.sleep) -> None:
        self._outages = tuple(outages)
        self._since_s = since_s
        self._sleep = sleep

    def is_out(self) -> bool:
        """Whether it is cut now."""
        return self._is_on("both")

    def loses(self, *, is_back: bool) -> bool:
        """Whether what goes this way is lost now.  May be asked in any thread."""
        return self._is_on("both", "back" if is_back else "out")

    def _is_on(self, *ways: Way) -> bool:
        now_s = self._since_s()
        return any(one.way in ways and one.is_on(now_s) for one in self._outages)

    async def change(self) -> None:
        """Return when something may have changed."""
        now_s = self._since_s()
        next_s = min((one.next_change_s(now_s) for one in self._outages), default=math.inf)
        if math.isinf(next_s):
            await asyncio.get_running_loop().create_future()
        await self._sleep(next_s - now_s + 0.001)

    async def until(self, *, is_out: bool) -> None:
        """Return when it is cut, or is not."""
        while self.is_out() != is_out:
            await self.change()


class Interrupted:
    """A simulated device that says and hears nothing while it is out."""

    def __init__(self, simulator: Simulator, schedule: Schedule) -> None:
        self._simulator = simulator
        self._schedule = schedule

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:
        """Answer what the console sent."""
        return () if self._schedule.is_out() else self._simulator.receive(data, at_ns)

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """What the device says of its own accord."""
        return () if self._schedule.is_out() else self._simulator.tick(at_ns)


def above(tables: Mapping[str, Any], identity: str) -> tuple[str, ...]:
    """Ids of the scenario's tables that this one hangs on (``depends_on``), directly or by others, each once."""
    named = {
        row["id"]: row.get("depends_on", ()) for kind in ("device", "camera", "bearer") for row in tables.get(kind, ())
    }
    found: dict[str, None] = {}
    waiting = list(named.get(identity, ()))
    while waiting:
        one = waiting.pop(0)
        if one not in found and one != identity:
            found[one] = None
            waiting += named.get(one, ())
    return tuple(found)
