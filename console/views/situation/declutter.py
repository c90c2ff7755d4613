"""Places for labels, so that none covers another or a symbol.

Labels come in order of importance.  One that must be shown (selected, alarmed, stale) is moved outwards until it is
free and tied to its symbol by a leader; another is hidden where it does not fit beside its symbol.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, QSizeF

_RINGS = 14
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


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
    wanted: Sequence[Wanted], bounds: QRectF, gap_px: float, obstacles: Sequence[Box] = ()
) -> list[Placed]:
    """Place labels in the order given; what is not in the result is hidden."""
    taken = _Taken([*obstacles, *(box(want.symbol) for want in wanted)], len(wanted))
    placed: list[Placed] = []
    room = box(bounds)
    for index, want in enumerate(wanted, start=len(obstacles)):
        if not bounds.intersects(want.symbol):
            continue
        found = _find(want, room, gap_px, taken, index)
        if found is not None:
            taken.add(found.rect)
            placed.append(found)
    return placed


def place_seen(
    wanted: Sequence[Wanted], seen: QRectF, bounds: QRectF, gap_px: float, obstacles: Sequence[Box] = ()
) -> list[Placed]:
    """As ``place_labels``, but what stands in ``seen`` is named within it: a word cut at the edge says nothing.

    What stands beyond, up to ``bounds``, comes after it.
    """
    inside = [want for want in wanted if seen.contains(want.symbol.center())]
    outside = [want for want in wanted if not seen.contains(want.symbol.center())]
    symbols = [box(want.symbol) for want in outside]
    placed = place_labels(inside, seen, gap_px, [*obstacles, *symbols])
    covered = [box(want.symbol) for want in inside] + [box(one.rect) for one in placed]
    return placed + place_labels(outside, bounds, gap_px, [*obstacles, *covered])


class Layout:
    """The labels placed last; placed anew only when something moved or says something else."""

    def __init__(self) -> None:
        self._asked: object = None
        self._placed: list[Placed] = []

    def place(
        self, wanted: Sequence[Wanted], bounds: QRectF, gap_px: float, obstacles: Sequence[Box] = ()
    ) -> list[Placed]:
        """As ``place_labels``."""
        asked = (list(wanted), bounds, gap_px, list(obstacles))
        if asked != self._asked:
            self._asked = asked
            self._placed = place_labels(wanted, bounds, gap_px, obstacles)
        return self._placed


Corners = Sequence[tuple[float, float]]


class _Taken:
    """What is covered, as arrays: hundreds of boxes are compared with every place a label could have."""

    def __init__(self, boxes: Sequence[Box], more: int) -> None:
        self._count = len(boxes)
        self._sides = np.full((len(boxes) + more, 4), np.nan)
        if boxes:
            self._sides[: self._count] = boxes

    def add(self, rect: QRectF) -> None:
        """Cover ``rect`` too."""
        self._sides[self._count] = box(rect)
        self._count += 1

    def first_free(
        self, corners: Corners, size: tuple[float, float], room: Box, own: int
    ) -> tuple[float, float] | None:
        """The first of these upper left corners at which a box of ``size`` lies in ``room`` and covers nothing.

        What has the index ``own`` does not stand in its way.
        """
        width, height = size
        fitting = [
            (x, y)
            for x, y in corners
            if room[0] <= x and room[1] <= y and x + width <= room[2] and y + height <= room[3]
        ]
        if not fitting:
            return None
        # Only what lies across any of them at all is compared with each.
        left, top = min(x for x, _ in fitting), min(y for _, y in fitting)
        right, bottom = max(x for x, _ in fitting) + width, max(y for _, y in fitting) + height
        sides = self._sides[: self._count]
        is_near = (sides[:, 0] < right) & (left < sides[:, 2]) & (sides[:, 1] < bottom) & (top < sides[:, 3])
        is_near[own] = False
        near: list[Box] = sides[is_near].tolist()
        for x, y in fitting:
            if not any(x < far and one < x + width and y < low and high < y + height for one, high, far, low in near):
                return x, y
        return None


def box(rect: QRectF) -> Box:
    """The sides of a rectangle."""
    return rect.left(), rect.top(), rect.right(), rect.bottom()


def _find(want: Wanted, room: Box, gap_px: float, taken: _Taken, own: int) -> Placed | None:
    symbol, width, height = box(want.symbol), want.size.width(), want.size.height()
    at = taken.first_free(_beside(symbol, width, height, gap_px), (width, height), room, own)
    if at is not None:
        return Placed(key=want.key, rect=QRectF(*at, width, height), has_leader=False)
    if not want.must_show:
        return None
    for ring in range(1, _RINGS):
        at = taken.first_free(_around(symbol, width, height, gap_px + ring * height * 0.8), (width, height), room, own)
        if at is not None:
            return Placed(key=want.key, rect=QRectF(*at, width, height), has_leader=True)
    return None


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
