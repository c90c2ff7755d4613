"""Where moments lie on a time bar: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from console.views.speech import NS_PER_S, Speech

_STEPS_S = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeScale:
    """``from_ns`` at ``left_px``, ``to_ns`` ``width_px`` to the right of it."""

    from_ns: int
    to_ns: int
    left_px: float
    width_px: float

    def x(self, at_ns: int) -> float:
        """Pixels for a moment, within the bar."""
        share = (at_ns - self.from_ns) / max(1, self.to_ns - self.from_ns)
        return self.left_px + min(1.0, max(0.0, share)) * self.width_px

    def at(self, x_px: float) -> int:
        """The moment at a pixel, within the bar."""
        share = (x_px - self.left_px) / max(1.0, self.width_px)
        return self.from_ns + round(min(1.0, max(0.0, share)) * (self.to_ns - self.from_ns))

    def ticks(self, least_px: float, offset_s: int = 0) -> list[int]:
        """Round moments no nearer to one another than ``least_px``; ``offset_s`` east of Greenwich makes them local."""
        span_s = max(1, (self.to_ns - self.from_ns) // NS_PER_S)
        step_s = next((step for step in _STEPS_S if step / span_s * self.width_px >= least_px), _STEPS_S[-1])
        first_s = -(-(self.from_ns // NS_PER_S + offset_s) // step_s) * step_s - offset_s
        return [second * NS_PER_S for second in range(first_s, self.to_ns // NS_PER_S + 1, step_s)]


def local_ticks(scale: TimeScale, speech: Speech, least_px: float) -> list[int]:
    """Moments that are round on the clocks people read here."""
    local = datetime.fromtimestamp(scale.from_ns // NS_PER_S, tz=UTC).astimezone(speech.zone)
    offset = local.utcoffset()
    return scale.ticks(least_px, round(offset.total_seconds()) if offset else 0)
