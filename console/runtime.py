"""The engine's thread: one asyncio loop through which everything comes to the one door.

A record is numbered, queued for the journal and stepped, in this order; effects are executed and pictures published
only up to the last committed number.  While the journal cannot be written the console goes on, says so, and sends
texts only after the operator confirmed.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

import msgspec

from console import effects
from console.allotment import Allotment
from console.camera_reports import Report
from console.cameras import Cameras
from console.clock import ConsoleClock
from console.configuration.model import Configuration, DeviceConfiguration, without_secrets
from console.connections import Connection
from console.effects import Effect
from console.engine import Engine
from console.execution import Executor, Listener
from console.journal import store
from console.journal.histories import HistoryKeeper
from console.journal.writer import QUEUE_RECORDS, RING_BYTES, Snapshot, Trouble, Writer
from console.orders import Order
from console.picture import Picture
from console.publishing import Publisher
from console.recordings import Recordings
from console.records import Kind, Record, pack
from console.replay import continue_journal, new_engine
from console.supervision import Life, Supervisor
from devices.catalogue import entries
from devices.driver import NS_PER_S

SNAPSHOT_RECORDS = 2_000
SNAPSHOT_NS = 60 * NS_PER_S
UNRECORDED_SNAPSHOT_NS = 5 * NS_PER_S
"""While nothing can be written: after a loss the journal goes on from a snapshot only, and room may come any time."""
TICK_S = 1.0
STOP_S = 10.0
UNRECORDED_STOP_S = 2.0
TURN_S = 0.002
"""How long wires that always have more keep the loop from ticks, commits and one another."""
VERSION = "0.1.0"

_MAY_CHANGE_BEARERS = frozenset({Kind.OCTETS, Kind.WIRE})
"""Between ticks; what they change in a bearer is a line of the log."""


class Runtime:
    """One run of the console on one incident folder.

    ``on_picture`` gets every published picture, ``on_commit`` every committed number; both in the engine's thread.
    ``ring_bytes`` is what waits in memory while the journal cannot be written; ``broken_file`` is the configuration
    file in whose stead its last good copy is used.
    """

    def __init__(
        self,
        configuration: Configuration,
        folder: Path,
        *,
        on_picture: Callable[[Picture], None] | None = None,
        on_commit: Callable[[int], None] | None = None,
        ring_bytes: int = RING_BYTES,
        broken_file: Path | None = None,
    ) -> None:
        self.configuration = configuration
        self.folder = folder
        self._broken_file = broken_file
        self.engine: Engine = new_engine()
        self.cameras: Cameras | None = None
        self.allotment = Allotment(lambda: self.engine.tables, self.now_ns)
        self.on_picture = on_picture
        self._publisher = Publisher(lambda picture: self.on_picture(picture) if self.on_picture else None)
        self._on_commit = on_commit
        self._ring_bytes = ring_bytes
        self._turn_at = 0.0
        self._executor = Executor(lambda: self.configuration, self.now_ns, self.put, self._do)
        self._seq = 0
        self._notice_number = 0
        self._snapshot_seq = 0
        self._snapshot_ns = 0
        self._is_recorded = True
        self._ready = threading.Event()
        self._gate = asyncio.Event()
        self._drained = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None
        self._supervisor: Supervisor | None = None
        self._crash: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    # ---- life, from outside

    def open(self) -> None:
        """Take the folder, continue what it holds, and begin to write.

        Raises:
            OperatorError: the folder cannot be used, or another console uses it.
        """
        self._opened = opened = continue_journal(self.folder)
        self.engine = opened.engine
        self.clock = ConsoleClock(opened.tail.at_ns)
        self._writer = Writer(
            self.folder,
            opened.tail,
            opened.connection,
            on_commit=self._commit_told,
            on_trouble=self._trouble_told,
            ring_bytes=self._ring_bytes,
        )
        self._history = HistoryKeeper(self._writer.put)
        self._seq = self._snapshot_seq = opened.tail.seq
        self._notice_number = opened.tail.notice_number

    def start(self) -> None:
        """Open if not yet open, and let the engine's thread run; returns when the run's first record is taken in."""
        if not hasattr(self, "_writer"):
            self.open()
        self._writer.start()
        self._thread.start()
        self._ready.wait(STOP_S)
        store.begin_reserve(self.folder)

    @property
    def is_running(self) -> bool:
        """Whether the engine's thread lives."""
        return self._thread.is_alive()

    def stop(self) -> Picture:
        """End in order: wires closed, drained, committed, stepped.  Returns the final picture."""
        if self._loop is not None and self._ending is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join(STOP_S * 3)
        self._writer.close(STOP_S)
        self._opened.lock.release()
        if self._crash is not None:
            raise self._crash
        return self.engine.picture()

    # ---- the desk, any thread

    def now_ns(self) -> int:
        """Console time."""
        return self.clock.now_ns()

    def submit(self, order: Order) -> None:
        """Put an order through the door."""
        said = {"type": type(order).__name__, **msgspec.to_builtins(order)}
        self.call(lambda: self.put(Kind.ORDER, "operator", pack(said)))

    def call(self, function: Callable[[], None]) -> None:
        """Run a function in the engine's thread, soon."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function)

    def call_later(self, wait_s: float, function: Callable[[], None]) -> None:
        """Run a function in the engine's thread after a while.  Engine's thread only."""
        if self._loop is not None:
            self._loop.call_later(wait_s, function)

    def spawn(self, work: Life) -> None:
        """Run a coroutine in the engine's loop."""
        self.call(lambda: self._do("console", work))

    def listen(self, device_id: str | None, listener: Listener | None) -> None:
        """Let ``listener`` see every record and every sending of one device, in the engine's thread."""
        self._executor.listen(device_id, listener)

    # ---- the door, engine's thread only

    def put(self, kind: Kind, source: str, payload: bytes, peer: str = "") -> None:
        """Number, queue, step."""
        self._seq = seq = self._seq + 1
        record = Record(seq, self.clock.now_ns(), kind, source, peer, payload)
        self._writer.put(record)
        effects = self.engine.step(record)
        self._executor.heard(record)
        tables = self.engine.tables
        if tables.notice_count > self._notice_number:
            self._write_notices(seq)
            if kind in _MAY_CHANGE_BEARERS and self._loop is not None:
                self._loop.call_soon(self.allotment.revise)
        if kind == Kind.TICK:
            self._history.take(tables)
        for effect in effects:
            self._take_effect(seq, effect)
        if seq - self._snapshot_seq >= SNAPSHOT_RECORDS:
            self._snapshot_now()
        if self.on_picture is not None and self._loop is not None:
            self._publisher.plan(self._loop, self.engine)

    async def ready(self) -> None:
        """Back-pressure: return when the journal is not too far behind and the others have had their turn."""
        if self._writer.depth() > QUEUE_RECORDS:
            self._gate.clear()
        if not self._gate.is_set():
            await self._gate.wait()
        loop = asyncio.get_running_loop()
        if loop.time() - self._turn_at > TURN_S:
            await asyncio.sleep(0)
            self._turn_at = loop.time()

    def _write_notices(self, seq: int) -> None:
        for notice in self.engine.tables.notices:
            if notice.number > self._notice_number:
                self._writer.put((seq, notice))
        self._notice_number = self.engine.tables.notice_count

    def _take_effect(self, seq: int, effect: Effect) -> None:
        if isinstance(effect, effects.FaultFound):
            self.put(Kind.FAULT, effect.source, pack({"where": effect.source, "traceback": effect.traceback}))
        elif self._is_recorded:
            self._executor.when_committed(seq, effect)
        else:
            self._executor.execute(effect)

    # ---- what is on disk

    def _commit_told(self, seq: int) -> None:
        self.call(lambda: self._committed(seq))

    def _committed(self, seq: int) -> None:
        if not self._gate.is_set() and self._writer.depth() < QUEUE_RECORDS // 2:
            self._gate.set()
        if seq >= self._seq:
            self._drained.set()
        self._executor.committed(seq)
        self._publisher.committed(seq)
        if self._on_commit is not None:
            self._on_commit(seq)

    def _trouble_told(self, trouble: Trouble) -> None:
        self.call(lambda: self._journal_changed(trouble))

    def _journal_changed(self, trouble: Trouble) -> None:
        self._is_recorded = self._publisher.is_recorded = trouble.reason is None
        said = {"state": "recorded" if self._is_recorded else "unrecorded", **asdict(trouble)}
        self.put(Kind.JOURNAL, "console", pack(said))
        if self._is_recorded:
            store.begin_reserve(self.folder)
            return
        self._executor.give_up_waiting()

    # ---- the thread

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as crash:  # noqa: BLE001 - carried to the thread that stops us
            self._crash = crash
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ending = asyncio.Event()
        self._gate.set()
        self._begin()
        self._recordings = Recordings(self.folder, self.configuration, self.now_ns, self.put)
        async with (
            asyncio.TaskGroup() as group,
            Cameras(
                self._camera_told, now_ns=self.now_ns, keeping=self._recordings.keeping, on_fault=self._fault_told
            ) as self.cameras,
        ):
            self._supervisor = supervisor = Supervisor(group, self._fault_told)
            ticking = supervisor.begin("console", self._tick)
            for device in self.configuration.devices:
                self.open_wire(device)
            self._executor.cameras, self._executor.recordings = self.cameras, self._recordings
            self.allotment.begin(self.cameras)
            keeping = supervisor.begin("console", partial(self._recordings.live, self.cameras))
            watching = supervisor.begin("console", self._executor.watch)
            self._ready.set()
            await self._ending.wait()
            for lasting in (ticking, keeping, watching):
                lasting.cancel()
            for connection in self._executor.connections.values():
                await connection.stop()
            self._supervisor = None
        self.put(Kind.STOP, "console", b"")
        self._snapshot_now()
        await self._drain()

    def _do(self, source: str, work: Life) -> None:
        if self._supervisor is not None:
            self._supervisor.begin_once(source, work)

    def _begin(self) -> None:
        said = {
            "configuration": msgspec.to_builtins(without_secrets(self.configuration)),
            "version": VERSION,
            "last_ns": self._opened.tail.at_ns,
            "is_clock_doubtful": self.clock.is_doubtful,
            "broken_file": str(self._broken_file) if self._broken_file else None,
            "damaged": self._opened.damaged.name if self._opened.damaged else None,
        }
        self.put(Kind.START, "console", pack(said))
        self._snapshot_now()

    def _snapshot_now(self) -> None:
        self._snapshot_seq = self._seq
        self._snapshot_ns = self.engine.tables.at_ns
        self._writer.put(Snapshot(self._seq, self._snapshot_ns, self.engine.save()))

    def open_wire(self, device: DeviceConfiguration) -> None:
        """Open this device's wire.  Engine's thread only."""
        if self._supervisor is not None:
            framing = entries()[device.driver].framing
            connection = Connection(device, framing, self, self._supervisor.begin, random.random)
            self._executor.connections[device.id] = connection
            connection.start()

    def _camera_told(self, camera_id: str, said: Report) -> None:
        self.put(Kind.CAMERA, camera_id, pack(dict(said)))

    def _fault_told(self, source: str, text: str) -> None:
        self.put(Kind.FAULT, source, pack({"where": source, "traceback": text}))

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            due_s = max(due_s + TICK_S, loop.time() - TICK_S)
            await asyncio.sleep(max(0.0, due_s - loop.time()))
            jump_ns = self.clock.jump_ns()
            if jump_ns is not None:
                self.put(Kind.CLOCK, "console", pack({"step_ns": jump_ns}))
            self.put(Kind.TICK, "console", b"")
            self.allotment.revise()
            due_ns = SNAPSHOT_NS if self._is_recorded else UNRECORDED_SNAPSHOT_NS
            if self.engine.tables.at_ns - self._snapshot_ns >= due_ns:
                self._snapshot_now()

    async def _drain(self) -> None:
        """Wait until everything is on disk, or the disk has refused for too long."""
        self._drained.clear()
        if self._writer.committed < self._seq:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._drained.wait(), STOP_S if self._is_recorded else UNRECORDED_STOP_S)
