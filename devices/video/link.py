"""The receiver's side of its decoder: starts it, feeds it without ever waiting for it, starts it again.

A decoder that hangs or dies costs a picture and nothing else: what it does not take in time is dropped up to the next
keyframe.  The packets since the last keyframe are kept, so that a tile that becomes visible has its picture at once,
and one whose decoder died the next moment.  A decoder counts what it takes: one that owes something and whose count
stands still hangs, however little was sent to it.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path

import msgspec

from devices.video import feed
from devices.video.feed import Unit
from devices.video.messages import Prepare, Show
from devices.video.slots import Slots

_ROOT = Path(__file__).resolve().parent.parent.parent
_QUEUE_BYTES = 8_000_000
_GROUP_BYTES = 16_000_000
_HUNG_NS, _HUNG_MOST_NS = 800_000_000, 8_000_000_000
"""A machine that is only too busy must not kill its decoders again and again: each time it is given twice as long."""
_STARTING_NS = 6_000_000_000
_BURY_S = 0.5
_GOOD_NS = 30_000_000_000
_DELAYS_NS = (0, 500_000_000, 1_000_000_000, 2_000_000_000, 4_000_000_000, 8_000_000_000)


class DecoderLink:
    """One decoder process at a time.  ``tend`` belongs to one thread, ``put`` and the others to any."""

    def __init__(self, prepare: Prepare, slots: Slots) -> None:
        self._prepare = prepare
        self._slots = slots
        self._lock = threading.Condition()
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._group: list[Unit] = []
        self._group_bytes = 0
        self._opening = b""
        self._view = Show(width_px=0, height_px=0)
        self._is_waiting_for_key = True
        self._process: subprocess.Popen[bytes] | None = None
        self._sent = 0
        self._taken = 0
        self._moved_ns = 0
        self._hangs = 0
        self._started_ns = 0
        self._retry_ns = 0
        self.crashes = 0
        self.crashed_ns: int | None = None

    @property
    def pid(self) -> int | None:
        """The decoder's process id while it runs."""
        return None if self._process is None else self._process.pid

    @property
    def is_shown(self) -> bool:
        """Whether anybody looks at this picture."""
        return self._view.width_px > 0

    def open(self, codec: str, extradata: bytes) -> None:
        """A stream begins."""
        prepare = self._prepare
        head = msgspec.json.encode({"slots": prepare.slots, "codec": codec, "may_stand_still": prepare.may_stand_still})
        with self._lock:
            self._opening = feed.control(feed.OPEN, head + b"\n" + extradata)
            self._group, self._group_bytes = [], 0
            self._begin_again()

    def show(self, view: Show) -> None:
        """The visible size or rate changed; a picture that appears is caught up with from its last keyframe."""
        with self._lock:
            had_all, self._view = self.is_shown and not self._view.is_key_only, view
            if self._process is None:
                return
            self._append(self._view_item())
            if self.is_shown and not had_all:
                self._catch_up()

    def put(self, unit: Unit) -> None:
        """One packet arrived.  Never waits."""
        with self._lock:
            if unit.is_key:
                self._group, self._group_bytes = [], 0
            if unit.is_key or self._group:
                self._group.append(unit)
                self._group_bytes += len(unit.data)
            if self._group_bytes > _GROUP_BYTES:
                self._group, self._group_bytes = [], 0
            if self._process is None or not self.is_shown:
                self._is_waiting_for_key = True
                return
            if self._queued_bytes > _QUEUE_BYTES:
                self._begin_again()
            if (self._is_waiting_for_key or self._view.is_key_only) and not unit.is_key:
                return
            self._is_waiting_for_key = False
            self._append(feed.packet(unit))

    def tend(self, now_ns: int) -> None:
        """Start, watch and bury the process; a few times a second, CLOCK_MONOTONIC."""
        process = self._process
        if process is not None and self._is_hung(now_ns):
            self._hangs += 1
            process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_BURY_S)
        if process is not None and process.poll() is not None:
            self._bury(now_ns)
        if self._process is None and self.is_shown and self._opening and now_ns >= self._retry_ns:
            self._start(now_ns)

    def _is_hung(self, now_ns: int) -> bool:
        """Whether the decoder owes something and has not moved for too long."""
        taken = self._slots.taken
        if taken != self._taken or taken >= self._sent:
            self._taken, self._moved_ns = taken, now_ns
        if now_ns - self._started_ns > _GOOD_NS:
            self._hangs = 0
        limit_ns = min(_HUNG_NS << self._hangs, _HUNG_MOST_NS) if taken else _STARTING_NS
        return now_ns - self._moved_ns > limit_ns

    def close(self) -> None:
        """End the decoder."""
        with self._lock:
            process, self._process = self._process, None
            self._lock.notify_all()
        if process is not None:
            process.kill()
            process.wait()

    def _start(self, now_ns: int) -> None:
        self._slots.note_taken(0)
        process = subprocess.Popen(
            [sys.executable, "-m", "devices.video.decode"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            cwd=_ROOT,
        )
        with self._lock:
            self._process, self._started_ns = process, now_ns
            self._sent, self._taken, self._moved_ns = 0, 0, now_ns
            self._begin_again()
            # What kills a decoder twice running may be in these packets.
            if self.crashes < 2 or self.crashed_ns is None or now_ns - self.crashed_ns > _GOOD_NS:
                self._catch_up()
        threading.Thread(target=self._feed, args=(process,), name="decoder-feed", daemon=True).start()

    def _bury(self, now_ns: int) -> None:
        with self._lock:
            process, self._process = self._process, None
            self._queue.clear()
            self._queued_bytes = 0
            self._lock.notify_all()
        if process is not None:
            process.wait()
        self.crashes = 1 if now_ns - self._started_ns > _GOOD_NS else self.crashes + 1
        self.crashed_ns = now_ns
        self._retry_ns = now_ns + _DELAYS_NS[min(self.crashes, len(_DELAYS_NS)) - 1]

    def _begin_again(self) -> None:
        self._queue.clear()
        self._queued_bytes = 0
        self._is_waiting_for_key = True
        if self._process is not None:
            self._append(self._opening)
            self._append(self._view_item())

    def _catch_up(self) -> None:
        units = self._group[:1] if self._view.is_key_only else self._group
        for number, unit in enumerate(units, start=1):
            self._append(feed.packet(unit, feed.FLAG_BURST if number < len(units) else feed.FLAG_STILL))
        if self._group:
            self._is_waiting_for_key = False

    def _view_item(self) -> bytes:
        view = self._view
        values: dict[str, float | None] = {
            "width_px": view.width_px,
            "height_px": view.height_px,
            "rate_hz": view.rate_hz,
        }
        values["is_key_only"] = view.is_key_only
        return feed.control(feed.VIEW, msgspec.json.encode(values))

    def _append(self, octets: bytes) -> None:
        self._queue.append(octets)
        self._queued_bytes += len(octets)
        self._lock.notify_all()

    def _feed(self, process: subprocess.Popen[bytes]) -> None:
        stdin = process.stdin
        if stdin is None:
            return
        while True:
            with self._lock:
                while self._process is process and not self._queue:
                    self._lock.wait()
                if self._process is not process:
                    break
                octets = self._queue.popleft()
                self._queued_bytes -= len(octets)
                self._sent += 1
            try:
                stdin.write(octets)
                stdin.flush()
            except OSError:
                break
        try:
            stdin.close()
        except OSError:
            # What was left in the buffer of a dead decoder's pipe is lost with it.
            return
