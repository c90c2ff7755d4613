"""Roads on the map: the layer, the tool and the panel put together, and the orders that come of it."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from console.bridge import Bridge
from console.map_marks import Geometry, MapMark, Vertex
from console.picture import Picture, Road
from console.road_facts import GOOD_S, LINE_VERTICES, LONGEST_M, SHORTEST_M, RoadState
from console.road_orders import AddRoad, RedrawRoad, RemoveRoad, ReportRoad, SetExit
from console.views.situation.draw_desk import DrawDesk
from console.views.situation.map_view import MapView
from console.views.situation.mark_tool import MarkTool
from console.views.situation.mark_words import length_m, measure_of
from console.views.situation.road_layer import RoadLayer
from console.views.situation.road_panel import RoadPanel
from console.views.speech import NS_PER_S, Speech
from console.views.theme import Theme
from console.views.typed import read_time

_DAY_NS = 86_400 * NS_PER_S


class RoadTool(MarkTool):
    """Draws the line of a road."""

    def words(self) -> str:
        """How long it is so far."""
        return measure_of(self.geometry, self._speech) if len(self.corners) > 1 else self._speech.say("road.kind.road")


class Roading(DrawDesk):
    """The desk of roads."""

    panel: RoadPanel
    layer: RoadLayer

    def __init__(self, chart: MapView, bridge: Bridge, theme: Theme, speech: Speech) -> None:
        super().__init__(chart, bridge, theme, speech)
        self._line: tuple[Vertex, ...] = ()
        self._mark: MapMark | None = None
        self.panel = RoadPanel(theme, speech)
        self.panel.hide()
        self.layer = RoadLayer()
        chart.layers.append(self.layer)
        self.tool = RoadTool(speech, theme, lambda: chart.view, self._drawn, self._draw_ended)
        self.button = chart.bar.add("roads", "H", self.toggle, is_checkable=True)
        chart.selected.connect(self._tapped)
        self.panel.list.selected.connect(self.choose)
        self.panel.asked.connect(self._do)
        self.panel.reported.connect(self._report)
        self.files = self._exchange()

    # ---- picture, language, theme

    def refresh(self) -> None:
        """Ages of this moment, where the panel would say something else now."""
        picture = self._picture
        if picture is None or not self.panel.isVisible():
            return
        now_ns, is_locked = self._bridge.now_ns(), self._bridge.is_replaying
        marks = tuple(mark.id for mark in picture.marks if mark.kind == "retreat_route")
        shown = (self.layer.key(picture, self._map.view, now_ns), marks, is_locked, self._speech.language)
        if shown != self._shown:
            self._shown = shown
            self.panel.show_roads(picture, now_ns, is_locked=is_locked)

    # ---- what is asked

    def show_road(self, road_id: str) -> None:
        """Open the panel on this road and bring it into the view."""
        self.open()
        self.choose(road_id)
        self._go()

    def _do(self, act: str) -> None:
        acts = {
            "new": self._draw,
            "undo": self.undo,
            "adopt": self._adopt,
            "go": self._go,
            "exit": self._turn_exit,
            "details": lambda: self.panel.turn_to("details"),
            "details-leave": self._list,
            "redraw": self._redraw,
            "remove": self._remove,
            "draw-finish": self.tool.finish,
            "draw-back": self._step_back,
            "draw-anew": self._start_over,
            "draw-leave": lambda: self._map.take(None),
            "name-write": self._add,
            "name-leave": self._list,
            "read": self.files.choose_file,
            "save": self.files.choose_out,
            "file-add": self._add_file,
            "file-leave": self._list,
            "back": self._back,
        }
        acts[act]()

    def _back(self) -> None:
        if self.panel.page == "draw":
            self._map.take(None)
        elif self.panel.page != "list":
            self._list()
        elif self._road() is not None:
            self.choose(None)
        else:
            self.open(is_open=False)

    def _refuse(self, word: str, **args: object) -> None:
        self.panel.said.say(self._speech.say(f"situation.roads.{word}", **args), "alarm")

    def _by(self) -> str:
        return self.panel.by.text().strip()

    # ---- choosing

    def _road(self) -> Road | None:
        roads = self._picture.roads if self._picture is not None else ()
        return next((road for road in roads if road.id == self.panel.list.selected_id), None)

    def _picked(self) -> None:
        road = self._road()
        if road is not None:
            self.panel.begin_report(road)

    def _id_at(self, picture: Picture, point: QPointF, reach_px: float) -> str | None:
        road = self.layer.at(picture, self._map.view, point, reach_px)
        return None if road is None else road.id

    def _go(self) -> None:
        road = self._road()
        if road is not None:
            self._map.go_to([(vertex.lat_deg, vertex.lon_deg) for vertex in road.line])

    # ---- orders

    def _report(self, state: str) -> None:
        road = self._road()
        if road is None:
            return
        now_ns, panel, zone = self._bridge.now_ns(), self.panel, self._speech.zone
        typed_seen, typed_at = panel.seen.text().strip(), panel.forecast_at.text().strip()
        seen_ns = read_time(typed_seen, now_ns, zone) if typed_seen else now_ns
        foretold_ns = read_time(typed_at, now_ns, zone) if typed_at else None
        if seen_ns is None or (typed_at and foretold_ns is None):
            self._refuse("bad_time")
            return
        if foretold_ns is not None and foretold_ns <= now_ns < foretold_ns + _DAY_NS:
            foretold_ns += _DAY_NS  # a bare clock time of a forecast is the next one, not the last
        forecast = panel.forecast.text().strip()
        order = ReportRoad(
            road_id=road.id,
            state=_state(state),
            by=self._by(),
            source=panel.source.text().strip(),
            seen_ns=seen_ns,
            expires_s=float(panel.expires.currentData()),
            forecast=forecast if forecast != road.forecast or typed_at else None,
            forecast_ns=foretold_ns,
        )
        self._send(order)
        panel.seen.clear()
        panel.forecast_at.clear()
        panel.turn_to("list")

    def _turn_exit(self) -> None:
        road = self._road()
        if road is not None:
            self._send(SetExit(road_id=road.id, is_exit=not road.is_exit, by=self._by()))

    def _remove(self) -> None:
        road = self._road()
        if road is not None:
            self._send(RemoveRoad(road_id=road.id, by=self._by()))
            self.choose(None)

    # ---- the line

    def _draw(self) -> None:
        self._mark = None
        self.choose(None)
        self._begin_line(())

    def _redraw(self) -> None:
        """Mend the line of the one chosen, where one looks at it or where it lies."""
        road = self._road()
        if road is not None:
            self.layer.mended_id = road.id
            view = self._map.view
            if not any(view.rect().contains(view.point(*corner)) for corner in road.line):
                self._go()
            self._begin_line(road.line)

    def _begin_line(self, line: tuple[Vertex, ...]) -> None:
        self.tool.begin("note", "line", line)
        self.panel.said.say("", "dim")
        self.panel.begin_drawing(is_new=not line)
        self._map.take(self.tool)

    def _draw_ended(self) -> None:
        self.layer.mended_id = None
        if self.panel.page == "draw":
            self.panel.turn_to("list")

    def _is_long(self) -> bool:
        """Whether the line can be a road's; else it is said why not."""
        if SHORTEST_M <= length_m(self._line) <= LONGEST_M:
            return True
        self._refuse("bad_length", least=f"{SHORTEST_M:g}", most=f"{LONGEST_M / 1000:g}")
        return False

    def _drawn(self, geometry: Geometry) -> None:
        self._take_line(geometry.vertices)
        road_id = self.layer.mended_id
        if road_id is None:
            self._name_drawn()
        elif self._is_long():
            order = RedrawRoad(road_id=road_id, line=self._line, by=self._by())
            self._map.take(None)
            self._send(order)
        else:
            self.tool.begin("note", "line", geometry.vertices)

    # ---- a new one

    def _name_drawn(self) -> None:
        count = len(self._picture.roads) if self._picture is not None else 0
        name = f"{self._speech.say('road.kind.road')} {count + 1}"
        self.panel.begin_name(name, is_exit=False)
        self._map.take(None)

    def _adopt(self) -> None:
        """The mark of an own way out that is not a road yet becomes one, with what is known of it."""
        marks = self._picture.marks if self._picture is not None else ()
        self._mark = next((mark for mark in marks if mark.kind == "retreat_route"), None)
        if self._mark is not None:
            self.choose(None)
            self._take_line(self._mark.geometry.vertices)
            self.panel.begin_name(self._mark.name, is_exit=True)

    def _take_line(self, line: tuple[Vertex, ...]) -> None:
        step = -(-len(line) // LINE_VERTICES)
        self._line = line if step <= 1 else (*line[:-1:step], line[-1])

    def _add(self) -> None:
        if not self._is_long():
            return
        self._made += 1
        mark, kind = self._mark, self.panel.kind_chosen
        road_id = f"r-{self._bridge.now_ns():x}-{self._made}"
        self._send(
            AddRoad(
                road_id=road_id,
                name=self.panel.name.text().strip() or self._speech.say(f"road.kind.{kind}"),
                kind=kind,
                line=self._line,
                is_exit=self.panel.is_exit.isChecked(),
                by=self._by(),
                expires_s=mark.expires_s if mark is not None else GOOD_S[kind],
                state="open" if mark is not None and mark.seen_ns is not None else "unknown",
                source=mark.source if mark is not None else "",
                seen_ns=mark.seen_ns if mark is not None else None,
                mark_id=mark.id if mark is not None else None,
            )
        )
        self._mark, self._line = None, ()
        self.panel.turn_to("list")
        self.choose(road_id)


def _state(word: str) -> RoadState:
    known: dict[str, RoadState] = {"open": "open", "difficult": "difficult", "closed": "closed"}
    return known.get(word, "unknown")
