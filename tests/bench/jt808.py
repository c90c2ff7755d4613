"""``jt808``: frames a second through the driver, answers included, and what 500 terminals and 70 radios cost.

The cost is measured twice: records stepped by the engine alone, and the whole engine process with real wires, door,
journal and pictures, fed by simulators in processes of their own.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import msgspec

from console.configuration.model import DeviceConfiguration, TeamConfiguration
from console.records import Kind, Record, pack
from console.replay import new_engine
from console.runtime import Runtime
from devices.catalogue import make_driver
from devices.driver import NS_PER_S, Driver
from devices.simulators.jt808 import Jt808Simulator
from devices.simulators.jt808_wire import Ear
from tests.bench.figure import Figure
from tests.bench.live import free_ports
from tests.bench.traffic import configuration

ROOT = Path(__file__).parents[2]
RADIOS = 70
FIRST_RADIO = 3_700_001
SETTLE_S = 15.0
TERMINALS = 500
TEAMS = 70
FIRST = 13_803_710_001
TICK_NS = NS_PER_S // 10
START_NS = 1_784_500_200 * NS_PER_S


def reports(seconds: int) -> list[tuple[int, bytes]]:
    """What 500 terminals say in so many seconds, once they are let in: a report a second each, heartbeats between."""
    terminals = Jt808Simulator({"count": TERMINALS, "every_s": 1.0, "heartbeat_s": 15.0}, random.Random(1).random)
    platform = make_driver("jt808", {})
    at_ns = START_NS
    said: list[tuple[int, bytes]] = []
    while at_ns < START_NS + (seconds + 10) * NS_PER_S:
        at_ns += TICK_NS
        wire = list(terminals.tick(at_ns))
        while wire:
            octets = wire.pop()
            if at_ns >= START_NS + 10 * NS_PER_S:
                said.append((at_ns, octets))
            platform.receive(octets, at_ns)
            for answer in platform.poll(at_ns):
                wire += terminals.receive(answer, at_ns)
    return said


def _through(driver: Driver, said: list[tuple[int, bytes]]) -> float:
    began = time.perf_counter()
    for at_ns, octets in said:
        driver.receive(octets, at_ns)
        driver.poll(at_ns)
    return len(said) / (time.perf_counter() - began)


def _framed_octet_by_octet(said: list[tuple[int, bytes]]) -> float:
    """The alternative: the simulator's own reader, octet by octet; it cuts and sums, and understands nothing."""
    ear = Ear()
    began = time.perf_counter()
    for _, octets in said:
        ear.feed(octets)
    return len(said) / (time.perf_counter() - began)


def _engine_share(said: list[tuple[int, bytes]]) -> float:
    """Percent of a core that the engine spends on this load, rules and ticks on, one record a frame."""
    vehicle = configuration([f"memory:{index}" for index in range(12)])
    teams = tuple(
        TeamConfiguration(id=f"car-{number}", name=f"车 {number}", symbol="车", means=(f"cars/{FIRST + number}",))
        for number in range(TEAMS)
    )
    cars = DeviceConfiguration(id="cars", name="车载终端", driver="jt808", wire="tcp:127.0.0.1:7611")
    vehicle = replace(vehicle, devices=(*vehicle.devices, cars), teams=(*vehicle.teams, *teams))
    engine = new_engine()
    beginning = {"configuration": msgspec.to_builtins(vehicle), "last_ns": 0}
    engine.step(Record(1, said[0][0], Kind.START, "console", "", pack(beginning)))
    engine.step(Record(2, said[0][0], Kind.WIRE, "cars", "", pack({"state": "up"})))
    seq, tick_ns = 3, said[0][0]
    began = time.process_time()
    for at_ns, octets in said:
        if at_ns >= tick_ns:
            tick_ns += NS_PER_S
            engine.step(Record(seq, at_ns, Kind.TICK, "console", "", b""))
            seq += 1
        engine.step(Record(seq, at_ns, Kind.OCTETS, "cars", "", octets))
        seq += 1
    return 100 * (time.process_time() - began) / ((said[-1][0] - said[0][0]) / NS_PER_S)


def _simulated(driver: str, wire: str, *settings: str) -> subprocess.Popen[bytes]:
    words = [sys.executable, "main.py", "simulate", driver, wire]
    for setting in settings:
        words += ["--set", setting]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL)


def _whole_share(seconds: float) -> tuple[float, float, int]:
    """Percent of a core of this process with a runtime at work; records a second; and how many were heard."""
    cars, radios = free_ports(2)
    places = ", ".join(
        f"{{id = {FIRST_RADIO + one}, lat_deg = {34.3 + one / 1000}, lon_deg = 113.7, course_deg = {one * 5}, "
        "speed_mps = 1.2, rssi = -80}"
        for one in range(RADIOS)
    )
    vehicle = configuration([f"memory:{index}" for index in range(12)])
    devices = (
        DeviceConfiguration(
            id="cars", name="车载终端", driver="jt808", wire=f"udp:127.0.0.1:{cars}", settings={"accept_unknown": True}
        ),
        DeviceConfiguration(
            id="radios", name="中继台", driver="hytera", wire=f"udp:127.0.0.1:{radios}",
            settings={"session": "hstrp", "position_every_s": 60, "request_gap_s": 0.8},
        ),
    )  # fmt: skip
    teams = tuple(
        TeamConfiguration(id=f"radio-{one}", name=f"电台 {one}", symbol="台", means=(f"radios/{FIRST_RADIO + one}",))
        for one in range(RADIOS)
    )
    vehicle = replace(vehicle, devices=devices, teams=teams, bearers=(), contacts=())
    with tempfile.TemporaryDirectory(prefix="command-post-bench-") as folder:
        runtime = Runtime(vehicle, Path(folder) / "incident")
        runtime.on_picture = lambda _: None
        runtime.start()
        running = [
            _simulated("jt808", f"udp:127.0.0.1:{cars}", f"count={TERMINALS}", "every_s=1.0", "heartbeat_s=15.0"),
            _simulated("hytera", f"udp:127.0.0.1:{radios}", f"radios=[{places}]"),
        ]
        try:
            time.sleep(min(SETTLE_S, seconds))
            before, from_seq = os.times(), runtime.engine.tables.seq
            time.sleep(seconds)
            after, to_seq = os.times(), runtime.engine.tables.seq
        finally:
            for one in running:
                one.terminate()
                one.wait()
            picture = runtime.stop()
    spent_s = after.user + after.system - before.user - before.system
    took_s = after.elapsed - before.elapsed
    return 100 * spent_s / took_s, (to_seq - from_seq) / took_s, sum(len(device.heard) for device in picture.devices)


def jt808(seconds: int = 60) -> Iterable[Figure]:
    """Throughput of the driver, and its share of a core within the engine."""
    said = reports(seconds)
    rate = _through(make_driver("jt808", {}), said)
    framed = _framed_octet_by_octet(said)
    yield Figure(
        name="jt808", what=f"frames understood and answered, {len(said):,} of {TERMINALS} terminals", value=rate,
        unit="frames/s", target=20_000, beside=f"only cut and summed octet by octet {framed:,.0f}/s",
        ratio=rate / framed, mix="editions 2011, 2013 and 2019 alike; 14 reports to 1 heartbeat",
    )  # fmt: skip
    yield Figure(
        name="jt808", what=f"engine, {TERMINALS} terminals at 1 Hz, {TEAMS} of them teams", value=_engine_share(said),
        unit="% of a core", target=15, better="less",
    )  # fmt: skip
    share, records_per_s, heard = _whole_share(min(30.0, seconds))
    yield Figure(
        name="jt808", value=share, unit="% of a core", target=15, better="less",
        what=f"whole engine process, {TERMINALS} terminals at 1 Hz and {RADIOS} radios over UDP, journal on",
        mix=f"{records_per_s:,.0f} records/s, {heard} terminals and radios heard",
    )  # fmt: skip
