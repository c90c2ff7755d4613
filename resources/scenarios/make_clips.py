"""Draw and encode the moving pictures of the drill: ``python -m resources.scenarios.make_clips [NAME...]``.

Everything is drawn here from noise, gradients and perspective, so nobody's footage is used; every picture says
演练 (drill), so that it can never be taken for a real one.  All movement repeats after ``LENGTH_S``, so that the clip
can be looped.  Output: H.264 in MPEG-TS, 640x360, 25 frames a second, a keyframe a second, PES lengths given;
``body-sub`` is the small stream of ``body``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av  # noqa: TID251
import cv2  # noqa: TID251
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QImage, QPainter

Image = NDArray[Any]
Field = NDArray[Any]

WIDTH_PX, HEIGHT_PX, RATE_HZ, LENGTH_S = 640, 360, 25, 16
_FOLDER = Path(__file__).resolve().parent / "clips"
_RATE_BPS = 560_000


def _floats(values: Any) -> Field:  # noqa: ANN401 - nested lists of numbers
    array: Field = np.asarray(values, np.float32)
    return array


def _noise(rng: np.random.Generator, size: tuple[int, int], cells: int) -> Field:
    """Smooth noise of 0..1 that fits together at its edges, (height, width)."""
    height, width = size
    total = np.zeros(size, np.float32)
    weight = 0.0
    for octave in range(4):
        count = cells * 2**octave
        grid = rng.random((count, count), dtype=np.float32)
        grid = np.pad(grid, 2, mode="wrap")
        step_y, step_x = height / count, width / count
        rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
        total += cv2.remap(grid, columns / step_x + 2, rows / step_y + 2, cv2.INTER_LINEAR) / 2**octave
        weight += 1 / 2**octave
    return _floats(total / weight)


def _tint(shade: Field, dark: tuple[int, int, int], light: tuple[int, int, int]) -> Field:
    """Colour a shade of 0..1 between two BGR colours."""
    return _floats(_floats(dark) + shade[..., None] * (_floats(light) - _floats(dark)))


def _turn(phase: float, times: int = 1) -> float:
    return float(np.sin(2 * np.pi * times * phase))


def _image(picture: Field) -> Image:
    return np.clip(picture, 0, 255).astype(np.uint8)


def drone() -> Callable[[float], Image]:
    """A flooded river valley from the air, the aircraft circling slowly."""
    rng = np.random.default_rng(1)
    side = 1536
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32)
    patch = cv2.resize(rng.random((24, 24), dtype=np.float32), (side, side), interpolation=cv2.INTER_NEAREST)
    grain = _noise(rng, (side, side), 24)
    ground = _tint(0.6 * patch + 0.4 * grain, (38, 70, 62), (88, 140, 128))
    middle = side / 2 + 190 * np.sin(columns / 240) + 60 * grain
    reach = np.abs(rows - middle) / (80 + 110 * _noise(rng, (side, side), 5))
    water = np.clip((1.05 - reach) * 6, 0, 1).astype(np.float32)
    for _ in range(150):
        x, y = (int(v) for v in rng.integers(40, side - 60, 2))
        wide, deep = (int(v) for v in rng.integers(10, 26, 2))
        cv2.rectangle(ground, (x + 4, y + 4), (x + wide + 4, y + deep + 4), (30, 40, 40), -1)
        roof = (70, 78, 150) if rng.random() < 0.5 else (140, 140, 145)
        cv2.rectangle(ground, (x, y), (x + wide, y + deep), roof, -1)
        if rng.random() < 0.4:
            water[y : y + deep, x : x + wide] = 0
    cv2.line(ground, (0, 500), (side, 980), (150, 150, 152), 9)
    flow = _noise(rng, (512, 512), 24)
    target = _floats([[0, 0], [WIDTH_PX, 0], [WIDTH_PX, HEIGHT_PX], [0, HEIGHT_PX]])

    def draw(phase: float) -> Image:
        x, y = side / 2 + 120 * _turn(phase), side / 2 + 60 + 60 * _turn(phase + 0.25)
        angle = 0.35 * _turn(phase + 0.1)
        corners = _floats([[-640, -520], [640, -520], [330, 220], [-330, 220]])
        spin = _floats([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        matrix = cv2.getPerspectiveTransform((corners @ spin.T + _floats([x, y])).astype(np.float32), target)
        size = (WIDTH_PX, HEIGHT_PX)
        land = cv2.warpPerspective(ground, matrix, size)
        wet = cv2.warpPerspective(water, matrix, size)[..., None]
        moving = np.tile(np.roll(flow, int(phase * 512 * 2), axis=1), (3, 3))
        shine = cv2.warpPerspective(moving, matrix, size)
        picture = land * (1 - wet) + _tint(shine, (60, 88, 112), (104, 138, 166)) * wet
        return _image(picture)

    return draw


def bridge() -> Callable[[float], Image]:
    """A fixed camera below a road bridge: high water, debris, rain."""
    rng = np.random.default_rng(2)
    water = _noise(rng, (512, 1024), 16)
    horizon = 150
    rows, columns = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX].astype(np.float32)
    depth = 46 / np.maximum(rows - horizon + 6, 1)
    sky = _tint(rows / HEIGHT_PX, (128, 122, 116), (176, 172, 168))
    trees = _noise(rng, (HEIGHT_PX, WIDTH_PX), 20)
    bank = (rows > horizon - 34 - 26 * trees[100][None, :]) & (rows <= horizon + 2)
    sky = np.where(bank[..., None], _tint(trees, (34, 48, 40), (60, 84, 70)), sky)
    debris = rng.random((12, 3))

    def draw(phase: float) -> Image:
        drift = (columns - WIDTH_PX / 2) * depth * 1.6 + phase * 1024 * 2
        surface = cv2.remap(
            water, (drift % 1023).astype(np.float32), (depth * 900 + 14 * _turn(phase, 3)) % 511, cv2.INTER_LINEAR
        )
        picture = np.where((rows > horizon)[..., None], _tint(surface, (52, 82, 104), (112, 150, 176)), sky)
        for start, line, size in debris:
            deep = 165 + line * 170
            x = ((start + phase * (1 + int(line * 2))) % 1.0) * (WIDTH_PX + 120) - 60
            long = 6 + size * deep / 8
            cv2.ellipse(picture, (int(x), int(deep)), (int(long), int(long / 4) + 1), 4, 0, 360, (28, 40, 52), -1)
        for pier in (150, 430):
            cv2.rectangle(picture, (pier, 100), (pier + 38, 236), (120, 122, 124), -1)
            cv2.rectangle(picture, (pier + 26, 100), (pier + 38, 236), (86, 88, 92), -1)
            swell = 236 + int(4 * _turn(phase + pier / 640, 5))
            cv2.ellipse(picture, (pier + 19, swell), (34, 8), 0, 0, 360, (176, 192, 204), -1)
        cv2.rectangle(picture, (0, 74), (WIDTH_PX, 104), (134, 136, 140), -1)
        cv2.line(picture, (0, 62), (WIDTH_PX, 62), (150, 152, 156), 3)
        drops = np.random.default_rng(int(phase * LENGTH_S * RATE_HZ))
        for x, y in drops.integers(0, (WIDTH_PX, HEIGHT_PX), (70, 2)):
            cv2.line(picture, (int(x), int(y)), (int(x) - 3, int(y) + 13), (186, 186, 190), 1)
        return _image(picture)

    return draw


def _houses(base: Field, rng: np.random.Generator, horizon: int, middle: float) -> None:
    for x in range(0, WIDTH_PX, 64):
        top = 26 + int(70 * rng.random())
        if abs(x - middle) < 70:
            continue
        cv2.rectangle(base, (x, top), (x + 60, horizon + 40), (18, 16, 16), -1)
        windows = [(column, y) for y in range(top + 8, horizon, 16) for column in range(x + 6, x + 52, 14)]
        for column, y in windows:
            if rng.random() < 0.1:
                cv2.rectangle(base, (column, y), (column + 6, y + 7), (70, 130, 160), -1)


def street() -> Callable[[float], Image]:
    """A wet street at night: vehicles' lights come and go, one lamp is out."""
    rng = np.random.default_rng(3)
    rows, columns = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX].astype(np.float32)
    grain = _noise(rng, (HEIGHT_PX, WIDTH_PX), 40)
    horizon, middle = 140, 320.0
    road = (rows > horizon) & (np.abs(columns - middle) < (rows - horizon) * 1.5 + 12)
    base = np.where(road[..., None], _tint(grain, (16, 14, 14), (44, 40, 38)), _tint(grain, (10, 9, 9), (26, 23, 22)))
    _houses(base, rng, horizon, middle)

    def glow(light: Field, x: float, y: float, size: float, colour: tuple[int, int, int]) -> None:
        cv2.circle(light, (int(x), int(y)), max(1, int(size)), colour, -1)
        cv2.ellipse(
            light,
            (int(x), int(y + size * 7)),
            (max(1, int(size)), max(1, int(size * 5))),
            0,
            0,
            360,
            tuple(int(c * 0.35) for c in colour),
            -1,
        )

    def draw(phase: float) -> Image:
        light = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.float32)
        for number in range(6):
            near = number / 6 + 0.06
            y = horizon - 70 * near
            if number != 3:
                glow(light, middle - 330 * near - 26, y, 2 + 6 * near, (110, 190, 235))
            glow(light, middle + 330 * near + 26, y, 2 + 6 * near, (110, 190, 235))
        for car in range(5):
            way = (phase * 2 + car / 5) % 1.0
            near = way**2.2
            y = horizon + 4 + 200 * near
            glow(light, middle - 24 - 170 * near, y, 1 + 8 * near, (240, 250, 255))
            glow(light, middle - 34 - 260 * near, y, 1 + 8 * near, (240, 250, 255))
            back = (1 - (phase + car / 5)) % 1.0
            near = back**2.2
            y = horizon + 4 + 200 * near
            glow(light, middle + 24 + 170 * near, y, 1 + 6 * near, (40, 40, 220))
            glow(light, middle + 34 + 250 * near, y, 1 + 6 * near, (40, 40, 220))
        if int(phase * LENGTH_S * 3) % 2:
            cv2.circle(light, (126, 196), 5, (255, 90, 30), -1)
        soft = cv2.GaussianBlur(light, (0, 0), 9) * 2.4
        return _image(base + light * 0.8 + soft * (0.7 + 0.3 * grain[..., None]))

    return draw


def body() -> Callable[[float], Image]:
    """A body camera walking along a dyke of sandbags, people in orange ahead."""
    rng = np.random.default_rng(4)
    wide, high = 960, 560
    rows, columns = np.mgrid[0:high, 0:wide].astype(np.float32)
    grain = _noise(rng, (high, wide), 40)
    scene = _tint(rows / high, (168, 160, 150), (110, 108, 104))
    scene = np.where((rows > 250)[..., None], _tint(grain, (44, 66, 84), (84, 108, 128)), scene)
    shore = ((rows > 250) & (columns > 620))[..., None]
    scene = np.where(shore, _tint(grain, (70, 98, 120), (120, 150, 172)), scene)
    for row in range(9):
        bag = 22 + row * 5
        for x in range(540 - row * 30, 660 + row * 34, bag * 2):
            shade = 0.8 + 0.3 * float(rng.random())
            centre = (x + (row % 2) * bag, 262 + row * row * 3 + row * 10)
            cv2.ellipse(scene, centre, (bag, bag // 2), 0, 0, 360, (150 * shade, 172 * shade, 180 * shade), -1)
            cv2.ellipse(scene, centre, (bag, bag // 2), 0, 0, 360, (70, 80, 84), 1)

    def person(picture: Field, x: float, y: float, size: float, swing: float) -> None:
        for side in (-1, 1):
            foot = (int(x + side * swing * size), int(y + size * 2))
            cv2.line(picture, (int(x), int(y)), foot, (40, 36, 34), int(size * 0.7))
        hand = (int(x + swing * size * 2), int(y + size * 0.4))
        cv2.line(picture, (int(x), int(y - size)), hand, (24, 92, 214), int(size * 0.4))
        cv2.ellipse(picture, (int(x), int(y - size)), (int(size * 0.8), int(size * 1.4)), 0, 0, 360, (26, 104, 232), -1)
        cv2.line(
            picture, (int(x - size * 0.7), int(y - size)), (int(x + size * 0.7), int(y - size)), (190, 230, 230), 3
        )
        cv2.circle(picture, (int(x), int(y - size * 2.8)), int(size * 0.6), (40, 60, 220), -1)

    def draw(phase: float) -> Image:
        picture = scene.copy()
        for number, (x, size) in enumerate(((250, 17), (380, 12), (470, 9), (720, 14))):
            walk = 26 * _turn(phase + number / 4)
            person(picture, x + walk, 270 + size * 4, size, 0.6 * _turn(phase + number / 7, 16))
        step = phase * LENGTH_S
        sway = 7 * _turn(phase, 9) + 4 * _turn(phase, 31) + 30 * _turn(phase)
        y = 9 * abs(_turn(phase, 15)) + 3 * _turn(phase, 41)
        turn: Field = cv2.getRotationMatrix2D((wide / 2, high / 2), 2.2 * _turn(phase, 7) + 0.4 * _turn(phase, 37), 1.0)
        turn[:, 2] += (sway - (wide - WIDTH_PX) / 2, y - (high - HEIGHT_PX) / 2)
        picture = cv2.warpAffine(picture, turn, (WIDTH_PX, HEIGHT_PX))
        if step % 4 > 3.6:
            picture = cv2.GaussianBlur(picture, (0, 0), 2.0)
        return _image(picture)

    return draw


SCENES: dict[str, tuple[str, Callable[[], Callable[[float], Image]]]] = {
    "drone": ("演练 DRILL  无人机", drone),
    "bridge": ("演练 DRILL  大桥", bridge),
    "street": ("演练 DRILL  路口", street),
    "body": ("演练 DRILL  执法仪", body),
    "body-sub": ("演练 DRILL  执法仪", body),
}
_SMALL = {"body-sub": (320, 180, 140_000)}
"""Width, height and rate of what is not encoded as drawn."""


def _caption(text: str) -> tuple[Image, Field]:
    """The words burned into every frame, and how much they cover, 0..1."""
    image = QImage(WIDTH_PX, 30, QImage.Format.Format_RGB888)
    image.fill(QColor(0, 0, 0))
    painter = QPainter(image)
    painter.setFont(QFont("Noto Sans CJK SC", 13, QFont.Weight.Bold))
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(image.rect().adjusted(12, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), text)
    painter.end()
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(30, image.bytesPerLine())[:, : WIDTH_PX * 3]
    words = raw.reshape(30, WIDTH_PX, 3).copy()
    return words, np.full((30, WIDTH_PX, 1), 0.55, np.float32)


def make(name: str) -> Path:
    """Draw and encode one clip."""
    text, build = SCENES[name]
    draw = build()
    words, cover = _caption(text)
    width_px, height_px, rate_bps = _SMALL.get(name, (WIDTH_PX, HEIGHT_PX, _RATE_BPS))
    path = _FOLDER / f"{name}.ts"
    options = {"omit_video_pes_length": "0", "pcr_period": "20"}
    with av.open(str(path), "w", format="mpegts", options=options) as container:
        stream = container.add_stream("libx264", rate=RATE_HZ)
        stream.width, stream.height, stream.pix_fmt = width_px, height_px, "yuv420p"
        stream.bit_rate = rate_bps
        stream.codec_context.time_base = Fraction(1, RATE_HZ)
        stream.options = {
            "preset": "slow",
            "profile": "main",
            "tune": "zerolatency",
            "g": str(RATE_HZ),
            "sc_threshold": "0",
            "maxrate": str(rate_bps),
            "bufsize": str(rate_bps),
        }
        for number in range(LENGTH_S * RATE_HZ):
            picture = draw(number / (LENGTH_S * RATE_HZ))
            band = picture[HEIGHT_PX - 30 :]
            band[:] = _image(np.maximum(band * (1 - cover), words))
            seconds, rest = divmod(number, RATE_HZ)
            stamp = f"{seconds:02d}.{rest * 100 // RATE_HZ:02d}  #{number:04d}"
            at, white = (470, HEIGHT_PX - 9), (255, 255, 255)
            cv2.putText(picture, stamp, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, white, 1, cv2.LINE_AA)
            if picture.shape[1] != width_px:
                picture = cv2.resize(picture, (width_px, height_px), interpolation=cv2.INTER_AREA)
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


if __name__ == "__main__":
    application = QGuiApplication([*sys.argv[:1], "-platform", "offscreen"])
    for chosen in sys.argv[1:] or SCENES:
        made = make(chosen)
        sys.stdout.write(f"{made} {made.stat().st_size}\n")
