"""TCP and TLS against the system's own sockets and against openssl."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices.transports import transport_for
from devices.transports.contract import OpenFailed, WriteFailed
from tests.devices.transports.ear import Ear, until
from tests.peers import need


@contextlib.asynccontextmanager
async def far_end() -> AsyncIterator[tuple[int, list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]]:
    """Somebody who listens, and whom he has on the line."""
    lines: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    server = await asyncio.start_server(lambda reader, writer: lines.append((reader, writer)), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], lines
    finally:
        server.close()
        for _, writer in lines:
            writer.transport.abort()
        await server.wait_closed()


def test_octets_go_both_ways_and_the_end_is_told_once() -> None:
    async def talk() -> None:
        async with far_end() as (port, lines):
            ear = Ear()
            wire = transport_for(f"tcp:127.0.0.1:{port}", "stream")
            await wire.open(ear)
            await until(lambda: lines)
            reader, writer = lines[0]
            await wire.write(b"$CCICA,0,00*7B\r\n")
            assert await reader.readline() == b"$CCICA,0,00*7B\r\n"
            writer.write(b"\x00\xff$")
            await until(lambda: ear.heard)
            assert ear.heard == [(b"\x00\xff$", "")]
            writer.close()
            await until(lambda: ear.endings)
            await wire.close()
            assert [reason for reason, _ in ear.endings] == ["closed"]

    asyncio.run(talk())


def test_a_reset_is_told_as_gone() -> None:
    async def talk() -> None:
        async with far_end() as (port, lines):
            ear = Ear()
            wire = transport_for(f"tcp:127.0.0.1:{port}", "stream")
            await wire.open(ear)
            await until(lambda: lines)
            sock = lines[0][1].get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            lines[0][1].transport.abort()
            await until(lambda: ear.endings)
            assert ear.endings[0][0] == "gone"
            await wire.close()

    asyncio.run(talk())


def test_closing_tells_nothing_and_leaves_no_task() -> None:
    async def talk() -> None:
        async with far_end() as (port, lines):
            ear = Ear()
            wire = transport_for(f"tcp:127.0.0.1:{port}", "stream")
            await wire.open(ear)
            await until(lambda: lines)
            before = len(asyncio.all_tasks())
            await wire.close()
            await wire.close()
            assert len(asyncio.all_tasks()) < before
            assert await lines[0][0].read() == b""
            assert not ear.endings
            with pytest.raises(WriteFailed):
                await wire.write(b"x")

    asyncio.run(talk())


def test_a_closed_port_refuses_and_an_unknown_name_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    for url, reason in ((f"tcp:127.0.0.1:{port}", "refused"), ("tcp:no-such-host.invalid:1", "name")):
        with pytest.raises(OpenFailed) as told:
            asyncio.run(transport_for(url, "stream").open(Ear()))
        assert told.value.reason == reason
        assert url.split(":")[1] in told.value.detail


def test_an_address_that_swallows_everything_times_out() -> None:
    async def talk() -> None:
        with socket.socket() as deaf:
            deaf.bind(("127.0.0.1", 0))
            deaf.listen(0)
            port = deaf.getsockname()[1]
            filler = [socket.socket() for _ in range(4)]
            for one in filler:  # fills the queue of a listener that never accepts
                one.settimeout(0)
                one.connect_ex(("127.0.0.1", port))
            with pytest.raises(OpenFailed) as told:
                await transport_for(f"tcp:127.0.0.1:{port}?timeout_s=0.2", "stream").open(Ear())
            assert told.value.reason == "timeout"
            for one in filler:
                one.close()

    asyncio.run(talk())


def test_while_the_sink_is_not_ready_nothing_is_read() -> None:
    async def talk() -> None:
        async with far_end() as (port, lines):
            ear = Ear()
            ear.open.clear()
            wire = transport_for(f"tcp:127.0.0.1:{port}", "stream")
            await wire.open(ear)
            await until(lambda: lines)
            writer = lines[0][1]
            writer.transport.set_write_buffer_limits(high=1)
            sent = 0
            with contextlib.suppress(TimeoutError):
                for _ in range(400):
                    writer.write(b"x" * 65_536)
                    sent += 65_536
                    await asyncio.wait_for(writer.drain(), 0.3)
            assert not ear.heard
            assert sent < 400 * 65_536, "back-pressure must reach the far end"
            ear.open.set()
            await until(lambda: len(ear.stream) == sent, within_s=20)
            await wire.close()

    asyncio.run(talk())


def test_what_waits_to_be_written_is_bounded() -> None:
    async def talk() -> None:
        async with far_end() as (port, lines):
            wire = transport_for(f"tcp:127.0.0.1:{port}", "stream")
            await wire.open(Ear())
            await until(lambda: lines)
            writing = [asyncio.ensure_future(wire.write(b"y" * 131_072)) for _ in range(200)]
            await asyncio.wait(writing, timeout=1, return_when=asyncio.FIRST_EXCEPTION)
            reasons = {str(one.exception()).partition(":")[0] for one in writing if one.done() and one.exception()}
            assert reasons == {"full"}
            for one in writing:
                one.cancel()
            await asyncio.wait(writing)
            await wire.close()

    asyncio.run(talk())


def test_several_devices_may_call_and_each_is_a_peer() -> None:
    async def talk() -> None:
        ear = Ear()
        wire = transport_for("tcp-listen:127.0.0.1:0", "stream")
        await wire.open(ear)
        port = int(wire.url.rpartition(":")[2])
        assert port
        one_reader, one = await asyncio.open_connection("127.0.0.1", port)
        other_reader, other = await asyncio.open_connection("127.0.0.1", port)
        one.write(b"1")
        other.write(b"2")
        await until(lambda: len(ear.heard) == 2)
        peers = dict(ear.heard)
        assert peers[b"1"] == f"127.0.0.1:{one.get_extra_info('sockname')[1]}"
        assert peers[b"1"] != peers[b"2"]
        await wire.write(b"for two", peers[b"2"])
        assert await other_reader.read(100) == b"for two"
        with pytest.raises(WriteFailed) as told:
            await wire.write(b"for whom")
        assert told.value.reason == "no-peer"
        other.close()
        await until(lambda: ear.gone == [peers[b"2"]])
        await wire.write(b"for the one that is left")
        assert await one_reader.read(100) == b"for the one that is left"
        assert not ear.endings
        await wire.close()
        assert await one_reader.read(100) == b""
        one.close()

    asyncio.run(talk())


def test_a_caller_that_floods_waits_and_does_not_silence_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.transports.tcp.CALLER_BURST_OCTETS", 100_000.0)
    monkeypatch.setattr("devices.transports.tcp.CALLER_OCTETS_PER_S", 1_000.0)

    async def talk() -> None:
        ear = Ear()
        wire = transport_for("tcp-listen:127.0.0.1:0", "stream")
        await wire.open(ear)
        port = int(wire.url.rpartition(":")[2])
        _, loud = await asyncio.open_connection("127.0.0.1", port)
        _, quiet = await asyncio.open_connection("127.0.0.1", port)
        loud.write(b"x" * 50_000_000)
        await until(lambda: len(ear.stream) > 100_000)
        quiet.write(b"here")
        await until(lambda: ear.has(b"here"))
        assert len(ear.stream) < 300_000, "it is read on"
        for line in (loud, quiet):
            line.transport.abort()
        await wire.close()

    asyncio.run(talk())


def test_a_caller_who_says_nothing_makes_room_where_all_places_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.transports.tcp.PEERS", 3)

    async def talk() -> None:
        ear = Ear()
        wire = transport_for("tcp-listen:127.0.0.1:0", "stream")
        await wire.open(ear)
        port = int(wire.url.rpartition(":")[2])
        callers = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        for _, line in callers[:2]:
            line.write(b"speaks")
        await until(lambda: ear.stream.count(b"speaks") == 2)
        _, newcomer = await asyncio.open_connection("127.0.0.1", port)
        newcomer.write(b"terminal")
        await until(lambda: ear.has(b"terminal"))
        with contextlib.suppress(ConnectionError):
            assert await callers[2][0].read(100) == b""
        late, later = await asyncio.open_connection("127.0.0.1", port)  # all three speak now: no fourth is let in
        with contextlib.suppress(ConnectionError):
            assert await late.read(100) == b""
        callers[0][1].write(b"still here")
        await until(lambda: ear.has(b"still here"))
        await wire.close()
        for _, line in callers:
            line.close()
        newcomer.close()
        later.close()

    asyncio.run(talk())


def test_a_port_that_is_taken_is_busy_and_a_foreign_address_is_missing() -> None:
    async def talk() -> None:
        first = transport_for("tcp-listen:127.0.0.1:0", "stream")
        await first.open(Ear())
        port = first.url.rpartition(":")[2]
        for url, reason in ((f"tcp-listen:127.0.0.1:{port}", "busy"), ("tcp-listen:203.0.113.1:4001", "missing")):
            with pytest.raises(OpenFailed) as told:
                await transport_for(url, "stream").open(Ear())
            assert told.value.reason == reason
        await first.close()

    asyncio.run(talk())


# ---- TLS, against openssl


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority of our own, a server 127.0.0.1 and a client that it certified."""
    openssl = need("openssl")
    folder = tmp_path_factory.mktemp("certificates")

    def call(*words: str) -> None:
        subprocess.run([openssl, *words], cwd=folder, check=True, capture_output=True)

    call(
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
        "-subj",
        "/CN=ca",
        "-days",
        "2",
    )
    for name, extra in (
        ("server", "subjectAltName=IP:127.0.0.1,DNS:device.example"),
        ("client", "subjectAltName=DNS:console"),
    ):
        call(
            "req",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            f"{name}.key",
            "-out",
            f"{name}.csr",
            "-subj",
            f"/CN={name}",
        )
        (folder / "extra").write_text(extra)
        call(
            "x509",
            "-req",
            "-in",
            f"{name}.csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-CAcreateserial",
            "-out",
            f"{name}.pem",
            "-days",
            "2",
            "-extfile",
            "extra",
        )
    return folder


@contextlib.asynccontextmanager
async def openssl_server(folder: Path, *words: str) -> AsyncIterator[tuple[int, asyncio.subprocess.Process]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = await asyncio.create_subprocess_exec(
        need("openssl"), "s_server", "-accept", f"127.0.0.1:{port}", "-cert", "server.pem", "-key", "server.key",
        "-quiet", *words,
        cwd=folder, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(5):
            while True:
                try:
                    _, probe = await asyncio.open_connection("127.0.0.1", port)
                except ConnectionRefusedError:
                    await asyncio.sleep(0.02)
                else:
                    probe.close()
                    break
        yield port, server
    finally:
        with contextlib.suppress(ProcessLookupError):
            server.kill()
        await server.wait()


@pytest.mark.peer
def test_tls_talks_with_openssl_and_shows_its_own_certificate(certificates: Path) -> None:
    async def talk() -> None:
        async with openssl_server(certificates, "-Verify", "1", "-CAfile", "ca.pem", "-verify_return_error") as (
            port,
            server,
        ):
            ear = Ear()
            mine = f"cert={certificates}/client.pem&key={certificates}/client.key"
            wire = transport_for(f"tls:127.0.0.1:{port}?ca={certificates}/ca.pem&{mine}", "stream")
            await wire.open(ear)
            await wire.write(b"hello\n")
            assert server.stdout is not None
            assert server.stdin is not None
            assert await asyncio.wait_for(server.stdout.readline(), 5) == b"hello\n"
            server.stdin.write(b"answer\n")
            await until(lambda: ear.stream == b"answer\n")
            server.kill()
            await until(lambda: ear.endings)
            await wire.close()

    asyncio.run(talk())


@pytest.mark.peer
def test_a_certificate_of_a_stranger_or_of_another_name_is_not_believed(certificates: Path) -> None:
    async def talk() -> None:
        async with openssl_server(certificates) as (port, _):
            for options in ("", f"?ca={certificates}/ca.pem&name=other.example"):
                wire = transport_for(f"tls:127.0.0.1:{port}{options}", "stream")
                with pytest.raises(OpenFailed) as told:
                    await wire.open(Ear())
                assert told.value.reason == "tls"
                await wire.close()
            with pytest.raises(OpenFailed) as told:
                await transport_for(f"tls:127.0.0.1:{port}?ca=/no/such.pem", "stream").open(Ear())
            assert (told.value.reason, told.value.detail) == ("missing", "/no/such.pem")

    asyncio.run(talk())
