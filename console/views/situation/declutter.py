"""Places for labels, so that none covers another or a symbol.

Labels come in order of importance.  One that must be shown (selected, alarmed, stale) is moved outwards until it is
free and tied to its symbol by a leader; another is hidden where it does not fit beside its symbol.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF

_RINGS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A label that asks for a place beside ``symbol``."""

    key: str
    symbol: QRectF
    size: QSizeF
    must_show: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a label goes; ``has_leader``: it stands apart from its symbol."""

    key: str
    rect: QRectF
    has_leader: bool


def place_labels(
    wanted: Sequence[Wanted], bounds: QRectF, gap_px: float, obstacles: Sequence[QRectF] = ()
) -> list[Placed]:
    """Place labels in the order given; what is not in the result is hidden."""
    symbols = [want.symbol for want in wanted]
    taken: list[QRectF] = list(obstacles)
    placed: list[Placed] = []
    for want in wanted:
        if not bounds.intersects(want.symbol):
            continue
        others = [rect for rect in symbols if rect is not want.symbol]
        found = _find(want, bounds, gap_px, taken, others)
        if found is not None:
            taken.append(found.rect)
            placed.append(found)
    return placed


class Layout:
    """The labels placed last; placed anew only when something moved or says something else."""

    def __init__(self) -> None:
        self._asked: object = None
        self._placed: list[Placed] = []

    def place(
        self, wanted: Sequence[Wanted], bounds: QRectF, gap_px: float, obstacles: Sequence[QRectF] = ()
    ) -> list[Placed]:
        """As ``place_labels``."""
        asked = (list(wanted), bounds, gap_px, list(obstacles))
        if asked != self._asked:
            self._asked = asked
            self._placed = place_labels(wanted, bounds, gap_px, obstacles)
        return self._placed


def _find(
    want: Wanted, bounds: QRectF, gap_px: float, taken: Sequence[QRectF], others: Sequence[QRectF]
) -> Placed | None:
    for rect in _beside(want, gap_px):
        if bounds.contains(rect) and _is_free(rect, taken) and _is_free(rect, others):
            return Placed(key=want.key, rect=rect, has_leader=False)
    if not want.must_show:
        return None
    for ring in range(1, _RINGS):
        for rect in _around(want, gap_px + ring * want.size.height() * 0.8):
            if bounds.contains(rect) and _is_free(rect, taken) and _is_free(rect, others):
                return Placed(key=want.key, rect=rect, has_leader=True)
    return None


def _is_free(rect: QRectF, taken: Sequence[QRectF]) -> bool:
    return not any(rect.intersects(other) for other in taken)


def _beside(want: Wanted, gap_px: float) -> list[QRectF]:
    symbol, size = want.symbol, want.size
    middle = symbol.center().y() - size.height() / 2
    centre = symbol.center().x() - size.width() / 2
    corners = (
        QPointF(symbol.right() + gap_px, middle),
        QPointF(symbol.left() - gap_px - size.width(), middle),
        QPointF(centre, symbol.bottom() + gap_px / 2),
        QPointF(centre, symbol.top() - gap_px / 2 - size.height()),
    )
    return [QRectF(corner, size) for corner in corners]


def _around(want: Wanted, distance_px: float) -> list[QRectF]:
    symbol, size = want.symbol, want.size
    x, y = symbol.center().x(), symbol.center().y()
    right, left = symbol.right() + distance_px, symbol.left() - distance_px - size.width()
    below, above = symbol.bottom() + distance_px, symbol.top() - distance_px - size.height()
    middle, centre = y - size.height() / 2, x - size.width() / 2
    corners = (
        QPointF(right, middle),
        QPointF(right, below),
        QPointF(right, above),
        QPointF(centre, below),
        QPointF(centre, above),
        QPointF(left, middle),
        QPointF(left, below),
        QPointF(left, above),
    )
    return [QRectF(corner, size) for corner in corners]
