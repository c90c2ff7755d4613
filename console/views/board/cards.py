# ruff: noqa: N802 - the names and signatures of overridden methods are Qt's
"""A column of cards, painted: what, since when, how it is known, whom it cuts off."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from console.views.board.cuts import Cut
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import RIGHT, draw_text

_AT_WORDS = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop)
_ANYWHERE = int(Qt.TextFlag.TextWrapAnywhere | Qt.AlignmentFlag.AlignTop)
_ENDLESS_PX = 10_000.0


def wrapping(metrics: QFontMetricsF, said: str, room_px: float) -> int:
    """How text is broken into lines: between its words where each fits a line, else anywhere, as 汉字 are."""
    is_fitting = all(metrics.horizontalAdvance(word) <= room_px for word in said.split())
    return _AT_WORDS if is_fitting else _ANYWHERE


class Cards(QWidget):
    """``chosen`` carries the screen and the subject of the card that was tapped."""

    chosen = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.cuts: tuple[Cut, ...] = ()
        self.none = ""
        self._tops: list[float] = []

    def show_cuts(self, cuts: Sequence[Cut], none: str) -> None:
        """Show these; where there is none, say so."""
        if (tuple(cuts), none) != (self.cuts, self.none):
            self.cuts, self.none = tuple(cuts), none
            self.lay_out()

    def lay_out(self) -> None:
        """Measure anew."""
        self._tops = [0.0]
        for cut in self.cuts:
            self._tops.append(self._tops[-1] + self._height(cut))
        least = self._theme.px(Metric.TOUCH)
        self.setMinimumHeight(max(least, round(self._tops[-1])))
        self.update()

    def sizeHint(self) -> QSize:
        """As high as the cards."""
        return QSize(self._theme.space(60), self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width wraps otherwise."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.lay_out()

    def card_rect(self, subject_id: str) -> QRectF:
        """Where a card is; empty where there is none."""
        index = next((i for i, cut in enumerate(self.cuts) if cut.subject_id == subject_id), None)
        if index is None:
            return QRectF()
        return QRectF(0, self._tops[index], self.width(), self._tops[index + 1] - self._tops[index])

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A tap."""
        y = event.position().y()
        for cut, top, end in zip(self.cuts, self._tops, self._tops[1:], strict=False):
            if top <= y < end:
                self.chosen.emit(cut.screen, cut.subject_id)

    # ---- measures

    def _edge(self) -> float:
        return self._theme.space(3.5)

    def _name_px(self) -> float:
        metrics = self._theme.metrics(Size.SMALL)
        names = {name for cut in self.cuts for name, _ in cut.lines}
        return max((metrics.horizontalAdvance(name) for name in names), default=0.0) + self._theme.space(2)

    def _line_height(self, said: str) -> float:
        metrics = self._theme.metrics(Size.SMALL)
        room = QRectF(0, 0, max(1.0, self.width() - 2 * self._edge() - self._name_px()), _ENDLESS_PX)
        return metrics.boundingRect(room, wrapping(metrics, said, room.width()), said).height()

    def _height(self, cut: Cut) -> float:
        title = self._theme.metrics(Size.STRONG, is_bold=True).height()
        lines = sum(self._line_height(said) + self._theme.space(0.5) for _, said in cut.lines)
        return max(self._theme.px(Metric.TOUCH), title + lines + self._theme.space(3.5))

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """The cards that are seen."""
        painter, palette = QPainter(self), self._theme.palette
        painter.fillRect(event.rect(), palette.panel)
        if not self.cuts:
            painter.setFont(self._theme.font(Size.SMALL))
            painter.setPen(palette.dim)
            room = QRectF(self.rect()).adjusted(self._edge(), self._theme.space(2), -self._edge(), 0)
            painter.drawText(room, _ANYWHERE, self.none)
        for cut in self.cuts:
            rect = self.card_rect(cut.subject_id)
            if rect.intersects(QRectF(event.rect())):
                self._draw(painter, rect, cut)

    def _draw(self, painter: QPainter, rect: QRectF, cut: Cut) -> None:
        theme, palette = self._theme, self._theme.palette
        tone = getattr(palette, cut.tone)
        if cut.tone in {"alarm", "warn"}:
            painter.fillRect(rect, palette.alarm_ground if cut.tone == "alarm" else palette.warn_ground)
            painter.fillRect(QRectF(rect.left(), rect.top(), theme.space(1), rect.height()), tone)
        painter.setPen(theme.pen(palette.row_line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        inner = rect.adjusted(self._edge(), theme.space(1.5), -self._edge(), 0)
        height = theme.metrics(Size.STRONG, is_bold=True).height()
        first = QRectF(inner.left(), inner.top(), inner.width(), height)
        painter.setFont(theme.font(Size.SMALL))
        since_px = draw_text(painter, first, cut.since, palette.dim, align=RIGHT)
        painter.setFont(theme.font(Size.STRONG, is_bold=True))
        state_px = painter.fontMetrics().horizontalAdvance(cut.state)
        room = first.width() - since_px - state_px - theme.space(5)
        title = QRectF(first.left(), first.top(), max(1.0, room), height)
        taken = draw_text(painter, title, cut.title, palette.text if cut.tone != "dim" else palette.dim)
        at = first.left() + taken + theme.space(2.5)
        draw_text(painter, QRectF(at, first.top(), state_px + theme.space(1), height), cut.state, tone)
        y = first.bottom() + theme.space(0.5)
        painter.setFont(theme.font(Size.SMALL))
        for name, said in cut.lines:
            line = self._line_height(said)
            painter.setPen(palette.dim)
            painter.drawText(QRectF(inner.left(), y, self._name_px(), line), _AT_WORDS, name)
            painter.setPen(palette.soft)
            left = inner.left() + self._name_px()
            beside = QRectF(left, y, inner.right() - left, line + theme.space(1))
            painter.drawText(beside, wrapping(theme.metrics(Size.SMALL), said, beside.width()), said)
            y += line + theme.space(0.5)
