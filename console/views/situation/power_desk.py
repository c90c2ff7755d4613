# ruff: noqa: N802 - the names of overridden methods are Qt's
"""Where people tell what they saw of power: fuel, charge, what feeds, what is off.  Nothing is switched here."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from console.bridge import Bridge
from console.picture import Picture
from console.power_facts import Load, Supply
from console.supply_orders import ReportCharge, ReportFuel, ReportSupply, SetLoad
from console.views.power_words import supply_lines, supply_of
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.typed import read_time
from console.views.widgets.facts import FactLines
from console.views.widgets.label import Label
from console.views.widgets.panel import Panel
from console.views.widgets.paragraph import Paragraph
from console.views.widgets.scroll import scroll_area

_STATES = {
    "mains": ("feeding", "off"),
    "generator": ("feeding", "idle", "off"),
    "battery": ("feeding", "charging", "idle", "off"),
}
_LONGEST = 12


class SupplyBlock(QWidget):
    """One supply: what is known of it, and the fields to say more."""

    told = Signal(str)
    """Its id: somebody wants to write down what stands in the fields."""

    def __init__(self, supply: Supply, theme: Theme, speech: Speech) -> None:
        super().__init__()
        self._theme, self._speech = theme, speech
        self.supply_id, self.kind = supply.id, supply.kind
        self.title = Label(theme, size=Size.BODY, is_bold=True)
        self.facts = FactLines(theme)
        self.level = QLineEdit(self)
        self.level.setHidden(supply.kind == "mains")
        self.level.setMaxLength(_LONGEST)
        self.level.returnPressed.connect(self._tell)
        self.state = QComboBox()
        self.state.setMinimumContentsLength(1)
        self.state.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.button = QPushButton()
        self.button.setProperty("role", "narrow")
        self.button.clicked.connect(self._tell)
        self._row = QHBoxLayout()
        if supply.kind != "mains":
            self._row.addWidget(self.level, 4)
        self._row.addWidget(self.state, 5)
        self._row.addWidget(self.button, 3)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.title)
        self._column.addWidget(self.facts)
        self._column.addLayout(self._row)
        self.retranslate()
        self.restyle()

    def _tell(self) -> None:
        self.told.emit(self.supply_id)

    def show_supply(self, supply: Supply, picture: Picture, now_ns: int) -> None:
        """Show this; what is being typed stays."""
        self.title.say(supply.name)
        self.facts.show_facts(supply_lines(supply, picture, self._speech, now_ns))

    def retranslate(self) -> None:
        """Say everything anew."""
        say = self._speech.say
        unit = "fuel" if self.kind == "generator" else "charge"
        self.level.setPlaceholderText(say(f"power.desk.{unit}"))
        self.level.setAccessibleName(say(f"power.desk.{unit}"))
        self.button.setText(say("power.desk.tell"))
        group = self.kind if self.kind in _STATES else "battery"
        chosen = max(0, self.state.currentIndex())
        self.state.clear()
        self.state.addItem(say("power.desk.no_state"), None)
        for state in _STATES[group]:
            self.state.addItem(say(f"power.state.{group}.{state}"), state)
        self.state.setCurrentIndex(chosen)

    def restyle(self) -> None:
        """Measure anew."""
        self.title.restyle()
        self.facts.restyle()
        self._row.setSpacing(self._theme.space(1))
        self._column.setSpacing(self._theme.space(1))


class PowerDesk(Panel):
    """``commanded`` carries the orders; ``closed`` says that it was put away.  It is hidden until asked for."""

    commanded = Signal(object)
    closed = Signal()

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech) -> None:
        super().__init__(theme)
        self._bridge, self._theme, self._speech = bridge, theme, speech
        self._picture: Picture | None = None
        self.blocks: dict[str, SupplyBlock] = {}
        self.loads: dict[str, QPushButton] = {}
        self.load_title = Label(theme, size=Size.SMALL, tone="dim", is_bold=True)
        self.read_at = QLineEdit()
        self.said = Paragraph(theme, tone="alarm")
        self.said.hide()
        self.back = QPushButton()
        self.back.clicked.connect(self.close_desk)
        self._content = QWidget()
        self._column = QVBoxLayout(self._content)
        self._supplies, self._loads = QVBoxLayout(), QVBoxLayout()
        self._column.addLayout(self._supplies)
        self._column.addWidget(self.load_title)
        self._column.addLayout(self._loads)
        self._column.addStretch(1)
        self._area = scroll_area(self._content)
        self._area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.body.addWidget(self._area, 1)
        self.body.addWidget(self.said)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self.read_at, 2)
        self._foot.addWidget(self.back, 1)
        self.body.addLayout(self._foot)
        self.hide()
        self.retranslate()
        self.restyle()

    # ---- what is shown

    def open_desk(self) -> None:
        """Show it, with the focus on it."""
        self._complain("")
        self.show()
        self._show()
        self._area.setFocus()

    def close_desk(self) -> None:
        """Put it away."""
        self.hide()
        self.closed.emit()

    def show_picture(self, picture: Picture) -> None:
        """Take over what is known; what is being typed stays."""
        self._picture = picture
        if self.isVisible():
            self._show()

    def refresh(self) -> None:
        """Ages of this moment."""
        if self.isVisible():
            self._show()

    def _show(self) -> None:
        picture = self._picture
        if picture is None:
            return
        now_ns = self._bridge.now_ns()
        if [one.id for one in picture.power.supplies] != list(self.blocks):
            self._make_blocks(picture)
        if [one.id for one in picture.power.loads] != list(self.loads):
            self._make_loads(picture)
        is_locked = self._bridge.is_replaying
        for supply in picture.power.supplies:
            self.blocks[supply.id].show_supply(supply, picture, now_ns)
            self.blocks[supply.id].button.setEnabled(not is_locked)
        for load in picture.power.loads:
            words = self._load_words(load, picture)
            if self.loads[load.id].text() != words:
                self.loads[load.id].setText(words)
            self.loads[load.id].setEnabled(not is_locked)
        self.load_title.setVisible(bool(self.loads))
        self.header.note.say(self._speech.say("power.desk.locked") if is_locked else "")

    def _load_words(self, load: Load, picture: Picture) -> str:
        say = self._speech.say
        shed = next((one for one in picture.power.sheds if one.load_id == load.id), None)
        gain = f" · {self._gain(shed.gain_low_s, shed.gain_high_s)}" if shed is not None else ""
        text_id = "power.desk.load_on" if load.is_on else "power.desk.load_off"
        return say(text_id, name=load.name, watts=round(load.power_w)) + gain

    def _gain(self, low_s: int, high_s: int) -> str:
        low, high = (f"{seconds / 3600:.1f}" for seconds in (low_s, high_s))
        return self._speech.say("power.desk.gain", low=low, high=high)

    def _make_blocks(self, picture: Picture) -> None:
        for block in self.blocks.values():
            block.deleteLater()
        self.blocks = {}
        for supply in picture.power.supplies:
            block = self.blocks[supply.id] = SupplyBlock(supply, self._theme, self._speech)
            block.told.connect(self._tell)
            self._supplies.addWidget(block)

    def _make_loads(self, picture: Picture) -> None:
        for button in self.loads.values():
            button.deleteLater()
        self.loads = {}
        for load in picture.power.loads:
            button = self.loads[load.id] = QPushButton()
            button.setProperty("role", "narrow")
            button.clicked.connect(lambda *_, load_id=load.id: self._switch(load_id))
            self._loads.addWidget(button)

    # ---- what is told

    def _complain(self, message_id: str) -> None:
        self.said.say(self._speech.say(message_id) if message_id else "")
        self.said.setVisible(bool(message_id))

    def _tell(self, supply_id: str) -> None:
        """Send what stands in the fields; a number that is none is said, and nothing is sent."""
        picture, block = self._picture, self.blocks.get(supply_id)
        supply = supply_of(picture.power, supply_id) if picture is not None else None
        if picture is None or block is None or supply is None or self._bridge.is_replaying:
            return
        typed, state, by = block.level.text().strip(), block.state.currentData(), picture.incident.post
        seen_ns, is_time_good = self._seen_ns()
        amount = _amount(typed, 100_000.0 if supply.kind == "generator" else 100.0)
        if (typed and amount is None) or not is_time_good:
            self._complain("power.desk.bad_number" if is_time_good else "power.desk.bad_time")
            return
        if amount is None and state is None:
            self._complain("power.desk.nothing")
            return
        self._complain("")
        if state is not None:
            self.commanded.emit(ReportSupply(supply_id=supply_id, state=state, by=by))
        if amount is not None and supply.kind == "generator":
            self.commanded.emit(ReportFuel(supply_id=supply_id, fuel_l=amount, by=by, seen_ns=seen_ns))
        elif amount is not None:
            self.commanded.emit(ReportCharge(supply_id=supply_id, charge_percent=amount, by=by, seen_ns=seen_ns))
        block.level.clear()
        block.state.setCurrentIndex(0)

    def _seen_ns(self) -> tuple[int | None, bool]:
        """When it was read, and whether what was typed is a time."""
        typed = self.read_at.text().strip()
        if not typed:
            return None, True
        seen_ns = read_time(typed, self._bridge.now_ns(), self._speech.zone)
        return seen_ns, seen_ns is not None

    def _switch(self, load_id: str) -> None:
        picture = self._picture
        load = next((one for one in picture.power.loads if one.id == load_id), None) if picture is not None else None
        if picture is None or load is None or self._bridge.is_replaying:
            return
        self.commanded.emit(SetLoad(load_id=load_id, is_on=not load.is_on, by=picture.incident.post))

    # ---- keys, language, theme

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc puts it away."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_desk()
            return
        super().keyPressEvent(event)

    def retranslate(self) -> None:
        """Say everything anew."""
        say = self._speech.say
        self.header.title.say(say("power.desk.title"))
        self.load_title.say(say("power.desk.loads"))
        self.read_at.setPlaceholderText(say("power.desk.read_at"))
        self.read_at.setAccessibleName(say("power.desk.read_at"))
        self.back.setText(say("power.desk.back"))
        for block in self.blocks.values():
            block.retranslate()
        self._complain("")
        self.refresh()

    def restyle(self) -> None:
        """Measure and colour anew."""
        super().restyle()
        pad = self._theme.space(2)
        for block in self.blocks.values():
            block.restyle()
        for part in (self.load_title, self.said):
            part.restyle()
        self._column.setContentsMargins(self._theme.space(3.5), 0, self._theme.space(3.5), pad)
        self._column.setSpacing(self._theme.space(3))
        self._supplies.setSpacing(self._theme.space(4))
        self._loads.setSpacing(self._theme.space(1))
        self._foot.setContentsMargins(pad, pad, pad, pad)
        self._foot.setSpacing(pad)
        self.said.setMinimumHeight(self._theme.px(Metric.ROW_HEIGHT) if self.said.text() else 0)


def _amount(typed: str, most: float) -> float | None:
    """A number from 0 to ``most``; ``None`` where it is none."""
    try:
        amount = float(typed.replace(",", ".").replace("%", "").strip())
    except ValueError:
        return None
    return amount if math.isfinite(amount) and 0.0 <= amount <= most else None
