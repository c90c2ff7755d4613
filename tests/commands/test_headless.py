from __future__ import annotations

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.commands.console_process import ROOT, picture_of, run, start, talker, vehicle

KEYS = {"digest", "mode", "at", "records", "devices", "teams", "cameras", "bearers", "alarms", "messages"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "incident"


def test_a_run_prints_one_picture_and_its_journal_replays_to_the_same_digest(tmp_path: Path, folder: Path) -> None:
    with talker() as device:
        ended = run("--headless", "--for", "2s", "--config", vehicle(tmp_path, device.port), "--journal", folder)
    assert ended.returncode == 0, ended.stderr
    assert len(ended.stdout.splitlines()) == 1
    live = picture_of(ended.stdout)
    assert set(live) >= KEYS
    assert live["mode"] == "live"
    assert live["devices"][0]["state"] == "up"
    assert live["devices"][0]["understood"] > 5
    assert live["teams"][0]["place"]["lat_deg"] == pytest.approx(34 + 23.7435 / 60)
    again = run("replay", folder, "--headless")
    assert again.returncode == 0, again.stderr
    assert picture_of(again.stdout) == live


def test_replay_until_a_moment_shows_what_was_known_then(tmp_path: Path, folder: Path) -> None:
    with talker() as device:
        run("--headless", "--for", "3s", "--config", vehicle(tmp_path, device.port), "--journal", folder)
    early = picture_of(run("replay", folder, "--headless", "--until", "+1s").stdout)
    whole = picture_of(run("replay", folder, "--headless").stdout)
    assert 0 < early["records"] < whole["records"]
    at = early["at"]
    same = picture_of(run("replay", folder, "--headless", "--until", at).stdout)
    assert abs(same["records"] - early["records"]) <= 1


def test_acknowledged_numbers_grow_and_reach_the_last_record(tmp_path: Path, folder: Path) -> None:
    with talker() as device:
        file = vehicle(tmp_path, device.port)
        ended = run("--headless", "--ack", "--for", "1s", "--config", file, "--journal", folder)
    *acks, last = ended.stdout.splitlines()
    numbers = [int(line.removeprefix("ack ")) for line in acks]
    assert numbers == sorted(numbers)
    assert numbers[-1] == json.loads(last)["records"]


def test_sigterm_ends_in_order_with_the_same_picture(tmp_path: Path, folder: Path) -> None:
    with talker() as device:
        process = start("--headless", "--ack", "--config", vehicle(tmp_path, device.port), "--journal", folder)
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ack ")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    live = picture_of(out)
    assert live["notices"][-1]["text"]["id"] == "notice.stop"
    assert picture_of(run("replay", folder, "--headless").stdout)["digest"] == live["digest"]


def test_a_restart_continues_the_incident(tmp_path: Path, folder: Path) -> None:
    with talker() as device:
        file = vehicle(tmp_path, device.port)
        first = picture_of(run("--headless", "--for", "1s", "--config", file, "--journal", folder).stdout)
    second = picture_of(run("--headless", "--for", "1s", "--config", file, "--journal", folder).stdout)
    assert second["records"] > first["records"]
    assert second["teams"][0]["last_heard_ns"] == first["teams"][0]["last_heard_ns"]
    assert second["gaps"][0]["from_ns"] == first["at_ns"]
    assert second["devices"][0]["state"] == "down"
    assert second["devices"][0]["reason"]["id"] == "wire.reason.refused"


def test_a_second_console_on_the_same_journal_gets_a_sentence(tmp_path: Path, folder: Path) -> None:
    with talker() as device:
        file = vehicle(tmp_path, device.port)
        process = start("--headless", "--ack", "--config", file, "--journal", folder)
        assert process.stdout is not None
        process.stdout.readline()
        second = run("--headless", "--for", "1s", "--config", file, "--journal", folder, "--lang", "zh")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert second.returncode == 1
    assert "另一个控制台" in second.stderr
    assert second.stdout == ""


def test_a_configuration_with_faults_ends_with_sentences_and_no_journal(tmp_path: Path, folder: Path) -> None:
    file = vehicle(tmp_path, 1, '[[device]]\nid = "x"\nname = "X"\ndriver = "nmea0138"\nwire = "tcp:127.0.0.1:2"\n')
    ended = run("--headless", "--for", "1s", "--config", file, "--journal", folder)
    assert ended.returncode == 1
    assert "nmea0183" in ended.stderr
    assert ended.stdout == ""
    assert not folder.exists()


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("x")
    with talker() as device:
        ended = run(
            "--headless", "--for", "1s", "--config", vehicle(tmp_path, device.port), "--journal", blocker / "in"
        )
    assert ended.returncode == 1
    assert "--journal" in ended.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--headless", "--for", "soon"),
        ("--headless", "--config", "a", "--drill"),
        ("replay",),
        ("replay", "x", "--headless", "--until", "yesterday"),
        ("replay", "x", "--headless", "--until", "2026-01-01T00:00:00"),
        ("export", "x", "--to", "xml", "y"),
        ("--nonsense",),
    ],
)
def test_wrong_usage_exits_with_two_and_prints_nothing_on_stdout(words: tuple[str, ...]) -> None:
    ended = run(*words)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr


def test_a_replay_of_nothing_is_a_sentence(tmp_path: Path) -> None:
    ended = run("replay", tmp_path, "--headless", "--lang", "en")
    assert ended.returncode == 1
    assert "journal.sqlite3" in ended.stderr


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_has_every_record_with_its_mode_and_meaning(tmp_path: Path, folder: Path, form: str) -> None:
    with talker() as device:
        ended = run("--headless", "--for", "1s", "--config", vehicle(tmp_path, device.port), "--journal", folder)
    out = tmp_path / f"out.{form}"
    assert run("export", folder, "--to", form, out).returncode == 0
    with out.open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = (
            list(csv.DictReader(file)) if form == "csv" else [json.loads(line) for line in file]
        )
    assert len(rows) == picture_of(ended.stdout)["records"]
    assert {row["mode"] for row in rows} == {"live"}
    said = [row for row in rows if row["kind"] == "octets"]
    understood = json.loads(said[0]["understood"]) if form == "csv" else said[0]["understood"]
    assert understood[0]["kind"] == "Position"
    assert bytes.fromhex(said[0]["hex"]).startswith(b"$GNGGA")
    assert out.stat().st_mode & 0o077 == 0


def test_an_export_that_cannot_be_written_is_a_sentence_and_leaves_nothing(tmp_path: Path, folder: Path) -> None:
    with talker() as device:
        run("--headless", "--for", "1s", "--config", vehicle(tmp_path, device.port), "--journal", folder)
    ended = run("export", folder, "--to", "csv", tmp_path / "nowhere" / "out.csv", "--lang", "en")
    assert ended.returncode == 1
    assert "cannot be written" in ended.stderr


def test_no_password_reaches_journal_output_or_export(tmp_path: Path, folder: Path) -> None:
    canary = "gelbervogel7"
    camera = f'[[camera]]\nid = "c"\nname = "C"\nurl = "rtsp://admin:{canary}@127.0.0.1:1/live"\n'
    with talker() as device:
        file = vehicle(tmp_path, device.port, camera)
        ended = run("--headless", "--for", "2s", "--config", file, "--journal", folder)
    run("export", folder, "--to", "jsonl", tmp_path / "out.jsonl")
    texts = [ended.stdout, ended.stderr, (tmp_path / "out.jsonl").read_text(encoding="utf-8")]
    assert not [text for text in texts if canary in text]
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "reserve":
            assert canary.encode() not in path.read_bytes(), path


def test_an_export_of_a_changed_journal_is_written_and_says_which_record(tmp_path: Path, folder: Path) -> None:
    with talker() as device:
        run("--headless", "--for", "1s", "--config", vehicle(tmp_path, device.port), "--journal", folder)
    with sqlite3.connect(folder / "journal.sqlite3") as connection:
        connection.execute("UPDATE record SET at_ns = at_ns + 1 WHERE seq = 5")
    ended = run("export", folder, "--to", "jsonl", tmp_path / "out.jsonl", "--lang", "en")
    assert ended.returncode == 1
    assert "Record 5 " in ended.stderr
    assert (tmp_path / "out.jsonl").exists()


def test_a_window_without_a_screen_is_a_sentence_not_a_crash(tmp_path: Path) -> None:
    surroundings = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}}
    with talker() as device:
        ended = subprocess.run(
            [sys.executable, "main.py", "--config", vehicle(tmp_path, device.port), "--journal", tmp_path / "j"],
            cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert ended.returncode == 1
    assert "--headless" in ended.stderr
