# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The situation screen: teams, map, pictures above; links, events and the send bar below."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.bridge import Bridge
from console.maps.source import BrokenPackage
from console.orders import ReportMap
from console.ownmaps import found_layers, own_folder, own_layer
from console.picture import Picture
from console.vectors.store import LayerStore
from console.views.situation.bearers import BearerTable
from console.views.situation.draw_desk import DrawDesk
from console.views.situation.events import Events
from console.views.situation.fixes import OtherFixes
from console.views.situation.instruments import Instruments
from console.views.situation.map_view import MapView
from console.views.situation.marking import Marking
from console.views.situation.placebar import PlaceBar, told_place
from console.views.situation.power_desk import PowerDesk
from console.views.situation.power_panel import PowerPanel
from console.views.situation.roading import Roading
from console.views.situation.search import SearchCircles
from console.views.situation.teamdesk import TeamDesk
from console.views.situation.toolbar import bind
from console.views.situation.vectors import Vectors
from console.views.situation.wall import Wall
from console.views.speech import Speech
from console.views.theme import Metric, Theme
from console.views.widgets.feed import FrameFeed
from console.views.widgets.screen import AGE_PERIOD_MS, Screen


class _Part(Protocol):
    """What is drawn from the picture and said in the language in force."""

    def show_picture(self, picture: Picture) -> None: ...

    def retranslate(self) -> None: ...

    def restyle(self) -> None: ...


class SituationScreen(Screen):
    """Draws the whole situation from one picture."""

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(bridge, theme, speech, parent)
        self._picture: Picture | None = None
        self.feed = FrameFeed()
        self.desk = TeamDesk(bridge, theme, speech)
        self.desk.commanded.connect(self.commanded)
        self.teams = self.desk.list
        self.setFocusProxy(self.teams.rows)
        self.map = MapView(bridge, theme, speech)
        self.map.tiles.refused.connect(self._report_map)
        self.layers = LayerStore((*bridge.surroundings.layers, *found_layers(own_folder())))
        self.map.layers.extend([Vectors(self.layers), SearchCircles(lambda: self.map.selected_id), OtherFixes()])
        self.layers.start()
        self.map.panel.layers = self.layers
        self.map.panel.imported.connect(lambda file: self.layers.add(own_layer(file)))
        self.instruments = Instruments(self.map, bridge, theme, speech)
        self.marking, self.roading = self._make_panels()
        self.wall = Wall(bridge, theme, speech, self.feed)
        self.bearers = BearerTable(bridge, theme, speech)
        self.bearers.pace.commanded.connect(self.commanded)
        self.power = PowerPanel(bridge, theme, speech)
        self.reports = PowerDesk(bridge, theme, speech)
        self.power.opened.connect(self.toggle_reports)
        self.reports.commanded.connect(self.commanded)
        self.reports.closed.connect(self._reports_closed)
        bind(self, "B", self.toggle_reports)
        self.events = Events(bridge, theme, speech)
        self.events.commanded.connect(self.commanded)
        self.teams.selected.connect(self.map.select)
        self.teams.gone.connect(self.map.show_place)
        self.place = PlaceBar(self.map, theme, speech)
        self.place.asked.connect(self.coordinates_asked)
        self.map.selected.connect(self._tell_place)
        self.teams.selected.connect(self._tell_place)
        self.map.selected.connect(lambda team_id: self.teams.select(team_id or None))
        self.wall.tiles.wanted.connect(lambda demand: bridge.show_cameras(demand, "situation"))
        self._lay_out()
        self.restyle()

    def _report_map(self, index: int, broken: BrokenPackage) -> None:
        name = self.map.tiles.sources[index].name
        self.bridge.send(ReportMap(name=name, why=broken.text.id, args=broken.text.args))

    def _make_panels(self) -> tuple[Marking, Roading]:
        """What is written onto the map: marks and roads, of which one panel at a time stands beside it."""
        marking = Marking(self.map, self.bridge, self.theme, self.speech)
        roading = Roading(self.map, self.bridge, self.theme, self.speech)
        for desk in (marking, roading):
            desk.commanded.connect(self.commanded)
            desk.opened.connect(partial(self._drawing_opened, desk))
        marking.panel.form.by.textChanged.connect(roading.panel.by.setText)
        roading.panel.by.textChanged.connect(marking.panel.form.by.setText)
        self._drawing: DrawDesk = marking
        bind(self.map, "Ctrl+Z", self._undo)
        return marking, roading

    def _lay_out(self) -> None:
        upper = QHBoxLayout()
        upper.addWidget(self.desk)
        upper.addWidget(self.map, 1)
        upper.addWidget(self.marking.panel)
        upper.addWidget(self.roading.panel)
        upper.addWidget(self.reports)
        upper.addWidget(self.wall)
        lower = QHBoxLayout()
        lower.addWidget(self.bearers, 1)
        lower.addWidget(self.power)
        lower.addWidget(self.events)
        self._upper, self._lower = upper, lower
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addLayout(upper, 1)
        whole.addLayout(lower)
        self._whole = whole
        self.is_compact = False

    def _tell_place(self) -> None:
        if self._picture is not None:
            now_ns = self.bridge.now_ns()
            told = told_place(self._picture, self.speech, now_ns, self.map.selected_id, self.map.cursor_deg)
            self.place.show_place(told, now_ns)

    def show_picture(self, picture: Picture) -> None:
        """Draw this picture."""
        self._picture = picture
        for part in self._parts():
            part.show_picture(picture)

    def _parts(self) -> tuple[_Part, ...]:
        return (
            self.desk, self.map, self.marking, self.roading, self.wall, self.bearers, self.power, self.reports,
            self.events,
        )  # fmt: skip

    def toggle_reports(self) -> None:
        """Open the desk on which people report power, where there is any, or put it away."""
        if not self.reports.isHidden():
            self.reports.close_desk()
        elif self._picture is not None and self._picture.power.supplies:
            self.marking.open(is_open=False)
            self.roading.open(is_open=False)
            self.reports.open_desk()
            self._fit()

    def _reports_closed(self) -> None:
        self._fit()
        self.teams.rows.setFocus()

    def _undo(self) -> None:
        self._drawing.undo()

    def _drawing_opened(self, desk: DrawDesk) -> None:
        """One panel at a time; the one opened last says what was taken back."""
        if not desk.panel.isHidden():
            self._drawing = desk
            self.reports.hide()
            for other in (self.marking, self.roading):
                if other is not desk and not other.panel.isHidden():
                    other.open(is_open=False)
        self._fit()

    def show_subject(self, subject_id: str) -> None:
        """A road, in its panel and on the map."""
        if self._picture is not None and any(road.id == subject_id for road in self._picture.roads):
            self.roading.show_road(subject_id)

    def refresh(self) -> None:
        """Ages of this moment, everywhere; map and lists in turn, so that no single painting takes long."""
        self.wall.refresh()
        self.events.compose.refresh()
        self._tell_place()
        self.marking.refresh()
        self.roading.refresh()
        for index, act in enumerate((self.map.refresh, self.desk.refresh, self._refresh_lower), 1):
            QTimer.singleShot(AGE_PERIOD_MS * index // 4, self, act)

    def _refresh_lower(self) -> None:
        self.bearers.refresh()
        self.power.refresh()
        self.reports.refresh()
        self.events.rows.refresh()

    def focus_find(self) -> bool:
        """Find a team, or go to coordinates."""
        self.teams.focus_find()
        return True

    def keys(self) -> str:
        """What the keys do with the teams and on the map."""
        return "\n".join(
            (
                self.speech.say("teams.keys"),
                self.speech.say("situation.map.keys", tools=self.map.bar.keys()),
                self.speech.say("situation.marks.keys"),
                self.speech.say("switch.keys"),
                self.speech.say("situation.power.keys"),
                self.speech.say("situation.roads.keys"),
            )
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of the teams, wherever the focus is; Esc puts the list of tools away."""
        if event.key() == Qt.Key.Key_Escape and self.map.bar.close_list():
            return
        if not event.modifiers() and self.desk.press(Qt.Key(event.key())):
            return
        if self.bearers.pace.press(event):
            return
        super().keyPressEvent(event)

    def retranslate(self) -> None:
        """Say everything anew."""
        for part in self._parts():
            part.retranslate()
        self.place.retranslate()
        self.instruments.retranslate()

    def restyle(self) -> None:
        """Measure and colour anew."""
        gap = self.theme.px(Metric.HAIRLINE)
        for layout in (self._upper, self._lower, self._whole):
            layout.setSpacing(gap)
        for part in self._parts():
            part.restyle()
        self.place.restyle()
        self.instruments.restyle()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Little room: two tiles, five columns, narrower lists."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        px = self.theme.px
        navigation, strip = px(Metric.NAVIGATION_WIDTH), px(Metric.STRIP_HEIGHT)
        self.is_compact = self.width() + navigation < px(Metric.COMPACT_BELOW_WIDTH) or self.height() + strip < px(
            Metric.COMPACT_BELOW_HEIGHT
        )
        compact = self.is_compact
        sides = (self.marking.panel, self.roading.panel, self.reports)
        for side in sides:
            side.setFixedWidth(px(Metric.MARKS_WIDTH_COMPACT if compact else Metric.MARKS_WIDTH))
        # Little room: marks, roads and reports stand where the pictures stood.  Who is silent stays to be seen.
        self.wall.setVisible(not compact or all(side.isHidden() for side in sides))
        self.desk.setFixedWidth(px(Metric.TEAMS_WIDTH_COMPACT if compact else Metric.TEAMS_WIDTH))
        self.wall.setFixedWidth(px(Metric.VIDEO_WIDTH_COMPACT if compact else Metric.VIDEO_WIDTH))
        self.events.setFixedWidth(px(Metric.LOG_WIDTH_COMPACT if compact else Metric.LOG_WIDTH))
        lower = px(Metric.LOWER_HEIGHT_COMPACT if compact else Metric.LOWER_HEIGHT)
        self.bearers.setFixedHeight(lower)
        self.power.setFixedSize(px(Metric.POWER_WIDTH_COMPACT if compact else Metric.POWER_WIDTH), lower)
        self.events.setFixedHeight(lower)
        self.wall.set_compact(is_compact=compact)
        self.bearers.set_compact(is_compact=compact)
        self.events.compose.set_compact(is_compact=compact)
