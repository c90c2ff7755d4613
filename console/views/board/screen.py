# ruff: noqa: N802 - the names of overridden methods are Qt's
"""三断牌: three columns 网 电 路, and below them who can be reached until when."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QTableView, QVBoxLayout, QWidget

from console.bridge import Bridge
from console.picture import Picture
from console.views.board.cards import Cards
from console.views.board.cuts import Cut, net_cuts, power_cuts, road_cuts
from console.views.board.horizon import COLUMNS, horizon_rows
from console.views.speech import Speech
from console.views.theme import Metric, Theme
from console.views.widgets.answer import SummaryBox
from console.views.widgets.panel import Panel
from console.views.widgets.road_summary import road_summary
from console.views.widgets.rows import RowsModel, set_widths, style_table
from console.views.widgets.screen import Screen
from console.views.widgets.scroll import scroll_area
from console.views.widgets.summary import Summary, net_summary
from console.views.widgets.supply import power_summary

CUTS = ("net", "power", "road")
_WIDTHS_PX = (240.0, 96.0, 190.0, 190.0, 480.0, 170.0)
_COMPACT_WIDTHS_PX = (164.0, 92.0, 172.0, 124.0, 272.0, 144.0)
_HORIZON_SHARE = 0.38
_Judge = Callable[[Picture, Speech, int], list[Cut]]
_JUDGES: dict[str, _Judge] = {"net": net_cuts, "power": power_cuts, "road": road_cuts}


class Column(Panel):
    """One of the three: the answer above, the cards below."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._theme = theme
        self.head = SummaryBox(theme)
        self.cards = Cards(theme)
        self.body.addWidget(self.head)
        self.body.addWidget(scroll_area(self.cards), 1)
        self.header.hide()

    def restyle(self) -> None:
        """Measure anew."""
        super().restyle()
        self.head.setFixedHeight(self._theme.px(Metric.STRIP_HEIGHT))
        self.cards.lay_out()


class BoardScreen(Screen):
    """Reads one picture as three cuts and their consequence."""

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(bridge, theme, speech, parent)
        self._picture: Picture | None = None
        self.columns = {name: Column(theme) for name in CUTS}
        self.horizon = RowsModel(theme, self)
        self.table = QTableView()
        self.table.setModel(self.horizon)
        self.table.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.panel = Panel(theme)
        self.panel.body.addWidget(self.table, 1)
        self._upper, self._whole = QHBoxLayout(), QVBoxLayout(self)
        for column in self.columns.values():
            self._upper.addWidget(column, 1)
            column.cards.chosen.connect(self.subject_asked)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.addLayout(self._upper, 1)
        self._whole.addWidget(self.panel)
        self.setFocusProxy(self.table)
        self.retranslate()
        self.restyle()

    def show_picture(self, picture: Picture) -> None:
        """Draw this picture."""
        self._picture = picture
        self._tell()

    def refresh(self) -> None:
        """Ages of this moment."""
        self._tell()

    def _tell(self) -> None:
        picture = self._picture
        if picture is None:
            return
        now_ns, say = self.bridge.now_ns(), self.speech.say
        for name, column in self.columns.items():
            column.head.show_summary(self._summary(name, picture, now_ns))
            column.cards.show_cuts(_JUDGES[name](picture, self.speech, now_ns), say(f"board.none.{name}"))
        rows = horizon_rows(picture, self.speech, now_ns)
        self.horizon.show_rows(rows)
        self.panel.header.note.say(say("board.count", count=len(rows)))

    def _summary(self, name: str, picture: Picture, now_ns: int) -> Summary:
        if name == "net":
            return net_summary(picture, self.speech, now_ns)
        told = power_summary if name == "power" else road_summary
        return told(picture, self.speech, now_ns) or self._unsaid(name, picture)

    def _unsaid(self, name: str, picture: Picture) -> Summary:
        """Where the strip has no answer: nothing is configured, or nothing was told yet."""
        headline = self.speech.say(f"board.unconfigured.{name}")
        if name == "power" and picture.power.supplies:
            off = sum(one.state == "off" for one in picture.power.supplies)
            headline = self.speech.say("board.supplies", count=len(picture.power.supplies), off=off)
        mark = self.speech.say("devices.supply.mark" if name == "power" else "shell.road.mark")
        return Summary(mark=mark, headline=headline, tone="normal")

    def keys(self) -> str:
        """What the keys do here."""
        return self.speech.say("board.keys")

    def retranslate(self) -> None:
        """Say everything anew."""
        self.horizon.entitle([self.speech.say(f"board.column.{name}") for name in COLUMNS])
        self.panel.header.title.say(self.speech.say("board.horizon"))
        self._tell()

    def restyle(self) -> None:
        """Measure and colour anew."""
        gap = self.theme.px(Metric.HAIRLINE)
        self._upper.setSpacing(gap)
        self._whole.setSpacing(gap)
        for column in self.columns.values():
            column.restyle()
        self.panel.restyle()
        style_table(self.table, self.theme)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The table takes its share."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        is_compact = self.width() + self.theme.px(Metric.NAVIGATION_WIDTH) < self.theme.px(Metric.COMPACT_BELOW_WIDTH)
        set_widths(self.table, self.theme, _COMPACT_WIDTHS_PX if is_compact else _WIDTHS_PX)
        self.panel.setFixedHeight(
            max(self.theme.px(Metric.LOWER_HEIGHT_COMPACT), round(self.height() * _HORIZON_SHARE))
        )
