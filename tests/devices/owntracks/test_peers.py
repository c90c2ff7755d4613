"""OwnTracks over wires of somebody else's making: mosquitto between, curl as a phone."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from pathlib import Path

import pytest

from devices.catalogue import make_driver, make_simulator
from devices.commands import AskPosition
from devices.driver import NS_PER_S, Outgoing
from devices.observations import Malformed, Observation, Position, Power, Presence
from devices.transports import transport_for
from tests.devices.transports.broker import broker, publish
from tests.devices.transports.ear import Ear, until
from tests.devices.transports.test_hosting import hosted
from tests.peers import need


def understood(ear: Ear) -> list[Observation]:
    driver = make_driver("owntracks", {})
    return [one for data, _ in ear.heard for one in driver.receive(data, time.time_ns())]


def location(now_s: int) -> str:
    said = {"_type": "location", "lat": 34.3956, "lon": 113.7394, "tst": now_s, "batt": 66, "tid": "W"}
    return json.dumps(said)


@pytest.mark.peer
def test_phones_of_a_real_broker_are_understood_and_answer(tmp_path: Path) -> None:
    async def talk(port: int) -> None:
        publish(port, "owntracks/zhao/old", location(1_700_000_000), "-r")
        ear, driver = Ear(), make_driver("owntracks", {})
        console = transport_for(f"mqtt:127.0.0.1:{port}/owntracks/#", "datagram")
        await console.open(ear)
        phones = make_simulator("owntracks", {"phones": 2, "interval_s": 600}, lambda: 0.5)
        assert phones is not None
        async with hosted(phones, f"mqtt:127.0.0.1:{port}/owntracks/+/+/cmd") as (wire, _):
            assert wire.startswith("mqtt:")
            await until(lambda: b"team2/phone" in ear.stream and ear.stream.count(b'"t\\":\\"t\\"') >= 1, within_s=15)
            seen = [one for data, _ in ear.heard for one in driver.receive(data, time.time_ns())]
            heard = len(ear.heard)
            asked = driver.encode(AskPosition(subject="team1/phone"), time.time_ns())
            assert isinstance(asked, Outgoing)
            await console.write(asked.octets)
            await until(lambda: b'\\"t\\":\\"r\\"' in b"".join(data for data, _ in ear.heard[heard:]), within_s=15)
        await console.close()
        assert not [one for one in understood(ear) if isinstance(one, Malformed)]
        old = [one for one in seen if isinstance(one, Position) and one.subject == "zhao/old"]
        assert [one.is_stored for one in old] == [True]
        assert {one.subject for one in seen if isinstance(one, Position) and not one.is_stored} >= {"team1/phone"}

    with broker(tmp_path) as port:
        asyncio.run(talk(port))


@pytest.mark.peer
def test_a_last_will_of_a_real_client_makes_the_phone_offline(tmp_path: Path) -> None:
    async def talk(port: int) -> None:
        publish(port, "x/hello", "hello", "-r")
        ear = Ear()
        console = transport_for(f"mqtt:127.0.0.1:{port}/owntracks/#", "datagram")
        await console.open(ear)
        will = ["--will-topic", "owntracks/wang/p", "--will-payload", '{"_type":"lwt","tst":1}']
        phone = await asyncio.create_subprocess_exec(
            need("mosquitto_sub"), "-h", "127.0.0.1", "-p", str(port), "-t", "x/#", "-W", "60", *will,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        assert phone.stdout is not None
        assert await asyncio.wait_for(phone.stdout.readline(), 10) == b"hello\n"
        phone.kill()
        await phone.communicate()
        await until(lambda: ear.heard)
        await console.close()
        (seen,) = understood(ear)
        assert isinstance(seen, Presence)
        assert (seen.subject, seen.state, seen.is_stored) == ("wang/p", "offline", False)

    with broker(tmp_path) as port:
        asyncio.run(talk(port))


@pytest.mark.peer
def test_curl_posts_a_position_as_the_app_does() -> None:
    async def talk() -> None:
        ear = Ear()
        console = transport_for("http-listen:127.0.0.1:0?token=geheim", "datagram")
        await console.open(ear)
        phone = await asyncio.create_subprocess_exec(
            need("curl"), "-sS", "-u", "wang:geheim", "-H", "X-Limit-U: wang", "-H", "X-Limit-D: p40",
            "-H", "Content-Type: application/json", "-d", location(time.time_ns() // NS_PER_S),
            console.url.replace("http-listen:", "http://") + "/pub", stdout=subprocess.PIPE,
        )  # fmt: skip
        said, _ = await asyncio.wait_for(phone.communicate(), 10)
        await console.close()
        assert said == b"[]"
        position, power = understood(ear)
        assert isinstance(position, Position)
        assert isinstance(power, Power)
        assert (position.subject, position.lat_deg, power.charge_percent) == ("wang/p40", 34.3956, 66.0)

    asyncio.run(talk())
