"""The index beside a camera's recordings: JSON lines, appended and synced, so that any minute can be found again.

It stands without the journal.  Each file has a line ``opened`` and, when it ended in order, a line ``closed``; a file
without the second (the power went) gets a line ``recovered`` when the recorder starts again.  A clip has one line,
``saved``.  Times: ``utc_*_ns`` console time, ``*_pts_ns`` the source's own.  URLs are redacted.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

import msgspec

from devices.video.messages import Segment, recorded_start_ns

FILE_NAME = "index.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """``missing_ns`` of the source's time are not in the file, before the packet of ``pts_ns``.

    ``utc_ns`` is console time of the packet before.
    """

    pts_ns: int
    missing_ns: int
    utc_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the index."""

    event: Literal["opened", "closed", "recovered", "saved"]
    file: str
    source: str
    url: str
    codec: str
    utc_start_ns: int
    utc_end_ns: int | None = None
    first_pts_ns: int | None = None
    last_pts_ns: int | None = None
    packets: int | None = None
    size_bytes: int | None = None
    gaps: tuple[Gap, ...] = field(default=())
    reason: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    clip_id: str | None = None


_KEYS = frozenset(item.name for item in fields(Entry))


def append(folder: Path, entry: Entry) -> None:
    """Write one line and sync it.  Raises ``OSError``."""
    line = msgspec.json.encode(asdict(entry)) + b"\n"
    descriptor = os.open(folder / FILE_NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size_bytes = os.fstat(descriptor).st_size
        if os.write(descriptor, line) < len(line):
            # A full disk took half of it, and the next line would be spoilt too.
            os.ftruncate(descriptor, size_bytes)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(folder: Path) -> list[dict[str, Any]]:
    """All readable lines; a torn one (power cut in the middle) is left out."""
    path = folder / FILE_NAME
    if not path.exists():
        return []
    entries = []
    for line in path.read_bytes().splitlines():
        try:
            value = msgspec.json.decode(line)
        except msgspec.DecodeError:
            continue
        if isinstance(value, dict) and "file" in value:
            entries.append(value)
    return entries


def report(entry: Entry) -> Segment:
    """What the console is told of this line."""
    return Segment(
        event=entry.event,
        file=entry.file,
        utc_start_ns=entry.utc_start_ns,
        utc_end_ns=entry.utc_end_ns,
        packets=entry.packets or 0,
        size_bytes=entry.size_bytes or 0,
        gaps=tuple((gap.utc_ns, gap.missing_ns) for gap in entry.gaps if gap.utc_ns is not None),
        codec=entry.codec or None,
        width_px=entry.width_px,
        height_px=entry.height_px,
        reason=entry.reason,
        clip_id=entry.clip_id,
    )


def recover(folder: Path, complete: Callable[[Entry], Entry], unfinished: Iterable[str] = ()) -> list[Entry]:
    """Complete what a dead recorder left open, and find the ends of the files named ``unfinished``.

    ``complete`` reads a file through and fills in what is known of it.  Gives an entry for each of them that is there.
    Raises ``OSError``.
    """
    path = folder / FILE_NAME
    if path.exists() and not path.read_bytes().endswith(b"\n"):
        with path.open("ab") as file:
            file.write(b"\n")
    begun, ended = _known(folder)
    found = []
    for name in dict.fromkeys([*(begun.keys() - ended.keys()), *unfinished]):
        start_ns = recorded_start_ns(name)
        kept = ended.get(name)
        if start_ns is None or not (folder / name).is_file():
            continue
        if kept is None:
            kept = begun.get(name) or Entry(
                event="opened", file=name, source=folder.name, url="", codec="", utc_start_ns=start_ns
            )
            kept = complete(kept)
            append(folder, kept)
        found.append(kept)
    return sorted(found, key=lambda entry: entry.utc_start_ns)


def _known(folder: Path) -> tuple[dict[str, Entry], dict[str, Entry]]:
    begun: dict[str, Entry] = {}
    ended: dict[str, Entry] = {}
    for value in read(folder):
        try:
            entry = msgspec.convert({key: value[key] for key in value.keys() & _KEYS}, Entry)
        except msgspec.ValidationError:
            continue
        (begun if entry.event == "opened" else ended)[entry.file] = entry
    return begun, ended
