"""Pictures made as small as they are shown, in the form in which they are drawn.

**Source:** measured for 1280x720 to 640x336: swscale's fast bilinear, which converts while it scales, 0.6 ms; OpenCV
plane by plane, then a conversion that needs no scaling, 0.35 ms (0.26 ms to the half).
"""

from __future__ import annotations

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

_HALVED = frozenset({"yuv420p", "yuvj420p"})
"""Formats of three planes of octets, the colours at half the size."""
_BLOCK_PX = 16
"""swscale converts without scaling in blocks of so many pixels; of a last block of two or four it writes nothing (seen
with widths of 258 and 260), and what the memory held before would be shown."""


class Shrink:
    """Makes frames of one stream smaller; gives a frame of its own that is overwritten by the next."""

    def __init__(self) -> None:
        # One thread a stream: a pool of OpenCV's own in each of sixteen decoders would fight for the cores.
        cv2.setNumThreads(1)
        self._small: VideoFrame | None = None
        self._reformatter = VideoReformatter()

    @staticmethod
    def takes(frame: VideoFrame, size_px: tuple[int, int]) -> bool:
        """Whether this frame can be made this small here: even width and height, not larger than the frame."""
        width, height = size_px
        is_smaller = width <= frame.width and height <= frame.height and size_px != (frame.width, frame.height)
        return frame.format.name in _HALVED and is_smaller and not (width | height | frame.width | frame.height) & 1

    def shrink(self, frame: VideoFrame, size_px: tuple[int, int]) -> VideoFrame:
        """This frame in BGRA, ``size_px`` width and height; what lies beyond the width in its rows is nothing."""
        wide_px = (-(-size_px[0] // _BLOCK_PX) * _BLOCK_PX, size_px[1])
        small = self._small
        if small is None or (small.width, small.height) != wide_px or small.format.name != frame.format.name:
            small = self._small = VideoFrame(*wide_px, frame.format.name)
        for number, (plane, into) in enumerate(zip(frame.planes, small.planes, strict=True)):
            half = 1 if number else 0
            target = _octets(into, size_px[0] >> half, size_px[1] >> half)
            cv2.resize(
                _octets(plane, frame.width >> half, frame.height >> half),
                (target.shape[1], target.shape[0]),
                dst=target,
                interpolation=cv2.INTER_LINEAR,
            )
        small.colorspace, small.color_range = frame.colorspace, frame.color_range
        return self._reformatter.reformat(small, *wide_px, "bgra", threads=1)


def _octets(plane: VideoPlane, width: int, height: int) -> NDArray[np.uint8]:
    rows: NDArray[np.uint8] = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[:height, :width]
