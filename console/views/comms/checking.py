"""The buttons that measure what a bearer carries; where volume costs, the first press only says how much it takes."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from console.bridge import Bridge
from console.link_orders import CheckThroughput
from console.picture import Bearer, Picture
from console.views.speech import Speech
from console.views.theme import Metric, Theme

CONFIRM_MS = 8_000
"""So long the second press may take; then it is asked anew."""


class CheckRow(QWidget):
    """One button a bearer that has a reflector; nothing where none has."""

    commanded = Signal(object)

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech) -> None:
        super().__init__()
        self._bridge, self._theme, self._speech = bridge, theme, speech
        self._picture: Picture | None = None
        self._asking: str | None = None
        self.buttons: dict[str, QPushButton] = {}
        self._row = QHBoxLayout(self)
        self._row.addStretch(1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CONFIRM_MS)
        self._timer.timeout.connect(self._forget)
        self.hide()
        self.restyle()

    def show_picture(self, picture: Picture) -> None:
        """Take over what is known."""
        self._picture = picture
        wanted = [one.id for one in picture.bearers if one.can_be_checked]
        if wanted != list(self.buttons):
            self._make(wanted)
        self.refresh()

    def _make(self, wanted: list[str]) -> None:
        for button in self.buttons.values():
            self._row.removeWidget(button)
            button.deleteLater()
        self.buttons = {}
        for bearer_id in wanted:
            button = QPushButton()
            button.setProperty("role", "narrow")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setFixedHeight(self._theme.px(Metric.TOUCH))
            button.clicked.connect(lambda _checked=False, bearer_id=bearer_id: self.press(bearer_id))
            self._row.addWidget(button)
            self.buttons[bearer_id] = button
        self.setVisible(bool(wanted))

    def refresh(self) -> None:
        """Say what each button does now."""
        picture = self._picture
        if picture is None:
            return
        is_measuring = any(one.measuring_ns is not None for one in picture.bearers)
        for bearer in picture.bearers:
            button = self.buttons.get(bearer.id)
            if button is not None:
                button.setText(self._words(bearer))
                is_ready = bearer.state != "down" and not is_measuring and not self._bridge.is_replaying
                button.setEnabled(is_ready)

    def _words(self, bearer: Bearer) -> str:
        say = self._speech.say
        if bearer.measuring_ns is not None:
            return say("links.measuring", bearer=bearer.name)
        if bearer.id == self._asking:
            return say("links.confirm", bearer=bearer.name, megabytes=f"{bearer.check_bytes / 1e6:g}")
        return say("links.check_of", bearer=bearer.name)

    def press(self, bearer_id: str) -> None:
        """Measure; where it costs, ask once more first."""
        picture = self._picture
        bearer = next((one for one in picture.bearers if one.id == bearer_id), None) if picture is not None else None
        if picture is None or bearer is None or self._bridge.is_replaying:
            return
        is_costly = bearer.cost != "free"
        if is_costly and self._asking != bearer_id:
            self._asking = bearer_id
            self._timer.start()
        else:
            self._asking = None
            order = CheckThroughput(bearer_id=bearer_id, by=picture.incident.post, is_confirmed=is_costly)
            self.commanded.emit(order)
        self.refresh()

    def _forget(self) -> None:
        self._asking = None
        self.refresh()

    def enter(self) -> None:
        """To the first button, by key."""
        first = next((button for button in self.buttons.values() if button.isEnabled()), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def restyle(self) -> None:
        """Measure anew."""
        gap = self._theme.space(3.5)
        self._row.setContentsMargins(gap, 0, gap, self._theme.space(1))
        self._row.setSpacing(self._theme.space(2))
        for button in self.buttons.values():
            button.setFixedHeight(self._theme.px(Metric.TOUCH))
