"""``main.py decode`` as people script it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from console.commands import dispatch
from devices.observations import Position

ROOT = Path(__file__).parents[2]
GGA = b"$GNGGA,063846.00,2914.96875,N,10444.57129,E,1,12,1.07,316.47,M,0,M,,,2.58*6A\r\n"


def decode(words: Sequence[str], capsysbinary: pytest.CaptureFixture[bytes]) -> tuple[int, list[dict[str, Any]], str]:
    try:
        code = dispatch(["decode", *words])
    except SystemExit as ending:
        code = int(ending.code or 0)
    out, err = capsysbinary.readouterr()
    return code, [json.loads(line) for line in out.splitlines()], err.decode()


@pytest.fixture
def gga(tmp_path: Path) -> str:
    file = tmp_path / "gga.nmea"
    file.write_bytes(GGA)
    return str(file)


def test_an_observation_is_one_object_with_every_field_of_its_kind(
    gga: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    code, lines, err = decode(["nmea0183", gga], capsysbinary)
    assert (code, err) == (0, "")
    (line,) = lines
    assert list(line) == ["kind", *(field.name for field in fields(Position))]
    assert {name: value for name, value in line.items() if value is not None and name != "is_stored"} == {
        "kind": "Position",
        "lat_deg": pytest.approx(29.2494791667),
        "lon_deg": pytest.approx(104.7428548333),
        "altitude_m": 316.47,
        "fix": "3d",
        "satellites": 12,
        "datum": "wgs84",
    }
    assert line["source_time_ns"] is None


def test_a_time_completes_what_comes_without_a_date(gga: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    _, lines, _ = decode(["nmea0183", "--at", "2024-03-07T14:40:00+08:00", gga], capsysbinary)
    assert lines[0]["source_time_ns"] == 1709793526 * 10**9


@pytest.mark.parametrize("time", ["yesterday", "2024-03-07T14:40:00", "2024-03-07", ""])
def test_a_time_that_is_none_is_wrong_usage(time: str, gga: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    code, lines, err = decode(["nmea0183", "--at", time, gga], capsysbinary)
    assert (code, lines) == (2, [])
    assert "--at" in err


def test_garbage_is_malformed_and_no_fault_of_the_command(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "garbage"
    file.write_bytes(b"\x00\xff\x24\x47" + GGA.replace(b"6A", b"6B"))
    code, lines, _ = decode(["nmea0183", str(file)], capsysbinary)
    assert code == 0
    assert [line["kind"] for line in lines] == ["Malformed"] * 3
    assert lines[-1]["reason"] == "checksum"
    assert bytes.fromhex(lines[-1]["raw"]).startswith(b"$GNGGA")


def test_hex_lines_are_chunks_comments_are_skipped_and_a_bad_line_is_told(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "chunks.hex"
    file.write_text(f"# a comment\n\n{GGA[:20].hex(' ')}\n{GGA[20:].hex().upper()}\n24 4\nzz 北\n{GGA.hex()}\n")
    code, lines, _ = decode(["nmea0183", "--hex", str(file)], capsysbinary)
    assert code == 0
    assert [(line["kind"], line.get("reason")) for line in lines] == [
        ("Position", None),
        ("Malformed", "hex"),
        ("Malformed", "hex"),
        ("Position", None),
    ]
    assert bytes.fromhex(lines[1]["raw"]) == b"24 4"


def test_each_hex_line_is_one_datagram_of_a_datagram_driver(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "lines.hex"
    sample = b'{"source":"x","asked_ns":1,"error":"timeout"}'
    file.write_text(f"{sample.hex()}\n{sample[:10].hex()}\n")
    code, lines, _ = decode(["probe", "--hex", str(file)], capsysbinary)
    assert (code, [line["kind"] for line in lines]) == (0, ["Reachability", "Malformed"])


def test_text_lines_of_a_datagram_driver_need_no_hex(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text('{"source":"x","asked_ns":1,"error":"timeout"}\n{"source":"x","asked_ns":1,"error":"permission"}\n')
    _, lines, _ = decode(["probe", str(file)], capsysbinary)
    assert [line["is_answered"] for line in lines] == [False, None]


def test_an_unknown_driver_is_wrong_usage_and_a_missing_file_a_fault(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    code, lines, err = decode(["no-such", "-"], capsysbinary)
    assert (code, lines) == (2, [])
    assert "no-such" in err
    code, lines, err = decode(["nmea0183", "/no/such.nmea", "--lang", "en"], capsysbinary)
    assert (code, lines) == (1, [])
    assert "/no/such.nmea" in err
    assert "check the path" in err


def test_standard_input_is_read_as_it_comes_and_a_reader_who_leaves_is_no_traceback() -> None:
    command = [sys.executable, "main.py", "decode", "nmea0183", "-"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(GGA)
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["kind"] == "Position"
        process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(GGA * 2000)
            process.stdin.flush()
        err = process.stderr.read()
        process.wait(10)
    assert b"Traceback" not in err
