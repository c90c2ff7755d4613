"""The upsd of the NUT project with its dummy driver on a free port, for the time of a test."""

from __future__ import annotations

import contextlib
import os
import pwd
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.devices.transports.broker import free_port
from tests.peers import lack, need

_FOLDERS = ("/lib/nut", "/usr/lib/nut", "/usr/libexec/nut")
ON_MAINS = {
    "battery.charge": "100",
    "battery.runtime": "1800",
    "battery.voltage": "27.30",
    "device.model": 'Dummy \\"UPS\\"',
    "input.voltage": "229.7",
    "ups.load": "34",
    "ups.realpower": "510",
    "ups.status": "OL CHRG",
}
ON_BATTERY = ON_MAINS | {"ups.status": "OB DISCHRG", "input.voltage": "0.0", "battery.charge": "93"}
LOW = ON_BATTERY | {"ups.status": "OB DISCHRG LB", "battery.charge": "9", "battery.runtime": "120"}


def _program(name: str) -> str:
    need("upsd")
    path = next((f"{folder}/{name}" for folder in _FOLDERS if Path(folder, name).exists()), None)
    return path if path is not None else lack(f"{name} of nut-server is not on this machine")


def _me() -> str:
    return pwd.getpwuid(os.getuid()).pw_name


class Server:
    """A server with supplies of the dummy driver; what a supply says is written into its file."""

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        self.port = free_port()
        self.names = names
        self._folder = folder
        self._drivers: dict[str, subprocess.Popen[bytes]] = {}
        self._server: subprocess.Popen[bytes] | None = None
        self._environment = {**os.environ}
        for key in ("NUT_CONFPATH", "NUT_STATEPATH", "NUT_ALTPIDPATH", "NUT_PIDPATH"):
            self._environment[key] = str(folder)

    def say(self, name: str, values: dict[str, str]) -> None:
        """Change what the supply says; the driver reads its file again and again."""
        new = self._folder / f"{name}.new"
        new.write_text("".join(f"{key}: {value}\n" for key, value in values.items()), encoding="utf-8")
        new.replace(self._folder / f"{name}.dev")

    def start(self) -> None:
        for name in self.names:
            self.say(name, ON_MAINS)
        sections = "".join(
            f"[{name}]\n driver = dummy-ups\n port = {name}.dev\n mode = dummy-loop\n" for name in self.names
        )
        (self._folder / "ups.conf").write_text(f"pollinterval = 1\n{sections}", encoding="utf-8")
        (self._folder / "upsd.conf").write_text(f"LISTEN 127.0.0.1 {self.port}\nMAXAGE 2\n", encoding="utf-8")
        (self._folder / "upsd.users").write_text("", encoding="utf-8")
        (self._folder / "nut.conf").write_text("MODE=netserver\n", encoding="utf-8")
        for file in self._folder.iterdir():
            file.chmod(0o640)
        for name in self.names:
            self.start_driver(name)
        self._server = self._run("upsd", "-D", "-u", _me())
        self._await()

    def start_driver(self, name: str) -> None:
        if name in self._drivers:
            self._drivers[name].kill()
            self._drivers[name].wait(10)
        self._drivers[name] = self._run("dummy-ups", "-a", name, "-u", _me(), "-D")

    def driver(self, name: str) -> subprocess.Popen[bytes]:
        return self._drivers[name]

    def _run(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        log = (self._folder / f"{name}.log").open("ab")
        with log:
            return subprocess.Popen([_program(name), *words], env=self._environment, stdout=log, stderr=log)

    def _await(self) -> None:
        deadline_s = time.monotonic() + 15
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as talk:
                talk.settimeout(2)
                talk.sendall(f"GET VAR {self.names[-1]} ups.status\n".encode())
                if talk.recv(200).startswith(b"VAR"):
                    return
            assert self._server is not None
            assert self._server.poll() is None, (self._folder / "upsd.log").read_text()
            assert time.monotonic() < deadline_s, (self._folder / "upsd.log").read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        for running in [*self._drivers.values(), *([self._server] if self._server else [])]:
            running.kill()
            running.wait(10)


@contextlib.contextmanager
def server(folder: Path, *names: str) -> Iterator[Server]:
    """It runs until the end of the block."""
    made = Server(folder, names or ("veh",))
    try:
        made.start()
        yield made
    finally:
        made.stop()
