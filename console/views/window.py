# ruff: noqa: N802 - the names of overridden methods are Qt's
"""The main window: strip, navigation, banners, alarm list, and in the middle one screen.

Screens are imported when first shown.  Keys: 1-7 screens, Space acknowledge, F full screen, / find, N night or day,
L language, C coordinates, Ctrl+= scale, A alarm list, Esc back (alarm list, replay, full screen).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import cast

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
)

from console.bridge import Bridge
from console.coordinates.telling import STYLES
from console.i18n import Language
from console.orders import Order
from console.picture import Picture
from console.queries import AlarmStrip, ReplayState
from console.trouble import OperatorError
from console.views.settings import Settings, settings_file
from console.views.speech import Speech
from console.views.theme import SCALES, Metric, Theme
from console.views.widgets.alarm_desk import AlarmDesk
from console.views.widgets.banner import Note
from console.views.widgets.banners import Banners
from console.views.widgets.frame import Frame, automatic_scale, fitting_scale
from console.views.widgets.navigation import SCREENS, Navigation
from console.views.widgets.pulse import Heartbeat, live_pulse, replay_pulse
from console.views.widgets.screen import AGE_PERIOD_MS, Screen
from console.views.widgets.strip import Strip


class Window(QMainWindow):
    """The commander's window.

    ``monotonic_ns`` drives the heartbeat; ``settings`` keeps what was chosen.  Everything else comes over the bridge.
    """

    def __init__(
        self,
        bridge: Bridge,
        *,
        settings: Settings,
        language: Language | None = None,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        super().__init__()
        self.bridge = bridge
        self.settings = settings
        self.theme = Theme(is_night=settings.is_night, scale=settings.scale)
        self.speech = Speech(language or settings.language or "zh", style=settings.coordinates)
        self.chosen_scale = settings.scale
        self.heartbeat = Heartbeat(monotonic_ns)
        self.picture: Picture | None = None
        self.live_strip: AlarmStrip | None = None
        self.replay: ReplayState | None = None
        self.screens: dict[str, Screen] = {}
        self._awaits_replay = False
        self._build()
        self._bind_keys()
        bridge.picture_changed.connect(self._show_picture)
        bridge.live_changed.connect(self._show_live_strip)
        bridge.replay_changed.connect(self._show_replay)
        bridge.trouble_raised.connect(self._show_trouble)
        self._timer = QTimer(self)
        self._timer.setInterval(AGE_PERIOD_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self.setMinimumSize(round(Metric.SMALLEST_WIDTH), round(Metric.SMALLEST_HEIGHT))
        self.resize(round(Metric.DRAWN_WIDTH), round(Metric.DRAWN_HEIGHT))
        self.restyle()
        self.retranslate()
        self.show_screen(SCREENS[0])
        if bridge.picture is not None:
            self._show_picture(bridge.picture)

    # ---- building

    def _build(self) -> None:
        theme, speech = self.theme, self.speech
        self.frame = Frame(theme)
        self.strip = Strip(theme, speech)
        self.strip.asked.connect(self.show_board)
        self.navigation = Navigation(theme, speech)
        self.navigation.chosen.connect(self.show_screen)
        self.navigation.asked.connect(self._foot)
        self.banners = Banners(theme, speech)
        self.banners.replay.back.clicked.connect(self.bridge.return_live)
        self.stack = QStackedWidget()
        # Banners beside the navigation, not above it: one that comes must not move what a hand reaches for.
        self._column = QVBoxLayout()
        self._column.addWidget(self.banners)
        self._column.addWidget(self.stack, 1)
        self._middle = QHBoxLayout()
        self._middle.addWidget(self.navigation)
        self._middle.addLayout(self._column, 1)
        self._whole = QVBoxLayout(self.frame)
        self._whole.addWidget(self.strip)
        self._whole.addLayout(self._middle, 1)
        self.setCentralWidget(self.frame)
        self.note = Note(theme, self.frame)
        self.alarms = AlarmDesk(self.bridge, theme, speech, strip=self.strip, note=self.note, send=self.send)

    def _bind_keys(self) -> None:
        for index, name in enumerate(SCREENS):
            self._bind(str(index + 1), partial(self.show_screen, name))
        acts = {"Space": self.alarms.acknowledge_next, "A": self.alarms.toggle, "C": self.cycle_coordinates}
        acts |= {"/": self.focus_find, "F1": self._say_keys, "?": self._say_keys}
        acts |= {"F": self.toggle_full_screen, "N": self.toggle_night, "L": self.toggle_language}
        acts |= {"Ctrl+=": self.cycle_scale, "Ctrl++": self.cycle_scale}
        for keys, act in acts.items():
            self._bind(keys, act)

    def _say_keys(self) -> None:
        self.note.say(f"{self.screen_shown.keys()}\n{self.speech.say('shell.keys.hint')}".strip())

    def _foot(self, name: str) -> None:
        {"language": self.toggle_language, "night": self.toggle_night, "scale": self.cycle_scale}[name]()

    def _bind(self, keys: str, act: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(act)

    # ---- screens

    def show_screen(self, name: str) -> None:
        """Bring a screen to the front; imported and built when first asked for."""
        screen = self.screens.get(name)
        if screen is None:
            try:
                screen = self._make_screen(name)
            except ImportError as error:
                self.note.say(self.speech.say("shell.screen.missing", reason=error))
                return
        self.navigation.show_current(name)
        if self.picture is not None:
            screen.show_picture(self.picture)
        self.stack.setCurrentWidget(screen)
        screen.setFocus()

    def show_board(self) -> None:
        """What is cut, in full."""
        self.show_screen("board")

    def show_subject(self, name: str, subject_id: str) -> None:
        """Bring a screen to the front, and on it this subject."""
        self.show_screen(name)
        self.screen_shown.show_subject(subject_id)

    def _make_screen(self, name: str) -> Screen:
        module = import_module(f"console.views.{name}")
        kind = next(
            value
            for value in vars(module).values()
            if isinstance(value, type) and issubclass(value, Screen) and value is not Screen
        )
        screen = kind(self.bridge, self.theme, self.speech)
        screen.commanded.connect(self.send)
        screen.coordinates_asked.connect(self.cycle_coordinates)
        screen.subject_asked.connect(self.show_subject)
        self.screens[name] = screen
        self.stack.addWidget(screen)
        return screen

    @property
    def screen_shown(self) -> Screen:
        """The screen in front."""
        return cast("Screen", self.stack.currentWidget())

    # ---- from the bridge

    def _show_picture(self, picture: Picture) -> None:
        self.picture = picture
        self.alarms.show_picture(picture)
        self._awaits_replay = False
        if self.replay is None or not self.bridge.has_live:
            self.heartbeat.came(picture.at_ns)
        for screen in self.screens.values():
            if screen.wants_picture():
                screen.show_picture(picture)
        self._frame_it()
        self.refresh()

    def _show_live_strip(self, strip: AlarmStrip) -> None:
        self.live_strip = strip
        self.heartbeat.came(strip.at_ns)
        self.refresh()

    def _show_replay(self, state: ReplayState | None) -> None:
        if state is None:
            self.live_strip = None
        elif self.replay is None:
            # What is drawn is still the live picture: it must not be seen as the replayed moment's.
            self._awaits_replay = True
        self.replay = state
        self._frame_it()
        self.refresh()

    def _show_trouble(self, trouble: OperatorError) -> None:
        self.note.say(f"{self.speech.tell(trouble.text)} {self.speech.tell(trouble.remedy)}".strip())

    # ---- to the bridge

    def send(self, order: Order) -> bool:
        """Give an order; while a replay is shown it is refused and the window says why."""
        if self.bridge.send(order):
            return True
        self.note.say(self.speech.say("shell.replay.lock"))
        return False

    # ---- what is shown now

    def refresh(self) -> None:
        """Everything with an age, and whether the console still lives."""
        now_ns = self.bridge.now_ns()
        is_replayed = self.replay is not None
        picture = self.picture
        self.stack.setVisible(not self._awaits_replay or self.navigation.current == "replay")
        if is_replayed:
            pulse = replay_pulse(self.live_strip, self.heartbeat, self.speech, now_ns, has_live=self.bridge.has_live)
            self.strip.clock.show_pulse(pulse)
            self.banners.say_replay(self.live_strip, picture, now_ns, has_live=self.bridge.has_live)
        else:
            self.strip.clock.show_pulse(live_pulse(picture, self.heartbeat, self.speech, now_ns))
            self.banners.say_live(picture, now_ns)
        if picture is not None:
            self.strip.show_picture(picture, now_ns, is_replayed=is_replayed)
            self.navigation.show_faults(picture.faults)
        self.alarms.refresh(self.live_strip, is_replayed=is_replayed)
        self.alarms.place(self.stack.geometry())

    def _frame_it(self) -> None:
        kind = "replay" if self.replay is not None else self.picture.mode if self.picture else "live"
        if kind != self.frame.kind or self._whole.contentsMargins().left() != self.frame.width_px:
            self.frame.kind = kind
            width = self.frame.width_px
            self._whole.setContentsMargins(width, width, width, width)
            self.frame.update()
        badge = self.speech.say(f"shell.badge.{kind}")
        name = self.picture.incident.name if self.picture else ""
        self.setWindowTitle(" · ".join(part for part in (badge, name, self.speech.say("shell.title")) if part))

    # ---- keys

    def toggle_full_screen(self) -> None:
        """Full screen and back."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def focus_find(self) -> None:
        """Put the cursor into the find field of the screen shown."""
        if not self.screen_shown.focus_find():
            self.note.say(self.speech.say("shell.said.no_find"))

    def toggle_night(self) -> None:
        """Night colours or day colours."""
        self.theme.is_night = not self.theme.is_night
        self._keep(night=self.theme.is_night)
        self.restyle()
        self.note.say(self.speech.say("shell.said.night" if self.theme.is_night else "shell.said.day"))

    def toggle_language(self) -> None:
        """The other language."""
        self.speech.toggle()
        self._keep(language=self.speech.language)
        self.retranslate()
        self.note.say(self.speech.say("shell.said.language"))

    def cycle_coordinates(self) -> None:
        """The next style of coordinates, everywhere."""
        self.speech.style = STYLES[(STYLES.index(self.speech.style) + 1) % len(STYLES)]
        self._keep(coordinates=self.speech.style)
        self.retranslate()
        self.note.say(self.speech.say("shell.said.coordinates", style=self.speech.style_name()))

    def cycle_scale(self) -> None:
        """The next larger text, after the largest the smallest."""
        self.chosen_scale = SCALES[(SCALES.index(self.chosen_scale) + 1) % len(SCALES)]
        self._keep(scale=self.chosen_scale)
        self._fit_scale()
        is_limited = self.theme.scale < self.chosen_scale * automatic_scale(self.width(), self.height())
        message_id = "shell.said.scale_limited" if is_limited else "shell.said.scale"
        self.note.say(self.speech.say(message_id, scale=f"{self.theme.scale:g}"))

    def _keep(self, **values: bool | float | str) -> None:
        if not self.settings.keep(**values):
            self.note.say(self.speech.say("shell.said.settings_unsaved", file=settings_file()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What no widget wanted: Esc goes back one step, Enter presses the button in focus."""
        focused = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focused, QAbstractButton):
            focused.click()
        elif event.key() == Qt.Key.Key_Escape:
            self.go_back()
        else:
            super().keyPressEvent(event)

    def go_back(self) -> None:
        """Put the alarm list away, or end the replay, or leave full screen."""
        if self.alarms.panel.isVisible():
            self.alarms.panel.hide()
        elif self.replay is not None:
            self.bridge.return_live()
        elif self.isFullScreen():
            self.toggle_full_screen()

    # ---- theme, language, size

    def restyle(self) -> None:
        """Colour and measure everything anew."""
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setStyleSheet(self.theme.style_sheet())
        gap = self.theme.px(Metric.HAIRLINE)
        for rows in (self._whole, self._middle, self._column):
            rows.setSpacing(gap)
        for part in (self.strip, self.navigation, self.banners, self.alarms.panel):
            part.restyle()
        for screen in self.screens.values():
            screen.restyle()
        self.alarms.place(self.stack.geometry())
        self._frame_it()
        self.frame.update()

    def retranslate(self) -> None:
        """Say everything anew."""
        for screen in self.screens.values():
            screen.retranslate()
        self.navigation.update()
        self._frame_it()
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A size may allow another scale."""
        super().resizeEvent(event)
        self._fit_scale()
        self.strip.restyle()
        self.alarms.place(self.stack.geometry())

    def _fit_scale(self) -> None:
        scale = fitting_scale(self.chosen_scale, self.width(), self.height())
        if scale != self.theme.scale:
            self.theme.scale = scale
            self.restyle()

    def changeEvent(self, event: QEvent) -> None:
        """Full screen and back keep the focus on the screen."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowStateChange and self.stack.currentWidget() is not None:
            self.screen_shown.setFocus()
