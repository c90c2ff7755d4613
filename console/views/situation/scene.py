"""What the map says at one moment, as plain values: two of them tell what must be painted anew."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF

from console.picture import Picture, TrailPoint
from console.views.situation.crowd import Badge
from console.views.situation.marks import Mark
from console.views.situation.projection import View

Trail = tuple[TrailPoint, ...]
Words = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What is to be drawn: the picture (``None`` before the first), the part of it, when, and what is chosen."""

    picture: Picture | None
    view: View
    now_ns: int
    selected_id: str | None
    cursor_deg: tuple[float, float] | None
    spread_ids: tuple[str, ...] = ()
    """Teams at one place that are drawn apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything drawn over the underlay.

    ``words`` are those of the legend, ``vehicle`` its box and what it says.
    ``view`` is what is seen; marks, badges and vehicle are placed on ``wide``, which reaches farther.
    """

    view: View
    wide: View
    is_drill: bool
    marks: list[Mark]
    badges: tuple[Badge, ...]
    vehicle: tuple[list[QRectF], tuple[str, ...]]
    trails: tuple[tuple[str, Trail], ...]
    cursor_deg: tuple[float, float] | None
    words: Words


def shape_of_words(words: Words) -> list[str]:
    """What place these words take: others of the same shape take the same."""
    return [_pattern(said) for said, _ in words]


def _pattern(said: str) -> str:
    # Figures are tabular: all of one width.
    return "".join("0" if char.isdigit() else char for char in said)
