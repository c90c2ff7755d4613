"""Journals made as fast as possible: the engine and the writer of the product, with the clock of the load."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from console.configuration.model import Configuration
from console.journal import store
from console.journal.reader import Reader
from console.journal.writer import Snapshot, Trouble, Writer
from console.records import Kind, Record, pack
from console.replay import new_engine
from console.runtime import SNAPSHOT_RECORDS, VERSION
from devices.driver import NS_PER_S
from tests.bench.traffic import WIRES, configuration, traffic

BEHIND = 20_000
"""Records that may wait for the disk before the maker waits too."""


class Recording:
    """A journal being made.  Steps each record through an engine, so that snapshots and notices are the real ones."""

    def __init__(self, folder: Path, vehicle: Configuration, at_ns: int) -> None:
        store.prepare_folder(folder)
        connection = store.connect(folder)
        self.engine = new_engine()
        self._seq = 0
        self._notice_number = 0
        self._writer = Writer(
            folder, store.tail_of(connection), connection, on_commit=lambda _: None, on_trouble=_refuse
        )
        self._writer.start()
        said = {"configuration": msgspec.to_builtins(vehicle), "version": VERSION, "last_ns": 0}
        self.put(at_ns, Kind.START, "console", pack(said))
        for device in vehicle.devices:
            self.put(at_ns, Kind.WIRE, device.id, pack({"state": "up"}))

    def put(self, at_ns: int, kind: Kind, source: str, payload: bytes) -> None:
        """As the runtime does it: number, queue, step, notices, snapshot."""
        self._seq += 1
        record = Record(self._seq, at_ns, kind, source, "", payload)
        self._writer.put(record)
        self.engine.step(record)
        tables = self.engine.tables
        if tables.notice_count > self._notice_number:
            for notice in tables.notices:
                if notice.number > self._notice_number:
                    self._writer.put((self._seq, notice))
            self._notice_number = tables.notice_count
        if self._seq % SNAPSHOT_RECORDS == 0:
            self._writer.put(Snapshot(self._seq, at_ns, self.engine.save()))
            while self._writer.depth() > BEHIND:
                time.sleep(0.01)

    def close(self) -> None:
        """Write the rest."""
        if not self._writer.close(60.0):
            raise OSError("the journal could not be written")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _refuse(trouble: Trouble) -> None:
    raise OSError(trouble.detail)


def record(folder: Path, count: int) -> None:
    """A journal of ``count`` sentences of the usual load, a tick a second, ending now."""
    vehicle = configuration([f"memory:{index}" for index in range(WIRES)])
    at_ns = time.time_ns() - round(count / 2_000 * NS_PER_S)
    tick_ns = at_ns + NS_PER_S
    names = [device.id for device in vehicle.devices]
    with Recording(folder, vehicle, at_ns) as recording:
        for number, said in enumerate(traffic(at_ns)):
            if number == count:
                break
            while said.at_ns >= tick_ns:
                recording.put(tick_ns, Kind.TICK, "console", b"")
                tick_ns += NS_PER_S
            recording.put(said.at_ns, Kind.OCTETS, names[said.wire], said.octets)


def kept(count: int) -> Path:
    """A journal of that size, kept in the temporary folder for the next time while its snapshots can be read."""
    folder = Path(tempfile.gettempdir()) / f"command-post-bench-{count}"
    finished = folder / "finished"
    if finished.exists() and _is_usable(folder):
        return folder
    if folder.exists():
        for file in folder.iterdir():
            file.unlink()
    record(folder, count)
    finished.touch()
    return folder


def _is_usable(folder: Path) -> bool:
    reader = Reader(folder)
    try:
        snapshot = reader.snapshot()
        if snapshot is None:
            return False
        new_engine().restore(snapshot.state)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return False
    else:
        return True
    finally:
        reader.close()
