"""Which configuration is opened, and where its incident is written down."""

from __future__ import annotations

from pathlib import Path

from console.configuration.model import Configuration
from console.configuration.places import find, journal_folder, journals, own_file


def test_without_a_file_of_ones_own_it_is_the_drill() -> None:
    assert find(None) is None


def test_ones_own_file_is_found_and_the_given_one_goes_first(own_folders: Path) -> None:
    own = own_file()
    assert own.is_relative_to(own_folders)
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("", encoding="utf-8")
    assert find(None) == own
    assert find(Path("other.toml")) == Path("other.toml")
    assert find(None, is_drill=True) is None


def test_a_broken_link_is_told_as_a_fault_and_never_answered_with_a_drill() -> None:
    own = own_file()
    own.parent.mkdir(parents=True, exist_ok=True)
    own.symlink_to("nowhere.toml")
    assert find(None) == own


def test_a_given_file_that_is_not_there_is_never_answered_with_a_drill(tmp_path: Path) -> None:
    assert find(tmp_path / "gone.toml") == tmp_path / "gone.toml"


def test_live_and_drill_never_share_a_folder() -> None:
    live, drill = (journal_folder(Configuration(mode=mode, incident="防汛", post="")) for mode in ("live", "drill"))
    assert live.parent == journals("live")
    assert not live.is_relative_to(journals("drill"))
    assert not drill.is_relative_to(journals("live"))


def test_the_same_incident_keeps_its_folder_and_another_gets_its_own() -> None:
    first = Configuration(mode="live", incident="双洎河防汛", post="", incident_since_ns=1_784_500_200 * 10**9)
    later = Configuration(mode="live", incident="双洎河防汛", post="", incident_since_ns=1_794_500_200 * 10**9)
    assert journal_folder(first) == journal_folder(first)
    assert journal_folder(first) != journal_folder(later)
    assert "双洎河防汛" in journal_folder(first).name


def test_no_name_of_an_incident_leaves_the_journals_folder() -> None:
    for name in ("../../etc", "a/b", "..", "", "\0", "x" * 300):
        folder = journal_folder(Configuration(mode="live", incident=name, post=""))
        assert folder.parent == journals("live")
        assert folder.name not in {"", ".", ".."}
        assert len(folder.name.encode()) < 255
