"""Imports as tests run them: sources made once, the real worker process, and what lies in the folder afterwards."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from console.i18n import LANGUAGES
from console.importing.job import Job, Progress, Report
from console.importing.run import bring_in
from console.trouble import OperatorError

ROOT = Path(__file__).resolve().parents[2]
MAIN = [sys.executable, str(ROOT / "main.py"), "import"]


def job(source: Path, out: Path, **asked: Any) -> Job:
    target = {".mbtiles": "tiles", ".geojson": "layer"}.get(out.suffix, "heights")
    return Job(
        **{
            "source": str(source),
            "kind": "geotiff",
            "target": target,
            "out": str(out),
            "file_name": source.name,
            "name": source.stem,
            "date": "2026-07-20",
            **asked,
        }
    )


def imported(
    source: Path,
    out: Path,
    *,
    may_replace: bool = False,
    on_progress: Callable[[Progress], None] = lambda _: None,
    **asked: Any,
) -> Report:
    """The import as asked; afterwards nothing lies beside the result."""
    try:
        return bring_in(job(source, out, **asked), may_replace=may_replace, on_progress=on_progress)
    finally:
        assert not list(out.parent.glob(".*.part"))


def features(layer: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(layer.read_text(encoding="utf-8"))["features"]
    return found


def told(layer: Path) -> list[tuple[str, int, str]]:
    """Kind, rank and name of every feature."""
    return [(one["kind"], one["rank"], one["name"]) for one in (each["properties"] for each in features(layer))]


def run_command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*MAIN, *words], capture_output=True, text=True, check=False, timeout=60)


@contextlib.contextmanager
def refused(word: str) -> Iterator[None]:
    """The import is refused for this reason, in a whole sentence in both languages."""
    with pytest.raises(OperatorError) as caught:
        yield
    assert caught.value.text.id == f"import.refused.{word}", str(caught.value)
    for language in LANGUAGES:
        sentence = caught.value.sentence(language)
        assert "{" not in sentence
        assert "import." not in sentence
