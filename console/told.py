"""What a file says that may come from anybody, taken with care: words, numbers and moments.  Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from console.map_marks import WORDS
from console.picture import Mode

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LATE_NS = 5_000_000_000

Shift = Callable[[float, float], tuple[float, float]]


def as_it_is(lat_deg: float, lon_deg: float) -> tuple[float, float]:
    """A place that is in WGS-84 already."""
    return lat_deg, lon_deg


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who reads it in, from where, when, into which incident; ``to_wgs84`` shifts what stands in the file."""

    by: str
    source: str
    now_ns: int
    mode: Mode
    to_wgs84: Shift = as_it_is


def words(value: object) -> str:
    """A stranger's words: one line of what can be shown, no longer than a mark's words."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    return "".join(one if one.isprintable() else " " for one in str(value)[: 4 * WORDS]).strip()[:WORDS]


def is_number(value: object) -> bool:
    """Whether it is a number that may be one of degrees, metres or seconds."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def within(value: object, least: float, most: float) -> float | None:
    """A number between these, else ``None``."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        return None
    return float(value)


def moment_ns(value: object) -> int | None:
    """A moment of ISO 8601 with its zone, else ``None``."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return None if moment.tzinfo is None else (moment - _EPOCH) // _MICROSECOND * 1000


def past_ns(value: object, asking: Asking) -> int | None:
    """A moment that has come; clocks may differ by five seconds."""
    at_ns = moment_ns(value)
    return None if at_ns is None or at_ns > asking.now_ns + _LATE_NS else at_ns


def iso(at_ns: int | None) -> str | None:
    """A moment as files have it, to the millisecond and never later than it was."""
    if at_ns is None:
        return None
    return (_EPOCH + timedelta(microseconds=at_ns // 1000)).isoformat(timespec="milliseconds")
