"""The detector alone, on a clock of the test's own: cuts, loss, flapping."""

from __future__ import annotations

import random

import pytest

from console.bearer_tables import DetectorTable
from console.configuration.bearers import fitted, profiles
from console.configuration.model import BearerConfiguration
from console.rules import detector
from console.words import BearerState
from devices.driver import NS_PER_S

BEGAN_NS = 1_000 * NS_PER_S


class Bench:
    """One bearer of a profile whose far end the test cuts; probes at the profile's pace, misses told at its timeout."""

    def __init__(self, profile: str, loss: float = 0.0, seed: int = 1, pace_s: float | None = None) -> None:
        self.usual = profiles()[profile]
        self.limits = fitted(BearerConfiguration(id="b", name="b", rung="primary"), profile)
        self.pace_s = pace_s or self.usual.probe_s
        self.memory = DetectorTable()
        self.at_ns = BEGAN_NS
        self.shown: BearerState = "unknown"
        self.changes: list[tuple[float, BearerState]] = []
        self.is_cut = False
        self.loss = loss
        self.trip_ms = 20.0
        self._chance = random.Random(seed)
        self._due: list[int] = []

    def state(self) -> BearerState:
        return self.shown

    @property
    def at_s(self) -> float:
        return (self.at_ns - BEGAN_NS) / NS_PER_S

    def run(self, seconds: float) -> None:
        step_ns = round(self.pace_s * NS_PER_S)
        until_ns = self.at_ns + round(seconds * NS_PER_S)
        while self.at_ns + step_ns <= until_ns:
            self.at_ns += step_ns
            is_lost = self.is_cut or self._chance.random() < self.loss
            if is_lost:
                self._due.append(self.at_ns)
            else:
                detector.attempt(self.memory, self.at_ns, self.trip_ms, self.at_ns)
                self._judge()
            patience_ns = round(self.usual.timeout_s * NS_PER_S)
            while self._due and self._due[0] + patience_ns <= self.at_ns:
                detector.attempt(self.memory, self.at_ns, None, self._due.pop(0))
                self._judge()

    def _judge(self) -> None:
        raw, _ = detector.judge_attempts(self.memory, self.at_ns, self.limits, BEGAN_NS)
        shown = detector.damp(self.memory, self.at_ns, self.shown, raw)
        if shown != self.shown:
            self.shown = shown
            self.changes.append((self.at_s, shown))


@pytest.mark.parametrize(("profile", "most_s"), [("fibre", 5.0), ("lte", 5.0), ("vsat", 16.0)])
def test_a_cut_is_told_in_time_and_the_return_within_seconds(profile: str, most_s: float) -> None:
    bench = Bench(profile)
    bench.run(60)
    assert bench.state() == "up"
    began_s = bench.at_s
    bench.is_cut = True
    bench.run(170)
    (told_s, state) = bench.changes[-1]
    assert state == "down"
    assert told_s - began_s <= most_s
    began_s = bench.at_s
    bench.is_cut = False
    bench.run(60)
    assert bench.changes[-1][1] == "up"
    assert bench.changes[-1][0] - began_s <= max(1.5, 4 * profiles()[profile].probe_s)
    assert len(bench.changes) == 3


@pytest.mark.parametrize("loss", [0.2, 0.4])
def test_loss_alone_is_weak_and_never_down(loss: float) -> None:
    bench = Bench("lte", loss)
    bench.run(3_600)
    assert [state for _, state in bench.changes] == ["up", "degraded"]


def test_a_slow_probe_needs_as_many_misses() -> None:
    """One question a second, two of five lost: four seconds of silence are common then and prove nothing."""
    bench = Bench("lte", 0.4, pace_s=1.0)
    bench.run(7_200)
    assert "down" not in [state for _, state in bench.changes]
    began_s, bench.is_cut = bench.at_s, True
    bench.run(30)
    assert bench.changes[-1][1] == "down"
    assert bench.changes[-1][0] - began_s >= 12


def test_one_lost_probe_in_twenty_does_not_make_lte_weak() -> None:
    bench = Bench("lte", 0.05)
    bench.run(3_600)
    assert bench.changes[0][1] == "up"
    assert len(bench.changes) <= 6


@pytest.mark.parametrize("half_s", [4.0, 8.0, 15.0, 25.0])
def test_flapping_shows_no_more_than_two_changes_a_minute(half_s: float) -> None:
    bench = Bench("fibre")
    bench.run(60)
    while bench.at_s < 3_600:
        bench.is_cut = not bench.is_cut
        bench.run(half_s)
    assert len(bench.changes) - 1 <= 2 * 59
    moments = [at_s for at_s, _ in bench.changes if at_s > 180]  # by then it is known to flap
    assert all(later - first >= 60 for first, later in zip(moments, moments[2:], strict=False))


def test_while_it_flaps_a_cut_is_still_told_at_once_and_it_ends_unstable_no_longer() -> None:
    bench = Bench("fibre")
    bench.run(30)
    for _ in range(4):
        bench.is_cut = True
        bench.run(8)
        bench.is_cut = False
        bench.run(8)
    assert bench.memory.is_unstable
    assert bench.state() == "down"
    waits_s = detector.steady_in_s(bench.memory, bench.at_ns)
    assert waits_s is not None
    bench.run(waits_s + 1)
    assert bench.state() == "up"
    began_s, bench.is_cut = bench.at_s, True
    bench.run(6)
    assert bench.changes[-1][1] == "down"
    assert bench.changes[-1][0] - began_s <= 5
    bench.is_cut = False
    bench.run(300)
    assert (bench.state(), bench.memory.is_unstable) == ("up", False)


def test_slow_answers_are_weak_and_good_again_only_well_below_the_threshold() -> None:
    bench = Bench("fibre")
    bench.run(30)
    bench.trip_ms = 80.0
    bench.run(30)
    assert bench.state() == "degraded"
    bench.trip_ms = 45.0
    bench.run(120)
    assert bench.state() == "degraded"
    bench.trip_ms = 30.0
    bench.run(30)
    assert bench.state() == "up"


def test_anything_heard_keeps_it_alive_while_no_probe_is_answered() -> None:
    bench = Bench("fibre")
    bench.run(30)
    bench.is_cut = True
    for _ in range(60):
        bench.run(1)
        detector.hear(bench.memory, bench.at_ns)
    assert bench.state() == "degraded"
    bench.run(6)
    assert bench.state() == "down"
