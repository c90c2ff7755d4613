"""Marking the map: the layer, the tool and the panel put together, and the orders that come of it."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from PySide6.QtCore import QPointF

from console.bridge import Bridge
from console.map_marks import Geometry, MapMark, MarkKind, MarkShape
from console.orders import AddMark, ChangeMark, RemoveMark
from console.picture import Picture
from console.views.situation.draw_desk import DrawDesk
from console.views.situation.map_view import MapView
from console.views.situation.mark_form import Subject
from console.views.situation.mark_layer import MarkLayer
from console.views.situation.mark_panel import MarkPanel
from console.views.situation.mark_tool import MarkTool
from console.views.speech import Speech
from console.views.theme import Theme


class Marking(DrawDesk):
    """The desk of marks."""

    panel: MarkPanel
    layer: MarkLayer

    def __init__(self, chart: MapView, bridge: Bridge, theme: Theme, speech: Speech) -> None:
        super().__init__(chart, bridge, theme, speech)
        self._awaited: str | None = None
        self._subject: Subject | None = None
        self.panel = MarkPanel(theme, speech)
        self.panel.hide()
        self.layer = MarkLayer()
        chart.layers.append(self.layer)
        self.tool = MarkTool(speech, theme, lambda: chart.view, self._drawn, self._draw_ended)
        self.button = chart.bar.add("marks", "M", self.toggle, is_checkable=True)
        chart.bar.add("retreat", "E", self.draw_retreat)
        chart.selected.connect(self._tapped)
        self.panel.list.selected.connect(self._chosen)
        self.panel.kind_chosen.connect(self._begin)
        self.panel.shape_chosen.connect(self._reshape)
        self.panel.asked.connect(self._do)
        self.panel.form.written.connect(self._written)
        self.panel.form.left.connect(self._list)
        self.panel.form.redrawn.connect(self._redraw)
        self.files = self._exchange()

    # ---- picture, language, theme

    def show_picture(self, picture: Picture) -> None:
        """Take over what is known, and choose what was just written."""
        super().show_picture(picture)
        if self._awaited is not None and any(mark.id == self._awaited for mark in picture.marks):
            self.choose(self._awaited)
            self._awaited = None

    def refresh(self) -> None:
        """Ages of this moment, where the panel would say something else now."""
        picture = self._picture
        if picture is None or not self.panel.isVisible():
            return
        now_ns = self._bridge.now_ns()
        self.panel.form.set_now(now_ns)
        shown = (self.layer.key(picture, self._map.view, now_ns), self._bridge.is_replaying, self._speech.language)
        if shown != self._shown:
            self._shown = shown
            self.panel.show_marks(picture, now_ns, is_locked=self._bridge.is_replaying)

    # ---- what is asked

    def draw_retreat(self) -> None:
        """Draw an own way out; in a replay the panel says why not."""
        self.open()
        if not self._bridge.is_replaying:
            self._begin("retreat_route", "line")

    def _do(self, act: str) -> None:
        acts = {
            "new": lambda: self.panel.turn_to("kinds"),
            "undo": self.undo,
            "go": self._go,
            "confirm": self._confirm,
            "change": self._change,
            "remove": self._remove,
            "read": self.files.choose_file,
            "save": self.files.choose_out,
            "draw-finish": self.tool.finish,
            "draw-back": self._step_back,
            "draw-anew": self._start_over,
            "draw-leave": lambda: self._map.take(None),
            "kinds-leave": self._list,
            "file-add": self._add_file,
            "file-leave": self._list,
            "back": self._back,
        }
        acts[act]()

    def _back(self) -> None:
        if self.panel.page == "list" and self.panel.has_choice:
            self.choose(None)
        elif self.panel.page == "list":
            self.open(is_open=False)
        elif self.panel.page == "draw":
            self._map.take(None)
        else:
            self._list()

    def _list(self) -> None:
        self._subject = None
        super()._list()

    def _by(self) -> str:
        return self.panel.form.by.text().strip()

    # ---- choosing

    def _mark(self) -> MapMark | None:
        marks = self._picture.marks if self._picture is not None else ()
        return next((mark for mark in marks if mark.id == self.panel.list.selected_id), None)

    def _chosen(self, mark_id: str) -> None:
        self.choose(mark_id)
        mark = self._mark()
        if mark is not None:
            centre = self._map.view.point(*mark.geometry.vertices[0])
            if not self._map.view.rect().contains(centre):
                self._go()

    def _id_at(self, picture: Picture, point: QPointF, reach_px: float) -> str | None:
        mark = self.layer.at(picture, self._map.view, point, reach_px, self._bridge.now_ns())
        return None if mark is None else mark.id

    def _go(self) -> None:
        mark = self._mark()
        if mark is not None:
            self._map.go_to([(v.lat_deg, v.lon_deg) for v in mark.geometry.vertices])

    # ---- drawing

    def _begin(self, kind: str, shape: str) -> None:
        mark_kind = cast("MarkKind", kind)
        self._made += 1
        count = sum(1 for mark in (self._picture.marks if self._picture else ()) if mark.kind == mark_kind)
        name = f"{self._speech.say(f'mark.kind.{kind}')} {count + 1}"
        mark_id = f"m-{self._bridge.now_ns():x}-{self._made}"
        nowhere = Geometry(shape=cast("MarkShape", shape), vertices=())
        self._draw(Subject(mark_id=mark_id, kind=mark_kind, geometry=nowhere, name=name))

    def _draw(self, subject: Subject) -> None:
        self._subject = subject
        self.tool.begin(subject.kind, subject.geometry.shape, subject.geometry.vertices)
        self.panel.turn_to("draw")
        self.panel.show_drawing(subject.kind, subject.geometry.shape, is_new=not subject.geometry.vertices)
        self._map.take(self.tool)

    def _reshape(self, shape: str) -> None:
        subject = self._subject
        if subject is not None:
            self._draw(replace(subject, geometry=Geometry(shape=cast("MarkShape", shape), vertices=())))

    def _redraw(self) -> None:
        subject = self.panel.form.subject
        if subject is not None:
            self._draw(subject)

    def _drawn(self, geometry: Geometry) -> None:
        subject = self._subject
        if subject is not None:
            drawn = replace(subject, geometry=geometry)
            self._subject = None
            self._map.take(None)
            self.panel.turn_to("form")
            self.panel.form.open(drawn, self._bridge.now_ns())

    def _draw_ended(self) -> None:
        if self._subject is not None:
            self._list()

    # ---- orders

    def _written(self, order: AddMark | ChangeMark) -> None:
        self._awaited = order.mark_id
        self._list()
        self._send(order)

    def _confirm(self) -> None:
        mark = self._mark()
        if mark is not None:
            seen_ns = self._bridge.now_ns()
            self._send(ChangeMark(mark_id=mark.id, by=self._by(), state="confirmed", seen_ns=seen_ns))

    def _change(self) -> None:
        mark = self._mark()
        if mark is not None:
            self.panel.turn_to("form")
            subject = Subject(mark_id=mark.id, kind=mark.kind, geometry=mark.geometry, name=mark.name, mark=mark)
            self.panel.form.open(subject, self._bridge.now_ns())

    def _remove(self) -> None:
        mark = self._mark()
        if mark is not None:
            self._send(RemoveMark(mark_id=mark.id, by=self._by()))
            self.choose(None)
