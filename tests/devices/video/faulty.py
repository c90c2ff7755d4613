"""Clips that show what goes wrong with cameras, drawn and encoded here: a scene with sensor noise and a clock."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import av
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

Luma = NDArray[np.uint8]
Fault = Callable[[Luma, Luma | None, float], Luma]
"""(scene as it is, picture before, seconds since the fault began) -> what the sensor gives."""

WIDTH, HEIGHT, RATE_HZ = 480, 270, 25
X264 = {"preset": "veryfast", "tune": "zerolatency"}
X265 = {"preset": "ultrafast", "tune": "zerolatency", "x265-params": "log-level=none:bframes=0:repeat-headers=1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """How a clip is encoded: encoder, decoder's name, options, key frame interval, bit rate (0: by quality)."""

    encoder: str
    decoder: str
    options: tuple[tuple[str, str], ...]
    keys: int = 25
    rate_bps: int = 0


CODINGS = {
    "h264 by quality": Coding(encoder="libx264", decoder="h264", options=(*X264.items(), ("crf", "26"))),
    "h264 fixed": Coding(encoder="libx264", decoder="h264", options=(*X264.items(), ("qp", "30")), keys=50),
    "h264 1 Mbit/s": Coding(encoder="libx264", decoder="h264", options=(*X264.items(),), rate_bps=1_000_000, keys=50),
    "hevc": Coding(encoder="libx265", decoder="hevc", options=(*X265.items(), ("crf", "24"))),
    "mjpeg": Coding(encoder="mjpeg", decoder="mjpeg", options=(("qmin", "4"), ("qmax", "4")), keys=1),
}


@cache
def background(detail_px: int = 40) -> NDArray[np.float32]:
    """Fields, roofs and a few edges; twice as wide as a picture, so that it can be panned over."""
    chance = np.random.default_rng(7)
    cells = chance.integers(0, 255, (HEIGHT // detail_px + 2, 2 * WIDTH // detail_px + 2), dtype=np.uint8)
    scene = cv2.resize(cells, (2 * WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC).astype(np.float32) * 0.5 + 45
    for number in range(60):
        left, top = (int(chance.integers(0, limit - 50)) for limit in (2 * WIDTH, HEIGHT))
        corner = (left + int(chance.integers(15, 50)), top + int(chance.integers(10, 40)))
        cv2.rectangle(scene, (left, top), corner, float(40 + number * 3), -1 if number % 3 == 0 else 1)
    return np.asarray(scene, np.float32)


def scene(
    for_s: float,
    *,
    noise: float = 1.5,
    pan_px: float = 0.0,
    fault: Fault | None = None,
    at: tuple[float, float] = (0, 0),
) -> Iterator[Luma]:
    """Pictures of a camera that stands still or pans; ``fault`` acts between the two seconds of ``at``.

    A clock with hundredths runs in the upper left corner, whatever the sensor gives.
    """
    chance = np.random.default_rng(3)
    before: Luma | None = None
    for number in range(int(for_s * RATE_HZ)):
        second = number / RATE_HZ
        start = int(number * pan_px) % WIDTH
        seen = background()[:, start : start + WIDTH] + chance.normal(0, noise, (HEIGHT, WIDTH)).astype(np.float32)
        picture: Luma = np.clip(seen, 16, 235).astype(np.uint8)
        if fault is not None and at[0] <= second < at[1]:
            picture = fault(picture, before, second - at[0])
        before = picture
        shown = picture.copy()
        cv2.rectangle(shown, (4, 4), (260, 28), 16, -1)
        cv2.putText(shown, f"2024-07-20 03:12:{second:05.2f}", (8, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 235, 1)
        yield shown


def frozen(picture: Luma, before: Luma | None, _second: float) -> Luma:
    """The sensor or the encoder's input stands still."""
    return picture if before is None else before


def black(picture: Luma, _before: Luma | None, _second: float) -> Luma:
    """A lens cap, or a sensor without power: the noise of an amplifier remains."""
    dark = 17 + np.random.default_rng(int(picture.sum())).normal(0, 1.0, picture.shape)
    return np.asarray(np.clip(dark, 16, 235), np.uint8)


def white(picture: Luma, _before: Luma | None, _second: float) -> Luma:
    """A lamp into the lens."""
    return np.asarray(np.clip(picture.astype(np.float32) * 0.02 + 230, 16, 235), np.uint8)


def blurred(picture: Luma, _before: Luma | None, _second: float) -> Luma:
    """Water on the lens, or the focus is lost."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 9), np.uint8)


def night(picture: Luma, _before: Luma | None, _second: float) -> Luma:
    """A dark scene with a few lamps and an amplifier turned up: no fault."""
    noise = np.random.default_rng(int(picture.sum())).normal(0, 2.0, picture.shape)
    dim = (picture.astype(np.float32) * 0.06 + 18 + noise).astype(np.float32)
    for left in range(40, WIDTH, 90):
        cv2.circle(dim, (left, HEIGHT // 2), 6, 200.0, -1)
    return np.asarray(np.clip(dim, 16, 235), np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """One encoded picture."""

    data: bytes
    is_key: bool


def frames(pictures: Iterable[Luma], pixel_format: str = "yuv420p") -> Iterator[VideoFrame]:
    """The pictures as PyAV takes them, grey."""
    for number, picture in enumerate(pictures):
        height, width = picture.shape
        frame = VideoFrame(width, height, pixel_format)
        for which, plane in enumerate(frame.planes):
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
            if which:
                rows[:] = 128
            else:
                rows[:height, :width] = picture
        frame.pts = number
        yield frame


def _encoder(coding: Coding, size_px: tuple[int, int]) -> VideoCodecContext:
    context = av.CodecContext.create(coding.encoder, "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height = size_px
    context.pix_fmt = "yuvj420p" if coding.encoder == "mjpeg" else "yuv420p"
    context.time_base, context.framerate = Fraction(1, RATE_HZ), Fraction(RATE_HZ, 1)
    context.gop_size, context.thread_count = coding.keys, 1
    if coding.rate_bps:
        context.bit_rate = coding.rate_bps
    context.options = dict(coding.options)
    return context


def encode(pictures: Iterable[Luma], coding: Coding, size_px: tuple[int, int] = (WIDTH, HEIGHT)) -> list[Coded]:
    """One packet a picture, with its parameter sets in the stream; ``size_px``: width and height of the pictures."""
    context = _encoder(coding, size_px)
    packets: list[Any] = []
    for frame in frames(pictures, context.pix_fmt or "yuv420p"):
        packets += context.encode(frame)
    packets += context.encode(None)
    return [Coded(data=bytes(packet), is_key=packet.is_keyframe) for packet in packets]


def transport_stream(pictures: Iterable[Luma], coding: Coding) -> bytes:
    """The clip as MPEG-TS."""
    out = io.BytesIO()
    with av.open(out, "w", format="mpegts") as container:
        stream = container.add_stream(coding.encoder, rate=RATE_HZ, options=dict(coding.options))
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = WIDTH, HEIGHT, "yuv420p", coding.keys
        for frame in frames(pictures):
            frame.time_base = Fraction(1, RATE_HZ)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


def without(packets: Sequence[Coded], lost: set[int]) -> list[Coded | None]:
    """The packets, ``None`` where one was lost on its way."""
    return [None if number in lost else packet for number, packet in enumerate(packets)]
