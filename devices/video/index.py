"""The index beside a camera's recordings: JSON lines, appended and synced, so that any minute can be found again.

Each file has a line ``opened`` and, when it ended in order, a line ``closed``; a file without the second (the power
went) gets a line ``recovered`` when the recorder starts again.  Times: ``utc_*_ns`` console time, ``*_pts_ns`` the
source's own.  URLs are redacted.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

FILE_NAME = "index.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """``missing_ns`` of the source's time are not in the file, before the packet of ``pts_ns``."""

    pts_ns: int
    missing_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the index."""

    event: Literal["opened", "closed", "recovered"]
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


def append(folder: Path, entry: Entry) -> None:
    """Write one line and sync it.  Raises ``OSError``."""
    line = msgspec.json.encode(asdict(entry)) + b"\n"
    descriptor = os.open(folder / FILE_NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, line)
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


def recover(folder: Path) -> list[str]:
    """Complete what a dead recorder left open; gives the files' names.  Raises ``OSError``."""
    path = folder / FILE_NAME
    if path.exists() and not path.read_bytes().endswith(b"\n"):
        with path.open("ab") as file:
            file.write(b"\n")
    open_files: dict[str, dict[str, Any]] = {}
    for value in read(folder):
        if value.get("event") == "opened":
            open_files[value["file"]] = value
        else:
            open_files.pop(value["file"], None)
    for name, value in open_files.items():
        kept = folder / name
        append(
            folder,
            Entry(
                event="recovered",
                file=name,
                source=str(value.get("source", "")),
                url=str(value.get("url", "")),
                codec=str(value.get("codec", "")),
                utc_start_ns=int(value.get("utc_start_ns") or 0),
                first_pts_ns=value.get("first_pts_ns"),
                size_bytes=kept.stat().st_size if kept.exists() else 0,
                reason="interrupted",
            ),
        )
    return list(open_files)
