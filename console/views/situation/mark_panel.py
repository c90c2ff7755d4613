"""标绘: the panel beside the map, with the list of marks, the kinds to draw, the form and what a file holds."""

from __future__ import annotations

from typing import get_args

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from console.map_marks import KINDS, SHAPES, MarkKind, MarkShape
from console.picture import Picture
from console.views.situation.draw_panel import DRAW_ACTS, DrawPanel
from console.views.situation.mark_form import MarkForm
from console.views.situation.mark_list import MarkList
from console.views.situation.mark_words import detail_of
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme

_COLUMNS = 2
LIST_ACTS = ("new", "undo", "go", "confirm", "change", "remove", "read", "save")
_ON_ONE = ("go", "confirm", "change", "remove")
_ORDERS = ("new", "undo", "confirm", "change", "remove", "read")


class MarkPanel(DrawPanel):
    """Pages ``list kinds draw form file``.

    ``kind_chosen`` carries a kind and the shape it is drawn in at first, ``shape_chosen`` another shape.
    """

    kind_chosen = Signal(str, str)
    shape_chosen = Signal(str)

    def __init__(self, theme: Theme, speech: Speech) -> None:
        self.marks = MarkList(theme, speech)
        super().__init__(theme, speech, self.marks, "marks")
        self.has_choice = False
        self.form = MarkForm(theme, speech)
        self.shapes: dict[MarkShape, QPushButton] = {}
        self.kinds: dict[MarkKind, QPushButton] = {}
        self._take_pages(
            {
                "list": self._list_page(),
                "kinds": self._kinds_page(),
                "draw": self._page(self.hint, self._shape_row(), self._row(DRAW_ACTS)),
                "form": self._form_page(),
            }
        )
        self.body.addWidget(self.said)
        self.retranslate()
        self.restyle()

    # ---- pages

    def _list_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        self.on_one = self._row(LIST_ACTS[2:6])
        column.addWidget(self._row(LIST_ACTS[:2]))
        column.addWidget(self.rows, 1)
        column.addWidget(self.detail)
        column.addWidget(self.on_one)
        self.on_all = self._row(LIST_ACTS[6:])
        column.addWidget(self.on_all)
        return page

    def _kinds_page(self) -> QWidget:
        buttons = QWidget()
        grid = QGridLayout(buttons)
        grid.setContentsMargins(0, 0, 0, 0)
        for index, kind in enumerate(KINDS):
            button = self.kinds[kind] = QPushButton()
            button.setObjectName(f"marks-kind-{kind}")
            button.clicked.connect(lambda _=False, kind=kind: self.kind_chosen.emit(kind, SHAPES[kind][0]))
            grid.addWidget(button, index // _COLUMNS, index % _COLUMNS)
        return self._page(buttons, self._row(("kinds-leave",)))

    def _shape_row(self) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        for shape in get_args(MarkShape):
            button = self.shapes[shape] = QPushButton()
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, shape=shape: self.shape_chosen.emit(shape))
            line.addWidget(button)
        return row

    def show_drawing(self, kind: MarkKind, shape: MarkShape, *, is_new: bool) -> None:
        """Say how this is drawn; another shape may be chosen where the kind has several."""
        say = self._speech.say
        how = "situation.marks.draw.again" if not is_new and shape != "point" else f"situation.marks.draw.{shape}"
        self.hint.say(say(how, kind=say(f"mark.kind.{kind}")))
        for name, button in self.shapes.items():
            button.setVisible(is_new and len(SHAPES[kind]) > 1 and name in SHAPES[kind])
            button.setChecked(name == shape)
        for act in ("draw-finish", "draw-back", "draw-anew"):
            self.acts[act].setVisible(shape != "point")

    def _form_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.addWidget(self._scrolled(self.form), 1)
        column.addWidget(self.form.buttons)
        return page

    def _first_of(self, name: str) -> QWidget | None:
        return next(iter(self.kinds.values())) if name == "kinds" else super()._first_of(name)

    # ---- what it shows

    def show_marks(self, picture: Picture, now_ns: int, *, is_locked: bool) -> None:
        """The list and the chosen one, judged at this moment; ``is_locked`` in replay."""
        self._lock(is_locked=is_locked)
        self.marks.show_marks(picture, now_ns)
        chosen = next((mark for mark in picture.marks if mark.id == self.list.selected_id), None)
        self.has_choice = chosen is not None
        self.detail.say("" if chosen is None else detail_of(chosen, self._speech, now_ns))
        self.detail.setVisible(chosen is not None)
        self.on_one.setVisible(chosen is not None)
        self.on_all.setVisible(chosen is None)
        for name in LIST_ACTS:
            is_there = self.has_choice or name not in _ON_ONE
            self.acts[name].setEnabled(is_there and not (is_locked and name in _ORDERS))
        self.acts["save"].setEnabled(bool(picture.marks))
        self.header.note.say(self._speech.say("situation.marks.count", count=len(picture.marks)))

    def retranslate(self) -> None:
        """Say everything anew."""
        super().retranslate()
        say = self._speech.say
        for kind, button in self.kinds.items():
            button.setText(say(f"mark.kind.{kind}"))
        for shape, button in self.shapes.items():
            button.setText(say(f"situation.marks.shape.{shape}"))
        self.form.retranslate()

    def restyle(self) -> None:
        """Measure and colour anew."""
        super().restyle()
        gap, side = self._theme.space(2), self._theme.px(Metric.ICON)
        self.form.restyle()
        for kind, button in self.kinds.items():
            button.setIcon(self._theme.icon(f"mark-{kind}", self._theme.palette.text))
            button.setIconSize(QSize(side, side))
            small = self._theme.points(Size.SMALL)
            button.setStyleSheet(f"text-align: left; padding: 0 {gap}px; min-width: 0; font-size: {small};")
        for name, button in self.acts.items():
            button.setProperty("role", "primary" if name in {"new", "draw-finish", "file-add"} else None)
            button.setStyleSheet("min-width: 0;")
