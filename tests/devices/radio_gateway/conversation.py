"""A driver and a simulated gateway joined by memory, with a clock that is set by hand."""

from __future__ import annotations

import random
from collections import deque
from typing import Any

from devices.commands import DeviceCommand
from devices.driver import NS_PER_S, Outgoing, Refused
from devices.drivers.radio_gateway import RadioGateway
from devices.observations import Observation
from devices.simulators.radio_gateway import RadioGatewaySimulator

START_NS = 1_784_529_000 * NS_PER_S
STEP_NS = NS_PER_S // 10


class Conversation:
    """Steps both ends ten times a second; keeps what each of them said."""

    def __init__(self, peer: str = "", **simulated: Any) -> None:
        self.driver = RadioGateway({})
        self.simulator = RadioGatewaySimulator(simulated, random.Random(7).random)
        self.peer = peer
        self.at_ns = START_NS
        self.seen: list[Observation] = []
        self.heard: list[bytes] = []
        self.said: list[bytes] = []
        self._wire: deque[bytes] = deque()

    def send(self, command: DeviceCommand) -> Outgoing | Refused:
        answer = self.driver.encode(command, self.at_ns)
        if isinstance(answer, Outgoing):
            self._out(answer.octets)
        return answer

    def run(self, for_s: float) -> list[Observation]:
        before = len(self.seen)
        for _ in range(round(for_s * 10)):
            self.at_ns += STEP_NS
            self._wire.extend(self.simulator.tick(self.at_ns))
            self._poll()
            while self._wire:
                octets = self._wire.popleft()
                self.heard.append(octets)
                self.seen.extend(self.driver.receive_from(octets, self.peer, self.at_ns))
                self._poll()
        return self.seen[before:]

    def _poll(self) -> None:
        for octets in self.driver.poll(self.at_ns):
            self._out(octets)

    def _out(self, octets: bytes) -> None:
        self.said.append(bytes(octets))
        self._wire.extend(self.simulator.receive(octets, self.at_ns))
