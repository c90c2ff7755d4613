"""The same over a real pair of terminals of the operating system, by the transports that the console uses."""

from __future__ import annotations

import asyncio
import random
import time

import pytest

from devices.commands import SendText
from devices.driver import Outgoing
from devices.drivers.at_modem import AtModem
from devices.observations import DeliveryReport, Malformed, Observation
from devices.simulators.at_modem import AtModemSimulator
from devices.transports import transport_for
from devices.transports.hosting import host
from tests.devices.transports.ear import Ear

WITHIN_S = 30.0


async def talk(wire_of_device: str) -> list[Observation]:
    """A modem on that wire; one text through driver and transport until it is called sent."""
    device = AtModemSimulator({"text_every_s": 0, "send_s": 0.2}, random.Random(1).random)
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    playing = asyncio.ensure_future(host(device, wire_of_device, on_ready=ready.set_result, clock_ns=time.time_ns))
    ear, driver = Ear(), AtModem({})
    seen: list[Observation] = []
    wire = transport_for(await ready, "stream")
    await wire.open(ear)
    heard, is_written = 0, False
    deadline = time.monotonic() + WITHIN_S
    try:
        while not any(isinstance(one, DeliveryReport) for one in seen):
            assert time.monotonic() < deadline, seen[-5:]
            stream = ear.stream
            seen += driver.receive(stream[heard:], time.time_ns())
            heard = len(stream)
            for octets in driver.poll(time.time_ns()):
                await wire.write(octets)
            if not is_written:
                command = SendText(reference="m1", recipient="17401234567", text="应急测试")
                answer = driver.encode(command, time.time_ns())
                is_written = isinstance(answer, Outgoing)
                if isinstance(answer, Outgoing):
                    await wire.write(answer.octets)
            await asyncio.sleep(0.02)
    finally:
        await wire.close()
        playing.cancel()
        await asyncio.wait([playing])
    return seen


@pytest.mark.parametrize("wire", ["pty:", "tcp-listen:127.0.0.1:0"])
def test_a_text_goes_through_the_operating_system(wire: str) -> None:
    seen = asyncio.run(talk(wire))
    assert not [one for one in seen if isinstance(one, Malformed)]
    assert [(one.state, one.message_id) for one in seen if isinstance(one, DeliveryReport)] == [("sent", "m1")]
