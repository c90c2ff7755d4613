"""``main.py simulate`` and ``main.py drivers`` as people script them."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from console.commands import dispatch
from devices.catalogue import entries
from devices.drivers.nmea0183 import Nmea0183
from devices.observations import Malformed, Position

ROOT = Path(__file__).parents[2]


def simulate(*words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "main.py", "simulate", *words]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ready_url(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    word, _, url = process.stdout.readline().decode().strip().partition(" ")
    assert word == "ready"
    return url


def test_a_device_plays_on_tcp_until_its_time_is_over() -> None:
    with simulate(
        "nmea0183", "tcp-listen:127.0.0.1:0", "--seed", "3", "--for", "1500ms", "--set", "lat_deg=34.5"
    ) as process:
        url = ready_url(process)
        scheme, host, port = url.split(":")
        assert (scheme, host) == ("tcp", "127.0.0.1")
        with socket.create_connection((host, int(port)), 5) as line:
            octets = b""
            while piece := line.recv(4096):
                octets += piece
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, b"", b"")
    seen = Nmea0183({}).receive(octets, time.time_ns())
    assert not [one for one in seen if isinstance(one, Malformed)]
    assert {one.lat_deg for one in seen if isinstance(one, Position)} == {34.5}


def test_a_device_on_a_pty_ends_in_order_when_told_to() -> None:
    with simulate("nmea0183", "pty:") as process:
        url = ready_url(process)
        assert Path(url.removeprefix("serial:")).is_char_device()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (0, b"")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["no-such", "pty:"], 2, "no-such"),
        (["probe", "pty:"], 2, "probe"),
        (["nmea0183", "nonsense"], 1, "nonsense"),
        (["nmea0183", "serial:/dev/ttyNOSUCH0"], 1, "/dev/ttyNOSUCH0"),
        (["nmea0183", "pty:", "--set", "lat_deg=north"], 2, "TOML"),
        (["nmea0183", "pty:", "--for", "soon"], 2, "soon"),
    ],
)
def test_what_cannot_be_played_is_said_in_a_sentence(
    words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ending:
        sys.exit(dispatch(["simulate", *words]))
    assert ending.value.code == code
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


def test_every_driver_is_listed_with_its_maturity_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert dispatch(["drivers"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t") for line in lines] == [[one.id, one.maturity, one.source] for one in entries().values()]
