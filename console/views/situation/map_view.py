# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The map: an underlay kept as a pixmap, trails and teams drawn anew, a thin layer of selection and coordinates.

Ages and staleness are computed in ``paintEvent`` from the stored times, never kept.
"""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QRegion, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from console.bridge import Bridge
from console.picture import Picture
from console.views.judgement import own_place
from console.views.situation.declutter import Layout
from console.views.situation.ground import Ground, draw_graticule_labels
from console.views.situation.legend import draw_legend, readout
from console.views.situation.marks import Mark, draw_label, draw_symbol, marks_of, symbol_rect, wanted_label
from console.views.situation.projection import View, to_plane
from console.views.situation.scene import Scene, has_same_shape
from console.views.situation.stamps import Stamps
from console.views.situation.tracks import Trails
from console.views.situation.vehicle import draw_vehicle, vehicle_rect, vehicle_words
from console.views.speech import Speech
from console.views.theme import Metric, Theme

_HOME = (34.396, 113.741)
_START_ZOOM = 12.0
_ZOOM_STEP = 0.5
_PAN_SHARE = 0.15
_DRAG_STARTS_PX = 4
_WHEEL_STEP = 120.0
_WORDS_STEP_PX = 32.0


class MapView(QWidget):
    """Draws the teams of a picture; ``selected`` carries the id of the team clicked, or an empty string."""

    selected = Signal(str)

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._theme = theme
        self._speech = speech
        self._picture: Picture | None = None
        self._ground = Ground()
        self._trails = Trails()
        self._layout = Layout()
        self._stamps = Stamps(theme)
        east_m, north_m = to_plane(*_HOME)
        self.view = View(
            centre_east_m=east_m, centre_north_m=north_m, zoom=_START_ZOOM, width_px=640.0, height_px=480.0
        )
        self._fitted_count = 0
        self._is_moved_by_hand = False
        self.selected_id: str | None = None
        self.cursor_deg: tuple[float, float] | None = None
        self._pressed: QPointF | None = None
        self._is_dragging = False
        self.marks: list[Mark] = []
        self.label_rects: dict[str, QRectF] = {}
        self._drawn: Scene | None = None
        self._words_rect = QRectF()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._buttons = {
            name: self._button(name, act)
            for name, act in (
                ("plus", lambda: self.zoom(1)),
                ("minus", lambda: self.zoom(-1)),
                ("fit", self.fit),
                ("home", self.go_home),
            )
        }
        self.restyle()
        self.retranslate()

    def _button(self, name: str, act: object) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(f"map-{name}")
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(act)
        return button

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
        places = self._changes(self._scene(self._bridge.now_ns()))
        if places is None or not self._trails.is_finished:
            self.update()
            return
        for place in places:
            self.update(place)

    def _changes(self, scene: Scene | None) -> list[QRect] | None:
        """Where ``scene`` says something else than what is on the screen; ``None``: anywhere."""
        drawn = self._drawn
        if scene is None or drawn is None:
            return None
        places = scene.changes_since(drawn, self.label_rects, self._theme)
        if places is None or not has_same_shape(scene.words, drawn.words):
            return None
        if scene.words != drawn.words:
            places.append(QRectF(0, self._words_rect.top(), self.width(), self._words_rect.height()))
        return [place.toAlignedRect().adjusted(-1, -1, 1, 1) & self.rect() for place in places]

    def select(self, team_id: str | None) -> None:
        """Mark a team as selected and bring it into the view if it is outside."""
        self.selected_id = team_id
        team = next((team for team in self._picture.teams if team.id == team_id), None) if self._picture else None
        if team is not None and team.place is not None:
            self.cursor_deg = None
            if not self.view.rect().contains(self.view.point(team.place.lat_deg, team.place.lon_deg)):
                self.view = self.view.centred(team.place.lat_deg, team.place.lon_deg)
        self.update()

    def restyle(self) -> None:
        """Measure and colour anew."""
        for name, button in self._buttons.items():
            button.setIcon(self._theme.icon(name, self._theme.palette.text))
            side = self._theme.px(Metric.ICON)
            button.setIconSize(QSize(side, side))
            touch = self._theme.px(Metric.TOUCH)
            button.setFixedSize(touch, touch)
            button.setContentsMargins(0, 0, 0, 0)
            button.setStyleSheet("padding: 0; min-width: 0; min-height: 0;")
        self._place_buttons()
        self.update()

    def retranslate(self) -> None:
        """Say everything anew."""
        for name, button in self._buttons.items():
            button.setAccessibleName(self._speech.say(f"situation.map.button.{name}"))
        self.update()

    # ---- moving

    def zoom(self, steps: float, about: QPointF | None = None) -> None:
        """Zoom by so many half steps."""
        self._is_moved_by_hand = True
        self.view = self.view.zoomed(steps * _ZOOM_STEP, about)
        self.update()

    def fit(self) -> None:
        """Show all teams and the vehicle."""
        places = self._places()
        if places:
            self.view = self.view.fitted(places, self._theme.px(Metric.TOUCH) * 1.6, self._theme.px(Metric.TOUCH) * 1.2)
            self._fitted_count = len(places)
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
        self._place_buttons()

    def _place_buttons(self) -> None:
        touch, gap = self._theme.px(Metric.TOUCH), self._theme.space(2)
        x = self.width() - touch - self._theme.space(3)
        y = self.height() - self._theme.space(3) - len(self._buttons) * (touch + gap) + gap
        for button in self._buttons.values():
            button.move(x, y)
            y += touch + gap

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        self.zoom(event.angleDelta().y() / _WHEEL_STEP, event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, plus and minus zoom, 0 shows all."""
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
        """Begin a click or a drag."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed = event.position()
            self._is_dragging = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the map."""
        if self._pressed is None:
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
        """A click without a drag selects the nearest team in reach, or sets the coordinate cursor."""
        if self._pressed is not None and not self._is_dragging:
            self._click(event.position())
        self._pressed = None
        self._is_dragging = False

    def _click(self, point: QPointF) -> None:
        marks = self._current_marks(self._bridge.now_ns())
        reach = self._theme.px(Metric.TOUCH) / 2
        near = sorted(
            (mark for mark in marks if (mark.centre - point).manhattanLength() <= reach),
            key=lambda mark: (mark.centre - point).manhattanLength(),
        )
        if not near:
            self.selected_id = None
            self.cursor_deg = self.view.degrees_at(point)
            self.selected.emit("")
            self.update()
            return
        # Teams at one place are walked through by clicking again.
        ids = [mark.team_id for mark in near]
        index = (ids.index(self.selected_id) + 1) % len(ids) if self.selected_id in ids else 0
        self.cursor_deg = None
        self.selected_id = ids[index]
        self.selected.emit(ids[index])
        self.update()

    # ---- painting

    def _current_marks(self, now_ns: int) -> list[Mark]:
        if self._picture is None:
            return []
        return marks_of(self._picture, self.view, self._speech, now_ns, self.selected_id)

    def _scene(self, now_ns: int) -> Scene | None:
        picture, view = self._picture, self.view
        if picture is None:
            return None
        own = own_place(picture)
        rects = vehicle_rect(picture, view, self._theme, self._speech, now_ns)
        return Scene(
            view=view,
            is_drill=picture.mode == "drill",
            marks=self._current_marks(now_ns),
            vehicle=(rects, vehicle_words(own, self._speech, now_ns) if own else ()),
            trails=[team.trail for team in picture.teams],
            cursor_deg=self.cursor_deg,
            words=readout(picture, self._speech, now_ns, self.selected_id, self.cursor_deg),
        )

    def _is_covered(self, scene: Scene, region: QRegion) -> bool:
        """Whether painting ``region`` brings everything on the screen to ``scene``."""
        if QRegion(self.rect()).subtracted(region).isEmpty():
            return True
        places = [self.rect()] if (changed := self._changes(scene)) is None else changed
        return all(QRegion(place).subtracted(region).isEmpty() for place in places)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Underlay, trails, vehicle, teams, words, legend."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        now_ns = self._bridge.now_ns()
        ratio = self.devicePixelRatioF()
        picture, scene = self._picture, self._scene(now_ns)
        is_drill = scene is not None and scene.is_drill
        self._ground.draw(painter, self.view, self._theme, self._speech.language, has_sketch=is_drill, ratio=ratio)
        self._stamps.begin(ratio)
        draw_graticule_labels(painter, self.view, self._theme, self._stamps)
        if picture is None or scene is None:
            return
        # Judged before painting: where only a part is painted of another scene, nothing sure is on the screen.
        self._drawn = scene if self._is_covered(scene, event.region()) else None
        self.marks = scene.marks
        stale = {mark.team_id for mark in self.marks if mark.is_stale}
        self._trails.draw(painter, picture, self.view, self._theme, stale, ratio=ratio)
        draw_vehicle(painter, picture, self.view, self._theme, self._speech, now_ns)
        self._words_rect = draw_legend(painter, picture, self.view, self._theme, self._speech, scene.words)
        self._draw_teams(painter, scene, event.region())
        self._draw_cursor(painter)

    def _draw_teams(self, painter: QPainter, scene: Scene, region: QRegion) -> None:
        bounds = self.view.rect()
        obstacles = [
            *scene.vehicle[0],
            *(QRectF(button.geometry()) for button in self._buttons.values()),
            _stepped(self._words_rect),
        ]
        visible = [mark for mark in self.marks if bounds.intersects(symbol_rect(mark.centre, self._theme))]
        by_id = {mark.team_id: mark for mark in visible}
        wanted = [wanted_label(mark, self._theme, self._stamps) for mark in visible]
        placed = self._layout.place(wanted, bounds, self._theme.space(1.5), obstacles)
        self.label_rects = {label.key: label.rect for label in placed}
        for label in placed:
            if label.has_leader or region.intersects(label.rect.toAlignedRect()):
                draw_label(painter, by_id[label.key], label, self._theme, self._stamps)
        for mark in reversed(visible):
            draw_symbol(painter, mark, self._theme, self._stamps)

    def _draw_cursor(self, painter: QPainter) -> None:
        if self.cursor_deg is None:
            return
        point = self.view.point(*self.cursor_deg)
        arm = self._theme.space(3)
        painter.setPen(self._theme.pen(self._theme.palette.info, Metric.STROKE))
        painter.drawLine(point - QPointF(arm, 0), point + QPointF(arm, 0))
        painter.drawLine(point - QPointF(0, arm), point + QPointF(0, arm))


def _stepped(rect: QRectF) -> QRectF:
    """A little wider: words whose figures change every moment must not move the labels around them."""
    return QRectF(rect.left(), rect.top(), ceil(rect.width() / _WORDS_STEP_PX) * _WORDS_STEP_PX, rect.height())
