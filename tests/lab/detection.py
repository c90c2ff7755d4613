"""How soon a cut is told, how often a live bearer is called down, how restless the board is: on a virtual clock."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.lab.detectors import START_NS, Detector
from tests.lab.link import NS_PER_MS, NS_PER_S, Cut, Link, Quality

PROBE_BYTES = 84
_EVENT_PROBE, _EVENT_TICK = 0, 1


@dataclass(slots=True)
class Seen:
    """What was shown: every change with its moment."""

    changes: list[tuple[int, str]] = field(default_factory=list)
    downs: list[tuple[int, bool]] = field(default_factory=list)

    def most_in_a_minute(self) -> int:
        """The most changes within any sixty seconds."""
        moments = [at_ns for at_ns, _ in self.changes]
        most, first = 0, 0
        for index, at_ns in enumerate(moments):
            while at_ns - moments[first] > 60 * NS_PER_S:
                first += 1
            most = max(most, index - first + 1)
        return most


def _outcomes(detector: Detector, forth: Link, back: Link, until_ns: int) -> Iterator[tuple[int, int, float | None]]:
    """Every probe: asked, over at, round trip.  Probes overlap where a round trip is longer than the interval."""
    waiting: list[tuple[int, int, float]] = []
    asked_ns = START_NS
    while asked_ns < until_ns:
        there_ns = forth.offer(asked_ns, PROBE_BYTES)
        again_ns = None if there_ns is None else back.offer(there_ns, PROBE_BYTES)
        if again_ns is not None and again_ns - asked_ns < detector.timeout_ns:
            heapq.heappush(waiting, (again_ns, asked_ns, (again_ns - asked_ns) / NS_PER_MS))
        else:
            heapq.heappush(waiting, (asked_ns + detector.timeout_ns, asked_ns, -1.0))
        asked_ns += detector.interval_ns
        while waiting and waiting[0][0] < asked_ns:
            over_ns, sent_ns, round_trip_ms = heapq.heappop(waiting)
            yield sent_ns, over_ns, None if round_trip_ms < 0 else round_trip_ms


def watch(detector: Detector, quality: Quality, seed: str, hours: float, cuts: Sequence[Cut] = ()) -> Seen:
    """Let a detector watch a bearer for ``hours`` from ``START_NS`` on."""
    until_ns = START_NS + round(hours * 3_600 * NS_PER_S)
    forth, back = Link(quality, f"{seed} forth", cuts), Link(quality, f"{seed} back", cuts)
    seen = Seen()
    shown, is_down = "", False
    tick_ns = START_NS + NS_PER_S

    def look(at_ns: int) -> None:
        nonlocal shown, is_down
        now = detector.shown()
        if now != shown:
            shown = now
            seen.changes.append((at_ns, now))
        if detector.is_down() != is_down:
            is_down = not is_down
            seen.downs.append((at_ns, is_down))

    for asked_ns, over_ns, round_trip_ms in _outcomes(detector, forth, back, until_ns):
        while tick_ns <= over_ns:
            detector.tick(tick_ns)
            look(tick_ns)
            tick_ns += NS_PER_S
        detector.probed(asked_ns, over_ns, round_trip_ms)
        look(over_ns)
    return seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one detector did in all of it.  Times in seconds; a cut or return never told counts as infinite."""

    down_s: list[float]
    up_s: list[float]
    false_downs: dict[float, int]
    flap_changes: dict[str, int]
    flap_most_a_minute: dict[str, int]


def told_after_s(seen: Seen, cuts: Sequence[Cut], until_ns: int) -> tuple[list[float], list[float]]:
    """How long after each cut, and after each return, it was told."""
    down_s, up_s = [], []
    edges = [*cuts, Cut(until_ns, until_ns)]
    for cut, following in pairwise(edges):
        down_s.append(_first(seen, cut.from_ns, cut.to_ns, is_down=True))
        up_s.append(_first(seen, cut.to_ns, following.from_ns, is_down=False))
    return down_s, up_s


def _first(seen: Seen, from_ns: int, to_ns: int, *, is_down: bool) -> float:
    was_down = next((state for at_ns, state in reversed(seen.downs) if at_ns <= from_ns), False)
    if was_down is is_down:
        return 0.0
    after = (at_ns - from_ns for at_ns, state in seen.downs if from_ns < at_ns <= to_ns and state is is_down)
    return next(after, float("inf")) / NS_PER_S


def judge(
    make: Callable[[], Detector],
    quality: Quality,
    *,
    cuts: Sequence[Cut],
    flapping: Mapping[str, Sequence[Cut]],
    losses: Sequence[float] = (0.05, 0.2, 0.4),
    loss_hours: float = 24.0,
) -> Found:
    """Cuts at 2 % loss, a live bearer at each loss, and flapping."""
    with_loss = Quality(delay_ms=quality.delay_ms, jitter_ms=quality.jitter_ms, loss=_one_way(0.02))
    end_ns = cuts[-1].to_ns + 120 * NS_PER_S
    seen = watch(make(), with_loss, "cuts", (end_ns - START_NS) / 3_600 / NS_PER_S, cuts)
    down_s, up_s = told_after_s(seen, cuts, end_ns)
    false_downs = {}
    for loss in losses:
        lossy = Quality(delay_ms=quality.delay_ms, jitter_ms=quality.jitter_ms, loss=_one_way(loss))
        live = watch(make(), lossy, f"loss {loss}", loss_hours)
        false_downs[loss] = sum(1 for _, is_down in live.downs if is_down)
    clean = Quality(delay_ms=quality.delay_ms, jitter_ms=quality.jitter_ms)
    restless = {name: _restless(make(), clean, flapped) for name, flapped in flapping.items()}
    return Found(
        down_s=down_s,
        up_s=up_s,
        false_downs=false_downs,
        flap_changes={name: len(one.changes) for name, one in restless.items()},
        flap_most_a_minute={name: one.most_in_a_minute() for name, one in restless.items()},
    )


def _restless(detector: Detector, quality: Quality, flapped: Sequence[Cut]) -> Seen:
    seen = watch(detector, quality, "flaps", (flapped[-1].to_ns - START_NS) / 3_600 / NS_PER_S, flapped)
    # What comes before the first flap is the beginning: unknown becomes up.
    seen.changes = [one for one in seen.changes if one[0] >= flapped[0].from_ns]
    return seen


def _one_way(loss: float) -> float:
    """The loss of each direction by which both together lose ``loss``."""
    return 1.0 - math.sqrt(1.0 - loss)
