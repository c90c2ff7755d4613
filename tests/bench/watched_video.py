"""As ``tests.bench.watched``, with the video screen in front and the number in every painted picture read."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import psutil
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPaintEvent

from console.views.video import wall
from console.views.window import Window
from tests.bench.clips import FRAMES, number_in, sent_times
from tests.bench.watched import SETTLE_S, Say, after, main


class Eyes:
    """Reads what is painted: each picture's age when it is first seen."""

    def __init__(self, times: memoryview) -> None:
        self._times = times
        self._last: dict[str, int] = {}
        self._is_watching = False
        self._began_s = 0.0
        self._cpu_s = (0.0, 0.0)
        self.ages_ms: dict[str, list[float]] = {}
        self.said: Say = {}

    def begin(self, window: Window) -> None:
        """Show the wall, and watch while the other watch does."""
        for_s = float(sys.argv[3])
        after(window, 0.5, lambda: window.show_screen("video"))
        after(window, SETTLE_S, self._start)
        after(window, SETTLE_S + for_s - 0.1, self._stop)

    def _start(self) -> None:
        self._is_watching = True
        self._began_s, self._cpu_s = time.monotonic(), _spent_s()

    def _stop(self) -> None:
        self._is_watching = False
        spent_s = time.monotonic() - self._began_s
        own_s, others_s = (after - before for after, before in zip(_spent_s(), self._cpu_s, strict=True))
        self.said = {"ages_ms": self.ages_ms, "for_s": spent_s, "own": own_s / spent_s, "others": others_s / spent_s}

    def see(self, view: wall.WallView, event: QPaintEvent) -> None:
        """After a painting: which pictures are new on the screen."""
        now_ns = time.monotonic_ns()
        for camera_id, rect in zip(view.slots(), view.rects(), strict=True):
            image = view.feed.image(camera_id) if camera_id is not None else None
            if camera_id is None or image is None or not rect.intersects(QRectF(event.rect())):
                continue
            number = _number(image)
            if number is None or number == self._last.get(camera_id):
                continue
            self._last[camera_id] = number
            sent_ns = self._times[int(camera_id.rpartition("-")[2]) * FRAMES + number]
            if self._is_watching and sent_ns:
                self.ages_ms.setdefault(camera_id, []).append((now_ns - sent_ns) / 1e6)


def _number(image: QImage) -> int | None:
    return number_in(lambda x, y: image.pixelColor(x, y).lightness(), image.width())


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
    with sent_times(Path(os.environ["BENCH_SENT"]), 4) as times:
        eyes = Eyes(times)
        plain: Any = wall.WallView.paintEvent

        def paint(view: wall.WallView, event: QPaintEvent) -> None:
            plain(view, event)
            eyes.see(view, event)

        wall.WallView.paintEvent = paint  # type: ignore[method-assign, assignment]
        return {**main(eyes.begin), **eyes.said}


if __name__ == "__main__":
    print(json.dumps(_main()))
