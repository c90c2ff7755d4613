"""Rosters as offices keep them: what is read, what is told as not understood, and what is never opened."""

from __future__ import annotations

import contextlib
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from console.commands import dispatch
from console.configuration import roster
from console.configuration.file import load
from console.configuration.roster import Known, read_roster
from console.trouble import OperatorError

VEHICLE = """\
[[device]]
id = "bd"
name = "北斗指挥机"
driver = "beidou_rdss"
wire = "tcp:192.0.2.10:4001"

[[device]]
id = "gw"
name = "370M 调度"
driver = "radio_gateway"
wire = "tcp:192.0.2.11:4002"

[[task]]
name = "水上救援"
expected_min = 5

# ---- our own
[[team]]
id = "fire"
name = "消防水域二组"   # from the brigade
means = [{ device = "bd", subject = "4204986" }, "gw/3100"]
"""
CSV = """\
新郑市应急队伍名册,,,,,,,
序号,名称,人数,负责人,电话,任务,北斗指挥机,370M 调度,血型
1,观音寺镇综合队,30人,张队,013800001111,水上救援,0250101,3101、3102,A
2,基干民兵连,四十六,李连长,,,,3103,
3,消防水域二组,8,,,,4204986,,
4,,5,,,,,,
5,梨河镇转移组,=SUM(A1:A9),,,,250101,,
"""


def vehicle(folder: Path) -> Path:
    file = folder / "vehicle.toml"
    file.write_text(VEHICLE, encoding="utf-8")
    return file


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "名册.csv"
    file.write_bytes(text.encode(encoding))
    return file


def sheet(folder: Path, rows: list[list[Any]]) -> Path:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    file = folder / "名册.xlsx"
    book.save(file)
    return file


def told(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_roster_is_added_to_the_file_and_what_was_not_understood_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str
) -> None:
    config, file = vehicle(tmp_path), written(tmp_path, CSV, encoding)
    assert dispatch(["roster", str(file), "--into", str(config)]) == 1
    teams = {team.name: team for team in load(config).teams}
    assert list(teams) == ["消防水域二组", "观音寺镇综合队", "基干民兵连", "梨河镇转移组"]
    town = teams["观音寺镇综合队"]
    assert (town.id, town.people, town.leader, town.phone) == ("team-001", 30, "张队", "013800001111")
    assert (town.task, town.expected_s, town.symbol) == ("水上救援", 300, "观")
    assert town.means == ("bd/0250101", "gw/3101", "gw/3102")
    assert (teams["基干民兵连"].people, teams["基干民兵连"].expected_s) == (None, 900)
    assert teams["梨河镇转移组"].means == ()
    said = capsys.readouterr()
    assert said.out == ""
    *lines, total = told(said.err)
    assert lines == [
        ["第 2 行", "血型", "不认识这一栏,没有导入"],
        ["第 4 行", "-", "人数看不懂:四十六,留空"],
        ["第 5 行", "-", "消防水域二组 已经有了,没有改动"],
        ["第 6 行", "-", "没有队名或队名过长,整行没有导入"],
        ["第 7 行", "人数", "是公式,没有计算,留空"],
        ["第 7 行", "-", "bd/250101 已属于别的队伍,没有导入"],
    ]
    assert total == [f"3 支队伍已写入 {config},6 处没有看懂"]
    assert VEHICLE in config.read_text(encoding="utf-8"), "every line that was there stays as it was"


def test_a_name_that_begins_with_at_is_a_name_and_no_formula(tmp_path: Path) -> None:
    config = vehicle(tmp_path)
    rows: list[list[Any]] = [["队名", "应报分钟"], ["@二组", 20]]
    assert dispatch(["roster", str(sheet(tmp_path, rows)), "--into", str(config)]) == 0
    assert (load(config).teams[-1].name, load(config).teams[-1].expected_s) == ("@二组", 1200)


def test_the_same_roster_again_changes_nothing(tmp_path: Path) -> None:
    config, file = vehicle(tmp_path), written(tmp_path, CSV)
    dispatch(["roster", str(file), "--into", str(config)])
    before = config.read_bytes()
    assert dispatch(["roster", str(file), "--into", str(config)]) == 1
    assert config.read_bytes() == before


def test_seventy_teams_of_a_sheet_are_read_and_numbers_stay_whole(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["单位", "人数", "联系电话", "gw"]]
    rows += [[f"第{n}村小分队", 10.0, 13800000000 + n, 3200 + n] for n in range(70)]
    config = vehicle(tmp_path)
    assert dispatch(["roster", str(sheet(tmp_path, rows)), "--into", str(config)]) == 0
    teams = load(config).teams
    assert len(teams) == 71
    assert (teams[-1].people, teams[-1].phone, teams[-1].means) == (10, "13800000069", ("gw/3269",))


def test_without_a_configuration_it_is_printed_and_can_be_read_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, '名称;人数;任务\n"甲ຂ\\""队""";3;x\n乙队;4;\n')
    assert dispatch(["roster", str(file)]) == 0
    config = tmp_path / "new.toml"
    config.write_text(capsys.readouterr().out, encoding="utf-8")
    assert [(team.id, team.name, team.people) for team in load(config).teams] == [
        ("team-001", '甲ຂ\\"队"', 3),
        ("team-002", "乙队", 4),
    ]


def test_a_formula_in_a_sheet_is_told_and_never_computed(tmp_path: Path) -> None:
    file = sheet(tmp_path, [["name", "people", "phone"], ["A", "=1+2", '=HYPERLINK("http://192.0.2.1/x")']])
    found = read_roster(file, Known())
    assert (found.teams[0].people, found.teams[0].phone) == (None, "")
    assert [(one.row, one.column, one.text.id) for one in found.unread] == [
        (2, "people", "roster.unread.formula"),
        (2, "phone", "roster.unread.formula"),
    ]


def trouble_of(file: Path) -> str:
    with pytest.raises(OperatorError) as caught:
        read_roster(file, Known())
    return caught.value.text.id


def repacked(file: Path, part: str, content: bytes) -> Path:
    """The same sheet with one part replaced."""
    with zipfile.ZipFile(file) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[part] = content
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name, octets in parts.items():
            new.writestr(name, octets)
    return file


def test_a_zip_bomb_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster, "UNPACKED_BYTES", 1_000_000)
    file = repacked(sheet(tmp_path, [["name"], ["A"]]), "xl/media/a.xml", b"0" * 1_000_001)
    assert file.stat().st_size < 100_000
    assert trouble_of(file) == "roster.bomb"


def test_entities_that_grow_are_not_opened(tmp_path: Path) -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>'
    assert trouble_of(repacked(sheet(tmp_path, [["name"], ["A"]]), "xl/sharedStrings.xml", laughs)) == "roster.bomb"
    wide = laughs.decode().encode("utf-16")
    assert trouble_of(repacked(sheet(tmp_path, [["name"], ["A"]]), "xl/sharedStrings.xml", wide)) == "roster.bomb"


def test_a_file_of_too_many_octets_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster, "LARGEST_BYTES", 10)
    assert trouble_of(written(tmp_path, CSV)) == "roster.too_large"
    assert trouble_of(tmp_path / "nothing.csv") == "roster.unreadable"


def test_a_list_without_names_says_what_is_missing(tmp_path: Path) -> None:
    assert trouble_of(written(tmp_path, "a,b\n1,2\n")) == "roster.no_names"
    assert trouble_of(written(tmp_path, "")) == "roster.no_names"


def test_more_teams_than_can_be_are_told(tmp_path: Path) -> None:
    many = "name\n" + "".join(f"team{n}\n" for n in range(roster.TEAMS + 3))
    found = read_roster(written(tmp_path, many), Known())
    assert len(found.teams) == roster.TEAMS
    assert [one.text.id for one in found.unread] == ["roster.unread.too_many_teams"]


@settings(max_examples=60, deadline=None)
@given(octets=st.binary(max_size=400) | st.binary(max_size=400).map(lambda rest: b"PK\x03\x04" + rest))
def test_whatever_the_octets_are_there_is_a_roster_or_a_sentence(
    octets: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("roster") / "x"
    file.write_bytes(octets)
    with contextlib.suppress(OperatorError):
        read_roster(file, Known())


@settings(max_examples=40, deadline=None)
@given(at=st.integers(0, 10_000), octet=st.integers(0, 255))
def test_a_damaged_sheet_is_a_roster_or_a_sentence(
    at: int, octet: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["name"])
    book.active.append(["A"])
    out = io.BytesIO()
    book.save(out)
    damaged = bytearray(out.getvalue())
    damaged[at % len(damaged)] = octet
    file = tmp_path_factory.mktemp("roster") / "x.xlsx"
    file.write_bytes(bytes(damaged))
    with contextlib.suppress(OperatorError):
        read_roster(file, Known())
