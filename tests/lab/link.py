"""One bearer as a model: what was offered to it arrives later, or never.  Seeded, so that a run can be had again.

A packet waits for the sender's line (``rate_bps``, a queue of ``queue_bytes``; what does not fit is dropped), travels
``delay_ms`` with a jitter of its own, and is lost with probability ``loss``.  It is also lost when the bearer is cut at
the moment at which it would arrive.

**Source:** the same quantities as Linux' netem and tbf (``tc-netem(8)``, ``tc-tbf(8)``); this kernel has no netem, and
nothing here needs root.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How good one direction of a bearer is.  ``rate_bps`` ``None``: as fast as it comes.  ``loss`` is 0..1."""

    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    loss: float = 0.0
    rate_bps: float | None = None
    queue_bytes: int = 64_000


QUALITIES = {
    "fibre": Quality(delay_ms=2.0, jitter_ms=0.5, rate_bps=100e6, queue_bytes=1_000_000),
    "lte": Quality(delay_ms=30.0, jitter_ms=12.0, loss=0.005, rate_bps=50e6, queue_bytes=500_000),
    "vsat": Quality(delay_ms=300.0, jitter_ms=10.0, loss=0.005, rate_bps=2e6, queue_bytes=120_000),
    "tiantong": Quality(delay_ms=350.0, jitter_ms=60.0, loss=0.02, rate_bps=2_400.0, queue_bytes=4_000),
}
"""One way.  VSAT: a geostationary hop, twice 300 ms and 2 Mbit/s measured as 606.8 ms; 天通: a data call."""


@dataclass(frozen=True, slots=True, order=True)
class Cut:
    """The bearer carries nothing from ``from_ns`` until ``to_ns``."""

    from_ns: int
    to_ns: int


class Link:
    """One direction of a bearer, with its own chance.  Packets are offered in the order of their time."""

    def __init__(self, quality: Quality, seed: str, cuts: Sequence[Cut] = ()) -> None:
        self.quality = quality
        self.is_up = True
        """For cuts by hand; ``cuts`` come by themselves."""
        self._chance = random.Random(seed)
        self._cuts = sorted(cuts)
        self._next_cut = 0
        self._free_ns = 0

    def offer(self, at_ns: int, size_bytes: int) -> int | None:
        """When a packet offered at ``at_ns`` arrives; ``None``: never."""
        quality = self.quality
        left_ns = at_ns
        if quality.rate_bps is not None:
            begun_ns = max(at_ns, self._free_ns)
            if (begun_ns - at_ns) * quality.rate_bps / 8 / NS_PER_S > quality.queue_bytes:
                return None
            left_ns = begun_ns + round(size_bytes * 8 * NS_PER_S / quality.rate_bps)
            self._free_ns = left_ns
        # The chance is asked for every packet, so that a cut changes nothing of what comes after it.
        jitter_ms = self._chance.uniform(-quality.jitter_ms, quality.jitter_ms)
        is_lost = self._chance.random() < quality.loss
        arrives_ns = left_ns + round(max(0.0, quality.delay_ms + jitter_ms) * NS_PER_MS)
        return None if is_lost or self._is_cut(arrives_ns) else arrives_ns

    def _is_cut(self, at_ns: int) -> bool:
        if not self.is_up:
            return True
        cuts = self._cuts
        while self._next_cut < len(cuts) and cuts[self._next_cut].to_ns <= at_ns:
            self._next_cut += 1
        return self._next_cut < len(cuts) and cuts[self._next_cut].from_ns <= at_ns


def scattered_cuts(count: int, seed: str, *, first_ns: int) -> list[Cut]:
    """``count`` cuts of 150 to 200 s, with 60 to 120 s of good time before each."""
    chance = random.Random(seed)
    found, at_ns = [], first_ns
    for _ in range(count):
        from_ns = at_ns + round(chance.uniform(60, 120) * NS_PER_S)
        at_ns = from_ns + round(chance.uniform(150, 200) * NS_PER_S)
        found.append(Cut(from_ns, at_ns))
    return found


def flaps(count: int, *, first_ns: int, period_ns: int = 8 * NS_PER_S) -> list[Cut]:
    """Half of each period up, half of it down."""
    return [
        Cut(first_ns + index * period_ns + period_ns // 2, first_ns + (index + 1) * period_ns) for index in range(count)
    ]
