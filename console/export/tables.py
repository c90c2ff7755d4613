"""A journal as CSV or JSON lines, one record a line, with what its driver understood."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import msgspec

from console.configuration.model import Configuration
from console.journal.reader import Reader
from console.lens import Lens
from console.picture import Text
from console.queries import RecordLine
from console.records import Kind, Record, unpack
from console.trouble import OperatorError

_COLUMNS = ("seq", "at", "at_ns", "mode", "kind", "source", "peer", "text", "hex", "understood")


def export(folder: Path, out: Path, form: str) -> int | None:
    """Write ``folder``'s journal to ``out``.

    Gives the number of the first record that does not follow from those before it, ``None`` for a whole chain.
    The file is written beside and renamed, so that a full disk leaves no half export.

    Raises:
        OperatorError: the journal cannot be read or the file not be written.
    """
    reader = Reader(folder)
    write_beside(out, lambda file: FORMATS[form](file, _rows(reader)))
    broken = reader.broken_link()
    reader.close()
    return broken


def write_beside(out: Path, write: Callable[[IO[str]], object]) -> None:
    """Write a file of text whole or not at all, for nobody else to read.

    Raises:
        OperatorError: it could not be written.
    """
    beside = out.with_name(f".{out.name}.partial")
    try:
        with os.fdopen(
            os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8", newline=""
        ) as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(out)
    except OSError as error:
        beside.unlink(missing_ok=True)
        detail = str(error.strerror or error)
        raise OperatorError(
            Text(id="export.failed", args={"file": str(out), "detail": detail}), Text(id="export.failed_remedy")
        ) from error


def _rows(reader: Reader) -> Iterator[dict[str, Any]]:
    lenses: dict[str, Lens] = {}
    mode = "live"
    for record in reader.records():
        if record.kind in {Kind.START, Kind.CONFIGURATION}:
            configuration = msgspec.convert(unpack(record.payload)["configuration"], Configuration)
            mode = configuration.mode
            lenses = {device.id: Lens(device.driver, device.settings) for device in configuration.devices}
        lens = lenses.get(record.source)
        line = RecordLine(**record._asdict())
        yield _row(record, mode, lens.look(line).understood if lens is not None else ())


def _row(record: Record, mode: str, understood: tuple[str, ...]) -> dict[str, Any]:
    is_octets = record.kind in {Kind.OCTETS, Kind.GAP}
    return {
        "seq": record.seq,
        "at": datetime.fromtimestamp(record.at_ns / 1e9, tz=UTC).isoformat(timespec="milliseconds"),
        "at_ns": record.at_ns,
        "mode": mode,
        "kind": Kind(record.kind).name.lower(),
        "source": record.source,
        "peer": record.peer,
        "text": "" if is_octets else record.payload.decode("utf-8", "replace"),
        "hex": record.payload.hex() if is_octets else "",
        "understood": [json.loads(one) for one in understood],
    }


def _csv(file: IO[str], rows: Iterator[dict[str, Any]]) -> None:
    writer = csv.DictWriter(file, _COLUMNS)
    writer.writeheader()
    for row in rows:
        row["understood"] = json.dumps(row["understood"], ensure_ascii=False) if row["understood"] else ""
        row["text"] = _harmless(row["text"])
        writer.writerow(row)


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text


def _jsonl(file: IO[str], rows: Iterator[dict[str, Any]]) -> None:
    for row in rows:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


FORMATS: dict[str, Callable[[IO[str], Iterator[dict[str, Any]]], None]] = {"csv": _csv, "jsonl": _jsonl}
