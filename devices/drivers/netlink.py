"""A network interface of this computer: reads the lines of the sampler ``netlink``.

Whether it has a carrier, its counters (``Traffic``) and the rates between two of them.  What a point-to-point
interface receives can only have come from its far end; on a shared wire a switch's own chatter would look the same.

**Source:** rtnetlink(7); the sampler lines of this project (``devices.transports.netlink``).
**Assumed:** a counter that fell was begun anew (the interface was unplugged): no rate is told across it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from devices.commands import DeviceCommand
from devices.driver import NS_PER_S, Outgoing, Refused, Settings
from devices.observations import Condition, Malformed, Observation, Signal, Traffic
from devices.sampled import Answer, answers, whole

SHORTEST_NS = NS_PER_S
LONGEST_NS = 300 * NS_PER_S
_BITS = 8


class Netlink:
    """One interface."""

    __slots__ = ("_before",)

    def __init__(self, settings: Settings) -> None:
        del settings  # this driver has none
        self._before: tuple[int, int, int] | None = None

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:  # noqa: ARG002
        """What the lines of one datagram say; never raises."""
        said: list[Observation] = []
        for answer in answers(data):
            said.extend((answer,) if isinstance(answer, Malformed) else self._understand(answer))
        return said

    def _understand(self, answer: Answer) -> Sequence[Observation]:
        payload, at_ns = answer.payload, answer.answered_ns
        if answer.name != "link" or at_ns is None or not isinstance(payload, dict):
            return (Malformed(reason="field", raw=answer.raw),)
        states = [payload.get(key) for key in ("is_there", "is_up", "has_carrier")]
        if not all(isinstance(one, bool) for one in states):
            return (Malformed(reason="field", raw=answer.raw),)
        is_there, is_up, has_carrier = states
        value = "not-present" if not is_there else "down" if not is_up else "up" if has_carrier else "lower-layer-down"
        return Condition(part="link", value=value, is_good=value == "up"), *self._traffic(payload, at_ns)

    def _traffic(self, payload: Mapping[str, Any], at_ns: int) -> Sequence[Observation]:
        received, sent = whole(payload.get("received_bytes")), whole(payload.get("sent_bytes"))
        if received is None or sent is None or received < 0 or sent < 0:
            return ()
        before, self._before = self._before, (received, sent, at_ns)
        is_exclusive = payload.get("is_point_to_point") is True
        told: list[Observation] = [Traffic(received_bytes=received, sent_bytes=sent, is_exclusive=is_exclusive)]
        if before is None:
            return told
        passed_ns = at_ns - before[2]
        if passed_ns < SHORTEST_NS:
            self._before = before
        elif passed_ns <= LONGEST_NS and received >= before[0] and sent >= before[1]:
            told += [
                Signal(quantity="in_rate", value=_rate_bps(received - before[0], passed_ns), unit="bit/s"),
                Signal(quantity="out_rate", value=_rate_bps(sent - before[1], passed_ns), unit="bit/s"),
            ]
        return told

    def poll(self, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002
        """Nothing: the sampler asks."""
        return ()

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:  # noqa: ARG002
        """Refuse: an interface is only watched."""
        return Refused(reason="polled-only")

    def finish(self) -> Sequence[Malformed]:
        """Nothing is left over; no rate is told over a time that nobody watched."""
        self._before = None
        return ()

    def save(self) -> dict[str, Any]:
        """The last counters."""
        return {"before": list(self._before) if self._before is not None else None}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        before = state["before"]
        self._before = (before[0], before[1], before[2]) if before is not None else None


def _rate_bps(octets: int, passed_ns: int) -> float:
    return round(octets * _BITS * NS_PER_S / passed_ns, 1)
