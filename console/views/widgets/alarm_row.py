# ruff: noqa: N802 - the names of overridden methods are Qt's
"""One alarm of the list: what it is, its state with its times, what is not judged for it, and the button it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from console.alarm_orders import AlarmOrder, ReturnToService, UnshelveAlarm
from console.orders import AcknowledgeAlarm
from console.picture import Alarm
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import draw_text

WAITING = ("unacknowledged", "returned")
_STATE_RANK = {
    "unacknowledged": 0,
    "returned": 1,
    "acknowledged": 2,
    "shelved": 3,
    "out_of_service": 4,
    "suppressed": 5,
}
_PRIORITY_RANK = {"red": 0, "amber": 1}
_PULSE_NS = 1_000_000_000
_PULSE_DIM = 0.35
_WORDS = {"shelved": "unshelve", "out_of_service": "in_service"}


def by_urgency(alarms: Sequence[Alarm]) -> list[Alarm]:
    """Unacknowledged, returned, acknowledged, then what asks nobody; red before amber; the newest first."""
    return sorted(alarms, key=lambda a: (_STATE_RANK[a.state], _PRIORITY_RANK[a.priority], -a.raised_ns, a.id))


def next_to_acknowledge(alarms: Sequence[Alarm]) -> Alarm | None:
    """The alarm that waits for a person most."""
    return next((alarm for alarm in by_urgency(alarms) if alarm.state in WAITING), None)


def pulse_opacity(now_ns: int) -> float:
    """How full the bar of an unacknowledged alarm is drawn: a second bright, a second dim, never gone.

    It is taken from the time that dates the alarm, so it stands still where the console does.
    """
    return 1.0 if now_ns // _PULSE_NS % 2 == 0 else _PULSE_DIM


class AlarmRow(QFrame):
    """One alarm with its button; ``chosen`` when it is pressed elsewhere."""

    ordered = Signal(object)
    chosen = Signal(str)

    def __init__(self, now_ns: Callable[[], int], theme: Theme, speech: Speech, alarm: Alarm, *, by: str) -> None:
        super().__init__()
        self._now_ns = now_ns
        self._theme = theme
        self._speech = speech
        self.alarm = alarm
        self._by = by
        self.is_chosen = False
        self.button = QPushButton(speech.say(f"shell.alarms.{_WORDS.get(alarm.state, 'acknowledge')}"))
        self.button.clicked.connect(lambda: self.ordered.emit(self._order()))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, theme.space(1), theme.space(3), theme.space(1))
        row.addStretch(1)
        row.addWidget(self.button)
        self.button.setVisible(alarm.state in {*WAITING, *_WORDS})
        more = theme.metrics(Size.SMALL).height() if self.third_line() else 0
        self.setFixedHeight(round(theme.px(Metric.TEAM_ROW) + more))

    def _order(self) -> AcknowledgeAlarm | AlarmOrder:
        match self.alarm.state:
            case "shelved":
                return UnshelveAlarm(alarm_id=self.alarm.id, by=self._by)
            case "out_of_service":
                return ReturnToService(alarm_id=self.alarm.id, by=self._by)
            case _:
                return AcknowledgeAlarm(alarm_id=self.alarm.id)

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
        if alarm.state in _WORDS:
            parts[2:] = self._put_away(now_ns)
        return speech.tell(alarm.text), " · ".join(parts)

    def _put_away(self, now_ns: int) -> list[str]:
        """Who, until when, and whether the trouble is there meanwhile."""
        alarm, speech = self.alarm, self._speech
        said = [speech.say("shell.alarms.by", by=alarm.by or "?")]
        if alarm.until_ns is not None:
            left = speech.age(alarm.until_ns - now_ns)
            said.append(speech.say("shell.alarms.until", at=speech.minute(alarm.until_ns, now_ns), left=left))
        return [*said, speech.say("shell.alarms.still" if alarm.is_active else "shell.alarms.over_now")]

    def third_line(self) -> str:
        """What is not judged for it, or why it is not; empty where there is nothing to say."""
        alarm = self.alarm
        if alarm.beneath is not None and alarm.state != "suppressed":
            return self._speech.tell(alarm.beneath)
        return self._speech.tell(alarm.reason) if alarm.state == "suppressed" else ""

    def choose(self, *, is_chosen: bool) -> None:
        """Whether the buttons below act on this one."""
        if is_chosen != self.is_chosen:
            self.is_chosen = is_chosen
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose it."""
        self.chosen.emit(self.alarm.id)
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Draw it: a bar full and slowly pulsing while unacknowledged, hollow when returned."""
        theme, palette = self._theme, self._theme.palette
        painter = QPainter(self)
        is_red, is_open = self.alarm.priority == "red", self.alarm.state == "unacknowledged"
        colour = palette.alarm if is_red else palette.warn
        ground = palette.panel
        if is_open:
            ground = palette.alarm_ground if is_red else palette.warn_ground
        painter.fillRect(self.rect(), ground)
        bar = QRectF(0, 0, theme.space(1.5), self.height() - 1)
        if is_open:
            painter.setOpacity(pulse_opacity(self._now_ns()))
            painter.fillRect(bar, colour)
            painter.setOpacity(1.0)
        elif self.alarm.state == "returned":
            painter.setPen(theme.pen(colour))
            painter.drawRect(bar)
        painter.setPen(theme.pen(palette.row_line))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
        if self.is_chosen:
            painter.setPen(theme.pen(palette.info, Metric.STROKE))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -2))
        self._write(painter, colour if is_open else palette.text)

    def _write(self, painter: QPainter, strong: QColor) -> None:
        theme, palette = self._theme, self._theme.palette
        room = self.button.x() - theme.space(2) if not self.button.isHidden() else self.width() - theme.space(3)
        left = theme.space(4)
        said, state = self.words()
        lines = [(said, Size.BODY, strong), (state, Size.TINY, palette.soft)]
        third = self.third_line()
        if third:
            lines.insert(1, (third, Size.SMALL, palette.text if self.alarm.beneath is not None else palette.soft))
        heights = [theme.metrics(size).height() for _, size, _ in lines]
        top = (self.height() - sum(heights)) / 2
        for (words, size, colour), height in zip(lines, heights, strict=True):
            is_bold = size is Size.BODY and self.alarm.state == "unacknowledged"
            painter.setFont(theme.font(size, is_bold=is_bold))
            draw_text(painter, QRectF(left, top, room - left, height), words, colour)
            top += height


def is_put_away(alarm: Alarm) -> bool:
    """Whether somebody put it on the shelf or out of service."""
    return alarm.state in _WORDS
