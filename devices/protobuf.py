"""The wire form of protocol buffers: reading fields by their numbers, and writing them.

**Source:** the public encoding document of Protocol Buffers (developers.google.com/protocol-buffers): varints, fixed
32 and 64 bits, length-delimited; of a field that comes twice the last one counts.
**Assumed:** groups (wire types 3 and 4) are not used by anybody we read.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Self

_MOST_FIELDS = 1000
_SIGN_64 = 1 << 63


class Fields:
    """A message taken apart.  Every getter gives ``None`` where the field is absent or of another type."""

    __slots__ = ("_found",)

    def __init__(self, found: Mapping[int, int | bytes]) -> None:
        self._found = found

    @classmethod
    def read(cls, octets: bytes) -> Self | None:
        """``None`` where the octets are no message."""
        found: dict[int, int | bytes] = {}
        at = 0
        for _ in range(_MOST_FIELDS):
            if at >= len(octets):
                return cls(found)
            key, at = _varint(octets, at)
            value, at = _value(key & 7, octets, at)
            if value is None or not 0 < key >> 3 < 1 << 29:
                return None
            found[key >> 3] = value
        return None

    def numbers(self) -> list[int]:
        """The fields that are there."""
        return list(self._found)

    def whole(self, number: int) -> int | None:
        """An unsigned number or an enumeration."""
        value = self._found.get(number)
        return value if isinstance(value, int) else None

    def signed(self, number: int) -> int | None:
        """An ``int32`` or ``int64``."""
        value = self.whole(number)
        return None if value is None else value - (1 << 64) if value & _SIGN_64 else value

    def octets(self, number: int) -> bytes | None:
        """Octets, text, or an inner message before it is read; also what is four or eight octets long."""
        value = self._found.get(number)
        return value if isinstance(value, bytes) else None

    def fixed(self, number: int) -> int | None:
        """A ``fixed32``."""
        value = self.octets(number)
        return int.from_bytes(value, "little") if value is not None and len(value) == 4 else None

    def fixed_signed(self, number: int) -> int | None:
        """An ``sfixed32``."""
        value = self.octets(number)
        return int.from_bytes(value, "little", signed=True) if value is not None and len(value) == 4 else None

    def real(self, number: int) -> float | None:
        """A ``float``, which may be infinite or no number."""
        value = self.octets(number)
        return float(struct.unpack("<f", value)[0]) if value is not None and len(value) == 4 else None

    def text(self, number: int) -> str | None:
        """A ``string``."""
        value = self.octets(number)
        try:
            return None if value is None else value.decode("utf-8")
        except UnicodeDecodeError:
            return None

    def inner(self, number: int) -> Fields | None:
        """A message in this one."""
        value = self.octets(number)
        return None if value is None else Fields.read(value)


def _varint(octets: bytes, at: int) -> tuple[int, int]:
    """The number and where it ends; key 0, which is none, where it is cut off or too long."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(octets):
            return 0, at
        octet = octets[at]
        at += 1
        value |= (octet & 0x7F) << shift
        if octet < 0x80:
            return value & ((1 << 64) - 1), at
    return 0, at


def _value(kind: int, octets: bytes, at: int) -> tuple[int | bytes | None, int]:
    if kind == 0:
        before = at
        value, at = _varint(octets, at)
        is_whole = at > before and octets[at - 1] < 0x80
        return (value if is_whole else None), at
    if kind == 2:
        before = at
        length, at = _varint(octets, at)
        if at == before or octets[at - 1] >= 0x80:
            return None, at
    else:
        length = {1: 8, 5: 4}.get(kind, -1)
    if length < 0 or at + length > len(octets):
        return None, at
    return octets[at : at + length], at + length


def varint(value: int) -> bytes:
    """A number of 0 or more."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def put_whole(number: int, value: int) -> bytes:
    """A field with a number of 0 or more."""
    return varint(number << 3) + varint(value)


def put_octets(number: int, octets: bytes) -> bytes:
    """A field with octets, text or a message."""
    return varint(number << 3 | 2) + varint(len(octets)) + octets


def put_fixed(number: int, value: int) -> bytes:
    """A field with 32 bits, signed or not."""
    return varint(number << 3 | 5) + (value & 0xFFFFFFFF).to_bytes(4, "little")


def put_real(number: int, value: float) -> bytes:
    """A field with a ``float``."""
    return varint(number << 3 | 5) + struct.pack("<f", value)
