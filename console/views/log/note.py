"""补记: an entry by hand, with the time at which it happened."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from console.orders import WriteNote
from console.picture import Picture
from console.views.speech import Speech
from console.views.theme import Size, Theme
from console.views.typed import read_time
from console.views.widgets.label import Label
from console.views.widgets.panel import PanelHeader
from console.views.widgets.paragraph import Paragraph

_TEXT_LINES = 5


class NoteForm(QFrame):
    """Text, when it happened, which team, who writes.  ``written`` carries the order."""

    written = Signal(object)

    def __init__(self, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._speech = speech
        self._now_ns = 0
        self._is_locked = False
        self._teams: tuple[tuple[str, str], ...] = ()
        self.setProperty("role", "raised")
        self.header = PanelHeader(theme)
        self.labels = {name: Label(theme, size=Size.SMALL, tone="dim") for name in ("text", "happened", "team", "by")}
        self.text = QPlainTextEdit()
        self.happened = QLineEdit()
        self.team = QComboBox()
        self.by = QLineEdit()
        self.said = Paragraph(theme, tone="dim")
        self.submit = QPushButton()
        self.submit.setProperty("role", "primary")
        self.submit.clicked.connect(self._submit)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.header)
        for name, field in (("text", self.text), ("happened", self.happened), ("team", self.team), ("by", self.by)):
            self._column.addWidget(self.labels[name])
            self._column.addWidget(field)
        self._column.addWidget(self.said)
        self._column.addWidget(self.submit)
        self._column.addStretch(1)
        self.retranslate()
        self.restyle()

    def show_picture(self, picture: Picture, now_ns: int, *, is_locked: bool) -> None:
        """Offer the teams; in replay nothing can be written."""
        self._now_ns = now_ns
        if is_locked != self._is_locked:
            self._is_locked = is_locked
            self.submit.setEnabled(not is_locked)
            self.said.say(self._speech.say("log.note.locked") if is_locked else "", "warn")
        teams = tuple((team.id, team.name) for team in picture.teams)
        if teams != self._teams:
            self._teams = teams
            self._fill_teams()

    def set_now(self, now_ns: int) -> None:
        """The time against which what is typed is read."""
        self._now_ns = now_ns

    def _fill_teams(self) -> None:
        chosen = self.team.currentData()
        self.team.clear()
        self.team.addItem(self._speech.say("log.note.no_team"), None)
        for team_id, name in self._teams:
            self.team.addItem(name, team_id)
        self.team.setCurrentIndex(max(0, self.team.findData(chosen)))

    def _submit(self) -> None:
        text, by, typed = self.text.toPlainText().strip(), self.by.text().strip(), self.happened.text().strip()
        happened_ns = read_time(typed, self._now_ns, self._speech.zone) if typed else None
        wrong = ""
        if not text:
            wrong = "log.note.no_text"
        elif not by:
            wrong = "log.note.no_by"
        elif typed and happened_ns is None:
            wrong = "log.note.bad_time"
        elif happened_ns is not None and happened_ns > self._now_ns:
            wrong = "log.note.future"
        if wrong:
            self.said.say(self._speech.say(wrong), "alarm")
            return
        self.written.emit(WriteNote(text=text, by=by, happened_ns=happened_ns, team_id=self.team.currentData()))
        self.text.clear()
        self.happened.clear()
        self.said.say(self._speech.say("log.note.given"), "dim")

    def retranslate(self) -> None:
        """Say everything anew."""
        say = self._speech.say
        self.header.title.say(say("log.note.title"))
        for name, label in self.labels.items():
            label.say(say(f"log.note.{name}"))
        self.happened.setPlaceholderText(say("log.note.happened_hint"))
        self.submit.setText(say("log.note.submit"))
        self.said.say(say("log.note.locked") if self._is_locked else "")
        self._fill_teams()

    def restyle(self) -> None:
        """Measure and colour anew."""
        self.header.restyle()
        self.said.restyle()
        for label in self.labels.values():
            label.restyle()
        self.text.setFixedHeight(round(self._theme.metrics(Size.BODY).lineSpacing()) * _TEXT_LINES)
        self._column.setContentsMargins(*(self._theme.space(4),) * 4)
        self._column.setSpacing(self._theme.space(2))
