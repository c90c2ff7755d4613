"""The real daemon reads our GNSS simulator from a pseudo-terminal and tells our driver over TCP."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import socket
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from devices.catalogue import make_simulator
from devices.drivers.gpsd import Gpsd
from devices.observations import ClockReading, Condition, Malformed, Observation, Position, Sky
from devices.transports import transport_for
from devices.transports.contract import OpenFailed, Transport
from devices.transports.hosting import host
from tests.devices.transports.ear import Ear, until
from tests.peers import need

SETTINGS: dict[str, Any] = {"lat_deg": 34.39561, "lon_deg": 113.73942, "altitude_m": 112.0, "rate_hz": 5}


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def opened(port: int, ear: Ear) -> Transport:
    """Our transport, as soon as the daemon listens."""
    deadline = time.monotonic() + 10
    while True:
        wire = transport_for(f"tcp:127.0.0.1:{port}", "stream")
        try:
            await wire.open(ear)
        except OpenFailed:
            await wire.close()
            assert time.monotonic() < deadline, "gpsd does not listen"
            await asyncio.sleep(0.05)
        else:
            return wire


def is_dated(place: Position) -> bool:
    """The daemon knows the date only after the first RMC."""
    return place.fix == "3d" and place.source_time_ns is not None


def has_more(ear: Ear, octets: int) -> bool:
    return len(ear.stream) > octets


async def listen(port: int) -> list[Observation]:
    """Driver and transport as the engine drives them, until there is a fix, a sky and the receiver's state."""
    ear, driver = Ear(), Gpsd({})
    seen: list[Observation] = []
    heard = 0
    wire = await opened(port, ear)

    def is_enough() -> bool:
        return any(isinstance(one, Position) and is_dated(one) for one in seen) and any(
            isinstance(one, Sky) for one in seen
        )

    deadline = time.monotonic() + 30
    try:
        while not is_enough():
            assert time.monotonic() < deadline, seen[-10:]
            for octets in driver.poll(time.time_ns()):
                await wire.write(octets)
            before = heard
            await until(partial(has_more, ear, before), 10.0)
            stream = ear.stream
            seen += driver.receive(stream[heard:], time.time_ns())
            heard = len(stream)
    finally:
        await wire.close()
    return seen


@pytest.mark.peer
def test_the_daemon_of_debian_is_understood(tmp_path: Path) -> None:
    gpsd = need("gpsd")
    port = free_port()

    async def drive() -> list[Observation]:
        device = make_simulator("nmea0183", SETTINGS, random.Random(1).random)
        assert device is not None
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        playing = asyncio.ensure_future(host(device, "pty:", on_ready=ready.set_result, clock_ns=time.time_ns))
        path = (await ready).removeprefix("serial:")
        await asyncio.to_thread(os.chmod, path, 0o666)  # gpsd gives its privileges up
        daemon = await asyncio.create_subprocess_exec(
            gpsd, "-N", "-n", "-b", "-F", str(tmp_path / "control"), "-S", str(port), path,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            return await listen(port)
        finally:
            with contextlib.suppress(ProcessLookupError):
                daemon.kill()
            await daemon.wait()
            playing.cancel()
            await asyncio.wait([playing])

    seen = asyncio.run(drive())
    assert not [one for one in seen if isinstance(one, Malformed)]
    place = next(one for one in seen if isinstance(one, Position) and is_dated(one))
    assert place.lat_deg == pytest.approx(SETTINGS["lat_deg"], abs=1e-6)
    assert place.lon_deg == pytest.approx(SETTINGS["lon_deg"], abs=1e-6)
    assert place.subject is None
    assert place.altitude_m == pytest.approx(SETTINGS["altitude_m"], abs=0.2)
    assert place.source_time_ns is not None
    assert abs(place.source_time_ns - time.time_ns()) < 60 * 10**9
    systems = {one.system for one in seen if isinstance(one, Sky) and one.satellites}
    assert systems & {"gps", "beidou"}
    assert any(isinstance(one, ClockReading) and one.is_locked for one in seen)
    assert {one.is_good for one in seen if isinstance(one, Condition) and one.part == "gpsd"} == {True}
    assert any(isinstance(one, Condition) and one.part == "receiver" and "NMEA0183" in one.value for one in seen)
