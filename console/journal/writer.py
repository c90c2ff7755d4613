"""The one thread that writes the journal.

Records are put in without waiting; every 20 ms, or every 5,000 records, what has come is written with multi-row
inserts (row by row starves under the interpreter lock) and committed with FULL sync, and the last committed number
is told.  When the disk refuses, the reserve is freed first; then records wait in a ring of 64 MB, and if that
overflows the loss is counted exactly and written as a GAP record with the engine's own state.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from console.journal import histories, store
from console.journal.histories import BearerSlot
from console.picture import Notice
from console.records import Kind, Record

WINDOW_S = 0.02
BATCH = 5_000
QUEUE_RECORDS = 200_000
RING_BYTES = 64 * 1024 * 1024
RETRY_S = 1.0
_RING_SLOTS = 20_000
"""So many finished time slots of bearers wait while nothing can be written: half a day of five."""
_ROWS = (400, 64, 8, 1)
_RECORD_OVERHEAD_BYTES = 120


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A saved engine state as of record ``seq``."""

    seq: int
    at_ns: int
    state: bytes


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing can be written; ``reason`` ``None``: it works again, ``lost`` records were given up meanwhile."""

    reason: str | None
    detail: str = ""
    lost: int = 0
    from_ns: int = 0


@dataclass(slots=True)
class _Batch:
    records: list[Record] = field(default_factory=list)
    notices: list[tuple[int, Notice]] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    slots: list[BearerSlot] = field(default_factory=list)

    def is_empty(self) -> bool:
        return not (self.records or self.notices or self.snapshots or self.slots)


class Writer:
    """Takes records, notices and snapshots from the engine's thread; tells commits and trouble from its own.

    ``on_commit(seq)`` after every commit; ``on_trouble(trouble)`` when writing fails and, with ``reason`` ``None``,
    when it works again.  Both are called in the writer's thread.  ``ring_bytes`` bounds what waits meanwhile.
    """

    def __init__(
        self,
        folder: Path,
        tail: store.Tail,
        connection: sqlite3.Connection,
        *,
        on_commit: Callable[[int], None],
        on_trouble: Callable[[Trouble], None],
        ring_bytes: int = RING_BYTES,
    ) -> None:
        self._ring_bytes = ring_bytes
        self._folder = folder
        self._connection = connection
        self._chain = tail.chain
        self._committed = tail.seq
        self._notice_number = tail.notice_number
        self._on_commit = on_commit
        self._on_trouble = on_trouble
        self._sources: dict[str, int] = {
            name: number for number, name in connection.execute("SELECT id, name FROM source")
        }
        self._queue: deque[Record | tuple[int, Notice] | Snapshot | BearerSlot] = deque()
        self._wake = threading.Event()
        self._is_closing = False
        self._is_failing = False
        self._pending = _Batch()
        self._pending_bytes = 0
        self._lost = 0
        self._lost_from_ns = 0
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)

    def start(self) -> None:
        """Begin writing."""
        self._thread.start()

    def put(self, item: Record | tuple[int, Notice] | Snapshot | BearerSlot) -> None:
        """Give something to write; returns at once.  Notices come with their record's number."""
        self._queue.append(item)
        if len(self._queue) >= BATCH:
            self._wake.set()

    def depth(self) -> int:
        """How many things wait: the engine holds its wires back above ``QUEUE_RECORDS``."""
        return len(self._queue)

    @property
    def committed(self) -> int:
        """The last record on disk."""
        return self._committed

    def close(self, timeout_s: float = 10.0) -> bool:
        """Write what has come and stop; False when it could not all be written in time."""
        self._is_closing = True
        self._wake.set()
        self._thread.join(timeout_s)
        is_done = not self._thread.is_alive() and not self._is_failing
        if not self._thread.is_alive():
            try:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.Error:
                is_done = False
            self._connection.close()
        return is_done

    # ---- the writer's thread

    def _run(self) -> None:
        is_in_order = False
        try:
            self._serve()
            is_in_order = True
        finally:
            if not is_in_order:
                self._is_failing = True
                self._queue = deque(maxlen=1)  # nobody takes from it any more: the wires go on, unrecorded
                self._on_trouble(Trouble("failed", "the journal's thread ended by a fault of this program"))

    def _serve(self) -> None:
        while True:
            is_last = self._is_closing
            if not is_last:
                self._wake.wait(RETRY_S if self._is_failing else WINDOW_S)
                self._wake.clear()
            self._drain()
            if is_last:
                return

    def _drain(self) -> None:
        while True:
            self._take()
            if self._is_failing and self._queue:
                continue
            if not self._write() or not self._queue:
                return

    def _take(self) -> None:
        batch, queue = self._pending, self._queue
        room = BATCH
        while queue and room:
            item = queue.popleft()
            room -= 1
            if type(item) is Record:
                batch.records.append(item)
                self._pending_bytes += len(item.payload) + _RECORD_OVERHEAD_BYTES
            elif isinstance(item, Snapshot):
                batch.snapshots.append(item)
            elif isinstance(item, BearerSlot):
                batch.slots.append(item)
            else:
                batch.notices.append(item)  # type: ignore[arg-type]
        if self._is_failing:
            self._bound()

    def _bound(self) -> None:
        """Keep the ring bounded while nothing can be written: the oldest records go, counted."""
        batch = self._pending
        if len(batch.snapshots) > 1:
            del batch.snapshots[:-1]
        del batch.slots[:-_RING_SLOTS]
        given_up = 0
        while self._pending_bytes > self._ring_bytes and len(batch.records) - given_up > 1:
            record = batch.records[given_up]
            if not self._lost and not given_up:
                self._lost_from_ns = record.at_ns
            self._pending_bytes -= len(record.payload) + _RECORD_OVERHEAD_BYTES
            given_up += 1
        if given_up:
            del batch.records[:given_up]
            self._lost += given_up

    def _write(self) -> bool:
        batch = self._pending
        if batch.is_empty():
            return True
        chain, sources, notice_number = self._chain, dict(self._sources), self._notice_number
        try:
            self._commit(batch)
        except (sqlite3.Error, OSError) as error:
            self._chain, self._sources, self._notice_number = chain, sources, notice_number
            self._roll_back()
            return self._refused(error)
        if batch.records:
            self._committed = batch.records[-1].seq
        self._pending = _Batch()
        self._pending_bytes = 0
        if self._is_failing:
            self._is_failing = False
            self._on_trouble(Trouble(None, lost=self._lost, from_ns=self._lost_from_ns))
            self._lost = 0
        self._on_commit(self._committed)
        return True

    def _refused(self, error: Exception) -> bool:
        if not self._is_failing and _is_full(error) and store.free_reserve(self._folder):
            return self._write()
        if not self._is_failing:
            self._is_failing = True
            self._on_trouble(Trouble("full" if _is_full(error) else "failed", str(error)))
        self._bound()
        return False

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            return

    def _commit(self, batch: _Batch) -> None:
        connection = self._connection
        connection.execute("BEGIN")
        records = self._without_loss(batch)
        self._insert_records(records)
        rows = [_notice_row(seq, notice) for seq, notice in batch.notices if notice.number > self._notice_number]
        if rows:
            connection.executemany("INSERT OR IGNORE INTO notice VALUES(?,?,?,?,?,?,?,?)", rows)
            self._notice_number = rows[-1][0]
        histories.write(connection, batch.slots)
        for snapshot in batch.snapshots:
            packed = zlib.compress(snapshot.state, 1)
            connection.execute("INSERT OR REPLACE INTO snapshot VALUES(?,?,?)", (snapshot.seq, snapshot.at_ns, packed))
        connection.execute("COMMIT")

    def _without_loss(self, batch: _Batch) -> list[Record]:
        """What to write: all of it, or after an overflow what is left with a GAP in the newest snapshot's place.

        The GAP carries the engine's state as of its number, so that a replay from zero comes right again there; the
        record whose number it takes lies in it.
        """
        if not self._lost:
            return batch.records
        snapshot = batch.snapshots[-1] if batch.snapshots else None
        index = snapshot.seq - batch.records[0].seq if snapshot is not None else -1
        if snapshot is None or not 0 <= index < len(batch.records):
            raise OSError("records were lost and no state to continue from has come yet")
        replaced = batch.records[index]
        payload = msgspec.msgpack.encode(
            {
                "lost": self._lost,
                "from_ns": self._lost_from_ns,
                "state": snapshot.state,
                "replaced": [replaced.kind, replaced.source, replaced.peer, replaced.payload],
            }
        )
        gap = Record(replaced.seq, replaced.at_ns, Kind.GAP, "console", "", payload)
        return [*batch.records[:index], gap, *batch.records[index + 1 :]]

    def _insert_records(self, records: list[Record]) -> None:
        values: list[object] = []
        chain, sources = self._chain, self._sources
        for record in records:
            chain = store.link(chain, record)
            source = sources.get(record.source)
            if source is None:
                source = self._new_source(record.source)
            values += (record.seq, record.at_ns, record.kind, source, record.peer or None, record.payload, chain)
        self._chain = chain
        at = 0
        for size in _ROWS:
            width = 7 * size
            while len(values) - at >= width:
                self._connection.execute(_insert(size), values[at : at + width])
                at += width

    def _new_source(self, name: str) -> int:
        number = len(self._sources) + 1
        self._connection.execute("INSERT INTO source VALUES(?,?)", (number, name))
        self._sources[name] = number
        return number


_INSERTS = {size: f"INSERT INTO record VALUES {','.join(['(?,?,?,?,?,?,?)'] * size)}" for size in _ROWS}  # noqa: S608


def _insert(size: int) -> str:
    return _INSERTS[size]


def _is_full(error: Exception) -> bool:
    return "full" in str(error) or "No space" in str(error)


def _notice_row(seq: int, notice: Notice) -> tuple[int, int, int, int | None, str, str, str, str]:
    args = json.dumps(notice.text.args, ensure_ascii=False)
    return (
        notice.number, seq, notice.at_ns, notice.happened_ns, notice.kind, notice.subject_id, notice.text.id, args,
    )  # fmt: skip
