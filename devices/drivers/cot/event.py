"""One Cursor on Target event as plain values, whichever way it came: XML or TAK protobuf.

**Source:** MITRE's Cursor on Target event schema 2.0 (attributes of ``event`` and ``point``, children of ``detail``)
as used by the published captures and tests of ATAK-CIV, taky and takproto.
**Assumed:** ``hae``, ``ce`` and ``le`` of 999999 or more are "unknown": XML says 9999999, TAK protobuf 999999.  An
accuracy of 0 m is a sender's default, and so is a height of exactly 0 m whose error is unknown.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from xml.etree.ElementTree import Element

UNKNOWN_FROM_M: Final = 999_999.0
SUBJECT_SIGNS: Final = 256
NAME_SIGNS: Final = 128

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class EventError(ValueError):
    """The event breaks its own layout; the argument is the word for ``Malformed``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What stands in an event.  Times: of sending, valid from, valid until; unknown is ``None``.

    ``lat_deg``/``lon_deg`` are both there or both ``None``.  ``opex`` is the sender's word for operation, exercise or
    simulation.
    """

    uid: str
    kind: str
    how: str
    opex: str
    time_ns: int
    start_ns: int | None
    stale_ns: int | None
    lat_deg: float | None
    lon_deg: float | None
    hae_m: float | None
    ce_m: float | None
    le_m: float | None
    detail: Element | None
    raw: bytes

    def find(self, name: str) -> Element | None:
        """The first child of ``detail`` with that name."""
        return self.detail.find(name) if self.detail is not None else None

    def links(self) -> Iterator[Element]:
        """Every link of the event to another."""
        if self.detail is not None:
            yield from self.detail.iterfind("link")

    def parent(self) -> str | None:
        """Who made this event, where a link says it (relation p-p)."""
        for link in self.links():
            if link.get("relation", "p-p") == "p-p":
                return identity(link.get("uid"))
        return None


def identity(text: str | None) -> str | None:
    """A subject as the wire spells it; ``None`` for what cannot be one."""
    text = text.strip() if text else ""
    return text if text and len(text) <= SUBJECT_SIGNS and text.isprintable() else None


def name_of(text: str | None) -> str | None:
    """A callsign for people: one line, bounded; ``None`` where there is none."""
    text = " ".join(text.split()) if text else ""
    return "".join(sign for sign in text if sign.isprintable())[:NAME_SIGNS] or None


def number(text: str | None) -> float | None:
    """A finite number; ``None`` for anything else."""
    try:
        value = float(text) if text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def within(value: float | None, low: float, high: float) -> float | None:
    """The value if it lies in the range, both ends included."""
    return value if value is not None and low <= value <= high else None


def instant_ns(text: str | None) -> int | None:
    """An instant of ISO 8601 with its zone; ``None`` for anything else."""
    try:
        moment = datetime.fromisoformat(text.strip()) if text else None
        if moment is None or moment.tzinfo is None:
            return None
        return positive((moment - _EPOCH) // _MICROSECOND * 1000)
    except (ValueError, OverflowError):
        return None


def positive(value_ns: int) -> int | None:
    """An instant after 1970 that fits 63 bits; a sender's 0 is "not set"."""
    return value_ns if 0 < value_ns < 1 << 63 else None


def place(lat_deg: float | None, lon_deg: float | None) -> tuple[float, float]:
    """Latitude and longitude of a point.  Raises ``EventError`` where they lie on no globe."""
    lat_deg, lon_deg = within(lat_deg, -90.0, 90.0), within(lon_deg, -180.0, 180.0)
    if lat_deg is None or lon_deg is None:
        raise EventError("field")
    return lat_deg, lon_deg


def known_m(value_m: float | None, least_m: float = -20_000.0) -> float | None:
    """A length in metres that the sender knows."""
    if value_m is None or not math.isfinite(value_m):
        return None
    return value_m if least_m <= value_m < UNKNOWN_FROM_M else None
