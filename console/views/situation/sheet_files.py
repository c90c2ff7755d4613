"""Sheets on disk: numbered within their incident, never overwritten, readable by their owner alone."""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path

from console.picture import Text
from console.trouble import OperatorError

FOLDER = "sheets"
_NAME = re.compile(r"(?:map|team)-(\d{3,6})-.*\.pdf", re.ASCII)


def next_number(incident: Path) -> int:
    """One more than the highest sheet there is; 1 where there is none or the folder cannot be read."""
    try:
        found = [_NAME.fullmatch(path.name) for path in (incident / FOLDER).iterdir()]
    except OSError:
        return 1
    return max((int(match[1]) for match in found if match), default=0) + 1


def write_sheet(incident: Path, kind: str, number: int, at_ns: int, octets: bytes) -> Path:
    """Write a sheet and make sure it is on the disk.

    Raises:
        OperatorError: it could not be written; nothing is left of it.
    """
    stamp = dt.datetime.fromtimestamp(at_ns // 1_000_000_000, tz=dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    path = incident / FOLDER / f"{kind}-{number:03d}-{stamp}.pdf"
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            try:
                file.write(octets)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                path.unlink(missing_ok=True)
                raise
    except OSError as error:
        detail = error.strerror or str(error)
        raise OperatorError(
            Text(id="sheet.fault.write", args={"file": path.name, "detail": detail}), Text(id="sheet.fault.remedy")
        ) from error
    return path
