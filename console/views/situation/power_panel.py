# ruff: noqa: N802 - the names of overridden methods are Qt's
"""供电 on 态势: how long the post lasts, what that stands on, every supply with its level, who else ends when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.bridge import Bridge
from console.picture import Picture
from console.power_facts import Supply
from console.views.power_words import (
    ends_words,
    level_of,
    level_words,
    power_tone,
    range_words,
    shed_words,
    state_word,
    state_words,
    supply_of,
    supply_tone,
)
from console.views.speech import Speech
from console.views.theme import Size, Theme
from console.views.widgets.label import RIGHT, draw_text
from console.views.widgets.panel import Panel

_OWN = ("vehicle_battery", "ups", "generator")
_HEADLINE_SIZES = (Size.HUGE, Size.STRONG, Size.BODY)
_NAME_SHARE = 0.45
_EDGE = 3.5
"""Room left and right, in spacing units."""
_TONES = {"normal": "text", "amber": "warn", "red": "alarm"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line as it is drawn: words left and right, their colours, a level below it where there is one.

    One that ``is_minor`` goes first where not all find room: the desk says it too.
    """

    left: str
    right: str = ""
    tone: str = "text"
    right_tone: str = "dim"
    level_percent: float | None = None
    is_old: bool = False
    size: Size = Size.SMALL
    is_minor: bool = False


def lines_of(picture: Picture, speech: Speech, now_ns: int) -> list[Line]:
    """All of the panel, top to bottom."""
    power = picture.power
    chief, shown = supply_of(power, power.chief_id), shown_supply(picture)
    lines = _head(picture, chief, shown, speech, now_ns)
    own = [one for one in power.supplies if one.kind in _OWN]
    own.sort(key=lambda one: one is not shown)
    lines += [_own_line(one, picture, speech, now_ns) for one in own]
    lines += [
        _cut_line(one, speech, now_ns) for one in power.supplies if one.kind == "mains" and one.state != "feeding"
    ]
    if power.sheds:
        lines.append(Line(left=" · ".join(shed_words(one, speech) for one in power.sheds), tone="soft"))
    others = [one for one in power.supplies if one.kind in {"station_backup", "handheld"}]
    others.sort(key=lambda one: one.low_s if one.low_s is not None else 1 << 40)
    return lines + [_other_line(one, picture, speech, now_ns) for one in others]


def shown_supply(picture: Picture) -> Supply | None:
    """The supply whose range is the headline: what feeds where that can be reckoned, else the one in reserve."""
    power = picture.power
    chief = supply_of(power, power.chief_id)
    if chief is not None and chief.low_s is not None:
        return chief
    return supply_of(power, power.reserve_id) or chief


def _head(picture: Picture, chief: Supply | None, shown: Supply | None, speech: Speech, now_ns: int) -> list[Line]:
    """The range as large as it can be, and below it what it stands on and what is against it."""
    tone = _TONES[power_tone(picture)]
    if shown is None:
        return [Line(left=speech.say("power.strip.unknown"), tone=tone, size=Size.STRONG)]
    lasting = range_words(shown, speech, now_ns)
    if lasting is None:
        text_id = "power.strip.endless" if shown.kind == "mains" else "power.strip.unreckoned"
        lines = [Line(left=speech.say(text_id, name=shown.name), tone=tone, size=Size.STRONG)]
    else:
        words = lasting if not shown.is_reserve else speech.say("power.panel.reserve", span=lasting)
        lines = [Line(left=words, tone="dim" if shown.is_stale else tone, is_old=shown.is_stale, size=Size.HUGE)]
    if shown is not chief and chief is not None:
        lines.append(Line(left=state_words_of(chief, speech, now_ns), tone="soft"))
    if shown.basis is not None:
        lines.append(Line(left=speech.tell(shown.basis), tone="dim", is_minor=True))
    ends = ends_words(shown, speech, now_ns)
    if ends is not None:
        lines.append(Line(left=ends, tone="dim" if shown.is_stale else "soft", is_old=shown.is_stale))
    if shown.doubt is not None:
        lines.append(Line(left=speech.tell(shown.doubt), tone="warn"))
    return lines


def state_words_of(supply: Supply, speech: Speech, now_ns: int) -> str:
    """A supply's name with its state."""
    return speech.say("power.panel.named", name=supply.name, state=state_words(supply, speech, now_ns))


def _own_line(supply: Supply, picture: Picture, speech: Speech, now_ns: int) -> Line:
    level = level_of(supply)
    parts = [supply.name, level_words(supply, speech, now_ns) or speech.say("power.level.unknown")]
    return Line(
        left=" ".join(parts),
        right=state_word(supply, speech),
        tone=supply_tone(supply, picture),
        right_tone="dim" if supply.state != "unknown" else "warn",
        level_percent=level[0] if level is not None else None,
        is_old=supply.is_stale,
    )


def _cut_line(supply: Supply, speech: Speech, now_ns: int) -> Line:
    tone = "warn" if supply.state == "off" else "dim"
    return Line(left=state_words_of(supply, speech, now_ns), tone=tone)


def _other_line(supply: Supply, picture: Picture, speech: Speech, now_ns: int) -> Line:
    """A station's or a team's: what it lasts and until when, amber or red where it ends soon."""
    lasting = range_words(supply, speech, now_ns)
    tone = supply_tone(supply, picture)
    words = lasting or level_words(supply, speech, now_ns) or speech.say("power.level.unknown")
    right = ""
    if supply.ends_low_ns is not None and lasting is not None:
        right = speech.say("power.panel.needed", at=speech.minute(supply.ends_low_ns, now_ns))
    elif supply.state != "feeding":
        right = state_words(supply, speech, now_ns)
    return Line(
        left=f"{supply.name} {words}", right=right, tone="soft" if tone == "text" else tone, is_old=supply.is_stale,
        right_tone="dim" if tone == "text" else tone,
    )  # fmt: skip


class PowerLines(QWidget):
    """The lines, painted; what finds no room is counted in the last line."""

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech) -> None:
        super().__init__()
        self._bridge, self._theme, self._speech = bridge, theme, speech
        self.picture: Picture | None = None
        self._painted: object = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def lines(self) -> list[Line]:
        """What is drawn, as far as there is room."""
        if self.picture is None:
            return []
        every = [self._fitted(line) for line in lines_of(self.picture, self._speech, self._bridge.now_ns())]
        if sum(self._height_px(line) for line in every) > self.height():
            every = [line for line in every if not line.is_minor]
        return self._that_fit(every)

    def _fitted(self, line: Line) -> Line:
        """The headline in the largest letters in which all of it fits: cut off it would lose its hours."""
        if line.size not in _HEADLINE_SIZES:
            return line
        room_px = self.width() - 2 * self._theme.space(_EDGE)
        sizes = _HEADLINE_SIZES[_HEADLINE_SIZES.index(line.size) :]
        fitting = (s for s in sizes if self._theme.metrics(s, is_bold=True).horizontalAdvance(line.left) <= room_px)
        return replace(line, size=next(fitting, sizes[-1]))

    def _that_fit(self, every: Sequence[Line]) -> list[Line]:
        room_px, fitting = float(self.height()), list[Line]()
        for number, line in enumerate(every):
            height_px = self._height_px(line)
            is_last = number == len(every) - 1
            more_px = 0.0 if is_last else self._theme.metrics(Size.SMALL).height()
            if height_px + more_px > room_px:
                more = self._speech.say("power.panel.more", count=len(every) - number)
                return [*fitting, Line(left=more, tone="dim")]
            fitting.append(line)
            room_px -= height_px
        return fitting

    def _height_px(self, line: Line) -> float:
        bar_px = self._theme.space(3) if line.level_percent is not None else 0
        return self._theme.metrics(line.size, is_bold=line.size is not Size.SMALL).height() + bar_px

    def _name_px(self, line: Line) -> float:
        return self._theme.metrics(Size.SMALL).horizontalAdvance(line.left) + self._theme.space(2)

    def refresh(self) -> None:
        """Paint again where something else is to be said."""
        if self.lines() != self._painted:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Draw them."""
        theme = self._theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.palette.panel)
        edge, y = theme.space(_EDGE), 0.0
        self._painted = lines = self.lines()
        for line in lines:
            is_large = line.size is not Size.SMALL
            height_px = theme.metrics(line.size, is_bold=is_large).height()
            rect = QRectF(edge, y, self.width() - 2 * edge, height_px)
            painter.setFont(theme.font(Size.SMALL))
            colour = getattr(theme.palette, line.right_tone)
            # The name goes before: whose line it is must stay to be read.
            right = QRectF(rect).adjusted(min(self._name_px(line), rect.width() * _NAME_SHARE), 0, 0, 0)
            taken = draw_text(painter, right, line.right, colour, align=RIGHT) if line.right else 0.0
            painter.setFont(theme.font(line.size, is_bold=is_large, is_struck=line.is_old))
            room = QRectF(rect.left(), y, rect.width() - taken - (theme.space(2) if taken else 0), height_px)
            draw_text(painter, room, line.left, getattr(theme.palette, line.tone))
            if line.level_percent is not None:
                self._draw_level(painter, QRectF(edge, y + height_px, rect.width(), theme.space(1.5)), line)
            y += self._height_px(line)

    def _draw_level(self, painter: QPainter, rect: QRectF, line: Line) -> None:
        """A bar as long as the level; hollow where it is old."""
        palette = self._theme.palette
        painter.fillRect(rect, palette.row_line)
        part = QRectF(rect.left(), rect.top(), rect.width() * (line.level_percent or 0.0) / 100.0, rect.height())
        colour = getattr(palette, "soft" if line.tone == "text" else line.tone)
        if line.is_old:
            painter.setPen(self._theme.pen(colour))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(part.adjusted(0, 0, -1, -1))
        else:
            painter.fillRect(part, colour)


class PowerPanel(Panel):
    """The whole panel is one large button: ``opened`` asks for the desk on which people report."""

    opened = Signal()

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech) -> None:
        super().__init__(theme)
        self._bridge, self._theme, self._speech = bridge, theme, speech
        self.lines = PowerLines(bridge, theme, speech)
        self.body.addWidget(self.lines, 1)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()
        self.retranslate()
        self.restyle()

    def show_picture(self, picture: Picture) -> None:
        """Take over what is known; without any supply configured there is no panel."""
        self.lines.picture = picture
        self.setVisible(bool(picture.power.supplies))
        self.refresh()

    def refresh(self) -> None:
        """Ages and times to go of this moment."""
        picture = self.lines.picture
        if picture is None:
            return
        # The age of what the headline stands on: another supply's fresh value must not make it look fresh.
        shown = shown_supply(picture)
        told_ns = (shown.load_ns or shown.charge_ns or shown.fuel_ns) if shown is not None else None
        age = self._speech.say("power.panel.never")
        if told_ns is not None:
            age = self._speech.say("power.panel.told", age=self._speech.age(self._bridge.now_ns() - told_ns))
        self.header.note.say(age)
        self.lines.refresh()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click anywhere opens the desk."""
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.opened.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """So does Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
            return
        super().keyPressEvent(event)

    def retranslate(self) -> None:
        """Say everything anew."""
        self.header.title.say(self._speech.say("power.panel.title"))
        self.setToolTip(self._speech.say("power.panel.hint"))
        self.setAccessibleName(self._speech.say("power.panel.hint"))
        self.refresh()

    def restyle(self) -> None:
        """Measure and colour anew."""
        super().restyle()
        self.body.setContentsMargins(0, 0, 0, self._theme.space(1))
        self.lines.update()
