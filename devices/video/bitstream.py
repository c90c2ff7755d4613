"""What a key frame says of itself: which coding it is and what a decoder must know first.  Only looks, never decodes.

Encoders change size, and even coding, in the middle of a stream; the library goes on with what it found at first.

**Source:** ITU-T H.264 7.3.1 and 7.4.1, H.265 7.3.1.2 (unit types behind the start code 00 00 01), H.262 6.2.2.1
(sequence header 00 00 01 B3), T.81 B.2.2 (frame header of a JPEG: marker FF C0 .. C2).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import av

_SPS_H264, _SPS_HEVC_HEAD = 7, b"\x42\x01"
_HEVC_HEADS = frozenset({b"\x00\x01", b"\x02\x01", b"\x26\x01", b"\x28\x01", b"\x40\x01", b"\x46\x01", _SPS_HEVC_HEAD})
_JPEG_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_LOOKED_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Makeup:
    """How a stream is made: the coding's name as FFmpeg's, and the octets in which it is described."""

    codec: str
    described: bytes


def is_of(data: bytes, codec: str) -> bool:
    """Whether this can be of that coding, by its first unit: H.265 has two octets of head where H.264 has one."""
    if codec not in {"h264", "hevc"} or not data.startswith((b"\0\0\1", b"\0\0\0\1")):
        return True
    start = data.index(1) + 1
    head = data[start : start + 2]
    if len(head) < 2:
        return False
    if codec == "h264":
        return head not in _HEVC_HEADS
    return head[0] & 0x81 == 0 and 1 <= head[1] <= 7


def makeup_of(data: bytes, codec: str) -> Makeup | None:
    """What this key frame is, as far as it says; ``None`` where it does not.  ``codec`` is what it should be."""
    if codec in {"h264", "hevc"}:
        return _of_units(data)
    if codec == "mpeg2video":
        at = data.find(b"\0\0\1\xb3", 0, _LOOKED_BYTES)
        return Makeup(codec=codec, described=data[at + 4 : at + 7]) if at >= 0 else None
    return _of_jpeg(data) if codec == "mjpeg" else None


def _of_units(data: bytes) -> Makeup | None:
    at = data.find(b"\0\0\1", 0, _LOOKED_BYTES)
    while at >= 0:
        start = at + 3
        at = data.find(b"\0\0\1", start, start + _LOOKED_BYTES)
        head = data[start : start + 2]
        if head == _SPS_HEVC_HEAD:
            return Makeup(codec="hevc", described=data[start : at if at >= 0 else None].rstrip(b"\0"))
        if head and head[0] & 0x9F == _SPS_H264:
            return Makeup(codec="h264", described=data[start : at if at >= 0 else None].rstrip(b"\0"))
    return None


def _of_jpeg(data: bytes) -> Makeup | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        if data[at + 1] in _JPEG_FRAMES:
            return Makeup(codec="mjpeg", described=data[at + 5 : at + 9])
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


def size_px_of(data: bytes, codec: str) -> tuple[int, int] | None:
    """Width and height as the library reads them out of one key frame that carries its description."""
    try:
        with av.open(
            io.BytesIO(data),
            format={"mpeg2video": "mpegvideo"}.get(codec, codec),
            options={"probesize": str(max(32, len(data)))},
            metadata_errors="ignore",
        ) as container:
            context: Any = container.streams.video[0].codec_context
            return (context.width, context.height) if context.width and context.height else None
    except (av.error.FFmpegError, OSError, ValueError, IndexError):
        return None
