"""The sampler against the kernel: this computer's loopback, and one of its own that is switched on and off."""

from __future__ import annotations

import asyncio
import json
import os
import struct
import subprocess
import sys
from typing import Any

import pytest

from devices.drivers.netlink import Netlink as Driver
from devices.observations import Condition, Signal, Traffic
from devices.transports import transport_for
from devices.transports.contract import Reason
from devices.transports.netlink import links, question
from tests.peers import need

SWITCHED = """
import asyncio, fcntl, json, socket, struct, sys
from devices.transports import transport_for

class Ear:
    def __init__(self): self.lines = asyncio.Queue()
    async def ready(self): return
    def octets(self, data, peer): self.lines.put_nowait(json.loads(data))
    def left(self, peer): raise AssertionError
    def closed(self, reason, detail): raise AssertionError(reason)

def switch(is_on):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", 1 if is_on else 0))

async def watch():
    ear = Ear()
    wire = transport_for("netlink:lo?interval_s=3600", "datagram")
    await wire.open(ear)
    told = []
    for step in (None, True, False):
        if step is not None:
            switch(step)
        line = await asyncio.wait_for(ear.lines.get(), 10)
        told.append(line["payload"]["is_up"])
    await wire.close()
    print(json.dumps(told))

asyncio.run(watch())
"""


class Ear:
    def __init__(self) -> None:
        self.lines: asyncio.Queue[bytes] = asyncio.Queue()

    async def ready(self) -> None:
        return

    def octets(self, data: bytes, peer: str) -> None:
        assert peer == ""
        self.lines.put_nowait(data)

    def left(self, peer: str) -> None:
        raise AssertionError(peer)

    def closed(self, reason: Reason, detail: str) -> None:
        raise AssertionError((reason, detail))


async def told(url: str, count: int) -> list[bytes]:
    ear = Ear()
    wire = transport_for(url, "datagram")
    await wire.open(ear)
    try:
        return [await asyncio.wait_for(ear.lines.get(), 10) for _ in range(count)]
    finally:
        await wire.close()


def test_the_loopback_tells_its_carrier_counters_and_rates() -> None:
    lines = asyncio.run(told("netlink:lo?interval_s=1.05", 2))
    driver = Driver({})
    seen = [one for line in lines for one in driver.receive(line, 0)]
    assert [one.value for one in seen if isinstance(one, Condition)] == ["up", "up"]
    counters = [one for one in seen if isinstance(one, Traffic)]
    assert counters[1].received_bytes >= counters[0].received_bytes
    assert not counters[0].is_exclusive
    assert {one.quantity for one in seen if isinstance(one, Signal)} == {"in_rate", "out_rate"}


def test_an_interface_that_is_not_there_is_said_to_be_absent() -> None:
    (line,) = asyncio.run(told("netlink:no-such-dev?interval_s=5", 1))
    (seen,) = Driver({}).receive(line, 0)
    assert seen == Condition(part="link", value="not-present", is_good=False)


def test_what_the_kernel_changes_is_told_at_once() -> None:
    """A loopback of its own, in a network of its own: off, switched on, switched off; never asked in between."""
    alone = [need("unshare"), "-n" if os.geteuid() == 0 else "-rn"]
    command = [*alone, sys.executable, "-c", SWITCHED]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [False, True, False]


def test_a_question_is_one_whole_message() -> None:
    asked = question("wwan0", 7)
    size, kind, flags, number, _ = struct.unpack_from("=IHHII", asked)
    assert (size, kind, flags, number) == (len(asked), 18, 1, 7)
    assert len(asked) % 4 == 0


@pytest.mark.parametrize("cut", range(0, 60, 7))
def test_a_message_that_ends_too_soon_says_nothing(cut: int) -> None:
    whole: Any = struct.pack("=IHHII", 60, 16, 0, 0, 0) + struct.pack("=BxHiII", 0, 1, 2, 0x11043, 0)
    whole += struct.pack("=HH", 28, 3) + b"wwan0".ljust(24, b"\0")
    assert [one.name for one in links(whole, "wwan0")] == ["wwan0"]
    assert list(links(whole[:cut], "wwan0")) == []
