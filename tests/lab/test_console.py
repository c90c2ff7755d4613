"""The console on a bearer of the laboratory, in real time: our reflector, a relay of real sockets, the runtime."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from console.picture import Picture
from tests.console.running import Running
from tests.lab.link import QUALITIES
from tests.lab.relay import Address, Bearer, udp_relay

ROOT = Path(__file__).parents[2]
FILE = """
[incident]
name = "实验"

[[device]]
id = "far"
name = "光纤到县局"
driver = "stamp"
wire = "stamp:{host}:{port}"

[[bearer]]
id = "fibre"
name = "地面光纤"
rung = "主"
profile = "fibre"
device = "far"
"""


@contextlib.contextmanager
def reflecting() -> Iterator[Address]:
    """``main.py reflect``, as the rear runs it."""
    command = [sys.executable, "main.py", "reflect", "127.0.0.1:0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        host, _, port = process.stdout.readline().split()[1].rpartition(":")
        try:
            yield host.rpartition("//")[2].removeprefix("stamp:"), int(port)
        finally:
            process.terminate()


class Between:
    """A relay in a loop of its own; ``cut`` and ``restore`` from any thread."""

    def __init__(self, far: Address) -> None:
        self._loop = asyncio.new_event_loop()
        self._far = far
        self._ready, self._end = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._live(),))

    async def _live(self) -> None:
        self.bearer = Bearer(QUALITIES["fibre"], "console")
        async with udp_relay(self.bearer, self._far) as self.near:
            self._ready.set()
            await self._end.wait()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        self._loop.call_soon_threadsafe(self.bearer.cut)

    def restore(self) -> None:
        self._loop.call_soon_threadsafe(self.bearer.restore)


def test_a_cut_on_the_way_to_the_rear_is_down_with_an_alarm_and_its_end_is_told_too(tmp_path: Path) -> None:
    def state(picture: Picture) -> str:
        return picture.bearers[0].state

    with reflecting() as far, Between(far) as between:
        file = tmp_path / "vehicle.toml"
        file.write_text(FILE.format(host=between.near[0], port=between.near[1]), encoding="utf-8")
        console = Running(tmp_path, file)
        try:
            up = console.until(lambda picture: state(picture) == "up" and picture.bearers[0].round_trip_ms)
            trip_ms = up.bearers[0].round_trip_ms
            assert trip_ms is not None
            assert trip_ms >= 3.0, "the relay's delay, twice"
            between.cut()
            down = console.until(lambda picture: state(picture) == "down")
            assert [alarm.id for alarm in down.alarms if alarm.rule == "bearer"] == ["bearer:fibre"]
            between.restore()
            back = console.until(lambda picture: state(picture) in {"up", "degraded"})
            assert back.bearers[0].since_ns > down.bearers[0].since_ns
        finally:
            console.close()
