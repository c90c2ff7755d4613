"""Whether a host answers: reads the lines of the samplers ``ping`` and ``tcp-connect``.

**Source:** the sampler lines of this project (``devices.transports.samplers``): one JSON object per finished attempt,
``source``, ``asked_ns``, ``answered_ns``, and ``payload`` or ``error``.
**Assumed:** a refused connection is no answer: the service behind it, the way to the rear, is not there.  An error
word that this driver does not know means that nothing is known, not that the host is down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from devices import attempts
from devices.commands import DeviceCommand
from devices.driver import Outgoing, Refused, Settings
from devices.observations import Malformed, Observation, Reachability

NO_ATTEMPT = frozenset({"permission", "not_tied", "no_route", "filtered", "missing", "name", "trouble"})
_NS_PER_MS = 1_000_000


class Probe:
    """One datagram, one attempt.  Keeps nothing."""

    __slots__ = ()

    def __init__(self, settings: Settings) -> None:
        del settings  # this driver has none

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:  # noqa: ARG002
        """One ``Reachability`` a line, else ``Malformed``; never raises."""
        meant = attempts.read(data, NO_ATTEMPT)
        if isinstance(meant, attempts.Answered):
            meant = _reached(meant) or Malformed(reason="field", raw=data)
        return (meant,)

    def poll(self, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002
        """Nothing: the sampler asks."""
        return ()

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:  # noqa: ARG002
        """Refuse: nothing can be sent to a probe."""
        return Refused(reason="probe-only")

    def finish(self) -> Sequence[Malformed]:
        """Nothing is ever left over."""
        return ()

    def save(self) -> dict[str, Any]:
        """Nothing to save."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Nothing to restore."""


def _reached(answer: attempts.Answered) -> Reachability | None:
    told = answer.payload.get("round_trip_ms", (answer.answered_ns - answer.asked_ns) / _NS_PER_MS)
    round_trip_ms = attempts.trip_ms(told)
    if round_trip_ms is None:
        return None
    return Reachability(is_answered=True, round_trip_ms=round_trip_ms, asked_ns=answer.asked_ns)
