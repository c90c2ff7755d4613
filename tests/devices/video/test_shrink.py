"""Pictures made smaller for their tiles: the same picture, in the same colours, whatever was shown before."""

from __future__ import annotations

import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from devices.video.shrink import Shrink

Size = tuple[int, int]


def coloured(size_px: Size, pixel_format: str, seed: int) -> VideoFrame:
    """Soft patches of colour."""
    cells = np.random.default_rng(seed).integers(20, 235, (9, 16, 3), np.uint8)
    small = VideoFrame.from_ndarray(cells, format="rgb24")
    return small.reformat(*size_px, pixel_format, interpolation=Interpolation.BICUBIC)


def pixels(frame: VideoFrame, width_px: int | None = None) -> NDArray[np.int16]:
    """All of a frame, or as many columns as are shown."""
    return frame.to_ndarray()[:, :width_px].astype(np.int16)


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuvj420p"])
@pytest.mark.parametrize(("size_px", "shown_px"), [((1280, 720), (640, 336)), ((640, 360), (476, 246))])
def test_it_is_what_the_other_way_of_scaling_gives(size_px: Size, shown_px: Size, pixel_format: str) -> None:
    shrink = Shrink()
    for seed in range(3):
        frame = coloured(size_px, pixel_format, seed)
        assert shrink.takes(frame, shown_px)
        other = VideoReformatter().reformat(frame, *shown_px, "bgra", interpolation=Interpolation.AREA)
        assert np.abs(pixels(shrink.shrink(frame, shown_px), shown_px[0]) - pixels(other)).mean() < 2


def test_another_size_and_another_format_follow_each_other() -> None:
    shrink = Shrink()
    for size_px, shown_px, pixel_format in [
        ((640, 360), (320, 180), "yuv420p"), ((1280, 720), (320, 180), "yuvj420p"), ((1280, 720), (300, 168), "yuv420p")
    ]:  # fmt: skip
        picture = shrink.shrink(coloured(size_px, pixel_format, 1), shown_px)
        assert pixels(picture, shown_px[0]).shape == (*shown_px[::-1], 4)


@pytest.mark.parametrize("width_px", range(240, 274, 2))
def test_every_column_is_written_whatever_the_width(width_px: int) -> None:
    grey = VideoFrame.from_ndarray(np.full((360, 640, 3), 128, np.uint8), "rgb24").reformat(format="yuv420p")
    # What lay in the memory before would be seen where nothing is written.
    littered = [np.full((200, 300, 4), 255, np.uint8) for _ in range(4)]
    del littered
    seen = pixels(Shrink().shrink(grey, (width_px, 144)), width_px)[..., :3]
    assert np.abs(seen - 128).max() < 6


@pytest.mark.parametrize(
    ("size_px", "shown_px", "pixel_format"),
    [
        ((640, 360), (640, 360), "yuv420p"),
        ((640, 360), (800, 450), "yuv420p"),
        ((642, 361), (320, 180), "yuv420p"),
        ((640, 360), (320, 180), "yuv422p"),
    ],
)
def test_what_it_cannot_do_is_left_to_the_other(size_px: Size, shown_px: Size, pixel_format: str) -> None:
    assert not Shrink.takes(coloured(size_px, pixel_format, 1), shown_px)
