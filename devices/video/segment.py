"""One recorded file: the packets as they came, in MPEG-TS, on the disk to the last one.

After ``kill -9`` every muxed packet is readable (measured with ``flush_packets``); ``sync`` once a second bounds what
a power cut takes.  Time stamps begin at 0; the source's own are in the index.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.packet import Packet

from devices.video.feed import Unit
from devices.video.index import Gap

RECORDABLE = frozenset({"h264", "hevc", "mpeg2video", "mpeg4"})
_TICKS = Fraction(1, 90_000)
_MOST_GAPS = 500
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
    """A file being written.  Begins with a keyframe.  Every method raises ``OSError`` when the disk fails."""

    def __init__(self, path: Path, stream: Recorded, first: Unit) -> None:
        self.path = path
        self.stream = stream
        self.utc_start_ns = first.received_ns + stream.wall_offset_ns
        self.utc_end_ns = self.utc_start_ns
        self.first_pts_ns = self.last_pts_ns = first.pts_ns
        self.packets = 0
        self.gaps: list[Gap] = []
        self._base_ns = first.dts_ns or 0
        self._last_dts: int | None = None
        # Made here, so that the permissions are ours and no other file is overwritten; FFmpeg then opens it.
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            self._container = av.open(str(path), "w", format="mpegts", options={"flush_packets": "1"})
            self._track: Any = self._container.add_mux_stream(
                stream.codec, width=stream.width_px or 0, height=stream.height_px or 0, time_base=_TICKS
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
        self.utc_end_ns = unit.received_ns + self.stream.wall_offset_ns
        self.last_pts_ns = unit.pts_ns
        if unit.gap_ns and self.packets > 1 and len(self.gaps) < _MOST_GAPS:
            self.gaps.append(Gap(pts_ns=unit.pts_ns or unit.dts_ns or 0, missing_ns=unit.gap_ns))

    def _ticks(self, time_ns: int) -> int:
        return (time_ns - self._base_ns) * 9 // 100_000

    def sync(self) -> None:
        """Everything muxed so far is on the disk."""
        os.fdatasync(self._descriptor) if hasattr(os, "fdatasync") else os.fsync(self._descriptor)

    @property
    def size_bytes(self) -> int:
        """How large the file is by now."""
        return os.fstat(self._descriptor).st_size

    def close(self) -> int:
        """Finish the file; gives its size in bytes."""
        try:
            self._container.close()
            self.sync()
            return self.size_bytes
        finally:
            os.close(self._descriptor)


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


def has_parameters(data: bytes, codec: str) -> bool:
    """Whether a keyframe carries what a decoder must know; True for codecs where that is not asked.

    **Source:** ITU-T H.264 7.3.1 and H.265 7.3.1.2: the unit type follows the start code 00 00 01.
    """
    wanted = _PARAMETER_TYPES.get(codec)
    if wanted is None:
        return True
    at = data.find(b"\0\0\1")
    while 0 <= at < min(len(data) - 3, 2048):
        first = data[at + 3]
        if (first & 0x1F if codec == "h264" else first >> 1 & 0x3F) in wanted:
            return True
        at = data.find(b"\0\0\1", at + 3)
    return False
