"""Simulated devices on real wires, with our own driver at the other end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

import pytest

from devices.catalogue import make_driver, make_simulator
from devices.driver import NS_PER_S, Simulator
from devices.observations import Malformed, Position
from devices.transports import transport_for
from devices.transports.contract import OpenFailed, Reason
from devices.transports.hosting import host
from devices.transports.memory import memory_wire
from tests.devices.transports.ear import Ear, until


class Echo:
    """A device that says a number at each tick and answers in capitals."""

    def __init__(self) -> None:
        self.ticks = 0

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:
        assert at_ns > 0
        return [data.upper()]

    def tick(self, at_ns: int) -> Sequence[bytes]:
        assert at_ns > 0
        self.ticks += 1
        return [b"%d\n" % self.ticks]


@contextlib.asynccontextmanager
async def hosted(simulator: Simulator, wire: str) -> AsyncIterator[tuple[str, asyncio.Task[tuple[Reason, str]]]]:
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task: asyncio.Task[tuple[Reason, str]] = asyncio.ensure_future(
        host(simulator, wire, on_ready=ready.set_result, clock_ns=time.time_ns)
    )
    either: list[asyncio.Future[Any]] = [ready, task]
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        yield ready.result(), task
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.mark.parametrize("wire", ["pty:", "tcp-listen:127.0.0.1:0"])
def test_a_console_comes_and_goes_and_the_device_plays_on(wire: str) -> None:
    async def play() -> None:
        device = Echo()
        async with hosted(device, wire) as (url, task):
            for _ in range(2):
                ear = Ear()
                console = transport_for(url, "stream")
                await console.open(ear)
                await until(partial(ear.has, b"\n"))
                await console.write(b"abc")
                await until(partial(ear.has, b"ABC"))
                await console.close()
            assert not task.done()

    asyncio.run(play())


def test_a_console_that_opens_late_hears_nothing_old() -> None:
    async def play() -> None:
        device = Echo()
        async with hosted(device, "pty:") as (url, _):
            await until(lambda: device.ticks >= 4)
            ear = Ear()
            console = transport_for(url, "stream")
            await console.open(ear)
            missed = device.ticks
            await until(lambda: ear.stream.count(b"\n") >= 2)
            assert int(ear.stream.split(b"\n")[0]) >= missed, "what was said before is old and would look fresh"
            await console.close()

    asyncio.run(play())


def test_a_device_sends_to_the_consoles_udp_port_and_hears_its_answer() -> None:
    async def play() -> None:
        ear = Ear()
        console = transport_for("udp:127.0.0.1:0", "stream")
        await console.open(ear)
        async with hosted(Echo(), console.url) as (url, _):
            assert url == console.url
            await until(lambda: ear.heard)
            await console.write(b"abc", ear.heard[0][1])
            await until(lambda: b"ABC" in ear.stream)
        await console.close()

    asyncio.run(play())


def test_a_device_calls_a_console_that_listens_and_ends_when_it_hangs_up() -> None:
    async def play() -> None:
        ear = Ear()
        console = transport_for("tcp-listen:127.0.0.1:0", "stream")
        await console.open(ear)
        async with hosted(Echo(), console.url.replace("tcp-listen", "tcp")) as (url, task):
            assert url == console.url
            await until(lambda: ear.heard)
            await console.close()
            reason, _ = await asyncio.wait_for(task, 5)
            assert reason in {"closed", "gone"}

    asyncio.run(play())


def test_twelve_devices_play_in_one_loop() -> None:
    async def play() -> None:
        async with contextlib.AsyncExitStack() as stack:
            ears = []
            for _ in range(12):
                url, _ = await stack.enter_async_context(hosted(Echo(), "pty:"))
                ear = Ear()
                console = transport_for(url, "stream")
                await console.open(ear)
                stack.push_async_callback(console.close)
                ears.append(ear)
            await until(lambda: all(b"\n" in ear.stream for ear in ears))

    asyncio.run(play())


def test_a_wire_nobody_can_play_on_is_refused() -> None:
    for wire in ("ping:127.0.0.1", "nonsense", "udp:127.0.0.1:0", "tcp:127.0.0.1:1"):
        with pytest.raises(OpenFailed):
            asyncio.run(host(Echo(), wire, on_ready=lambda _: None, clock_ns=time.time_ns))


def test_a_fault_of_a_simulator_ends_its_play_loudly() -> None:
    class Broken(Echo):
        def tick(self, at_ns: int) -> Sequence[bytes]:
            raise ZeroDivisionError(at_ns)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(host(Broken(), "pty:", on_ready=lambda _: None, clock_ns=time.time_ns))


def test_the_receiver_on_a_pty_is_understood_by_its_driver() -> None:
    async def play() -> None:
        device = make_simulator("nmea0183", {"lat_deg": 34.4, "lon_deg": 113.74, "rate_hz": 10}, lambda: 0.5)
        assert device is not None
        async with hosted(device, "pty:") as (url, _):
            ear = Ear()
            console = transport_for(url, "stream")
            await console.open(ear)
            await until(lambda: len(ear.stream) > 3000)
            await console.close()
        seen = make_driver("nmea0183", {}).receive(ear.stream, time.time_ns())
        places = [one for one in seen if isinstance(one, Position)]
        assert not [one for one in seen[2:] if isinstance(one, Malformed)]
        assert all((one.lat_deg, one.lon_deg) == (34.4, 113.74) for one in places)
        assert all(abs((one.source_time_ns or 0) - time.time_ns()) < 5 * NS_PER_S for one in places)

    asyncio.run(play())


# ---- memory wires


def test_a_memory_wire_carries_both_ways_and_shows_its_damage() -> None:
    async def talk() -> None:
        near, far = memory_wire()
        ears = Ear(), Ear()
        await near.open(ears[0])
        await far.open(ears[1])
        await near.write(b"to far")
        await far.write(b"to near")
        await until(lambda: ears[0].heard and ears[1].heard)
        assert (ears[0].stream, ears[1].stream) == (b"to near", b"to far")
        near.damage = lambda data: (data[:2], data[3:])
        await near.write(b"abcdef")
        await until(lambda: ears[1].heard[1:] == [(b"ab", ""), (b"def", "")])
        near.damage = lambda _: ()
        await near.write(b"lost")
        await near.close()
        await until(lambda: ears[1].endings)
        assert b"lost" not in ears[1].stream
        assert not ears[0].endings
        await far.close()

    asyncio.run(talk())
