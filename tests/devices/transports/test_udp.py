"""UDP and multicast against plain sockets of the system."""

from __future__ import annotations

import asyncio
import socket
import struct

import pytest

from devices.transports import transport_for
from devices.transports.address import parse
from devices.transports.contract import OpenFailed, Transport, WriteFailed
from devices.transports.udp import Udp
from tests.devices.transports.ear import Ear, until


def port_of(wire: Transport) -> int:
    return int(wire.url.partition("?")[0].rpartition(":")[2])


def test_datagrams_keep_their_edges_and_answers_find_their_peer() -> None:
    async def talk() -> None:
        ear = Ear()
        wire = transport_for("udp:127.0.0.1:0", "datagram")
        await wire.open(ear)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
            far.bind(("127.0.0.1", 0))
            far.settimeout(5)
            for datagram in (b"one", b"", b"x" * 9000):
                far.sendto(datagram, ("127.0.0.1", port_of(wire)))
            await until(lambda: len(ear.heard) == 3)
            me = f"127.0.0.1:{far.getsockname()[1]}"
            assert ear.heard == [(b"one", me), (b"", me), (b"x" * 9000, me)]
            await wire.write(b"answer", me)
            assert far.recv(100) == b"answer"
            with pytest.raises(WriteFailed) as told:
                await wire.write(b"to whom")
            assert told.value.reason == "no-peer"
            with pytest.raises(WriteFailed):
                await wire.write(b"z" * 70_000, me)
        await wire.close()
        await wire.close()
        assert not ear.endings

    asyncio.run(talk())


def test_a_configured_target_gets_what_has_no_peer() -> None:
    async def talk() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
            far.bind(("127.0.0.1", 0))
            far.settimeout(5)
            wire = transport_for(f"udp:127.0.0.1:0?to=127.0.0.1:{far.getsockname()[1]}", "stream")
            await wire.open(Ear())
            await wire.write(b"query")
            assert far.recv(100) == b"query"
            await wire.close()

    asyncio.run(talk())


def test_a_port_that_is_taken_is_busy_and_given_back_when_closed() -> None:
    async def talk() -> None:
        first = transport_for("udp:127.0.0.1:0", "datagram")
        await first.open(Ear())
        url = f"udp:127.0.0.1:{port_of(first)}"
        with pytest.raises(OpenFailed) as told:
            await transport_for(url, "datagram").open(Ear())
        assert told.value.reason == "busy"
        await first.close()
        again = transport_for(url, "datagram")
        await again.open(Ear())
        await again.close()

    asyncio.run(talk())


def test_while_the_sink_is_not_ready_no_more_than_one_datagram_is_taken() -> None:
    async def talk() -> None:
        ear = Ear()
        ear.open.clear()
        wire = transport_for("udp:127.0.0.1:0", "datagram")
        await wire.open(ear)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
            for number in range(5):
                far.sendto(b"%d" % number, ("127.0.0.1", port_of(wire)))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not ear.heard
        ear.open.set()
        await until(lambda: [data for data, _ in ear.heard] == [b"0", b"1", b"2", b"3", b"4"])
        await wire.close()

    asyncio.run(talk())


def test_a_group_is_heard_and_spoken_to_on_the_loopback() -> None:
    group, interface = "239.255.42.42", "127.0.0.1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def talk() -> None:
        ear = Ear()
        wire = transport_for(f"udp-multicast:{group}:{port}?interface={interface}", "datagram")
        await wire.open(ear)
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as speaker,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener,
        ):
            speaker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
            speaker.sendto(b"to the group", (group, port))
            await until(lambda: ear.stream == b"to the group")
            speaker.sendto(b"to the port alone", (interface, port))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((group, port))
            member = struct.pack("4s4s", socket.inet_aton(group), socket.inet_aton(interface))
            listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
            listener.settimeout(5)
            await wire.write(b"from us")
            assert await asyncio.to_thread(listener.recv, 100) == b"from us"
            assert b"to the port alone" not in ear.stream
        await wire.close()

    asyncio.run(talk())


def test_an_address_that_is_not_ours_is_missing() -> None:
    with pytest.raises(OpenFailed) as told:
        asyncio.run(transport_for("udp:203.0.113.1:5000", "datagram").open(Ear()))
    assert told.value.reason == "missing"


def test_a_sender_that_floods_is_cut_and_does_not_silence_another(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("devices.transports.udp.SENDER_BURST_OCTETS", 20_000.0)
    monkeypatch.setattr("devices.transports.udp.SENDER_OCTETS_PER_S", 1.0)

    async def talk() -> None:
        ear = Ear()
        wire = transport_for("udp:127.0.0.1:0", "datagram")
        await wire.open(ear)
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as loud,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as quiet,
        ):
            for _ in range(100):
                loud.sendto(b"x" * 1000, ("127.0.0.1", port_of(wire)))
                await asyncio.sleep(0)
            quiet.sendto(b"here", ("127.0.0.1", port_of(wire)))
            await until(lambda: ear.has(b"here"))
        assert sum(data != b"here" for data, _ in ear.heard) == 20
        await wire.close()

    asyncio.run(talk())
    assert len([one for one in caplog.records if "too much" in one.message]) == 1
    caplog.clear()


def test_what_is_kept_of_senders_is_bounded() -> None:
    async def talk() -> None:
        wire = Udp(parse("udp:127.0.0.1:0"))
        for number in range(3000):
            assert wire._is_within(f"10.0.{number // 250}.{number % 250}:1", 100, 1.0)
        assert len(wire._flows) == 1024

    asyncio.run(talk())
