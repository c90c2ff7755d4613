"""How the window asks for an import: the command line of the process that does it, and the place of the result."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from console.importing.job import Datum

_MAIN = Path(__file__).resolve().parents[2] / "main.py"
_PICTURES = (".tif", ".tiff")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One import as a person asked for it.

    ``folder`` is where the result goes; ``crs`` and ``datum`` are what was said of a source that does not say it;
    ``area_deg`` (west, south, east, north) is all that is wanted; ``is_pictures``: of a file that may hold both.
    """

    source: Path
    folder: Path
    crs: str = ""
    datum: Datum | None = None
    area_deg: tuple[float, float, float, float] | None = None
    is_pictures: bool = False
    may_replace: bool = False

    @property
    def out(self) -> Path:
        """Where the result goes: tiles of pictures, a layer of anything else."""
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
        return [*words, "--replace"] if self.may_replace else words
