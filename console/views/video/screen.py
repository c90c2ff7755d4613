"""视频: the wall, and below it the chosen camera: its state, the reason with the remedy, what can be done."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.bridge import Bridge
from console.orders import ReconnectNow
from console.picture import Camera, Picture
from console.views.speech import Speech
from console.views.theme import Size, Theme
from console.views.video.describe import camera_facts, state_words
from console.views.video.placement import COUNTS
from console.views.video.second import SecondWindow
from console.views.video.snapshot import keep, snapshot_name
from console.views.video.wall import WallView
from console.views.widgets.facts import FactBox
from console.views.widgets.feed import FrameFeed
from console.views.widgets.label import Label
from console.views.widgets.paragraph import Paragraph
from console.views.widgets.screen import Screen

_FOOT_HEIGHT_PX = 100.0


class VideoScreen(Screen):
    """The wall with its tools."""

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(bridge, theme, speech, parent)
        self._picture: Picture | None = None
        self.second: SecondWindow | None = None
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.wall = WallView(bridge, theme, speech, FrameFeed(), "video")
        self._build_bar()
        self._build_foot()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.wall, 1)
        column.addWidget(self.foot)
        self.wall.chosen.connect(lambda _camera_id: self._chosen())
        self.wall.arranged.connect(self._show_bar)
        self.setFocusProxy(self.wall)
        shortcut = QShortcut(QKeySequence(Qt.Key.Key_W), self)
        shortcut.activated.connect(self.toggle_second)
        self.retranslate()
        self.restyle()

    def _build_bar(self) -> None:
        self.bar = QFrame()
        self.bar.setProperty("role", "raised")
        self.counts = {count: QPushButton(str(count)) for count in COUNTS}
        self.back, self.forth, self.other = QPushButton(), QPushButton(), QPushButton()
        self.page = Label(self.theme, size=Size.SMALL, tone="dim")
        self.note = Label(self.theme, size=Size.SMALL, tone="dim")
        self._bar_row = QHBoxLayout(self.bar)
        for count, button in self.counts.items():
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, count=count: self.wall.set_count(count))
            self._bar_row.addWidget(button)
        self.back.clicked.connect(lambda: self.wall.turn(-1))
        self.forth.clicked.connect(lambda: self.wall.turn(1))
        self.other.setCheckable(True)
        self.other.clicked.connect(self.toggle_second)
        for widget in (self.back, self.forth):
            self._bar_row.addWidget(widget)
        self._bar_row.addWidget(self.page, 1)
        self._bar_row.addWidget(self.note, 3)
        self._bar_row.addWidget(self.other)

    def _build_foot(self) -> None:
        self.foot = QFrame()
        self.foot.setProperty("role", "raised")
        self.name = Label(self.theme, size=Size.STRONG, is_bold=True)
        self.state = Paragraph(self.theme)
        self.said = Paragraph(self.theme)
        self.reconnect, self.snapshot = QPushButton(), QPushButton()
        self.reconnect.clicked.connect(self._reconnect)
        self.snapshot.clicked.connect(self.take_snapshot)
        self._boxes = [FactBox(self.theme) for _ in range(5)]
        self._foot_row, self._words = QHBoxLayout(self.foot), QVBoxLayout()
        for widget in (self.name, self.state, self.said):
            self._words.addWidget(widget)
        self._words.addStretch(1)
        self._foot_row.addLayout(self._words, 1)
        for box in self._boxes:
            self._foot_row.addWidget(box)
        self._foot_row.addWidget(self.reconnect)
        self._foot_row.addWidget(self.snapshot)

    # ---- the contract of a screen

    def show_picture(self, picture: Picture) -> None:
        """Take over the cameras."""
        self._picture = picture
        self.wall.show_picture(picture)
        self._show_bar()
        self._show_foot()

    def refresh(self) -> None:
        """The foot's ages; the wall judges itself."""
        self._show_foot()
        self._show_note()

    def retranslate(self) -> None:
        """Say everything anew."""
        say = self.speech.say
        self.back.setText(say("videowall.back"))
        self.forth.setText(say("videowall.forth"))
        self.other.setText(say("videowall.second"))
        self.reconnect.setText(say("videowall.reconnect"))
        self.snapshot.setText(say("videowall.snapshot"))
        for count, button in self.counts.items():
            button.setAccessibleName(say("videowall.tiles", count=count))
        self.said.say("")
        self._show_bar()
        self._show_foot()
        self.wall.update()
        if self.second is not None:
            self.second.retranslate()

    def restyle(self) -> None:
        """Colour and measure anew."""
        gap = self.theme.space(2)
        for row in (self._bar_row, self._foot_row):
            row.setContentsMargins(gap, self.theme.space(1), gap, self.theme.space(1))
            row.setSpacing(gap)
        self._words.setSpacing(0)
        self.foot.setFixedHeight(self.theme.px(_FOOT_HEIGHT_PX))
        for label in (self.page, self.note, self.name):
            label.restyle()
        self.state.restyle()
        self.said.restyle()
        for box in self._boxes:
            box.restyle()
        self.wall.announce()
        if self.second is not None:
            self.second.restyle()

    # ---- what is said

    def _show_bar(self) -> None:
        placement = self.wall.placement
        for count, button in self.counts.items():
            button.setChecked(count == placement.count and self.wall.enlarged_id is None)
        has_pages = placement.pages > 1 and self.wall.enlarged_id is None
        self.back.setVisible(has_pages)
        self.forth.setVisible(has_pages)
        said = self.speech.say("videowall.page", page=placement.page + 1, pages=placement.pages) if has_pages else ""
        self.page.say(self.speech.say("videowall.enlarged") if self.wall.enlarged_id else said)
        self._show_note()

    def _show_note(self) -> None:
        cameras = list(self.wall.cameras.values())
        if self.bridge.is_replaying:
            self.note.say(self.speech.say("videowall.replay"))
            self.note.set_tone("warn")
            return
        shown = set(self.wall.slots())
        live = sum(
            self.wall.facts(camera).is_live if camera.id in shown else camera.state in ("live", "delayed")
            for camera in cameras
        )
        recording = sum(camera.is_recording for camera in cameras)
        self.note.say(self.speech.say("videowall.note", total=len(cameras), live=live, recording=recording))
        self.note.set_tone("warn" if live < len(cameras) else "dim")

    def _camera(self) -> Camera | None:
        return self.wall.cameras.get(self.wall.selected_id or "")

    def _chosen(self) -> None:
        self.said.say("")
        self._show_foot()

    def _show_foot(self) -> None:
        camera = self._camera()
        self.foot.setVisible(camera is not None)
        if camera is None:
            return
        facts = self.wall.facts(camera)
        self.name.say(camera.name)
        words, tone = state_words(camera, facts, self.speech, self.bridge.now_ns())
        self.state.say(words, tone)
        for box, (name, value) in zip(self._boxes, camera_facts(camera, facts, self.speech), strict=True):
            box.show_fact(name, value)
        is_replay = self.bridge.is_replaying
        self.reconnect.setVisible(camera.state not in ("live", "disabled"))
        self.reconnect.setEnabled(not is_replay)
        self.snapshot.setVisible(self.bridge.incident_folder is not None)
        self.snapshot.setEnabled(facts.is_live)

    # ---- what can be done

    def _reconnect(self) -> None:
        camera = self._camera()
        if camera is not None and not self.bridge.is_replaying:
            self.commanded.emit(ReconnectNow(subject_id=camera.id))
            self.said.say(self.speech.say("videowall.asked"), "dim")

    def take_snapshot(self) -> None:
        """Keep the chosen camera's picture, only if it is live at this moment."""
        camera, folder, picture = self._camera(), self.bridge.incident_folder, self._picture
        if camera is None or folder is None or picture is None:
            return
        facts = self.wall.facts(camera)
        if not facts.is_live or facts.image is None or facts.packet_ns is None:
            self.said.say(self.speech.say("videowall.not_live"), "alarm")
            return
        words = {
            "mode": self.speech.say(f"shell.badge.{picture.mode}"),
            "incident": picture.incident.name,
            "camera": camera.name,
            "date": self.speech.date(facts.packet_ns),
            "at": self.speech.clock(facts.packet_ns),
        }
        caption = self.speech.say("videowall.caption", **words)
        name = snapshot_name(camera.id, picture.mode, facts.packet_ns)
        kept = keep(facts.image, caption, folder, name, self.theme)
        if kept.trouble is None:
            size = f"{facts.image.width()}×{facts.image.height()}"
            self.said.say(self.speech.say("videowall.kept", path=kept.path, size=size), "soft")
        else:
            self.said.say(self.speech.say("videowall.not_kept", path=kept.path, reason=kept.trouble), "alarm")

    def toggle_second(self) -> None:
        """Open the wall on another display, or close it."""
        if self.second is None:
            self.second = SecondWindow(self.bridge, self.theme, self.speech, self.window())
            self.second.closed.connect(lambda: self.other.setChecked(False))
        if self.second.isVisible():
            self.second.close()
        else:
            self.second.open()
        self.other.setChecked(self.second.isVisible())
