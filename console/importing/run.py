"""Watches the worker: hands on its lines, ends it when told to, gives the result its name only when it is whole.

Everything is made in a hidden folder beside the result, which goes whatever happens; one that a killed import left is
swept by the next.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import msgspec
import numpy as np

from console.importing import extra
from console.importing.job import VOID, Job, Progress, Refused, Report, Skipped, understood
from console.importing.source import recognise
from console.importing.trouble import refusal
from console.trouble import OperatorError

_LOG = logging.getLogger(__name__)
_TAIL_BYTES = 4_000
_ROOT = Path(__file__).resolve().parents[2]
_ENDS_WITHIN_S = 5.0
_LINE_LIMIT_BYTES = 1 << 20
_MEMORY = 4
"""The worker's exit code where memory was not enough."""


def bring_in(job: Job, *, may_replace: bool, on_progress: Callable[[Progress], None]) -> Report:
    """Do the job; the report names the final place.

    Raises:
        OperatorError: it cannot be done; nothing is left under the final name.
        KeyboardInterrupt: it was cancelled; the same holds.
    """
    if not extra.is_there():
        raise refusal("no_extra", command=extra.INSTALL)
    out = Path(job.out)
    out = out.parent.resolve() / out.name
    if out.exists() and not may_replace:
        raise refusal("exists", file=out.name)
    if not out.parent.is_dir():
        raise refusal("no_folder", folder=str(out.parent))
    with _workplace(out) as workplace:
        source = recognise(Path(job.source), workplace)
        part = workplace / f"result{out.suffix}"
        inner = msgspec.structs.replace(job, source=str(source.path), kind=source.kind, out=str(part))
        report = _watch(inner, workplace / "complaints", on_progress)
        _put(part, out)
    links = [Skipped(reason=reason, count=count) for reason, count in source.left_out.items()]
    return msgspec.structs.replace(report, out=str(out), skipped=[*report.skipped, *links])


@contextlib.contextmanager
def _workplace(out: Path) -> Iterator[Path]:
    """The hidden folder beside ``out``, this process's alone; SIGTERM ends like SIGINT meanwhile."""
    folder = out.parent / f".{out.name}.part"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise refusal("unwritable", file=str(out), detail=error.strerror or str(error)) from None
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise refusal("running", file=out.name) from None
        try:
            _empty(folder)
            yield folder
        except OSError as error:
            raise refusal("unwritable", file=str(out), detail=error.strerror or str(error)) from None
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def _watch(job: Job, complaints: Path, on_progress: Callable[[Progress], None]) -> Report:
    """Run the worker to its end; what libraries complain of goes into a file, told only where the worker failed."""
    with complaints.open("wb") as file:
        worker = subprocess.Popen(
            [sys.executable, "-m", "console.importing.worker"],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=file,
            start_new_session=True,  # Ctrl+C is for this process; it ends the worker itself
        )
    answer: Report | Refused | None = None
    try:
        assert worker.stdin is not None and worker.stdout is not None  # noqa: S101, PT018 - both are pipes
        with contextlib.suppress(BrokenPipeError), worker.stdin:
            worker.stdin.write(msgspec.json.encode(job))
        while raw := worker.stdout.readline(_LINE_LIMIT_BYTES):
            line = understood(raw)
            if isinstance(line, Progress):
                on_progress(line)
            elif line is not None:
                answer = line
        code = worker.wait()
    finally:
        if worker.poll() is None:
            worker.kill()
            worker.wait(_ENDS_WITHIN_S)
        if worker.stdout is not None:
            worker.stdout.close()
    if isinstance(answer, Refused):
        raise OperatorError(*answer.texts())
    if answer is None or code != 0:
        _LOG.error("%s", complaints.read_bytes()[-_TAIL_BYTES:].decode("utf-8", "replace"))
        raise refusal("memory" if code == _MEMORY else "crashed", file=job.file_name, code=code)
    return answer


def _put(part: Path, out: Path) -> None:
    """Give the result its name, on the disk first."""
    if part.is_dir() and out.is_dir():
        for file in sorted(part.iterdir()):
            old = out / file.name
            if old.exists():
                fill_voids(file, old)
            _sync(file)
            file.replace(old)
        _sync(out)
        return
    for file in sorted(part.iterdir()) if part.is_dir() else [part]:
        _sync(file)
    part.replace(out)
    _sync(out.parent)


def fill_voids(new: Path, old: Path) -> None:
    """Keep the heights of ``old`` where ``new`` has none: two models often meet within one square degree."""
    heights, before = (np.fromfile(file, dtype=">i2") for file in (new, old))
    if heights.shape == before.shape:
        np.where(heights == VOID, before, heights).astype(">i2").tofile(new)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
