"""MQTT against mosquitto: what is kept, what is said now, and brokers that refuse, go away or are not there."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from devices.lines import read_line
from devices.transports import transport_for
from devices.transports.contract import OpenFailed, WriteFailed
from devices.transports.mqtt import WAITING
from tests.devices.transports.broker import broker, free_port, publish
from tests.devices.transports.ear import Ear, until
from tests.peers import need

CANARY = "canary-91aa"


def lines(ear: Ear) -> list[dict[str, Any]]:
    return [json.loads(data) for data, _ in ear.heard]


async def off_the_loop(*given: Any) -> None:
    await asyncio.to_thread(publish, *given)


@pytest.mark.peer
@pytest.mark.parametrize("version", ["4", "5"])
def test_only_what_the_broker_kept_is_retained(tmp_path: Path, version: str) -> None:
    async def talk(port: int) -> None:
        publish(port, "owntracks/wang/p40", '{"old":"旧"}', "-r")
        ear = Ear()
        wire = transport_for(f"mqtt:127.0.0.1:{port}/owntracks/%23?version={version}".replace("%23", "#"), "datagram")
        await wire.open(ear)
        await until(lambda: len(ear.heard) == 1)
        await off_the_loop(port, "owntracks/wang/p40", '{"new":1}', "-r")
        await off_the_loop(port, "other/wang/p40", "{}")
        await off_the_loop(port, "owntracks/li/x", b"\xff\x00")
        await until(lambda: len(ear.heard) == 3)
        await wire.close()
        assert not ear.endings
        told = lines(ear)
        assert [line["retained"] for line in told] == [True, False, False]
        assert [line["topic"] for line in told] == ["owntracks/wang/p40"] * 2 + ["owntracks/li/x"]
        assert told[0]["payload"] == '{"old":"旧"}'
        assert told[2]["payload_hex"] == "ff00"
        assert told[0]["source"] == f"mqtt:127.0.0.1:{port}/owntracks/#"
        assert told[0]["asked_ns"] is None

    with broker(tmp_path) as port:
        asyncio.run(talk(port))


@pytest.mark.peer
def test_what_is_written_is_published_once_as_the_line_says(tmp_path: Path) -> None:
    async def talk(port: int) -> None:
        ear = Ear()
        wire = transport_for(f"mqtt:127.0.0.1:{port}/#", "datagram")
        await wire.open(ear)
        await wire.write(json.dumps({"topic": "owntracks/a/b/cmd", "payload": "位置"}).encode())
        await until(lambda: ear.heard)
        for bad in (b"", b"{}", b'{"topic":"a/#","payload":"x"}', b'{"topic":"","payload":"x"}', b'{"topic":1}'):
            with pytest.raises(WriteFailed) as told:
                await wire.write(bad)
            assert told.value.reason == "one-way"
        await wire.close()
        with pytest.raises(WriteFailed):
            await wire.write(b"{}")
        (line,) = lines(ear)
        assert (line["topic"], line["payload"], line["retained"]) == ("owntracks/a/b/cmd", "位置", False)

    with broker(tmp_path) as port:
        asyncio.run(talk(port))


@pytest.mark.peer
def test_a_broker_that_goes_away_ends_the_wire_once(tmp_path: Path) -> None:
    async def talk() -> None:
        with broker(tmp_path) as port:
            ear = Ear()
            wire = transport_for(f"mqtt:127.0.0.1:{port}/#", "datagram")
            await wire.open(ear)
        await until(lambda: ear.endings)
        assert ear.endings[0][0] in {"gone", "closed"}
        with pytest.raises(WriteFailed):
            await wire.write(b'{"topic":"a","payload":"x"}')
        await wire.close()
        assert len(ear.endings) == 1

    asyncio.run(talk())


@pytest.mark.peer
def test_a_password_is_asked_and_a_wrong_one_is_told_as_such(tmp_path: Path) -> None:
    need("mosquitto_passwd")
    file = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(file), "zhihui", CANARY], check=True, capture_output=True)

    async def talk(port: int) -> None:
        for version in ("4", "5"):
            wire = transport_for(
                f"mqtt:127.0.0.1:{port}/#?version={version}&user=zhihui&password=wrong-{CANARY}", "datagram"
            )
            with pytest.raises(OpenFailed) as told:
                await wire.open(Ear())
            await wire.close()
            assert told.value.reason == "permission"
            assert CANARY not in told.value.detail
        ear = Ear()
        wire = transport_for(f"mqtt:127.0.0.1:{port}/#?user=zhihui&password={CANARY}", "datagram")
        await wire.open(ear)
        await wire.write(b'{"topic":"a","payload":"x"}')
        await until(lambda: ear.heard)
        await wire.close()
        assert CANARY.encode() not in ear.stream

    with broker(tmp_path, "allow_anonymous false", f"password_file {file}") as port:
        asyncio.run(talk(port))


def test_a_port_where_nobody_listens_and_one_that_never_answers() -> None:
    async def talk() -> None:
        wire = transport_for(f"mqtt:127.0.0.1:{free_port()}/#", "datagram")
        with pytest.raises(OpenFailed) as refused:
            await wire.open(Ear())
        assert refused.value.reason == "refused"
        await wire.close()
        with socket.socket() as deaf:
            deaf.bind(("127.0.0.1", 0))
            deaf.listen()
            wire = transport_for(f"mqtt:127.0.0.1:{deaf.getsockname()[1]}/#?timeout_s=0.3", "datagram")
            with pytest.raises(OpenFailed) as silent:
                await wire.open(Ear())
            assert silent.value.reason == "timeout"
            await wire.close()

    asyncio.run(talk())


def test_octets_that_are_no_mqtt_end_the_wire() -> None:
    async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x00\xff\xff\xff\xff\xff HTTP/1.1 400\r\n\r\n")

    async def talk() -> None:
        server = await asyncio.start_server(babble, "127.0.0.1", 0)
        wire = transport_for(f"mqtt:127.0.0.1:{server.sockets[0].getsockname()[1]}/#?timeout_s=2", "datagram")
        with pytest.raises(OpenFailed):
            await wire.open(Ear())
        await wire.close()
        server.close()
        await server.wait_closed()

    asyncio.run(talk())


@pytest.mark.peer
def test_nobody_takes_the_lines_and_the_broker_has_to_wait(tmp_path: Path) -> None:
    async def talk(port: int) -> None:
        ear = Ear()
        ear.open.clear()
        wire = transport_for(f"mqtt:127.0.0.1:{port}/#?per_minute=100000", "datagram")
        await wire.open(ear)
        many = "\n".join(f"message {number}" for number in range(3 * WAITING)).encode()
        command = [need("mosquitto_pub"), "-h", "127.0.0.1", "-p", str(port), "-t", "a", "-q", "1", "-l"]
        await asyncio.to_thread(subprocess.run, command, input=many, check=True, timeout=20)
        held = wire._lines  # type: ignore[attr-defined]
        await until(lambda: len(held) >= WAITING)
        assert len(held) <= WAITING + 1
        ear.open.set()
        await until(lambda: len(ear.heard) == 3 * WAITING, within_s=10)
        await wire.close()
        assert [line["payload"] for line in lines(ear)] == [f"message {number}" for number in range(3 * WAITING)]

    with broker(tmp_path, "max_queued_messages 5000") as port:
        asyncio.run(talk(port))


@pytest.mark.peer
def test_a_topic_that_floods_is_cut_off_said_so_once_and_no_other_with_it(tmp_path: Path) -> None:
    async def talk(port: int) -> None:
        ear = Ear()
        wire = transport_for(f"mqtt:127.0.0.1:{port}/#?per_minute=20", "datagram", lambda: 1)
        await wire.open(ear)
        many = "\n".join(f"{number}" for number in range(50)).encode()
        command = [need("mosquitto_pub"), "-h", "127.0.0.1", "-p", str(port), "-t", "a", "-q", "1", "-l"]
        await asyncio.to_thread(subprocess.run, command, input=many, check=True, timeout=20)
        await off_the_loop(port, "b", "x")
        await until(lambda: any(line["topic"] == "b" for line in lines(ear)))
        await wire.close()
        told = [line.get("payload", line.get("error")) for line in lines(ear)]
        assert told == ["0", "1", "2", "3", "4", "rate", "x"]

    with broker(tmp_path) as port:
        asyncio.run(talk(port))


@pytest.mark.peer
def test_tls_proves_the_broker(tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    made = [need("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)

    async def talk(port: int) -> None:
        ear = Ear()
        wire = transport_for(f"mqtts:127.0.0.1:{port}/#?ca={certificate}", "datagram")
        await wire.open(ear)
        await wire.write(json.dumps({"topic": "a", "payload": "x" * 60_000}).encode())
        await until(lambda: ear.heard)
        await wire.close()
        assert len(lines(ear)[0]["payload"]) == 60_000
        stranger = transport_for(f"mqtts:127.0.0.1:{port}/#", "datagram")
        with pytest.raises(OpenFailed) as told:
            await stranger.open(Ear())
        assert told.value.reason == "tls"
        await stranger.close()

    port = free_port()
    with broker(tmp_path, f"listener {port} 127.0.0.1", f"certfile {certificate}", f"keyfile {key}", port=port) as port:
        asyncio.run(talk(port))


def test_a_wire_without_a_topic_is_refused() -> None:
    for bad in ("mqtt:127.0.0.1:1883", "mqtt:127.0.0.1:1883/", "mqtt:127.0.0.1:1883/a/#/b", "mqtt:127.0.0.1/a"):
        with pytest.raises(OpenFailed):
            transport_for(bad, "datagram")
    with pytest.raises(OpenFailed):
        transport_for("mqtt:127.0.0.1:1883/a", "stream")


def test_a_line_reads_back_what_was_said() -> None:
    line = read_line(b'{"source":"x","asked_ns":null,"answered_ns":1,"topic":"a/b","retained":true,"payload":"p"}')
    assert (getattr(line, "topic", None), getattr(line, "is_retained", None)) == ("a/b", True)
