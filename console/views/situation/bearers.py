# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The links to the rear, by rung: state in words, since when, figures with their age, history, and the receipt."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from console.bridge import Bridge
from console.picture import Bearer, Picture
from console.views.carrying import carried_aged, used
from console.views.pace import advice
from console.views.situation.rowkeeping import RowKeeping
from console.views.speech import NOTHING, NS_PER_S, Speech
from console.views.telling import bearer_tone, bearer_word
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import LEFT, RIGHT, draw_text
from console.views.widgets.pace_bar import PaceBar
from console.views.widgets.panel import Panel
from console.views.widgets.sparkline import draw_history

_HISTORY_S = 1800.0
_JUDGED_OLD_NS = 15 * NS_PER_S
_BITS_A_HANZI = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its id, its share of the width, whether its figures stand right."""

    id: str
    share: float
    is_number: bool = False


FULL = (
    Column(id="name", share=2.0),
    Column(id="state", share=1.55),
    Column(id="since", share=0.75),
    Column(id="round_trip", share=0.95, is_number=True),
    Column(id="loss", share=0.8, is_number=True),
    Column(id="capacity", share=1.9),
    Column(id="history", share=0.9),
    Column(id="receipt", share=1.65),
    Column(id="used", share=1.35, is_number=True),
)
COMPACT = (
    Column(id="name", share=2.1),
    Column(id="state", share=1.3),
    Column(id="since", share=0.8),
    Column(id="history", share=1.4),
    Column(id="receipt", share=1.6),
)


def cell_words(bearer: Bearer, column: str, speech: Speech, now_ns: int) -> tuple[str, str, bool]:
    """Words, tone and whether struck through, of one cell."""
    is_old = bearer.judged_ns is None or now_ns - bearer.judged_ns > _JUDGED_OLD_NS
    figure = "dim" if is_old else "text"
    said = (bearer.name, "text", False)
    match column:
        case "state":
            words = (bearer_word(bearer, speech), speech.tell(bearer.reason))
            said = " · ".join(word for word in words if word), bearer_tone(bearer), False
        case "since":
            said = speech.minute(bearer.since_ns, now_ns), "soft", False
        case "round_trip":
            said = speech.round_trip(bearer.round_trip_ms), figure, is_old
        case "loss":
            said = speech.percent(bearer.loss_percent), figure, is_old
        case "capacity":
            said = capacity_words(bearer, speech, now_ns), "soft", False
        case "used":
            total = used(bearer, speech)
            said = (
                (total.value, total.tone if total.tone != "text" else "soft", False)
                if total
                else (NOTHING, "faint", False)
            )
        case "receipt":
            said = receipt_words(bearer, speech, now_ns), "soft" if bearer.receipt_ns else "faint", False
    return said


def receipt_words(bearer: Bearer, speech: Speech, now_ns: int) -> str:
    """When the rear last proved that it received, with its age."""
    if bearer.receipt_ns is None:
        return speech.say("situation.bearers.no_receipt")
    return speech.say(
        "situation.bearers.receipt",
        at=speech.minute(bearer.receipt_ns, now_ns),
        age=speech.age(now_ns - bearer.receipt_ns),
    )


def capacity_words(bearer: Bearer, speech: Speech, now_ns: int) -> str:
    """What one message carries and when the next may go, the level, or what is required."""
    parts = []
    if bearer.capacity_bits is not None:
        parts.append(speech.say("situation.bearers.hanzi", count=bearer.capacity_bits // _BITS_A_HANZI))
    if bearer.next_send_ns is not None and bearer.next_send_ns > now_ns:
        wait = speech.age(bearer.next_send_ns - now_ns + NS_PER_S - 1)
        parts.append(speech.say("situation.bearers.next_send", wait=wait))
    if bearer.level is not None and isinstance(bearer.level.value, int | float):
        age_ns = now_ns - bearer.level.at_ns
        level = f"{bearer.level.value:g} {bearer.level.unit or ''}".strip()
        if bearer.level.unit == "level":
            level = speech.say("situation.bearers.level", value=f"{bearer.level.value:g}")
        is_old = age_ns > _JUDGED_OLD_NS
        aged = speech.say("situation.bearers.level_old", level=level, age=speech.age(age_ns))
        parts.append(aged if is_old else level)
    measured = carried_aged(bearer, speech, now_ns)
    if measured:
        parts.insert(0, measured)
    if not parts and bearer.requires:
        parts.append(speech.say("situation.bearers.requires", what=bearer.requires))
    return " · ".join(parts) or NOTHING


class BearerRows(QWidget):
    """The table, painted."""

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech) -> None:
        super().__init__()
        self._bridge = bridge
        self._theme = theme
        self._speech = speech
        self.bearers: tuple[Bearer, ...] = ()
        self.is_executed = False
        self.columns: tuple[Column, ...] = FULL
        self._row_px = Metric.ROW_HEIGHT
        self._keeping = RowKeeping(self, self._said, self._place)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setProperty("role", "panel")

    def measure(self) -> None:
        """Be as high as the rows."""
        theme = self._theme
        self._row_px = Metric.ROW_HEIGHT_COMPACT if self.columns is COMPACT else Metric.ROW_HEIGHT
        self.setFixedHeight(max(1, theme.space(5) + len(self.bearers) * theme.px(self._row_px)))
        self.update()

    def _places(self) -> list[tuple[Column, float, float]]:
        edge = self._theme.space(3.5)
        chip = self._theme.space(9)
        room = self.width() - 2 * edge - chip
        whole = sum(column.share for column in self.columns)
        x = float(edge + chip)
        places = []
        for column in self.columns:
            width = room * column.share / whole
            places.append((column, x, width - self._theme.space(6 if column.is_number else 3)))
            x += width
        return places

    def _place(self, number: int) -> QRect:
        height = self._theme.px(self._row_px)
        return QRect(0, self._theme.space(5) + number * height, self.width(), height)

    def _said(self, number: int) -> object:
        """All that the row of this number shows at this moment; its history moves on by pixels."""
        if number >= len(self.bearers):
            return None
        bearer, now_ns = self.bearers[number], self._bridge.now_ns()
        cells = [cell_words(bearer, column.id, self._speech, now_ns) for column in self.columns]
        moved = now_ns * self.width() // round(_HISTORY_S * NS_PER_S) if bearer.history else 0
        return cells, moved, bearer.history, bearer.state, bearer.is_in_use, bearer.rung

    def refresh(self) -> None:
        """Repaint the rows that say something else now."""
        self._keeping.refresh(len(self.bearers))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw titles and rows with ages of this moment."""
        theme = self._theme
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.palette.panel)
        if event.region().intersects(QRect(0, 0, self.width(), theme.space(5))):
            self._draw_titles(painter)
        for number, bearer in enumerate(self.bearers):
            place = self._place(number)
            if event.region().intersects(place):
                self._keeping.painted(number, self._said(number), event.region())
                self._draw_row(painter, QRectF(place), bearer)

    def _draw_titles(self, painter: QPainter) -> None:
        theme = self._theme
        painter.setFont(theme.font(Size.TINY))
        for column, x, width in self._places():
            title = self._speech.say(f"situation.bearers.column.{column.id}")
            align = RIGHT if column.is_number else LEFT
            draw_text(painter, QRectF(x, 0, width, theme.space(5)), title, theme.palette.faint, align=align)

    def _draw_row(self, painter: QPainter, rect: QRectF, bearer: Bearer) -> None:
        theme, palette, speech = self._theme, self._theme.palette, self._speech
        now_ns = self._bridge.now_ns()
        painter.setPen(theme.pen(palette.row_line))
        painter.drawLine(rect.topLeft(), rect.topRight())
        if bearer.is_in_use:
            painter.fillRect(QRectF(0, rect.top(), theme.space(1), rect.height()), palette.info)
        self._draw_rung(painter, rect, bearer)
        for column, x, width in self._places():
            cell = QRectF(x, rect.top(), width, rect.height())
            if column.id == "history":
                inner = cell.adjusted(0, theme.space(1), 0, -theme.space(1))
                draw_history(painter, inner, bearer.history, theme, now_ns=now_ns, span_s=_HISTORY_S)
                continue
            words, tone, is_struck = cell_words(bearer, column.id, speech, now_ns)
            is_bold = column.id == "state" and bearer.state in ("down", "degraded")
            painter.setFont(theme.font(Size.SMALL, is_bold=is_bold, is_struck=is_struck))
            align = RIGHT if column.is_number else LEFT
            if column.id == "name" and bearer.is_in_use:
                use = speech.say(f"situation.bearers.{'in_use' if self.is_executed else 'preferred'}")
                room = painter.fontMetrics().horizontalAdvance(use) + theme.space(2)
                taken = draw_text(painter, cell.adjusted(0, 0, -room, 0), words, palette.text)
                draw_text(painter, cell.adjusted(taken + theme.space(2), 0, 0, 0), use, palette.info)
                continue
            draw_text(painter, cell, words, getattr(palette, tone), align=align)

    def _draw_rung(self, painter: QPainter, rect: QRectF, bearer: Bearer) -> None:
        theme = self._theme
        side = theme.space(6)
        box = QRectF(theme.space(3.5), rect.center().y() - side / 2 + 1, side, side - 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.palette.raised)
        painter.drawRoundedRect(box, theme.px(Metric.CORNER), theme.px(Metric.CORNER))
        painter.setFont(theme.font(Size.TINY, is_bold=True))
        painter.setPen(theme.palette.text)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), self._speech.say(f"word.rung.{bearer.rung}"))


class BearerTable(Panel):
    """The panel with the table."""

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._bridge, self._speech = bridge, speech
        self._picture: Picture | None = None
        self.rows = BearerRows(bridge, theme, speech)
        self.pace = PaceBar(bridge, theme, speech, is_short=True)
        self.body.addWidget(self.pace)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(self.rows)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.body.addWidget(scroll, 1)
        self.retranslate()

    def show_picture(self, picture: Picture) -> None:
        """Take over what is known."""
        is_longer = len(picture.bearers) != len(self.rows.bearers)
        self._picture = picture
        self.rows.bearers = picture.bearers
        self.rows.is_executed = picture.pace.execution == "done"
        self.pace.show_picture(picture)
        if is_longer:
            self.rows.measure()
        self._say_header()

    def set_compact(self, *, is_compact: bool) -> None:
        """Five columns where there is little room."""
        self.rows.columns = COMPACT if is_compact else FULL
        self.rows.measure()
        self._say_header()

    def refresh(self) -> None:
        """Ages of this moment."""
        self.rows.refresh()
        self.pace.refresh()
        self._say_header()

    def retranslate(self) -> None:
        """Say everything anew."""
        self._say_header()
        self.pace.refresh()
        self.rows.update()

    def _say_header(self) -> None:
        # Where all does not fit the bar takes the header's place, not that of the last bearers.
        whole_px = self.header.height() + self.pace.height() + self.rows.height()
        self.header.setVisible(self.pace.isHidden() or whole_px <= self.height())
        self.header.title.say(self._speech.say("situation.bearers.title"))
        bearers = self.rows.bearers
        usable = sum(1 for bearer in bearers if bearer.state in ("up", "degraded"))
        said = self._speech.say("situation.bearers.note", usable=usable, total=len(bearers))
        self.header.note.say(said if bearers else self._speech.say("shell.net.none"))
        self.header.note.set_tone("faint")
        picture = self._picture
        if picture is not None and self.pace.isHidden() and (picture.pace.is_on_reserve or picture.pace.held_by):
            told = advice(picture, self._speech, self._bridge.now_ns())
            self.header.note.say(told.text)
            self.header.note.set_tone(told.tone)

    def restyle(self) -> None:
        """Measure and colour anew."""
        super().restyle()
        self.pace.restyle()
        self.rows.measure()
