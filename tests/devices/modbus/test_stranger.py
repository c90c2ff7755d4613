"""Whatever answers at a Modbus address: garbage, wrong lengths, other devices' answers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random

import pytest

from devices.drivers.modbus import Modbus
from devices.transports import transport_for
from devices.transports.contract import OpenFailed
from tests.devices.transports.ear import Ear

HEAD = b"\x00\x01\x00\x00"


async def opened(answer: bytes | random.Random, ear: Ear) -> str:
    """Why the wire to a server that answers so does not open; empty where it does."""
    ended = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while asked := await reader.read(64):
                writer.write(answer if isinstance(answer, bytes) else damaged(asked, answer))
                await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        ended.set()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    wire = transport_for(f"modbus:127.0.0.1:{port}?profile=deepsea-gencomm&timeout_s=0.2", "datagram")
    reason = ""
    try:
        await wire.open(ear)
    except OpenFailed as trouble:
        reason = trouble.reason
    await wire.close()
    await ended.wait()
    server.close()
    await server.wait_closed()
    return reason


def damaged(asked: bytes, chance: random.Random) -> bytes:
    """The answer to a question for holding registers, sometimes with octets changed, lost or added."""
    count = int.from_bytes(asked[10:12], "big")
    values = bytes(chance.randrange(256) for _ in range(2 * count))
    answer = bytearray(asked[:4] + (3 + 2 * count).to_bytes(2, "big") + asked[6:8] + bytes([2 * count]) + values)
    for _ in range(chance.choice((0, 0, 0, 1, 2))):
        answer[chance.randrange(len(answer))] = chance.randrange(256)
    cut = chance.choice((0, 0, 0, 0, 1, 5))
    return bytes(answer[: len(answer) - cut]) + b"\x00" * chance.choice((0, 0, 0, 0, 3))


@pytest.mark.parametrize(
    "octets",
    [
        b"\x00",
        b"\xff" * 300,
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        HEAD + b"\x00\x00",
        HEAD + b"\xff\xff\x01\x03\xff",
        HEAD + b"\x00\x05\x01\x03\x02\x00\x07",
        HEAD + b"\x00\x03\x02\x83\x02",
        HEAD + b"\x00\x03\x01\x7f\x00",
        b"\x00\x99\x00\x00\x00\x09\x01\x03\x06\x00\x01\x00\x00\x00\x00",
    ],
    ids=["one", "ones", "web", "length 0", "length 65535", "short block", "other unit", "function", "other question"],
)
def test_what_is_no_answer_gives_no_value(octets: bytes, caplog: pytest.LogCaptureFixture) -> None:
    ear = Ear()
    caplog.set_level(logging.WARNING)
    reason = asyncio.run(opened(octets, ear))
    assert reason in {"timeout", "gone", "trouble"}
    assert not ear.heard
    assert not caplog.records


def test_damaged_answers_end_in_sound_lines_or_in_a_wire_that_is_down(caplog: pytest.LogCaptureFixture) -> None:
    chance = random.Random(5)
    ear = Ear()
    caplog.set_level(logging.WARNING)
    reasons = {asyncio.run(opened(chance, ear)) for _ in range(25)}
    assert reasons <= {"", "timeout", "gone", "trouble"}
    assert "" in reasons
    driver = Modbus({})
    for data, _ in ear.heard:
        driver.receive(data, 0)
    assert not caplog.records
