"""One device: its state with the remedy, the few values that matter, all that is known, what can be done."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from console.bridge import Bridge
from console.orders import ReconnectNow, SetEnabled, TestDevice
from console.picture import Device, Verdict
from console.views.devices.describe import boxes, facts, headline, reason_words
from console.views.speech import Speech
from console.views.telling import Said
from console.views.theme import Size, Theme
from console.views.widgets.facts import FactBox, FactLines
from console.views.widgets.label import Label
from console.views.widgets.paragraph import Paragraph
from console.views.widgets.scroll import scroll_area

BOX_COLUMNS = 3


class Heading(QWidget):
    """Name, driver and the buttons; taking out of service asks inline who does it."""

    commanded = Signal(object)
    export_wanted = Signal()

    def __init__(self, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._speech = theme, speech
        self._device: Device | None = None
        self._is_locked = False
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.name = Label(theme, size=Size.HUGE, is_bold=True)
        self.about = Label(theme, size=Size.SMALL, tone="soft")
        self.export, self.reconnect, self.enable, self.test = (QPushButton() for _ in range(4))
        self.test.setProperty("role", "primary")
        self.export.clicked.connect(self.export_wanted)
        self.reconnect.clicked.connect(lambda: self._command(ReconnectNow(subject_id=self._id)))
        self.test.clicked.connect(lambda: self._command(TestDevice(device_id=self._id)))
        self.enable.clicked.connect(self._ask_who)
        self.who = QLineEdit()
        self.sure, self.cancel = QPushButton(), QPushButton()
        self.sure.setProperty("role", "primary")
        self.asked = Paragraph(theme, tone="warn")
        self.sure.clicked.connect(self._set_enabled)
        self.who.returnPressed.connect(self._set_enabled)
        self.cancel.clicked.connect(self._close_question)
        self._names, self._row, self._question = QVBoxLayout(), QHBoxLayout(), QHBoxLayout()
        self._names.addWidget(self.name)
        self._names.addWidget(self.about)
        self._row.addLayout(self._names, 1)
        for button in (self.export, self.reconnect, self.enable, self.test):
            self._row.addWidget(button)
        for widget, stretch in ((self.asked, 2), (self.who, 1), (self.cancel, 0), (self.sure, 0)):
            self._question.addWidget(widget, stretch)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._row)
        self._column.addLayout(self._question)
        self._close_question()

    @property
    def _id(self) -> str:
        return self._device.id if self._device else ""

    def show_device(self, device: Device, *, is_locked: bool) -> None:
        """Name it and offer what can be done with it now."""
        if self._device is None or device.id != self._device.id or device.state != self._device.state:
            self._close_question()
        self._device, self._is_locked = device, is_locked
        self.name.say(device.name)
        self.about.say(headline(device, self._speech))
        is_running = device.verdict is not None and device.verdict.is_good is None
        self.test.setVisible(device.state != "disabled")
        self.test.setEnabled(not is_locked and not is_running)
        self.reconnect.setVisible(device.state in ("down", "connecting"))
        self.enable.setText(self._speech.say("devices.enable" if device.state == "disabled" else "devices.disable"))
        for button in (self.reconnect, self.enable, self.sure):
            button.setEnabled(not is_locked)

    def _command(self, order: object) -> None:
        if self._device is not None and not self._is_locked:
            self.commanded.emit(order)

    def _ask_who(self) -> None:
        if self._device is None:
            return
        back = self._device.state == "disabled"
        self.asked.say(self._speech.say("devices.ask_enable" if back else "devices.ask_disable"), "warn")
        for widget in (self.asked, self.who, self.cancel, self.sure):
            widget.show()
        self.who.setFocus()

    def _close_question(self) -> None:
        for widget in (self.asked, self.who, self.cancel, self.sure):
            widget.hide()

    def _set_enabled(self) -> None:
        if self._device is None:
            return
        by = self.who.text().strip()
        if not by:
            self.asked.say(self._speech.say("devices.no_who"), "alarm")
            return
        is_enabled = self._device.state == "disabled"
        self._command(SetEnabled(subject_id=self._device.id, is_enabled=is_enabled, by=by))
        self._close_question()

    def retranslate(self) -> None:
        """Say everything anew."""
        say = self._speech.say
        self.export.setText(say("devices.export"))
        self.reconnect.setText(say("devices.reconnect"))
        self.test.setText(say("devices.test"))
        self.sure.setText(say("devices.sure"))
        self.cancel.setText(say("devices.cancel"))
        self.who.setPlaceholderText(say("devices.who"))

    def restyle(self) -> None:
        """Measure anew."""
        gap = self._theme.space(2)
        self._column.setContentsMargins(self._theme.space(4), gap, self._theme.space(4), gap)
        self._column.setSpacing(gap)
        self._row.setSpacing(gap)
        self._question.setSpacing(gap)
        self._names.setSpacing(0)
        for label in (self.name, self.about, self.asked):
            label.restyle()


class Detail(QWidget):
    """Everything below the heading but the live octets."""

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._theme, self._speech = bridge, theme, speech
        self._device: Device | None = None
        self.reason = Paragraph(theme, tone="alarm", size=Size.BODY)
        self.verdict = Paragraph(theme, size=Size.BODY)
        self._boxes: list[FactBox] = []
        self._grid = QGridLayout()
        self.lines = FactLines(theme)
        content = QWidget()
        self._column = QVBoxLayout(content)
        self._column.addWidget(self.reason)
        self._column.addWidget(self.verdict)
        self._column.addLayout(self._grid)
        self._column.addWidget(self.lines)
        self._column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll_area(content))

    def show_device(self, device: Device) -> None:
        """Show this device now."""
        self._device = device
        now_ns = self._bridge.now_ns()
        reason = reason_words(device, self._speech, now_ns)
        self.reason.say(reason, "dim" if device.state == "disabled" else "alarm")
        self.reason.setVisible(bool(reason))
        self._show_verdict(device.verdict, now_ns)
        self._show_boxes(boxes(device, self._speech, now_ns))
        self.lines.show_facts([(s.name, s.value, s.tone, s.is_struck) for s in facts(device, self._speech, now_ns)])

    def refresh(self) -> None:
        """Compute the ages anew."""
        if self._device is not None:
            self.show_device(self._device)

    def _show_verdict(self, verdict: Verdict | None, now_ns: int) -> None:
        self.verdict.setVisible(verdict is not None)
        if verdict is None:
            return
        tone = {True: "text", False: "alarm", None: "warn"}[verdict.is_good]
        mark = self._speech.say({True: "devices.good", False: "devices.bad", None: "devices.running"}[verdict.is_good])
        age = self._speech.age(now_ns - verdict.at_ns)
        said = self._speech.say("devices.verdict", mark=mark, text=self._speech.tell(verdict.text), age=age)
        self.verdict.say(said, tone)

    def _show_boxes(self, said: list[Said]) -> None:
        while len(self._boxes) < len(said):
            box = FactBox(self._theme)
            self._grid.addWidget(box, len(self._boxes) // BOX_COLUMNS, len(self._boxes) % BOX_COLUMNS)
            self._boxes.append(box)
        for number, box in enumerate(self._boxes):
            box.setVisible(number < len(said))
            if number < len(said):
                one = said[number]
                box.show_fact(one.name, one.value, one.tone, is_struck=one.is_struck)

    def words(self) -> list[str]:
        """Everything said of the device now."""
        shown = [f"{box.name} {box.value}" for box in self._boxes if not box.isHidden()]
        return [self.reason.text(), self.verdict.text(), *shown, *self.lines.words()]

    def restyle(self) -> None:
        """Measure anew."""
        gap = self._theme.space(3)
        self._column.setContentsMargins(self._theme.space(4), gap, self._theme.space(4), gap)
        self._column.setSpacing(gap)
        self._grid.setSpacing(gap)
        self.reason.restyle()
        self.verdict.restyle()
        self.lines.restyle()
        for box in self._boxes:
            box.restyle()
