"""Radios on real wires: a pty, TCP and UDP of this machine, every octet through the kernel."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from typing import Any, cast

import pytest

from devices.catalogue import entries, make_driver, make_simulator
from devices.commands import SendText
from devices.driver import Addressed, Outgoing, PeerDriver
from devices.observations import DeliveryReport, Malformed, Observation, Position
from devices.transports import transport_for
from devices.transports.contract import WriteFailed
from devices.transports.hosting import host

DEADLINE_S = 30.0
QUICK: dict[str, dict[str, Any]] = {
    "hytera": {"answer_s": 0.1},
    "motorola": {"answer_s": 0.1},
    "tetra": {"answer_s": 0.1, "report_every_s": 2.0},
    "radio_gateway": {"answer_s": 0.1, "report_every_s": 2.0},
}
OURS: dict[str, dict[str, Any]] = {
    "hytera": {"position_every_s": 2, "request_gap_s": 0.5},
    "motorola": {"position_every_s": 2, "request_gap_s": 0.5},
    "tetra": {},
    "radio_gateway": {},
}
RECIPIENTS = {"hytera": "3700102", "motorola": "100", "tetra": "5002", "radio_gateway": "3700202"}


class Console:
    """The driver at the console's end: what arrives is understood, what is due goes to its peer."""

    def __init__(self, driver_id: str) -> None:
        self.driver = make_driver(driver_id, OURS[driver_id])
        self.is_together = entries()[driver_id].peers == "together"
        self.seen: list[Observation] = []
        self.waiting: list[tuple[bytes, str]] = []
        self.sent: Outgoing | None = None

    async def ready(self) -> None:
        """Always ready."""

    def octets(self, data: bytes, peer: str) -> None:
        at_ns = time.time_ns()
        if self.is_together:
            self.seen.extend(cast("PeerDriver", self.driver).receive_from(data, peer, at_ns))
        else:
            self.seen.extend(self.driver.receive(data, at_ns))
        self.poll(at_ns, peer)

    def poll(self, at_ns: int, peer: str = "") -> None:
        for octets in self.driver.poll(at_ns):
            self.waiting.append((octets, octets.peer if isinstance(octets, Addressed) else peer))

    def left(self, peer: str) -> None:
        """A peer hung up."""

    def closed(self, reason: str, detail: str) -> None:
        """The wire is gone."""

    def is_done(self) -> bool:
        has_place = any(isinstance(one, Position) and one.lat_deg for one in self.seen)
        return has_place and any(isinstance(one, DeliveryReport) and one.state == "confirmed" for one in self.seen)

    def try_text(self, recipient: str, at_ns: int) -> None:
        if self.sent is None and any(isinstance(one, Position) for one in self.seen):
            answer = self.driver.encode(SendText(reference="m", recipient=recipient, text="速到新村桥"), at_ns)
            if isinstance(answer, Outgoing):
                self.sent = answer
                self.waiting.append((answer.octets, answer.peer or ""))


async def _talk(driver_id: str, wire: str) -> Console:
    console = Console(driver_id)
    loop = asyncio.get_running_loop()
    simulator = make_simulator(driver_id, QUICK[driver_id], random.Random(3).random)
    assert simulator is not None
    url: asyncio.Future[str] = loop.create_future()
    transport = None
    if wire == "udp":
        transport = transport_for("udp:127.0.0.1:0", "datagram")
        await transport.open(console)
        wire = transport.url
    playing = loop.create_task(host(simulator, wire, on_ready=url.set_result, clock_ns=time.time_ns))
    try:
        async with asyncio.timeout(DEADLINE_S):
            opened = await url
            if transport is None:
                transport = transport_for(opened, "stream")
                await transport.open(console)
            while not console.is_done():
                at_ns = time.time_ns()
                console.poll(at_ns)
                console.try_text(RECIPIENTS[driver_id], at_ns)
                while console.waiting:
                    octets, peer = console.waiting.pop(0)
                    with contextlib.suppress(WriteFailed):  # a listener that nobody has spoken to has nobody to greet
                        await transport.write(octets, peer)
                await asyncio.sleep(0.05)
    finally:
        while not playing.done():  # once more where a wait took the cancellation for its answer
            playing.cancel()
            await asyncio.wait({playing}, timeout=0.5)
        if transport is not None:
            await transport.close()
    return console


@pytest.mark.parametrize(
    ("driver_id", "wire"),
    [
        ("hytera", "udp"),
        ("motorola", "udp"),
        ("radio_gateway", "tcp-listen:127.0.0.1:0"),
        ("radio_gateway", "udp"),
        ("tetra", "pty:"),
        ("tetra", "tcp-listen:127.0.0.1:0"),
    ],
)
def test_a_radio_is_found_and_a_text_to_it_confirmed(driver_id: str, wire: str) -> None:
    console = asyncio.run(_talk(driver_id, wire))
    assert not [one for one in console.seen if isinstance(one, Malformed)]
    states = [one.state for one in console.seen if isinstance(one, DeliveryReport)]
    assert states == ["sent", "confirmed"]
