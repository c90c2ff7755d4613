"""The console as a process: started from its command line, fed by real sockets, read by its stdout."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
GGA = b"$GNGGA,063846.00,3423.74350,N,11344.57129,E,1,12,1.07,116.47,M,0,M,,*5B\r\n"


def run(*words: str | Path, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
    """One command to its end."""
    return subprocess.run(
        [sys.executable, "main.py", *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def start(*words: str | Path) -> subprocess.Popen[str]:
    """One command, running."""
    return subprocess.Popen(
        [sys.executable, "main.py", *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def picture_of(stdout: str) -> dict[str, Any]:
    """The final picture: the last line."""
    value = json.loads(stdout.splitlines()[-1])
    assert isinstance(value, dict)
    return value


class Talker:
    """A device on loopback TCP that says one sentence again and again to whoever is connected; can be pulled."""

    def __init__(self, sentence: bytes = GGA, period_s: float = 0.05) -> None:
        self._sentence = sentence
        self._period_s = period_s
        self._server: socket.socket | None = None
        self._stop = threading.Event()
        self.port = 0
        self.connections = 0

    def plug_in(self) -> None:
        """Listen; the second time on the same port."""
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", self.port))
        server.listen()
        self.port = server.getsockname()[1]
        self._server = server
        self._stop = threading.Event()
        threading.Thread(target=self._serve, args=(server, self._stop), daemon=True).start()

    def pull(self) -> None:
        """Close everything."""
        self._stop.set()
        if self._server is not None:
            # shutdown wakes the thread that waits in accept
            with contextlib.suppress(OSError):
                self._server.shutdown(socket.SHUT_RDWR)
            self._server.close()

    def _serve(self, server: socket.socket, stop: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while not stop.is_set():
                connection, _ = server.accept()
                self.connections += 1
                threading.Thread(target=self._talk, args=(connection, stop), daemon=True).start()

    def _talk(self, connection: socket.socket, stop: threading.Event) -> None:
        with connection, contextlib.suppress(OSError):
            while not stop.wait(self._period_s):
                connection.sendall(self._sentence)


@contextlib.contextmanager
def talker(sentence: bytes = GGA) -> Iterator[Talker]:
    """A talker that is plugged in, and pulled at the end."""
    made = Talker(sentence)
    made.plug_in()
    try:
        yield made
    finally:
        made.pull()


def vehicle(folder: Path, port: int, more: str = "") -> Path:
    """A configuration with one GNSS on loopback TCP."""
    file = folder / "vehicle.toml"
    file.write_text(
        f"""
[incident]
name = "双洎河漫溢"
post = "新郑-指01"

[[device]]
id = "gnss"
name = "车载 GNSS"
driver = "nmea0183"
wire = "tcp:127.0.0.1:{port}"
own = true

[[team]]
id = "vehicle"
name = "指挥车"
symbol = "车"
people = 4
means = ["gnss"]
expected_min = 5
{more}
""",
        encoding="utf-8",
    )
    return file
