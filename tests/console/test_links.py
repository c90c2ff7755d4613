"""Bearers through the door: profiles, several devices, what costs, what was used, what was measured."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from console.configuration.bearers import fitted
from console.configuration.model import BearerConfiguration, Configuration, DeviceConfiguration
from console.effects import MeasureThroughput, Send
from console.link_orders import CheckThroughput
from console.measuring import Measurer
from console.picture import Bearer
from console.records import Kind, unpack
from console.rules.usage import period_from_ns
from devices.driver import NS_PER_S
from devices.reflector import Reflector
from tests.console.door import START_NS, VEHICLE, Door
from tests.peers import need


def vehicle(bearer: BearerConfiguration, *devices: DeviceConfiguration) -> Configuration:
    return replace(VEHICLE, devices=devices, bearers=(bearer,), cameras=(), teams=(), contacts=())


def device(identity: str, driver: str, wire: str) -> DeviceConfiguration:
    return DeviceConfiguration(id=identity, name=identity, driver=driver, wire=wire)


STAMP = device("probe", "stamp", "stamp:192.0.2.1:862?interval_s=0.25&timeout_s=0.8")
ASKED = device("probe", "stamp", "stamp:192.0.2.1:862?interval_s=0&timeout_s=20")
CARD = device("card", "netlink", "netlink:wwan0")


def bearer_of(profile: str, *device_ids: str, **more: Any) -> BearerConfiguration:
    plain = BearerConfiguration(
        id="b", name="链路", rung="primary", device_id=device_ids[0], more_device_ids=tuple(device_ids[1:])
    )
    return replace(fitted(plain, profile), **more)


def told(door: Door) -> Bearer:
    return door.picture().bearers[0]


def answer(door: Door, number: int, trip_ms: float | None = 5.0, reached: int | None = None) -> None:
    line: dict[str, Any] = {"source": "stamp:192.0.2.1:862", "asked_ns": door.at_ns}
    if trip_ms is None:
        line |= {"answered_ns": None, "error": "timeout"}
    else:
        payload = {"round_trip_ms": trip_ms, "sent": number, "reached": number - 1 if reached is None else reached}
        line |= {"answered_ns": door.at_ns + round(trip_ms * 1e6), "payload": payload}
    door.say("probe", msgspec.json.encode(line))


def link(door: Door, *, carrier: bool = True, received: int = 0, sent: int = 0, alone: bool = False) -> None:
    said = {"is_there": True, "is_up": True, "has_carrier": carrier, "is_point_to_point": alone}
    interface(door, {**said, "received_bytes": received, "sent_bytes": sent})


def interface(door: Door, payload: dict[str, object]) -> None:
    line = {"source": "netlink:wwan0", "path": "link", "asked_ns": door.at_ns, "answered_ns": door.at_ns}
    door.say("card", msgspec.json.encode({**line, "payload": payload}))


def probed(door: Door, seconds: int, *, trip_ms: float | None = 5.0, first: int = 1) -> int:
    """Four probes a second."""
    number = first
    for _ in range(seconds):
        for _ in range(4):
            answer(door, number, trip_ms)
            number += 1
            door.at_ns += NS_PER_S // 4
        door.put(Kind.TICK, "console")
    return number


def test_a_lost_carrier_is_a_cut_at_once_between_two_ticks() -> None:
    door = Door(vehicle(bearer_of("fibre", "probe", "card"), STAMP, CARD))
    door.up("probe")
    door.up("card")
    link(door)
    probed(door, 5)
    assert told(door).state == "up"
    link(door, carrier=False)
    assert told(door).state == "down"
    assert told(door).reason is not None
    assert told(door).reason.id == "bearer.reason.no_carrier"  # type: ignore[union-attr]
    link(door)
    assert told(door).state == "up"


def test_an_interface_that_is_not_there_is_called_so_and_not_a_loose_cable() -> None:
    door = Door(vehicle(bearer_of("fibre", "card"), CARD))
    door.up("card")
    interface(door, {"is_there": False, "is_up": False, "has_carrier": False})
    assert told(door).state == "down"
    assert told(door).reason.id == "bearer.reason.no_interface"  # type: ignore[union-attr]
    assert [one.id for one in told(door).evidence] == ["bearer.evidence.no_interface"]


def test_what_an_exclusive_interface_receives_keeps_it_alive_and_a_shared_one_does_not() -> None:
    for is_alone, wanted in ((True, "up"), (False, "down")):
        door = Door(vehicle(bearer_of("lte", "probe", "card"), STAMP, CARD))
        door.up("probe")
        door.up("card")
        number = probed(door, 5)
        for second in range(8):
            number = probed(door, 1, trip_ms=None, first=number)
            link(door, received=1_000 * second, alone=is_alone)
        assert told(door).state == wanted
        assert told(door).evidence[0].id == "bearer.evidence.carrier"


def test_losses_by_direction_are_shown_while_they_are_fresh() -> None:
    door = Door(vehicle(bearer_of("lte", "probe"), STAMP))
    door.up("probe")
    for number in range(1, 60):
        answer(door, 2 * number, reached=number)
        door.wait(1)
    assert told(door).loss_out_percent == pytest.approx(50, abs=2)
    assert told(door).loss_back_percent == 0
    door.wait(40)
    assert told(door).loss_out_percent is None


def test_a_cut_is_no_loss_of_the_line_before_it_or_after_it() -> None:
    door = Door(vehicle(bearer_of("lte", "probe"), STAMP))
    door.up("probe")
    number = probed(door, 30)
    assert (told(door).loss_out_percent, told(door).loss_back_percent) == (0, 0)
    number = probed(door, 6, trip_ms=None, first=number)
    assert told(door).state == "down"
    assert told(door).loss_out_percent is None, "what was told before is no figure of a line that is down"
    for missed in range(10):
        answer(door, number + missed, reached=number - 25 + missed)
        door.wait(1)
    assert told(door).state == "up"
    assert (told(door).loss_out_percent, told(door).loss_back_percent) == (0, 0)


def asks(door: Door, seconds: int) -> list[int]:
    """Seconds after which the engine asked, answers withheld."""
    began_ns = door.at_ns
    found: list[int] = []
    for _ in range(seconds):
        is_asked = any(isinstance(one, Send) and one.octets == b"ask\n" for one in door.wait(1))
        found += [(door.at_ns - began_ns) // NS_PER_S] if is_asked else []
    return found


def test_a_bearer_that_costs_is_asked_only_after_it_was_quiet_and_sooner_after_a_miss() -> None:
    door = Door(vehicle(bearer_of("tiantong", "probe"), ASKED))
    door.up("probe")
    assert asks(door, 130) == [1, 61, 121]
    answer(door, 1)
    assert asks(door, 59) == []
    answer(door, 2)
    assert asks(door, 61) == [60]
    answer(door, 3, trip_ms=None)
    assert asks(door, 25) == [19]


def test_nobody_is_asked_where_each_message_costs() -> None:
    door = Door(vehicle(bearer_of("beidou", "probe"), ASKED))
    door.up("probe")
    assert asks(door, 700) == []


def test_an_interface_counts_what_was_used_and_the_quota_is_told() -> None:
    door = Door(vehicle(bearer_of("vsat", "card", quota_bytes=1_000_000), CARD))
    door.up("card")
    link(door, received=50_000_000, sent=1_000_000)
    door.wait(5)
    link(door, received=50_500_000, sent=1_300_000)
    door.wait(1)
    usage = told(door).usage
    assert usage is not None
    assert (usage.used_bytes, usage.is_own, usage.quota_bytes) == (800_000, False, 1_000_000)
    alarm = door.alarm("quota:b")
    assert alarm is not None
    assert alarm.text.id == "alarm.quota_spare"
    link(door, received=100, sent=200_000)  # unplugged and plugged in again
    door.wait(1)
    assert door.alarm("quota:b").text.id == "alarm.quota_spent"  # type: ignore[union-attr]
    door.at_ns += 86_400 * NS_PER_S
    door.wait(1)
    assert told(door).usage.used_bytes == 0  # type: ignore[union-attr]


def test_probes_are_counted_as_our_own_use() -> None:
    door = Door(vehicle(bearer_of("vsat", "probe"), STAMP))
    door.up("probe")
    answer(door, 1)
    answer(door, 2, trip_ms=None)
    usage = told(door).usage
    assert usage is not None
    assert (usage.used_bytes, usage.is_own) == (3 * 84, True)


def test_days_and_months_begin_in_beijing() -> None:
    at_ns = 1_795_450_000 * NS_PER_S  # 2026-11-24T00:06:40+08:00
    assert period_from_ns(at_ns, "day", 7) == 1_795_449_600 * NS_PER_S
    assert period_from_ns(at_ns - 401 * NS_PER_S, "day", 7) == 1_795_363_200 * NS_PER_S
    assert period_from_ns(at_ns, "month", 7) == 1_793_462_400 * NS_PER_S
    assert period_from_ns(at_ns, "incident", 7) == 7


# ---- throughput


def test_a_check_is_refused_where_it_would_do_harm() -> None:
    door = Door(vehicle(bearer_of("tiantong", "probe"), ASKED))
    door.up("probe")
    assert door.order(CheckThroughput(bearer_id="b", by="通")) == []
    assert door.picture().notices[-1].text.args["@reason"] == "throughput.refused.costs"
    (effect,) = door.order(CheckThroughput(bearer_id="b", by="通", is_confirmed=True))
    assert isinstance(effect, MeasureThroughput)
    assert effect.cap_bytes == 1_000_000
    assert door.order(CheckThroughput(bearer_id="b", by="通", is_confirmed=True)) == []
    assert door.picture().notices[-1].text.args["@reason"] == "throughput.refused.running"


def test_a_check_without_a_reflector_or_over_a_dead_bearer_is_refused() -> None:
    door = Door(vehicle(bearer_of("lte", "card"), CARD))
    door.up("card")
    assert door.order(CheckThroughput(bearer_id="b", by="通")) == []
    assert door.picture().notices[-1].text.args["@reason"] == "throughput.refused.no_reflector"
    door = Door(vehicle(bearer_of("fibre", "probe", "card"), STAMP, CARD))
    door.up("card")
    link(door, carrier=False)
    assert door.order(CheckThroughput(bearer_id="b", by="通")) == []
    assert door.picture().notices[-1].text.args["@reason"] == "throughput.refused.down"


@pytest.fixture
def port() -> Iterator[int]:
    served, over = Reflector("127.0.0.1", 0), threading.Event()
    thread = threading.Thread(target=served.serve, args=(over.is_set,))
    thread.start()
    yield int(served.url.rsplit(":", 1)[1])
    over.set()
    thread.join()
    served.close()


def measured(effect: MeasureThroughput) -> dict[str, Any]:
    """By the real process over the real loopback."""
    said: list[bytes] = []
    asyncio.run(Measurer(lambda _kind, _source, payload, _peer: said.append(payload)).obey(effect))
    return unpack(said[0])


def test_what_was_measured_against_the_reflector_is_a_fact_with_its_age(port: int) -> None:
    stamp = replace(STAMP, wire=f"stamp:127.0.0.1:{port}?interval_s=0.25")
    door = Door(vehicle(bearer_of("lte", "probe", requires_mbps=2.0), stamp))
    door.up("probe")
    (effect,) = door.order(CheckThroughput(bearer_id="b", by="通"))
    assert isinstance(effect, MeasureThroughput)
    said = measured(replace(effect, cap_bytes=300_000))
    assert said["tool"] == "stamp"
    assert said["size_bytes"] <= 300_000
    door.wait(3)
    door.put(Kind.OUTCOME, "b", said)
    found = told(door).throughput
    assert found is not None
    assert (found.at_ns, found.required_mbps, found.is_enough) == (START_NS + 3 * NS_PER_S, 2.0, True)
    assert 0 < (found.out_mbps or 0) <= (found.offered_mbps or 0) + 0.01
    assert told(door).usage.used_bytes == found.size_bytes  # type: ignore[union-attr]


@pytest.fixture
def iperf_port() -> Iterator[int]:
    """Where a real iperf3 server listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    words = [need("iperf3"), "-s", "-B", "127.0.0.1", "-p", str(port), "--forceflush"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            next(line for line in server.stdout if "listening" in line)
            yield port
        finally:
            server.kill()


@pytest.mark.peer
def test_an_iperf3_server_is_measured_against_where_one_is_named(iperf_port: int) -> None:
    effect = MeasureThroughput(
        bearer_id="b", host="127.0.0.1", port=9, interface="", offered_mbps=5.0, cap_bytes=3_000_000,
        iperf3=f"127.0.0.1:{iperf_port}",
    )  # fmt: skip
    said = measured(effect)
    assert (said["tool"], said["offered_mbps"]) == ("iperf3", 5.0)
    assert all(4 <= said[way] <= 6 for way in ("out_mbps", "back_mbps")), said
    assert 2_000_000 <= said["size_bytes"] <= 3_000_000


@pytest.mark.peer
def test_few_octets_are_measured_by_our_own_packets_for_iperf3_would_tell_of_none_or_too_many(
    iperf_port: int, port: int
) -> None:
    effect = MeasureThroughput(
        bearer_id="b", host="127.0.0.1", port=port, interface="", offered_mbps=5.0, cap_bytes=500_000,
        iperf3=f"127.0.0.1:{iperf_port}",
    )  # fmt: skip
    said = measured(effect)
    assert said["tool"] == "stamp"
    assert 0 < said["out_mbps"] <= said["offered_mbps"] + 0.01


def test_a_far_end_that_is_not_there_gives_no_figure() -> None:
    effect = MeasureThroughput(
        bearer_id="b", host="127.0.0.1", port=9, interface="", offered_mbps=5.0, cap_bytes=50_000
    )
    said = measured(effect)
    assert said["reason"] == "no_answer"
    door = Door(vehicle(bearer_of("lte", "probe"), STAMP))
    door.put(Kind.OUTCOME, "b", said)
    found = told(door).throughput
    assert found is not None
    assert (found.out_mbps, found.is_enough) == (None, None)
    assert json.loads(json.dumps(found.reason.id)) == "throughput.reason.no_answer"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("tool", "back_mbps", "offered_mbps", "is_enough"),
    [
        ("stamp", 49.0, 55.0, True),
        ("stamp", 20.0, 55.0, False),
        ("stamp", 20.0, 30.0, None),
        ("iperf3", 20.0, 55.0, False),
        ("iperf3", 20.0, None, None),
    ],
)
def test_a_requirement_is_judged_only_where_it_was_offered(
    tool: str, back_mbps: float, offered_mbps: float | None, is_enough: object
) -> None:
    door = Door(vehicle(bearer_of("lte", "probe", requires_mbps=50.0), STAMP))
    said: dict[str, Any] = {
        "effect": "throughput",
        "tool": tool,
        "out_mbps": 50.0,
        "back_mbps": back_mbps,
        "offered_mbps": offered_mbps,
    }
    door.put(Kind.OUTCOME, "b", said)
    assert told(door).throughput.is_enough is is_enough  # type: ignore[union-attr]


def test_all_of_it_is_the_same_from_a_snapshot() -> None:
    door = Door(vehicle(bearer_of("tiantong", "probe", "card", quota_bytes=1_000_000), ASKED, CARD))
    door.up("probe")
    door.up("card")
    link(door, received=5)
    answer(door, 1)
    door.wait(30)
    other = Door(engine=None)
    other.engine.restore(door.engine.save())
    for one in (door, other):
        one.at_ns, one.seq = START_NS + 30 * NS_PER_S, door.seq
        link(one, received=900_000)
        one.wait(70)
    assert told(door) == told(other)
