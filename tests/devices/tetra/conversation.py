"""A driver and a simulated terminal joined by memory, with a clock that is set by hand."""

from __future__ import annotations

import random
from collections import deque
from typing import Any

from devices.commands import DeviceCommand
from devices.driver import NS_PER_S, Outgoing, Refused
from devices.drivers.tetra import Tetra
from devices.observations import Observation
from devices.simulators.tetra import TetraSimulator

START_NS = 1_784_529_000 * NS_PER_S
STEP_NS = NS_PER_S // 10


class Conversation:
    """Steps both ends ten times a second."""

    def __init__(self, settings: dict[str, Any] | None = None, **simulated: Any) -> None:
        self.driver = Tetra(settings or {})
        self.simulator = TetraSimulator(simulated, random.Random(7).random)
        self.at_ns = START_NS
        self.seen: list[Observation] = []
        self.said: list[bytes] = []
        self._wire: deque[bytes] = deque()

    def send(self, command: DeviceCommand) -> Outgoing | Refused:
        answer = self.driver.encode(command, self.at_ns)
        if isinstance(answer, Outgoing):
            self._out(answer.octets)
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
            self._out(octets)

    def _out(self, octets: bytes) -> None:
        self.said.append(octets)
        self._wire.extend(self.simulator.receive(octets, self.at_ns))

    def _deliver(self) -> None:
        while self._wire:
            self.seen.extend(self.driver.receive(self._wire.popleft(), self.at_ns))
            self._poll()
