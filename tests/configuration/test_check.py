"""``main.py check``: what it prints and how it ends."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from console.commands import check

EXAMPLE = Path(__file__).resolve().parents[2] / "resources" / "examples" / "vehicle.toml"


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    check.add_arguments(parser)
    return check.run(parser.parse_args(words))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_good_file_says_nothing_on_stdout_and_ends_well(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(EXAMPLE), "--lang", language) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "vehicle.toml" in err


def test_each_fault_is_one_line_of_four_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "v.toml"
    file.write_text('[[device]]\nid = "a"\ndriver = "nmea"\nwire = ""\n[[camera]]\nid = "b\\tc"\n', encoding="utf-8")
    assert run(str(file)) == 1
    lines = capsys.readouterr().out.splitlines()
    columns = [line.split("\t") for line in lines]
    assert all(len(one) == 4 and all(one) for one in columns)
    assert [one[1] for one in columns] == ["device.a.driver", "device.a.wire", "camera[1].url", "camera[1].id"]
    assert columns[0][0] == f"{file}:3"
    assert columns[0][3] == "是不是 nmea0183?"


def test_a_missing_file_is_a_fault_with_a_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("/nowhere/vehicle.toml", "--lang", "en") == 1
    assert "there is no such file" in capsys.readouterr().out


def test_a_stream_that_this_machine_cannot_receive_is_said_before_driving_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lacking = subprocess.run(
        [sys.executable, "-m", "devices.video.abilities"],
        cwd=EXAMPLE.parents[2],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "rtsps" not in lacking
    assert "v4l2" not in lacking
    file = tmp_path / "v.toml"
    word = "Canary-23"
    file.write_text(
        f'[[camera]]\nid = "a"\nurl = "rtsps://h/x"\nsub_url = "srt://192.0.2.1:9000?passphrase={word}"\n'
        '[[camera]]\nid = "b"\nurl = "srt://192.0.2.1:9001"\nenabled = false\n',
        encoding="utf-8",
    )
    assert run(str(file), "--lang", "en") == (1 if "srt" in lacking else 0)
    out = capsys.readouterr().out
    assert [line.split("\t")[1] for line in out.splitlines()] == (["camera.a.sub_url"] if "srt" in lacking else [])
    assert word not in out


def test_wrong_use_ends_with_2() -> None:
    with pytest.raises(SystemExit) as caught:
        run()
    assert caught.value.code == 2
