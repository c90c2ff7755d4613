"""``kill -9`` at any moment: what was acknowledged is there, and the incident goes on."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from console.assembly import digest_of
from console.configuration.file import load
from console.journal.reader import Reader
from console.orders import AcknowledgeAlarm
from console.picture import Picture
from console.records import Kind
from console.replay import catch_up, engine_at, new_engine, play
from console.runtime import Runtime
from tests.crash.rig import Console, Sender, free_port, judge, vehicle, wait_for


def _state(folder: Path) -> Picture:
    reader = Reader(folder)
    try:
        return catch_up(reader).picture()
    finally:
        reader.close()


def _last_ns(folder: Path) -> int:
    reader = Reader(folder)
    try:
        return reader.span()[1]
    finally:
        reader.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_no_acknowledged_record_is_lost_by_kills_at_any_moment(tmp_path: Path, seed: int) -> None:
    port, folder, chance = free_port(), tmp_path / "incident", random.Random(seed)
    config = vehicle(tmp_path, port)
    with Sender(port, 2_000):
        for run in range(3):
            before = judge(folder)[0] if run else 0
            with Console(config, folder) as console:
                console.wait_acked(before + 300)
                time.sleep(chance.random() * 0.5)
                acked = console.kill()
            written, _ = judge(folder)
            assert written >= acked > before
    picture = _state(folder)
    assert len(picture.gaps) == 2
    assert picture.teams[0].last_heard_ns is not None


def test_after_a_kill_the_ages_are_true_and_the_dead_time_is_a_gap(tmp_path: Path) -> None:
    port, folder = free_port(), tmp_path / "incident"
    config = vehicle(tmp_path, port)
    with Sender(port, 500), Console(config, folder) as console:
        console.wait_acked(300)
        console.kill()
    before, died_ns = _state(folder), _last_ns(folder)
    with Console(config, folder) as console:
        console.wait_acked(before.records + 4)
        assert console.terminate() == 0
        told = console.picture
    assert told is not None
    after = _state(folder)
    assert told["digest"] == judge(folder)[1]
    (gap,) = after.gaps
    assert gap.from_ns == died_ns
    assert gap.to_ns > died_ns
    assert gap.lost is None
    assert after.teams[0].last_heard_ns == before.teams[0].last_heard_ns
    assert after.teams[0].trail == before.teams[0].trail
    assert after.at_ns - (after.teams[0].last_heard_ns or 0) >= gap.to_ns - gap.from_ns
    assert after.devices[0].place == before.devices[0].place


def test_an_acknowledged_alarm_stays_acknowledged_over_a_kill(tmp_path: Path) -> None:
    port, folder = free_port(), tmp_path / "incident"
    config = vehicle(tmp_path, port)
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("expected_s = 900", "expected_s = 6"), encoding="utf-8")
    with Console(config, folder) as console:
        wait_for(lambda: console.acked > 0 and any(a.id == "silence:first" for a in _state(folder).alarms), "an alarm")
        console.kill()
    runtime = Runtime(load(config), folder)
    runtime.start()
    runtime.submit(AcknowledgeAlarm(alarm_id="silence:first"))
    runtime.stop()
    with Console(config, folder) as console:
        console.wait_acked(_state(folder).records + 3)
        console.kill()
    (alarm,) = [one for one in _state(folder).alarms if one.id == "silence:first"]
    assert alarm.state == "acknowledged"


def test_sigterm_ends_in_order_with_the_same_object_as_the_end_of_the_time(tmp_path: Path) -> None:
    port = free_port()
    config = vehicle(tmp_path, port)
    ended = {}
    for name, more in {"time": ("--for", "2s"), "signal": ()}.items():
        with Sender(port, 300), Console(config, tmp_path / name, *more) as console:
            console.wait_acked(100)
            code = console.terminate() if name == "signal" else console.wait()
            assert code == 0, console.complaint
            assert console.picture is not None
            ended[name] = console.picture
            assert console.acked == console.picture["records"]
        written, digest = judge(tmp_path / name)
        assert (written, digest) == (console.picture["records"], console.picture["digest"])
    assert set(ended["time"]) == set(ended["signal"])
    assert {"digest", "mode", "at", "records", "devices", "teams", "cameras", "bearers", "alarms", "messages"} <= set(
        ended["time"]
    )


def test_a_second_console_on_the_same_journal_gets_a_sentence_and_the_first_goes_on(tmp_path: Path) -> None:
    port, folder = free_port(), tmp_path / "incident"
    config = vehicle(tmp_path, port)
    with Console(config, folder) as first:
        first.wait_acked(3)
        with Console(config, folder) as second:
            assert second.wait() == 1
            assert second.picture is None
            assert str(folder) in second.complaint
            assert "Traceback" not in second.complaint
        first.wait_acked(first.acked + 2)
        assert first.terminate() == 0


def test_every_moment_of_a_killed_run_replays_the_same_from_a_snapshot_and_from_zero(tmp_path: Path) -> None:
    port, folder = free_port(), tmp_path / "incident"
    with Sender(port, 3_000), Console(vehicle(tmp_path, port), folder) as console:
        console.wait_acked(5_000)
        console.kill()
    reader = Reader(folder)
    chance = random.Random(4)
    ticks = [record.at_ns for record in reader.records() if record.kind == Kind.TICK]
    first_ns, last_ns, _ = reader.span()
    for at_ns in [*ticks, *(chance.randint(first_ns, last_ns) for _ in range(5))]:
        from_zero = play(new_engine(), reader, until_ns=at_ns)
        assert digest_of(engine_at(reader, at_ns).picture()) == digest_of(from_zero.picture())
    reader.close()
