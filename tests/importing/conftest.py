from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from console.importing import extra
from tests.importing.rig import ROOT
from tests.peers import lack


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small maps; the extra must be there on CI."""
    if not extra.is_there():
        lack("the import extra is not installed: sh resources/setup.sh --tests")
    folder = tmp_path_factory.mktemp("maps")
    made = subprocess.run(
        [sys.executable, "-m", "tests.importing.sources", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert made.returncode == 0, made.stderr
    return folder
