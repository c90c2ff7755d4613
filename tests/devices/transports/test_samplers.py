"""Wires that probe, against the loopback and against hosts that are not there."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import icmplib
import pytest

from devices.drivers.probe import Probe
from devices.observations import Reachability
from devices.transports import samplers, transport_for
from devices.transports.address import parse
from devices.transports.contract import WriteFailed
from devices.transports.samplers import Sampler
from tests.devices.transports.ear import Ear, until


async def lines_of(wire: Sampler, ear: Ear, count: int) -> list[dict[str, Any]]:
    await wire.open(ear)
    await until(lambda: len(ear.heard) >= count)
    await wire.close()
    assert not ear.endings
    return [json.loads(data) for data, _ in ear.heard]


def understood(ear: Ear) -> list[Reachability]:
    said = [one for data, _ in ear.heard for one in Probe({}).receive(data, 0)]
    assert all(isinstance(one, Reachability) for one in said)
    return [one for one in said if isinstance(one, Reachability)]


def test_a_port_that_listens_answers_with_its_round_trip() -> None:
    async def talk() -> None:
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        ear = Ear()
        ticks = iter(range(1_000, 10_000_000, 1_000))
        wire = Sampler(parse(f"tcp-connect:127.0.0.1:{port}?interval_s=0.1"), lambda: next(ticks))
        lines = await lines_of(wire, ear, 2)
        server.close()
        await server.wait_closed()
        assert lines[0]["source"] == f"tcp-connect:127.0.0.1:{port}?interval_s=0.1"
        assert lines[0]["asked_ns"] < lines[0]["answered_ns"]
        assert all(one.is_answered for one in understood(ear))
        assert all(one.round_trip_ms is not None and 0 < one.round_trip_ms < 1000 for one in understood(ear))

    asyncio.run(talk())


def test_a_closed_port_and_an_unknown_name_are_different_things() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def talk() -> None:
        for url, expected in (
            (f"tcp-connect:127.0.0.1:{port}?interval_s=0.1", (False, "refused")),
            (f"tcp-connect:no-such-host.invalid:{port}?interval_s=0.1", (None, "name")),
        ):
            ear = Ear()
            await lines_of(Sampler(parse(url)), ear, 1)
            assert (understood(ear)[0].is_answered, understood(ear)[0].reason) == expected

    asyncio.run(talk())


def test_slow_answers_do_not_hold_up_the_next_question() -> None:
    async def talk() -> None:
        with socket.socket() as deaf:
            deaf.bind(("127.0.0.1", 0))
            deaf.listen(0)
            port = deaf.getsockname()[1]
            filler = [socket.socket() for _ in range(4)]
            for one in filler:
                one.settimeout(0)
                one.connect_ex(("127.0.0.1", port))
            ear = Ear()
            wire = Sampler(parse(f"tcp-connect:127.0.0.1:{port}?interval_s=0.1&timeout_s=1"))
            began_s = asyncio.get_running_loop().time()
            lines = await lines_of(wire, ear, 8)
            assert asyncio.get_running_loop().time() - began_s < 4, "eight timeouts of 1 s, one after another, take 8 s"
            for one in filler:
                one.close()
        assert {line["error"] for line in lines} == {"timeout"}
        assert all(one.is_answered is False for one in understood(ear))

    asyncio.run(talk())


@pytest.mark.peer
def test_the_loopback_answers_a_ping() -> None:
    async def talk() -> None:
        ear = Ear()
        await lines_of(Sampler(parse("ping:127.0.0.1?interval_s=0.1")), ear, 2)
        if understood(ear)[0].reason == "permission":
            pytest.skip("this system lets nobody ping")
        assert [one.is_answered for one in understood(ear)[:2]] == [True, True]

    asyncio.run(talk())


def test_not_being_allowed_to_ping_is_told_once_and_retried_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    def refuse(*_: object, **__: object) -> None:
        asked.append(asyncio.get_running_loop().time())
        raise icmplib.SocketPermissionError(privileged=False)

    monkeypatch.setattr(samplers, "ICMPv4Socket", refuse)

    async def talk() -> None:
        ear = Ear()
        wire = Sampler(parse("ping:127.0.0.1?interval_s=0.1"), slow_retry_s=0.4)
        lines = await lines_of(wire, ear, 2)
        assert [line["error"] for line in lines] == ["permission", "permission"]
        assert [one.is_answered for one in understood(ear)] == [None, None]
        first, *_, last = asked
        assert last - first > 0.4

    asyncio.run(talk())


def test_nobody_takes_the_lines_and_no_more_are_made() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def talk() -> None:
        ear = Ear()
        ear.open.clear()
        wire = Sampler(parse(f"tcp-connect:127.0.0.1:{port}?interval_s=0.1"))
        monkey = samplers.LINES
        await wire.open(ear)
        assert wire._lines.maxsize == monkey
        await wire.close()
        assert not ear.heard

    asyncio.run(talk())


def test_a_fault_of_ours_ends_the_wire_and_is_not_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def talk() -> None:
        told: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        ear = Ear()
        wire = Sampler(parse("tcp-connect:127.0.0.1:9?interval_s=0.1"))
        monkeypatch.setattr(wire, "_attempt", None)
        await wire.open(ear)
        await until(lambda: ear.endings)
        assert ear.endings[0][0] == "trouble"
        assert told
        await wire.close()

    asyncio.run(talk())


def test_nothing_can_be_sent_on_a_probe() -> None:
    with pytest.raises(WriteFailed) as told:
        asyncio.run(transport_for("ping:127.0.0.1", "datagram").write(b"x"))
    assert told.value.reason == "one-way"
