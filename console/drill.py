"""The vehicle this run is about: the configured one, or the drill vehicle with simulated devices on real local wires.

A scenario (``resources/scenarios/*.toml``) is a configuration file followed by ``[simulate.<id>]`` tables.  The
devices' ends of its wires are played by one child process (``main.py drill-wires``); their real names are put into
the configuration, and from there on a drill takes the very way of the real thing: same drivers, same wires.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import sqlite3
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Self, get_args

import msgspec

from console.clock import wall_ns
from console.configuration.bearers import pace_probes
from console.configuration.choice import Chosen
from console.configuration.faults import ConfigurationFaults
from console.configuration.file import read
from console.configuration.model import Configuration
from console.configuration.places import journal_folder, journals
from console.configuration.reading import Faults
from console.journal import store
from console.journal.reader import Reader
from console.picture import Mode, Text, Value
from console.records import unpack
from console.road_facts import RoadConfiguration
from console.trouble import OperatorError
from devices.driver import NS_PER_S

_ROOT = Path(__file__).resolve().parent.parent
SCENARIO = _ROOT / "resources" / "scenarios" / "xinzheng.toml"
SEED = 1
RESUME_S = 1800.0
"""A drill that was left (or died) less than this ago goes on; later a new one begins."""
_READY_S = 15.0
_END_S = 3.0
_SIMULATE = re.compile(rb"^\[simulate\.", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """What the engine is started with: the configuration with its real wires, and the incident's folder."""

    configuration: Configuration
    folder: Path
    file: Path | None = None
    """The person's own configuration file; ``None`` in a drill, whose vehicle nobody can change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario taken apart.

    ``vehicle`` is the part that is a configuration file; its wires say of which kind each is to be (a serial port, TCP,
    UDP ...), with ports that are not the real ones.  ``simulate`` are the settings of each device's simulation by id.
    """

    path: Path
    vehicle: bytes
    simulate: Mapping[str, Mapping[str, Any]]

    def tables(self) -> dict[str, Any]:
        """The vehicle part as plain tables."""
        return tomllib.loads(self.vehicle.decode("utf-8"))

    def configuration(self, wires: Mapping[str, str], at_ns: int) -> Configuration:
        """The drill's configuration with its real wires, for an incident that is under way at ``at_ns``.

        Raises:
            ConfigurationFaults: the vehicle part is no good configuration.
        """
        faults = Faults(str(self.path))
        configuration = read(self.vehicle, faults, mode="drill")
        if configuration is None or faults.found:
            raise ConfigurationFaults(tuple(faults.found))
        began_min = float(self.simulate.get("incident", {}).get("began_min_before", 0.0))
        drilled = replace(
            configuration,
            incident_since_ns=at_ns - round(began_min * 60) * NS_PER_S,
            roads=tuple(self._road(road, at_ns) for road in configuration.roads),
            devices=tuple(replace(device, wire=wires[device.id]) for device in configuration.devices),
            cameras=tuple(
                replace(camera, url=wires[camera.id], sub_url=wires[sub_wire(camera.id)] if camera.sub_url else None)
                for camera in configuration.cameras
            ),
        )
        return pace_probes(drilled)

    def _road(self, road: RoadConfiguration, at_ns: int) -> RoadConfiguration:
        """What the file says of its days, said of a drill that begins now."""
        table = self.simulate.get(road.id, {})
        if "seen_min_before" in table:
            road = replace(road, seen_ns=at_ns - round(float(table["seen_min_before"]) * 60) * NS_PER_S)
        if "forecast_min_after" in table:
            road = replace(road, forecast_ns=at_ns + round(float(table["forecast_min_after"]) * 60) * NS_PER_S)
        return road


def begun_at(configuration: Configuration, since_ns: int) -> Configuration:
    """The same for an incident that began then: what was known of roads keeps its distance from the beginning."""
    later_ns = since_ns - (configuration.incident_since_ns or since_ns)

    def moved(at_ns: int | None) -> int | None:
        return None if at_ns is None else at_ns + later_ns

    roads = tuple(
        replace(road, seen_ns=moved(road.seen_ns), forecast_ns=moved(road.forecast_ns)) for road in configuration.roads
    )
    return replace(configuration, incident_since_ns=since_ns, roads=roads)


def sub_wire(camera_id: str) -> str:
    """The name of the wire of a camera's small stream."""
    return f"{camera_id}/sub"


def read_scenario(path: Path) -> Scenario:
    """The scenario in ``path``.  Scenarios are our own: a damaged one raises as it is."""
    octets = path.read_bytes()
    start = _SIMULATE.search(octets)
    vehicle, rest = (octets[: start.start()], octets[start.start() :]) if start else (octets, b"")
    return Scenario(path=path, vehicle=vehicle, simulate=tomllib.loads(rest.decode("utf-8")).get("simulate", {}))


Waiting = Callable[[], Vehicle]
"""Gives the vehicle as soon as its wires stand.  Raises ``OperatorError``."""


@contextlib.contextmanager
def start_vehicle(chosen: Chosen, *, scenario: Path = SCENARIO, seed: int = SEED) -> Iterator[Waiting]:
    """Begin to make the vehicle ready and return at once; to be called first, before slow imports.

    The wires of a drill stand until the context is left, and fall with this process however it ends.  To be entered
    in the main thread: on Linux the child dies with the thread that made it.

    Raises:
        OperatorError: the folder holds an incident of the other mode, or the child cannot be started.
    """
    if chosen.configuration is not None:
        folder = chosen.folder or journal_folder(chosen.configuration)
        _refuse_other_mode(folder, chosen.configuration.mode)
        vehicle = Vehicle(configuration=chosen.configuration, folder=folder, file=chosen.file)
        yield lambda: vehicle
        return
    if chosen.folder is not None:
        _refuse_other_mode(chosen.folder, "drill")
    with _Child(scenario, seed) as child:
        yield partial(_drill_vehicle, chosen.folder, scenario, child)


@contextlib.contextmanager
def open_vehicle(chosen: Chosen, *, scenario: Path = SCENARIO, seed: int = SEED) -> Iterator[Vehicle]:
    """The vehicle, ready; as ``start_vehicle``, but waits.

    Raises:
        OperatorError: as ``start_vehicle``, or the drill's wires do not come up.
    """
    with start_vehicle(chosen, scenario=scenario, seed=seed) as vehicle:
        yield vehicle()


# ---- where a drill is written


def _drill_vehicle(folder: Path | None, scenario: Path, child: _Child) -> Vehicle:
    wires = child.wires()
    configuration = read_scenario(scenario).configuration(wires, wall_ns())
    folder = folder or _left_lately(configuration) or journal_folder(configuration)
    since_ns = _begun(folder).get("incident_since_ns")
    if isinstance(since_ns, int):
        configuration = begun_at(configuration, since_ns)
    return Vehicle(configuration=configuration, folder=folder)


def _left_lately(configuration: Configuration) -> Path | None:
    """The folder of the same drill if it was left a short while ago."""
    name = journal_folder(configuration).name.partition("Z-")[2]
    written = {folder: _last_written_s(folder) for folder in journals("drill").glob("*Z-*")}
    lately_s = wall_ns() / NS_PER_S - RESUME_S
    same = [folder for folder, at_s in written.items() if at_s > lately_s and folder.name.partition("Z-")[2] == name]
    return max(same, key=lambda folder: written[folder], default=None)


def _last_written_s(folder: Path) -> float:
    written_s = 0.0
    for name in (store.FILE, f"{store.FILE}-wal"):
        with contextlib.suppress(OSError):
            written_s = max(written_s, (folder / name).stat().st_mtime)
    return written_s


def _refuse_other_mode(folder: Path, mode: Mode) -> None:
    """No simulated value may ever stand in a real incident's journal, and none of a real one in a drill's."""
    found = _begun(folder).get("mode")
    if found in get_args(Mode) and found != mode:
        args: dict[str, Value] = {"folder": str(folder)}
        raise OperatorError(Text(id=f"drill.folder_is_{found}", args=args), Text(id="drill.folder_remedy"))


def _begun(folder: Path) -> dict[str, Any]:
    """The configuration with which the journal in ``folder`` begins; empty where there is none to be read."""
    if not (folder / store.FILE).is_file():
        return {}
    try:
        reader = Reader(folder)
    except OperatorError:
        return {}  # a damaged journal is set aside and told when the engine opens it
    try:
        first = next(reader.records(), None)
        configuration = unpack(first.payload).get("configuration") if first is not None else None
    except (sqlite3.Error, msgspec.DecodeError):
        return {}
    else:
        return configuration if isinstance(configuration, dict) else {}
    finally:
        reader.close()


# ---- the child


class _Child:
    """The process that plays the devices.  It ends when its standard input does."""

    def __init__(self, scenario: Path, seed: int) -> None:
        self._command = [sys.executable, str(_ROOT / "main.py"), "drill-wires", "--scenario", str(scenario)]
        self._command += ["--seed", str(seed), "--parent", str(os.getpid())]
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        try:
            # A session of its own: Ctrl-C in the terminal is for the console, which ends its devices last.
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
            )
        except OSError as error:
            raise _failed(str(error.strerror or error)) from error
        self._listening = threading.Thread(target=self._listen, name="drill wires", daemon=True)
        self._listening.start()
        return self

    def _listen(self) -> None:
        if self._process.stdout is not None:
            for line in self._process.stdout:
                self._lines.put(line)
        self._lines.put("")

    def wires(self) -> dict[str, str]:
        """The real wires by id, as soon as they stand."""
        try:
            said = json.loads(self._lines.get(timeout=_READY_S))
            return {str(name): str(wire) for name, wire in said["ready"].items()}
        except queue.Empty:
            raise _failed("timeout") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise _failed(f"exit {self._process.poll()}") from None

    def __exit__(self, *_: object) -> None:
        process = self._process
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._listening.join(_END_S)
        if process.stdout is not None:
            process.stdout.close()


def _failed(detail: str) -> OperatorError:
    return OperatorError(Text(id="drill.failed", args={"detail": detail}), Text(id="drill.failed_remedy"))
