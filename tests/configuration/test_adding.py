"""A confirmed find goes into the person's own file: nothing else in it changes, and nothing of it is ever lost."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.configuration import adding
from console.configuration.adding import NewCamera, NewDevice, add, extended, with_account
from console.configuration.faults import ConfigurationFaults
from console.configuration.file import load
from console.configuration.kept import GENERATIONS, generations, kept
from console.trouble import OperatorError

ROOT = Path(__file__).resolve().parents[2]
FILE = """\
# 一号车 / vehicle one
[incident]
name = "双洎河防汛"   # shown on top

[[camera]]
id = "mast"
url = "rtsp://a:b@192.0.2.21/1"
# record = false

# ---- teams
[[team]]
id = "t"
name = "[[camera]]"
"""
CAMERA = NewCamera(id="cam-22", name='大桥 "东"\\', url="rtsp://u:Canary-77@192.0.2.22/1", owner="水利局")


def vehicle(folder: Path, text: str = FILE) -> Path:
    file = folder / "vehicle.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_camera_stands_after_the_last_one_and_every_other_line_stays(tmp_path: Path) -> None:
    file = vehicle(tmp_path)
    made = add(file, CAMERA)
    assert (made.id, made.name) == (CAMERA.id, CAMERA.name)
    lines, before = file.read_text(encoding="utf-8").splitlines(), FILE.splitlines()
    at = lines.index("# record = false")
    assert lines[at + 1 : at + 3] == ["", "[[camera]]"]
    assert [line for line in before if line not in lines] == []
    rest = [*lines[: at + 1], *lines[lines.index("# ---- teams") - 1 :]]
    assert rest == before
    assert [one.id for one in load(file).cameras] == ["mast", "cam-22"]
    assert load(file).cameras[1].name == CAMERA.name


def test_only_its_owner_may_read_the_file_afterwards(tmp_path: Path) -> None:
    file = vehicle(tmp_path)
    file.chmod(0o644)
    add(file, CAMERA)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    real = vehicle(tmp_path / "there")
    link = tmp_path / "vehicle.toml"
    link.symlink_to(real)
    add(link, CAMERA)
    assert link.is_symlink()
    assert len(load(real).cameras) == 2


def test_the_file_as_it_was_and_several_before_it_are_kept(tmp_path: Path) -> None:
    file = vehicle(tmp_path)
    for number in range(GENERATIONS + 3):
        add(file, NewCamera(id=f"c{number}", name="c", url=f"rtsp://192.0.2.30/{number}"))
    newest = kept(file)
    assert newest is not None
    assert newest.read_bytes() == file.read_bytes()
    counts = [len(load(one).cameras) for one in generations(file)]
    assert counts == list(range(GENERATIONS + 3, 3, -1))
    assert {stat.S_IMODE(one.stat().st_mode) for one in generations(file)} == {0o600}


@pytest.mark.parametrize(
    "text",
    [
        FILE.replace("\n", "\r\n"),
        "\ufeff" + FILE,
        FILE.rstrip(),
        '[[team]]\nid = "t"\nname = """\n[[camera]]\nx"""\n',
        '[[team]]\nid = "t"\n',
        FILE + "\n[[camera]]\nid='last'\nurl='rtsp://192.0.2.9/'\n# the end",
        '[[camera]]\nid = "a"\nurl = """rtsp://192.0.2.9/"""\n[[ camera ]]\nid = "b"\nurl = "rtsp://192.0.2.10/"\n',
        (ROOT / "resources" / "examples" / "vehicle.toml").read_text(encoding="utf-8"),
    ],
)
@pytest.mark.parametrize("new", [CAMERA, NewDevice(id="d9", name="d", driver="nmea0183", wire="serial:/dev/ttyS9")])
def test_whatever_the_file_looks_like_it_says_the_same_and_one_more(text: str, new: Any) -> None:
    before = text.encode()
    after = extended(before, new).decode()
    wanted = tomllib.loads(text.removeprefix("\ufeff"))
    wanted.setdefault(new.table, []).append(new.values())
    assert tomllib.loads(after.removeprefix("\ufeff")) == wanted
    assert after.count("\r\n") in {0, after.count("\n")}
    rest = iter(after.splitlines())
    assert all(line in rest for line in text.splitlines())  # in their order


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=40))
def test_any_name_is_written_so_that_it_reads_back(name: str) -> None:
    after = extended(FILE.encode(), NewCamera(id="x", name=name, url="rtsp://192.0.2.1/"))
    assert tomllib.loads(after.decode())["camera"][-1]["name"] == name


@pytest.mark.parametrize(
    "new",
    [
        NewCamera(id="mast", name="twice", url="rtsp://192.0.2.22/1"),
        NewCamera(id="空", name="x", url="rtsp://192.0.2.22/1"),
        NewCamera(id="x", name="x", url="gopher://192.0.2.22/1"),
        NewDevice(id="x", name="x", driver="none", wire="serial:/dev/ttyS9"),
        NewDevice(id="x", name="x", driver="nmea0183", wire="serial:"),
    ],
)
def test_what_the_check_would_refuse_is_not_written(tmp_path: Path, new: Any) -> None:
    file = vehicle(tmp_path)
    with pytest.raises(ConfigurationFaults):
        add(file, new)
    assert file.read_text(encoding="utf-8") == FILE


def test_a_file_that_is_broken_is_left_as_it_is(tmp_path: Path) -> None:
    file = vehicle(tmp_path, FILE + "[[camera\n")
    with pytest.raises(ConfigurationFaults):
        add(file, CAMERA)
    assert file.read_text(encoding="utf-8") == FILE + "[[camera\n"


def test_what_somebody_wrote_meanwhile_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = vehicle(tmp_path)
    monkeypatch.setattr(adding, "keep", lambda _: file.write_text(FILE + "# mine\n", encoding="utf-8"))
    with pytest.raises(OperatorError) as caught:
        add(file, CAMERA)
    assert caught.value.text.id == "adding.changed"
    assert file.read_text(encoding="utf-8").endswith("# mine\n")


def test_a_disk_that_fails_leaves_the_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = vehicle(tmp_path)

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OperatorError) as caught:
        add(file, CAMERA)
    assert caught.value.text.id == "adding.unwritable"
    assert "Canary" not in str(caught.value)
    assert file.read_text(encoding="utf-8") == FILE
    assert [one.name for one in tmp_path.iterdir()] == ["vehicle.toml"]


@pytest.mark.parametrize(
    ("url", "user", "password", "made"),
    [
        ("rtsp://192.0.2.1/s?a=1", "viewer", "p:/@?#ö", "rtsp://viewer:p%3A%2F%40%3F%23%C3%B6@192.0.2.1/s?a=1"),
        ("rtsp://x:y@192.0.2.1:554/s", "a", "", "rtsp://a@192.0.2.1:554/s"),
        ("rtsp://[fe80::1]:554/s#transport=udp", "a", "b", "rtsp://a:b@[fe80::1]:554/s#transport=udp"),
        ("rtsp://192.0.2.1/s", "", "ignored", "rtsp://192.0.2.1/s"),
    ],
)
def test_an_account_goes_into_the_address_whatever_signs_it_has(url: str, user: str, password: str, made: str) -> None:
    assert with_account(url, user, password) == made


def test_neither_account_nor_wire_is_in_what_python_prints_of_an_addition() -> None:
    assert "Canary" not in repr(CAMERA)
    assert "Canary" not in repr(NewDevice(id="d", name="d", driver="x", wire="mqtt:h:1/x?password=Canary"))
