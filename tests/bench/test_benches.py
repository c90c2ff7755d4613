"""Every bench runs and says what it must; how fast is nobody's assertion."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.__main__ import BENCHES, TINY
from tests.bench.figure import Figure, percentile, table

ROOT = Path(__file__).parents[2]
EXACT = {"digest", "chain", "kill"}
"""Words of figures that are no measurement: these must be met on any machine."""


def test_every_bench_has_a_tiny_size() -> None:
    assert set(TINY) == set(BENCHES)


def test_the_readme_has_a_figure_of_every_bench_and_names_the_machine() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## Figures\n")[2].partition("\n## ")[0]
    rows = {line.split("|")[1].strip().strip("`") for line in section.splitlines() if line.startswith("| `")}
    assert rows == set(BENCHES) - {"fuzz"}, "fuzz counts nothing: it is told below the table"
    assert "`fuzz`" in section
    assert re.search(r"cores? of .*CPython 3\.\d+", section, re.DOTALL)


@pytest.mark.parametrize("name", BENCHES)
def test_a_bench_runs_and_says_what_it_must(name: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.bench", name, "--tiny", "--json"]
    environment = {"TMPDIR": str(tmp_path)}
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert {"cpu", "cores", "python", "system"} <= set(said["machine"])
    assert said["figures"]
    for figure in said["figures"]:
        assert {"name", "what", "value", "unit", "target", "beside", "ratio", "mix", "is_met"} <= set(figure)
        assert figure["name"] == name
        if EXACT & set(figure["what"].replace(":", "").split()):
            assert figure["is_met"], figure


def test_the_table_says_what_was_missed() -> None:
    missed = Figure(name="live", what="rate", value=1.0, unit="records/s", target=2.0)
    met = Figure(name="moment", what="p95", value=1.0, unit="ms", target=2.0, better="less")
    lines = table([missed, met]).splitlines()
    assert "≥ 2 records/s" in lines[2]
    assert "missed" in lines[2]
    assert "≤ 2 ms" in lines[3]
    assert "missed" not in lines[3]


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([3.0, 1.0, 2.0], 0.95) == 3.0
