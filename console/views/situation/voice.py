# ruff: noqa: N802 - the names of overridden methods are Qt's
"""Heard by voice: V opens it for the chosen team, Enter writes it down."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QPushButton, QWidget

from console.orders import HeardByVoice
from console.picture import Team
from console.views.speech import Speech
from console.views.theme import Size, Theme
from console.views.widgets.label import Label

_LONGEST = 500


class VoiceBar(QFrame):
    """``commanded`` carries HeardByVoice; ``closed`` comes after it, and after Esc."""

    commanded = Signal(object)
    closed = Signal()

    def __init__(self, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._speech = theme, speech
        self.team: Team | None = None
        self._post = ""
        self.setProperty("role", "raised")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.title = Label(theme, size=Size.BODY, tone="text", is_bold=True)
        self.whom = Label(theme, size=Size.SMALL, tone="soft")
        self.text = QLineEdit()
        self.text.setMaxLength(_LONGEST)
        self.text.returnPressed.connect(self.write)
        self.done = QPushButton()
        self.done.setProperty("role", "primary")
        self.done.clicked.connect(self.write)
        self._grid = QGridLayout(self)
        self._grid.addWidget(self.title, 0, 0, 1, 2)
        self._grid.addWidget(self.whom, 1, 0, 1, 2)
        self._grid.addWidget(self.text, 2, 0)
        self._grid.addWidget(self.done, 2, 1)
        self.setVisible(False)
        self.retranslate()
        self.restyle()

    def open(self, team: Team, post: str) -> None:
        """Ask what this team said; ``post`` is who writes."""
        self.team, self._post = team, post
        self.title.say(self._speech.say("teams.voice.title", team=team.name))
        whom = " ".join(part for part in (team.leader, team.phone) if part)
        self.whom.say(whom)
        self.whom.setVisible(bool(whom))
        self.text.clear()
        self.setVisible(True)
        self.text.setFocus()

    def write(self) -> None:
        """It spoke just now."""
        team = self.team
        if team is not None:
            self.commanded.emit(HeardByVoice(team_id=team.id, by=self._post, text=self.text.text().strip()))
        self.close_bar()

    def close_bar(self) -> None:
        """Put it away."""
        self.team = None
        self.setVisible(False)
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc puts it away."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
            return
        super().keyPressEvent(event)

    def retranslate(self) -> None:
        """Say everything anew."""
        self.text.setPlaceholderText(self._speech.say("teams.voice.text"))
        self.done.setText(self._speech.say("teams.voice.done"))
        if self.team is not None:
            self.title.say(self._speech.say("teams.voice.title", team=self.team.name))

    def restyle(self) -> None:
        """Measure and colour anew."""
        pad = self._theme.space(2)
        self._grid.setContentsMargins(pad, pad, pad, pad)
        self._grid.setSpacing(pad)
        self.title.restyle()
        self.whom.restyle()
