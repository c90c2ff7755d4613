"""What a line of coordinates is made of: axis words, figures with their marks, and what is said about datum and zone.

Many spellings of the same are brought to one first: full-width figures, 度分秒, primes and quotes, d-m-s letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
Axis = Literal["north", "south", "east", "west", "x", "y"]

LONGEST_TEXT = 200
_MARKS = str.maketrans({
    **dict.fromkeys("º˚", "°"),
    **dict.fromkeys("′’‘´`＇", "'"),
    **dict.fromkeys("″”“＂", '"'),
    **dict.fromkeys("，；、/|;\n\r", ","),
    **dict.fromkeys("−–—－", "-"),
    "。": ".",
})  # fmt: skip
_DATUMS: tuple[tuple[Datum, str], ...] = (
    ("gcj02", r"GCJ(?:[-_ ]?02)?|火星|高德|腾讯|AMAP"),
    ("bd09", r"BD(?:[-_ ]?09)(?:LL)?|BD(?![A-Z0-9])|百度|BAIDU"),
    ("wgs84", r"WGS[-_ ]?(?:19)?84|EPSG:4326"),
    ("cgcs2000", r"CGCS[-_ ]?2000|国家2000|EPSG:4490"),
)
_ORDER = "°'\""
# Letters of one case: 34d23m45S is forty-five seconds south, not "45 s".
_LETTERS = tuple(
    re.compile(
        rf"(?<=\d)\s?{degree}(?![A-Za-z])(?:\s?(\d{{1,2}}(?:\.\d{{0,30}})?)\s?{minute}(?![A-Za-z])"
        rf"(?:\s?(\d{{1,2}}(?:\.\d{{0,30}})?)\s?{second})?)?"
    )
    for degree, minute, second in ("dms", "DMS")
)
_AXIS_WORDS: dict[Axis, tuple[str, ...]] = {
    "north": ("北纬", "北", "纬度", "LATITUDE", "LAT", "NORTHING", "NORTH", "N"),
    "south": ("南纬", "南", "SOUTH", "S"),
    "east": ("东经", "东", "经度", "LONGITUDE", "LONG", "LON", "LNG", "EASTING", "EAST", "E"),
    "west": ("西经", "西", "WEST", "W"),
    "x": ("纵", "X"),
    "y": ("横", "Y"),
}
_AXES = {word: axis for axis, words in _AXIS_WORDS.items() for word in words}
_WORDS = "|".join(sorted(_AXES, key=len, reverse=True))
_TOKEN = re.compile(
    rf"\s*(?:(?P<axis>{_WORDS})|(?P<number>[+-]?\d{{1,9}}(?:\.\d{{0,30}})?(?!\d))|(?P<mark>[°'\"])|(?P<comma>,)"
    r"|(?P<idle>米|M(?![A-Z])|坐标|:|=|\(|\)))",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One of the two: its axis if one was named, its figures, and whether marks of degrees stood with them."""

    axis: Axis | None
    figures: tuple[str, ...]
    has_marks: bool

    def value(self) -> float:
        """The number, or the degrees of several figures, with the sign of figures and axis."""
        parts = [abs(float(figure)) for figure in self.figures]
        size = sum(part / 60.0**power for power, part in enumerate(parts))
        is_below = self.figures[0].startswith("-") != (self.axis in {"south", "west"})
        return -size if is_below else size


@dataclass(frozen=True, slots=True, kw_only=True)
class Zoning:
    """What the text says about the grid: an EPSG code, a central meridian, or the number of a zone and its width."""

    epsg: int | None = None
    central_deg: int | None = None
    number: int | None = None


def plain(text: str) -> str:
    """The text with one spelling of blanks, signs and marks; empty where it is longer than any coordinates."""
    if len(text) > LONGEST_TEXT:
        return ""
    return unicodedata.normalize("NFKC", text.translate(_MARKS)).translate(_MARKS)[: 2 * LONGEST_TEXT].strip()


def marked(text: str) -> str:
    """A plain text in capitals, with ``°'"`` where words or letters stand for degrees, minutes and seconds."""
    text = text.replace("''", '"')
    for word, mark in zip("度分秒", _ORDER, strict=True):
        text = re.sub(rf"(?<=\d)\s?{word}(?!带)", mark, text)
    for letters in _LETTERS:
        text = letters.sub(_marked, text)
    return re.sub(r"(?<=\d)-(?=\d)", " ", text.upper().removeprefix("GEO:"))


def _marked(letters: re.Match[str]) -> str:
    minutes, seconds = letters.groups()
    return "°" + (f"{minutes}'" if minutes else "") + (f'{seconds}"' if seconds else "")


def take_datum(text: str) -> tuple[Datum | None, str]:
    """The datum that a plain text names, and the rest of it."""
    for datum, words in _DATUMS:
        rest, count = re.subn(rf"(?:{words})(?:坐标系?)?\s?:?", " ", text, count=1, flags=re.IGNORECASE)
        if count:
            return datum, rest.strip(" ,")
    return None, text


def take_zoning(text: str) -> tuple[Zoning, str]:
    """What a marked text says about the grid's zone, and the rest of it."""
    patterns = (
        ("epsg", r"EPSG:?\s?(\d{4,5})(?!\d)\s?:?"),
        ("central_deg", r"(?:CM|中央经线|中央子午线)\s?:?(\d{2,3})°?E?(?![\d.])"),
        ("central_deg", r"\(\s?(\d{2,3})°E\s?\)"),
        ("number", r"(?:[36]度带)?第?(\d{2})[度号]?带|ZONE\s?(\d{2})(?!\d)"),
    )
    for name, pattern in patterns:
        if found := re.search(pattern, text):
            number = int(next(group for group in found.groups() if group))
            rest = f"{text[: found.start()]} {text[found.end() :]}"
            return Zoning(**{name: number}), rest.strip(" ,")
    return Zoning(), text


def pairs(text: str) -> Iterator[tuple[Quantity, Quantity]]:
    """Every way to read a marked text as two quantities, most often one."""
    tokens = _tokens(text)
    if tokens is None:
        return
    has_marks = any(kind == "mark" for kind, _ in tokens)
    for at in range(1, len(tokens)):
        left, right = _quantity(tokens[:at]), _quantity(tokens[at + (tokens[at][0] == "comma") :])
        if left is None or right is None:
            continue
        if len(left.figures) == len(right.figures) or has_marks:
            yield left, right


def _tokens(text: str) -> list[tuple[str, str]] | None:
    tokens: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or len(tokens) > 40:
            return None
        at = found.end()
        if found.lastgroup and found.lastgroup != "idle":
            tokens.append((found.lastgroup, found[found.lastgroup]))
    while tokens and tokens[-1][0] == "comma":
        tokens.pop()
    return tokens


def _quantity(tokens: list[tuple[str, str]]) -> Quantity | None:
    """Axis words before or after one to three figures, each with its mark or without; ``None`` for anything else."""
    axes: list[Axis] = []
    figures: list[str] = []
    marks = ""
    for index, (kind, value) in enumerate(tokens):
        if kind == "axis":
            if figures and (axes or index != len(tokens) - 1):
                return None  # before or after the figures, never both
            axes.append(_AXES[value])
        elif kind == "number":
            figures.append(value)
        elif (
            kind == "mark"
            and figures
            and len(figures) <= 3
            and value == _ORDER[len(figures) - 1]
            and not (index and tokens[index - 1][0] == "mark")
        ):
            marks += value
        else:
            return None
    axis = _one_axis(axes)
    if axis == "" or not _are_figures(figures):
        return None
    return Quantity(axis=axis or None, figures=tuple(figures), has_marks=bool(marks))


def _one_axis(axes: list[Axis]) -> Axis | Literal[""] | None:
    """The axis that the words name together; empty where they contradict.  A side says more than X or Y."""
    sides = {axis for axis in axes if axis not in {"x", "y"}} or set(axes)
    if len(sides) > 1:
        return ""
    return next(iter(sides), None)


def _are_figures(figures: list[str]) -> bool:
    """One to three, of which the last alone has a fraction, and minutes and seconds are below sixty."""
    if not 1 <= len(figures) <= 3 or any("." in figure for figure in figures[:-1]):
        return False
    return all(figure[0] not in "+-" and float(figure) < 60 for figure in figures[1:])
