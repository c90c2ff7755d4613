"""A TETRA terminal at its serial interface, with radios around it.

Settings, all optional: ``radios`` (list of tables: ``id``, ``lat_deg``, ``lon_deg``, ``course_deg``, ``speed_kmh``),
``report_every_s`` (each radio's place, 20), ``text_every_s`` (40; 0 never), ``texts``, ``call_every_s`` (30; 0 never),
``answer_s`` (air time, 1.5), ``emergency_after_s`` (the first radio calls for help once), ``is_inline`` (data in the
header's line, as some firmware writes them), ``is_deaf`` (commands get no end), ``is_unreachable`` (no receipts),
``refuses`` (texts get an error), ``extra`` (commands besides the usual ones that get OK).

**Source:** the same published layouts as the driver's, written again: nothing is shared with the driver, so that a
mistake in one shows in the other.  **Assumed:** motion on a sphere, which is good for a few kilometres.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from devices.driver import NS_PER_S, Chance, Settings

_METRES_PER_DEG: Final = 111_195.0
_WAITING: Final = 128
_HELD: Final = 4096
_OWN: Final = 5000
_GROUP: Final = 1
_TEXTS: Final = ("已到达新村桥", "OK, moving west", "转移群众 36 人")
RADIOS: Final = (
    {"id": 5001, "lat_deg": 34.4031, "lon_deg": 113.7402, "course_deg": 90.0, "speed_kmh": 5},
    {"id": 5002, "lat_deg": 34.3894, "lon_deg": 113.7291, "course_deg": 202.5, "speed_kmh": 12},
    {"id": 5003, "lat_deg": 34.3968, "lon_deg": 113.7566, "course_deg": 0.0, "speed_kmh": 0},
)
_ANSWERS: Final = {
    "AT+CREG?": "+CREG: 2,1",
    "AT+CSQ": "+CSQ: 21,99",
    "AT+CBC": "+CBC: 0,86",
    "AT+CNUMF?": "+CNUMF: 6,04600010000005000",
    "AT+CTOM?": "+CTOM: 0",
    "AT+COPS?": "+COPS: 0,2,0460001",
    "AT+CMGS=?": "+CMGS: (0-16777214),(8-1184)",
}
_SETS: Final = ("ATE0", "AT+CTSP=", "AT+CTSDS=", "AT+CREG=")


class TetraSimulator:
    """Ends every command as terminals do, and says what happens around it."""

    def __init__(self, settings: Settings, chance: Chance) -> None:
        self._chance = chance
        self._settings = settings
        self._radios: list[Mapping[str, Any]] = list(settings.get("radios", RADIOS))
        self._every = {
            name: round(float(settings.get(f"{name}_every_s", every_s)) * NS_PER_S)
            for name, every_s in (("report", 20.0), ("text", 40.0), ("call", 30.0))
        }
        self._answer_ns = round(float(settings.get("answer_s", 1.5)) * NS_PER_S)
        self._emergency_s: float | None = settings.get("emergency_after_s")
        self._texts = [str(one) for one in settings.get("texts", _TEXTS)]
        self._began_ns: int | None = None
        self._next: dict[str, int] = {}
        self._due: list[tuple[int, bytes]] = []
        self._held = b""
        self._turn = 0
        self._has_echo = True

    # ---- commands

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:
        """What every finished command is answered with."""
        self._held = (self._held + data)[-_HELD:]
        said: list[bytes] = []
        while True:
            command, mark, rest = self._held.partition(b"\r\n")
            if command.startswith(b"AT+CMGS=") and mark and not command.endswith(b"?"):
                body, end, after = rest.partition(b"\x1a")
                if not end:
                    break
                self._held = after
                said += self._message(command.decode("ascii", "replace"), body, at_ns)
                continue
            if not mark:
                break
            self._held = rest
            said += self._command(command.decode("ascii", "replace").strip())
        return [] if self._settings.get("is_deaf") else said

    def _command(self, command: str) -> list[bytes]:
        said = [command.encode("ascii", "replace") + b"\r\r\n"] if self._has_echo and command else []
        if command == "ATE0":
            self._has_echo = False
        if command in _ANSWERS:
            return [*said, _line(_ANSWERS[command]), _line("OK")]
        is_known = command.startswith(_SETS) or command in self._settings.get("extra", ())
        return [*said, _line("OK" if is_known else "+CME ERROR: 35")] if command else said

    def _message(self, command: str, body: bytes, at_ns: int) -> list[bytes]:
        recipient, _, size = command.removeprefix("AT+CMGS=").partition(",")
        try:
            octets = bytes.fromhex(body.decode("ascii"))
        except ValueError:
            return [_line("+CME ERROR: 26")]
        if not size.isdigit() or int(size) != 8 * len(octets) or self._settings.get("refuses"):
            return [_line("+CMS ERROR: 5")]
        is_text = len(octets) > 3 and octets[0] == 0x82 and octets[1] >> 4 == 0
        is_there = any(str(one["id"]) == recipient for one in self._radios)
        if is_text and is_there and octets[1] & 0x04 and not self._settings.get("is_unreachable"):
            self._later(at_ns + self._answer_ns, self._data(int(recipient), _OWN, bytes([0x82, 0x10, 0, octets[2]])))
        return [_line("OK")]

    # ---- what happens

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """Places, texts and calls that are due, and answers of far ends."""
        if self._began_ns is None:
            self._began_ns = at_ns
            self._next = {name: at_ns + every_ns // 4 for name, every_ns in self._every.items()}
        since_s = (at_ns - self._began_ns) / NS_PER_S
        if self._is_time("report", at_ns):
            for index, radio in enumerate(self._radios):
                self._later(at_ns + index * NS_PER_S, self._place(radio, since_s, 0x81))
        if self._is_time("text", at_ns) and self._texts:
            self._later(at_ns, self._text())
        if self._is_time("call", at_ns) and self._radios:
            speaker = self._radios[int(self._chance() * len(self._radios)) % len(self._radios)]["id"]
            called = f"+CTICN: 1,0,0,5,0460001000{speaker:07d},1,1,0,1,1,5,0460001000{_GROUP:07d},0"
            self._later(at_ns, _line(called) + _line(f"+CTXG: 1,3,0,0,0,{speaker}"))
            self._later(at_ns + 4 * NS_PER_S, _line("+CDTXC: 1,0"))
            self._later(at_ns + 6 * NS_PER_S, _line("+CTCR: 1,13"))
        if self._emergency_s is not None and since_s >= self._emergency_s and self._radios:
            self._emergency_s = None
            self._later(at_ns, self._place(self._radios[0], since_s, 0x02))
            self._later(at_ns, self._data(int(self._radios[0]["id"]), _OWN, b"\0\0", service=13))
        said = [octets for due_ns, octets in self._due if due_ns <= at_ns]
        self._due = [one for one in self._due if one[0] > at_ns]
        return said

    def _is_time(self, name: str, at_ns: int) -> bool:
        if not self._every[name] or at_ns < self._next[name]:
            return False
        self._next[name] = at_ns + self._every[name]
        return True

    def _later(self, due_ns: int, octets: bytes) -> None:
        if len(self._due) < _WAITING:
            self._due.append((due_ns, octets))

    def _text(self) -> bytes:
        self._turn += 1
        text = self._texts[self._turn % len(self._texts)]
        is_latin = text.isascii()
        octets = text.encode("latin-1" if is_latin else "utf-16-be")
        sender = int(self._radios[self._turn % len(self._radios)]["id"]) if self._radios else _OWN + 1
        return self._data(sender, _OWN, bytes([0x82, 0x04, self._turn & 0xFF, 1 if is_latin else 26]) + octets)

    def _place(self, radio: Mapping[str, Any], since_s: float, reason: int) -> bytes:
        speed_kmh = min(28, int(radio.get("speed_kmh", 0)))
        course_deg = float(radio.get("course_deg", 0.0)) % 360.0
        gone_m, course = speed_kmh / 3.6 * since_s % 4000.0, math.radians(course_deg)
        lat_deg = float(radio["lat_deg"]) + gone_m * math.cos(course) / _METRES_PER_DEG
        scale = _METRES_PER_DEG * math.cos(math.radians(lat_deg))
        lon_deg = float(radio["lon_deg"]) + gone_m * math.sin(course) / scale
        bits = 0x0A
        for value, width in (
            (0, 2),
            (0, 2),
            (round(lon_deg * 2**25 / 360), 25),
            (round(lat_deg * 2**24 / 180), 24),
            (1, 3),
            (speed_kmh, 7),
            (round(course_deg / 22.5) % 16, 4),
            (0, 1),
            (reason, 8),
        ):
            bits = bits << width | value & (1 << width) - 1
        return self._said(int(radio["id"]), _OWN, f"{bits:021X}", 84, 12)

    def _data(self, sender: int, recipient: int, octets: bytes, service: int = 12) -> bytes:
        return self._said(sender, recipient, octets.hex().upper(), 8 * len(octets), service)

    def _said(self, sender: int, recipient: int, digits: str, bits: int, service: int) -> bytes:
        header = f"+CTSDSR: {service},{sender},0,{recipient},0,{bits}"
        return _line(f"{header},{digits}") if self._settings.get("is_inline") else _line(header) + _line(digits)


def _line(text: str) -> bytes:
    return b"\r\n" + text.encode("ascii", "replace") + b"\r\n"
