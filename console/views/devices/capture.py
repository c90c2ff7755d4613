"""Live octets written to a file that people and programs can read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QIODevice, QSaveFile

from console.queries import RecordLine
from console.views.speech import NS_PER_S
from console.views.widgets.octets import as_hex, as_text


def capture_text(heading: str, lines: Iterable[RecordLine]) -> str:
    """One line each: UTC time, ``<`` in or ``>`` out, hex, text; what was understood follows behind ``#``."""
    rows = [f"# {heading}"]
    for line in lines:
        moment = datetime.fromtimestamp(line.at_ns // NS_PER_S, tz=UTC)
        at = f"{moment:%Y-%m-%dT%H:%M:%S}.{line.at_ns % NS_PER_S // 1_000_000:03d}Z"
        direction = ">" if line.is_outgoing else "<"
        rows.append(f"{at}\t{direction}\t{as_hex(line.payload)}\t{as_text(line.payload)}")
        rows += [f"#\t{one}" for one in line.understood]
    return "\n".join(rows) + "\n"


def write_capture(path: Path, text: str) -> str | None:
    """Write the whole file or nothing; the reason in the system's words if it could not be written."""
    file = QSaveFile(str(path))
    if not file.open(QIODevice.OpenModeFlag.WriteOnly):
        return file.errorString()
    file.write(text.encode())
    return None if file.commit() else file.errorString()
