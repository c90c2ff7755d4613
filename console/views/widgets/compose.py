"""The send bar: a recipient who can be reached by a working driver, a text, the card's real measure, one button."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from console.bridge import Bridge
from console.orders import ComposeMessage
from console.picture import Contact, Device, Picture
from console.queries import MeasurePage, MeasureRequest, Page
from console.views.speech import NS_PER_S, Speech
from console.views.theme import Size, Theme
from console.views.widgets.choice import Choice
from console.views.widgets.label import Label
from devices.driver import TextLimit


def meter_words(limit: TextLimit | None, speech: Speech) -> tuple[str, str]:
    """What the meter says and its tone: used and limit in the class chosen for this text, and what is too much."""
    if limit is None:
        return speech.say("compose.not_measured"), "warn"
    unit = speech.say(f"unit.{limit.unit}")
    if limit.limit is None:
        return speech.say("compose.limit_unknown", used=limit.used, unit=unit), "warn"
    said = speech.say("compose.meter", used=limit.used, limit=limit.limit, unit=unit)
    if limit.used > limit.limit:
        return f"{said} · {speech.say('compose.too_long', over=limit.used - limit.limit)}", "alarm"
    return said, "soft" if limit.is_sendable else "warn"


class ComposeBar(QFrame):
    """Emits ``commanded`` with a ComposeMessage; the text stays until it was taken.

    Shown as one sentence where nobody can be written to.
    """

    commanded = Signal(object)

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._theme = theme
        self._speech = speech
        self._picture: Picture | None = None
        self._contacts: tuple[Contact, ...] = ()
        self._limit: TextLimit | None = None
        self._cancel: Callable[[], None] = lambda: None
        self.setProperty("role", "raised")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.recipient = Choice()
        self.recipient.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.recipient.setMinimumContentsLength(1)
        self.text = QLineEdit()
        self.meter = Label(theme, size=Size.SMALL, tone="soft")
        self.state = Label(theme, size=Size.TINY, tone="dim")
        self.send = QPushButton()
        self.send.setProperty("role", "primary")
        self.nobody = Label(theme, size=Size.SMALL, tone="dim")
        self._words = QWidget()
        words = QVBoxLayout(self._words)
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self.meter)
        words.addWidget(self.state)
        words.addStretch(1)
        self._grid = QGridLayout(self)
        self.set_compact(is_compact=False)
        self.text.textChanged.connect(self._measure)
        self.text.returnPressed.connect(self._send)
        self.recipient.currentIndexChanged.connect(self._measure)
        self.send.clicked.connect(self._send)
        for before, after in pairwise((self.recipient, self.text, self.send)):
            QWidget.setTabOrder(before, after)
        self.restyle()
        self.retranslate()

    def set_compact(self, *, is_compact: bool) -> None:
        """One row, or two where there is little width: who and how much above, text and button below."""
        grid = self._grid
        for widget in (self.recipient, self.text, self._words, self.send, self.nobody):
            grid.removeWidget(widget)
        for column in range(4):
            grid.setColumnStretch(column, 0)
        if is_compact:
            grid.addWidget(self.recipient, 0, 0)
            grid.addWidget(self._words, 0, 1, 1, 2)
            grid.addWidget(self.text, 1, 0, 1, 2)
            grid.addWidget(self.send, 1, 2)
            stretches: tuple[int, ...] = (7, 3)
        else:
            for column, widget in enumerate((self.recipient, self.text, self._words, self.send)):
                grid.addWidget(widget, 0, column)
            stretches = (17, 18, 11)
        grid.addWidget(self.nobody, 2, 0, 1, 4)
        for column, stretch in enumerate(stretches):
            grid.setColumnStretch(column, stretch)

    def show_picture(self, picture: Picture) -> None:
        """Take over contacts and devices; keeps what is chosen and typed."""
        self._picture = picture
        if picture.contacts != self._contacts:
            chosen = self.contact()
            self._contacts = picture.contacts
            blocker = QSignalBlocker(self.recipient)
            self.recipient.clear()
            devices = {device.id: device.name for device in picture.devices}
            names = [contact.name for contact in picture.contacts]
            for contact in picture.contacts:
                # The device is named below; beside the name only where one name can be reached by several.
                device = devices.get(contact.device_id, contact.device_id)
                is_alone = names.count(contact.name) == 1
                said = self._speech.say("compose.contact", name=contact.name, device=device)
                self.recipient.addItem(contact.name if is_alone else said)
            if chosen in self._contacts:
                self.recipient.setCurrentIndex(self._contacts.index(chosen))
            blocker.unblock()
            self._measure()
        self.refresh()

    def contact(self) -> Contact | None:
        """Who is chosen."""
        index = self.recipient.currentIndex()
        return self._contacts[index] if 0 <= index < len(self._contacts) else None

    def device(self) -> Device | None:
        """The device that would send."""
        contact = self.contact()
        if contact is None or self._picture is None:
            return None
        return next((device for device in self._picture.devices if device.id == contact.device_id), None)

    def refresh(self) -> None:
        """What can be done at this moment."""
        has_contacts = bool(self._contacts)
        for widget in (self.recipient, self.text, self.meter, self.state, self.send):
            widget.setVisible(has_contacts)
        self.nobody.setVisible(not has_contacts)
        words, tone = self._state_words()
        self.state.say(words)
        self.state.set_tone(tone)
        said, meter_tone = meter_words(self._limit, self._speech) if self.text.text() else ("", "soft")
        self.meter.say(said)
        self.meter.set_tone(meter_tone)
        is_sendable = self._limit is not None and self._limit.is_sendable and bool(self.text.text().strip())
        self.send.setEnabled(is_sendable and not self._bridge.is_replaying)

    def _state_words(self) -> tuple[str, str]:
        device = self.device()
        if self._bridge.is_replaying:
            return self._speech.say("compose.locked"), "warn"
        if device is None:
            return "", "dim"
        if device.state != "up":
            return self._speech.say("compose.device_away", name=device.name), "warn"
        if device.next_send_ns is not None and device.next_send_ns > self._bridge.now_ns():
            wait = self._speech.age(device.next_send_ns - self._bridge.now_ns() + NS_PER_S - 1)
            return self._speech.say("compose.wait", wait=wait), "dim"
        return self._speech.say("compose.by", name=device.name), "dim"

    def _measure(self) -> None:
        self._cancel()
        self._limit = None
        contact, text = self.contact(), self.text.text()
        if contact is not None and text and not self._bridge.is_replaying:
            request = MeasureRequest(device_id=contact.device_id, text=text)
            self._cancel = self._bridge.query(request, self._measured)
        self.refresh()

    def _measured(self, page: Page | None) -> None:
        if isinstance(page, MeasurePage) and page.text == self.text.text():
            self._limit = page.limit
            self.refresh()

    def _send(self) -> None:
        self.refresh()
        contact = self.contact()
        if contact is None or not self.send.isEnabled():
            return
        self.commanded.emit(
            ComposeMessage(
                message_id=uuid.uuid4().hex,
                device_id=contact.device_id,
                recipient=contact.recipient,
                text=self.text.text().strip(),
            )
        )
        self.text.clear()

    def retranslate(self) -> None:
        """Say everything anew."""
        self.text.setPlaceholderText(self._speech.say("compose.placeholder"))
        self.recipient.setAccessibleName(self._speech.say("compose.recipient"))
        self.send.setText(self._speech.say("compose.send"))
        self.nobody.say(self._speech.say("compose.nobody"))
        contacts, self._contacts = self._contacts, ()
        if self._picture is not None and contacts:
            index = self.recipient.currentIndex()
            self.show_picture(self._picture)
            self.recipient.setCurrentIndex(index)
        self.refresh()

    def restyle(self) -> None:
        """Measure and colour anew."""
        edge = self._theme.space(3)
        self._grid.setContentsMargins(edge, self._theme.space(2), edge, self._theme.space(2))
        self._grid.setSpacing(self._theme.space(2))
        for label in (self.meter, self.state, self.nobody):
            label.restyle()
