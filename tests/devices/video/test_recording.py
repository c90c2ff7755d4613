"""What is recorded while processes die and disks fill up, over real sockets and in real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import threading
import time
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from console.keeping import RecordingLimits
from devices.video import index
from devices.video.feed import Unit
from devices.video.messages import Prepare
from devices.video.record import Recorder
from devices.video.segment import Recorded, Segment
from tests.devices.video.rig import (
    camera,
    decoder_pid,
    next_frame,
    reader_of,
    recorded_times,
    rigged,
    tcp_clip,
    until,
)
from tests.peers import lack

MS = 1_000_000


def test_a_decoder_that_dies_leaves_no_gap_in_the_recording(tmp_path: Path) -> None:
    async def watch() -> None:
        async with tcp_clip() as url, rigged(tmp_path) as rig:
            rig.cameras.show("cam", 320, 180)
            rig.cameras.start(camera(url))
            reader = await reader_of()
            await next_frame(reader)
            for _ in range(2):
                pid = decoder_pid(rig)
                assert pid is not None
                os.kill(pid, signal.SIGKILL)
                await until(lambda gone=pid: decoder_pid(rig) not in {None, gone})  # type: ignore[misc]
                while reader.read() is not None:
                    pass
                await next_frame(reader)
            reader.close()

    asyncio.run(watch())
    (path,) = (tmp_path / "video" / "cam").glob("*.ts")
    times = recorded_times(path)
    assert {b - a for a, b in pairwise(times)} == {3600}
    closed = [entry for entry in index.read(path.parent) if entry["event"] == "closed"]
    assert closed[0]["packets"] == len(times)
    assert closed[0]["gaps"] == []


def test_a_killed_receiver_is_restarted_and_its_recording_is_readable_to_the_last_packet(tmp_path: Path) -> None:
    async def watch() -> int:
        async with tcp_clip() as url, rigged(tmp_path) as rig:
            rig.cameras.show("cam", 320, 180)
            rig.cameras.start(camera(url))
            reader = await reader_of()
            await rig.wait(lambda said: said["is_recording"])
            packets = reader.packets
            await until(lambda: reader.packets >= packets + 60)
            pid, decoder = rig.cameras.pid("cam"), decoder_pid(rig)
            assert pid is not None
            assert decoder is not None
            os.kill(pid, signal.SIGSTOP)
            received = reader.packets
            os.kill(pid, signal.SIGKILL)
            down = await rig.down("receiver-crashed")
            assert down["retry_ns"] == 500 * MS
            await until(lambda: not psutil.pid_exists(decoder) or psutil.Process(decoder).status() == "zombie")
            await rig.wait(lambda said: said["is_recording"])
            assert rig.cameras.pid("cam") != pid
            await until(lambda: reader.packets > received + 10)
            reader.close()
            return received

    received = asyncio.run(watch())
    folder = tmp_path / "video" / "cam"
    first, _second = sorted(folder.glob("*.ts"))
    # One packet may have been counted and not yet handed over, and the muxer may hold none.
    assert received - len(recorded_times(first)) <= 2
    recovered = [entry for entry in index.read(folder) if entry["event"] == "recovered"]
    assert [entry["file"] for entry in recovered] == [first.name]
    assert recovered[0]["size_bytes"] == first.stat().st_size


def test_recordings_are_cut_at_keyframes_and_join_without_loss(tmp_path: Path) -> None:
    async def watch() -> None:
        limits = RecordingLimits(floor_bytes=1_000_000, segment_s=2.0)
        async with tcp_clip() as url, rigged(tmp_path, limits) as rig:
            rig.cameras.start(camera(url))
            await rig.live()
            await until(lambda: len(list(rig.recordings().glob("*.ts"))) >= 4)

    asyncio.run(watch())
    closed = [entry for entry in index.read(tmp_path / "video" / "cam") if entry["event"] == "closed"]
    assert [entry["reason"] for entry in closed][:3] == ["length"] * 3
    for before, after in pairwise(closed):
        assert after["first_pts_ns"] - before["last_pts_ns"] == 40 * MS
    for entry in closed:
        assert len(recorded_times(tmp_path / "video" / "cam" / entry["file"])) == entry["packets"]


def test_recording_stops_in_order_at_the_floor_and_goes_on_when_space_is_freed(tmp_path: Path) -> None:
    image = tmp_path / "disk"
    image.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(image)], check=False)
    if mounted.returncode:
        lack("a small disk cannot be mounted here")

    async def watch() -> None:
        limits = RecordingLimits(floor_bytes=1_500_000, segment_s=60.0)
        async with tcp_clip() as url, rigged(image, limits) as rig:
            rig.cameras.start(camera(url))
            await rig.wait(lambda said: said["is_recording"])
            ballast = image / "ballast"
            ballast.write_bytes(b"x" * 1_400_000)
            full = await rig.wait(lambda said: said["reason"] == "disk-full")
            assert (full["state"], full["is_recording"]) == ("live", False)
            ballast.unlink()
            again = await rig.wait(lambda said: said["is_recording"])
            assert again["reason"] is None

    try:
        asyncio.run(watch())
        closed = [entry for entry in index.read(image / "video" / "cam") if entry["event"] == "closed"]
        assert closed[0]["reason"] == "disk-full"
        assert len(recorded_times(image / "video" / "cam" / closed[0]["file"])) == closed[0]["packets"]
    finally:
        subprocess.run(["umount", "-l", str(image)], check=True)


def test_a_disk_that_is_suddenly_full_stops_the_recording_and_not_the_picture(tmp_path: Path) -> None:
    image = tmp_path / "disk"
    image.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "none", str(image)], check=False)
    if mounted.returncode:
        lack("a small disk cannot be mounted here")

    async def watch() -> None:
        limits = RecordingLimits(floor_bytes=0, segment_s=60.0)
        async with tcp_clip() as url, rigged(image, limits) as rig:
            rig.cameras.start(camera(url))
            await rig.wait(lambda said: said["is_recording"])
            full = await rig.wait(lambda said: said["reason"] == "disk-full")
            assert (full["state"], full["is_recording"]) == ("live", False)

    try:
        asyncio.run(watch())
    finally:
        subprocess.run(["umount", "-l", str(image)], check=True)


def test_a_folder_that_cannot_be_written_is_said_and_the_picture_goes_on(tmp_path: Path) -> None:
    (tmp_path / "video").write_text("a file where a folder should be")

    async def watch() -> None:
        async with tcp_clip() as url, rigged(tmp_path) as rig:
            rig.cameras.start(camera(url))
            said = await rig.wait(lambda said: said["state"] == "live" and said["reason"] is not None)
            assert (said["reason"], said["is_recording"]) == ("folder-unwritable", False)

    asyncio.run(watch())


def test_a_disk_that_hangs_is_said_and_costs_no_more_than_the_packets_of_that_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_write = threading.Event()
    writing = Segment.write

    def write(segment: Segment, unit: Unit) -> None:
        assert may_write.wait(60)
        writing(segment, unit)

    monkeypatch.setattr(Segment, "write", write)
    prepare = Prepare(camera_id="c", slots="", floor_bytes=0, segment_s=100_000)
    recorder = Recorder(tmp_path, prepare, lambda _report: None)
    recorder.begin(
        Recorded(source="c", url="u", codec="h264", extradata=b"", width_px=64, height_px=36, wall_offset_ns=10**18)
    )
    body = b"\0\0\0\1\x67" + b"x" * 400_000
    number = 0

    def give(*, is_key: bool) -> None:
        nonlocal number
        number += 1
        time_ns = number * 40 * MS
        recorder.put(
            Unit(data=body, pts_ns=time_ns, dts_ns=time_ns, received_ns=time_ns, stamp_ns=time_ns, is_key=is_key)
        )

    give(is_key=True)
    while recorder.reason != "disk-slow":
        assert number < 500
        give(is_key=False)
    assert not recorder.is_recording
    for _ in range(100):
        give(is_key=False)
    may_write.set()
    deadline = time.monotonic() + 30
    while recorder.reason is not None:
        assert time.monotonic() < deadline
        give(is_key=True)
    assert recorder.is_recording
    assert recorder.close(30), "the recorder did not end"
    (closed,) = [entry for entry in index.read(tmp_path) if entry["event"] == "closed"]
    assert closed["gaps"][0]["missing_ns"] >= 100 * 40 * MS
    assert closed["packets"] < number - 100
