"""Decoding that tells what FFmpeg conceals.

**Source:** measured with FFmpeg 8.1: octets overwritten, cleared or cut off within H.264 are flagged in the picture
(``is_corrupt``); within H.265 and Motion JPEG the picture comes out without a flag or an error, half of it black,
unless errors are asked for (``err_detect=explode``).  Whole streams of x265 and of FFmpeg's own Motion JPEG never
raise one.
"""

from __future__ import annotations

from typing import Any

import av
from av.codec.context import ThreadType
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

_ASKED = frozenset({"hevc", "mjpeg"})
_MOST_PX = 8192 * 4320
"""A parameter set can claim any size: memory for more is not asked for."""


class StrictDecoder:
    """Decodes one stream in one thread.  Raises ``ValueError`` where FFmpeg has no such video decoder.

    A camera that never keeps to the letter is decoded leniently, and what it sends is no damage.
    """

    def __init__(self, codec: str, extradata: bytes) -> None:
        self._codec, self._extradata = codec, extradata
        self._is_strict = codec in _ASKED
        self._context = self._made(is_strict=self._is_strict)
        self._lenient: VideoCodecContext | None = None
        self._was_kept = False
        self.is_damaged = False
        """Whether the packet decoded last is incomplete or wrong though pictures may come of it."""

    @property
    def delay(self) -> int:
        """So many packets may give no picture yet."""
        return self._context.has_b_frames

    def decode(self, packet: Packet[Any]) -> list[VideoFrame]:
        """The pictures that this packet completes.  Raises ``av.error.FFmpegError`` where nothing can be made of it."""
        self.is_damaged = False
        try:
            frames = self._context.decode(packet)
        except av.error.FFmpegError:
            if not self._is_strict:
                raise
            return self._refused(packet)
        self._was_kept = True
        return frames

    def finish(self) -> list[VideoFrame]:
        """The pictures held back; what comes next must be a key frame."""
        try:
            return self._context.decode(None)
        finally:
            self._context.flush_buffers()

    def _refused(self, packet: Packet[Any]) -> list[VideoFrame]:
        if not self._was_kept:
            self._is_strict, self._context = False, self._made(is_strict=False)
            return self._context.decode(packet)
        self.is_damaged = True
        if self._codec != "mjpeg":
            # The picture comes out with a later packet.
            return []
        if self._lenient is None:
            self._lenient = self._made(is_strict=False)
        return self._lenient.decode(packet)

    def _made(self, *, is_strict: bool) -> VideoCodecContext:
        context = av.CodecContext.create(self._codec, "r")
        if not isinstance(context, VideoCodecContext):
            raise ValueError(self._codec)  # noqa: TRY004 - the name is wrong, not the type of an argument
        context.thread_count = 1
        context.thread_type = ThreadType.SLICE
        context.options = {"max_pixels": str(_MOST_PX), **({"err_detect": "explode"} if is_strict else {})}
        if self._extradata:
            context.extradata = self._extradata
        return context
