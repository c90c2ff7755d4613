"""What simulated devices that are asked have in common: the rounds and the lines of a sampler."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from devices.driver import NS_PER_S

PROFILE_AGAIN_S = 5.0
ANSWER_NS = 20_000_000
"""How long the simulated device takes to answer."""


def line(
    source: str,
    name: str,
    asked_ns: int,
    *,
    kind: str = "path",
    payload: Any = None,  # noqa: ANN401 - whatever JSON holds
    error: str | None = None,
) -> bytes:
    """One line of a sampler."""
    said: dict[str, Any] = {
        "source": source,
        kind: name,
        "asked_ns": asked_ns,
        "answered_ns": asked_ns + ANSWER_NS,
    }
    said |= {"error": error} if error is not None else {"payload": payload}
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode()


class Rounds:
    """When the next round is due, and since when the device runs."""

    def __init__(self, period_s: float) -> None:
        self._period_ns = round(max(0.1, period_s) * NS_PER_S)
        self._began_ns: int | None = None
        self._next_ns = 0
        self._profile_ns = 0

    def due_s(self, at_ns: int) -> float | None:
        """Seconds since the beginning when a round is due, else ``None``."""
        if self._began_ns is None:
            self._began_ns = self._next_ns = self._profile_ns = at_ns
        if at_ns < self._next_ns:
            return None
        self._next_ns = at_ns - (at_ns - self._next_ns) % self._period_ns + self._period_ns
        return (at_ns - self._began_ns) / NS_PER_S

    def profile(self, at_ns: int, lines: Sequence[bytes]) -> Sequence[bytes]:
        """The profile's line, told again now and then: nobody knows when the console began to listen."""
        if at_ns < self._profile_ns:
            return ()
        self._profile_ns = at_ns + round(PROFILE_AGAIN_S * NS_PER_S)
        return lines
