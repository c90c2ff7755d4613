# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The alarm list: lies beside the work, never over a decision; acknowledging, putting away and silencing are apart.

Groups by state: what waits for a person, what was seen, what was put away, and at the end, folded, what is not judged
because something it hangs on has failed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from console.orders import SilenceSound
from console.picture import Alarm, AlarmLoad
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.alarm_actions import AlarmActions
from console.views.widgets.alarm_row import WAITING, AlarmRow, by_urgency
from console.views.widgets.label import Label
from console.views.widgets.panel import PanelHeader

SILENCE_S = 600.0
GROUPS = (
    ("waiting", WAITING),
    ("acknowledged", ("acknowledged",)),
    ("shelved", ("shelved",)),
    ("out_of_service", ("out_of_service",)),
    ("suppressed", ("suppressed",)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmsNow:
    """What the list shows.

    ``is_locked``: a replay is shown and nothing can be ordered; the alarms are the live ones if it ``has_live``.
    ``by`` is who acts here.
    """

    alarms: tuple[Alarm, ...] = ()
    silenced_until_ns: int | None = None
    is_locked: bool = False
    has_live: bool = True
    load: AlarmLoad = AlarmLoad()  # noqa: RUF009 - frozen
    by: str = ""


class AlarmPanel(QFrame):
    """The list; ``commanded`` carries orders, ``closed`` is emitted when the operator puts it away."""

    commanded = Signal(object)
    closed = Signal()

    def __init__(self, now_ns: Callable[[], int], theme: Theme, speech: Speech, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._now_ns = now_ns
        self._theme = theme
        self._speech = speech
        self._now = AlarmsNow()
        self._shown: object = None
        self._chosen_id: str | None = None
        self._is_unfolded = False
        self.setProperty("role", "sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.header = PanelHeader(theme)
        self.load = Label(theme, size=Size.SMALL, tone="faint")
        self.silence = QPushButton()
        self.close_button = QPushButton()
        self.fold = QPushButton()
        self.fold.setProperty("role", "flat")
        self.actions_bar = AlarmActions(theme, speech)
        self.silence.clicked.connect(self._toggle_sound)
        self.close_button.clicked.connect(self.closed)
        self.fold.clicked.connect(self._toggle_fold)
        self.actions_bar.ordered.connect(self.commanded)
        self._rows = QWidget()
        self._rows.setProperty("role", "panel")
        self._list = QVBoxLayout(self._rows)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        self._list.addStretch(1)
        self._build()
        self.hide()

    def _build(self) -> None:
        self._scroll = scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(self._rows)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._buttons = buttons = QHBoxLayout()
        buttons.addWidget(self.silence)
        buttons.addStretch(1)
        buttons.addWidget(self.actions_bar)
        buttons.addWidget(self.close_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 1, 1, 1)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        self._load_row = QHBoxLayout()
        self._load_row.addWidget(self.load)
        whole.addLayout(self._load_row)
        whole.addWidget(scroll, 1)
        whole.addLayout(buttons)

    @property
    def rows(self) -> list[AlarmRow]:
        """The rows as they stand."""
        items = (self._list.itemAt(index) for index in range(self._list.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if isinstance(widget, AlarmRow)]

    def show_alarms(self, now: AlarmsNow) -> None:
        """Take over the alarms; rows are made anew only when they changed."""
        self._now = now
        key = (
            now.alarms,
            now.is_locked,
            self._is_unfolded,
            self._speech.language,
            self._theme.scale,
            self._theme.is_night,
        )
        if self.isVisible() and key != self._shown:
            self._shown = key
            self._fill()
        self.refresh()

    def _fill(self) -> None:
        while self._list.count() > 1:
            item = self._list.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None and widget is not self.fold:
                widget.hide()
                widget.deleteLater()
        self.fold.hide()
        ordered = by_urgency(self._now.alarms)
        for name, states in GROUPS:
            members = [alarm for alarm in ordered if alarm.state in states]
            if members:
                self._add_group(name, members)
        self._choose_shown()

    def _add_group(self, name: str, members: list[Alarm]) -> None:
        speech, at = self._speech, self._list.count() - 1
        words = speech.say(f"shell.alarms.group.{name}", count=len(members))
        is_folded = name == "suppressed" and not self._is_unfolded
        if name == "suppressed":
            self.fold.setText(f"{words}  {speech.say('shell.alarms.unfold' if is_folded else 'shell.alarms.fold')}")
            self._list.insertWidget(at, self.fold)
            self.fold.show()
        else:
            self._list.insertWidget(at, self._heading(words))
        for alarm in () if is_folded else members:
            row = AlarmRow(self._now_ns, self._theme, speech, alarm, by=self._now.by)
            row.button.setEnabled(not self._now.is_locked)
            row.ordered.connect(self.commanded)
            row.chosen.connect(self.choose)
            self._list.insertWidget(self._list.count() - 1, row)

    def _heading(self, words: str) -> QWidget:
        head = QWidget()
        head.setFixedHeight(self._theme.px(Metric.CAPTION_HEIGHT))
        label = Label(self._theme, size=Size.SMALL, tone="dim", is_bold=True)
        label.say(words)
        row = QHBoxLayout(head)
        row.setContentsMargins(self._theme.space(4), 0, 0, 0)
        row.addWidget(label)
        return head

    # ---- choosing

    def choose(self, alarm_id: str) -> None:
        """Let the buttons below act on this alarm."""
        self._chosen_id = alarm_id
        self._choose_shown()

    def _choose_shown(self) -> None:
        rows = self.rows
        found = next((row for row in rows if row.alarm.id == self._chosen_id), rows[0] if rows else None)
        self._chosen_id = found.alarm.id if found is not None else None
        for row in rows:
            row.choose(is_chosen=row is found and not self._now.is_locked)
        is_free = found is not None and not self._now.is_locked
        self.actions_bar.show_alarm(found.alarm if found is not None and is_free else None, self._now.by)

    def _step(self, by: int) -> None:
        rows = self.rows
        at = next((index for index, row in enumerate(rows) if row.alarm.id == self._chosen_id), 0)
        if rows:
            row = rows[min(max(at + by, 0), len(rows) - 1)]
            self.choose(row.alarm.id)
            self._scroll.ensureWidgetVisible(row)

    def _toggle_fold(self) -> None:
        self._is_unfolded = not self._is_unfolded
        self.show_alarms(self._now)

    # ---- size and sound

    def wanted_height(self) -> int:
        """How high it would like to be: its rows and headings, at least two, with header and buttons."""
        theme, alarms = self._theme, self._now.alarms
        states = [alarm.state for alarm in alarms]
        hidden = states.count("suppressed")
        heads = sum(1 for _, of in GROUPS if any(state in of for state in states))
        rows = max(2, len(alarms) - (0 if self._is_unfolded else hidden)) * theme.px(Metric.TEAM_ROW)
        more = sum(1 for alarm in alarms if alarm.beneath is not None) * theme.metrics(Size.SMALL).height()
        around = 2 * theme.px(Metric.HEADER_HEIGHT) + 2 * theme.px(Metric.TOUCH) + theme.space(5)
        return round(rows + more + heads * theme.px(Metric.CAPTION_HEIGHT) + around)

    def showEvent(self, event: QShowEvent) -> None:
        """Fill when opened."""
        super().showEvent(event)
        self.show_alarms(self._now)

    def is_silenced(self) -> bool:
        """Whether sound is off at this moment."""
        until_ns = self._now.silenced_until_ns
        return until_ns is not None and until_ns > self._now_ns()

    def _toggle_sound(self) -> None:
        self.commanded.emit(SilenceSound(for_s=0.0 if self.is_silenced() else SILENCE_S))

    def refresh(self) -> None:
        """Ages and the silence of this moment."""
        speech, now = self._speech, self._now
        is_live_list = now.is_locked and now.has_live
        states = [alarm.state for alarm in now.alarms]
        counts = {state: states.count(state) for state in ("unacknowledged", "acknowledged", "returned")}
        self.header.title.say(speech.say("shell.alarms.title_live" if is_live_list else "shell.alarms.title"))
        note = speech.say("shell.alarms.note", **counts) if now.alarms else speech.say("shell.alarms.empty")
        if self.is_silenced():
            note = speech.say("shell.alarms.silenced", at=speech.clock(now.silenced_until_ns))
        self.header.note.say(speech.say("shell.alarms.locked") if is_live_list else note)
        self._say_load()
        self.silence.setText(speech.say("shell.alarms.unsilence" if self.is_silenced() else "shell.alarms.silence"))
        self.silence.setVisible(not now.is_locked)
        self.close_button.setText(speech.say("shell.alarms.close"))
        for row in self.rows:
            row.update()

    def _say_load(self) -> None:
        """How many asked for a person lately, beside how many one can take in."""
        load = self._now.load
        words = {"count": load.last_10_min, "hour": load.last_hour, "allowed": load.allowed}
        self.load.say(self._speech.say("shell.alarms.load", **words))
        self.load.set_tone("warn" if load.last_10_min > load.allowed else "faint")

    def restyle(self) -> None:
        """Measure and colour anew."""
        self.header.restyle()
        self.load.restyle()
        self.actions_bar.restyle()
        edge = self._theme.space(3)
        self._load_row.setContentsMargins(self._theme.space(3.5), 0, self._theme.space(3.5), self._theme.space(1))
        self._buttons.setContentsMargins(edge, self._theme.space(2), edge, self._theme.space(2))
        self._buttons.setSpacing(self._theme.space(2))
        self.silence.setIcon(self._theme.icon("mute", self._theme.palette.text))
        self.show_alarms(self._now)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes a step back, then puts the list away; up and down choose."""
        match event.key():
            case Qt.Key.Key_Escape if self.actions_bar.step:
                self.actions_bar.go("")
            case Qt.Key.Key_Escape:
                self.closed.emit()
            case Qt.Key.Key_Up:
                self._step(-1)
            case Qt.Key.Key_Down:
                self._step(1)
            case _:
                super().keyPressEvent(event)
