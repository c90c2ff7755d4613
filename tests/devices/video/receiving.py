"""A receiver's process without a console: told by messages, heard by messages."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from console.frames import FrameReader, frames_name, make_frames, remove_frames
from devices.video.messages import (
    Command,
    Grade,
    MessageError,
    Open,
    Prepare,
    Report,
    Segment,
    Show,
    Status,
    Stop,
    pack,
    unpack,
)
from tests.devices.video.rig import ROOT

LIMIT_S = 25.0


class Told:
    """One receiver; its reports are kept in order."""

    def __init__(self, process: subprocess.Popen[bytes], reader: FrameReader) -> None:
        self.process = process
        self.reader = reader
        self.said: list[Report] = []
        self._read = 0
        self._news = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with contextlib.suppress(MessageError), self._news:
                report = unpack(line)
                if isinstance(report, Status | Segment):
                    self.said.append(report)
                    self._news.notify_all()

    def tell(self, command: Command) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(pack(command))
        self.process.stdin.flush()

    def open(self, url: str, grade: Grade = "main") -> None:
        self.tell(Open(url=url, wall_offset_ns=time.time_ns() - time.monotonic_ns(), grade=grade))

    def wait(self, accepts: Callable[[Status], bool], within_s: float = LIMIT_S) -> Status:
        """The next status that is accepted; those before it are passed over."""
        limit_s = time.monotonic() + within_s
        with self._news:
            while True:
                while self._read < len(self.said):
                    report = self.said[self._read]
                    self._read += 1
                    if isinstance(report, Status) and accepts(report):
                        return report
                if not self._news.wait(limit_s - time.monotonic()):
                    raise AssertionError(self.said[-8:])

    def segments(self, event: str) -> list[Segment]:
        return [report for report in self.said if isinstance(report, Segment) and report.event == event]


@contextlib.contextmanager
def receiving(folder: Path | None = None, *, is_shown: bool = True) -> Iterator[Told]:
    """A receiver that is prepared; its recordings lie in ``folder``."""
    memory = make_frames("one")
    reader = FrameReader(frames_name("one"))
    process = subprocess.Popen(
        [sys.executable, "-m", "devices.video.receive"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    told = Told(process, reader)
    try:
        told.tell(
            Prepare(
                camera_id="one",
                slots=str(memory),
                record_folder=None if folder is None else str(folder),
                floor_bytes=1_000_000,
            )
        )
        if is_shown:
            told.tell(Show(width_px=320, height_px=180))
        yield told
        told.tell(Stop())
        process.wait(LIMIT_S)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        reader.close()
        remove_frames(memory)
