"""As ``tests.bench.watched``, with the video screen in front and the number in every painted picture read.

Of the environment: ``BENCH_SENT``, the file of send times (``tests.bench.clips``); ``BENCH_SETTLE``, seconds to wait
before measuring; ``BENCH_KEYS``, whether key frames are enough for what is not selected.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import psutil
from PySide6.QtGui import QImage, QPaintEvent

from console.cameras import Cameras
from console.configuration.model import CameraConfiguration
from console.views.video import wall
from console.views.widgets.sight import VEIL_AFTER_NS
from console.views.window import Window
from devices.video.messages import WORD_DECODED
from tests.bench.clips import FRAMES, number_in, sent_times
from tests.bench.watched import Say, after, main


class Eyes:
    """Reads what is painted: each picture's age when it is first seen, and when a tile was veiled and when not."""

    def __init__(self, times: memoryview) -> None:
        self._times = times
        self._last: dict[str, int] = {}
        self._view: wall.WallView | None = None
        self._is_watching = False
        self._began_s = 0.0
        self._cpu_s = (0.0, 0.0)
        self._decoded: dict[str, int] = {}
        self.ages_ms: dict[str, list[float]] = {}
        self.opened_ns: dict[str, int] = {}
        self.turns: dict[str, list[tuple[int, bool]]] = {}
        self.said: Say = {}

    def begin(self, window: Window) -> None:
        """Show the wall, and watch while the other watch does."""
        for_s, settle_s = float(sys.argv[3]), float(os.environ["BENCH_SETTLE"])
        after(window, 0.5, lambda: window.show_screen("video"))
        after(window, settle_s, self._start)
        after(window, for_s, self._stop)

    def _start(self) -> None:
        self._is_watching = True
        self._decoded = self._decoded_now()
        self._began_s, self._cpu_s = time.monotonic(), _spent_s()

    def _stop(self) -> None:
        self._is_watching = False
        spent_s = time.monotonic() - self._began_s
        own_s, others_s = (after - before for after, before in zip(_spent_s(), self._cpu_s, strict=True))
        rates = {one: (count - self._decoded.get(one, 0)) / spent_s for one, count in self._decoded_now().items()}
        self.said = {
            "ages_ms": self.ages_ms, "for_s": spent_s, "own": own_s / spent_s, "others": others_s / spent_s,
            "rates": rates, "opened_ns": self.opened_ns, "turns": self.turns,
        }  # fmt: skip

    def _decoded_now(self) -> dict[str, int]:
        """Pictures decoded since each camera began."""
        sources = {} if self._view is None else self._view.feed._sources
        return {one: source.reader._words[WORD_DECODED] for one, source in sources.items() if source.reader}

    def see(self, view: wall.WallView, event: QPaintEvent) -> None:
        """After a painting: which pictures are new on the screen."""
        now_ns = time.monotonic_ns()
        if self._view is None:
            self._view = view
            view.set_key_only(is_key_only=os.environ.get("BENCH_KEYS") == "1")
        for camera_id, rect in zip(view.slots(), view.rects(), strict=True):
            image = view.feed.image(camera_id) if camera_id is not None else None
            if camera_id is None or image is None or not event.region().intersects(rect.toAlignedRect()):
                continue
            turns = self.turns.setdefault(camera_id, [])
            overdue_ns = view.feed.overdue_ns(camera_id)
            is_shown = overdue_ns is not None and overdue_ns < VEIL_AFTER_NS
            if not turns or turns[-1][1] != is_shown:
                turns.append((now_ns, is_shown))
            number = _number(image)
            if number is None or number == self._last.get(camera_id):
                continue
            self._last[camera_id] = number
            sent_ns = self._times[int(camera_id.rpartition("-")[2]) * FRAMES + number]
            if self._is_watching and sent_ns:
                self.ages_ms.setdefault(camera_id, []).append((now_ns - sent_ns) / 1e6)


def _number(image: QImage) -> int | None:
    octets, stride = image.constBits(), image.bytesPerLine()
    return number_in(lambda x, y: octets[y * stride + 4 * x + 1], image.width())


def _spent_s() -> tuple[float, float]:
    """Processor seconds of the window's process and of all it started."""
    own = psutil.Process()
    total_s = 0.0
    for child in own.children(recursive=True):
        times = child.cpu_times()
        total_s += times.user + times.system
    times = own.cpu_times()
    return times.user + times.system, total_s


def _main() -> Say:
    with sent_times(Path(os.environ["BENCH_SENT"]), len(sys.argv) - 5) as times:
        eyes = Eyes(times)
        plain: Any = wall.WallView.paintEvent
        start: Any = Cameras.start

        def paint(view: wall.WallView, event: QPaintEvent) -> None:
            plain(view, event)
            eyes.see(view, event)

        def begin(cameras: Cameras, camera: CameraConfiguration) -> None:
            eyes.opened_ns.setdefault(camera.id, time.monotonic_ns())
            start(cameras, camera)

        wall.WallView.paintEvent = paint  # type: ignore[method-assign, assignment]
        Cameras.start = begin  # type: ignore[method-assign, assignment]
        return {**main(eyes.begin), **eyes.said}


if __name__ == "__main__":
    print(json.dumps(_main()))
