"""A real cut: a switch that is asked by TCP, and three devices behind it whose wires fall with it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.assembly import digest_of
from console.journal.reader import Reader
from console.picture import Alarm, Picture
from console.replay import new_engine, play
from tests.console.door import sentence
from tests.console.running import Running

GGA = sentence("GNGGA,063846.00,3423.7000,N,11344.4000,E,1,12,1.0,100,M,0,M,,")
SWITCH = "unanswered:switch"


class Outlet:
    """Something that listens; while it has power it talks to whoever connects."""

    def __init__(self) -> None:
        self._listener = self._open(0)
        self.port = self._listener.getsockname()[1]
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()

    @staticmethod
    def _open(port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        return listener

    def _serve(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                end, _ = listener.accept()
                self._ends.append(end)
                end.sendall(GGA)

    def cut(self) -> None:
        """No power."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._ends:
            end.close()
        self._ends = []

    def restore(self) -> None:
        """Power again, at the same place."""
        self._listener = self._open(self.port)
        threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()


@pytest.fixture
def outlets() -> Iterator[list[Outlet]]:
    made = [Outlet() for _ in range(4)]
    yield made
    for outlet in made:
        with contextlib.suppress(OSError):
            outlet.cut()


def asking(picture: Picture) -> list[Alarm]:
    return [alarm for alarm in picture.alarms if alarm.state in {"unacknowledged", "returned"}]


def test_a_cut_switch_is_one_line_over_real_wires_and_the_journal_replays_to_it(
    outlets: list[Outlet], tmp_path: Path
) -> None:
    wire = f"tcp-connect:127.0.0.1:{outlets[0].port}?interval_s=0.3&timeout_s=0.3"
    content = f'[[device]]\nid = "switch"\nname = "车载交换机"\ndriver = "probe"\nwire = "{wire}"\n'
    for number, outlet in enumerate(outlets[1:]):
        content += f'[[device]]\nid = "d{number}"\ndriver = "nmea0183"\nwire = "tcp:127.0.0.1:{outlet.port}"\n'
        content += 'depends_on = ["switch"]\n'
    file = tmp_path / "vehicle.toml"
    file.write_text(content, encoding="utf-8")
    console = Running(tmp_path, file)
    try:
        console.until(lambda picture: all(device.last_understood_ns for device in picture.devices))
        for outlet in outlets:
            outlet.cut()
        console.until(lambda picture: any(alarm.beneath for alarm in picture.alarms))
        picture = console.until(lambda picture: sum(1 for a in picture.alarms if a.state == "suppressed") == 3)
        (line,) = asking(picture)
        assert (line.id, line.text.args["device"]) == (SWITCH, "车载交换机")
        for outlet in outlets:
            outlet.restore()
        console.until(lambda picture: any(a.id == SWITCH and a.state == "returned" for a in picture.alarms))
        picture = console.until(lambda picture: len(picture.alarms) == 1)
        assert [alarm.id for alarm in asking(picture)] == [SWITCH]
        assert not [n for n in picture.notices if n.text.id in {"alarm.wire_down", "alarm.nodata"}]
    finally:
        console.close()
    final = console.runtime.engine.picture()
    reader = Reader(console.runtime.folder)
    again = play(new_engine(), reader)
    reader.close()
    assert digest_of(again.picture()) == digest_of(final)
