"""The server of pymodbus answers the sampler by TCP and by a serial line, and the driver understands it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymodbus import FramerType
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from devices.drivers.modbus import Modbus
from devices.observations import Condition, Malformed, Observation, Power, Signal
from devices.transports import transport_for
from devices.transports.contract import OpenFailed, WriteFailed
from devices.transports.modbus import ModbusAsker
from tests.devices.transports.broker import free_port
from tests.devices.transports.ear import Ear, until
from tests.peers import need

UNIT = 10
BASIC = [
    380,
    82,
    0xFFFB,
    76,
    0xFFFF,
    276,
    1500,
    500,
    0,
    2305,
    0,
    2301,
    0,
    2299,
    *[0] * 6,
    0,
    61,
    0,
    60,
    0,
    59,
    *[0] * 8,
]


def generator(*, without: int = 0) -> SimDevice:
    """A controller with the registers of the profile; one block may be missing."""
    blocks = {772: [1, 0, 0], 1024: BASIC, 1408: [3], 1536: [0, 4140], 1798: [0, 3600, 0, 1234, *[0] * 6, 0, 7]}
    data = [
        SimData(address, values=values, datatype=DataType.REGISTERS)
        for address, values in blocks.items()
        if address != without
    ]
    return SimDevice(id=UNIT, simdata=data)


@contextlib.asynccontextmanager
async def serving(device: SimDevice, port: int) -> AsyncIterator[ModbusTcpServer]:
    server = ModbusTcpServer(device, address=("127.0.0.1", port))
    await server.serve_forever(background=True)
    try:
        yield server
    finally:
        await server.shutdown()  # type: ignore[no-untyped-call]


def understood(ear: Ear) -> list[Observation]:
    driver = Modbus({})
    return [one for data, _ in ear.heard for one in driver.receive(data, 0)]


def lines(ear: Ear) -> list[dict[str, Any]]:
    return [json.loads(data) for data, _ in ear.heard]


async def round_of(url: str, ear: Ear, count: int = 6) -> None:
    wire = transport_for(url, "datagram")
    try:
        await wire.open(ear)
        await until(lambda: len(ear.heard) >= count)
    finally:
        await wire.close()


def assert_runs(seen: list[Observation]) -> None:
    assert not [one for one in seen if isinstance(one, Malformed)]
    assert Condition(part="profile", value="deepsea-gencomm (found)") in seen
    assert Condition(part="engine", value="running") in seen
    assert Condition(part="control_mode", value="auto") in seen
    assert Signal(quantity="fuel_level", value=76.0, unit="%") in seen
    assert Signal(quantity="oil_temperature", value=-5.0, unit="degC") in seen
    assert Signal(quantity="running_time", value=3600.0, unit="s") in seen
    assert Power(power_w=4140.0) in seen
    assert Power(voltage_v=230.5) in seen


def test_a_generator_is_read_by_tcp() -> None:
    ear = Ear()

    async def live() -> None:
        port = free_port()
        async with serving(generator(), port):
            await round_of(f"modbus:127.0.0.1:{port}?unit={UNIT}&profile=deepsea-gencomm", ear)

    asyncio.run(live())
    assert_runs(understood(ear))
    assert [line["path"] for line in lines(ear)[:3]] == ["profile", "holding/772/3", "holding/1024/34"]
    assert all(line["asked_ns"] <= line["answered_ns"] for line in lines(ear))


def test_a_block_that_is_not_there_does_not_hide_the_others() -> None:
    ear = Ear()

    async def live() -> None:
        port = free_port()
        async with serving(generator(without=1536), port):
            await round_of(f"modbus:127.0.0.1:{port}?unit={UNIT}&profile=deepsea-gencomm", ear)

    asyncio.run(live())
    seen = understood(ear)
    assert Condition(part="block_holding_1536", value="illegal-address") in seen
    assert Condition(part="engine", value="running") in seen
    assert not [one for one in seen if isinstance(one, Power) and one.power_w is not None]


def test_a_server_that_goes_takes_the_wire_down_and_is_found_again() -> None:
    ear, again = Ear(), Ear()

    async def live() -> None:
        port = free_port()
        url = f"modbus:127.0.0.1:{port}?unit={UNIT}&profile=deepsea-gencomm&interval_s=0.1&timeout_s=0.3"
        wire = transport_for(url, "datagram")
        async with serving(generator(), port):
            await wire.open(ear)
            await until(lambda: len(ear.heard) > 8)
        await until(lambda: ear.endings)
        await wire.close()
        async with serving(generator(), port):
            await round_of(url, again)

    asyncio.run(live())
    assert ear.endings[0][0] in {"refused", "gone", "timeout"}
    assert [line["path"] for line in lines(ear)[-3:]] == ["poll"] * 3
    assert_runs(understood(again))


async def refused(url: str) -> str:
    wire = transport_for(url, "datagram")
    with pytest.raises(OpenFailed) as failed:
        await wire.open(Ear())
    with pytest.raises(WriteFailed):
        await wire.write(b"x")
    await wire.close()
    return failed.value.reason


def test_whoever_cannot_be_asked_is_told_by_its_kind() -> None:
    async def live() -> list[str]:
        return [
            await refused(f"modbus:127.0.0.1:{free_port()}?profile=deepsea-gencomm&timeout_s=1"),
            await refused("modbus-rtu:/dev/no-such-port?profile=deepsea-gencomm"),
            await refused("modbus:127.0.0.1:9?profile=/no/such/profile.toml"),
        ]

    assert asyncio.run(live()) == ["refused", "missing", "bad-url"]


@pytest.mark.parametrize(
    ("code", "reason"), [(None, "timeout"), (11, "timeout"), (10, "timeout"), (4, "trouble"), (2, "trouble")]
)
def test_a_device_that_gives_not_one_register_is_not_up(code: int | None, reason: str) -> None:
    """No answer at all, a gateway that does not reach the device, a device of another kind."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while asked := await reader.readexactly(12):
                if code is not None:
                    writer.write(asked[:4] + bytes([0, 3, asked[6], asked[7] | 0x80, code]))
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        ended.set()

    async def live() -> str:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        told = await refused(f"modbus:127.0.0.1:{port}?unit=99&profile=deepsea-gencomm&timeout_s=0.3")
        await ended.wait()
        server.close()
        await server.wait_closed()
        return told

    ended = asyncio.Event()
    assert asyncio.run(live()) == reason


# ---- a serial line


@pytest.fixture
def line(tmp_path: Path) -> Iterator[tuple[str, str]]:
    near, far = tmp_path / "near", tmp_path / "far"
    ends = [f"PTY,raw,echo=0,link={end}" for end in (near, far)]
    running = subprocess.Popen([need("socat"), *ends])
    deadline_s = time.monotonic() + 5
    while not (near.exists() and far.exists()):
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
    yield str(near), str(far)
    running.terminate()
    running.wait(5)


@pytest.mark.peer
def test_a_generator_is_read_by_a_serial_line(line: tuple[str, str]) -> None:
    ear = Ear()

    async def live() -> None:
        server = ModbusSerialServer(generator(), framer=FramerType.RTU, port=line[1], baudrate=19_200)
        await server.serve_forever(background=True)
        try:
            await round_of(f"modbus-rtu:{line[0]}?baud=19200&unit={UNIT}&profile=deepsea-gencomm", ear)
        finally:
            await server.shutdown()  # type: ignore[no-untyped-call]

    asyncio.run(live())
    assert_runs(understood(ear))


@pytest.mark.peer
def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_one(line: tuple[str, str]) -> None:
    """On a serial line nothing but its time binds an answer to its question."""
    asker: list[Any] = []

    async def live() -> None:
        server = ModbusSerialServer(
            generator(), framer=FramerType.RTU, port=line[1], baudrate=19_200, trace_pdu=late(0.5)
        )
        await server.serve_forever(background=True)
        wire = transport_for(
            f"modbus-rtu:{line[0]}?baud=19200&unit={UNIT}&profile=deepsea-gencomm&timeout_s=0.2", "datagram"
        )
        asker.append(getattr(wire, "_asker"))  # noqa: B009
        with pytest.raises(OpenFailed) as failed:
            await wire.open(Ear())
        assert failed.value.reason == "timeout"
        await wire.close()
        await server.shutdown()  # type: ignore[no-untyped-call]

    asyncio.run(live())
    assert isinstance(asker[0], ModbusAsker)
    assert asker[0]._client is None


def late(seconds: float) -> Callable[[bool, Any], Any]:
    """Hold every answer back."""

    def trace(is_sending: bool, pdu: Any) -> Any:  # noqa: FBT001 - as the library calls it
        if is_sending:
            time.sleep(seconds)
        return pdu

    return trace
