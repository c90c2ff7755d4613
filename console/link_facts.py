"""What is known of a bearer beyond its state: what it carried when it was measured, what was used of it.  Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from console.words import Text

QuotaPeriod = Literal["day", "month", "incident"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """What a check at ``at_ns`` found; ``None``: not measured.  Megabits of 10^6, heads of the packets included.

    ``out_mbps`` reached the rear, ``back_mbps`` came back from it; both are at most ``offered_mbps``, so a bearer may
    carry more.  ``is_enough`` ``None``: this computer could not offer what is required, or nothing is required.
    ``size_bytes`` went both ways together.  ``reason`` says why there is no figure.
    """

    at_ns: int
    out_mbps: float | None = None
    back_mbps: float | None = None
    offered_mbps: float | None = None
    required_mbps: float | None = None
    size_bytes: int = 0
    tool: str = ""
    is_enough: bool | None = None
    reason: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Octets both ways since ``from_ns``.  ``is_own``: only what this console itself counted, not the whole bearer."""

    used_bytes: int
    from_ns: int
    is_own: bool
    quota_bytes: int | None = None
    period: QuotaPeriod = "day"
