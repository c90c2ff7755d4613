# ruff: noqa: N802 - the names of overridden methods are Qt's
"""What is recorded of the chosen camera: a bar of time, what lies at a chosen moment, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.bridge import Bridge
from console.orders import LockRecording, MarkPicture
from console.picture import Camera, Picture
from console.queries import ExportPage, ExportRequest, Page, RecordedFile, RecordingsPage, RecordingsRequest
from console.views.speech import NS_PER_S, Speech
from console.views.theme import Size, Theme
from console.views.video.marking import MarkEntry
from console.views.video.recall import pick_words, span_words
from console.views.video.spanrow import SpanRow
from console.views.video.spans import Pick, files_of
from console.views.widgets.label import Label
from console.views.widgets.paragraph import Paragraph

ASK_PERIOD_MS = 5000
SOON_MS = 1200
_LINE_PX = 52.0
_CLIP_LATE_NS = 20 * NS_PER_S


class Moments(QWidget):
    """``commanded`` carries an order; ``looked`` the moment to look at in the replay."""

    commanded = Signal(object)
    looked = Signal(object)

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._theme, self._speech = bridge, theme, speech
        self._camera: Camera | None = None
        self._page: RecordingsPage | None = None
        self._was_replay = False
        self._cancel: Callable[[], None] = _nothing
        self._stop_export: Callable[[], None] | None = None
        self._clip: tuple[str, int] | None = None
        self._before: QWidget | None = None
        self.row = SpanRow(bridge, theme, speech)
        self.bar = self.row.bar
        self.row.moved.connect(self.ask)
        self.row.chosen.connect(self.refresh)
        self.row.misread.connect(lambda typed: self.say(speech.say("videowall.not_a_time", typed=typed), "warn"))
        self._build_pick()
        self._timer = QTimer(self)
        self._timer.setInterval(ASK_PERIOD_MS)
        self._timer.timeout.connect(self.ask)
        self._timer.start()
        self.destroyed.connect(self._drop)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.row)
        self._column.addWidget(self._pick_line)
        self._column.addWidget(self.entry)
        self.retranslate()
        self.restyle()

    def _build_pick(self) -> None:
        self._pick_line = QWidget()
        self.words = Paragraph(self._theme)
        self.said = Label(self._theme, size=Size.SMALL, tone="dim")
        self.here, self.lock, self.export, self.look = (QPushButton() for _ in range(4))
        self.here.clicked.connect(self.mark_here)
        self.lock.clicked.connect(self.toggle_lock)
        self.export.clicked.connect(self.toggle_export)
        self.look.clicked.connect(self.look_at_it)
        self._said_column = QVBoxLayout()
        self._said_column.addWidget(self.words)
        self._said_column.addWidget(self.said)
        self._pick_row = QHBoxLayout(self._pick_line)
        self._pick_row.setContentsMargins(0, 0, 0, 0)
        self._pick_row.addLayout(self._said_column, 1)
        for button in (self.here, self.lock, self.export, self.look):
            self._pick_row.addWidget(button)
        self.entry = MarkEntry(self._theme, self._speech)
        self.entry.written.connect(self._mark_written)
        self.entry.left.connect(self.leave_mark)
        self.entry.hide()

    # ---- what is shown

    @property
    def pick(self) -> Pick | None:
        """What is chosen on the bar."""
        return self.bar.pick

    def show_camera(self, camera: Camera | None, picture: Picture | None) -> None:
        """Show what is recorded of this camera; another one than before begins without a choice."""
        is_other = (camera.id if camera else None) != (self._camera.id if self._camera else None)
        self._camera, self.row.picture = camera, picture
        if is_other or self._bridge.is_replaying != self._was_replay:
            self._was_replay = self._bridge.is_replaying
            self._page, self._clip = None, None
            if self._was_replay and self.entry.isVisible():
                self.leave_mark()
            if is_other:
                self.say("")
                self.bar.show_pick(None)
            self.row.follow()
            self.ask()
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """What is recorded is asked for while it is seen."""
        super().showEvent(event)
        self.ask()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody waits for an answer any more."""
        super().hideEvent(event)
        self._drop()

    def _drop(self) -> None:
        self._cancel()

    def refresh(self) -> None:
        """What can be done now, and what is there."""
        now_ns, is_replay, pick = self._bridge.now_ns(), self._bridge.is_replaying, self.pick
        self.row.refresh()
        files = self._files()
        has_recording = bool(files)
        self.here.setEnabled(pick is not None and not is_replay)
        self.lock.setEnabled(has_recording and not is_replay)
        is_locked = has_recording and all(file.is_locked for file in files)
        self.lock.setText(self._speech.say("videowall.unlock" if is_locked else "videowall.lock"))
        is_exporting = self._stop_export is not None
        self.export.setEnabled(is_exporting or pick is not None)
        self.export.setText(self._speech.say("videowall.export_stop" if is_exporting else "videowall.export"))
        self.look.setEnabled(has_recording)
        if pick is None:
            self.words.say(self._speech.say("videowall.pick.hint"), "dim")
        else:
            self.words.say(*pick_words(self._page, pick, self._speech, now_ns))
        if not self.said.text() and is_replay:
            self.say(self._speech.say("videowall.locked"), "replay")
        elif self.said.tone == "replay" and not is_replay:
            self.say("")

    def _files(self) -> list[RecordedFile]:
        """What the choice is about: recordings, and only where there are none what was saved as a clip."""
        if self._page is None or self.pick is None:
            return []
        found = files_of(self._page.files, self.pick)
        return [file for file in found if not file.is_clip] or found

    def say(self, text: str, tone: str = "dim") -> None:
        """How what was asked for ended."""
        self.said.say(text)
        self.said.set_tone(tone)
        self.said.setToolTip(text)

    def retranslate(self) -> None:
        """Say everything anew."""
        say = self._speech.say
        self.row.retranslate()
        self.here.setText(say("videowall.mark_here"))
        self.look.setText(say("videowall.look"))
        self.say("")
        self.entry.retranslate()
        self.refresh()

    def restyle(self) -> None:
        """Measure anew."""
        self._column.setSpacing(self._theme.space(1))
        self._said_column.setSpacing(0)
        self._pick_row.setSpacing(self._theme.space(2))
        for line in (self._pick_line, self.entry):
            # Of one height, whatever is said: nothing above it may move under a hand.
            line.setFixedHeight(self._theme.px(_LINE_PX))
        for label in (self.words, self.said):
            label.restyle()
        self.entry.restyle()
        self.row.restyle()

    # ---- what is recorded

    def ask(self) -> None:
        """Ask what is recorded in the span shown."""
        if self._camera is None or not self.isVisible():
            return
        self._cancel()
        from_ns, to_ns = self.row.span()
        camera_id = self._camera.id
        self.bar.show_span(from_ns, to_ns, self._page)
        request = RecordingsRequest(from_ns=from_ns, to_ns=to_ns, camera_ids=(camera_id,))
        self._cancel = self._bridge.query(request, lambda page: self._take(camera_id, from_ns, to_ns, page))
        self.refresh()

    def _take(self, camera_id: str, from_ns: int, to_ns: int, page: Page | None) -> None:
        if self._camera is None or self._camera.id != camera_id:
            return
        self._page = page if isinstance(page, RecordingsPage) else None
        self.bar.show_span(from_ns, to_ns, self._page)
        self._see_clip()
        self.refresh()

    def _see_clip(self) -> None:
        """Whether the clip that was asked for has come."""
        if self._clip is None or self._page is None or self._camera is None or self._clip[0] != self._camera.id:
            return
        asked_ns = self._clip[1]
        clip = next((file for file in self._page.files if file.is_clip and file.to_ns > asked_ns - NS_PER_S), None)
        if clip is not None:
            span = f"{self._speech.clock(clip.from_ns)}–{self._speech.clock(clip.to_ns)}"
            self.say(self._speech.say("videowall.saved", span=span, file=clip.file), "soft")
        elif self._bridge.now_ns() - asked_ns > _CLIP_LATE_NS:
            self.say(self._speech.say("videowall.not_saved"), "warn")
        else:
            return
        self._clip = None

    def clear_pick(self) -> None:
        """Nothing is chosen any more."""
        self.bar.show_pick(None)
        self.refresh()

    # ---- what can be done

    def mark(self, at_ns: int) -> None:
        """Mark this moment of the camera shown, and ask for a few words."""
        if self._camera is None or self._bridge.is_replaying:
            return
        if not self.entry.isVisible():
            self._before = self.window().focusWidget()
        self._pick_line.hide()
        self.entry.show()
        self.entry.begin(self._camera.id, self._camera.name, at_ns)

    def mark_here(self) -> None:
        """Mark the chosen moment."""
        if self.pick is not None:
            self.mark(self.pick.at_ns)

    def leave_mark(self) -> None:
        """No mark after all."""
        self.entry.hide()
        self._pick_line.show()
        (self._before or self.bar).setFocus()

    def _mark_written(self, order: MarkPicture) -> None:
        self.leave_mark()
        self.commanded.emit(order)
        at, text = self._speech.clock(order.at_ns), order.text or self._speech.say("videowall.pick.no_text")
        self.say(self._speech.say("videowall.marked", at=at, text=text), "soft")
        QTimer.singleShot(SOON_MS, self.ask)

    def await_clip(self) -> None:
        """A clip was asked for: say so, and that it has come when it has."""
        if self._camera is not None:
            self._clip = (self._camera.id, self._bridge.now_ns())
            self.say(self._speech.say("videowall.saving"))
            QTimer.singleShot(SOON_MS, self.ask)

    def toggle_lock(self) -> None:
        """Lock the files of the choice, or let them be removed again if all are locked."""
        files = self._files()
        if not files or self._bridge.is_replaying:
            return
        is_locked = not all(file.is_locked for file in files)
        for file in files:
            if file.is_locked != is_locked:
                self.commanded.emit(LockRecording(camera_id=file.camera_id, file=file.file, is_locked=is_locked))
        message_id = "videowall.lock_asked" if is_locked else "videowall.unlock_asked"
        self.say(self._speech.say(message_id, count=len(files)), "soft")
        QTimer.singleShot(SOON_MS, self.ask)

    def toggle_export(self) -> None:
        """Write the chosen span as MP4, or give up what is being written."""
        if self._stop_export is not None:
            self._stop_export()
            self._stop_export = None
            self.say(self._speech.say("videowall.export_stopped"), "warn")
            self.refresh()
            return
        pick, camera = self.pick, self._camera
        if pick is None or camera is None:
            return
        request = ExportRequest(from_ns=pick.from_ns, to_ns=pick.to_ns, camera_ids=(camera.id,))
        self.say(self._speech.say("videowall.exporting", span=span_words(pick, self._speech, self._bridge.now_ns())))
        self._stop_export = _nothing
        stop = self._bridge.query(request, self._exported)
        if self._stop_export is not None:
            self._stop_export = stop
        self.refresh()

    def _exported(self, page: Page | None) -> None:
        self._stop_export = None
        if isinstance(page, ExportPage):
            words = (self._speech.tell(page.text), self._speech.tell(page.remedy))
            self.say(" ".join(word for word in words if word), "soft" if page.is_good else "alarm")
        else:
            self.say(self._speech.say("videowall.export_unanswered"), "alarm")
        self.refresh()

    def look_at_it(self) -> None:
        """Show the chosen moment, or the first of the span that is recorded, in the replay."""
        files = self._files()
        if self.pick is not None and files:
            first_ns = min(file.from_ns for file in files)
            self.looked.emit(max(self.pick.at_ns, first_ns) if self.pick.is_range else self.pick.at_ns)


def _nothing() -> None:
    """Nothing was asked yet."""
