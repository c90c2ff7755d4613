# ruff: noqa: N802 - the names of overridden methods are Qt's
"""道路: the panel beside the map.  A road is reported with two clicks: the road, then how it is."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from console.map_marks import WORDS
from console.picture import Picture, Road
from console.road_facts import GOOD_S, ROAD_KINDS, ROAD_STATES, RoadKind, RoadState
from console.views.roadwords import detail_of
from console.views.situation.draw_panel import DRAW_ACTS, DrawPanel
from console.views.situation.road_list import RoadList
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import Label
from console.views.widgets.paragraph import Paragraph

SPANS_S = (1_800.0, 3_600.0, 7_200.0, 10_800.0, 21_600.0, 43_200.0, 86_400.0)
LIST_ACTS = ("new", "undo", "adopt")
ALL_ACTS = ("read", "save")
ONE_ACTS = ("go", "exit", "details", "redraw", "remove")
DETAIL_ACTS = ("details-leave",)
NAME_ACTS = ("name-write", "name-leave")
_ORDERS = ("new", "undo", "adopt", "exit", "redraw", "remove", "read")
_FIELDS = ("source", "by", "seen", "expires", "forecast", "forecast_at")


class RoadPanel(DrawPanel):
    """Pages ``list details draw name file``; ``reported`` carries a state of the chosen road.

    What stands in the fields of ``details`` goes into the next report; ``seen`` and the forecast are empty after it,
    who writes stays.
    """

    reported = Signal(str)

    def __init__(self, theme: Theme, speech: Speech) -> None:
        self.roads = RoadList(theme, speech)
        super().__init__(theme, speech, self.roads, "roads")
        self.none = Paragraph(theme, tone="dim")
        self._how = "draw"
        self.states: dict[RoadState, QPushButton] = {}
        self.labels = {name: Label(theme, size=Size.SMALL, tone="dim") for name in _FIELDS}
        self.source, self.by, self.seen, self.forecast, self.forecast_at = (QLineEdit() for _ in range(5))
        self.expires, self.kind = QComboBox(), QComboBox()
        self.name, self.is_exit = QLineEdit(), QCheckBox()
        for field in (self.source, self.by, self.forecast, self.name):
            field.setMaxLength(WORDS)
        self._take_pages(
            {
                "list": self._list_page(),
                "details": self._details_page(),
                "draw": self._page(self.hint, self._row(DRAW_ACTS)),
                "name": self._page(self.name, self.kind, self.is_exit, self._row(NAME_ACTS)),
            }
        )
        self.on_one = QWidget()
        whole = QVBoxLayout(self.on_one)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.detail)
        whole.addWidget(self._states_row())
        self.one_acts = self._row(ONE_ACTS, columns=3)
        whole.addWidget(self.one_acts)
        self._one = whole
        self.body.addWidget(self.on_one)
        self.body.addWidget(self.said)
        self.retranslate()
        self.restyle()

    # ---- pages

    def _states_row(self) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        for state in ROAD_STATES:
            button = self.states[state] = QPushButton()
            button.setObjectName(f"roads-state-{state}")
            button.clicked.connect(lambda _=False, state=state: self.reported.emit(state))
            line.addWidget(button)
        return row

    def _list_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        self.on_all = self._row(LIST_ACTS, columns=3)
        column.addWidget(self.on_all)
        column.addWidget(self.none)
        column.addWidget(self.rows, 1)
        self.on_file = self._row(ALL_ACTS)
        column.addWidget(self.on_file)
        return page

    def _details_page(self) -> QWidget:
        fields = QWidget()
        grid = QGridLayout(fields)
        grid.setContentsMargins(0, 0, 0, 0)
        given = (self.source, self.by, self.seen, self.expires, self.forecast, self.forecast_at)
        for index, (name, field) in enumerate(zip(_FIELDS, given, strict=True)):
            grid.addWidget(self.labels[name], index // 2 * 2, index % 2)
            grid.addWidget(field, index // 2 * 2 + 1, index % 2)
        self._grid = grid
        return self._page(fields, self._row(DETAIL_ACTS))

    def turn_to(self, name: str) -> None:
        """Show this page, and of the chosen road what belongs to it."""
        super().turn_to(name)
        self._fit()

    def _first_of(self, name: str) -> QWidget | None:
        first: dict[str, QWidget] = {"details": self.source, "name": self.name}
        return first.get(name) or super()._first_of(name)

    def _fit(self) -> None:
        is_one = self.list.selected_id is not None and any(r.id == self.list.selected_id for r in self.roads.roads)
        self.on_one.setVisible(is_one and self.page in {"list", "details"})
        self.one_acts.setVisible(self.page == "list")
        self.on_file.setVisible(not is_one)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter writes a new name down; 1 to 4 are the window's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.page == "name":
            self.asked.emit("name-write")
        else:
            super().keyPressEvent(event)

    # ---- what it shows

    def show_roads(self, picture: Picture, now_ns: int, *, is_locked: bool) -> None:
        """The list and the chosen one, judged at this moment; ``is_locked`` in replay."""
        self._lock(is_locked=is_locked)
        self.roads.show_roads(picture, now_ns)
        chosen = next((road for road in picture.roads if road.id == self.list.selected_id), None)
        self.none.setVisible(not picture.roads)
        self.detail.say("" if chosen is None else detail_of(chosen, self._speech, now_ns))
        for name in (*LIST_ACTS, *ALL_ACTS, *ONE_ACTS):
            self.acts[name].setEnabled(not (is_locked and name in _ORDERS))
        for button in self.states.values():
            button.setEnabled(not is_locked)
        has_loose = any(mark.kind == "retreat_route" for mark in picture.marks)
        self.acts["adopt"].setVisible(has_loose)
        self.acts["remove"].setVisible(chosen is not None and chosen.is_added)
        if chosen is not None:
            self.acts["exit"].setText(
                self._speech.say(f"situation.roads.act.{'no_exit' if chosen.is_exit else 'exit'}")
            )
        self.header.note.say(self._speech.say("situation.roads.count", count=len(picture.roads)))
        self._fit()

    def begin_report(self, road: Road) -> None:
        """Another road is chosen: nothing typed for the last one goes to it."""
        for field in (self.source, self.seen, self.forecast_at):
            field.clear()
        self.forecast.setText(road.forecast)
        self._fill(road.expires_s)

    def begin_drawing(self, *, is_new: bool) -> None:
        """Say how a line is drawn, or mended."""
        self._how = "draw" if is_new else "redraw"
        self.hint.say(self._speech.say(f"situation.roads.{self._how}"))
        self.turn_to("draw")

    def begin_name(self, name: str, *, is_exit: bool, kind: RoadKind = "road") -> None:
        """Ask what a new road is called."""
        self.name.setText(name)
        self.is_exit.setChecked(is_exit)
        self.kind.setCurrentIndex(max(0, self.kind.findData(kind)))
        self.turn_to("name")
        self.name.selectAll()

    @property
    def kind_chosen(self) -> RoadKind:
        """The kind of a new road."""
        return cast("RoadKind", self.kind.currentData() or ROAD_KINDS[0])

    def _fill(self, good_s: float) -> None:
        self.expires.clear()
        for span_s in sorted({*SPANS_S, good_s}):
            self.expires.addItem(self._speech.age(round(span_s) * 1_000_000_000), span_s)
        self.expires.setCurrentIndex(self.expires.findData(good_s))

    # ---- language, theme

    def retranslate(self) -> None:
        """Say everything anew."""
        super().retranslate()
        say = self._speech.say
        for state, button in self.states.items():
            button.setText(say(f"road.state.{state}"))
        for name, label in self.labels.items():
            label.say(say(f"situation.roads.field.{name}"))
        self.seen.setPlaceholderText(say("situation.marks.seen_now"))
        self.source.setPlaceholderText(say("mark.no_source"))
        self.by.setPlaceholderText(say("mark.nobody"))
        self.forecast_at.setPlaceholderText(say("situation.roads.at"))
        self.hint.say(say(f"situation.roads.{self._how}"))
        self.none.say(say("situation.roads.none"))
        self.is_exit.setText(say("road.exit"))
        chosen = self.kind.currentData()
        self.kind.clear()
        for kind in ROAD_KINDS:
            self.kind.addItem(say(f"road.kind.{kind}"), kind)
        self.kind.setCurrentIndex(max(0, self.kind.findData(chosen)))
        self._fill(float(self.expires.currentData() or GOOD_S["road"]))

    def restyle(self) -> None:
        """Measure and colour anew."""
        super().restyle()
        gap, small = self._theme.space(2), self._theme.points(Size.SMALL)
        self.none.restyle()
        for label in self.labels.values():
            label.restyle()
        for name, button in self.acts.items():
            button.setProperty("role", "primary" if name in {"draw-finish", "name-write", "file-add"} else None)
            button.setStyleSheet(f"min-width: 0; padding: 0 {gap // 2}px; font-size: {small};")
        for button in self.states.values():
            button.setStyleSheet("min-width: 0; padding: 0;")
            button.setMinimumHeight(self._theme.px(Metric.TOUCH))
        self._one.setContentsMargins(gap, 0, gap, gap)
        self._one.setSpacing(gap)
        self._grid.setHorizontalSpacing(gap)
        self._grid.setVerticalSpacing(self._theme.space(0.5))
