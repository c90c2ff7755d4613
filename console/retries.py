"""When a source is tried again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_NS_PER_S = 1_000_000_000
_DELAYS_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
_NOBODY_DELAY_S = 0.5
_LOCKED_DELAYS_S = (60.0, 120.0, 300.0)
UNHURRIED = frozenset({"unauthorised", "forbidden", "bad-url"})
"""What a person must put right first."""

_NOBODY = frozenset({"refused", "unreachable"})
"""There is nobody there yet: a try is told so at once and disturbs nobody."""

_GOOD_NS = 30 * _NS_PER_S


@dataclass(slots=True, kw_only=True)
class Backoff:
    """When to try again: 0.5, 1, 2, 4, 8, 15 s and up to a fifth more by chance; anew after 30 s of good picture.

    Where nobody is there it is tried every half second: who comes back is seen soon, however long he was away.
    What a person must put right first (a wrong password locks the camera's account) is tried after 1, 2, 5 minutes.
    """

    chance: Callable[[], float]
    attempts: int = 0
    _steps: int = 0

    def good(self, good_ns: int) -> None:
        """The picture has been good for this long without a break."""
        if good_ns >= _GOOD_NS:
            self.begin_anew()

    def begin_anew(self) -> None:
        """All is well."""
        self.attempts = self._steps = 0

    def failed(self, reason: str | None) -> int:
        """The delay in nanoseconds after an attempt that ended for ``reason``."""
        self.attempts += 1
        if reason in _NOBODY:
            delay_s = _NOBODY_DELAY_S
        else:
            delays_s = _LOCKED_DELAYS_S if reason in UNHURRIED else _DELAYS_S
            delay_s = delays_s[min(self._steps, len(delays_s) - 1)]
            self._steps += 1
        return int(delay_s * (1 + 0.2 * self.chance()) * _NS_PER_S)
