"""What nothing is wrong with is not called wrong, however small, coarse, dark or still; and what is, is, there too.

A small stream has few lines and fewer bits: one word too many about it, and nobody believes the words any more.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache

import cv2
import numpy as np
import pytest

from devices.video.checkup import Checkup
from devices.video.slots import Slots
from tests.devices.video import faulty
from tests.devices.video.faulty import RATE_HZ, Coded, Coding, Luma, encode, scene, without
from tests.devices.video.test_health import first, slots, watch, words

__all__ = ["slots"]

Size = tuple[int, int]
SMALL, MIDDLE = (160, 96), (352, 288)
CODINGS = {
    "baseline": Coding(encoder="libx264", decoder="h264", options=(*faulty.X264.items(), ("profile", "baseline"))),
    "B frames": Coding(
        encoder="libx264", decoder="h264", options=(("preset", "fast"), ("profile", "main"), ("bf", "3"), ("refs", "4"))
    ),
    "open groups": Coding(
        encoder="libx264", decoder="h264", keys=50,
        options=(("preset", "veryfast"), ("x264-params", "open-gop=1:bframes=2:ref=3:b-pyramid=normal")),
    ),
    "renewed bit by bit": Coding(
        encoder="libx264", decoder="h264", options=(*faulty.X264.items(), ("x264-params", "intra-refresh=1")), keys=50
    ),
    "long groups": Coding(encoder="libx264", decoder="h264", options=(*faulty.X264.items(),), keys=150),
    "hevc": Coding(
        encoder="libx265", decoder="hevc",
        options=(("preset", "ultrafast"), ("x265-params", "log-level=none:repeat-headers=1")),
    ),
    "mjpeg": Coding(encoder="mjpeg", decoder="mjpeg", options=(("qmin", "16"), ("qmax", "16")), keys=1),
    "mjpeg, coarse": Coding(encoder="mjpeg", decoder="mjpeg", options=(("qmin", "31"), ("qmax", "31")), keys=1),
}  # fmt: skip
RATES_BPS = {SMALL: 100_000, MIDDLE: 64_000}


@pytest.fixture(autouse=True, scope="module")
def _prepared() -> None:
    Checkup.prepare()


def fog(picture: Luma, _before: Luma | None, _second: float) -> Luma:
    """Next to nothing is left of the scene; the sensor is well lit."""
    noise = np.random.default_rng(int(picture.sum())).normal(0, 0.8, picture.shape)
    return np.asarray(np.clip(picture.astype(np.float32) * 0.1 + 118 + noise, 16, 235), np.uint8)


@cache
def pictures(shown: str, size_px: Size, for_s: float = 8.0) -> list[Luma]:
    whole: Iterator[Luma] = {
        "still": lambda: scene(for_s),
        "moving": lambda: scene(for_s, pan_px=5.0),
        "night": lambda: scene(for_s, fault=faulty.night, at=(0.0, for_s)),
        "fog": lambda: scene(for_s, fault=fog, at=(0.0, for_s)),
    }[shown]()
    return [np.asarray(cv2.resize(one, size_px, interpolation=cv2.INTER_NEAREST), np.uint8) for one in whole]


def coded(coding: str, shown: str, size_px: Size, for_s: float = 8.0) -> list[Coded]:
    made = CODINGS[coding]
    rate_bps = 0 if made.encoder == "mjpeg" else RATES_BPS[size_px]
    bounded = Coding(
        encoder=made.encoder, decoder=made.decoder, options=made.options, keys=made.keys, rate_bps=rate_bps
    )  # fmt: skip
    return encode(pictures(shown, size_px, for_s), bounded, size_px)


@pytest.mark.parametrize("size_px", [SMALL, MIDDLE], ids=["160x96", "352x288"])
@pytest.mark.parametrize("shown", ["still", "moving", "night", "fog"])
@pytest.mark.parametrize("coding", list(CODINGS))
def test_a_small_and_coarse_stream_without_loss_has_nothing_wrong_with_it(
    slots: Slots, coding: str, shown: str, size_px: Size
) -> None:
    assert words(watch(slots, coded(coding, shown, size_px), CODINGS[coding].decoder)) == {None}


def test_bars_of_a_test_card_and_the_columns_of_a_table_are_no_smear(slots: Slots) -> None:
    bars = np.repeat(np.arange(16, 232, 27, dtype=np.uint8), 60)[np.newaxis].repeat(faulty.HEIGHT, axis=0)
    shown = [np.ascontiguousarray(bars[:, : faulty.WIDTH])] * (4 * RATE_HZ)
    told = watch(slots, encode(shown, faulty.CODINGS["h264 by quality"]), "h264", may_stand_still=True)
    assert words(told) == {None}


def smeared(picture: Luma, _before: Luma | None, _second: float) -> Luma:
    """What a converter before the encoder gives when half of a picture did not reach it."""
    picture = picture.copy()
    picture[faulty.HEIGHT // 2 :] = picture[faulty.HEIGHT // 2]
    return picture


def test_a_picture_that_begins_to_smear_is_told(slots: Slots) -> None:
    packets = encode(scene(8.0, fault=smeared, at=(4.0, 6.0)), Coding(
        encoder="libx264", decoder="h264", options=(*faulty.X264.items(), ("qp", "0"))
    ))  # fmt: skip
    told = watch(slots, packets, "h264")
    assert 4.0 <= first(told, "torn") <= 4.4
    assert words(told) == {None, "torn"}


def test_a_sensor_that_froze_is_told_in_a_small_stream_too(slots: Slots) -> None:
    before = pictures("still", SMALL, 6.0)
    shown = before + [before[-1]] * (10 * RATE_HZ)
    rated = Coding(encoder="libx264", decoder="h264", options=(*faulty.X264.items(),), rate_bps=100_000)
    assert 8.9 <= first(watch(slots, encode(shown, rated, SMALL), "h264"), "frozen") <= 14.0
    assert 8.9 <= first(watch(slots, encode(shown, CODINGS["mjpeg"], SMALL), "mjpeg"), "frozen") <= 9.5


def _overwritten(packet: Coded, chance: random.Random) -> Coded:
    octets = bytearray(packet.data)
    start = len(octets) // 3
    for at in range(start, min(len(octets), start + 188)):
        octets[at] = chance.randrange(256)
    return Coded(data=bytes(octets), is_key=packet.is_key)


def _cut(packet: Coded, _chance: random.Random) -> Coded:
    return Coded(data=packet.data[: len(packet.data) // 2], is_key=packet.is_key)


@pytest.mark.parametrize("spoil", [_overwritten, _cut], ids=["overwritten", "cut"])
@pytest.mark.parametrize(
    ("coding", "size_px"),
    # Octets overwritten in H.265 are other pictures by its own rules more often than not.
    [("baseline", SMALL), ("B frames", MIDDLE), ("renewed bit by bit", MIDDLE), ("hevc", MIDDLE), ("mjpeg", SMALL)],
)
def test_octets_that_are_wrong_or_missing_within_pictures_are_told(
    slots: Slots, coding: str, size_px: Size, spoil: object
) -> None:
    chance = random.Random(4)
    assert callable(spoil)
    packets = [
        spoil(packet, chance) if 52 <= number < 56 else packet
        for number, packet in enumerate(coded(coding, "moving", size_px, 5.0))
    ]
    told = watch(slots, packets, CODINGS[coding].decoder)
    assert 2.0 <= first(told, "torn") <= 2.7
    assert words(told) == {None, "torn"}


@pytest.mark.parametrize("coding", ["baseline", "B frames", "renewed bit by bit", "hevc"])
def test_pictures_that_were_lost_from_a_small_stream_are_told(slots: Slots, coding: str) -> None:
    packets = without(coded(coding, "moving", SMALL, 5.0), {53, 54, 55, 56})
    told = watch(slots, packets, CODINGS[coding].decoder)
    assert 2.0 <= first(told, "torn") <= 2.8


def test_a_camera_whose_motion_jpeg_never_ends_as_it_should_is_shown_and_not_called_torn(slots: Slots) -> None:
    """Some leave out the marker at the end; FFmpeg's strict reading refuses each such picture."""
    packets = [Coded(data=packet.data[:-2] + b"\0\0", is_key=True) for packet in coded("mjpeg", "still", MIDDLE, 3.0)]
    told = watch(slots, packets, "mjpeg")
    assert words(told) == {None}
    assert slots.picture_stamp_ns
