"""The recorder: a thread of its own, so that a slow disk delays no picture.

Files of ``segment_s``, cut at keyframes, named with console time in UTC, with an index beside them; synced to the disk
each second.  Recording stops in order while the disk has less than the floor free, and says so; the floor is what the
journal needs to go on.  The last seconds are also held in memory, whether anything is recorded or not.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import av

from devices.video import index
from devices.video.clips import Clips
from devices.video.feed import Unit
from devices.video.messages import Prepare, Save
from devices.video.messages import Segment as SegmentReport
from devices.video.ring import Ring
from devices.video.segment import (
    RECORDABLE,
    Recorded,
    Segment,
    completed,
    entry_of,
    free_path,
    make_folder,
    reason_of,
    renewed,
    suffix_of,
)
from devices.video.settling import Settling

_NS_PER_S = 1_000_000_000
_QUEUE_BYTES = 32_000_000
_RETRY_NS = 5 * _NS_PER_S
_MARGIN = 1.1
_SYNC_NS = 800_000_000
"""A little under a second: with the time that the disk takes for it, a power cut costs no more than one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """The stream ended."""

    reason: str


class Recorder:
    """Keeps one camera's packets.  ``begin``, ``put``, ``save`` and ``end`` never wait; ``close`` finishes the file.

    ``is_recording`` and ``reason`` (``disk-full``, ``folder-unwritable``, ``disk-slow``, ``codec-unrecordable`` or
    ``None``) may be read at any time.
    """

    def __init__(self, folder: Path, prepare: Prepare, on_segment: Callable[[SegmentReport], None]) -> None:
        self._folder = folder
        self._prepare = prepare
        self._segment_ns = int(prepare.segment_s * _NS_PER_S)
        self._on_segment = on_segment
        self._ring = Ring(kept_s=prepare.ring_s, most_bytes=prepare.ring_bytes)
        self._clips = Clips(folder, self._ring, floor_bytes=prepare.floor_bytes, on_segment=on_segment)
        self._lock = threading.Condition()
        self._settling = Settling()
        self._queue: deque[Unit | Recorded | _End] = deque()
        self._queued_bytes = 0
        self._is_dropping = False
        self._given_dts_ns: int | None = None
        self._is_closing = False
        self._stream: Recorded | None = None
        self._segment: Segment | None = None
        self._blocked_until_ns = 0
        self._now_ns = 0
        self._synced_ns = 0
        self.reason: str | None = None
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def is_recording(self) -> bool:
        """Whether packets are being written: not while the disk keeps them waiting so long that some are dropped."""
        return self._segment is not None and not self._is_dropping and self._thread.is_alive()

    def begin(self, stream: Recorded) -> None:
        """A stream begins."""
        with self._lock:
            self._pass(self._settling.begin())
            self._ring.begin(stream)
            self._give(stream)

    def put(self, unit: Unit) -> None:
        """One packet arrived; dropped up to the next keyframe when the disk does not keep up."""
        with self._lock:
            self._pass(self._settling.take(unit))

    def _pass(self, units: list[Unit]) -> None:
        for unit in units:
            self._keep_one(unit)

    def _keep_one(self, unit: Unit) -> None:
        self._ring.put(unit)
        if not self._prepare.is_recorded:
            return
        with self._lock:
            if self._queued_bytes > _QUEUE_BYTES:
                self._is_dropping = True
                self.reason = "disk-slow"
            if self._is_dropping:
                if not (unit.is_key and self._queued_bytes < _QUEUE_BYTES // 2):
                    return
                unit = self._after_dropping(unit)
            self._given_dts_ns = unit.dts_ns
            self._queued_bytes += len(unit.data)
        self._give(unit)

    def _after_dropping(self, unit: Unit) -> Unit:
        """The first packet that is taken again, with the gap before it."""
        self._is_dropping = False
        self.reason = None
        if unit.dts_ns is None or self._given_dts_ns is None:
            return unit
        return replace(unit, gap_ns=max(unit.gap_ns, unit.dts_ns - self._given_dts_ns))

    def end(self, reason: str) -> None:
        """The stream ended: the file is finished."""
        with self._lock:
            self._pass(self._settling.release())
            self._give(_End(reason=reason))

    def save(self, wanted: Save) -> None:
        """Write the last seconds into files of their own."""
        with self._lock:
            self._pass(self._settling.release())
        self._clips.save(wanted)

    def close(self, timeout_s: float) -> bool:
        """Finish the file and the thread; False where the disk does not answer in time."""
        with self._lock:
            self._pass(self._settling.release())
            self._is_closing = True
            self._lock.notify_all()
        self._thread.join(timeout_s)
        self._clips.close(timeout_s / 2)
        return not self._thread.is_alive()

    def _give(self, thing: Unit | Recorded | _End) -> None:
        with self._lock:
            self._queue.append(thing)
            self._lock.notify_all()

    # ---- the recorder's own thread

    def _run(self) -> None:
        self._begin_folder()
        while True:
            with self._lock:
                self._pass(self._settling.tend(time.monotonic_ns()))
                if not self._queue and not self._is_closing:
                    self._lock.wait(0.2)
                thing = self._queue.popleft() if self._queue else None
                if isinstance(thing, Unit):
                    self._queued_bytes -= len(thing.data)
                is_over = thing is None and self._is_closing
            try:
                self._take(thing)
                self._keep()
            except (OSError, av.error.FFmpegError, ValueError) as error:
                self._fail(error)
            if is_over:
                self._finish("stopped")
                return

    def _begin_folder(self) -> None:
        """Make the folder where it will be needed, and find what a dead recorder left in it."""
        try:
            if self._prepare.is_recorded:
                make_folder(self._folder)
            if self._folder.is_dir():
                self._clips.sweep()
                complete = lambda entry: completed(self._folder / entry.file, entry)  # noqa: E731
                for entry in index.recover(self._folder, complete, self._prepare.unfinished):
                    self._on_segment(index.report(entry))
        except OSError as error:
            if self._prepare.is_recorded:
                self._fail(error)

    def _take(self, thing: Unit | Recorded | _End | None) -> None:
        if isinstance(thing, Unit):
            self._now_ns = thing.received_ns
            self._write(thing)
        elif isinstance(thing, Recorded):
            self._finish("ended")
            self._stream = thing
            if thing.codec not in RECORDABLE:
                self.reason = "codec-unrecordable"
            elif self.reason == "codec-unrecordable":
                self.reason = None
        elif isinstance(thing, _End):
            self._finish(thing.reason)
            self._stream = None

    def _write(self, unit: Unit) -> None:
        segment = self._segment
        if segment is not None:
            age_ns = unit.received_ns + segment.stream.wall_offset_ns - segment.utc_start_ns
            if unit.is_key and age_ns >= self._segment_ns:
                self._finish("length")
            elif not segment.accepts(unit):
                self._finish("time")
            elif segment.changes(unit):
                self._finish("changed")
            if segment.changes(unit):
                self._stream = renewed(segment.stream, unit)
        if self._segment is None and unit.is_key and unit.dts_ns is not None:
            self._open(unit)
        if self._segment is not None:
            self._segment.write(unit)

    def _open(self, unit: Unit) -> None:
        stream, floor_bytes = self._stream, self._prepare.floor_bytes
        if stream is None or stream.codec not in RECORDABLE or unit.received_ns < self._blocked_until_ns:
            return
        free_bytes = shutil.disk_usage(self._folder).free
        if free_bytes < floor_bytes * (_MARGIN if self.reason == "disk-full" else 1):
            self._block("disk-full")
            return
        utc_ns = unit.received_ns + stream.wall_offset_ns
        self._segment = Segment(free_path(self._folder, utc_ns, suffix_of(stream.codec)), stream, unit)
        self.reason = "disk-slow" if self._is_dropping else None
        self._tell(entry_of(self._segment, "opened"))

    def _tell(self, entry: index.Entry) -> None:
        """The file is what counts: where the line of the index cannot be written, it is told all the same."""
        self._on_segment(index.report(entry))
        index.append(self._folder, entry)

    def _keep(self) -> None:
        """Once a second: what was written is on the disk, and the disk has room."""
        segment, now_ns = self._segment, time.monotonic_ns()
        if segment is None or segment.is_synced or now_ns - self._synced_ns < _SYNC_NS:
            return
        self._synced_ns = now_ns
        segment.sync()
        if shutil.disk_usage(self._folder).free < self._prepare.floor_bytes:
            self._finish("disk-full")
            self._block("disk-full")

    def _finish(self, reason: str) -> None:
        segment, self._segment = self._segment, None
        if segment is None:
            return
        size_bytes = segment.size_bytes
        try:
            size_bytes = segment.close()
        finally:
            # Also where the disk failed the ending: up to there the file is readable.
            self._tell(entry_of(segment, "closed", size_bytes=size_bytes, reason=reason))

    def _fail(self, error: Exception) -> None:
        self._block(reason_of(error))
        try:
            self._finish(self.reason or "failed")
        except (OSError, av.error.FFmpegError, ValueError):
            # The disk that failed the packet fails the ending too; the file is readable up to here all the same.
            self._segment = None

    def _block(self, reason: str) -> None:
        self.reason = reason
        self._blocked_until_ns = self._now_ns + _RETRY_NS
