"""Cameras of somebody else's making, good and bad: GStreamer's RTSP server, ffmpeg, and devices that talk rubbish."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import av
import pytest

from tests.devices.video.rig import (
    CLIPS,
    abort,
    camera,
    clip,
    free_port,
    next_frame,
    program,
    reader_of,
    recorded_times,
    rigged,
    rtsp_server,
    until,
)

MS = 1_000_000
S = 1_000_000_000


@pytest.mark.peer
@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_pulled_cable_is_known_in_time_and_a_plug_put_back_brings_the_picture(transport: str) -> None:
    async def watch() -> None:
        async with rtsp_server() as (server, url), rigged() as rig:
            rig.cameras.show("cam", 320, 180, full_rate=True)
            rig.cameras.start(camera(f"{url}#transport={transport}"))
            reader = await reader_of()
            await next_frame(reader)
            live = await rig.live()
            assert (live["width_px"], live["codec"]) == (320, "h264")
            for _ in range(25):
                await next_frame(reader)
            os.kill(server.pid, signal.SIGSTOP)
            pulled_ns = time.monotonic_ns()
            await until(lambda: (reader.picture_age_ns(time.monotonic_ns()) or 0) > 1_000 * MS)
            assert time.monotonic_ns() - pulled_ns < 1_250 * MS
            stalled = await rig.wait(lambda said: said["state"] == "stalled")
            assert stalled["is_connected"], (
                "the first lamp says the device is registered; the second that nothing comes"
            )
            down = await rig.wait(lambda said: said["state"] == "down")
            assert down["reason"] in {"stalled", "ended"}
            reader.read()
            age_ns = reader.picture_age_ns(time.monotonic_ns())
            assert age_ns is not None
            assert age_ns > time.monotonic_ns() - pulled_ns - 300 * MS
            os.kill(server.pid, signal.SIGCONT)
            rig.cameras.reconnect("cam")
            await rig.live()
            await next_frame(reader)
            reader.close()

    asyncio.run(watch())


@pytest.mark.peer
def test_a_camera_that_loses_power_comes_back_by_itself_and_its_recordings_stand_alone(tmp_path: Path) -> None:
    async def watch() -> None:
        port = str(free_port(socket.SOCK_STREAM))
        async with rigged(tmp_path) as rig:
            async with rtsp_server("--port", port) as (server, url):
                rig.cameras.start(camera(url))
                await rig.wait(lambda said: said["is_recording"])
                server.kill()
                down = await rig.wait(lambda said: said["state"] == "down")
                assert down["reason"] in {"ended", "refused"}
                assert not down["is_connected"]
                again = await rig.down("refused")
                assert again["attempts"] >= 2
            async with rtsp_server("--port", port):
                await rig.live()
                await rig.wait(lambda said: said["is_recording"])

    asyncio.run(watch())
    files = sorted((tmp_path / "video" / "cam").glob("*.ts"))
    assert len(files) == 2
    for path in files:
        assert len(recorded_times(path)) > 1
        with av.open(str(path), mode="r", format="mpegts") as container:
            assert next(container.decode(video=0)).width == 320


@pytest.mark.peer
def test_a_wrong_password_is_said_and_not_tried_again_at_once() -> None:
    async def watch() -> None:
        async with rtsp_server("--user", "op", "--password", "right:p@ss") as (_, url), rigged() as rig:
            wrong = url.replace("rtsp://", "rtsp://op:Canary-88@")
            rig.cameras.start(camera(wrong))
            down = await rig.down("unauthorised")
            assert down["retry_ns"] >= 60 * S
            assert "Canary" not in str(down)
            rig.cameras.start(camera(url.replace("rtsp://", "rtsp://op:right%3Ap%40ss@")))
            await rig.live()

    asyncio.run(watch())


@pytest.mark.peer
def test_a_path_the_camera_does_not_have_is_said() -> None:
    async def watch() -> None:
        async with rtsp_server() as (_, url), rigged() as rig:
            rig.cameras.start(camera(url.replace("/live", "/dead")))
            await rig.down("not-found")

    asyncio.run(watch())


@pytest.mark.peer
@pytest.mark.parametrize("scheme", ["udp", "tcp"])
def test_the_stream_of_ffmpeg_is_received(scheme: str) -> None:
    async def watch() -> None:
        port = free_port(socket.SOCK_STREAM if scheme == "tcp" else socket.SOCK_DGRAM)
        out = f"{scheme}://127.0.0.1:{port}" + ("?listen=1" if scheme == "tcp" else "?pkt_size=1316")
        words = (
            "-v",
            "error",
            "-re",
            "-stream_loop",
            "-1",
            "-i",
            str(CLIPS / "street.ts"),
            "-c",
            "copy",
            "-f",
            "mpegts",
        )
        async with program("ffmpeg", *words, out), rigged() as rig:
            rig.cameras.show("cam", 320, 180)
            rig.cameras.start(camera(f"{scheme}://127.0.0.1:{port}"))
            reader = await reader_of()
            await next_frame(reader)
            await rig.live()
            reader.close()

    asyncio.run(watch())


@contextlib.asynccontextmanager
async def device(octets: bytes, pause_s: float = 0.01) -> AsyncIterator[str]:
    """A TCP device that says these octets, piece by piece, for ever; none: says nothing."""

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            while True:
                for start in range(0, len(octets), 8192):
                    writer.write(octets[start : start + 8192])
                    await writer.drain()
                    await asyncio.sleep(pause_s)
                await asyncio.sleep(pause_s)
        await abort(writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@pytest.mark.parametrize(
    ("octets", "reasons"),
    [
        (b"", {"timeout"}),
        (b"HTTP/1.0 400 Bad Request\r\n\r\n" * 400, {"invalid-data", "no-video", "timeout"}),
        (random.Random(5).randbytes(200_000), {"invalid-data", "no-video", "timeout", "unknown-codec"}),
    ],
    ids=["silence", "words", "noise"],
)
def test_a_device_that_gives_no_video_is_down_with_a_reason_and_tried_again(octets: bytes, reasons: set[str]) -> None:
    async def watch() -> None:
        async with device(octets) as url, rigged() as rig:
            rig.cameras.start(camera(url))
            down = await rig.wait(lambda said: said["state"] == "down", within_s=40)
            assert down["reason"] in reasons
            assert down["retry_ns"] > 0
            await rig.wait(lambda said: said["state"] == "connecting")
        assert "live" not in {said["state"] for _, said in rig.said}

    asyncio.run(watch())


@pytest.mark.parametrize(
    ("url", "reason", "retry_s"),
    [
        ("tcp://127.0.0.1", "bad-url", 60),
        ("gopher://127.0.0.1/x", "bad-url", 60),
        ("rtsp:///x", "bad-url", 60),
        ("tcp://127.0.0.1:99999", "bad-url", 60),
        ("", "bad-url", 60),
        ("rtsp://name.invalid/x", "unreachable", 0.5),
        ("file:/nowhere.ts", "not-found", 0.5),
    ],
)
def test_an_address_that_cannot_work_is_said_with_its_reason(url: str, reason: str, retry_s: float) -> None:
    async def watch() -> None:
        async with rigged() as rig:
            rig.cameras.start(camera(url))
            down = await rig.down(reason)
            assert down["retry_ns"] == retry_s * S

    asyncio.run(watch())


def test_a_udp_port_that_another_program_has_is_said() -> None:
    async def watch() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("0.0.0.0", 0))  # noqa: S104
            async with rigged() as rig:
                rig.cameras.start(camera(f"udp://0.0.0.0:{taken.getsockname()[1]}"))
                await rig.down("port-busy")

    asyncio.run(watch())


def test_a_refused_connection_is_tried_every_half_second_and_at_once_when_asked() -> None:
    async def watch() -> None:
        port = free_port(socket.SOCK_STREAM)
        async with rigged() as rig:
            rig.cameras.start(camera(f"tcp://127.0.0.1:{port}"))
            delays = []
            for attempt in range(1, 7):
                down = await rig.down("refused")
                assert down["attempts"] == attempt
                delays.append(down["retry_ns"] / S)
                rig.cameras.reconnect("cam")
            assert delays == [0.5] * 6

    asyncio.run(watch())


def test_a_damaged_stream_goes_on_and_its_gaps_are_counted(tmp_path: Path) -> None:
    chance = random.Random(9)
    source = (CLIPS / "drone.ts").read_bytes()
    packets = [source[at : at + 188] for at in range(0, len(source), 188)]
    damaged = b"".join(
        packet[:90] + chance.randbytes(98) if chance.random() < 0.02 else packet
        for packet in packets
        if chance.random() > 0.02
    )

    async def watch() -> None:
        async with device(damaged, pause_s=0.1) as url, rigged(tmp_path) as rig:
            rig.cameras.show("cam", 320, 180, full_rate=True)
            rig.cameras.start(camera(url))
            reader = await reader_of()
            await rig.live()
            for _ in range(40):
                await next_frame(reader)
            damaged_report = await rig.wait(lambda said: said["gaps"] > 0)
            assert damaged_report["is_connected"]
            reader.close()

    asyncio.run(watch())


def test_no_more_than_two_sources_open_at_once() -> None:
    class Device:
        open = most = 0

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        Device.open += 1
        Device.most = max(Device.most, Device.open)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await _reader.read()
        Device.open -= 1
        await abort(writer)

    async def watch() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        url = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server, rigged() as rig:
            for number in range(4):
                rig.cameras.start(camera(url, f"cam{number}"))
            for number in range(4):
                await rig.wait(lambda said: said["state"] == "down", camera_id=f"cam{number}", within_s=40)

    asyncio.run(watch())
    assert Device.most == 2


def test_a_stream_that_comes_late_is_delayed_and_then_opened_anew() -> None:
    """A device that falls 1.6 s behind and never catches up."""

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        began, behind = loop.time(), 0.0
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            for burst in clip().bursts():
                due_s = burst.due_ns / S
                behind = 1.6 if due_s > 3 else 0.0
                await asyncio.sleep(max(0.0, began + due_s + behind - loop.time()))
                writer.write(burst.octets)
                await writer.drain()
        await abort(writer)

    async def watch() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server, rigged() as rig:
            rig.cameras.show("cam", 320, 180)
            rig.cameras.start(camera(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
            await rig.live()
            delayed = await rig.wait(lambda said: said["state"] == "delayed" and said["packet_age_ns"] > 1_400 * MS)
            assert delayed["reason"] == "late"
            reader = await reader_of()
            await next_frame(reader)
            age_ns = reader.picture_age_ns(time.monotonic_ns())
            assert age_ns is not None
            assert age_ns > 1_200 * MS, "a picture that is 1.6 s old looked fresh"
            await rig.down("late")
            reader.close()

    asyncio.run(watch())
