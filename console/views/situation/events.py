# ruff: noqa: N802 - the names of overridden methods are Qt's
"""要事与报文: what happened and what was written, newest first; every message says in words how far it got."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from console.bridge import Bridge
from console.picture import Message, Notice, Picture
from console.views.situation.rowkeeping import RowKeeping
from console.views.speech import STRUCK, Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.compose import ComposeBar
from console.views.widgets.label import draw_text
from console.views.widgets.panel import Panel
from console.views.widgets.understanding import word

_LINES = 60
_SECOND_LINE_FROM = 2
_TONES = {
    "confirmed": "soft",
    "received": "soft",
    "queued": "warn",
    "submitted": "warn",
    "sent": "warn",
    "failed": "alarm",
    "unknown": "alarm",
    "abandoned": "dim",
}
_FULL_MARKS = ("confirmed", "received")
_OPEN_STATES = ("queued", "submitted", "sent", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: when, what kind, the words; of a message also its state in words and how full it was."""

    at_ns: int
    kind: str
    words: str
    tone: str
    state: str | None = None
    state_words: str = ""
    meter: str = ""
    is_struck: bool = False


def lines_of(picture: Picture, speech: Speech) -> list[Line]:
    """The newest lines.  Notices about messages are left out: the messages stand there themselves."""
    names = {device.id: device.name for device in picture.devices}
    dated: list[tuple[int, Notice | Message]] = [
        (notice.at_ns, notice) for notice in picture.notices if notice.kind != "message"
    ]
    dated += [(message.created_ns, message) for message in picture.messages]
    return [
        _notice_line(one, speech) if isinstance(one, Notice) else _message_line(one, names, speech)
        for _, one in sorted(dated, key=lambda pair: -pair[0])[:_LINES]
    ]


def _notice_line(notice: Notice, speech: Speech) -> Line:
    is_alarm = notice.kind == "alarm" and notice.text.id != "alarm.over"
    return Line(
        at_ns=notice.at_ns,
        kind=word(speech, "log.kind", notice.kind),
        words=speech.tell(notice.text),
        tone="alarm_text" if is_alarm else "text",
        is_struck=notice.text.id in STRUCK,
    )


def _message_line(message: Message, names: dict[str, str], speech: Speech) -> Line:
    direction = "out" if message.is_outgoing else "in"
    peer = message.peer_name or message.peer or speech.say("situation.events.somebody")
    words = speech.say(f"situation.events.{direction}", peer=peer, text=message.text)
    meter = ""
    if message.used is not None and message.limit is not None and message.unit is not None:
        meter = f"{message.used} / {message.limit} {speech.say(f'unit.{message.unit}')}"
    state_words = ""
    if message.is_outgoing:
        said = [speech.say(f"word.message.{message.state}"), speech.tell(message.reason)]
        if message.state == "confirmed" and message.confirmed_ns is not None:
            said.append(speech.minute(message.confirmed_ns))
        state_words = " ".join(part for part in said if part)
    return Line(
        at_ns=message.created_ns,
        kind=names.get(message.device_id, message.device_id),
        words=words,
        tone="text",
        state=message.state if message.is_outgoing else None,
        state_words=state_words,
        meter=meter,
    )


class EventRows(QWidget):
    """The lines, painted; long ones take a second line."""

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech) -> None:
        super().__init__()
        self._bridge = bridge
        self._theme = theme
        self._speech = speech
        self.lines: list[Line] = []
        self._keeping = RowKeeping(self, self._said, self._place)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def measure(self) -> None:
        """Be as high as the lines."""
        self.setFixedHeight(max(1, len(self.lines) * self._theme.px(Metric.ROW_HEIGHT)))
        self.update()

    def _place(self, number: int) -> QRect:
        height = self._theme.px(Metric.ROW_HEIGHT)
        return QRect(0, number * height, self.width(), height)

    def _said(self, number: int) -> object:
        """All that the line of this number shows at this moment: after midnight its time has a date."""
        if number >= len(self.lines):
            return None
        line = self.lines[number]
        return line, self._speech.second(line.at_ns, self._bridge.now_ns())

    def refresh(self) -> None:
        """Repaint the lines that say something else now."""
        self._keeping.refresh(len(self.lines))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines that are seen."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), self._theme.palette.panel)
        for number, line in enumerate(self.lines):
            place = self._place(number)
            if event.region().intersects(place):
                self._keeping.painted(number, self._said(number), event.region())
                self._draw(painter, QRectF(place), line)

    def _draw(self, painter: QPainter, rect: QRectF, line: Line) -> None:
        theme, palette = self._theme, self._theme.palette
        painter.setPen(theme.pen(palette.row_line))
        painter.drawLine(rect.topLeft(), rect.topRight())
        gap = theme.space(2)
        inner = rect.adjusted(theme.space(3.5), 0, -theme.space(3.5), 0)
        painter.setFont(theme.font(Size.SMALL))
        metrics = painter.fontMetrics()
        when = self._speech.second(line.at_ns, self._bridge.now_ns())
        time_width = metrics.horizontalAdvance("00:00:00") + gap
        taken = draw_text(painter, inner, when, palette.dim)
        x = inner.left() + max(time_width, taken + gap)
        kind_width = min(metrics.horizontalAdvance(line.kind), inner.width() * 0.2) + gap
        kind_tone = palette.alarm if line.tone == "alarm_text" else palette.dim
        kind_room = max(metrics.horizontalAdvance("短报文"), kind_width)
        draw_text(painter, QRectF(x, inner.top(), kind_room - gap, inner.height()), line.kind, kind_tone)
        x += kind_room
        room = QRectF(x, inner.top(), inner.right() - x, inner.height())
        if line.state is not None:
            room = self._draw_state(painter, room, line)
        painter.setFont(theme.font(Size.SMALL, is_struck=line.is_struck))
        draw_text(painter, room, line.words, getattr(palette, line.tone))

    def _draw_state(self, painter: QPainter, room: QRectF, line: Line) -> QRectF:
        """State right of the words: a full mark only when the far end has it, a ring while nobody knows."""
        theme = self._theme
        colour = getattr(theme.palette, _TONES[line.state or "queued"])
        metrics = painter.fontMetrics()
        words = line.state_words if not line.meter else f"{line.state_words}　{line.meter}"
        width = metrics.horizontalAdvance(words)
        if width > room.width() * 0.5:
            words = line.state_words
            width = metrics.horizontalAdvance(words)
        lamp = theme.px(Metric.LAMP)
        start = max(room.left(), room.right() - width - lamp - theme.space(2))
        draw_text(painter, room.adjusted(start + lamp + theme.space(2) - room.left(), 0, 0, 0), words, colour)
        centre = QPointF(start + lamp / 2, room.center().y())
        is_full = line.state in _FULL_MARKS
        painter.setPen(theme.pen(colour, Metric.STROKE))
        painter.setBrush(colour if is_full else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, lamp / 2, lamp / 2)
        if line.state in ("failed", "unknown"):
            painter.drawLine(centre + QPointF(-lamp / 2, lamp / 2), centre + QPointF(lamp / 2, -lamp / 2))
        return QRectF(room.left(), room.top(), max(0.0, start - room.left() - theme.space(2)), room.height())


class Events(Panel):
    """The panel: lines and the send bar."""

    commanded = Signal(object)

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech) -> None:
        super().__init__(theme)
        self._speech = speech
        self._picture: Picture | None = None
        self.rows = EventRows(bridge, theme, speech)
        self.compose = ComposeBar(bridge, theme, speech)
        self.compose.commanded.connect(self.commanded)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(self.rows)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.body.addWidget(scroll, 1)
        self.body.addWidget(self.compose)
        self.retranslate()

    def show_picture(self, picture: Picture) -> None:
        """Take over what is known."""
        old = self._picture
        self._picture = picture
        self.compose.show_picture(picture)
        if old is None or picture.notices != old.notices or picture.messages != old.messages:
            self._say()

    def _say(self) -> None:
        self.header.title.say(self._speech.say("situation.events.title"))
        if self._picture is None:
            return
        self.rows.lines = lines_of(self._picture, self._speech)
        self.rows.measure()
        waiting = sum(1 for m in self._picture.messages if m.is_outgoing and m.state in _OPEN_STATES)
        self.header.note.say(self._speech.say("situation.events.note", count=waiting) if waiting else "")
        self.header.note.set_tone("warn")

    def retranslate(self) -> None:
        """Say everything anew."""
        self.compose.retranslate()
        self._say()

    def restyle(self) -> None:
        """Measure and colour anew."""
        super().restyle()
        self.compose.restyle()
        self.rows.measure()
