"""The last configuration that was good: a copy of each file that could be used, for the night someone breaks it.

A console that does not open because of one wrong line helps nobody; it opens with the last good copy and says so.
The copies lie in the person's data folder, for the owner only: they hold the secrets that the file holds.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from platformdirs import user_data_path

from console.configuration.places import APPLICATION


def _copy_of(file: Path) -> Path:
    name = hashlib.sha256(str(file.resolve()).encode()).hexdigest()[:16]
    return user_data_path(APPLICATION, appauthor=False) / "configurations" / f"{name}.toml"


def keep(file: Path) -> None:
    """Keep a copy of a file that was just found good: written beside, synced, renamed.  A full disk keeps the old."""
    copy = _copy_of(file)
    beside = copy.with_suffix(".new")
    with contextlib.suppress(OSError):
        octets = file.read_bytes()
        if copy.is_file() and copy.read_bytes() == octets:
            return
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(octets)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(copy)


def kept(file: Path) -> Path | None:
    """The last good copy of ``file``, ``None`` if there is none."""
    copy = _copy_of(file)
    return copy if copy.is_file() else None
