"""Simulated terminals on real sockets, with our driver at the listening end."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Coroutine
from functools import partial
from typing import Any, Self

import pytest

from devices.commands import SendText
from devices.driver import Addressed, Outgoing
from devices.drivers.jt808 import Jt808
from devices.observations import DeliveryReport, Malformed, Observation, Position
from devices.simulators.jt808 import Jt808Simulator
from devices.transports import transport_for
from devices.transports.contract import Reason, WriteFailed
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


class Scene:
    """A listening wire, its platform, and terminals that call; everything is closed in the end, whatever happens."""

    def __init__(self, scheme: str) -> None:
        self.platform = Platform(driver())
        self.wire = transport_for(f"{scheme}:127.0.0.1:0", "stream")
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await self.wire.open(self.platform)
        self._begin(self._speak())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.hang_up()
        await self.wire.close()

    async def hang_up(self) -> None:
        """End the terminals and the speaker; a fault of theirs is told."""
        tasks, self._tasks = self._tasks, []
        waiting = set(tasks)
        while waiting:  # once more where somebody's wait took the cancellation for an answer of the same moment
            for task in waiting:
                task.cancel()
            _, waiting = await asyncio.wait(waiting, timeout=0.5)
        assert not [task for task in tasks if not task.cancelled() and task.exception()]

    def terminals(self, **scene: object) -> None:
        """Some more terminals call, on a connection of their own."""
        self._begin(self._call(Jt808Simulator(scene, random.Random(1).random)))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(work))

    async def _speak(self) -> None:
        while True:
            answer = await self.platform.to_say.get()
            with contextlib.suppress(WriteFailed):  # a terminal that has left hears no answer
                await self.wire.write(*answer)

    async def _call(self, simulator: Jt808Simulator) -> None:
        target = self.wire.url.replace("tcp-listen", "tcp")
        await host(simulator, target, on_ready=lambda _: None, clock_ns=time.time_ns)


@pytest.mark.parametrize("scheme", ["tcp-listen", "udp"])
def test_two_groups_of_terminals_call_in_report_and_take_texts(scheme: str) -> None:
    async def play() -> None:
        async with Scene(scheme) as scene:
            platform = scene.platform
            scene.terminals(count=5, every_s=0.2, first_phone=int(FIRST))
            scene.terminals(count=5, every_s=0.2, first_phone=13_900_000_000)
            await until(lambda: len(platform.places()) == 10, within_s=30)
            for count, phone in enumerate((FIRST, "13900000004"), start=1):
                sent = platform.driver.encode(SendText(reference="m", recipient=phone, text="请速回"), time.time_ns())
                assert isinstance(sent, Outgoing)
                platform.to_say.put_nowait((sent.octets, sent.peer or ""))
                await until(partial(platform.has_confirmed, count))
            assert not [one for one in platform.seen if isinstance(one, Malformed)]

    asyncio.run(play())


def test_a_hundred_terminals_with_a_connection_each_call_at_once_and_are_all_heard() -> None:
    async def play() -> None:
        async with Scene("tcp-listen") as scene:
            for number in range(100):
                scene.terminals(count=1, every_s=1.0, first_phone=int(FIRST) + number)
            await until(lambda: len(scene.platform.places()) == 100, within_s=60)
            await scene.hang_up()
            await until(lambda: scene.platform.gone == 100, within_s=30)

    asyncio.run(play())
