"""Serial ports on pseudo-terminals: our own, and socat's."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import tty
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from serial.tools import list_ports

from devices.transports import transport_for
from devices.transports.contract import OpenFailed, WriteFailed
from devices.transports.discovery import serial_candidates
from tests.devices.transports.ear import Ear, until
from tests.peers import need


@pytest.fixture
def line() -> Iterator[tuple[int, str]]:
    """The far end of a line, and the path of our port."""
    far, near = os.openpty()
    tty.setraw(near)
    path = os.ttyname(near)
    os.close(near)
    yield far, path
    with contextlib.suppress(OSError):
        os.close(far)


def reader_threads() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name.startswith("serial ")]


def test_octets_go_both_ways_over_a_port(line: tuple[int, str]) -> None:
    far, path = line

    async def talk() -> None:
        ear = Ear()
        wire = transport_for(f"serial:{path}?baud=115200&bytesize=8&parity=N&stopbits=1", "stream")
        await wire.open(ear)
        os.write(far, b"\x00\x11\x13\xff\r\n$")
        await until(lambda: ear.stream == b"\x00\x11\x13\xff\r\n$")
        await wire.write(b"$CCICA,0,00*7B\r\n")
        assert os.read(far, 100) == b"$CCICA,0,00*7B\r\n"
        await wire.close()
        await wire.close()
        assert not ear.endings
        assert not reader_threads()
        with pytest.raises(WriteFailed):
            await wire.write(b"x")

    asyncio.run(talk())


def test_a_port_that_goes_away_is_told_as_gone(line: tuple[int, str]) -> None:
    far, path = line

    async def talk() -> None:
        ear = Ear()
        wire = transport_for(f"serial:{path}", "stream")
        await wire.open(ear)
        os.close(far)
        await until(lambda: ear.endings)
        assert ear.endings == [("gone", path)]
        with pytest.raises(WriteFailed):
            await wire.write(b"x")
        await wire.close()
        assert not reader_threads()

    asyncio.run(talk())


def test_a_missing_port_and_one_in_use_are_told_apart(line: tuple[int, str]) -> None:
    _, path = line

    async def talk() -> None:
        first = transport_for(f"serial:{path}", "stream")
        await first.open(Ear())
        for url, reason in (
            (f"serial:{path}", "busy"),
            ("serial:/dev/ttyNOSUCH0", "missing"),
            ("serial:usb=0403:6001:NO", "missing"),
        ):
            with pytest.raises(OpenFailed) as told:
                await transport_for(url, "stream").open(Ear())
            assert told.value.reason == reason
            assert told.value.detail.startswith(url.removeprefix("serial:"))
        await first.close()
        again = transport_for(f"serial:{path}", "stream")
        await again.open(Ear())
        await again.close()

    asyncio.run(talk())


def test_a_file_that_is_no_port_is_trouble_in_the_systems_words(tmp_path: Path) -> None:
    file = tmp_path / "plain"
    file.write_bytes(b"")
    with pytest.raises(OpenFailed) as told:
        asyncio.run(transport_for(f"serial:{file}", "stream").open(Ear()))
    assert told.value.detail.startswith(str(file))
    assert told.value.detail != str(file)


def test_while_the_sink_is_not_ready_the_port_is_not_read(line: tuple[int, str]) -> None:
    far, path = line

    async def talk() -> None:
        ear = Ear()
        wire = transport_for(f"serial:{path}", "stream")
        await wire.open(ear)
        ear.open.clear()
        os.set_blocking(far, False)
        sent = refusals = 0
        while sent < 200_000 and refusals < 20:
            try:
                sent += os.write(far, b"x" * 512)
                refusals = 0
            except BlockingIOError:
                refusals += 1
                await asyncio.sleep(0.01)
        assert sent < 200_000, "back-pressure must reach the far end"
        ear.open.set()
        await until(lambda: len(ear.stream) == sent)
        await wire.close()

    asyncio.run(talk())


def test_a_port_closes_although_the_sink_is_never_ready(line: tuple[int, str]) -> None:
    far, path = line

    async def talk() -> None:
        ear = Ear()
        ear.open.clear()
        wire = transport_for(f"serial:{path}", "stream")
        await wire.open(ear)
        os.write(far, b"nobody wants this")
        await asyncio.wait_for(wire.close(), 3)
        assert not reader_threads()
        assert not ear.heard

    asyncio.run(talk())


def test_a_port_that_was_taken_too_late_is_given_back(line: tuple[int, str]) -> None:
    _, path = line

    async def talk() -> None:
        wire = transport_for(f"serial:{path}", "stream")
        opening = asyncio.ensure_future(wire.open(Ear()))
        await asyncio.sleep(0)
        opening.cancel()
        await asyncio.wait([opening])
        await wire.close()
        again = transport_for(f"serial:{path}", "stream")
        for _ in range(100):
            try:
                await again.open(Ear())
                break
            except OpenFailed:
                await asyncio.sleep(0.01)
                again = transport_for(f"serial:{path}", "stream")
        await again.write(b"free")
        await again.close()

    asyncio.run(talk())


def test_a_port_is_found_by_its_hardware_identity(line: tuple[int, str], monkeypatch: pytest.MonkeyPatch) -> None:
    _, path = line
    ports = [
        SimpleNamespace(device="/dev/ttyS0", vid=None, pid=None, serial_number=None, description="n/a"),
        SimpleNamespace(device=path, vid=0x0403, pid=0x6001, serial_number="A50285BI", description="FT232R"),
        SimpleNamespace(
            device="/dev/ttyUSB7", vid=0x0403, pid=0x6001, serial_number="OTHER", description="FT232R\x1b[31m"
        ),
    ]
    monkeypatch.setattr(list_ports, "comports", lambda: ports)

    async def talk() -> None:
        wire = transport_for("serial:usb=0403:6001:A50285BI?baud=9600", "stream")
        await wire.open(Ear())
        await wire.close()
        with pytest.raises(OpenFailed) as told:
            await transport_for("serial:usb=0403:6001", "stream").open(Ear())
        assert told.value.reason == "ambiguous"
        found = await serial_candidates()
        assert [one.wire for one in found if one.path == path] == ["serial:usb=0403:6001:A50285BI"]
        assert [one.wire for one in found if one.path == "/dev/ttyS0"] == ["serial:/dev/ttyS0"]
        assert all(one.description.isprintable() for one in found)

    asyncio.run(talk())


@contextlib.asynccontextmanager
async def socat(folder: Path) -> AsyncIterator[tuple[str, str, asyncio.subprocess.Process]]:
    one, other = folder / "one", folder / "other"
    process = await asyncio.create_subprocess_exec(
        need("socat"), f"pty,raw,echo=0,link={one}", f"pty,raw,echo=0,link={other}"
    )
    try:
        await until(lambda: one.exists() and other.exists())
        yield str(one), str(other), process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@pytest.mark.peer
def test_two_ports_talk_through_socat_until_it_dies(tmp_path: Path) -> None:
    async def talk() -> None:
        async with socat(tmp_path) as (one, other, process):
            ears = Ear(), Ear()
            wires = [transport_for(f"serial:{path}?baud=115200", "stream") for path in (one, other)]
            for wire, ear in zip(wires, ears, strict=True):
                await wire.open(ear)
            sent = bytes(range(256)) * 40
            await wires[0].write(sent)
            await until(lambda: ears[1].stream == sent)
            await wires[1].write(b"back")
            await until(lambda: ears[0].stream == b"back")
            process.kill()
            await until(lambda: ears[0].endings and ears[1].endings)
            assert {ear.endings[0][0] for ear in ears} == {"gone"}
            for wire in wires:
                await wire.close()
            assert not reader_threads()

    asyncio.run(talk())
