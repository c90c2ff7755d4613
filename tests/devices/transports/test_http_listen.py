"""Phones that report by HTTP: ordinary clients, rude ones, and ones that flood."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import json
import socket
import subprocess
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from devices.lines import Line, read_line
from devices.transports import transport_for
from devices.transports.address import parse
from devices.transports.contract import OpenFailed, WriteFailed
from devices.transports.http_listen import OF_ONE_ADDRESS, HttpListen
from tests.devices.transports.ear import Ear, until
from tests.peers import need

CANARY = "canary-5f2c"
Talk = Callable[[int, Ear], Awaitable[None]]


def listening(talk: Talk, options: str = "", ear: Ear | None = None) -> Ear:
    """Run ``talk`` against an open listener."""
    heard = ear or Ear()

    async def run() -> None:
        wire = HttpListen(parse(f"http-listen:127.0.0.1:0{options}"), lambda: 1_000_000_000)
        await wire.open(heard)
        try:
            await talk(int(wire.url.rpartition(":")[2]), heard)
        finally:
            await wire.close()
        await wire.close()

    asyncio.run(run())
    return heard


def lines(ear: Ear) -> list[dict[str, Any]]:
    return [json.loads(data) for data, _ in ear.heard]


def ask(port: int, method: str, target: str, body: str | bytes | None = None, **headers: str) -> tuple[int, bytes]:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        client.request(method, target, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = client.getresponse()
        return answer.status, answer.read()
    finally:
        client.close()


async def off_the_loop(
    port: int, method: str, target: str, body: str | bytes | None = None, **headers: str
) -> tuple[int, bytes]:
    return await asyncio.to_thread(partial(ask, port, method, target, body, **headers))


async def raw(port: int, octets: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(octets)
    answer = await asyncio.wait_for(reader.read(-1), 5)
    writer.close()
    await writer.wait_closed()
    return answer


def test_a_request_becomes_one_line_and_is_answered_with_an_empty_list() -> None:
    async def talk(port: int, _: Ear) -> None:
        assert await off_the_loop(port, "GET", "/?id=7&lat=34.5&lon=113.7") == (200, b"[]")
        told = await off_the_loop(port, "POST", "/pub", '{"位":1}'.encode(), X_Limit_U="wang", X_Limit_D="p40")
        assert told == (200, b"[]")

    first, second = (read_line(data) for data, _ in listening(talk).heard)
    assert first == Line(path="/", query="id=7&lat=34.5&lon=113.7")
    assert second == Line(path="/pub", query="", user="wang", device="p40", payload='{"位":1}')


def test_several_requests_may_use_one_connection() -> None:
    async def talk(port: int, ear: Ear) -> None:
        def keep_alive() -> list[int]:
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            told = []
            for number in range(3):
                client.request("POST", f"/?n={number}", "x")
                answer = client.getresponse()
                answer.read()
                told.append(answer.status)
            client.close()
            return told

        assert await asyncio.to_thread(keep_alive) == [200, 200, 200]
        assert len({line["peer"] for line in lines(ear)}) == 1

    assert [line["query"] for line in lines(listening(talk))] == ["n=0", "n=1", "n=2"]


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        (f"/?id=7&token={CANARY}", {}),
        ("/?id=7", {"Authorization": "Basic " + base64.b64encode(f"wang:{CANARY}".encode()).decode()}),
        ("/?id=7", {"Authorization": f"Bearer {CANARY}"}),
    ],
)
def test_a_token_lets_in_and_is_written_down_nowhere(target: str, headers: dict[str, str]) -> None:
    async def talk(port: int, ear: Ear) -> None:
        assert (await off_the_loop(port, "GET", "/?id=7"))[0] == 401
        assert (await off_the_loop(port, "GET", "/?id=7&token=wrong"))[0] == 401
        assert (await off_the_loop(port, "GET", "/?id=7", Authorization="Basic !!!"))[0] == 401
        assert not ear.heard
        assert (await off_the_loop(port, "GET", target, **headers))[0] == 200

    ear = listening(talk, f"?token={CANARY}")
    (line,) = lines(ear)
    assert line["query"] == "id=7"
    assert CANARY.encode() not in ear.stream
    assert base64.b64encode(CANARY.encode()) not in ear.stream


def test_an_address_that_floods_is_told_to_wait_and_no_line_comes_of_it() -> None:
    async def talk(port: int, _: Ear) -> None:
        told = [(await off_the_loop(port, "GET", f"/?n={number}"))[0] for number in range(8)]
        assert told == [200] * 5 + [429] * 3

    assert len(listening(talk, "?per_minute=20").heard) == 5


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"DELETE / HTTP/1.1\r\nHost: x\r\n\r\n", b"405"),
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 70_000, b"413"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n", b"417"),
    ],
)
def test_bad_requests_are_refused_and_hang_up(octets: bytes, status: bytes) -> None:
    async def talk(port: int, ear: Ear) -> None:
        assert (await raw(port, octets)).split(b" ")[1] == status
        assert not ear.heard
        assert (await off_the_loop(port, "GET", "/"))[0] == 200  # and the next one is served

    listening(talk)


def test_a_body_that_is_no_text_is_kept_as_octets() -> None:
    async def talk(port: int, _: Ear) -> None:
        assert (await off_the_loop(port, "POST", "/", b"\xff\xfe"))[0] == 200

    assert lines(listening(talk))[0]["payload_hex"] == "fffe"


def test_a_phone_that_hangs_up_in_the_middle_leaves_nothing_behind() -> None:
    async def talk(port: int, ear: Ear) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
        await writer.drain()
        writer.transport.abort()
        assert (await off_the_loop(port, "GET", "/?n=1"))[0] == 200
        assert [line["query"] for line in lines(ear)] == ["n=1"]

    listening(talk)


def test_connections_that_say_nothing_are_few_for_one_address() -> None:
    async def talk() -> None:
        wire = HttpListen(parse("http-listen:127.0.0.1:0"))
        await wire.open(Ear())
        port = int(wire.url.rpartition(":")[2])
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(OF_ONE_ADDRESS + 1)]
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(held[-1][0].read(), 5) == b"", "one too many is hung up on"
        assert len(wire._serving) == OF_ONE_ADDRESS
        for _, one in held:
            one.close()
        await until(lambda: not wire._serving)
        assert (await off_the_loop(port, "GET", "/"))[0] == 200
        await wire.close()

    asyncio.run(talk())


def test_while_the_journal_is_behind_the_phone_waits() -> None:
    ear = Ear()
    ear.open.clear()

    async def talk(port: int, _: Ear) -> None:
        asking = asyncio.ensure_future(off_the_loop(port, "GET", "/?n=1"))
        await asyncio.sleep(0.05)
        assert not asking.done()
        ear.open.set()
        assert (await asking)[0] == 200

    assert len(listening(talk, ear=ear).heard) == 1


def test_a_port_that_is_taken_is_said_and_nothing_can_be_sent() -> None:
    async def talk() -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            wire = transport_for(f"http-listen:127.0.0.1:{other.getsockname()[1]}", "datagram")
            with pytest.raises(OpenFailed) as told:
                await wire.open(Ear())
            assert told.value.reason == "busy"
            with pytest.raises(WriteFailed):
                await wire.write(b"x")
            await wire.close()

    asyncio.run(talk())


@pytest.mark.peer
def test_curl_posts_over_tls(tmp_path: Path) -> None:
    curl, openssl = need("curl"), need("openssl")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)

    async def talk(port: int, ear: Ear) -> None:
        url = f"https://127.0.0.1:{port}/?id=7"
        calling = await asyncio.create_subprocess_exec(
            curl, "-sS", "--cacert", str(certificate), "-u", f"wang:{CANARY}", "-d", "lat=34.5&lon=113.7", url,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        said, _ = await asyncio.wait_for(calling.communicate(), 10)
        assert said == b"[]"
        await until(lambda: ear.heard)

    ear = listening(talk, f"?cert={certificate}&key={key}&token={CANARY}")
    (line,) = lines(ear)
    assert (line["payload"], line["type"]) == ("lat=34.5&lon=113.7", "application/x-www-form-urlencoded")
    assert CANARY.encode() not in ear.stream
