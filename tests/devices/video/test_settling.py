"""Recordings are dated by when it was, not by when the library handed the first packets on."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from devices.video.feed import Unit
from devices.video.messages import Save, recorded_start_ns
from devices.video.settling import SETTLED_NS, Settling, dated
from tests.devices.video.rig import CLIPS
from tests.devices.video.test_keeping import MS, OFFSET_NS, Heard, recorder_of, stream, unit, units

HELD_MS = 800


def in_a_lump(given: Iterator[Unit] | list[Unit]) -> list[Unit]:
    """As they arrive where the library looked at the first 0.8 s before it handed anything on."""
    return [replace(one, received_ns=max(one.received_ns, HELD_MS * MS)) for one in given]


def test_what_came_in_a_lump_at_the_opening_is_dated_by_when_it_was() -> None:
    settling, given = Settling(), in_a_lump([unit(number, is_key=not number) for number in range(40)])
    settling.begin()
    taken = [one for unit_ in given for one in settling.take(unit_)]
    assert [one.received_ns for one in taken] == [one.dts_ns for one in given[: len(taken)]]
    assert len(taken) == len(given), "once it has settled nothing is kept back"


def test_nothing_is_dated_later_than_it_came_and_a_new_clock_of_the_sender_is_left_alone() -> None:
    lump = in_a_lump([unit(number, is_key=not number) for number in range(10)])
    jump = replace(unit(9000), received_ns=HELD_MS * MS + 40 * MS, is_jump=True)
    assert dated([*lump, jump])[-1] == jump
    assert all(now.received_ns <= before.received_ns for now, before in zip(dated(lump), lump, strict=True))
    # Times that nobody can believe date nothing.
    wild = [unit(0), replace(unit(1), dts_ns=30_000_000_000)]
    assert dated(wild) == wild


def test_the_first_packets_wait_for_nobody_longer_than_a_moment() -> None:
    settling = Settling()
    settling.begin()
    assert settling.take(unit(0, is_key=True)) == []
    assert settling.tend(0) == []
    since_ns = settling._since_ns
    assert len(settling.tend(since_ns + SETTLED_NS)) == 1
    assert settling.take(unit(1)) == [unit(1)]


def test_the_first_file_and_the_first_clip_begin_when_their_pictures_were_taken(tmp_path: Path) -> None:
    heard, folder = Heard(), tmp_path / "video" / "cam"
    recorder = recorder_of(folder, heard)
    recorder.begin(stream(width_px=320, height_px=180))
    given = list(units(CLIPS / "drone.ts"))
    for one in in_a_lump(given):
        recorder.put(one)
    recorder.save(Save(clip_id="a", last_s=60.0))
    (saved,) = heard.wait("saved")
    assert recorder.close(5.0)
    (opened,), (closed,) = heard.wait("opened"), heard.wait("closed")
    for told in (opened, closed, saved):
        assert told.utc_start_ns == OFFSET_NS, told.event
    assert recorded_start_ns(opened.file) == OFFSET_NS
    assert closed.packets == len(given)


def test_a_stream_that_ends_before_it_has_settled_loses_nothing(tmp_path: Path) -> None:
    heard = Heard()
    recorder = recorder_of(tmp_path / "cam", heard)
    recorder.begin(stream(width_px=320, height_px=180))
    for one in list(units(CLIPS / "drone.ts"))[:4]:
        recorder.put(one)
    recorder.end("ended")
    (closed,) = heard.wait("closed")
    assert closed.packets == 4
    assert recorder.close(5.0)


def test_only_the_owner_can_look_into_the_folders_of_recordings(tmp_path: Path) -> None:
    for is_recorded in (True, False):
        heard, folder = Heard(), tmp_path / str(is_recorded) / "video" / "cam"
        recorder = recorder_of(folder, heard, is_recorded=is_recorded)
        recorder.begin(stream(width_px=320, height_px=180))
        for one in units(CLIPS / "drone.ts"):
            recorder.put(one)
        recorder.save(Save(clip_id="a", last_s=60.0))
        heard.wait("saved")
        assert recorder.close(5.0)
        for level in (folder, folder.parent):
            assert stat.S_IMODE(level.stat().st_mode) == 0o700
