"""Lines on the map as points of the screen: how long, how far across, where their middle lies."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import hypot

from PySide6.QtCore import QPointF, QRectF

from console.views.situation.projection import View

REACH = 40.0
"""Spacing units: so far outside the view a thing may lie whose words are seen."""


def away(a: QPointF, b: QPointF) -> float:
    """The distance of two points."""
    return hypot(a.x() - b.x(), a.y() - b.y())


def away_from_leg(point: QPointF, a: QPointF, b: QPointF) -> float:
    """How far a point is from the straight line between two others."""
    leg = b - a
    square = QPointF.dotProduct(leg, leg)
    share = 0.0 if square == 0 else max(0.0, min(1.0, QPointF.dotProduct(point - a, leg) / square))
    return away(point, a + leg * share)


def middle_of(points: Sequence[QPointF]) -> QPointF:
    """The point half way along a line."""
    left = sum(away(a, b) for a, b in pairwise(points)) / 2
    for a, b in pairwise(points):
        length = away(a, b)
        if length >= left and length > 0:
            return a + (b - a) * (left / length)
        left -= length
    return points[0]


def bounds_of(points: Sequence[QPointF]) -> QRectF:
    """The rectangle around points, a pixel wide and high at least."""
    xs, ys = [point.x() for point in points], [point.y() for point in points]
    return QRectF(min(xs), min(ys), max(1.0, max(xs) - min(xs)), max(1.0, max(ys) - min(ys)))


def is_near(points: Sequence[QPointF], view: View, reach_px: float) -> bool:
    """Whether what has these points is drawn: something of it, or of the words beside it, lies in the view."""
    return bounds_of(points).intersects(view.rect().adjusted(-reach_px, -reach_px, reach_px, reach_px))
