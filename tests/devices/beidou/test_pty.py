"""The same conversation over a real pair of terminals of the operating system, every octet through the kernel."""

from __future__ import annotations

import os
import random
import select
import tty
from collections.abc import Iterator
from contextlib import closing

import pytest
import serial

from devices.commands import SendText
from devices.driver import NS_PER_S, Outgoing
from devices.drivers.beidou_rdss import BeidouRdss
from devices.observations import Card, DeliveryReport, Malformed, Observation, Position, TextMessage
from devices.simulators.beidou_rdss import BeidouRdssSimulator
from tests.devices.beidou.conversation import SEND_NAMES, START_NS, STEP_NS

DEADLINE_S = 10.0


class Wire:
    """The device's end is the pty's master, the console's end a serial port opened by name."""

    def __init__(self) -> None:
        self.master, slave = os.openpty()
        tty.setraw(self.master)
        self.port = serial.Serial(os.ttyname(slave), 115_200, timeout=DEADLINE_S)
        os.close(slave)

    def to_console(self, octets: bytes) -> bytes:
        os.write(self.master, octets)
        return self.port.read(len(octets))

    def to_device(self, octets: bytes) -> bytes:
        self.port.write(octets)
        got = b""
        while len(got) < len(octets):
            ready, _, _ = select.select([self.master], [], [], DEADLINE_S)
            assert ready, f"{len(got)} of {len(octets)} octets came through"
            got += os.read(self.master, 4096)
        return got

    def close(self) -> None:
        self.port.close()
        os.close(self.master)


@pytest.fixture
def wire() -> Iterator[Wire]:
    with closing(Wire()) as opened:
        yield opened


@pytest.mark.parametrize("dialect", SEND_NAMES)
def test_a_terminal_on_a_serial_port_is_understood_and_sends(wire: Wire, dialect: str) -> None:
    driver = BeidouRdss({})
    # Card 1120019 is 11 17 13 in hex: the octets that a port with flow control would swallow.
    settings = {"dialect": dialect, "card": "1120019", "rear_reply": "收到，增援已出发", "subordinates": []}
    simulator = BeidouRdssSimulator(settings, random.Random(5).random)
    seen: list[Observation] = []
    for step in range(300):
        at_ns = START_NS + step * STEP_NS
        out = list(driver.poll(at_ns))
        if step == 30:
            answer = driver.encode(SendText(reference="m", recipient="967760", text="应急测试"), at_ns)
            assert isinstance(answer, Outgoing)
            out.append(answer.octets)
        said = list(simulator.tick(at_ns))
        for octets in out:
            said += simulator.receive(wire.to_device(octets), at_ns)
        for octets in said:
            seen += driver.receive(wire.to_console(octets), at_ns)
    assert not [one for one in seen if isinstance(one, Malformed)]
    assert {one.card_id for one in seen if isinstance(one, Card)} == {"1120019"}
    (report,) = [one for one in seen if isinstance(one, DeliveryReport)]
    assert (report.reference, report.state) == (SEND_NAMES[dialect], "sent")
    assert [one.text for one in seen if isinstance(one, TextMessage)] == ["收到，增援已出发"]
    times = [one.source_time_ns for one in seen if isinstance(one, Position)]
    assert len(times) == 6
    assert all(time is not None and START_NS <= time < START_NS + 30 * NS_PER_S for time in times)
