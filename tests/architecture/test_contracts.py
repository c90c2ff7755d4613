"""Who may import whom, what the catalogue promises, and what this PySide6 must not do."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from devices.catalogue import entries
from tests.architecture.tree import ROOT, sources

LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def test_everybody_imports_only_whom_he_may() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-logo", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("driver_id", entries())
def test_every_driver_names_its_source_and_its_guesses(driver_id: str) -> None:
    module = importlib.import_module(entries()[driver_id].driver.partition(":")[0])
    text = module.__doc__ or ""
    assert "**Source:**" in text
    assert "**Assumed:**" in text


def test_every_driver_is_in_the_catalogue() -> None:
    named = {entry.driver.partition(":")[0].rpartition(".")[2] for entry in entries().values()}
    folder = ROOT / "devices" / "drivers"
    there = {path.stem for path in folder.iterdir() if not path.name.startswith("_") and not path.name.endswith(".pyc")}
    assert there == named


def test_every_dependency_is_justified_in_the_readme() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = [re.split(r"[<>=]", line)[0] for line in project["dependencies"]]
    assert not [name for name in names if f"`{name}`" not in readme]


def test_no_dependency_is_without_an_upper_bound() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert not [line for line in project["dependencies"] if "<" not in line]


def _tree_of_the_readme() -> set[str]:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"<!-- tree -->\n+```\n(.*?)```", readme, re.DOTALL)
    assert block, "the README shows the rooms between <!-- tree --> and the end of that code block"
    return {name for line in block[1].splitlines() if line and not line.startswith(" ") for name in [line.split()[0]]}


def test_the_readme_shows_the_rooms_as_they_are() -> None:
    shown = _tree_of_the_readme()
    hidden = {".git", ".venv", "README.md", "LICENSE", "uv.lock", ".gitignore", ".gitattributes", ".python-version"}
    there = {
        f"{path.name}/" if path.is_dir() else path.name
        for path in ROOT.iterdir()
        if path.name not in hidden and not path.name.endswith(("_cache", "__pycache__")) and path.name != ".hypothesis"
    }
    assert shown == there


def test_every_room_of_the_readme_is_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:console|devices|resources|tests)/[\w./-]*)`", readme))
    assert not {name for name in named if not (ROOT / name).exists()}


REFERENCES = """
import sys
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPen
application = QGuiApplication([])
image = QImage(8, 8, QImage.Format.Format_RGB32)
painter = QPainter(image)
def paint():
    for _ in range(200):
        painter.setPen(QPen(QColor(1, 2, 3)))
paint()
before = sys.getrefcount(None)
paint()
print(before - sys.getrefcount(None))
painter.end()
"""


def test_painting_does_not_eat_the_references_of_none() -> None:
    """PySide6 6.12.0 took one reference of None a call on CPython 3.11, until the interpreter aborted."""
    done = subprocess.run([sys.executable, "-c", REFERENCES], capture_output=True, text=True, check=True, timeout=60)
    assert abs(int(done.stdout)) < 50


def test_the_example_lies_where_texts_send_people_to() -> None:
    assert Path(ROOT / "resources/examples/vehicle.toml").is_file()
    assert sources("console", "devices")
