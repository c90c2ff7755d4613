"""Over a thin bearer the wall takes what it may: a whole engine, real receiving processes, a real RTSP camera.

Octets are counted by a relay in between, so by neither the console nor the camera.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Self

import pytest

from console.configuration.model import (
    IN_USE,
    BearerConfiguration,
    CameraConfiguration,
    Configuration,
    DeviceConfiguration,
)
from console.picture import Bearer, Camera, Picture
from console.runtime import Runtime
from console.sights import Sight
from devices.driver import NS_PER_S
from tests.devices.video.rig import free_port, rtsp_server

LARGE = Sight(1280, 720, is_full_rate=True, is_enlarged=True)
WITHIN_S = 30.0


class Relay:
    """Passes connections on to the camera and counts what the camera sends."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.octets = 0
        self.opened = 0
        self.open = 0
        self._is_cut = False

    def cut(self) -> None:
        """The camera is gone: whoever connects from now on finds nobody."""
        self._is_cut = True

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        self.opened += 1
        self.open += 1
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        asking = asyncio.ensure_future(self._pass(reader, far_writer))
        try:
            while octets := await far_reader.read(65_536):
                self.octets += len(octets)
                writer.write(octets)
                await writer.drain()
        except OSError:
            pass
        finally:
            self.open -= 1
            asking.cancel()
            writer.close()
            far_writer.close()

    @staticmethod
    async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while octets := await reader.read(65_536):
                writer.write(octets)
                await writer.drain()
        writer.close()

    async def bps(self, for_s: float) -> float:
        """What comes in a while, in bits a second."""
        before, since_s = self.octets, time.monotonic()
        await asyncio.sleep(for_s)
        return (self.octets - before) * 8 / (time.monotonic() - since_s)


@contextlib.asynccontextmanager
async def relayed_camera() -> AsyncIterator[tuple[Relay, str]]:
    async with rtsp_server("--pattern", "zone-plate kx2=4 ky2=4 kt=1") as (_, url):
        relay = Relay(int(url.rpartition(":")[2].partition("/")[0]))
        server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
        async with server:
            yield relay, f"rtsp://127.0.0.1:{server.sockets[0].getsockname()[1]}"


class FarEnd:
    """What a probe asks, until it is cut."""

    def __init__(self) -> None:
        self.port = free_port(socket.SOCK_STREAM)
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()

    async def cut(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()


def _vehicle(camera: CameraConfiguration, fibre: FarEnd, vsat: FarEnd, **bounds: object) -> Configuration:
    probe = "tcp-connect:127.0.0.1:{}?interval_s=0.5&timeout_s=0.5"
    return Configuration(
        mode="live",
        incident="细链路",
        post="",
        devices=(
            DeviceConfiguration(id="p1", name="光纤探测", driver="probe", wire=probe.format(fibre.port)),
            DeviceConfiguration(id="p2", name="VSAT 探测", driver="probe", wire=probe.format(vsat.port)),
        ),
        cameras=(camera,),
        bearers=(
            BearerConfiguration(id="fibre", name="光纤", rung="primary", device_id="p1", down_after_s=2),
            BearerConfiguration(id="vsat", name="VSAT", rung="alternate", device_id="p2", **bounds),  # type: ignore[arg-type]
        ),
    )


class Console:
    """A running engine whose newest picture is waited for."""

    def __init__(self, configuration: Configuration, folder: Path) -> None:
        self.pictures: list[Picture] = []
        self.runtime = Runtime(configuration, folder, on_picture=self.pictures.append)

    def look(self, sight: Sight | None) -> None:
        self.runtime.call(lambda: self.runtime.allotment.show({"cam": sight} if sight else {}))

    @property
    def camera(self) -> Camera:
        return self.pictures[-1].cameras[0]

    def bearer(self, bearer_id: str) -> Bearer:
        return next(bearer for bearer in self.pictures[-1].bearers if bearer.id == bearer_id)

    async def until(self, accepts: Callable[[Camera], bool], within_s: float = WITHIN_S) -> Camera:
        try:
            async with asyncio.timeout(within_s):
                while not (self.pictures and accepts(self.camera)):  # noqa: ASYNC110 - another thread publishes
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(self.camera) from None
        return self.camera


@contextlib.asynccontextmanager
async def running(configuration: Configuration, folder: Path) -> AsyncIterator[Console]:
    console = Console(configuration, folder)
    await asyncio.to_thread(console.runtime.start)
    try:
        yield console
    finally:
        await asyncio.to_thread(console.runtime.stop)


def _camera(url: str, **changes: object) -> CameraConfiguration:
    return CameraConfiguration(id="cam", name="桥", url=f"{url}/live", is_recorded=False, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("bounds", "grade", "reason"),
    [
        ({"video_grade": "sub"}, "sub", "thrift.bound"),
        ({"video_budget_bps": 200e3}, "stills", "thrift.rate"),
        ({"video_grade": "off"}, "off", "thrift.bound"),
    ],
)
def test_when_the_fibre_fails_the_wall_steps_down_by_itself_and_the_bearer_carries_really_less(
    bounds: dict[str, object], grade: str, reason: str, tmp_path: Path
) -> None:
    async def watch() -> None:
        async with FarEnd() as fibre, FarEnd() as vsat, relayed_camera() as (relay, url):
            camera = _camera(url, sub_url=f"{url}/sub", bearer_id=IN_USE, still_s=4.0)
            async with running(_vehicle(camera, fibre, vsat, **bounds), tmp_path) as console:
                console.look(LARGE)
                await console.until(lambda cam: cam.grade == "main" and cam.state == "live")
                assert console.camera.bearer_id == "fibre"
                rich_bps = await relay.bps(2)
                await fibre.cut()
                await console.until(lambda cam: cam.bearer_id == "vsat")
                changed_s = time.monotonic()
                changed = await console.until(lambda cam: cam.grade == grade)
                stepped_s = time.monotonic() - changed_s
                assert changed.budget_note is not None
                assert changed.budget_note.id == reason
                await asyncio.sleep(2)
                before_bytes, counted_bytes = relay.octets, console.bearer("vsat").video_hour_bytes
                thin_bps = await relay.bps(5)
                sent_bytes, told_bytes = (
                    relay.octets - before_bytes,
                    console.bearer("vsat").video_hour_bytes - counted_bytes,
                )
            assert stepped_s < 3
            assert thin_bps < rich_bps / 3
            assert told_bytes > 0.8 * sent_bytes - 4_000
            seen = [picture.cameras[0] for picture in console.pictures]
            states = {cam.state for cam in seen if cam.bearer_id == "vsat" and cam.grade == grade}
            assert states <= {{"sub": "live", "stills": "stills", "off": "held"}[grade]}
            assert not [alarm for alarm in console.pictures[-1].alarms if alarm.rule == "picture"]

    asyncio.run(watch())


def test_what_nobody_looks_at_is_not_pulled_and_is_there_when_somebody_does(tmp_path: Path) -> None:
    async def watch() -> None:
        async with FarEnd() as fibre, FarEnd() as vsat, relayed_camera() as (relay, url):
            camera = _camera(url, sub_url=f"{url}/sub", is_on_demand=True)
            async with running(_vehicle(camera, fibre, vsat), tmp_path) as console:
                await console.until(lambda cam: cam.state == "standby")
                await asyncio.sleep(1)
                assert relay.opened == 0
                assert console.runtime.cameras is not None
                assert console.runtime.cameras.pid("cam") is None, "what is never looked at takes no process either"
                console.look(Sight(640, 360))
                shown = await console.until(lambda cam: cam.state == "live")
                assert shown.grade == "sub"
                console.look(None)
                rest = await console.until(lambda cam: cam.state == "standby")
                assert (rest.grade, rest.is_connected, rest.reason, rest.budget_note) == ("off", False, None, None)
                async with asyncio.timeout(WITHIN_S):
                    while relay.open:  # noqa: ASYNC110 - the far side closes when it closes
                        await asyncio.sleep(0.05)
                assert await relay.bps(1) == 0
                console.look(LARGE)
                assert (await console.until(lambda cam: cam.state == "live")).grade == "main"
            assert not [alarm for alarm in console.pictures[-1].alarms if alarm.rule == "picture"]

    asyncio.run(watch())


def test_stills_carry_the_time_at_which_they_were_taken_and_a_camera_that_is_gone_is_said(tmp_path: Path) -> None:
    async def watch() -> None:
        async with FarEnd() as fibre, FarEnd() as vsat, relayed_camera() as (relay, url):
            camera = _camera(url, bearer_id="vsat", still_s=2.0)
            async with running(_vehicle(camera, fibre, vsat, video_grade="stills"), tmp_path) as console:
                console.look(LARGE)
                first = await console.until(lambda cam: cam.state == "stills")
                assert first.last_packet_ns is not None
                taken_ns = first.last_packet_ns
                await asyncio.sleep(1)
                assert abs((console.camera.last_packet_ns or 0) - taken_ns) < NS_PER_S / 10, (
                    "between two stills nothing is as of now"
                )
                later = await console.until(lambda cam: (cam.last_packet_ns or 0) > taken_ns + NS_PER_S)
                assert later.state == "stills"
                relay.cut()
                gone = await console.until(lambda cam: cam.state == "down")
                assert gone.reason is not None
                assert not gone.is_connected
                assert gone.grade == "stills"

    asyncio.run(watch())
