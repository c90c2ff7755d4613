"""A driver and a simulated terminal joined by memory, with a clock that is set by hand."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from typing import Any

from devices.commands import DeviceCommand, SendText
from devices.driver import NS_PER_S, Outgoing, Refused
from devices.drivers.beidou_rdss import BeidouRdss
from devices.observations import DeliveryReport, Observation
from devices.simulators.beidou_rdss import BeidouRdssSimulator

START_NS = 1_709_795_400 * NS_PER_S
SEND_NAMES = {"bd-ascii21": "TXA", "bd-ascii3": "TCQ", "bd-bin40": "TXSQ"}
STEP_NS = NS_PER_S // 10


class Conversation:
    """Steps both ends ten times a second; ``damage`` may change what the terminal says on its way."""

    def __init__(self, damage: Callable[[bytes], bytes] | None = None, seed: int = 7, **settings: Any) -> None:
        self.driver = BeidouRdss({})
        self.simulator = BeidouRdssSimulator(settings, random.Random(seed).random)
        self.damage = damage or (lambda octets: octets)
        self.at_ns = START_NS
        self.seen: list[Observation] = []
        self.heard = b""
        self.said = b""
        self._on_the_wire: deque[bytes] = deque()

    def send(self, command: DeviceCommand) -> Outgoing | Refused:
        answer = self.driver.encode(command, self.at_ns)
        if isinstance(answer, Outgoing):
            self._to_terminal(answer.octets)
            self._deliver()
        return answer

    def text(self, text: str, recipient: str = "967760") -> Outgoing | Refused:
        return self.send(SendText(reference="m", recipient=recipient, text=text))

    def run(self, for_s: float) -> list[Observation]:
        """Go on for so long; gives what was seen in that time."""
        before = len(self.seen)
        end_ns = self.at_ns + round(for_s * NS_PER_S)
        while self.at_ns < end_ns:
            self.at_ns += STEP_NS
            self._on_the_wire.extend(self.simulator.tick(self.at_ns))
            self._deliver()
            self._poll()
            self._deliver()
        return self.seen[before:]

    def reports(self) -> list[DeliveryReport]:
        return [one for one in self.seen if isinstance(one, DeliveryReport)]

    def _poll(self) -> None:
        for octets in self.driver.poll(self.at_ns):
            self._to_terminal(octets)

    def _to_terminal(self, octets: bytes) -> None:
        self.said += octets
        self._on_the_wire.extend(self.simulator.receive(octets, self.at_ns))

    def _deliver(self) -> None:
        while self._on_the_wire:
            octets = self.damage(self._on_the_wire.popleft())
            self.heard += octets
            self.seen.extend(self.driver.receive(octets, self.at_ns))
            self._poll()
