"""The fields of an information line: ``+NAME: 1,"two",,3``."""

from __future__ import annotations

import re
from typing import Final

LINE = re.compile(r"([+^*%$-][A-Z0-9]{1,16})\s*:\s*(.*)", re.ASCII | re.DOTALL)
WORD_LETTERS: Final = 64
_WHOLE = re.compile(r"-?[0-9]{1,10}", re.ASCII)


class FieldError(ValueError):
    """A field that cannot mean what its place wants."""


def split(rest: str) -> list[str]:
    """The fields with their quotation marks; a comma within marks does not part."""
    found: list[str] = []
    field, is_within = "", False
    for letter in rest:
        is_within ^= letter == '"'
        if letter == "," and not is_within:
            found.append(field.strip())
            field = ""
        else:
            field += letter
    return [*found, field.strip()]


def is_quoted(field: str) -> bool:
    """Whether the field stands in quotation marks."""
    return len(field) >= 2 and field[0] == field[-1] == '"'


def bare(field: str) -> str:
    """The field without marks, printable and short."""
    text = field[1:-1] if is_quoted(field) else field
    return "".join(letter for letter in text if letter.isprintable())[:WORD_LETTERS]


def whole(field: str, low: int, high: int) -> int:
    """A number within bounds.  Raises ``FieldError``."""
    if not _WHOLE.fullmatch(field) or not low <= int(field) <= high:
        raise FieldError(field)
    return int(field)


def numbers(rest: str, count: int) -> list[int]:
    """At least ``count`` numbers and nothing else.  Raises ``FieldError``."""
    found = [whole(field, -1, 2**31) for field in split(rest)]
    if len(found) < count:
        raise FieldError(rest)
    return found
