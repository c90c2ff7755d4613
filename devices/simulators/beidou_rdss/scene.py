"""The scene around a simulated terminal: its settings, who moves where, and what goes wrong when."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from devices.driver import NS_PER_S, Settings
from devices.simulators.beidou_rdss.speech import Place

FAULTS: Final = frozenset(
    {
        "no-card",
        "no-time",
        "no-beams",
        "feedback-lost",
        "y5",
        "suppressed",
        "silence",
        "pa-unlocked",
        "low-battery",
        "duplicate-texts",
        "wrong-checksum",
        "reboot",
        "split",
    }
)
_M_PER_DEG: Final = 111_320.0
_DEFAULT_SUBORDINATES: Final = (
    {"card": "242407", "lat_deg": 34.412, "lon_deg": 113.702, "every_s": 60, "text": "已到观音寺镇，道路中断"},
    {"card": "242286", "lat_deg": 34.438, "lon_deg": 113.781, "every_s": 60, "text": "需要帐篷40顶"},
    {"card": "247718", "lat_deg": 34.351, "lon_deg": 113.716, "every_s": 90, "text": "搜索完毕，无被困人员"},
    {"card": "195817", "lat_deg": 34.329, "lon_deg": 113.812, "every_s": 120},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subordinate:
    """A card that walks a circle and reports: a position every ``every_s``, ``text`` every ``text_every_s``."""

    card: str
    lat_deg: float
    lon_deg: float
    height_m: float
    radius_m: float
    speed_mps: float
    every_s: float
    text: str
    text_every_s: float

    def place(self, at_ns: int, since_s: float) -> Place:
        """Where it is ``since_s`` after the start."""
        turn = since_s * self.speed_mps / self.radius_m if self.radius_m else 0.0
        north_m, east_m = self.radius_m * math.sin(turn), self.radius_m * math.cos(turn)
        lat_deg = self.lat_deg + north_m / _M_PER_DEG
        lon_deg = self.lon_deg + east_m / (_M_PER_DEG * math.cos(math.radians(self.lat_deg)))
        return Place(
            card=self.card, lat_deg=lat_deg, lon_deg=lon_deg, height_m=self.height_m, at_ns=at_ns, is_own=False
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that is wrong from ``from_s`` after the start for ``for_s`` seconds (``None``: for good)."""

    kind: str
    from_s: float
    for_s: float | None

    def is_on(self, since_s: float) -> bool:
        """Whether it is wrong now."""
        return since_s >= self.from_s and (self.for_s is None or since_s < self.from_s + self.for_s)


def subordinates(settings: Settings) -> tuple[Subordinate, ...]:
    """Those of the settings, else four around 新郑."""
    tables: Sequence[Mapping[str, Any]] = settings.get("subordinates", _DEFAULT_SUBORDINATES)
    return tuple(
        Subordinate(
            card=str(table["card"]).lstrip("0"),
            lat_deg=float(table["lat_deg"]),
            lon_deg=float(table["lon_deg"]),
            height_m=float(table.get("height_m", 110.0)),
            radius_m=float(table.get("radius_m", 400.0)),
            speed_mps=float(table.get("speed_mps", 1.4)),
            every_s=float(table.get("every_s", 60.0)),
            text=str(table.get("text", "")),
            text_every_s=float(table.get("text_every_s", 300.0)),
        )
        for table in tables
    )


def faults(settings: Settings) -> tuple[Fault, ...]:
    """The script: a list of words, or of tables ``kind from_s for_s``.  An unknown kind is our mistake: raises."""
    script: Sequence[Any] = settings.get("faults", ())
    tables: list[Mapping[str, Any]] = [{"kind": one} if isinstance(one, str) else one for one in script]
    if unknown := {table["kind"] for table in tables} - FAULTS:
        raise ValueError(f"faults: {sorted(unknown)}")
    return tuple(
        Fault(kind=table["kind"], from_s=float(table.get("from_s", 0.0)), for_s=table.get("for_s")) for table in tables
    )


@dataclass(slots=True, kw_only=True)
class Repeating:
    """Something that happens every ``every_s`` from ``next_ns`` on; 0 is never."""

    every_s: float
    next_ns: int

    def is_due(self, at_ns: int) -> bool:
        """Whether it happens now; the next time is then set, and what was missed is not made up for."""
        if not self.every_s or at_ns < self.next_ns:
            return False
        self.next_ns = at_ns + round(self.every_s * NS_PER_S)
        return True
