# ruff: noqa: N802 - the names of overridden methods are Qt's
"""通信: the ways to the rear with their history, the terminals, and every message with how far it got."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QTableView, QVBoxLayout, QWidget

from console.bridge import Bridge
from console.picture import Picture
from console.views.comms.bearers import BearerRows
from console.views.comms.checking import CheckRow
from console.views.comms.describe import counts
from console.views.comms.messages import MessageRows
from console.views.comms.more import MoreBearers
from console.views.comms.spans import SpanRow
from console.views.comms.terminals import counted, terminal_rows, terminals
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.compose import ComposeBar
from console.views.widgets.label import CENTRE, Label
from console.views.widgets.pace_bar import PaceBar
from console.views.widgets.panel import Panel
from console.views.widgets.rows import RowsModel, set_widths, style_table
from console.views.widgets.screen import Screen
from console.views.widgets.scroll import scroll_area
from console.views.widgets.strangers import StrangerPanel

_MESSAGES_WIDTH_PX, _MESSAGES_COMPACT_PX, _MESSAGES_LEAST_PX = 560.0, 400.0, 320.0
_LEFT_PX = 888.0
_WIDTHS_PX = (172.0, 72.0, 160.0, 200.0, 208.0, 80.0, 90.0, 112.0)
_COMPACT_WIDTHS_PX = (120.0, 66.0, 102.0, 126.0, 114.0, 56.0, 80.0, 106.0)
_COLUMNS = ("name", "state", "net", "level", "power", "heard", "next", "last", "note")
_STRANGERS_SHARE = 0.42
_LEAST_ROWS, _MOST_ROWS, _MOST_ROWS_COMPACT = 1, 9, 2


class CommsScreen(Screen):
    """Bearers above, terminals below, messages right, the send bar along the foot."""

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(bridge, theme, speech, parent)
        self._picture: Picture | None = None
        self.bearers = BearerRows(bridge, theme, speech)
        self.pace = PaceBar(bridge, theme, speech)
        self.spans = SpanRow(self.bearers.histories, theme, speech)
        self.checks = CheckRow(bridge, theme, speech)
        self.messages = MessageRows(bridge, theme, speech)
        self.compose = ComposeBar(bridge, theme, speech)
        self.strangers = StrangerPanel(bridge, theme, speech)
        self.terminals = RowsModel(theme, self)
        self.table = QTableView()
        self.table.setModel(self.terminals)
        self._lay_out()
        self.retranslate()
        self.restyle()

    def _lay_out(self) -> None:
        theme, speech = self.theme, self.speech
        self.bearer_panel, self.terminal_panel, self.message_panel = (Panel(theme) for _ in range(3))
        self._acts = QHBoxLayout()
        self._acts.addWidget(self.pace, 1)
        self._acts.addWidget(self.spans)
        self.bearer_panel.body.addLayout(self._acts)
        area = self._area = scroll_area(self.bearers)
        self.more = MoreBearers(area, self.bearers, theme, speech)
        self.bearer_panel.body.addWidget(area, 1)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self.more)
        self.bearer_panel.body.addLayout(self._foot)
        self.bearer_panel.body.addWidget(self.checks)
        self.terminal_panel.body.addWidget(self.table, 1)
        self.none = Label(theme, size=Size.SMALL, tone="dim")
        self.none.setAlignment(CENTRE)
        self.message_panel.body.addWidget(self.none)
        self.message_panel.body.addWidget(scroll_area(self.messages), 1)
        for part in (self.pace, self.checks, self.strangers, self.messages, self.compose):
            part.commanded.connect(self.commanded)
        self._left, self._upper, self._column = QVBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        self._right = QVBoxLayout()
        self._right.addWidget(self.message_panel, 1)
        self._right.addWidget(self.strangers)
        self._left.addWidget(self.bearer_panel)
        self._left.addWidget(self.terminal_panel)
        self._upper.addLayout(self._left, 1)
        self._upper.addLayout(self._right)
        self._column.addLayout(self._upper, 1)
        self._column.addWidget(self.compose)
        self._column.setContentsMargins(0, 0, 0, 0)

    def show_picture(self, picture: Picture) -> None:
        """Draw bearers, terminals and messages."""
        self._picture = picture
        self.bearers.show_picture(picture)
        self.pace.show_picture(picture)
        self.checks.show_picture(picture)
        self.messages.show_picture(picture)
        self.compose.show_picture(picture)
        self.strangers.show_picture(picture)
        self.strangers.setVisible(self.strangers.count > 0)
        self.none.setVisible(not picture.messages)
        self.message_panel.header.note.say(counts(picture.messages, self.speech))
        self._show_terminals()
        self._show_more()

    def _show_terminals(self) -> None:
        if self._picture is None:
            return
        now_ns = self.bridge.now_ns()
        rows = terminal_rows(self._picture, self.speech, now_ns)
        self.terminals.show_rows(rows)
        self.terminal_panel.setVisible(bool(terminals(self._picture)))
        self.terminal_panel.header.note.say(counted(self._picture, self.speech, now_ns))
        shown = min(self._room_for_rows(), max(_LEAST_ROWS, len(rows)))
        height = self.theme.px(Metric.HEADER_HEIGHT) + self.theme.px(Metric.ROW_HEIGHT) * (shown + 1)
        # A share of what there is, never a height that would keep the window from becoming smaller.
        height += self.theme.space(2)
        self.terminal_panel.setMaximumHeight(height)
        self.terminal_panel.setMinimumHeight(self.theme.px(Metric.HEADER_HEIGHT) + 2 * self.theme.px(Metric.ROW_HEIGHT))
        self._left.setStretchFactor(self.terminal_panel, height)
        self._left.setStretchFactor(self.bearer_panel, max(1, self._upper_px() - height))

    def _show_more(self) -> None:
        # As if the line that counts the rest were not there: it must not be what decides whether it is needed.
        header = self.bearer_panel.header
        room = self._area.viewport().height() + (0 if self.more.isHidden() else self.more.height())
        room -= header.height() if header.isHidden() else 0
        self.bearers.fit(room + header.height())
        # The last rows before the title: what the lines of a chart mean can be read on a larger screen.
        header.setVisible(not self._is_compact() or self.bearers.rows_px() <= room)
        self.more.refresh()

    def _upper_px(self) -> int:
        return self.height() - self.compose.sizeHint().height()

    def _room_for_rows(self) -> int:
        """Terminals take what the bearers leave; where both want more, each has its share and scrolls."""
        least = _MOST_ROWS_COMPACT if self._is_compact() else _MOST_ROWS
        row_px, headers_px = (
            self.theme.px(Metric.ROW_HEIGHT),
            2 * self.theme.px(Metric.HEADER_HEIGHT) + self._acts.sizeHint().height() + self._checks_px(),
        )
        left_px = self._upper_px() - headers_px - self.bearers.sizeHint().height() - self.theme.space(4)
        return max(least, left_px // row_px - 1)

    def _checks_px(self) -> int:
        return 0 if self.checks.isHidden() else self.checks.sizeHint().height()

    def refresh(self) -> None:
        """Say everything with an age for this moment."""
        self.bearers.refresh()
        self.pace.refresh()
        self.messages.refresh()
        self.compose.refresh()
        self.strangers.refresh()
        self._show_terminals()
        self._show_more()

    def keys(self) -> str:
        """What the keys do here."""
        return "\n".join(self.speech.say(one) for one in ("strangers.keys", "switch.keys", "links.keys"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """U: unknown ids; S: the next span; X: checks of what bearers carry; the keys of the bearer that carries."""
        if self.pace.press(event):
            return
        if event.key() == Qt.Key.Key_S and not event.modifiers():
            self.spans.cycle()
            return
        if event.key() == Qt.Key.Key_X and not event.modifiers():
            self.checks.enter()
            return
        if event.key() == Qt.Key.Key_U and not event.modifiers() and self.strangers.count:
            self.strangers.enter()
            return
        super().keyPressEvent(event)

    def retranslate(self) -> None:
        """Say everything anew."""
        say = self.speech.say
        self.bearer_panel.header.title.say(say("comms.bearers"))
        self.bearer_panel.header.note.say(say("comms.legend"))
        self.terminal_panel.header.title.say(say("comms.terminals"))
        self.message_panel.header.title.say(say("comms.messages"))
        self.none.say(say("comms.no_messages"))
        self.terminals.entitle([say(f"comms.column.{name}") for name in _COLUMNS])
        self.spans.retranslate()
        self.checks.refresh()
        self.compose.retranslate()
        self.strangers.retranslate()
        self.messages.restyle()
        self._fit()
        if self._picture is not None:
            self.show_picture(self._picture)

    def restyle(self) -> None:
        """Colour and measure anew."""
        self._acts.setContentsMargins(0, 0, self.theme.space(3.5), 0)
        for layout in (self._left, self._right, self._upper, self._column):
            layout.setSpacing(self.theme.px(Metric.HAIRLINE))
        for panel in (self.bearer_panel, self.terminal_panel, self.message_panel):
            panel.restyle()
        self.compose.restyle()
        self.pace.restyle()
        self.spans.restyle()
        self.checks.restyle()
        self.more.restyle()
        self._foot.setContentsMargins(self.theme.space(3.5), 0, self.theme.space(3.5), 0)
        self.strangers.restyle()
        self.none.restyle()
        style_table(self.table, self.theme)
        self.messages.restyle()
        self._fit()
        self._show_terminals()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Little room: narrower columns."""
        super().resizeEvent(event)
        self._fit()
        self._show_terminals()
        self._show_more()

    def _is_compact(self) -> bool:
        return self.width() + self.theme.px(Metric.NAVIGATION_WIDTH) < self.theme.px(Metric.COMPACT_BELOW_WIDTH)

    def _fit(self) -> None:
        is_compact = self._is_compact()
        width = self.theme.px(_MESSAGES_COMPACT_PX if is_compact else _MESSAGES_WIDTH_PX)
        if is_compact:
            # In the least width messages give way first: their words wrap, a table's do not.
            width = max(self.theme.px(_MESSAGES_LEAST_PX), min(width, self.width() - self.theme.px(_LEFT_PX)))
        self.message_panel.setFixedWidth(width)
        self.strangers.setFixedWidth(width)
        self.strangers.setFixedHeight(round(self._upper_px() * _STRANGERS_SHARE))
        set_widths(self.table, self.theme, _COMPACT_WIDTHS_PX if is_compact else _WIDTHS_PX)
        self.spans.set_compact(is_compact=is_compact)
        self.bearers.restyle(is_compact=is_compact)
