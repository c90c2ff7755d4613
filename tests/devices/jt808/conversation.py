"""A driver and simulated terminals joined by memory, with a clock that is set by hand."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from devices.catalogue import make_driver
from devices.commands import DeviceCommand, SendText
from devices.driver import NS_PER_S, Outgoing, Refused
from devices.drivers.jt808 import Jt808
from devices.observations import Observation
from devices.simulators.jt808 import Jt808Simulator
from devices.simulators.jt808_wire import Place

START_NS = 1_784_500_200 * NS_PER_S
STEP_NS = NS_PER_S // 10
FIRST = "13803710001"
REPORT = Place(
    lat_deg=34.396,
    lon_deg=113.741,
    speed_mps=8.0,
    course_deg=90.0,
    at_ns=START_NS,
    mileage_m=1000.0,
    satellites=14,
    level=25,
).report()
"""The body of a sound report."""

Kind = TypeVar("Kind", bound=Observation)


def driver(**settings: Any) -> Jt808:
    made = make_driver("jt808", settings)
    assert isinstance(made, Jt808)
    return made


class Conversation:
    """Steps both ends ten times a second; ``damage`` may change what the terminals say on its way."""

    def __init__(
        self,
        settings: Mapping[str, Any] | None = None,
        damage: Callable[[bytes], bytes] | None = None,
        **scene: Any,
    ) -> None:
        self.driver = driver(**(settings or {}))
        self.simulator = Jt808Simulator(scene, random.Random(7).random)
        self.damage = damage or (lambda octets: octets)
        self.at_ns = START_NS
        self.seen: list[Observation] = []
        self.said: list[bytes] = []
        self._on_the_wire: deque[bytes] = deque()

    def run(self, for_s: float) -> list[Observation]:
        """Go on for so long; gives what was seen in that time."""
        before = len(self.seen)
        end_ns = self.at_ns + round(for_s * NS_PER_S)
        while self.at_ns < end_ns:
            self.at_ns += STEP_NS
            self._on_the_wire.extend(self.simulator.tick(self.at_ns))
            self._deliver()
        return self.seen[before:]

    def send(self, command: DeviceCommand) -> Outgoing | Refused:
        answer = self.driver.encode(command, self.at_ns)
        if isinstance(answer, Outgoing):
            self._to_terminals(answer.octets)
            self._deliver()
        return answer

    def text(self, text: str, recipient: str = FIRST) -> Outgoing | Refused:
        return self.send(SendText(reference="m", recipient=recipient, text=text))

    def of(self, kind: type[Kind], seen: list[Observation] | None = None) -> list[Kind]:
        return [one for one in (self.seen if seen is None else seen) if isinstance(one, kind)]

    def _deliver(self) -> None:
        while self._on_the_wire:
            self.seen += self.driver.receive(self.damage(self._on_the_wire.popleft()), self.at_ns)
            for octets in self.driver.poll(self.at_ns):
                self._to_terminals(octets)

    def _to_terminals(self, octets: bytes) -> None:
        self.said.append(octets)
        self._on_the_wire.extend(self.simulator.receive(octets, self.at_ns))
