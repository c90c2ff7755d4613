"""The list of marks: the own way out first, then what nobody knows any more, then the newest."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from console.map_marks import MapMark, MarkState, is_unknown
from console.picture import Picture
from console.views.situation.mark_layer import draw_kind
from console.views.situation.mark_words import in_order, is_last_confirmed, words_of
from console.views.situation.pick_list import PickList
from console.views.speech import Speech
from console.views.theme import Size, Theme
from console.views.widgets.label import draw_text


class MarkList(PickList):
    """One row a mark."""

    def __init__(self, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(theme, speech, parent)
        self.marks: list[MapMark] = []

    def show_marks(self, picture: Picture, now_ns: int) -> None:
        """Take over what is known, judged at this moment."""
        self.marks = in_order(picture.marks, now_ns)
        self._show_ids((mark.id for mark in self.marks), now_ns)

    def _draw_none(self, painter: QPainter) -> None:
        painter.setFont(self._theme.font(Size.SMALL))
        room = QRectF(self.rect()).adjusted(self._theme.space(3), 0, 0, 0)
        draw_text(painter, room, self._speech.say("situation.marks.none"), self._theme.palette.dim)

    def _draw_row(self, painter: QPainter, rect: QRectF, index: int) -> None:
        theme, palette, mark = self._theme, self._theme.palette, self.marks[index]
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
