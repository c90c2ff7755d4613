"""The far ends of the laboratory's wires: our simulators, now and then silent or damaged, and probes of bad bearers."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Sequence

from console.configuration.model import DeviceConfiguration
from devices.catalogue import make_simulator
from devices.driver import Simulator, xor_octets
from devices.transports.contract import Reason, WriteFailed
from devices.transports.memory import MemoryEnd, named_wire
from tests.lab.detection import PROBE_BYTES
from tests.lab.detectors import START_NS
from tests.lab.link import NS_PER_MS, NS_PER_S, QUALITIES, Cut, Link, flaps, scattered_cuts

PERIOD_S = 5.0


class _Tracker:
    """A receiver that says one sentence: where it is and when, nothing of its sky."""

    def __init__(self, chance: random.Random) -> None:
        self._lat_min = 20.0 + 10.0 * chance.random()
        self._lon_min = 40.0 + 10.0 * chance.random()

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002
        """It is never asked."""
        return ()

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """One RMC."""
        self._lat_min += 0.0005
        year, month, day, hour, minute, second, *_ = time.gmtime(at_ns // NS_PER_S)
        body = (
            f"GNRMC,{hour:02}{minute:02}{second:02}.00,A,34{self._lat_min:07.4f},N,113{self._lon_min:07.4f},E,0.4,12.0,"
            f"{day:02}{month:02}{year % 100:02},,,A"
        ).encode()
        return (b"$%s*%02X\r\n" % (body, xor_octets(body)),)


class FarEnd:
    """A device: says something every five seconds, answers what it is asked, and is not always well."""

    def __init__(self, device: DeviceConfiguration, seed: int, now_ns: Callable[[], int]) -> None:
        self._end: MemoryEnd = named_wire(device.wire.partition(":")[2])[1]
        self._chance = random.Random(f"{seed} {device.id}")
        self._now_ns = now_ns
        made = None if device.driver == "nmea0183" else make_simulator(device.driver, {}, self._chance.random)
        self._simulator: Simulator = made or _Tracker(self._chance)

    async def ready(self) -> None:
        """Always."""

    def octets(self, data: bytes, peer: str) -> None:  # noqa: ARG002
        """The console asks."""
        for answer in self._simulator.receive(data, self._now_ns()):
            asyncio.get_running_loop().create_task(self._say(answer))

    def left(self, peer: str) -> None:
        """Nobody leaves."""

    def closed(self, reason: Reason, detail: str) -> None:
        """The console hung up: it will call again."""

    async def _say(self, octets: bytes) -> None:
        with contextlib.suppress(WriteFailed):
            await self._end.write(octets)

    async def live(self) -> None:
        """For ever."""
        await asyncio.sleep(self._chance.uniform(0, PERIOD_S))
        while True:
            await self._end.open(self)
            for _ in range(self._chance.randint(200, 2_000)):
                said = b"".join(self._simulator.tick(self._now_ns()))
                if said:
                    await self._say(self._spoilt(said))
                await asyncio.sleep(PERIOD_S)
            await self._end.close()
            await asyncio.sleep(self._chance.uniform(1, 120))

    def _spoilt(self, octets: bytes) -> bytes:
        if self._chance.random() > 0.002:
            return octets
        at = self._chance.randrange(len(octets))
        return octets[:at] + bytes([self._chance.randrange(256)]) + octets[at + 1 :]


class FarProbe:
    """A probe's lines over a bearer of the lab."""

    def __init__(self, device: DeviceConfiguration, seed: int, now_ns: Callable[[], int], hours: float) -> None:
        self._end: MemoryEnd = named_wire(device.wire.partition(":")[2])[1]
        self._now_ns = now_ns
        quality = QUALITIES[("fibre", "lte", "vsat")[int(device.id[-1]) % 3]]
        cuts = self._cuts(f"{seed} {device.id}", hours)
        self._link = Link(quality, f"{seed} {device.id}", cuts)
        self._back = Link(quality, f"{seed} {device.id} back", cuts)

    @staticmethod
    def _cuts(seed: str, hours: float) -> list[Cut]:
        chance = random.Random(seed)
        found: list[Cut] = []
        at_ns = START_NS
        while at_ns < START_NS + hours * 3_600 * NS_PER_S:
            at_ns += round(chance.uniform(600, 14_400) * NS_PER_S)
            found += scattered_cuts(1, f"{seed} {at_ns}", first_ns=at_ns)
            if chance.random() < 0.1:
                found += flaps(40, first_ns=found[-1].to_ns + 60 * NS_PER_S)
            at_ns = found[-1].to_ns
        return found

    async def ready(self) -> None:
        """Always."""

    def octets(self, data: bytes, peer: str) -> None:
        """Nothing is asked of it."""

    def left(self, peer: str) -> None:
        """Nobody leaves."""

    def closed(self, reason: Reason, detail: str) -> None:
        """The console hung up."""

    async def live(self) -> None:
        """A line every five seconds."""
        await self._end.open(self)
        while True:
            asked_ns = self._now_ns()
            there_ns = self._link.offer(asked_ns, PROBE_BYTES)
            answered_ns = None if there_ns is None else self._back.offer(there_ns, PROBE_BYTES)
            wait_s = 3.0 if answered_ns is None else (answered_ns - asked_ns) / NS_PER_S
            await asyncio.sleep(wait_s)
            line = b'{"source":"lab","asked_ns":%d,"answered_ns":null,"error":"timeout"}' % asked_ns
            if answered_ns is not None:
                line = b'{"source":"lab","asked_ns":%d,"answered_ns":%d,"payload":{"round_trip_ms":%.3f}}' % (
                    asked_ns,
                    answered_ns,
                    (answered_ns - asked_ns) / NS_PER_MS,
                )
            with contextlib.suppress(WriteFailed):
                await self._end.write(line)
            await asyncio.sleep(PERIOD_S - wait_s)
