"""An old journal fed to a new engine: to continue an incident, to replay it, to look at one moment of it."""

from __future__ import annotations

import sqlite3
import zlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from console.engine import Engine
from console.journal import store
from console.journal.reader import Reader, is_damaged
from console.picture import Text
from console.runs import Description
from console.trouble import OperatorError
from devices.catalogue import entries, make_driver


def describe(driver_id: str) -> Description:
    """What the catalogue says of a driver; an unknown one (an old journal) has no group and sends nothing."""
    entry = entries().get(driver_id)
    if entry is None:
        return Description("", "", ())
    return Description(entry.group, entry.maturity, entry.sends, entry.peers == "together", "beams" in entry.reports)


def new_engine() -> Engine:
    """An engine before its first record, with the catalogue's drivers."""
    return Engine(make_driver, describe)


def catch_up(reader: Reader) -> Engine:
    """The engine as of the journal's last record: newest usable snapshot, and the records after it."""
    return engine_at(reader, None)


def _restore(engine: Engine, reader: Reader, number: int) -> bool:
    try:
        snapshot = reader.snapshot(number=number)
        if snapshot is None:
            return False
        engine.restore(snapshot.state)
    except (msgspec.DecodeError, msgspec.ValidationError, zlib.error, sqlite3.Error, TypeError):
        return False
    return True


def play(engine: Engine, reader: Reader, after_seq: int = 0, *, until_ns: int | None = None) -> Engine:
    """Step every record numbered above ``after_seq``, up to the moment ``until_ns``."""
    step = engine.step
    for record in reader.records(after_seq, until_ns=until_ns):
        step(record)
    return engine


def engine_at(reader: Reader, until_ns: int | None) -> Engine:
    """The engine as it stood at a moment (``None``: at the end), from the nearest usable snapshot before it."""
    for number in reversed(reader.snapshot_numbers(until_ns=until_ns)):
        engine = new_engine()
        if _restore(engine, reader, number):
            return play(engine, reader, number, until_ns=until_ns)
    return play(new_engine(), reader, until_ns=until_ns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Continued:
    """An incident's folder, held and open for writing, and the engine as of its last record."""

    lock: store.Lock
    connection: sqlite3.Connection
    tail: store.Tail
    engine: Engine
    damaged: Path | None
    """The new name of a journal that was found damaged; a new one was begun."""


def continue_journal(folder: Path) -> Continued:
    """Take the folder and continue what it holds.

    Raises:
        OperatorError: the folder cannot be used, or another console uses it.
    """
    store.prepare_folder(folder)
    lock = store.Lock(folder)
    damaged: Path | None = None
    try:
        try:
            connection, tail, engine = _open(folder)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if not is_damaged(error):
                raise OperatorError(
                    Text(id="journal.unwritable", args={"folder": str(folder), "detail": str(error)}),
                    Text(id="journal.unwritable_remedy"),
                ) from error
            damaged = store.set_damaged_aside(folder)
            connection, tail, engine = _open(folder)
    except BaseException:
        lock.release()
        raise
    return Continued(lock=lock, connection=connection, tail=tail, engine=engine, damaged=damaged)


def _open(folder: Path) -> tuple[sqlite3.Connection, store.Tail, Engine]:
    connection = store.connect(folder)
    try:
        tail = store.tail_of(connection)
        if not tail.seq:
            return connection, tail, new_engine()
        reader = Reader(folder)
        try:
            return connection, tail, catch_up(reader)
        finally:
            reader.close()
    except BaseException:
        connection.close()
        raise
