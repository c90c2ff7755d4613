"""What is kept on the disk: locks hold, the oldest unlocked goes first, journal and disk are brought together."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console import effects
from console.configuration.model import CameraConfiguration, RecordingConfiguration
from console.journal import store
from console.journal.writer import Writer
from console.keeping import camera_folder
from console.recordings import LOCKED, Goal, Kept, Recordings
from console.records import Kind, Record, pack, unpack
from devices.driver import NS_PER_S
from devices.video.messages import Segment, recorded_name
from tests.console.door import START_NS, VEHICLE
from tests.console.test_recordings import HOUR_NS, OPENED, closed

# ---- room


def kept(number: int, *, is_locked: bool = False, is_open: bool = False) -> Kept:
    return Kept(f"cam{number % 2}", f"{number}.ts", number, number + 1, 100, is_locked, is_open)


def names(goal: Goal, files: list[Kept]) -> list[str]:
    return [victim.file for victim in goal.victims(files)]


def test_the_oldest_unlocked_goes_first_over_all_cameras_and_no_more_than_needed() -> None:
    files = [kept(3), kept(1, is_locked=True), kept(2), kept(0), kept(4), kept(5, is_open=True)]
    quota = RecordingConfiguration(quota_bytes=400, floor_bytes=0)
    goal = Goal.of(quota, files, 10**9)
    assert names(goal, files) == ["0.ts", "2.ts", "3.ts"]
    assert not goal.is_stuck
    assert names(Goal.of(replace(quota, quota_bytes=10_000), files, 10**9), files) == []
    assert names(Goal.of(replace(quota, quota_bytes=None), files, 0), files) == []


def test_room_is_made_before_the_recorders_stop_at_the_floor() -> None:
    files = [kept(number) for number in range(5)]
    floor = RecordingConfiguration(quota_bytes=None, floor_bytes=1000)
    assert names(Goal.of(floor, files, 1300), files) == []
    assert names(Goal.of(floor, files, 1100), files) == ["0.ts", "1.ts"]


def test_what_is_locked_or_being_written_never_goes_and_that_it_is_too_much_is_said() -> None:
    files = [kept(0, is_locked=True), kept(1, is_open=True), kept(2)]
    goal = Goal.of(RecordingConfiguration(quota_bytes=150, floor_bytes=0), files, 10**9)
    assert names(goal, files) == ["2.ts"]
    assert goal.is_stuck


# ---- the disk


class Folder:
    """An incident's folder with recordings, its journal, and who keeps them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now_ns = START_NS + 10 * HOUR_NS
        self.said: list[tuple[str, dict[str, Any]]] = []

    def file(self, camera_id: str, minute: int, size_bytes: int = 1000) -> str:
        name = recorded_name(START_NS + minute * 60 * NS_PER_S, ".ts")
        path = camera_folder(self.folder, camera_id) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size_bytes)
        return name

    def journal(self, *said: tuple[str, dict[str, Any]]) -> None:
        writer = Writer(
            self.folder, store.Tail(), store.connect(self.folder), on_commit=lambda _: None, on_trouble=lambda _: None
        )
        for number, (source, payload) in enumerate(said, 1):
            writer.put(Record(number, START_NS, Kind.SEGMENT, source, "", pack(payload)))
        writer.start()
        assert writer.close()

    def keeper(self, quota_bytes: int | None = None, *, floor_bytes: int = 0, is_recorded: bool = True) -> Recordings:
        wanted = RecordingConfiguration(quota_bytes=quota_bytes, floor_bytes=floor_bytes)
        cameras = (CameraConfiguration(id="无人机", name="无人机", url="udp://127.0.0.1:1", is_recorded=is_recorded),)

        def door(kind: Kind, source: str, payload: bytes) -> None:
            assert kind == Kind.SEGMENT
            self.said.append((source, unpack(payload)))

        vehicle = replace(VEHICLE, cameras=cameras, recording=wanted)
        return Recordings(self.folder, vehicle, lambda: self.now_ns, door)

    def events(self) -> list[tuple[str, str, str]]:
        """Source, event and file of what was told, the measures of the disk left out."""
        return [(source, said["event"], said["file"]) for source, said in self.said if said["event"] != "space"]


@pytest.fixture
def place(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def run(*steps: Any) -> None:
    async def all_of_it() -> None:
        for step in steps:
            await step()

    asyncio.run(all_of_it())


def test_what_the_journal_and_the_disk_do_not_agree_on_is_put_right_at_the_start(place: Folder) -> None:
    done, cut, gone = place.file("无人机", 0), place.file("无人机", 1), place.file("无人机", 2)
    (camera_folder(place.folder, "无人机") / gone).unlink()
    old = place.file("gone camera", 3)
    (camera_folder(place.folder, "无人机") / "index.jsonl").write_text("{}")
    place.journal(
        ("无人机", closed(done, 0, 60)), ("无人机", {**OPENED, "file": cut}), ("无人机", closed(gone, 120, 180))
    )
    keeper = place.keeper()
    run(lambda: keeper.load(["无人机"]))
    assert place.events() == [("无人机", "removed", gone), ("gone camera", "recovered", old)]
    assert keeper.unfinished("无人机") == (cut,)
    keeper.take("无人机", Segment(event="recovered", file=cut, utc_start_ns=1, utc_end_ns=2, size_bytes=3))
    assert keeper.unfinished("无人机") == ()


def test_what_is_locked_stays_locked_without_the_journal_and_without_the_file_that_says_so(place: Folder) -> None:
    names = [place.file("无人机", minute) for minute in range(4)]
    (camera_folder(place.folder, "无人机") / f"{names[0]}{LOCKED}").touch()
    place.journal(
        *(("无人机", closed(name, 0, 60)) for name in names), ("无人机", {"event": "locked", "file": names[1]})
    )
    keeper = place.keeper(quota_bytes=1)
    run(lambda: keeper.load([]), keeper.turn)
    left = {path.name for path in camera_folder(place.folder, "无人机").glob("*.ts")}
    assert left == {names[0], names[1]}
    assert [said for _, said in place.said if said["event"] == "space"][-1]["is_stuck"]


@pytest.mark.parametrize("is_recorded", [True, False])
def test_a_disk_that_was_full_before_anything_was_recorded_is_told_where_a_camera_should_be(
    place: Folder, *, is_recorded: bool
) -> None:
    place.journal()
    keeper = place.keeper(floor_bytes=1 << 60, is_recorded=is_recorded)
    run(lambda: keeper.load([]), keeper.turn)
    assert [said["is_stuck"] for _, said in place.said] == [True] * is_recorded


def test_the_quota_holds_over_all_cameras_and_each_removal_is_written_down(place: Folder) -> None:
    names = {minute: (f"c{minute % 3}", place.file(f"c{minute % 3}", minute)) for minute in range(9)}
    place.journal(*((camera, closed(name, 60 * minute, 60)) for minute, (camera, name) in names.items()))
    keeper = place.keeper(quota_bytes=5000)
    run(lambda: keeper.load([]), keeper.turn, keeper.turn)
    assert place.events() == [(*names[minute][:1], "removed", names[minute][1]) for minute in range(5)]
    assert sorted(path.name for path in (place.folder / "video").glob("*/*.ts")) == [names[m][1] for m in range(5, 9)]
    (space,) = [said for _, said in place.said if said["event"] == "space"]
    assert (space["used_bytes"], space["oldest_ns"], space["is_stuck"]) == (4000, START_NS + 300 * NS_PER_S, False)


def test_a_mark_locks_the_file_of_its_moment_and_of_what_led_to_it_and_nothing_else(place: Folder) -> None:
    names = [place.file("无人机", minute) for minute in range(4)]
    other = place.file("other", 2)
    place.journal(
        *(("无人机", closed(name, 60 * minute, 60 * minute + 60)) for minute, name in enumerate(names)),
        ("other", closed(other, 120, 180)),
    )
    keeper = place.keeper()
    mark = effects.MarkPicture(camera_id="无人机", at_ns=START_NS + 123 * NS_PER_S)
    run(lambda: keeper.load([]), lambda: keeper.obey(mark))
    assert place.events() == [("无人机", "locked", names[1]), ("无人机", "locked", names[2])]
    unlock = effects.LockRecording(camera_id="无人机", file=names[1], is_locked=False)
    stranger = effects.LockRecording(camera_id="无人机", file="../../journal.sqlite3", is_locked=True)
    run(lambda: keeper.obey(unlock), lambda: keeper.obey(unlock), lambda: keeper.obey(stranger))
    assert place.events()[2:] == [
        ("无人机", "unlocked", names[1]),
        ("无人机", "lock-failed", "../../journal.sqlite3"),
    ]
    markers = [path.name for path in place.folder.rglob(f"*{LOCKED}")]
    assert markers == [f"{names[2]}{LOCKED}"]


def test_a_clip_locks_itself_and_one_of_a_camera_that_is_not_received_is_refused_with_a_reason(place: Folder) -> None:
    place.journal()
    keeper = place.keeper(quota_bytes=1)
    name = place.file("无人机", 5)
    run(lambda: keeper.load([]))
    place.said.clear()
    keeper.take("无人机", Segment(event="saved", file=name, utc_start_ns=1, utc_end_ns=2, size_bytes=1000, clip_id="c"))
    run(keeper.turn, lambda: keeper.obey(effects.SaveClip(camera_id="无人机", clip_id="d", last_s=5)))
    assert [(said["event"], said.get("reason")) for _, said in place.said if said["event"] != "space"] == [
        ("saved", None),
        ("locked", None),
        ("save-failed", "nothing-kept"),
    ]
    assert (camera_folder(place.folder, "无人机") / name).exists()


def test_a_clip_that_is_lost_with_its_process_is_told_as_lost(place: Folder) -> None:
    class Asked:
        def save(self, *_: object) -> bool:
            return True

    keeper = place.keeper()
    keeper._cameras = Asked()  # type: ignore[assignment]
    run(lambda: keeper.obey(effects.SaveClip(camera_id="无人机", clip_id="d", last_s=5)), keeper.turn)
    assert place.events() == []
    place.now_ns += 31 * NS_PER_S
    run(keeper.turn, keeper.turn)
    assert [(said["event"], said["reason"]) for _, said in place.said] == [("save-failed", "receiver-crashed")]


def test_a_journal_that_cannot_be_read_at_the_start_is_read_later_and_nothing_is_removed_before(place: Folder) -> None:
    name = place.file("无人机", 0)
    keeper = place.keeper(quota_bytes=1)
    assert not asyncio.run(keeper.load([]))
    run(keeper.turn)
    assert (camera_folder(place.folder, "无人机") / name).exists()
    place.journal(("无人机", closed(name, 0, 60)))
    assert asyncio.run(keeper.load([]))
    run(keeper.turn)
    assert not (camera_folder(place.folder, "无人机") / name).exists()
