"""Frames as a simulated JT/T 808 terminal writes and reads them.

**Source:** the same published layouts as the driver's, written anew: nothing is shared with the driver, so that a
mistake in one shows in the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import xor
from typing import Final, Literal

Edition = Literal["2011", "2013", "2019"]
LARGEST: Final = 1023
_HELD_OCTETS: Final = 8192
_BEIJING: Final = timedelta(hours=8)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_M_PER_DEG: Final = 111_320.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a platform said to ``phone``: ``number`` is its message id."""

    phone: str
    number: int
    serial: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a terminal is, and what goes with it.  ``alarms`` are the bits of the first field."""

    lat_deg: float
    lon_deg: float
    speed_mps: float
    course_deg: float
    at_ns: int
    mileage_m: float
    satellites: int
    level: int
    alarms: int = 0
    is_fixed: bool = True

    def report(self) -> bytes:
        """The body of 0200."""
        status = 0x000C0001 | (0x02 if self.is_fixed else 0)
        numbers = [(self.alarms, 4), (status, 4), (round(self.lat_deg * 1e6), 4), (round(self.lon_deg * 1e6), 4)]
        numbers += [(110, 2), (round(self.speed_mps * 36), 2), (round(self.course_deg) % 360, 2)]
        head = b"".join(value.to_bytes(size, "big") for value, size in numbers)
        moment = _EPOCH + timedelta(microseconds=self.at_ns // 1000) + _BEIJING
        items = b"\x01\x04" + round(self.mileage_m / 100).to_bytes(4, "big")
        items += bytes((0x30, 1, self.level, 0x31, 1, self.satellites))
        return head + bytes.fromhex(moment.strftime("%y%m%d%H%M%S")) + items


def moved(lat_deg: float, lon_deg: float, north_m: float, east_m: float) -> tuple[float, float]:
    """A place so far away."""
    return lat_deg + north_m / _M_PER_DEG, lon_deg + east_m / (_M_PER_DEG * math.cos(math.radians(lat_deg)))


def frames(edition: Edition, phone: str, number: int, serial: int, body: bytes) -> list[bytes]:
    """A message as one frame, or as several packets with serial numbers that follow one another."""
    pieces = [body[at : at + LARGEST] for at in range(0, len(body), LARGEST)] or [b""]
    return [
        _frame(edition, phone, number, (serial + place) & 0xFFFF, piece, (len(pieces), place + 1))
        for place, piece in enumerate(pieces)
    ]


def _frame(edition: Edition, phone: str, number: int, serial: int, body: bytes, part: tuple[int, int]) -> bytes:
    is_new = edition == "2019"
    attributes = len(body) + (0x4000 if is_new else 0) + (0x2000 if part[0] > 1 else 0)
    sender = b"\x01" + bytes.fromhex(phone.zfill(20)) if is_new else bytes.fromhex(phone.zfill(12))
    text = number.to_bytes(2, "big") + attributes.to_bytes(2, "big") + sender + serial.to_bytes(2, "big")
    if part[0] > 1:
        text += part[0].to_bytes(2, "big") + part[1].to_bytes(2, "big")
    text += body
    text += bytes([reduce(xor, text, 0)])
    return b"\x7e" + b"".join(_ESCAPED.get(octet, bytes([octet])) for octet in text) + b"\x7e"


_ESCAPED: Final = {0x7E: b"\x7d\x02", 0x7D: b"\x7d\x01"}


def registration(edition: Edition, index: int, plate: str) -> bytes:
    """The body of 0100: Henan, Zhengzhou."""
    maker, model, identity = {"2011": (5, 8, 7), "2013": (5, 20, 7), "2019": (11, 30, 30)}[edition]
    body = (41).to_bytes(2, "big") + (100).to_bytes(2, "big") + b"SIM08".ljust(maker, b"\0")
    body += b"TRAINER".ljust(model, b"\0") + f"T{index:06d}".encode("ascii").ljust(identity, b"\0")
    return body + (b"\x02" if plate else b"\x00") + plate.encode("gbk")


def authentication(edition: Edition, code: bytes, index: int) -> bytes:
    """The body of 0102."""
    if edition != "2019":
        return code
    return bytes([len(code)]) + code + f"86{index:013d}".encode("ascii") + b"trainer 1".ljust(20, b"\0")


class Ear:
    """Cuts what the platform sends into orders; anything unsound is dropped as a terminal drops it."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> list[Order]:
        """Every whole order in ``data`` and what was held."""
        self._held = (self._held + data)[-_HELD_OCTETS:]
        orders: list[Order] = []
        while (start := self._held.find(b"\x7e")) >= 0:
            end = self._held.find(b"\x7e", start + 1)
            if end < 0:
                break
            order = _order(self._held[start + 1 : end])
            orders += [order] if order is not None else []
            self._held = self._held[end + (order is not None) :]
        return orders


def _order(text: bytes) -> Order | None:
    plain = bytearray()
    octets = iter(text)
    for octet in octets:
        plain.append(octet if octet != 0x7D else {1: 0x7D, 2: 0x7E}.get(next(octets, 0), 0))
    if len(plain) < 13 or reduce(xor, plain, 0):
        return None
    is_new = bool(plain[2] & 0x40)
    at, width = (5, 10) if is_new else (4, 6)
    body = bytes(plain[at + width + 2 : -1])
    if len(body) != (plain[2] & 0x03) * 256 + plain[3]:
        return None
    return Order(
        phone=plain[at : at + width].hex().lstrip("0"),
        number=int.from_bytes(plain[:2], "big"),
        serial=int.from_bytes(plain[at + width : at + width + 2], "big"),
        body=body,
    )
