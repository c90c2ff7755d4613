"""What the camera tests share: a console's cameras without the console, clips on real sockets, real peers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable
from functools import cache
from pathlib import Path

import av
import psutil

from console.camera_reports import Report
from console.cameras import Cameras
from console.configuration.model import CameraConfiguration
from console.frames import Frame, FrameReader, FramesError, frames_name
from console.keeping import Keeping, RecordingLimits
from devices.simulators.clip import Clip
from devices.transports.clip_sender import listen_tcp
from devices.video.messages import Segment
from tests.peers import need

ROOT = Path(__file__).resolve().parents[3]
CLIPS = ROOT / "resources" / "scenarios" / "clips"
LONG_S = 25.0


@cache
def clip(name: str = "drone") -> Clip:
    return Clip((CLIPS / f"{name}.ts").read_bytes())


def camera(url: str, camera_id: str = "cam", *, is_recorded: bool = True) -> CameraConfiguration:
    return CameraConfiguration(id=camera_id, name=camera_id, url=url, is_recorded=is_recorded)


class Rig:
    """Cameras whose reports are kept and waited for, in order."""

    def __init__(self, folder: Path | None, limits: RecordingLimits | None = None) -> None:
        self.folder = folder
        self.faults: list[str] = []
        self.said: list[tuple[str, Report]] = []
        self._queues: dict[str, asyncio.Queue[Report]] = {}
        self.segments: list[tuple[str, Segment]] = []
        limits = limits or RecordingLimits(floor_bytes=1_000_000, segment_s=60.0)
        keeping: Keeping | None = None
        if folder is not None:
            keeping = Keeping(folder=folder, limits=limits, on_segment=lambda *said: self.segments.append(said))
        self.cameras = Cameras(
            self._report,
            now_ns=time.time_ns,
            keeping=keeping,
            on_fault=lambda _camera, text: self.faults.append(text),
            chance=lambda: 0.0,
        )

    def _report(self, camera_id: str, report: Report) -> None:
        self.said.append((camera_id, report))
        self._queues.setdefault(camera_id, asyncio.Queue()).put_nowait(report)

    async def wait(
        self, accepts: Callable[[Report], bool], *, camera_id: str = "cam", within_s: float = LONG_S
    ) -> Report:
        """The next report that is accepted; those before it are passed over."""
        queue = self._queues.setdefault(camera_id, asyncio.Queue())
        try:
            async with asyncio.timeout(within_s):
                while not accepts(report := await queue.get()):
                    pass
        except TimeoutError:
            last = [(said["state"], said["reason"], said["detail"]) for _, said in self.said[-12:]]
            raise AssertionError(f"not said within {within_s} s; the last said: {last}") from None
        return report

    async def live(self, camera_id: str = "cam", within_s: float = LONG_S) -> Report:
        return await self.wait(lambda report: report["state"] == "live", camera_id=camera_id, within_s=within_s)

    async def down(self, reason: str, within_s: float = LONG_S) -> Report:
        """Down for ``reason``; another reason is passed over."""
        return await self.wait(
            lambda report: report["state"] == "down" and report["reason"] == reason, within_s=within_s
        )

    def recordings(self, camera_id: str = "cam") -> Path:
        assert self.folder is not None
        return self.folder / "video" / camera_id


@contextlib.asynccontextmanager
async def rigged(folder: Path | None = None, limits: RecordingLimits | None = None) -> AsyncIterator[Rig]:
    rig = Rig(folder, limits)
    async with rig.cameras:
        yield rig
    assert not rig.faults, rig.faults


@contextlib.asynccontextmanager
async def tcp_clip(name: str = "drone", port: int = 0) -> AsyncIterator[str]:
    """A device that listens and gives the clip to whoever connects."""
    server = await listen_tcp(clip(name).bursts, "127.0.0.1", port)
    try:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def abort(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


@contextlib.asynccontextmanager
async def program(*words: str, ready: bool = False) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A peer's process; ``ready``: wait for its first line, ``ready <url>``."""
    process = await asyncio.create_subprocess_exec(
        need(words[0]) if "/" not in words[0] else words[0],
        *words[1:],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        stdin=asyncio.subprocess.DEVNULL,
    )
    try:
        line = b""
        if ready and process.stdout is not None:
            async with asyncio.timeout(LONG_S):
                line = await process.stdout.readline()
        yield process, line.decode().removeprefix("ready ").strip()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def rtsp_server(*words: str) -> contextlib.AbstractAsyncContextManager[tuple[asyncio.subprocess.Process, str]]:
    """GStreamer's RTSP server."""
    need("gst-inspect-1.0")
    return program("/usr/bin/python3", str(ROOT / "tests" / "rtsp_server.py"), *words, ready=True)


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as wire:
        wire.bind(("127.0.0.1", 0))
        return int(wire.getsockname()[1])


async def reader_of(camera_id: str = "cam", within_s: float = LONG_S) -> FrameReader:
    async with asyncio.timeout(within_s):
        while True:
            with contextlib.suppress(FramesError):
                return FrameReader(frames_name(camera_id))
            await asyncio.sleep(0.01)


async def next_frame(reader: FrameReader, within_s: float = LONG_S) -> Frame:
    async with asyncio.timeout(within_s):
        while (frame := reader.read()) is None:  # noqa: ASYNC110 - another process writes; it has no event for us
            await asyncio.sleep(0.005)
        return frame


async def until(condition: Callable[[], bool], within_s: float = LONG_S) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)


def decoder_pid(rig: Rig, camera_id: str = "cam") -> int | None:
    """The decoder is the receiver's only child."""
    receiver = rig.cameras.pid(camera_id)
    if receiver is None:
        return None
    children = psutil.Process(receiver).children()
    return children[0].pid if children else None


def recorded_times(path: Path) -> list[int]:
    """DTS of every packet of a recording, in its own ticks; a broken file raises."""
    with av.open(str(path), format="mpegts") as container:
        return [packet.dts for packet in container.demux(video=0) if packet.dts is not None and packet.size]


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())
