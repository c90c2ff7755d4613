"""The upsd of the NUT project answers the sampler, and the driver understands it, trouble included."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from devices.drivers.nut import Nut
from devices.observations import Condition, Malformed, Observation, Power, Signal
from devices.transports import transport_for
from devices.transports.contract import OpenFailed
from tests.devices.nut.server import LOW, ON_BATTERY, ON_MAINS, Server, server
from tests.devices.transports.broker import free_port
from tests.devices.transports.ear import Ear, until

pytestmark = pytest.mark.peer


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Server]:
    with server(tmp_path) as running:
        yield running


def understood(ear: Ear) -> list[Observation]:
    driver = Nut({})
    return [one for data, _ in ear.heard for one in driver.receive(data, 0)]


def lines(ear: Ear) -> list[dict[str, Any]]:
    return [json.loads(data) for data, _ in ear.heard]


def powers(ear: Ear) -> list[Power]:
    return [one for one in understood(ear) if isinstance(one, Power)]


def has(ear: Ear, source: str, charge_percent: float) -> bool:
    return (powers(ear)[-1].source, powers(ear)[-1].charge_percent) == (source, charge_percent)


def errors(ear: Ear) -> list[str]:
    return [line["error"] for line in lines(ear) if "error" in line]


def test_mains_fail_and_the_battery_runs_low(peer: Server) -> None:
    ear = Ear()

    async def live() -> None:
        wire = transport_for(f"nut:127.0.0.1:{peer.port}?ups=veh&interval_s=0.2", "datagram")
        await wire.open(ear)
        await until(lambda: powers(ear), 10.0)
        stages: list[tuple[dict[str, str], str, float]] = [
            (ON_BATTERY, "battery", 93.0),
            (LOW, "battery", 9.0),
            (ON_MAINS, "mains", 100.0),
        ]
        for said, source, charge in stages:
            peer.say("veh", said)
            await until(partial(has, ear, source, charge), 15.0)
        await wire.close()

    asyncio.run(live())
    seen = understood(ear)
    assert not [one for one in seen if isinstance(one, Malformed)]
    assert powers(ear)[0] == Power(
        source="mains", voltage_v=27.3, power_w=510.0, charge_percent=100.0, runtime_s=1800.0
    )
    assert Condition(part="battery", value="low", is_good=False) in seen
    assert Condition(part="ups-status", value="OB DISCHRG LB", is_good=False) in seen
    assert Condition(part="mains", value="absent", is_good=False) in seen
    assert Signal(quantity="load", value=34.0, unit="%") in seen
    assert lines(ear)[-1]["payload"]["device.model"] == 'Dummy "UPS"'


def test_a_driver_that_hangs_and_one_that_dies_are_told_as_such_and_give_no_value(peer: Server) -> None:
    ear = Ear()

    async def live() -> None:
        wire = transport_for(f"nut:127.0.0.1:{peer.port}?interval_s=0.2", "datagram")
        await wire.open(ear)
        await until(lambda: powers(ear), 10.0)
        os.kill(peer.driver("veh").pid, signal.SIGSTOP)
        await until(lambda: "data-stale" in errors(ear), 25.0)
        before = len(powers(ear))
        await asyncio.sleep(0.5)
        assert len(powers(ear)) == before
        peer.driver("veh").kill()
        await until(lambda: "driver-not-connected" in errors(ear), 20.0)
        peer.start_driver("veh")
        await until(lambda: len(powers(ear)) > before, 20.0)
        await wire.close()

    asyncio.run(live())
    seen = understood(ear)
    assert not ear.endings
    told = [one.value for one in seen if isinstance(one, Condition) and one.part == "data"]
    assert told[-1] == "fresh"
    assert {"data-stale", "driver-not-connected"} <= set(told)


def test_two_supplies_without_a_name_are_ambiguous_and_both_are_named(tmp_path: Path) -> None:
    async def try_it(url: str) -> OpenFailed:
        with pytest.raises(OpenFailed) as failed:
            await transport_for(url, "datagram").open(Ear())
        return failed.value

    with server(tmp_path, "veh", "mast") as peer:
        trouble = asyncio.run(try_it(f"nut:127.0.0.1:{peer.port}"))
        assert trouble.reason == "ambiguous"
        assert "veh" in trouble.detail
        assert "mast" in trouble.detail
        assert asyncio.run(try_it(f"nut:127.0.0.1:{peer.port}?ups=no-such")).reason == "missing"


def test_no_server_is_a_refused_connection_and_a_name_can_start_no_second_command() -> None:
    async def try_it(url: str) -> OpenFailed:
        with pytest.raises(OpenFailed) as failed:
            await transport_for(url, "datagram").open(Ear())
        return failed.value

    assert asyncio.run(try_it(f"nut:127.0.0.1:{free_port()}?ups=veh")).reason == "refused"
    assert asyncio.run(try_it(f"nut:127.0.0.1:{free_port()}?ups=veh%0ALOGOUT")).reason == "bad-url"


async def refused_by(answer: bytes | None, options: str) -> str:
    """Why a wire to a server does not open that says ``answer`` and hangs up, or nothing and waits."""
    ended = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await reader.readline()
            writer.write(answer or b"")
            await writer.drain()
            while answer is None and await reader.read(100):
                pass
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        ended.set()

    stranger = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = stranger.sockets[0].getsockname()[1]
    with pytest.raises(OpenFailed) as failed:
        await transport_for(f"nut:127.0.0.1:{port}?ups=veh&{options}", "datagram").open(Ear())
    await ended.wait()
    stranger.close()
    await stranger.wait_closed()
    return failed.value.reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "gone"),
        (b"BEGIN LIST UPS\n" + b"x" * 100_000, "trouble"),
        (b"BEGIN LIST UPS\n" + b"UPS veh x\n" * 100_000, "trouble"),
        (b"220 mail server ready\n", "trouble"),
        (b"BEGIN LIST UPS\n\xff\xfe\n", "gone"),
        (b"BEGIN LIST UPS\nUPS\nUPS \nEND LIST UPS\n", "missing"),
    ],
    ids=["hangs up", "endless line", "endless list", "another service", "no text", "no names"],
)
def test_a_server_that_says_anything_else_is_a_wire_in_trouble(answer: bytes, reason: str) -> None:
    assert asyncio.run(refused_by(answer, "timeout_s=2")) == reason


def test_a_server_that_says_nothing_times_out() -> None:
    assert asyncio.run(refused_by(None, "timeout_s=0.3")) == "timeout"
