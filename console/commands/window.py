"""Windows: the console on a running incident, and a recorded incident alone."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from console.alarm_rules import Alarming
from console.bridge import Bridge, ReplayDesk, ReplayOpener
from console.desk import LiveDesk
from console.drill import Waiting
from console.i18n import Language
from console.picture import Picture, Text
from console.player import Player
from console.queries import ReplayState
from console.runtime import Runtime
from console.sound import Sounder, find_player
from console.spoken import Speaker, Tongue, find_voice
from console.surroundings import surroundings_of
from console.trouble import OperatorError

SETTLED_MS = 5_000
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication


@contextlib.contextmanager
def application() -> Iterator[QApplication]:
    """The one QApplication, which SIGINT and SIGTERM end in order.

    Raises:
        OperatorError: there is no screen to show a window on.
    """
    if sys.platform == "linux" and not any(os.environ.get(name) for name in _SCREENS):
        # Qt would end the whole process without a word that helps.
        raise OperatorError(Text(id="display.missing"), Text(id="display.missing_remedy"))
    from PySide6.QtCore import QTimer  # noqa: PLC0415 - Qt is loaded only when a window is wanted
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415

    from console.views.painting import paint_in_one_thread  # noqa: PLC0415 - with the window

    paint_in_one_thread()
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("command-post")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: app.quit())
    # Python sees signals only when it runs: a slow timer lets it.
    waking = QTimer()
    waking.start(200)
    waking.timeout.connect(lambda: None)
    yield app


def show_incident(waiting: Waiting, language: Language | None, broken: Path | None = None) -> int:
    """The window on the vehicle's incident, until it is closed; ``broken`` is the file it should have been opened with.

    Raises:
        OperatorError: the vehicle's wires or its folder cannot be had.
    """
    with application() as app:
        from PySide6.QtCore import QTimer  # noqa: PLC0415

        from console.views.opening import open_window  # noqa: PLC0415 - after QApplication
        from console.views.speech import Speech  # noqa: PLC0415 - with the window

        vehicle = waiting()
        runtime = Runtime(vehicle.configuration, vehicle.folder, broken_file=broken)
        runtime.open()
        desk = LiveDesk(runtime, file=vehicle.file)
        bridge = Bridge(
            desk,
            open_replay=_opener(runtime.folder),
            on_cameras=desk.show_cameras,
            incident_folder=runtime.folder,
            surroundings=surroundings_of(
                vehicle.configuration.terrain,
                vehicle.configuration.stations,
                vehicle.file,
                vehicle.configuration.maps,
                vehicle.configuration.layers,
            ),
        )
        tongue = [Speech(language or "zh")]
        runtime.on_picture = _listeners(bridge, runtime.configuration.alarming, lambda: tongue[0])
        runtime.start()
        try:
            window = open_window(bridge, language)
            tongue[0] = window.speech
            # What stands now stands for good: the collector need not walk it in the middle of a paint.
            QTimer.singleShot(SETTLED_MS, _freeze)
            app.exec()
            window.close()
        finally:
            bridge.close()
            desk.close()
            runtime.stop()
    return 0


def _freeze() -> None:
    gc.collect()
    gc.freeze()


def _listeners(bridge: Bridge, alarming: Alarming, tongue: Callable[[], Tongue]) -> Callable[[Picture], None]:
    """What hears every live picture: the window, and the alarm sound and voice where the system can make them."""
    play, voice = find_player(), find_voice()
    sounder = Sounder(play) if play is not None else None
    speaker = Speaker(voice, alarming, tongue) if voice is not None else None

    def hear(picture: Picture) -> None:
        bridge.put_live(picture)
        if sounder is not None:
            sounder.hear(picture)
        if speaker is not None:
            speaker.hear(picture)

    return hear


def show_replay(folder: Path, until_ns: int | None, language: Language | None) -> int:
    """The window on a recorded incident, without a live one."""
    with application() as app:
        from console.views.opening import open_window  # noqa: PLC0415 - after QApplication

        idle = Player(folder, lambda *_: None)
        bridge = Bridge(idle, open_replay=_opener(folder), has_live=False)
        window = open_window(bridge, language)
        bridge.open_replay(folder)
        if until_ns is not None:
            bridge.seek(until_ns)
        try:
            app.exec()
        finally:
            window.close()
            bridge.close()
            idle.close()
    return 0


def _opener(running: Path) -> ReplayOpener:
    def open_replay(folder: Path | None, bridge: Bridge) -> ReplayDesk:
        def show(picture: Picture, state: ReplayState) -> None:
            bridge.put_replayed(picture, state)

        return Player(folder or running, show)

    return open_replay
