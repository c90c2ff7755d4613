"""A panel beside the map, a layer on it and a tool that draws: what marks and roads have in common."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, QPointF, QTimer, Signal
from PySide6.QtWidgets import QPushButton

from console.bridge import Bridge
from console.orders import Order, Undo
from console.picture import Picture
from console.views.situation.draw_panel import DrawPanel
from console.views.situation.drawn_exchange import DrawnExchange
from console.views.situation.map_view import MapView
from console.views.situation.mark_tool import MarkTool
from console.views.speech import Speech
from console.views.theme import Metric, Theme

_TOLD = tuple(
    f"notice.{word}"
    for word in (
        "undone",
        "undone_file",
        "undone_file_partly",
        "undo_late",
        "undo_gone",
        "nothing_undone",
        "marks_full",
        "roads_full",
    )
)
"""What the panel says too, for it answers what was asked there."""


class DeskLayer(Protocol):
    """What is drawn of them on the map."""

    selected_id: str | None


class DrawDesk(QObject):
    """``commanded`` carries orders.  ``panel`` is to be put beside the map; it is hidden until asked for."""

    commanded = Signal(object)
    opened = Signal()
    """The panel was opened or put away."""

    panel: DrawPanel
    layer: DeskLayer
    tool: MarkTool
    button: QPushButton
    files: DrawnExchange

    def __init__(self, chart: MapView, bridge: Bridge, theme: Theme, speech: Speech) -> None:
        super().__init__(chart)
        self._map = chart
        self._bridge = bridge
        self._theme = theme
        self._speech = speech
        self._picture: Picture | None = None
        self._told = 0
        self._made = 0
        self._shown: object = None

    def refresh(self) -> None:
        """Ages of this moment, where the panel would say something else now."""
        raise NotImplementedError

    def _id_at(self, picture: Picture, point: QPointF, reach_px: float) -> str | None:
        """The one whose symbol is at a point of the map."""
        raise NotImplementedError

    def _picked(self) -> None:
        """Another one is chosen, or none."""

    def _by(self) -> str:
        """Who writes, as he signs."""
        raise NotImplementedError

    # ---- picture, language, theme

    def show_picture(self, picture: Picture) -> None:
        """Take over what is known; say what an undo undid; in a replay nothing is drawn on."""
        if self._picture is not None and not self._bridge.is_replaying and self.panel.isVisible():
            for notice in picture.notices:
                if notice.number > self._told and notice.text.id in _TOLD:
                    tone = "info" if notice.text.id in {"notice.undone", "notice.undone_file"} else "warn"
                    self.panel.said.say(self._speech.tell(notice.text), tone)
        self._told = picture.notices[-1].number if picture.notices else 0
        self._picture = picture
        if self._bridge.is_replaying and self._map.tool is self.tool:
            self._map.take(None)
        self.refresh()

    def retranslate(self) -> None:
        """Say everything anew."""
        self._shown = None
        self.files.retranslate()
        self.panel.retranslate()
        self.refresh()

    def restyle(self) -> None:
        """Measure and colour anew."""
        self._shown = None
        self.panel.restyle()
        self.refresh()

    # ---- the panel

    def toggle(self) -> None:
        """Open the panel, or put it away."""
        self.open(is_open=not self.panel.isVisible())

    def open(self, *, is_open: bool = True) -> None:
        """Show the panel on its list, or put it away with what is half drawn."""
        if not is_open and self._map.tool is self.tool:
            self._map.take(None)
        self.panel.setVisible(is_open)
        self.opened.emit()
        self.button.setChecked(is_open)
        self._shown = None
        self.refresh()
        if is_open:
            self._list()
        else:
            self.choose(None)
            self._map.setFocus()

    def _list(self) -> None:
        self.panel.turn_to("list")

    def _send(self, order: Order) -> None:
        self.panel.said.say("", "dim")
        self.commanded.emit(order)

    def undo(self) -> None:
        """Take the last change of a mark or a road back; the panel says which it was, in a replay why not."""
        if self._bridge.is_replaying or not self.panel.isVisible():
            self.open()
        if not self._bridge.is_replaying:
            self._send(Undo(by=self._by()))

    def _step_back(self) -> None:
        self.tool.step_back()
        self._map.update()

    def _exchange(self) -> DrawnExchange:
        """Files of marks and roads, as this panel asks for them."""
        return DrawnExchange(self.panel, self._bridge, self._speech, lambda: self._picture, self._by)

    def _add_file(self) -> None:
        for order in self.files.taken():
            self._send(order)
        self._list()

    def _start_over(self) -> None:
        self.tool.start_over()
        self._map.update()

    # ---- choosing

    def choose(self, chosen_id: str | None) -> None:
        """This one is meant from now on."""
        self.layer.selected_id = chosen_id
        self.panel.list.select(chosen_id)
        self._picked()
        self._shown = None
        self.refresh()
        self._map.update()
        # After the detail below the list has taken its room.
        QTimer.singleShot(0, self.panel, self.panel.reveal)

    def _tapped(self, team_id: str) -> None:
        """The map was tapped where no team is: what is there is chosen, if anything."""
        place = self._map.cursor_deg
        if team_id or place is None or self._picture is None:
            return
        reach_px = self._theme.px(Metric.TOUCH) / 2
        found_id = self._id_at(self._picture, self._map.view.point(*place), reach_px)
        if found_id is None:
            return
        if not self.panel.isVisible():
            self.open()
        if self.panel.page == "list":
            self.choose(found_id)
