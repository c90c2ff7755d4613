# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The card on the map from which sheets are made: the map in A4 or A3, and the last known state of a team."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout

from console.bridge import Bridge
from console.trouble import OperatorError
from console.views.situation.grids import GridLayer
from console.views.situation.map_sheet import (
    RATIO,
    Drawn,
    map_image,
    map_sheet,
    map_view,
    team_image,
    team_sheet,
    team_view,
)
from console.views.situation.map_view import MapView
from console.views.situation.paper import Format, Occasion
from console.views.situation.paper_tiles import PaperTiles
from console.views.situation.sheet_files import next_number, write_sheet
from console.views.speech import Speech
from console.views.theme import Metric, Theme
from console.views.widgets.paragraph import Paragraph

Sheet = Literal["a4", "a3", "team"]
_SHEETS: tuple[Sheet, ...] = ("a4", "a3", "team")
_WIDTH = 84.0
"""In spacing units."""


class SheetPanel(QFrame):
    """Buttons for the sheets, and below them what came of it."""

    def __init__(self, owner: MapView, grid: GridLayer, bridge: Bridge, theme: Theme, speech: Speech) -> None:
        super().__init__(owner)
        self._owner = owner
        self._grid = grid
        self._bridge = bridge
        self._theme = theme
        self._speech = speech
        self._told: Callable[[], str] = lambda: speech.say("sheet.panel.about")
        self.setObjectName("sheets")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._tiles: PaperTiles | None = None
        self._awaiting: tuple[Sheet, Drawn] | None = None
        self.result = Paragraph(theme, tone="soft", parent=self)
        self.hurry = QPushButton(self)
        self.hurry.setObjectName("sheet-hurry")
        self.hurry.clicked.connect(lambda *_: self._tiles.hurry() if self._tiles is not None else None)
        self.buttons = {sheet: self._button(sheet) for sheet in _SHEETS}
        rows = self._rows = QVBoxLayout(self)
        for button in self.buttons.values():
            rows.addWidget(button)
        rows.addWidget(self.result)
        rows.addWidget(self.hurry)
        self.hide()

    def _button(self, sheet: Sheet) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(f"sheet-{sheet}")
        button.clicked.connect(lambda *_: self.make(sheet))
        return button

    def toggle(self) -> None:
        """Open it, or put it away."""
        self.setVisible(self.isHidden())
        if self.isVisible():
            self._told = lambda: self._speech.say("sheet.panel.about")
            self.restyle()
            self.buttons["a4"].setFocus()
        else:
            self._leave()
            self._owner.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc puts it away."""
        if event.key() == Qt.Key.Key_Escape:
            self.toggle()
        else:
            super().keyPressEvent(event)

    def retranslate(self) -> None:
        """Say everything anew."""
        for sheet, button in self.buttons.items():
            button.setText(self._speech.say(f"sheet.panel.{sheet}"))
        self.hurry.setText(self._speech.say("sheet.panel.hurry"))
        self.result.say(self._told())

    def restyle(self) -> None:
        """Measure and colour anew, and place it in the middle of the map."""
        self.retranslate()
        # Before it is laid out the map may be narrower than the edges.
        room = self._owner.width() - 2 * self._theme.space(3)
        self.setFixedWidth(max(0, min(self._theme.space(_WIDTH), room)))
        palette = self._theme.palette
        self.setStyleSheet(
            f"#sheets {{ background: {palette.panel.name()};"
            f" border: {self._theme.px(Metric.HAIRLINE)}px solid {palette.info.name()}; }}"
        )
        # After the sheet: it takes the colour from what lies in it.
        self.result.restyle()
        is_waiting = self._tiles is not None
        self.hurry.setVisible(is_waiting)
        for button in (*self.buttons.values(), self.hurry):
            button.setMinimumHeight(self._theme.px(Metric.TOUCH))
            button.setEnabled(button is self.hurry or not is_waiting)
        self.setFixedHeight(self._rows.totalHeightForWidth(self.width()))
        self.move((self._owner.width() - self.width()) // 2, max(0, (self._owner.height() - self.height()) // 2))
        self.raise_()

    # ---- making

    def make(self, sheet: Sheet) -> None:
        """Read the tiles, draw the sheet of the moment then, have it written; what came of it is said in the card."""
        picture = self._bridge.picture
        if picture is None or self._bridge.incident_folder is None:
            self._tell("sheet.panel.no_folder")
            return
        owner = self._owner
        team = next((team for team in picture.teams if team.id == owner.selected_id), None)
        if sheet == "team" and team is None:
            self._tell("sheet.panel.no_team")
            return
        drawn = Drawn(view=owner.view, layers=owner.layers, grid="", selected_id=owner.selected_id)
        if sheet != "team":
            view = map_view(sheet, drawn.view)
        elif team is not None and team.place is not None:
            view = team_view(team.place, drawn.view)
        else:
            self._compose(sheet, drawn)
            return
        self._leave()
        tiles = self._tiles = PaperTiles(Theme(is_night=False), owner.tiles, view, RATIO)
        tiles.progressed.connect(self._tell_progress)
        self._awaiting = (sheet, replace(drawn, tiles=tiles))
        # A method of this widget, no lambda: Qt then calls nothing of a window that is gone.
        tiles.ready.connect(self._take_tiles)
        self._tell("sheet.panel.opening")
        tiles.start()

    def _tell_progress(self, done: int, total: int) -> None:
        self._told = lambda: self._speech.say("sheet.panel.reading", done=done, total=total)
        self.restyle()

    def _take_tiles(self) -> None:
        awaiting, self._awaiting = self._awaiting, None
        self._leave()
        if awaiting is not None:
            self._compose(*awaiting)

    def _leave(self) -> None:
        """Wait for no tiles any more.  The thread that reads them may hang in a bad stick: it is ended beside."""
        tiles, self._tiles = self._tiles, None
        if tiles is not None:
            self._bridge.reckon(tiles.close, lambda _: None)
        self.restyle()

    def _compose(self, sheet: Sheet, drawn: Drawn) -> None:
        picture, folder = self._bridge.picture, self._bridge.incident_folder
        if picture is None or folder is None:
            return
        occasion = Occasion(
            picture=picture,
            now_ns=self._bridge.now_ns(),
            is_replayed=self._bridge.is_replaying,
            number=next_number(folder),
        )
        self._tell("sheet.panel.writing")
        self.repaint()
        octets = self._composed(sheet, occasion, drawn)
        kind = "team" if sheet == "team" else "map"
        self._bridge.reckon(lambda: write_sheet(folder, kind, occasion.number, occasion.now_ns, octets), self._written)

    def _composed(self, sheet: Sheet, occasion: Occasion, drawn: Drawn) -> bytes:
        """The pages.  In the window's thread, which stands up to a second: see ``tile_image.rehearse`` for why."""
        speech = Speech(self._speech.language, zone=self._speech.zone)
        speech.style = self._speech.style
        drawn = replace(drawn, grid=speech.say(f"sheet.grid.{self._grid.grid}"))
        team = next((team for team in occasion.picture.teams if team.id == drawn.selected_id), None)
        if sheet != "team" or team is None:
            form: Format = "a3" if sheet == "a3" else "a4"
            made = map_image(form, occasion, drawn, speech)
            return map_sheet(form, occasion, made, speech)
        inset = team_image(team, occasion, drawn, speech)
        return team_sheet(team, occasion, inset, speech)

    def _written(self, outcome: Path | OperatorError) -> None:
        if isinstance(outcome, OperatorError):
            trouble = outcome
            self._told = lambda: f"{self._speech.tell(trouble.text)} {self._speech.tell(trouble.remedy)}"
        else:
            path = outcome
            self._told = lambda: self._speech.say("sheet.panel.written", file=str(path))
        self.restyle()

    def _tell(self, message_id: str) -> None:
        self._told = lambda: self._speech.say(message_id)
        self.restyle()
