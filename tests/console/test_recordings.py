"""Marks, clips and locks go through the door; what is recorded is found again, and the oldest unlocked goes first."""

from __future__ import annotations

from typing import Any

import pytest

from console import effects
from console.assembly import digest_of
from console.journal import recordings
from console.journal.recordings import RecordingIndex
from console.orders import LockRecording, MarkPicture, SaveClip
from console.queries import RecordingsRequest
from console.records import Kind, Record, pack
from console.replay import new_engine
from devices.driver import NS_PER_S
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
    assert (failed.text.id, failed.text.args["@reason"]) == ("notice.clip_failed", "camera.reason.nothing-kept")


def test_a_lock_is_told_in_the_log_when_it_holds_and_not_when_it_is_wished() -> None:
    door = Door()
    (lock,) = door.order(LockRecording(camera_id="cam", file="a.ts", is_locked=True))
    assert lock == effects.LockRecording(camera_id="cam", file="a.ts", is_locked=True)
    count = len(door.picture().notices)
    door.put(Kind.SEGMENT, "cam", {"event": "locked", "file": "b.ts", "is_asked": False})
    assert len(door.picture().notices) == count, "a mark has its own line"
    for event, text_id in (("locked", "locked"), ("unlocked", "unlocked"), ("lock-failed", "gone")):
        door.put(Kind.SEGMENT, "cam", {"event": event, "file": "a.ts", "is_asked": True})
        assert door.picture().notices[-1].text.id == f"notice.recording_{text_id}"


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
