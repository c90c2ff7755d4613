"""The decoder's process: ``python -m devices.video.decode``, a child of the receiver.

Reads items (``devices.video.feed``) from stdin, decodes with one thread, scales for the visible size, writes the
newest picture to the shared memory and judges what it shows.  A crash here costs a picture, never the recording.
Ends with its stdin.

A frame is shown when its time advanced and it did not wait here; a tile's frames at the rate asked for, the selected
one all of them.  Where key frames alone are wanted, each is given at once.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import av
import msgspec
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

from devices.video.backlog import Backlog
from devices.video.bond import die_with_parent, speak_plainly
from devices.video.checkup import Checkup
from devices.video.feed import FLAG_BURST, FLAG_DAMAGED, FLAG_KEY, FLAG_STILL, OPEN, PACKET, VIEW, Item, read_item
from devices.video.references import ReferenceCount
from devices.video.slots import Slots
from devices.video.strict import StrictDecoder

if TYPE_CHECKING:
    from devices.video.shrink import Shrink

_NS_PER_S = 1_000_000_000
_REMEMBERED = 64
_SMALLEST_PX = 16
_KEY_INTERVAL_NS = 5 * _NS_PER_S
"""Taken for the time between key frames until it is known."""


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
        self._context: StrictDecoder | None = None
        self._references: ReferenceCount | None = None
        self._checkup = Checkup(may_stand_still=False)
        self._backlog = Backlog()
        self._reformatter = VideoReformatter()
        self._shrink: Shrink | None = None
        self._shown_px = (0, 0)
        self._interval_ns = 0
        self._is_key_only = False
        self._key_stamp_ns: int | None = None
        self._key_interval_ns = 0
        self._stamps: dict[int, tuple[int | None, int, int]] = {}
        self._count = 0
        self._taken = 0
        self._last_stamp_ns = 0
        self._awaits_key = False
        self._is_late = False

    def take(self, item: Item) -> None:
        """Do what one item asks."""
        if item.kind == OPEN:
            self._open(item.body)
        elif item.kind == VIEW:
            self._view(item.body)
        elif item.kind == PACKET:
            self._decode(item)
        self._taken += 1
        if self._slots is not None:
            self._slots.note_taken(self._taken)

    def _open(self, body: bytes) -> None:
        head, _, extradata = body.partition(b"\n")
        wanted: dict[str, Any] = msgspec.json.decode(head)
        if self._slots is None:
            self._slots = Slots(wanted["slots"])
        self._context = None
        try:
            self._context = StrictDecoder(wanted["codec"], extradata)
        except ValueError:
            return
        self._references = ReferenceCount(extradata) if wanted["codec"] == "h264" else None
        self._checkup = Checkup(
            may_stand_still=bool(wanted.get("may_stand_still")), has_groups=wanted["codec"] != "mjpeg"
        )
        self._slots.note_health(None, 0)
        self._stamps.clear()
        self._awaits_key, self._is_late = True, False

    def _view(self, body: bytes) -> None:
        view: dict[str, Any] = msgspec.json.decode(body)
        self._shown_px = (int(view["width_px"]), int(view["height_px"]))
        self._is_key_only = bool(view.get("is_key_only"))
        rate_hz = None if self._is_key_only else view["rate_hz"]
        # A quarter of an interval early, or a jittering 25 Hz stream shown at 12.5 Hz would skip two of three.
        self._interval_ns = int(0.75 * _NS_PER_S / rate_hz) if rate_hz else 0
        if self._slots is None:
            return
        self._slots.note_key_interval((self._key_interval_ns or _KEY_INTERVAL_NS) if self._is_key_only else 0)
        if not self._shown_px[0]:
            # What nobody looks at is not decoded, so nothing is known of it.
            self._checkup.forget()
            self._slots.note_health(None, 0)

    def _decode(self, item: Item) -> None:
        slots, context = self._slots, self._context
        if slots is None or context is None or not self._is_wanted(item):
            return
        self._count += 1
        packet: Packet[Any] = Packet(item.body)
        # The number of the packet travels as its time, so that the frame finds its own stamps in any order.
        packet.pts = packet.dts = self._count
        flags = item.flags | (FLAG_BURST if self._is_late and not item.flags & FLAG_STILL else 0)
        self._stamps[self._count] = (item.pts_ns, item.stamp_ns, flags)
        self._stamps.pop(self._count - _REMEMBERED, None)
        is_key = bool(flags & FLAG_KEY)
        if flags & FLAG_DAMAGED or (self._references and self._references.is_gap(item.body, is_key=is_key)):
            self._checkup.note_loss(item.stamp_ns)
        try:
            frames = context.decode(packet)
            if self._is_key_only:
                # A decoder that expects pictures out of order would hold each back until the next key frame.
                frames += context.finish()
        except av.error.FFmpegError:
            slots.note_fault()
            self._checkup.note_loss(item.stamp_ns)
            frames = []
        if context.is_damaged:
            self._checkup.note_loss(item.stamp_ns)
            self._stamps[self._count] = (item.pts_ns, item.stamp_ns, flags | FLAG_DAMAGED)
        for frame in frames:
            slots.note_decoded()
            self._show(slots, frame)
        if not frames and not flags & FLAG_BURST and self._checkup.note_nothing(item.stamp_ns, context.delay):
            self._checkup.tell(slots)

    def _is_wanted(self, item: Item) -> bool:
        """Whether this packet is decoded at all; notes whether what it shows comes too late to be shown."""
        is_key = bool(item.flags & FLAG_KEY)
        if is_key:
            self._note_key(item)
        if item.flags & (FLAG_BURST | FLAG_STILL):
            self._is_late = False
        else:
            now_ns = time.monotonic_ns()
            step = self._backlog.judge(now_ns - item.received_ns, now_ns)
            self._is_late = step != "show"
            if step == "skip":
                self._awaits_key = True
        if self._awaits_key and not is_key:
            return False
        self._awaits_key = False
        return True

    def _note_key(self, item: Item) -> None:
        if self._key_stamp_ns is not None and item.stamp_ns > self._key_stamp_ns:
            self._key_interval_ns = item.stamp_ns - self._key_stamp_ns
            if self._is_key_only and self._slots is not None:
                self._slots.note_key_interval(self._key_interval_ns)
        self._key_stamp_ns = item.stamp_ns

    def _show(self, slots: Slots, frame: VideoFrame) -> None:
        pts_ns, stamp_ns, flags = self._stamps.get(frame.pts or 0, (None, 0, FLAG_BURST))
        self._checkup.note_frame(
            stamp_ns, is_corrupt=frame.is_corrupt or bool(flags & FLAG_DAMAGED), is_key=frame.key_frame
        )
        if flags & FLAG_BURST or stamp_ns <= self._last_stamp_ns or not self._shown_px[0]:
            return
        self._checkup.look(slots, frame, stamp_ns)
        if stamp_ns - self._last_stamp_ns < self._interval_ns:
            return
        width, height = size_px = fit((frame.width, frame.height), self._shown_px, slots.slot_bytes)
        if self._shrink is not None and self._shrink.takes(frame, size_px):
            picture = self._shrink.shrink(frame, size_px)
        else:
            picture = self._reformatter.reformat(
                frame, width, height, "bgra", interpolation=Interpolation.FAST_BILINEAR, threads=1
            )
        plane = picture.planes[0]
        slots.write(memoryview(plane), size_px, plane.line_size, (pts_ns, stamp_ns))
        if not self._last_stamp_ns:
            # Only now: it takes half a second, and the first picture must not wait for it.
            threading.Thread(target=self._prepare, name="prepare", daemon=True).start()
        self._last_stamp_ns = stamp_ns

    def _prepare(self) -> None:
        """Load what looks at pictures and what makes them smaller."""
        Checkup.prepare()
        self._shrink = importlib.import_module("devices.video.shrink").Shrink()


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
