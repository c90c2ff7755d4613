"""Places for labels, so that none covers another or a symbol.

Labels come in order of importance.  One that must be shown (selected, alarmed, stale) is moved outwards until it is
free and tied to its symbol by a leader; another is hidden where it does not fit beside its symbol.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

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
    symbols = [box(want.symbol) for want in wanted]
    ways = [_beside(symbol, want.size, gap_px) for symbol, want in zip(symbols, wanted, strict=True)]
    areas = [_area(corners, want.size) for corners, want in zip(ways, wanted, strict=True)]
    covered = [*obstacles, *symbols]
    near, rivals = _overlapping(areas, covered), _overlapping(areas, areas)
    room = box(bounds)
    placed: dict[int, Placed] = {}
    rects: dict[int, Box] = {}
    apart: list[Box] = []
    for index, want in enumerate(wanted):
        if not bounds.intersects(want.symbol):
            continue
        own = len(obstacles) + index
        taken = [covered[other] for other in near[index] if other != own]
        taken += [rects[other] for other in rivals[index] if other in rects]
        size = (want.size.width(), want.size.height())
        at = _first_free(ways[index], size, room, taken + apart)
        is_apart = at is None and want.must_show
        if is_apart:
            at = _on_rings(symbols[index], size, gap_px, room, [*covered[:own], *covered[own + 1 :], *rects.values()])
        if at is None:
            continue
        placed[index] = Placed(key=want.key, rect=QRectF(*at, *size), has_leader=is_apart)
        rects[index] = box(placed[index].rect)
        if is_apart:
            apart.append(rects[index])
    return list(placed.values())


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


def _overlapping(boxes: Sequence[Box], others: Sequence[Box]) -> list[list[int]]:
    """Of every box the numbers of the ``others`` that lie across it: hundreds are compared with hundreds at once."""
    if not boxes or not others:
        return [[] for _ in boxes]
    left, top, right, bottom = np.array(boxes).T[:, :, np.newaxis]
    west, north, east, south = np.array(others).T
    rows, columns = np.nonzero((west < right) & (left < east) & (north < bottom) & (top < south))
    found = iter(columns.tolist())
    return [list(islice(found, count)) for count in np.bincount(rows, minlength=len(boxes)).tolist()]


def _first_free(
    corners: Corners, size: tuple[float, float], room: Box, taken: Sequence[Box]
) -> tuple[float, float] | None:
    """The first of these upper left corners at which a box of ``size`` lies in ``room`` and covers nothing."""
    width, height = size
    for x, y in corners:
        right, bottom = x + width, y + height
        if x < room[0] or y < room[1] or right > room[2] or bottom > room[3]:
            continue
        for one, high, far, low in taken:
            if x < far and one < right and y < low and high < bottom:
                break
        else:
            return x, y
    return None


def box(rect: QRectF) -> Box:
    """The sides of a rectangle."""
    return rect.left(), rect.top(), rect.right(), rect.bottom()


def _on_rings(
    symbol: Box, size: tuple[float, float], gap_px: float, room: Box, taken: Sequence[Box]
) -> tuple[float, float] | None:
    rings = [_around(symbol, *size, gap_px + ring * size[1] * 0.8) for ring in range(1, _RINGS)]
    corners = [corner for ring in rings for corner in ring]
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    right, bottom = max(x for x, _ in corners) + size[0], max(y for _, y in corners) + size[1]
    near = [one for one in taken if one[0] < right and left < one[2] and one[1] < bottom and top < one[3]]
    return _first_free(corners, size, room, near)


def _beside(symbol: Box, size: QSizeF, gap_px: float) -> tuple[tuple[float, float], ...]:
    left, top, right, bottom = symbol
    width, height = size.width(), size.height()
    middle, centre = (top + bottom - height) / 2, (left + right - width) / 2
    return (
        (right + gap_px, middle),
        (left - gap_px - width, middle),
        (centre, bottom + gap_px / 2),
        (centre, top - gap_px / 2 - height),
    )


def _area(corners: Corners, size: QSizeF) -> Box:
    """All that a label beside its symbol may cover."""
    (right, _), (left, _), (_, below), (_, above) = corners
    return left, above, right + size.width(), below + size.height()


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
