"""How pictures reach the window: key frames alone, a decoder or a window that is too slow, a whole faulty camera."""

from __future__ import annotations

import asyncio
import contextlib
import io
import itertools
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console.frames import FrameReader, frames_name, make_frames, remove_frames
from devices.video import feed
from devices.video.decode import Decoder
from devices.video.feed import OPEN, VIEW, Unit, read_item
from devices.video.messages import memory_folder
from devices.video.slots import Slots
from tests.devices.video import faulty
from tests.devices.video.faulty import CODINGS, RATE_HZ, Coding, encode, scene, transport_stream
from tests.devices.video.rig import abort, camera, next_frame, reader_of, rigged, tcp_clip, until

MS, S = 1_000_000, 1_000_000_000


def free() -> bool:
    return os.getloadavg()[0] < 2 * (os.cpu_count() or 1)


@pytest.fixture(name="slots")
def _slots() -> Iterator[Slots]:
    path = make_frames("showing")
    opened = Slots(str(path))
    yield opened
    opened.close()
    remove_frames(path)


def beginning(codec: str, *, is_key_only: bool = False) -> bytes:
    path = str(memory_folder() / frames_name("showing"))
    view = {"width_px": 160, "height_px": 90, "rate_hz": None, "is_key_only": is_key_only}
    head = msgspec.json.encode({"slots": path, "codec": codec, "may_stand_still": False})
    return feed.control(OPEN, head + b"\n") + feed.control(VIEW, msgspec.json.encode(view))


class Slow:
    """A codec that needs 60 ms a picture."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self.delay = 0
        self.is_damaged = False

    def decode(self, packet: Any) -> Any:
        time.sleep(0.06)
        return self._context.decode(packet)


@pytest.mark.usefixtures("slots")
def test_a_decoder_that_is_too_slow_shows_fewer_pictures_and_no_old_ones() -> None:
    """Twenty-five pictures a second, sixteen can be decoded; a queue would be four seconds behind in the end."""
    coding = Coding(encoder="libx264", decoder="h264", options=(*faulty.X264.items(), ("qp", "30")), keys=25)
    packets = encode(scene(7.0, pan_px=2.0), coding)
    out, into = os.pipe()
    decoder = Decoder()

    def decode() -> None:
        with os.fdopen(out, "rb") as stream:
            while (item := read_item(stream)) is not None:
                decoder.take(item)
                if item.kind == OPEN:
                    decoder._context = Slow(decoder._context)  # type: ignore[assignment]

    def send() -> None:
        with os.fdopen(into, "wb") as stream:
            stream.write(beginning("h264"))
            began_ns = time.monotonic_ns()
            for number, packet in enumerate(packets):
                due_ns = began_ns + number * S // RATE_HZ
                time.sleep(max(0, due_ns - time.monotonic_ns()) / S)
                stream.write(
                    feed.packet(
                        Unit(
                            data=packet.data, pts_ns=due_ns, dts_ns=due_ns, received_ns=due_ns, stamp_ns=due_ns,
                            is_key=packet.is_key,
                        )
                    )
                )  # fmt: skip
                stream.flush()

    threads = [threading.Thread(target=work) for work in (decode, send)]
    reader = FrameReader(frames_name("showing"))
    for thread in threads:
        thread.start()
    ages = []
    while any(thread.is_alive() for thread in threads):
        frame = reader.read()
        if frame is not None:
            ages.append((time.monotonic_ns() - frame.stamp_ns) / MS)
        time.sleep(0.005)
    reader.close()
    assert len(ages) >= 30
    ages.sort()
    assert ages[int(0.95 * len(ages))] < 300
    assert ages[-1] < (400 if free() else 1_000)


def test_a_window_that_is_too_slow_sees_the_newest_picture() -> None:
    async def watch() -> None:
        async with tcp_clip() as url, rigged() as rig:
            rig.cameras.show("cam", 320, 180, full_rate=True)
            rig.cameras.start(camera(url))
            reader = await reader_of()
            await next_frame(reader)
            await rig.live()
            ages = []
            for _ in range(8):
                await asyncio.sleep(0.4)
                frame = await next_frame(reader)
                ages.append((time.monotonic_ns() - frame.stamp_ns) / MS)
            assert sorted(ages)[len(ages) // 2] < 150
            assert sorted(ages)[-2] < 300
            reader.close()

    asyncio.run(watch())


@pytest.mark.parametrize(
    "coding",
    [
        Coding(encoder="libx264", decoder="h264", options=(("preset", "veryfast"), ("bf", "3")), keys=25),
        Coding(encoder="libx264", decoder="h264", options=(("preset", "fast"), ("x264-params", "open-gop=1")), keys=25),
        CODINGS["hevc"],
    ],
    ids=["b-frames", "open groups", "hevc"],
)  # fmt: skip
def test_each_key_frame_is_shown_at_once_though_the_stream_has_pictures_out_of_order(
    slots: Slots, coding: Coding
) -> None:
    packets = encode(scene(4.2, pan_px=2.0), coding)
    decoder, now_ns = Decoder(), time.monotonic_ns()
    keys = 0
    stream = io.BytesIO(beginning(coding.decoder, is_key_only=True))
    while (item := read_item(stream)) is not None:
        decoder.take(item)
    for number, packet in enumerate(packets):
        if not packet.is_key:
            continue
        stamp_ns = now_ns + number * S // RATE_HZ
        unit = Unit(
            data=packet.data, pts_ns=stamp_ns, dts_ns=stamp_ns, received_ns=time.monotonic_ns(), stamp_ns=stamp_ns,
            is_key=True,
        )  # fmt: skip
        taken = read_item(io.BytesIO(feed.packet(unit)))
        assert taken is not None
        decoder.take(taken)
        keys += 1
        assert slots.picture_stamp_ns == stamp_ns
    assert keys >= 4
    assert abs(slots.key_interval_ns - S) < 200 * MS


def test_thumbnails_come_from_key_frames_alone_and_are_veiled_only_when_one_is_overdue() -> None:
    async def watch() -> None:
        async with tcp_clip() as url, rigged() as rig:
            rig.cameras.show("cam", 160, 90, full_rate=True)
            rig.cameras.start(camera(url))
            reader = await reader_of()
            await next_frame(reader)
            await rig.live()
            rig.cameras.show("cam", 160, 90, key_only=True)
            await until(lambda: reader.read() is None and (reader.picture_age_ns(time.monotonic_ns()) or 0) > 400 * MS)
            stamps: list[int] = []
            oldest_ns = 0
            while len(stamps) < 3:
                frame = reader.read()
                if frame is not None:
                    stamps.append(frame.stamp_ns)
                oldest_ns = max(oldest_ns, reader.overdue_ns(time.monotonic_ns()) or 0)
                await asyncio.sleep(0.02)
            steps = [(b - a) / S for a, b in itertools.pairwise(stamps)]
            assert all(0.3 < step < 2.5 for step in steps), f"the clip has a key frame a second: {steps}"
            assert oldest_ns < (1 if free() else 3) * S
            assert "stalled" not in {said["state"] for _, said in rig.said}
            rig.cameras.show("cam", 160, 90, full_rate=True)
            await until(
                lambda: (reader.read() or True) and (reader.picture_age_ns(time.monotonic_ns()) or S) < 150 * MS
            )
            reader.close()

    asyncio.run(watch())


@contextlib.contextmanager
def served(octets: bytes, length_s: float) -> Iterator[Any]:
    """A TCP device that sends one clip at its pace, again and again."""

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        began_s, pieces = loop.time(), [octets[at : at + 1316] for at in range(0, len(octets), 1316)]
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            for number, piece in enumerate(pieces):
                await asyncio.sleep(max(0.0, began_s + number * length_s / len(pieces) - loop.time()))
                writer.write(piece)
                await writer.drain()
            await asyncio.sleep(30)
        await abort(writer)

    yield serve


def test_a_camera_whose_sensor_froze_is_abnormal_with_what_is_seen_and_goes_on_being_shown_and_recorded(
    tmp_path: Path,
) -> None:
    octets = transport_stream(scene(14.0, fault=faulty.frozen, at=(3.0, 20.0)), CODINGS["h264 fixed"])

    async def watch() -> None:
        with served(octets, 14.0) as serve:
            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            url = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with server, rigged(tmp_path) as rig:
                rig.cameras.show("cam", 160, 90)
                rig.cameras.start(camera(url))
                reader = await reader_of()
                await next_frame(reader)
                said = await rig.wait(lambda said: said["state"] == "abnormal")
                assert said["health"] == "frozen"
                assert said["health_age_ns"] >= 2 * S
                assert said["is_connected"]
                assert said["is_recording"]
                seen = reader.health(time.monotonic_ns())
                assert seen is not None
                assert seen[0] == "frozen"
                await next_frame(reader)
                rig.cameras.show("cam", 0, 0)
                await rig.live()
                await until(lambda: reader.health(time.monotonic_ns()) is None)
                reader.close()

    asyncio.run(watch())
