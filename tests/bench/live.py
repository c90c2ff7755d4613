"""``live``: records a second through wires, door, engine and journal, all rules and the hash chain on.

A second process says the load over twelve real UDP wires as fast as it is taken: never more than a window of
records is under way, so that the system's buffers drop nothing.  The same is then done with a journal that inserts
row by row, and without any journal.
"""

from __future__ import annotations

import multiprocessing
import socket
import tempfile
import threading
import time
from collections.abc import Iterable
from ctypes import c_uint64
from itertools import islice
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any
from unittest import mock

from console import runtime as runtimes
from console.assembly import digest_of
from console.journal import store
from console.journal.reader import Reader
from console.journal.writer import Writer
from console.records import Record
from console.replay import new_engine, play
from console.runtime import Runtime
from tests.bench.figure import Figure
from tests.bench.replaying import load_mix
from tests.bench.traffic import WIRES, configuration, traffic

WINDOW = 2_400
PATIENCE_S = 30.0


def free_ports(count: int = WIRES) -> list[int]:
    """UDP ports that nobody has now."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class RowWriter(Writer):
    """The alternative: one insert a record."""

    def _insert_records(self, records: list[Record]) -> None:
        for record in records:
            source = self._sources.get(record.source) or self._new_source(record.source)
            self._chain = store.link(self._chain, record)
            fields = (record.seq, record.at_ns, record.kind, source, record.peer or None, record.payload, self._chain)
            self._connection.execute("INSERT INTO record VALUES(?,?,?,?,?,?,?)", fields)


class NoWriter(Writer):
    """The other alternative: everything is called done and nothing is written."""

    def _commit(self, batch: Any) -> None:  # noqa: ARG002
        return


def say(ports: list[int], count: int, taken: Synchronized[int], ready: Any, from_ns: int) -> None:
    """The other process: every wire's sentences, a window ahead of what is taken."""
    load = [(said.wire, said.octets) for said in islice(traffic(from_ns), count)]
    senders = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in ports]
    for sender, port in zip(senders, ports, strict=True):
        sender.connect(("127.0.0.1", port))
    ready.set()
    value = taken.get_obj()
    while not value.value:
        time.sleep(0.001)
    first = value.value
    for number, (wire, octets) in enumerate(load):
        while number - (value.value - first) >= WINDOW:
            time.sleep(0.0005)
        senders[wire].send(octets)


def _run(folder: Path, count: int, writer: type[Writer]) -> tuple[float, Runtime]:
    """Records a second from the first sentence to the last commit."""
    ports = free_ports()
    context = multiprocessing.get_context("spawn")
    taken: Any = context.Value(c_uint64, 0)
    ready, done = context.Event(), threading.Event()
    goal = 0

    def committed(seq: int) -> None:
        if goal:
            taken.get_obj().value = seq
            if seq >= goal:
                done.set()

    with mock.patch.object(runtimes, "Writer", writer):
        runtime = Runtime(configuration([f"udp:127.0.0.1:{port}" for port in ports]), folder, on_commit=committed)
        runtime.on_picture = lambda _: None
        runtime.start()
    from_ns = time.time_ns() - count * 500_000
    sender = context.Process(target=say, args=(ports, count, taken, ready, from_ns), daemon=True)
    sender.start()
    ready.wait(PATIENCE_S + count / 10_000)
    goal = runtime.engine.tables.seq + count
    began = time.perf_counter()
    taken.get_obj().value = goal - count
    is_whole = done.wait(PATIENCE_S + count / 2_000)
    spent_s = time.perf_counter() - began
    runtime.stop()
    sender.join(5.0)
    sender.kill()
    if not is_whole:
        raise RuntimeError("records were dropped on the way")
    return count / spent_s, runtime


def live(count: int = 120_000) -> Iterable[Figure]:
    """Sustained rate with the journal, and both alternatives."""
    with tempfile.TemporaryDirectory(prefix="command-post-bench-") as name:
        folder = Path(name)
        rate, runtime = _run(folder / "whole", count, Writer)
        live_digest = digest_of(runtime.engine.picture())
        reader = Reader(folder / "whole")
        is_same = digest_of(play(new_engine(), reader).picture()) == live_digest and reader.broken_link() is None
        reader.close()
        by_row, _ = _run(folder / "rows", count // 4, RowWriter)
        without, _ = _run(folder / "none", count // 4, NoWriter)
    yield Figure(
        name="live",
        what=f"with journal (synchronous=FULL), {count:,} records over UDP",
        value=rate,
        unit="records/s",
        target=10_000,
        beside=f"inserting row by row {by_row:,.0f}/s",
        ratio=rate / by_row,
        mix=load_mix(),
    )
    yield Figure(
        name="live", what="the same beside no journal at all", value=rate, unit="records/s",
        beside=f"nothing written {without:,.0f}/s", ratio=rate / without,
    )  # fmt: skip
    yield Figure(
        name="live", what="digest of the replay equals, chain whole", value=float(is_same), unit="", target=1.0,
        better="equal",
    )  # fmt: skip
