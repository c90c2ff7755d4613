"""Whether a STAMP reflector answers, and which direction loses: reads the lines of the sampler ``stamp``.

Each line is one ``Reachability``.  Where the reflector keeps its own count, the share lost on the way out
(``loss.out``) and on the way back (``loss.back``) of the last ``WINDOW`` answers follows, at most once a second.
A satellite or mobile network often loses one way only.

**Source:** RFC 8762 clause 4.3 (a stateful reflector numbers what reaches it); the sampler lines of this project
(``devices.transports.stamp``).
**Assumed:** a number that fell, or one that grew more than ours did, is that of a reflector that began anew.  Equal
numbers mean that it keeps no count: then nothing is said of directions.  An answer after its time shows that the
bearer lives; as a probe it stays lost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from devices.commands import DeviceCommand
from devices.driver import NS_PER_S, Outgoing, Refused, Settings
from devices.observations import Malformed, Observation, Reachability, Signal

LINE_OCTETS = 4096
LONGEST_MS = 3_600_000.0
WINDOW = 120
LEAST = 8
"""Fewer numbers give no share worth telling."""

LATE = "late"
_MOST = 1 << 32
_NO_ANSWER = frozenset({"timeout", "refused", "unreachable", "gone"})
_NO_ATTEMPT = frozenset({"permission", "name", "trouble", "missing"})


class Stamp:
    """One datagram, one line."""

    __slots__ = ("_counts", "_told_ns")

    def __init__(self, settings: Settings) -> None:
        del settings  # this driver has none
        self._counts: list[tuple[int, int]] = []
        self._told_ns = 0

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:  # noqa: ARG002
        """One ``Reachability`` a line and perhaps the losses, else ``Malformed``; never raises."""
        if len(data) > LINE_OCTETS:
            return (Malformed(reason="length", raw=data[:LINE_OCTETS]),)
        try:
            line = json.loads(data)
        except (ValueError, RecursionError):
            return (Malformed(reason="json", raw=data),)
        meant = self._meaning(line) if isinstance(line, dict) else None
        return meant if meant is not None else (Malformed(reason="field", raw=data),)

    def _meaning(self, line: Mapping[str, Any]) -> Sequence[Observation] | None:
        asked_ns, error = _whole(line.get("asked_ns"), 1 << 63), line.get("error")
        if asked_ns is None or not isinstance(line.get("source"), str):
            return None
        if error is None:
            return self._answered(line, asked_ns)
        if not isinstance(error, str) or not error:
            return None
        if error in _NO_ANSWER:
            return (Reachability(is_answered=False, reason=error, asked_ns=asked_ns),)
        reason = error if error in _NO_ATTEMPT else "unknown"
        return (Reachability(is_answered=None, reason=reason, asked_ns=asked_ns),)

    def _answered(self, line: Mapping[str, Any], asked_ns: int) -> Sequence[Observation] | None:
        answered_ns, payload = _whole(line.get("answered_ns"), 1 << 63), line.get("payload")
        if answered_ns is None or answered_ns < asked_ns or not isinstance(payload, dict):
            return None
        trip_ms = payload.get("round_trip_ms")
        if isinstance(trip_ms, bool) or not isinstance(trip_ms, (int, float)) or not 0 <= trip_ms <= LONGEST_MS:
            return None
        sent, reached = _whole(payload.get("sent"), _MOST), _whole(payload.get("reached"), _MOST)
        if sent is None or reached is None:
            return None
        reason = LATE if payload.get("is_late") is True else None
        said = Reachability(is_answered=True, round_trip_ms=float(trip_ms), reason=reason, asked_ns=asked_ns)
        return said, *self._losses(sent, reached, answered_ns)

    def _losses(self, sent: int, reached: int, at_ns: int) -> Sequence[Observation]:
        counts = self._counts
        if counts and not self._follows(sent, reached):
            counts.clear()
        counts.append((sent, reached))
        del counts[: len(counts) - WINDOW]
        first, last = min(counts), max(counts)
        went, came = last[0] - first[0], last[1] - first[1]
        is_counting = any(one[0] != one[1] for one in counts)
        if not is_counting or went < LEAST or came <= 0 or 0 <= at_ns - self._told_ns < NS_PER_S:
            return ()
        self._told_ns = at_ns
        back = max(0.0, 100.0 * (came - (len(counts) - 1)) / came)
        return (
            Signal(quantity="loss.out", value=round(100.0 * (went - came) / went, 1), unit="%"),
            Signal(quantity="loss.back", value=round(back, 1), unit="%"),
        )

    def _follows(self, sent: int, reached: int) -> bool:
        """Whether both numbers go on from those known; answers may overtake one another."""
        last_sent, last_reached = max(self._counts)
        return (
            abs(sent - last_sent) < 10 * WINDOW
            and abs(reached - last_reached) <= abs(sent - last_sent)
            and ((sent > last_sent) == (reached > last_reached) and (sent, reached) not in self._counts)
        )

    def poll(self, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002
        """Nothing: the sampler asks."""
        return ()

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:  # noqa: ARG002
        """Refuse: nothing can be sent to a probe."""
        return Refused(reason="probe-only")

    def finish(self) -> Sequence[Malformed]:
        """Nothing is ever left over; a new wire numbers anew."""
        self._counts.clear()
        return ()

    def save(self) -> dict[str, Any]:
        """The numbers of the window."""
        return {"counts": [list(one) for one in self._counts], "told_ns": self._told_ns}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._counts = [(one[0], one[1]) for one in state["counts"]]
        self._told_ns = state["told_ns"]


def _whole(value: object, below: int) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < below else None
