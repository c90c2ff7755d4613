"""What is wrong with pictures that come in time: drawn, encoded, decoded by the decoder itself, and named."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import msgspec
import numpy as np
import pytest

from console.frames import frames_name, make_frames, remove_frames
from devices.video import feed
from devices.video.checkup import Checkup
from devices.video.decode import Decoder
from devices.video.feed import FLAG_DAMAGED, FLAG_KEY, OPEN, PACKET, VIEW, Item
from devices.video.health import Eye
from devices.video.messages import Health, memory_folder
from devices.video.slots import Slots
from tests.devices.video import faulty
from tests.devices.video.faulty import CODINGS, RATE_HZ, Coded, Fault, encode, scene, without

S = 1_000_000_000
STEP_NS = S // RATE_HZ
Timeline = list[tuple[float, Health | None, float]]
"""(second of the clip, what was told, since which second)."""


@pytest.fixture
def slots() -> Iterator[Slots]:
    path = make_frames("health")
    opened = Slots(str(path))
    yield opened
    opened.close()
    remove_frames(path)


@pytest.fixture(autouse=True, scope="module")
def _prepared() -> None:
    Checkup.prepare()


def control(kind: int, body: bytes) -> Item:
    return Item(kind=kind, flags=0, pts_ns=None, stamp_ns=0, received_ns=0, body=body)


def opened(slots: Slots, codec: str, *, may_stand_still: bool = False, is_key_only: bool = False) -> Decoder:
    """A decoder in this process, told what the receiver tells it."""
    decoder = Decoder()
    assert slots.slot_bytes
    path = str(memory_folder() / frames_name("health"))
    head = msgspec.json.encode({"slots": path, "codec": codec, "may_stand_still": may_stand_still})
    decoder.take(control(OPEN, head + b"\n"))
    view = {"width_px": 160, "height_px": 90, "rate_hz": 12.5, "is_key_only": is_key_only}
    decoder.take(control(VIEW, msgspec.json.encode(view)))
    return decoder


def watch(
    slots: Slots,
    packets: Sequence[Coded | None],
    codec: str,
    *,
    may_stand_still: bool = False,
    damaged: Iterable[int] = (),
) -> Timeline:
    """What is told at every packet, as if they came at their rate."""
    decoder, told, hurt = opened(slots, codec, may_stand_still=may_stand_still), [], set(damaged)
    for number, packet in enumerate(packets):
        if packet is None:
            continue
        stamp_ns = S + number * STEP_NS
        flags = (FLAG_KEY if packet.is_key else 0) | (FLAG_DAMAGED if number in hurt else 0)
        decoder.take(
            Item(
                kind=PACKET, flags=flags, pts_ns=stamp_ns, stamp_ns=stamp_ns, received_ns=time.monotonic_ns(),
                body=packet.data,
            )
        )  # fmt: skip
        found = slots.health()
        told.append((number / RATE_HZ, found[0] if found else None, (found[1] - S) / S if found else 0.0))
    return told


def first(told: Timeline, health: Health | None, after_s: float = 0.0) -> float:
    """When this was told first."""
    return next(second for second, said, _ in told if said == health and second >= after_s)


def words(told: Timeline) -> set[Health | None]:
    return {said for _, said, _ in told}


@cache
def clip(coding: str, for_s: float, fault: Fault | None = None, *, begin: float = 0.0, end: float = 0.0) -> list[Coded]:
    return encode(scene(for_s, fault=fault, at=(begin, end)), CODINGS[coding])


@pytest.mark.parametrize(
    ("coding", "within_s"),
    [("h264 fixed", 5.2), ("h264 by quality", 8.5), ("h264 1 Mbit/s", 6.0), ("hevc", 9.5), ("mjpeg", 3.3)],
)
def test_a_frozen_sensor_is_told_while_the_clock_in_its_picture_runs_on(
    slots: Slots, coding: str, within_s: float
) -> None:
    """How soon depends on when the encoder's rate control has settled."""
    packets = clip(coding, 20.0, faulty.frozen, begin=6.0, end=16.0)
    told = watch(slots, packets, CODINGS[coding].decoder)
    at_s = first(told, "frozen")
    assert 8.9 <= at_s <= 6.0 + within_s
    assert words(told) == {None, "frozen"}
    assert first(told, None, at_s) <= 17.5, "it is over soon after the picture moves again"
    since_s = next(since for second, said, since in told if said == "frozen")
    assert since_s <= at_s - 2.9


@pytest.mark.parametrize("noise", [0.6, 2.5])
@pytest.mark.parametrize("coding", list(CODINGS))
def test_a_scene_that_stands_still_is_not_called_frozen_while_its_sensor_lives(
    slots: Slots, coding: str, noise: float
) -> None:
    packets = encode(scene(8.0, noise=noise), CODINGS[coding])
    assert words(watch(slots, packets, CODINGS[coding].decoder)) == {None}


def test_a_screen_may_stand_still_where_it_was_said(slots: Slots) -> None:
    packets = clip("h264 by quality", 11.0, faulty.frozen, begin=3.0, end=8.0)
    assert words(watch(slots, packets, "h264", may_stand_still=True)) == {None}


def test_a_moving_picture_has_nothing_wrong_with_it(slots: Slots) -> None:
    packets = encode(scene(8.0, pan_px=2.5), CODINGS["h264 by quality"])
    assert words(watch(slots, packets, "h264")) == {None}


@pytest.mark.parametrize(
    ("fault", "health"), [(faulty.black, "black"), (faulty.white, "white")], ids=["black", "white"]
)  # fmt: skip
@pytest.mark.parametrize("coding", ["h264 by quality", "mjpeg"])
def test_a_picture_without_content_is_told_with_when_it_began(
    slots: Slots, coding: str, fault: Fault, health: Health
) -> None:
    packets = clip(coding, 8.0, fault, begin=2.0, end=6.0)
    told = watch(slots, packets, CODINGS[coding].decoder)
    at_s = first(told, health)
    assert 3.9 <= at_s <= 4.6
    since_s = next(since for second, said, since in told if said == health)
    assert 2.0 <= since_s <= 2.5
    assert words(told) == {None, health}
    assert first(told, None, at_s) <= 7.6


def test_a_night_with_lamps_is_not_black(slots: Slots) -> None:
    packets = clip("h264 by quality", 6.0, faulty.night, begin=0.0, end=6.0)
    assert words(watch(slots, packets, "h264")) == {None}


def test_a_lens_that_is_covered_or_out_of_focus_is_told_against_what_is_usual(slots: Slots) -> None:
    packets = clip("h264 by quality", 20.0, faulty.blurred, begin=12.0, end=18.0)
    told = watch(slots, packets, "h264")
    at_s = first(told, "blurred")
    assert 14.8 <= at_s <= 16.0
    assert words(told) == {None, "blurred"}
    assert told[-1][1] is None or told[-1][0] < 20.5


def test_what_is_usual_outlives_the_decoder(slots: Slots) -> None:
    watch(slots, clip("h264 by quality", 20.0, faulty.blurred, begin=12.0, end=18.0)[: 12 * RATE_HZ], "h264")
    packets = clip("h264 by quality", 6.0, faulty.blurred, begin=0.0, end=6.0)
    assert first(watch(slots, packets, "h264"), "blurred") <= 4.0


def test_a_lost_picture_that_the_decoder_hides_is_told_until_the_next_key_frame(slots: Slots) -> None:
    packets = without(encode(scene(8.0, pan_px=2.5), CODINGS["h264 fixed"]), {55, 56})
    told = watch(slots, packets, "h264")
    at_s = first(told, "torn")
    assert 2.2 <= at_s <= 2.4
    assert 4.0 < first(told, None, at_s) < 6.4, "key frames come every two seconds; it is held for two more"


def test_a_lost_picture_of_h265_is_told_though_nothing_comes_out(slots: Slots) -> None:
    packets = without(encode(scene(6.0, pan_px=2.5), CODINGS["hevc"]), {55, 56})
    told = watch(slots, packets, "hevc")
    assert 2.2 <= first(told, "torn") <= 2.6
    assert told[-1][1] is None


def test_octets_changed_on_their_way_are_told(slots: Slots) -> None:
    chance = random.Random(4)

    def spoil(packet: Coded) -> Coded:
        octets = bytearray(packet.data)
        for _ in range(6):
            octets[chance.randrange(60, len(octets))] ^= chance.randrange(1, 255)
        return Coded(data=bytes(octets), is_key=packet.is_key)

    packets = encode(scene(6.0, pan_px=2.5), CODINGS["h264 fixed"])
    spoilt = [spoil(packet) if 60 <= number < 64 else packet for number, packet in enumerate(packets)]
    told = watch(slots, spoilt, "h264")
    assert 2.3 <= first(told, "torn") <= 2.9


def test_what_the_container_says_is_damaged_is_told_for_any_coding(slots: Slots) -> None:
    told = watch(slots, encode(scene(5.0, pan_px=2.5), CODINGS["hevc"]), "hevc", damaged={40})
    assert 1.5 <= first(told, "torn") <= 2.0
    assert told[-1][1] is None


def test_what_nobody_looks_at_has_no_health(slots: Slots) -> None:
    decoder = opened(slots, "h264")
    slots.note_health("frozen", 5)
    decoder.take(control(VIEW, msgspec.json.encode({"width_px": 0, "height_px": 0, "rate_hz": None})))
    assert slots.health() is None


def test_a_flag_of_damage_reaches_the_decoder() -> None:
    unit = feed.Unit(
        data=b"x", pts_ns=1, dts_ns=1, received_ns=2, stamp_ns=3, is_key=False, is_damaged=True
    )  # fmt: skip
    item = feed.read_item(io.BytesIO(feed.packet(unit)))
    assert item is not None
    assert item.flags == FLAG_DAMAGED


@pytest.mark.parametrize("lines_px", [96, 144, 176])
def test_a_small_stream_is_not_called_torn_for_having_few_lines(lines_px: int) -> None:
    noise = np.random.default_rng(3).integers(0, 255, (lines_px, lines_px * 16 // 9), dtype=np.uint8)
    assert Eye().look(noise, 1).smeared_share < 0.02
    noise[lines_px // 2 :] = noise[lines_px // 2]
    assert Eye().look(noise, 2).smeared_share > 0.3
