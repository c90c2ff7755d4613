"""Torn and altered files: set aside or found out, never a console that does not start."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from pathlib import Path

import pytest

from console.configuration.file import load
from console.journal import store
from console.journal.reader import Reader
from console.replay import continue_journal
from console.runtime import Runtime
from console.trouble import OperatorError
from tests.bench.recording import record
from tests.crash.rig import free_port, judge, vehicle

RECORDS = 3_000


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The octets of a whole journal."""
    folder = tmp_path_factory.mktemp("sound")
    record(folder, RECORDS)
    return (folder / store.FILE).read_bytes()


def _folder(tmp_path: Path, octets: bytes) -> Path:
    folder = tmp_path / "incident"
    folder.mkdir(exist_ok=True)
    (folder / store.FILE).write_bytes(octets)
    return folder


def _spoilt(octets: bytes, chance: random.Random) -> bytes:
    spoilt = bytearray(octets)
    for _ in range(chance.choice((1, 5, 50, 2_000))):
        spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
    if chance.random() < 0.3:
        del spoilt[chance.randrange(len(spoilt)) :]
    if chance.random() < 0.2:
        at = chance.randrange(len(spoilt) + 1)
        spoilt[at : at + 4096] = bytes(4096)
    return bytes(spoilt)


@pytest.mark.parametrize("seed", range(60))
def test_a_spoilt_journal_never_keeps_the_console_from_starting(tmp_path: Path, sound: bytes, seed: int) -> None:
    spoilt = _spoilt(sound, random.Random(seed))
    folder = _folder(tmp_path, spoilt)
    opened = continue_journal(folder)
    opened.connection.close()
    opened.lock.release()
    opened.engine.picture()
    if opened.damaged is not None:
        assert opened.damaged.read_bytes()[:4096] == spoilt[:4096], "what was set aside is kept as it was"
        assert opened.tail.seq == 0


@pytest.mark.parametrize("size_bytes", [0, 1, 99, 4_096, 100_000])
def test_a_cut_journal_never_keeps_the_console_from_starting(tmp_path: Path, sound: bytes, size_bytes: int) -> None:
    opened = continue_journal(_folder(tmp_path, sound[:size_bytes]))
    opened.connection.close()
    opened.lock.release()
    assert opened.tail.seq == 0


def test_a_schema_that_is_no_text_any_more_is_damage(tmp_path: Path, sound: bytes) -> None:
    opened = continue_journal(_folder(tmp_path, sound.replace(b"WITHOUT ROWID", b"WITHOUT\xa0ROWID")))
    opened.connection.close()
    opened.lock.release()
    assert opened.damaged is not None


def test_a_damaged_journal_is_set_aside_a_new_one_begun_and_told(tmp_path: Path, sound: bytes) -> None:
    folder = _folder(tmp_path, b"not a database " * 1000)
    runtime = Runtime(load(vehicle(tmp_path, free_port())), folder)
    runtime.start()
    picture = runtime.stop()
    (alarm,) = [one for one in picture.alarms if one.id == "journal_damaged:console"]
    assert alarm.text.args["file"] == f"damaged-1-{store.FILE}"
    assert (folder / f"damaged-1-{store.FILE}").read_bytes() == b"not a database " * 1000
    assert judge(folder)[0] == picture.records
    assert len(sound) > len(b"not a database " * 1000)


def test_one_flipped_bit_in_a_record_is_found(tmp_path: Path, sound: bytes) -> None:
    folder = _folder(tmp_path, sound)
    with contextlib.closing(sqlite3.connect(folder / store.FILE)) as connection, connection:
        (payload,) = connection.execute("SELECT payload FROM record WHERE seq = 1234").fetchone()
        flipped = bytes([payload[0] ^ 1]) + payload[1:]
        connection.execute("UPDATE record SET payload = ? WHERE seq = 1234", (flipped,))
    reader = Reader(folder)
    assert reader.broken_link() == 1234
    reader.close()


@pytest.mark.parametrize(
    "change", ["at_ns = at_ns + 1", "kind = 4", "peer = 'x'", "source = 2", "chain = zeroblob(32)"]
)
def test_any_changed_field_of_a_record_is_found(tmp_path: Path, sound: bytes, change: str) -> None:
    folder = _folder(tmp_path, sound)
    with contextlib.closing(sqlite3.connect(folder / store.FILE)) as connection, connection:
        connection.execute(f"UPDATE record SET {change} WHERE seq = 1500")  # noqa: S608 - own words
    reader = Reader(folder)
    assert reader.broken_link() == 1500
    reader.close()


def test_a_removed_record_is_found(tmp_path: Path, sound: bytes) -> None:
    folder = _folder(tmp_path, sound)
    with contextlib.closing(sqlite3.connect(folder / store.FILE)) as connection, connection:
        connection.execute("DELETE FROM record WHERE seq = 1500")
    reader = Reader(folder)
    assert reader.broken_link() == 1501
    reader.close()


@pytest.mark.parametrize("seed", range(10))
def test_reading_a_spoilt_journal_says_so_or_gives_records(tmp_path: Path, sound: bytes, seed: int) -> None:
    folder = _folder(tmp_path, _spoilt(sound, random.Random(1_000 + seed)))
    with contextlib.suppress(OperatorError, sqlite3.Error):
        reader = Reader(folder)
        with contextlib.closing(reader):
            reader.broken_link()
