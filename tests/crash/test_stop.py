"""Ending in order, at awkward moments."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from console.configuration.file import load
from console.configuration.model import DeviceConfiguration
from console.connections import Connection
from console.journal.writer import Writer
from console.picture import Picture
from console.records import Kind
from console.runtime import Runtime
from devices.transports.contract import Sink
from tests.crash.rig import Sender, free_port, judge, vehicle, wait_for


def test_a_console_stopped_while_its_wires_open_ends_at_once(tmp_path: Path) -> None:
    configuration = load(vehicle(tmp_path, free_port()))
    for _ in range(3):
        runtime = Runtime(configuration, tmp_path / "incident")
        runtime.start()
        picture = runtime.stop()
        assert not runtime._thread.is_alive(), "the engine's thread had to be given up"
        assert picture.records == judge(tmp_path / "incident")[0]


class _Deaf:
    """A wire whose opening takes a cancellation for its end, as ``asyncio.wait_for`` did."""

    url = "memory:deaf"

    def __init__(self) -> None:
        self.is_closed = False

    async def open(self, sink: Sink) -> None:  # noqa: ARG002
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            return

    async def write(self, data: bytes, peer: str = "") -> None:
        raise NotImplementedError

    async def close(self) -> None:
        self.is_closed = True


class _Door:
    def put(self, kind: Kind, source: str, payload: bytes, peer: str = "") -> None:
        """Nothing is wanted of it here."""

    def now_ns(self) -> int:
        """Any moment."""
        return 1

    async def ready(self) -> None:
        """Always."""


def test_a_wire_that_overhears_the_first_cancellation_is_closed_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = _Deaf()
    monkeypatch.setattr("console.connections.transport_for", lambda *_: deaf)
    monkeypatch.setattr("console.connections.CANCEL_S", 0.01)

    async def stop() -> None:
        device = DeviceConfiguration(id="gnss", name="定位", driver="nmea0183", wire="memory:deaf")
        loop = asyncio.get_running_loop()
        connection = Connection(device, "stream", _Door(), lambda _, life: loop.create_task(life()), lambda: 0.5)
        connection.start()
        await asyncio.sleep(0)
        await connection.stop()

    asyncio.run(asyncio.wait_for(stop(), 30.0))
    assert deaf.is_closed


def test_wires_that_always_have_more_let_the_others_have_their_turn(tmp_path: Path) -> None:
    runtime = Runtime(load(vehicle(tmp_path, free_port())), tmp_path / "incident")
    runtime.open()

    async def busy() -> bool:
        runtime._gate.set()
        turn = asyncio.Event()
        asyncio.get_running_loop().call_soon(turn.set)
        for _ in range(200_000):
            await runtime.ready()
            if turn.is_set():
                return True
        return False

    try:
        assert asyncio.run(busy())
    finally:
        runtime._writer.start()
        runtime._writer.close()
        runtime._opened.lock.release()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_ours_in_the_journals_thread_is_said_and_the_wires_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, is_broken = Writer._commit, False

    def fail(writer: Writer, batch: Any) -> None:
        if is_broken:
            raise RuntimeError("a fault of ours")
        commit(writer, batch)

    monkeypatch.setattr(Writer, "_commit", fail)
    monkeypatch.setattr("console.runtime.QUEUE_RECORDS", 500)
    port, pictures = free_port(), list[Picture]()
    runtime = Runtime(load(vehicle(tmp_path, port)), tmp_path / "incident", on_picture=pictures.append)
    runtime.start()
    wait_for(lambda: bool(pictures), "a picture")
    is_broken = True
    with Sender(port, 2_000):
        wait_for(lambda: not pictures[-1].journal.is_recorded, "the console says that nothing is recorded")
        stepped = pictures[-1].records
        wait_for(lambda: pictures[-1].records > stepped + 2_000, "the wires go on")
    runtime.stop()


def test_every_commit_reaches_the_disk_before_it_is_acknowledged(tmp_path: Path) -> None:
    """A killed process cannot show it, only a power cut: the system's cache outlives the process."""
    runtime = Runtime(load(vehicle(tmp_path, free_port())), tmp_path / "incident")
    runtime.open()
    (mode,) = runtime._opened.connection.execute("PRAGMA journal_mode").fetchone()
    (level,) = runtime._opened.connection.execute("PRAGMA synchronous").fetchone()
    runtime._writer.start()
    runtime._writer.close()
    runtime._opened.lock.release()
    assert (mode, level) == ("wal", 2)
