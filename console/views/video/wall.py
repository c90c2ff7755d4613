# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The wall: tiles painted from shared memory, each judged at the moment of painting."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from console.bridge import Bridge
from console.picture import Camera, Picture
from console.sights import Showing, Sight
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.unwatched import unwatched
from console.views.video.placement import COUNTS, Placement
from console.views.widgets.feed import FrameFeed
from console.views.widgets.label import CENTRE, draw_text
from console.views.widgets.look import facts_now, poll_now
from console.views.widgets.sight import TileFacts
from console.views.widgets.tile import frame_place, paint_tile

FRAME_PERIOD_MS = 33
JUDGE_PERIOD_MS = 250
_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class WallView(QWidget):
    """Tiles to place by dragging (or Shift and arrows), to enlarge by a double click (or Enter)."""

    chosen = Signal(str)
    """Camera id of the selected tile."""
    arranged = Signal()
    """Number of tiles, page or enlargement changed."""

    def __init__(
        self, bridge: Bridge, theme: Theme, speech: Speech, feed: FrameFeed, viewer: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._bridge, self._theme, self._speech = bridge, theme, speech
        self._viewer = viewer
        self.feed = feed
        self.placement = Placement()
        self.cameras: dict[str, Camera] = {}
        self.selected_id: str | None = None
        self.enlarged_id: str | None = None
        self.is_key_only = False
        self._has_count = False
        self._pressed: tuple[int, QPointF] | None = None
        self._dragged: int | None = None
        self._target: int | None = None
        self._frames, self._judge = QTimer(self), QTimer(self)
        self._frames.setInterval(FRAME_PERIOD_MS)
        self._frames.timeout.connect(self._poll)
        self._judge.setInterval(JUDGE_PERIOD_MS)
        self._judge.timeout.connect(self._refresh)
        self._painted: set[int] = set()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # ---- what is where

    def show_picture(self, picture: Picture) -> None:
        """Take over the cameras; the first time the wall is as large as they need."""
        before, self.cameras = self.cameras, {camera.id: camera for camera in picture.cameras}
        arranged = self._arrangement()
        if not self._has_count and self.cameras:
            self._has_count = True
            self.placement.count = next((count for count in COUNTS if count >= len(self.cameras)), COUNTS[-1])
        self.placement.fit(list(self.cameras))
        if self.enlarged_id not in self.cameras:
            self.enlarged_id = None
        if self.selected_id not in self.cameras:
            self.selected_id = next(iter(self.cameras), None)
            self.chosen.emit(self.selected_id or "")
        self.announce()
        if arranged != self._arrangement() or not self.cameras:
            self.update()
            return
        for camera_id, rect in zip(self.slots(), self.rects(), strict=True):
            if camera_id is not None and self.cameras[camera_id] != before.get(camera_id):
                self.update(rect.toAlignedRect())

    def _arrangement(self) -> tuple[object, ...]:
        unheard = tuple(unwatched(self._bridge.picture).get(camera_id) for camera_id in self.cameras)
        return (self.placement.count, self.enlarged_id, self.selected_id, *self.placement.shown(), unheard)

    def slots(self) -> list[str | None]:
        """Camera ids by tile."""
        return [self.enlarged_id] if self.enlarged_id else self.placement.shown()

    def rects(self) -> list[QRectF]:
        """Where the tiles are."""
        side = 1 if self.enlarged_id else self.placement.side
        gap = self._theme.px(Metric.HAIRLINE)
        width = (self.width() - gap * (side - 1)) / side
        height = (self.height() - gap * (side - 1)) / side
        return [
            QRectF(column * (width + gap), row * (height + gap), width, height)
            for row in range(side)
            for column in range(side)
        ]

    def facts(self, camera: Camera) -> TileFacts:
        """What this camera's tile shows at this moment."""
        return facts_now(
            self._bridge,
            self.feed,
            camera,
            is_selected=camera.id == self.selected_id,
            is_key_only=self._is_keyed(camera.id),
        )

    def _is_keyed(self, camera_id: str) -> bool:
        """Whether key frames are enough: the switch is on, and it is neither chosen nor alone."""
        return self.is_key_only and camera_id != self.selected_id and len(self.slots()) > 1

    def announce(self) -> None:
        """Say which cameras are seen and how large."""
        ratio = self.devicePixelRatioF()
        wanted: Showing = {}
        if self.isVisible():
            for camera_id, rect in zip(self.slots(), self.rects(), strict=True):
                if camera_id is not None and self.cameras[camera_id].state != "disabled":
                    is_alone = len(self.slots()) == 1
                    place = frame_place(rect, self._theme)
                    wanted[camera_id] = Sight(
                        round(place.width() * ratio),
                        round(place.height() * ratio),
                        is_full_rate=is_alone or camera_id == self.selected_id,
                        is_enlarged=is_alone,
                        is_key_only=self._is_keyed(camera_id),
                    )
        self._bridge.show_cameras(wanted, self._viewer)

    def _changed(self) -> None:
        self.announce()
        self.arranged.emit()
        self.update()

    def set_count(self, count: int) -> None:
        """So many tiles."""
        self.enlarged_id = None
        self.placement.set_count(count, self.selected_id)
        self._changed()

    def turn(self, step: int) -> None:
        """Another page."""
        self.enlarged_id = None
        self.placement.turn(step)
        self._changed()

    def set_key_only(self, *, is_key_only: bool) -> None:
        """Only key frames of the tiles that are not chosen, or everything again."""
        self.is_key_only = is_key_only
        self._changed()

    def select(self, camera_id: str | None) -> None:
        """Choose this camera."""
        if camera_id is not None and camera_id != self.selected_id:
            self.selected_id = camera_id
            self.announce()
            self.chosen.emit(camera_id)
            self.update()

    def enlarge(self, camera_id: str | None) -> None:
        """Show one camera alone, or all again."""
        self.select(camera_id)
        self.enlarged_id = None if self.enlarged_id else camera_id
        self._changed()

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles that are asked for."""
        painter = QPainter(self)
        painter.setClipRegion(event.region())
        palette = self._theme.palette
        painter.fillRect(event.rect(), palette.line)
        if not self.cameras:
            painter.fillRect(self.rect(), palette.panel)
            painter.setFont(self._theme.font(Size.STRONG))
            draw_text(painter, QRectF(self.rect()), self._speech.say("videowall.none"), palette.dim, align=CENTRE)
            return
        for number, (camera_id, rect) in enumerate(zip(self.slots(), self.rects(), strict=True)):
            # The rectangle around two tiles holds all that lie between them.
            if not event.region().intersects(rect.toAlignedRect()):
                continue
            if camera_id is None:
                painter.fillRect(rect, palette.tile)
            else:
                facts = self.facts(self.cameras[camera_id])
                paint_tile(painter, rect, facts, self._theme, self._speech, self._bridge.now_ns())
            if number == self._target and self._dragged is not None:
                painter.setPen(self._theme.pen(palette.info, Metric.STROKE_BOLD, Qt.PenStyle.DashLine))
                painter.drawRect(rect.adjusted(2, 2, -2, -2))

    def _refresh(self) -> None:
        """Ages go on, and all of a tile that no new frame brought along."""
        for number, rect in enumerate(self.rects()):
            whole = rect.toAlignedRect()
            if number in self._painted:
                whole.setTop(int(frame_place(rect, self._theme).bottom()))
            self.update(whole)
        self._painted.clear()

    def _poll(self) -> None:
        """Only the frame: the caption below it goes by ages, a few times a second."""
        for number, (camera_id, rect) in enumerate(zip(self.slots(), self.rects(), strict=True)):
            if camera_id is not None and poll_now(self._bridge, self.feed, camera_id):
                self._painted.add(number)
                self.update(frame_place(rect, self._theme).toAlignedRect())

    # ---- hands

    def tile_at(self, point: QPointF) -> int | None:
        """The number of the tile at this place."""
        return next((number for number, rect in enumerate(self.rects()) if rect.contains(point)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose; perhaps the beginning of a drag."""
        number = self.tile_at(event.position())
        if number is None:
            return
        self._pressed = (number, event.position())
        self.select(self.slots()[number])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag a tile."""
        if self._pressed is None or self.enlarged_id:
            return
        number, start = self._pressed
        far = (event.position() - start).manhattanLength() >= QApplication.startDragDistance()
        if self._dragged is None and far and self.slots()[number] is not None:
            self._dragged = number
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        if self._dragged is not None:
            self._target = self.tile_at(event.position())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Put the tile down: the two change places."""
        target = self.tile_at(event.position())
        if self._dragged is not None and target is not None:
            self.placement.swap(self._dragged, target)
            self._changed()
        self._pressed = self._dragged = self._target = None
        self.unsetCursor()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Enlarge, or show all again."""
        number = self.tile_at(event.position())
        self._pressed = None
        if number is not None and self.slots()[number] is not None:
            self.enlarge(self.slots()[number])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose, with Shift they move the tile; Enter enlarges; Page keys turn."""
        key = Qt.Key(event.key())
        if key in _STEPS:
            self._step(_STEPS[key], is_moved=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.enlarge(self.selected_id)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.turn(1 if key is Qt.Key.Key_PageDown else -1)
        else:
            super().keyPressEvent(event)

    def _step(self, step: tuple[int, int], *, is_moved: bool) -> None:
        slots, side = self.slots(), self.placement.side
        if self.enlarged_id or self.selected_id not in slots:
            return
        number = slots.index(self.selected_id)
        column, row = number % side + step[0], number // side + step[1]
        if not (0 <= column < side and 0 <= row < side):
            return
        other = row * side + column
        if is_moved:
            self.placement.swap(number, other)
            self._changed()
        else:
            self.select(slots[other])

    # ---- visible or not

    def showEvent(self, event: QShowEvent) -> None:
        """Frames are read while visible."""
        super().showEvent(event)
        self._frames.start()
        self._judge.start()
        self.announce()

    def hideEvent(self, event: QHideEvent) -> None:
        """A hidden wall wants nothing."""
        self._frames.stop()
        self._judge.stop()
        super().hideEvent(event)
        self._bridge.show_cameras({}, self._viewer)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size of the tiles is wanted."""
        super().resizeEvent(event)
        self.announce()
