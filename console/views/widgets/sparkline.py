"""The short history of a bearer: median as a line, loss as colour, what is unknown as a hole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from console.picture import BearerSample
from console.views.theme import Metric, Theme

_LOSS_WARN_PERCENT = 5.0
_LOSS_ALARM_PERCENT = 50.0
_CEILING_MS = 3000.0
_HOLE_SLOTS = 2


def draw_history(
    painter: QPainter, rect: QRectF, samples: Sequence[BearerSample], theme: Theme, *, now_ns: int, span_s: float
) -> None:
    """Draw the last ``span_s`` seconds of ``samples`` into ``rect``, now at its right edge.

    A leg is red and high where half or more was lost, amber from 5 %, else grey; nothing is drawn where nothing is
    known, so a hole is a hole.
    """
    span_ns = span_s * 1e9
    width_ns = _slot_ns(samples)
    previous: QPointF | None = None
    previous_ns = 0
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for sample in samples:
        share = 1.0 - (now_ns - sample.at_ns) / span_ns
        if not 0.0 <= share <= 1.0:
            previous = None
            continue
        if sample.median_ms is None and sample.loss_percent is None:
            previous = None
            continue
        if sample.at_ns - previous_ns > _HOLE_SLOTS * width_ns:
            previous = None  # the console was off: a line across would say that the link was watched
        previous_ns = sample.at_ns
        loss = sample.loss_percent or 0.0
        is_lost = loss >= _LOSS_ALARM_PERCENT or sample.median_ms is None
        height = 0.0 if is_lost else 1.0 - _height(sample.median_ms or 0.0)
        point = QPointF(rect.left() + share * rect.width(), rect.top() + (0.12 + 0.76 * height) * rect.height())
        start = previous or QPointF(point.x() - width_ns / span_ns * rect.width(), point.y())
        colour = theme.palette.dim
        if is_lost:
            colour = theme.palette.alarm
        elif loss >= _LOSS_WARN_PERCENT:
            colour = theme.palette.warn
        pen = theme.pen(colour, Metric.STROKE)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(QPointF(max(start.x(), rect.left()), start.y()), point)
        previous = point


def _slot_ns(samples: Sequence[BearerSample]) -> float:
    steps = [later.at_ns - sooner.at_ns for sooner, later in pairwise(samples)]
    return float(min((step for step in steps if step > 0), default=0))


def _height(round_trip_ms: float) -> float:
    """0 for none, 1 for three seconds and more; logarithmic, so that LTE and a satellite both show their changes."""
    return min(1.0, math.log1p(max(0.0, round_trip_ms)) / math.log1p(_CEILING_MS))
