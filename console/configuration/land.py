"""From the tables of the file to what stands around: heights of the ground and base stations."""

from __future__ import annotations

from console.configuration.reading import REQUIRED, Table
from console.surroundings import Station, Terrain

_LOWEST_MHZ, _HIGHEST_MHZ = 20.0, 6_000.0
_HIGHEST_M = 500.0


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
    )
    table.refuse_rest()
    return station


def _number(table: Table, key: str, low: float, high: float) -> float:
    """A number that must be given: a guess would put the station, or its reach, where it is not."""
    if not table.has(key):
        table.value(key, REQUIRED)
        return low
    return table.number(key, low, low, high)
