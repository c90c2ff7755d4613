"""A short clip of MPEG-TS as an endless live stream: pure pacing and time stamps, no re-encoding.

The clip is looked through once: which octets are sent when (by its PCR) and where its time stamps lie.  Every loop is
then the same octets with PCR, PTS and DTS moved on by the clip's length and the continuity counters counted on, so
that a receiver sees one stream without a seam.

**Source:** ISO/IEC 13818-1:2000, 2.4.3.2 (packet), 2.4.3.4 (adaptation field, PCR), 2.4.3.6 (PES, PTS and DTS).
**Assumed:** one programme whose PCR lies on the video PID; 188-octet packets; no scrambling.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

PACKET_BYTES = 188
_SYNC = 0x47
_STAMP_WRAP = 1 << 33
_PCR_WRAP = _STAMP_WRAP * 300
_NULL_PID = 0x1FFF
_NO_STREAM_HEADER = frozenset({0xBC, 0xBE, 0xBF, 0xF0, 0xF1, 0xF2, 0xF8, 0xFF})


class ClipError(ValueError):
    """The octets are no clip that can be looped; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """Octets (whole packets) that are due ``due_ns`` after the stream began."""

    due_ns: int
    octets: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stamp:
    """One time stamp: ``offset`` in the clip, ``value`` in 27 MHz (PCR) or 90 kHz ticks, ``prefix`` of PTS and DTS."""

    offset: int
    value: int
    prefix: int | None


class Clip:
    """One clip, ready to be sent for ever.

    ``length_ns`` is one loop: last minus first DTS and one frame more.  Raises ``ClipError``.
    """

    def __init__(self, octets: bytes) -> None:
        if len(octets) < PACKET_BYTES or len(octets) % PACKET_BYTES:
            raise ClipError("not a whole number of 188-octet packets")
        self._octets = octets
        self._stamps: list[_Stamp] = []
        self._counters: list[tuple[int, int]] = []
        self._cuts: list[tuple[int, int]] = []
        dts: dict[int, list[int]] = {}
        for offset in range(0, len(octets), PACKET_BYTES):
            self._examine(offset, dts)
        if len(self._cuts) < 2:
            raise ClipError("no clock (PCR)")
        times = max((sorted(values) for values in dts.values()), key=_count, default=[])
        if len(times) < 2:
            raise ClipError("no time stamps")
        frame = sorted(b - a for a, b in pairwise(times))[len(times) // 2 - 1]
        self._length_ticks = times[-1] - times[0] + frame
        self.length_ns = self._length_ticks * 100_000 // 9

    def _examine(self, offset: int, dts: dict[int, list[int]]) -> None:
        data = self._octets
        if data[offset] != _SYNC:
            raise ClipError(f"no sync octet at {offset}")
        pid = (data[offset + 1] & 0x1F) << 8 | data[offset + 2]
        control = data[offset + 3] >> 4 & 0x3
        payload = offset + 4
        if control & 0x2:
            if data[offset + 4] and data[offset + 5] & 0x10:
                self._note_pcr(offset)
            payload += 1 + data[offset + 4]
        if not control & 0x1 or pid == _NULL_PID:
            return
        self._counters.append((offset + 3, pid))
        is_start = bool(data[offset + 1] & 0x40)
        if is_start and data[payload : payload + 3] == b"\0\0\1" and data[payload + 3] not in _NO_STREAM_HEADER:
            self._note_pes(payload, dts.setdefault(pid, []))

    def _note_pcr(self, offset: int) -> None:
        field = int.from_bytes(self._octets[offset + 6 : offset + 12], "big")
        value = (field >> 15) * 300 + (field & 0x1FF)
        self._stamps.append(_Stamp(offset=offset + 6, value=value, prefix=None))
        self._cuts.append((offset, value))

    def _note_pes(self, start: int, dts: list[int]) -> None:
        which = self._octets[start + 7] >> 6
        if not which & 0x2:
            return
        value = 0
        for number in range(2 if which == 0x3 else 1):
            at = start + 9 + 5 * number
            value = _read_stamp(self._octets, at)
            self._stamps.append(_Stamp(offset=at, value=value, prefix=self._octets[at] & 0xF0))
        dts.append(value)

    def bursts(self) -> Iterator[Burst]:
        """The stream without end, in order of ``due_ns``; each call begins a stream of its own."""
        counters: dict[int, int] = {}
        first = self._cuts[0][1]
        starts = [0, *(offset for offset, _ in self._cuts[1:])]
        ends = [*starts[1:], len(self._octets)]
        loop = 0
        while True:
            octets = bytearray(self._octets)
            self._move(octets, loop * self._length_ticks)
            for at, pid in self._counters:
                counters[pid] = (counters.get(pid, -1) + 1) & 0xF
                octets[at] = octets[at] & 0xF0 | counters[pid]
            for start, end, (_, value) in zip(starts, ends, self._cuts, strict=True):
                ticks = value - first + loop * self._length_ticks * 300
                yield Burst(due_ns=ticks * 1000 // 27, octets=bytes(octets[start:end]))
            loop += 1

    def _move(self, octets: bytearray, ticks: int) -> None:
        for stamp in self._stamps:
            if stamp.prefix is None:
                moved = (stamp.value + ticks * 300) % _PCR_WRAP
                field = (moved // 300) << 15 | 0x3F << 9 | moved % 300
                octets[stamp.offset : stamp.offset + 6] = field.to_bytes(6, "big")
            else:
                moved = (stamp.value + ticks) % _STAMP_WRAP
                octets[stamp.offset : stamp.offset + 5] = _stamp_octets(moved, stamp.prefix)


def _count(values: list[int]) -> int:
    return len(values)


def _read_stamp(data: bytes, at: int) -> int:
    high, middle, low = data[at] >> 1 & 0x7, data[at + 1 : at + 3], data[at + 3 : at + 5]
    return high << 30 | int.from_bytes(middle, "big") >> 1 << 15 | int.from_bytes(low, "big") >> 1


def _stamp_octets(value: int, prefix: int) -> bytes:
    high = prefix | (value >> 30 & 0x7) << 1 | 1
    middle = (value >> 15 & 0x7FFF) << 1 | 1
    low = (value & 0x7FFF) << 1 | 1
    return bytes((high,)) + middle.to_bytes(2, "big") + low.to_bytes(2, "big")
