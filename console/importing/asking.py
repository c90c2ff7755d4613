"""How the window asks for an import: the command line of the process that does it, and the place of the result."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from console.importing.job import Datum
from console.ownmaps import HEIGHTS

_MAIN = Path(__file__).resolve().parents[2] / "main.py"
_PICTURES = (".tif", ".tiff")
_MODEL_WORDS = ("dem", "dsm", "dtm", "srtm", "aster", "hgt", "height", "elev", "高程", "地形")


def may_be_heights(source: Path) -> bool:
    """Whether this kind of file can hold a height model."""
    return source.suffix.lower() in _PICTURES


def sounds_like_heights(source: Path) -> bool:
    """Whether its name says that it does; a person decides."""
    return may_be_heights(source) and any(word in source.stem.lower() for word in _MODEL_WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One import as a person asked for it.

    ``folder`` is where the result goes; ``crs`` and ``datum`` are what was said of a source that does not say it;
    ``area_deg`` (west, south, east, north) is all that is wanted; ``is_pictures``: of a file that may hold both;
    ``is_heights``: its values are heights of the ground, and go to those of other models into one folder.
    """

    source: Path
    folder: Path
    crs: str = ""
    datum: Datum | None = None
    area_deg: tuple[float, float, float, float] | None = None
    is_pictures: bool = False
    is_heights: bool = False
    may_replace: bool = False

    @property
    def out(self) -> Path:
        """Where the result goes: tiles of pictures, heights to those there are, a layer of anything else."""
        if self.is_heights:
            return self.folder.parent / HEIGHTS
        is_tiles = self.is_pictures or self.source.suffix.lower() in _PICTURES
        stem = self.source.name.removesuffix(self.source.suffix).removesuffix(".osm").lstrip(".") or "map"
        return self.folder / f"{stem}{'.mbtiles' if is_tiles else '.geojson'}"

    def command(self) -> list[str]:
        """The process: its lines on standard output are ``console.importing.job.Line``."""
        words = [sys.executable, str(_MAIN), "import", str(self.source.absolute()), "--to", str(self.out), "--json"]
        if self.crs:
            words.append(f"--crs={self.crs}")
        if self.datum is not None:
            words += ["--datum", self.datum]
        if self.area_deg is not None:
            words.append("--area=" + ",".join(f"{side:.6f}" for side in self.area_deg))
        # Heights replace nothing: each model fills what the others have not, and lies over what they have.
        return [*words, "--replace"] if self.may_replace or self.is_heights else words
