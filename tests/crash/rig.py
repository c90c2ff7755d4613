"""A console as its own process, who talks to it, and what must hold of the journal it leaves."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, Self

import pytest

from console.assembly import digest_of
from console.journal.reader import Reader
from console.replay import catch_up, new_engine, play
from tests.bench.traffic import traffic

ROOT = Path(__file__).parents[2]
PATIENCE_S = 45.0
VEHICLE = """
[incident]
name = "断电试验"
post = "试验"

[[device]]
id = "gnss"
name = "定位"
driver = "nmea0183"
wire = "udp:127.0.0.1:{port}"
own = true

[[team]]
id = "first"
name = "一队"
symbol = "一"
expected_s = 900
means = ["gnss"]
"""


def wait_for(condition: Callable[[], bool], what: str, within_s: float = PATIENCE_S) -> None:
    """Return as soon as it holds; fail after the deadline."""
    until = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > until:
            pytest.fail(f"not within {within_s:.0f} s: {what}")
        time.sleep(0.005)


def free_port() -> int:
    """A UDP port that nobody has now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def vehicle(folder: Path, port: int) -> Path:
    """A configuration with one GNSS on that port and the team that carries it."""
    file = folder / "vehicle.toml"
    file.write_text(VEHICLE.format(port=port), encoding="utf-8")
    return file


class Console:
    """``main.py --headless --ack`` on a configuration and a folder."""

    def __init__(self, config: Path, folder: Path, *more: str) -> None:
        command = [sys.executable, "main.py", "--headless", "--ack", "--lang", "en"]
        command += ["--config", str(config), "--journal", str(folder), *more]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.acked = 0
        self.complaint = ""
        self.picture: dict[str, Any] | None = None
        self._threads = [threading.Thread(target=one, daemon=True) for one in (self._listen, self._complain)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self._end()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if not line.endswith("\n"):
                continue
            if line.startswith("ack "):
                self.acked = int(line[4:])
            else:
                self.picture = json.loads(line)

    def _complain(self) -> None:
        assert self.process.stderr is not None
        self.complaint = self.process.stderr.read()

    def wait_acked(self, seq: int) -> None:
        """Return when this number is on disk."""
        wait_for(lambda: self.acked >= seq or self.process.poll() is not None, f"ack {seq}, got {self.acked}")
        assert self.process.poll() is None, self.complaint

    def kill(self) -> int:
        """The power is cut; gives the last acknowledged number."""
        self.process.send_signal(signal.SIGKILL)
        self._end()
        return self.acked

    def terminate(self) -> int:
        """End it in order; gives the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """The exit code."""
        code = self.process.wait(PATIENCE_S)
        self._end()
        return code

    def _end(self) -> None:
        self.process.wait(PATIENCE_S)
        for thread in self._threads:
            thread.join(PATIENCE_S)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()


class Sender:
    """GNSS sentences to one UDP port, at a rate, until it is stopped."""

    def __init__(self, port: int, rate_hz: float) -> None:
        self._port = port
        self._rate_hz = rate_hz
        self._is_ending = threading.Event()
        self._sentences = [one.octets for one in islice(traffic(time.time_ns()), 4_000) if one.wire == 0]
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_ending.set()
        self._thread.join()

    def _run(self) -> None:
        number, began = 0, time.monotonic()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not self._is_ending.wait(0.002):
                due = round((time.monotonic() - began) * self._rate_hz)
                for at in range(number, due):
                    sender.sendto(self._sentences[at % len(self._sentences)], ("127.0.0.1", self._port))
                number = due


def judge(folder: Path) -> tuple[int, str]:
    """The journal's last number and its digest, after everything that must hold of it was found to hold."""
    reader = Reader(folder)
    try:
        numbers = [record.seq for record in reader.records()]
        assert numbers == list(range(1, len(numbers) + 1)), "the journal has a hole"
        assert reader.broken_link() is None
        return len(numbers), digest(reader)
    finally:
        reader.close()


def digest(reader: Reader) -> str:
    """The digest of the journal's end: the same from zero, from every snapshot and as a restart finds it."""
    from_zero = digest_of(play(new_engine(), reader).picture())
    for number in reader.snapshot_numbers():
        engine = new_engine()
        snapshot = reader.snapshot(number=number)
        assert snapshot is not None
        engine.restore(snapshot.state)
        assert digest_of(play(engine, reader, number).picture()) == from_zero, f"from snapshot {number}"
    assert digest_of(catch_up(reader).picture()) == from_zero
    return from_zero
