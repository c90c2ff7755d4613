"""The two-dimensional BeiDou grid code (北斗网格位置码), north-eastern hemisphere: levels 1 to 10.

A code is a cell: every level cuts the cell of the one before.  Level 7 is about 6 x 8 m here; a longer code says more
than a receiver in the field knows.

**Source:** GB/T 39409-2020 as two public codecs read it that cite its figures (Gvitech-gis
beidou-grid-location-codec 1.1.13, ISC; ywx001 BeidouGridCodec, MIT); the standard's own text was not at hand.
**Assumed:** only the north-eastern hemisphere, because those two differ elsewhere, and below 88 degrees north.
"""

from __future__ import annotations

from dataclasses import dataclass

FIELD_LEVEL = 7
"""What a position by satellite supports: cells of 1/4 second, 6 x 8 m."""
FINEST_LEVEL = 10

_UNITS_PER_S = 2048
_UNITS_PER_DEG = 3600 * _UNITS_PER_S
_NORTHERNMOST_DEG = 88
_DIGITS = "0123456789ABCDEF"
_BANDS = "ABCDEFGHIJKLMNOPQRSTUV"
_LENGTHS = (4, 6, 7, 9, 11, 12, 14, 16, 18, 20)
_FIRST_ZONE = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """How a level cuts the cell before it: so many columns and rows, as one digit or as two, in 1/2048 of a second."""

    columns: int
    rows: int
    width_units: int
    height_units: int
    is_one_digit: bool = False


def _second(columns: int, rows: int, seconds: int, *, is_one_digit: bool = False) -> Cut:
    units = seconds * _UNITS_PER_S
    return Cut(columns=columns, rows=rows, width_units=units, height_units=units, is_one_digit=is_one_digit)


def _eighths(units: int) -> Cut:
    return Cut(columns=8, rows=8, width_units=units, height_units=units)


_CUTS = (
    _second(12, 8, 1800),
    Cut(columns=2, rows=3, width_units=900 * _UNITS_PER_S, height_units=600 * _UNITS_PER_S, is_one_digit=True),
    _second(15, 10, 60),
    _second(15, 15, 4),
    _second(2, 2, 2, is_one_digit=True),
    _eighths(512),
    _eighths(64),
    _eighths(8),
    _eighths(1),
)
_ZONE_UNITS = 6 * _UNITS_PER_DEG
_BAND_UNITS = 4 * _UNITS_PER_DEG


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The cell of a code: its middle, and its size in degrees."""

    lat_deg: float
    lon_deg: float
    height_deg: float
    width_deg: float


def code_of(lat_deg: float, lon_deg: float, level: int = FIELD_LEVEL) -> str | None:
    """The code of the cell that holds a place; ``None`` outside of the hemisphere this knows.  ``level`` is 1..10."""
    if not (0.0 <= lat_deg < _NORTHERNMOST_DEG and 0.0 <= lon_deg < 180.0):
        return None
    # Whole units of 1/2048 second: in floats, places on an edge fall into the neighbour.  Rounded to 1/1000 unit
    # (15 um) first, so that a decimal that stands for an edge is on it.
    east, north = (int(round(value * _UNITS_PER_DEG, 3)) for value in (lon_deg, lat_deg))
    zone, east = divmod(east, _ZONE_UNITS)
    band, north = divmod(north, _BAND_UNITS)
    code = f"N{zone + _FIRST_ZONE:02d}{_BANDS[band]}"
    for cut in _CUTS[: level - 1]:
        column, east = divmod(east, cut.width_units)
        row, north = divmod(north, cut.height_units)
        code += str(row * cut.columns + column) if cut.is_one_digit else _DIGITS[column] + _DIGITS[row]
    return code


def cell_of(code: str) -> Cell | None:
    """The cell of a code in capitals without blanks; ``None`` where it is none."""
    if len(code) not in _LENGTHS or code[0] != "N" or code[3] not in _BANDS or not _is_number(code[1:3]):
        return None
    zone = int(code[1:3]) - _FIRST_ZONE
    if not 0 <= zone < 30:
        return None
    east, north = zone * _ZONE_UNITS, _BANDS.index(code[3]) * _BAND_UNITS
    width, height = _ZONE_UNITS, _BAND_UNITS
    at = 4
    for cut in _CUTS[: _LENGTHS.index(len(code))]:
        size = 1 if cut.is_one_digit else 2
        step = _step(code[at : at + size], cut)
        if step is None:
            return None
        column, row = step
        east, north = east + column * cut.width_units, north + row * cut.height_units
        width, height = cut.width_units, cut.height_units
        at += size
    return Cell(
        lat_deg=(north + height / 2) / _UNITS_PER_DEG,
        lon_deg=(east + width / 2) / _UNITS_PER_DEG,
        height_deg=height / _UNITS_PER_DEG,
        width_deg=width / _UNITS_PER_DEG,
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _step(digits: str, cut: Cut) -> tuple[int, int] | None:
    """Column and row that a level's digits name."""
    if any(digit not in _DIGITS for digit in digits):
        return None
    if cut.is_one_digit:
        row, column = divmod(_DIGITS.index(digits), cut.columns)
    else:
        column, row = _DIGITS.index(digits[0]), _DIGITS.index(digits[1])
    return (column, row) if column < cut.columns and row < cut.rows else None
