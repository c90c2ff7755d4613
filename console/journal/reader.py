"""Reading a journal: records in order, the nearest snapshot, pages for the log, and whether its chain is whole."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from console.bearer_queries import BearerHistoryPage, BearerHistoryRequest
from console.journal import histories, store
from console.journal.recordings import MOST_MARKS, RecordingIndex
from console.journal.writer import Snapshot
from console.picture import Gap, Notice, Text
from console.queries import (
    NoticesPage,
    NoticesRequest,
    PictureMark,
    RecordingsPage,
    RecordingsRequest,
    RecordLine,
    RecordsPage,
    RecordsRequest,
    TimelinePage,
)
from console.records import Kind, Record

_COLUMNS = "r.seq, r.at_ns, r.kind, s.name, ifnull(r.peer,''), r.payload"
_FROM = "FROM record r JOIN source s ON s.id = r.source"
_FETCH = 2_000


class Reader:
    """A read-only view of one journal; usable while it is being written.  One thread at a time."""

    def __init__(self, folder: Path) -> None:
        """Open it.

        Raises:
            OperatorError: there is no journal in this folder, or it cannot be read.
        """
        self.folder = folder
        self._connection = store.connect_read_only(folder)

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def interrupt(self) -> None:
        """Stop a running question from another thread."""
        self._connection.interrupt()

    def records(self, after_seq: int = 0, *, until_ns: int | None = None) -> Iterator[Record]:
        """Records numbered above ``after_seq``, in order, up to the moment ``until_ns`` inclusive.

        Raises:
            sqlite3.Error: the file is damaged here.
        """
        names = dict(self._connection.execute("SELECT id, name FROM source").fetchall())
        cursor = self._connection.execute(
            "SELECT seq, at_ns, kind, source, ifnull(peer,''), payload FROM record WHERE seq > ? ORDER BY seq",
            (after_seq,),
        )
        while rows := cursor.fetchmany(_FETCH):
            for seq, at_ns, kind, source, peer, payload in rows:
                if until_ns is not None and at_ns > until_ns:
                    return
                name = names.get(source)
                if name is None or type(at_ns) is not int:
                    raise sqlite3.DatabaseError(f"record {seq} is malformed")
                yield Record(seq, at_ns, kind, name, peer, payload)

    def segments(self, after_seq: int = 0) -> Iterator[Record]:
        """The records of recorded files numbered above ``after_seq``, in order."""
        cursor = self._connection.execute(
            f"SELECT {_COLUMNS} {_FROM} WHERE r.kind = {int(Kind.SEGMENT)} AND r.seq > ? ORDER BY r.seq",
            (after_seq,),
        )
        while rows := cursor.fetchmany(_FETCH):
            yield from (Record(*row) for row in rows)

    def span(self) -> tuple[int, int, int]:
        """First moment, last moment, last number; zeros for an empty journal."""
        first = self._connection.execute("SELECT at_ns FROM record ORDER BY seq LIMIT 1").fetchone()
        last = self._connection.execute("SELECT at_ns, seq FROM record ORDER BY seq DESC LIMIT 1").fetchone()
        return (first[0], last[0], last[1]) if first and last else (0, 0, 0)

    def snapshot(self, *, until_ns: int | None = None, number: int | None = None) -> Snapshot | None:
        """The newest snapshot not later than ``until_ns``, or the one numbered ``number``."""
        where, args = "", list[int]()
        if number is not None:
            where, args = "WHERE seq = ?", [number]
        elif until_ns is not None:
            where, args = "WHERE at_ns <= ?", [until_ns]
        row = self._connection.execute(
            f"SELECT seq, at_ns, state FROM snapshot {where} ORDER BY seq DESC LIMIT 1",  # noqa: S608 - own words
            args,
        ).fetchone()
        return Snapshot(row[0], row[1], zlib.decompress(row[2])) if row else None

    def snapshot_numbers(self, *, until_ns: int | None = None) -> list[int]:
        """The numbers of all snapshots not later than ``until_ns``, in order."""
        last = self.seq_at(until_ns) if until_ns is not None else 1 << 62
        return [
            row[0] for row in self._connection.execute("SELECT seq FROM snapshot WHERE seq <= ? ORDER BY seq", (last,))
        ]

    def seq_at(self, at_ns: int) -> int:
        """The number of the last record not later than ``at_ns``; 0 before the first.

        Console time never goes back within a journal, so bisection on the number needs no index.
        """
        low, high = 0, self.span()[2]
        while low < high:
            middle = (low + high + 1) // 2
            row = self._connection.execute(
                "SELECT seq, at_ns FROM record WHERE seq <= ? ORDER BY seq DESC LIMIT 1", (middle,)
            ).fetchone()
            if row is not None and row[1] <= at_ns:
                low = middle
            else:
                high = (row[0] - 1) if row is not None else 0
        return low

    def broken_link(self) -> int | None:
        """The number of the first record whose hash does not follow from all before it; ``None``: untouched."""
        chain = store.CHAIN_START
        rows = self._connection.execute(f"SELECT {_COLUMNS}, r.chain {_FROM} ORDER BY r.seq")
        for *fields, kept in rows:
            chain = store.link(chain, Record(*fields))
            if chain != kept:
                return int(fields[0])
        return None

    # ---- pages

    def notices(self, request: NoticesRequest, *, until_ns: int | None = None) -> NoticesPage:
        """A page of the log, newest first."""
        clauses, args = ["1"], []
        for column, operator, value in (
            ("number", "<", request.before),
            ("subject", "=", request.subject_id),
            ("kind", "=", request.kind),
            ("at_ns", "<=", until_ns),
        ):
            if value is not None:
                clauses.append(f"{column} {operator} ?")
                args.append(value)
        if request.contains:
            clauses.append("args LIKE ? ESCAPE '!'")
            escaped = request.contains.replace("!", "!!").replace("%", "!%").replace("_", "!_")
            args.append(f"%{escaped}%")
        columns = "number, at_ns, happened_ns, kind, subject, text_id, args"
        rows = self._connection.execute(
            f"SELECT {columns} FROM notice WHERE {' AND '.join(clauses)} ORDER BY number DESC LIMIT ?",  # noqa: S608
            (*args, request.limit + 1),
        ).fetchall()
        return NoticesPage(
            notices=tuple(_notice(row) for row in rows[: request.limit]), has_more=len(rows) > request.limit
        )

    def lines(self, request: RecordsRequest, *, until_seq: int | None = None) -> RecordsPage:
        """A page of raw records, newest first."""
        before = request.before if request.before is not None else 1 << 62
        if until_seq is not None:
            before = min(before, until_seq + 1)
        args: list[str | int] = [before]
        if request.source is None:
            sql = f"SELECT {_COLUMNS} {_FROM} WHERE r.seq < ? ORDER BY r.seq DESC LIMIT ?"
        else:
            sql = (
                f"SELECT {_COLUMNS} {_FROM} WHERE r.source = (SELECT id FROM source WHERE name = ?) AND r.seq < ? "  # noqa: S608
                "ORDER BY r.seq DESC LIMIT ?"
            )
            args = [request.source, before]
        rows = self._connection.execute(sql, (*args, request.limit + 1)).fetchall()
        lines = tuple(
            RecordLine(seq=seq, at_ns=at_ns, kind=kind, source=source, peer=peer, payload=payload)
            for seq, at_ns, kind, source, peer, payload in rows[: request.limit]
        )
        return RecordsPage(lines=lines, has_more=len(rows) > request.limit)

    def marks(self, request: RecordingsRequest, *, until_ns: int) -> tuple[PictureMark, ...]:
        """What was marked on these cameras' pictures in the span, as known at ``until_ns``."""
        rows = self._connection.execute(
            "SELECT subject, happened_ns, args FROM notice WHERE kind = 'mark' AND at_ns <= ? "
            "AND happened_ns BETWEEN ? AND ? ORDER BY happened_ns",
            (until_ns, request.from_ns, request.to_ns),
        )
        wanted = (row for row in rows if not request.camera_ids or row[0] in request.camera_ids)
        return tuple(
            PictureMark(camera_id=subject, at_ns=happened_ns, text=str(json.loads(args).get("text", "")))
            for subject, happened_ns, args in islice(wanted, MOST_MARKS)
        )

    def recordings(self, request: RecordingsRequest, index: RecordingIndex, *, at_ns: int) -> RecordingsPage:
        """The recorded files and marks of a span, as known at ``at_ns``; ``index`` is read on to the journal's end."""
        index.take(self.segments(index.seq))
        files, has_more = index.find(request, at_ns)
        return RecordingsPage(files=files, marks=self.marks(request, until_ns=at_ns), has_more=has_more)

    def history(self, request: BearerHistoryRequest, *, until_ns: int) -> BearerHistoryPage:
        """How bearers were in a span, nothing of it later than ``until_ns``."""
        return histories.page(self._connection, request, until_ns=until_ns)

    def timeline(self, gaps: tuple[Gap, ...]) -> TimelinePage:
        """The whole span with its alarms."""
        from_ns, to_ns, _ = self.span()
        alarms = self._connection.execute(
            "SELECT at_ns, text_id || ':' || subject FROM notice WHERE kind = 'alarm' AND text_id != 'alarm.over' "
            "ORDER BY number LIMIT 2000"
        ).fetchall()
        return TimelinePage(from_ns=from_ns, to_ns=to_ns, gaps=gaps, alarms=tuple((a, b) for a, b in alarms))

    def starts(self) -> list[tuple[int, int]]:
        """Number and moment of every run's first record."""
        rows = self._connection.execute(
            "SELECT seq, at_ns FROM record WHERE source = (SELECT id FROM source WHERE name = 'console') AND kind = ? "
            "ORDER BY seq",
            (int(Kind.START),),
        )
        return [(seq, at_ns) for seq, at_ns in rows]


def _notice(row: tuple[int, int, int | None, str, str, str, str]) -> Notice:
    number, at_ns, happened_ns, kind, subject, text_id, args = row
    return Notice(
        number=number,
        at_ns=at_ns,
        happened_ns=happened_ns,
        kind=kind,
        subject_id=subject,
        text=Text(id=text_id, args=json.loads(args)),
    )


def is_damaged(error: Exception) -> bool:
    """Whether SQLite says that the file itself is broken, not the disk or the lock.

    Of a damaged schema it quotes octets that are no text: Python then raises ``UnicodeDecodeError`` instead.
    """
    words = str(error)
    return isinstance(error, UnicodeDecodeError) or any(
        word in words for word in ("malformed", "not a database", "corrupt", "Could not decode to UTF-8")
    )
