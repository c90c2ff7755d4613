"""What every container of tiles can be asked, and what may be wrong with one.  Tiles are counted from the north-west.

A file may come from anybody: every length in it is checked, and whatever is wrong with it becomes a sentence.
"""

from __future__ import annotations

from typing import Literal, Protocol

from console.trouble import OperatorError
from console.words import Text, Value

MOST_ZOOM = 24
LARGEST_TILE_BYTES = 4_000_000
FORMATS = ("png", "jpeg", "webp")

Span = tuple[int, int, int, int]
"""First and last column, first and last row (from the north), all included."""


_REMEDIES = {"tiling": "maps.tiling_remedy", "reference": "maps.reference_remedy"}

Projection = Literal["mercator", "degrees"]
"""The plane in which tiles are squares: that of spherical Mercator, or that of latitude and longitude."""


class BrokenPackage(OperatorError):  # noqa: N818 - what it is
    """This file cannot be used as a map package."""

    def __init__(self, reason: str, /, **args: Value) -> None:
        remedy = _REMEDIES.get(reason, "maps.broken_remedy")
        super().__init__(Text(id=f"maps.broken.{reason}", args=args), Text(id=remedy))


class TileSource(Protocol):
    """One open container.  Used by one thread at a time, not always the same.

    Of ``degrees`` zoom 1 is two tiles of 180°, as Tianditu counts.
    """

    @property
    def projection(self) -> Projection:
        """In what plane its tiles are squares."""

    def tile(self, zoom: int, column: int, row: int) -> bytes | None:
        """The picture of one tile as it is stored, ``None`` where there is none.

        Raises:
            BrokenPackage: it cannot be read, or is larger than any tile.
        """

    def zooms(self) -> tuple[int, ...]:
        """The zooms of which there is any tile, found in the tiles themselves: what is written about them may lie."""

    def span(self, zoom: int) -> Span | None:
        """The columns and rows between which all tiles of this zoom lie."""

    def count(self, zoom: int, span: Span) -> int:
        """How many tiles there are in ``span``, which has at most a few ten thousand."""

    def facts(self) -> dict[str, str]:
        """What the file says of itself (name, attribution, date ...), each at most 200 characters."""

    def close(self) -> None:
        """Let go of the file."""


def tile_format(octets: bytes) -> str | None:
    """Which of ``FORMATS`` a tile has, by its first octets; ``None`` for anything else."""
    if octets.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if octets.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if octets[:4] == b"RIFF" and octets[8:12] == b"WEBP":
        return "webp"
    return None


def plain(text: object, most: int = 200) -> str:
    """Words of a stranger as one printable line."""
    said = " ".join(str(text).split())
    return "".join(char for char in said if char.isprintable())[:most]
