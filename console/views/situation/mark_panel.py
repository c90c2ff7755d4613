# ruff: noqa: N802 - the names of overridden methods are Qt's
"""标绘: the panel beside the map, with the list of marks, the kinds to draw, the form and what a file holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.map_marks import KINDS, SHAPES, MarkKind, MarkShape
from console.picture import Picture
from console.views.situation.mark_form import MarkForm
from console.views.situation.mark_list import MarkList
from console.views.situation.mark_words import detail_of
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.panel import Panel
from console.views.widgets.paragraph import Paragraph

_COLUMNS = 2
LIST_ACTS = ("new", "undo", "go", "confirm", "change", "remove", "read", "save")
DRAW_ACTS = ("finish", "back", "leave")
FILE_ACTS = ("add", "leave")
_ON_ONE = ("go", "confirm", "change", "remove")
_ORDERS = ("new", "undo", "confirm", "change", "remove", "read")


class MarkPanel(Panel):
    """Pages ``list kinds draw form file``; ``asked`` carries what a button wants.

    ``kind_chosen`` carries a kind and the shape it is drawn in at first, ``shape_chosen`` another shape.
    """

    asked = Signal(str)
    kind_chosen = Signal(str, str)
    shape_chosen = Signal(str)

    def __init__(self, theme: Theme, speech: Speech) -> None:
        super().__init__(theme)
        self._theme = theme
        self._speech = speech
        self.is_locked = False
        self.has_choice = False
        self.list = MarkList(theme, speech)
        self.detail = Paragraph(theme, tone="soft")
        self.said = Paragraph(theme, tone="dim")
        self.form = MarkForm(theme, speech)
        self.hint = Paragraph(theme, tone="text")
        self.shapes: dict[MarkShape, QPushButton] = {}
        self.report = Paragraph(theme, tone="soft")
        self.datum = QComboBox()
        self.acts: dict[str, QPushButton] = {}
        self.kinds: dict[MarkKind, QPushButton] = {}
        self.pages = QStackedWidget()
        self._by_name = {
            "list": self._list_page(),
            "kinds": self._kinds_page(),
            "draw": self._page(self.hint, self._shape_row(), self._row("draw", DRAW_ACTS)),
            "form": self._form_page(),
            "file": self._page(self.report, self.datum, self._row("file", FILE_ACTS)),
        }
        for page in self._by_name.values():
            self.pages.addWidget(page)
        self.body.addWidget(self.pages, 1)
        self.body.addWidget(self.said)
        self.retranslate()
        self.restyle()

    # ---- pages

    def _page(self, *parts: QWidget) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        for part in parts:
            column.addWidget(part)
        column.addStretch(1)
        return page

    def _row(self, page: str, names: Sequence[str]) -> QWidget:
        row = QWidget()
        grid = QGridLayout(row)
        grid.setContentsMargins(0, 0, 0, 0)
        for index, name in enumerate(names):
            key = name if page == "list" else f"{page}-{name}"
            button = self.acts[key] = QPushButton()
            button.setObjectName(f"marks-{key}")
            button.clicked.connect(lambda _=False, key=key: self.asked.emit(key))
            grid.addWidget(button, index // _COLUMNS, index % _COLUMNS)
        return row

    def _list_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        scroll = self.rows = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(self.list)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.on_one = self._row("list", LIST_ACTS[2:6])
        column.addWidget(self._row("list", LIST_ACTS[:2]))
        column.addWidget(scroll, 1)
        column.addWidget(self.detail)
        column.addWidget(self.on_one)
        self.on_all = self._row("list", LIST_ACTS[6:])
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
        return self._page(buttons, self._row("kinds", ("leave",)))

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
        self.hint.say(say(f"situation.marks.draw.{shape}", kind=say(f"mark.kind.{kind}")))
        for name, button in self.shapes.items():
            button.setVisible(is_new and len(SHAPES[kind]) > 1 and name in SHAPES[kind])
            button.setChecked(name == shape)
        for act in ("draw-finish", "draw-back"):
            self.acts[act].setVisible(shape != "point")

    def _form_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(self.form)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column.addWidget(scroll, 1)
        column.addWidget(self.form.buttons)
        return page

    def turn_to(self, name: str) -> None:
        """Show this page."""
        self.pages.setCurrentWidget(self._by_name[name])
        first = {"kinds": next(iter(self.kinds.values())), "list": self.list, "file": self.acts["file-add"]}.get(name)
        if first is not None:
            first.setFocus()

    @property
    def page(self) -> str:
        """The page shown."""
        return next(name for name, page in self._by_name.items() if page is self.pages.currentWidget())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back a page, from the list it puts the panel away."""
        if event.key() == Qt.Key.Key_Escape:
            self.asked.emit("back")
        else:
            super().keyPressEvent(event)

    # ---- what it shows

    def show_marks(self, picture: Picture, now_ns: int, *, is_locked: bool) -> None:
        """The list and the chosen one, judged at this moment; ``is_locked`` in replay."""
        if is_locked != self.is_locked:
            self.is_locked = is_locked
            self.said.say(self._speech.say("situation.marks.locked") if is_locked else "", "warn")
        self.list.show_marks(picture, now_ns)
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

    def reveal(self) -> None:
        """Bring the row of the chosen mark into sight."""
        rect = self.list.row_rect(self.list.selected_id or "")
        if not rect.isEmpty():
            self.rows.ensureVisible(0, round(rect.center().y()), 0, round(rect.height() / 2))

    def retranslate(self) -> None:
        """Say everything anew."""
        say = self._speech.say
        self.header.title.say(say("situation.marks.title"))
        for name, button in self.acts.items():
            button.setText(say(f"situation.marks.act.{name}"))
        for kind, button in self.kinds.items():
            button.setText(say(f"mark.kind.{kind}"))
        for shape, button in self.shapes.items():
            button.setText(say(f"situation.marks.shape.{shape}"))
        if self.is_locked:
            self.said.say(say("situation.marks.locked"), "warn")
        self.form.retranslate()
        self.list.update()

    def restyle(self) -> None:
        """Measure and colour anew."""
        super().restyle()
        gap, side = self._theme.space(2), self._theme.px(Metric.ICON)
        for part in (self.detail, self.said, self.report, self.form, self.hint):
            part.restyle()
        for kind, button in self.kinds.items():
            button.setIcon(self._theme.icon(f"mark-{kind}", self._theme.palette.text))
            button.setIconSize(QSize(side, side))
            small = self._theme.points(Size.SMALL)
            button.setStyleSheet(f"text-align: left; padding: 0 {gap}px; min-width: 0; font-size: {small};")
        for name, button in self.acts.items():
            button.setProperty("role", "primary" if name in {"new", "draw-finish", "file-add"} else None)
            button.setStyleSheet("min-width: 0;")
        for page in self._by_name.values():
            layout = page.layout()
            if layout is not None:
                layout.setContentsMargins(gap, gap, gap, gap)
                layout.setSpacing(gap)
        self.said.setContentsMargins(gap, 0, gap, gap)
