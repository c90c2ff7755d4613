"""Names, sizes and units: the habits that keep the house readable."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.tree import PRODUCT, ROOT, Source, files, sources

EVERYTHING = sources(*PRODUCT, "tests")

LONGEST_FILE_LINES = 400
LONGEST_FUNCTION_LINES = 40
FORBIDDEN_MODULES = {"utils", "util", "helpers", "helper", "common", "misc", "shared"}
FORBIDDEN_CLASSES = re.compile(r"(Manager|Handler|Helper|Controller|Orchestrator|Utils?)$")

UNITS = set(
    re.findall(
        r"\w+",
        "ns us ms s min m km px mps deg hz khz mhz dbm db dbhz v a w wh l h c percent ppm bytes bits bps mbps fps "
        "levels",
    )
)
PURE_NUMBERS = {"ratio", "share", "factor", "scale", "zoom"}
UNITLESS = {
    "console/alarm_rules.py:AlarmRule.deadband": "in the unit of the limit that it belongs to",
    "console/queries.py:ReplayState.speed": "times the recorded pace",
    "devices/video/playing.py:Moment.speed": "times the recorded pace",
}
QUANTITIES = set(
    re.findall(
        r"\w+", "time age delay duration timeout interval width height distance altitude speed course voltage power"
    )
)
"""Words that are never a number's whole last word: the unit is missing behind them."""


def test_no_file_is_longer_than_a_sitting() -> None:
    long = {source.path: lines for source in EVERYTHING if (lines := source.text.count("\n")) >= LONGEST_FILE_LINES}
    assert not long


def _functions(source: Source) -> Iterator[tuple[str, int]]:
    for node in ast.walk(source.tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
            if body:
                yield f"{source.path}:{node.lineno} {node.name}", (body[-1].end_lineno or 0) - body[0].lineno + 1


def test_no_function_is_longer_than_a_screen() -> None:
    product = sources(*PRODUCT)
    long = {name: lines for one in product for name, lines in _functions(one) if lines >= LONGEST_FUNCTION_LINES}
    assert not long


def test_no_module_is_a_drawer_for_everything() -> None:
    names = {source.path for source in EVERYTHING if FORBIDDEN_MODULES & set(source.path[:-3].split("/"))}
    assert not names


def test_no_class_manages_or_handles_things() -> None:
    names = [
        f"{source.path}:{node.name}"
        for source in EVERYTHING
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef) and FORBIDDEN_CLASSES.search(node.name)
    ]
    assert not names


def _value_classes(source: Source) -> Iterator[ast.ClassDef]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef):
            marks = [ast.unparse(mark) for mark in (*node.decorator_list, *node.bases)]
            if any("dataclass" in mark or "NamedTuple" in mark for mark in marks):
                yield node


def _number_fields(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field in node.body:
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            words = set(re.findall(r"\w+", ast.unparse(field.annotation)))
            if "ClassVar" not in words and words <= {"float", "int", "None"} and words & {"float", "int"}:
                yield field.target.id, "float" if "float" in words else "int"


@pytest.mark.parametrize("source", sources(*PRODUCT), ids=lambda source: source.path)
def test_every_number_says_its_unit(source: Source) -> None:
    wrong = []
    for node in _value_classes(source):
        names = {
            field.target.id
            for field in node.body
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        }
        for name, kind in _number_fields(node):
            place = f"{source.path}:{node.name}.{name}"
            last = name.rpartition("_")[2]
            is_bare = last not in UNITS | PURE_NUMBERS if kind == "float" else last in QUANTITIES
            if is_bare and "unit" not in names and place not in UNITLESS:
                wrong.append(place)
    assert not wrong


def _is_broad(node: ast.ExceptHandler) -> bool:
    """Takes whatever comes and keeps it.  One that only tidies up and hands it on is none."""
    kinds = {"Exception", "BaseException"}
    is_wide = node.type is None or bool(kinds & set(re.findall(r"\w+", ast.unparse(node.type))))
    match node.body:
        case [*_, ast.Raise(exc=None)]:
            return False
        case [ast.Assign(value=ast.Name(id=name))]:  # kept whole, for the thread that asks how it ended
            return is_wide and name != node.name
    return is_wide


def test_a_broad_except_stands_in_two_supervised_places_at_most() -> None:
    places = [
        f"{source.path}:{node.lineno}"
        for source in sources(*PRODUCT)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and _is_broad(node)
    ]
    assert len(places) <= 2, places


def test_qt_widgets_live_in_the_views_only() -> None:
    allowed = ("console/views/", "console/commands/", "main.py")
    wrong = {
        f"{source.path}:{node.lineno}"
        for source in sources(*PRODUCT)
        if not source.path.startswith(allowed)
        for node in ast.walk(source.tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in [getattr(node, "module", None) or "", *[alias.name for alias in node.names]]
        if "QtWidgets" in name or "QtGui" in name or "pyqtgraph" in name
    }
    assert not wrong


def test_the_tree_names_nothing_outside_of_itself() -> None:
    outside = re.compile(
        "|".join([r"\.\./" + "shared", "/wo" + "rk/", "/ro" + "ot/", "farm-" + "studio", r"/home/(?!\$)\w+/"])
    )
    texts = {".py", ".toml", ".sh", ".md", ".json", ".svg", ".txt", ".nmea", ".log", ""}
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files()
        if path.suffix in texts and path.name != "uv.lock"
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1)
        if outside.search(line)
    ]
    assert not wrong
