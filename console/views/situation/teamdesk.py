# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The left side of 态势: the list of teams, one team, the unknown ids, and below them what is done most."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from console.bridge import Bridge
from console.orders import BeginRollCall, EndRollCall
from console.picture import Picture, Team
from console.views.situation.teamdetail import TeamDetail
from console.views.situation.teams import TeamList
from console.views.situation.teamwords import has_answered
from console.views.situation.voice import VoiceBar
from console.views.speech import Speech
from console.views.theme import Theme
from console.views.widgets.strangers import StrangerPanel

_ACTS = ("voice", "detail", "roll", "strangers")


class TeamDesk(QWidget):
    """Keys: V heard by voice, Enter the detail, C the roll call, U unknown ids, Q the next filter, Esc back."""

    commanded = Signal(object)

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._theme, self._speech = bridge, theme, speech
        self._picture: Picture | None = None
        self.list = TeamList(bridge, theme, speech)
        self.detail = TeamDetail(bridge, theme, speech)
        self.strangers = StrangerPanel(bridge, theme, speech)
        self.voice = VoiceBar(theme, speech)
        self.pages = QStackedWidget()
        for page in (self.list, self.detail, self.strangers):
            self.pages.addWidget(page)
        self.buttons = {name: QPushButton() for name in _ACTS}
        for name, act in zip(
            _ACTS, (self.open_voice, self.open_detail, self.toggle_roll, self.open_strangers), strict=True
        ):
            self.buttons[name].setProperty("role", "narrow")
            self.buttons[name].clicked.connect(act)
        self.buttons["roll"].setCheckable(True)
        self.list.opened.connect(self.open_detail)
        self.detail.closed.connect(self.show_list)
        self.strangers.named.connect(self._named)
        self.voice.closed.connect(self._after_voice)
        for part in (self.detail, self.strangers, self.voice):
            part.commanded.connect(self.commanded)
        self._bar = QWidget()
        self._bar.setProperty("role", "panel")
        self._bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._acts = QHBoxLayout(self._bar)
        for button in self.buttons.values():
            self._acts.addWidget(button, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.pages, 1)
        self._column.addWidget(self.voice)
        self._column.addWidget(self._bar)
        self.retranslate()
        self.restyle()

    def show_picture(self, picture: Picture) -> None:
        """Take over what is known."""
        self._picture = picture
        self.list.show_picture(picture)
        self.detail.show_picture(picture)
        self.strangers.show_picture(picture)
        self._say_acts()

    def refresh(self) -> None:
        """Ages of this moment on the page shown."""
        page = self.pages.currentWidget()
        for part in (self.list, self.detail, self.strangers):
            if part is page:
                part.refresh()

    # ---- pages

    def show_list(self) -> None:
        """Back to the list."""
        self.pages.setCurrentWidget(self.list)
        self.list.rows.setFocus()

    def _target(self) -> Team | None:
        """The chosen team, else the one that is silent longest."""
        rows = self.list.rows.rows()
        teams = self._picture.teams if self._picture is not None else ()
        chosen = next((team for team in teams if team.id == self.list.rows.selected_id), None)
        return chosen or (rows[0] if rows else None)

    def open_detail(self) -> None:
        """The chosen team's detail; from there back to the list."""
        team = self._target()
        if self.pages.currentWidget() is self.detail or team is None:
            self.show_list()
            return
        self.pages.setCurrentWidget(self.detail)
        self.detail.open(team.id)

    def open_strangers(self) -> None:
        """The unknown ids; from there back to the list."""
        if self.pages.currentWidget() is self.strangers:
            self.show_list()
            return
        self.pages.setCurrentWidget(self.strangers)
        self.strangers.enter()

    def _named(self, team_id: str) -> None:
        self.list.rows.selected_id = team_id
        self.show_list()

    # ---- voice and roll call

    def open_voice(self) -> None:
        """The chosen team spoke; without a choice the one silent longest, which then is chosen."""
        team = self._target()
        if team is None or self._picture is None:
            return
        if self.list.rows.selected_id != team.id:
            self.list.rows.selected.emit(team.id)
        self.voice.open(team, self._picture.incident.post)

    def _after_voice(self) -> None:
        """In a roll call the next one who has not answered is chosen, so that V and Enter walk through all."""
        self.list.rows.setFocus()
        picture = self._picture
        if picture is None or picture.roll_call_ns is None:
            return
        done, since_ns = self.list.rows.selected_id, picture.roll_call_ns
        waiting = [
            team
            for team in self.list.rows.rows()
            if team.id != done and team.state != "stood_down" and not has_answered(team, since_ns)
        ]
        if waiting:
            self.list.rows.selected.emit(waiting[0].id)

    def toggle_roll(self) -> None:
        """Begin the roll call, or end it."""
        picture = self._picture
        if picture is None:
            return
        by = picture.incident.post
        self.commanded.emit(BeginRollCall(by=by) if picture.roll_call_ns is None else EndRollCall(by=by))
        self._say_acts()

    def press(self, key: Qt.Key) -> bool:
        """Do what a key of this desk does; False where it is none."""
        acts = {
            Qt.Key.Key_V: self.open_voice,
            Qt.Key.Key_J: self.toggle_roll,
            Qt.Key.Key_U: self.open_strangers,
            Qt.Key.Key_Q: self.list.next_chip,
        }
        act = acts.get(key)
        if act is not None:
            act()
        return act is not None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back to the list."""
        if event.key() == Qt.Key.Key_Escape and self.pages.currentWidget() is not self.list:
            self.show_list()
            return
        super().keyPressEvent(event)

    # ---- language and theme

    def _say_acts(self) -> None:
        say = self._speech.say
        is_called = self._picture is not None and self._picture.roll_call_ns is not None
        count = self.strangers.count
        words = {
            "voice": say("teams.act.voice"),
            "detail": say("teams.act.detail"),
            "roll": say("teams.act.end_roll" if is_called else "teams.act.roll"),
            "strangers": say("teams.act.strangers", count=count) if count else say("teams.act.no_strangers"),
        }
        for name, said in words.items():
            if self.buttons[name].text() != said:
                self.buttons[name].setText(said)
        self.buttons["roll"].setChecked(is_called)

    def retranslate(self) -> None:
        """Say everything anew."""
        for part in (self.list, self.detail, self.strangers, self.voice):
            part.retranslate()
        self._say_acts()

    def restyle(self) -> None:
        """Measure and colour anew."""
        for part in (self.list, self.detail, self.strangers, self.voice):
            part.restyle()
        pad = self._theme.space(1)
        self._acts.setContentsMargins(pad, pad, pad, pad)
        self._acts.setSpacing(pad)
        self._column.setSpacing(0)
