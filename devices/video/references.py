"""Whether a picture is missing from an H.264 stream that decodes without a complaint.  Pure.

A decoder hides a lost picture: it repeats another one in its place and goes on with what is wrong.  The stream itself
tells: ``frame_num`` counts the pictures that others refer to, so a step of more than one is a loss.

**Source:** ITU-T H.264 (08/2021) clauses 7.3.2.1.1 (sequence parameter set), 7.3.3 (slice header), 7.4.3 and 8.2.5.2
(gaps in frame_num).  **Assumed:** memory management operation 5, which sets the count anew, is not used by cameras.
"""

from __future__ import annotations

from collections.abc import Iterator

_SLICE, _IDR, _SPS = 1, 5, 7
_HIGH_PROFILES = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244})
_LONGEST_HEAD_BYTES = 512


class _Bits:
    """Bits of a NAL unit's payload from the left.  Raises ``IndexError`` behind the end."""

    def __init__(self, unit: bytes) -> None:
        self._octets = unit[:_LONGEST_HEAD_BYTES].replace(b"\0\0\3", b"\0\0")
        self._at = 0

    def take(self, count: int) -> int:
        """An unsigned number of ``count`` bits."""
        value = 0
        for _ in range(count):
            value = value << 1 | self._octets[self._at >> 3] >> (7 - (self._at & 7)) & 1
            self._at += 1
        return value

    def unsigned(self) -> int:
        """ue(v)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 32:
                raise IndexError
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """se(v)."""
        value = self.unsigned()
        return (value + 1) // 2 if value % 2 else -(value // 2)


def _units(data: bytes, *, has_lengths: bool) -> Iterator[bytes]:
    """The NAL units of one packet, start codes or four octets of length before each."""
    if not has_lengths:
        start = data.find(b"\0\0\1")
        while start >= 0:
            end = data.find(b"\0\0\1", start + 3)
            yield data[start + 3 : end if end >= 0 else None]
            start = end
        return
    at = 0
    while at + 4 < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 4 + length]
        at += 4 + length


def _parameter_sets(extradata: bytes) -> Iterator[bytes]:
    """The sequence parameter sets told apart from the stream, in either form."""
    if extradata[:1] != b"\1":
        yield from _units(extradata, has_lengths=False)
        return
    at = 6
    for _ in range(extradata[5] & 31 if len(extradata) > 5 else 0):
        length = int.from_bytes(extradata[at : at + 2], "big")
        yield extradata[at + 2 : at + 2 + length]
        at += 2 + length


class ReferenceCount:
    """Follows ``frame_num`` through one stream; the form of ``extradata`` tells the form of the packets."""

    def __init__(self, extradata: bytes = b"") -> None:
        # The packets do not: a unit of 256 octets and more has a length that looks like a start code.
        self._has_lengths = extradata[:1] == b"\1"
        self._bits: int | None = None
        self._may_gap = False
        self._has_planes = False
        self._last: int | None = None
        for unit in _parameter_sets(extradata):
            self._note(unit)

    def is_gap(self, data: bytes, *, is_key: bool) -> bool:
        """Whether a picture is missing before the one in this packet.  What cannot be read is no gap."""
        for unit in _units(data, has_lengths=self._has_lengths):
            if unit and unit[0] & 31 in {_SLICE, _IDR}:
                try:
                    return self._follow(unit, is_key=is_key)
                except IndexError:
                    return False
            self._note(unit)
        return False

    def _note(self, unit: bytes) -> None:
        if not unit or unit[0] & 31 != _SPS:
            return
        try:
            self._read_parameters(_Bits(unit[1:]))
        except IndexError:
            # Torn: the next one counts.
            self._bits = None

    def _read_parameters(self, bits: _Bits) -> None:
        profile = bits.take(8)
        bits.take(16)
        bits.unsigned()
        self._has_planes = False
        if profile in _HIGH_PROFILES:
            chroma = bits.unsigned()
            self._has_planes = chroma == 3 and bool(bits.take(1))
            bits.unsigned()
            bits.unsigned()
            bits.take(1)
            if bits.take(1):
                _pass_scaling(bits, 8 if chroma != 3 else 12)
        width = bits.unsigned() + 4
        order = bits.unsigned()
        if order == 0:
            bits.unsigned()
        elif order == 1:
            bits.take(1)
            bits.signed()
            bits.signed()
            for _ in range(min(bits.unsigned(), 255)):
                bits.signed()
        bits.unsigned()
        self._may_gap = bool(bits.take(1))
        if self._bits != width:
            self._last = None
        self._bits = width if width <= 16 else None

    def _follow(self, unit: bytes, *, is_key: bool) -> bool:
        if self._bits is None:
            return False
        bits = _Bits(unit[1:])
        for _ in range(3):
            bits.unsigned()
        if self._has_planes:
            bits.take(2)
        number, last = bits.take(self._bits), self._last
        is_reference, is_idr = bool(unit[0] & 0x60), unit[0] & 31 == _IDR
        if is_reference or last is None:
            self._last = number
        if is_key or is_idr or last is None or self._may_gap:
            return False
        return (number - last) % (1 << self._bits) > 1


def _pass_scaling(bits: _Bits, lists: int) -> None:
    for which in range(lists):
        if not bits.take(1):
            continue
        last = following = 8
        for _ in range(16 if which < 6 else 64):
            if following:
                following = (last + bits.signed()) % 256
            last = following or last
