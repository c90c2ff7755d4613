"""The import as a process: progress, cancelling, crashing, and what it leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from console.importing import extra
from console.importing.job import Progress
from tests.importing.rig import MAIN, ROOT, imported, refused, run_command
from tests.importing.sources import LAT, LON

_SLOW = ("--zooms", "10-19")


def test_the_command_reports_in_sentences_and_in_json_lines(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "henan.geojson"
    done = run_command(str(sources / "henan.osm.pbf"), "--to", str(out))
    assert done.returncode == 0, done.stderr
    assert "道路 2" in done.stdout
    assert "不上此图的要素" in done.stdout
    assert "4/4" in done.stderr, "the bar"
    again = run_command(str(sources / "henan.osm.pbf"), "--to", str(out), "--json", "--replace", "--lang", "en")
    lines = [json.loads(line) for line in again.stdout.splitlines()]
    assert [line["kind"] for line in lines] == ["progress"] * (len(lines) - 1) + ["report"]
    assert lines[-1]["counts"]["road"] == 2
    assert lines[-1]["skipped"] == [{"reason": "not_for_map", "count": 2, "example": "面包"}]
    assert not again.stderr


def test_a_refusal_is_a_sentence_and_exit_1_and_the_other_sources_still_come(sources: Path, tmp_path: Path) -> None:
    done = run_command(
        str(sources / "bare.shp"), str(sources / "walk.gpx"), "--to", str(tmp_path), "--lang", "en", "--json"
    )
    assert done.returncode == 1
    assert "bare.shp does not say its reference system" in done.stderr
    kinds = [json.loads(line)["kind"] for line in done.stdout.splitlines()]
    assert "refused" in kinds
    assert kinds[-1] == "report"
    assert [file.name for file in tmp_path.iterdir()] == ["walk.geojson"]


@pytest.mark.parametrize(
    "words",
    [
        ("--zooms", "9-3"),
        ("--zooms", "1-40"),
        ("--area", "114,34,113,35"),
        ("--area", "here"),
        ("--date", "yesterday"),
        ("--datum", "xian80"),
    ],
)
def test_wrong_usage_is_exit_2(words: tuple[str, str], tmp_path: Path) -> None:
    assert run_command("x.tif", "--to", str(tmp_path / "x.mbtiles"), *words).returncode == 2


def test_ctrl_c_ends_the_worker_and_leaves_nothing(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "slow.mbtiles"
    process = subprocess.Popen(
        [*MAIN, str(sources / "halves.tif"), "--to", str(out), "--json", *_SLOW],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["kind"] == "progress"
    workers = psutil.Process(process.pid).children(recursive=True)
    assert workers
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "已取消" in said
    assert not list(tmp_path.iterdir())
    assert not any(worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE for worker in workers)


def test_a_worker_that_crashes_is_a_sentence_and_leaves_nothing(
    sources: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(_: Progress) -> None:
        for worker in psutil.Process().children():
            if "console.importing.worker" in " ".join(worker.cmdline()):
                worker.send_signal(signal.SIGSEGV)

    with refused("crashed"):
        imported(sources / "halves.tif", tmp_path / "x.mbtiles", zooms=(10, 19), on_progress=crash)
    assert [record.name for record in caplog.records] == ["console.importing.run"]
    assert not list(tmp_path.iterdir())


def test_an_older_map_of_the_same_name_stays_whole_until_the_new_one_is(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "map.mbtiles"
    out.write_bytes(b"the older map")
    with refused("exists"):
        imported(sources / "halves.tif", out)
    with refused("no_crs"):
        imported(sources / "nowhere.tif", out, may_replace=True)
    assert out.read_bytes() == b"the older map"
    imported(sources / "halves.tif", out, may_replace=True, zooms=(10, 10))
    assert out.read_bytes().startswith(b"SQLite format 3")


def test_what_a_killed_import_left_is_swept_by_the_next(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "walk.geojson"
    process = subprocess.Popen(
        [*MAIN, str(sources / "halves.tif"), "--to", str(tmp_path / "slow.mbtiles"), "--json", *_SLOW],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    workers = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait(10)
    process.stdout.close()
    assert list(tmp_path.glob(".slow.mbtiles.part/*")), "killed too late to prove anything"
    psutil.wait_procs(workers, timeout=20)
    assert not any(worker.is_running() for worker in workers), "a worker that nobody listens to ends itself"
    imported(sources / "halves.tif", tmp_path / "slow.mbtiles", zooms=(10, 10))
    assert [file.name for file in tmp_path.iterdir()] == ["slow.mbtiles"]
    assert not out.exists()


def test_two_imports_into_one_file_do_not_mix(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "map.mbtiles"
    seen: list[str] = []

    def begin_another(_: Progress) -> None:
        if not seen:
            done = run_command(str(sources / "halves.tif"), "--to", str(out), "--zooms", "10", "--lang", "en")
            seen.append(f"{done.returncode} {done.stderr}")

    imported(sources / "halves.tif", out, zooms=(10, 17), on_progress=begin_another)
    assert seen[0].startswith("1 ")
    assert "Another import is writing map.mbtiles" in seen[0]
    assert out.exists()


def test_without_the_extra_the_one_command_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra, "PACKAGES", ("a_library_nobody_has",))
    source = tmp_path / "x.gpx"
    source.write_text("<gpx/>", encoding="utf-8")
    with refused("no_extra"):
        imported(source, tmp_path / "x.geojson")
    assert extra.INSTALL.split()[:2] == ["uv", "sync"]


def test_the_watching_process_loads_no_gdal() -> None:
    program = (
        "import sys, console.commands.importing, console.importing.run;"
        "print([name for name in ('pyogrio', 'rasterio', 'shapely') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_name_and_a_day_can_be_said(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "walk.geojson"
    os.utime(sources / "walk.gpx", (time.time(), 1_784_505_600))  # 2026-07-20
    done = run_command(str(sources / "walk.gpx"), "--to", str(out), "--name", "侦察")
    assert done.returncode == 0, done.stderr
    head = json.loads(out.read_text(encoding="utf-8"))["command_post"]
    assert (head["name"], head["date"], head["source"], head["datum"]) == ("侦察", "2026-07-20", "walk.gpx", "wgs84")
    assert head["bounds"] == pytest.approx([LON, LAT, LON + 0.02, LAT + 0.01])
