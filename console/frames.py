"""The reading side of the cameras' shared pictures, for the window; and making and removing them.

Nothing here decodes, waits or locks: a camera's process may hang or die at any moment and the window goes on.  The
layout is described in ``devices.video.messages``.  ``overdue_ns`` is what a tile veils itself by: it counts from the
packet of the picture that is shown, whatever else hangs.
"""

from __future__ import annotations

import contextlib
import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from devices.video.messages import (
    HEADER_BYTES,
    HEALTHS,
    LAYOUT_VERSION,
    MAGIC,
    SLOT_HEIGHT,
    SLOT_NUMBER,
    SLOT_PTS,
    SLOT_SEQUENCE,
    SLOT_STAMP,
    SLOT_STRIDE,
    SLOT_WIDTH,
    SLOT_WORDS,
    UNKNOWN,
    WORD_HEALTH,
    WORD_HEALTH_SINCE,
    WORD_KEY_INTERVAL,
    WORD_MAGIC,
    WORD_NEWEST,
    WORD_PACKET_STAMP,
    WORD_PACKETS,
    WORD_SLOT_BYTES,
    WORD_VERSION,
    WORDS,
    Health,
    memory_folder,
)

_PREFIX = "command-post-"
_TRIES = 4
_LONGEST_KEY_NS = 30_000_000_000
SLOT_SIZES_PX = ((1920, 1080), (1280, 720), (640, 360))
"""The largest picture a slot holds, from the best down to what a nearly full memory still grants."""


class FramesError(OSError):
    """The shared memory cannot be made, is not there, or is laid out by another version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One picture: ``stride_bytes * height_px`` octets, four a pixel, blue first (QImage's Format_RGB32).

    ``stamp_ns`` (CLOCK_MONOTONIC) is when its packet was due; ``pts_ns`` the sender's time, ``None`` where unknown.
    """

    data: bytes
    width_px: int
    height_px: int
    stride_bytes: int
    pts_ns: int | None
    stamp_ns: int
    number: int


def frames_name(camera_id: str, pid: int | None = None) -> str:
    """The name of a camera's shared pictures in the console with this process id (default: this process)."""
    return f"{_PREFIX}{os.getpid() if pid is None else pid}-{quote(camera_id, safe='')}"


def make_frames(camera_id: str, pid: int | None = None) -> Path:
    """Make a camera's shared pictures, empty, with memory set aside for good; gives the path.

    Takes smaller slots where memory is short: a hole that cannot be filled later would kill the writing process.
    Raises ``FramesError`` where not even the smallest fits.
    """
    path = memory_folder() / frames_name(camera_id, pid)
    path.unlink(missing_ok=True)
    for width_px, height_px in SLOT_SIZES_PX:
        slot_bytes = width_px * height_px * 4
        try:
            _lay_out(path, slot_bytes)
        except OSError:
            path.unlink(missing_ok=True)
        else:
            return path
    raise FramesError(f"no shared memory for {path.name}")


def _lay_out(path: Path, slot_bytes: int) -> None:
    total = HEADER_BYTES + 2 * slot_bytes
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, total)
        else:
            os.ftruncate(descriptor, total)
        with mmap.mmap(descriptor, total) as memory, memoryview(memory) as octets, octets.cast("q") as words:
            words[WORD_SLOT_BYTES] = slot_bytes
            words[WORD_VERSION] = LAYOUT_VERSION
            words[WORD_MAGIC] = MAGIC
    finally:
        os.close(descriptor)


def remove_frames(path: Path) -> None:
    """Remove a camera's shared pictures; who has them open keeps the memory until it closes."""
    path.unlink(missing_ok=True)


def sweep_frames() -> list[str]:
    """Remove what consoles that no longer run have left behind; gives the names."""
    swept = []
    for path in memory_folder().glob(f"{_PREFIX}*"):
        pid = path.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and not _is_running(int(pid)):
            with contextlib.suppress(OSError):
                path.unlink()
                swept.append(path.name)
    return swept


def _is_running(pid: int) -> bool:
    if os.name == "nt":
        # There a file in use cannot be removed, so trying does no harm; and signal 0 would be a Ctrl-C.
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


class FrameReader:
    """The newest picture of one camera.

    ``name`` is ``frames_name(camera_id)``.  Raises ``FramesError`` where it is not there; make a new reader when the
    camera was configured anew (``is_current`` tells).
    """

    def __init__(self, name: str) -> None:
        self._path = memory_folder() / name
        try:
            with self._path.open("rb") as file:
                self._inode = os.fstat(file.fileno()).st_ino
                self._memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise FramesError(f"no pictures named {name}") from error
        self._octets = memoryview(self._memory)
        self._words = self._octets[: WORDS * 8].cast("q")
        if self._words[WORD_MAGIC] != MAGIC or self._words[WORD_VERSION] != LAYOUT_VERSION:
            self.close()
            raise FramesError(f"{name} is laid out by another version")
        self._slot_bytes = self._words[WORD_SLOT_BYTES]
        self._seen = 0
        self._shown_stamp_ns = 0

    @property
    def is_current(self) -> bool:
        """Whether the file under this name is still the one that is read."""
        try:
            return self._path.stat().st_ino == self._inode
        except OSError:
            return False

    @property
    def packets(self) -> int:
        """How many packets have arrived since the camera was configured."""
        return self._words[WORD_PACKETS]

    def read(self) -> Frame | None:
        """The newest picture if it is newer than the last one given, a copy of its own; else ``None``."""
        for _ in range(_TRIES):
            newest = self._words[WORD_NEWEST]
            if newest == self._seen:
                return None
            frame = self._copy(newest)
            if frame is not None:
                self._seen = newest
                is_newer = frame.stamp_ns > self._shown_stamp_ns
                self._shown_stamp_ns = max(self._shown_stamp_ns, frame.stamp_ns)
                return frame if is_newer else None
        return None

    def _copy(self, newest: int) -> Frame | None:
        words, head = self._words, SLOT_WORDS[newest % 2]
        sequence = words[head + SLOT_SEQUENCE]
        number, width_px, height_px = (words[head + at] for at in (SLOT_NUMBER, SLOT_WIDTH, SLOT_HEIGHT))
        stride_bytes, pts_ns, stamp_ns = (words[head + at] for at in (SLOT_STRIDE, SLOT_PTS, SLOT_STAMP))
        length = stride_bytes * height_px
        if sequence % 2 or number != newest or not width_px * 4 <= stride_bytes or not 0 < length <= self._slot_bytes:
            return None
        start = HEADER_BYTES + (newest % 2) * self._slot_bytes
        data = bytes(self._octets[start : start + length])
        if words[head + SLOT_SEQUENCE] != sequence:
            return None
        return Frame(
            data=data,
            width_px=width_px,
            height_px=height_px,
            stride_bytes=stride_bytes,
            pts_ns=None if pts_ns == UNKNOWN else pts_ns,
            stamp_ns=stamp_ns,
            number=number,
        )

    def packet_age_ns(self, now_ns: int) -> int | None:
        """How long ago the newest packet was due, by CLOCK_MONOTONIC; ``None``: none yet."""
        stamp_ns = self._words[WORD_PACKET_STAMP]
        return max(0, now_ns - stamp_ns) if stamp_ns else None

    def picture_age_ns(self, now_ns: int) -> int | None:
        """How old the picture given last is, from its packet on; ``None``: none given yet."""
        return max(0, now_ns - self._shown_stamp_ns) if self._shown_stamp_ns else None

    @property
    def key_interval_ns(self) -> int:
        """Time between key frames where nothing else is decoded, else 0."""
        return min(max(0, self._words[WORD_KEY_INTERVAL]), _LONGEST_KEY_NS)

    def overdue_ns(self, now_ns: int) -> int | None:
        """How long nothing new has come that should have: what a tile veils itself by; ``None``: no picture yet.

        The age of the picture given last; where key frames alone are decoded, the time since the next one was due.
        Never less than the age of the newest packet.
        """
        picture_ns, packet_ns = self.picture_age_ns(now_ns), self.packet_age_ns(now_ns)
        if picture_ns is None:
            return None
        return max(picture_ns - self.key_interval_ns, packet_ns or 0)

    def health(self, now_ns: int) -> tuple[Health, int] | None:
        """What is wrong with the newest pictures and for how long, in ns by CLOCK_MONOTONIC; ``None``: nothing seen."""
        number, since_ns = self._words[WORD_HEALTH], self._words[WORD_HEALTH_SINCE]
        if not 0 < number <= len(HEALTHS):
            return None
        return HEALTHS[number - 1], max(0, now_ns - since_ns)

    def close(self) -> None:
        """Let the memory go."""
        if hasattr(self, "_words"):
            self._words.release()
        self._octets.release()
        self._memory.close()


@contextlib.contextmanager
def open_frames(name: str) -> Iterator[FrameReader]:
    """A reader that is closed at the end of the block."""
    reader = FrameReader(name)
    try:
        yield reader
    finally:
        reader.close()
