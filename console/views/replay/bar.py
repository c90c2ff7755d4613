# ruff: noqa: N802, ARG002 - the names and signatures of overridden methods are Qt's
"""The time bar: the whole incident with its gaps and alarms, and a cursor to drag."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.queries import TimelinePage
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import CENTRE, draw_text
from console.views.widgets.timescale import TimeScale, local_ticks

SEEK_PERIOD_MS = 120
_HEIGHT_PX = 128.0
_TICK_PX = 110.0
_TRACK_PX = 28.0
_MARK_PX = 10.0
_LABEL_PX = 96.0


class TimeBar(QWidget):
    """``sought`` carries the moment the cursor was dragged to, a few times a second while it moves."""

    sought = Signal(object)

    def __init__(self, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._speech = theme, speech
        self.page: TimelinePage | None = None
        self.from_ns = self.to_ns = 0
        self.at_ns: int | None = None
        self._dragged_ns: int | None = None
        self._sent_ns: int | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(SEEK_PERIOD_MS)
        self._timer.timeout.connect(self._send)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_timeline(self, page: TimelinePage | None) -> None:
        """Draw these gaps and alarms."""
        self.page = page
        if page is not None:
            self.from_ns, self.to_ns = page.from_ns, page.to_ns
        self.update()

    def show_moment(self, at_ns: int | None, span: tuple[int, int] | None = None) -> None:
        """Put the cursor at this moment, unless it is being dragged; ``None``: no cursor."""
        self.at_ns = at_ns
        if span is not None:
            self.from_ns, self.to_ns = span
        self.update()

    @property
    def cursor_ns(self) -> int | None:
        """Where the cursor is drawn."""
        return self._dragged_ns if self._dragged_ns is not None else self.at_ns

    def scale(self) -> TimeScale:
        """Where moments lie now."""
        edge = self._theme.px(_LABEL_PX) / 2
        return TimeScale(
            from_ns=self.from_ns, to_ns=self.to_ns, left_px=edge, width_px=max(1.0, self.width() - 2 * edge)
        )

    def sizeHint(self) -> QSize:
        """High enough for a finger."""
        return QSize(self._theme.px(_LABEL_PX) * 4, self._theme.px(_HEIGHT_PX))

    def minimumSizeHint(self) -> QSize:
        """May become narrow."""
        return QSize(self._theme.px(_LABEL_PX), self._theme.px(_HEIGHT_PX))

    def _track(self) -> QRectF:
        scale, height = self.scale(), self._theme.px(_TRACK_PX)
        return QRectF(scale.left_px, self.height() / 2 - height / 2, scale.width_px, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track, ticks, gaps, alarms, cursor."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette, track, scale = self._theme.palette, self._track(), self.scale()
        painter.fillRect(track, palette.field)
        painter.setFont(self._theme.font(Size.SMALL))
        if self.to_ns <= self.from_ns:
            draw_text(painter, track, self._speech.say("replay.no_span"), palette.dim, align=CENTRE)
            return
        cursor_ns = self.cursor_ns
        if cursor_ns is not None:
            played = QRectF(track.left(), track.top(), scale.x(cursor_ns) - track.left(), track.height())
            painter.fillRect(played, palette.info_ground)
        self._paint_gaps(painter, track, scale)
        painter.setPen(self._theme.pen(palette.line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(track)
        self._paint_ticks(painter, track, scale)
        self._paint_alarms(painter, track, scale)
        if cursor_ns is not None:
            self._paint_cursor(painter, track, scale, cursor_ns)

    def _paint_ticks(self, painter: QPainter, track: QRectF, scale: TimeScale) -> None:
        palette = self._theme.palette
        width = self._theme.px(_LABEL_PX)
        for at_ns in local_ticks(scale, self._speech, self._theme.px(_TICK_PX)):
            x = scale.x(at_ns)
            painter.setPen(self._theme.pen(palette.faint))
            painter.drawLine(QPointF(x, track.bottom()), QPointF(x, track.bottom() + self._theme.space(1.5)))
            room = QRectF(x - width / 2, track.bottom() + self._theme.space(1.5), width, self._theme.space(5))
            draw_text(painter, room, self._speech.second(at_ns, self.to_ns), palette.dim, align=CENTRE)

    def _paint_gaps(self, painter: QPainter, track: QRectF, scale: TimeScale) -> None:
        palette = self._theme.palette
        for gap in self.page.gaps if self.page else ():
            left, right = scale.x(gap.from_ns), scale.x(gap.to_ns)
            block = QRectF(left, track.top(), max(2.0, right - left), track.height())
            painter.save()
            painter.setClipRect(block)
            painter.fillRect(block, palette.ground)
            painter.setPen(self._theme.pen(palette.faint))
            x = block.left() - block.height()
            while x < block.right():
                painter.drawLine(QPointF(x, block.bottom()), QPointF(x + block.height(), block.top()))
                x += self._theme.px(Metric.HATCH)
            painter.restore()

    def _paint_alarms(self, painter: QPainter, track: QRectF, scale: TimeScale) -> None:
        size, top = self._theme.px(_MARK_PX), track.top() - self._theme.space(1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.palette.alarm)
        for raised_ns, _ in self.page.alarms if self.page else ():
            x = scale.x(raised_ns)
            corners = (QPointF(x - size / 2, top - size), QPointF(x + size / 2, top - size), QPointF(x, top))
            painter.drawPolygon(QPolygonF(corners))

    def _paint_cursor(self, painter: QPainter, track: QRectF, scale: TimeScale, at_ns: int) -> None:
        palette, x = self._theme.palette, scale.x(at_ns)
        painter.setPen(self._theme.pen(palette.info, Metric.STROKE_BOLD))
        painter.drawLine(QPointF(x, track.top() - self._theme.space(5)), QPointF(x, track.bottom()))
        width, height = self._theme.px(_LABEL_PX), self._theme.space(6)
        flag = QRectF(x - width / 2, track.top() - self._theme.space(5) - height, width, height)
        painter.fillRect(flag, palette.button)
        painter.setFont(self._theme.font(Size.BODY, is_bold=True))
        draw_text(painter, flag, self._speech.clock(at_ns), palette.on_button, align=CENTRE)

    # ---- hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the cursor here."""
        if self.to_ns > self.from_ns:
            self._dragged_ns = self.scale().at(event.position().x())
            self._timer.start()
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the cursor."""
        if self._dragged_ns is not None:
            self._dragged_ns = self.scale().at(event.position().x())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let it go: the last moment counts."""
        self._timer.stop()
        self._send()
        if self._dragged_ns is not None:
            self.at_ns = self._dragged_ns
        self._dragged_ns = self._sent_ns = None
        self.update()

    def _send(self) -> None:
        if self._dragged_ns is not None and self._dragged_ns != self._sent_ns:
            self._sent_ns = self._dragged_ns
            self.sought.emit(self._dragged_ns)
