"""The desk of the live incident: what the bridge asks, answered by the engine's thread or by a reader of its own."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from console.bearer_queries import BearerHistoryRequest
from console.configuration.model import Configuration
from console.drawn_files import answer
from console.export.films import Exports
from console.finding import Finder
from console.journal.reader import Reader
from console.journal.recordings import RecordingIndex
from console.lens import Lens
from console.orders import Order
from console.queries import (
    DrawnFileRequest,
    DrawnWriteRequest,
    ExportRequest,
    FindingRequest,
    MeasurePage,
    MeasureRequest,
    NoticesRequest,
    Page,
    RecordingsRequest,
    RecordLine,
    RecordsPage,
    RecordsRequest,
    Request,
    TimelineRequest,
)
from console.runtime import Runtime
from console.sights import Showing
from console.trouble import OperatorError

FLUSH_S = 0.1
RING_LINES = 2_000

Answer = Callable[[Page | None], None]


def understand(page: RecordsPage, configuration: Configuration) -> RecordsPage:
    """The page with what the drivers understood of each line; the oldest line may begin in the middle of a frame."""
    lenses = {device.id: Lens(device.driver, device.settings) for device in configuration.devices}
    looked = [lenses[line.source].look(line) if line.source in lenses else line for line in reversed(page.lines)]
    return replace(page, lines=tuple(reversed(looked)))


class LiveDesk:
    """What the window talks to while the incident is live."""

    def __init__(self, runtime: Runtime, *, file: Path | None = None) -> None:
        """``file`` is the person's own configuration, to which a confirmed find is added; ``None``: nothing is."""
        self._runtime = runtime
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="log-reader")
        self._reader: Reader | None = None
        self._recordings = RecordingIndex()
        self._exports = Exports()
        self._finder = Finder(runtime, file)
        self._lens: Lens | None = None
        self._ring: deque[RecordLine] = deque(maxlen=RING_LINES)
        self._is_flushing = False

    def now_ns(self) -> int:
        """Console time."""
        return self._runtime.now_ns()

    def submit(self, order: Order) -> None:
        """Put an order through the engine's door."""
        self._runtime.submit(order)

    def show_cameras(self, wanted: Showing) -> None:
        """Decode these cameras, at these sizes, and no others."""
        self._runtime.call(lambda: self._runtime.allotment.show(dict(wanted)))

    def close(self) -> None:
        """Stop answering."""
        self._exports.close()
        self._reading.shutdown(wait=False, cancel_futures=True)
        self._finder.close()
        if self._reader is not None:
            self._reader.interrupt()

    # ---- questions

    def ask(self, request: Request, on_page: Answer) -> Callable[[], None]:
        """Answer later; ``None`` if it could not be answered."""
        if isinstance(request, MeasureRequest):
            self._runtime.call(lambda: on_page(self._measure(request)))
            return lambda: None
        if isinstance(request, ExportRequest):
            return self._exports.begin(self._runtime.folder, request, on_page)
        if isinstance(request, FindingRequest):
            return self._finder.ask(request, on_page)
        future = self._reading.submit(self._read, request, on_page)

        def cancel() -> None:
            if not future.cancel() and not future.done() and self._reader is not None:
                self._reader.interrupt()

        return cancel

    def _measure(self, request: MeasureRequest) -> MeasurePage:
        limit = self._runtime.engine.measure(request.device_id, request.text)
        return MeasurePage(device_id=request.device_id, text=request.text, limit=limit)

    def _read(self, request: Request, on_page: Answer) -> None:
        if isinstance(request, DrawnFileRequest | DrawnWriteRequest):
            on_page(answer(request))
            return
        page: Page | None = None
        try:
            if self._reader is None:
                self._reader = Reader(self._runtime.folder)
            match request:
                case NoticesRequest():
                    page = self._reader.notices(request)
                case RecordsRequest():
                    page = understand(self._reader.lines(request), self._runtime.configuration)
                case TimelineRequest():
                    page = self._reader.timeline(tuple(self._runtime.engine.tables.gaps))
                case BearerHistoryRequest():
                    page = self._reader.history(request, until_ns=self._runtime.now_ns())
                case RecordingsRequest():
                    page = self._reader.recordings(request, self._recordings, at_ns=self._runtime.now_ns())
        except (OperatorError, sqlite3.Error):
            page = None
        on_page(page)

    # ---- live octets

    def watch(self, device_id: str | None, on_lines: Callable[[list[RecordLine]], None]) -> None:
        """Hand over the octets of this one device from now on, ten times a second at most."""
        self._runtime.call(lambda: self._watch(device_id, on_lines))

    def _watch(self, device_id: str | None, on_lines: Callable[[list[RecordLine]], None]) -> None:
        self._ring.clear()
        device = next((d for d in self._runtime.configuration.devices if d.id == device_id), None)
        if device is None:
            self._runtime.listen(None, None)
            return
        lens = Lens(device.driver, device.settings)

        def hear(line: RecordLine) -> None:
            self._ring.append(lens.look(line))
            if not self._is_flushing:
                self._is_flushing = True
                self._runtime.call_later(FLUSH_S, flush)

        def flush() -> None:
            self._is_flushing = False
            lines = list(self._ring)
            self._ring.clear()
            if lines:
                on_lines(lines)

        self._runtime.listen(device.id, hear)
