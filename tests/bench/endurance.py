"""``endurance``: constant loads until a battery is empty, through driver and engine: is the truth within the range?

The battery holds more or less than what is configured, its meter shows more or less than what is left, in steps; the
load is noisy, the wire falls silent for minutes, and one block in 256 is damaged so that its checksum still fits.
Beside: the device's own time to go, and a line through its charge, both made as wide as our range.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from statistics import fmean

import msgspec

from console.configuration.model import Configuration, DeviceConfiguration
from console.engine import Engine
from console.records import Kind, Record, pack
from console.replay import new_engine
from console.supplies import SupplyConfiguration
from devices.driver import NS_PER_S
from devices.simulators.vedirect import sealed
from tests.bench.figure import Figure

START_NS = 1_753_000_000 * NS_PER_S
BATTERY = SupplyConfiguration(
    id="house", name="house", kind="vehicle_battery", device_id="shunt", capacity_wh=2400, usable_percent=90,
    age_percent=90, cold=((-20.0, 0.65), (0.0, 0.88), (25.0, 1.0)), capacity_doubt_percent=10,
)  # fmt: skip
LOADS_W = (250.0, 500.0, 1_000.0, 2_000.0)
EMPTY_PERCENT = 100.0 - BATTERY.usable_percent
SETTLED_S = 300
EVERY_S = 30
BLOCK_S = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One discharge.

    ``held_share``: what the battery holds of what is configured.  ``is_counted``: its monitor counts from the capacity
    when new, as these monitors are set up, so it shows a charge that is not there; else it knows the battery.
    """

    load_w: float
    temperature_c: float
    held_share: float
    bias_percent: float
    step_percent: float
    is_counted: bool
    seed: int


@dataclass(slots=True, kw_only=True)
class Point:
    """What was shown and what was true, in seconds to go."""

    truth_s: float
    low_s: float
    high_s: float
    device_s: float
    line_s: float | None


def cases(repeats: int) -> Iterator[Case]:
    """Loads, meters, steps and errors, drawn with a fixed seed."""
    chance = random.Random(7)
    for number in range(repeats):
        for load_w in LOADS_W:
            for is_counted in (False, True):
                yield Case(
                    load_w=load_w,
                    temperature_c=chance.choice((-15.0, 0.0, 10.0, 25.0)),
                    held_share=1.0 + max(-0.12, min(0.12, chance.gauss(0.0, 0.05))),
                    bias_percent=chance.uniform(-2.0, 2.0),
                    step_percent=chance.choice((0.1, 1.0)),
                    is_counted=is_counted,
                    seed=number * 1_000 + round(load_w) + is_counted,
                )


def _configured_wh(case: Case) -> float:
    cold = (
        0.88 + 0.12 * case.temperature_c / 25.0 if case.temperature_c >= 0 else 0.88 + 0.23 * case.temperature_c / 20.0
    )
    return (BATTERY.capacity_wh or 0.0) * BATTERY.age_percent / 100.0 * cold


class Run:
    """One discharge through an engine of its own."""

    def __init__(self, case: Case, most_s: float) -> None:
        self._case, self._most_s = case, most_s
        self._chance = random.Random(case.seed)
        self._engine: Engine = new_engine()
        self._at_ns, self._seq, self.records = START_NS, 0, 0
        device = DeviceConfiguration(id="shunt", name="shunt", driver="vedirect", wire="serial:/dev/ttyS1")
        battery = replace(BATTERY, is_counted=case.is_counted)
        configuration = Configuration(mode="live", incident="", post="", devices=(device,), supplies=(battery,))
        self._put(Kind.START, "console", pack({"configuration": msgspec.to_builtins(configuration), "last_ns": 0}))
        self._put(Kind.WIRE, "shunt", pack({"state": "up"}))

    def _put(self, kind: Kind, source: str, payload: bytes = b"") -> None:
        self._seq += 1
        self._engine.step(Record(self._seq, self._at_ns, kind, source, "", payload))

    def points(self) -> Iterator[Point]:
        """Every half minute after the first five, until it is empty."""
        case = self._case
        configured_wh = _configured_wh(case)
        held_wh = configured_wh * case.held_share
        meter_wh = (BATTERY.capacity_wh or 0.0) if case.is_counted else held_wh
        usable_s = (BATTERY.usable_percent / 100.0 * held_wh - 0.05 * meter_wh) / case.load_w * 3600.0
        silent_until_s, first_percent, shown_percent, second = 0, None, 0.0, 0
        while second < min(usable_s, self._most_s):
            if self._chance.random() < 1 / 900:
                silent_until_s = second + self._chance.randint(60, 240)
            if second % BLOCK_S == 0 and second >= silent_until_s:
                real_percent = 95.0 - 100.0 * case.load_w * second / 3600.0 / meter_wh + case.bias_percent
                shown_percent = max(0.0, real_percent // case.step_percent * case.step_percent)
                first_percent = shown_percent if first_percent is None else first_percent
                self._put(Kind.OCTETS, "shunt", self._block(shown_percent))
            second += 1
            self._at_ns += NS_PER_S
            self._put(Kind.TICK, "console")
            if second >= SETTLED_S and second % EVERY_S == 0:
                yield self._point(usable_s - second, shown_percent, first_percent or 0.0, second)
        self.records = self._seq

    def _block(self, percent: float) -> bytes:
        watts = self._case.load_w * (1.0 + self._chance.gauss(0.0, 0.15))
        tenths, power = f"{percent * 10:.0f}", f"{-watts:.0f}"
        if self._chance.random() < 1 / 256:
            tenths = f"{self._chance.randint(0, 1000)}"
        if self._chance.random() < 1 / 256:
            power = f"{-self._chance.randint(0, 20_000)}"
        fields = [
            ("V", "24000"), ("I", f"{-watts / 24.0 * 1000.0:.0f}"), ("P", power), ("SOC", tenths),
            ("T", f"{self._case.temperature_c:.0f}"),
        ]  # fmt: skip
        octets = sealed(fields)
        if self._chance.random() < 1 / 100:
            octets = octets[:20] + bytes([octets[20] ^ 1]) + octets[21:]
        return octets

    def _point(self, truth_s: float, percent: float, first_percent: float, second: int) -> Point:
        (supply,) = self._engine.picture().power.supplies
        gone_s = (self._at_ns - (supply.reckoned_ns or 0)) / NS_PER_S
        left = max(0.0, percent - EMPTY_PERCENT)
        fallen = first_percent - percent
        return Point(
            truth_s=truth_s,
            low_s=(supply.low_s or 0.0) - gone_s,
            high_s=(supply.high_s or 0.0) - gone_s,
            device_s=left / 100.0 * (BATTERY.capacity_wh or 0.0) / self._case.load_w * 3600.0,
            line_s=left / fallen * second if fallen > 0 else None,
        )


def _covers(points: list[Point], middles: Iterable[float | None]) -> float:
    """The share of points at which the truth lies within our width around these."""
    found = [
        middle is not None and abs(one.truth_s - middle) <= (one.high_s - one.low_s) / 2.0
        for one, middle in zip(points, middles, strict=True)
    ]
    return 100.0 * fmean(found)


def endurance(repeats: int = 3, most_s: float = float("inf")) -> Iterable[Figure]:
    """How often the truth lies within the range, and how wide the range is."""
    found = [list(Run(case, most_s).points()) for case in cases(repeats)]
    points = [one for each in found for one in each]
    within = 100.0 * fmean(one.low_s <= one.truth_s <= one.high_s for one in points)
    device = _covers(points, (one.device_s for one in points))
    line = _covers(points, (one.line_s for one in points))
    long = [one for one in points if one.truth_s > 900.0] or points
    width = 100.0 * fmean((one.high_s - one.low_s) / one.truth_s for one in long)
    errors = [
        100.0 * fmean(abs(value - one.truth_s) / one.truth_s for one, value in pairs)
        for pairs in (
            [(one, (one.low_s + one.high_s) / 2.0) for one in long],
            [(one, one.device_s) for one in long],
            [(one, one.line_s) for one in long if one.line_s is not None],
        )
    ]
    mix = (
        f"{len(found)} discharges of 250 to 2,000 W, half of them with a monitor that counts from the capacity when "
        "new; capacity off by 5 % (one sigma, the file says 10), -15 to 25 degrees, charge off by up to 2 points in "
        "steps of 0.1 or 1, load noise 15 %, gaps of 1 to 4 min, 1 block in 256 damaged unseen"
    )
    yield Figure(
        name="endurance", what="points after 5 min at which the truth lies within the range", value=within, unit="%",
        target=95, beside=f"as wide around the device's own time {device:.0f} %, around a line through its charge "
        f"{line:.0f} %", ratio=within / device if device else None, mix=mix,
    )  # fmt: skip
    yield Figure(
        name="endurance", what="mean width of the range, in parts of what is left", value=width, unit="%",
        better="less", target=50, beside="one number alone: 0 %", mix=mix,
    )  # fmt: skip
    yield Figure(
        name="endurance", what="mean error of its middle", value=errors[0], unit="%", better="less",
        beside=f"the device's own time {errors[1]:.1f} %, a line through its charge {errors[2]:.1f} %",
        ratio=errors[0] / errors[1] if errors[1] else None, mix=mix,
    )  # fmt: skip
