"""The snmpd of net-snmp answers the sampler, and the driver understands it: versions 2c and 3."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from console.configuration.model import BearerConfiguration, Configuration, DeviceConfiguration
from devices.drivers.snmp import Snmp
from devices.observations import Condition, Malformed, Observation, Signal, Traffic
from devices.transports import transport_for
from devices.transports.address import parse
from devices.transports.contract import OpenFailed, WriteFailed
from tests.commands.console_process import picture_of, run, vehicle
from tests.console.door import Door
from tests.devices.snmp.agent import AUTH_PHRASE, COMMUNITY, PRIVACY_PHRASE, Agent, agent, free_udp_port
from tests.devices.transports.ear import Ear, until

pytestmark = pytest.mark.peer
VERSION_3 = f"user=zhihui&auth=sha&auth_password={AUTH_PHRASE}&privacy=aes&privacy_password={PRIVACY_PHRASE}"
CANARIES = (COMMUNITY, AUTH_PHRASE, PRIVACY_PHRASE)


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Agent]:
    with agent(tmp_path) as running:
        yield running


def understood(ear: Ear, settings: dict[str, Any] | None = None) -> list[Observation]:
    driver = Snmp(settings or {})
    return [one for data, _ in ear.heard for one in driver.receive(data, 0)]


def lines(ear: Ear) -> list[dict[str, Any]]:
    return [json.loads(data) for data, _ in ear.heard]


def signals(seen: list[Observation]) -> dict[str, list[float | None]]:
    told: dict[str, list[float | None]] = {}
    for one in seen:
        if isinstance(one, Signal):
            told.setdefault(one.quantity, []).append(one.value)
    return told


def octets(ear: Ear) -> list[int]:
    """Both ways together, as snmpd counted them."""
    return [one.received_bytes + one.sent_bytes for one in understood(ear) if isinstance(one, Traffic)]


def used_by_bearer(ear: Ear) -> int:
    """What a bearer behind this interface has used of its quota."""
    router = DeviceConfiguration(id="router", name="r", driver="snmp", wire="snmp:127.0.0.1:1?community=x")
    bearer = BearerConfiguration(id="lte", name="LTE", rung="primary", device_id="router", quota_bytes=10**12)
    door = Door(Configuration(mode="live", incident="i", post="p", devices=(router,), bearers=(bearer,)))
    for data, _ in ear.heard:
        door.say("router", data)
    usage = door.picture().bearers[0].usage
    assert usage is not None
    assert not usage.is_own
    return usage.used_bytes


async def heard(url: str, ear: Ear, is_enough: Any, within_s: float = 15.0) -> None:
    wire = transport_for(url, "datagram")
    try:
        await wire.open(ear)
        await until(is_enough, within_s)
    finally:
        await wire.close()


@pytest.mark.parametrize("who", [f"community={COMMUNITY}", VERSION_3], ids=["2c", "3"])
def test_the_loopback_of_this_machine_has_a_name_a_state_a_rate(peer: Agent, who: str) -> None:
    url = f"snmp:127.0.0.1:{peer.port}?profile=if-mib&index=1&interval_s=1.1&{who}"
    ear = Ear()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as noise:

        def has_rate() -> bool:
            noise.sendto(bytes(1400), ("127.0.0.1", 9))
            return bool((signals(understood(ear)).get("in_rate") or [0])[-1])

        asyncio.run(heard(url, ear, has_rate))
    seen = understood(ear)
    assert not [one for one in seen if isinstance(one, Malformed)]
    assert Condition(part="profile", value="if-mib (standard)") in seen
    assert Condition(part="interface", value="lo") in seen
    assert Condition(part="link", value="up", is_good=True) in seen
    told = signals(seen)
    assert told["uptime"] == sorted(told["uptime"], key=lambda value: value or 0.0)
    assert told["capacity"][0] == 10_000_000.0
    assert all(value is not None and 0 <= value < 1e11 for value in told["in_rate"])
    used = used_by_bearer(ear)
    assert used == octets(ear)[-1] - octets(ear)[0] > 0
    times = [(line["asked_ns"], line["answered_ns"]) for line in lines(ear)]
    assert all(asked <= answered for asked, answered in times)
    assert {line["source"] for line in lines(ear)} == {f"snmp:127.0.0.1:{peer.port}"}


def test_another_interface_than_the_named_one_gives_no_rate(peer: Agent) -> None:
    url = f"snmp:127.0.0.1:{peer.port}?index=1&interval_s=1.1&community={COMMUNITY}"
    ear = Ear()
    asyncio.run(heard(url, ear, lambda: "in_rate" in signals(understood(ear))))
    seen = understood(ear, {"interface": "eth7"})
    assert Condition(part="interface", value="lo", is_good=False) in seen
    assert "in_rate" not in signals(seen)


def test_what_the_agent_does_not_have_is_said_and_nothing_else(peer: Agent) -> None:
    url = f"snmp:127.0.0.1:{peer.port}?profile=newtec-multi-demod&community={COMMUNITY}"
    ear = Ear()
    asyncio.run(heard(url, ear, lambda: len(ear.heard) >= 8))
    seen = understood(ear)
    assert "esn0" not in signals(seen)
    missing = [one for one in seen if isinstance(one, Condition) and one.part == "esn0"]
    assert [(one.value, one.is_good) for one in missing] == [("no-such-object", None)]


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ("community=wrong", "timeout"),
        (VERSION_3.replace("zhihui", "nobody"), "access"),
        (VERSION_3.replace(AUTH_PHRASE, "not-the-password"), "access"),
        ("user=zhihui&auth_password=short", "bad-url"),
        (f"community={COMMUNITY}&profile=/nowhere/at-all.toml", "bad-url"),
    ],
)
def test_whoever_is_not_known_is_told_why(peer: Agent, who: str, reason: str, caplog: pytest.LogCaptureFixture) -> None:
    async def try_it() -> OpenFailed:
        wire = transport_for(f"snmp:127.0.0.1:{peer.port}?timeout_s=0.3&{who}", "datagram")
        with pytest.raises(OpenFailed) as failed:
            await wire.open(Ear())
        await wire.close()
        return failed.value

    caplog.set_level(logging.DEBUG)
    trouble = asyncio.run(try_it())
    assert trouble.reason == reason
    for secret in (*CANARIES, "not-the-password", "wrong"):
        assert secret not in trouble.detail
        assert secret not in caplog.text


def test_an_agent_that_dies_takes_the_wire_down_after_three_rounds(peer: Agent) -> None:
    url = f"snmp:127.0.0.1:{peer.port}?interval_s=0.2&timeout_s=0.2&community={COMMUNITY}"
    ear = Ear()

    async def live() -> None:
        wire = transport_for(url, "datagram")
        await wire.open(ear)
        await until(lambda: len(ear.heard) > 8)
        peer.process.kill()
        await until(lambda: ear.endings, 10.0)
        await wire.close()

    asyncio.run(live())
    assert ear.endings[0][0] == "timeout"
    assert [line.get("error") for line in lines(ear)[-3:]] == ["timeout"] * 3
    last = understood(ear)[-1]
    assert last == Condition(part="answer", value="timeout", is_good=False)


def threads_of_ours() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name.startswith("snmp ")]


def test_wires_that_open_and_close_again_and_again_leave_nothing_behind(peer: Agent) -> None:
    url = f"snmp:127.0.0.1:{peer.port}?community={COMMUNITY}"

    async def live() -> int:
        for _ in range(8):
            wire = transport_for(url, "datagram")
            await wire.open(Ear())
            await wire.close()
        return psutil.Process().num_fds()

    before = psutil.Process().num_fds()
    assert asyncio.run(live()) <= before + 6  # the loop's own
    assert not threads_of_ours()


@pytest.mark.parametrize("after_s", [0.0, 0.001, 0.05, 0.3])
def test_an_opening_that_is_given_up_leaves_no_thread(after_s: float) -> None:
    async def live() -> None:
        wire = transport_for(f"snmp:127.0.0.1:{free_udp_port()}?timeout_s=30", "datagram")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(after_s):
                await wire.open(Ear())
        await wire.close()
        await until(lambda: not threads_of_ours())

    asyncio.run(live())


def test_nothing_can_be_written_and_a_wire_that_never_opened_can_be_closed() -> None:
    async def live() -> None:
        wire = transport_for(f"snmp:127.0.0.1:{free_udp_port()}", "datagram")
        with pytest.raises(WriteFailed):
            await wire.write(b"x")
        await wire.close()
        await wire.close()

    asyncio.run(live())


def test_no_secret_reaches_the_journal_the_picture_or_any_output(peer: Agent, tmp_path: Path) -> None:
    more = "".join(
        f"""
[[device]]
id = "router-{number}"
name = "路由器"
driver = "snmp"
wire = "snmp:127.0.0.1:{peer.port}?interval_s=0.5&{who}"
"""
        for number, who in enumerate((f"community={COMMUNITY}", VERSION_3, f"community={COMMUNITY}x"))
    )
    folder = tmp_path / "incident"
    file = vehicle(tmp_path, 9, more)
    ended = run("--headless", "--for", "4s", "--config", file, "--journal", folder)
    assert ended.returncode == 0, ended.stderr
    states = {device["id"]: device["state"] for device in picture_of(ended.stdout)["devices"]}
    assert states["router-0"] == states["router-1"] == "up"
    exported = run("export", "--to", "jsonl", folder, folder / "out.jsonl")
    assert exported.returncode == 0, exported.stderr
    written = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert sum(map(len, written)) > 10_000
    said = [ended.stdout.encode(), ended.stderr.encode(), exported.stdout.encode(), exported.stderr.encode()]
    for secret in CANARIES:
        assert not [1 for octets in (*written, *said) if secret.encode() in octets], secret


def test_the_check_of_a_configuration_names_no_secret(tmp_path: Path) -> None:
    wires = [
        f"snmp:127.0.0.1?community={COMMUNITY}",
        f"snmp:127.0.0.1:161?comunity={COMMUNITY}",
        f"snmp:127.0.0.1:161?community={COMMUNITY}&community={COMMUNITY}",
        f"snmp:127.0.0.1:161?user=a&auth=x&auth_password={AUTH_PHRASE}&interval_s=-1",
        f"snmp:127.0.0.1:161?auth_password={AUTH_PHRASE}&profile=nothing",
    ]
    for number, wire in enumerate(wires):
        place = tmp_path / str(number)
        place.mkdir()
        more = f'\n[[device]]\nid = "r"\nname = "r"\ndriver = "snmp"\nwire = "{wire}"\n'
        for language in ("zh", "en"):
            done = run("check", vehicle(place, 9, more), "--lang", language)
            assert done.returncode != 0, wire
            assert "canary" not in done.stdout + done.stderr, wire


@pytest.mark.parametrize("part", [f"comunity={COMMUNITY}", f"community={COMMUNITY}&community={COMMUNITY}"])
def test_a_wire_that_cannot_be_read_quotes_no_secret(part: str) -> None:
    with pytest.raises(OpenFailed) as failed:
        parse(f"snmp:127.0.0.1:161?{part}")
    assert COMMUNITY not in failed.value.detail
