"""Two posts on a real TAK server see one another through the driver, and a late one takes nothing old for new."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devices.commands import PublishTeam, SendText
from devices.driver import NS_PER_S
from devices.observations import Condition, DeliveryReport, Malformed, Position, Presence, TextMessage
from devices.transports.contract import OpenFailed
from tests.devices.cot.post import Post
from tests.devices.cot.taky_server import taky

pytestmark = [pytest.mark.peer, pytest.mark.timeout(90)]


@asynccontextmanager
async def post(wire: str, uid: str, callsign: str, at_ns: int | None = None) -> AsyncIterator[Post]:
    """A post that is connected and has said who it is."""
    made = Post(time.time_ns() if at_ns is None else at_ns, uid=uid, callsign=callsign, announce_s=5, ping_s=5)
    for _ in range(200):
        try:
            await made.open(wire)
            break
        except OpenFailed:
            await asyncio.sleep(0.05)
    else:
        pytest.fail("the server never listened")
    try:
        await made.tick()
        await made.sees(Condition, part="tak-server")  # it answered our ping
        yield made
    finally:
        await made.close()


@pytest.mark.parametrize("scheme", ["tcp", "tls"])
def test_two_posts_see_each_other_write_and_get_receipts(tmp_path: Path, scheme: str) -> None:
    async def scene(wire: str) -> None:
        async with post(wire, "CN-410183-CP1", "新密指挥部") as one, post(wire, "CN-410183-CP2", "邻县指挥部") as two:
            at_ns = one.at_ns
            await one.tick()
            seen = await two.sees(Position, subject="CN-410183-CP1")
            assert seen.callsign == "新密指挥部"
            assert seen.fix == "none"
            for _ in range(5):
                await two.tick()
            await one.sees(Presence, subject="CN-410183-CP2", state="online", is_stored=False)

            words = "道路<中断> & 需要\n冲锋舟]]>2条"
            await one.send(SendText(reference="m1", recipient="CN-410183-CP2", text=words))
            text = await two.sees(TextMessage)
            assert (text.sender, text.recipient, text.text) == ("CN-410183-CP1", "CN-410183-CP2", words)
            confirmed = await one.sees(DeliveryReport, state="confirmed")
            assert (confirmed.reference, confirmed.message_id) == ("CN-410183-CP2", "m1")

            await two.send(SendText(reference="m2", recipient="All Chat Rooms", text="全体注意"))
            assert (await one.sees(TextMessage)).recipient == "All Chat Rooms"

            place = PublishTeam(
                subject="fire-1", callsign="消防一中队", lat_deg=34.3956, lon_deg=113.7394,
                source_time_ns=at_ns - 30 * NS_PER_S, stale_s=900.0, accuracy_m=5.0,
            )  # fmt: skip
            await one.send(place)
            team = await two.sees(Position, callsign="消防一中队")
            assert (team.lat_deg, team.lon_deg, team.accuracy_m) == (34.3956, 113.7394, 5.0)
            assert abs(team.source_time_ns - place.source_time_ns) < 1_000_000
            assert not [bad for bad in (*one.seen, *two.seen) if isinstance(bad, Malformed)]

    with taky(tmp_path, scheme) as wire:
        asyncio.run(scene(wire))


def test_what_a_server_sends_again_to_a_late_post_is_no_sign_of_life(tmp_path: Path) -> None:
    async def scene(wire: str) -> None:
        now_ns = time.time_ns()
        place = PublishTeam(
            subject="fire-1", callsign="消防一中队", lat_deg=34.0, lon_deg=113.0,
            source_time_ns=now_ns, stale_s=3600.0,
        )  # fmt: skip
        async with post(wire, "EARLY", "早到", now_ns) as early:
            await early.send(place)
            async with post(wire, "WITNESS", "旁证", now_ns) as witness:
                await witness.sees(Position, callsign="消防一中队")
        async with post(wire, "LATE", "迟到", now_ns + 600 * NS_PER_S) as late:  # the one who told is long gone
            kept = await late.sees(Position, callsign="消防一中队")
            assert kept.is_stored
            assert kept.source_time_ns < late.at_ns - 500 * NS_PER_S

    with taky(tmp_path) as wire:
        asyncio.run(scene(wire))
