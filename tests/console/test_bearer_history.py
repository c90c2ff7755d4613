"""The history of bearers beside the journal: written once, read coarser, with holes, never ahead of a replay."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.bearer_facts import BearerSample
from console.bearer_queries import BearerHistoryPage, BearerHistoryRequest
from console.journal import histories
from console.journal.histories import BearerSlot, HistoryKeeper
from console.journal.reader import Reader
from console.player import Player
from console.queries import Page
from console.rules import bearers
from devices.driver import NS_PER_S
from tests.console.door import START_NS, Door
from tests.console.running import Running
from tests.console.test_journal import Book

SLOT_NS = 10 * NS_PER_S
IDS = ("fibre", "rdss")


def sample(number: int, median_ms: float | None, loss_percent: float | None = 0.0) -> BearerSample:
    """The slot that ends ``number`` slots after the start."""
    low_ms, high_ms = (None, None) if median_ms is None else (median_ms / 2, median_ms * 2)
    at_ns = START_NS + number * SLOT_NS
    return BearerSample(at_ns=at_ns, median_ms=median_ms, low_ms=low_ms, high_ms=high_ms, loss_percent=loss_percent)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path / "incident")
    yield made
    made.writer.close()


def keep(book: Book, *slots: BearerSlot) -> Reader:
    """Write these and close the journal; gives a reader of it."""
    for slot in slots:
        book.writer.put(slot)
    assert book.writer.close()
    return Reader(book.folder)


def asked(from_ns: int | None, to_ns: int, buckets: int = 360) -> BearerHistoryRequest:
    return BearerHistoryRequest(bearer_ids=IDS, from_ns=from_ns, to_ns=to_ns, buckets=buckets)


def test_every_slot_is_handed_over_once_and_one_of_which_nothing_is_known_is_a_hole() -> None:
    door, put = Door(), list[BearerSlot]()
    keeper = HistoryKeeper(put.append)
    for _ in range(45):
        door.probe("p1", 4.0)
        door.wait(1)
        keeper.take(door.engine.tables)
    assert {slot.bearer_id for slot in put} == {"fibre"}
    assert [slot.sample for slot in put] == list(door.picture().bearers[0].history)
    again = list[BearerSlot]()
    HistoryKeeper(again.append).take(door.engine.tables)
    assert again == put


def test_what_is_written_again_after_a_crash_changes_nothing(book: Book) -> None:
    first = BearerSlot("fibre", sample(1, 10.0))
    reader = keep(book, first, BearerSlot("fibre", sample(1, 99.0)), BearerSlot("fibre", sample(2, 12.0)))
    page = reader.history(asked(START_NS, START_NS + 10 * SLOT_NS), until_ns=START_NS + 10 * SLOT_NS)
    assert [one.median_ms for one in page.histories[0].samples] == [10.0, 12.0]


def test_a_day_is_read_in_steps_with_the_middle_the_spread_and_the_mean_loss(book: Book) -> None:
    numbers = range(1, 13)
    slots = [BearerSlot("fibre", sample(n, float(n), 100.0 if n == 12 else 0.0)) for n in numbers]
    reader = keep(book, *slots)
    page = reader.history(asked(START_NS, START_NS + 12 * SLOT_NS, buckets=2), until_ns=1 << 62)
    assert page.step_ns == 6 * SLOT_NS
    first, second = page.histories[0].samples
    assert (first.median_ms, first.low_ms, first.high_ms, first.loss_percent) == (3.5, 0.5, 10.0, 0.0)
    assert (second.at_ns, second.loss_percent) == (START_NS + 12 * SLOT_NS, 16.7)
    assert page.histories[1].samples == ()


def test_a_hole_stays_a_hole_and_one_slot_of_loss_is_not_averaged_away_to_none(book: Book) -> None:
    reader = keep(
        book, *(BearerSlot("fibre", sample(n, 5.0)) for n in (1, 2, 9, 10)), BearerSlot("fibre", sample(3, None, 100.0))
    )
    page = reader.history(asked(START_NS, START_NS + 12 * SLOT_NS, buckets=6), until_ns=1 << 62)
    found = [((one.at_ns - START_NS) // SLOT_NS, one.median_ms, one.loss_percent) for one in page.histories[0].samples]
    assert found == [(2, 5.0, 0.0), (4, None, 100.0), (10, 5.0, 0.0)]


def test_the_whole_incident_begins_with_the_first_slot_of_any_bearer(book: Book) -> None:
    reader = keep(book, BearerSlot("fibre", sample(5, 5.0)), BearerSlot("rdss", sample(3, None, 100.0)))
    page = reader.history(asked(None, START_NS + 7 * SLOT_NS), until_ns=1 << 62)
    assert page.from_ns == START_NS + 2 * SLOT_NS
    assert [len(one.samples) for one in page.histories] == [1, 1]


def test_a_journal_from_before_there_was_a_history_has_none(book: Book) -> None:
    book.connection.execute("DROP TABLE bearer_slot")
    page = keep(book).history(asked(None, START_NS), until_ns=START_NS)
    assert (page.histories, page.from_ns) == ((), START_NS)


def test_many_days_are_bounded(book: Book) -> None:
    reader = keep(book, *(BearerSlot("fibre", sample(n, 5.0)) for n in range(1, 30_001)))
    page = reader.history(asked(None, 1 << 61, buckets=10**9), until_ns=START_NS + 30_000 * SLOT_NS)
    assert 1_000 < len(page.histories[0].samples) <= histories.MOST_BUCKETS


def test_a_replay_is_told_nothing_later_than_its_moment(book: Book) -> None:
    door = Door()
    door.wait(100)
    for record in door.records:
        book.writer.put(record)
    keep(book, *(BearerSlot("fibre", sample(n, 5.0)) for n in range(1, 11))).close()
    player = Player(book.folder, lambda *_: None, at_ns=START_NS + 55 * NS_PER_S)
    pages, answered = list[Page | None](), threading.Event()

    def take(page: Page | None) -> None:
        pages.append(page)
        answered.set()

    player.ask(asked(None, 1 << 61), take)
    assert answered.wait(10)
    player.close()
    (page,) = pages
    assert isinstance(page, BearerHistoryPage)
    assert page.to_ns == START_NS + 55 * NS_PER_S
    assert len(page.histories[0].samples) == 5


def test_a_running_console_writes_and_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bearers, "SLOT_NS", NS_PER_S // 2)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        file = tmp_path / "vehicle.toml"
        port = listener.getsockname()[1]
        file.write_text(
            f'[[device]]\nid = "p"\ndriver = "probe"\nwire = "tcp-connect:127.0.0.1:{port}?interval_s=0.1"\n'
            '[[bearer]]\nid = "fibre"\nrung = "主"\ndevice = "p"\n',
            encoding="utf-8",
        )
        console = Running(tmp_path, file)
        try:
            picture = console.until(lambda one: any(s.median_ms is not None for s in one.bearers[0].history))
            page = console.ask(asked(None, 1 << 61))
        finally:
            console.close()
    assert isinstance(page, BearerHistoryPage)
    first_ns = next(one.at_ns for one in picture.bearers[0].history if one.median_ms is not None)
    kept = Reader(tmp_path / "incident").history(asked(first_ns - 1, first_ns), until_ns=first_ns)
    assert len(kept.histories[0].samples) == 1
