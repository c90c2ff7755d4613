# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The teams by silence: who was not heard longest, by which means and when they were."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QScrollArea, QWidget

from console.bridge import Bridge
from console.picture import Picture
from console.views.situation.foundplaces import FoundPlaces
from console.views.situation.teamrows import TeamRows
from console.views.situation.teamwords import CHIPS, ROLL_CHIPS, has_answered, is_in
from console.views.speech import Speech
from console.views.theme import Metric, Theme
from console.views.widgets.panel import Panel

_CHIPS_FROM = 16
"""Fewer teams are seen at once, or with one turn of the wheel."""


class TeamList(Panel):
    """The panel: header with totals, find field when asked for, and the rows."""

    selected = Signal(str)
    opened = Signal(str)
    """The team whose detail is asked for."""
    gone = Signal(float, float)
    """Latitude and longitude that were typed into the find field."""

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._bridge = bridge
        self._theme = theme
        self._speech = speech
        self._picture: Picture | None = None
        self.rows = TeamRows(bridge, theme, speech)
        self.rows.selected.connect(self._chosen)
        self.rows.opened.connect(self.opened)
        self.chips = _Chips(theme)
        self.chips.chosen.connect(self.choose_chip)
        self.find_field = QLineEdit()
        self.find_field.setClearButtonEnabled(True)
        self.find_field.setVisible(False)
        self.find_field.textChanged.connect(self._filter)
        self.found = FoundPlaces(theme, speech)
        self.found.gone.connect(self.gone)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(self.rows)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.addWidget(self.chips)
        self.body.addWidget(self.find_field)
        self.body.addWidget(self.found)
        self.body.addWidget(self._scroll, 1)
        self.rows.setProperty("role", "panel")
        self.retranslate()

    def show_picture(self, picture: Picture) -> None:
        """Take over what is known."""
        was_called = self._picture is not None and self._picture.roll_call_ns is not None
        self._picture = picture
        is_called = picture.roll_call_ns is not None
        if is_called != was_called:
            self.rows.chip = "unanswered" if is_called else "all"
        self.rows.show_picture(picture)
        self.found.show_picture(picture)
        self._say_header()

    def choose_chip(self, chip: str) -> None:
        """Show these teams only."""
        self.rows.chip = chip
        self.rows.measure()
        self._say_header()

    def next_chip(self) -> None:
        """The next one in the row."""
        names = self._chip_names()
        self.choose_chip(names[(names.index(self.rows.chip) + 1) % len(names)] if self.rows.chip in names else "all")

    def _chip_names(self) -> tuple[str, ...]:
        return ROLL_CHIPS if self._picture is not None and self._picture.roll_call_ns is not None else CHIPS

    def _say_chips(self, picture: Picture) -> None:
        names, now_ns = self._chip_names(), self._bridge.now_ns()
        counts = {name: sum(is_in(name, team, picture, now_ns) for team in picture.teams) for name in names}
        words = [self._speech.say(f"teams.chip.{name}", count=counts[name]) for name in names]
        self.chips.say(names, words, self.rows.chip)
        self.chips.setVisible(len(picture.teams) >= _CHIPS_FROM or self.rows.chip != "all" or names is ROLL_CHIPS)

    def _say_header(self) -> None:
        picture = self._picture
        self.header.title.say(self._speech.say("situation.teams.title"))
        if picture is None:
            return
        total, since_ns = len(picture.teams), picture.roll_call_ns
        is_filtered = bool(self.rows.filter) or self.rows.chip not in ("all", "unanswered")
        if is_filtered:
            said = self._speech.say("situation.teams.filtered", shown=len(self.rows.rows()), total=total)
        elif since_ns is not None:
            called = [team for team in picture.teams if team.state != "stood_down"]
            answered = sum(has_answered(team, since_ns) for team in called)
            at = self._speech.minute(since_ns, self._bridge.now_ns())
            said = self._speech.say("teams.roll.note", at=at, answered=answered, total=len(called))
        else:
            people = sum(team.people or 0 for team in picture.teams)
            said = self._speech.say("situation.teams.note", total=total, people=people)
        self.header.note.say(said)
        self.header.note.set_tone("warn" if is_filtered or since_ns is not None else "faint")
        self._say_chips(picture)

    def refresh(self) -> None:
        """Ages and order of this moment."""
        self.rows.refresh()
        self._say_header()

    def select(self, team_id: str | None) -> None:
        """Mark a team and bring its row into sight."""
        self.rows.selected_id = team_id
        ids = [team.id for team in self.rows.rows()]
        if team_id in ids:
            height = self._theme.px(Metric.TEAM_ROW)
            self._scroll.ensureVisible(0, ids.index(team_id) * height + height // 2, 0, height // 2)
        self.rows.update()

    def _chosen(self, team_id: str) -> None:
        self.select(team_id)
        self.selected.emit(team_id)

    def focus_find(self) -> None:
        """Open the find field."""
        self.find_field.setVisible(True)
        self.find_field.setFocus()
        self.find_field.selectAll()

    def close_find(self) -> bool:
        """Show all teams again; False where nothing was filtered."""
        if not self.find_field.isVisible():
            return False
        self.find_field.clear()
        self.find_field.setVisible(False)
        self.rows.setFocus()
        return True

    def _filter(self, text: str) -> None:
        self.rows.filter = text.strip()
        self.rows.measure()
        self.found.read(self.rows.filter)
        self._say_header()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes the find field; Up, Down and Enter in it choose among the places understood."""
        if event.key() == Qt.Key.Key_Escape and self.close_find():
            return
        if self.find_field.hasFocus() and self._walk_found(Qt.Key(event.key())):
            return
        super().keyPressEvent(event)

    def _walk_found(self, key: Qt.Key) -> bool:
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self.found.go()
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(key)
        return step is not None and self.found.step(step)

    def retranslate(self) -> None:
        """Say everything anew."""
        self.found.retranslate()
        self.find_field.setPlaceholderText(self._speech.say("situation.teams.find"))
        self._say_header()
        self.rows.update()

    def restyle(self) -> None:
        """Measure and colour anew."""
        super().restyle()
        self.found.restyle()
        self.chips.restyle()
        self.rows.measure()


class _Chips(QWidget):
    """Buttons of which one is chosen."""

    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._names: tuple[str, ...] = ()
        self._row = QHBoxLayout(self)
        self.buttons = [QPushButton() for _ in range(max(len(CHIPS), len(ROLL_CHIPS)))]
        for number, button in enumerate(self.buttons):
            button.setProperty("role", "narrow")
            button.setCheckable(True)
            button.clicked.connect(lambda *_, number=number: self.chosen.emit(self._names[number]))
            self._row.addWidget(button, 1)

    def say(self, names: tuple[str, ...], words: list[str], chosen: str) -> None:
        """Show these, one of them chosen."""
        self._names = names
        for name, said, button in zip(names, words, self.buttons, strict=True):
            if button.text() != said:
                button.setText(said)
            button.setChecked(name == chosen)

    def restyle(self) -> None:
        """Measure anew."""
        pad = self._theme.space(1)
        self._row.setContentsMargins(pad, pad, pad, pad)
        self._row.setSpacing(pad)
