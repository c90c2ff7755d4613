# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The history of a bearer drawn by pyqtgraph: median as a line, spread as smoke, loss as bars, blocks where it was cut.

Imported only by ``history``: pyqtgraph is half a second of imports and 34 MB.

**Source:** the drawing follows SmokePing's idea of showing the spread of round trips as smoke behind the median.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QFrame, QGraphicsView

from console.picture import BearerSample
from console.views.comms.history import Stretch, ceiling_ms, runs
from console.views.speech import NS_PER_S, Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import CENTRE, RIGHT, draw_text

_SMOKE_ALPHA, _BLOCK_ALPHA = 56, 34
_ALL_LOST_PERCENT = 100.0
_LOSS_TOP, _LOSS_BOTTOM, _TOP = -0.02, -0.12, 1.06
"""Round trips are drawn from 0 to 1, their loss in a band below."""


class Chart(pg.GraphicsView):  # type: ignore[misc]
    """One bearer; time runs to the right, ``Stretch.to_ns`` is the right edge.  Nothing in it takes the mouse."""

    def __init__(self, theme: Theme, speech: Speech) -> None:
        super().__init__(background=None)
        self._theme, self._speech = theme, speech
        self._stretch: Stretch | None = None
        self._ceiling_ms = 1.0
        self._blocks: list[tuple[float, float, bool]] = []
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)  # the ground moves with time
        self.setInteractive(False)
        self.setMouseTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.box = pg.ViewBox(enableMouse=False, enableMenu=False, defaultPadding=0.0)
        self.setCentralItem(self.box)
        self.high, self.low, self.median = (pg.PlotCurveItem(connect="finite") for _ in range(3))
        self.smoke = pg.FillBetweenItem(self.high, self.low)
        self.partly, self.wholly = (pg.BarGraphItem(x0=[], x1=[], y0=[], y1=[]) for _ in range(2))
        self._draw_lines()
        for item in (self.smoke, self.median, self.partly, self.wholly):
            self.box.addItem(item)
        self.box.setYRange(_LOSS_BOTTOM, _TOP, padding=0)

    def _draw_lines(self) -> None:
        palette = self._theme.palette
        smoke = QColor(palette.dim)
        smoke.setAlpha(_SMOKE_ALPHA)
        self.smoke.setBrush(smoke)
        self.median.setPen(_on_glass(self._theme.pen(palette.soft, Metric.STROKE)))
        for edge in (self.high, self.low):
            edge.setPen(None)

    def show_stretch(self, stretch: Stretch) -> None:
        """Draw this; nothing is done where it is what is drawn, or would move by less than a pixel."""
        is_moved_only = self._is_moved_only(stretch)
        if is_moved_only and self._is_in_place(stretch):
            return
        self._stretch = stretch
        to_s = _seconds(stretch, stretch.to_ns)
        self.box.setXRange(to_s - (stretch.to_ns - stretch.from_ns) / NS_PER_S, to_s, padding=0)
        if not is_moved_only:
            self._draw_samples(stretch)
        self.viewport().update()

    def _is_moved_only(self, stretch: Stretch) -> bool:
        before = self._stretch
        if before is None or not stretch.samples:
            return False
        same = (before.samples, before.gaps, before.step_ns, before.note_id)
        return same == (stretch.samples, stretch.gaps, stretch.step_ns, stretch.note_id)

    def _is_in_place(self, stretch: Stretch) -> bool:
        before = self._stretch
        pixel_ns = (stretch.to_ns - stretch.from_ns) / max(1, self.width())
        return before is not None and all(
            abs(old_ns - new_ns) < pixel_ns
            for old_ns, new_ns in ((before.from_ns, stretch.from_ns), (before.to_ns, stretch.to_ns))
        )

    def _draw_samples(self, stretch: Stretch) -> None:
        samples = [one for one in stretch.samples if one.at_ns > stretch.from_ns]
        self._ceiling_ms = ceiling_ms(samples)
        x, median, low, high = _curves(stretch, samples, self._ceiling_ms)
        self.median.setData(x, median)
        self.high.setData(x, high)
        self.low.setData(x, low)
        self._draw_loss(stretch, samples)
        cut = [one for one in samples if one.median_ms is None and (one.loss_percent or 0) >= _ALL_LOST_PERCENT]
        self._blocks = [(_seconds(stretch, a), _seconds(stretch, b), True) for a, b in _stretches(cut, stretch.step_ns)]
        self._blocks += [(_seconds(stretch, one.from_ns), _seconds(stretch, one.to_ns), False) for one in stretch.gaps]

    def _draw_loss(self, stretch: Stretch, samples: Sequence[BearerSample]) -> None:
        palette, step_s = self._theme.palette, stretch.step_ns / NS_PER_S
        for item, colour, is_all in ((self.partly, palette.warn, False), (self.wholly, palette.alarm, True)):
            lossy = [one for one in samples if one.loss_percent and (one.loss_percent >= _ALL_LOST_PERCENT) == is_all]
            ends = [_seconds(stretch, one.at_ns) for one in lossy]
            item.setOpts(
                x0=[end - step_s for end in ends],
                x1=ends,
                y0=[_LOSS_BOTTOM] * len(ends),
                y1=[_LOSS_TOP] * len(ends),
                brush=colour,
                pen=_on_glass(self._theme.pen(colour)),
            )

    def restyle(self) -> None:
        """Colour anew."""
        self._draw_lines()
        if self._stretch is not None:
            self._draw_samples(self._stretch)
        self.viewport().update()

    # ---- ground and words

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        """The base line, and hatched blocks: red where all was lost, grey where this console did not look."""
        del rect
        palette = self._theme.palette
        area = QRectF(self.viewport().rect())
        painter.fillRect(area, palette.panel)
        base = self.box.mapViewToScene(QPointF(0, _LOSS_TOP)).y()
        for from_s, to_s, is_cut in self._blocks:
            left = self.box.mapViewToScene(QPointF(from_s, 0)).x()
            right = max(self.box.mapViewToScene(QPointF(to_s, 0)).x(), left + 1)
            block = QRectF(left, area.top(), right - left, base - area.top()).intersected(area)
            if not block.isEmpty():
                self._draw_block(painter, block, palette.alarm if is_cut else palette.faint)
        painter.setPen(self._theme.pen(palette.line))
        painter.drawLine(QPointF(area.left(), base), QPointF(area.right(), base))

    def _draw_block(self, painter: QPainter, block: QRectF, colour: QColor) -> None:
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

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        """What the upper edge stands for, or that nothing is known."""
        del rect
        stretch = self._stretch
        if stretch is None:
            return
        area = QRectF(self.viewport().rect())
        samples = [one for one in stretch.samples if one.at_ns > stretch.from_ns]
        if all(one.median_ms is None and one.loss_percent is None for one in samples):
            painter.setFont(self._theme.font(Size.SMALL))
            words = self._speech.say(stretch.note_id)
            draw_text(painter, area, words, self._theme.palette.faint, align=CENTRE)
        elif any(one.median_ms is not None for one in samples):
            painter.setFont(self._theme.font(Size.TINY))
            above = QRectF(area.left(), area.top(), area.width(), self._theme.space(4))
            words = self._speech.round_trip(self._ceiling_ms)
            draw_text(painter, above, words, self._theme.palette.faint, align=RIGHT)
            if stretch.is_dated:
                words = self._speech.minute(stretch.from_ns, stretch.to_ns)
                draw_text(painter, above, words, self._theme.palette.faint)


def _on_glass(pen: QPen) -> QPen:
    """As wide as it says in pixels, however time and round trips are scaled."""
    cosmetic = QPen(pen)
    cosmetic.setCosmetic(True)
    return cosmetic


def _seconds(stretch: Stretch, at_ns: int) -> float:
    """Seconds after the first sample: they stay while the right edge moves on, and keep their precision."""
    return (at_ns - (stretch.samples[0].at_ns if stretch.samples else stretch.from_ns)) / NS_PER_S


def _points(run: Sequence[BearerSample], step_ns: int) -> Iterator[tuple[int, float, float, float]]:
    """Each sample at its end, and the first at its beginning too: one alone is a short line."""
    for index, one in enumerate(run):
        median = one.median_ms or 0.0
        low = one.low_ms if one.low_ms is not None else median
        high = one.high_ms if one.high_ms is not None else median
        if index == 0:
            yield one.at_ns - step_ns, median, low, high
        yield one.at_ns, median, low, high


def _curves(
    stretch: Stretch, samples: Sequence[BearerSample], most_ms: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Times, medians, lows and highs as shares of ``most_ms``, with a hole between two runs."""
    rows: list[tuple[float, float, float, float]] = []
    for run in runs(samples, stretch.step_ns):
        if rows:
            rows.append((rows[-1][0], np.nan, np.nan, np.nan))
        for at_ns, *values in _points(run, stretch.step_ns):
            median, low, high = (min(1.0, value / most_ms) for value in values)
            rows.append((_seconds(stretch, at_ns), median, low, high))
    table = np.array(rows, dtype=float).reshape(-1, 4)
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3]


def _stretches(samples: Sequence[BearerSample], step_ns: int) -> list[tuple[int, int]]:
    """The times these samples cover, joined where they touch."""
    found: list[tuple[int, int]] = []
    for sample in samples:
        if found and sample.at_ns - found[-1][1] <= step_ns * 2:
            found[-1] = (found[-1][0], sample.at_ns)
        else:
            found.append((sample.at_ns - step_ns, sample.at_ns))
    return found
