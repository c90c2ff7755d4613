# ruff: noqa: N802 - the names of overridden methods are Qt's
"""视频: the wall, and below it the chosen camera: its state, what can be done, and what of it is recorded."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.bridge import Bridge
from console.orders import Order, ReconnectNow, SaveClip
from console.picture import Camera, Picture
from console.views.speech import Speech
from console.views.theme import Size, Theme
from console.views.video.describe import snapshot_lines
from console.views.video.foot import CameraFoot
from console.views.video.moments import Moments
from console.views.video.placement import COUNTS
from console.views.video.second import SecondWindow
from console.views.video.snapshot import keep, snapshot_name
from console.views.video.timebar import STEP_NS
from console.views.video.wall import WallView
from console.views.widgets.feed import FrameFeed
from console.views.widgets.label import Label
from console.views.widgets.screen import Screen
from console.views.widgets.sight import tally

CLIP_S = 30.0


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
        column.addWidget(self.below)
        self.wall.chosen.connect(lambda _camera_id: self._show_foot())
        self.wall.arranged.connect(self._show_bar)
        self.setFocusProxy(self.wall)
        self._bind_keys()
        self.retranslate()
        self.restyle()

    def _build_bar(self) -> None:
        self.bar = QFrame()
        self.bar.setProperty("role", "raised")
        self.counts = {count: QPushButton(str(count)) for count in COUNTS}
        self.back, self.forth, self.keys_only, self.play, self.other = (QPushButton() for _ in range(5))
        self.page = Label(self.theme, size=Size.SMALL, tone="dim")
        self.note = Label(self.theme, size=Size.SMALL, tone="dim")
        self._bar_row = QHBoxLayout(self.bar)
        for count, button in self.counts.items():
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, count=count: self.wall.set_count(count))
            self._bar_row.addWidget(button)
        self.back.clicked.connect(lambda: self.wall.turn(-1))
        self.forth.clicked.connect(lambda: self.wall.turn(1))
        self.keys_only.setCheckable(True)
        self.keys_only.clicked.connect(self.toggle_keys_only)
        self.play.clicked.connect(self.toggle_play)
        self.other.setCheckable(True)
        self.other.clicked.connect(self.toggle_second)
        for widget in (self.back, self.forth):
            self._bar_row.addWidget(widget)
        self._bar_row.addWidget(self.page, 1)
        self._bar_row.addWidget(self.note, 3)
        for widget in (self.play, self.keys_only, self.other):
            self._bar_row.addWidget(widget)

    def _build_foot(self) -> None:
        self.below = QFrame()
        self.below.setProperty("role", "raised")
        self.foot = CameraFoot(self.theme, self.speech)
        self.moments = Moments(self.bridge, self.theme, self.speech)
        self.foot.reconnect.clicked.connect(self.reconnect)
        self.foot.snapshot.clicked.connect(self.take_snapshot)
        self.foot.mark.clicked.connect(self.mark_now)
        self.foot.save.clicked.connect(self.save_clip)
        self.moments.commanded.connect(self._command)
        self.moments.looked.connect(self.look_at)
        self._below = QVBoxLayout(self.below)
        self._below.addWidget(self.foot)
        self._below.addWidget(self.moments)

    def _bind_keys(self) -> None:
        moments, bar = self.moments, self.moments.bar
        acts = {"W": self.toggle_second, "K": self.toggle_keys_only, "P": self.toggle_play}
        acts |= {"R": self.reconnect, "S": self.take_snapshot, "M": self.mark_now, "B": self.save_clip}
        acts |= {"T": moments.row.cycle_span, "H": moments.mark_here, "U": moments.toggle_lock}
        acts |= {"E": moments.toggle_export, "V": moments.look_at_it}
        acts |= {
            "[": partial(bar.step, -STEP_NS, is_extended=False),
            "]": partial(bar.step, STEP_NS, is_extended=False),
        }
        acts |= {"{": partial(bar.step, -STEP_NS, is_extended=True), "}": partial(bar.step, STEP_NS, is_extended=True)}
        acts |= {"-": partial(self._resize_wall, -1), "+": partial(self._resize_wall, 1)}
        for keys, act in acts.items():
            QShortcut(QKeySequence(keys), self).activated.connect(act)

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

    def keys(self) -> str:
        """What the keys do here."""
        return self.speech.say("videowall.keys")

    def focus_find(self) -> bool:
        """The field for a moment to look for."""
        self.moments.row.time.setFocus()
        return self.moments.row.time.isVisible()

    def retranslate(self) -> None:
        """Say everything anew."""
        say = self.speech.say
        self.back.setText(say("videowall.back"))
        self.forth.setText(say("videowall.forth"))
        self.other.setText(say("videowall.second"))
        self.keys_only.setText(say("videowall.keys_only"))
        for count, button in self.counts.items():
            button.setAccessibleName(say("videowall.tiles", count=count))
        self.foot.retranslate()
        self.moments.retranslate()
        self._show_bar()
        self._show_foot()
        self.wall.update()
        if self.second is not None:
            self.second.retranslate()

    def restyle(self) -> None:
        """Colour and measure anew."""
        gap = self.theme.space(2)
        self._bar_row.setContentsMargins(gap, self.theme.space(1), gap, self.theme.space(1))
        self._bar_row.setSpacing(gap)
        self._below.setContentsMargins(gap, self.theme.space(1), gap, self.theme.space(1))
        self._below.setSpacing(self.theme.space(1))
        for label in (self.page, self.note):
            label.restyle()
        self.foot.restyle()
        self.moments.restyle()
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
        self.page.setVisible(bool(self.page.text()))
        self._show_note()

    def _show_note(self) -> None:
        cameras, state = list(self.wall.cameras.values()), self.bridge.replay_state
        self.play.setVisible(state is not None)
        self.keys_only.setVisible(state is None)
        if state is not None:
            self.play.setText(self.speech.say("videowall.pause" if state.speed else "videowall.play"))
            self.note.say(self.speech.say("videowall.replay"))
            self.note.set_tone("warn")
            return
        shown = set(self.wall.slots())
        counts = tally(cameras, {one.id: self.wall.facts(one) for one in cameras if one.id in shown})
        recording = sum(camera.is_recording for camera in cameras)
        live = counts["live"] + counts["abnormal"]
        said = [self.speech.say("videowall.note", total=len(cameras), live=live)]
        if counts["abnormal"]:
            said.append(self.speech.say("videowall.note_abnormal", count=counts["abnormal"]))
        if counts["still"]:
            said.append(self.speech.say("videowall.note_still", count=counts["still"]))
        if counts["resting"]:
            said.append(self.speech.say("videowall.note_resting", count=counts["resting"]))
        said.append(self.speech.say("videowall.note_recording", count=recording))
        said += self._disk_words()
        self.note.say(" · ".join(said))
        is_stuck = self._picture is not None and self._picture.recording.is_stuck
        is_short = counts["missing"] or counts["abnormal"]
        self.note.set_tone("alarm" if is_stuck else "warn" if is_short else "dim")

    def _disk_words(self) -> list[str]:
        health = self._picture.recording if self._picture is not None else None
        if health is None or health.used_bytes is None:
            return []
        used = self.speech.size(health.used_bytes)
        if health.is_stuck:
            return [self.speech.say("videowall.disk_stuck", used=used)]
        if health.quota_bytes is not None:
            return [self.speech.say("videowall.disk_quota", used=used, quota=self.speech.size(health.quota_bytes))]
        free = self.speech.size(health.free_bytes)
        return [self.speech.say("videowall.disk_free", used=used, free=free)]

    def _camera(self) -> Camera | None:
        return self.wall.cameras.get(self.wall.selected_id or "")

    def _show_foot(self) -> None:
        camera, picture = self._camera(), self._picture
        self.below.setVisible(camera is not None)
        self.moments.show_camera(camera, picture)
        if camera is not None and picture is not None:
            self.foot.show_camera(
                camera,
                self.wall.facts(camera),
                picture,
                self.bridge.now_ns(),
                is_replay=self.bridge.is_replaying,
            )

    # ---- what can be done

    def _command(self, order: Order) -> None:
        self.commanded.emit(order)

    def reconnect(self) -> None:
        """Open the chosen camera now."""
        camera = self._camera()
        if camera is not None and not self.foot.reconnect.isHidden() and not self.bridge.is_replaying:
            self.commanded.emit(ReconnectNow(subject_id=camera.id))
            self.moments.say(self.speech.say("videowall.asked"))

    def mark_now(self) -> None:
        """Mark what the chosen camera shows at this moment: the packet's, where pictures arrive."""
        camera = self._camera()
        if camera is not None:
            facts = self.wall.facts(camera)
            is_dated = facts.is_unveiled and facts.packet_ns is not None
            self.moments.mark(facts.packet_ns if is_dated and facts.packet_ns is not None else self.bridge.now_ns())

    def save_clip(self) -> None:
        """Keep what the chosen camera showed in the last half minute."""
        camera = self._camera()
        if camera is not None and camera.state != "disabled" and not self.bridge.is_replaying:
            self.commanded.emit(SaveClip(camera_id=camera.id, last_s=CLIP_S))
            self.moments.await_clip()

    def look_at(self, at_ns: int) -> None:
        """Replay from this moment on."""
        if self.bridge.is_replaying or self.bridge.open_replay(None):
            self.bridge.seek(at_ns)
            self.bridge.set_speed(1.0)

    def toggle_play(self) -> None:
        """Let the replay run at its own pace, or stand still."""
        state = self.bridge.replay_state
        if state is not None:
            self.bridge.set_speed(0.0 if state.speed else 1.0)
            self._show_note()

    def take_snapshot(self) -> None:
        """Keep the chosen camera's picture, only if what is seen of it may be taken for what it is at this moment."""
        camera, folder, picture = self._camera(), self.bridge.incident_folder, self._picture
        if camera is None or picture is None:
            return
        facts, say = self.wall.facts(camera), self.moments.say
        if folder is None:
            say(self.speech.say("videowall.no_folder"), "alarm")
            return
        if not facts.is_unveiled or facts.image is None or facts.packet_ns is None:
            say(self.speech.say("videowall.not_live"), "alarm")
            return
        name = snapshot_name(camera.id, picture.mode, facts.packet_ns)
        kept = keep(facts.image, snapshot_lines(camera, facts, picture, self.speech), folder, name, self.theme)
        if kept.trouble is None:
            size = f"{facts.image.width()}×{facts.image.height()}"
            say(self.speech.say("videowall.kept", path=kept.path, size=size), "soft")
        else:
            say(self.speech.say("videowall.not_kept", path=kept.path, reason=kept.trouble), "alarm")

    def toggle_keys_only(self) -> None:
        """Decode key frames alone of what is not chosen, or everything again."""
        is_key_only = not self.wall.is_key_only
        self.keys_only.setChecked(is_key_only)
        for wall in (self.wall, self.second.wall if self.second is not None else None):
            if wall is not None:
                wall.set_key_only(is_key_only=is_key_only)
        self.moments.say(self.speech.say("videowall.keys_only_on") if is_key_only else "")

    def _resize_wall(self, step: int) -> None:
        index = COUNTS.index(self.wall.placement.count) + step
        self.wall.set_count(COUNTS[min(max(index, 0), len(COUNTS) - 1)])

    def toggle_second(self) -> None:
        """Open the wall on another display, or close it."""
        if self.second is None:
            self.second = SecondWindow(self.bridge, self.theme, self.speech, self.window())
            self.second.wall.set_key_only(is_key_only=self.wall.is_key_only)
            self.second.closed.connect(lambda: self.other.setChecked(False))
        if self.second.isVisible():
            self.second.close()
        else:
            self.second.open()
        self.other.setChecked(self.second.isVisible())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves a choice on the bar of time; in a replay it returns to live at once, as it says there."""
        is_chosen = self.moments.pick is not None and not self.bridge.is_replaying
        if event.key() == Qt.Key.Key_Escape and is_chosen:
            self.moments.clear_pick()
        else:
            super().keyPressEvent(event)
