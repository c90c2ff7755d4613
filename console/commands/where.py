"""``main.py where TEXT``: one place in every style, as one JSON object."""

from __future__ import annotations

import argparse
import json
import sys
from typing import cast

from console.coordinates.angles import minutes_written, seconds_written, side_of_lat, side_of_lon
from console.coordinates.beidou_grid import FINEST_LEVEL, code_of
from console.coordinates.datum import bd09_of, gcj02_of
from console.coordinates.grids import Zone, mgrs_of, numbered, to_grid
from console.coordinates.reading import understand
from console.i18n import LANGUAGES, Language, translate

SUMMARY = "say a place in every style of coordinates"
_DEGREE_DECIMALS = 9
_METRE_DECIMALS = 4
_MINUTE_DECIMALS = 5
_SECOND_DECIMALS = 3
_ZONE_38 = Zone(kind="gk3", number=38, central_deg=114)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What this command takes."""
    parser.add_argument(
        "text", nargs="+", metavar="TEXT", help="coordinates in any style; GCJ or BD before shifted ones"
    )
    parser.add_argument("--lang", choices=LANGUAGES, default="zh", help="language of doubts and complaints")


def run(args: argparse.Namespace) -> int:
    """Print the likeliest place; what is doubtful about it goes to stderr.  1: not understood."""
    language = cast("Language", args.lang)
    text = " ".join(args.text)
    readings = understand(text)
    if not readings:
        print(translate(language, "command.no-place", {"text": text[:80]}), file=sys.stderr)
        return 1
    first = readings[0]
    for doubt in first.doubts:
        print(translate(language, doubt.id, doubt.args or None), file=sys.stderr)
    for other in readings[1:]:
        place = f"{other.lat_deg:.5f}, {other.lon_deg:.5f}"
        style = translate(language, f"coordinates.read.{other.style}", None)
        print(translate(language, "command.other-place", {"style": style, "place": place}), file=sys.stderr)
    print(json.dumps(every_style(first.lat_deg, first.lon_deg), ensure_ascii=False, allow_nan=False))
    return 0


def every_style(lat_deg: float, lon_deg: float) -> dict[str, list[float] | str | None]:
    """The place in all styles: degrees as ``[lat, lon]``, grids as ``[easting, northing]`` in metres.

    ``None`` where a style has nothing for it: EPSG:4547 and 4526 where the easting would leave its six figures.
    """
    grid = to_grid(_ZONE_38, lat_deg, lon_deg)
    lat_side, lon_side = side_of_lat(lat_deg), side_of_lon(lon_deg)
    seconds = [seconds_written(value, _SECOND_DECIMALS) for value in (lat_deg, lon_deg)]
    minutes = [minutes_written(value, _MINUTE_DECIMALS) for value in (lat_deg, lon_deg)]
    return {
        "wgs84": _degrees((lat_deg, lon_deg)),
        "gcj02": _degrees(gcj02_of(lat_deg, lon_deg)),
        "bd09": _degrees(bd09_of(lat_deg, lon_deg)),
        "dms": f"{lat_side} {seconds[0]} {lon_side} {seconds[1]}",
        "dm": f"{lat_side} {minutes[0]} {lon_side} {minutes[1]}",
        "epsg4547": _metres(grid) if grid else None,
        "epsg4526": _metres((numbered(_ZONE_38, grid[0]), grid[1])) if grid else None,
        "mgrs": mgrs_of(lat_deg, lon_deg),
        "beidou_grid": code_of(lat_deg, lon_deg, FINEST_LEVEL),
    }


def _degrees(place: tuple[float, float]) -> list[float]:
    return [round(value, _DEGREE_DECIMALS) for value in place]


def _metres(place: tuple[float, float]) -> list[float]:
    return [round(value, _METRE_DECIMALS) for value in place]
