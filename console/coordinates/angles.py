"""Degrees written as degrees, as degrees and minutes, or as degrees, minutes and seconds.

A value is rounded once, to the smallest unit that is written, and then split: 59.9999 seconds never print as 60.
"""

from __future__ import annotations

_MINUTES_PER_DEG = 60
_SECONDS_PER_DEG = 3600


def degrees_written(value_deg: float, decimals: int) -> str:
    """``34.39595``, with a sign where it is below zero."""
    written = f"{value_deg:.{decimals}f}"
    return written.removeprefix("-") if float(written) == 0.0 else written


def minutes_written(value_deg: float, decimals: int) -> str:
    """``34°23.757′`` of the magnitude; the side is the caller's letter."""
    smallest = int(10**decimals)
    minutes, rest = divmod(round(abs(value_deg) * _MINUTES_PER_DEG * smallest), smallest)
    degrees, minute = divmod(minutes, _MINUTES_PER_DEG)
    return f"{degrees}°{minute:02d}{_fraction(rest, decimals)}′"


def seconds_written(value_deg: float, decimals: int) -> str:
    """``34°23′45.4″`` of the magnitude; the side is the caller's letter."""
    smallest = int(10**decimals)
    seconds, rest = divmod(round(abs(value_deg) * _SECONDS_PER_DEG * smallest), smallest)
    minutes, second = divmod(seconds, 60)
    degrees, minute = divmod(minutes, _MINUTES_PER_DEG)
    return f"{degrees}°{minute:02d}′{second:02d}{_fraction(rest, decimals)}″"


def side_of_lat(lat_deg: float) -> str:
    """``N`` or ``S``."""
    return "S" if lat_deg < 0 else "N"


def side_of_lon(lon_deg: float) -> str:
    """``E`` or ``W``."""
    return "W" if lon_deg < 0 else "E"


def _fraction(rest: int, decimals: int) -> str:
    return f".{rest:0{decimals}d}" if decimals else ""
