"""Whether a host answers: reads the lines of the samplers ``ping`` and ``tcp-connect``.

**Source:** the sampler lines of this project (``devices.transports.samplers``): one JSON object per finished attempt,
``source``, ``asked_ns``, ``answered_ns``, and ``payload`` or ``error``.
**Assumed:** a refused connection is no answer: the service behind it, the way to the rear, is not there.  An error
word that this driver does not know means that nothing is known, not that the host is down.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from devices.commands import DeviceCommand
from devices.driver import Outgoing, Refused, Settings
from devices.observations import Malformed, Observation, Reachability

LINE_OCTETS = 4096
LONGEST_MS = 3_600_000.0
_NO_ANSWER = frozenset({"timeout", "refused", "unreachable", "gone"})
_NO_ATTEMPT = frozenset({"permission", "name", "trouble"})
_NS_PER_MS = 1_000_000


class Probe:
    """One datagram, one attempt.  Keeps nothing."""

    __slots__ = ()

    def __init__(self, settings: Settings) -> None:
        del settings  # this driver has none

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:  # noqa: ARG002
        """One ``Reachability`` a line, else ``Malformed``; never raises."""
        if len(data) > LINE_OCTETS:
            return (Malformed(reason="length", raw=data[:LINE_OCTETS]),)
        try:
            line = json.loads(data)
        except (ValueError, RecursionError):
            return (Malformed(reason="json", raw=data),)
        meant = _meaning(line) if isinstance(line, dict) else None
        return (meant if meant is not None else Malformed(reason="field", raw=data),)

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


def _meaning(line: Mapping[str, Any]) -> Reachability | None:
    asked_ns = _instant(line.get("asked_ns"))
    if asked_ns is None or not isinstance(line.get("source"), str):
        return None
    error = line.get("error")
    if error is None:
        return _answered(line, asked_ns)
    if not isinstance(error, str) or not error:
        return None
    if error in _NO_ANSWER:
        return Reachability(is_answered=False, reason=error, asked_ns=asked_ns)
    return Reachability(is_answered=None, reason=error if error in _NO_ATTEMPT else "unknown", asked_ns=asked_ns)


def _answered(line: Mapping[str, Any], asked_ns: int) -> Reachability | None:
    answered_ns, payload = _instant(line.get("answered_ns")), line.get("payload")
    if answered_ns is None or answered_ns < asked_ns or not isinstance(payload, dict):
        return None
    round_trip_ms = payload.get("round_trip_ms", (answered_ns - asked_ns) / _NS_PER_MS)
    if isinstance(round_trip_ms, bool) or not isinstance(round_trip_ms, (int, float)):
        return None
    if not 0 <= round_trip_ms <= LONGEST_MS:  # also refuses NaN
        return None
    return Reachability(is_answered=True, round_trip_ms=float(round_trip_ms), asked_ns=asked_ns)


def _instant(value: object) -> int | None:
    is_instant = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63
    return value if is_instant and isinstance(value, int) else None
