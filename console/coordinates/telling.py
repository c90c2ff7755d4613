"""A place in the style that a person chose, short enough for a line on the map and as fine as a receiver is right.

About a metre: five decimals of a degree, three of a minute, a tenth of a second (3 m), whole metres, a BeiDou cell of
level 7 (6 x 8 m).
"""

from __future__ import annotations

import re
from typing import Final, Literal, get_args

from console.coordinates.angles import degrees_written, minutes_written, seconds_written, side_of_lat, side_of_lon
from console.coordinates.beidou_grid import FIELD_LEVEL, code_of
from console.coordinates.grids import mgrs_of, numbered, to_grid, zone_at

Style = Literal["dms", "dm", "degrees", "gk3", "gk3_zone", "mgrs", "beidou"]

STYLES: Final[tuple[Style, ...]] = get_args(Style)
"""All styles, in the order in which one key walks through them; the first is the default."""

ANGULAR: Final[tuple[Style, ...]] = ("dms", "dm", "degrees")
"""The styles that only write degrees: true of any datum that stands beside them."""
LETTERS: Final = ("N", "E")
_RUN = re.compile(r"(?<=\.)\d{4,}|(?<![.\d])\d{5,}")
_MGRS = re.compile(r"(\d{1,2}[A-Z])([A-Z]{2})(\d*)")
_BEIDOU_PARTS = (1, 4, 6, 7, 9, 11, 12, 14, 16, 18, 20)


def say_place(lat_deg: float, lon_deg: float, style: Style, axes: tuple[str, str] = LETTERS) -> str:
    """WGS-84 degrees in ``style``.  ``axes``: the words before northing and easting, for X and Y mean both.

    Where a style has nothing for this place (a grid of China abroad), degrees, minutes and seconds are said instead.
    """
    said: str | None = None
    match style:
        case "dms":
            pass
        case "dm":
            lat, lon = minutes_written(lat_deg, 3), minutes_written(lon_deg, 3)
            said = f"{side_of_lat(lat_deg)} {lat} {side_of_lon(lon_deg)} {lon}"
        case "degrees":
            said = f"{degrees_written(lat_deg, 5)}, {degrees_written(lon_deg, 5)}"
        case "gk3" | "gk3_zone":
            said = _gauss(lat_deg, lon_deg, axes, has_number=style == "gk3_zone")
        case "mgrs":
            said = mgrs_of(lat_deg, lon_deg)
        case "beidou":
            said = code_of(lat_deg, lon_deg, FIELD_LEVEL)
    return said or _sexagesimal(lat_deg, lon_deg)


def _sexagesimal(lat_deg: float, lon_deg: float) -> str:
    lat, lon = seconds_written(lat_deg, 1), seconds_written(lon_deg, 1)
    return f"{side_of_lat(lat_deg)} {lat} {side_of_lon(lon_deg)} {lon}"


def _gauss(lat_deg: float, lon_deg: float, axes: tuple[str, str], *, has_number: bool) -> str | None:
    zone = zone_at("gk3", lat_deg, lon_deg)
    place = to_grid(zone, lat_deg, lon_deg) if zone else None
    if zone is None or place is None:
        return None
    easting_m, northing_m = place
    if has_number:
        return f"{axes[0]} {northing_m:.0f} {axes[1]} {numbered(zone, easting_m):.0f}"
    return f"{axes[0]} {northing_m:.0f} {axes[1]} {easting_m:.0f} ({zone.central_deg}°E)"


def aloud(text: str) -> str:
    """The same with its long runs of figures in groups of three, as one reads them over a radio.

    Whole metres are grouped from the right, so that kilometres stand apart; grid codes are cut where their parts end:
    ``N 3 807 613 E 476 153``, ``49S GU 51 948 09 465``, ``N 49I B4 4 E3 6B 1 15``.
    """
    if found := _MGRS.fullmatch(text):
        half = len(found[3]) // 2
        parts = (found[1], found[2], _grouped(found[3][:half]), _grouped(found[3][half:]))
        return " ".join(part for part in parts if part)
    if text[:1] == "N" and text.isalnum() and len(text) in _BEIDOU_PARTS:
        ends = [end for end in _BEIDOU_PARTS if end <= len(text)]
        return " ".join(text[start:end] for start, end in zip([0, *ends], ends, strict=False))
    return _RUN.sub(_spaced, text)


def _spaced(run: re.Match[str]) -> str:
    if run.string[run.start() - 1 : run.start()] == ".":
        return re.sub(r"(\d{3})(?=\d)", r"\1 ", run[0])
    return _grouped(run[0])


def _grouped(digits: str) -> str:
    first = len(digits) % 3
    groups = [digits[:first], *(digits[at : at + 3] for at in range(first, len(digits), 3))]
    return " ".join(group for group in groups if group)
