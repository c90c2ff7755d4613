# ruff: noqa: N802 - the names of overridden methods are Qt's
"""Unknown ids as a list: one click chooses an id, the next makes it a team or gives it to one."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QListWidget, QListWidgetItem, QPushButton, QWidget

from console.bridge import Bridge
from console.orders import AddMeans, AddTeam
from console.picture import Picture
from console.views.speech import Speech
from console.views.strangers import Stranger, strangers, team_id_for
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import CENTRE, Label
from console.views.widgets.panel import Panel
from console.views.widgets.understanding import word

_MEANS = Qt.ItemDataRole.UserRole


def stranger_words(one: Stranger, speech: Speech, now_ns: int) -> str:
    """Who, when and how heard, by which device; when comes before what a narrow list cuts off."""
    who = one.subject if one.name is None or one.name == one.subject else f"{one.name} · {one.subject}"
    age = speech.say("comms.ago", age=speech.age(now_ns - one.at_ns))
    return f"{who}\n{age} {word(speech, 'comms.heard_kind', one.kind)} · {one.device_name}"


class StrangerPanel(Panel):
    """``commanded`` carries AddTeam or AddMeans; ``named`` the id of the team it was given to."""

    commanded = Signal(object)
    named = Signal(str)

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._bridge, self._theme, self._speech = bridge, theme, speech
        self._picture: Picture | None = None
        self._shown: dict[str, Stranger] = {}
        self._teams: tuple[tuple[str, str], ...] = ()
        self.list = QListWidget()
        self.list.setProperty("role", "rows")
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentItemChanged.connect(self._choose)
        self.none = Label(theme, size=Size.SMALL, tone="dim")
        self.none.setAlignment(CENTRE)
        self.name = QLineEdit()
        self.make = QPushButton()
        self.make.setProperty("role", "primary")
        self.team = QComboBox()
        self.team.setMinimumContentsLength(1)
        self.team.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.give = QPushButton()
        self.make.clicked.connect(self.make_team)
        self.name.returnPressed.connect(self.make_team)
        self.give.clicked.connect(self.give_to_team)
        self._foot = QWidget()
        self._grid = QGridLayout(self._foot)
        for row, (field, button) in enumerate(((self.name, self.make), (self.team, self.give))):
            self._grid.addWidget(field, row, 0)
            self._grid.addWidget(button, row, 1)
        self._grid.setColumnStretch(0, 1)
        self.body.addWidget(self.none, 1, Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self._foot)
        self.retranslate()
        self.restyle()

    @property
    def count(self) -> int:
        """How many are unknown."""
        return len(self._shown)

    def chosen(self) -> Stranger | None:
        """The id chosen in the list."""
        item = self.list.currentItem()
        return self._shown.get(str(item.data(_MEANS))) if item is not None else None

    def show_picture(self, picture: Picture) -> None:
        """Take over what is known; the list is made anew only when there are others."""
        self._picture = picture
        found = strangers(picture)
        if {one.means for one in found} != set(self._shown):
            self._fill(found)
        self._shown = {one.means: one for one in found}
        teams = tuple((team.id, team.name) for team in picture.teams)
        if teams != self._teams:
            self._teams = teams
            before = self.team.currentData()
            self.team.clear()
            for team_id, name in teams:
                self.team.addItem(name, team_id)
            self.team.setCurrentIndex(max(0, self.team.findData(before)))
        self.list.setVisible(bool(found))
        self.none.setVisible(not found)
        self._foot.setVisible(bool(found))
        self.header.note.say(self._speech.say("strangers.note", count=len(found)) if found else "")
        self._allow()
        if self.isVisible():
            self.refresh()

    def _fill(self, found: list[Stranger]) -> None:
        before = self.chosen()
        with QSignalBlocker(self.list):
            self.list.clear()
            for one in found:
                item = QListWidgetItem()
                item.setData(_MEANS, one.means)
                item.setSizeHint(QSize(0, self._theme.px(Metric.TEAM_ROW)))
                self.list.addItem(item)
        self._shown = {one.means: one for one in found}
        index = next((row for row, one in enumerate(found) if before and one.means == before.means), -1)
        self.list.setCurrentRow(index)

    def enter(self) -> None:
        """Put the focus into the list, on the id chosen before or the first."""
        self.list.setFocus()
        self.list.setCurrentRow(max(0, self.list.currentRow()))
        if (item := self.list.currentItem()) is not None:
            item.setSelected(True)

    def refresh(self) -> None:
        """Ages of this moment."""
        now_ns = self._bridge.now_ns()
        for row in range(self.list.count()):
            item = self.list.item(row)
            one = self._shown.get(str(item.data(_MEANS)))
            if one is not None and (words := stranger_words(one, self._speech, now_ns)) != item.text():
                item.setText(words)

    def showEvent(self, event: QShowEvent) -> None:
        """Words and ages are made when they are seen."""
        super().showEvent(event)
        self.refresh()

    def _choose(self) -> None:
        one = self.chosen()
        self.name.setText("" if one is None else one.name or one.subject)
        self._allow()

    def _allow(self) -> None:
        is_chosen = self.chosen() is not None
        self.make.setEnabled(is_chosen)
        self.give.setEnabled(is_chosen and bool(self._teams))

    def make_team(self) -> None:
        """A new team of this name stands behind the chosen id."""
        one, picture = self.chosen(), self._picture
        if one is None or picture is None:
            return
        taken = {one.id for one in picture.teams} | {one.id for one in picture.devices}
        taken |= {one.id for one in picture.cameras} | {one.id for one in picture.bearers}
        team_id = team_id_for(one.means, taken)
        name = self.name.text().strip() or one.name or one.subject
        self.commanded.emit(AddTeam(team_id=team_id, name=name, means=(one.means,), by=picture.incident.post))
        self.named.emit(team_id)

    def give_to_team(self) -> None:
        """The chosen id is one more means of the chosen team."""
        one, team_id = self.chosen(), self.team.currentData()
        if one is None or team_id is None or self._picture is None:
            return
        self.commanded.emit(AddMeans(team_id=team_id, means=one.means, by=self._picture.incident.post))
        self.named.emit(team_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in the list makes the team."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.list.hasFocus():
            self.make_team()
            return
        super().keyPressEvent(event)

    def retranslate(self) -> None:
        """Say everything anew."""
        say = self._speech.say
        self.header.title.say(say("strangers.title"))
        self.none.say(say("strangers.none"))
        self.name.setPlaceholderText(say("strangers.name"))
        self.make.setText(say("strangers.make"))
        self.give.setText(say("strangers.give"))
        self.team.setAccessibleName(say("strangers.give"))
        if self._picture is not None:
            self.show_picture(self._picture)

    def restyle(self) -> None:
        """Measure and colour anew."""
        super().restyle()
        self.none.restyle()
        pad = self._theme.space(2)
        self._grid.setContentsMargins(pad, pad, pad, pad)
        self._grid.setSpacing(pad)
        for row in range(self.list.count()):
            self.list.item(row).setSizeHint(QSize(0, self._theme.px(Metric.TEAM_ROW)))
