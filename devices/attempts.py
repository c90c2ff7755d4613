"""Finished attempts to reach somebody, as the lines of samplers tell them: answered, given up, or not to be made.

A line is one UTF-8 JSON object: ``source``, ``asked_ns`` and ``answered_ns`` (console time), and ``payload`` or
``error`` (a stable word).

**Source:** the sampler lines of this project (``devices.transports.samplers``, ``devices.transports.stamp``).
**Assumed:** a refused connection is no answer: the service behind it, the way to the rear, is not there.  An error
word that is not known means that nothing is known, not that the host is down.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from devices.observations import Malformed, Reachability
from devices.sampled import instant

LINE_OCTETS = 4096
LONGEST_MS = 3_600_000.0
_NO_ANSWER = frozenset({"timeout", "refused", "unreachable", "gone"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An attempt with an answer; what it says is in ``payload``."""

    asked_ns: int
    answered_ns: int
    payload: Mapping[str, Any]


def read(data: bytes, no_attempt: Collection[str]) -> Answered | Reachability | Malformed:
    """What one line says; ``no_attempt`` are the words for an attempt that could not be made.  Never raises."""
    if len(data) > LINE_OCTETS:
        return Malformed(reason="length", raw=data[:LINE_OCTETS])
    try:
        line = json.loads(data)
    except (ValueError, RecursionError):
        return Malformed(reason="json", raw=data)
    meant = _meaning(line, no_attempt) if isinstance(line, dict) else None
    return meant if meant is not None else Malformed(reason="field", raw=data)


def _meaning(line: Mapping[str, Any], no_attempt: Collection[str]) -> Answered | Reachability | None:
    asked_ns, error = instant(line.get("asked_ns")), line.get("error")
    if asked_ns is None or not isinstance(line.get("source"), str):
        return None
    if error is None:
        answered_ns, payload = instant(line.get("answered_ns")), line.get("payload")
        if answered_ns is None or answered_ns < asked_ns or not isinstance(payload, dict):
            return None
        return Answered(asked_ns=asked_ns, answered_ns=answered_ns, payload=payload)
    if not isinstance(error, str) or not error:
        return None
    if error in _NO_ANSWER:
        return Reachability(is_answered=False, reason=error, asked_ns=asked_ns)
    return Reachability(is_answered=None, reason=error if error in no_attempt else "unknown", asked_ns=asked_ns)


def trip_ms(value: object) -> float | None:
    """A round trip, 0 to an hour; ``None`` for everything else, also for what is not a number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= LONGEST_MS:
        return None
    return float(value)
