"""What can be done with the chosen alarm beside acknowledging it: put it away for a time, or out of service.

Both take two touches, so that a jolt of the vehicle puts nothing away.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from console.alarm_orders import ShelveAlarm, TakeOutOfService
from console.picture import Alarm
from console.views.speech import Speech
from console.views.theme import Theme

SHELF_MIN = (15, 60, 240)


class AlarmActions(QWidget):
    """Two buttons; each opens its second step in the same place."""

    ordered = Signal(object)

    def __init__(self, theme: Theme, speech: Speech) -> None:
        super().__init__()
        self._theme = theme
        self._speech = speech
        self.alarm: Alarm | None = None
        self.by = ""
        self.step = ""
        self.shelve = QPushButton()
        self.service = QPushButton()
        self.times = [QPushButton() for _ in SHELF_MIN]
        self.sure = QPushButton()
        self.back = QPushButton()
        self.shelve.clicked.connect(partial(self.go, "shelve"))
        self.service.clicked.connect(partial(self.go, "service"))
        self.back.clicked.connect(partial(self.go, ""))
        self.sure.clicked.connect(self._out)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for minutes, button in zip(SHELF_MIN, self.times, strict=True):
            button.clicked.connect(partial(self._shelve, minutes))
        for button in (self.shelve, self.service, *self.times, self.sure, self.back):
            self._row.addWidget(button)
        self.go("")

    def show_alarm(self, alarm: Alarm | None, by: str) -> None:
        """Act on this alarm, as ``by``; another one begins at the first step."""
        if self.alarm is None or alarm is None or alarm.id != self.alarm.id:
            self.step = ""
        self.alarm, self.by = alarm, by
        self.refresh()

    def go(self, step: str) -> None:
        """Open a second step, or the first again."""
        self.step = step
        self.refresh()

    def refresh(self) -> None:
        """Show the buttons of this step, in words of the language in force."""
        speech, alarm = self._speech, self.alarm
        is_first = not self.step
        self.setVisible(alarm is not None)
        self.shelve.setText(speech.say("shell.alarms.shelve"))
        self.shelve.setEnabled(alarm is not None and alarm.is_shelvable and alarm.state != "out_of_service")
        self.service.setText(speech.say("shell.alarms.service"))
        self.service.setEnabled(alarm is not None and alarm.state != "out_of_service")
        self.sure.setText(speech.say("shell.alarms.service_sure"))
        self.back.setText(speech.say("shell.alarms.back"))
        for minutes, button in zip(SHELF_MIN, self.times, strict=True):
            is_hours = minutes % 60 == 0
            words = speech.say("shell.alarms.hours", count=minutes // 60)
            button.setText(words if is_hours else speech.say("shell.alarms.minutes", count=minutes))
            button.setVisible(self.step == "shelve")
        for button in (self.shelve, self.service):
            button.setVisible(is_first)
        self.sure.setVisible(self.step == "service")
        self.back.setVisible(not is_first)

    def restyle(self) -> None:
        """Measure anew."""
        self._row.setSpacing(self._theme.space(2))

    def _shelve(self, minutes: int) -> None:
        if self.alarm is not None:
            self.ordered.emit(ShelveAlarm(alarm_id=self.alarm.id, for_s=minutes * 60.0, by=self.by))
        self.go("")

    def _out(self) -> None:
        if self.alarm is not None:
            self.ordered.emit(TakeOutOfService(alarm_id=self.alarm.id, by=self.by))
        self.go("")
