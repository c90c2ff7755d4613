"""The history of bearers, kept beside the records: a row a time slot and bearer, and pages of it made coarser.

Derived: a replay finds the same slots in its own tables.  The rows are here so that a day can be drawn without
replaying it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from console.bearer_facts import BearerSample
from console.bearer_queries import BearerHistory, BearerHistoryPage, BearerHistoryRequest
from console.tables import Tables
from devices.driver import NS_PER_S

SCHEMA = """
CREATE TABLE IF NOT EXISTS bearer_slot(bearer TEXT, at_ns INTEGER, median_ms REAL, low_ms REAL, high_ms REAL,
  loss_percent REAL, PRIMARY KEY(bearer, at_ns)) WITHOUT ROWID;
"""
MOST_BUCKETS = 2_000
_SLOT_NS = 10 * NS_PER_S
_LOW_SHARE, _HIGH_SHARE = 0.1, 0.9
_FETCH = 2_000

Row = tuple[int, float | None, float | None, float | None, float | None]


@dataclass(frozen=True, slots=True)
class BearerSlot:
    """One finished time slot of one bearer."""

    bearer_id: str
    sample: BearerSample

    def row(self) -> tuple[str, int, float | None, float | None, float | None, float | None]:
        """As the table has it."""
        one = self.sample
        return (self.bearer_id, one.at_ns, one.median_ms, one.low_ms, one.high_ms, one.loss_percent)


class HistoryKeeper:
    """Hands every finished slot to ``put`` once; after a restart those of the saved state too, known ones or not."""

    def __init__(self, put: Callable[[BearerSlot], None]) -> None:
        self._put = put
        self._last_ns: dict[str, int] = {}

    def take(self, tables: Tables) -> None:
        """What is finished by now.  A slot of which nothing is known is a hole, and no row."""
        for bearer_id, bearer in tables.bearers.items():
            last_ns = self._last_ns.get(bearer_id, 0)
            for sample in _newer(bearer.history, last_ns):
                self._last_ns[bearer_id] = sample.at_ns
                if sample.median_ms is not None or sample.loss_percent is not None:
                    self._put(BearerSlot(bearer_id, sample))


def _newer(history: Sequence[BearerSample], last_ns: int) -> Sequence[BearerSample]:
    first = len(history)
    while first and history[first - 1].at_ns > last_ns:
        first -= 1
    return history[first:]


def write(connection: sqlite3.Connection, slots: Sequence[BearerSlot]) -> None:
    """Write slots; one that is there stays as it is."""
    if slots:
        connection.executemany("INSERT OR IGNORE INTO bearer_slot VALUES(?,?,?,?,?,?)", [slot.row() for slot in slots])


def page(connection: sqlite3.Connection, request: BearerHistoryRequest, *, until_ns: int) -> BearerHistoryPage:
    """The wanted span, nothing of it later than ``until_ns``, in at most ``MOST_BUCKETS`` samples a bearer.

    A journal from before there was this table has no history.
    """
    to_ns = min(request.to_ns, until_ns)
    is_kept = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'bearer_slot'").fetchone() is not None
    from_ns = request.from_ns
    if from_ns is None:
        from_ns = _first_ns(connection, request.bearer_ids, to_ns) if is_kept else to_ns
    buckets = min(max(request.buckets, 1), MOST_BUCKETS)
    step_ns = max(1, -(-(to_ns - from_ns) // (buckets * _SLOT_NS))) * _SLOT_NS
    found = []
    for bearer_id in request.bearer_ids if is_kept and to_ns > from_ns else ():
        cursor = connection.execute(
            "SELECT at_ns, median_ms, low_ms, high_ms, loss_percent FROM bearer_slot "
            "WHERE bearer = ? AND at_ns > ? AND at_ns <= ? ORDER BY at_ns",
            (bearer_id, from_ns, to_ns),
        )
        found.append(BearerHistory(bearer_id=bearer_id, samples=tuple(_coarser(cursor, from_ns, step_ns))))
    return BearerHistoryPage(from_ns=from_ns, to_ns=to_ns, step_ns=step_ns, histories=tuple(found))


def _first_ns(connection: sqlite3.Connection, bearer_ids: Iterable[str], to_ns: int) -> int:
    """Where the first slot of any of them begins."""
    firsts = [
        connection.execute("SELECT min(at_ns) FROM bearer_slot WHERE bearer = ?", (bearer_id,)).fetchone()[0]
        for bearer_id in bearer_ids
    ]
    return min((one - _SLOT_NS for one in firsts if one is not None and one <= to_ns), default=to_ns)


def _coarser(cursor: sqlite3.Cursor, from_ns: int, step_ns: int) -> Iterable[BearerSample]:
    bucket, number = list[Row](), -1
    while rows := cursor.fetchmany(_FETCH):
        for row in rows:
            at = (row[0] - from_ns - 1) // step_ns
            if at != number and bucket:
                yield _joined(bucket, from_ns + (number + 1) * step_ns)
                bucket = []
            number = at
            bucket.append(row)
    if bucket:
        yield _joined(bucket, from_ns + (number + 1) * step_ns)


def _joined(rows: Sequence[Row], at_ns: int) -> BearerSample:
    """The middle of the medians, nine tenths of the spread, the mean loss; ``at_ns`` ends it."""
    medians, lows, highs, losses = ([one for row in rows if (one := row[index]) is not None] for index in range(1, 5))
    return BearerSample(
        at_ns=at_ns,
        median_ms=round(median(medians), 1) if medians else None,
        low_ms=_at_share(lows, _LOW_SHARE),
        high_ms=_at_share(highs, _HIGH_SHARE),
        loss_percent=round(fmean(losses), 1) if losses else None,
    )


def _at_share(values: Sequence[float], share: float) -> float | None:
    return sorted(values)[round((len(values) - 1) * share)] if values else None
