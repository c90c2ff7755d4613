"""The computer's clock jumps, or lies behind the journal: console time goes on evenly and the jump is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from console import clock
from console.assembly import digest_of
from console.configuration.file import load
from console.journal.reader import Reader
from console.picture import Picture
from console.records import Kind, unpack
from console.runtime import Runtime
from devices.driver import NS_PER_S
from tests.crash.rig import Sender, free_port, judge, vehicle, wait_for

HOUR_NS = 3600 * NS_PER_S
real_wall_ns = clock.wall_ns


class Wall:
    """The computer's clock, to be moved."""

    def __init__(self) -> None:
        self.offset_ns = 0

    def __call__(self) -> int:
        return real_wall_ns() + self.offset_ns


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    """A clock that the test moves."""
    made = Wall()
    monkeypatch.setattr(clock, "wall_ns", made)
    return made


def _journal(folder: Path) -> list[tuple[int, int, bytes]]:
    reader = Reader(folder)
    try:
        return [(record.at_ns, record.kind, record.payload) for record in reader.records()]
    finally:
        reader.close()


@pytest.mark.parametrize("step_ns", [24 * HOUR_NS, HOUR_NS, 3 * NS_PER_S, -3 * NS_PER_S, -HOUR_NS, -9000 * HOUR_NS])
def test_a_jump_either_way_is_told_and_moves_neither_time_nor_silence(tmp_path: Path, wall: Wall, step_ns: int) -> None:
    port, folder, pictures = free_port(), tmp_path / "incident", list[Picture]()
    with Sender(port, 100):
        runtime = Runtime(load(vehicle(tmp_path, port)), folder, on_picture=pictures.append)
        runtime.start()
        wait_for(lambda: bool(pictures) and pictures[-1].teams[0].last_heard_ns is not None, "the team is heard")
        wall.offset_ns = step_ns
        wait_for(lambda: any(a.id == "clock_jump:console" for a in pictures[-1].alarms), "the jump is told")
        heard = pictures[-1].records
        wait_for(lambda: pictures[-1].records > heard + 50, "it goes on")
        picture = runtime.stop()
    records = _journal(folder)
    times = [at_ns for at_ns, _, _ in records]
    assert times == sorted(times), "console time went back"
    assert times[-1] - times[0] < 60 * NS_PER_S, "console time jumped"
    (jump,) = [unpack(payload)["step_ns"] for _, kind, payload in records if kind == Kind.CLOCK]
    assert abs(jump - step_ns) < NS_PER_S
    assert [alarm.id for alarm in picture.alarms if alarm.rule in {"silence", "nodata"}] == []
    assert picture.gaps == ()
    assert judge(folder) == (picture.records, digest_of(picture))


def test_a_small_correction_is_no_jump(tmp_path: Path, wall: Wall) -> None:
    folder, pictures = tmp_path / "incident", list[Picture]()
    runtime = Runtime(load(vehicle(tmp_path, free_port())), folder, on_picture=pictures.append)
    runtime.start()
    wait_for(lambda: bool(pictures), "a picture")
    wall.offset_ns = NS_PER_S
    ticked = len(pictures)
    wait_for(lambda: len(pictures) > ticked + 2, "ticks")
    picture = runtime.stop()
    assert [alarm.id for alarm in picture.alarms if alarm.rule == "clock_jump"] == []
    assert Kind.CLOCK not in {kind for _, kind, _ in _journal(folder)}


def test_a_restart_with_the_clock_behind_the_journal_goes_on_from_it_and_says_so(tmp_path: Path, wall: Wall) -> None:
    configuration, folder = load(vehicle(tmp_path, free_port())), tmp_path / "incident"
    first = Runtime(configuration, folder)
    first.start()
    before = first.stop()
    wall.offset_ns = -24 * HOUR_NS
    second = Runtime(configuration, folder)
    second.start()
    after = second.stop()
    assert before.at_ns < after.at_ns < before.at_ns + 60 * NS_PER_S
    assert after.clock.is_doubtful
    assert "clock_behind:console" in {alarm.id for alarm in after.alarms}
    assert judge(folder) == (after.records, digest_of(after))
    wall.offset_ns = 0
    third = Runtime(configuration, folder)
    third.start()
    assert not third.stop().clock.is_doubtful


def test_a_restart_after_a_day_counts_the_day(tmp_path: Path, wall: Wall) -> None:
    configuration, folder = load(vehicle(tmp_path, free_port())), tmp_path / "incident"
    first = Runtime(configuration, folder)
    first.start()
    before = first.stop()
    wall.offset_ns = 24 * HOUR_NS
    second = Runtime(configuration, folder)
    second.start()
    after = second.stop()
    (gap,) = after.gaps
    assert gap.from_ns == before.at_ns
    assert gap.to_ns - gap.from_ns == pytest.approx(24 * HOUR_NS, abs=60 * NS_PER_S)
