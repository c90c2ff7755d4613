"""A camera from its wire to the shared pictures and the recording, over real sockets and in real processes."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from console.configuration.model import CameraConfiguration
from console.frames import frames_name
from devices.transports.clip_sender import send_udp
from devices.video import index
from devices.video.messages import memory_folder
from tests.devices.video.rig import (
    ROOT,
    Rig,
    camera,
    clip,
    descriptors,
    free_port,
    next_frame,
    reader_of,
    rigged,
    tcp_clip,
    until,
)

MS = 1_000_000
ANY = "0.0.0.0"  # noqa: S104 - that is how a port for a pushing device is written


def test_a_tcp_device_gives_live_pictures_of_the_visible_size(tmp_path: Path) -> None:
    async def watch() -> None:
        async with tcp_clip() as url, rigged(tmp_path) as rig:
            rig.cameras.show("cam", 320, 320, full_rate=True)
            rig.cameras.start(camera(url))
            reader = await reader_of()
            frame = await next_frame(reader)
            assert (frame.width_px, frame.height_px) == (320, 180)
            report = await rig.live()
            assert (report["width_px"], report["height_px"], report["codec"]) == (640, 360, "h264")
            assert report["is_connected"]
            settled = await rig.wait(lambda said: said["is_recording"] and said["rate_fps"] is not None)
            assert 20 < settled["rate_fps"] < 30
            ages = []
            for _ in range(50):
                frame = await next_frame(reader)
                ages.append(time.monotonic_ns() - frame.stamp_ns)
            assert min(ages) < 100 * MS, "even the freshest picture was old"
            reader.close()

    asyncio.run(watch())


def test_a_tile_gets_half_the_pictures_and_a_hidden_one_none(tmp_path: Path) -> None:
    async def watch() -> None:
        async with tcp_clip() as url, rigged(tmp_path) as rig:
            rig.cameras.show("cam", 160, 90)
            rig.cameras.start(camera(url, is_recorded=False))
            reader = await reader_of()
            await rig.live()
            for _ in range(13):
                # What judges the pictures is loaded meanwhile.
                await next_frame(reader)
            stamps = [(await next_frame(reader)).stamp_ns for _ in range(26)]
            rate = 25e9 / (stamps[-1] - stamps[0])
            assert 11 < rate < 14
            rig.cameras.show("cam", 0, 0)
            hidden = reader.packets
            await until(lambda: reader.packets > hidden + 40)
            while reader.read() is not None:
                pass
            packets = reader.packets
            await until(lambda: reader.packets > packets + 20)
            assert reader.read() is None
            age_ns = reader.packet_age_ns(time.monotonic_ns())
            assert age_ns is not None
            assert age_ns < 500 * MS
            shown_ns = time.monotonic_ns()
            rig.cameras.show("cam", 160, 90)
            await next_frame(reader)
            assert time.monotonic_ns() - shown_ns < 900 * MS, "it waited for the next keyframe"
            reader.close()

    asyncio.run(watch())


@pytest.mark.parametrize("host", [ANY, "239.77.1.5"])
def test_udp_gives_live_pictures_and_an_end_of_data_is_known_at_once(host: str) -> None:
    async def watch() -> None:
        port = free_port()
        to = "127.0.0.1" if host == ANY else host
        sending = asyncio.ensure_future(send_udp(clip("bridge").bursts(), to, port))
        async with rigged() as rig:
            rig.cameras.show("cam", 320, 180)
            rig.cameras.start(camera(f"udp://{host}:{port}"))
            reader = await reader_of()
            await next_frame(reader)
            await rig.live()
            sending.cancel()
            stopped_ns = time.monotonic_ns()
            await until(lambda: (reader.picture_age_ns(time.monotonic_ns()) or 0) > 1_000 * MS)
            assert time.monotonic_ns() - stopped_ns < 1_250 * MS
            seen = reader.packets
            stalled = await rig.wait(lambda said: said["state"] == "stalled")
            assert stalled["reason"] == "stalled"
            assert time.monotonic_ns() - stopped_ns < 3_000 * MS
            await rig.down("stalled")
            age_ns = reader.picture_age_ns(time.monotonic_ns())
            assert age_ns is not None
            assert age_ns > time.monotonic_ns() - stopped_ns - 200 * MS, "what the library held back looked fresh"
            assert reader.packets <= seen + 2
            sending = asyncio.ensure_future(send_udp(clip("bridge").bursts(), to, port))
            await rig.live()
            await next_frame(reader)
            sending.cancel()
            reader.close()

    asyncio.run(watch())


def test_twenty_openings_leave_no_descriptor_no_process_and_no_memory_behind() -> None:
    async def watch() -> None:
        async with tcp_clip() as url, rigged() as rig:

            async def once() -> None:
                rig.cameras.show("cam", 160, 90)
                rig.cameras.start(camera(url))
                reader = await reader_of()
                await next_frame(reader)
                reader.close()
                ending = rig.cameras.stop("cam")
                assert ending is not None
                await asyncio.wait([ending])

            await once()
            before = descriptors()
            for _ in range(20):
                await once()
            assert descriptors() <= before + 1
            assert not (memory_folder() / frames_name("cam")).exists()
            assert psutil.Process().children(recursive=True) == []

    asyncio.run(watch())


def test_the_processes_end_with_a_console_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "host.py"
    script.write_text(
        "import asyncio, sys, time\n"
        "from console.cameras import Cameras\n"
        "from console.configuration.model import CameraConfiguration\n"
        "async def main():\n"
        "    async with Cameras(lambda c, r: print(r['state'], flush=True), now_ns=time.time_ns) as cameras:\n"
        "        cameras.show('cam', 160, 90)\n"
        "        cameras.start(CameraConfiguration(id='cam', name='cam', url=sys.argv[1]))\n"
        "        await asyncio.sleep(100)\n"
        "asyncio.run(main())\n"
    )

    async def watch() -> None:
        async with tcp_clip() as url:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                str(script),
                url,
                stdout=asyncio.subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
            assert process.stdout is not None
            async with asyncio.timeout(25):
                while (line := await process.stdout.readline()) != b"live\n":
                    assert line, "the console ended by itself"
            family = psutil.Process(process.pid).children(recursive=True)
            assert len(family) == 2
            process.kill()
            await process.wait()
            await until(lambda: not any(one.is_running() and one.status() != "zombie" for one in family), 8)
            async with rigged():
                assert not (memory_folder() / frames_name("cam", process.pid)).exists()

    asyncio.run(watch())


def test_no_secret_is_on_a_command_line_in_a_log_in_a_report_or_in_the_index(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    canary = "Canary-93x"
    caplog.set_level(logging.DEBUG, logger="console")

    async def watch() -> Rig:
        async with tcp_clip() as url, rigged(tmp_path) as rig:
            rig.cameras.show("cam", 160, 90)
            rig.cameras.show("bad", 160, 90)
            rig.cameras.start(camera(url.replace("tcp://", f"tcp://op:{canary}@")))
            rig.cameras.start(camera(f"rtsp://op:{canary}@127.0.0.1:{free_port()}/x?token={canary}", "bad"))
            await rig.wait(lambda said: said["is_recording"])
            await rig.wait(lambda said: said["state"] == "down", camera_id="bad")
            for process in psutil.Process().children(recursive=True):
                assert canary not in " ".join(process.cmdline())
                assert canary not in str(process.environ())
            return rig

    rig = asyncio.run(watch())
    assert canary not in str(rig.said)
    assert canary not in caplog.text
    assert caplog.text
    kept = (tmp_path / "video" / "cam" / index.FILE_NAME).read_text()
    assert canary not in kept
    assert "***@127.0.0.1" in kept


def test_a_camera_configured_anew_begins_anew_and_one_out_of_service_ends(tmp_path: Path) -> None:
    async def watch() -> None:
        async with tcp_clip() as first, tcp_clip("body") as second, rigged(tmp_path) as rig:
            rig.cameras.start(camera(first))
            await rig.live()
            pid = rig.cameras.pid("cam")
            rig.cameras.start(camera(first))
            assert rig.cameras.pid("cam") == pid
            rig.cameras.start(camera(second))
            await rig.wait(lambda said: said["state"] == "connecting")
            await rig.live()
            assert rig.cameras.pid("cam") != pid
            rig.cameras.start(CameraConfiguration(id="cam", name="cam", url=second, is_enabled=False))
            await until(lambda: not psutil.Process().children(recursive=True))
            assert rig.cameras.pid("cam") is None

    asyncio.run(watch())
