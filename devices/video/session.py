"""One opening of a source, from connecting to its end, and how it is meanwhile.

``Session.run`` is the demuxing thread's whole life: open, read, hand every packet to the stage, end.  ``judge`` is
asked by the main thread a few times a second and says what a person must know; it never trusts the library to notice
that a picture is dead.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Protocol

from devices.video.arrivals import ArrivalClock
from devices.video.feed import Unit
from devices.video.messages import Grade, Open, State, redact, secrets_of
from devices.video.piece import Piece, SourceError
from devices.video.segment import Recorded
from devices.video.source import Source, open_source

_NS_PER_S = 1_000_000_000
DELAYED_NS, STALLED_NS = 1_000_000_000, 2_000_000_000
LATE_END_NS = 10_000_000_000
HUNG_OPEN_NS, HUNG_READ_NS, HUNG_LUMP_NS = 25_000_000_000, 8_000_000_000, 20_000_000_000
"""The library's own limits end a dead read within six seconds (twelve where lumps are awaited).  One that is still
silent then is hung, or passes over a stream that took the place of ours and was not there when it opened."""
_BEHIND = {"paced": "segmented", "file": "from-file"}
"""Kinds of source whose newest picture is never that of now, however evenly it comes."""


class Outlet(Protocol):
    """Who takes packets: the stage."""

    def opened(self, session: Session) -> None:
        """The source of this opening is open."""

    def put(self, session: Session, unit: Unit, *, is_anew: bool) -> None:
        """Take one packet without waiting; may raise ``SourceError`` to end the opening."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What ``judge`` found."""

    state: State
    reason: str | None = None
    is_connected: bool = False


@dataclass(slots=True, kw_only=True)
class Meter:
    """Counts of the running second."""

    since_ns: int
    packets: int = 0
    octets: int = 0
    total_bytes: int = 0
    gaps: int = 0
    rates: tuple[float, float] | None = field(default=None)

    def turn(self, now_ns: int) -> tuple[float, float] | None:
        """Packets and bits a second since the last turn, at most once a second; the last answer in between."""
        passed_ns = now_ns - self.since_ns
        if passed_ns >= _NS_PER_S:
            self.rates = (self.packets * _NS_PER_S / passed_ns, self.octets * 8 * _NS_PER_S / passed_ns)
            self.since_ns, self.packets, self.octets = now_ns, 0, 0
        return self.rates


class Session:
    """One opening.  Fields without underscore are written by the demuxing thread and read by the main thread.

    ``ending`` is set by whoever wants it to end, ``grade`` by the main thread.
    """

    def __init__(self, camera_id: str, wanted: Open) -> None:
        self._camera_id = camera_id
        self._wall_offset_ns = wanted.wall_offset_ns
        self._clock = ArrivalClock()
        self._thread: threading.Thread | None = None
        self.url = wanted.url
        self.grade: Grade = wanted.grade
        self.secrets = secrets_of(wanted.url)
        self.source: Source | None = None
        self.began_ns = time.monotonic_ns()
        self.arrived_ns: int | None = None
        self.stamp_ns = 0
        self.key_ns: int | None = None
        self.key_stamp_ns: int | None = None
        self.late_since_ns: int | None = None
        self.meter = Meter(since_ns=self.began_ns)
        self.ending = threading.Event()
        self.end: SourceError | None = None

    @property
    def is_alive(self) -> bool:
        """Whether its thread still runs."""
        return self._thread is None or self._thread.is_alive()

    def start(self, outlet: Outlet) -> None:
        """Run in a thread of its own."""
        self._thread = threading.Thread(target=self.run, args=(outlet,), name="demux", daemon=True)
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait for its end."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def run(self, outlet: Outlet) -> None:
        """Open and read until it ends; then ``end`` says why."""
        try:
            source = open_source(self.url)
            try:
                self.source = source
                outlet.opened(self)
                self._read(source, outlet)
            finally:
                source.close()
        except SourceError as error:
            self.end = error

    def recorded(self, source: Source) -> Recorded:
        """What the recording says of this stream."""
        return Recorded(
            source=self._camera_id,
            url=redact(self.url, self.secrets),
            codec=source.codec,
            extradata=source.extradata,
            width_px=source.width_px,
            height_px=source.height_px,
            wall_offset_ns=self._wall_offset_ns,
        )

    def _read(self, source: Source, outlet: Outlet) -> None:
        for piece in source.pieces(self.ending):
            if self.ending.is_set():
                raise SourceError("stopped")
            unit = self._stamp(piece, time.monotonic_ns())
            if unit is not None:
                outlet.put(self, unit, is_anew=piece.is_anew)

    def _stamp(self, piece: Piece, now_ns: int) -> Unit | None:
        meter = self.meter
        meter.packets += 1
        meter.octets += len(piece.data)
        meter.total_bytes += len(piece.data)
        if piece.is_anew:
            # Another encoder, another clock: compared with the last one's its first key frame could look old.
            self._clock = ArrivalClock()
        arrival = self._clock.arrive(piece.dts_ns, now_ns)
        if not arrival.is_new:
            return None
        is_late = arrival.lateness_ns > DELAYED_NS
        if not is_late:
            self.late_since_ns = None
        elif self.late_since_ns is None:
            self.late_since_ns = now_ns
        elif now_ns - self.late_since_ns > LATE_END_NS:
            raise SourceError("late", f"{arrival.lateness_ns / _NS_PER_S:.1f} s")
        self.stamp_ns = max(self.stamp_ns, now_ns - arrival.lateness_ns if is_late else now_ns)
        self.arrived_ns = now_ns
        if piece.is_key and self.key_ns is None:
            self.key_ns, self.key_stamp_ns = now_ns, self.stamp_ns
        meter.gaps += 1 if arrival.gap_ns or arrival.is_jump else 0
        return Unit(
            data=piece.data,
            pts_ns=piece.pts_ns,
            dts_ns=piece.dts_ns,
            received_ns=now_ns,
            stamp_ns=self.stamp_ns,
            is_key=piece.is_key,
            gap_ns=arrival.gap_ns,
            is_jump=arrival.is_jump or piece.is_anew,
            is_damaged=piece.is_damaged,
        )

    def judge(self, now_ns: int) -> Condition:
        """How the source is at ``now_ns`` (CLOCK_MONOTONIC)."""
        if self.source is None:
            return Condition(state="connecting")
        if self.arrived_ns is None or self.key_ns is None:
            waited_ns = now_ns - (self.arrived_ns or self.began_ns)
            is_silent = waited_ns > STALLED_NS and self.arrived_ns is not None
            return Condition(
                state="stalled" if is_silent else "connecting",
                reason="stalled" if is_silent else None,
                is_connected=True,
            )
        if now_ns - self.arrived_ns > STALLED_NS:
            return Condition(state="stalled", reason="stalled", is_connected=True)
        if now_ns - self.stamp_ns > DELAYED_NS:
            return Condition(state="delayed", reason="late", is_connected=True)
        if self.source.kind in _BEHIND:
            return Condition(state="delayed", reason=_BEHIND[self.source.kind], is_connected=True)
        return Condition(state="live", is_connected=True)

    def is_hung(self, now_ns: int) -> bool:
        """The library did not come back within its own timeouts: only a new process helps."""
        if self.source is None:
            return now_ns - self.began_ns > HUNG_OPEN_NS
        limit_ns = HUNG_LUMP_NS if self.source.kind == "paced" else HUNG_READ_NS
        return now_ns - (self.arrived_ns or self.began_ns) > limit_ns + (HUNG_OPEN_NS if self.arrived_ns is None else 0)
