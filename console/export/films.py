"""Recordings as MP4 for other people's players: which files, and the process that copies them."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from console.configuration.model import Configuration
from console.journal.reader import Reader
from console.journal.recordings import RecordingIndex
from console.keeping import camera_folder
from console.picture import Text, Value
from console.queries import ExportPage, ExportRequest, Page
from console.recordings import scan
from console.records import Kind, unpack
from console.trouble import OperatorError
from devices.driver import NS_PER_S
from devices.video.messages import (
    Export,
    Exported,
    ExportFile,
    MessageError,
    pack,
    recorded_start_ns,
)
from devices.video.messages import unpack as heard

FOLDER = "export"
_ROOT = Path(__file__).resolve().parents[2]

OnProgress = Callable[[int, int], None]
"""Octets read so far, and in all."""


def plan(folder: Path, request: ExportRequest, *, until_ns: int | None = None) -> Export:
    """What to export of an incident's folder, nothing later than ``until_ns``.

    Also recordings of which the journal knows nothing (it was damaged and begun anew).

    Raises:
        OperatorError: there is no readable journal in this folder.
    """
    reader = Reader(folder)
    try:
        configuration = _configuration(reader)
        index = RecordingIndex()
        index.take(reader.segments())
        _, last_ns, _ = reader.span()
    finally:
        reader.close()
    to_ns = request.to_ns if until_ns is None else min(request.to_ns, until_ns)
    known = {(told.camera_id, told.file): told for told in index.files()}
    files = []
    for camera_id, file in scan(folder).sizes:
        told = known.get((camera_id, file))
        from_ns = told.from_ns if told is not None else recorded_start_ns(file) or 0
        end_ns = told.to_ns if told is not None else None
        is_wanted = not request.camera_ids or camera_id in request.camera_ids
        if is_wanted and from_ns <= to_ns and (end_ns is None or end_ns >= request.from_ns):
            path = str((camera_folder(folder, camera_id) / file).absolute())
            gaps = told.gaps if told is not None else ()
            files.append(ExportFile(camera_id=camera_id, path=path, utc_start_ns=from_ns, utc_end_ns=end_ns, gaps=gaps))
    first_ns = min((file.utc_start_ns for file in files), default=last_ns)
    out = request.out or _free_folder(folder / FOLDER, max(request.from_ns, first_ns))
    return Export(
        files=tuple(files),
        out=str(out.absolute()),
        from_ns=request.from_ns,
        to_ns=to_ns,
        title=configuration.incident if configuration else "",
        mode=configuration.mode if configuration else "live",
        names={camera.id: camera.name for camera in configuration.cameras} if configuration else {},
        spare_bytes=_spare_bytes(folder, out, configuration),
    )


def _configuration(reader: Reader) -> Configuration | None:
    """That of the last run."""
    starts = reader.starts()
    if not starts:
        return None
    record = next(reader.records(starts[-1][0] - 1), None)
    if record is None or record.kind != Kind.START:
        return None
    return msgspec.convert(unpack(record.payload)["configuration"], Configuration)


def _spare_bytes(folder: Path, out: Path, configuration: Configuration | None) -> int:
    """On the incident's own disk the journal and the recordings must go on."""
    there = next(path for path in (out.absolute(), *out.absolute().parents) if path.exists())
    if configuration is None or there.stat().st_dev != folder.stat().st_dev:
        return 0
    return configuration.recording.floor_bytes


def _free_folder(parent: Path, from_ns: int) -> Path:
    stem = datetime.fromtimestamp(from_ns // NS_PER_S, UTC).strftime("%Y%m%dT%H%M%SZ")
    path, number = parent / stem, 1
    while path.exists():
        number += 1
        path = parent / f"{stem}-{number}"
    return path


class Exporting:
    """One export; ``cancel`` may come from any thread, also before it began."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._is_cancelled = False
        self._lock = threading.Lock()

    def run(self, wanted: Export, on_progress: OnProgress | None = None) -> ExportPage:
        """Export in a process of its own and wait for its end.  Raises ``OSError`` where none can be started."""
        with self._lock:
            if self._is_cancelled:
                return _failure(wanted.out, "failed", "")
            self._process = process = subprocess.Popen(
                [sys.executable, "-m", "devices.video.export"],
                cwd=_ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        done: Exported | None = None
        with process:
            for line in _answers(process, pack(wanted)):
                said = _said(line)
                if said is not None and said.is_done:
                    done = said
                elif said is not None and on_progress is not None:
                    on_progress(said.done_bytes, said.total_bytes)
        return _page(wanted, done)

    def cancel(self) -> None:
        """End it; nothing is left of it."""
        with self._lock:
            self._is_cancelled = True
            if self._process is not None and self._process.poll() is None:
                self._process.terminate()


def _answers(process: subprocess.Popen[bytes], line: bytes) -> Iterator[bytes]:
    """Everything the process says to this one line."""
    if process.stdin is None or process.stdout is None:
        return
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(line)
        process.stdin.close()
    yield from process.stdout


class Exports:
    """The exports that a window asked for, each in a thread that waits for its process."""

    def __init__(self) -> None:
        self._running: set[Exporting] = set()

    def begin(
        self,
        folder: Path,
        request: ExportRequest,
        on_page: Callable[[Page | None], None],
        *,
        until_ns: int | None = None,
    ) -> Callable[[], None]:
        """Export what is asked for; ``on_page`` is called in another thread.  Calling the result cancels it."""
        exporting = Exporting()
        self._running.add(exporting)

        def work() -> None:
            page: Page | None
            try:
                page = exporting.run(plan(folder, request, until_ns=until_ns))
            except OperatorError as trouble:
                page = ExportPage(is_good=False, text=trouble.text, remedy=trouble.remedy)
            except (OSError, sqlite3.Error) as error:
                page = _failure(str(request.out or folder), "failed", str(error))
            self._running.discard(exporting)
            on_page(page)

        threading.Thread(target=work, name="export", daemon=True).start()
        return exporting.cancel

    def close(self) -> None:
        """End what is running."""
        for exporting in list(self._running):
            exporting.cancel()


def _said(line: bytes) -> Exported | None:
    try:
        said = heard(line)
    except MessageError:
        return None
    return said if isinstance(said, Exported) else None


def _page(wanted: Export, done: Exported | None) -> ExportPage:
    """How it ended, in a sentence."""
    if done is None:
        return _failure(wanted.out, "failed", "")
    if done.reason is not None:
        return _failure(wanted.out, done.reason, done.detail or "")
    args: dict[str, Value] = {"films": done.made, "out": wanted.out, "left_out": done.left_out}
    text_id = "recording.export.done_without" if done.left_out else "recording.export.done"
    return ExportPage(is_good=True, text=Text(id=text_id, args=args), out=Path(wanted.out))


def _failure(out: str, reason: str, detail: str) -> ExportPage:
    return ExportPage(
        is_good=False,
        text=Text(id=f"recording.export.{reason}", args={"out": out, "detail": detail}),
        remedy=Text(id=f"recording.remedy.{reason}"),
    )
