"""Texts for people: each in both languages, each used by an id that exists, and none written into the views."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from typing import get_args

import pytest

from console.i18n import catalogue
from devices.catalogue import entries
from devices.transports.contract import Reason
from devices.video.messages import REASONS
from tests.architecture.tree import PRODUCT, ROOT, Source, sources, strings

ZH, EN = catalogue("zh"), catalogue("en")
SAYERS = {"say", "Text", "translate", "said_by"}
IDENTITY = re.compile(r"[a-z][a-z0-9_-]*(\.[A-Za-z0-9_-]+)+")
HAN = re.compile("[\u3001-\u303f\u4e00-\u9fff\uff08\uff09\uff0c]")
OTHER_LANGUAGE = re.compile("中/EN|中文")
SENTENCE = re.compile(r"\b[A-Za-z][a-z]+ [a-z]{2,}")
SHOWN_BY = re.compile(
    r"^(set\w*(Text|Tip|Title|Label|Name)|Q\w*(Label|Button|Action|CheckBox)|add(Action|Item|Tab)|drawText)$"
)
VIEWS = sources("console/views")


def test_both_languages_have_the_same_texts() -> None:
    assert set(ZH) == set(EN)


def _arguments(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_fill_in_the_same_arguments_by_name() -> None:
    both = set(ZH) & set(EN)
    assert not {name for name in both if _arguments(ZH[name]) != _arguments(EN[name]) or "" in _arguments(ZH[name])}


def test_chinese_texts_are_chinese_and_english_ones_are_not() -> None:
    assert not {name: text for name, text in EN.items() if HAN.search(OTHER_LANGUAGE.sub("", text))}
    sentences = {name: text for name, text in ZH.items() if SENTENCE.search(re.sub(r"\{[^}]*\}|`[^`]*`", "", text))}
    no_font = "shell.font_missing"  # said where no Chinese can be drawn
    assert not {name: text for name, text in sentences.items() if not HAN.search(text) and name != no_font}


def test_no_id_is_given_twice() -> None:
    """Two files may share a table, never an id: the later would silently win."""
    for language in ("zh", "en"):
        seen: dict[str, str] = {}
        for path in sorted((ROOT / "resources" / "i18n" / language).glob("*.toml")):
            for name in _ids(path.read_text(encoding="utf-8")):
                assert seen.setdefault(name, path.name) == path.name, name


def _ids(text: str) -> Iterator[str]:
    table = ""
    for line in text.splitlines():
        if header := re.match(r"\[([\w.\-\"]+)\]", line):
            table = header[1].replace('"', "")
        elif key := re.match(r"([\w.\-\"]+)\s*=", line):
            yield f"{table}.{key[1]}".replace('"', "")


def _given_ids(source: Source) -> Iterator[tuple[str, int]]:
    """What is handed over as a message id: whole ids, and beginnings of put-together ones with their last dot."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and _name(node.func) in SAYERS:
            named = [one.value for one in node.keywords if one.arg in {"id", "message_id"}]
            for given in named or node.args[: 2 if _name(node.func) == "translate" else 1]:
                for found in _pieces(given):
                    yield found, node.lineno


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _pieces(given: ast.expr) -> Iterator[str]:
    match given:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from _pieces(body)
            yield from _pieces(orelse)
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            yield text[: text.rfind(".") + 1]


def _exists(found: str) -> bool:
    if found.endswith("."):
        return any(message_id.startswith(found) for message_id in ZH)
    return found in ZH


@pytest.mark.parametrize("source", sources(*PRODUCT), ids=lambda source: source.path)
def test_every_text_that_is_used_is_there(source: Source) -> None:
    missing = {f"{found} (line {line})" for found, line in _given_ids(source) if "." in found and not _exists(found)}
    tables = {message_id.partition(".")[0] for message_id in ZH}
    for node in strings(source):
        text = str(node.value).removeprefix("@")
        is_ours = source.path.startswith("console/views/") and text.partition(".")[0] in tables
        is_id = IDENTITY.fullmatch(text) and not text.endswith((".py", ".toml", ".json", ".svg", ".png"))
        if is_ours and is_id and not _exists(text) and not _exists(f"{text}."):
            missing.add(f"{text} (line {node.lineno})")
    assert not missing


@pytest.mark.parametrize("source", VIEWS, ids=lambda source: source.path)
def test_no_view_holds_chinese_text(source: Source) -> None:
    if source.path == "console/views/theme.py":  # names of font families
        return
    measured = {
        id(argument)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and _name(node.func) in {"horizontalAdvance", "boundingRect", "width"}
        for argument in node.args
    }
    found = [
        f"{node.lineno}: {ast.unparse(node)}"
        for node in strings(source)
        if HAN.search(str(node.value)) and id(node) not in measured
    ]
    assert not found


@pytest.mark.parametrize("source", VIEWS, ids=lambda source: source.path)
def test_no_view_shows_an_english_sentence_of_its_own(source: Source) -> None:
    found = [
        f"{node.lineno}: {ast.unparse(piece)}"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and SHOWN_BY.match(_name(node.func))
        for argument in node.args
        for piece in ast.walk(argument)
        if isinstance(piece, ast.Constant) and isinstance(piece.value, str) and SENTENCE.search(piece.value)
    ]
    assert not found


COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\b|\brgba?\(")


@pytest.mark.parametrize("source", VIEWS, ids=lambda source: source.path)
def test_colours_are_chosen_in_the_theme_only(source: Source) -> None:
    if source.path.startswith("console/views/theme"):
        return
    found = [f"{node.lineno}: {ast.unparse(node)}" for node in strings(source) if COLOUR.search(str(node.value))]
    for node in ast.walk(source.tree):
        match node:
            case ast.Call(func=function, args=[ast.Constant(value=int() | str()), *_]) if _name(function) == "QColor":
                found.append(f"{node.lineno}: {ast.unparse(node)}")
            case ast.Attribute(value=ast.Attribute(attr="GlobalColor"), attr=name) if name != "transparent":
                found.append(f"{node.lineno}: {ast.unparse(node)}")
    assert not found


def _refusals() -> set[str]:
    """The words with which an encoder refuses, as written in the drivers."""
    return {
        word.value
        for source in sources("devices")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and _name(node.func) == "Refused"
        for one in node.keywords
        if one.arg == "reason"
        for word in ast.walk(one.value)
        if isinstance(word, ast.Constant) and isinstance(word.value, str)
    }


def _settings_texts() -> set[str]:
    return {
        name
        for entry in entries().values()
        for setting in entry.settings.values()
        for name in (setting.label, setting.hint)
        if name is not None
    }


def test_every_word_for_trouble_has_its_sentence() -> None:
    """Ids put together from a word at run time: nothing but this test would miss one."""
    wanted = {f"wire.reason.{word}" for word in get_args(Reason)}
    wanted |= {f"camera.reason.{word}" for word in REASONS}
    wanted |= {f"refusal.{word}" for word in _refusals()}
    assert not (wanted | _settings_texts()) - set(ZH)


def test_every_setting_of_a_driver_has_a_name_for_people() -> None:
    assert not [
        f"{entry.id}.{setting.name}"
        for entry in entries().values()
        for setting in entry.settings.values()
        if setting.label is None
    ]


@pytest.mark.parametrize("source", sources("console"), ids=lambda source: source.path)
def test_the_mark_of_an_id_stands_in_the_name_of_an_argument_never_in_its_value(source: Source) -> None:
    """A value may be what a person typed or a device said; a name is written here only."""
    marked = [node for node in strings(source) if re.match(r"@[a-z_]+\.", str(node.value))]
    assert not [f"{node.lineno}: {node.value!r}" for node in marked]
