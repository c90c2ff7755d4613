# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The maps of this vehicle: what is in each, whether it covers what is seen before one drives there, and new ones."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from console.bridge import Bridge
from console.importing.job import Report
from console.maps.package import STREET_ZOOM, Coverage, Package, is_ready
from console.maps.source import BrokenPackage
from console.ownmaps import own_package
from console.trouble import OperatorError
from console.vectors.store import LayerStore
from console.views.situation.ground import angle_words
from console.views.situation.import_box import ImportBox
from console.views.situation.projection import View
from console.views.situation.reckoning import Reckoning
from console.views.situation.tile_layer import TileLayer, seen_area
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme

_MOST_CELLS = 4
_TOOLS = 20.0
"""What the button of the tools takes beside it, in spacing units."""


class MapPanel(QFrame):
    """Over the map while it is wanted; Esc or its button puts it away."""

    imported = Signal(object)
    """The Path of a vector layer that was brought in."""
    raised = Signal()
    """Heights of the ground were brought in."""

    def __init__(self, owner: QWidget, tiles: TileLayer, bridge: Bridge, theme: Theme, speech: Speech) -> None:
        super().__init__(owner)
        self._owner = owner
        self._tiles = tiles
        self._theme = theme
        self._speech = speech
        self._bridge = bridge
        self._view: View | None = None
        self.layers: LayerStore | None = None
        self.reckoning: Reckoning | None = None
        self._heights: tuple[str, ...] | OperatorError = ()
        self.verdicts: dict[int, str] = {}
        self.boxes: dict[int, QCheckBox] = {}
        self.setProperty("role", "panel")
        self.setObjectName("map-panel")
        self._title, self._close, self._check = QLabel(), QPushButton(), QPushButton()
        self.import_button = QPushButton()
        self.box = ImportBox(lambda: None if self._view is None else seen_area(self._view), theme, speech)
        self.import_button.clicked.connect(self.box.choose)
        self.box.imported.connect(self._take_import)
        self.box.changed.connect(self.place)
        self._close.clicked.connect(self.hide)
        self._check.clicked.connect(self._ask)
        self._lay_out()
        tiles.changed.connect(self._renew)
        tiles.covered.connect(self._take)
        bridge.replay_changed.connect(lambda _: self._renew())
        self._said: object = None
        self.hide()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(self.import_button)
        top.addWidget(self._check)
        top.addWidget(self._close)
        self._content = QWidget()
        self._content.setProperty("role", "panel")
        self._column, self._rows = QVBoxLayout(self._content), QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.box)
        self._column.addLayout(self._rows)
        self._column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._content)
        whole = QVBoxLayout(self)
        whole.addLayout(top)
        whole.addWidget(self._scroll, 1)

    @property
    def check_button(self) -> QPushButton:
        """Counts the tiles of what is seen."""
        return self._check

    def open(self, view: View) -> None:
        """Show it over ``view``."""
        self.look_at(view)
        self._said = None
        self._renew()
        self._ask_heights()
        self.show()
        self.raise_()
        self.setFocus()

    def toggle(self, view: View) -> None:
        """Show it over ``view``, or put it away."""
        if self.isVisible():
            self.hide()
            self._owner.setFocus()
        else:
            self.open(view)

    def look_at(self, view: View) -> None:
        """The part of the map now seen; a verdict on another part is no verdict on this one."""
        if view != self._view:
            self._view = view
            if self.verdicts:
                self.verdicts.clear()
                self._renew()

    def refresh(self) -> None:
        """Say what is otherwise by now: layers come from a thread that tells nobody."""
        if self.isVisible():
            self._renew()

    def lines(self) -> list[str]:
        """What is said of each package, in one text each."""
        return [self._words(index) for index in sorted(self._tiles.sources)] or [self._speech.say("maps.none")]

    def layer_lines(self) -> list[str]:
        """What is said of each vector layer, and of those that cannot be read."""
        store, say = self.layers, self._speech.say
        if store is None:
            return []
        told = [
            "\n".join((say("maps.layer", name=one.name), f"{one.date}　{say(f'maps.datum.{one.datum}')}".strip()))
            for one in store.layers
        ]
        return [*told, *(trouble.sentence(self._speech.language) for _, trouble in store.broken)]

    def height_lines(self) -> list[str]:
        """Which square degrees have heights of the ground, or that none has."""
        if self.reckoning is None:
            return []
        if isinstance(self._heights, OperatorError):
            return [self._heights.sentence(self._speech.language)]
        if not self._heights:
            return [self._speech.say("maps.no_heights")]
        names = self._speech.say("shell.net.list_separator").join(self._heights[:_MOST_CELLS])
        more = " …" if len(self._heights) > _MOST_CELLS else ""
        return [self._speech.say("maps.heights", count=len(self._heights), names=names + more)]

    # ---- words

    def _words(self, index: int) -> str:
        say, source = self._speech.say, self._tiles.sources[index]
        package = self._tiles.packages.get(index)
        if package is None:
            return say("maps.opening", name=source.name)
        if isinstance(package, BrokenPackage):
            return f"{source.name}\n{package.sentence(self._speech.language)}"
        lines = [package.source.name, self._facts(package)]
        if package.area_deg is not None:
            west, south, east, north = package.area_deg
            sides = {"south": angle_words(south, "N", "S"), "north": angle_words(north, "N", "S")}
            sides |= {"west": angle_words(west, "E", "W"), "east": angle_words(east, "E", "W")}
            lines.append(say("maps.area", **sides))
        if package.contradicted is not None:
            told = say(f"maps.datum.{package.contradicted}")
            lines.append(say("maps.contradicted", told=told, drawn=say(f"maps.datum.{package.source.datum}")))
        if package.attribution:
            lines.append(package.attribution)
        if count := self._tiles.damaged.get(index):
            lines.append(say("maps.damaged_tiles", count=count))
        if index in self.verdicts:
            lines.append(self.verdicts[index])
        return "\n".join(lines)

    def _facts(self, package: Package) -> str:
        datum = self._speech.say(f"maps.datum.{package.source.datum}")
        if package.projection == "degrees":
            datum = f"{datum} {self._speech.say('maps.tiling.degrees')}"
        size = f"{package.size_bytes / 1e6:.1f}"
        first, last = package.zooms[0], package.zooms[-1]
        return self._speech.say("maps.row", date=package.date, datum=datum, first=first, last=last, size=size).strip()

    def _verdict(self, package: Package, covered: tuple[Coverage, ...], from_zoom: int) -> str:
        say = self._speech.say
        first = min(from_zoom, STREET_ZOOM)
        if is_ready(covered, from_zoom):
            return say("maps.ready", first=first, last=max(package.zooms))
        known = {one.zoom: one for one in covered}
        lacks = []
        for zoom in range(first, STREET_ZOOM + 1):
            one = known.get(zoom)
            if one is None:
                lacks.append(say("maps.no_zoom", zoom=zoom))
            elif one.wanted is None:
                lacks.append(say("maps.uncountable", zoom=zoom))
            elif not one.is_whole:
                lacks.append(say("maps.lack", zoom=zoom, count=one.wanted - one.there))
        return say("maps.lacks", lacks=" ".join(lacks))

    # ---- doing

    def _ask(self) -> None:
        if self._view is not None:
            self._tiles.check(self._view)

    def _take_import(self, report: Report) -> None:
        out = Path(report.out)
        if report.made == "tiles":
            self._tiles.add(own_package(out))
        elif report.made == "heights":
            self.raised.emit()
            self._ask_heights()
        else:
            self.imported.emit(out)
        self.refresh()

    def _ask_heights(self) -> None:
        if self.reckoning is not None:
            self.reckoning.list_cells(self._take_heights)

    def _take_heights(self, cells: tuple[str, ...] | OperatorError) -> None:
        self._heights = cells
        self.refresh()

    def _take(self, index: int, covered: tuple[Coverage, ...] | BrokenPackage) -> None:
        package = self._tiles.packages.get(index)
        if self._view is None or not isinstance(package, Package):
            return
        if isinstance(covered, BrokenPackage):
            self.verdicts[index] = covered.sentence(self._speech.language)
        else:
            self.verdicts[index] = self._verdict(package, covered, round(self._view.zoom))
        self._renew()

    def _renew(self) -> None:
        is_locked = self._bridge.is_replaying
        style = (self._speech.language, self._theme.is_night, self._theme.scale)
        said = (self.lines(), self.layer_lines(), self.height_lines(), is_locked, style)
        if said == self._said:
            return
        self._said = said
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                # Hidden by word: Qt shows what was just laid out a moment later, and would show this as a window.
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        self.boxes.clear()
        numbers: list[int | None] = [*sorted(self._tiles.sources)] or [None]
        for index, words in zip(numbers, self.lines(), strict=True):
            self._rows.addWidget(self._row(index, words))
        for words in (*self.layer_lines(), *self.height_lines()):
            self._rows.addWidget(self._row(None, words))
        self.import_button.setText(self._speech.say("import.panel.locked" if is_locked else "import.panel.open"))
        self.import_button.setEnabled(not is_locked)
        if is_locked != self.box.is_locked:
            self.box.lock(is_locked=is_locked)
        self._title.setText(self._speech.say("maps.title"))
        self._close.setText(self._speech.say("maps.close"))
        self._check.setText(self._speech.say("maps.check"))
        self._check.setEnabled(any(isinstance(one, Package) for one in self._tiles.packages.values()))
        touch = self._theme.px(Metric.TOUCH)
        for button in (self._close, self._check, self.import_button):
            button.setMinimumHeight(touch)
        border, line = self._theme.px(Metric.HAIRLINE), self._theme.palette.line.name()
        self.setStyleSheet(f"#map-panel {{ border: {border}px solid {line}; }}")
        self._title.setStyleSheet(self._colour())
        self._title.setFont(self._theme.font(Size.STRONG, is_bold=True))
        self.place()

    def _row(self, index: int | None, words: str) -> QWidget:
        row = QWidget(self)
        beside = QHBoxLayout(row)
        beside.setContentsMargins(0, self._theme.space(1), 0, self._theme.space(1))
        label = QLabel(words)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setStyleSheet(self._colour())
        label.setFont(self._theme.font(Size.BODY))
        beside.addWidget(label, 1)
        if index is not None and isinstance(self._tiles.packages.get(index), Package):
            box = QCheckBox(self._speech.say("maps.shown"))
            box.setMinimumHeight(self._theme.px(Metric.TOUCH))
            box.setChecked(index not in self._tiles.hidden)
            box.toggled.connect(partial(self._show_package, index))
            beside.addWidget(box)
            self.boxes[index] = box
        return row

    def _show_package(self, index: int, is_shown: bool) -> None:  # noqa: FBT001 - the signal gives it so
        self._tiles.set_shown(index, is_shown=is_shown)

    def place(self) -> None:
        """In the middle of the map between the buttons, as large as it needs and the map has."""
        owner, edge = self._owner, self._theme.space(3)
        left = edge + self._theme.space(_TOOLS)
        room = owner.width() - left - 2 * edge - self._theme.px(Metric.TOUCH)
        width = max(0, min(self._theme.px(Metric.MAP_PANEL_WIDTH), room))
        inner = width - self._theme.space(12)
        rows = sum(self._row_height(index, inner) for index in range(self._rows.count()))
        box = 0 if self.box.isHidden() else self.box.heightForWidth(inner) + self._column.spacing()
        height = self._theme.px(Metric.TOUCH) + rows + box + self._theme.space(10)
        middle = max(left, (owner.width() - width) // 2)
        self.setGeometry(middle, edge, width, max(0, min(height, owner.height() - 2 * edge)))

    def _row_height(self, index: int, width_px: int) -> int:
        item = self._rows.itemAt(index)
        widget = item.widget() if item is not None else None
        if widget is None:
            return 0
        return max(widget.heightForWidth(width_px), widget.sizeHint().height()) + self._rows.spacing()

    def _colour(self) -> str:
        return f"color: {self._theme.palette.text.name()};"

    def retranslate(self) -> None:
        """Say everything anew; verdicts are asked for again."""
        self.verdicts.clear()
        self.box.retranslate()
        self._renew()

    def restyle(self) -> None:
        """Measure and colour anew."""
        self.box.restyle()
        self._renew()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc puts it away."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            self._owner.setFocus()
        else:
            super().keyPressEvent(event)
