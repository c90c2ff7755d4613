"""The load of the benches: twelve wires, seventy teams, what our own simulators say on them.

Eight GNSS receivers at 20 epochs a second, two BeiDou commanders' terminals in two dialects with 31 subordinates
each, two probes.  One record is one sentence or one probe line.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from console.configuration.model import (
    BearerConfiguration,
    Configuration,
    ContactConfiguration,
    DeviceConfiguration,
    TeamConfiguration,
)
from devices.catalogue import make_simulator
from devices.driver import NS_PER_S, Simulator

RECEIVERS = 8
TERMINALS = 2
PROBES = 2
WIRES = RECEIVERS + TERMINALS + PROBES
CARDS = 31
TICK_NS = NS_PER_S // 20
_DIALECTS = ("bd-ascii21", "bd-ascii3")


class Said(NamedTuple):
    """One sentence or line: when, on which wire (an index into the configuration's devices), and its octets."""

    at_ns: int
    wire: int
    octets: bytes


def _cards(terminal: int) -> list[str]:
    return [str(250_101 + terminal * 1000 + number) for number in range(CARDS)]


def configuration(wires: Sequence[str]) -> Configuration:
    """Twelve devices on these wires, seventy teams, two bearers by probe and one by terminal."""
    drivers = ["nmea0183"] * RECEIVERS + ["beidou_rdss"] * TERMINALS + ["probe"] * PROBES
    devices = tuple(
        DeviceConfiguration(id=f"{driver}-{index}", name=f"设备 {index}", driver=driver, wire=wire, is_own=index == 0)
        for index, (driver, wire) in enumerate(zip(drivers, wires, strict=True))
    )
    means = [devices[index].id for index in range(RECEIVERS)]
    for terminal in range(TERMINALS):
        means += [f"{devices[RECEIVERS + terminal].id}/{card}" for card in _cards(terminal)]
    return Configuration(
        mode="live",
        incident="测算",
        post="测算",
        devices=devices,
        teams=tuple(
            TeamConfiguration(id=f"team-{number}", name=f"第 {number} 队", symbol="队", expected_s=900, means=(one,))
            for number, one in enumerate(means)
        ),
        bearers=(
            BearerConfiguration(id="fibre", name="光纤", rung="primary", device_id=devices[-2].id),
            BearerConfiguration(id="lte", name="公网", rung="alternate", device_id=devices[-1].id),
            BearerConfiguration(id="beidou", name="北斗", rung="emergency", device_id=devices[RECEIVERS].id),
        ),
        contacts=(
            ContactConfiguration(name="县指挥部", device_id=devices[RECEIVERS].id, recipient="967760", is_rear=True),
        ),
    )


def _simulators() -> list[Simulator]:
    chance = random.Random(1).random
    made: list[Simulator | None] = [
        make_simulator(
            "nmea0183",
            {"lat_deg": 34.39 + 0.004 * number, "course_deg": 40.0 * number, "speed_mps": 8.0, "rate_hz": 20.0},
            chance,
        )
        for number in range(RECEIVERS)
    ]
    for terminal in range(TERMINALS):
        people = [
            {"card": card, "lat_deg": 34.35 + 0.003 * number, "lon_deg": 113.7 + 0.004 * number, "every_s": 0.1,
             "text": "搜索完毕，无被困人员", "text_every_s": 20.0}
            for number, card in enumerate(_cards(terminal))
        ]  # fmt: skip
        settings = {"dialect": _DIALECTS[terminal], "subordinates": people, "gnss_every_s": 1.0}
        made.append(make_simulator("beidou_rdss", settings, chance))
    return [one for one in made if one is not None]


def traffic(from_ns: int) -> Iterator[Said]:
    """Everything that is said from a moment on, without end; the same every time."""
    simulators = _simulators()
    chance = random.Random(2)
    at_ns = from_ns
    while True:
        for wire, simulator in enumerate(simulators):
            for octets in simulator.tick(at_ns):
                yield Said(at_ns, wire, octets)
        for probe in range(PROBES):
            yield Said(at_ns, RECEIVERS + TERMINALS + probe, _probe_line(at_ns, chance))
        at_ns += TICK_NS


def _probe_line(at_ns: int, chance: random.Random) -> bytes:
    said: dict[str, object] = {"source": "ping", "asked_ns": at_ns, "answered_ns": at_ns + 30_000_000}
    if chance.random() < 0.03:
        said["error"] = "timeout"
    else:
        said["payload"] = {"round_trip_ms": round(20 + 20 * chance.random(), 3)}
    return json.dumps(said).encode() + b"\n"


def mix(count: int = 20_000) -> str:
    """Of what the load is made, in percent of the records."""
    kinds = Counter(_kind(said.octets) for said in islice(traffic(0), count))
    shares = [f"{kind} {100 * number / count:.1f}%" for kind, number in kinds.most_common()]
    return f"{WIRES} wires, {RECEIVERS + TERMINALS * CARDS} teams: " + ", ".join(shares)


def _kind(octets: bytes) -> str:
    if octets.startswith(b"{"):
        return "probe"
    name = octets[1:6].decode("ascii", "replace")
    return name[2:] if name[2:] in {"GGA", "RMC", "GSV", "GSA", "ZDA"} else name
