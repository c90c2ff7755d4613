"""A Meshtastic radio: tells its list when asked, then what it hears, and answers texts for the nodes it hears.

Settings: ``nodes`` (3), ``interval_s`` (30), ``lat_deg``, ``lon_deg``, ``speed_mps``; ``text`` is what the first node
writes to everybody.
"""

from __future__ import annotations

from collections.abc import Sequence

from devices.driver import NS_PER_S, Chance, Settings
from devices.protobuf import Fields, put_fixed, put_octets, put_real, put_whole, varint
from devices.simulators.walk import Walk

OWN = 0x0C0FFEE0
FIRST = 0xA1B2C300
EVERYBODY = 0xFFFFFFFF
_MARKS = b"\x94\xc3"
_NAMES = ("搜救一组", "搜救二组", "搜救三组", "搜救四组")
_LISTED_BEFORE_S = 3600


class MeshtasticSimulator:
    """One radio and the nodes around it."""

    def __init__(self, settings: Settings, chance: Chance) -> None:
        self._count = int(settings.get("nodes", 3))
        self._interval_ns = round(float(settings.get("interval_s", 30.0)) * NS_PER_S)
        self._words = str(settings.get("text", "到达集合点"))
        self._walk = Walk(settings)
        self._chance = chance
        self._held = b""
        self._number = 1000
        self._next_ns: dict[int, int] = {}
        self._says_ns = 0
        self._is_asked = False

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:
        """What the client wants."""
        self._held = (self._held + data)[-4096:]
        said: list[bytes] = []
        while (start := self._held.find(_MARKS)) >= 0 and len(self._held) >= start + 4:
            length = int.from_bytes(self._held[start + 2 : start + 4], "big")
            if len(self._held) < start + 4 + length:
                break
            message = Fields.read(self._held[start + 4 : start + 4 + length])
            self._held = self._held[start + 4 + length :]
            said += [] if message is None else self._answers(message, at_ns)
        return said

    def _answers(self, message: Fields, at_ns: int) -> list[bytes]:
        nonce, packet = message.whole(3), message.inner(1)
        if nonce is not None:
            self._is_asked = True
            return self._list(nonce, at_ns)
        return [] if packet is None else self._taken(packet, at_ns)

    def _list(self, nonce: int, at_ns: int) -> list[bytes]:
        heard_s = at_ns // NS_PER_S - _LISTED_BEFORE_S
        lora = put_whole(1, 1) + put_whole(7, 4) + put_whole(8, 3) + put_whole(9, 1)
        said = [
            put_octets(3, put_whole(1, OWN) + put_whole(11, 30200)),
            put_octets(13, put_octets(1, b"2.5.0.simulated")),
            put_octets(5, put_octets(6, lora)),
            put_octets(10, put_octets(2, put_octets(2, b"\x01")) + put_whole(3, 1)),
            *(put_octets(10, put_whole(1, index)) for index in range(1, 8)),
            put_octets(4, put_whole(1, OWN) + put_octets(2, _user(OWN, "指挥台"))),
        ]
        for number in range(self._count):
            place = put_octets(3, self._place(number, at_ns - _LISTED_BEFORE_S * NS_PER_S))
            named = put_whole(1, FIRST + number) + put_octets(2, _user(FIRST + number, _NAMES[number % len(_NAMES)]))
            said.append(put_octets(4, named + place + put_fixed(5, heard_s)))
        return [_framed(one) for one in [*said, put_whole(7, nonce)]]

    def _taken(self, packet: Fields, at_ns: int) -> list[bytes]:
        """A text: into the queue; handed on by others; and had by the node that it is for."""
        number, to, data = packet.fixed(6) or 0, packet.fixed(2) or 0, packet.inner(4)
        queued = put_octets(11, put_whole(2, 15) + put_whole(3, 16) + put_whole(4, number))
        by = to if FIRST <= to < FIRST + self._count else OWN
        said = [_framed(queued)]
        if packet.whole(10) and data is not None and to != OWN:
            answer = put_whole(1, 5) + put_octets(2, put_whole(3, 0)) + put_fixed(6, number)
            said.append(self._packet(by, OWN, answer, at_ns))
        return said

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """What the nodes say by now, to a client that has asked."""
        if not self._next_ns:
            self._next_ns = {number: at_ns + NS_PER_S * (2 + number) for number in range(self._count)}
            self._says_ns = at_ns + 5 * NS_PER_S
        said: list[bytes] = []
        for number, due_ns in self._next_ns.items():
            if at_ns >= due_ns:
                self._next_ns[number] = at_ns + self._interval_ns
                data = put_whole(1, 3) + put_octets(2, self._place(number, at_ns))
                said.append(self._packet(FIRST + number, EVERYBODY, data, at_ns))
                metrics = put_whole(1, 60 + number) + put_real(2, 3.9) + put_real(3, 4.5 + self._chance())
                told = put_fixed(1, at_ns // NS_PER_S) + put_octets(2, metrics)
                said.append(self._packet(FIRST + number, EVERYBODY, put_whole(1, 67) + put_octets(2, told), at_ns))
        if self._count and self._says_ns and at_ns >= self._says_ns:
            self._says_ns = 0
            data = put_whole(1, 1) + put_octets(2, self._words.encode())
            said.append(self._packet(FIRST, EVERYBODY, data, at_ns))
        return said if self._is_asked else ()

    def _packet(self, node: int, to: int, data: bytes, at_ns: int) -> bytes:
        self._number += 1
        said = put_fixed(1, node) + put_fixed(2, to) + put_octets(4, data) + put_fixed(6, self._number)
        said += put_fixed(7, at_ns // NS_PER_S) + put_real(8, 6.25) + put_whole(9, 3)
        said += varint(12 << 3) + varint((1 << 64) - 80) + put_whole(15, 3)
        return _framed(put_octets(2, said))

    def _place(self, number: int, at_ns: int) -> bytes:
        place = self._walk.at(number, at_ns)
        said = put_fixed(1, round(place.lat_deg * 1e7)) + put_fixed(2, round(place.lon_deg * 1e7))
        said += put_whole(3, 110) + put_fixed(4, at_ns // NS_PER_S)
        said += put_whole(15, round(place.speed_mps * 3.6)) + put_whole(16, round(place.course_deg * 100) % 36_000)
        return said + put_whole(19, 9) + put_whole(23, 32)


def _user(node: int, name: str) -> bytes:
    said = put_octets(1, f"!{node:08x}".encode()) + put_octets(2, name.encode())
    return said + put_octets(3, f"{node & 0xFFFF:04x}".encode())


def _framed(message: bytes) -> bytes:
    return _MARKS + len(message).to_bytes(2, "big") + message
