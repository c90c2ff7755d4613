"""When something is out, as a pure question of the time since the start."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.commands.drill_wires import simulated
from console.drill_outages import Interrupted, Outage, Schedule, above


def test_an_outage_begins_and_ends_when_it_is_due() -> None:
    outage = Outage(from_s=60, for_s=45)
    assert [outage.is_on(at_s) for at_s in (0, 59.9, 60, 104.9, 105, 10_000)] == [
        False,
        False,
        True,
        True,
        False,
        False,
    ]
    assert [outage.next_change_s(at_s) for at_s in (0, 60, 104, 105)] == [60, 105, 105, math.inf]


def test_a_repeated_outage_comes_again() -> None:
    outage = Outage(from_s=60, for_s=45, every_s=900)
    assert outage.is_on(60 + 900)
    assert not outage.is_on(105 + 900)
    assert outage.next_change_s(105) == 960
    assert outage.next_change_s(961) == 60 + 900 + 45


@given(
    st.integers(0, 100),
    st.integers(1, 50),
    st.one_of(st.just(math.inf), st.integers(51, 200)),
    st.integers(0, 2000),
)
def test_nothing_changes_before_the_next_change(from_s: int, for_s: int, every_s: float, since_s: int) -> None:
    outage = Outage(from_s=from_s, for_s=for_s, every_s=every_s)
    change_s = outage.next_change_s(since_s)
    assert change_s > since_s
    if math.isinf(change_s):
        assert not outage.is_on(since_s)
        return
    assert outage.is_on(since_s) == outage.is_on((since_s + change_s) / 2) == outage.is_on(change_s - 0.001)
    assert outage.is_on(change_s) != outage.is_on(since_s)


def test_a_schedule_waits_for_the_first_of_several_outages() -> None:
    now_s = [0.0]

    async def sleep(for_s: float) -> None:
        now_s[0] += for_s

    async def play() -> list[float]:
        rows = [Outage(from_s=300.0, for_s=10.0), Outage(from_s=50.0, for_s=20.0)]
        schedule = Schedule(rows, lambda: now_s[0], sleep)
        edges = []
        for is_out in (False, True, False, True):
            await schedule.until(is_out=is_out)
            edges.append(now_s[0])
        return edges

    assert asyncio.run(play()) == pytest.approx([0, 50, 70, 300], abs=0.1)


def test_what_is_lost_one_way_is_no_cut() -> None:
    now_s = [0.0]
    rows = [Outage(from_s=10, for_s=5, way="out"), Outage(from_s=20, for_s=5, way="back"), Outage(from_s=30, for_s=5)]
    schedule = Schedule(rows, lambda: now_s[0])
    said = {}
    for now_s[0] in (5, 12, 22, 32):
        said[now_s[0]] = (schedule.is_out(), schedule.loses(is_back=False), schedule.loses(is_back=True))
    assert said == {5: (False,) * 3, 12: (False, True, False), 22: (False, False, True), 32: (True, True, True)}


def test_what_hangs_on_something_hangs_on_all_above_it_once() -> None:
    tables = {
        "device": [{"id": "rack"}, {"id": "switch", "depends_on": ["rack"]}, {"id": "odd", "depends_on": ["odd"]}],
        "bearer": [{"id": "lte", "depends_on": ["switch", "rack"]}],
        "camera": [{"id": "cam", "depends_on": ["lte"]}],
    }
    assert above(tables, "cam") == ("lte", "switch", "rack")
    assert [above(tables, one) for one in ("rack", "odd", "nobody")] == [(), (), ()]


class _Chatty:
    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002
        return (data,)

    def tick(self, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002
        return (b"tick",)


def test_a_device_that_is_out_neither_speaks_nor_hears() -> None:
    now_s = [0.0]
    device = Interrupted(_Chatty(), Schedule([Outage(from_s=5.0, for_s=5.0)], lambda: now_s[0]))
    said = []
    for now_s[0] in (4.0, 6.0, 10.0):
        said.append((device.receive(b"x", 0), device.tick(0)))
    assert said == [((b"x",), (b"tick",)), ((), ()), ((b"x",), (b"tick",))]


def _minute_of(seed: int, name: str) -> bytes:
    device = simulated(name, "beidou_rdss", {"subordinates": [_SUBORDINATE], "outages": []}, seed)
    return b"".join(octets for tenth in range(600) for octets in device.tick(tenth * 100_000_000))


_SUBORDINATE = {"card": "7", "lat_deg": 34.4, "lon_deg": 113.7, "every_s": 20, "text": "演练", "text_every_s": 30}


def test_the_same_seed_plays_the_same_minute_and_another_does_not() -> None:
    assert _minute_of(1, "beidou") == _minute_of(1, "beidou")
    assert _minute_of(1, "beidou") != _minute_of(2, "beidou")
    assert _minute_of(1, "beidou") != _minute_of(1, "beidou3")
