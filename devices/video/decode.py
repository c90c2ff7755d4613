"""The decoder's process: ``python -m devices.video.decode``, a child of the receiver.

Reads items (``devices.video.feed``) from stdin, decodes with one thread, scales for the visible size and writes the
newest picture to the shared memory.  A crash here costs a picture, never the recording.  Ends with its stdin.

A frame is shown when its time advanced; a tile's frames at the rate asked for, the selected one all of them.  Falls
behind by more than 1.5 s: skips to the next keyframe, so that lag never grows unseen.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

import av
import msgspec
from av.codec.context import ThreadType
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

from devices.video.bond import die_with_parent, speak_plainly
from devices.video.feed import FLAG_BURST, FLAG_KEY, FLAG_STILL, OPEN, PACKET, VIEW, Item, read_item
from devices.video.slots import Slots

_NS_PER_S = 1_000_000_000
_BEHIND_NS = 1_500_000_000
_REMEMBERED = 64
_SMALLEST_PX = 16


def fit(source_px: tuple[int, int], shown_px: tuple[int, int], limit_bytes: int) -> tuple[int, int]:
    """Width and height to scale to: inside what is shown, never larger than the source or a slot; even numbers.

    >>> fit((1280, 720), (640, 640), 8_294_400)
    (640, 360)
    """
    width, height = source_px
    scale = min(1.0, shown_px[0] / width, shown_px[1] / height, (limit_bytes / (4.2 * width * height)) ** 0.5)
    return max(_SMALLEST_PX, int(width * scale) & ~1), max(_SMALLEST_PX, int(height * scale) & ~1)


class Decoder:
    """One stream being decoded into one camera's shared pictures."""

    def __init__(self) -> None:
        self._slots: Slots | None = None
        self._context: VideoCodecContext | None = None
        self._reformatter = VideoReformatter()
        self._shown_px = (0, 0)
        self._interval_ns = 0
        self._stamps: dict[int, tuple[int | None, int, int]] = {}
        self._count = 0
        self._last_stamp_ns = 0
        self._is_skipping = False

    def take(self, item: Item) -> None:
        """Do what one item asks."""
        if item.kind == OPEN:
            self._open(item.body)
        elif item.kind == VIEW:
            view: dict[str, Any] = msgspec.json.decode(item.body)
            self._shown_px = (int(view["width_px"]), int(view["height_px"]))
            rate_hz = view["rate_hz"]
            # A quarter of an interval early, or a jittering 25 Hz stream shown at 12.5 Hz would skip two of three.
            self._interval_ns = int(0.75 * _NS_PER_S / rate_hz) if rate_hz else 0
        elif item.kind == PACKET:
            self._decode(item)

    def _open(self, body: bytes) -> None:
        head, _, extradata = body.partition(b"\n")
        wanted: dict[str, str] = msgspec.json.decode(head)
        if self._slots is None:
            self._slots = Slots(wanted["slots"])
        context = av.CodecContext.create(wanted["codec"], "r")
        if not isinstance(context, VideoCodecContext):
            return
        context.thread_count = 1
        context.thread_type = ThreadType.SLICE
        if extradata:
            context.extradata = extradata
        self._context = context
        self._stamps.clear()
        self._is_skipping = True

    def _decode(self, item: Item) -> None:
        slots, context = self._slots, self._context
        if slots is None or context is None:
            return
        is_key = bool(item.flags & FLAG_KEY)
        if not item.flags & (FLAG_BURST | FLAG_STILL) and time.monotonic_ns() - item.received_ns > _BEHIND_NS:
            # It waited here and not on its way: this process is too slow for the stream just now.
            self._is_skipping = True
        if self._is_skipping and not is_key:
            return
        self._is_skipping = False
        packet: Packet[Any] = Packet(item.body)
        self._count += 1
        # The number of the packet travels as its time, so that the frame finds its own stamps in any order.
        packet.pts = packet.dts = self._count
        self._stamps[self._count] = (item.pts_ns, item.stamp_ns, item.flags)
        self._stamps.pop(self._count - _REMEMBERED, None)
        try:
            frames = context.decode(packet)
        except av.error.FFmpegError:
            slots.note_fault()
            return
        for frame in frames:
            slots.note_decoded()
            self._show(slots, frame)

    def _show(self, slots: Slots, frame: VideoFrame) -> None:
        pts_ns, stamp_ns, flags = self._stamps.get(frame.pts or 0, (None, 0, FLAG_BURST))
        if flags & FLAG_BURST or stamp_ns <= self._last_stamp_ns or not self._shown_px[0]:
            return
        if stamp_ns - self._last_stamp_ns < self._interval_ns:
            return
        width, height = fit((frame.width, frame.height), self._shown_px, slots.slot_bytes)
        picture = self._reformatter.reformat(
            frame, width, height, "bgra", interpolation=Interpolation.FAST_BILINEAR, threads=1
        )
        plane = picture.planes[0]
        slots.write(memoryview(plane), (width, height), plane.line_size, (pts_ns, stamp_ns))
        self._last_stamp_ns = stamp_ns


def main() -> int:
    """Decode until stdin ends."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    speak_plainly()
    decoder = Decoder()
    while (item := read_item(sys.stdin.buffer)) is not None:
        decoder.take(item)
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
