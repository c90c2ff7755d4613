"""Replay beside the live incident: a second engine with a pace, in a thread of its own.

The journal is opened read-only; no effect is ever executed.  A dead time (no ticks were written) is not waited
through: the replay goes on at its end, and the time bar draws the gap.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from console.bearer_queries import BearerHistoryRequest
from console.clock import steady_ns
from console.desk import understand
from console.drawn_files import answer
from console.engine import Engine
from console.export.films import Exports
from console.journal.reader import Reader
from console.journal.recordings import RecordingIndex
from console.lens import Lens
from console.orders import Order
from console.picture import Picture
from console.playback import Playback
from console.queries import (
    DrawnWriteRequest,
    ExportRequest,
    NoticesRequest,
    Page,
    RecordingsRequest,
    RecordLine,
    RecordsRequest,
    ReplayState,
    Request,
    TimelineRequest,
)
from console.records import Record
from console.replay import catch_up, engine_at, new_engine, play
from console.sights import Footage, Showing
from console.trouble import OperatorError
from devices.driver import NS_PER_S
from devices.video.playing import Moment

FRAME_S = 0.1
REACH_S = 0.25
"""So long recordings go on by their own clock without news from here."""

LONG_NS = 3 * NS_PER_S
"""No record for longer than this: nothing ran, for a tick comes every second."""
SPEEDS = (0.5, 60.0)

OnPicture = Callable[[Picture, ReplayState], None]


class Player:
    """A replayed journal as a desk; starts paused at its first moment, or at ``at_ns``."""

    def __init__(self, folder: Path, on_picture: OnPicture, at_ns: int | None = None) -> None:
        """Open it.

        Raises:
            OperatorError: there is no readable journal in this folder.
        """
        self._reader = Reader(folder)
        self._pages = Reader(folder)
        self._recordings = RecordingIndex()
        self._exports = Exports()
        self._playback = Playback(folder)
        self._folder = folder
        self._on_picture = on_picture
        self._from_ns, self._to_ns, _ = self._reader.span()
        self._engine: Engine = new_engine()
        self._ahead: Iterator[Record] = iter(())
        self._next: Record | None = None
        self._at_ns = at_ns if at_ns is not None else self._from_ns
        self._speed = 0.0
        self._anchor_ns = self._at_ns
        self._anchor_steady_ns = steady_ns()
        self._at_monotonic_ns = time.monotonic_ns()
        self._wanted_ns: int | None = self._at_ns
        self._steps = 0
        self._is_open = True
        self._changed = threading.Condition()
        self._paging = threading.Lock()
        self._listener: tuple[str, Callable[[RecordLine], None]] | None = None
        self._thread = threading.Thread(target=self._run, name="replay", daemon=True)
        self._thread.start()

    # ---- a desk

    def now_ns(self) -> int:
        """The replayed moment."""
        return self._at_ns

    def submit(self, order: Order) -> None:
        """No order reaches an engine in replay: the bridge has refused it already."""
        del order

    def ask(self, request: Request, on_page: Callable[[Page | None], None]) -> Callable[[], None]:
        """Answer from the journal, nothing later than the replayed moment."""
        if isinstance(request, ExportRequest):
            return self._exports.begin(self._folder, request, on_page, until_ns=self._at_ns)
        if isinstance(request, DrawnWriteRequest):
            threading.Thread(target=lambda: on_page(answer(request)), name="replay-page", daemon=True).start()
            return lambda: None
        threading.Thread(target=self._answer, args=(request, on_page), name="replay-page", daemon=True).start()
        return lambda: None

    def _answer(self, request: Request, on_page: Callable[[Page | None], None]) -> None:
        page: Page | None = None
        try:
            with self._paging:
                if self._is_open:
                    page = self._page(request)
        except (OperatorError, sqlite3.Error):
            page = None
        on_page(page)

    def _page(self, request: Request) -> Page | None:
        at_ns, tables = self._at_ns, self._engine.tables
        match request:
            case NoticesRequest():
                return self._pages.notices(request, until_ns=at_ns)
            case RecordsRequest():
                page = self._pages.lines(request, until_seq=self._pages.seq_at(at_ns))
                return understand(page, tables.configuration)
            case TimelineRequest():
                # All of them: a gap after the replayed moment is a hole in the bar all the same.
                return self._pages.timeline(tuple(catch_up(self._pages).tables.gaps))
            case BearerHistoryRequest():
                return self._pages.history(request, until_ns=at_ns)
            case RecordingsRequest():
                return self._pages.recordings(request, self._recordings, at_ns=at_ns)
            case _:
                return None

    def watch(self, device_id: str | None, on_lines: Callable[[list[RecordLine]], None]) -> None:
        """Hand over the replayed octets of one device while it plays."""
        device = next((d for d in self._engine.tables.configuration.devices if d.id == device_id), None)
        if device is None:
            self._listener = None
            return
        lens = Lens(device.driver, device.settings)
        self._listener = (device.id, lambda line: on_lines([lens.look(line)]))

    def show_cameras(self, wanted: Showing) -> None:
        """Play what these cameras recorded, at these sizes, and no others."""
        self._playback.show(wanted)

    def footage(self, camera_id: str) -> Footage | None:
        """What is played of this camera now; ``None``: nobody asked for it."""
        return self._playback.footage(camera_id)

    # ---- a desk whose time can be moved

    def seek(self, at_ns: int) -> None:
        """Go to this moment, within the journal."""
        with self._changed:
            self._wanted_ns = min(max(at_ns, self._from_ns), self._to_ns)
            self._changed.notify()

    def set_speed(self, speed: float) -> None:
        """0 pauses; else 0.5..60."""
        with self._changed:
            self._speed = 0.0 if speed <= 0 else min(max(speed, SPEEDS[0]), SPEEDS[1])
            self._anchor()
            self._changed.notify()

    def step(self) -> None:
        """One record further, paused."""
        with self._changed:
            self._speed = 0.0
            self._steps += 1
            self._changed.notify()

    def state(self) -> ReplayState:
        """Where it stands."""
        return ReplayState(
            title=self._folder.name, from_ns=self._from_ns, to_ns=self._to_ns, at_ns=self._at_ns, speed=self._speed
        )

    def close(self) -> None:
        """End it."""
        with self._changed:
            self._is_open = False
            self._changed.notify()
        self._playback.close()
        self._thread.join(5.0)
        with self._paging:
            self._pages.close()

    # ---- the thread

    def _anchor(self) -> None:
        self._anchor_ns = self._at_ns
        self._anchor_steady_ns = steady_ns()
        self._at_monotonic_ns = time.monotonic_ns()

    def _run(self) -> None:
        try:
            while True:
                with self._changed:
                    if not (self._wanted_ns is not None or self._steps or not self._is_open):
                        self._changed.wait(FRAME_S if self._speed else None)
                    if not self._is_open:
                        return
                    wanted_ns, self._wanted_ns = self._wanted_ns, None
                    steps, self._steps = self._steps, 0
                self._move(wanted_ns, steps)
                self._lead_playback()
                self._on_picture(self._engine.picture(), self.state())
        finally:
            self._reader.close()

    def _lead_playback(self) -> None:
        """Recordings follow the clock from here; nothing later than this replay has come to is shown.

        The moment goes out with the time for which it was reckoned: dated by when the records up to it had been taken,
        their clock would be set back each time.
        """
        reach_ns = round(REACH_S * NS_PER_S * self._speed)
        moment = Moment(at_ns=self._at_ns, monotonic_ns=self._at_monotonic_ns, speed=self._speed, reach_ns=reach_ns)
        self._playback.follow(moment)

    def _move(self, wanted_ns: int | None, steps: int) -> None:
        if wanted_ns is not None:
            self._jump(wanted_ns)
        for _ in range(steps):
            if self._next is not None:
                self._at_ns = max(self._at_ns, self._next.at_ns)
                self._take()
        if self._speed and wanted_ns is None:
            self._advance()

    def _jump(self, at_ns: int) -> None:
        self._engine = engine_at(self._reader, at_ns)
        if not self._engine.tables.seq:
            first = next(self._reader.records(), None)
            if first is not None:
                self._engine = play(new_engine(), self._reader, until_ns=first.at_ns)
        self._ahead = self._reader.records(self._engine.tables.seq)
        self._next = next(self._ahead, None)
        self._at_ns = max(at_ns, self._from_ns)
        self._anchor()

    def _advance(self) -> None:
        self._at_monotonic_ns = time.monotonic_ns()
        target_ns = self._anchor_ns + round((steady_ns() - self._anchor_steady_ns) * self._speed)
        if self._next is not None and self._next.at_ns - self._at_ns > LONG_NS:
            target_ns = self._next.at_ns
            self._at_ns = target_ns
            self._anchor()
        while self._next is not None and self._next.at_ns <= target_ns:
            self._take()
        if self._next is None:
            self._refresh_end()
            target_ns = min(target_ns, self._to_ns)
            if self._next is None and target_ns >= self._to_ns:
                self._speed = 0.0
        self._at_ns = max(self._at_ns, target_ns)

    def _refresh_end(self) -> None:
        """A journal that is still being written has grown meanwhile."""
        self._to_ns = max(self._to_ns, self._reader.span()[1])
        self._ahead = self._reader.records(self._engine.tables.seq)
        self._next = next(self._ahead, None)

    def _take(self) -> None:
        record = self._next
        if record is None:
            return
        self._engine.step(record)
        if self._listener is not None and self._listener[0] == record.source:
            self._listener[1](RecordLine(**record._asdict()))
        self._next = next(self._ahead, None)
