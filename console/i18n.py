"""Texts for people, by message id, in Chinese and English.

The texts lie in ``resources/i18n/<language>/*.toml``: nested tables, joined by dots to one id.  ``{name}``
stands for an argument.  One whose *name* begins with ``@`` (``@reason``) is itself a message id and fills ``{reason}``:
names are written by this program only, so nothing that a person typed or a device said is ever read as an id.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_FOLDER = Path(__file__).resolve().parent.parent / "resources" / "i18n"


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """All texts of a language, id to text."""
    texts: dict[str, str] = {}
    for file in sorted((_FOLDER / language).glob("*.toml")):
        _flatten(tomllib.loads(file.read_text(encoding="utf-8")), "", texts)
    return texts


def _flatten(table: Mapping[str, Any], prefix: str, into: dict[str, str]) -> None:
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            _flatten(value, f"{name}.", into)
        else:
            into[name] = str(value)


def translate(language: Language, message_id: str, args: Mapping[str, object] | None = None) -> str:
    """The text of ``message_id``; an unknown id is shown as it is, so that nothing is lost."""
    text = catalogue(language).get(message_id)
    if text is None:
        return message_id if not args else f"{message_id} {dict(args)}"
    if not args:
        return text
    said = {name.removeprefix("@"): _said(language, name, value, args) for name, value in args.items()}
    try:
        return text.format_map(said)
    except (KeyError, IndexError, ValueError):
        return f"{text} {said}"


def _said(language: Language, name: str, value: object, args: Mapping[str, object]) -> object:
    """An argument as it is read: a nested text, a whole number without ``.0``, anything else as it is."""
    if name.startswith("@"):
        return translate(language, str(value), {key: other for key, other in args.items() if key != name})
    return int(value) if isinstance(value, float) and value.is_integer() else value
