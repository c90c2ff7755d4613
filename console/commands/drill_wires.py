"""``main.py drill-wires``: the console's own helper process, which plays the drill vehicle's devices on real wires.

It says ``{"ready": {id: wire}}`` on stdout when all wires stand, and plays until its standard input ends.

What is simulated: receivers, terminals and trackers by ``devices.simulators``; the switch by an SNMP agent; pictures by
looped clips; the far end of a probed bearer by a STAMP reflector or a socket that listens.  An outage is real: nothing
is said and nothing answered.  When the switch is out, all that hangs on it (``depends_on``) goes with it: listeners and
connections are closed, senders stop, reflectors hear nothing.  Round trips are those of this computer's loopback.
Nothing here leaves the computer: all addresses are 127.0.0.1.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import functools
import itertools
import json
import logging
import os
import random
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any

from console.clock import wall_ns
from console.drill import SCENARIO, SEED, Scenario, read_scenario, sub_wire
from console.drill_lines import PlayedLine, reflect
from console.drill_outages import Interrupted, Outage, Schedule, above, outages_of
from devices.catalogue import make_simulator
from devices.driver import Simulator
from devices.reflector import Reflector
from devices.simulators.clip import Burst, Clip
from devices.transports.clip_sender import listen_tcp, send_udp
from devices.transports.contract import OpenFailed
from devices.transports.hosting import host

SUMMARY = "play the drill vehicle's devices on local wires (started by the console itself)"

LOOPBACK = "127.0.0.1"
_CLIPS = SCENARIO.parent / "clips"
_AGAIN_S = 1.0
_END_S = 2.0
_PR_SET_PDEATHSIG = 1
_GET_FLAGS, _SET_FLAGS, _IS_UP = 0x8913, 0x8914, 0x1
_LOG = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What this command takes."""
    parser.add_argument("--scenario", type=Path, default=SCENARIO, metavar="FILE", help="what is played")
    parser.add_argument("--seed", type=int, default=SEED, metavar="N", help="the same number plays the same")
    parser.add_argument("--parent", type=int, metavar="PID", help="end together with this process")


def run(args: argparse.Namespace) -> int:
    """Play until standard input ends."""
    if args.parent is not None and not _tie_to(args.parent):
        return 0
    _switch_loopback_on()
    asyncio.run(_play(read_scenario(args.scenario), args.seed))
    return 0


def _tie_to(parent: int) -> bool:
    """Let the system end this process with its parent, even while it hangs; false if the parent is gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
        return os.getppid() == parent
    return True


def _switch_loopback_on() -> None:
    """In a network namespace of its own a computer cannot even reach itself until somebody switches that on.

    **Source:** netdevice(7): SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect((LOOPBACK, 9))  # sends nothing
        except OSError:
            try:
                import fcntl  # noqa: PLC0415 - exists on POSIX only

                asked = fcntl.ioctl(one, _GET_FLAGS, struct.pack("16sh14x", b"lo", 0))
                flags = struct.unpack("16sh14x", asked)[1] | _IS_UP
                fcntl.ioctl(one, _SET_FLAGS, struct.pack("16sh14x", b"lo", flags))
                _LOG.warning("this computer's loopback was off: switched on for the drill")
            except (ImportError, OSError) as trouble:
                _LOG.warning("this computer cannot reach itself (loopback is off): %s", trouble)


async def _play(scenario: Scenario, seed: int) -> None:
    stopping = asyncio.Event()
    _watch_input(stopping.set)
    stage = Stage(scenario, seed)
    async with asyncio.TaskGroup() as group:
        playing = [group.create_task(part) for part in stage.parts()]
        print(json.dumps({"ready": await stage.wires()}, ensure_ascii=False), flush=True)
        await stopping.wait()
        for one in playing:
            one.cancel()


def _watch_input(on_end: Callable[[], object]) -> None:
    loop = asyncio.get_running_loop()

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(sys.stdin.fileno(), 4096):
                continue
        last_resort = threading.Timer(_END_S, os._exit, (0,))
        last_resort.daemon = True
        last_resort.start()
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(on_end)

    threading.Thread(target=watch, name="input", daemon=True).start()


# ---- the devices


def simulated(name: str, driver: str, table: Mapping[str, Any], seed: int) -> Simulator:
    """The device ``name`` as its ``[simulate]`` table wants it; the same seed plays the same."""
    chance = random.Random(f"{seed}:{name}").random  # noqa: S311 - a drill repeats
    simulator = make_simulator(driver, {key: value for key, value in table.items() if key != "outages"}, chance)
    if simulator is None:
        raise LookupError(f"{name}: nothing plays {driver}")
    return simulator


@functools.cache
def _clip(name: str) -> Clip:
    return Clip((_CLIPS / f"{name}.ts").read_bytes())


class Stage:
    """All devices of a scenario, each on the kind of wire that the scenario's own wire names."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self._scenario = scenario
        self._seed = seed
        self._loop = asyncio.get_running_loop()
        self._began_s = self._loop.time()
        self._wires: dict[str, asyncio.Future[str]] = {}
        self._kept: list[socket.socket] = []
        tables = scenario.tables()
        self._above = {
            row["id"]: above(tables, row["id"]) for kind in ("device", "camera") for row in tables.get(kind, ())
        }

    def parts(self) -> Iterator[Coroutine[Any, Any, None]]:
        """What has to run, one for each device and camera."""
        tables = self._scenario.tables()
        for device in tables.get("device", ()):
            self._wires[device["id"]] = self._loop.create_future()
            yield self._device(device["id"], device["driver"], device["wire"])
        for camera in tables.get("camera", ()):
            self._wires[camera["id"]] = self._loop.create_future()
            yield self._camera(camera["id"], camera["url"])
            if "sub_url" in camera:
                self._wires[sub_wire(camera["id"])] = self._loop.create_future()
                yield self._camera(camera["id"], camera["sub_url"], is_small=True)

    async def wires(self) -> dict[str, str]:
        """The wires to configure in the console, when all stand."""
        wires = dict(zip(self._wires, await asyncio.gather(*self._wires.values()), strict=True))
        for one in self._kept:  # from here on the console takes these ports
            one.close()
        self._kept.clear()
        return wires

    def _since_s(self) -> float:
        return self._loop.time() - self._began_s

    def _table(self, name: str) -> Mapping[str, Any]:
        return self._scenario.simulate.get(name, {})

    def _outages_above(self, name: str) -> list[Outage]:
        """When what this hangs on is out."""
        return [outage for one in self._above[name] for outage in outages_of(self._table(one))]

    def _schedule(self, name: str) -> Schedule:
        """When this is out, by itself or with what it hangs on."""
        return Schedule([*outages_of(self._table(name)), *self._outages_above(name)], self._since_s)

    def _tell(self, name: str, wire: str) -> None:
        if not self._wires[name].done():
            self._wires[name].set_result(wire)

    def _free_port(self, kind: socket.SocketKind) -> int:
        """A port for the console to take; kept from others until all wires are told."""
        kept = socket.socket(socket.AF_INET, kind)
        kept.bind((LOOPBACK, 0))
        self._kept.append(kept)
        return int(kept.getsockname()[1])

    async def _device(self, name: str, driver: str, wire: str) -> None:
        schedule = self._schedule(name)
        scheme, _, rest = wire.partition(":")
        _, mark, options = rest.partition("?")
        if scheme == "tcp-connect":
            await self._far_end(name, mark + options, schedule)
        if scheme == "stamp":
            await self._reflector(name, mark + options, schedule)
        simulator = Interrupted(simulated(name, driver, self._table(name), self._seed), schedule)
        await self._host(name, simulator, scheme, mark + options)

    async def _host(self, name: str, simulator: Simulator, scheme: str, options: str) -> None:
        if scheme == "serial":
            with contextlib.suppress(OpenFailed):
                await self._hosted(simulator, "pty:", lambda wire: self._tell(name, wire + options))
            scheme = "tcp"  # no pseudo-terminals here: the same octets by a socket
        if scheme == "tcp":
            with _bound(0) as keeper:
                wire = f"tcp-listen:{LOOPBACK}:{keeper.getsockname()[1]}"
                await self._standing(name, lambda: self._hosted(simulator, wire, lambda wire: self._tell(name, wire)))
        elif scheme == "udp":
            wire = f"udp:{LOOPBACK}:{self._free_port(socket.SOCK_DGRAM)}"
            await self._hosted(simulator, wire, lambda wire: self._tell(name, wire))
        elif scheme == "snmp":
            await self._hosted(simulator, f"snmp:{LOOPBACK}:0", lambda wire: self._tell(name, wire + options))
        elif scheme == "tcp-listen":
            target = f"{LOOPBACK}:{self._free_port(socket.SOCK_STREAM)}"
            self._tell(name, f"tcp-listen:{target}")
            await self._standing(name, lambda: _call_in(simulator, target))
        else:
            raise LookupError(f"{name}: no {scheme} in a drill")

    async def _hosted(self, simulator: Simulator, wire: str, on_ready: Callable[[str], None]) -> None:
        reason, detail = await host(simulator, wire, on_ready=on_ready, clock_ns=wall_ns)
        raise ConnectionError(f"{wire}: {reason} {detail}")

    async def _standing(self, name: str, stand: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Let its sockets stand as long as nothing that this hangs on is out."""
        await _unless_out(Schedule(self._outages_above(name), self._since_s), stand)

    async def _far_end(self, name: str, options: str, schedule: Schedule) -> None:
        """What a probe asks: a socket that listens, and refuses while it is closed.  The port stays ours meanwhile."""
        with _bound(0) as keeper:
            port = int(keeper.getsockname()[1])

            async def listen() -> None:
                server = await asyncio.start_server(_hang_up, sock=_bound(port))
                self._tell(name, f"tcp-connect:{LOOPBACK}:{port}{options}")
                await server.serve_forever()

            await _unless_out(schedule, listen)

    async def _reflector(self, name: str, options: str, schedule: Schedule) -> None:
        """What a STAMP probe asks, at the end of a line that is played."""
        reflector = Reflector(LOOPBACK, 0, PlayedLine(schedule, self._table(name).get("rate_mbps")))
        self._tell(name, reflector.url + options)
        await reflect(reflector)

    async def _camera(self, name: str, url: str, *, is_small: bool = False) -> None:
        clip = str(self._table(name)["sub_clip" if is_small else "clip"])
        schedule = self._schedule(name)
        scheme = url.partition("://")[0]
        if scheme == "udp" and not is_small:
            port = self._free_port(socket.SOCK_DGRAM)
            self._tell(name, f"udp://{LOOPBACK}:{port}")
            await _unless_out(schedule, lambda: _send(clip, port))
        elif scheme == "tcp":
            await self._watched(sub_wire(name) if is_small else name, clip, schedule)
        else:
            raise LookupError(f"{name}: no such {scheme} camera in a drill")

    async def _watched(self, wire_name: str, clip: str, schedule: Schedule) -> None:
        """A camera that the console calls.  While it is out nobody is answered, and who watched is hung up on."""
        with _bound(0) as keeper:
            port = int(keeper.getsockname()[1])

            async def listen() -> None:
                server = await listen_tcp(functools.partial(_bursts, clip, schedule.is_out), LOOPBACK, port)
                self._tell(wire_name, f"tcp://{LOOPBACK}:{port}")
                await server.serve_forever()

            await _unless_out(schedule, listen)


async def _unless_out(schedule: Schedule, stand: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do this while it is not out: ended when the outage begins, begun anew when it is over."""
    while True:
        await schedule.until(is_out=False)
        async with asyncio.TaskGroup() as group:
            standing = group.create_task(stand())
            await schedule.until(is_out=True)
            standing.cancel()


async def _call_in(simulator: Simulator, target: str) -> None:
    """A device that calls the console, again and again until it is let in."""
    while True:
        with contextlib.suppress(OpenFailed):
            await host(simulator, f"tcp:{target}", on_ready=_nobody, clock_ns=wall_ns)
        await asyncio.sleep(_AGAIN_S)


def _bound(port: int) -> socket.socket:
    one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    one.bind((LOOPBACK, port))
    return one


def _bursts(clip: str, is_out: Callable[[], bool]) -> Iterator[Burst]:
    return itertools.takewhile(lambda _burst: not is_out(), _clip(clip).bursts())


async def _send(clip: str, port: int) -> None:
    """A camera that sends to the console, from the beginning of its clip."""
    while True:
        with contextlib.suppress(OSError):  # a computer without loopback: the console says that nothing comes
            await send_udp(_clip(clip).bursts(), LOOPBACK, port)
        await asyncio.sleep(_AGAIN_S)


async def _hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


def _nobody(_wire: str) -> None:
    """Nobody waits for a wire that was told before."""
