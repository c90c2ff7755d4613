"""The ring: the last seconds in memory, whole from one keyframe to the next."""

from __future__ import annotations

from devices.video.ring import Ring
from tests.devices.video.test_keeping import MS, stream, unit


def ring_of(count: int, every: int = 25, *, kept_s: float = 3.0, most_bytes: int = 10_000_000) -> Ring:
    ring = Ring(kept_s=kept_s, most_bytes=most_bytes)
    ring.begin(stream())
    for number in range(count):
        ring.put(unit(number, b"x" * 1000, is_key=number % every == 0))
    return ring


def numbers(ring: Ring, last_s: float) -> list[int]:
    return [one.received_ns // (40 * MS) for group in ring.last(last_s) for one in group.units]


def test_the_ring_gives_the_last_seconds_from_the_keyframe_before_them() -> None:
    ring = ring_of(260)
    assert numbers(ring, 2.0) == list(range(200, 260))
    assert numbers(ring, 0.0) == list(range(250, 260))


def test_the_ring_forgets_what_is_older_than_it_must_keep_and_never_less() -> None:
    ring = ring_of(2600)
    kept = numbers(ring, 1e6)
    assert kept[-1] == 2599
    assert 2599 - 75 - 25 <= kept[0] <= 2599 - 75


def test_the_ring_never_holds_more_than_its_bytes() -> None:
    ring = ring_of(1000, kept_s=1e6, most_bytes=60_000)
    kept = numbers(ring, 1e6)
    assert kept[0] % 25 == 0
    assert 25 < len(kept) <= 60


def test_a_group_too_large_for_the_ring_is_given_up_and_the_next_keyframe_begins_anew() -> None:
    ring = ring_of(140, every=100, kept_s=1e6, most_bytes=50_000)
    assert numbers(ring, 1e6) == list(range(100, 140))
    assert numbers(ring_of(90, every=100, most_bytes=50_000), 1e6) == []


def test_what_came_before_the_first_keyframe_is_not_kept() -> None:
    ring = Ring(kept_s=10, most_bytes=1_000_000)
    ring.put(unit(0, is_key=True))
    ring.begin(stream())
    ring.put(unit(1))
    ring.put(unit(2, is_key=True))
    ring.begin(stream())
    ring.put(unit(3))
    assert numbers(ring, 100.0) == [2]
