"""Octets sent by hand, in two steps: write, look at what will go out, confirm."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from console.orders import SendOctets
from console.picture import Device
from console.views.speech import Speech
from console.views.theme import Theme
from console.views.widgets.octets import BadOctetsError, as_hex, as_text, from_hex, from_text
from console.views.widgets.paragraph import Paragraph

_SHOWN_OCTETS = 64


class Sending(QWidget):
    """``sent`` carries the order, only after the second click on exactly what was shown."""

    sent = Signal(object)

    def __init__(self, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._speech = theme, speech
        self._device: Device | None = None
        self._octets: bytes | None = None
        self._refusal = ""
        self.setProperty("role", "raised")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.form, self.field = QComboBox(), QLineEdit()
        self.prepare, self.confirm, self.cancel = QPushButton(), QPushButton(), QPushButton()
        self.confirm.setProperty("role", "primary")
        self.said = Paragraph(theme, tone="dim")
        self.form.activated.connect(self._withdraw)
        self.field.textChanged.connect(self._withdraw)
        self.field.returnPressed.connect(self._prepare)
        self.prepare.clicked.connect(self._prepare)
        self.confirm.clicked.connect(self._confirm)
        self.cancel.clicked.connect(self._withdraw)
        self._row, self._below = QHBoxLayout(), QHBoxLayout()
        self._row.addWidget(self.form)
        self._row.addWidget(self.field, 1)
        self._row.addWidget(self.prepare)
        self._below.addWidget(self.said, 1)
        self._below.addWidget(self.cancel)
        self._below.addWidget(self.confirm)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._row)
        self._column.addLayout(self._below)
        self.retranslate()
        self.restyle()
        self._withdraw()

    def show_device(self, device: Device | None, *, is_locked: bool) -> None:
        """To which device; another one withdraws what was prepared.  In replay and without a wire nothing goes out."""
        if (device.id if device else None) != (self._device.id if self._device else None):
            self.field.clear()
            self._withdraw()
        self._device = device
        refusal = ""
        if is_locked:
            refusal = "devices.locked"
        elif device is None or device.state != "up":
            refusal = "devices.send.no_wire"
        if refusal != self._refusal:
            self._refusal = refusal
            self._withdraw()

    def _withdraw(self) -> None:
        self._octets = None
        self.confirm.hide()
        self.cancel.hide()
        self.prepare.setEnabled(not self._refusal)
        self.said.say(self._speech.say(self._refusal) if self._refusal else "", "warn")

    def _prepare(self) -> None:
        if self._device is None or self._refusal:
            return
        read = from_hex if self.form.currentData() == "hex" else from_text
        try:
            octets = read(self.field.text())
        except BadOctetsError as bad:
            self.said.say(self._speech.say(f"devices.send.bad.{bad.reason}"), "alarm")
            return
        self._octets = octets
        shown = octets[:_SHOWN_OCTETS]
        more = "…" if len(octets) > _SHOWN_OCTETS else ""
        words = {"count": len(octets), "name": self._device.name, "text": as_text(shown) + more}
        self.said.say(self._speech.say("devices.send.sure", **words, hex=as_hex(shown) + more), "warn")
        self.prepare.setEnabled(False)
        self.cancel.show()
        self.confirm.show()

    def _confirm(self) -> None:
        if self._device is None or self._octets is None or self._refusal:
            return
        self.sent.emit(SendOctets(device_id=self._device.id, octets_hex=self._octets.hex()))
        self._withdraw()
        self.said.say(self._speech.say("devices.send.given"), "dim")

    def retranslate(self) -> None:
        """Say everything anew."""
        say = self._speech.say
        chosen = self.form.currentData()
        self.form.clear()
        self.form.addItem(say("devices.send.as_text"), "text")
        self.form.addItem(say("devices.send.as_hex"), "hex")
        self.form.setCurrentIndex(max(0, self.form.findData(chosen)))
        self.field.setPlaceholderText(say("devices.send.hint"))
        self.prepare.setText(say("devices.send.prepare"))
        self.confirm.setText(say("devices.send.confirm"))
        self.cancel.setText(say("devices.cancel"))
        self._withdraw()

    def restyle(self) -> None:
        """Measure and colour anew."""
        gap = self._theme.space(2)
        self._column.setContentsMargins(gap, gap, gap, gap)
        self._column.setSpacing(gap)
        for row in (self._row, self._below):
            row.setSpacing(gap)
        self.said.restyle()
