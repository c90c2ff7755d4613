# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The map as a widget: what is shown and chosen, moving it, and the tool at work on it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from console.bridge import Bridge
from console.ownmaps import found_packages, own_folder
from console.picture import Picture
from console.views.judgement import own_place
from console.views.situation.canvas import Canvas
from console.views.situation.crowd import Badge
from console.views.situation.layers import Layer
from console.views.situation.map_panel import MapPanel
from console.views.situation.marks import Mark
from console.views.situation.movers import Movers
from console.views.situation.projection import MOST_ZOOM, View, to_plane
from console.views.situation.scene import Moment
from console.views.situation.tile_layer import TileLayer, rects_in
from console.views.situation.toolbar import ToolBar
from console.views.situation.tools import Tool, draw_words
from console.views.speech import Speech
from console.views.theme import Metric, Theme

_HOME = (34.396, 113.741)
_START_ZOOM = 12.0
_ZOOM_STEP = 0.5
_PAN_SHARE = 0.15
_DRAG_STARTS_PX = 4
_WHEEL_STEP = 120.0
_SPREAD_AT_ONCE = 8
_OPEN_STEPS = 2


class MapView(QWidget):
    """Draws the teams of a picture; ``selected`` carries the id of the team clicked, or an empty string."""

    selected = Signal(str)

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._theme = theme
        self._speech = speech
        self._picture: Picture | None = None
        self.tiles = TileLayer(theme, (*found_packages(own_folder()), *bridge.surroundings.maps))
        self.tiles.changed.connect(self.update)
        self.tiles.drawn.connect(self._show_tiles)
        self.destroyed.connect(self.tiles.close)
        self._canvas = Canvas(theme, speech, self.tiles)
        self.bar = ToolBar(self, theme, speech)
        self.panel = MapPanel(self, self.tiles, bridge, theme, speech)
        self.destroyed.connect(self.panel.box.run.close)
        self.bar.add("maps", "G", lambda: self.panel.toggle(self.view))
        self.tool: Tool | None = None
        self._tool_buttons: list[tuple[Tool, QPushButton]] = []
        self._is_tool_pressed = False
        east_m, north_m = to_plane(*_HOME)
        self.view = View(
            centre_east_m=east_m, centre_north_m=north_m, zoom=_START_ZOOM, width_px=640.0, height_px=480.0
        )
        self._fitted_count = 0
        self._is_moved_by_hand = False
        self.selected_id: str | None = None
        self.cursor_deg: tuple[float, float] | None = None
        self._spread_ids: tuple[str, ...] = ()
        self._pressed: QPointF | None = None
        self._is_dragging = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        acts = {"plus": lambda: self.zoom(1), "minus": lambda: self.zoom(-1), "fit": self.fit, "home": self.go_home}
        self._movers = Movers(self, acts, theme, speech)
        self.restyle()
        self.retranslate()

    # ---- picture, language, theme

    def show_picture(self, picture: Picture) -> None:
        """Take this picture over; it is drawn with the next refresh, for pictures may come ten times a second.

        Until the map is moved by hand, newly known places are fitted into the view.
        """
        is_first = self._picture is None
        self._picture = picture
        if not self._is_moved_by_hand and len(self._places()) > self._fitted_count:
            self.fit()
        if is_first:
            self.update()

    def refresh(self) -> None:
        """Judge everything at this moment, and repaint where the map would say something else now."""
        self.panel.refresh()
        if self.tool is not None or not self.isVisible():
            self._canvas.judge(self._moment())
            self.update()
            return
        changed = self._canvas.changes(self._moment(), self._obstacles(), ratio=self.devicePixelRatioF())
        if not changed.isEmpty():
            self.update(changed)

    def select(self, team_id: str | None) -> None:
        """Mark a team as selected and bring it into the view if it is outside."""
        self.selected_id = team_id
        team = next((team for team in self._picture.teams if team.id == team_id), None) if self._picture else None
        if team is not None and team.place is not None:
            self.cursor_deg = None
            if not self.view.rect().contains(self.view.point(team.place.lat_deg, team.place.lon_deg)):
                self.view = self.view.centred(team.place.lat_deg, team.place.lon_deg)
        self.update()

    def show_place(self, lat_deg: float, lon_deg: float) -> None:
        """Centre on a place and put the cursor there."""
        self._is_moved_by_hand = True
        self.selected_id = None
        self.cursor_deg = (lat_deg, lon_deg)
        self.view = self.view.centred(lat_deg, lon_deg)
        self.selected.emit("")
        self.update()

    def restyle(self) -> None:
        """Measure and colour anew."""
        self._movers.restyle()
        self.bar.restyle()
        self.panel.restyle()
        self.update()

    def retranslate(self) -> None:
        """Say everything anew."""
        self._movers.retranslate()
        self.bar.retranslate()
        self.panel.retranslate()
        self.update()

    # ---- layers and tools

    @property
    def layers(self) -> list[Layer]:
        """What is drawn below the teams, the lowest first; ``update()`` after a change of the list."""
        return self._canvas.layers

    @property
    def marks(self) -> list[Mark]:
        """The teams as drawn last."""
        return self._canvas.marks

    @property
    def badges(self) -> list[Badge]:
        """The counts in the place of many teams as drawn last."""
        return self._canvas.badges

    @property
    def label_rects(self) -> dict[str, QRectF]:
        """Where the teams' labels were drawn last."""
        return self._canvas.label_rects

    def add_tool(self, name: str, key: str, tool: Tool, began: Callable[[], object] = lambda: None) -> QPushButton:
        """An entry and a key for this tool: takes it up (``began``), and puts it away when asked for again."""

        def turn() -> None:
            self.take(None if self.tool is tool else tool)
            if self.tool is tool:
                began()

        button = self.bar.add(name, key, turn, is_checkable=True)
        self._tool_buttons.append((tool, button))
        return button

    def take(self, tool: Tool | None) -> None:
        """Take up a tool in the place of the one at work; ``None`` puts it away."""
        if self.tool is not None and self.tool is not tool:
            self.tool.ended()
        self.tool = tool
        self._is_tool_pressed = False
        for other, button in self._tool_buttons:
            button.setChecked(other is tool)
        self.setMouseTracking(tool is not None)
        if tool is None:
            self.unsetCursor()
        else:
            self.setCursor(Qt.CursorShape.CrossCursor)
            self.setFocus()
        self.update()

    # ---- moving

    def zoom(self, steps: float, about: QPointF | None = None) -> None:
        """Zoom by so many half steps."""
        self._is_moved_by_hand = True
        self._spread_ids = ()
        self.view = self.view.zoomed(steps * _ZOOM_STEP, about)
        self.update()

    def fit(self) -> None:
        """Show all teams and the vehicle."""
        places = self._places()
        if places:
            self.view = self.view.fitted(places, self._theme.px(Metric.TOUCH) * 1.6, self._theme.px(Metric.TOUCH) * 1.2)
            self._fitted_count = len(places)
        self.update()

    def go_to(self, places: list[tuple[float, float]]) -> None:
        """Bring these places into the view: one alone at the scale there is, several all together."""
        if len(places) == 1:
            self.view = self.view.centred(*places[0])
        else:
            self.view = self.view.fitted(places, self._theme.px(Metric.TOUCH) * 1.6)
        self._is_moved_by_hand = True
        self.update()

    def _places(self) -> list[tuple[float, float]]:
        if self._picture is None:
            return []
        places = [(team.place.lat_deg, team.place.lon_deg) for team in self._picture.teams if team.place is not None]
        own = own_place(self._picture)
        return places if own is None else [*places, (own.lat_deg, own.lon_deg)]

    def go_home(self) -> None:
        """Centre on the vehicle."""
        own = own_place(self._picture) if self._picture else None
        if own is not None:
            self._is_moved_by_hand = True
            self.view = self.view.centred(own.lat_deg, own.lon_deg)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the centre; the first real size fits the picture."""
        super().resizeEvent(event)
        self.view = self.view.resized(max(1, self.width()), max(1, self.height()))
        if not self._is_moved_by_hand:
            self.fit()
        for part in (self._movers, self.bar, self.panel):
            part.place()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        self.zoom(event.angleDelta().y() / _WHEEL_STEP, event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The tool first, Esc ends it; arrows move, plus and minus zoom, 0 shows all."""
        if self.tool is not None:
            if self.tool.key(event):
                self.update()
                return
            if event.key() == Qt.Key.Key_Escape:
                self.take(None)
                return
        if event.key() == Qt.Key.Key_Escape and self.bar.close_list():
            return
        step_x, step_y = self.width() * _PAN_SHARE, self.height() * _PAN_SHARE
        moves = {
            Qt.Key.Key_Left: (step_x, 0.0),
            Qt.Key.Key_Right: (-step_x, 0.0),
            Qt.Key.Key_Up: (0.0, step_y),
            Qt.Key.Key_Down: (0.0, -step_y),
        }
        key = Qt.Key(event.key())
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier & ~Qt.KeyboardModifier.ShiftModifier:
            super().keyPressEvent(event)
        elif key in moves:
            self._is_moved_by_hand = True
            self.view = self.view.panned(*moves[key])
            self.update()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1)
        elif key is Qt.Key.Key_Minus:
            self.zoom(-1)
        elif key is Qt.Key.Key_0:
            self.fit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag, the tool's or the map's own."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        self._is_dragging = False
        self._is_tool_pressed = self.tool is not None and self.tool.press(event.position())
        self._pressed = None if self._is_tool_pressed else event.position()
        if self._is_tool_pressed:
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the map, or let the tool follow."""
        if self._pressed is None:
            if self.tool is not None and self.tool.move(event.position()):
                self.update()
            return
        moved = event.position() - self._pressed
        if not self._is_dragging and moved.manhattanLength() < _DRAG_STARTS_PX:
            return
        self._is_dragging = True
        self._is_moved_by_hand = True
        self._pressed = event.position()
        self.view = self.view.panned(moved.x(), moved.y())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click without a drag is the tool's; else it selects the nearest team, or sets the coordinate cursor."""
        is_click = self._pressed is not None and not self._is_dragging
        is_mine = is_click or self._is_tool_pressed
        self._pressed = None
        self._is_dragging = self._is_tool_pressed = False
        if self.tool is not None and is_mine and self.tool.release(event.position()):
            self.update()
        elif is_click:
            self._click(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The tool's, else a second click."""
        if self.tool is not None and self.tool.double(event.position()):
            self.update()
            return
        self.mousePressEvent(event)

    def _click(self, point: QPointF) -> None:
        moment = self._moment()
        self._canvas.judge(moment)
        reach = self._theme.px(Metric.TOUCH) / 2
        near = sorted(
            (mark for mark in self._canvas.marks if (mark.centre - point).manhattanLength() <= reach),
            key=lambda mark: (mark.centre - point).manhattanLength(),
        )
        badge = next((one for one in self._canvas.badges if (one.centre - point).manhattanLength() <= reach), None)
        if badge is not None and not near:
            self._open(badge)
            return
        ids = [mark.team_id for mark in near]
        if not set(ids) & set(self._spread_ids):
            self._spread_ids = ()
        # Teams at one place are walked through by clicking again.
        index = (ids.index(self.selected_id) + 1) % len(ids) if self.selected_id in ids else 0
        self.selected_id = ids[index] if ids else None
        self.cursor_deg = None if ids else self.view.degrees_at(point)
        self.selected.emit(self.selected_id or "")
        self.update()

    def _open(self, badge: Badge) -> None:
        """Show the teams that a count stands for: apart where they are few or cannot be brought nearer."""
        is_few = 0 < len(badge.team_ids) <= _SPREAD_AT_ONCE
        if badge.team_ids and (is_few or self.view.zoom >= MOST_ZOOM):
            self._spread_ids = badge.team_ids
            self.update()
        else:
            self.zoom(2 * _OPEN_STEPS, badge.centre)

    # ---- painting

    def _paint_rest(self) -> None:
        self.update(self._canvas.rest)

    def _obstacles(self) -> list[QRectF]:
        return [*self._movers.rects(), *self.bar.rects()]

    def _show_tiles(self, places: list[QRect]) -> None:
        for place in rects_in(self.view, places):
            self.update(place)

    def _moment(self) -> Moment:
        return Moment(
            picture=self._picture,
            view=self.view,
            now_ns=self._bridge.now_ns(),
            selected_id=self.selected_id,
            cursor_deg=self.cursor_deg,
            spread_ids=self._spread_ids,
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Everything kept, then what is judged at this moment, then the tool."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.panel.isVisible():
            self.panel.look_at(self.view)
        ratio = self.devicePixelRatioF()
        self._canvas.paint(painter, self._moment(), event.region(), self._obstacles(), ratio=ratio)
        if not self._canvas.rest.isEmpty():
            # Later: what is asked for while painting may be taken for painted.
            QTimer.singleShot(0, self, self._paint_rest)
        if self._canvas.past is not None:
            QTimer.singleShot(0, self, self._canvas.let_go)
        if self.tool is not None:
            self.tool.draw(painter, self.view, self._theme)
            draw_words(painter, self.view, self._theme, self.tool.words(), self.bar.right)
