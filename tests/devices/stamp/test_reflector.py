"""The sampler, the driver and the reflector on real sockets, with a relay that loses one way between them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any, cast

import pytest

from devices import stamp
from devices.drivers.stamp import Stamp
from devices.observations import Reachability, Signal
from devices.reflector import Reflector
from devices.transports import transport_for
from devices.transports.contract import Reason, Transport


@pytest.fixture
def reflector() -> Iterator[tuple[str, int]]:
    served = Reflector("127.0.0.1", 0)
    over = threading.Event()
    thread = threading.Thread(target=served.serve, args=(over.is_set,))
    thread.start()
    host, port = served.url.removeprefix("stamp:").rsplit(":", 1)
    yield host, int(port)
    over.set()
    thread.join()
    served.close()


class Ear:
    def __init__(self) -> None:
        self.lines: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def ready(self) -> None:
        return

    def octets(self, data: bytes, peer: str) -> None:
        assert peer == ""
        self.lines.put_nowait(json.loads(data))

    def left(self, peer: str) -> None:
        raise AssertionError(peer)

    def closed(self, reason: Reason, detail: str) -> None:
        raise AssertionError((reason, detail))


async def told(transport: Transport, ear: Ear, count: int) -> list[dict[str, Any]]:
    await transport.open(ear)
    try:
        return [await asyncio.wait_for(ear.lines.get(), 10) for _ in range(count)]
    finally:
        await transport.close()


class Relay(asyncio.DatagramProtocol):
    """Between one sender and the reflector; ``drops`` says of the n-th packet of a direction whether it is lost."""

    def __init__(self, far: tuple[str, int], out: set[int], back: set[int], delay_s: float = 0.0) -> None:
        self.far, self.out, self.back, self.delay_s = far, out, back, delay_s
        self.near: Any = None
        self.counts = [0, 0]
        self.wire: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.wire = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        assert self.wire is not None
        is_back = addr[:2] == self.far
        self.counts[is_back] += 1
        if self.counts[is_back] in (self.back if is_back else self.out):
            return
        if not is_back:
            self.near = addr
        asyncio.get_running_loop().call_later(
            self.delay_s if is_back else 0.0, self.wire.sendto, data, self.near if is_back else self.far
        )


@contextlib.asynccontextmanager
async def relayed(relay: Relay) -> Any:
    wire, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: relay, local_addr=("127.0.0.1", 0))
    try:
        yield wire.get_extra_info("sockname")[1]
    finally:
        wire.close()


def test_answers_tell_round_trip_and_both_numbers(reflector: tuple[str, int]) -> None:
    async def ask() -> list[dict[str, Any]]:
        url = f"stamp:127.0.0.1:{reflector[1]}?interval_s=0.1&timeout_s=1"
        return await told(transport_for(url, "datagram"), Ear(), 3)

    lines = asyncio.run(ask())
    assert [line["payload"]["sent"] for line in lines] == [1, 2, 3]
    assert [line["payload"]["reached"] for line in lines] == [0, 1, 2]
    assert all(0 <= line["payload"]["round_trip_ms"] < 1000 for line in lines)


def test_the_direction_that_loses_is_named(reflector: tuple[str, int]) -> None:
    """One in three lost on the way out, none back; then none out, one in two back."""

    async def losses(out: set[int], back: set[int]) -> dict[str, float]:
        relay = Relay(("127.0.0.1", reflector[1]), out, back)
        async with relayed(relay) as port:
            url = f"stamp:127.0.0.1:{port}?interval_s=0.1&timeout_s=0.2"
            lines = await told(transport_for(url, "datagram"), Ear(), 16)
        driver = Stamp({})
        seen = [one for line in lines for one in driver.receive(json.dumps(line).encode(), line["asked_ns"])]
        assert sum(1 for one in seen if isinstance(one, Reachability)) == 16
        return {one.quantity: one.value for one in seen if isinstance(one, Signal) and one.value is not None}

    async def both() -> tuple[dict[str, float], dict[str, float]]:
        return await asyncio.gather(losses({3, 6, 9, 12, 15}, set()), losses(set(), {2, 4, 6, 8, 10, 12, 14}))

    out, back = asyncio.run(both())
    assert 25 <= out["loss.out"] <= 45
    assert out["loss.back"] == 0
    assert back["loss.out"] == 0
    assert 40 <= back["loss.back"] <= 60


def test_a_late_answer_is_told_as_late(reflector: tuple[str, int]) -> None:
    async def ask() -> list[dict[str, Any]]:
        async with relayed(Relay(("127.0.0.1", reflector[1]), set(), set(), delay_s=0.35)) as port:
            url = f"stamp:127.0.0.1:{port}?interval_s=5&timeout_s=0.2"
            return await told(transport_for(url, "datagram"), Ear(), 2)

    missed, late = asyncio.run(ask())
    assert missed["error"] == "timeout"
    assert late["payload"]["is_late"] is True
    assert late["asked_ns"] == missed["asked_ns"]
    (seen,) = Stamp({}).receive(json.dumps(late).encode(), 0)
    assert isinstance(seen, Reachability)
    assert (seen.is_answered, seen.reason) == (True, "late")


def test_a_wire_that_asks_only_when_told_sends_nothing_by_itself(reflector: tuple[str, int]) -> None:
    async def ask() -> list[int]:
        ear = Ear()
        wire = transport_for(f"stamp:127.0.0.1:{reflector[1]}?interval_s=0&timeout_s=1", "datagram")
        await wire.open(ear)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(ear.lines.get(), 0.3)
        numbers = []
        for _ in range(2):
            await wire.write(b"ask\n")
            numbers.append((await asyncio.wait_for(ear.lines.get(), 5))["payload"]["sent"])
        await wire.close()
        return numbers

    assert asyncio.run(ask()) == [1, 2]


def test_nobody_there_is_refused_and_an_absent_interface_is_no_attempt() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def ask(options: str) -> str:
        wire = transport_for(f"stamp:127.0.0.1:{port}?interval_s=0.1&timeout_s=1{options}", "datagram")
        return str((await told(wire, Ear(), 1))[0]["error"])

    assert asyncio.run(ask("")) == "refused"
    assert asyncio.run(ask("&dev=no-such-dev")) == "missing"


def test_a_short_packet_is_not_answered_and_a_long_one_by_as_many_octets(reflector: tuple[str, int]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.settimeout(5)
        sender.connect(reflector)
        sender.send(b"\0" * 43)
        sender.send(b"\0" * (stamp.LONGEST + 1))
        sender.send(stamp.sender_packet(1, 0, octets=1_200))
        assert len(sender.recv(4096)) == 1_200


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_the_command_says_where_it_listens_and_ends_when_told(end: signal.Signals) -> None:
    command = [sys.executable, "main.py", "reflect", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("ready stamp:127.0.0.1:")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.settimeout(5)
            sender.connect(("127.0.0.1", int(line.rsplit(":", 1)[1])))
            sender.send(stamp.sender_packet(4, 0))
            answer = stamp.read_reflected(sender.recv(4096))
        process.send_signal(end)
        assert process.wait(10) == 0
    assert answer is not None
    assert answer.sent_sequence == 4


def test_an_address_in_use_is_said_in_words() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        command = [sys.executable, "main.py", "reflect", address, "--lang", "en"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert address in done.stderr
