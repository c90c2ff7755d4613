"""Places for labels, so that none covers another or a symbol.

Labels come in order of importance.  One that must be shown (selected, alarmed, stale) is moved outwards until it is
free and tied to its symbol by a leader; another is hidden where it does not fit beside its symbol.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import floor

from PySide6.QtCore import QRectF, QSizeF

_RINGS = 14
_CELL_PX = 64.0


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
    taken = _Taken()
    for rect in obstacles:
        taken.add(_box(rect), None)
    for want in wanted:
        taken.add(_box(want.symbol), want.key)
    placed: list[Placed] = []
    room = _box(bounds)
    for want in wanted:
        if not bounds.intersects(want.symbol):
            continue
        found = _find(want, room, gap_px, taken)
        if found is not None:
            taken.add(_box(found.rect), None)
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


Box = tuple[float, float, float, float]
"""Left, top, right, bottom.  Plain numbers, for thousands of them are compared."""


class _Taken:
    """What is covered, by cells, so that a box is compared only with what is near it."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[tuple[Box, str | None]]] = {}

    def add(self, box: Box, owner: str | None) -> None:
        """Cover ``box``; it does not stand in the way of the label whose key is ``owner``."""
        for cell in _cells(box):
            self._cells.setdefault(cell, []).append((box, owner))

    def is_free(self, box: Box, owner: str) -> bool:
        """Whether ``box`` covers nothing but what is its own."""
        left, top, right, bottom = box
        for cell in _cells(box):
            for (other_left, other_top, other_right, other_bottom), whose in self._cells.get(cell, ()):
                if (
                    left < other_right
                    and other_left < right
                    and top < other_bottom
                    and other_top < bottom
                    and whose != owner
                ):
                    return False
        return True


def _cells(box: Box) -> Iterator[tuple[int, int]]:
    left, top, right, bottom = (floor(side / _CELL_PX) for side in box)
    return product(range(left, right + 1), range(top, bottom + 1))


def _box(rect: QRectF) -> Box:
    return rect.left(), rect.top(), rect.right(), rect.bottom()


def _find(want: Wanted, room: Box, gap_px: float, taken: _Taken) -> Placed | None:
    symbol, width, height = _box(want.symbol), want.size.width(), want.size.height()
    for x, y in _beside(symbol, width, height, gap_px):
        if _fits(x, y, width, height, room) and taken.is_free((x, y, x + width, y + height), want.key):
            return Placed(key=want.key, rect=QRectF(x, y, width, height), has_leader=False)
    if not want.must_show:
        return None
    for ring in range(1, _RINGS):
        for x, y in _around(symbol, width, height, gap_px + ring * height * 0.8):
            if _fits(x, y, width, height, room) and taken.is_free((x, y, x + width, y + height), want.key):
                return Placed(key=want.key, rect=QRectF(x, y, width, height), has_leader=True)
    return None


def _fits(x: float, y: float, width: float, height: float, room: Box) -> bool:
    return room[0] <= x and room[1] <= y and x + width <= room[2] and y + height <= room[3]


def _beside(symbol: Box, width: float, height: float, gap_px: float) -> tuple[tuple[float, float], ...]:
    left, top, right, bottom = symbol
    middle, centre = (top + bottom - height) / 2, (left + right - width) / 2
    return (
        (right + gap_px, middle),
        (left - gap_px - width, middle),
        (centre, bottom + gap_px / 2),
        (centre, top - gap_px / 2 - height),
    )


def _around(symbol: Box, width: float, height: float, distance_px: float) -> tuple[tuple[float, float], ...]:
    x, y = (symbol[0] + symbol[2]) / 2, (symbol[1] + symbol[3]) / 2
    right, left = symbol[2] + distance_px, symbol[0] - distance_px - width
    below, above = symbol[3] + distance_px, symbol[1] - distance_px - height
    middle, centre = y - height / 2, x - width / 2
    return (
        (right, middle),
        (right, below),
        (right, above),
        (centre, below),
        (centre, above),
        (left, middle),
        (left, below),
        (left, above),
    )
