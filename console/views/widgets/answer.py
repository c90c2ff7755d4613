# ruff: noqa: N802 - the names of overridden methods are Qt's
"""One answer of the strip: a mark, a headline and a line of facts, in as many words as its place has room for."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.views.judgement import Tone
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import draw_text, fitting
from console.views.widgets.summary import Summary


def draw_two_lines(
    painter: QPainter, rect: QRectF, words: tuple[str, str], theme: Theme, colour: QColor, *, strong: Size = Size.STRONG
) -> None:
    """A strong line and a small one, centred upright."""
    first, small = theme.metrics(Size.STRONG, is_bold=True).height(), theme.metrics(Size.SMALL).height()
    top = rect.center().y() - (first + (small if words[1] else 0)) / 2
    painter.setFont(theme.font(strong, is_bold=True))
    draw_text(painter, QRectF(rect.left(), top, rect.width(), first), words[0], colour)
    painter.setFont(theme.font(Size.SMALL))
    draw_text(painter, QRectF(rect.left(), top + first, rect.width(), small), words[1], theme.palette.soft)


class SummaryBox(QWidget):
    """One answer: a large character, a headline and a line below; its ground says how bad it is."""

    clicked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._is_tight = False
        self.summary: Summary | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A tap."""
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def show_summary(self, summary: Summary) -> None:
        """Show this."""
        if summary != self.summary:
            self.summary = summary
            self.update()

    def set_tight(self, *, is_tight: bool) -> None:
        """Whether many answers share the strip: the mark stands closer, and smaller where it is a word."""
        if is_tight != self._is_tight:
            self._is_tight = is_tight
            self.update()

    def mark_font(self) -> Size:
        """How large the mark is: a character is a sign, a word is only read."""
        if self.summary is not None and len(self.summary.mark) == 1:
            return Size.HUGE
        return Size.SMALL if self._is_tight else Size.BODY

    def room_px(self) -> float:
        """How wide the words may be."""
        return self.width() - self._mark_px() - self._theme.space(1 if self._is_tight else 2)

    def words(self) -> tuple[str, str]:
        """The two lines that are drawn: the longest that stand whole."""
        if self.summary is None:
            return "", ""
        strong, small = self._theme.metrics(Size.STRONG, is_bold=True), self._theme.metrics(Size.SMALL)
        room, forms = self.room_px(), self.summary.forms()
        headline, facts = next((one for one in forms if strong.horizontalAdvance(one[0]) <= room), forms[-1])
        return headline, fitting(facts, room, small)

    def _mark_px(self) -> int:
        if self.summary is None:
            return 0
        taken = self._theme.metrics(self.mark_font(), is_bold=True).horizontalAdvance(self.summary.mark)
        if self._is_tight:
            return round(taken) + self._theme.space(3)
        is_wide = self.width() > self._theme.px(Metric.INCIDENT_WIDTH)
        return max(self._theme.space(13 if is_wide else 11), round(taken) + self._theme.space(4))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Draw it."""
        theme, palette = self._theme, self._theme.palette
        painter = QPainter(self)
        summary = self.summary
        tone: Tone = summary.tone if summary else "normal"
        ground = {"normal": palette.panel, "amber": palette.warn_ground, "red": palette.alarm_ground}[tone]
        painter.fillRect(self.rect(), ground)
        if summary is None:
            return
        colour = {"normal": palette.text, "amber": palette.warn, "red": palette.alarm}[tone]
        painter.setFont(theme.font(self.mark_font(), is_bold=True))
        painter.setPen(palette.dim if tone == "normal" else colour)
        width = self._mark_px()
        painter.drawText(QRectF(0, 0, width, self.height()), int(Qt.AlignmentFlag.AlignCenter), summary.mark)
        inner = QRectF(width, 0, self.room_px(), self.height())
        draw_two_lines(painter, inner, self.words(), theme, colour)
