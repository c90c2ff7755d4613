"""Whether a STAMP reflector answers, and which direction loses: reads the lines of the sampler ``stamp``.

Each line is one ``Reachability``.  Where the reflector keeps its own count, the share lost on the way out
(``loss.out``) and on the way back (``loss.back``) of the last ``WINDOW`` answers follows, at most once a second.
A satellite or mobile network often loses one way only.

**Source:** RFC 8762 clause 4.3 (a stateful reflector numbers what reaches it); the sampler lines of this project
(``devices.transports.stamp``).
**Assumed:** a number that fell, or one that grew more than ours did, is that of a reflector that began anew.  More than
``CUT`` numbers without an answer between them are a cut: what was lost in it says nothing of the line after it.  Equal
numbers mean that it keeps no count: then nothing is said of directions.  An answer after its time shows that the
bearer lives; as a probe it stays lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from devices import attempts
from devices.commands import DeviceCommand
from devices.driver import NS_PER_S, Outgoing, Refused, Settings
from devices.observations import Malformed, Observation, Reachability, Signal
from devices.sampled import instant

WINDOW = 120
LEAST = 8
"""Fewer numbers give no share worth telling."""

CUT = 16
"""As many attempts lost in a row as the profiles take for a cut: at 40 % loss none in a day."""

LATE = "late"
_MOST = 1 << 32
NO_ATTEMPT = frozenset({"permission", "not_tied", "no_route", "filtered", "missing", "name", "trouble"})


class Stamp:
    """One datagram, one line."""

    __slots__ = ("_counts", "_told_ns")

    def __init__(self, settings: Settings) -> None:
        del settings  # this driver has none
        self._counts: list[tuple[int, int]] = []
        self._told_ns = 0

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:  # noqa: ARG002
        """One ``Reachability`` a line and perhaps the losses, else ``Malformed``; never raises."""
        meant = attempts.read(data, NO_ATTEMPT)
        if not isinstance(meant, attempts.Answered):
            return (meant,)
        return self._reached(meant) or (Malformed(reason="field", raw=data),)

    def _reached(self, answer: attempts.Answered) -> Sequence[Observation]:
        payload = answer.payload
        round_trip_ms = attempts.trip_ms(payload.get("round_trip_ms"))
        sent, reached = _number(payload.get("sent")), _number(payload.get("reached"))
        if round_trip_ms is None or sent is None or reached is None:
            return ()
        reason = LATE if payload.get("is_late") is True else None
        said = Reachability(is_answered=True, round_trip_ms=round_trip_ms, reason=reason, asked_ns=answer.asked_ns)
        return said, *self._losses(sent, reached, answer.answered_ns)

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
            abs(sent - last_sent) <= CUT
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


def _number(value: object) -> int | None:
    counted = instant(value)
    return counted if counted is not None and counted < _MOST else None
