"""Simulated terminals on real sockets, with our driver at the listening end."""

from __future__ import annotations

import asyncio
import random
import time
from functools import partial

import pytest

from devices.commands import SendText
from devices.driver import Addressed, Outgoing
from devices.drivers.jt808 import Jt808
from devices.observations import DeliveryReport, Malformed, Observation, Position
from devices.simulators.jt808 import Jt808Simulator
from devices.transports import transport_for
from devices.transports.contract import Reason
from devices.transports.hosting import host
from tests.devices.jt808.conversation import FIRST, driver
from tests.devices.transports.ear import until


class Platform:
    """A sink that gives everything to one driver, as the engine does for a wire whose peers it serves together."""

    def __init__(self, made: Jt808) -> None:
        self.driver = made
        self.seen: list[Observation] = []
        self.gone = 0
        self.to_say: asyncio.Queue[tuple[bytes, str]] = asyncio.Queue()

    async def ready(self) -> None:
        return

    def octets(self, data: bytes, peer: str) -> None:
        at_ns = time.time_ns()
        self.seen += self.driver.receive_from(data, peer, at_ns)
        for piece in self.driver.poll(at_ns):
            self.to_say.put_nowait((piece, piece.peer if isinstance(piece, Addressed) else peer))

    def left(self, peer: str) -> None:  # noqa: ARG002 - the contract's name
        """The driver knows terminals by their phones: a connection that ends takes nothing with it."""
        self.gone += 1

    def closed(self, reason: Reason, detail: str) -> None:
        raise AssertionError(f"{reason} {detail}")

    def places(self) -> set[str | None]:
        return {one.subject for one in self.seen if isinstance(one, Position)}

    def has_confirmed(self, count: int) -> bool:
        states = [one.state for one in self.seen if isinstance(one, DeliveryReport)]
        return states == ["sent", "confirmed"] * count


@pytest.mark.parametrize("scheme", ["tcp-listen", "udp"])
def test_two_groups_of_terminals_call_in_report_and_take_texts(scheme: str) -> None:
    async def play() -> None:
        platform = Platform(driver())
        wire = transport_for(f"{scheme}:127.0.0.1:0", "stream")
        await wire.open(platform)

        async def speak() -> None:
            while True:
                await wire.write(*await platform.to_say.get())

        async def terminals(first_phone: int) -> None:
            scene = {"count": 5, "every_s": 0.2, "first_phone": first_phone}
            simulator = Jt808Simulator(scene, random.Random(1).random)
            target = wire.url.replace("tcp-listen", "tcp")
            await host(simulator, target, on_ready=lambda _: None, clock_ns=time.time_ns)

        loop = asyncio.get_running_loop()
        tasks = [loop.create_task(one) for one in (speak(), terminals(int(FIRST)), terminals(13_900_000_000))]
        await until(lambda: len(platform.places()) == 10, within_s=30)
        for count, phone in enumerate((FIRST, "13900000004"), start=1):
            sent = platform.driver.encode(SendText(reference="m", recipient=phone, text="请速回"), time.time_ns())
            assert isinstance(sent, Outgoing)
            platform.to_say.put_nowait((sent.octets, sent.peer or ""))
            await until(partial(platform.has_confirmed, count))
        assert not [one for one in platform.seen if isinstance(one, Malformed)]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await wire.close()

    asyncio.run(play())


def test_a_hundred_terminals_with_a_connection_each_call_at_once_and_are_all_heard() -> None:
    async def play() -> None:
        platform = Platform(driver())
        wire = transport_for("tcp-listen:127.0.0.1:0", "stream")
        await wire.open(platform)

        async def speak() -> None:
            while True:
                await wire.write(*await platform.to_say.get())

        async def terminal(number: int) -> None:
            scene = {"count": 1, "every_s": 1.0, "first_phone": int(FIRST) + number}
            simulator = Jt808Simulator(scene, random.Random(number).random)
            target = wire.url.replace("tcp-listen", "tcp")
            await host(simulator, target, on_ready=lambda _: None, clock_ns=time.time_ns)

        loop = asyncio.get_running_loop()
        tasks = [loop.create_task(one) for one in (speak(), *(terminal(number) for number in range(100)))]
        await until(lambda: len(platform.places()) == 100, within_s=60)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await until(lambda: platform.gone == 100, within_s=30)
        await wire.close()

    asyncio.run(play())
