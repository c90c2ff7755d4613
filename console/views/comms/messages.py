# ruff: noqa: N802, ARG002 - the names and signatures of overridden methods are Qt's
"""Messages in and out, each with how far it got; what is unknown or failed is resent or given up by a person."""

from __future__ import annotations

import math
from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from console.bridge import Bridge
from console.orders import AbandonMessage, ConfirmUnrecorded, ResendMessage
from console.picture import Message, Picture
from console.views.comms.describe import message_head, message_state, newest_first
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import CENTRE, LEFT, Label, draw_text

_INDENT_UNITS = 8.0
_TALLEST_PX = 10_000.0
SHOWN_MESSAGES = 60
"""Rows are widgets: more of them would hold the window up when it opens.  Older messages are in the log."""


class MessageRow(QWidget):
    """One message, painted; buttons only where there is something to decide."""

    commanded = Signal(object)

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._theme, self._speech = bridge, theme, speech
        self._message: Message | None = None
        self._names: Mapping[str, str] = {}
        self._said: tuple[str, str, str, str, str] = ("", "", "", "", "text")
        self.buttons: dict[str, QPushButton] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout(self)
        self._row.addStretch(1)

    def show_message(self, message: Message, names: Mapping[str, str], *, is_recorded: bool) -> None:
        """Show it with the decisions it needs; ``is_recorded``: whether the journal can be written."""
        changed = self._message is None or self._message.text != message.text
        self._message, self._names = message, names
        wanted = []
        if message.is_outgoing and message.state in ("unknown", "failed"):
            wanted = ["abandon", "resend"]
        elif message.is_outgoing and message.state == "queued":
            wanted = ["abandon"] if is_recorded else ["abandon", "unrecorded"]
        if list(self.buttons) != wanted:
            self._make_buttons(wanted)
            changed = True
        for button in self.buttons.values():
            button.setEnabled(not self._bridge.is_replaying)
        self.refresh()
        if changed:
            self._measure()

    def _make_buttons(self, wanted: list[str]) -> None:
        for button in self.buttons.values():
            self._row.removeWidget(button)
            button.deleteLater()
        self.buttons = {}
        for name in wanted:
            button = QPushButton(self._speech.say(f"comms.{name}"))
            button.clicked.connect(lambda _checked=False, name=name: self._decide(name))
            self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
            self.buttons[name] = button

    def _decide(self, name: str) -> None:
        if self._message is None or self._bridge.is_replaying:
            return
        orders = {"resend": ResendMessage, "abandon": AbandonMessage, "unrecorded": ConfirmUnrecorded}
        self.commanded.emit(orders[name](message_id=self._message.id))
        for button in self.buttons.values():
            button.setEnabled(False)

    def refresh(self) -> None:
        """Say the state for this moment."""
        message = self._message
        if message is None:
            return
        now_ns = self._bridge.now_ns()
        head, by = message_head(message, self._speech, self._names)
        state, tone = message_state(message, self._speech, now_ns)
        told_ns = message.created_ns if message.is_outgoing else message.source_time_ns or message.created_ns
        said = (head, by, self._speech.second(told_ns, now_ns), state, tone)
        if said != self._said:
            self._said = said
            self.setAccessibleName(f"{head} {message.text} {state}")
            self._measure()

    def words(self) -> str:
        """Everything said of this message."""
        message = self._message
        return "" if message is None else " ".join((self._said[0], message.text, *self._said[1:4]))

    def restyle(self) -> None:
        """Measure anew."""
        for name, button in self.buttons.items():
            button.setText(self._speech.say(f"comms.{name}"))
        self._measure()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width breaks the text elsewhere."""
        self._measure()

    def _left(self) -> int:
        is_outgoing = self._message is not None and self._message.is_outgoing
        return self._theme.space(_INDENT_UNITS if is_outgoing else 4)

    def _height(self, text: str, size: Size, *, is_bold: bool = False) -> int:
        if not text:
            return 0
        width = self.width() - self._left() - self._theme.space(4)
        room = QRectF(0, 0, max(1, width), _TALLEST_PX)
        metrics = self._theme.metrics(size, is_bold=is_bold)
        return math.ceil(metrics.boundingRect(room, int(Qt.TextFlag.TextWordWrap), text).height())

    def _measure(self) -> None:
        theme = self._theme
        text = self._message.text if self._message else ""
        height = math.ceil(theme.metrics(Size.BODY, is_bold=True).height()) + theme.space(3)
        height += self._height(text, Size.BODY) + self._height(self._said[3], Size.SMALL, is_bold=True)
        self._row.setContentsMargins(0, 0, theme.space(4), theme.space(2))
        self._row.setSpacing(theme.space(2))
        if self.buttons:
            height += theme.px(Metric.TOUCH) + theme.space(2)
        self.setFixedHeight(height)
        self.update()

    def sizeHint(self) -> QSize:
        """As high as measured."""
        return QSize(self._theme.space(_INDENT_UNITS), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Head, time and device, text, state.  The time stands first: it is not what an ellipsis may cut."""
        message = self._message
        if message is None:
            return
        painter, theme, palette = QPainter(self), self._theme, self._theme.palette
        if message.is_outgoing:
            painter.fillRect(self.rect(), palette.raised)
        painter.setPen(theme.pen(palette.row_line))
        painter.drawLine(0, 0, self.width(), 0)
        head, by, at, state, tone = self._said
        left, right, top = self._left(), self.width() - theme.space(4), float(theme.space(1.5))
        line = theme.metrics(Size.BODY, is_bold=True).height()
        painter.setFont(theme.font(Size.BODY, is_bold=True))
        taken = draw_text(painter, QRectF(left, top, right - left, line), head, palette.text)
        painter.setFont(theme.font(Size.SMALL))
        note = QRectF(left + taken + theme.space(3), top, right - left - taken - theme.space(3), line)
        draw_text(painter, note, f"{at}　{by}", palette.dim)
        top += line
        painter.setFont(theme.font(Size.BODY))
        painter.setPen(palette.text if message.state != "abandoned" else palette.faint)
        body = QRectF(left, top, right - left, self._height(message.text, Size.BODY))
        painter.drawText(body, int(LEFT) | int(Qt.TextFlag.TextWordWrap), message.text)
        top += body.height()
        painter.setFont(theme.font(Size.SMALL, is_bold=tone in ("warn", "alarm")))
        painter.setPen(getattr(palette, tone))
        below = QRectF(left, top, right - left, self._height(state, Size.SMALL, is_bold=True))
        painter.drawText(below, int(LEFT) | int(Qt.TextFlag.TextWordWrap), state)


class MessageRows(QWidget):
    """All messages; rows are kept by message, so that a button does not move under a finger without need."""

    commanded = Signal(object)

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._theme, self._speech = bridge, theme, speech
        self.rows: dict[str, MessageRow] = {}
        self._order: list[str] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.older = Label(theme, size=Size.SMALL, tone="dim")
        self.older.setAlignment(CENTRE)
        self._column.addWidget(self.older)
        self._column.addStretch(1)

    def show_picture(self, picture: Picture) -> None:
        """Show its messages, those that need a person first."""
        names = {device.id: device.name for device in picture.devices}
        ordered = newest_first(picture.messages)[:SHOWN_MESSAGES]
        older = len(picture.messages) - len(ordered)
        self.older.setVisible(older > 0)
        self.older.say(self._speech.say("comms.older", count=older))
        order = [message.id for message in ordered]
        for gone in set(self.rows) - set(order):
            row = self.rows.pop(gone)
            self._column.removeWidget(row)
            # At once: what a replay does not know yet must not stand there until the window comes to it.
            row.hide()
            row.deleteLater()
        for message in ordered:
            if message.id not in self.rows:
                row = MessageRow(self._bridge, self._theme, self._speech)
                row.commanded.connect(self.commanded)
                self.rows[message.id] = row
            self.rows[message.id].show_message(message, names, is_recorded=picture.journal.is_recorded)
        if order != self._order:
            self._order = order
            for number, message_id in enumerate(order):
                self._column.insertWidget(number, self.rows[message_id])

    def refresh(self) -> None:
        """Say the ages anew."""
        for row in self.rows.values():
            row.refresh()

    def restyle(self) -> None:
        """Measure anew."""
        self.older.restyle()
        for row in self.rows.values():
            row.restyle()
