"""Stations behind a KISS modem: they walk, digipeaters repeat them, and who is written to acknowledges.

Settings: ``stations`` (3), ``interval_s`` (30), ``console`` (BY4CP: whom they write to), ``lat_deg``, ``lon_deg``,
``speed_mps``; ``text`` is what the first of them writes, again and again until it is acknowledged.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from devices.driver import NS_PER_S, Chance, Settings
from devices.simulators.walk import Place, Walk

FEND = b"\xc0"
_MESSAGE = re.compile(rb":([ -~]{9}):(.*)", re.DOTALL)
_KNOTS_PER_MPS = 3600 / 1852
_PATIENCE_S = 12


class AprsSimulator:
    """A modem, and everybody that it hears."""

    def __init__(self, settings: Settings, chance: Chance) -> None:
        count = int(settings.get("stations", 3))
        self._calls = [f"BG4XZ{chr(65 + number % 26)}-{number % 15 + 1}" for number in range(count)]
        self._interval_ns = round(float(settings.get("interval_s", 30.0)) * NS_PER_S)
        self._console = str(settings.get("console", "BY4CP"))
        self._text = str(settings.get("text", "已到达安置点"))
        self._walk = Walk(settings)
        self._chance = chance
        self._held = b""
        self._next_ns: dict[int, int] = {}
        self._writes_ns = 0
        self._is_acknowledged = False

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002
        """The console's packets: a digipeater repeats them, and who is written to acknowledges."""
        *frames, self._held = (self._held + data).split(FEND)
        self._held = self._held[-1024:]
        said: list[bytes] = []
        for piece in frames:
            frame = piece.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb")
            parts = _MESSAGE.search(frame)
            if frame[:1] != b"\0" or parts is None:
                continue
            said.append(_kiss(frame[1:]))  # as its own repetition, to the octet
            said += self._answers(parts[1].decode().strip(), parts[2])
        return said

    def _answers(self, call: str, body: bytes) -> list[bytes]:
        if body.startswith(b"ack"):
            self._is_acknowledged = True
        _, mark, number = body.rpartition(b"{")
        if call not in self._calls or not mark:
            return []
        return [_packet(call, b":" + self._console.ljust(9).encode() + b":ack" + number)]

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """What is heard by now."""
        if not self._next_ns:
            self._next_ns = {number: at_ns + NS_PER_S * (1 + number) for number in range(len(self._calls))}
            self._writes_ns = at_ns + 3 * NS_PER_S
        said: list[bytes] = []
        for number, call in enumerate(self._calls):
            if at_ns >= self._next_ns[number]:
                self._next_ns[number] = at_ns + self._interval_ns
                info = _info(self._walk.at(number, at_ns))
                said.append(_packet(call, info))
                if self._chance() < 0.5:
                    said.append(_packet(call, info, repeater="BR4AA-1"))
        if self._calls and not self._is_acknowledged and at_ns >= self._writes_ns:
            self._writes_ns = at_ns + _PATIENCE_S * NS_PER_S
            text = b":" + self._console.ljust(9).encode() + b":" + self._text.encode() + b"{07"
            said.append(_packet(self._calls[0], text))
        return said


def _info(place: Place) -> bytes:
    motion = f"{round(place.course_deg) % 360:03d}/{round(place.speed_mps * _KNOTS_PER_MPS):03d}"
    lat, lon = _minutes(place.lat_deg, 2, "NS"), _minutes(place.lon_deg, 3, "EW")
    return f"={lat}/{lon}[{motion}/A=000361".encode()


def _minutes(value_deg: float, digits: int, sides: str) -> str:
    hundredths = round(abs(value_deg) * 6000)
    whole, rest = divmod(hundredths, 6000)
    return f"{whole:0{digits}d}{rest // 100:02d}.{rest % 100:02d}{sides[value_deg < 0]}"


def _packet(source: str, info: bytes, repeater: str | None = None) -> bytes:
    way = [] if repeater is None else [(repeater, 0x80)]
    names = [("APZ369", 0x80), (source, 0), *way]
    octets = b""
    for index, (name, flag) in enumerate(names):
        call, _, number = name.partition("-")
        is_last = index == len(names) - 1
        octets += bytes(ord(sign) << 1 for sign in call.ljust(6))
        octets += bytes((flag | 0x60 | int(number or 0) << 1 | is_last,))
    return _kiss(octets + b"\x03\xf0" + info)


def _kiss(frame: bytes) -> bytes:
    return FEND + b"\0" + frame.replace(b"\xdb", b"\xdb\xdd").replace(FEND, b"\xdb\xdc") + FEND
