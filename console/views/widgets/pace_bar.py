"""One row that says which bearer carries, and what a person may do about it: take, acknowledge, hold, change, tell."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from console.bridge import Bridge
from console.orders import Order
from console.picture import Picture
from console.switch_orders import HoldBearer, ReleaseBearer, TakeBearer, TellSwitch
from console.views.pace import advice, next_step, rear_contacts, telling, told_words
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.paragraph import Paragraph

_BUTTONS = ("step", "hold", "change", "tell", "voice")


class PaceBar(QWidget):
    """The row; ``is_short`` leaves only the sentence and the one button a person is waited for.

    Orders go out by ``commanded``.  Every button has a key, which the screen hands on by ``press``.
    """

    commanded = Signal(object)

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, *, is_short: bool = False) -> None:
        super().__init__()
        self._bridge, self._theme, self._speech = bridge, theme, speech
        self._is_short = is_short
        self._picture: Picture | None = None
        self._given: Order | None = None
        self._told_number = 0
        self.is_choosing = False
        self.sentence = Paragraph(theme, size=Size.SMALL, tone="soft")
        self.sentence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.buttons = {name: QPushButton() for name in _BUTTONS}
        self.choices: dict[str, QPushButton] = {}
        acts = (self.step, self.toggle_hold, self.toggle_choice, self.tell, self.tell_voice)
        for button, act in zip(self.buttons.values(), acts, strict=True):
            button.clicked.connect(act)
        self.buttons["step"].setProperty("role", "primary")
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.sentence, 1)
        for button in self.buttons.values():
            button.setProperty("role", button.property("role") or "narrow")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._row.addWidget(button)
        self.restyle()

    # ---- what is shown

    def show_picture(self, picture: Picture) -> None:
        """Take over what is known."""
        if self._picture is None or self._picture.pace != picture.pace:
            self._given = None
        self._picture = picture
        if {one.id for one in picture.bearers} != set(self.choices):
            self._make_choices()
        self.refresh()

    def _make_choices(self) -> None:
        for button in self.choices.values():
            button.deleteLater()
        self.choices = {}
        for bearer in self._picture.bearers if self._picture is not None else ():
            button = QPushButton()
            button.clicked.connect(lambda _checked=False, bearer_id=bearer.id: self._choose(bearer_id))
            button.setProperty("role", "narrow")
            button.setFixedHeight(self._theme.px(Metric.TOUCH))
            self._row.addWidget(button, 1)
            self.choices[bearer.id] = button

    def refresh(self) -> None:
        """Say everything for this moment."""
        picture, say = self._picture, self._speech.say
        if picture is None:
            return
        now_ns = self._bridge.now_ns()
        said = advice(picture, self._speech, now_ns)
        told = "" if self._is_short else told_words(picture, self._speech, now_ns)
        self.sentence.say(" · ".join(part for part in (said.text, told) if part), said.tone)
        step = next_step(picture)
        name = next((one.name for one in picture.bearers if one.id == picture.pace.proposed_id), "")
        act = "take" if name else "retry" if isinstance(step, TakeBearer) else "seen"
        self.buttons["step"].setText(say(f"switch.act.{act}", bearer=name))
        self.buttons["hold"].setText(say("switch.act.release" if picture.pace.held_by else "switch.act.hold"))
        self.buttons["change"].setText(say("switch.act.cancel" if self.is_choosing else "switch.act.change"))
        self.buttons["tell"].setText(say("switch.act.tell"))
        self.buttons["voice"].setText(say("switch.act.voice"))
        for bearer in picture.bearers:
            self.choices[bearer.id].setText(f"{say(f'word.rung.{bearer.rung}')} {bearer.name}")
            self.choices[bearer.id].setEnabled(bearer.id != picture.pace.carrier_id and not self._bridge.is_replaying)
        self._show_buttons(step)
        self.setVisible(bool(picture.bearers) and (not self._is_short or said.needs_hand))

    def _show_buttons(self, step: Order | None) -> None:
        picture = self._picture
        if picture is None:
            return
        pace, is_open = picture.pace, not self.is_choosing
        has_carrier = pace.carrier_id is not None
        can_tell = has_carrier and pace.number != self._told_number and not any(one.message_id for one in pace.told)
        is_whole = is_open and not self._is_short
        # First what a person is waited for; the rear is told when that is done.
        is_calm = is_whole and step is None
        wanted = {
            "step": is_open and step is not None,
            "hold": is_whole and has_carrier,
            "change": len(picture.bearers) > 1 and not self._is_short,
            "tell": is_calm and can_tell and bool(rear_contacts(picture)),
            "voice": is_calm and pace.is_on_reserve and not pace.told,
        }
        for name, button in self.buttons.items():
            button.setVisible(wanted[name])
            button.setEnabled(not self._bridge.is_replaying and (name != "step" or step != self._given))
        self.sentence.setVisible(is_open)
        for button in self.choices.values():
            button.setVisible(self.is_choosing)

    # ---- what is asked

    def _send(self, order: Order) -> None:
        """Also while a replay is shown: the window refuses it there and says why, and a key is never dead."""
        self.commanded.emit(order)

    def _by(self) -> str:
        return self._picture.incident.post if self._picture is not None else ""

    def step(self) -> None:
        """Take what is proposed, or say that the reserve was seen; once, until the picture changes."""
        order = next_step(self._picture) if self._picture is not None else None
        if order is not None and order != self._given:
            if not self._bridge.is_replaying:
                self._given = order
            self._send(order)
            self.refresh()

    def toggle_hold(self) -> None:
        """Hold the bearer that carries, or release it."""
        if self._picture is not None and self._picture.pace.carrier_id is not None:
            is_held = self._picture.pace.held_by is not None
            self._send(ReleaseBearer(by=self._by()) if is_held else HoldBearer(by=self._by()))

    def toggle_choice(self) -> None:
        """Show the bearers to choose from, or the row again."""
        self.is_choosing = not self.is_choosing
        self.refresh()
        if self.is_choosing:
            first = next((button for button in self.choices.values() if button.isEnabled()), None)
            if first is not None:
                first.setFocus()

    def _choose(self, bearer_id: str) -> None:
        self.is_choosing = False
        self._send(TakeBearer(bearer_id=bearer_id, by=self._by()))
        self.refresh()

    def tell(self) -> None:
        """Tell the rear by a text."""
        picture = self._picture
        if picture is None or self._bridge.is_replaying or picture.pace.number == self._told_number:
            return
        for order in telling(picture, self._speech, self._bridge.now_ns()):
            self._told_number = picture.pace.number
            self._send(order)
        self.refresh()

    def tell_voice(self) -> None:
        """The rear was told in person."""
        self._send(TellSwitch(by=self._by(), who=self._speech.say("switch.rear")))

    def press(self, event: QKeyEvent) -> bool:
        """Do what this key does here; False where it does nothing."""
        if event.modifiers() or not self._picture or not self._picture.bearers:
            return False
        if event.key() == Qt.Key.Key_Escape and self.is_choosing:
            self.toggle_choice()
            return True
        acts = {Qt.Key.Key_Y: self.step, Qt.Key.Key_H: self.toggle_hold}
        if not self._is_short:
            acts |= {Qt.Key.Key_B: self.toggle_choice}
        act = acts.get(Qt.Key(event.key()))
        if act is None:
            return False
        act()
        return True

    # ---- look

    def restyle(self) -> None:
        """Measure anew."""
        touch = self._theme.px(Metric.TOUCH)
        self._row.setContentsMargins(self._theme.space(3.5), 0, self._theme.space(3.5), 0)
        self._row.setSpacing(self._theme.space(1.5))
        self.sentence.restyle()
        for button in (*self.buttons.values(), *self.choices.values()):
            button.setFixedHeight(touch)
        self.setFixedHeight(touch + self._theme.space(1))
