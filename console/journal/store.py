"""The journal's file: schema, opening, the lock against a second console, the reserve, the hash chain.

One incident is one folder: ``journal.sqlite3`` (WAL, ``synchronous=FULL``), ``lock``, ``reserve``, ``video/``.
Folders are 0700, files 0600.

**Source:** sqlite.org/wal.html and /pragma.html: in WAL only FULL syncs at every commit; NORMAL may lose the last
commits on a power cut (measured: all of them in 20 of 20 emulated cuts, FULL none).
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import struct
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from console.journal import histories
from console.picture import Text
from console.records import Record
from console.trouble import OperatorError

FILE = "journal.sqlite3"
RESERVE_BYTES = 50 * 1024 * 1024
SCHEMA_VERSION = 1
CHAIN_START = b"\x00" * 32

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS source(id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE IF NOT EXISTS record(seq INTEGER PRIMARY KEY, at_ns INTEGER, kind INTEGER, source INTEGER,
  peer TEXT, payload BLOB, chain BLOB);
CREATE TABLE IF NOT EXISTS snapshot(seq INTEGER PRIMARY KEY, at_ns INTEGER, state BLOB);
CREATE TABLE IF NOT EXISTS notice(number INTEGER PRIMARY KEY, seq INTEGER, at_ns INTEGER, happened_ns INTEGER,
  kind TEXT, subject TEXT, text_id TEXT, args TEXT);
CREATE INDEX IF NOT EXISTS record_by_source ON record(source, seq);
CREATE INDEX IF NOT EXISTS notice_by_subject ON notice(subject, number);
CREATE INDEX IF NOT EXISTS record_of_files ON record(kind) WHERE kind = 14;
CREATE INDEX IF NOT EXISTS notice_by_kind ON notice(kind, number);
"""


@dataclass(frozen=True, slots=True)
class Tail:
    """Where a journal ends: the last record's number, moment and chain; zeros for an empty one."""

    seq: int = 0
    at_ns: int = 0
    chain: bytes = CHAIN_START
    notice_number: int = 0


def link(chain: bytes, record: Record) -> bytes:
    """The hash that chains ``record`` to all before it: SHA-256 over the last hash and every field."""
    head = struct.pack("<qqi", record.seq, record.at_ns, record.kind)
    name = f"{record.source}\x1f{record.peer}\x1f".encode()
    return hashlib.sha256(b"".join((chain, head, name, record.payload))).digest()


class Lock:
    """An exclusive hold on an incident's folder; the second console gets a sentence instead."""

    def __init__(self, folder: Path) -> None:
        self._file: IO[bytes] | None = None
        path = folder / "lock"
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        try:
            _hold(file)
        except OSError:
            file.close()
            raise OperatorError(
                Text(id="journal.busy", args={"folder": str(folder)}), Text(id="journal.busy_remedy")
            ) from None
        self._file = file

    def release(self) -> None:
        """Let another console in."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _hold(file: IO[bytes]) -> None:
    if os.name == "nt":
        import msvcrt  # noqa: PLC0415 - exists on Windows only

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        return
    import fcntl  # noqa: PLC0415 - exists on POSIX only

    fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def prepare_folder(folder: Path) -> None:
    """Make the incident's folder, for its owner only.

    Raises:
        OperatorError: it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = folder / f".probe-{os.getpid()}"
        os.close(os.open(probe, os.O_WRONLY | os.O_CREAT, 0o600))
        probe.unlink()
    except OSError as error:
        raise OperatorError(
            Text(id="journal.no_folder", args={"folder": str(folder), "detail": str(error.strerror or error)}),
            Text(id="journal.no_folder_remedy"),
        ) from error


def connect(folder: Path) -> sqlite3.Connection:
    """Open the journal for its one writer, making it where it is missing.

    Raises:
        sqlite3.Error: the file is damaged or cannot be written.
    """
    path = folder / FILE
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=64)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.executescript(_SCHEMA + histories.SCHEMA)
    if connection.execute("SELECT count(*) FROM meta").fetchone() == (0,):
        # Into an empty table only: a spoilt row belongs to a file that must be kept as it was found.
        connection.execute("INSERT INTO meta VALUES('schema', ?)", (str(SCHEMA_VERSION),))
    for name in (f"{FILE}-wal", f"{FILE}-shm"):
        if (folder / name).exists():
            (folder / name).chmod(0o600)
    return connection


def connect_read_only(folder: Path) -> sqlite3.Connection:
    """Open a journal to read, while another thread or process may be writing it.

    Raises:
        OperatorError: there is no journal, or it is none of ours.
    """
    path = folder / FILE
    if not path.is_file():
        raise OperatorError(Text(id="journal.missing", args={"folder": str(folder)}), Text(id="journal.missing_remedy"))
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("SELECT max(seq) FROM record")
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise OperatorError(
            Text(id="journal.unreadable", args={"folder": str(folder), "detail": str(error)}),
            Text(id="journal.unreadable_remedy"),
        ) from error
    return connection


def tail_of(connection: sqlite3.Connection) -> Tail:
    """Where this journal ends.

    Raises:
        sqlite3.Error: the file is damaged at its end.
    """
    row = connection.execute("SELECT seq, at_ns, chain FROM record ORDER BY seq DESC LIMIT 1").fetchone()
    number = connection.execute("SELECT max(number) FROM notice").fetchone()[0] or 0
    if row is None:
        return Tail(notice_number=number)
    if [type(value) for value in (*row, number)] != [int, int, bytes, int]:
        raise sqlite3.DatabaseError(f"record {row[0]} is malformed")
    return Tail(seq=row[0], at_ns=row[1], chain=row[2], notice_number=number)


def set_reserve_aside(folder: Path) -> None:
    """Keep some disk for the moment when it is full; on a small or full disk the journal goes on without."""
    path = folder / "reserve"
    try:
        size = path.stat().st_size if path.exists() else 0
        if size >= RESERVE_BYTES:
            return
        statistics = os.statvfs(folder)
        if statistics.f_bavail * statistics.f_frsize < 4 * RESERVE_BYTES:
            return
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, RESERVE_BYTES)
        finally:
            os.close(descriptor)
    except (OSError, AttributeError):
        path.unlink(missing_ok=True)


def begin_reserve(folder: Path) -> None:
    """Set the reserve aside without waiting for the disk."""
    threading.Thread(target=set_reserve_aside, args=(folder,), name="reserve", daemon=True).start()


def free_reserve(folder: Path) -> bool:
    """Give the reserve up; True if there was one."""
    path = folder / "reserve"
    if not path.exists():
        return False
    path.unlink()
    return True


def set_damaged_aside(folder: Path) -> Path:
    """Rename a damaged journal so that a new one can begin; nothing is deleted.  Returns its new name."""
    number = 1
    while (target := folder / f"damaged-{number}-{FILE}").exists():
        number += 1
    for suffix in ("", "-wal", "-shm"):
        part = folder / f"{FILE}{suffix}"
        if part.exists():
            part.rename(folder / f"damaged-{number}-{FILE}{suffix}")
    return target
