"""Three days of an incident in minutes: the console's own runtime, journal and drivers on a virtual clock.

Everything is the product's but time, chance and the far ends of the wires: our simulators on wires inside the process.
Wires are hung up, damaged and silenced, bearers are cut and flap, alarms are seen, texts are sent, all from one seed.
No camera: pictures come from processes of the real world.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import psutil

from console.configuration.model import (
    BearerConfiguration,
    Configuration,
    ContactConfiguration,
    DeviceConfiguration,
    TeamConfiguration,
)
from console.journal import store
from console.journal.writer import Trouble
from console.orders import AcknowledgeAlarm, ComposeMessage
from console.recordings import Recordings
from console.runtime import Runtime
from devices.transports import memory
from tests.lab.detectors import START_NS
from tests.lab.far_ends import FarEnd, FarProbe
from tests.lab.virtual import VirtualLoop

_KINDS = (("nmea0183", 24), ("beidou_rdss", 8), ("vedirect", 8), ("probe", 10))
_SETTLE_RECORDS = 20_000
_PATIENCE_S = 30.0


def devices() -> list[DeviceConfiguration]:
    """Fifty of them."""
    return [
        DeviceConfiguration(
            id=f"{driver}-{index}",
            name=f"{driver} {index}",
            driver=driver,
            wire=f"memory:lab-{driver}-{index}",
            is_own=driver == "nmea0183" and index == 0,
        )
        for driver, count in _KINDS
        for index in range(count)
    ]


def vehicle() -> Configuration:
    """Fifty devices, teams on the receivers and cards, a bearer on every probe and on one terminal."""
    wired = devices()
    trackers = [one for one in wired if one.driver == "nmea0183"]
    probes = [one for one in wired if one.driver == "probe"]
    rungs = ("primary", "alternate", "contingency")
    return Configuration(
        mode="live",
        incident="实验",
        post="实验",
        devices=tuple(wired),
        teams=tuple(
            TeamConfiguration(id=f"team-{index}", name=f"第 {index} 队", symbol="队", expected_s=300.0, means=(one.id,))
            for index, one in enumerate(trackers)
        ),
        bearers=(
            *(
                BearerConfiguration(
                    id=f"bearer-{index}",
                    name=f"链路 {index}",
                    rung=rungs[index % 3],  # type: ignore[arg-type]
                    device_id=one.id,
                    down_after_s=30.0,
                    misses_down=4,
                )
                for index, one in enumerate(probes)
            ),
            BearerConfiguration(
                id="text", name="北斗", rung="emergency", device_id="beidou_rdss-0", down_after_s=120.0
            ),
        ),
        contacts=(ContactConfiguration(name="后方", device_id="beidou_rdss-0", recipient="967760", is_rear=True),),
    )


class _Clock:
    """Console time of the virtual loop."""

    is_doubtful = False

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def now_ns(self) -> int:
        return START_NS + self._loop.now_ns

    def jump_ns(self) -> int | None:
        return None


@dataclass(slots=True)
class Hour:
    """How the process stood after so many virtual hours."""

    hour: float
    memory_mb: float
    state_bytes: int


@dataclass(slots=True)
class Soaked:
    """What came of it.  ``chain`` is the hash over every record."""

    chain: str = ""
    records: int = 0
    faults: int = 0
    real_s: float = 0.0
    hours: list[Hour] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @classmethod
    def told(cls, said: dict[str, Any]) -> Soaked:
        """From JSON."""
        return cls(**{**said, "hours": [Hour(**hour) for hour in said["hours"]]})


class _LabRuntime(Runtime):
    """The console's runtime, its time virtual: commits are awaited where effects wait for them, so that the order of
    everything comes from the seed alone."""

    def __init__(self, folder: Path, seed: int, hours: float) -> None:
        super().__init__(vehicle(), folder)
        self._virtual = VirtualLoop(self._settle)
        self._seed = seed
        self._hours = hours
        self.soaked = Soaked()
        self._settled_seq = 0
        self._lives: list[asyncio.Task[None]] = []
        self.trouble: Trouble | None = None

    def open(self) -> None:
        super().open()
        self.clock = _Clock(self._virtual)  # type: ignore[assignment]

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._virtual) as runner:
                runner.run(self._main())
        except BaseException as crash:  # noqa: BLE001 - carried to the thread that waits for us
            self._crash = crash
        finally:
            self._ready.set()

    def _begin(self) -> None:
        super()._begin()
        for device in self.configuration.devices:
            far: FarEnd | FarProbe
            if device.driver == "probe":
                far = FarProbe(device, self._seed, self.now_ns, self._hours)
            else:
                far = FarEnd(device, self._seed, self.now_ns)
            self._lives.append(self._virtual.create_task(far.live()))
        self._lives.append(self._virtual.create_task(self._people()))
        self._lives.append(self._virtual.create_task(self._hourly()))

    async def _people(self) -> None:
        """Somebody acknowledges what there is, and writes to the rear."""
        for number in range(round(self._hours * 6)):
            await asyncio.sleep(600.0)
            for alarm in self.engine.picture().alarms:
                self.submit(AcknowledgeAlarm(alarm_id=alarm.id))
            self.submit(
                ComposeMessage(
                    message_id=f"lab-{number}", device_id="beidou_rdss-0", recipient="967760", text=f"续报 {number}"
                )
            )

    async def _hourly(self) -> None:
        process = psutil.Process()
        hour = 0.0
        while hour < self._hours:
            step = min(1.0, self._hours - hour)
            await asyncio.sleep(step * 3_600)
            hour += step
            gc.collect()
            self.soaked.hours.append(Hour(hour, process.memory_info().rss / 1e6, len(self.engine.save())))
        for life in self._lives[:-1]:
            life.cancel()
        assert self._ending is not None
        self._ending.set()

    # ---- the disk is of the real world

    def _commit_told(self, seq: int) -> None:
        """Not heard when it comes but when time is about to pass."""

    def _trouble_told(self, trouble: Trouble) -> None:
        self.trouble = trouble

    def _settle(self) -> bool:
        is_ending = self._ending is not None and self._ending.is_set()
        is_awaited = bool(self._executor._waiting) or (is_ending and self._settled_seq < self._seq)
        if not is_awaited and self._seq - self._settled_seq < _SETTLE_RECORDS:
            return False
        until_s = time.monotonic() + _PATIENCE_S
        while self._writer.committed < self._seq and time.monotonic() < until_s:
            self._writer._wake.set()
            time.sleep(0.0001)
        self._settled_seq = self._writer.committed
        self._committed(self._settled_seq)
        return True


async def _never(*_: object) -> None:
    await asyncio.get_running_loop().create_future()


@contextlib.contextmanager
def _without_the_world(loop: VirtualLoop) -> Iterator[None]:
    """No recordings are looked for, and how long a wire stood is virtual too."""
    with (
        mock.patch.object(Recordings, "live", _never),
        mock.patch("console.connections.steady_ns", side_effect=lambda: loop.now_ns),
    ):
        yield


def soak(folder: Path, seed: int = 1, hours: float = 72.0) -> Soaked:
    """Run; returns when the virtual hours are over and everything is on disk.

    Raises:
        RuntimeError: the journal could not be written.
    """
    random.seed(seed)
    memory._WIRES.clear()
    began_s = time.monotonic()
    runtime = _LabRuntime(folder, seed, hours)
    with _without_the_world(runtime._virtual):
        runtime.start()
        runtime._thread.join()
        runtime.stop()
    if runtime.trouble is not None:
        raise RuntimeError(f"the journal: {runtime.trouble}")
    soaked = runtime.soaked
    connection = store.connect_read_only(folder)
    try:
        tail = store.tail_of(connection)
    finally:
        connection.close()
    soaked.chain, soaked.records = tail.chain.hex(), tail.seq
    soaked.faults = runtime.engine.tables.faults
    soaked.real_s = time.monotonic() - began_s
    return soaked
