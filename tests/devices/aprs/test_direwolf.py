"""Direwolf, somebody else's modem: it hears audio and we read it; we write, and it says on the air what we meant."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices.commands import SendText
from devices.driver import NS_PER_S, Outgoing
from devices.drivers.aprs import Aprs
from devices.observations import Malformed, Position, TextMessage
from devices.transports import transport_for
from devices.transports.contract import OpenFailed, Transport
from tests.devices.transports.ear import Ear, until
from tests.peers import need

NOW_NS = 1_795_343_700 * NS_PER_S
PACKETS = """\
TEAM1-9>APRS,WIDE1-1:!3423.76N/11344.36E>090/012/A=000360 一组
TEAM2>APRS::BY4CP    :收到{12
TEAM3-7>SUUP9Q:`oV$n6:>/]"7&}
"""


def audio(folder: Path) -> tuple[int, bytes]:
    """The packets as a radio would sound, and the samples a second."""
    (folder / "packets.txt").write_text(PACKETS, encoding="utf-8")
    made = [need("gen_packets"), "-o", str(folder / "packets.wav"), str(folder / "packets.txt")]
    subprocess.run(made, check=True, capture_output=True, timeout=30)
    with wave.open(str(folder / "packets.wav")) as sound:
        return sound.getframerate(), sound.readframes(sound.getnframes())


def registered_port() -> int:
    """A free port below 49152: others direwolf does not take."""
    for number in range(200):
        port = 20_000 + (os.getpid() * 7 + number) % 20_000
        with socket.socket() as free, contextlib.suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no free port")


@contextlib.asynccontextmanager
async def modem(folder: Path, rate_hz: int) -> AsyncIterator[tuple[int, asyncio.subprocess.Process]]:
    port = registered_port()
    lines = ["ADEVICE stdin null", "ACHANNELS 1", "CHANNEL 0", "MODEM 1200", "AGWPORT 0", f"KISSPORT {port}", ""]
    (folder / "modem.conf").write_text("\n".join(lines))
    command = [need("direwolf"), "-c", str(folder / "modem.conf"), "-t", "0", "-r", str(rate_hz), "-"]
    running = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        yield port, running
    finally:
        running.terminate()
        await running.communicate()


async def opened(port: int, ear: Ear) -> Transport:
    """The modem listens a moment after it was started."""
    deadline_s = asyncio.get_running_loop().time() + 10
    while True:
        wire = transport_for(f"tcp:127.0.0.1:{port}", "stream")
        try:
            await wire.open(ear)
        except OpenFailed:
            await wire.close()
            assert asyncio.get_running_loop().time() < deadline_s
            await asyncio.sleep(0.05)
        else:
            return wire


@pytest.mark.peer
def test_what_direwolf_hears_we_understand_and_what_we_say_it_sends(tmp_path: Path) -> None:
    rate_hz, sound = audio(tmp_path)

    async def talk() -> None:
        async with modem(tmp_path, rate_hz) as (port, running):
            ear = Ear()
            wire = await opened(port, ear)
            assert running.stdin is not None
            assert running.stdout is not None
            running.stdin.write(sound)
            await running.stdin.drain()
            await until(lambda: ear.stream.count(b"\xc0") >= 6, within_s=15)
            driver = Aprs({"callsign": "BY4CP", "licensed": True, "way": "WIDE1-1"})
            seen = [one for data, _ in ear.heard for one in driver.receive(data, NOW_NS)]
            assert not [one for one in seen if isinstance(one, Malformed)]
            first, text, mic_e = seen
            assert isinstance(first, Position)
            assert isinstance(text, TextMessage)
            assert isinstance(mic_e, Position)
            assert (first.subject, first.course_deg) == ("TEAM1-9", 90.0)
            assert first.lat_deg == pytest.approx(34 + 23.76 / 60)
            assert (text.sender, text.text) == ("TEAM2", "收到")
            assert mic_e.lat_deg == pytest.approx(35.8485)
            answer = driver.encode(SendText(reference="m", recipient="TEAM2", text="到A点"), NOW_NS)
            assert isinstance(answer, Outgoing)
            await wire.write(answer.octets)
            for acknowledgement in driver.poll(NOW_NS):
                await wire.write(acknowledgement)
            printed = await radiated(running, rate_hz, b":TEAM2    :ack12")
            await wire.close()
            assert "BY4CP>APZ369,WIDE1-1::TEAM2    :到A点{".encode() in printed

    asyncio.run(talk())


async def radiated(running: asyncio.subprocess.Process, rate_hz: int, last: bytes) -> bytes:
    """What the modem prints until it has sent ``last``; it goes on only while it hears, if only silence."""
    assert running.stdin is not None
    assert running.stdout is not None
    printed = b""
    deadline_s = asyncio.get_running_loop().time() + 20
    while last not in printed:
        assert asyncio.get_running_loop().time() < deadline_s, printed
        running.stdin.write(bytes(rate_hz // 5))
        await running.stdin.drain()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                printed += await running.stdout.read(4096)
    return printed
