"""A disk that fills, and one that cannot be written: the console goes on, says so, and counts what it loses."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.assembly import digest_of
from console.configuration.file import load
from console.journal import store
from console.journal.reader import Reader
from console.picture import Picture
from console.records import Kind
from console.replay import new_engine, play
from console.runtime import Runtime
from devices.nmea import seal
from tests.crash.rig import Console, free_port, judge, vehicle, wait_for
from tests.peers import lack, need

pytestmark = pytest.mark.peer

MIB = 1024 * 1024
SMALL_MIB = 8
LARGE_MIB = 64
SENTENCE = seal(b"GNZDA,120000.00,20,07,2026,00,00")
NOISE = bytes(range(128, 256)) * 6
KINDS = ("tmpfs", "ext4")


class Disk:
    """A small file system of its own that can be given more room."""

    def __init__(self, kind: str, place: Path) -> None:
        self.path = place / "disk"
        self._image = place / "image"
        self._kind = kind
        self.path.mkdir()

    def mount(self) -> None:
        """Make and mount it; the test is skipped where that is not allowed."""
        if os.geteuid() != 0:
            lack("mounting a small disk needs root")
        if self._kind == "tmpfs":
            self._run("mount", "-t", "tmpfs", "-o", f"size={SMALL_MIB}m", "tmpfs", str(self.path))
            return
        need("mkfs.ext4")
        with self._image.open("wb") as file:
            file.truncate(LARGE_MIB * MIB)
        self._run("mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", str(self._image))
        self._run("mount", "-o", "loop", str(self._image), str(self.path))
        ballast = self.path / "ballast"
        free = os.statvfs(self.path).f_bavail * os.statvfs(self.path).f_frsize
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, free - SMALL_MIB * MIB)

    def make_room(self) -> None:
        """Somebody removed something."""
        if self._kind == "tmpfs":
            self._run("mount", "-o", f"remount,size={LARGE_MIB}m", str(self.path))
        else:
            (self.path / "ballast").unlink()

    def unmount(self) -> None:
        """Give it back."""
        subprocess.run([need("umount"), "-l", str(self.path)], check=False, capture_output=True)

    @staticmethod
    def _run(program: str, *words: str) -> None:
        done = subprocess.run([need(program), *words], check=False, capture_output=True, text=True)
        if done.returncode:
            lack(f"{program} {' '.join(words)}: {done.stderr.strip()}")


@pytest.fixture(params=KINDS)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    """A disk of eight megabytes."""
    made = Disk(request.param, tmp_path)
    try:
        made.mount()
        yield made
    finally:
        made.unmount()


class Filling:
    """A console on a small disk whose wire says more than the disk holds."""

    def __init__(self, disk: Disk, place: Path, *, ring_bytes: int) -> None:
        self.pictures: list[Picture] = []
        self.folder = disk.path / "incident"
        configuration = load(vehicle(place, free_port()))
        self.runtime = Runtime(configuration, self.folder, on_picture=self.pictures.append, ring_bytes=ring_bytes)
        self.runtime.start()

    def say(self, count: int, octets: bytes) -> None:
        """Through the door, and wait until it is stepped."""
        goal = self.runtime.engine.tables.devices["gnss"].octets_in + count * len(octets)

        def put() -> None:
            for _ in range(count):
                self.runtime.put(Kind.OCTETS, "gnss", octets)

        self.runtime.call(put)
        wait_for(lambda: self.runtime.engine.tables.devices["gnss"].octets_in >= goal, "the sentences stepped")

    def is_recorded(self) -> bool:
        """By the newest published picture."""
        return bool(self.pictures) and self.pictures[-1].journal.is_recorded

    def fill(self) -> None:
        """Say so much that the disk is full."""
        wait_for(self.is_recorded, "a first picture")
        for _ in range(100):
            self.say(200, NOISE)
            with contextlib.suppress(pytest.fail.Exception):
                wait_for(lambda: not self.is_recorded(), "unrecorded", within_s=0.2)
                return
        pytest.fail("the disk never filled")


def test_a_full_disk_is_said_and_shown_and_all_of_it_is_written_when_there_is_room(
    disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "RESERVE_BYTES", MIB)
    filling = Filling(disk, tmp_path, ring_bytes=64 * MIB)
    reserve = filling.folder / "reserve"
    wait_for(lambda: reserve.exists() and reserve.stat().st_size == MIB, "the reserve")
    filling.fill()
    assert not reserve.exists(), "the reserve is freed before anything is said"
    told = filling.pictures[-1]
    assert told.journal.reason is not None
    assert told.journal.reason.id == "journal.reason.full"
    assert [alarm.state for alarm in told.alarms if alarm.id == "journal:console"] == ["unacknowledged"]
    filling.say(500, SENTENCE)
    wait_for(lambda: filling.pictures[-1].devices[0].understood >= 500, "it goes on showing")
    assert not filling.is_recorded()
    disk.make_room()
    wait_for(filling.is_recorded, "recorded again")
    picture = filling.runtime.stop()
    assert picture.journal.lost == 0
    assert picture.gaps == ()
    assert [alarm.state for alarm in picture.alarms if alarm.id == "journal:console"] == ["returned"]
    assert judge(filling.folder) == (picture.records, digest_of(picture))


def test_what_a_full_disk_cost_is_counted_exactly_and_the_replay_comes_right_again(
    disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.runtime.UNRECORDED_SNAPSHOT_NS", 10**9)
    filling = Filling(disk, tmp_path, ring_bytes=300_000)
    filling.fill()
    filling.say(5_000, SENTENCE)
    disk.make_room()
    wait_for(filling.is_recorded, "recorded again")
    picture = filling.runtime.stop()
    reader = Reader(filling.folder)
    numbers = [record.seq for record in reader.records()]
    missing = picture.records - len(numbers)
    gaps = [record for record in reader.records() if record.kind == Kind.GAP]
    assert reader.broken_link() is None
    assert missing > 1_000
    assert len(gaps) == 1
    assert picture.journal.lost == missing
    assert [gap.lost for gap in picture.gaps] == [missing]
    assert digest_of(play(new_engine(), reader).picture()) == digest_of(picture)
    for number in reader.snapshot_numbers():
        snapshot = reader.snapshot(number=number)
        assert snapshot is not None
        engine = new_engine()
        engine.restore(snapshot.state)
        assert digest_of(play(engine, reader, number).picture()) == digest_of(picture), number
    reader.close()


def test_a_console_stopped_on_a_full_disk_leaves_a_sound_journal(disk: Disk, tmp_path: Path) -> None:
    filling = Filling(disk, tmp_path, ring_bytes=MIB)
    filling.fill()
    picture = filling.runtime.stop()
    assert not picture.journal.is_recorded
    written, _ = judge(filling.folder)
    assert 0 < written < picture.records


def test_a_read_only_disk_gets_a_sentence(disk: Disk, tmp_path: Path) -> None:
    subprocess.run([need("mount"), "-o", "remount,ro", str(disk.path)], check=True)
    with Console(vehicle(tmp_path, free_port()), disk.path / "incident") as console:
        assert console.wait() == 1
    assert "Traceback" not in console.complaint
    assert str(disk.path) in console.complaint


def test_a_journal_that_became_read_only_gets_a_sentence(disk: Disk, tmp_path: Path) -> None:
    config = vehicle(tmp_path, free_port())
    with Console(config, disk.path / "incident") as console:
        console.wait_acked(3)
        console.kill()
    subprocess.run([need("mount"), "-o", "remount,ro", str(disk.path)], check=True)
    with Console(config, disk.path / "incident") as console:
        assert console.wait() == 1
    assert "Traceback" not in console.complaint
    assert str(disk.path) in console.complaint
