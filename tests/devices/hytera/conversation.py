"""A driver and simulated radios joined by memory, with a clock that is set by hand."""

from __future__ import annotations

import random
from collections import deque
from typing import Any

from devices.commands import DeviceCommand
from devices.driver import NS_PER_S, Addressed, Outgoing, Refused
from devices.drivers.hytera import Hytera
from devices.observations import Observation
from devices.simulators.hytera import HyteraSimulator

START_NS = 1_784_529_000 * NS_PER_S
STEP_NS = NS_PER_S // 10
PEER = "192.0.2.7:30003"


class Conversation:
    """Steps both ends ten times a second; everything comes from one peer."""

    def __init__(self, settings: dict[str, Any] | None = None, peer: str = PEER, **simulated: Any) -> None:
        self.driver = Hytera(settings or {})
        self.simulator = HyteraSimulator(simulated, random.Random(7).random)
        self.at_ns = START_NS
        self.peer = peer
        self.seen: list[Observation] = []
        self.sent: list[tuple[int, str, bytes]] = []
        self._wire: deque[bytes] = deque()

    def send(self, command: DeviceCommand) -> Outgoing | Refused:
        answer = self.driver.encode(command, self.at_ns)
        if isinstance(answer, Outgoing):
            self._wire.extend(self.simulator.receive(answer.octets, self.at_ns))
            self._deliver()
        return answer

    def run(self, for_s: float) -> list[Observation]:
        before = len(self.seen)
        for _ in range(round(for_s * 10)):
            self.at_ns += STEP_NS
            self._wire.extend(self.simulator.tick(self.at_ns))
            self._poll()
            self._deliver()
        return self.seen[before:]

    def _poll(self) -> None:
        for octets in self.driver.poll(self.at_ns):
            self.sent.append((self.at_ns, octets.peer if isinstance(octets, Addressed) else "", bytes(octets)))
            self._wire.extend(self.simulator.receive(octets, self.at_ns))

    def _deliver(self) -> None:
        while self._wire:
            self.seen.extend(self.driver.receive_from(self._wire.popleft(), self.peer, self.at_ns))
            self._poll()
