"""The tests' own ground: what must fail does fail.  Each case is a small test run of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from platformdirs import user_config_dir, user_data_dir

from tests.peers import need

ROOT = Path(__file__).resolve().parents[2]


def outcome_of(source: str, folder: Path, **environment: str) -> tuple[int, str]:
    """Run a test file's source with this project's conftest."""
    (folder / "test_inner.py").write_text(source, encoding="utf-8")
    variables = {key: value for key, value in os.environ.items() if key != "CI"} | environment
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-p", "tests.conftest",
         "-c", "pyproject.toml", f"--rootdir={ROOT}", str(folder / "test_inner.py")],
        cwd=ROOT, env=variables | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


MISSING_PEER = """
import pytest
from tests.peers import need

@pytest.mark.peer
def test_needs():
    need("no-such-program-anywhere")

@pytest.mark.peer
def test_skips_by_itself():
    pytest.skip("not today")
"""


def test_a_missing_peer_is_skipped_on_a_developers_machine(tmp_path: Path) -> None:
    code, said = outcome_of(MISSING_PEER, tmp_path)
    assert code == 0, said
    assert "2 skipped" in said
    assert "setup.sh --tests" in said


def test_a_peer_test_that_does_not_run_on_ci_has_failed(tmp_path: Path) -> None:
    code, said = outcome_of(MISSING_PEER, tmp_path, CI="true")
    assert code == 1
    assert "2 failed" in said


LOGS = """
import logging

def test_warns():
    logging.getLogger("console.x").warning("the disk is %s", "full")

def test_expects_it(caplog):
    logging.getLogger("console.x").warning("the disk is full")
    assert "full" in caplog.text

def test_says_something_usual():
    logging.getLogger("console.x").info("opened")
"""


def test_an_unexpected_warning_in_the_log_fails_its_test(tmp_path: Path) -> None:
    code, said = outcome_of(LOGS, tmp_path)
    assert code == 1
    assert "1 failed, 2 passed" in said
    assert "the disk is full" in said


def test_the_persons_own_folders_are_out_of_reach(own_folders: Path) -> None:
    assert Path(user_config_dir("command-post")).is_relative_to(own_folders)
    assert Path(user_data_dir("command-post")).is_relative_to(own_folders)


def test_qt_draws_on_no_real_display() -> None:
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"
    assert "DISPLAY" not in os.environ


def test_a_program_that_is_there_is_named_with_its_path() -> None:
    assert Path(need("sh")).is_file()
