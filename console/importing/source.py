"""What kind of map a file is, judged before GDAL sees it: name and first octets agree, archives and XML are bounded.

GDAL tries some eighty readers on a file whatever its name says, among them ones that follow addresses written in it;
a file that does not begin as its kind must begin is not handed on.
"""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from console.importing.job import Kind
from console.importing.trouble import refusal

MOST_XML_BYTES = 256_000_000
MOST_ENTRIES = 2_000
MOST_RATIO = 200
"""What an entry of an archive may unpack to, over what it takes; maps in XML reach about 40."""
_RATIO_FROM_BYTES = 1_000_000
_CHUNK_BYTES = 1 << 16
_MOST_DEPTH = 60
_HEAD_BYTES = 4_096

_SUFFIXES: dict[str, Kind] = {
    ".tif": "geotiff",
    ".tiff": "geotiff",
    ".gpkg": "geopackage",
    ".shp": "shapefile",
    ".kml": "kml",
    ".kmz": "kml",
    ".gpx": "gpx",
    ".dxf": "dxf",
    ".pbf": "osm",
}
SUFFIXES = tuple(_SUFFIXES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that is what it says: ``path`` is what GDAL opens; ``left_out`` counts parts that are never followed."""

    path: Path
    kind: Kind
    left_out: dict[str, int]


def recognise(path: Path, workplace: Path) -> Source:
    """The source in ``path``; a KMZ is unpacked into ``workplace``.

    Raises:
        OperatorError: it is not there, of no known kind, not what its name says, or not safe to open.
    """
    refuse_tiles(path)
    kind = _SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise refusal("suffix", file=path.name, known=" ".join(_SUFFIXES))
    try:
        path = path.resolve(strict=True)
        if not stat.S_ISREG(path.stat().st_mode):
            raise refusal("no_file", file=path.name)
        head = _head(path)
        if path.suffix.lower() == ".kmz":
            path = _unpack(path, workplace)
        elif not _begins_as(kind, head):
            raise refusal("signature", file=path.name)
        left_out = _check_xml(path, kind) if kind in {"kml", "gpx"} else {}
    except OSError as error:
        raise refusal("unreadable", file=path.name, detail=error.strerror or str(error)) from None
    return Source(path=path, kind=kind, left_out=left_out)


def refuse_tiles(path: Path) -> None:
    """Say of what is cut into tiles already how it is used, rather than that it is of no known kind.

    Raises:
        OperatorError: it is a package of tiles, or a folder.
    """
    if path.suffix.lower() in {".mbtiles", ".pmtiles"}:
        raise refusal("package", file=path.name)
    if path.is_dir():
        raise refusal("tile_folder", file=path.name)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)


def _begins_as(kind: Kind, head: bytes) -> bool:
    match kind:
        case "geotiff":
            return head[:4] in {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}
        case "geopackage":
            return head.startswith(b"SQLite format 3\0")
        case "shapefile":
            return head[:4] == b"\0\0\x27\x0a"
        case "osm":
            return b"OSMHeader" in head[:64]
        case "dxf":
            first = head.split(b"\n", 1)[0].strip()
            return first in {b"0", b"999"} and (b"SECTION" in head or first == b"999")
        case "kml" | "gpx":
            return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


# ---- archives


def _unpack(path: Path, workplace: Path) -> Path:
    """The KML of a KMZ, read within bounds that count what really comes out, not what the archive says of itself.

    **Source:** KML 2.3 (OGC 12-007r2), annex C: the first entry ending in ``.kml`` is the document.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise refusal("archive_bomb", file=path.name)
            found = next((one for one in entries if one.filename.lower().endswith(".kml")), None)
            if found is None:
                raise refusal("no_kml", file=path.name)
            if found.flag_bits & 1:
                raise refusal("encrypted", file=path.name)
            target = workplace / "document.kml"
            with archive.open(found) as packed, target.open("wb") as file:
                _copy(packed, file, max(1, found.compress_size), path.name)
            return target
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError) as error:
        raise refusal("unreadable", file=path.name, detail=str(error)[:80]) from None


def _copy(packed: object, file: BinaryIO, packed_bytes: int, name: str) -> None:
    read = packed.read  # type: ignore[attr-defined]  # zipfile.ZipExtFile
    total = 0
    while octets := read(_CHUNK_BYTES):
        total += len(octets)
        is_dense = total > _RATIO_FROM_BYTES and total > packed_bytes * MOST_RATIO
        if total > MOST_XML_BYTES or is_dense:
            raise refusal("archive_bomb", file=name)
        file.write(octets)


# ---- XML


def _check_xml(path: Path, kind: Kind) -> dict[str, int]:
    """Walk through the whole document once: no document type, no entities, bounded size and depth, the right root.

    Gives how many links and pictures it holds: they are never followed.
    """
    if path.stat().st_size > MOST_XML_BYTES:
        raise refusal("too_large", file=path.name, most_mb=MOST_XML_BYTES // 1_000_000)
    counts: Counter[str] = Counter()
    open_elements: list[object] = []
    try:
        for event, element in iterparse(os.fspath(path), events=("start", "end"), forbid_dtd=True):
            tag = element.tag.rpartition("}")[2]
            if event == "start":
                if not open_elements and tag.lower() != kind:
                    raise refusal("signature", file=path.name)
                open_elements.append(element)
                if len(open_elements) > _MOST_DEPTH:
                    raise refusal("unsafe_xml", file=path.name)
            else:
                open_elements.pop()
                counts[tag] += 1
                element.clear()
                if open_elements:
                    open_elements[-1].remove(element)  # type: ignore[attr-defined]
    except DefusedXmlException:
        raise refusal("unsafe_xml", file=path.name) from None
    except (ParseError, ValueError, LookupError) as error:
        raise refusal("unreadable", file=path.name, detail=str(error)[:80]) from None
    return {reason: counts[tag] for tag, reason in _NEVER_FOLLOWED.items() if counts[tag]}


_NEVER_FOLLOWED = {"NetworkLink": "network_link", "GroundOverlay": "overlay", "PhotoOverlay": "overlay"}
