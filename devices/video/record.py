"""The recorder: a thread of its own, so that a slow disk delays no picture.

Files of ``segment_s``, cut at keyframes, named with console time in UTC, with an index beside them.  Recording stops
in order while the disk has less than the floor free, and says so; the floor is what the journal needs to go on.
"""

from __future__ import annotations

import errno
import shutil
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import av

from devices.video import index
from devices.video.feed import Unit
from devices.video.messages import Segment as SegmentReport
from devices.video.segment import RECORDABLE, Recorded, Segment

_NS_PER_S = 1_000_000_000
_QUEUE_BYTES = 32_000_000
_RETRY_NS = 5 * _NS_PER_S
_MARGIN = 1.1
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """The stream ended."""

    reason: str


class Recorder:
    """Records one camera.  ``begin``, ``put`` and ``end`` never wait; ``close`` finishes the file.

    ``is_recording`` and ``reason`` (``disk-full``, ``folder-unwritable``, ``disk-slow``, ``codec-unrecordable`` or
    ``None``) may be read at any time.
    """

    def __init__(
        self, folder: Path, *, floor_bytes: int, segment_s: float, on_segment: Callable[[SegmentReport], None]
    ) -> None:
        self._folder = folder
        self._floor_bytes = floor_bytes
        self._segment_ns = int(segment_s * _NS_PER_S)
        self._on_segment = on_segment
        self._lock = threading.Condition()
        self._queue: deque[Unit | Recorded | _End] = deque()
        self._queued_bytes = 0
        self._is_dropping = False
        self._given_dts_ns: int | None = None
        self._is_closing = False
        self._stream: Recorded | None = None
        self._segment: Segment | None = None
        self._blocked_until_ns = 0
        self._now_ns = 0
        self.reason: str | None = None
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def is_recording(self) -> bool:
        """Whether packets are being written: not while the disk keeps them waiting so long that some are dropped."""
        return self._segment is not None and not self._is_dropping and self._thread.is_alive()

    def begin(self, stream: Recorded) -> None:
        """A stream begins."""
        self._give(stream)

    def put(self, unit: Unit) -> None:
        """One packet arrived; dropped up to the next keyframe when the disk does not keep up."""
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
        self._give(_End(reason=reason))

    def close(self, timeout_s: float) -> bool:
        """Finish the file and the thread; False where the disk does not answer in time."""
        with self._lock:
            self._is_closing = True
            self._lock.notify_all()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _give(self, thing: Unit | Recorded | _End) -> None:
        with self._lock:
            self._queue.append(thing)
            self._lock.notify_all()

    # ---- the recorder's own thread

    def _run(self) -> None:
        self._prepare()
        synced_ns = 0
        while True:
            with self._lock:
                if not self._queue and not self._is_closing:
                    self._lock.wait(0.5)
                thing = self._queue.popleft() if self._queue else None
                if isinstance(thing, Unit):
                    self._queued_bytes -= len(thing.data)
                is_over = thing is None and self._is_closing
            try:
                self._take(thing)
                if isinstance(thing, Unit) and self._now_ns - synced_ns > _NS_PER_S:
                    synced_ns = self._now_ns
                    self._keep()
            except (OSError, av.error.FFmpegError, ValueError) as error:
                self._fail(error)
            if is_over:
                self._finish("stopped")
                return

    def _prepare(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            index.recover(self._folder)
        except OSError as error:
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
            too_long = unit.is_key and unit.received_ns + segment.stream.wall_offset_ns - segment.utc_start_ns >= (
                self._segment_ns
            )
            if too_long:
                self._finish("length")
            elif not segment.accepts(unit):
                self._finish("time")
        if self._segment is None and unit.is_key and unit.dts_ns is not None:
            self._segment = self._open(unit)
        if self._segment is not None:
            self._segment.write(unit)

    def _open(self, unit: Unit) -> Segment | None:
        stream = self._stream
        if stream is None or stream.codec not in RECORDABLE or unit.received_ns < self._blocked_until_ns:
            return None
        free_bytes = shutil.disk_usage(self._folder).free
        if free_bytes < self._floor_bytes * (_MARGIN if self.reason == "disk-full" else 1):
            self._block("disk-full")
            return None
        utc_ns = unit.received_ns + stream.wall_offset_ns
        segment = Segment(self._free_path(utc_ns), stream, unit)
        self.reason = "disk-slow" if self._is_dropping else None
        index.append(self._folder, self._entry(segment, "opened"))
        self._on_segment(SegmentReport(event="opened", file=segment.path.name, utc_start_ns=segment.utc_start_ns))
        return segment

    def _free_path(self, utc_ns: int) -> Path:
        start = datetime.fromtimestamp(utc_ns // _NS_PER_S, UTC).strftime("%Y%m%dT%H%M%S")
        name = f"{start}.{utc_ns // 1_000_000 % 1000:03d}Z"
        path = self._folder / f"{name}.ts"
        number = 1
        while path.exists():
            number += 1
            path = self._folder / f"{name}-{number}.ts"
        return path

    def _keep(self) -> None:
        if self._segment is not None:
            self._segment.sync()
            if shutil.disk_usage(self._folder).free < self._floor_bytes:
                self._finish("disk-full")
                self._block("disk-full")

    def _finish(self, reason: str) -> None:
        segment, self._segment = self._segment, None
        if segment is None:
            return
        size_bytes = segment.close()
        report = SegmentReport(
            event="closed",
            file=segment.path.name,
            utc_start_ns=segment.utc_start_ns,
            packets=segment.packets,
            size_bytes=size_bytes,
            reason=reason,
        )
        self._on_segment(report)
        index.append(self._folder, self._entry(segment, "closed", size_bytes=size_bytes, reason=reason))

    def _entry(
        self, segment: Segment, event: str, *, size_bytes: int | None = None, reason: str | None = None
    ) -> index.Entry:
        is_closed = event == "closed"
        return index.Entry(
            event="closed" if is_closed else "opened",
            file=segment.path.name,
            source=segment.stream.source,
            url=segment.stream.url,
            codec=segment.stream.codec,
            utc_start_ns=segment.utc_start_ns,
            utc_end_ns=segment.utc_end_ns if is_closed else None,
            first_pts_ns=segment.first_pts_ns,
            last_pts_ns=segment.last_pts_ns if is_closed else None,
            packets=segment.packets if is_closed else None,
            size_bytes=size_bytes,
            gaps=tuple(segment.gaps),
            reason=reason,
        )

    def _fail(self, error: Exception) -> None:
        number = getattr(error, "errno", None)
        self._block("disk-full" if number in _FULL else "folder-unwritable")
        try:
            self._finish(self.reason or "failed")
        except (OSError, av.error.FFmpegError, ValueError):
            # The disk that failed the packet fails the ending too; the file is readable up to here all the same.
            self._segment = None

    def _block(self, reason: str) -> None:
        self.reason = reason
        self._blocked_until_ns = self._now_ns + _RETRY_NS
