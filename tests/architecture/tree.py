"""The project's own files, as the architecture tests read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("console", "devices")
_NOT_OURS = {"__pycache__", ".git", ".venv"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One Python file: its path from the root with ``/``, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module


def files(*folders: str) -> Iterator[Path]:
    """Every file below these folders of the project; without any, of the whole project.  Caches are not ours."""
    for start in [ROOT / folder for folder in folders] or [ROOT]:
        for path in sorted(start.rglob("*")):
            parts = path.relative_to(ROOT).parts
            is_ours = not any(part in _NOT_OURS or part.endswith("_cache") or part == ".hypothesis" for part in parts)
            if is_ours and path.is_file():
                yield path


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """Every Python file below these folders; ``main.py`` belongs to the product."""
    paths = [path for path in files(*folders) if path.suffix == ".py"]
    if set(PRODUCT) <= set(folders) and (ROOT / "main.py").exists():
        paths.append(ROOT / "main.py")
    return tuple(_read(path) for path in paths)


@cache
def _read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(path=path.relative_to(ROOT).as_posix(), text=text, tree=ast.parse(text))


def docstrings(tree: ast.Module) -> set[int]:
    """The identities of the string constants that are docstrings, or stand alone as a field's."""
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }


def strings(source: Source) -> tuple[ast.Constant, ...]:
    """Every string constant that is no docstring; the pieces of f-strings are among them."""
    return _strings(source.path)


@cache
def _strings(path: str) -> tuple[ast.Constant, ...]:
    tree = _read(ROOT / path).tree
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    documented = docstrings(tree)
    return tuple(node for node in found if id(node) not in documented)
