# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The list of marks: the own way out first, then what nobody knows any more, then the newest."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from console.map_marks import MapMark, MarkState, is_unknown
from console.picture import Picture
from console.views.situation.mark_layer import draw_kind
from console.views.situation.mark_words import in_order, is_last_confirmed, words_of
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import draw_text


class MarkList(QWidget):
    """One row a mark; ``selected`` carries its id."""

    selected = Signal(str)

    def __init__(self, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._speech = speech
        self._now_ns = 0
        self.marks: list[MapMark] = []
        self.selected_id: str | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_marks(self, picture: Picture, now_ns: int) -> None:
        """Take over what is known, judged at this moment."""
        self._now_ns = now_ns
        self.marks = in_order(picture.marks, now_ns)
        self.setFixedHeight(max(1, len(self.marks)) * self._row_px)
        self.update()

    @property
    def _row_px(self) -> int:
        return self._theme.px(Metric.TEAM_ROW)

    def sizeHint(self) -> QSize:
        """As high as the rows."""
        return QSize(self._theme.space(40), max(1, len(self.marks)) * self._row_px)

    def row_rect(self, mark_id: str) -> QRectF:
        """Where a mark's row is; empty where it has none."""
        index = next((i for i, mark in enumerate(self.marks) if mark.id == mark_id), None)
        return QRectF() if index is None else QRectF(0, index * self._row_px, self.width(), self._row_px)

    def select(self, mark_id: str | None) -> None:
        """Show this one as chosen."""
        self.selected_id = mark_id
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the row under the finger."""
        index = int(event.position().y()) // self._row_px
        if 0 <= index < len(self.marks):
            self._choose(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down choose."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None or not self.marks:
            super().keyPressEvent(event)
            return
        ids = [mark.id for mark in self.marks]
        at = ids.index(self.selected_id) + step if self.selected_id in ids else 0
        self._choose(max(0, min(len(ids) - 1, at)))

    def _choose(self, index: int) -> None:
        self.select(self.marks[index].id)
        self.selected.emit(self.marks[index].id)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows that are seen."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._theme.palette
        painter.fillRect(event.rect(), palette.panel)
        if not self.marks:
            painter.setFont(self._theme.font(Size.SMALL))
            room = QRectF(self.rect()).adjusted(self._theme.space(3), 0, 0, 0)
            draw_text(painter, room, self._speech.say("situation.marks.none"), palette.dim)
        for index, mark in enumerate(self.marks):
            rect = QRectF(0, index * self._row_px, self.width(), self._row_px)
            if rect.intersects(QRectF(event.rect())):
                self._draw(painter, rect, mark)

    def _draw(self, painter: QPainter, rect: QRectF, mark: MapMark) -> None:
        theme, palette = self._theme, self._theme.palette
        if mark.id == self.selected_id:
            painter.fillRect(rect, palette.info_ground)
            painter.fillRect(QRectF(rect.left(), rect.top(), theme.space(1), rect.height()), palette.info)
        painter.setPen(theme.pen(palette.row_line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        unknown = is_unknown(mark, self._now_ns)
        side = theme.space(7)
        box = QRectF(rect.left() + theme.space(3), rect.center().y() - side / 2, side, side)
        state: MarkState = "confirmed" if is_last_confirmed(mark) else "reported"
        draw_kind(painter, mark.kind, box, theme, state=None if unknown else state)
        words = words_of(mark, self._speech, self._now_ns)
        left = box.right() + theme.space(3)
        room = QRectF(left, rect.top(), rect.right() - left - theme.space(2), rect.height() / 2)
        painter.setFont(theme.font(Size.BODY, is_struck=unknown))
        draw_text(
            painter, room.adjusted(0, theme.space(1), 0, 0), words.title, palette.dim if unknown else palette.text
        )
        painter.setFont(theme.font(Size.SMALL))
        below = room.translated(0, rect.height() / 2 - theme.space(1))
        kind = self._speech.say(f"mark.kind.{mark.kind}")
        said = words.said if unknown or words.title.startswith(kind) else f"{kind} · {words.said}"
        draw_text(painter, below, said, palette.warn if unknown else palette.soft)
