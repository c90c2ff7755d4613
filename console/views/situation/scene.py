"""What the map says at one moment, as plain values: two of them tell what must be painted anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF

from console.picture import Picture, TrailPoint
from console.views.situation.crowd import Badge
from console.views.situation.marks import Mark, symbol_reach
from console.views.situation.projection import View
from console.views.theme import Theme

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

    ``words`` are those of the legend, ``vehicle`` its box and what it says, ``layers`` what the layers depend on.
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
    layers: tuple[object, ...] = ()

    def changes_since(self, drawn: Scene, labels: Mapping[str, QRectF], theme: Theme) -> list[QRectF] | None:
        """Where on ``wide`` teams say something else than in ``drawn``, whose labels lie at ``labels``.

        ``None``: anywhere.  The words of the legend, the cursor and what the layers say are not compared.
        """
        other = replace(self, marks=drawn.marks, words=drawn.words, cursor_deg=drawn.cursor_deg, layers=drawn.layers)
        if other != drawn or len(self.marks) != len(drawn.marks):
            return None
        places: list[QRectF] = []
        for old, new in zip(drawn.marks, self.marks, strict=True):
            if old == new:
                continue
            if not _has_same_place(old, new):
                return None
            places.append(symbol_reach(new.centre, theme))
            if new.team_id in labels:
                places.append(labels[new.team_id])
        return places


def _has_same_place(old: Mark, new: Mark) -> bool:
    """Whether nothing but figures of the label changed."""
    return replace(new, said=old.said) == old and _pattern(new.said) == _pattern(old.said)


def has_same_shape(old: Words, new: Words) -> bool:
    """Whether these words take the same place."""
    return [_pattern(said) for said, _ in old] == [_pattern(said) for said, _ in new]


def _pattern(said: str) -> str:
    # Figures are tabular: all of one width.
    return "".join("0" if char.isdigit() else char for char in said)
