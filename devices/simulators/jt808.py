"""Up to 500 JT/T 808 terminals behind one connection, as a gateway has them, moving around 新郑.

Settings, all optional: ``count`` 3 (1..500), ``edition`` (``2011`` ``2013`` ``2019``, else ``mixed``), ``first_phone``
13803710001, ``every_s`` 5 between reports, ``heartbeat_s`` 30, ``lat_deg`` ``lon_deg`` of the middle, ``spread_m``
6000, ``speed_mps`` 8, ``text_result`` 0 (what a text is answered with), ``sos`` (tables terminal, from_s: the button is
pressed then), ``blind`` (tables terminal, from_s, for_s: out of coverage; what it measured comes later as a
supplementary batch), ``faults`` (words): wrong-checksum, split, no-fix, no-answers.  ``terminal`` counts from 0.

Each registers, authenticates, then reports; one that is refused tries again after a minute.  The button's bit stands
until the platform answers a report that has it, as the standard wants.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from devices.driver import NS_PER_S, Chance, Settings
from devices.simulators.jt808_wire import (
    Ear,
    Edition,
    Order,
    Place,
    authentication,
    frames,
    moved,
    registration,
)

MOST: Final = 500
_EDITIONS: Final[tuple[Edition, ...]] = ("2011", "2013", "2019")
_GOLDEN: Final = math.pi * (3 - math.sqrt(5))
_UNANSWERED_NS: Final = 10 * NS_PER_S
_REFUSED_NS: Final = 60 * NS_PER_S
_KEPT: Final = 60
_FAULTS: Final = frozenset({"wrong-checksum", "split", "no-fix", "no-answers"})


class Jt808Simulator:
    """The terminals' end of a wire; see the module for settings."""

    def __init__(self, settings: Settings, chance: Chance) -> None:
        self._chance = chance
        self._faults = frozenset(str(one) for one in settings.get("faults", ()))
        if unknown := self._faults - _FAULTS:
            raise ValueError(f"faults: {sorted(unknown)}")
        count = max(1, min(MOST, int(settings.get("count", 3))))
        made = [_Terminal(index, settings, chance(), has_fix="no-fix" not in self._faults) for index in range(count)]
        self._terminals = {terminal.phone: terminal for terminal in made}
        self._ear = Ear()
        self._started_ns: int | None = None

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:
        """Answer what the platform said."""
        if "no-answers" in self._faults:
            return ()
        self._begin(at_ns)
        said: list[bytes] = []
        for order in self._ear.feed(data):
            terminal = self._terminals.get(order.phone)
            if terminal is not None:
                said += terminal.hear(order, at_ns)
        return self._spoken(said)

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """What every terminal says by now."""
        since_ns = self._begin(at_ns)
        said = [piece for terminal in self._terminals.values() for piece in terminal.speak(at_ns, since_ns)]
        return self._spoken(said)

    def _begin(self, at_ns: int) -> int:
        if self._started_ns is None:
            self._started_ns = at_ns
        return at_ns - self._started_ns

    def _spoken(self, said: Sequence[bytes]) -> Sequence[bytes]:
        if "wrong-checksum" in self._faults:
            said = [piece[:-2] + bytes([piece[-2] ^ 0x01]) + piece[-1:] for piece in said]
        if "split" not in self._faults:
            return said
        pieces: list[bytes] = []
        for piece in said:
            cut = 1 + int(self._chance() * (len(piece) - 1))
            pieces += [piece[:cut], piece[cut:]]
        return [piece for piece in pieces if piece]


class _Terminal:
    """One of them: registers, authenticates, reports, answers."""

    def __init__(self, index: int, settings: Settings, start: float, *, has_fix: bool) -> None:
        self._index = index
        self.phone = str(int(settings.get("first_phone", 13_803_710_001)) + index)
        edition = str(settings.get("edition", "mixed"))
        self._edition = edition if edition in _EDITIONS else _EDITIONS[index % 3]
        self._plate = f"豫A{10_000 + index}" if index % 4 != 3 else ""
        self._has_fix = has_fix
        self._settings = settings
        self._start = start
        self._every_ns = round(float(settings.get("every_s", 5.0)) * NS_PER_S)
        self._heartbeat_ns = round(float(settings.get("heartbeat_s", 30.0)) * NS_PER_S)
        self._blind = _windows(settings, "blind", index)
        self._presses = [from_ns for from_ns, _ in _windows(settings, "sos", index)]
        self._sos: set[int] = set()
        self._is_pressed = False
        self._serial = 0
        self._code: bytes | None = None
        self._is_in = False
        self._next_ns: int | None = None
        self._beat_ns = 0
        self._kept: list[bytes] = []
        self._since_ns = 0

    # ---- what it says of its own accord

    def speak(self, at_ns: int, since_ns: int) -> list[bytes]:
        """What is due."""
        self._since_ns = since_ns
        if self._next_ns is None:  # not all at once
            self._next_ns = at_ns + round(self._start * min(self._every_ns, 5 * NS_PER_S))
            self._beat_ns = at_ns + self._heartbeat_ns
        if self._presses and since_ns >= self._presses[0]:
            self._presses.pop(0)
            self._is_pressed = True
            self._next_ns = at_ns
        is_blind = any(from_ns <= since_ns < until_ns for from_ns, until_ns in self._blind)
        said: list[bytes] = []
        if at_ns >= self._next_ns:
            said = (
                self._introduce(at_ns, is_blind=is_blind) if not self._is_in else self._report(at_ns, is_blind=is_blind)
            )
        if self._is_in and not is_blind:
            said += self._hand_in()
            if at_ns >= self._beat_ns:
                self._beat_ns = at_ns + self._heartbeat_ns
                said += self._say(0x0002, b"")
        return said

    def _introduce(self, at_ns: int, *, is_blind: bool) -> list[bytes]:
        self._next_ns = at_ns + _UNANSWERED_NS
        if is_blind:
            return []
        if self._code is None:
            return self._say(0x0100, registration(self._edition, self._index, self._plate))
        return self._say(0x0102, authentication(self._edition, self._code, self._index))

    def _report(self, at_ns: int, *, is_blind: bool) -> list[bytes]:
        self._next_ns = at_ns + self._every_ns
        body = self._place(at_ns).report()
        if is_blind:
            self._kept = [*self._kept, body][-_KEPT:]
            return []
        if self._is_pressed:
            self._sos = {*self._sos, self._serial}
        return self._say(0x0200, body)

    def _hand_in(self) -> list[bytes]:
        """What was measured out of coverage, all of it in one message of kind 1."""
        if not self._kept:
            return []
        kept, self._kept = self._kept, []
        body = len(kept).to_bytes(2, "big") + b"\x01"
        return self._say(0x0704, body + b"".join(len(one).to_bytes(2, "big") + one for one in kept))

    def _say(self, number: int, body: bytes) -> list[bytes]:
        said = frames(self._edition, self.phone, number, self._serial, body)
        self._serial = (self._serial + len(said)) & 0xFFFF
        return said

    def _place(self, at_ns: int) -> Place:
        spread_m = float(self._settings.get("spread_m", 6000.0)) * math.sqrt((self._index + 0.5) / MOST)
        speed_mps = float(self._settings.get("speed_mps", 8.0))
        radius_m = 150.0 + 20 * (self._index % 10)
        gone_m = speed_mps * self._since_ns / NS_PER_S
        turn = self._start * 2 * math.pi + gone_m / radius_m
        middle = moved(
            float(self._settings.get("lat_deg", 34.396)),
            float(self._settings.get("lon_deg", 113.741)),
            spread_m * math.cos(self._index * _GOLDEN),
            spread_m * math.sin(self._index * _GOLDEN),
        )
        lat_deg, lon_deg = moved(*middle, radius_m * math.sin(turn), radius_m * math.cos(turn))
        return Place(
            lat_deg=lat_deg,
            lon_deg=lon_deg,
            speed_mps=speed_mps,
            course_deg=math.degrees(-turn) % 360,
            at_ns=at_ns,
            mileage_m=12_000_000 + gone_m,
            satellites=9 + self._index % 12,
            level=12 + self._index % 18,
            alarms=1 if self._is_pressed else 0,
            is_fixed=self._has_fix,
        )

    # ---- what it answers

    def hear(self, order: Order, at_ns: int) -> list[bytes]:
        """Obey, and answer where an answer is due."""
        body = order.body
        if order.number == 0x8100:
            return self._registered(body, at_ns)
        if order.number == 0x8001:
            self._acknowledged(body, at_ns)
            return []
        if order.number == 0x8201:
            return self._say(0x0201, order.serial.to_bytes(2, "big") + self._place(at_ns).report())
        result = int(self._settings.get("text_result", 0)) if order.number == 0x8300 else 3
        return self._say(0x0001, order.serial.to_bytes(2, "big") + order.number.to_bytes(2, "big") + bytes([result]))

    def _registered(self, body: bytes, at_ns: int) -> list[bytes]:
        if len(body) < 3 or body[2]:
            self._next_ns = at_ns + _REFUSED_NS
            return []
        self._code = body[3:]
        return self._introduce(at_ns, is_blind=False)

    def _acknowledged(self, body: bytes, at_ns: int) -> None:
        serial, number, result = int.from_bytes(body[:2], "big"), body[2:4], body[4:5]
        if number == b"\x01\x02":
            self._is_in = result == b"\0"
            self._code = self._code if self._is_in else None
            self._next_ns = at_ns if self._is_in else at_ns + _REFUSED_NS
        elif number == b"\x02\x00" and serial in self._sos and result == b"\0":
            self._is_pressed = False
            self._sos = set()


def _windows(settings: Settings, name: str, index: int) -> list[tuple[int, int]]:
    """When this terminal's troubles begin and end, in nanoseconds after the start."""
    tables: Sequence[Mapping[str, Any]] = settings.get(name, ())
    mine = [table for table in tables if int(table["terminal"]) == index]
    return [
        (round(float(one["from_s"]) * NS_PER_S), round((float(one["from_s"]) + float(one.get("for_s", 0))) * NS_PER_S))
        for one in mine
    ]
