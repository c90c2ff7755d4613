# ruff: noqa: N802, ARG002 - the names and signatures of overridden methods are Qt's
"""What is recorded of one camera, on a bar: blocks, gaps, locks, clips, marks; a moment or a span to choose.

Recorded is a full block, missing is hatched, removed is a dotted line; locked has a bar on its upper edge, a clip
one below the track, a mark is a flag.  Empty is what was never recorded.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from console.queries import PictureMark, RecordedFile, RecordingsPage
from console.views.speech import NS_PER_S, Speech
from console.views.theme import Metric, Size, Theme
from console.views.video.spans import MINUTE_NS, Pick, known_until_ns, pick_between, pick_of
from console.views.widgets.label import CENTRE, draw_text
from console.views.widgets.timescale import TimeScale, local_ticks

STEP_NS = 10 * NS_PER_S
_HEIGHT_PX = 52.0
_TRACK_TOP_PX = 13.0
_TRACK_PX = 20.0
_TICK_PX = 72.0
_LABEL_PX = 96.0
_EDGE_PX = 3.0
_FLAG_PX = 9.0


class RecordBar(QWidget):
    """``picked`` carries the ``Pick`` made by a click, a drag or the arrow keys."""

    picked = Signal(object)

    def __init__(self, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._speech = theme, speech
        self.page: RecordingsPage | None = None
        self.from_ns = self.to_ns = 0
        self.pick: Pick | None = None
        self._pressed: QPointF | None = None
        self._pressed_ns = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_span(self, from_ns: int, to_ns: int, page: RecordingsPage | None) -> None:
        """Draw this span with what is known of it; ``None``: nothing is known (yet)."""
        self.from_ns, self.to_ns, self.page = from_ns, to_ns, page
        self.update()

    def show_pick(self, pick: Pick | None) -> None:
        """Mark this choice."""
        self.pick = pick
        self.update()

    def scale(self) -> TimeScale:
        """Where moments lie now."""
        edge = self._theme.space(2)
        return TimeScale(
            from_ns=self.from_ns, to_ns=self.to_ns, left_px=edge, width_px=max(1.0, self.width() - 2 * edge)
        )

    def track(self) -> QRectF:
        """Where the blocks lie."""
        scale = self.scale()
        return QRectF(scale.left_px, self._theme.px(_TRACK_TOP_PX), scale.width_px, self._theme.px(_TRACK_PX))

    def sizeHint(self) -> QSize:
        """High enough for a finger."""
        return QSize(self._theme.px(_LABEL_PX) * 4, self._theme.px(_HEIGHT_PX))

    def minimumSizeHint(self) -> QSize:
        """May become narrow."""
        return QSize(self._theme.px(_LABEL_PX), self._theme.px(_HEIGHT_PX))

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track, blocks, gaps, locks, clips, marks, ticks, the choice."""
        painter = QPainter(self)
        palette, track, scale = self._theme.palette, self.track(), self.scale()
        painter.fillRect(track, palette.field)
        painter.setFont(self._theme.font(Size.TINY))
        if self.page is None:
            draw_text(painter, track, self._speech.say("videowall.bar.unknown"), palette.dim, align=CENTRE)
        else:
            for file in self.page.files:
                self._paint_file(painter, track, scale, file)
            for mark in self.page.marks:
                self._paint_mark(painter, track, scale, mark)
            self._paint_unlisted(painter, track, scale, known_until_ns(self.page))
        painter.setPen(self._theme.pen(palette.info if self.hasFocus() else palette.line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(track)
        self._paint_ticks(painter, track, scale)
        if self.pick is not None:
            self._paint_pick(painter, track, scale, self.pick)

    def _paint_file(self, painter: QPainter, track: QRectF, scale: TimeScale, file: RecordedFile) -> None:
        if file.to_ns < scale.from_ns or file.from_ns > scale.to_ns:
            return
        palette, edge = self._theme.palette, self._theme.px(_EDGE_PX)
        left, right = scale.x(file.from_ns), scale.x(file.to_ns)
        block = QRectF(left, track.top(), max(1.0, right - left), track.height())
        if file.is_removed:
            painter.setPen(self._theme.pen(palette.dim, Metric.STROKE, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(left, track.center().y()), QPointF(right, track.center().y()))
            return
        if file.is_clip:
            painter.fillRect(QRectF(left, track.bottom() + 1, block.width(), edge), palette.text)
            return
        painter.fillRect(block, palette.scroll)
        for begin_ns, lost_ns in file.gaps:
            self._paint_gap(painter, track, scale, (begin_ns, begin_ns + lost_ns))
        if file.is_locked:
            painter.fillRect(QRectF(left, track.top() - edge, block.width(), edge), palette.info)

    def _paint_gap(self, painter: QPainter, track: QRectF, scale: TimeScale, gap: tuple[int, int]) -> None:
        palette = self._theme.palette
        left = scale.x(gap[0])
        block = QRectF(left, track.top(), max(2.0, scale.x(gap[1]) - left), track.height())
        painter.save()
        painter.setClipRect(block)
        painter.fillRect(block, palette.field)
        painter.setPen(self._theme.pen(palette.warn, Metric.STROKE))
        x = block.left() - block.height()
        while x < block.right():
            painter.drawLine(QPointF(x, block.bottom()), QPointF(x + block.height(), block.top()))
            x += self._theme.px(Metric.HATCH) / 2
        painter.restore()

    def _paint_unlisted(self, painter: QPainter, track: QRectF, scale: TimeScale, known_ns: int | None) -> None:
        """Where the list ends, nothing is known: that must not look like a time without recordings."""
        if known_ns is None or known_ns >= scale.to_ns:
            return
        rest = QRectF(scale.x(known_ns), track.top(), track.right() - scale.x(known_ns), track.height())
        painter.fillRect(rest, self._theme.palette.warn_ground)
        said = self._speech.say("videowall.bar.unlisted")
        draw_text(painter, rest, said, self._theme.palette.warn, align=CENTRE)

    def _paint_mark(self, painter: QPainter, track: QRectF, scale: TimeScale, mark: PictureMark) -> None:
        if not scale.from_ns <= mark.at_ns <= scale.to_ns:
            return
        x, size = scale.x(mark.at_ns), self._theme.px(_FLAG_PX)
        top = track.top() - self._theme.px(_TRACK_TOP_PX) + 1
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.pen(self._theme.palette.own, Metric.STROKE))
        painter.drawLine(QPointF(x, top), QPointF(x, track.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.palette.own)
        painter.drawPolygon(QPolygonF((QPointF(x, top), QPointF(x + size, top + size / 2), QPointF(x, top + size))))
        painter.restore()

    def _paint_ticks(self, painter: QPainter, track: QRectF, scale: TimeScale) -> None:
        if self.to_ns <= self.from_ns:
            return
        palette, gap = self._theme.palette, self._theme.px(_EDGE_PX) + 1
        width, height = self._theme.px(_LABEL_PX), self.height() - track.bottom() - gap
        painter.setFont(self._theme.font(Size.TINY))
        for at_ns in local_ticks(scale, self._speech, self._theme.px(_TICK_PX)):
            x = scale.x(at_ns)
            painter.setPen(self._theme.pen(palette.faint))
            painter.drawLine(QPointF(x, track.bottom()), QPointF(x, track.bottom() + gap))
            room = QRectF(min(max(0.0, x - width / 2), self.width() - width), track.bottom() + gap, width, height)
            draw_text(painter, room, self._label(at_ns), palette.dim, align=CENTRE)

    def _label(self, at_ns: int) -> str:
        if at_ns % MINUTE_NS:
            return self._speech.second(at_ns, self.to_ns)
        return self._speech.minute(at_ns, self.to_ns)

    def _paint_pick(self, painter: QPainter, track: QRectF, scale: TimeScale, pick: Pick) -> None:
        palette = self._theme.palette
        painter.setPen(self._theme.pen(palette.info, Metric.STROKE_BOLD))
        if pick.is_range:
            left, right = scale.x(pick.from_ns), scale.x(pick.to_ns)
            painter.drawRect(QRectF(left, track.top() - 2, max(2.0, right - left), track.height() + 4))
            return
        x = scale.x(pick.at_ns)
        painter.drawLine(QPointF(x, 0), QPointF(x, track.bottom() + self._theme.px(_EDGE_PX)))

    # ---- hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The beginning of a click or of a span."""
        if self.to_ns > self.from_ns:
            self._pressed = event.position()
            self._pressed_ns = self.scale().at(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw a span."""
        if self._pressed is not None and self._is_far(event):
            self.show_pick(pick_between(self._pressed_ns, self.scale().at(event.position().x())))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click chooses its moment, a drag its span."""
        if self._pressed is None:
            return
        end_ns = self.scale().at(event.position().x())
        is_range = self._is_far(event) and end_ns != self._pressed_ns
        self.choose(pick_between(self._pressed_ns, end_ns) if is_range else pick_of(self._pressed_ns))
        self._pressed = None

    def _is_far(self, event: QMouseEvent) -> bool:
        start = self._pressed or event.position()
        return abs(event.position().x() - start.x()) >= QApplication.startDragDistance()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the choice by ten seconds, with Shift they stretch it, with Ctrl they move by a minute."""
        direction = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if direction is None:
            super().keyPressEvent(event)
            return
        is_far = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        is_extended = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self.step(direction * (MINUTE_NS if is_far else STEP_NS), is_extended=is_extended)

    def step(self, step_ns: int, *, is_extended: bool) -> None:
        """Move or stretch the choice; where there is none, begin at the end of the span."""
        if self.to_ns <= self.from_ns:
            return
        if self.pick is None:
            self.choose(pick_of(self.to_ns + min(0, step_ns)))
        else:
            self.choose(self.pick.moved(step_ns, is_extended=is_extended))

    def choose(self, pick: Pick) -> None:
        """Mark this choice and say so."""
        self.show_pick(pick)
        self.picked.emit(pick)
