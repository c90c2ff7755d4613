"""TOML octets to tables, and tables to checked values.  Collects faults and goes on, so that all are told at once."""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from console.configuration.faults import Fault, said
from console.picture import Text, Value

LARGEST_BYTES = 1_000_000
S_PER_DAY = 86_400.0
REQUIRED = object()
"""Given as a default: the key must be there."""

_IDENTITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$| \(at end of document\)$")
_LOOK_ALIKES = re.compile("[“”‘’＝［］【】，：]")
_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_-]+)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*["']?([A-Za-z0-9_-]+)["']?\s*[=.]""")

Place = tuple[str, int]
"""A table: its name and its number among its like, from 0."""


class Faults:
    """The faults found so far in one file, and where its keys lie."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Fault] = []
        self.lines: Mapping[tuple[Place, str], int] = {}

    def add(self, key: str, reason: Text, remedy: Text, line: int | None = None) -> None:
        """Note a fault."""
        self.found.append(Fault(file=self.file, key=key, reason=reason, remedy=remedy, line=line))


def parse(octets: bytes, faults: Faults) -> dict[str, Any] | None:
    """The tables of a TOML file; ``None`` when it cannot be read, with the fault noted."""
    if len(octets) > LARGEST_BYTES:
        faults.add("", said("reason", "too_large"), said("remedy", "restore"))
        return None
    text = _decode(octets, faults)
    if text is None:
        return None
    if not text.strip():
        faults.add("", said("reason", "empty"), said("remedy", "restore"))
        return None
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as trouble:
        _note_syntax(text, trouble, faults)
        return None
    faults.lines = _lines(text, tables)
    return tables


def _decode(octets: bytes, faults: Faults) -> str | None:
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError as trouble:
        line = octets.count(b"\n", 0, trouble.start) + 1
        faults.add("", said("reason", "encoding"), said("remedy", "encoding"), line)
        return None
    if "\0" in text:
        faults.add("", said("reason", "damaged"), said("remedy", "restore"), text.count("\n", 0, text.index("\0")) + 1)
        return None
    return text


def _note_syntax(text: str, trouble: Exception, faults: Faults) -> None:
    message = str(trouble)
    place = _PLACE.search(message)
    line = int(place[1]) if place and place[1] else text.count("\n") + 1
    content = text.splitlines()[line - 1] if line <= len(text.splitlines()) else ""
    look_alike = _LOOK_ALIKES.search(content.partition("#")[0])
    remedy = said("remedy", "look_alike", sign=look_alike[0]) if look_alike else said("remedy", "syntax")
    detail = _PLACE.sub("", message)
    faults.add("", said("reason", "syntax", line=line, detail=detail), remedy, line)


def _lines(text: str, tables: Mapping[str, Any]) -> dict[tuple[Place, str], int]:
    """Where each key stands; empty when the headers do not add up (text that looks like a header in a string)."""
    lines: dict[tuple[Place, str], int] = {}
    counts: dict[str, int] = {}
    place: Place = ("", 0)
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            place = (header[2], counts.get(header[2], 0))
            counts[header[2]] = place[1] + 1
            lines[place, ""] = number
        elif key := _KEY.match(line):
            lines.setdefault((place, key[1]), number)
    expected = {name: len(value) if isinstance(value, list) else 1 for name, value in tables.items()}
    return lines if all(expected.get(name) == count for name, count in counts.items()) else {}


class Table:
    """One table being read.  Every reader notes a fault and gives the default when the value will not do."""

    def __init__(self, faults: Faults, place: Place, values: Mapping[str, Any]) -> None:
        self._faults = faults
        self._place = place
        self._known: set[str] = set()
        self.values = values
        identity = values.get("id")
        name, number = place
        is_named = isinstance(identity, str) and _IDENTITY.fullmatch(identity)
        self._name = f"{name}.{identity}" if is_named else f"{name}[{number + 1}]"

    def note(self, key: str, reason: Text, remedy: Text) -> None:
        """Note a fault of this table at ``key``."""
        lines = self._faults.lines
        line = lines.get((self._place, key)) or lines.get((self._place, ""))
        self._faults.add(f"{self._name}.{key}" if key else self._name, reason, remedy, line)

    def value(self, key: str, default: object) -> Any:  # noqa: ANN401 - what TOML held, judged by the caller
        """What stands at ``key``; a missing required key is noted and ``None``."""
        self._known.add(key)
        if key in self.values:
            return self.values[key]
        if default is REQUIRED:
            self.note(key, said("reason", "missing", key=key), said("remedy", "missing", key=key))
            return None
        return default

    def has(self, key: str) -> bool:
        """Whether the file gives this key."""
        return key in self.values

    def text(self, key: str, default: object = REQUIRED, *, longest: int = 500) -> str:
        """A text without control characters, stripped.  A required one is not empty."""
        value = self.value(key, default)
        if value is None or (value is default and key not in self.values):
            return str(value or "")
        if not isinstance(value, str):
            self._note_type(key, "text", value)
            return ""
        text = value.strip()
        if default is REQUIRED and not text:
            self.note(key, said("reason", "blank", key=key), said("remedy", "missing", key=key))
        if len(text) > longest or not text.isprintable():
            self.note(key, said("reason", "text", most=longest), said("remedy", "text", most=longest))
            return ""
        return text

    def identity(self) -> str:
        """The ``id``: ASCII letters, digits, ``-`` and ``_``; it names folders and is written by hand."""
        text = self.text("id")
        if text and not _IDENTITY.fullmatch(text):
            self.note("id", said("reason", "id", id=shown(text)), said("remedy", "id"))
            return ""
        return text

    def number(self, key: str, default: float, low: float, high: float) -> float:
        """A number within bounds; ``low`` and ``high`` included."""
        value = self.value(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self._note_type(key, "number", value)
            return default
        if not (math.isfinite(value) and low <= value <= high):
            self._note_range(key, value, low, high)
            return default
        return float(value)

    def whole(self, key: str, low: int, high: int) -> int | None:
        """A whole number within bounds, ``None`` where the file gives none."""
        value = self.value(key, None)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self._note_type(key, "integer", value)
            return None
        if not low <= value <= high:
            self._note_range(key, value, low, high)
            return None
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """One of true and false."""
        value = self.value(key, default)
        if not isinstance(value, bool):
            self._note_type(key, "boolean", value)
            return default
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text alone is a list of one."""
        value = self.value(key, ())
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, (list, tuple)) or not all(isinstance(one, str) and one.strip() for one in values):
            self._note_type(key, "texts", value)
            return ()
        return tuple(one.strip() for one in values)

    def rest(self, known: Iterable[str] = ()) -> dict[str, Any]:
        """The keys nobody asked for yet; those in ``known`` are not among them."""
        return {key: value for key, value in self.values.items() if key not in self._known and key not in known}

    def refuse_rest(self, also: Iterable[str] = ()) -> None:
        """Note every key nobody asked for; ``also`` are good keys to mean instead."""
        for key in self.rest():
            self.note(key, said("reason", "unknown_key", key=key), meant(key, {*self._known, *also}))

    def _note_type(self, key: str, expected: str, value: object) -> None:
        args: dict[str, Value] = {"@expected": f"configuration.type.{expected}", "given": shown(value)}
        self.note(key, said("reason", "type", **args), said("remedy", f"type_{expected}", key=key))

    def _note_range(self, key: str, value: float, low: float, high: float) -> None:
        reason = said("reason", "range", given=f"{value:g}", low=f"{low:g}", high=f"{high:g}")
        self.note(key, reason, said("remedy", "range", low=f"{low:g}", high=f"{high:g}"))


def meant(word: str, known: Iterable[str]) -> Text:
    """The remedy for an unknown word: the nearest known one, else the list of all."""
    words = sorted(known)
    near = difflib.get_close_matches(word.lower(), words, n=1, cutoff=0.6)
    if near:
        return said("remedy", "did_you_mean", meant=near[0])
    return said("remedy", "one_of", known=", ".join(words))


def shown(value: object) -> str:
    """A value as a short piece of one line."""
    text = " ".join(str(value).split())
    text = text if len(text) <= 60 else f"{text[:59]}…"
    return text or "''"
