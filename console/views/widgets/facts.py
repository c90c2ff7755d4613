# ruff: noqa: N802, ARG002 - the names and signatures of overridden methods are Qt's
"""Named values: a box with the name above a strong value, and lines of a name beside a value."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.views.theme import Size, Theme
from console.views.widgets.label import LEFT, draw_text

FactLine = tuple[str, str, str, bool]
"""Name, value, tone (a colour name of the palette), whether it is struck through."""

_NAME_SHARE = 0.34
_VALUE_SIZES = (Size.BODY, Size.SMALL, Size.TINY)
_INLINE_GAP = 1.5
_INLINE_SIZES = ((Size.SMALL, Size.SMALL), (Size.TINY, Size.SMALL), (Size.TINY, Size.TINY))
_TALLEST_PX = 10_000.0


class FactBox(QWidget):
    """A name in small letters above its value; beside it where ``set_inline`` says that there is little height."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.name = ""
        self.value = ""
        self.tone = "text"
        self.is_struck = False
        self._is_inline = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_inline(self, *, is_inline: bool) -> None:
        """Name and value in one line, or one above the other."""
        if is_inline != self._is_inline:
            self._is_inline = is_inline
            self.restyle()

    def show_fact(self, name: str, value: str, tone: str = "text", *, is_struck: bool = False) -> None:
        """Show this value."""
        new = (name, value, tone, is_struck)
        if new != (self.name, self.value, self.tone, self.is_struck):
            self.name, self.value, self.tone, self.is_struck = new
            self.setAccessibleName(f"{name} {value}")
            self.updateGeometry()
            self.update()

    def restyle(self) -> None:
        """Measure anew."""
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Two lines, or one."""
        upper, lower = self._theme.metrics(Size.SMALL), self._theme.metrics(Size.BODY, is_bold=True)
        if self._is_inline:
            return QSize(round(self._inline_px(Size.SMALL, Size.SMALL)) + 2, round(upper.height()))
        width = max(upper.horizontalAdvance(self.name), lower.horizontalAdvance(self.value))
        return QSize(round(width) + 2, round(upper.height() + lower.height()) + self._theme.space(1))

    def minimumSizeHint(self) -> QSize:
        """May become narrow."""
        return QSize(self._theme.space(4), self.sizeHint().height())

    def value_size(self) -> Size:
        """Smaller letters before a value loses its end: that is where its age stands."""
        for size in _VALUE_SIZES:
            if self._theme.metrics(size, is_bold=True).horizontalAdvance(self.value) <= self.width():
                return size
        return _VALUE_SIZES[-1]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both; the value in the largest letters in which all of it fits, else elided."""
        painter = QPainter(self)
        if self._is_inline:
            self._draw_inline(painter)
            return
        half = self._theme.metrics(Size.SMALL).height()
        painter.setFont(self._theme.font(Size.SMALL))
        draw_text(painter, QRectF(0, 0, self.width(), half), self.name, self._theme.palette.dim)
        painter.setFont(self._theme.font(self.value_size(), is_bold=True, is_struck=self.is_struck))
        below = QRectF(0, half, self.width(), self.height() - half)
        draw_text(painter, below, self.value, getattr(self._theme.palette, self.tone))

    def _inline_px(self, name: Size, value: Size) -> float:
        metrics, bold = self._theme.metrics(name), self._theme.metrics(value, is_bold=True)
        gap = self._theme.space(_INLINE_GAP)
        return metrics.horizontalAdvance(self.name) + gap + bold.horizontalAdvance(self.value)

    def _draw_inline(self, painter: QPainter) -> None:
        """The name gives way first, in size and then with its end: the value is what is looked for."""
        theme, rect = self._theme, QRectF(self.rect())
        sizes = next((one for one in _INLINE_SIZES if self._inline_px(*one) <= rect.width()), _INLINE_SIZES[-1])
        taken = theme.metrics(sizes[1], is_bold=True).horizontalAdvance(self.value) + theme.space(_INLINE_GAP)
        # A pixel more: a painter measures whole pixels, and would take the end off what just fits.
        named = min(ceil(theme.metrics(sizes[0]).horizontalAdvance(self.name)) + 1, max(0.0, rect.width() - taken))
        painter.setFont(theme.font(sizes[0]))
        draw_text(painter, QRectF(0, 0, named, rect.height()), self.name, theme.palette.dim)
        painter.setFont(theme.font(sizes[1], is_bold=True, is_struck=self.is_struck))
        left = named + (theme.space(_INLINE_GAP) if named else 0)
        room = QRectF(left, 0, rect.width() - left, rect.height())
        draw_text(painter, room, self.value, getattr(theme.palette, self.tone))


class FactLines(QWidget):
    """One fact a line; a long value goes on below itself."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._facts: list[FactLine] = []
        self._heights: list[int] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_facts(self, facts: Sequence[FactLine]) -> None:
        """Show these."""
        if list(facts) != self._facts:
            self._facts = list(facts)
            self._measure()

    def words(self) -> list[str]:
        """What is said."""
        return [f"{name} {value}" for name, value, _, _ in self._facts]

    def restyle(self) -> None:
        """Measure anew."""
        self._measure()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width breaks lines elsewhere."""
        self._measure()

    def _measure(self) -> None:
        metrics = self._theme.metrics(Size.SMALL)
        room = QRectF(0, 0, max(1.0, self.width() * (1 - _NAME_SHARE)), _TALLEST_PX)
        padding = self._theme.space(2)
        self._heights = [
            round(max(metrics.height(), metrics.boundingRect(room, self._wrap(value), value).height())) + padding
            for _, value, _, _ in self._facts
        ]
        self.setFixedHeight(max(1, sum(self._heights)))
        self.update()

    def _wrap(self, value: str) -> int:
        # An address has no blanks to break at.
        room_px = self.width() * (1 - _NAME_SHARE)
        longest_px = max((self._theme.metrics(Size.SMALL).horizontalAdvance(word) for word in value.split()), default=0)
        flag = Qt.TextFlag.TextWrapAnywhere if longest_px > room_px else Qt.TextFlag.TextWordWrap
        return int(LEFT) | int(flag)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Names left, values right of them, a line between."""
        painter = QPainter(self)
        palette, top, split = self._theme.palette, 0, self.width() * _NAME_SHARE
        for (name, value, tone, is_struck), height in zip(self._facts, self._heights, strict=True):
            painter.setPen(self._theme.pen(palette.row_line))
            painter.drawLine(0, top, self.width(), top)
            painter.setFont(self._theme.font(Size.SMALL))
            draw_text(painter, QRectF(0, top, split - self._theme.space(2), height), name, palette.dim)
            painter.setFont(self._theme.font(Size.SMALL, is_struck=is_struck))
            painter.setPen(getattr(palette, tone))
            room = QRectF(split, top, self.width() - split, height)
            painter.drawText(room, self._wrap(value), value)
            top += height
