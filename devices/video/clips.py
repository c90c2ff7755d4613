"""Clips: the ring's last seconds as files of their own, written beside the recording by a thread of their own."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import av

from devices.video import index
from devices.video.feed import Unit
from devices.video.messages import Save
from devices.video.messages import Segment as SegmentReport
from devices.video.ring import Group, Ring
from devices.video.segment import (
    RECORDABLE,
    Recorded,
    Segment,
    entry_of,
    free_path,
    make_folder,
    reason_of,
    renewed,
    suffix_of,
)

PART = ".part"
"""Ends the name of a clip that is not finished; one that is found at the start was cut off and is removed."""


class Clips:
    """Writes clips into ``folder``; ``on_segment`` is told of each file, or why there is none.

    A person asked for it, so a clip may use half of the floor that recordings leave free, and never more.
    """

    def __init__(
        self, folder: Path, ring: Ring, *, floor_bytes: int, on_segment: Callable[[SegmentReport], None]
    ) -> None:
        self._folder = folder
        self._ring = ring
        self._floor_bytes = floor_bytes // 2
        self._on_segment = on_segment
        self._turn = threading.Lock()
        self._threads: list[threading.Thread] = []

    def sweep(self) -> None:
        """Remove what a dead process left half written.  Raises ``OSError``."""
        for path in self._folder.glob(f"*{PART}"):
            path.unlink()

    def save(self, wanted: Save) -> None:
        """Write the last seconds; returns at once.  The pictures are those of this moment."""
        groups = self._ring.last(wanted.last_s)
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=self._write, args=(wanted.clip_id, groups), name="clip", daemon=True)
        self._threads.append(thread)
        thread.start()

    def close(self, timeout_s: float) -> None:
        """Let what is being written be finished, if the disk is fast enough."""
        for thread in self._threads:
            thread.join(timeout_s)

    def _write(self, clip_id: str, groups: list[Group]) -> None:
        if not groups:
            return self._failed(clip_id, "nothing-kept")
        if any(group.stream.codec not in RECORDABLE for group in groups):
            return self._failed(clip_id, "codec-unrecordable")
        try:
            with self._turn:
                make_folder(self._folder)
                size_bytes = sum(group.size_bytes for group in groups)
                if shutil.disk_usage(self._folder).free - size_bytes < self._floor_bytes:
                    return self._failed(clip_id, "disk-full")
                self._write_all(clip_id, groups)
        except (OSError, av.error.FFmpegError, ValueError) as error:
            return self._failed(clip_id, reason_of(error))
        return None

    def _write_all(self, clip_id: str, groups: list[Group]) -> None:
        """One file, and another one wherever the pictures cannot follow those before."""
        segment: Segment | None = None
        told = stream = groups[0].stream
        for group in groups:
            if group.stream is not told:
                told = stream = group.stream
            for unit in group.units:
                if segment is not None and not segment.follows(stream, unit):
                    stream = renewed(stream, unit) if segment.changes(unit) else stream
                    self._finish(segment, clip_id)
                    segment = None
                if segment is None and (not unit.is_key or unit.dts_ns is None):
                    continue
                segment = segment or self._begin(stream, unit)
                segment.write(unit)
        if segment is not None:
            self._finish(segment, clip_id)

    def _begin(self, stream: Recorded, unit: Unit) -> Segment:
        utc_ns = unit.received_ns + stream.wall_offset_ns
        path = free_path(self._folder, utc_ns, f"-clip{suffix_of(stream.codec)}")
        return Segment(path, stream, unit, part=PART)

    def _finish(self, segment: Segment, clip_id: str) -> None:
        size_bytes = segment.close()
        entry = entry_of(segment, "saved", size_bytes=size_bytes, clip_id=clip_id)
        index.append(self._folder, entry)
        self._on_segment(index.report(entry))

    def _failed(self, clip_id: str, reason: str) -> None:
        self._on_segment(SegmentReport(event="save-failed", clip_id=clip_id, reason=reason))
