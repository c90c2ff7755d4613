# ruff: noqa: N802, ARG002 - the names and signatures of overridden methods are Qt's
"""The history of a bearer: median as a line, spread as smoke, loss as bars, no answer as a hatched block.

**Source:** the drawing follows SmokePing's idea of showing the spread of round trips as smoke behind the median.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.picture import BearerSample, Gap
from console.views.speech import NS_PER_S, Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import CENTRE, RIGHT, draw_text

SPAN_S = 1800
_LOSS_PX = 6.0
_HEIGHT_PX = 72.0
_SMOKE_ALPHA, _BLOCK_ALPHA = 56, 34
_HEADROOM = 1.15
_NEARLY_ALL = 0.95
_ALL_LOST_PERCENT = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The time from left to right, the round trip from bottom to top of ``rect``."""

    rect: QRectF
    from_ns: int
    to_ns: int
    ceiling_ms: float

    def x(self, at_ns: int) -> float:
        """Pixels from the left for a moment."""
        share = (at_ns - self.from_ns) / max(1, self.to_ns - self.from_ns)
        return self.rect.left() + min(1.0, max(0.0, share)) * self.rect.width()

    def y(self, round_trip_ms: float) -> float:
        """Pixels from the top for a round trip."""
        return self.rect.bottom() - min(1.0, round_trip_ms / self.ceiling_ms) * self.rect.height()


def slot_ns(samples: Sequence[BearerSample]) -> int:
    """The length of a time slot: the shortest step between samples, a hole being no slot."""
    steps = [later.at_ns - sooner.at_ns for sooner, later in pairwise(samples)]
    return min((step for step in steps if step > 0), default=10 * NS_PER_S)


def runs(samples: Sequence[BearerSample], step_ns: int) -> list[list[BearerSample]]:
    """Stretches of samples with an answer and without a hole between: only these may be joined by a line."""
    found: list[list[BearerSample]] = []
    last_ns = 0
    for sample in samples:
        if sample.median_ms is None:
            last_ns = 0
            continue
        if not last_ns or sample.at_ns - last_ns > step_ns * 2:
            found.append([])
        found[-1].append(sample)
        last_ns = sample.at_ns
    return found


def ceiling_ms(samples: Sequence[BearerSample]) -> float:
    """The round trip at the upper edge: a little above nearly all; one outlier may not flatten the rest."""
    highs = sorted(s.high_ms or s.median_ms or 0.0 for s in samples if s.median_ms is not None)
    return highs[int((len(highs) - 1) * _NEARLY_ALL)] * _HEADROOM or 1.0 if highs else 1.0


class HistoryView(QWidget):
    """Thirty minutes of one bearer, now at the right edge."""

    def __init__(self, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._speech = theme, speech
        self.samples: tuple[BearerSample, ...] = ()
        self.gaps: tuple[Gap, ...] = ()
        self.now_ns = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_history(self, samples: tuple[BearerSample, ...], gaps: tuple[Gap, ...], now_ns: int) -> None:
        """Draw these; ``gaps`` are times in which this console did not look."""
        self.samples, self.gaps, self.now_ns = samples, gaps, now_ns
        self.update()

    def sizeHint(self) -> QSize:
        """As high as a row has room for."""
        return QSize(self._theme.px(_HEIGHT_PX) * 3, self._theme.px(_HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, gaps, blocks, smoke, line and loss."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        loss_px = self._theme.px(_LOSS_PX)
        rect = QRectF(self.rect()).adjusted(0, self._theme.space(1), 0, -loss_px - 1)
        span = Span(
            rect=rect, from_ns=self.now_ns - SPAN_S * NS_PER_S, to_ns=self.now_ns, ceiling_ms=ceiling_ms(self.samples)
        )
        painter.setPen(self._theme.pen(self._theme.palette.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        samples = [sample for sample in self.samples if sample.at_ns >= span.from_ns]
        for gap in self.gaps:
            if gap.to_ns > span.from_ns:
                self._block(painter, span, gap.from_ns, gap.to_ns, self._theme.palette.faint)
        if all(sample.median_ms is None and sample.loss_percent is None for sample in samples):
            painter.setFont(self._theme.font(Size.SMALL))
            draw_text(painter, rect, self._speech.say("comms.no_history"), self._theme.palette.faint, align=CENTRE)
            return
        step_ns = slot_ns(samples)
        for run in runs(samples, step_ns):
            self._smoke(painter, span, run)
        self._losses(painter, span, samples, step_ns, loss_px)
        if any(sample.median_ms is not None for sample in samples):
            painter.setFont(self._theme.font(Size.TINY))
            said = self._speech.round_trip(span.ceiling_ms)
            draw_text(painter, QRectF(rect.left(), rect.top(), rect.width(), self._theme.space(4)), said,
                      self._theme.palette.faint, align=RIGHT)  # fmt: skip

    def _smoke(self, painter: QPainter, span: Span, run: list[BearerSample]) -> None:
        palette = self._theme.palette
        upper = [
            QPointF(span.x(s.at_ns), span.y(s.high_ms if s.high_ms is not None else s.median_ms or 0)) for s in run
        ]
        lower = [QPointF(span.x(s.at_ns), span.y(s.low_ms if s.low_ms is not None else s.median_ms or 0)) for s in run]
        smoke = QColor(palette.dim)
        smoke.setAlpha(_SMOKE_ALPHA)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(smoke)
        painter.drawPolygon(QPolygonF(upper + lower[::-1]))
        painter.setPen(self._theme.pen(palette.soft, Metric.STROKE))
        points = [QPointF(span.x(s.at_ns), span.y(s.median_ms or 0)) for s in run]
        if len(points) == 1:
            painter.drawPoint(points[0])
        else:
            painter.drawPolyline(QPolygonF(points))

    def _losses(self, painter: QPainter, span: Span, samples: list[BearerSample], step_ns: int, loss_px: float) -> None:
        palette = self._theme.palette
        for sample in samples:
            loss_percent = sample.loss_percent
            if not loss_percent:
                continue
            is_all = loss_percent >= _ALL_LOST_PERCENT
            left, right = span.x(sample.at_ns - step_ns), span.x(sample.at_ns)
            bar = QRectF(left, span.rect.bottom(), max(1.0, right - left), loss_px)
            painter.fillRect(bar, palette.alarm if is_all else palette.warn)
        lost = [s for s in samples if s.median_ms is None and (s.loss_percent or 0) >= _ALL_LOST_PERCENT]
        for first, last in _stretches(lost, step_ns):
            self._block(painter, span, first - step_ns, last, palette.alarm)

    def _block(self, painter: QPainter, span: Span, from_ns: int, to_ns: int, colour: QColor) -> None:
        block = QRectF(span.x(from_ns), span.rect.top(), 0, span.rect.height())
        block.setRight(max(span.x(to_ns), block.left() + 1))
        ground = QColor(colour)
        ground.setAlpha(_BLOCK_ALPHA)
        painter.fillRect(block, ground)
        painter.save()
        painter.setClipRect(block)
        ground.setAlpha(2 * _BLOCK_ALPHA)
        painter.setPen(self._theme.pen(ground))
        x = block.left() - block.height()
        while x < block.right():
            painter.drawLine(QPointF(x, block.bottom()), QPointF(x + block.height(), block.top()))
            x += self._theme.px(Metric.HATCH)
        painter.restore()


def _stretches(samples: Sequence[BearerSample], step_ns: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for sample in samples:
        if found and sample.at_ns - found[-1][1] <= step_ns * 2:
            found[-1] = (found[-1][0], sample.at_ns)
        else:
            found.append((sample.at_ns, sample.at_ns))
    return found
