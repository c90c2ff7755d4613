"""Snapshots of other versions and of moments in which something went wrong."""

from __future__ import annotations

import contextlib
import sqlite3
import zlib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from console import intake
from console.assembly import digest_of
from console.configuration.file import load
from console.journal import store
from console.journal.reader import Reader
from console.records import Kind
from console.replay import catch_up, continue_journal, new_engine, play
from console.runtime import Runtime
from devices.nmea import seal
from tests.bench.recording import record
from tests.crash.rig import free_port, judge, vehicle, wait_for


def _change_snapshots(folder: Path, change: Any) -> None:
    with contextlib.closing(sqlite3.connect(folder / store.FILE)) as connection, connection:
        for seq, packed in connection.execute("SELECT seq, state FROM snapshot").fetchall():
            state = msgspec.msgpack.decode(zlib.decompress(packed))
            changed = zlib.compress(msgspec.msgpack.encode(change(state)))
            connection.execute("UPDATE snapshot SET state = ? WHERE seq = ?", (changed, seq))


def test_a_driver_state_of_another_version_costs_no_fact(tmp_path: Path) -> None:
    record(tmp_path, 5_000)
    before = judge(tmp_path)[1]
    _change_snapshots(tmp_path, lambda state: {**state, "drivers": {key: {"odd": 1} for key in state["drivers"]}})
    opened = continue_journal(tmp_path)
    opened.connection.close()
    opened.lock.release()
    picture = opened.engine.picture()
    assert picture.records == opened.tail.seq
    assert {team.last_heard_ns is not None for team in picture.teams} == {True}
    reader = Reader(tmp_path)
    assert digest_of(play(new_engine(), reader).picture()) == before
    reader.close()


def test_snapshots_that_cannot_be_read_cost_time_and_nothing_else(tmp_path: Path) -> None:
    record(tmp_path, 5_000)
    before = judge(tmp_path)[1]
    _change_snapshots(tmp_path, lambda state: {**state, "devices": "odd"})
    reader = Reader(tmp_path)
    assert digest_of(catch_up(reader).picture()) == before
    reader.close()


def test_a_snapshot_due_at_a_record_that_finds_a_fault_of_ours_replays_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = 50
    monkeypatch.setattr("console.runtime.SNAPSHOT_RECORDS", due)
    take = intake.take

    def fail_once_due(tables: Any, *more: Any) -> None:
        if tables.seq % due == 1:
            raise RuntimeError("a fault of ours")
        take(tables, *more)

    monkeypatch.setattr(intake, "take", fail_once_due)
    runtime = Runtime(load(vehicle(tmp_path, free_port())), tmp_path / "incident")
    runtime.start()

    def say() -> None:
        for _ in range(5 * due):
            runtime.put(Kind.OCTETS, "gnss", seal(b"GNZDA,120000.00,20,07,2026,00,00"))

    runtime.call(say)
    wait_for(lambda: runtime.engine.tables.faults >= 3, "faults")
    picture = runtime.stop()
    assert judge(tmp_path / "incident") == (picture.records, digest_of(picture))
