from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.journal import store
from console.journal.reader import Reader
from console.journal.writer import Snapshot, Trouble, Writer
from console.picture import Notice, Text
from console.queries import NoticesRequest, RecordsRequest
from console.records import Kind, Record
from console.trouble import OperatorError

START_NS = 1_000_000_000_000


class Book:
    """A journal with a writer, and what it told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.commits: list[int] = []
        self.troubles: list[Trouble] = []
        self.told = threading.Condition()
        store.prepare_folder(folder)
        self.connection = store.connect(folder)
        self.writer = Writer(
            folder, store.tail_of(self.connection), self.connection, on_commit=self._commit, on_trouble=self._trouble
        )
        self.writer.start()

    def _commit(self, seq: int) -> None:
        with self.told:
            self.commits.append(seq)
            self.told.notify_all()

    def _trouble(self, trouble: Trouble) -> None:
        with self.told:
            self.troubles.append(trouble)
            self.told.notify_all()

    def wait_for(self, seq: int) -> None:
        with self.told:
            assert self.told.wait_for(lambda: bool(self.commits) and self.commits[-1] >= seq, 10)


def record(seq: int, payload: bytes = b"x", source: str = "gnss") -> Record:
    return Record(seq, START_NS + seq * 1000, Kind.OCTETS, source, "", payload)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path / "incident")
    yield made
    made.writer.close()


def test_what_is_put_is_read_back_in_order_and_unchanged(book: Book) -> None:
    records = [record(seq, bytes([seq % 256]) * (seq % 90), f"d{seq % 5}") for seq in range(1, 1500)]
    for one in records:
        book.writer.put(one)
    book.wait_for(1499)
    reader = Reader(book.folder)
    assert list(reader.records()) == records
    assert [one.seq for one in reader.records(1490)] == list(range(1491, 1500))
    assert [one.seq for one in reader.records(until_ns=START_NS + 3000)] == [1, 2, 3]
    assert reader.broken_link() is None
    reader.close()


def test_commits_tell_growing_numbers_that_are_on_disk(book: Book) -> None:
    for seq in range(1, 20_001):
        book.writer.put(record(seq))
    book.wait_for(20_000)
    assert book.commits == sorted(set(book.commits))
    reader = Reader(book.folder)
    assert reader.span()[2] == 20_000
    reader.close()


@pytest.mark.parametrize("change", ["payload = x'00'", "at_ns = at_ns + 1", "kind = 4", "peer = 'other'"])
def test_one_changed_field_breaks_the_chain_there(book: Book, change: str) -> None:
    for seq in range(1, 101):
        book.writer.put(record(seq))
    book.wait_for(100)
    book.writer.close()
    with sqlite3.connect(book.folder / store.FILE) as connection:
        connection.execute(f"UPDATE record SET {change} WHERE seq = 57")  # noqa: S608 - the changes above
    reader = Reader(book.folder)
    assert reader.broken_link() == 57
    reader.close()


def test_a_removed_record_breaks_the_chain(book: Book) -> None:
    for seq in range(1, 101):
        book.writer.put(record(seq))
    book.wait_for(100)
    book.writer.close()
    with sqlite3.connect(book.folder / store.FILE) as connection:
        connection.execute("DELETE FROM record WHERE seq = 40")
    reader = Reader(book.folder)
    assert reader.broken_link() == 41
    reader.close()


def test_files_and_folder_are_for_their_owner_only(book: Book) -> None:
    book.writer.put(record(1))
    book.wait_for(1)
    assert stat.S_IMODE(book.folder.stat().st_mode) == 0o700
    for file in book.folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name


def test_a_second_console_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    lock = store.Lock(tmp_path)
    with pytest.raises(OperatorError) as trouble:
        store.Lock(tmp_path)
    assert trouble.value.text.id == "journal.busy"
    assert "--journal" in trouble.value.sentence("zh")
    lock.release()
    store.Lock(tmp_path).release()


def test_the_newest_snapshot_before_a_moment_is_found(book: Book) -> None:
    for seq in range(1, 41):
        book.writer.put(record(seq))
        if seq % 10 == 0:
            book.writer.put(Snapshot(seq, START_NS + seq * 1000, f"state {seq}".encode()))
    book.wait_for(40)
    reader = Reader(book.folder)
    assert reader.snapshot_numbers() == [10, 20, 30, 40]
    found = reader.snapshot(until_ns=START_NS + 29_999)
    assert found is not None
    assert (found.seq, found.state) == (20, b"state 20")
    assert reader.snapshot(until_ns=START_NS) is None
    reader.close()


@pytest.mark.parametrize(("offset_ns", "seq"), [(-1, 0), (0, 0), (1000, 1), (1999, 1), (50_000, 50), (10**9, 100)])
def test_the_record_at_a_moment_is_found_by_bisection(book: Book, offset_ns: int, seq: int) -> None:
    for number in range(1, 101):
        book.writer.put(record(number))
    book.wait_for(100)
    reader = Reader(book.folder)
    assert reader.seq_at(START_NS + offset_ns) == seq
    reader.close()


def notice(number: int, kind: str = "device", subject: str = "gnss", **args: str) -> Notice:
    return Notice(
        number=number,
        at_ns=START_NS + number,
        happened_ns=None,
        kind=kind,
        subject_id=subject,
        text=Text(id="notice.wire_up", args={**args}),
    )


def test_log_pages_are_newest_first_filtered_and_say_whether_there_is_more(book: Book) -> None:
    book.writer.put(record(1))
    for number in range(1, 501):
        kind, subject = ("alarm", "fire") if number % 2 else ("device", "gnss")
        book.writer.put((1, notice(number, kind, subject, device=f"机 {number}%")))
    book.wait_for(1)
    reader = Reader(book.folder)
    page = reader.notices(NoticesRequest(limit=10))
    assert [one.number for one in page.notices] == list(range(500, 490, -1))
    assert page.has_more
    page = reader.notices(NoticesRequest(before=491, limit=10, kind="alarm"))
    assert [one.number for one in page.notices] == list(range(489, 470, -2))
    page = reader.notices(NoticesRequest(subject_id="gnss", contains="机 42%"))
    assert [one.number for one in page.notices] == [42]
    assert not page.has_more
    reader.close()


def test_raw_pages_of_one_source_skip_all_others(book: Book) -> None:
    for seq in range(1, 301):
        book.writer.put(record(seq, source="gnss" if seq % 3 else "bd"))
    book.wait_for(300)
    reader = Reader(book.folder)
    page = reader.lines(RecordsRequest(source="bd", limit=5))
    assert [line.seq for line in page.lines] == [300, 297, 294, 291, 288]
    assert page.has_more
    assert reader.lines(RecordsRequest(source="bd", before=4)).lines[0].seq == 3
    assert reader.lines(RecordsRequest(source="nobody")).lines == ()
    reader.close()


def test_a_folder_without_a_journal_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OperatorError) as trouble:
        Reader(tmp_path)
    assert trouble.value.text.id == "journal.missing"


def test_a_file_that_is_no_journal_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / store.FILE).write_bytes(b"this is no database" * 100)
    with pytest.raises(OperatorError) as trouble:
        Reader(tmp_path)
    assert trouble.value.text.id == "journal.unreadable"


def test_a_damaged_journal_is_set_aside_and_never_overwritten(tmp_path: Path) -> None:
    for content in (b"first", b"second"):
        (tmp_path / store.FILE).write_bytes(content)
        store.set_damaged_aside(tmp_path)
    kept = sorted(file.read_bytes() for file in tmp_path.glob("damaged-*"))
    assert kept == [b"first", b"second"]
