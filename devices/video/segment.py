"""One recorded file: the packets as they came, in MPEG-TS, on the disk to the last one.

Motion JPEG, which MPEG-TS has no place for, goes into Matroska.  After ``kill -9`` every muxed packet is readable
(measured with ``flush_packets``: none lost of MPEG-TS, 0.16 s of Matroska); ``sync`` once a second bounds what a power
cut takes.  Time stamps begin at 0; the source's own are in the index.
"""

from __future__ import annotations

import errno
import io
import os
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av
from av.packet import Packet

from devices.video.arrivals import ArrivalClock
from devices.video.feed import Unit
from devices.video.index import Entry, Gap
from devices.video.messages import recorded_name

_MATROSKA = ("matroska", {"live": "1", "cluster_time_limit": "1000", "flush_packets": "1"})
_CONTAINERS = {"mjpeg": _MATROSKA}
_MPEG_TS = ("mpegts", {"flush_packets": "1"})
RECORDABLE = frozenset({"h264", "hevc", "mpeg2video", "mpeg4", "mjpeg"})
_TICKS = Fraction(1, 90_000)
_MOST_GAPS = 120
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_PARAMETER_TYPES = {"h264": frozenset({7}), "hevc": frozenset({33})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The stream that is recorded; ``url`` is redacted."""

    source: str
    url: str
    codec: str
    extradata: bytes
    width_px: int | None
    height_px: int | None
    wall_offset_ns: int


class Segment:
    """A file being written.  Begins with a keyframe.  Every method raises ``OSError`` when the disk fails.

    With ``part`` its name ends so until it is finished: nobody takes half of it for the whole.
    """

    def __init__(self, path: Path, stream: Recorded, first: Unit, *, part: str = "") -> None:
        self.path = path
        self._written = path.with_name(path.name + part)
        self.stream = stream
        self.utc_start_ns = first.received_ns + stream.wall_offset_ns
        self.utc_end_ns = self.utc_start_ns
        self.first_pts_ns = self.last_pts_ns = first.pts_ns
        self.packets = 0
        self.gaps: list[Gap] = []
        self.parameters = parameters(first.data, stream.codec)
        self.is_synced = True
        self._base_ns = first.dts_ns or 0
        self._last_dts: int | None = None
        # Made here, so that the permissions are ours and no other file is overwritten; FFmpeg then opens it.
        self._descriptor = os.open(self._written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            form, options = _CONTAINERS.get(stream.codec, _MPEG_TS)
            self._container = av.open(str(self._written), "w", format=form, options=options)
            size = (stream.width_px, stream.height_px)
            if None in size and stream.codec in _CONTAINERS:
                size = size_of(first.data, stream.codec) or size
            self._track: Any = self._container.add_mux_stream(
                stream.codec, width=size[0] or 0, height=size[1] or 0, time_base=_TICKS
            )
        except (av.error.FFmpegError, ValueError, OSError):
            os.close(self._descriptor)
            raise
        _sync_folder(path.parent)

    def accepts(self, unit: Unit) -> bool:
        """Whether this packet can follow: its decoding time is known and advances."""
        if unit.dts_ns is None or unit.is_jump:
            return False
        return self._last_dts is None or self._ticks(unit.dts_ns) > self._last_dts

    def write(self, unit: Unit) -> None:
        """Add one packet that is accepted."""
        data = unit.data
        if unit.is_key and not has_parameters(data, self.stream.codec):
            # Some cameras tell the decoder's parameters once, when asked; each file must stand alone.
            data = annex_b(self.stream.extradata) + data
        packet: Packet[Any] = Packet(data)
        packet.time_base = _TICKS
        packet.dts = self._last_dts = self._ticks(unit.dts_ns or 0)
        packet.pts = packet.dts if unit.pts_ns is None else max(packet.dts, self._ticks(unit.pts_ns))
        packet.is_keyframe = unit.is_key
        packet.stream = self._track
        self._container.mux_one(packet)
        self.packets += 1
        self.is_synced = False
        if unit.gap_ns and self.packets > 1:
            self._note_gap(unit)
        self.utc_end_ns = unit.received_ns + self.stream.wall_offset_ns
        self.last_pts_ns = unit.pts_ns

    def _note_gap(self, unit: Unit) -> None:
        if len(self.gaps) < _MOST_GAPS:
            pts_ns = unit.pts_ns or unit.dts_ns or 0
            self.gaps.append(Gap(pts_ns=pts_ns, missing_ns=unit.gap_ns, utc_ns=self.utc_end_ns))
        else:
            # A list without end helps nobody: the last one stands for all that follow.
            last = self.gaps[-1]
            self.gaps[-1] = replace(last, missing_ns=last.missing_ns + unit.gap_ns)

    def follows(self, stream: Recorded, unit: Unit) -> bool:
        """Whether this packet of this stream belongs into the same file."""
        return stream is self.stream and self.accepts(unit) and not self.changes(unit)

    def changes(self, unit: Unit) -> bool:
        """Whether this keyframe begins pictures of another size or kind: they belong into a file of their own."""
        found = parameters(unit.data, self.stream.codec) if unit.is_key else b""
        return bool(found and self.parameters and found != self.parameters)

    def _ticks(self, time_ns: int) -> int:
        return (time_ns - self._base_ns) * 9 // 100_000

    def sync(self) -> None:
        """Everything muxed so far is on the disk."""
        os.fdatasync(self._descriptor) if hasattr(os, "fdatasync") else os.fsync(self._descriptor)
        self.is_synced = True

    @property
    def size_bytes(self) -> int:
        """How large the file is by now."""
        return os.fstat(self._descriptor).st_size

    def close(self) -> int:
        """Finish the file; gives its size in bytes."""
        try:
            self._container.close()
            self.sync()
            if self._written != self.path:
                self._written.rename(self.path)
                _sync_folder(self.path.parent)
            return self.size_bytes
        finally:
            os.close(self._descriptor)


def make_folder(folder: Path) -> None:
    """A camera's folder and the one of all recordings above it, for their owner only.  Raises ``OSError``."""
    for level in (folder.parent, folder):
        # One by one: the mode is given to the last folder only.
        level.mkdir(parents=True, exist_ok=True, mode=0o700)


def _sync_folder(folder: Path) -> None:
    """The file's name survives a power cut too."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def annex_b(extradata: bytes) -> bytes:
    """The extra data if it can stand in a byte stream (start codes), else nothing."""
    return extradata if extradata.startswith((b"\0\0\1", b"\0\0\0\1")) else b""


def entry_of(
    segment: Segment,
    event: Literal["opened", "closed", "saved"],
    *,
    size_bytes: int | None = None,
    reason: str | None = None,
    clip_id: str | None = None,
) -> Entry:
    """The line of the index for this file."""
    has_ended = event != "opened"
    return Entry(
        event=event,
        file=segment.path.name,
        source=segment.stream.source,
        url=segment.stream.url,
        codec=segment.stream.codec,
        utc_start_ns=segment.utc_start_ns,
        utc_end_ns=segment.utc_end_ns if has_ended else None,
        first_pts_ns=segment.first_pts_ns,
        last_pts_ns=segment.last_pts_ns if has_ended else None,
        packets=segment.packets if has_ended else None,
        size_bytes=size_bytes,
        gaps=tuple(segment.gaps),
        width_px=segment.stream.width_px,
        height_px=segment.stream.height_px,
        reason=reason,
        clip_id=clip_id,
    )


def reason_of(error: Exception) -> str:
    """The reason word for a file that could not be written."""
    return "disk-full" if getattr(error, "errno", None) in _FULL else "folder-unwritable"


def renewed(stream: Recorded, key: Unit) -> Recorded:
    """The same stream from this keyframe on, which says that its pictures are of another size or kind."""
    width_px, height_px = size_of(key.data, stream.codec) or (None, None)
    return replace(stream, width_px=width_px, height_px=height_px, extradata=lead(key.data, stream.codec))


def free_path(folder: Path, utc_ns: int, suffix: str) -> Path:
    """A path in ``folder`` for a file that begins at this moment and overwrites none."""
    path, number = folder / recorded_name(utc_ns, suffix), 1
    while path.exists():
        number += 1
        stem, dot, kind = suffix.rpartition(".")
        path = folder / recorded_name(utc_ns, f"{stem}-{number}{dot}{kind}")
    return path


def suffix_of(codec: str) -> str:
    """How the name of a recorded file of this codec ends."""
    return ".mkv" if codec in _CONTAINERS else ".ts"


def parameters(data: bytes, codec: str) -> bytes:
    """The first unit in a keyframe that says how large the pictures are; empty where there is none.

    **Source:** ITU-T H.264 7.3.1 and H.265 7.3.1.2: the unit type follows the start code 00 00 01, and the unit ends
    before the next one (annex B).
    """
    wanted = _PARAMETER_TYPES.get(codec)
    at = data.find(b"\0\0\1") if wanted is not None else -1
    while 0 <= at < min(len(data) - 3, 2048):
        first, after = data[at + 3], data.find(b"\0\0\1", at + 3)
        if wanted is not None and (first & 0x1F if codec == "h264" else first >> 1 & 0x3F) in wanted:
            return data[at + 3 : after if after > 0 else len(data)].rstrip(b"\0")
        at = after
    return b""


def lead(data: bytes, codec: str) -> bytes:
    """What stands in a keyframe before its first slice: all that a decoder must know.  **Source:** as above."""
    at = data.find(b"\0\0\1")
    while 0 <= at < min(len(data) - 3, 4096):
        first = data[at + 3]
        if (1 <= first & 0x1F <= 5) if codec == "h264" else (first >> 1 & 0x3F) < 32:
            return data[:at].rstrip(b"\0")
        at = data.find(b"\0\0\1", at + 3)
    return b""


def has_parameters(data: bytes, codec: str) -> bool:
    """Whether a keyframe carries what a decoder must know; True for codecs where that is not asked."""
    return codec not in _PARAMETER_TYPES or bool(parameters(data, codec))


def size_of(data: bytes, codec: str) -> tuple[int, int] | None:
    """Width and height of the pictures that this keyframe begins; ``None`` where it does not say."""
    try:
        with av.open(io.BytesIO(data), format=codec) as container:
            video = container.streams.video[0]
            return (video.width, video.height) if video.width and video.height else None
    except (av.error.FFmpegError, ValueError, IndexError):
        return None


def completed(path: Path, entry: Entry) -> Entry:
    """What the index should say of a file that nobody finished: read through, whatever is readable of it counts."""
    packets, first_ns, last_ns, gaps = 0, 0, 0, list[Gap]()
    clock = ArrivalClock()
    try:
        with av.open(str(path)) as container:
            video = container.streams.video[0]
            for packet in container.demux(video):
                if packet.dts is None or packet.time_base is None or not packet.size:
                    continue
                dts_ns = int(packet.dts * packet.time_base * 1_000_000_000)
                if not packets:
                    first_ns = last_ns = dts_ns
                gap_ns = clock.arrive(dts_ns, dts_ns).gap_ns
                if gap_ns and len(gaps) < _MOST_GAPS:
                    gaps.append(Gap(pts_ns=dts_ns, missing_ns=gap_ns, utc_ns=entry.utc_start_ns + last_ns - first_ns))
                packets, last_ns = packets + 1, dts_ns
            entry = replace(
                entry, codec=video.codec_context.name, width_px=video.width or None, height_px=video.height or None
            )
    except (av.error.FFmpegError, ValueError, IndexError, OSError):
        # Cut in the middle of a packet: what was read before is what there is.
        pass
    status, end_ns = path.stat(), entry.utc_start_ns + last_ns - first_ns
    if entry.utc_start_ns < status.st_mtime_ns < end_ns:
        # The first packets had waited in the library, so the film is longer than the time in which it was written.
        end_ns = status.st_mtime_ns
    return replace(
        entry,
        event="recovered",
        utc_end_ns=end_ns,
        packets=packets,
        size_bytes=status.st_size,
        gaps=tuple(gaps),
        reason="interrupted",
    )
