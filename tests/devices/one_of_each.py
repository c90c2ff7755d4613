"""A vehicle with one of every simulated device, each on a real loopback wire that damages what it carries."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from console.assembly import digest_of
from console.configuration.model import Configuration, DeviceConfiguration, TeamConfiguration
from console.journal.reader import Reader
from console.orders import ComposeMessage
from console.picture import Picture
from console.replay import new_engine, play
from console.runtime import Runtime
from devices.catalogue import Entry, entries, make_simulator
from devices.driver import Simulator
from devices.transports.hosting import host


class Damaged:
    """A simulator whose octets are now and then flipped, cut, lost or said twice, on their way there and back.

    ``share`` of the pieces, the first one soon: no wire stays sound for a whole run because it says little.
    """

    def __init__(self, inner: Simulator, chance: Callable[[], float], share: float, *, is_requests: bool) -> None:
        self._inner = inner
        self._chance = chance
        self._between = 2 / share
        self._left = int(chance() * 3)
        self._one = self._one_request if is_requests else self._one_piece
        self.spoilt = 0

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:
        return self._spoil([said for heard in self._spoil([data]) for said in self._inner.receive(heard, at_ns)])

    def tick(self, at_ns: int) -> Sequence[bytes]:
        return self._spoil(self._inner.tick(at_ns))

    def _spoil(self, pieces: Sequence[bytes]) -> list[bytes]:
        found: list[bytes] = []
        for piece in pieces:
            self._left -= 1
            if self._left >= 0:
                found.append(piece)
                continue
            self._left = int(self._chance() * self._between)
            self.spoilt += 1
            found += self._one(bytes(piece))
        return found

    def _one_piece(self, piece: bytes) -> list[bytes]:
        kind = int(self._chance() * 4)
        at = int(self._chance() * max(1, len(piece)))
        flipped = piece[:at] + bytes([int(self._chance() * 256)]) + piece[at + 1 :]
        return [[flipped], [piece[:at]], [], [piece, piece]][kind]

    def _one_request(self, piece: bytes) -> list[bytes]:
        """What a phone asks with; the request around it stays one, as HTTP has a sum and an end below it."""
        line = json.loads(piece)
        key = "payload" if line.get("payload") else "query"
        text = str(line.get(key, ""))
        kind = int(self._chance() * 4)
        at = int(self._chance() * max(1, len(text)))
        flipped = text[:at] + chr(33 + int(self._chance() * 94)) + text[at + 1 :]
        said = [[flipped], [text[:at]], [], [text, text]][kind]
        return [json.dumps({**line, key: one}).encode() for one in said]


def free_port(kind: socket.SocketKind) -> int:
    """A port of the loopback that nobody has now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def far_end(entry: Entry) -> str | None:
    """Where the device's end of this driver's wire stands; ``None``: its driver has no simulator of its own wire."""
    if entry.simulator is None:
        return None
    if "tcp" in entry.transports and entry.id != "jt808":
        return "tcp-listen:127.0.0.1:0"
    if "udp" in entry.transports:
        return f"udp:127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
    if "http-listen" in entry.transports:
        return f"http:127.0.0.1:{free_port(socket.SOCK_STREAM)}"
    raise AssertionError(f"no loopback wire is known for {entry.id}")


@dataclass
class Devices:
    """The hosts of all simulators, in a loop and thread of their own."""

    share: float
    wires: dict[str, str] = field(default_factory=dict)
    troubles: dict[str, object] = field(default_factory=dict)
    damaged: dict[str, Damaged] = field(default_factory=dict)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    async def _host(self, entry: Entry, wire: str) -> None:
        chance = random.Random(f"{entry.id}").random
        simulator = make_simulator(entry.id, {}, chance)
        assert simulator is not None
        damaged = Damaged(simulator, chance, self.share, is_requests=wire.startswith("http:"))
        self.damaged[entry.id] = damaged
        while True:
            try:
                await host(damaged, wire, on_ready=lambda url: self._ready(entry.id, url), clock_ns=time.time_ns)
            except OSError as trouble:
                self.troubles[entry.id] = trouble
            await asyncio.sleep(0.2)

    def _ready(self, driver_id: str, url: str) -> None:
        self.wires.setdefault(driver_id, url)

    def run(self) -> None:
        asyncio.set_event_loop(self._loop)
        for entry in entries().values():
            wire = far_end(entry)
            if wire is not None:
                if wire.startswith("http:"):
                    self.wires[entry.id] = wire.replace("http:", "http-listen:")
                self._tasks.append(self._loop.create_task(self._host(entry, wire)))
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._loop.run_until_complete(asyncio.sleep(0.1))
        self._loop.close()

    def end(self) -> None:
        for task in self._tasks:
            self._loop.call_soon_threadsafe(task.cancel)


@contextlib.contextmanager
def devices(share: float) -> Iterator[Devices]:
    """All simulators on their wires; ``share`` of what they say is damaged."""
    made = Devices(share)
    thread = threading.Thread(target=made.run, name="simulators", daemon=True)
    thread.start()
    wanted = sum(1 for entry in entries().values() if entry.simulator is not None)
    deadline = time.monotonic() + 20
    while len(made.wires) < wanted and time.monotonic() < deadline:
        thread.join(0.05)
    assert len(made.wires) == wanted, (set(entries()) - set(made.wires), made.troubles)
    try:
        yield made
    finally:
        made.end()
        thread.join(10)


def vehicle(wires: dict[str, str]) -> Configuration:
    """One device a wire, and a team that is heard by each."""
    return Configuration(
        mode="drill",
        incident="各一台(演练)",
        post="试验台",
        devices=tuple(
            DeviceConfiguration(id=driver_id, name=driver_id, driver=driver_id, wire=wire)
            for driver_id, wire in wires.items()
        ),
        teams=tuple(
            TeamConfiguration(id=f"team-{driver_id}", name=driver_id, symbol="队", means=(driver_id,))
            for driver_id in wires
        ),
    )


@dataclass(frozen=True)
class Outcome:
    """What a run came to: its last picture, its digest, that of the replay from zero, and how much was spoilt."""

    picture: Picture
    digest: str
    replayed: str
    spoilt: dict[str, int]


def run(folder: Path, seconds: float, share: float) -> Outcome:
    """Run everything for a while, with a text now and then to every device that can carry one."""
    with devices(share) as made:
        runtime = Runtime(vehicle(made.wires), folder)
        runtime.start()
        until = time.monotonic() + seconds
        number = 0
        while time.monotonic() < until:
            threading.Event().wait(min(5.0, max(0.1, until - time.monotonic())))
            for device in runtime.configuration.devices:
                number += 1
                runtime.submit(
                    ComposeMessage(message_id=f"m{number}", device_id=device.id, recipient="4207700", text="报到")
                )
        picture = runtime.stop()
    reader = Reader(folder)
    replayed = digest_of(play(new_engine(), reader).picture())
    reader.close()
    spoilt = {driver_id: one.spoilt for driver_id, one in made.damaged.items()}
    return Outcome(picture=picture, digest=digest_of(picture), replayed=replayed, spoilt=spoilt)
