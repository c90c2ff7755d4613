"""How often each of many may speak on one wire."""

from __future__ import annotations

from collections import OrderedDict

SPEAKERS = 1024
_NS_PER_MINUTE = 60e9


class Rates:
    """So many a minute, a quarter of that at once; the speaker unheard for longest is forgotten first."""

    def __init__(self, per_minute: float) -> None:
        self._per_ns = per_minute / _NS_PER_MINUTE
        self._most = max(1.0, per_minute / 4)
        self._left: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def allow(self, speaker: str, at_ns: int) -> bool:
        """Whether this one may be heard; it counts only then."""
        left, since_ns = self._left.pop(speaker, (self._most, at_ns))
        left = min(self._most, left + max(0, at_ns - since_ns) * self._per_ns)
        is_allowed = left >= 1.0
        self._left[speaker] = (left - 1.0 if is_allowed else left, at_ns)
        if len(self._left) > SPEAKERS:
            self._left.popitem(last=False)
        return is_allowed


class Flow:
    """So many octets a second of one speaker, and a burst before that counts."""

    def __init__(self, octets_per_s: float, burst_octets: float) -> None:
        self._per_s = octets_per_s
        self._burst_octets = burst_octets
        self._left_octets = burst_octets
        self._since_s: float | None = None

    def excess_s(self, octets: int, at_s: float) -> float:
        """Count these; how long this speaker should be silent now, 0 if it need not."""
        since_s, self._since_s = self._since_s, at_s
        grown = 0.0 if since_s is None else max(0.0, at_s - since_s) * self._per_s
        self._left_octets = min(self._burst_octets, self._left_octets + grown) - octets
        return max(0.0, -self._left_octets / self._per_s)

    def allow(self, octets: int, at_s: float) -> bool:
        """Whether these may be taken; they count only then."""
        is_allowed = self.excess_s(octets, at_s) == 0
        if not is_allowed:
            self._left_octets += octets
        return is_allowed
