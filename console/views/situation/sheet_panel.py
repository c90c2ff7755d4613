# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The card on the map from which sheets are made: the map in A4 or A3, and the last known state of a team."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout

from console.bridge import Bridge
from console.picture import Picture
from console.trouble import OperatorError
from console.views.situation.grids import GridLayer
from console.views.situation.map_sheet import Drawn, map_image, map_sheet, team_image, team_sheet
from console.views.situation.map_view import MapView
from console.views.situation.paper import Occasion
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
        self.result = Paragraph(theme, tone="soft", parent=self)
        self.buttons = {sheet: self._button(sheet) for sheet in _SHEETS}
        rows = self._rows = QVBoxLayout(self)
        for button in self.buttons.values():
            rows.addWidget(button)
        rows.addWidget(self.result)
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
        self.result.say(self._told())

    def restyle(self) -> None:
        """Measure and colour anew, and place it in the middle of the map."""
        self.retranslate()
        self.result.restyle()
        # Before it is laid out the map may be narrower than the edges.
        room = self._owner.width() - 2 * self._theme.space(3)
        self.setFixedWidth(max(0, min(self._theme.space(_WIDTH), room)))
        palette = self._theme.palette
        self.setStyleSheet(
            f"#sheets {{ background: {palette.panel.name()};"
            f" border: {self._theme.px(Metric.HAIRLINE)}px solid {palette.info.name()}; }}"
        )
        for button in self.buttons.values():
            button.setMinimumHeight(self._theme.px(Metric.TOUCH))
        self.setFixedHeight(self._rows.totalHeightForWidth(self.width()))
        self.move((self._owner.width() - self.width()) // 2, max(0, (self._owner.height() - self.height()) // 2))
        self.raise_()

    # ---- making

    def make(self, sheet: Sheet) -> None:
        """Draw the sheet of this moment and have it written; what came of it is said in the card."""
        picture, folder = self._bridge.picture, self._bridge.incident_folder
        if picture is None or folder is None:
            self._tell("sheet.panel.no_folder")
            return
        occasion = Occasion(
            picture=picture,
            now_ns=self._bridge.now_ns(),
            is_replayed=self._bridge.is_replaying,
            number=next_number(folder),
        )
        compose = self._composer(sheet, picture, occasion)
        if compose is None:
            self._tell("sheet.panel.no_team")
            return
        kind = "team" if sheet == "team" else "map"
        self._tell("sheet.panel.writing")
        self._bridge.reckon(
            lambda: write_sheet(folder, kind, occasion.number, occasion.now_ns, compose()), self._written
        )

    def _composer(self, sheet: Sheet, picture: Picture, occasion: Occasion) -> Callable[[], bytes] | None:
        """Draws the map now, in the window's thread; what it gives sets the pages, which takes a second, beside it."""
        owner, speech = self._owner, Speech(self._speech.language, zone=self._speech.zone)
        speech.style = self._speech.style
        grid = speech.say(f"sheet.grid.{self._grid.grid}")
        drawn = Drawn(view=owner.view, layers=owner.layers, grid=grid, selected_id=owner.selected_id)
        if sheet != "team":
            made = map_image(sheet, occasion, drawn, speech)
            return lambda: map_sheet(sheet, occasion, made, speech)
        team = next((team for team in picture.teams if team.id == owner.selected_id), None)
        if team is None:
            return None
        inset = team_image(team, occasion, drawn, speech)
        return lambda: team_sheet(team, occasion, inset, speech)

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
