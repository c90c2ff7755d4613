"""One opening of a source, from connecting to its end, and how it is meanwhile.

``Session.run`` is the demuxing thread's whole life: open, read, hand every packet to the shared memory's stamp, the
recorder and the decoder, end.  ``judge`` is asked by the main thread a few times a second and says what a person must
know; it never trusts the library to notice that a picture is dead.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Protocol

from devices.video.arrivals import ArrivalClock
from devices.video.feed import Unit
from devices.video.messages import State, redact, secrets_of
from devices.video.segment import Recorded
from devices.video.slots import Slots
from devices.video.source import Source, SourceError

_NS_PER_S = 1_000_000_000
DELAYED_NS, STALLED_NS = 1_000_000_000, 2_000_000_000
LATE_END_NS = 10_000_000_000
HUNG_OPEN_NS, HUNG_READ_NS = 25_000_000_000, 15_000_000_000


class Consumer(Protocol):
    """Who takes packets: the recorder and the decoder's link."""

    def put(self, unit: Unit) -> None:
        """Take one packet without waiting."""


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
    total_packets: int = 0
    gaps: int = 0
    rates: tuple[float, float] | None = field(default=None)

    def turn(self, now_ns: int) -> tuple[float, float] | None:
        """Packets and bits a second since the last turn, at most once a second; the last answer in between."""
        passed_ns = now_ns - self.since_ns
        if passed_ns >= _NS_PER_S:
            self.rates = (self.packets * _NS_PER_S / passed_ns, self.octets * 8 * _NS_PER_S / passed_ns)
            self.since_ns, self.packets, self.octets = now_ns, 0, 0
        return self.rates


class Opened(Protocol):
    """Who is told that a stream begins."""

    def __call__(self, source: Source, stream: Recorded) -> None:
        """The source is open."""


class Session:
    """One opening.  Fields without underscore are written by the demuxing thread and read by the main thread."""

    def __init__(self, camera_id: str, url: str, wall_offset_ns: int, slots: Slots) -> None:
        self._camera_id = camera_id
        self._url = url
        self._wall_offset_ns = wall_offset_ns
        self._slots = slots
        self._clock = ArrivalClock()
        self.secrets = secrets_of(url)
        self.source: Source | None = None
        self.began_ns = time.monotonic_ns()
        self.arrived_ns: int | None = None
        self.stamp_ns = 0
        self.key_ns: int | None = None
        self.late_since_ns: int | None = None
        self.meter = Meter(since_ns=self.began_ns)
        self.is_ending = False
        self.end: SourceError | None = None

    def run(self, on_open: Opened, consumers: tuple[Consumer, ...]) -> None:
        """Open and read until it ends; then ``end`` says why."""
        try:
            source = Source(self._url)
            try:
                self.source = source
                on_open(source, self._recorded(source))
                self._read(source, consumers)
            finally:
                source.close()
        except SourceError as error:
            self.end = error

    def _recorded(self, source: Source) -> Recorded:
        return Recorded(
            source=self._camera_id,
            url=redact(self._url, self.secrets),
            codec=source.codec,
            extradata=source.extradata,
            width_px=source.width_px,
            height_px=source.height_px,
            wall_offset_ns=self._wall_offset_ns,
        )

    def _read(self, source: Source, consumers: tuple[Consumer, ...]) -> None:
        base = source.stream.time_base
        scale = (base.numerator * _NS_PER_S, base.denominator) if base is not None else (_NS_PER_S, 90_000)
        for packet in source.packets():
            if self.is_ending:
                raise SourceError("stopped")
            now_ns = time.monotonic_ns()
            pts_ns = None if packet.pts is None else packet.pts * scale[0] // scale[1]
            dts_ns = pts_ns if packet.dts is None else packet.dts * scale[0] // scale[1]
            unit = self._stamp(bytes(packet), pts_ns, dts_ns, is_key=packet.is_keyframe, now_ns=now_ns)
            if unit is None:
                continue
            for consumer in consumers:
                consumer.put(unit)

    def _stamp(self, data: bytes, pts_ns: int | None, dts_ns: int | None, *, is_key: bool, now_ns: int) -> Unit | None:
        arrival = self._clock.arrive(dts_ns, now_ns)
        meter = self.meter
        meter.packets += 1
        meter.octets += len(data)
        meter.total_packets += 1
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
        if is_key and self.key_ns is None:
            self.key_ns = now_ns
        meter.gaps += 1 if arrival.gap_ns or arrival.is_jump else 0
        self._slots.note_packet(self.stamp_ns)
        return Unit(
            data=data,
            pts_ns=pts_ns,
            dts_ns=dts_ns,
            received_ns=now_ns,
            stamp_ns=self.stamp_ns,
            is_key=is_key,
            gap_ns=arrival.gap_ns,
            is_jump=arrival.is_jump,
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
        return Condition(state="live", is_connected=True)

    def is_hung(self, now_ns: int) -> bool:
        """The library did not come back within its own timeouts: only a new process helps."""
        if self.source is None:
            return now_ns - self.began_ns > HUNG_OPEN_NS
        return now_ns - (self.arrived_ns or self.began_ns) > HUNG_READ_NS + (
            HUNG_OPEN_NS if self.arrived_ns is None else 0
        )
