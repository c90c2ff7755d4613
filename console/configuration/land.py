"""From the tables of the file to what stands around: heights of the ground, base stations, maps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from console.configuration.faults import said
from console.configuration.hanging import read_dependencies
from console.configuration.reading import REQUIRED, Table, meant, shown
from console.surroundings import Datum, MapConfiguration, Station, Terrain, Tiling

_LOWEST_MHZ, _HIGHEST_MHZ = 20.0, 6_000.0
_HIGHEST_M = 500.0
_DATUMS: Mapping[str, Datum] = {
    "wgs84": "wgs84",
    "cgcs2000": "cgcs2000",
    "gcj02": "gcj02",
    "bd09": "bd09",
    "unknown": "unknown",
}
_TILINGS: Mapping[str, Tiling] = {"mercator": "mercator", "tianditu_c": "tianditu_c", "geodetic": "geodetic"}


def read_terrain(table: Table) -> Terrain:
    """Where heights lie, and what radio is reckoned with.  Whether the folder is there is looked at when it is used."""
    given = Terrain()
    terrain = Terrain(
        folder=table.text("folder", "") or None,
        frequency_mhz=table.number("frequency_mhz", given.frequency_mhz, _LOWEST_MHZ, _HIGHEST_MHZ),
        vehicle_m=table.number("vehicle_height_m", given.vehicle_m, 0.5, _HIGHEST_M),
        handheld_m=table.number("handheld_height_m", given.handheld_m, 0.5, _HIGHEST_M),
    )
    table.refuse_rest()
    return terrain


def read_station(table: Table) -> Station:
    """A base station."""
    identity = table.identity()
    station = Station(
        id=identity,
        name=table.text("name", identity),
        lat_deg=_number(table, "lat_deg", -90.0, 90.0),
        lon_deg=_number(table, "lon_deg", -180.0, 180.0),
        height_m=_number(table, "height_m", 0.5, _HIGHEST_M),
        frequency_mhz=_number(table, "frequency_mhz", _LOWEST_MHZ, _HIGHEST_MHZ),
        depends_on=read_dependencies(table),
    )
    table.refuse_rest()
    return station


def read_map(table: Table) -> MapConfiguration:
    """A map package.  Whether the file is there is looked at when it is opened, and told there."""
    word = table.text("tiling", "")
    if word and word not in _TILINGS:
        table.note("tiling", said("reason", "choice", given=shown(word)), meant(word, _TILINGS))
    return replace(read_layer(table), tiling=_TILINGS.get(word))


def read_layer(table: Table) -> MapConfiguration:
    """A vector layer; the same of it as of a package."""
    identity = table.identity()
    word = table.text("datum", "unknown")
    if word not in _DATUMS:
        table.note("datum", said("reason", "choice", given=shown(word)), meant(word, _DATUMS))
    given = MapConfiguration(
        id=identity,
        name=table.text("name", identity),
        file=table.text("file"),
        datum=_DATUMS.get(word, "unknown"),
        date=_date(table),
    )
    table.refuse_rest()
    return given


def _date(table: Table) -> str:
    """A day as TOML writes it, or in words ("2024 年春")."""
    value = table.values.get("date")
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        table.value("date", None)
        return value.isoformat()
    return table.text("date", "", longest=40)


def _number(table: Table, key: str, low: float, high: float) -> float:
    """A number that must be given: a guess would put the station, or its reach, where it is not."""
    if not table.has(key):
        table.value(key, REQUIRED)
        return low
    return table.number(key, low, low, high)
