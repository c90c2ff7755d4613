"""The simulated users on real wires: a server over TCP, a caller, a mesh over UDP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from devices.catalogue import make_driver, make_simulator
from devices.commands import SendText
from devices.driver import NS_PER_S
from devices.observations import (
    Condition,
    DeliveryReport,
    Emergency,
    Malformed,
    Observation,
    Position,
    Power,
    Presence,
    TextMessage,
    Unrecognised,
)
from devices.transports.hosting import host
from tests.devices.cot.events import START_NS
from tests.devices.cot.post import Post
from tests.devices.transports.ear import until

USERS = ["消防一中队", "蓝天救援", "邻县联络员"]


def played(seconds: int, **settings: Any) -> list[Observation]:
    device = make_simulator("cot", {"users": USERS, **settings}, lambda: 0.3)
    assert device is not None
    driver = make_driver("cot", {"uid": "CP"})
    seen: list[Observation] = []
    for tick in range(seconds * 10):
        at_ns = START_NS + tick * NS_PER_S // 10
        for piece in device.tick(at_ns):
            seen.extend(driver.receive(piece, at_ns))
    return seen


@pytest.mark.parametrize("protobuf", ["", "stream", "mesh"])
def test_users_walk_write_call_for_help_and_leave(protobuf: str) -> None:
    seen = played(130, protobuf=protobuf, text_every_s=20, alert_every_s=60, away_every_s=90)
    assert not [one for one in seen if isinstance(one, Malformed)]
    fresh = [one for one in seen if isinstance(one, Position) and not one.is_stored]
    assert {one.callsign for one in fresh if one.callsign} == set(USERS)
    assert all(one.lat_deg and abs(one.lat_deg - 34.3956) < 0.05 for one in fresh)
    assert {one.charge_percent for one in seen if isinstance(one, Power)} >= {96.0, 95.0}
    assert len([one for one in seen if isinstance(one, TextMessage)]) == 6
    assert [one.kind for one in seen if isinstance(one, Emergency)] == ["@tak.emergency.alert"] * 2
    assert [one.value for one in seen if isinstance(one, Condition)] == ["cancelled"]
    assert [one.state for one in seen if isinstance(one, Presence) and one.state == "offline"] == ["offline"]


def test_the_one_who_left_before_is_no_sign_of_life() -> None:
    [departed] = [one for one in played(60) if isinstance(one, Position) and one.callsign == "已离线用户"]
    assert departed.is_stored


def test_users_without_a_fix_are_nowhere() -> None:
    places = [one for one in played(20, has_fix=False) if isinstance(one, Position)]
    assert places
    assert {(one.lat_deg, one.lon_deg, one.fix) for one in places} == {(None, None, "none")}


def test_noise_between_events_costs_no_event() -> None:
    quiet, noisy = played(60, text_every_s=0), played(60, text_every_s=0, noise=0.5)
    count = len([one for one in quiet if isinstance(one, Position)])
    assert len([one for one in noisy if isinstance(one, Position)]) == count
    assert [one for one in noisy if isinstance(one, Malformed)]


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


async def meets(device_wire: str, console_wire: str | None, **settings: Any) -> Post:
    """A hosted device and a post on a real wire; returns when all users were heard and one was written to."""
    device = make_simulator("cot", {"users": USERS, "every_s": 0.2, **settings}, lambda: 0.3)
    assert device is not None
    clock_ns: Callable[[], int] = lambda: START_NS + round(asyncio.get_running_loop().time() * NS_PER_S)  # noqa: E731
    post = Post(clock_ns(), uid="CP", callsign="指挥部", announce_s=5)
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    if console_wire is not None:
        await post.open(console_wire)
    hosting = asyncio.ensure_future(host(device, device_wire, on_ready=ready.set_result, clock_ns=clock_ns))
    try:
        told = await ready
        if console_wire is None:
            await post.open(told)
        for callsign in USERS:
            await post.sees(Position, callsign=callsign)
        user = next(one for one in post.seen if isinstance(one, Position) and one.callsign == USERS[1])
        await post.tick()
        await post.send(SendText(reference="m1", recipient=user.subject or "", text="请回答"))
        await until(lambda: any(isinstance(one, DeliveryReport) for one in post.seen))
        await post.sees(TextMessage, sender=user.subject, recipient="CP", text="收到")
    finally:
        hosting.cancel()
        with suppress(asyncio.CancelledError):
            await hosting
        await post.close()
    return post


@pytest.mark.parametrize("protobuf", ["", "stream"])
def test_a_server_over_tcp(protobuf: str) -> None:
    port = free_port(socket.SOCK_STREAM)
    post = asyncio.run(meets(f"tcp-listen:127.0.0.1:{port}", None, protobuf=protobuf))
    assert not [one for one in post.seen if isinstance(one, Malformed)]


def test_a_neighbour_who_calls_us_is_answered_by_his_own_connection() -> None:
    port = free_port(socket.SOCK_STREAM)
    post = asyncio.run(meets(f"tcp:127.0.0.1:{port}", f"tcp-listen:127.0.0.1:{port}"))
    assert not [one for one in post.seen if isinstance(one, Malformed)]


def test_datagrams_each_with_one_protobuf_message() -> None:
    port = free_port(socket.SOCK_DGRAM)
    post = asyncio.run(meets(f"udp:127.0.0.1:{port}", f"udp:127.0.0.1:{port}", protobuf="mesh"))
    assert not [one for one in post.seen if isinstance(one, Malformed)]


def test_two_posts_on_a_mesh_hear_each_other_and_not_themselves() -> None:
    async def scene() -> None:
        wire = f"udp-multicast:239.255.42.43:{free_port(socket.SOCK_DGRAM)}?interface=127.0.0.1"
        one, two = (
            Post(START_NS, uid=uid, callsign=uid, announce_s=5, endpoint="127.0.0.1:4242:udp")
            for uid in ("CP-A", "CP-B")
        )
        await one.open(wire)
        await two.open(wire)
        try:
            await one.tick()
            await two.sees(Presence, subject="CP-A", state="online")
            await two.tick()
            await one.sees(Presence, subject="CP-B", state="online")
            await one.send(SendText(reference="m1", recipient="CP-B", text="请回答"))
            await two.sees(TextMessage, sender="CP-A", text="请回答")
            await two.tick()
            assert (await one.sees(DeliveryReport)).message_id == "m1"
            await one.sees(Unrecognised, name="echo")
            assert not [one for one in (*one.seen, *two.seen) if isinstance(one, Malformed)]
            assert not [seen for seen in one.seen if getattr(seen, "subject", None) == "CP-A"]
        finally:
            await one.close()
            await two.close()

    asyncio.run(scene())
