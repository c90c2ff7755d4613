"""The far end of a drill's bearer: a real STAMP reflector behind a line that is played.

The packets, their count and their times are real; what the line loses by direction, and how much it carries, is the
scenario's.  Round trips stay those of this computer's loopback.
"""

from __future__ import annotations

import asyncio
import threading
import time

from console.drill_outages import Schedule
from devices.reflector import Reflector
from devices.transports.rates import Flow

HEADS_OCTETS = 28
"""IP and UDP, which count in what a line carries."""

_BURST_S = 0.2
_LEAST_BURST_OCTETS = 6_000
_OCTETS_PER_MBIT = 1e6 / 8


class PlayedLine:
    """Loses what its schedule says, and what is beyond ``rate_mbps`` each way; ``None``: it carries anything."""

    def __init__(self, schedule: Schedule, rate_mbps: float | None) -> None:
        self._schedule = schedule
        self._flows: dict[bool, Flow] = {}
        if rate_mbps is not None:
            rate = rate_mbps * _OCTETS_PER_MBIT
            burst = max(rate * _BURST_S, _LEAST_BURST_OCTETS)
            self._flows = {is_back: Flow(rate, burst) for is_back in (False, True)}

    def passes(self, octets: int, *, is_back: bool) -> bool:
        """Whether such a packet arrives now."""
        if self._schedule.loses(is_back=is_back):
            return False
        flow = self._flows.get(is_back)
        return flow is None or flow.allow(octets + HEADS_OCTETS, time.monotonic())


async def reflect(reflector: Reflector) -> None:
    """Serve in a thread of its own until cancelled, then let go of the port."""
    is_over = threading.Event()
    serving = threading.Thread(target=reflector.serve, args=(is_over.is_set,), name=reflector.url, daemon=True)
    serving.start()
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        is_over.set()
        await asyncio.to_thread(serving.join)
        reflector.close()
