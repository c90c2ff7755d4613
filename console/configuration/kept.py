"""The last configurations that were good: copies of each file that could be used, for the night someone breaks it.

A console that does not open because of one wrong line helps nobody; it opens with the last good copy and says so.
The copies lie in the person's data folder, for the owner only: they hold the secrets that the file holds.  Older ones
lie beside the newest, ``<name>.1.toml`` the one before it, so that what was added by mistake can be taken back.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from platformdirs import user_data_path

from console.configuration.places import APPLICATION

GENERATIONS = 5
"""How many copies there are before the newest."""


def _copy_of(file: Path) -> Path:
    name = hashlib.sha256(str(file.resolve()).encode()).hexdigest()[:16]
    return user_data_path(APPLICATION, appauthor=False) / "configurations" / f"{name}.toml"


def write_private(file: Path, octets: bytes, *, like: Path | None = None) -> None:
    """Write a file whole or not at all, for its owner only: beside, synced, renamed.

    ``like``: whoever owns that one owns the new one, where that can be said.  Raises ``OSError``.
    """
    beside = file.with_name(f"{file.name}.new")
    try:
        beside.unlink(missing_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            if like is not None and hasattr(os, "fchown"):
                owner = like.stat()
                with contextlib.suppress(OSError):
                    os.fchown(out.fileno(), owner.st_uid, owner.st_gid)
            out.write(octets)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    """The new name reaches the disk too, where folders can be synced."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def keep(file: Path) -> None:
    """Keep a copy of a file that was just found good.  A full disk keeps the old ones."""
    copy = _copy_of(file)
    with contextlib.suppress(OSError):
        octets = file.read_bytes()
        if copy.is_file() and copy.read_bytes() == octets:
            return
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if copy.is_file():
            _age(copy)
        write_private(copy, octets)


def _age(copy: Path) -> None:
    """Every older copy becomes one older; the newest is copied, so that there is one at every moment."""
    for number in range(GENERATIONS - 1, 0, -1):
        older = _generation(copy, number)
        if older.is_file():
            older.replace(_generation(copy, number + 1))
    write_private(_generation(copy, 1), copy.read_bytes())


def _generation(copy: Path, number: int) -> Path:
    return copy.with_name(f"{copy.stem}.{number}.toml")


def kept(file: Path) -> Path | None:
    """The last good copy of ``file``, ``None`` if there is none."""
    copy = _copy_of(file)
    return copy if copy.is_file() else None


def generations(file: Path) -> tuple[Path, ...]:
    """The good copies before the last one, the younger first."""
    copy = _copy_of(file)
    return tuple(older for number in range(1, GENERATIONS + 1) if (older := _generation(copy, number)).is_file())
