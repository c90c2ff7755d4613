"""What is kept of a stream: clips, cuts where the pictures change, gaps, what is found again after a crash."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import pytest

from devices.video import index
from devices.video.clips import PART, Clips
from devices.video.feed import Unit
from devices.video.messages import Prepare, Save, recorded_name, recorded_start_ns
from devices.video.messages import Segment as Report
from devices.video.record import Recorder
from devices.video.ring import Ring
from devices.video.segment import Recorded, Segment, completed, entry_of, lead, parameters, size_of
from tests.devices.video.rig import CLIPS
from tests.peers import need

MS = 1_000_000
S = 1_000_000_000
OFFSET_NS = 1_753_000_000 * S
WAIT_S = 20.0


def stream(codec: str = "h264", **changes: object) -> Recorded:
    told = Recorded(
        source="cam", url="x", codec=codec, extradata=b"", width_px=64, height_px=36, wall_offset_ns=OFFSET_NS
    )
    return replace(told, **changes)  # type: ignore[arg-type]


def unit(number: int, data: bytes = b"\0\0\0\1\x41x", *, is_key: bool = False, gap_ns: int = 0) -> Unit:
    time_ns = number * 40 * MS
    return Unit(
        data=data,
        pts_ns=time_ns,
        dts_ns=time_ns,
        received_ns=time_ns,
        stamp_ns=time_ns,
        is_key=is_key,
        gap_ns=gap_ns,
    )


def units(path: Path, first: int = 0) -> Iterator[Unit]:
    """The packets of a film as they would arrive, 25 a second, numbered from ``first``."""
    with av.open(str(path)) as container:
        packets = (packet for packet in container.demux(video=0) if packet.size)
        for number, packet in enumerate(packets, first):
            yield unit(number, bytes(packet), is_key=packet.is_keyframe)


def film(path: Path, size: str, codec: str = "libx264", *words: str) -> Path:
    """A film of two seconds, made by ffmpeg."""
    source = f"testsrc2=size={size}:rate=25:duration=2"
    how = ["-g", "25", "-bf", "0"] if codec != "mjpeg" else ["-q:v", "5"]
    command = [need("ffmpeg"), "-v", "error", "-f", "lavfi", "-i", source, "-c:v", codec, *how, *words, "-y", str(path)]
    subprocess.run(command, check=True, timeout=60)
    return path


class Heard:
    """Reports, and a wait for them."""

    def __init__(self) -> None:
        self.all: list[Report] = []
        self._changed = threading.Condition()

    def __call__(self, report: Report) -> None:
        with self._changed:
            self.all.append(report)
            self._changed.notify_all()

    def of(self, *events: str) -> list[Report]:
        return [report for report in self.all if report.event in events]

    def wait(self, event: str, count: int = 1) -> list[Report]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.of(event)) >= count, WAIT_S), f"no {event}: {self.all}"
            return self.of(event)


def recorder_of(folder: Path, heard: Heard, **changes: object) -> Recorder:
    prepare = Prepare(camera_id="cam", slots="", record_folder=str(folder), floor_bytes=0, segment_s=100_000)
    return Recorder(folder, replace(prepare, **changes), heard)  # type: ignore[arg-type]


def pictures(path: Path) -> list[tuple[int, int]]:
    """Width and height of every picture, decoded."""
    with av.open(str(path)) as container:
        return [(frame.width, frame.height) for frame in container.decode(video=0)]


# ---- clips


def test_the_last_seconds_are_saved_though_nothing_is_recorded(tmp_path: Path) -> None:
    heard = Heard()
    recorder = recorder_of(tmp_path / "cam", heard, is_recorded=False)
    recorder.begin(stream(width_px=320, height_px=180))
    given = list(units(CLIPS / "drone.ts"))
    for one in given:
        recorder.put(one)
    assert not (tmp_path / "cam").exists()
    recorder.save(Save(clip_id="clip-7", last_s=3.0))
    (saved,) = heard.wait("saved")
    recorder.close(10)
    assert saved.clip_id == "clip-7"
    assert saved.file.endswith("-clip.ts")
    assert saved.utc_end_ns == OFFSET_NS + given[-1].received_ns
    assert 3 * S <= (saved.utc_end_ns or 0) - saved.utc_start_ns < 6 * S
    path = tmp_path / "cam" / saved.file
    assert len(pictures(path)) == saved.packets
    assert path.stat().st_size == saved.size_bytes
    assert path.stat().st_mode & 0o777 == 0o600
    assert [line["event"] for line in index.read(tmp_path / "cam")] == ["saved"]
    assert heard.of("opened", "closed") == []


def test_a_clip_repeats_what_is_recorded_and_does_not_disturb_it(tmp_path: Path) -> None:
    heard = Heard()
    recorder = recorder_of(tmp_path, heard)
    recorder.begin(stream())
    given = list(units(CLIPS / "drone.ts"))
    for number, one in enumerate(given):
        recorder.put(one)
        if number == len(given) // 2:
            recorder.save(Save(clip_id="c", last_s=2.0))
    (saved,) = heard.wait("saved")
    recorder.close(10)
    (closed,) = heard.of("closed")
    assert closed.packets == len(given)
    assert saved.packets < len(given) // 2 + 1
    assert len(pictures(tmp_path / closed.file)) == len(given)


def test_a_clip_across_a_reconnection_has_a_file_for_each_side(tmp_path: Path) -> None:
    heard = Heard()
    recorder = recorder_of(tmp_path, heard, is_recorded=False, ring_s=600.0, ring_bytes=1_000_000_000)
    given = list(units(CLIPS / "drone.ts"))
    recorder.begin(stream())
    for one in given[:60]:
        recorder.put(one)
    recorder.end("ended")
    recorder.begin(stream())
    for one in units(CLIPS / "drone.ts", first=len(given)):
        recorder.put(one)
    recorder.save(Save(clip_id="c", last_s=600.0))
    saved = heard.wait("saved", 2)
    recorder.close(10)
    assert [one.clip_id for one in saved] == ["c", "c"]
    assert saved[0].packets == 60
    assert saved[1].utc_start_ns - (saved[0].utc_end_ns or 0) > 0
    assert all(pictures(tmp_path / one.file) for one in saved)


@pytest.mark.parametrize(("codec", "count", "reason"), [("h264", 0, "nothing-kept"), ("vp9", 1, "codec-unrecordable")])
def test_a_clip_that_cannot_be_is_told_with_its_reason(tmp_path: Path, codec: str, count: int, reason: str) -> None:
    heard = Heard()
    recorder = recorder_of(tmp_path, heard)
    recorder.begin(stream(codec))
    for number in range(count):
        recorder.put(unit(number, is_key=True))
    recorder.save(Save(clip_id="c", last_s=30.0))
    (failed,) = heard.wait("save-failed")
    recorder.close(10)
    assert (failed.clip_id, failed.reason) == ("c", reason)


def test_a_clip_leaves_half_of_the_floor_free_and_says_so(tmp_path: Path) -> None:
    heard = Heard()
    ring = Ring(kept_s=10, most_bytes=1_000_000)
    ring.begin(stream())
    for number in range(50):
        ring.put(unit(number, is_key=not number % 25))
    free_bytes = shutil.disk_usage(tmp_path).free
    clips = Clips(tmp_path, ring, floor_bytes=4 * free_bytes, on_segment=heard)
    clips.save(Save(clip_id="c", last_s=1.0))
    (failed,) = heard.wait("save-failed")
    clips.close(5)
    assert failed.reason == "disk-full"
    assert list(tmp_path.iterdir()) == []


def test_half_a_clip_that_a_dead_process_left_is_removed_and_recordings_stay(tmp_path: Path) -> None:
    name = recorded_name(OFFSET_NS, "-clip.ts")
    (tmp_path / f"{name}{PART}").write_bytes(b"half")
    (tmp_path / recorded_name(OFFSET_NS, ".ts")).write_bytes(b"whole")
    recorder_of(tmp_path, Heard()).close(10)
    assert not (tmp_path / f"{name}{PART}").exists()
    assert (tmp_path / recorded_name(OFFSET_NS, ".ts")).exists()


# ---- pictures that change, and codecs


@pytest.mark.peer
@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_pictures_of_another_size_in_mid_stream_begin_a_file_of_their_own(tmp_path: Path, codec: str) -> None:
    name = "h264" if codec == "libx264" else "hevc"
    quiet = ("-x265-params", "log-level=error") if name == "hevc" else ()
    large, small = (film(tmp_path / f"{size}.ts", size, codec, *quiet) for size in ("640x360", "320x240"))
    heard = Heard()
    recorder = recorder_of(tmp_path / "cam", heard)
    recorder.begin(stream(name, width_px=640, height_px=360))
    given = [*units(large), *units(small, 50), *units(large, 100)]
    for one in given:
        recorder.put(one)
    recorder.save(Save(clip_id="c", last_s=60.0))
    clips = heard.wait("saved", 3)
    recorder.close(10)
    closed = heard.of("closed")
    assert [one.reason for one in closed] == ["changed", "changed", "stopped"]
    for kept in (closed, clips):
        assert [(one.width_px, one.height_px) for one in kept] == [(640, 360), (320, 240), (640, 360)]
        assert [set(pictures(tmp_path / "cam" / one.file)) for one in kept] == [
            {(640, 360)},
            {(320, 240)},
            {(640, 360)},
        ]
        assert [one.packets for one in kept] == [50, 50, 50]


@pytest.mark.peer
def test_motion_jpeg_is_recorded_too_and_read_by_others(tmp_path: Path) -> None:
    heard = Heard()
    recorder = recorder_of(tmp_path / "cam", heard)
    recorder.begin(stream("mjpeg", width_px=320, height_px=240))
    for one in units(film(tmp_path / "a.mkv", "320x240", "mjpeg")):
        recorder.put(one)
    recorder.close(10)
    (closed,) = heard.of("closed")
    path = tmp_path / "cam" / closed.file
    assert path.suffix == ".mkv"
    words = "-v error -count_packets -select_streams v:0 -show_entries stream=codec_name,nb_read_packets -of csv=p=0"
    told = subprocess.run([need("ffprobe"), *words.split(), str(path)], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "mjpeg,50"
    assert told.stderr == ""


def test_another_codec_begins_a_file_of_its_own(tmp_path: Path) -> None:
    heard = Heard()
    recorder = recorder_of(tmp_path, heard)
    recorder.begin(stream())
    given = list(units(CLIPS / "drone.ts"))
    for one in given:
        recorder.put(one)
    recorder.begin(stream("mpeg2video"))
    recorder.put(unit(len(given), b"\0\0\1\xb3" + b"x" * 60, is_key=True))
    recorder.close(10)
    assert [one.codec for one in heard.of("closed")] == ["h264", "mpeg2video"]


@pytest.mark.peer
def test_what_stands_before_the_first_slice_is_all_a_decoder_must_know(tmp_path: Path) -> None:
    first = next(units(film(tmp_path / "a.ts", "320x240")))
    head = lead(first.data, "h264")
    assert parameters(head, "h264") == parameters(first.data, "h264") != b""
    assert len(head) < len(first.data) / 2
    assert size_of(first.data, "h264") == (320, 240)
    assert size_of(b"rubbish", "h264") is None
    assert lead(b"\0\0\1\x41", "h264") == b""


# ---- gaps, and what is found again


def test_gaps_are_told_with_the_moment_after_which_nothing_came(tmp_path: Path) -> None:
    heard = Heard()
    recorder = recorder_of(tmp_path, heard)
    recorder.begin(stream())
    recorder.put(unit(0, b"\0\0\0\1\x67a", is_key=True))
    recorder.put(unit(1))
    recorder.put(unit(26, gap_ns=S))
    recorder.put(unit(27))
    recorder.close(10)
    (closed,) = heard.of("closed")
    assert closed.gaps == ((OFFSET_NS + 40 * MS, S),)
    assert (closed.utc_start_ns, closed.utc_end_ns) == (OFFSET_NS, OFFSET_NS + 27 * 40 * MS)


def test_gaps_without_end_make_no_list_without_end_and_none_of_the_time_is_lost(tmp_path: Path) -> None:
    segment = Segment(tmp_path / "a.ts", stream(), unit(0, is_key=True))
    for number in range(1000):
        segment.write(unit(2 * number, is_key=not number, gap_ns=40 * MS if number else 0))
    segment.close()
    told = index.report(entry_of(segment, "closed"))
    assert len(told.gaps) < 200
    assert sum(missing_ns for _, missing_ns in told.gaps) == 999 * 40 * MS


def test_a_torn_recording_is_completed_by_reading_it_through(tmp_path: Path) -> None:
    name = recorded_name(OFFSET_NS, ".ts")
    given = list(units(CLIPS / "drone.ts"))
    segment = Segment(tmp_path / name, stream(), given[0])
    for one in given[:50] + [
        replace(one, dts_ns=(one.dts_ns or 0) + S, pts_ns=(one.pts_ns or 0) + S) for one in given[50:]
    ]:
        segment.write(one)
    index.append(tmp_path, entry_of(segment, "opened"))
    segment.close()
    with (tmp_path / name).open("r+b") as file:
        file.truncate((tmp_path / name).stat().st_size - 300)
    (found,) = index.recover(tmp_path, lambda entry: completed(tmp_path / entry.file, entry))
    assert found.event == "recovered"
    assert found.packets in range(len(given) - 2, len(given) + 1)
    assert found.utc_start_ns == OFFSET_NS
    assert abs((found.utc_end_ns or 0) - OFFSET_NS - S - given[-1].received_ns) <= 80 * MS
    assert [(gap.utc_ns, gap.missing_ns) for gap in found.gaps] == [(OFFSET_NS + 49 * 40 * MS, S)]
    assert found.codec == "h264"


def test_what_the_journal_does_not_know_the_end_of_is_told_at_the_next_start(tmp_path: Path) -> None:
    kept, lost = (recorded_name(OFFSET_NS + number * S, ".ts") for number in (0, 60))
    segment = Segment(tmp_path / kept, stream(), unit(0, is_key=True))
    segment.write(unit(0, is_key=True))
    index.append(tmp_path, entry_of(segment, "opened"))
    index.append(tmp_path, entry_of(segment, "closed", size_bytes=segment.close(), reason="stopped"))
    (tmp_path / lost).write_bytes((CLIPS / "drone.ts").read_bytes())
    gone = recorded_name(OFFSET_NS + 120 * S, ".ts")
    heard = Heard()
    recorder_of(tmp_path, heard, unfinished=(kept, lost, gone, "../index.jsonl", "index.jsonl")).close(10)
    assert [(one.event, one.file, one.reason) for one in heard.all] == [
        ("closed", kept, "stopped"),
        ("recovered", lost, "interrupted"),
    ]
    assert heard.all[1].packets == len(list(units(CLIPS / "drone.ts")))
    again = Heard()
    recorder_of(tmp_path, again).close(10)
    assert again.all == []


def test_the_name_of_a_recording_tells_when_it_begins_and_nothing_else_is_one() -> None:
    for suffix in (".ts", ".mkv", "-clip.ts", "-2.ts", "-clip-3.mkv"):
        assert recorded_start_ns(recorded_name(OFFSET_NS + 7 * MS, suffix)) == OFFSET_NS + 7 * MS
    for name in (
        "index.jsonl",
        "../20250720T082640.007Z.ts",
        "20251320T082640.007Z.ts",
        "x20250720T082640.007Z.ts",
        "",
    ):
        assert recorded_start_ns(name) is None


def test_an_index_line_that_a_full_disk_halved_spoils_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = index.Entry(event="opened", file="a", source="c", url="u", codec="h264", utc_start_ns=1)
    index.append(tmp_path, entry)
    with monkeypatch.context() as patched:
        write = os.write
        patched.setattr(os, "write", lambda descriptor, octets: write(descriptor, octets[:10]))
        with pytest.raises(OSError, match="space"):
            index.append(tmp_path, entry)
    index.append(tmp_path, replace(entry, file="b"))
    assert [line["file"] for line in index.read(tmp_path)] == ["a", "b"]
