"""What somebody would take instead: ``-m tests.bench.rivals KIND FOR_S SETTLE_S SENT URL...``, one JSON object.

``av``: PyAV, a thread a stream, decoding and nothing else; ``cv2``: ``VideoCapture``, the same; ``qt``:
``QMediaPlayer`` with its low-latency playback into a ``QVideoSink``.  None of them scales or paints anything.  ``SENT``
is the file of send times (``tests.bench.clips``), ``-`` where pictures carry no number.  What can be configured is set
as a good user would: one decoding thread, time limits of 5 s to open and 3 s to read, opened again half a second
after a failure.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from tests.bench.clips import FRAMES, number_in, sent_times

OPEN_S, READ_S, AGAIN_S = 5.0, 3.0, 0.5
GAP_NS = 800_000_000


class Log:
    """What one stream gave: ages, and when pictures began again or the library complained (CLOCK_MONOTONIC)."""

    def __init__(self, number: int, times: memoryview | None) -> None:
        self._number, self._times = number, times
        self._last: int | None = None
        self._last_ns = 0
        self.ages_ms: list[float] = []
        self.count = 0
        self.opened_ns = 0
        self.begun_ns: list[int] = []
        self.failed_ns: list[int] = []

    def note(self, light: Callable[[int, int], int], width_px: int) -> None:
        """A picture is there."""
        now_ns = time.monotonic_ns()
        if now_ns - self._last_ns > GAP_NS:
            self.begun_ns.append(now_ns)
        self._last_ns = now_ns
        self.count += 1
        if self._times is None:
            return
        number = number_in(light, width_px)
        if number is not None and number != self._last:
            self._last = number
            sent_ns = self._times[self._number * FRAMES + number]
            if sent_ns:
                self.ages_ms.append((now_ns - sent_ns) / 1e6)

    def fail(self) -> None:
        """The library says that something is wrong."""
        self.failed_ns.append(time.monotonic_ns())


def read_av(url: str, log: Log) -> None:
    """Decode for ever."""
    import av  # noqa: PLC0415 - each kind has only its own library
    import numpy as np  # noqa: PLC0415

    options = {"rtsp_transport": "tcp"} if url.startswith("rtsp") else {}
    while True:
        with contextlib.suppress(av.error.FFmpegError, OSError):
            log.opened_ns = log.opened_ns or time.monotonic_ns()
            with av.open(url, options=options, timeout=(OPEN_S, READ_S)) as container:
                container.streams.video[0].codec_context.thread_count = 1
                for frame in container.decode(video=0):
                    plane = frame.planes[0]
                    luma = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
                    log.note(lambda x, y, luma=luma: int(luma[y, x]), frame.width)  # type: ignore[misc]
        log.fail()
        time.sleep(AGAIN_S)


def read_cv2(url: str, log: Log) -> None:
    """Decode for ever."""
    import cv2  # noqa: PLC0415

    options = [
        cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, round(OPEN_S * 1000), cv2.CAP_PROP_READ_TIMEOUT_MSEC, round(READ_S * 1000),
        cv2.CAP_PROP_N_THREADS, 1,
    ]  # fmt: skip
    while True:
        log.opened_ns = log.opened_ns or time.monotonic_ns()
        capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG, options)
        while True:
            is_read, picture = capture.read()
            if not is_read:
                break
            log.note(lambda x, y, picture=picture: int(picture[y, x, 1]), picture.shape[1])  # type: ignore[misc]
        capture.release()
        log.fail()
        time.sleep(AGAIN_S)


class _Player:
    """One QMediaPlayer; its module is looked up when run, for the console's own environment has none."""

    def __init__(self, url: str, log: Log, core: Any, multimedia: Any) -> None:
        self._url, self._log, self._core = core.QUrl(url), log, core
        self._multimedia = multimedia
        self.player, self.sink = multimedia.QMediaPlayer(), multimedia.QVideoSink()
        options = multimedia.QPlaybackOptions()
        options.setPlaybackIntent(multimedia.QPlaybackOptions.PlaybackIntent.LowLatencyStreaming)
        options.setNetworkTimeout(round(READ_S * 1000))
        self.player.setPlaybackOptions(options)
        self.player.setVideoSink(self.sink)
        self.sink.videoFrameChanged.connect(self._see)
        self.player.errorOccurred.connect(lambda *_: self._again())
        self.player.mediaStatusChanged.connect(self._judge)
        self._open()

    def _open(self) -> None:
        self._log.opened_ns = self._log.opened_ns or time.monotonic_ns()
        self.player.setSource(self._core.QUrl())
        self.player.setSource(self._url)
        self.player.play()

    def _judge(self, status: Any) -> None:
        if status == self._multimedia.QMediaPlayer.MediaStatus.EndOfMedia:
            self._again()

    def _again(self) -> None:
        self._log.fail()
        self._core.QTimer.singleShot(round(AGAIN_S * 1000), self._open)

    def _see(self, frame: Any) -> None:
        if not frame.isValid() or not frame.map(self._multimedia.QVideoFrame.MapMode.ReadOnly):
            return
        luma, stride = frame.bits(0), frame.bytesPerLine(0)
        self._log.note(lambda x, y: luma[y * stride + x], frame.width())
        frame.unmap()


def run_qt(urls: list[str], logs: list[Log], for_s: float) -> None:
    """Play for so long."""
    import importlib  # noqa: PLC0415

    core, gui, multimedia = (importlib.import_module(f"PySide6.{name}") for name in ("QtCore", "QtGui", "QtMultimedia"))
    application = gui.QGuiApplication([])
    players = [_Player(url, log, core, multimedia) for url, log in zip(urls, logs, strict=True)]
    core.QTimer.singleShot(round(for_s * 1000), application.quit)
    application.exec()
    del players


def _measured(logs: list[Log], settle_s: float, for_s: float, said: dict[str, Any]) -> None:
    own = psutil.Process()
    time.sleep(settle_s)
    for log in logs:
        log.ages_ms.clear()
        log.count = 0
    began_s, before = time.monotonic(), own.cpu_times()
    time.sleep(for_s)
    spent_s, after = time.monotonic() - began_s, own.cpu_times()
    said["cores"] = (after.user + after.system - before.user - before.system) / spent_s
    said["rates"] = [log.count / spent_s for log in logs]
    said["ages_ms"] = [list(log.ages_ms) for log in logs]


def main() -> dict[str, Any]:
    """Read all streams, measure after they have settled."""
    kind, for_s, settle_s, sent, *urls = sys.argv[1:]
    said: dict[str, Any] = {"started_ns": time.monotonic_ns()}
    with contextlib.ExitStack() as stack:
        times = None if sent == "-" else stack.enter_context(sent_times(Path(sent), len(urls)))
        logs = [Log(number, times) for number in range(len(urls))]
        measuring = threading.Thread(target=_measured, args=(logs, float(settle_s), float(for_s), said), daemon=True)
        measuring.start()
        if kind == "qt":
            run_qt(urls, logs, float(for_s) + float(settle_s) + 0.5)
        else:
            read = {"av": read_av, "cv2": read_cv2}[kind]
            for url, log in zip(urls, logs, strict=True):
                threading.Thread(target=read, args=(url, log), daemon=True).start()
        measuring.join()
        said["opened_ns"] = [log.opened_ns for log in logs]
        said["begun_ns"] = [log.begun_ns for log in logs]
        said["failed_ns"] = [log.failed_ns for log in logs]
        print(json.dumps(said), flush=True)
        # Threads that read for ever, with a memory map they look into.
        __import__("os")._exit(0)
    return said


if __name__ == "__main__":
    main()
