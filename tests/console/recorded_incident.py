"""An incident that a real console recorded from a camera whose pictures carry their number, with everything that
can happen: files in a row, a camera that is silent for a while, a console that was off.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from console.configuration.file import load
from console.frames import Frame, FrameReader, FramesError, frames_name
from console.runtime import Runtime
from console.sights import REPLAYED
from tests.bench.clips import FRAMES, kept, number_in, send, sent_times
from tests.bench.live import free_ports

CAMERA = "cam"
FILE = """
[incident]
name = "演示"

[[camera]]
id = "cam"
name = "一号"
url = "udp://127.0.0.1:{port}"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Where it lies, and when what happened, in console time.

    ``sent_ns`` are the moments at which pictures 0, 1, 2 … of the first stretch were sent.
    """

    folder: Path
    sent_ns: tuple[int, ...]
    silent_ns: tuple[int, int]
    off_ns: tuple[int, int]


@contextlib.contextmanager
def sending(port: int, sent: Path) -> Iterator[None]:
    """Somebody sends the clip from its start."""
    process = multiprocessing.get_context("spawn").Process(target=send, args=(kept(1), [port], sent), daemon=True)
    process.start()
    try:
        end_s = time.monotonic() + 30
        while not sent.exists() or sent.stat().st_size < FRAMES * 8 or not any(_times(sent)):
            assert time.monotonic() < end_s, "nothing is sent"
            time.sleep(0.02)
        yield
    finally:
        process.kill()
        process.join()


def _times(sent: Path) -> list[int]:
    with sent_times(sent, 1) as words:
        return list(words)


def begin(folder: Path, port: int | None = None) -> tuple[Runtime, int]:
    """A console that records this port, and the port."""
    port = port or free_ports(1)[0]
    file = folder / "vehicle.toml"
    file.write_text(FILE.format(port=port), "utf-8")
    plain = load(file)
    configuration = replace(plain, recording=replace(plain.recording, segment_s=3.0, floor_bytes=1_000_000))
    runtime = Runtime(configuration, folder / "incident")
    runtime.start()
    return runtime, port


def record(folder: Path) -> Incident:
    """Some twenty seconds of it."""
    runtime, port = begin(folder)
    offset_ns = runtime.now_ns() - time.monotonic_ns()
    with sending(port, folder / "first"):
        time.sleep(8.5)
        stopped_ns = runtime.now_ns()
    sent_ns = tuple(stamp + offset_ns for stamp in _times(folder / "first") if stamp)
    time.sleep(3.0)
    with sending(port, folder / "second"):
        begun_ns = runtime.now_ns()
        time.sleep(3.0)
        runtime.stop()
    off_ns = runtime.now_ns()
    time.sleep(5.0)
    runtime, _ = begin(folder, port)
    on_ns = runtime.now_ns()
    with sending(port, folder / "third"):
        time.sleep(3.0)
        runtime.stop()
    return Incident(
        folder=folder / "incident", sent_ns=sent_ns, silent_ns=(stopped_ns, begun_ns), off_ns=(off_ns, on_ns)
    )


def number_of(frame: Frame) -> int | None:
    """The number in a picture of the shared memory: by its green."""
    return number_in(lambda x, y: frame.data[y * frame.stride_bytes + 4 * x + 1], frame.width_px)


class Screen:
    """Looks at what is played of a camera, as a tile does."""

    def __init__(self, camera_id: str = CAMERA, within_s: float = 30.0) -> None:
        end_s = time.monotonic() + within_s
        while True:
            with contextlib.suppress(FramesError):
                self.reader = FrameReader(frames_name(REPLAYED + camera_id))
                break
            assert time.monotonic() < end_s, "nothing is played"
            time.sleep(0.02)
        self.frame: Frame | None = None

    def look(self) -> Frame | None:
        """The newest picture, also one that was seen before."""
        self.frame = self.reader.read() or self.frame
        return self.frame
