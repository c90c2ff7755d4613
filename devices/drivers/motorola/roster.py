"""Which radios there are, where they are reached, and whom to ask next.

**Source:** Moto.Net: a radio's number is the last three octets of its address.
**Assumed:** a host outside of the radios' network is one radio, known by the number with which it registered, else by
its address.  A radio keeps reporting until it is switched off, so reports are asked for anew after a registration or
after three periods without one, ever more rarely where nothing comes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from devices.driver import NS_PER_S, Addressed
from devices.drivers.motorola import ars, lrrp

RADIOS: Final = 256
LISTED: Final = 128
WIDEST: Final = 0xFF_FFFF
_CHECKS: Final = 3
_CHECK_NS: Final = 10 * NS_PER_S
_BACKED_OFF: Final = 5
_OURS: Final = 0xC5
"""First octet of our request numbers; the radio's number follows."""
_PEER = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})(?::([0-9]{1,5}))?")


@dataclass(slots=True, kw_only=True)
class Radio:
    """One radio: its host, when its registration runs out, when it was asked for reports and last gave one."""

    host: str
    is_gone: bool = False
    expires_ns: int | None = None
    checks: int = 0
    asked_ns: int | None = None
    placed_ns: int | None = None
    misses: int = 0


class Roster:
    """Radios by number; the one unheard for longest is forgotten first."""

    def __init__(self, network: int, ports: Mapping[str, int], listed: str, period_s: int) -> None:
        self._network = network
        self._ports = ports
        numbers = [int(word) for word in re.findall(r"[0-9]{1,8}", listed)]
        self._listed = [str(number) for number in numbers if 0 < number <= WIDEST][:LISTED]
        self._period_s = period_s
        self._radios: dict[str, Radio] = {}

    def number_of(self, peer: str) -> str | None:
        """The radio's number in an address of the radios' network."""
        found = _PEER.fullmatch(peer)
        if found is None or int(found[1]) != self._network:
            return None
        return str(int.from_bytes(bytes(min(255, int(found[at])) for at in (2, 3, 4)), "big"))

    def subject(self, peer: str) -> str | None:
        """Who speaks from there; ``None`` where the wire does not say."""
        host = peer.rpartition(":")[0]
        return (
            self.number_of(peer)
            or next((number for number, radio in self._radios.items() if host and radio.host == peer), None)
            or next((number for number, radio in self._radios.items() if host and _host(radio.host) == host), None)
            or host
            or None
        )

    def hear(self, subject: str, peer: str) -> Radio:
        """The radio of that number, which was just heard from there."""
        radio = self._radios.pop(subject, None) or Radio(host=peer)
        radio.host = peer or radio.host
        radio.is_gone, radio.checks = False, 0
        self._radios[subject] = radio
        if len(self._radios) > RADIOS:
            del self._radios[next(iter(self._radios))]
        return radio

    def question(self, at_ns: int) -> bytes | None:
        """The one question that is most wanted now, if any."""
        for number in self._listed:
            if number not in self._radios:
                self._radios[number] = Radio(host="")
        for number, radio in self._radios.items():
            if radio.expires_ns is not None and at_ns >= radio.expires_ns and radio.checks < _CHECKS:
                radio.checks += 1
                radio.expires_ns = at_ns + _CHECK_NS
                return self.to(number, "ars", ars.ARE_YOU_THERE)
        due = [number for number, radio in self._radios.items() if self._is_due(radio, at_ns)] if self._period_s else []
        due = [number for number in due if number.isdecimal()]
        if not due:
            return None
        number = min(due, key=lambda one: self._radios[one].asked_ns or -1)
        radio = self._radios[number]
        radio.asked_ns = at_ns
        radio.misses = min(radio.misses + 1, _BACKED_OFF)
        return self.to(number, "lrrp", lrrp.ask(request_of(int(number)), self._period_s))

    def _is_due(self, radio: Radio, at_ns: int) -> bool:
        """Whether reports must be asked for: never asked, or none for three periods."""
        if radio.is_gone:
            return False
        newest_ns = max((one for one in (radio.asked_ns, radio.placed_ns) if one is not None), default=None)
        pause_ns = 3 * self._period_s * NS_PER_S << max(0, radio.misses - 1)
        return newest_ns is None or radio.asked_ns is None or not 0 <= at_ns - newest_ns < pause_ns

    def to(self, number: str, protocol: str, octets: bytes) -> bytes:
        """To the radio's own address, or to the host outside of their network from which it spoke."""
        radio = self._radios.get(number)
        if radio is not None and radio.host and self.number_of(radio.host) is None:
            return Addressed(octets, radio.host)
        if not number.isdecimal():  # a name, heard on a wire with one end
            return octets
        low = (int(number) & WIDEST).to_bytes(3, "big")
        host = ".".join(str(octet) for octet in (self._network, *low))
        return Addressed(octets, f"{host}:{self._ports[protocol]}")

    def save(self) -> dict[str, Any]:
        """Plain values."""
        return {number: asdict(radio) for number, radio in self._radios.items()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._radios = {number: Radio(**radio) for number, radio in state.items()}


def _host(peer: str) -> str:
    return peer.rpartition(":")[0]


def request_of(number: int) -> bytes:
    """Our request's number names the radio, because a report names nothing else."""
    return bytes([_OURS]) + (number & WIDEST).to_bytes(3, "big")


def asked(request: bytes) -> str:
    """Whom a report is about where the wire does not say: never nobody, which would be this device itself."""
    if len(request) == 4 and request[0] == _OURS:
        return str(int.from_bytes(request[1:], "big"))
    return f"request-{request.hex()}"
