"""What the window has to do with alarms: which ones stand, by what time they are dated, the list, the key.

While a replay is shown the alarms stay those of the live incident where there is one: a real alarm must not hide
behind a recorded one.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect

from console.bridge import Bridge
from console.orders import AcknowledgeAlarm, Order
from console.picture import Alarm, AlarmLoad, Picture
from console.queries import AlarmStrip
from console.views.speech import Speech
from console.views.theme import Metric, Theme
from console.views.widgets.alarm_panel import AlarmPanel, AlarmsNow
from console.views.widgets.alarm_row import next_to_acknowledge
from console.views.widgets.banner import Note
from console.views.widgets.strip import Strip


class AlarmDesk:
    """The list beside the work and the count in the strip, whose neighbour in the window the list is.

    ``send`` gives an order and tells whether it was taken; ``note`` answers what was just done.
    """

    def __init__(
        self,
        bridge: Bridge,
        theme: Theme,
        speech: Speech,
        *,
        strip: Strip,
        note: Note,
        send: Callable[[Order], bool],
    ) -> None:
        self._bridge = bridge
        self._strip = strip
        self._speech = speech
        self._theme = theme
        self._send = send
        self._note = note
        self._picture: Picture | None = None
        self._live: AlarmStrip | None = None
        self._is_replayed = False
        self._asked: set[str] = set()
        self._place = QRect()
        self.panel = AlarmPanel(self.now_ns, theme, speech, strip.parentWidget())
        self.panel.commanded.connect(send)
        self.panel.closed.connect(self.panel.hide)
        strip.alarms.clicked.connect(self.toggle)

    # ---- what is known

    def show_picture(self, picture: Picture) -> None:
        """A new picture: what was asked has been answered by now."""
        self._picture = picture
        self._asked.clear()

    def refresh(self, live: AlarmStrip | None, *, is_replayed: bool) -> None:
        """The alarms of this moment.  ``live`` are those of the live incident while a replay is shown."""
        self._live, self._is_replayed = live, is_replayed
        silenced_ns, load = self._sound_and_load()
        now = AlarmsNow(
            alarms=self.alarms(),
            silenced_until_ns=silenced_ns,
            is_locked=is_replayed,
            has_live=self._bridge.has_live,
            load=load,
            by=self._picture.incident.post if self._picture else "",
        )
        self.panel.show_alarms(now)
        quiet_ns = silenced_ns - self.now_ns() if silenced_ns is not None and self.panel.is_silenced() else None
        self._strip.show_alarms(now.alarms, quiet_ns=quiet_ns)
        self.place(self._place)

    def _sound_and_load(self) -> tuple[int | None, AlarmLoad]:
        """Until when the live sound is off, and how many alarms asked lately; a replay alone has no sound."""
        if self._is_replayed and self._bridge.has_live:
            live = self._live
            return (live.silenced_until_ns, live.load or AlarmLoad()) if live is not None else (None, AlarmLoad())
        if self._picture is None:
            return None, AlarmLoad()
        silenced_ns = None if self._is_replayed else self._picture.sound_silenced_until_ns
        return silenced_ns, self._picture.alarm_load

    def alarms(self) -> tuple[Alarm, ...]:
        """The alarms of the live incident; where there is none, those of the replayed one."""
        if self._is_replayed and self._bridge.has_live:
            return self._live.alarms if self._live else ()
        return self._picture.alarms if self._picture else ()

    def now_ns(self) -> int:
        """The time alarms are dated by: live time, also while a replay is shown."""
        if self._is_replayed and self._live is not None:
            return self._live.at_ns
        return self._bridge.now_ns()

    # ---- what is done

    def acknowledge_next(self) -> None:
        """Acknowledge the alarm that waits for a person most."""
        alarm = next_to_acknowledge([alarm for alarm in self.alarms() if alarm.id not in self._asked])
        if alarm is None:
            self._note.say(self._speech.say("shell.alarms.nothing"))
        elif self._send(AcknowledgeAlarm(alarm_id=alarm.id)):
            self._asked.add(alarm.id)
            self._note.say(self._speech.say("shell.alarms.done", text=self._speech.tell(alarm.text)))

    def toggle(self) -> None:
        """Open or put away the list."""
        self.panel.setVisible(not self.panel.isVisible())
        if self.panel.isVisible():
            self.place(self._place)
            self.panel.raise_()
            self.panel.setFocus()

    def place(self, place: QRect) -> None:
        """The list lies at the right of this part of the window, as high as it needs and not over all of it."""
        self._place = place
        width = min(self._theme.px(Metric.ALARM_PANEL_WIDTH), place.width())
        height = min(self.panel.wanted_height(), round(place.height() * Metric.ALARM_PANEL_SHARE))
        self.panel.setGeometry(place.right() + 1 - width, place.top(), width, height)
