"""Marks, clips and locks go through the door; what is recorded is found again, and the oldest unlocked goes first."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console import effects
from console.assembly import digest_of
from console.configuration.model import CameraConfiguration, RecordingConfiguration
from console.journal import recordings, store
from console.journal.recordings import RecordingIndex
from console.journal.writer import Writer
from console.keeping import camera_folder
from console.orders import LockRecording, MarkPicture, SaveClip
from console.queries import RecordingsRequest
from console.recordings import LOCKED, Goal, Kept, Recordings
from console.records import Kind, Record, pack, unpack
from console.replay import new_engine
from devices.driver import NS_PER_S
from devices.video.messages import Segment, recorded_name
from tests.console.door import START_NS, VEHICLE, Door

HOUR_NS = 3600 * NS_PER_S


def closed(file: str, from_s: float, to_s: float, **more: Any) -> dict[str, Any]:
    said = {"event": "closed", "file": file, "utc_start_ns": START_NS + round(from_s * NS_PER_S), "size_bytes": 1000}
    return {**said, "utc_end_ns": START_NS + round(to_s * NS_PER_S), **more}


def replayed(door: Door) -> tuple[str, str]:
    """The digest from zero, and from a snapshot taken in the middle."""
    whole, first = new_engine(), new_engine()
    for record in door.records:
        whole.step(record)
    middle = len(door.records) // 2
    for record in door.records[:middle]:
        first.step(record)
    second = new_engine()
    second.restore(first.save())
    for record in door.records[middle:]:
        second.step(record)
    return digest_of(whole.picture()), digest_of(second.picture())


# ---- orders


def test_a_mark_is_a_line_of_the_log_and_locks_what_was_recorded_then() -> None:
    door = Door()
    door.wait(20)
    done = door.order(MarkPicture(camera_id="cam", at_ns=door.at_ns - 3 * NS_PER_S, text="堤上有人"))
    assert done == [effects.MarkPicture(camera_id="cam", at_ns=door.at_ns - 3 * NS_PER_S)]
    notice = door.picture().notices[-1]
    assert (notice.kind, notice.subject_id, notice.happened_ns) == ("mark", "cam", door.at_ns - 3 * NS_PER_S)
    assert notice.text.args == {"camera": "无人机一号", "text": "堤上有人"}
    (later,) = door.order(MarkPicture(camera_id="cam", at_ns=door.at_ns + HOUR_NS, text=""))
    assert later == effects.MarkPicture(camera_id="cam", at_ns=door.at_ns), "nothing is marked in the future"


def test_a_clip_is_named_by_its_order_and_told_whether_it_was_saved() -> None:
    door = Door()
    (save,) = door.order(SaveClip(camera_id="cam", last_s=20.0))
    assert save == effects.SaveClip(camera_id="cam", clip_id=f"clip-{door.seq}", last_s=20.0)
    door.put(Kind.SEGMENT, "cam", closed("a-clip.ts", 0, 21.5, event="saved", clip_id=save.clip_id))
    saved = door.picture().notices[-1]
    assert (saved.text.id, saved.text.args["seconds"]) == ("notice.clip_saved", 21.5)
    door.put(Kind.SEGMENT, "cam", {"event": "save-failed", "clip_id": save.clip_id, "reason": "nothing-kept"})
    failed = door.picture().notices[-1]
    assert (failed.text.id, failed.text.args["reason"]) == ("notice.clip_failed", "@camera.reason.nothing-kept")


def test_nothing_is_asked_of_a_camera_that_is_not_configured() -> None:
    door = Door()
    count = len(door.picture().notices)
    assert door.order(MarkPicture(camera_id="gone", at_ns=door.at_ns)) == []
    assert door.order(SaveClip(camera_id="gone")) == []
    assert door.order(LockRecording(camera_id="gone", file="a.ts", is_locked=True)) == []
    assert len(door.picture().notices) == count


def test_a_disk_without_room_is_an_alarm_until_there_is_some_and_removals_are_told_once_an_hour() -> None:
    door = Door()
    space = {"event": "space", "used_bytes": 90, "locked_bytes": 80, "free_bytes": 5, "oldest_ns": START_NS}
    door.put(Kind.SEGMENT, "console", {**space, "is_stuck": True})
    alarm = door.alarm("recording:console")
    assert alarm is not None
    assert (alarm.state, alarm.priority) == ("unacknowledged", "amber")
    health = door.picture().recording
    assert (health.used_bytes, health.locked_bytes, health.free_bytes, health.is_stuck) == (90, 80, 5, True)
    assert health.floor_bytes == VEHICLE.recording.floor_bytes
    door.put(Kind.SEGMENT, "console", {**space, "is_stuck": False})
    alarm = door.alarm("recording:console")
    assert alarm is not None
    assert alarm.state == "returned"
    for _ in range(3):
        door.put(Kind.SEGMENT, "cam", {"event": "removed", "file": "a.ts"})
    told = [notice for notice in door.picture().notices if notice.text.id == "notice.recordings_removed"]
    assert len(told) == 1
    assert door.picture().recording.removed == 3
    door.at_ns += HOUR_NS + NS_PER_S
    door.put(Kind.SEGMENT, "cam", {"event": "removed", "file": "b.ts"})
    told = [notice for notice in door.picture().notices if notice.text.id == "notice.recordings_removed"]
    assert len(told) == 2


def test_recordings_replay_to_the_same_picture_from_zero_and_from_a_snapshot() -> None:
    door = Door()
    door.order(SaveClip(camera_id="cam"))
    door.put(Kind.SEGMENT, "cam", {"event": "opened", "file": "a.ts", "utc_start_ns": START_NS})
    door.order(MarkPicture(camera_id="cam", at_ns=door.at_ns, text="x"))
    door.put(Kind.SEGMENT, "cam", {"event": "locked", "file": "a.ts"})
    door.wait(3)
    door.put(Kind.SEGMENT, "cam", closed("a.ts", 0, 3, gaps=[[START_NS, 40_000_000]]))
    door.put(Kind.SEGMENT, "console", {"event": "space", "used_bytes": 1, "is_stuck": True})
    door.put(Kind.SEGMENT, "cam", {"event": "removed", "file": "b.ts"})
    door.put(Kind.SEGMENT, "gone", {"event": "recovered", "file": "c.ts"})
    live = digest_of(door.picture())
    assert replayed(door) == (live, live)


# ---- the index in the journal


def told(*said: tuple[float, str, dict[str, Any]]) -> RecordingIndex:
    """An index of these SEGMENT records: seconds after the start, camera, payload."""
    index = RecordingIndex()
    index.take(
        Record(number, START_NS + round(at_s * NS_PER_S), Kind.SEGMENT, camera, "", pack(payload))
        for number, (at_s, camera, payload) in enumerate(said, 1)
    )
    return index


def seen(index: RecordingIndex, from_s: float, to_s: float, at_s: float, *cameras: str) -> list[tuple[Any, ...]]:
    request = RecordingsRequest(
        from_ns=START_NS + round(from_s * NS_PER_S), to_ns=START_NS + round(to_s * NS_PER_S), camera_ids=cameras
    )
    files, has_more = index.find(request, START_NS + round(at_s * NS_PER_S))
    assert not has_more
    return [(one.file, (one.from_ns - START_NS) / NS_PER_S, (one.to_ns - START_NS) / NS_PER_S) for one in files]


OPENED = {"event": "opened", "file": "a.ts", "utc_start_ns": START_NS, "codec": "h264"}


def test_a_span_is_answered_with_the_files_that_touch_it_in_their_order() -> None:
    index = told(
        (0, "cam", OPENED),
        (60, "cam", closed("a.ts", 0, 60)),
        (60, "cam", {**OPENED, "file": "b.ts", "utc_start_ns": START_NS + 60 * NS_PER_S}),
        (60, "other", closed("c.ts", 10, 60)),
        (120, "cam", closed("b.ts", 60, 120)),
    )
    assert seen(index, 0, 200, 300) == [("a.ts", 0, 60), ("c.ts", 10, 60), ("b.ts", 60, 120)]
    assert seen(index, 61, 200, 300) == [("b.ts", 60, 120)]
    assert seen(index, 30, 40, 300, "cam") == [("a.ts", 0, 60)]
    assert seen(index, 121, 200, 300) == []


def test_a_replayed_moment_knows_no_later_fact() -> None:
    index = told(
        (0, "cam", OPENED),
        (5, "cam", {"event": "locked", "file": "a.ts"}),
        (8, "cam", {"event": "unlocked", "file": "a.ts"}),
        (60, "cam", closed("a.ts", 0, 60, gaps=[[START_NS + NS_PER_S, 40]])),
        (90, "cam", {"event": "removed", "file": "a.ts"}),
    )
    assert seen(index, 0, 200, -1) == []
    assert seen(index, 0, 200, 30) == [("a.ts", 0, 30)]

    def at(at_s: float) -> Any:
        request = RecordingsRequest(from_ns=START_NS, to_ns=START_NS + 200 * NS_PER_S)
        return index.find(request, START_NS + round(at_s * NS_PER_S))[0][0]

    assert [at(moment).is_locked for moment in (4, 5, 7, 8, 70)] == [False, True, True, False, False]
    assert [at(moment).is_open for moment in (30, 60)] == [True, False]
    assert [at(moment).is_removed for moment in (60, 90)] == [False, True]
    assert [at(moment).gaps for moment in (30, 60)] == [(), ((START_NS + NS_PER_S, 40),)]
    assert [at(moment).size_bytes for moment in (30, 60)] == [0, 1000]


def test_a_file_that_a_crash_cut_reaches_no_further_than_its_end_at_any_moment() -> None:
    index = told((0, "cam", OPENED), (7200, "cam", closed("a.ts", 0, 31, event="recovered")))
    assert seen(index, 0, 9000, 20) == [("a.ts", 0, 20)]
    assert seen(index, 0, 9000, 3600) == [("a.ts", 0, 31)]
    assert seen(index, 60, 9000, 3600) == []


def test_a_long_incident_is_answered_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "MOST_FILES", 10)
    index = told(*((60 * n, "cam", closed(f"{n}.ts", 60 * n, 60 * n + 60)) for n in range(12)))
    files, has_more = index.find(RecordingsRequest(from_ns=0, to_ns=1 << 62), 1 << 62)
    assert [one.file for one in files] == [f"{n}.ts" for n in range(10)]
    assert has_more


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

    def keeper(self, quota_bytes: int | None = None) -> Recordings:
        wanted = RecordingConfiguration(quota_bytes=quota_bytes, floor_bytes=0)
        cameras = (CameraConfiguration(id="无人机", name="无人机", url="udp://127.0.0.1:1"),)

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
    assert place.events()[2:] == [("无人机", "unlocked", names[1])]
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
