"""One MOTOTRBO radio that speaks ARS, LRRP and TMS from one address.

Settings, all optional: ``id`` (100), ``lat_deg``, ``lon_deg``, ``course_deg``, ``speed_mps``, ``answer_s`` (air time of
an answer, 1.0), ``text_every_s`` (45; 0 never), ``texts``, ``renew_s`` (900; until it is answered it registers every
10 s), ``has_fix`` (false: it answers that it has no position), ``is_deaf`` (it answers nothing).

**Source:** the same published layouts as the driver's, written again: nothing is shared with the driver, so that a
mistake in one shows in the other.  **Assumed:** motion on a sphere, which is good for a few kilometres.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from devices.driver import NS_PER_S, Chance, Settings

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_METRES_PER_DEG: Final = 111_195.0
_WAITING: Final = 64
_AGAIN_NS: Final = 10 * NS_PER_S
_TEXTS: Final = ("二组到达安置点", "道路中断，改走西侧", "请求医疗支援")


class MotorolaSimulator:
    """Registers, reports while it is asked to, says a text now and then, and acknowledges what it gets."""

    def __init__(self, settings: Settings, chance: Chance) -> None:
        self._chance = chance
        self._id = int(settings.get("id", 100))
        self._place = float(settings.get("lat_deg", 34.3933)), float(settings.get("lon_deg", 113.7477))
        self._course_deg = float(settings.get("course_deg", 45.0)) % 360.0
        self._speed_mps = float(settings.get("speed_mps", 1.4))
        self._answer_ns = round(float(settings.get("answer_s", 1.0)) * NS_PER_S)
        self._text_ns = round(float(settings.get("text_every_s", 45.0)) * NS_PER_S)
        self._renew_ns = round(float(settings.get("renew_s", 900.0)) * NS_PER_S)
        self._texts = [str(one) for one in settings.get("texts", _TEXTS)]
        self._has_fix = bool(settings.get("has_fix", True))
        self._is_deaf = bool(settings.get("is_deaf", False))
        self._began_ns: int | None = None
        self._register_ns = 0
        self._next_text_ns = 0
        self._report: tuple[bytes, int, int] | None = None
        self._due: list[tuple[int, bytes]] = []
        self._number = 0

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:
        """Everything is answered after its air time."""
        if self._is_deaf or len(data) < 3:
            return ()
        answer = b""
        if data[0] in {0x05, 0x09}:
            answer = self._asked(data, at_ns)
        elif data[:3] == bytes.fromhex("0002BF"):
            self._register_ns = at_ns + self._renew_ns
        elif data == bytes.fromhex("000174"):
            answer = bytes.fromhex("00013F")
        elif data[2] & 0xF0 == 0xE0:
            answer = bytes([0, 4, 0x9F, 0, data[4], data[5] & 0xE0])
        if answer and len(self._due) < _WAITING:
            self._due.append((at_ns + self._answer_ns, answer))
        return ()

    def _asked(self, data: bytes, at_ns: int) -> bytes:
        request = data[4 : 4 + data[3]]
        rest = data[4 + data[3] :]
        if data[0] == 0x05:
            return self._located(0x07, request, at_ns + self._answer_ns)
        period_s = rest[2] if rest[2] < 0x80 else (rest[2] & 0x7F) << 7 | rest[3]
        self._report = (request, max(1, period_s) * NS_PER_S, at_ns + self._answer_ns + NS_PER_S)
        return _lrrp(0x0B, request, b"\x38")

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """What is due: registration, report, text, answers."""
        if self._began_ns is None:
            self._began_ns = self._register_ns = at_ns
            self._next_text_ns = at_ns + self._text_ns // 4
        said = [octets for due_ns, octets in self._due if due_ns <= at_ns]
        self._due = [one for one in self._due if one[0] > at_ns]
        if at_ns >= self._register_ns:
            self._register_ns = at_ns + _AGAIN_NS
            said.append(self._registration())
        if self._report is not None and at_ns >= self._report[2]:
            request, period_ns, _ = self._report
            self._report = (request, period_ns, at_ns + period_ns)
            said.append(self._located(0x0D, request, at_ns))
        if self._text_ns and self._texts and at_ns >= self._next_text_ns:
            self._next_text_ns = at_ns + self._text_ns
            said.append(self._text())
        return said

    def _registration(self) -> bytes:
        number = str(self._id).encode("ascii")
        body = b"\xf0\x20" + bytes([len(number)]) + number + b"\0\0"
        return len(body).to_bytes(2, "big") + body

    def _text(self) -> bytes:
        text = self._texts[self._number % len(self._texts)]
        self._number += 1
        number = self._number % 128
        head = bytes([0xE0, 0, 0x80 | number % 32, 4 | number // 32 << 5])
        body = head + ("\r\n" + text).encode("utf-16-le")
        return len(body).to_bytes(2, "big") + body

    def _located(self, kind: int, request: bytes, at_ns: int) -> bytes:
        moment = _EPOCH + timedelta(seconds=at_ns // NS_PER_S)
        bits = moment.year
        for value, width in (
            (moment.month, 4),
            (moment.day, 5),
            (moment.hour, 5),
            (moment.minute, 6),
            (moment.second, 6),
        ):
            bits = bits << width | value
        if not self._has_fix:
            return _lrrp(kind, request, b"\x37\x06")
        gone_m = self._speed_mps * (at_ns - (self._began_ns or at_ns)) / NS_PER_S % 4000.0
        course = math.radians(self._course_deg)
        lat_deg = self._place[0] + gone_m * math.cos(course) / _METRES_PER_DEG
        lon_deg = self._place[1] + gone_m * math.sin(course) / (_METRES_PER_DEG * math.cos(math.radians(lat_deg)))
        radius_m, speed_mps = 3.0 + 4.0 * self._chance(), self._speed_mps
        tokens = b"\x34" + bits.to_bytes(5, "big")
        tokens += b"\x51" + round(lat_deg * 2**32 / 180).to_bytes(4, "big")
        tokens += round(lon_deg * 2**32 / 360).to_bytes(4, "big", signed=True) + _float(radius_m)
        tokens += b"\x6c" + _float(speed_mps) + b"\x56" + bytes([round(self._course_deg / 2) % 180])
        return _lrrp(kind, request, tokens)


def _float(value: float) -> bytes:
    return bytes([int(value) & 0x7F, int(value % 1 * 128) & 0x7F])


def _lrrp(kind: int, request: bytes, tokens: bytes) -> bytes:
    body = b"\x22" + bytes([len(request)]) + request + tokens
    return bytes([kind, len(body)]) + body
