"""Playing recorded files of every kind by the console time of their pictures, without a clock and without a process."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from console.frames import Frame, FrameReader, frames_name, make_frames, remove_frames
from devices.video.messages import Command, Report, Show, pack, unpack
from devices.video.play import Projector, candidates
from devices.video.playing import Moment, Play, Played, PlayedState, PlayFile, Shelf
from devices.video.reel import Reel, ReelError
from tests.bench.clips import _picture, number_in

S, MS = 1_000_000_000, 1_000_000
START_NS = 1_689_834_727 * S
RATE_HZ = 25
FRAME_NS = S // RATE_HZ


@cache
def _ground() -> Any:
    small = np.random.default_rng(5).integers(40, 215, (45, 80, 3), np.uint8)
    return np.kron(small, np.ones((16, 16, 1), np.uint8))


def encode(
    path: Path,
    *,
    codec: str = "libx264",
    seconds: int = 4,
    first: int = 0,
    size_px: tuple[int, int] = (320, 180),
    bf: int = 0,
) -> Path:
    """A file as the recorder writes it, whose pictures carry their number, with a key frame a second."""
    form, options = ("matroska", {"live": "1"}) if path.suffix == ".mkv" else ("mpegts", {"flush_packets": "1"})
    with av.open(str(path), "w", format=form, options=options) as container:
        stream: Any = container.add_stream(codec, rate=RATE_HZ)
        stream.width, stream.height = size_px
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.gop_size, stream.time_base = RATE_HZ, Fraction(1, RATE_HZ)
        if codec != "mjpeg":
            stream.options = {"preset": "ultrafast", "bf": str(bf), "x265-params": f"log-level=error:bframes={bf}"}
        for number in range(seconds * RATE_HZ):
            frame = av.VideoFrame.from_ndarray(_picture(_ground(), first + number, 3), format="rgb24")
            frame = frame.reformat(*size_px, format=stream.pix_fmt)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def on_shelf(path: Path, start_ns: int = START_NS, seconds: float | None = 4, **more: bool) -> PlayFile:
    end_ns = None if seconds is None else start_ns + round(seconds * S) - FRAME_NS
    return PlayFile(path=str(path), utc_start_ns=start_ns, utc_end_ns=end_ns, **more)


class Theatre:
    """A projector and its screen; time passes when it is said."""

    def __init__(self, *files: PlayFile) -> None:
        self.slots = make_frames("replay-test")
        self.commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self.reports: queue.SimpleQueue[Report] = queue.SimpleQueue()
        self.projector = Projector(Play(camera_id="c", slots=str(self.slots)), self.commands, self.reports)
        self.reader = FrameReader(frames_name("replay-test"))
        self.at_mono_ns = 10 * S
        self.projector.obey(Show(width_px=640, height_px=360))
        self.projector.obey(Shelf(files=files))
        self.frame: Frame | None = None

    def look(self, at_ns: int, speed: float = 0.0, wait_ns: int = S) -> int | None:
        """Go to this moment; gives the number seen there."""
        self.at_mono_ns += wait_ns
        self.projector.obey(Moment(at_ns=at_ns, monotonic_ns=self.at_mono_ns, speed=speed))
        self.projector.turn(self.at_mono_ns)
        self.frame = frame = self.reader.read() or self.frame
        if frame is None:
            return None
        return number_in(lambda x, y: frame.data[y * frame.stride_bytes + 4 * x + 1], frame.width_px)

    def said(self) -> Played:
        last: Report | None = None
        while not self.reports.empty():
            last = self.reports.get()
        assert isinstance(last, Played)
        return last

    def state(self, at_ns: int) -> PlayedState:
        self.look(at_ns)
        return self.said().state

    def close(self) -> None:
        self.projector.close()
        self.reader.close()
        remove_frames(self.slots)


@pytest.fixture
def opened() -> Iterator[list[Theatre]]:
    theatres: list[Theatre] = []
    yield theatres
    for theatre in theatres:
        theatre.close()


@pytest.mark.parametrize(
    ("codec", "suffix", "bf"),
    [("libx264", ".ts", 0), ("libx264", ".ts", 2), ("libx265", ".ts", 0), ("libx265", ".ts", 2), ("mjpeg", ".mkv", 0)],
)
def test_every_coding_is_exact_to_the_picture_forwards_and_backwards(
    tmp_path: Path, opened: list[Theatre], codec: str, suffix: str, bf: int
) -> None:
    path = encode(tmp_path / f"a{suffix}", codec=codec, bf=bf, seconds=6)
    theatre = Theatre(on_shelf(path, seconds=6))
    opened.append(theatre)
    number = theatre.look(START_NS + 3 * S)
    assert number is not None
    # Where pictures come out of order the first one is due after its packet.
    shift_ns = 3 * S - number * FRAME_NS
    assert 0 <= shift_ns <= (4 * FRAME_NS if bf else 0)
    for wanted in (0, 137, 99, 100, 101, 24, 25, 26, 120, 3, 2, 60):
        at_ns = START_NS + wanted * FRAME_NS + shift_ns + FRAME_NS // 2
        assert theatre.look(at_ns) == wanted
        assert theatre.frame is not None
        assert theatre.frame.pts_ns is not None
        assert theatre.frame.pts_ns <= at_ns


def test_files_in_a_row_of_another_size_and_coding_follow_without_a_gap(tmp_path: Path, opened: list[Theatre]) -> None:
    one = encode(tmp_path / "1.ts", seconds=2)
    two = encode(tmp_path / "2.ts", seconds=2, first=50, size_px=(640, 360))
    three = encode(tmp_path / "3.ts", codec="libx265", seconds=2, first=100)
    files = [on_shelf(path, START_NS + number * 2 * S, 2) for number, path in enumerate((one, two, three))]
    theatre = Theatre(*files)
    opened.append(theatre)
    seen, states = list[int | None](), set[str]()
    for number in range(150):
        seen.append(theatre.look(START_NS + number * FRAME_NS + MS, speed=1.0, wait_ns=FRAME_NS))
        if not theatre.reports.empty():
            states.add(theatre.said().state)
    assert seen == list(range(150))
    assert states == {"playing"}
    assert theatre.frame is not None
    assert (theatre.frame.width_px, theatre.frame.height_px) == (320, 180)


def test_between_files_and_before_the_first_there_is_a_gap(tmp_path: Path, opened: list[Theatre]) -> None:
    one = encode(tmp_path / "1.ts", seconds=2)
    two = encode(tmp_path / "2.ts", seconds=2, first=50)
    theatre = Theatre(on_shelf(one, seconds=2), on_shelf(two, START_NS + 10 * S, 2))
    opened.append(theatre)
    assert theatre.state(START_NS - S) == "gap"
    assert theatre.look(START_NS) == 0
    assert theatre.said().state == "playing"
    theatre.look(START_NS + 2 * S + 900 * MS)
    assert theatre.said().state == "playing", "a moment without a picture is no gap yet"
    theatre.look(START_NS + 5 * S)
    said = theatre.said()
    assert said.state == "gap"
    assert said.since_ns is not None
    assert abs(said.since_ns - START_NS - 2 * S) <= 2 * FRAME_NS
    assert theatre.look(START_NS + 10 * S) == 50
    assert theatre.said().state == "playing"


def test_a_file_that_is_still_written_is_played_to_its_growing_end(tmp_path: Path, opened: list[Theatre]) -> None:
    whole = encode(tmp_path / "whole.ts", seconds=6).read_bytes()
    growing = tmp_path / "growing.ts"
    growing.write_bytes(whole[: len(whole) // 2 // 188 * 188])
    theatre = Theatre(on_shelf(growing, seconds=None))
    opened.append(theatre)
    at_ns = START_NS + 5 * S + MS
    early = theatre.look(at_ns)
    assert early is not None
    assert early < 100
    assert theatre.said().state == "gap"
    growing.write_bytes(whole)
    assert theatre.look(at_ns) == 125
    assert theatre.said().state == "playing"


def test_a_file_that_has_just_been_begun_is_no_damaged_one(tmp_path: Path, opened: list[Theatre]) -> None:
    path = tmp_path / "new.ts"
    path.write_bytes(b"")
    theatre = Theatre(on_shelf(path, seconds=None))
    opened.append(theatre)
    assert theatre.state(START_NS + S) == "gap"
    path.write_bytes(encode(tmp_path / "b.ts", seconds=2).read_bytes())
    assert theatre.look(START_NS + S, wait_ns=3 * S) == 25


@pytest.mark.parametrize("octets", [b"", b"\x47" * 188, bytes(range(256)) * 2000], ids=["empty", "one", "noise"])
def test_what_is_no_recording_is_said_to_be_damaged(tmp_path: Path, opened: list[Theatre], octets: bytes) -> None:
    path = tmp_path / "a.ts"
    path.write_bytes(octets)
    theatre = Theatre(on_shelf(path))
    opened.append(theatre)
    assert theatre.state(START_NS + S) == "damaged"
    path.unlink()
    theatre.look(START_NS + S, wait_ns=3 * S)
    said = theatre.said()
    assert (said.state, said.file) == ("missing", "a.ts")


def test_a_clip_stands_in_for_a_recording_that_was_removed(tmp_path: Path, opened: list[Theatre]) -> None:
    gone = PlayFile(path=str(tmp_path / "gone.ts"), utc_start_ns=START_NS, utc_end_ns=START_NS + 8 * S, is_removed=True)
    clip = on_shelf(encode(tmp_path / "a-clip.ts", seconds=2), START_NS + 2 * S, 2, is_clip=True)
    theatre = Theatre(gone, clip)
    opened.append(theatre)
    assert theatre.state(START_NS + S) == "removed"
    assert theatre.look(START_NS + 3 * S) == 25
    assert theatre.said().state == "playing"
    assert theatre.state(START_NS + 7 * S) == "removed"


def test_a_file_cut_in_the_middle_plays_as_far_as_it_goes(tmp_path: Path, opened: list[Theatre]) -> None:
    path = encode(tmp_path / "a.ts", seconds=4)
    octets = bytearray(path.read_bytes())
    middle = len(octets) // 2
    octets[middle : middle + 20_000] = b"\xaa" * 20_000
    path.write_bytes(octets[: len(octets) - 5_001])
    theatre = Theatre(on_shelf(path))
    opened.append(theatre)
    assert theatre.look(START_NS + S) == 25
    numbers = [theatre.look(START_NS + at * 200 * MS) for at in range(25)]
    assert len({number for number in numbers if number is not None}) > 8


def test_above_four_times_the_pace_only_key_frames_are_decoded(tmp_path: Path, opened: list[Theatre]) -> None:
    theatre = Theatre(on_shelf(encode(tmp_path / "a.ts", seconds=6), seconds=6))
    opened.append(theatre)
    seen = [theatre.look(START_NS + at * 400 * MS, speed=10.0) for at in range(15)]
    assert {number % 25 for number in seen if number is not None} == {0}
    assert theatre.reader.key_interval_ns == S
    assert theatre.look(START_NS + 3_333 * MS) == 83, "exact again where it stands"
    assert theatre.reader.key_interval_ns == 0


def test_a_tile_gets_its_own_rate_and_the_exact_picture_where_it_stands(tmp_path: Path, opened: list[Theatre]) -> None:
    theatre = Theatre(on_shelf(encode(tmp_path / "a.ts", seconds=4)))
    opened.append(theatre)
    theatre.projector.obey(Show(width_px=320, height_px=180, rate_hz=1.0))
    assert theatre.look(START_NS + S, speed=1.0) == 25
    assert theatre.look(START_NS + S + FRAME_NS, speed=1.0) == 25
    assert theatre.look(START_NS + S + FRAME_NS) == 26


def test_film_that_waited_at_its_start_counts_from_its_end(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.ts", seconds=4)
    late = Reel(PlayFile(path=str(path), utc_start_ns=START_NS, utc_end_ns=START_NS + 3 * S))
    assert abs(START_NS - late.start_ns - S) <= FRAME_NS
    slow = Reel(PlayFile(path=str(path), utc_start_ns=START_NS, utc_end_ns=START_NS + 9 * S))
    assert slow.start_ns == START_NS, "the network came late at the end: nothing was made before it was sent"
    for reel in (late, slow):
        reel.close()


def test_no_file_is_opened_by_anything_but_its_path(tmp_path: Path) -> None:
    with pytest.raises(ReelError) as raised:
        Reel(PlayFile(path="concat:/etc/passwd", utc_start_ns=0))
    assert raised.value.state == "missing"
    (tmp_path / "folder.ts").mkdir()
    with pytest.raises(ReelError) as raised:
        Reel(PlayFile(path=str(tmp_path / "folder.ts"), utc_start_ns=0))
    assert raised.value.state == "damaged"


def test_the_best_file_of_a_moment_is_there_whole_and_new() -> None:
    def file(path: str, start_s: int, end_s: int | None, **more: bool) -> PlayFile:
        return PlayFile(path=path, utc_start_ns=start_s * S, utc_end_ns=None if end_s is None else end_s * S, **more)

    files = [
        file("old", 0, 10), file("new", 8, 20), file("clip", 9, 20, is_clip=True), file("gone", 9, 20, is_removed=True)
    ]  # fmt: skip
    assert [one.path for one in candidates(files, 9 * S + 1)] == ["new", "old", "clip", "gone"]
    assert [one.path for one in candidates(files, 7 * S)] == ["old"]
    assert candidates(files, 22 * S) == []
    assert [one.path for one in candidates([file("open", 0, None)], 999 * S)] == ["open"]


def test_between_two_pieces_of_news_the_moment_runs_on_and_no_further_than_its_reach() -> None:
    moment = Moment(at_ns=100 * S, monotonic_ns=5 * S, speed=2.0, reach_ns=S // 2)
    assert moment.now_ns(5 * S) == 100 * S
    assert moment.now_ns(5 * S + 100 * MS) == 100 * S + 200 * MS
    assert moment.now_ns(9 * S) == 100 * S + S // 2
    assert moment.now_ns(4 * S) == 100 * S
    assert Moment(at_ns=7, monotonic_ns=0).now_ns(S) == 7


@pytest.mark.parametrize(
    "message",
    [
        Play(camera_id="无人机", slots="/dev/shm/x"),
        Shelf(files=(PlayFile(path="/a/b.ts", utc_start_ns=1, utc_end_ns=None, is_clip=True),)),
        Moment(at_ns=1, monotonic_ns=2, speed=0.5, reach_ns=3),
        Played(state="gap", since_ns=4, file="a.ts"),
    ],
)
def test_a_message_of_playing_comes_back_from_its_line(message: Play | Shelf | Moment | Played) -> None:
    assert unpack(pack(message)) == message
