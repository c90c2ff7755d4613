"""A driver and a simulated modem on one wire, on a clock of their own."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, TypeVar

from devices.commands import SendText
from devices.driver import NS_PER_S, Outgoing, Refused
from devices.drivers.at_modem import AtModem
from devices.observations import Observation
from devices.simulators.at_modem import AtModemSimulator

START_NS = 1_795_310_140 * NS_PER_S
STEP_NS = NS_PER_S // 5
_Kind = TypeVar("_Kind")


class Conversation:
    """Whatever one side says the other hears at once, in pieces of ``chunk`` octets."""

    def __init__(self, chunk: int = 7, driver: dict[str, Any] | None = None, **device: Any) -> None:
        self.driver = AtModem({"profile": device.get("profile", "generic"), **(driver or {})})
        self.device = AtModemSimulator(device, random.Random(5).random)
        self.at_ns = START_NS
        self.seen: list[Observation] = []
        self.sent: list[bytes] = []
        self._chunk = chunk
        self._wire = b""
        self._is_hearing = False

    def run(self, seconds: float) -> list[Observation]:
        """Let time go by; returns what the driver understood meanwhile."""
        before = len(self.seen)
        end_ns = self.at_ns + round(seconds * NS_PER_S)
        while self.at_ns < end_ns:
            self.at_ns += STEP_NS
            self._hear(self.device.tick(self.at_ns))
            self._ask()
        return self.seen[before:]

    def text(self, recipient: str, text: str, reference: str = "m1") -> Outgoing | Refused:
        """Hand a text to the driver as the engine does."""
        answer = self.driver.encode(SendText(reference=reference, recipient=recipient, text=text), self.at_ns)
        if isinstance(answer, Outgoing):
            self._say(answer.octets)
        return answer

    def _ask(self) -> None:
        for octets in self.driver.poll(self.at_ns):
            self._say(octets)

    def _say(self, octets: bytes) -> None:
        self.sent.append(octets)
        self._hear(self.device.receive(octets, self.at_ns))

    def _hear(self, said: Sequence[bytes]) -> None:
        """In order: an answer stands behind what was said before it was asked for."""
        self._wire += b"".join(said)
        if self._is_hearing:
            return
        self._is_hearing = True
        while self._wire:
            piece, self._wire = self._wire[: self._chunk], self._wire[self._chunk :]
            self.seen.extend(self.driver.receive(piece, self.at_ns))
            self._ask()
        self._is_hearing = False


def of(kind: type[_Kind], seen: Sequence[Observation]) -> list[_Kind]:
    """Those of one kind."""
    return [one for one in seen if isinstance(one, kind)]
