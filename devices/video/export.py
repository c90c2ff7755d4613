"""The exporter's process: ``python -m devices.video.export``; recorded files become MP4 with a SHA-256 list.

One ``Export`` comes as a JSON line on stdin, ``Exported`` lines go to stdout.  Nothing is encoded again.  Recordings
that follow each other become one film, a break or another size of picture begins the next.  Everything is written into
a folder of another name, which gets its own when all of it is on the disk: there is no half export.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from types import FrameType
from typing import Any

from devices.video.bond import die_with_parent, speak_plainly
from devices.video.film import Film, FilmError, Footage, read_footage
from devices.video.messages import Export, Exported, ExportFile, MessageError, pack, unpack

LIST = "SHA256SUMS"
CONTENTS = "recordings.json"
_TOLD_S = 0.5
_HASHED_AT_ONCE = 1 << 20
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class ExportError(Exception):
    """There is no export; the first argument is the reason word."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


@dataclass(slots=True)
class _Work:
    """What is being exported, and how far it is."""

    wanted: Export
    tell: Callable[[Exported], None]
    total_bytes: int = 0
    done_bytes: int = 0
    left_out: list[str] = field(default_factory=list)
    films: list[dict[str, Any]] = field(default_factory=list)
    told_s: float = 0.0

    def advance(self, folder: Path, size_bytes: int) -> None:
        """So much more of the recordings was read; ends the export before the disk is full."""
        self.done_bytes += size_bytes
        now_s = time.monotonic()
        if now_s - self.told_s < _TOLD_S:
            return
        self.told_s = now_s
        if shutil.disk_usage(folder).free < self.wanted.spare_bytes:
            raise ExportError("disk-full")
        self.tell(Exported(is_done=False, done_bytes=self.done_bytes, total_bytes=self.total_bytes))


def export(wanted: Export, tell: Callable[[Exported], None]) -> Exported:
    """Make the folder ``wanted.out``; ``tell`` hears how far it is.  Whatever fails leaves nothing behind."""
    out, part = Path(wanted.out), part_of(wanted)
    work = _Work(wanted, tell)
    try:
        _begin(work, out, part)
        for _, files in groupby(_in_order(wanted.files), key=lambda file: (file.camera_id, _is_clip(file))):
            _write_films(work, part, list(files))
        _write_lists(work, part)
        part.rename(out)
        _sync(out.parent)
    except ExportError as error:
        return _failed(work, part, error.reason, error.detail)
    except (OSError, FilmError) as error:
        is_full = getattr(error, "errno", None) in _FULL
        return _failed(work, part, "disk-full" if is_full else "unwritable", str(error))
    return Exported(
        is_done=True,
        done_bytes=work.done_bytes,
        total_bytes=work.total_bytes,
        made=len(work.films),
        left_out=len(work.left_out),
    )


def part_of(wanted: Export) -> Path:
    """Where the export is written until all of it is on the disk."""
    out = Path(wanted.out)
    return out.with_name(f".{out.name}.part")


def _begin(work: _Work, out: Path, part: Path) -> None:
    if out.exists():
        raise ExportError("exists", str(out))
    for file in work.wanted.files:
        with contextlib.suppress(OSError):
            work.total_bytes += Path(file.path).stat().st_size
    shutil.rmtree(part, ignore_errors=True)
    part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if shutil.disk_usage(part.parent).free - work.total_bytes < work.wanted.spare_bytes:
        raise ExportError("disk-full")
    part.mkdir(mode=0o700)


def _in_order(files: tuple[ExportFile, ...]) -> list[ExportFile]:
    return sorted(files, key=lambda file: (file.camera_id, _is_clip(file), file.utc_start_ns, file.path))


def _is_clip(file: ExportFile) -> bool:
    return "-clip" in Path(file.path).name


def _write_films(work: _Work, part: Path, files: list[ExportFile]) -> None:
    """The films of one camera, from its files in order."""
    film: Film | None = None
    gaps: list[tuple[int, int]] = []
    sources: list[ExportFile] = []
    try:
        for file in files:
            footage = read_footage(Path(file.path), file.utc_start_ns, work.wanted.from_ns, work.wanted.to_ns)
            with contextlib.closing(footage):
                if footage.first is None:
                    if not footage.is_outside:
                        work.left_out.append(file.path)
                    continue
                if film is not None and not film.is_followed_by(footage):
                    _finish(work, film, sources, gaps)
                    film, gaps, sources = None, [], []
                film = film or _film(work, part, file, footage)
                for size_bytes in film.add(footage):
                    work.advance(part, size_bytes)
                sources.append(file)
                gaps += file.gaps
        if film is not None:
            _finish(work, film, sources, gaps)
            film = None
    finally:
        if film is not None:
            film.abandon()


def _film(work: _Work, part: Path, file: ExportFile, footage: Footage) -> Film:
    wanted = work.wanted
    is_drill = wanted.mode != "live"
    name = wanted.names.get(file.camera_id, file.camera_id)
    start = _moment(footage.start_ns)
    safe = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in file.camera_id)
    stem = f"{'DRILL_' if is_drill else ''}{safe}_{start.strftime('%Y%m%dT%H%M%SZ')}"
    stem += "_clip" if _is_clip(file) else ""
    path, number = part / f"{stem}.mp4", 1
    while path.exists():
        number += 1
        path = part / f"{stem}-{number}.mp4"
    told = {
        "title": f"{'演练 DRILL · ' if is_drill else ''}{name}",
        "comment": wanted.title,
        "creation_time": start.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    return Film(path, footage, told)


def _finish(work: _Work, film: Film, sources: list[ExportFile], gaps: list[tuple[int, int]]) -> None:
    film.close()
    _sync(film.path)
    camera_id = sources[0].camera_id
    work.films.append(
        {
            "file": film.path.name,
            "camera": camera_id,
            "name": work.wanted.names.get(camera_id, camera_id),
            "from": _moment(film.start_ns).isoformat(timespec="milliseconds"),
            "to": _moment(film.end_ns).isoformat(timespec="milliseconds"),
            "packets": film.packets,
            "gaps": [
                {"at": _moment(begin_ns).isoformat(timespec="milliseconds"), "missing_s": round(missing_ns / 1e9, 3)}
                for begin_ns, missing_ns in gaps
                if film.start_ns <= begin_ns <= film.end_ns
            ],
            "recordings": [{"file": Path(one.path).name, "sha256": sha256(Path(one.path))} for one in sources],
        }
    )


def _write_lists(work: _Work, part: Path) -> None:
    """What there is and where it came from, and the hash of all of it as ``sha256sum -c`` reads it."""
    if not work.films:
        raise ExportError("nothing")
    wanted = work.wanted
    contents = {
        "incident": wanted.title,
        "mode": wanted.mode,
        "asked_from": _moment(wanted.from_ns).isoformat(timespec="milliseconds"),
        "asked_to": _moment(wanted.to_ns).isoformat(timespec="milliseconds"),
        "films": work.films,
        "unreadable": [Path(path).name for path in work.left_out],
    }
    _write(part / CONTENTS, json.dumps(contents, ensure_ascii=False, indent=1).encode())
    names = sorted([*(film["file"] for film in work.films), CONTENTS])
    _write(part / LIST, "".join(f"{sha256(part / name)}  {name}\n" for name in names).encode())
    _sync(part)


def _write(path: Path, octets: bytes) -> None:
    path.write_bytes(octets)
    _sync(path)


def sha256(path: Path) -> str:
    """The file's SHA-256 in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while octets := file.read(_HASHED_AT_ONCE):
            digest.update(octets)
    return digest.hexdigest()


def _moment(at_ns: int) -> datetime:
    return datetime.fromtimestamp(at_ns // 1_000_000_000, UTC).replace(microsecond=at_ns // 1000 % 1_000_000)


def _sync(path: Path) -> None:
    if path.is_dir() and os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _failed(work: _Work, part: Path, reason: str, detail: str) -> Exported:
    if reason != "exists":
        shutil.rmtree(part, ignore_errors=True)
    return Exported(
        is_done=True,
        done_bytes=work.done_bytes,
        total_bytes=work.total_bytes,
        left_out=len(work.left_out),
        reason=reason,
        detail=detail[:300] or None,
    )


def _speak(said: Exported) -> None:
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.buffer.write(pack(said))
        sys.stdout.buffer.flush()


def _end_in_order(part: Path) -> None:
    """From now on SIGTERM, also that of a parent that dies, removes what is half written and ends the process.

    At once and not by an exception: inside the library one may be lost.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        shutil.rmtree(part, ignore_errors=True)
        os._exit(1)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def main() -> int:
    """Do the one export that is asked for."""
    die_with_parent()
    speak_plainly()
    with contextlib.suppress(AttributeError, OSError):
        os.nice(10)
    try:
        wanted = unpack(sys.stdin.buffer.readline())
    except MessageError:
        return 2
    if not isinstance(wanted, Export):
        return 2
    _end_in_order(part_of(wanted))
    done = export(wanted, _speak)
    _speak(done)
    return 0 if done.reason is None else 1


if __name__ == "__main__":
    sys.exit(main())
