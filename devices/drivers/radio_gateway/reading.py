"""Reads a line into an object, and fields out of an object, and trusts neither.

**Source:** the format of this project (see the package).
"""

from __future__ import annotations

import json
import math
from calendar import timegm
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NoReturn

from devices.driver import NS_PER_S, is_late

LINE_LIMIT: Final = 16_000
IDENTITY: Final = 64
TEXT: Final = 4_000


class FieldFault(Exception):  # noqa: N818 - an inner word of this package
    """A field is not what the format says."""


def read_object(line: bytes) -> Mapping[str, Any] | None:
    """The JSON object of a line; ``None`` for anything else, NaN and deep nesting included."""
    try:
        said = json.loads(line.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


class Fields:
    """The fields of one object that arrived at ``now_ns`` (below 0: not known).

    Missing and null are ``None``; what is of another kind raises ``FieldFault``.
    """

    def __init__(self, said: Mapping[str, Any], now_ns: int = -1) -> None:
        self._said = said
        self._now_ns = now_ns

    def text(self, name: str, most: int = IDENTITY) -> str | None:
        """A text of at most so many characters, which could be written down."""
        value = self._said.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or len(value) > most or any("\ud800" <= sign <= "\udfff" for sign in value):
            raise FieldFault(name)
        return value

    def identity(self, name: str) -> str | None:
        """A number or name in its canonical spelling: no blanks around, no leading zeros of a number."""
        value = self.text(name)
        if value is None:
            return None
        value = value.strip()
        if not value or not value.isprintable():
            raise FieldFault(name)
        return value.lstrip("0") or "0" if value.isascii() and value.isdecimal() else value

    def needed(self, name: str) -> str:
        """An identity that must be there."""
        value = self.identity(name)
        if value is None:
            raise FieldFault(name)
        return value

    def number(self, name: str, least: float, most: float) -> float | None:
        """A number between these, both included."""
        value = self._said.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
            raise FieldFault(name)
        return float(value) if math.isfinite(value) else None

    def truth(self, name: str) -> bool | None:
        """True or false."""
        value = self._said.get(name)
        if value is not None and not isinstance(value, bool):
            raise FieldFault(name)
        return value

    def choice(self, name: str, known: frozenset[str]) -> str | None:
        """One of these words."""
        value = self.text(name)
        if value is not None and value not in known:
            raise FieldFault(name)
        return value

    def at_ns(self) -> int | None:
        """When it happened; a time without its zone is no time."""
        value = self.text("at")
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise FieldFault("at") from None
        if moment.tzinfo is None:
            raise FieldFault("at")
        try:
            moment = moment.astimezone(UTC)
        except OverflowError:
            raise FieldFault("at") from None
        return timegm(moment.timetuple()) * NS_PER_S + moment.microsecond * 1000

    def is_stored(self) -> bool:
        """Whether this is handed on from a store, as it says or as its time says."""
        return bool(self.truth("stored")) or is_late(self.at_ns(), self._now_ns)
