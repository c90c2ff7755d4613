"""What is left of the pictures when everything is killed, the power goes, or the disk is nearly full."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import av
import psutil
import pytest

from console.assembly import digest_of
from console.configuration.file import load
from console.configuration.model import CameraConfiguration, RecordingConfiguration
from console.desk import LiveDesk
from console.frames import frames_name, open_frames
from console.journal.reader import Reader
from console.journal.recordings import RecordingIndex
from console.keeping import camera_folder
from console.orders import LockRecording, MarkPicture, SaveClip
from console.picture import Picture
from console.queries import Page, RecordingsPage, RecordingsRequest
from console.recordings import LOCKED
from console.records import Kind, unpack
from console.runtime import Runtime
from devices.simulators.clip import Clip
from devices.transports.clip_sender import listen_tcp
from devices.video.feed import Unit
from devices.video.messages import Prepare, recorded_name
from devices.video.record import Recorder
from devices.video.segment import Recorded
from tests.crash.rig import Console, free_port, judge, vehicle, wait_for
from tests.peers import lack, need

pytestmark = pytest.mark.peer

MIB = 1024 * 1024
S = 1_000_000_000
CLIP = Path(__file__).resolve().parents[2] / "resources" / "scenarios" / "clips" / "drone.ts"
CAMERA = '\n[[camera]]\nid = "cam"\nname = "无人机"\nurl = "{url}"\n'


@contextlib.contextmanager
def sending() -> Iterator[str]:
    """A camera that sends by TCP to whoever connects, from a thread of its own."""
    ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = Future()

    async def serve() -> None:
        ending = asyncio.Event()
        server = await listen_tcp(Clip(CLIP.read_bytes()).bursts, "127.0.0.1", 0)
        ready.set_result((asyncio.get_running_loop(), ending, server.sockets[0].getsockname()[1]))
        await ending.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    loop, ending, port = ready.result(10)
    try:
        yield f"tcp://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join(10)


@contextlib.contextmanager
def mounted(place: Path, *how: str) -> Iterator[Path]:
    """A small file system of its own."""
    if os.geteuid() != 0:
        lack("mounting a small disk needs root")
    disk = place / f"disk{len(list(place.iterdir()))}"
    disk.mkdir()
    done = subprocess.run([need("mount"), *how, str(disk)], check=False, capture_output=True, text=True)
    if done.returncode:
        lack(f"mount {' '.join(how)}: {done.stderr.strip()}")
    try:
        yield disk
    finally:
        subprocess.run([need("umount"), "-l", str(disk)], check=False, capture_output=True)


def segments(folder: Path) -> list[tuple[str, dict[str, object]]]:
    """Everything the journal says of recorded files."""
    reader = Reader(folder)
    try:
        return [(record.source, unpack(record.payload)) for record in reader.segments()]
    finally:
        reader.close()


def packets_read_by_ffprobe(path: Path) -> int:
    words = "-v error -count_packets -select_streams v:0 -show_entries stream=nb_read_packets -of csv=p=0"
    told = subprocess.run([need("ffprobe"), *words.split(), str(path)], capture_output=True, text=True, check=True)
    return int(told.stdout.split()[0].strip(","))


def pictures_decoded_by_ffmpeg(path: Path) -> str:
    """What ffmpeg complains of while it decodes all of it."""
    words = ["-v", "error", "-xerror", "-i", str(path), "-f", "null", "-"]
    done = subprocess.run([need("ffmpeg"), *words], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr


# ---- kill -9


def test_kill_9_of_everything_loses_less_than_a_second_and_the_next_start_says_where_the_file_ends(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "incident"
    with sending() as url:
        config = vehicle(tmp_path, free_port())
        config.write_text(config.read_text(encoding="utf-8") + CAMERA.format(url=url), encoding="utf-8")
        with Console(config, folder) as console:
            kept = camera_folder(folder, "cam")
            wait_for(lambda: any(path.stat().st_size > 300_000 for path in kept.glob("*.ts")), "three seconds of film")
            family = [
                psutil.Process(console.process.pid),
                *psutil.Process(console.process.pid).children(recursive=True),
            ]
            for one in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.suspend()
            killed_ns = time.time_ns()
            with open_frames(frames_name("cam", console.process.pid)) as frames:
                age_ns = frames.packet_age_ns(time.monotonic_ns())
            assert age_ns is not None
            for one in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
            console.kill()
        (path,) = kept.glob("*.ts")
        assert {event["event"] for _, event in segments(folder)} <= {"opened", "space"}
        with Console(config, folder) as console:
            wait_for(lambda: ends_of(folder, path.name) != [], "the end of the cut file in the journal")
            wait_for(lambda: len(list(kept.glob("*.ts"))) == 2, "a second file")
            assert console.terminate() == 0
    ((event, end_ns, packets),) = ends_of(folder, path.name)
    assert event == "recovered"
    assert killed_ns - age_ns - S < end_ns <= killed_ns, "counted from the last packet that had arrived"
    assert packets == packets_read_by_ffprobe(path)
    index = RecordingIndex()
    reader = Reader(folder)
    index.take(reader.segments())
    reader.close()
    first, *others = index.find(RecordingsRequest(from_ns=0, to_ns=1 << 62), 1 << 62)[0]
    assert (first.file, first.to_ns, first.is_open) == (path.name, end_ns, False)
    assert others
    assert all(not one.is_open for one in others), "a run that ended in order leaves no file without its end"
    assert console.picture is not None
    assert judge(folder) == (console.picture["records"], console.picture["digest"])


def ends_of(folder: Path, file: str) -> list[tuple[object, int, object]]:
    return [
        (said["event"], int(str(said["utc_end_ns"])), said["packets"])
        for _, said in segments(folder)
        if said.get("file") == file and said["event"] in {"closed", "recovered"}
    ]


# ---- power cut


def test_a_power_cut_loses_no_more_than_a_second(tmp_path: Path) -> None:
    """The image of the disk is copied while it is written to: what is in the copy had left the computer's memory."""
    image, copy = tmp_path / "image", tmp_path / "copy"
    with image.open("wb") as file:
        file.truncate(48 * MIB)
    subprocess.run([need("mkfs.ext4"), "-q", "-m", "0", str(image)], check=True)
    with av.open(str(CLIP)) as container:
        packets = [(bytes(packet), packet.is_keyframe) for packet in container.demux(video=0) if packet.size]
    with mounted(tmp_path, "-o", "loop", str(image)) as disk:
        prepare = Prepare(camera_id="cam", slots="", floor_bytes=0, segment_s=600)
        recorder = Recorder(disk / "video" / "cam", prepare, lambda _: None)
        recorder.begin(
            Recorded(source="cam", url="", codec="h264", extradata=b"", width_px=None, height_px=None, wall_offset_ns=S)
        )
        began_s, number = time.monotonic(), 0
        while number < 130:
            data, is_key = packets[number % len(packets)]
            at_ns = number * 40_000_000
            recorder.put(Unit(data=data, pts_ns=at_ns, dts_ns=at_ns, received_ns=at_ns, stamp_ns=at_ns, is_key=is_key))
            number += 1
            time.sleep(max(0.0, began_s + number * 0.04 - time.monotonic()))
        shutil.copyfile(image, copy)
        assert recorder.close(20)
    with mounted(tmp_path, "-o", "loop", str(copy)) as disk:
        (path,) = (disk / "video" / "cam").glob("*.ts")
        assert number - packets_read_by_ffprobe(path) <= 25


# ---- little room


class Vehicle:
    """A console with one camera on a folder; its pictures, its desk."""

    def __init__(self, place: Path, folder: Path, url: str, recording: RecordingConfiguration) -> None:
        configuration = load(vehicle(place, free_port()))
        cameras = (CameraConfiguration(id="cam", name="无人机", url=url),)
        self.pictures: list[Picture] = []
        self.folder = folder
        self.runtime = Runtime(
            replace(configuration, cameras=cameras, recording=recording), folder, on_picture=self.pictures.append
        )
        self.runtime.start()
        self.desk = LiveDesk(self.runtime)

    def is_recording(self) -> bool:
        return bool(self.pictures) and self.pictures[-1].cameras[0].is_recording

    def recordings(self) -> RecordingsPage:
        """The answer of the desk for all time."""
        answered: list[Page | None] = []
        self.desk.ask(RecordingsRequest(from_ns=0, to_ns=1 << 62), answered.append)
        wait_for(lambda: bool(answered), "an answer")
        assert isinstance(answered[0], RecordingsPage)
        return answered[0]

    def stop(self) -> Picture:
        self.desk.close()
        return self.runtime.stop()


def old_recordings(folder: Path, count: int, size_bytes: int) -> list[Path]:
    """Recordings of last year that no journal knows of, a minute each."""
    kept = camera_folder(folder, "cam")
    kept.mkdir(parents=True)
    film = CLIP.read_bytes()
    film = (film * (size_bytes // len(film) + 1))[: size_bytes // 188 * 188]
    paths = [kept / recorded_name((1_753_000_000 + 60 * number) * S, ".ts") for number in range(count)]
    for path in paths:
        path.write_bytes(film)
    return paths


def test_on_a_nearly_full_disk_the_oldest_unlocked_recordings_make_room_and_recording_goes_on(tmp_path: Path) -> None:
    floor_bytes = 7 * MIB
    with mounted(tmp_path, "-t", "tmpfs", "-o", "size=24m", "tmpfs") as disk, sending() as url:
        folder = disk / "incident"
        old = old_recordings(folder, 18, MIB)
        locked = old[0].with_name(old[0].name + LOCKED)
        locked.touch()
        assert shutil.disk_usage(disk).free < floor_bytes, "the recorders may not record yet"
        console = Vehicle(tmp_path, folder, url, RecordingConfiguration(floor_bytes=floor_bytes, segment_s=2.0))
        wait_for(console.is_recording, "recording")
        wait_for(lambda: any(one.is_removed for one in console.recordings().files), "a removal in the journal")
        assert shutil.disk_usage(disk).free >= floor_bytes
        picture = console.stop()
        gone = [path for path in old if not path.exists()]
        assert gone == old[1 : 1 + len(gone)], "the oldest first, the locked one never"
        removed = [said["file"] for _, said in segments(folder) if said["event"] == "removed"]
        assert removed[: len(gone)] == [path.name for path in gone]
        assert 1 <= len(gone) <= 6
        assert picture.recording.removed >= len(gone)
        assert not picture.recording.is_stuck
        assert judge(folder) == (picture.records, digest_of(picture))


def test_where_everything_is_locked_recording_stops_above_the_floor_says_so_and_goes_on_when_unlocked(
    tmp_path: Path,
) -> None:
    floor_bytes = 6 * MIB
    with mounted(tmp_path, "-t", "tmpfs", "-o", "size=24m", "tmpfs") as disk, sending() as url:
        folder = disk / "incident"
        old = old_recordings(folder, 18, MIB)
        for path in old:
            path.with_name(path.name + LOCKED).touch()
        console = Vehicle(tmp_path, folder, url, RecordingConfiguration(floor_bytes=floor_bytes, segment_s=2.0))

        def alarms() -> dict[str, str]:
            return {alarm.id: alarm.state for alarm in console.pictures[-1].alarms} if console.pictures else {}

        wait_for(lambda: alarms().get("recording:console") == "unacknowledged", "the alarm")
        wait_for(lambda: console.pictures[-1].cameras[0].state == "live", "a live picture")

        def reason() -> str | None:
            said = console.pictures[-1].cameras[0].reason
            return None if said is None else said.id

        wait_for(lambda: reason() == "camera.reason.disk-full", "the reason why nothing is recorded")
        assert not console.is_recording()
        for path in old[3:7]:
            console.runtime.submit(LockRecording(camera_id="cam", file=path.name, is_locked=False))
        wait_for(console.is_recording, "recording")
        wait_for(lambda: alarms().get("recording:console") == "returned", "the alarm over")
        picture = console.stop()
        assert [path.exists() for path in old[:3]] == [True] * 3
        assert not old[3].exists()
        assert judge(folder) == (picture.records, digest_of(picture))


# ---- all of it together


def test_a_mark_a_clip_and_a_minute_are_found_again_and_read_by_others(tmp_path: Path) -> None:
    with sending() as url:
        console = Vehicle(tmp_path, tmp_path / "incident", url, RecordingConfiguration(floor_bytes=0, segment_s=2.0))
        kept = camera_folder(console.folder, "cam")
        wait_for(console.is_recording, "recording")
        wait_for(lambda: len(list(kept.glob("*Z.ts"))) >= 2, "two files")
        marked_ns = console.runtime.now_ns()
        console.runtime.submit(MarkPicture(camera_id="cam", at_ns=marked_ns, text="堤上有人"))
        console.runtime.submit(SaveClip(camera_id="cam", last_s=2.0))
        wait_for(lambda: any(one.is_clip and one.is_locked for one in console.recordings().files), "the clip, locked")
        wait_for(lambda: len(list(kept.glob("*Z.ts"))) >= 4, "four files")
        page = console.recordings()
        picture = console.stop()
        assert [(one.camera_id, one.at_ns, one.text) for one in page.marks] == [("cam", marked_ns, "堤上有人")]
        films = [one for one in page.files if not one.is_clip]
        assert [one.is_open for one in films] == [False] * (len(films) - 1) + [True]
        assert any(one.is_locked and one.from_ns <= marked_ns <= one.to_ns for one in films)
        assert not films[-1].is_locked
        for one in page.files:
            assert pictures_decoded_by_ffmpeg(kept / one.file) == ""
        assert {notice.text.id for notice in picture.notices} >= {"notice.mark", "notice.clip_saved"}
        assert judge(console.folder) == (picture.records, digest_of(picture))
        told = [said for _, said in segments(console.folder) if said["event"] in {"opened", "closed"}]
        assert len([said for said in told if said["event"] == "opened"]) * 2 == len(told)
        reader = Reader(console.folder)
        assert [record.kind for record in reader.records()][-1] == Kind.STOP
        reader.close()
