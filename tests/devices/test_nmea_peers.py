"""Somebody else's readers agree with ours: pynmeagps on sentences, gpsd on a wire."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pynmeagps import NMEAMessageError, NMEAParseError, NMEAReader, NMEATypeError

from devices.catalogue import make_simulator
from devices.driver import NS_PER_S
from devices.drivers.nmea0183 import Nmea0183
from devices.observations import ClockReading, Malformed, Position, Sky
from devices.transports.hosting import host
from tests.devices.transports.ear import until
from tests.devices.vectors import decode_cases
from tests.peers import need

READ: Callable[..., Any] = getattr(NMEAReader, "parse")  # noqa: B009 - the library has no types
CAPTURES = sorted((Path(__file__).parents[1] / "captures").glob("nmea0183-*.log"))
START_NS = 1_781_488_990 * NS_PER_S
ROUTE = [[34.395, 113.739], [34.41, 113.76], [34.40, 113.78]]


def played(settings: dict[str, Any], seconds: int) -> bytes:
    device = make_simulator("nmea0183", settings, random.Random(7).random)
    assert device is not None
    return b"".join(piece for tick in range(seconds * 10) for piece in device.tick(START_NS + tick * NS_PER_S // 10))


def sound_lines() -> Iterator[bytes]:
    for case in decode_cases("nmea0183"):
        yield from case.octets.splitlines()
    for file in CAPTURES:
        yield from (line.strip() for line in file.read_bytes().splitlines() if not line.startswith(b"#"))
    yield from played({"route": ROUTE, "speed_mps": 12.0}, 30).splitlines()
    yield from played({"lat_deg": -33.9, "lon_deg": -70.6, "has_fix": False}, 3).splitlines()
    yield from played({"lat_deg": -33.9, "lon_deg": -70.6, "speed_mps": 3.0, "course_deg": 181.0}, 10).splitlines()


def parsed(line: bytes) -> Any:
    """What pynmeagps makes of it; ``None`` where it makes nothing."""
    try:
        return READ(line.decode("ascii") + "\r\n", validate=1)
    except (NMEAParseError, NMEAMessageError, NMEATypeError, UnicodeDecodeError):
        return None


def has_their_fix(theirs: Any) -> bool:
    match theirs.msgID:
        case "GGA":
            return bool(theirs.quality != 0)
        case "GNS":
            return set(theirs.posMode) != {"N"}
        case _:
            return bool(theirs.status == "A")


def is_close(ours: float | None, theirs: object) -> bool:
    if ours is None:
        return theirs in {"", None}
    return isinstance(theirs, (int, float)) and abs(ours - theirs) < 1e-9


def test_pynmeagps_reads_the_same_places_and_motions() -> None:
    compared = 0
    for line in sound_lines():
        theirs = parsed(line)
        (first, *_) = [*Nmea0183({}).receive(line + b"\r\n", -1), None]
        if theirs is None or not isinstance(first, Position) or theirs.msgID not in {"GGA", "RMC", "GLL", "GNS"}:
            continue
        has_fix = has_their_fix(theirs)
        assert (first.fix != "none") == has_fix, line
        if not has_fix:
            assert (first.lat_deg, first.lon_deg) == (None, None)
            continue
        compared += 1
        assert is_close(first.lat_deg, theirs.lat), line
        assert is_close(first.lon_deg, theirs.lon), line
        if theirs.msgID in {"GGA", "GNS"}:
            assert is_close(first.altitude_m, theirs.alt), line
            assert first.satellites == theirs.numSV
        if theirs.msgID == "RMC":
            assert is_close(first.speed_mps, theirs.spd * 1852 / 3600), line
            assert is_close(first.course_deg, theirs.cog), line
    assert compared > 80


def test_pynmeagps_reads_the_same_dates() -> None:
    compared = 0
    for line in sound_lines():
        theirs = parsed(line)
        clocks = [one for one in Nmea0183({}).receive(line + b"\r\n", -1) if isinstance(one, ClockReading)]
        if theirs is None or theirs.msgID not in {"RMC", "ZDA"} or not clocks:
            continue
        compared += 1
        told = time.gmtime(clocks[0].source_time_ns // NS_PER_S)
        assert told[3:6] == (theirs.time.hour, theirs.time.minute, theirs.time.second)
        day = (theirs.date.day, theirs.date.month) if theirs.msgID == "RMC" else (theirs.day, theirs.month)
        assert (told.tm_mday, told.tm_mon) == day
    assert compared > 60


def test_pynmeagps_sees_the_same_satellites() -> None:
    driver = Nmea0183({})
    theirs: dict[Any, object] = {}
    compared = 0
    for line in played({"sky": ["GB"]}, 3).splitlines():
        message = parsed(line)
        seen = driver.receive(line + b"\r\n", -1)
        if message is None or message.msgID != "GSV":
            continue
        if message.msgNum == 1:
            theirs = {}
        for slot in range(1, 5):
            number = getattr(message, f"svid_{slot:02d}", "")
            if number != "":
                theirs[number] = getattr(message, f"cno_{slot:02d}")
        for view in seen:
            assert isinstance(view, Sky)
            assert {one.number: one.cn0_dbhz for one in view.satellites} == theirs
            compared += 1
    assert compared == 3


@pytest.mark.peer
def test_gpsd_reads_the_same_position_from_the_same_pty(tmp_path: Path) -> None:
    """gpsd opens the very pseudo-terminal that a console would; only one may, so ours reads a copy of the drive."""
    gpsd = need("gpsd")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings: dict[str, Any] = {"lat_deg": 34.39561, "lon_deg": 113.73942, "altitude_m": 112.0, "rate_hz": 5}

    async def drive() -> dict[str, Any]:
        device = make_simulator("nmea0183", settings, random.Random(1).random)
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
            return await asyncio.wait_for(first_3d(port), 30)
        finally:
            with contextlib.suppress(ProcessLookupError):
                daemon.kill()
            await daemon.wait()
            playing.cancel()
            await asyncio.wait([playing])

    theirs = asyncio.run(drive())
    seen = Nmea0183({}).receive(played(settings, 1), START_NS)
    assert not [one for one in seen if isinstance(one, Malformed)]
    ours = next(one for one in seen if isinstance(one, Position) and one.altitude_m is not None)
    assert theirs["lat"] == pytest.approx(ours.lat_deg, abs=1e-7)
    assert theirs["lon"] == pytest.approx(ours.lon_deg, abs=1e-7)
    assert theirs.get("altMSL", theirs.get("alt")) == pytest.approx(ours.altitude_m, abs=0.05)
    assert abs(time.time() - parse_time(theirs["time"])) < 60


def parse_time(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


async def first_3d(port: int) -> dict[str, Any]:
    """gpsd's first three-dimensional fix."""
    lines: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def connect() -> None:
        with contextlib.suppress(OSError):
            lines.append(await asyncio.open_connection("127.0.0.1", port))

    for _ in range(100):
        await connect()
        if lines:
            break
        await asyncio.sleep(0.05)
    await until(lambda: lines)
    reader, writer = lines[0]
    writer.write(b'?WATCH={"enable":true,"json":true};\n')
    try:
        while True:
            line = json.loads(await reader.readline())
            if line.get("class") == "TPV" and line.get("mode") == 3 and {"altHAE", "time"} <= set(line):
                return dict(line)
    finally:
        writer.transport.abort()
