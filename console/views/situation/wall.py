# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The pictures: one large and four small (two on a small screen); a click makes one the large one."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.bridge import Bridge
from console.picture import Camera, Picture
from console.sights import Showing, Sight
from console.views.speech import Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.feed import FrameFeed
from console.views.widgets.label import CENTRE, draw_text
from console.views.widgets.look import facts_now, poll_now
from console.views.widgets.panel import Panel
from console.views.widgets.sight import TileFacts, tally
from console.views.widgets.tile import frame_place, paint_tile

_FRAME_PERIOD_MS = 33
_TILES_FULL = 5
_TILES_COMPACT = 2


class Tiles(QWidget):
    """The tiles, painted; ``wanted`` says which frames are seen and how large."""

    wanted = Signal(dict)

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, feed: FrameFeed) -> None:
        super().__init__()
        self._bridge = bridge
        self._theme = theme
        self._speech = speech
        self._feed = feed
        self.cameras: tuple[Camera, ...] = ()
        self.selected_id: str | None = None
        self.is_compact = False
        self._demand: Showing = {}
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_PERIOD_MS)
        self._timer.timeout.connect(self._poll)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def order(self) -> list[Camera]:
        """The cameras in their places: the selected one first, the others as configured."""
        first = [camera for camera in self.cameras if camera.id == self.selected_id]
        others = [camera for camera in self.cameras if camera.id != self.selected_id]
        return (first + others)[: _TILES_COMPACT if self.is_compact else _TILES_FULL]

    def places(self) -> list[tuple[Camera, QRectF]]:
        """The cameras seen and where."""
        order = self.order()
        gap = self._theme.px(Metric.HAIRLINE)
        width, height = float(self.width()), float(self.height())
        if self.is_compact or len(order) <= 2:
            part = (height - gap) / 2 if len(order) > 1 else height
            rects = [QRectF(0, index * (part + gap), width, part) for index in range(len(order))]
            return list(zip(order, rects, strict=True))
        rows = 1 + (len(order) - 1 + 1) // 2
        part = (height - (rows - 1) * gap) / rows
        half = (width - gap) / 2
        rects = [QRectF(0, 0, width, part)]
        for index in range(len(order) - 1):
            row, column = 1 + index // 2, index % 2
            is_alone = column == 0 and index == len(order) - 2
            rects.append(QRectF(column * (half + gap), row * (part + gap), width if is_alone else half, part))
        return list(zip(order, rects, strict=True))

    def facts(self, camera: Camera) -> TileFacts:
        """What this camera's tile shows now."""
        return facts_now(self._bridge, self._feed, camera, is_selected=camera.id == self.selected_id)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles that changed, each judged at this moment."""
        painter = QPainter(self)
        painter.setClipRegion(event.region())
        painter.fillRect(event.rect(), self._theme.palette.line)
        places = self.places()
        for camera, rect in places:
            # The rectangle around two tiles holds all that lie between them.
            if event.region().intersects(rect.toAlignedRect()):
                facts = self.facts(camera)
                paint_tile(painter, rect, facts, self._theme, self._speech, self._bridge.now_ns())
        if not places:
            painter.fillRect(self.rect(), self._theme.palette.panel)
            painter.setFont(self._theme.font(Size.BODY))
            said = self._speech.say("situation.wall.none")
            draw_text(painter, QRectF(self.rect()), said, self._theme.palette.dim, align=CENTRE)

    def _poll(self) -> None:
        for camera, rect in self.places():
            if poll_now(self._bridge, self._feed, camera.id):
                self.update(rect.toAlignedRect())

    def announce(self) -> None:
        """Say which frames are wanted, if that changed."""
        ratio = self.devicePixelRatioF()
        places = self.places() if self.isVisible() else []
        framed = [(camera, frame_place(rect, self._theme)) for camera, rect in places]
        demand: Showing = {
            camera.id: Sight(round(place.width() * ratio), round(place.height() * ratio), is_full_rate=index == 0)
            for index, (camera, place) in enumerate(framed)
            if camera.state != "disabled"
        }
        if demand != self._demand:
            self._demand = demand
            self.wanted.emit(demand)

    def showEvent(self, event: QShowEvent) -> None:
        """Frames are read while visible."""
        super().showEvent(event)
        self._timer.start()
        self.announce()

    def hideEvent(self, event: QHideEvent) -> None:
        """A hidden wall reads nothing."""
        self._timer.stop()
        super().hideEvent(event)
        self.announce()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Make the tile clicked the large one."""
        for camera, rect in self.places():
            if rect.contains(event.position()):
                self.select(camera.id)
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right choose the large one."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        ids = [camera.id for camera in self.cameras]
        if step is None or not ids:
            super().keyPressEvent(event)
            return
        index = ids.index(self.selected_id) if self.selected_id in ids else 0
        self.select(ids[(index + step) % len(ids)])

    def select(self, camera_id: str) -> None:
        """Make this the large one."""
        self.selected_id = camera_id
        self.announce()
        self.update()


class Wall(Panel):
    """The panel: how many sources, how many have a picture, and the tiles."""

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, feed: FrameFeed) -> None:
        super().__init__(theme)
        self._bridge = bridge
        self._speech = speech
        self.tiles = Tiles(bridge, theme, speech, feed)
        self.body.addWidget(self.tiles, 1)
        self.retranslate()

    def show_picture(self, picture: Picture) -> None:
        """Take over what is known."""
        self.tiles.cameras = picture.cameras
        self.tiles.announce()
        self._say_note()

    def set_compact(self, *, is_compact: bool) -> None:
        """Two tiles where there is little room."""
        self.tiles.is_compact = is_compact
        self.tiles.announce()
        self.tiles.update()

    def refresh(self) -> None:
        """Veils and ages of this moment."""
        self._say_note()
        self.tiles.update()

    def _say_note(self) -> None:
        cameras = self.tiles.cameras
        if not cameras or self._bridge.is_replaying:
            self.header.note.say(self._speech.say("situation.wall.total", total=len(cameras)) if cameras else "")
            return
        counts = tally(cameras, {camera.id: self.tiles.facts(camera) for camera in self.tiles.order()})
        said = self._speech.say("situation.wall.note", total=len(cameras), live=counts["live"] + counts["abnormal"])
        if counts["abnormal"]:
            said = f"{said} · {self._speech.say('videowall.note_abnormal', count=counts['abnormal'])}"
        recording = sum(1 for camera in cameras if camera.is_recording)
        if recording:
            said = f"{said} · {self._speech.say('situation.wall.recording', count=recording)}"
        self.header.note.say(said)
        self.header.note.set_tone("warn" if counts["missing"] or counts["abnormal"] else "faint")

    def retranslate(self) -> None:
        """Say everything anew."""
        self.header.title.say(self._speech.say("situation.wall.title"))
        self._say_note()
        self.tiles.update()
