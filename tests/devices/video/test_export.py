"""Recordings as MP4: joined where they follow each other, cut at breaks, with hashes that others find right too."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import msgspec
import pytest

from console.commands import dispatch
from console.configuration.model import CameraConfiguration, Configuration
from console.export.films import Exporting, Exports, plan
from console.i18n import catalogue
from console.journal import store
from console.journal.writer import Writer
from console.keeping import camera_folder
from console.queries import ExportPage, ExportRequest, Page
from console.records import Kind, Record, pack
from console.runtime import VERSION
from devices.video import film as films
from devices.video.export import CONTENTS, LIST, export, sha256
from devices.video.messages import EXPORT_REASONS, Export, Exported, ExportFile, recorded_name
from devices.video.segment import Segment
from tests.devices.video.rig import CLIPS
from tests.devices.video.test_keeping import OFFSET_NS, S, film, stream, units
from tests.peers import need

MS = 1_000_000


class Place:
    """An incident's folder with recordings of two cameras, written by the recorder's own files."""

    def __init__(self, folder: Path, mode: str = "live") -> None:
        self.folder = folder
        self.mode = mode
        self.said: list[tuple[str, dict[str, object]]] = []
        self.known: set[str] = set()

    def record(self, camera_id: str, start_s: float, path: Path, suffix: str = ".ts", codec: str = "h264") -> Path:
        """A recorded file that begins ``start_s`` after the offset and holds this film."""
        kept = camera_folder(self.folder, camera_id)
        kept.mkdir(parents=True, exist_ok=True)
        start_ns = OFFSET_NS + round(start_s * S)
        name = recorded_name(start_ns, suffix)
        given = list(units(path))
        segment = Segment(kept / name, stream(codec, wall_offset_ns=start_ns, width_px=None, height_px=None), given[0])
        for one in given:
            segment.write(one)
        size_bytes = segment.close()
        said = {"file": name, "utc_start_ns": start_ns, "utc_end_ns": segment.utc_end_ns, "size_bytes": size_bytes}
        self.said.append((camera_id, {"event": "closed", **said}))
        return kept / name

    def journal(self) -> None:
        configuration = Configuration(
            mode="drill" if self.mode == "drill" else "live",
            incident="双洎河漫溢",
            post="新郑-指01",
            cameras=(CameraConfiguration(id="cam", name="无人机一号", url="x"),),
        )
        writer = Writer(
            self.folder, store.Tail(), store.connect(self.folder), on_commit=lambda _: None, on_trouble=lambda _: None
        )
        start = {"configuration": msgspec.to_builtins(configuration), "version": VERSION, "last_ns": 0}
        writer.put(Record(1, OFFSET_NS, Kind.START, "console", "", pack(start)))
        for number, (source, said) in enumerate(self.said, 2):
            writer.put(Record(number, OFFSET_NS, Kind.SEGMENT, source, "", pack(said)))
        writer.start()
        assert writer.close()

    def wanted(self, out: Path | None = None, from_s: float = 0, to_s: float = 1e9, *cameras: str) -> Export:
        request = ExportRequest(
            from_ns=OFFSET_NS + round(from_s * S), to_ns=OFFSET_NS + round(to_s * S), camera_ids=cameras, out=out
        )
        return plan(self.folder, request)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "incident")


def times(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return [float((packet.dts or 0) * packet.time_base) for packet in container.demux(video=0) if packet.size]


def quietly(folder: Path) -> dict[str, Any]:
    return {"cwd": folder, "capture_output": True, "text": True}


def done(wanted: Export) -> Exported:
    return export(wanted, lambda _: None)


def test_recordings_that_follow_each_other_become_one_film_and_a_break_begins_another(
    place: Place, tmp_path: Path
) -> None:
    drone = CLIPS / "drone.ts"
    length_s = len(list(units(drone))) * 0.04
    place.record("cam", 0, drone)
    place.record("cam", length_s, drone)
    place.record("cam", 2 * length_s + 60, drone)
    place.record("other", 1, drone)
    place.journal()
    out = tmp_path / "out"
    said = done(place.wanted(out))
    assert (said.reason, said.made, said.left_out) == (None, 3, 0)
    contents = json.loads((out / CONTENTS).read_text(encoding="utf-8"))
    assert [(one["camera"], len(one["recordings"])) for one in contents["films"]] == [
        ("cam", 2),
        ("cam", 1),
        ("other", 1),
    ]
    joined = times(out / contents["films"][0]["file"])
    assert len(joined) == 2 * len(list(units(drone)))
    assert joined[0] == 0
    assert {round(after - before, 3) for before, after in pairwise(joined)} == {0.04}
    assert (out.stat().st_mode & 0o777, contents["incident"], contents["mode"]) == (0o700, "双洎河漫溢", "live")


@pytest.mark.peer
def test_the_list_is_what_sha256sum_reads_and_the_films_what_ffmpeg_reads(place: Place, tmp_path: Path) -> None:
    source = place.record("cam", 0, CLIPS / "drone.ts")
    place.record("cam", 0, film(tmp_path / "a.mkv", "320x240", "mjpeg"), ".mkv", "mjpeg")
    place.record("h", 0, film(tmp_path / "h.ts", "320x240", "libx265", "-x265-params", "log-level=error"), codec="hevc")
    place.journal()
    out = tmp_path / "out"
    assert done(place.wanted(out)).made == 3
    checked = subprocess.run([need("sha256sum"), "--strict", "-c", LIST], check=False, **quietly(out))
    assert checked.returncode == 0, checked.stderr
    assert len(checked.stdout.splitlines()) == 4
    for path in out.glob("*.mp4"):
        words = ["-v", "error", "-xerror", "-i", str(path), "-f", "null", "-"]
        read = subprocess.run([need("ffmpeg"), *words], check=False, **quietly(out))
        assert (read.returncode, read.stderr) == (0, ""), path
    contents = json.loads((out / CONTENTS).read_text(encoding="utf-8"))
    sources = {(one["camera"], *one["recordings"][0].values()) for one in contents["films"]}
    assert ("cam", source.name, sha256(source)) in sources
    next(iter(out.glob("*.mp4"))).write_bytes(b"touched")
    again = subprocess.run([need("sha256sum"), "--status", "-c", LIST], check=False, **quietly(out))
    assert again.returncode == 1


def test_only_the_span_is_exported_from_the_keyframe_before_it_on(place: Place, tmp_path: Path) -> None:
    given = list(units(CLIPS / "drone.ts"))
    keys_s = [one.received_ns / S for one in given if one.is_key]
    place.record("cam", 0, CLIPS / "drone.ts")
    place.record("other", 0, CLIPS / "drone.ts")
    place.journal()
    out = tmp_path / "out"
    assert done(place.wanted(out, keys_s[1] + 0.5, keys_s[1] + 1.5, "cam")).made == 1
    (path,) = out.glob("*.mp4")
    kept = times(path)
    assert kept[-1] == pytest.approx(1.48, abs=0.03)
    with av.open(str(path)) as container:
        assert len([1 for _ in container.decode(video=0)]) == len(kept)
        assert container.metadata["title"] == "无人机一号"
    assert path.name.startswith("cam_2025")


def test_gaps_are_listed_with_their_film_and_a_drill_says_so_everywhere(tmp_path: Path) -> None:
    place = Place(tmp_path / "incident", mode="drill")
    place.record("cam", 0, CLIPS / "drone.ts")
    place.said[0][1]["gaps"] = [[OFFSET_NS + S, 480 * MS], [OFFSET_NS + 3600 * S, MS]]
    place.journal()
    assert done(place.wanted(tmp_path / "out")).made == 1
    contents = json.loads((tmp_path / "out" / CONTENTS).read_text(encoding="utf-8"))
    (gap,) = contents["films"][0]["gaps"]
    assert gap["missing_s"] == 0.48
    assert contents["mode"] == "drill"
    (path,) = (tmp_path / "out").glob("*.mp4")
    assert path.name.startswith("DRILL_")
    with av.open(str(path)) as container:
        assert "演练 DRILL" in container.metadata["title"]


def test_another_size_of_picture_begins_another_film(place: Place, tmp_path: Path) -> None:
    place.record("cam", 0, film(tmp_path / "a.ts", "640x360"))
    place.record("cam", 2, film(tmp_path / "b.ts", "320x240"))
    place.journal()
    assert done(place.wanted(tmp_path / "out")).made == 2


def test_a_stick_that_takes_no_large_file_gets_several(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(films, "MOST_BYTES", 1)
    length_s = len(list(units(CLIPS / "drone.ts"))) * 0.04
    place.record("cam", 0, CLIPS / "drone.ts")
    place.record("cam", length_s, CLIPS / "drone.ts")
    place.journal()
    assert done(place.wanted(tmp_path / "out")).made == 2


def test_a_torn_recording_is_exported_as_far_as_it_goes_and_rubbish_is_counted(place: Place, tmp_path: Path) -> None:
    torn = place.record("cam", 0, CLIPS / "drone.ts")
    with torn.open("r+b") as file:
        file.truncate(torn.stat().st_size // 2 + 77)
    rubbish = torn.with_name(recorded_name(OFFSET_NS + 3600 * S, ".ts"))
    rubbish.write_bytes(b"no film" * 1000)
    place.journal()
    out = tmp_path / "out"
    said = done(place.wanted(out))
    assert (said.reason, said.made, said.left_out) == (None, 1, 1)
    assert json.loads((out / CONTENTS).read_text(encoding="utf-8"))["unreadable"] == [rubbish.name]
    assert len(times(next(iter(out.glob("*.mp4"))))) > 20


def test_what_cannot_be_exported_leaves_nothing_and_says_why(place: Place, tmp_path: Path) -> None:
    place.record("cam", 0, CLIPS / "drone.ts")
    place.journal()
    there = tmp_path / "there"
    there.mkdir()
    assert done(place.wanted(there)).reason == "exists"
    assert done(place.wanted(tmp_path / "out", 7200, 7300)).reason == "nothing"
    wanted = place.wanted(tmp_path / "out")
    full = Export(files=wanted.files, out=wanted.out, from_ns=0, to_ns=1 << 62, spare_bytes=1 << 60)
    assert done(full).reason == "disk-full"
    (tmp_path / "file").write_text("")
    assert done(place.wanted(tmp_path / "file" / "out")).reason == "unwritable"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "incident", "there"]
    assert list(there.iterdir()) == []


def test_every_end_of_an_export_has_a_sentence_and_a_remedy_in_both_languages() -> None:
    for language in ("zh", "en"):
        texts = catalogue(language)
        for reason in EXPORT_REASONS:
            assert f"recording.export.{reason}" in texts
            assert f"recording.remedy.{reason}" in texts
        assert {"recording.export.done", "recording.export.done_without"} <= set(texts)


def test_the_window_asks_for_an_export_and_gets_a_sentence_later(place: Place) -> None:
    place.record("cam", 0, CLIPS / "drone.ts")
    place.journal()
    pages: list[Page | None] = []
    answered = threading.Event()

    def on_page(page: Page | None) -> None:
        pages.append(page)
        answered.set()

    Exports().begin(place.folder, ExportRequest(from_ns=0, to_ns=1 << 62), on_page)
    assert answered.wait(60)
    (page,) = pages
    assert isinstance(page, ExportPage)
    assert page.is_good, page
    assert page.out is not None
    assert page.out.parent == (place.folder / "export").absolute()
    assert (page.out / LIST).exists()
    assert page.text.args["films"] == 1


def test_nothing_later_than_the_replayed_moment_is_exported(place: Place, tmp_path: Path) -> None:
    place.record("cam", 0, CLIPS / "drone.ts")
    place.record("cam", 3600, CLIPS / "drone.ts")
    place.journal()
    request = ExportRequest(from_ns=0, to_ns=1 << 62, out=tmp_path / "out")
    wanted = plan(place.folder, request, until_ns=OFFSET_NS + S)
    assert [file.utc_start_ns for file in wanted.files] == [OFFSET_NS]
    assert done(wanted).made == 1
    assert times(next(iter((tmp_path / "out").glob("*.mp4"))))[-1] <= 1.0


def test_a_cancelled_export_ends_its_process_and_leaves_nothing(place: Place, tmp_path: Path) -> None:
    place.record("cam", 0, CLIPS / "drone.ts")
    place.journal()
    fifo = camera_folder(place.folder, "cam") / recorded_name(OFFSET_NS + 60 * S, ".ts")
    wanted = place.wanted(tmp_path / "out")
    os.mkfifo(fifo)
    slow = ExportFile(camera_id="cam", path=str(fifo), utc_start_ns=OFFSET_NS + 60 * S)
    wanted = Export(files=(*wanted.files, slow), out=wanted.out, from_ns=0, to_ns=1 << 62)
    exporting = Exporting()
    pages: list[ExportPage] = []
    thread = threading.Thread(target=lambda: pages.append(exporting.run(wanted)))
    thread.start()
    part = tmp_path / ".out.part"
    deadline = threading.Event()
    for _ in range(600):
        if part.exists() and any(part.iterdir()):
            break
        deadline.wait(0.05)
    exporting.cancel()
    # The process hangs in the opening of a pipe that nobody writes: a signal takes it out of that.
    thread.join(30)
    assert not thread.is_alive()
    assert not pages[0].is_good
    assert not part.exists()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("more", [[], ["--camera", "cam", "--from", "+0s", "--until", "+2s"]])
def test_the_command_line_exports_too(
    place: Place, tmp_path: Path, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    place.record("cam", 0, CLIPS / "drone.ts")
    place.record("other", 0, CLIPS / "drone.ts")
    place.journal()
    out = tmp_path / "out"
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        assert dispatch(["export", str(place.folder), "--to", "mp4", str(out), "--lang", "en", *more]) == 0
        assert dispatch(["export", str(place.folder), "--to", "mp4", str(out), "--lang", "en", *more]) == 1
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    told = capsys.readouterr()
    assert f"exported to {out}" in told.out
    assert "is there already" in told.err
    assert len(list(out.glob("*.mp4"))) == (1 if more else 2)
    shutil.rmtree(out)
