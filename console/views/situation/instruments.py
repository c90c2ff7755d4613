"""The instruments of the map: ruler, range rings, radio reach and what is drawn for them, with their keys."""

from __future__ import annotations

from console.bridge import Bridge
from console.views.situation.grids import GridLayer
from console.views.situation.map_view import MapView
from console.views.situation.reach import Reach
from console.views.situation.reckoning import Reckoning
from console.views.situation.rings import Rings, RingTool
from console.views.situation.ruler import Ruler
from console.views.situation.sheet_panel import SheetPanel
from console.views.situation.stations import Stations
from console.views.situation.viewshed import SightLayer
from console.views.speech import Speech
from console.views.theme import Theme


class Instruments:
    """Puts them onto a map."""

    def __init__(self, owner: MapView, bridge: Bridge, theme: Theme, speech: Speech) -> None:
        self._owner = owner
        reckoning = Reckoning(bridge)
        self.rings = Rings()
        self.sight = SightLayer(reckoning, bridge)
        self.sight.changed = self._sight_changed
        self.grid = GridLayer()
        owner.panel.reckoning = self._reckoning = reckoning
        owner.panel.raised.connect(self._renew)
        owner.layers.extend([self.grid, self.sight, Stations(bridge.surroundings.stations), self.rings])
        self.ruler = Ruler(owner, bridge, theme, speech)
        self.ring_tool = RingTool(owner, self.rings, bridge, theme, speech)
        self.reach = Reach(owner, reckoning, self.sight, bridge, theme, speech)
        owner.add_tool("ruler", "D", self.ruler)
        owner.add_tool("rings", "O", self.ring_tool)
        owner.add_tool("reach", "T", self.reach, self.reach.begin)
        self._sight_button = owner.bar.add(
            "sight", "Shift+T", lambda: self.sight.toggle(self.reach.source), is_checkable=True
        )
        owner.bar.add("grid", "X", self.next_grid, words=lambda: speech.say(f"situation.grid.{self.grid.grid}"))
        self.sheets = SheetPanel(owner, self.grid, bridge, theme, speech)
        owner.bar.add("sheet", "P", self.sheets.toggle)

    def _renew(self) -> None:
        """Heights were brought in: what was answered without them is asked anew."""
        self._reckoning.renew()
        self.reach.renew()
        self.sight.renew()
        self._owner.update()

    def retranslate(self) -> None:
        """Say everything anew."""
        self.sheets.retranslate()

    def restyle(self) -> None:
        """Measure and colour anew."""
        self.sheets.restyle()

    def next_grid(self) -> None:
        """The next grid, said on its button."""
        self.grid.next()
        self._owner.bar.retranslate()
        self._owner.bar.restyle()
        self._owner.update()

    def _sight_changed(self) -> None:
        self._sight_button.setChecked(self.sight.spot is not None)
        self._owner.update()
