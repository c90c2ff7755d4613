# ruff: noqa: N802 - the names of overridden methods are Qt's
"""回放: choose an incident, move in time; the other screens show the replayed moment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QTableView, QVBoxLayout, QWidget

from console.bridge import Bridge
from console.picture import Notice, Picture
from console.queries import Page, ReplayState, TimelinePage, TimelineRequest
from console.views.replay.bar import TimeBar
from console.views.replay.scale import last_alarm_ns, next_alarm_ns
from console.views.speech import NS_PER_S, Speech
from console.views.theme import Metric, Size, Theme
from console.views.widgets.label import Label
from console.views.widgets.panel import Panel
from console.views.widgets.paragraph import Paragraph
from console.views.widgets.rows import Cell, RowsModel, set_widths, style_table
from console.views.widgets.screen import Screen

SPEEDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
JUMP_NS = 10 * NS_PER_S
TIMELINE_PERIOD_MS = 5000
_SHOWN_NOTICES = 100
_WIDTHS_PX = (150.0,)


class ReplayScreen(Screen):
    """The chooser, the time bar, the controls, and what was known at that moment."""

    def __init__(self, bridge: Bridge, theme: Theme, speech: Speech, parent: QWidget | None = None) -> None:
        super().__init__(bridge, theme, speech, parent)
        self.state: ReplayState | None = None
        self._picture: Picture | None = None
        self._speed = 1.0
        self._remark = ""
        self._cancel: Callable[[], None] = _nothing
        self.panel = Panel(theme)
        self.title = Label(theme, size=Size.HUGE, is_bold=True)
        self.said = Paragraph(theme, size=Size.BODY)
        self.bar = TimeBar(theme, speech)
        self.bar.sought.connect(self.seek)
        self._build_controls()
        self._build_table()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.panel)
        self._column.addWidget(self.known, 1)
        self._timer = QTimer(self)
        self._timer.setInterval(TIMELINE_PERIOD_MS)
        self._timer.timeout.connect(self._ask_timeline)
        self._timer.start()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        bridge.replay_changed.connect(self._show_state)
        self.retranslate()
        self.restyle()
        if bridge.is_replaying:
            self._show_state(bridge.replay_state)

    def _build_controls(self) -> None:
        self.running, self.folder, self.back = QPushButton(), QPushButton(), QPushButton()
        self.running.clicked.connect(lambda: self.open(None))
        self.folder.clicked.connect(self._choose_folder)
        self.back.clicked.connect(self.bridge.return_live)
        self.back.setProperty("role", "primary")
        self.play, self.step, self.earlier, self.later = (QPushButton() for _ in range(4))
        self.last_alarm, self.next_alarm = QPushButton(), QPushButton()
        self.play.setProperty("role", "primary")
        self.play.clicked.connect(self.toggle_play)
        self.step.clicked.connect(self.bridge.step)
        self.earlier.clicked.connect(lambda: self._jump(-JUMP_NS))
        self.later.clicked.connect(lambda: self._jump(JUMP_NS))
        self.last_alarm.clicked.connect(lambda: self._go_to_alarm(is_next=False))
        self.next_alarm.clicked.connect(lambda: self._go_to_alarm(is_next=True))
        self.speeds = {speed: QPushButton(f"{speed:g}×") for speed in SPEEDS}
        for speed, button in self.speeds.items():
            button.setCheckable(True)
            button.clicked.connect(lambda _checked=False, speed=speed: self.choose_speed(speed))
        self._head, self._moves = QHBoxLayout(), QHBoxLayout()
        self._head.addWidget(self.title, 1)
        for button in (self.running, self.folder, self.back):
            self._head.addWidget(button)
        for button in (self.play, self.earlier, self.step, self.later, self.last_alarm, self.next_alarm):
            self._moves.addWidget(button)
        self._moves.addStretch(1)
        for button in self.speeds.values():
            self._moves.addWidget(button)
        self._inner = QVBoxLayout()
        self._inner.addLayout(self._head)
        self._inner.addWidget(self.said)
        self._inner.addWidget(self.bar)
        self._inner.addLayout(self._moves)
        self.panel.body.addLayout(self._inner)

    def _build_table(self) -> None:
        self.known = Panel(self.theme)
        self.notices = RowsModel(self.theme, self)
        self.table = QTableView()
        self.table.setModel(self.notices)
        self.known.body.addWidget(self.table, 1)

    # ---- the contract of a screen

    def show_picture(self, picture: Picture) -> None:
        """What was known at this moment."""
        self._picture = picture
        now_ns = self.bridge.now_ns()
        rows = [
            (
                Cell(text=self.speech.second(line.at_ns, now_ns), tone="dim"),
                Cell(text=self.speech.tell(line.text), tone=_tone(line)),
            )
            for line in sorted(picture.notices, key=lambda line: -line.number)[:_SHOWN_NOTICES]
        ]
        self.notices.show_rows(rows)
        if self.bar.page is None:
            self._ask_timeline()

    def refresh(self) -> None:
        """The replayed moment."""
        self._say()

    def retranslate(self) -> None:
        """Say everything anew."""
        say = self.speech.say
        self.panel.header.title.say(say("replay.title"))
        self.known.header.title.say(say("replay.known"))
        for name in ("running", "folder", "back", "step", "earlier", "later", "last_alarm", "next_alarm"):
            getattr(self, name).setText(say(f"replay.{name}"))
        self.notices.entitle([say("replay.column.at"), say("replay.column.what")])
        self._say()
        self.bar.update()
        if self._picture is not None:
            self.show_picture(self._picture)

    def restyle(self) -> None:
        """Colour and measure anew."""
        gap = self.theme.space(2)
        self._column.setSpacing(self.theme.px(Metric.HAIRLINE))
        self._inner.setContentsMargins(self.theme.space(4), 0, self.theme.space(4), self.theme.space(4))
        for layout in (self._inner, self._head, self._moves):
            layout.setSpacing(gap)
        self.panel.restyle()
        self.known.restyle()
        self.title.restyle()
        self.said.restyle()
        style_table(self.table, self.theme)
        set_widths(self.table, self.theme, _WIDTHS_PX)
        self.bar.updateGeometry()

    # ---- where it stands

    def _show_state(self, state: ReplayState | None) -> None:
        was = self.state
        self._remark = ""
        self.state = state
        if (was is None) != (state is None) or (was and state and was.title != state.title):
            self.bar.show_timeline(None)
            self._ask_timeline()
        if state is None:
            self.bar.show_moment(None)
        else:
            self.bar.show_moment(state.at_ns, (state.from_ns, state.to_ns))
        self._say()

    def _say(self) -> None:
        say, state = self.speech.say, self.state
        is_replay = state is not None
        for button in (self.play, self.step, self.earlier, self.later, self.last_alarm, self.next_alarm):
            button.setVisible(is_replay)
        for speed, button in self.speeds.items():
            button.setVisible(is_replay)
            button.setChecked(speed == self._speed)
        self.back.setVisible(is_replay and self.bridge.has_live)
        self.running.setVisible(self.bridge.has_live)
        if state is None:
            self.title.say(say("replay.choose"))
            self.said.say(say("replay.choose_hint"), "soft")
            return
        self.play.setText(say("replay.pause" if state.speed else "replay.play"))
        self.title.say(f"{self.speech.date(state.at_ns)}　{self.speech.clock(state.at_ns)}")
        pace = say("replay.pace", speed=f"{state.speed:g}") if state.speed else say("replay.paused")
        said = say("replay.shown", title=state.title, pace=pace)
        self.said.say(self._remark or said, "warn" if self._remark else "soft")

    def _ask_timeline(self) -> None:
        if not self.isVisible():
            return
        self._cancel()
        self._cancel = self.bridge.query(TimelineRequest(), self._take_timeline)

    def _take_timeline(self, page: Page | None) -> None:
        if isinstance(page, TimelinePage):
            self.bar.show_timeline(page)

    # ---- what can be done

    def open(self, folder: Path | None) -> None:
        """Replay this folder, or the running incident from its start."""
        if self.bridge.open_replay(folder):
            self.setFocus()

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, self.speech.say("replay.folder"))
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        if self.bridge.incident_folder is not None:
            dialog.setDirectory(str(self.bridge.incident_folder.parent))
        dialog.fileSelected.connect(lambda name: self.open(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def seek(self, at_ns: int) -> None:
        """Go to this moment; from the live incident this begins its replay."""
        if self.state is None:
            self.open(None)
        self.bridge.seek(at_ns)

    def toggle_play(self) -> None:
        """Run at the chosen speed, or stand still."""
        if self.state is not None:
            self.bridge.set_speed(0.0 if self.state.speed else self._speed)

    def choose_speed(self, speed: float) -> None:
        """Run at this speed from now on; while it stands still, when it is started."""
        self._speed = speed
        if self.state is not None and self.state.speed:
            self.bridge.set_speed(speed)
        self._say()

    def _jump(self, step_ns: int) -> None:
        if self.state is not None:
            at_ns = min(self.state.to_ns, max(self.state.from_ns, self.state.at_ns + step_ns))
            self.bridge.seek(at_ns)

    def _go_to_alarm(self, *, is_next: bool) -> None:
        if self.state is None:
            return
        alarms = self.bar.page.alarms if self.bar.page else ()
        find = next_alarm_ns if is_next else last_alarm_ns
        at_ns = find(alarms, self.state.at_ns)
        if at_ns is None:
            self._remark = self.speech.say("replay.no_next" if is_next else "replay.no_last")
            self._say()
        else:
            self.bridge.seek(at_ns)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """P plays or pauses, arrows jump ten seconds, a full stop steps, J and K go to alarms."""
        acts: dict[int, Callable[[], None]] = {
            Qt.Key.Key_P: self.toggle_play,
            Qt.Key.Key_Left: lambda: self._jump(-JUMP_NS),
            Qt.Key.Key_Right: lambda: self._jump(JUMP_NS),
            Qt.Key.Key_Period: self.bridge.step,
            Qt.Key.Key_J: lambda: self._go_to_alarm(is_next=True),
            Qt.Key.Key_K: lambda: self._go_to_alarm(is_next=False),
        }
        act = acts.get(event.key())
        if act is None or self.state is None:
            super().keyPressEvent(event)
        else:
            act()


def _tone(line: Notice) -> str:
    return "alarm" if line.kind == "alarm" and line.text.id != "alarm.over" else "text"


def _nothing() -> None:
    """Nothing was asked yet."""
