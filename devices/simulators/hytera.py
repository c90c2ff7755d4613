"""Hytera radios behind a repeater (HSTRP), a control radio (HRNP), or speaking for themselves (bare).

Settings, all optional: ``envelope`` (``hstrp`` default, ``hrnp``, ``bare``); ``radios`` (list of tables: ``id``,
``lat_deg``, ``lon_deg``, ``course_deg``, ``speed_mps``, ``rssi``); ``renew_s`` (how often they register, 300; until
they are answered every 10 s), ``answer_s`` (air time of an answer, 1.5), ``call_every_s`` (somebody speaks, 40; 0
never), ``text_every_s`` (45), ``texts``; ``emergency_after_s`` (the first radio calls for help once), ``silent``
(numbers of radios that are off), ``loses`` (share of datagrams that never arrive).

**Source:** the same published layouts as the driver's, written again: nothing is shared with the driver, so that a
mistake in one shows in the other.  **Assumed:** motion on a sphere, which is good for a few kilometres.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from devices.driver import NS_PER_S, Chance, Settings

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_METRES_PER_DEG: Final = 111_195.0
_WAITING: Final = 256
_AGAIN_NS: Final = 10 * NS_PER_S
_BEAT_NS: Final = 6 * NS_PER_S
_TEXTS: Final = ("已到达新村桥，水位上涨", "转移群众 36 人", "电台电量不足，请求更换")
_GROUP: Final = 1
RADIOS: Final = (
    {"id": 3700101, "lat_deg": 34.4012, "lon_deg": 113.7311, "course_deg": 80.0, "speed_mps": 1.2, "rssi": -71},
    {"id": 3700102, "lat_deg": 34.3875, "lon_deg": 113.7522, "course_deg": 190.0, "speed_mps": 0.6, "rssi": -88},
    {"id": 3700103, "lat_deg": 34.4101, "lon_deg": 113.7198, "course_deg": 310.0, "speed_mps": 0.0, "rssi": -97},
    {"id": 3700104, "lat_deg": 34.3790, "lon_deg": 113.7405, "course_deg": 20.0, "speed_mps": 4.0, "rssi": -64},
)


@dataclass(slots=True)
class _Radio:
    id: int
    lat_deg: float
    lon_deg: float
    course_deg: float
    speed_mps: float
    rssi: int

    @property
    def address(self) -> bytes:
        return bytes([10]) + self.id.to_bytes(3, "big")

    def block(self, at_ns: int, since_s: float) -> bytes:
        moment = _EPOCH + timedelta(seconds=at_ns // NS_PER_S)
        gone_m, course = self.speed_mps * since_s % 4000.0, math.radians(self.course_deg)
        lat_deg = self.lat_deg + gone_m * math.cos(course) / _METRES_PER_DEG
        lon_deg = self.lon_deg + gone_m * math.sin(course) / (_METRES_PER_DEG * math.cos(math.radians(lat_deg)))
        knots = f"{self.speed_mps * 3600 / 1852:03.1f}"[:3]
        text = f"A{moment:%H%M%S%d%m%y}{_ddmm(lat_deg, 2, 'NS')}{_ddmm(lon_deg, 3, 'EW')}{knots}{self.course_deg:03.0f}"
        return text.encode("ascii")


class HyteraSimulator:
    """Answers as radios do, each after its air time."""

    def __init__(self, settings: Settings, chance: Chance) -> None:
        self._chance = chance
        self._envelope = str(settings.get("envelope", "hstrp"))
        silent = set(settings.get("silent", ()))
        self._radios = [_radio(one) for one in settings.get("radios", RADIOS) if one["id"] not in silent]
        self._renew_ns = round(float(settings.get("renew_s", 300.0)) * NS_PER_S)
        self._answer_ns = round(float(settings.get("answer_s", 1.5)) * NS_PER_S)
        self._call_ns = round(float(settings.get("call_every_s", 40.0)) * NS_PER_S)
        self._text_ns = round(float(settings.get("text_every_s", 45.0)) * NS_PER_S)
        self._texts = [str(one) for one in settings.get("texts", _TEXTS)]
        self._emergency_s: float | None = settings.get("emergency_after_s")
        self._loses = float(settings.get("loses", 0.0))
        self._began_ns: int | None = None
        self._due: list[tuple[int, bytes]] = []
        self._next: dict[str, int] = {}
        self._number = 0
        self._turn = 0
        self._is_open = self._envelope != "hrnp"

    # ---- what the console says

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:
        """Acknowledge the envelope at once; radios answer after their air time."""
        inside, said = data, b""
        if data[:1] == b"\x7e" and len(data) >= 12:
            inside, said = self._control(data)
        elif data[:2] == b"2B" and len(data) >= 6:
            inside, said = _repeater(data)
        answer = self._answered(inside, at_ns)
        if answer:
            self._later(at_ns + self._answer_ns, answer)
        return [said] if said else []

    def _control(self, data: bytes) -> tuple[bytes, bytes]:
        back = {0xFE: 0xFD, 0xFB: 0xFA, 0x00: 0x10}.get(data[3])
        self._is_open = self._is_open or data[3] == 0xFE
        if back is None:
            return b"", b""
        return data[12:], _hrnp(back, data[5], data[4], data[6:8], b"")

    def _answered(self, data: bytes, at_ns: int) -> bytes:
        if len(data) < 7 or data[-1] != 3:
            return b""
        head, payload = data[:3].hex(), data[5:-2]
        if head == "110080":
            radio = self._find(payload[:4])
            self._next[f"register-{radio.id if radio else 0}"] = at_ns + self._renew_ns
        if head == "08a001":
            return self._place(0xA003, payload[:4], payload[4:8], at_ns)
        if head == "110002":
            radio = self._find(payload[:4])
            return _hdap(0x11, 0x0082, radio.address + b"\0") if radio else b""
        if head == "0980a1":
            return _hdap(9, 0x80A2, payload[:12] + b"\0") if self._find(payload[4:8]) else b""
        return _hdap(9, 0x80B2, payload[:8] + b"\0") if head == "0980b1" else _control_answer(data)

    def _find(self, address: bytes) -> _Radio | None:
        return next((radio for radio in self._radios if radio.address[1:] == address[1:]), None)

    def _place(self, opcode: int, request: bytes, address: bytes, at_ns: int) -> bytes:
        radio = self._find(address)
        if radio is None:
            return b""
        since_s = (at_ns - (self._began_ns or at_ns)) / NS_PER_S
        level = radio.rssi.to_bytes(2, "big", signed=True)
        return _hdap(8, opcode, request + radio.address + b"\0\0" + radio.block(at_ns, since_s) + level)

    # ---- what they say of their own accord

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """Answers whose time has come, registrations, calls, texts, heartbeats."""
        if self._began_ns is None:
            self._began_ns = at_ns
            self._begin(at_ns)
        if not self._is_open:
            return ()
        self._unasked(at_ns)
        due, self._due = [one for one in self._due if one[0] <= at_ns], [one for one in self._due if one[0] > at_ns]
        said = [self._wrap(octets) for _, octets in due if self._loses == 0.0 or self._chance() >= self._loses]
        if self._envelope == "hstrp" and self._is_time("beat", _BEAT_NS, at_ns):
            said.append(b"2B\0\x02\0\0")
        return said

    def _begin(self, at_ns: int) -> None:
        for index, radio in enumerate(self._radios):
            self._next[f"register-{radio.id}"] = at_ns + index * NS_PER_S // 2
        self._next["call"] = at_ns + self._call_ns // 4
        self._next["text"] = at_ns + self._text_ns // 4
        self._next["beat"] = at_ns

    def _unasked(self, at_ns: int) -> None:
        for radio in self._radios:
            if self._is_time(f"register-{radio.id}", _AGAIN_NS, at_ns):
                self._later(at_ns, _hdap(0x11, 0x0003, radio.address))
        if self._radios and self._call_ns and self._is_time("call", self._call_ns, at_ns):
            radio = self._radios[int(self._chance() * len(self._radios)) % len(self._radios)]
            self._later(at_ns, _channel(0, 1, radio.id))
            self._later(at_ns + 4 * NS_PER_S, _channel(5, 0, 0))
        if self._radios and self._text_ns and self._texts and self._is_time("text", self._text_ns, at_ns):
            self._later(at_ns, self._text())
        if self._emergency_s is not None and at_ns - (self._began_ns or 0) >= self._emergency_s * NS_PER_S:
            self._emergency_s = None
            radio = self._radios[0]
            self._later(at_ns, _hdap(8, 0xB003, radio.address + b"\1" + radio.block(at_ns, 0.0)))

    def _text(self) -> bytes:
        self._turn += 1
        radio = self._radios[self._turn % len(self._radios)]
        text = self._texts[self._turn % len(self._texts)]
        head = (0x1000 + self._turn).to_bytes(4, "big") + bytes([10, 0, 0, 1]) + radio.address
        return _hdap(9, 0x80A1, head + text.encode("utf-16-le"))

    def _is_time(self, name: str, every_ns: int, at_ns: int) -> bool:
        if at_ns < self._next.get(name, at_ns):
            return False
        self._next[name] = at_ns + every_ns
        return True

    def _later(self, due_ns: int, octets: bytes) -> None:
        if len(self._due) < _WAITING:
            self._due.append((due_ns, octets))

    def _wrap(self, octets: bytes) -> bytes:
        self._number = (self._number + 1) & 0xFFFF
        number = self._number.to_bytes(2, "big")
        if self._envelope == "hrnp":
            return _hrnp(0x00, 0x10, 0x20, number, octets)
        # Options: device 370001 (more follow), slot 1.
        return (
            b"2B\0\x20" + number + bytes.fromhex("83040005a55104 0101") + octets
            if self._envelope == "hstrp"
            else octets
        )


def _radio(table: Any) -> _Radio:  # noqa: ANN401 - a table of the settings
    return _Radio(
        int(table["id"]),
        float(table.get("lat_deg", 34.39)),
        float(table.get("lon_deg", 113.74)),
        float(table.get("course_deg", 0.0)) % 360.0,
        float(table.get("speed_mps", 0.0)),
        int(table.get("rssi", -80)),
    )


def _ddmm(value_deg: float, digits: int, letters: str) -> str:
    degrees, rest = divmod(round(abs(value_deg) * 600_000), 600_000)
    return f"{letters[value_deg < 0]}{degrees:0{digits}d}{rest // 10_000:02d}.{rest % 10_000:04d}"


def _sum(body: bytes) -> int:
    return (~sum(body) + 0x33) & 0xFF


def _hdap(service: int, opcode: int, payload: bytes) -> bytes:
    body = opcode.to_bytes(2, "big") + len(payload).to_bytes(2, "big") + payload
    return bytes([service]) + body + bytes([_sum(body), 3])


def _rcp(opcode: int, payload: bytes) -> bytes:
    body = opcode.to_bytes(2, "little") + len(payload).to_bytes(2, "little") + payload
    return b"\x02" + body + bytes([_sum(body), 3])


def _control_answer(data: bytes) -> bytes:
    """A control radio tells its number and takes subscriptions."""
    opcode = int.from_bytes(data[1:3], "little")
    if data[0] != 2 or opcode not in {0x0452, 0x10C7, 0x10C9}:
        return b""
    return _rcp(opcode | 0x8000, b"\0\0" + (1001).to_bytes(4, "little") if opcode == 0x0452 else b"\0")


def _channel(status: int, call_type: int, sender: int) -> bytes:
    words = (1, status, 1 if sender else 0, call_type)
    body = b"".join(word.to_bytes(2, "little") for word in words)
    target = _GROUP if sender else 0
    return _rcp(0xB845, body + target.to_bytes(4, "little") + sender.to_bytes(4, "little"))


def _hrnp(op: int, source: int, destination: int, number: bytes, data: bytes) -> bytes:
    head = bytes([0x7E, 4, 0, op, source, destination]) + number + (12 + len(data)).to_bytes(2, "big")
    words = head + data + b"\0" * (len(data) % 2)
    total = sum(words[0::2]) * 256 + sum(words[1::2])
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return head + (total ^ 0xFFFF).to_bytes(2, "big") + data


def _repeater(data: bytes) -> tuple[bytes, bytes]:
    """The message inside, and the acknowledgement: everything but the message, with the lowest bit of the type."""
    at = 6
    if data[3] & 0x20:
        is_more = True
        while is_more and at + 1 < len(data):
            is_more = data[at] >= 0x80
            at += 2 + data[at + 1]
    if data[3] & 0x03:
        return b"", b""
    return data[at:], data[:3] + bytes([data[3] | 1]) + data[4:at]
