"""Blocks of VE.Direct: weak sums, hexadecimal frames, alarms that must be said twice, a real serial line."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from devices.catalogue import make_simulator
from devices.driver import NS_PER_S, Chance, Simulator
from devices.drivers.vedirect import BLOCK_OCTETS, HEX_OCTETS, VeDirect
from devices.observations import Condition, Malformed, Observation, Power, Signal, Unrecognised
from devices.simulators.vedirect import sealed
from devices.transports import transport_for
from devices.transports.hosting import host
from tests.devices.transports.ear import Ear, until

START_NS = 1_795_343_720 * NS_PER_S


def played(seconds: int, settings: dict[str, Any], seed: int = 7) -> list[bytes]:
    device = make_simulator("vedirect", settings, random.Random(seed).random)
    assert device is not None
    return [piece for tick in range(seconds * 10) for piece in device.tick(START_NS + tick * NS_PER_S // 10)]


def heard(pieces: Sequence[bytes]) -> list[Observation]:
    driver = VeDirect({})
    return [one for piece in pieces for one in driver.receive(piece, START_NS)]


def alarms(seen: Sequence[Observation]) -> list[tuple[str, bool | None]]:
    return [(one.value, one.is_good) for one in seen if isinstance(one, Condition) and one.part == "alarm"]


@given(
    places=st.lists(st.tuples(st.integers(0, 400), st.integers(1, 255)), min_size=1, max_size=6),
    seed=st.integers(0, 1000),
)
def test_no_damage_of_a_block_gives_a_value_that_cannot_be_or_a_new_state(
    places: list[tuple[int, int]], seed: int
) -> None:
    """Also where the sum happens to be right: one corruption in 256."""
    blocks = played(5, {}, seed)
    states = {(one.part, one.value) for one in heard(blocks) if isinstance(one, Condition)}
    broken = bytearray(blocks[2])
    for at, change in places:
        broken[at % len(broken)] ^= change
    broken[-1] = (broken[-1] - sum(broken)) & 0xFF  # the worst case: the sum is right
    for one in heard([*blocks[:2], bytes(broken), *blocks[3:]]):
        match one:
            case Power():
                assert one.voltage_v is None or 0 <= one.voltage_v <= 100
                assert one.charge_percent is None or 0 <= one.charge_percent <= 100
                assert one.runtime_s is None or 0 <= one.runtime_s <= 30 * 86_400
            case Signal():
                assert one.value is not None
                assert abs(one.value) <= 100_000
            case Condition():
                assert (one.part, one.value) in states
            case _:
                assert isinstance(one, (Malformed, Unrecognised))


def test_an_alarm_comes_with_the_second_block_and_goes_with_the_second_block() -> None:
    calm = sealed([("V", "24000"), ("Alarm", "OFF"), ("AR", "0")])
    alarmed = sealed([("V", "21000"), ("Alarm", "ON"), ("AR", "1")])
    assert alarms(heard([calm, calm, alarmed])) == [("clear", True)]
    assert alarms(heard([calm, calm, alarmed, alarmed]))[-1] == ("low-voltage", False)
    assert alarms(heard([alarmed, alarmed, calm])) == [("low-voltage", False)]
    assert alarms(heard([alarmed, alarmed, calm, calm]))[-1] == ("clear", True)


def test_an_alarm_on_both_sides_of_a_broken_wire_was_not_said_twice() -> None:
    alarmed = sealed([("V", "21000"), ("Alarm", "ON"), ("AR", "1")])
    driver = VeDirect({})
    driver.receive(alarmed, START_NS)
    driver.finish()
    assert not alarms(driver.receive(alarmed, START_NS))


@given(at=st.integers(0, 200), frame=st.binary(max_size=40).filter(lambda octets: b"\n" not in octets))
def test_a_hexadecimal_frame_anywhere_changes_no_value(at: int, frame: bytes) -> None:
    block = sealed([("PID", "0x204"), ("V", "25838"), ("SOC", "735"), ("TTG", "-1")])
    at %= len(block)  # not behind the last octet, which is the sum whatever it is
    values = [one for one in heard([block]) if isinstance(one, (Power, Signal))]
    torn = block[:at] + b":" + frame + b"\n" + block[at:]
    if at == len(block) - 1:  # there a colon is the sum
        return
    assert [one for one in heard([torn]) if isinstance(one, (Power, Signal))] == values


def test_a_wire_that_never_ends_a_block_or_a_frame_is_cut() -> None:
    seen = heard([b"A" * 10 * BLOCK_OCTETS])
    assert [one.reason for one in seen if isinstance(one, Malformed)] == ["length"] * 10
    seen = heard([b":" + b"A" * (HEX_OCTETS - 1), sealed([("V", "24000")])])
    assert [type(one) for one in seen] == [Malformed, Power]


def test_a_bad_line_costs_blocks_and_never_gives_a_wrong_one() -> None:
    true = {one for one in heard(played(60, {})) if isinstance(one, Power)}
    seen = heard(played(60, {"checksum_errors": 0.3, "hex_frames": 0.3}))
    assert [one for one in seen if isinstance(one, Malformed)]
    assert {one for one in seen if isinstance(one, Power)} <= true


class _Quick:
    """A device whose clock runs fifty times as fast."""

    def __init__(self, device: Simulator) -> None:
        self._device = device
        self._at_ns = START_NS

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:
        return self._device.receive(data, at_ns)

    def tick(self, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002
        self._at_ns += 5 * NS_PER_S
        return self._device.tick(self._at_ns)


def test_a_serial_line_carries_the_blocks() -> None:
    chance: Chance = random.Random(3).random
    device = make_simulator("vedirect", {"hex_frames": 0.5}, chance)
    assert device is not None
    ear = Ear()

    async def live() -> None:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[str] = loop.create_future()
        running = loop.create_task(host(_Quick(device), "pty:", on_ready=ready.set_result, clock_ns=lambda: START_NS))
        wire = transport_for(f"{(await ready).partition('?')[0].replace('pty:', 'serial:')}?baud=19200", "stream")
        await wire.open(ear)
        await until(lambda: len([one for one in heard([ear.stream]) if isinstance(one, Power)]) >= 5, 10.0)
        await wire.close()
        running.cancel()
        await asyncio.wait({running})

    asyncio.run(live())
    powers = [one for one in heard([ear.stream]) if isinstance(one, Power)]
    assert all(one.charge_percent is not None and 70 < one.charge_percent <= 80 for one in powers)


def test_the_simulated_battery_is_filled_while_there_are_mains_and_gives_afterwards() -> None:
    settings = {"mains_for_s": 10, "charge_w": 3600, "load_w": 1800, "solar_w": 0, "capacity_wh": 1000}
    told = [one for one in heard(played(20, settings)) if isinstance(one, Power)]
    assert [round(one.power_w or 0.0) for one in told] == [3600] * 10 + [-1800] * 10
    charges = [one.charge_percent or 0.0 for one in told]
    assert charges[10] == max(charges)
    assert round(charges[10] - charges[0], 1) == 1.0
    assert round(charges[10] - charges[19], 1) in {0.4, 0.5}
