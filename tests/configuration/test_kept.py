from __future__ import annotations

import argparse
import stat
from pathlib import Path

import pytest

from console.commands.arguments import chosen
from console.configuration.faults import ConfigurationFaults
from console.configuration.kept import kept

GOOD = '[incident]\nname = "A"\npost = "B"\n\n[[team]]\nid = "t"\nname = "T"\npeople = 3\n'


def arguments(file: Path) -> argparse.Namespace:
    return argparse.Namespace(config=file, drill=False, journal=None, lang="en")


def test_a_broken_file_is_replaced_by_its_last_good_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "vehicle.toml"
    file.write_text(GOOD, encoding="utf-8")
    assert chosen(arguments(file), may_fall_back=True).broken is None
    file.write_text(GOOD + "[[device]\n", encoding="utf-8")
    found = chosen(arguments(file), may_fall_back=True)
    assert found.broken_file == file
    assert found.configuration is not None
    assert found.configuration.incident == "A"
    assert str(file) in capsys.readouterr().err


def test_without_a_good_copy_the_faults_are_told(tmp_path: Path) -> None:
    file = tmp_path / "vehicle.toml"
    file.write_text("[[device]\n", encoding="utf-8")
    with pytest.raises(ConfigurationFaults):
        chosen(arguments(file), may_fall_back=True)


def test_scripts_never_get_another_configuration_than_they_named(tmp_path: Path) -> None:
    file = tmp_path / "vehicle.toml"
    file.write_text(GOOD, encoding="utf-8")
    chosen(arguments(file), may_fall_back=True)
    file.write_text("[[device]\n", encoding="utf-8")
    with pytest.raises(ConfigurationFaults):
        chosen(arguments(file))


def test_the_copy_of_one_file_is_not_taken_for_another_and_is_private(tmp_path: Path) -> None:
    file = tmp_path / "vehicle.toml"
    file.write_text(GOOD, encoding="utf-8")
    chosen(arguments(file), may_fall_back=True)
    copy = kept(file)
    assert copy is not None
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert kept(tmp_path / "other.toml") is None
