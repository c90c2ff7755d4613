"""The console with its window, watched from inside: ``-m tests.bench.watched MODE FOLDER FOR_S STARTED [WIRES]``.

``drill`` opens the drill vehicle as ``main.py --drill`` does; ``wires`` opens the load's configuration on the UDP
ports that ``WIRES`` names, ``cameras`` four cameras on the URLs that it names.  ``STARTED`` is when the process was
asked for (``time.time()``).  The last line on stdout is one JSON object; all but ``first_paint_s`` leaves the first
seconds out, in which screens are built.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from PySide6.QtCore import QEvent, QObject, Qt, QTimer

from console.bridge import Bridge
from console.commands import dispatch
from console.commands.window import show_incident
from console.configuration.model import CameraConfiguration, Configuration
from console.drill import Vehicle
from console.i18n import Language
from console.views import opening
from console.views.widgets.navigation import SCREENS
from console.views.window import Window
from tests.bench.figure import percentile
from tests.bench.traffic import configuration

BEAT_MS = 5
SETTLE_S = 4.0
Say = dict[str, Any]


def after(parent: QObject, wait_s: float, act: Callable[[], None]) -> None:
    """Do it once, on time: Qt's plain single shots may come a twentieth early or late, and so out of order."""
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(act)
    timer.start(round(wait_s * 1000))


class Watch(QObject):
    """Looks at one window: when it is painted, and how late the beat of its loop comes."""

    def __init__(self, window: Window, started_s: float, for_s: float) -> None:
        super().__init__(window)
        self._window = window
        self._started_s = started_s
        self._late_ms: list[float] = []
        self._tour_ms: list[float] = []
        self._last_s = 0.0
        self._is_touring = False
        self._records = 0
        self._records_s = 0.0
        self.said: Say = {"first_paint_s": None}
        self._beat = QTimer(self)
        self._beat.setTimerType(Qt.TimerType.PreciseTimer)
        self._beat.setInterval(BEAT_MS)
        self._beat.timeout.connect(self._count)
        window.frame.installEventFilter(self)
        after(self, SETTLE_S, self._settle)
        after(self, SETTLE_S + for_s, self._tour)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """The first painting is over when the loop comes round again."""
        if event.type() == QEvent.Type.Paint and self.said["first_paint_s"] is None:
            self.said["first_paint_s"] = 0.0
            QTimer.singleShot(0, self._painted)
        return super().eventFilter(watched, event)

    def _painted(self) -> None:
        self.said["first_paint_s"] = time.time() - self._started_s

    def _count(self) -> None:
        now_s = time.monotonic()
        late_ms = (now_s - self._last_s) * 1000 - BEAT_MS
        self._last_s = now_s
        (self._tour_ms if self._is_touring else self._late_ms).append(max(0.0, late_ms))

    def _shown(self) -> int:
        return self._window.picture.records if self._window.picture is not None else 0

    def _settle(self) -> None:
        self._last_s = self._records_s = time.monotonic()
        self._records = self._shown()
        self._beat.start()

    def _tour(self) -> None:
        """Every screen for the first time; the figures of the quiet time before stay apart."""
        self.said["rate"] = (self._shown() - self._records) / (time.monotonic() - self._records_s)
        self.said["rss_mb"] = psutil.Process().memory_info().rss / 1e6
        self._is_touring = True
        for number, name in enumerate(SCREENS):
            after(self, 0.4 * number, partial(self._window.show_screen, name))
        after(self, 0.4 * len(SCREENS) + 0.4, self._finish)

    def _finish(self) -> None:
        self.said["longest_ms"] = max(self._late_ms)
        self.said["p999_ms"] = percentile(self._late_ms, 0.999)
        self.said["tour_ms"] = max(self._tour_ms)
        self.said["toured_rss_mb"] = psutil.Process().memory_info().rss / 1e6
        self._window.close()


def watched(started_s: float, for_s: float, begin: Callable[[Window], None]) -> list[Watch]:
    """From now on every window that opens is watched; ``begin`` sees it first."""
    watches: list[Watch] = []
    plain = opening.open_window

    def open_window(bridge: Bridge, language: Language | None = None) -> Window:
        window = plain(bridge, language)
        begin(window)
        watches.append(Watch(window, started_s, for_s))
        return window

    opening.open_window = open_window
    return watches


def _vehicle(mode: str, words: list[str]) -> Configuration:
    if mode == "wires":
        return configuration([f"udp:127.0.0.1:{port}" for port in words])
    cameras = tuple(
        CameraConfiguration(id=f"camera-{number}", name=f"画面 {number}", url=url, is_recorded=False)
        for number, url in enumerate(words)
    )
    return Configuration(mode="live", incident="测算", post="测算", cameras=cameras)


def main(begin: Callable[[Window], None] = lambda _: None) -> Say:
    """Run the console until the watch is over; gives what was seen."""
    mode, folder, for_s, started_s, *words = sys.argv[1:]
    watches = watched(float(started_s), float(for_s), begin)
    if mode == "drill":
        dispatch(["--drill", "--journal", folder])
    else:
        vehicle = Vehicle(configuration=_vehicle(mode, words), folder=Path(folder))
        show_incident(lambda: vehicle, "zh")
    return watches[0].said


if __name__ == "__main__":
    print(json.dumps(main()))
