# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The alarm list: lies beside the work, never over a decision; acknowledging and silencing are two things."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from console.orders import AcknowledgeAlarm, SilenceSound
from console.picture import Alarm
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import draw_text
from console.views.widgets.panel import PanelHeader

SILENCE_S = 600.0
_STATE_RANK = {
    "unacknowledged": 0,
    "returned": 1,
    "acknowledged": 2,
    "shelved": 3,
    "suppressed": 4,
    "out_of_service": 5,
}
_PRIORITY_RANK = {"red": 0, "amber": 1}
_PULSE_NS = 1_000_000_000
_PULSE_DIM = 0.35
_WAITING = ("unacknowledged", "returned")


def by_urgency(alarms: Sequence[Alarm]) -> list[Alarm]:
    """Unacknowledged before returned before acknowledged; red before amber; the newest first."""
    return sorted(alarms, key=lambda a: (_STATE_RANK[a.state], _PRIORITY_RANK[a.priority], -a.raised_ns, a.id))


def next_to_acknowledge(alarms: Sequence[Alarm]) -> Alarm | None:
    """The alarm that waits for a person most."""
    return next((alarm for alarm in by_urgency(alarms) if alarm.state in _WAITING), None)


def pulse_opacity(now_ns: int) -> float:
    """How full the bar of an unacknowledged alarm is drawn: a second bright, a second dim, never gone.

    It is taken from the time that dates the alarm, so it stands still where the console does.
    """
    return 1.0 if now_ns // _PULSE_NS % 2 == 0 else _PULSE_DIM


class AlarmRow(QFrame):
    """One alarm with its button."""

    acknowledged = Signal(str)

    def __init__(
        self, now_ns: Callable[[], int], theme: Theme, speech: Speech, alarm: Alarm, *, is_locked: bool
    ) -> None:
        super().__init__()
        self._now_ns = now_ns
        self._theme = theme
        self._speech = speech
        self.alarm = alarm
        self.button = QPushButton(speech.say("shell.alarms.acknowledge"))
        self.button.setEnabled(not is_locked)
        self.button.clicked.connect(lambda: self.acknowledged.emit(self.alarm.id))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme.space(1), theme.space(3), theme.space(1))
        row.addStretch(1)
        row.addWidget(self.button)
        self.button.setVisible(alarm.state in _WAITING)
        self.setFixedHeight(theme.px(Metric.TEAM_ROW))

    def words(self) -> tuple[str, str]:
        """What it is, and its state with its times."""
        alarm, speech, now_ns = self.alarm, self._speech, self._now_ns()
        parts = [
            speech.say(f"word.priority.{alarm.priority}"),
            speech.say(f"word.alarm.{alarm.state}"),
            speech.say(
                "shell.alarms.raised",
                at=speech.second(alarm.raised_ns, now_ns),
                age=speech.age(now_ns - alarm.raised_ns),
            ),
        ]
        if alarm.returned_ns is not None and alarm.state == "returned":
            parts.append(speech.say("shell.alarms.was_returned", at=speech.second(alarm.returned_ns, now_ns)))
        if alarm.acknowledged_ns is not None and alarm.state == "acknowledged":
            parts.append(speech.say("shell.alarms.was_acknowledged", at=speech.second(alarm.acknowledged_ns, now_ns)))
        return speech.tell(alarm.text), " · ".join(parts)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Draw it: a bar full and slowly pulsing while unacknowledged, hollow when returned."""
        theme, palette = self._theme, self._theme.palette
        painter = QPainter(self)
        is_red = self.alarm.priority == "red"
        colour = palette.alarm if is_red else palette.warn
        ground = palette.panel
        if self.alarm.state == "unacknowledged":
            ground = palette.alarm_ground if is_red else palette.warn_ground
        painter.fillRect(self.rect(), ground)
        bar = QRectF(0, 0, theme.space(1.5), self.height() - 1)
        if self.alarm.state == "unacknowledged":
            painter.setOpacity(pulse_opacity(self._now_ns()))
            painter.fillRect(bar, colour)
            painter.setOpacity(1.0)
        elif self.alarm.state == "returned":
            painter.setPen(theme.pen(colour))
            painter.drawRect(bar)
        painter.setPen(theme.pen(palette.row_line))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        room = self.button.x() - theme.space(2) if not self.button.isHidden() else self.width() - theme.space(3)
        left = theme.space(4)
        half = self.height() / 2
        said, state = self.words()
        painter.setFont(theme.font(Size.BODY, is_bold=self.alarm.state == "unacknowledged"))
        strong = colour if self.alarm.state == "unacknowledged" else palette.text
        draw_text(painter, QRectF(left, theme.space(1), room - left, half - theme.space(1)), said, strong)
        painter.setFont(theme.font(Size.TINY))
        draw_text(painter, QRectF(left, half, room - left, half - theme.space(1)), state, palette.soft)


class AlarmPanel(QFrame):
    """The list; ``commanded`` carries orders, ``closed`` is emitted when the operator puts it away."""

    commanded = Signal(object)
    closed = Signal()

    def __init__(self, now_ns: Callable[[], int], theme: Theme, speech: Speech, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._now_ns = now_ns
        self._theme = theme
        self._speech = speech
        self._alarms: tuple[Alarm, ...] = ()
        self._silenced_until_ns: int | None = None
        self._is_locked = False
        self._has_live = True
        self._shown: object = None
        self.setProperty("role", "sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.header = PanelHeader(theme)
        self.silence = QPushButton()
        self.close_button = QPushButton()
        self.silence.clicked.connect(self._toggle_sound)
        self.close_button.clicked.connect(self.closed)
        self._rows = QWidget()
        self._rows.setProperty("role", "panel")
        self._list = QVBoxLayout(self._rows)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        self._list.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(self._rows)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        buttons = QHBoxLayout()
        buttons.addWidget(self.silence)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        self._buttons = buttons
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 1, 1, 1)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        whole.addWidget(scroll, 1)
        whole.addLayout(buttons)
        self.hide()

    @property
    def rows(self) -> list[AlarmRow]:
        """The rows as they stand."""
        items = (self._list.itemAt(index) for index in range(self._list.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if isinstance(widget, AlarmRow)]

    def show_alarms(
        self,
        alarms: tuple[Alarm, ...],
        *,
        silenced_until_ns: int | None = None,
        is_locked: bool = False,
        has_live: bool = True,
    ) -> None:
        """Take over the alarms; rows are made anew only when they changed.

        ``is_locked``: a replay is shown and nothing can be ordered; the alarms are the live ones if it ``has_live``.
        """
        self._has_live = has_live
        self._alarms = alarms
        self._silenced_until_ns = silenced_until_ns
        self._is_locked = is_locked
        key = (alarms, is_locked, self._speech.language, self._theme.scale, self._theme.is_night)
        if self.isVisible() and key != self._shown:
            self._shown = key
            self._fill()
        self.refresh()

    def _fill(self) -> None:
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        for index, alarm in enumerate(by_urgency(self._alarms)):
            row = AlarmRow(self._now_ns, self._theme, self._speech, alarm, is_locked=self._is_locked)
            row.acknowledged.connect(lambda alarm_id: self.commanded.emit(AcknowledgeAlarm(alarm_id=alarm_id)))
            self._list.insertWidget(index, row)

    def wanted_height(self) -> int:
        """How high it would like to be: its rows, at least two, with header and buttons."""
        rows = max(2, len(self._alarms)) * self._theme.px(Metric.TEAM_ROW)
        return rows + self._theme.px(Metric.HEADER_HEIGHT) + self._theme.px(Metric.TOUCH) + self._theme.space(5)

    def showEvent(self, event: QShowEvent) -> None:
        """Fill when opened."""
        super().showEvent(event)
        self._show_again()

    def _show_again(self) -> None:
        self.show_alarms(
            self._alarms,
            silenced_until_ns=self._silenced_until_ns,
            is_locked=self._is_locked,
            has_live=self._has_live,
        )

    def is_silenced(self) -> bool:
        """Whether sound is off at this moment."""
        return self._silenced_until_ns is not None and self._silenced_until_ns > self._now_ns()

    def _toggle_sound(self) -> None:
        self.commanded.emit(SilenceSound(for_s=0.0 if self.is_silenced() else SILENCE_S))

    def refresh(self) -> None:
        """Ages and the silence of this moment."""
        speech = self._speech
        is_live_list = self._is_locked and self._has_live
        counts = {state: sum(1 for alarm in self._alarms if alarm.state == state) for state in _STATE_RANK}
        self.header.title.say(speech.say("shell.alarms.title_live" if is_live_list else "shell.alarms.title"))
        note = speech.say("shell.alarms.note", **counts) if self._alarms else speech.say("shell.alarms.empty")
        if self.is_silenced():
            note = f"{speech.say('shell.alarms.silenced', at=speech.clock(self._silenced_until_ns))} · {note}"
        self.header.note.say(speech.say("shell.alarms.locked") if is_live_list else note)
        self.silence.setText(speech.say("shell.alarms.unsilence" if self.is_silenced() else "shell.alarms.silence"))
        self.silence.setVisible(not self._is_locked)
        self.close_button.setText(speech.say("shell.alarms.close"))
        for row in self.rows:
            row.update()

    def restyle(self) -> None:
        """Measure and colour anew."""
        self.header.restyle()
        edge = self._theme.space(3)
        self._buttons.setContentsMargins(edge, self._theme.space(2), edge, self._theme.space(2))
        self.silence.setIcon(self._theme.icon("mute", self._theme.palette.text))
        self._show_again()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc puts it away."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
            return
        super().keyPressEvent(event)
