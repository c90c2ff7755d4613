"""What tells a tile to be painted: another frame, or another judgement of the one that is shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from console.frames import make_frames, remove_frames
from console.views.widgets.feed import FrameFeed
from console.views.widgets.sight import VEIL_AFTER_NS
from devices.video.slots import Slots

CAMERA = "bridge"
START_NS = 5_000_000_000_000


class Clock:
    """CLOCK_MONOTONIC as the test sets it."""

    now_ns = START_NS

    def __call__(self) -> int:
        return self.now_ns


@pytest.fixture
def slots() -> Iterator[Slots]:
    path = make_frames(CAMERA)
    opened = Slots(str(path))
    yield opened
    opened.close()
    remove_frames(path)


def test_a_tile_is_painted_at_the_moment_its_veil_is_due_and_when_it_is_lifted(slots: Slots) -> None:
    clock = Clock()
    feed = FrameFeed(clock)
    slots.note_packet(START_NS)
    slots.write(memoryview(bytes(64 * 36 * 4)), (64, 36), 64 * 4, (None, START_NS))
    assert feed.poll(CAMERA)
    assert not feed.poll(CAMERA)
    clock.now_ns = START_NS + VEIL_AFTER_NS - 1
    assert not feed.poll(CAMERA), "nothing has changed yet"
    clock.now_ns = START_NS + VEIL_AFTER_NS
    assert feed.poll(CAMERA), "the veil is due now, though no frame came"
    assert not feed.poll(CAMERA)
    clock.now_ns += VEIL_AFTER_NS
    slots.note_packet(clock.now_ns)
    slots.write(memoryview(bytes(64 * 36 * 4)), (64, 36), 64 * 4, (None, clock.now_ns))
    assert feed.poll(CAMERA)
    feed.close()
