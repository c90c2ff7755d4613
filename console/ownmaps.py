"""Maps that a person brought in at this console: one folder of their own, where every start finds them again.

Nothing in it needs to be configured: such a file says its own name, datum and day, as the importer writes them.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from platformdirs import user_data_path

from console.surroundings import MapSource
from console.vectors.form import MOST_LAYERS, SUFFIX

_APPLICATION = "command-post"
PACKAGE_SUFFIXES = (".mbtiles", ".pmtiles")
HEIGHTS = "heights"
MOST_PACKAGES = 16


def own_folder() -> Path:
    """Where the window's imports go."""
    return user_data_path(_APPLICATION, appauthor=False) / "maps"


def own_heights() -> Path:
    """Where heights of the ground go that were brought in here: HGT tiles of all models together."""
    return own_folder().parent / HEIGHTS


def found_layers(folder: Path) -> tuple[MapSource, ...]:
    """The vector layers in this folder, by name."""
    return tuple(own_layer(file) for file in sorted(_files(folder, (SUFFIX,)))[:MOST_LAYERS])


def found_packages(folder: Path) -> tuple[MapSource, ...]:
    """The map packages in this folder, the newest first: it lies on top, as when it was brought in."""
    dated = []
    for file in _files(folder, PACKAGE_SUFFIXES):
        try:
            dated.append((-file.stat().st_mtime_ns, file))
        except OSError:
            continue
    return tuple(own_package(file) for _, file in sorted(dated)[:MOST_PACKAGES])


def _files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    try:
        return [file for file in folder.iterdir() if file.suffix in suffixes and not file.name.startswith(".")]
    except OSError:
        return []


def own_layer(file: Path) -> MapSource:
    """A vector layer of this folder: it says its own name, datum and day."""
    return MapSource(id=f"own/{file.name}", name="", path=file, datum="unknown", is_own=True)


def own_package(file: Path) -> MapSource:
    """A map package of this folder: the same; it has the name of its file until it was read."""
    return replace(own_layer(file), name=file.name)
