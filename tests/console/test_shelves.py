"""Which recorded files a replay may play: what the journal tells of, and what only the disk knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from console.keeping import camera_folder
from console.records import Kind
from console.shelves import AROUND_NS, Shelves
from devices.driver import NS_PER_S
from devices.video.messages import recorded_name
from tests.console.door import START_NS, Door
from tests.console.test_journal import Book


def name(at_s: int, suffix: str = ".ts") -> str:
    return recorded_name(START_NS + at_s * NS_PER_S, suffix)


def opened(at_s: int, **more: Any) -> dict[str, Any]:
    return {"event": "opened", "file": name(at_s), "utc_start_ns": START_NS + at_s * NS_PER_S, **more}


def closed(at_s: int, to_s: int, **more: Any) -> dict[str, Any]:
    return {**opened(at_s), "event": "closed", "utc_end_ns": START_NS + to_s * NS_PER_S, **more}


def shelves_of(folder: Path, *said: dict[str, Any], on_disk: tuple[str, ...] = ()) -> Shelves:
    """The shelves of a journal in which a camera told this, and of these files."""
    door = Door()
    for payload in said:
        door.put(Kind.SEGMENT, "cam", payload)
    book = Book(folder / "incident")
    for record in door.records:
        book.writer.put(record)
    book.wait_for(door.records[-1].seq)
    book.writer.close()
    there = camera_folder(book.folder, "cam")
    there.mkdir(parents=True)
    for file in on_disk:
        (there / file).write_bytes(b"x")
    shelves = Shelves(book.folder)
    assert shelves.refresh()
    assert not shelves.refresh(), "nothing new"
    return shelves


def test_what_the_journal_tells_of_stands_there_with_its_span_also_what_was_removed(tmp_path: Path) -> None:
    shelves = shelves_of(
        tmp_path, closed(0, 60), closed(60, 120), {"event": "removed", "file": name(0)}, closed(60, 90) | {
            "event": "saved", "file": name(60, "-clip.ts")
        }, opened(120),
    )  # fmt: skip
    seconds = [
        ((file.utc_start_ns - START_NS) // NS_PER_S, file.utc_end_ns, file.is_removed, file.is_clip)
        for file in shelves.files("cam", START_NS)
    ]
    assert [(at_s, is_removed, is_clip) for at_s, _, is_removed, is_clip in seconds] == [
        (0, True, False),
        (60, False, False),
        (60, False, True),
        (120, False, False),
    ]
    assert seconds[-1][1] is None, "still written"
    assert shelves.files("other", START_NS) == ()
    shelves.close()


def test_a_file_whose_end_nobody_told_reaches_to_the_next_one(tmp_path: Path) -> None:
    shelves = shelves_of(tmp_path, opened(0), closed(300, 360))
    first, _second = shelves.files("cam", START_NS)
    assert first.utc_end_ns == START_NS + 300 * NS_PER_S
    shelves.close()


def test_what_only_the_disk_knows_is_played_too(tmp_path: Path) -> None:
    shelves = shelves_of(tmp_path, closed(60, 120), on_disk=(name(0), name(60), "index.jsonl", "holiday.ts"))
    assert [Path(file.path).name for file in shelves.files("cam", START_NS)] == [name(0), name(60)]
    shelves.close()


def test_nothing_outside_the_cameras_folder_is_ever_named(tmp_path: Path) -> None:
    said = [closed(0, 60) | {"file": file} for file in ("../../../etc/passwd", "/etc/passwd", "x/" + name(0), "a.ts")]
    shelves = shelves_of(tmp_path, *said)
    assert shelves.files("cam", START_NS) == ()
    shelves.close()


def test_only_what_is_near_the_moment_stands_there(tmp_path: Path) -> None:
    far_s = AROUND_NS // NS_PER_S + 600
    shelves = shelves_of(tmp_path, closed(0, 60), closed(far_s, far_s + 60))
    assert len(shelves.files("cam", START_NS)) == 1
    assert len(shelves.files("cam", START_NS + far_s * NS_PER_S // 2)) == 2
    assert len(shelves.files("cam", START_NS + far_s * NS_PER_S)) == 1
    shelves.close()
