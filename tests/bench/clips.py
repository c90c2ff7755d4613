"""Clips of 25 pictures a second that carry their own number, encoded once and sent as they are."""

from __future__ import annotations

import contextlib
import heapq
import mmap
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from devices.simulators.clip import PACKET_BYTES, Burst, Clip

WIDTH_PX, HEIGHT_PX, RATE_HZ, FRAMES = 1280, 720, 25, 250
CELL_PX = 40
BITS = 8
_DATAGRAM_BYTES = 7 * PACKET_BYTES
_PAUSE_NS = 500_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """How large and how rich a clip is."""

    width_px: int
    height_px: int
    rate_bps: int

    def __str__(self) -> str:
        return f"{self.width_px}x{self.height_px} {RATE_HZ}/s H.264 {self.rate_bps / 1e6:g} Mbit/s"


LARGE = Stream(width_px=WIDTH_PX, height_px=HEIGHT_PX, rate_bps=2_500_000)
SMALL = Stream(width_px=640, height_px=360, rate_bps=500_000)
"""What a camera calls its main and its sub stream."""


def _picture(ground: Any, number: int, shift_px: int) -> Any:
    """Moving ground; on top a white cell, a black one, and the number's bits from the highest on."""
    picture = np.roll(ground, number * shift_px, axis=1)
    cells = [1, 0, *(number >> bit & 1 for bit in reversed(range(BITS)))]
    for at, cell in enumerate(cells):
        picture[0:CELL_PX, at * CELL_PX : (at + 1) * CELL_PX] = 255 * cell
    return picture


def number_in(light: Callable[[int, int], int], width_px: int) -> int | None:
    """The number in a picture scaled to this width, by the brightness (0..255) at a point; ``None``: none there."""
    cell = CELL_PX * width_px / WIDTH_PX
    cells = [light(round((at + 0.5) * cell), round(0.5 * cell)) > 127 for at in range(BITS + 2)]
    if cells[:2] != [True, False]:
        return None
    return sum(value << bit for bit, value in zip(reversed(range(BITS)), cells[2:], strict=True))


def make(path: Path, seed: int, of: Stream) -> None:
    """Ten seconds, a keyframe a second, no pictures out of order."""
    chance = np.random.default_rng(seed)
    small = chance.integers(40, 215, (HEIGHT_PX // 16, WIDTH_PX // 16, 3), np.uint8)
    ground = np.kron(small, np.ones((16, 16, 1), np.uint8))
    # A clock with every picture: the sender cuts there, and two pictures in one burst would be one on the screen.
    options = {"omit_video_pes_length": "0", "pcr_period": "20"}
    with av.open(str(path), "w", format="mpegts", options=options) as container:
        stream: Any = container.add_stream("libx264", rate=RATE_HZ)
        stream.width, stream.height, stream.pix_fmt = of.width_px, of.height_px, "yuv420p"
        stream.bit_rate, stream.gop_size = of.rate_bps, RATE_HZ
        stream.options = {"preset": "veryfast", "tune": "zerolatency", "bf": "0"}
        stream.time_base = Fraction(1, RATE_HZ)
        for number in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(_picture(ground, number, 3 + seed % 4), format="rgb24")
            frame = frame.reformat(of.width_px, of.height_px, "yuv420p")
            frame.pts = number
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def kept(count: int = 4, of: Stream = LARGE) -> list[Path]:
    """The clips, made where they are missing and kept in the temporary folder."""
    folder = Path(tempfile.gettempdir()) / "command-post-bench-clips"
    folder.mkdir(exist_ok=True)
    clips = [folder / f"{of.width_px}x{of.height_px}-{RATE_HZ}-{number}.ts" for number in range(count)]
    for number, clip in enumerate(clips):
        if not clip.exists():
            make(clip.with_suffix(".part"), number, of)
            clip.with_suffix(".part").rename(clip)
    return clips


def bare_decode_s(clips: Sequence[Path]) -> float:
    """Processor seconds that PyAV alone takes to decode one second of all of them, in one thread each."""
    began = time.process_time()
    for clip in clips:
        with av.open(str(clip)) as container:
            container.streams.video[0].codec_context.thread_count = 1
            for _ in container.decode(video=0):
                pass
    return (time.process_time() - began) / (FRAMES / RATE_HZ)


@contextlib.contextmanager
def sent_times(path: Path, clips: int) -> Iterator[memoryview]:
    """When each clip's pictures were last sent: CLOCK_MONOTONIC nanoseconds by clip and number, shared by file."""
    if not path.exists():
        path.write_bytes(bytes(clips * FRAMES * 8))
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        octets = memoryview(memory)
        words = octets.cast("q")
        try:
            yield words
        finally:
            words.release()
            octets.release()


def _starts(octets: bytes) -> int:
    """How many pictures begin in these packets."""
    return sum(
        bool(octets[at + 1] & 0x40) and octets[at + 4 : at + 188].find(b"\0\0\1\xe0") >= 0
        for at in range(0, len(octets), PACKET_BYTES)
    )


def send(clips: Sequence[Path], ports: Sequence[int], sent: Path) -> None:
    """Send all clips for ever, each burst when it is due; never ends by itself.  A pause is not made up for."""
    streams = [Clip(clip.read_bytes()).bursts() for clip in clips]
    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    numbers = [-1] * len(clips)
    first_ns = [time.monotonic_ns() + number * 10_000_000 for number in range(len(clips))]
    waiting: list[tuple[int, int, Burst]] = []
    for number, stream in enumerate(streams):
        burst = next(stream)
        waiting.append((first_ns[number] + burst.due_ns, number, burst))
    heapq.heapify(waiting)
    with sent_times(sent, len(clips)) as times:
        while True:
            due_ns, number, burst = waiting[0]
            late_ns = time.monotonic_ns() - due_ns
            time.sleep(max(0, -late_ns) / 1e9)
            if late_ns > _PAUSE_NS:
                first_ns = [one_ns + late_ns for one_ns in first_ns]
                waiting = [(at_ns + late_ns, which, held) for at_ns, which, held in waiting]
            for _ in range(_starts(burst.octets)):
                numbers[number] = (numbers[number] + 1) % FRAMES
                times[number * FRAMES + numbers[number]] = time.monotonic_ns()
            for at in range(0, len(burst.octets), _DATAGRAM_BYTES):
                with contextlib.suppress(ConnectionRefusedError):
                    wire.sendto(burst.octets[at : at + _DATAGRAM_BYTES], ("127.0.0.1", ports[number]))
            following = next(streams[number])
            heapq.heapreplace(waiting, (first_ns[number] + following.due_ns, number, following))
