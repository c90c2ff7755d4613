"""What is asked of the worker, and the lines it answers with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import msgspec

from console.picture import Text, Value

Kind = Literal["geotiff", "geopackage", "shapefile", "kml", "gpx", "dxf", "osm"]
Target = Literal["tiles", "layer", "heights"]
Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09", "unknown"]
DATUMS: tuple[Datum, ...] = ("wgs84", "cgcs2000", "gcj02", "bd09", "unknown")
FeatureKind = Literal["road", "rail", "river", "water", "boundary", "name", "other"]
FEATURE_KINDS: tuple[FeatureKind, ...] = ("road", "rail", "river", "water", "boundary", "name", "other")

MOST_TILES = 400_000
MOST_CELLS = 400
"""Square degrees of heights."""
VOID = -32_768
"""In a height tile: no height."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One import: ``source`` is what GDAL opens (for KMZ the KML taken out of it), ``out`` the file or folder to write.

    ``crs`` is what a person said of a source that does not say it itself (``EPSG:4547``); ``datum`` likewise overrides
    what follows from the reference system; ``area_deg`` is west, south, east, north; ``file_name`` is what the source
    is called in the result; ``date`` is its day (ISO 8601).
    """

    source: str
    kind: Kind
    target: Target
    out: str
    file_name: str
    name: str
    date: str
    crs: str | None = None
    datum: Datum | None = None
    zooms: tuple[int, int] | None = None
    area_deg: tuple[float, float, float, float] | None = None
    feature_kind: FeatureKind | None = None


class Progress(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="progress"):
    """How far it is: ``done`` of ``total`` of the step ``import.step.<step>``; ``what`` is a name within the source."""

    step: str
    done: int
    total: int
    what: str = ""


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """So many things were left out for the reason ``import.skipped.<reason>``; ``example`` is one of them."""

    reason: str
    count: int
    example: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="report"):
    """What was made.  ``counts`` are tiles, cells or features by kind; ``notes`` are ids ``import.note.<note>``."""

    made: Target
    out: str
    datum: Datum
    crs: str
    bounds_deg: tuple[float, float, float, float]
    counts: dict[str, int]
    zooms: tuple[int, int] | None = None
    skipped: list[Skipped] = []
    notes: list[str] = []


class Refused(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="refused"):
    """It cannot be done: two message ids with arguments; ``sentence`` is filled in for those who read the lines."""

    text: str
    text_args: dict[str, Value] = {}
    remedy: str = ""
    remedy_args: dict[str, Value] = {}
    sentence: str = ""

    def texts(self) -> tuple[Text, Text]:
        """What is wrong, and what to do."""
        return Text(id=self.text, args=self.text_args), Text(id=self.remedy, args=self.remedy_args)


Line = Progress | Report | Refused
_LINES: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)


def understood(raw: bytes) -> Line | None:
    """A line of the import; whatever a library may print in between is no line."""
    try:
        return _LINES.decode(raw)
    except msgspec.MsgspecError:
        return None


@dataclass(slots=True)
class Tally:
    """Counts what is left out, by reason, with the first example of each."""

    _found: dict[str, tuple[int, str]] = field(default_factory=dict)

    def skip(self, reason: str, count: int = 1, example: str = "") -> None:
        """So many were left out for this reason."""
        if count:
            so_far, first = self._found.get(reason, (0, ""))
            self._found[reason] = (so_far + count, first or example[:60])

    def skipped(self) -> list[Skipped]:
        """All of it, the most frequent reason first."""
        ordered = sorted(self._found.items(), key=lambda item: -item[1][0])
        return [Skipped(reason=reason, count=count, example=example) for reason, (count, example) in ordered]
