"""What stands around an operation and does not change with it: heights of the ground, base stations, antennas."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09", "unknown"]
Tiling = Literal["mercator", "tianditu_c", "geodetic"]
"""How a map was cut: ``mercator`` as nearly all are (Tianditu's "w" too); by degrees with two tiles at zoom 1
(``tianditu_c``) or at zoom 0 (``geodetic``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapConfiguration:
    """A map package or vector layer: its ``file`` (a relative one lies beside the configuration), its datum.

    ``date`` is of what day the ground is shown, in words; empty where nobody said.  ``tiling`` is of packages only;
    ``None``: as the file says, else Mercator.
    """

    id: str
    name: str
    file: str
    datum: Datum = "unknown"
    date: str = ""
    tiling: Tiling | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MapSource:
    """The same, found.  ``is_own``: name and datum are those that the file says of itself."""

    id: str
    name: str
    path: Path
    datum: Datum
    date: str = ""
    tiling: Tiling | None = None
    is_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A base station (WGS-84), its antenna ``height_m`` above the ground."""

    id: str
    name: str
    lat_deg: float
    lon_deg: float
    height_m: float
    frequency_mhz: float
    depends_on: tuple[str, ...] = ()
    """Ids of what it needs, all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terrain:
    """Where heights of the ground lie, and what radio is reckoned with where nothing better is known.

    ``folder`` holds HGT tiles, ``None`` where there are none; a relative one lies beside the configuration.
    ``vehicle_m`` and ``handheld_m`` are antennas above the ground: this vehicle's, and one that a person carries.
    """

    folder: str | None = None
    frequency_mhz: float = 370.0
    vehicle_m: float = 4.0
    handheld_m: float = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the window is told of them once: the folder as a path, the rest as configured."""

    folder: Path | None = None
    terrain: Terrain = field(default_factory=Terrain)
    stations: tuple[Station, ...] = ()
    maps: tuple[MapSource, ...] = ()
    layers: tuple[MapSource, ...] = ()


def surroundings_of(
    terrain: Terrain,
    stations: tuple[Station, ...],
    file: Path | None,
    maps: tuple[MapConfiguration, ...] = (),
    layers: tuple[MapConfiguration, ...] = (),
) -> Surroundings:
    """The same, with the folder of heights, maps and layers found from the place of the configuration ``file``."""
    folder = None if terrain.folder is None else Path(terrain.folder).expanduser()
    if folder is not None and file is not None:
        folder = file.parent / folder
    return Surroundings(
        folder=folder,
        terrain=terrain,
        stations=stations,
        maps=tuple(_found(one, file) for one in maps),
        layers=tuple(_found(one, file) for one in layers),
    )


def _found(one: MapConfiguration, file: Path | None) -> MapSource:
    beside = file.parent if file is not None else Path()
    path = beside / Path(one.file).expanduser()
    return MapSource(id=one.id, name=one.name, path=path, datum=one.datum, date=one.date, tiling=one.tiling)
