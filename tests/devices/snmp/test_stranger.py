"""Whatever answers at an agent's address: garbage, echoes, damage.  The sampler goes on; its lines stay sound."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
from functools import partial
from typing import Any, cast

import pytest

from devices.drivers.snmp import Snmp
from devices.observations import Condition, Malformed
from devices.transports import transport_for
from devices.transports.contract import OpenFailed
from tests.devices.transports.ear import Ear, until

NESTED = b"\x30\x80" * 3000


class Stranger(asyncio.DatagramProtocol):
    """Answers every question as ``answer`` makes of it."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.asked = 0
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.asked += 1
        assert self._transport is not None
        for piece in self.answer(data):
            self._transport.sendto(piece, addr)


def echo(data: bytes) -> bytes:
    """The question itself as an answer: every value is null.  The tag of the question stands behind the community."""
    return data.replace(b"\xa0", b"\xa2", 1)


async def beside(answer: Any, use: Any) -> Any:
    loop = asyncio.get_running_loop()
    transport, stranger = await loop.create_datagram_endpoint(lambda: Stranger(answer), local_addr=("127.0.0.1", 0))
    try:
        return await use(transport.get_extra_info("sockname")[1], stranger)
    finally:
        transport.close()


@pytest.mark.parametrize(
    "octets",
    [b"", b"\x00", b"\xff" * 1400, b"\x30\x82\xff\xff", NESTED, b"\x30\x84\x7f\xff\xff\xff" + bytes(100), b"{}"],
    ids=["empty", "zero", "ones", "length", "nested", "huge", "text"],
)
def test_garbage_is_no_answer(octets: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async def use(port: int, stranger: Stranger) -> str:
        wire = transport_for(f"snmp:127.0.0.1:{port}?timeout_s=0.2", "datagram")
        with pytest.raises(OpenFailed) as failed:
            await wire.open(Ear())
        await wire.close()
        assert stranger.asked >= 1
        return failed.value.reason

    caplog.set_level(logging.WARNING)
    assert asyncio.run(beside(lambda _data: [octets], use)) == "timeout"
    assert not caplog.records


def test_an_echo_of_the_question_has_no_values() -> None:
    ear = Ear()

    async def use(port: int, _stranger: Stranger) -> None:
        wire = transport_for(f"snmp:127.0.0.1:{port}?timeout_s=0.5", "datagram")
        await wire.open(ear)
        await until(lambda: len(ear.heard) >= 10)
        await wire.close()

    asyncio.run(beside(lambda data: [echo(data)], use))
    driver = Snmp({})
    seen = [one for data, _ in ear.heard for one in driver.receive(data, 0)]
    assert {type(one) for one in seen} <= {Condition, Malformed}
    assert not [one for one in seen if isinstance(one, Condition) and one.is_good is not None]


def test_damaged_answers_never_stop_the_rounds_nor_spoil_a_line() -> None:
    chance = random.Random(11)
    ear = Ear()

    def damaged(data: bytes) -> list[bytes]:
        octets = bytearray(echo(data))
        for _ in range(chance.choice((0, 1, 2, 8))):
            octets[chance.randrange(len(octets))] = chance.randrange(256)
        return [bytes(octets)[: chance.choice((10_000, len(octets) - 3))]]

    def goes_on(stranger: Stranger, before: int) -> bool:
        return bool(ear.endings) or stranger.asked > before + 5

    async def use(port: int, stranger: Stranger) -> None:
        for _ in range(12):
            before = stranger.asked
            wire = transport_for(f"snmp:127.0.0.1:{port}?interval_s=0.1&timeout_s=0.1", "datagram")
            with contextlib.suppress(OpenFailed):
                await wire.open(ear)
                await until(partial(goes_on, stranger, before))
                ear.endings.clear()
            await wire.close()

    asyncio.run(beside(damaged, use))
    driver = Snmp({})
    for data, _ in ear.heard:
        assert {"source", "asked_ns"} <= set(json.loads(data))
        driver.receive(data, 0)
