# ruff: noqa: N802 - the names of overridden methods are Qt's
"""One team: its last known state, the means it is heard by, and what can be changed of it."""

from __future__ import annotations

import unicodedata
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from console.bridge import Bridge
from console.orders import AddMeans, ChangeTeam, RemoveMeans
from console.picture import Picture, Team, TeamState
from console.views.judgement import silence_of
from console.views.situation.teamwords import TONES, known_lines, means_words, silence_words
from console.views.speech import Speech
from console.views.strangers import strangers
from console.views.theme import Metric, Size, Theme
from console.views.widgets.facts import FactLines
from console.views.widgets.label import Label
from console.views.widgets.panel import Panel
from console.views.widgets.paragraph import Paragraph
from console.views.widgets.scroll import scroll_area

_STATES: tuple[TeamState, ...] = ("standby", "moving", "working", "resting", "returning", "stood_down")
_FIELDS = ("name", "task", "people_present", "expected", "leader", "phone")
_LONGEST = 60


class TeamDetail(Panel):
    """``commanded`` carries ChangeTeam, AddMeans and RemoveMeans; ``closed`` asks for the list again."""

    commanded = Signal(object)
    closed = Signal()

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._bridge, self._theme, self._speech = bridge, theme, speech
        self._picture: Picture | None = None
        self.team_id: str | None = None
        self._means: tuple[str, ...] = ()
        self._offered: tuple[str, ...] = ()
        self._filled: dict[str, str] = {}
        self.facts = FactLines(theme)
        self.titles = {name: Label(theme, size=Size.SMALL, tone="dim", is_bold=True) for name in ("means", "change")}
        self.means_lines: list[tuple[Paragraph, QPushButton]] = []
        self.new_means = QComboBox()
        self.new_means.setEditable(True)
        self.new_means.setMinimumContentsLength(1)
        self.new_means.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.add_means = QPushButton()
        self.add_means.clicked.connect(self._add_means)
        self.state = QComboBox()
        self.labels = {name: Label(theme, size=Size.SMALL, tone="dim") for name in ("state", *_FIELDS)}
        self.fields = {name: QLineEdit() for name in _FIELDS}
        self.said = Paragraph(theme, tone="alarm")
        self.said.setVisible(False)
        self.save = QPushButton()
        self.save.setProperty("role", "primary")
        self.save.clicked.connect(self._save)
        self.back = QPushButton()
        self.back.clicked.connect(self.closed)
        for field in self.fields.values():
            field.setMaxLength(_LONGEST)
            field.returnPressed.connect(self._save)
        self._lay_out()
        self.retranslate()
        self.restyle()

    def _lay_out(self) -> None:
        content = QWidget()
        self._column = QVBoxLayout(content)
        self._column.addWidget(self.facts)
        self._column.addWidget(self.titles["means"])
        self._means_grid = QGridLayout()
        self._means_grid.setColumnStretch(0, 1)
        self._column.addLayout(self._means_grid)
        row = QHBoxLayout()
        row.addWidget(self.new_means, 1)
        row.addWidget(self.add_means)
        self._column.addLayout(row)
        self._column.addWidget(self.titles["change"])
        self._form = grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        for number, name in enumerate(self.labels):
            grid.addWidget(self.labels[name], number, 0)
            grid.addWidget(self.state if name == "state" else self.fields[name], number, 1)
        self._column.addLayout(grid)
        self._column.addWidget(self.said)
        self._column.addStretch(1)
        self._area = scroll_area(content)
        self._area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self.back)
        self._foot.addWidget(self.save, 1)
        self.body.addWidget(self._area, 1)
        self.body.addLayout(self._foot)

    # ---- what is shown

    @property
    def team(self) -> Team | None:
        """The team shown, as it is now; ``None`` where it is gone."""
        teams = self._picture.teams if self._picture is not None else ()
        return next((team for team in teams if team.id == self.team_id), None)

    def open(self, team_id: str) -> None:
        """Show this team; what was typed for another is gone."""
        self.team_id = team_id
        self._fill_form()
        self._show()
        self._area.verticalScrollBar().setValue(0)
        self._area.setFocus()

    def show_picture(self, picture: Picture) -> None:
        """Take over what is known; what is being typed stays."""
        self._picture = picture
        if self.isVisible():
            self._show()

    def refresh(self) -> None:
        """Ages of this moment."""
        self._show()

    def _show(self) -> None:
        team, picture = self.team, self._picture
        if team is None or picture is None:
            return
        now_ns = self._bridge.now_ns()
        silence = silence_of(team, now_ns)
        self.header.title.say(team.name)
        self.header.note.say(silence_words(silence, self._speech))
        self.header.note.set_tone(TONES[silence.level])
        self.facts.show_facts(known_lines(team, picture, self._speech, now_ns))
        self._show_means(team, picture, now_ns)

    def _show_means(self, team: Team, picture: Picture, now_ns: int) -> None:
        if team.means != self._means:
            self._means = team.means
            self._make_means_lines()
        for means, (line, _) in zip(team.means, self.means_lines, strict=True):
            line.say(*means_words(means, team, picture, self._speech, now_ns))
        offered = tuple(one.means for one in strangers(picture))
        if offered != self._offered:
            self._offered = offered
            typed = self.new_means.currentText()
            self.new_means.clear()
            self.new_means.addItems(list(offered))
            self.new_means.setEditText(typed)

    def _make_means_lines(self) -> None:
        for line, button in self.means_lines:
            line.deleteLater()
            button.deleteLater()
        self.means_lines = []
        for row, means in enumerate(self._means):
            line, button = Paragraph(self._theme, size=Size.SMALL, tone="text"), QPushButton()
            button.setProperty("role", "narrow")
            button.setText(self._speech.say("teams.detail.remove"))
            button.clicked.connect(lambda *_, means=means: self._remove_means(means))
            self._means_grid.addWidget(line, row, 0)
            self._means_grid.addWidget(button, row, 1)
            self.means_lines.append((line, button))

    # ---- what is changed

    def _fill_form(self) -> None:
        team = self.team
        if team is None:
            return
        present = "" if team.people_present is None else str(team.people_present)
        self._filled = {
            "name": team.name,
            "task": team.task,
            "people_present": present,
            "expected": f"{team.expected_s / 60:g}",
            "leader": team.leader,
            "phone": team.phone,
        }
        for name, value in self._filled.items():
            self.fields[name].setText(value)
        self.state.setCurrentIndex(self.state.findData(team.state) if team.state is not None else 0)
        self._complain("")

    def _complain(self, message_id: str) -> None:
        self.said.say(self._speech.say(message_id) if message_id else "")
        self.said.setVisible(bool(message_id))

    def _save(self) -> None:
        """Send what differs from what was filled in; a number that is none is said, and nothing is sent."""
        team = self.team
        if team is None or self._picture is None:
            return
        typed = {name: field.text().strip() for name, field in self.fields.items()}
        changed: dict[str, Any] = {
            name: typed[name]
            for name in ("name", "task", "leader", "phone")
            if typed[name] != self._filled.get(name) and (typed[name] or name != "name")
        }
        if typed["people_present"] != self._filled.get("people_present"):
            if not (typed["people_present"].isascii() and typed["people_present"].isdecimal()):
                self._complain("teams.detail.bad_people")
                return
            changed["people_present"] = int(typed["people_present"])
        if typed["expected"] != self._filled.get("expected"):
            minutes = _minutes(typed["expected"])
            if minutes is None:
                self._complain("teams.detail.bad_minutes")
                return
            changed["expected_s"] = minutes * 60
        if self.state.currentData() not in (None, team.state):
            changed["state"] = self.state.currentData()
        self._complain("")
        if changed:
            self.commanded.emit(ChangeTeam(team_id=team.id, by=self._picture.incident.post, **changed))
        self.closed.emit()

    def _add_means(self) -> None:
        means = self.new_means.currentText().strip()
        if means and self.team_id is not None and self._picture is not None:
            self.commanded.emit(AddMeans(team_id=self.team_id, means=means, by=self._picture.incident.post))
            self.new_means.setEditText("")

    def _remove_means(self, means: str) -> None:
        if self.team_id is not None and self._picture is not None:
            self.commanded.emit(RemoveMeans(team_id=self.team_id, means=means, by=self._picture.incident.post))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back to the list."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
            return
        super().keyPressEvent(event)

    # ---- language and theme

    def retranslate(self) -> None:
        """Say everything anew."""
        say = self._speech.say
        for name, label in self.titles.items():
            label.say(say(f"teams.detail.{name}"))
        for name, label in self.labels.items():
            label.say(say(f"teams.detail.{name}"))
        self.add_means.setText(say("teams.detail.add"))
        self.save.setText(say("teams.detail.save"))
        self.back.setText(say("teams.detail.back"))
        if (edit := self.new_means.lineEdit()) is not None:
            edit.setPlaceholderText(say("teams.detail.new_means"))
        before = self.state.currentData()
        self.state.clear()
        self.state.addItem(say("teams.detail.no_state"), None)
        for state in _STATES:
            self.state.addItem(say(f"team.state.{state}"), state)
        self.state.setCurrentIndex(max(0, self.state.findData(before)))
        self._means = ()
        self._make_means_lines()
        self._measure_form()
        self._show()

    def _measure_form(self) -> None:
        metrics = self._theme.metrics(Size.SMALL)
        widest = max(metrics.horizontalAdvance(label.text()) for label in self.labels.values())
        self._form.setColumnMinimumWidth(0, round(widest) + self._theme.space(2))

    def restyle(self) -> None:
        """Measure and colour anew."""
        super().restyle()
        pad = self._theme.space(2)
        self._column.setContentsMargins(self._theme.space(3.5), pad, self._theme.space(3.5), pad)
        self._column.setSpacing(pad)
        self._foot.setContentsMargins(pad, pad, pad, pad)
        self._foot.setSpacing(pad)
        self._measure_form()
        self.facts.restyle()
        self.said.restyle()
        for label in (*self.titles.values(), *self.labels.values()):
            label.restyle()
        for line, button in self.means_lines:
            line.restyle()
            button.setMinimumWidth(self._theme.px(Metric.TOUCH))


def _minutes(typed: str) -> float | None:
    try:
        minutes = float(unicodedata.normalize("NFKC", typed).replace(",", "."))
    except ValueError:
        return None
    return minutes if 0.1 <= minutes <= 7 * 24 * 60 else None
