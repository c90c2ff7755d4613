"""Files of marks and roads: read in for a look before anything is added, and written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from console import geojson, told
from console.coordinates.datum import wgs84_of_bd09, wgs84_of_gcj02
from console.export.tables import write_beside
from console.journal.reader import Reader
from console.picture import Picture, Text
from console.queries import DrawnFilePage, DrawnFileRequest, DrawnWriteRequest, ExportPage, Trouble
from console.replay import engine_at
from console.trouble import OperatorError

_SHIFTS: dict[str, told.Shift] = {
    "wgs84": told.as_it_is,
    "gcj02": wgs84_of_gcj02,
    "bd09": wgs84_of_bd09,
}


def answer(request: DrawnFileRequest | DrawnWriteRequest) -> DrawnFilePage | ExportPage:
    """What the window asked of a file."""
    try:
        if isinstance(request, DrawnFileRequest):
            return DrawnFilePage(reading=read(request))
        write(request.out, request.picture, at_ns=request.at_ns)
    except OperatorError as error:
        if isinstance(request, DrawnFileRequest):
            return DrawnFilePage(trouble=Trouble(text=error.text, remedy=error.remedy))
        return ExportPage(is_good=False, text=error.text, remedy=error.remedy)
    marks, roads = len(request.picture.marks), len(request.picture.roads)
    text = Text(id="geojson.written", args={"count": marks, "roads": roads, "file": str(request.out)})
    return ExportPage(is_good=True, text=text, out=request.out)


def read(request: DrawnFileRequest) -> geojson.Reading:
    """What this file would add.

    Raises:
        OperatorError: it cannot be read or is no GeoJSON.
    """
    asking = told.Asking(
        by=request.by,
        source=request.file.name,
        now_ns=request.now_ns,
        mode=request.mode,
        to_wgs84=_SHIFTS[request.datum],
    )
    return geojson.read(_octets(request.file), asking)


def _octets(file: Path) -> bytes:
    """The whole file, or one octet more than is taken.  A pipe or a device is none and is not waited for."""
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                raise _unreadable(file, "?")
            return opened.read(geojson.MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(file, str(getattr(error, "strerror", None) or error)) from error


def _unreadable(file: Path, detail: str) -> OperatorError:
    return OperatorError(
        Text(id="geojson.unreadable", args={"file": file.name, "detail": detail}), Text(id="geojson.remedy")
    )


def write(out: Path, picture: Picture, *, at_ns: int) -> None:
    """Write its marks and roads to ``out``.

    Raises:
        OperatorError: it could not be written; nothing is left.
    """
    octets = geojson.write(picture, at_ns=at_ns)
    write_beside(out, lambda file: file.write(octets.decode()))


def export(folder: Path, out: Path, *, until_ns: int | None = None) -> int | None:
    """Write the marks and roads of a journal as they stood at its end, or at ``until_ns``.

    Gives the number of the first record that does not follow from those before it, ``None`` for a whole chain.

    Raises:
        OperatorError: the journal cannot be read or the file not be written.
    """
    reader = Reader(folder)
    try:
        if until_ns is not None:
            until_ns = max(until_ns, reader.span()[0])
        picture = engine_at(reader, until_ns).picture()
        write(out, picture, at_ns=picture.at_ns if until_ns is None else until_ns)
        return reader.broken_link()
    finally:
        reader.close()
