# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The panel of a desk beside the map: a list, the one chosen, pages for what is done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.views.situation.pick_list import PickList
from console.views.speech import Speech
from console.views.theme import Theme
from console.views.widgets.panel import Panel
from console.views.widgets.paragraph import Paragraph

FILE_ACTS = ("file-add", "file-leave")
DRAW_ACTS = ("draw-finish", "draw-back", "draw-anew", "draw-leave")


class DrawPanel(Panel):
    """Pages, among them ``list`` and ``file``, which says what a file holds.

    ``asked`` carries what a button wants, ``said`` says what came of it.

    ``word`` is the part of its texts' ids that names it: ``marks``, ``roads``.
    """

    asked = Signal(str)

    def __init__(self, theme: Theme, speech: Speech, rows: PickList, word: str) -> None:
        super().__init__(theme)
        self._theme = theme
        self._speech = speech
        self._word = f"situation.{word}"
        self._name = word
        self.is_locked = False
        self.list = rows
        self.detail = Paragraph(theme, tone="soft")
        self.said = Paragraph(theme, tone="dim")
        self.hint = Paragraph(theme, tone="text")
        self.report = Paragraph(theme, tone="soft")
        self.datum = QComboBox()
        self.acts: dict[str, QPushButton] = {}
        self.pages = QStackedWidget()
        self._by_name: Mapping[str, QWidget] = {}
        self.rows = self._scrolled(rows)
        self.rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    # ---- pages

    def _take_pages(self, pages: Mapping[str, QWidget]) -> None:
        self._by_name = {**pages, "file": self._page(self.report, self.datum, self._row(FILE_ACTS))}
        for page in self._by_name.values():
            self.pages.addWidget(page)
        self._make_room()
        self.body.addWidget(self.pages, 1)

    def _make_room(self) -> None:
        """The page shown says how much room is needed, or a long one behind it would crowd out what is below."""
        shown = self.pages.currentWidget()
        for page in self._by_name.values():
            vertical = QSizePolicy.Policy.Preferred if page is shown else QSizePolicy.Policy.Ignored
            page.setSizePolicy(QSizePolicy.Policy.Preferred, vertical)

    def _page(self, *parts: QWidget) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        for part in parts:
            column.addWidget(part)
        column.addStretch(1)
        return page

    def _row(self, names: Sequence[str], columns: int = 2) -> QWidget:
        row = QWidget()
        grid = QGridLayout(row)
        grid.setContentsMargins(0, 0, 0, 0)
        for index, name in enumerate(names):
            button = self.acts[name] = QPushButton()
            button.setObjectName(f"{self._name}-{name}")
            button.clicked.connect(lambda _=False, name=name: self.asked.emit(name))
            grid.addWidget(button, index // columns, index % columns)
        return row

    def _scrolled(self, inside: QWidget) -> QScrollArea:
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return scroll

    def turn_to(self, name: str) -> None:
        """Show this page, and put the keyboard where one begins."""
        self.pages.setCurrentWidget(self._by_name[name])
        self._make_room()
        first = self._first_of(name)
        if first is not None:
            first.setFocus()

    def _first_of(self, name: str) -> QWidget | None:
        first = {"list": self.list, "file": self.acts["file-add"]}
        return first.get(name)

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

    def _lock(self, *, is_locked: bool) -> None:
        """Say why nothing can be ordered in a replay; once, so that it covers no answer."""
        if is_locked != self.is_locked:
            self.is_locked = is_locked
            self.said.say(self._speech.say(f"{self._word}.locked") if is_locked else "", "warn")

    def reveal(self) -> None:
        """Bring the row of what is chosen into sight."""
        rect = self.list.row_rect(self.list.selected_id or "")
        if not rect.isEmpty():
            self.rows.ensureVisible(0, round(rect.center().y()), 0, round(rect.height() / 2))

    # ---- language, theme

    def retranslate(self) -> None:
        """Say everything anew."""
        say = self._speech.say
        self.header.title.say(say(f"{self._word}.title"))
        for name, button in self.acts.items():
            button.setText(say(f"{self._word}.act.{name}"))
        if self.is_locked:
            self.said.say(say(f"{self._word}.locked"), "warn")
        self.list.update()

    def restyle(self) -> None:
        """Measure and colour anew."""
        super().restyle()
        gap = self._theme.space(2)
        for part in (self.detail, self.said, self.hint, self.report):
            part.restyle()
        for page in self._by_name.values():
            layout = page.layout()
            if layout is not None:
                layout.setContentsMargins(gap, gap, gap, gap)
                layout.setSpacing(gap)
        self.said.setContentsMargins(gap, 0, gap, gap)
