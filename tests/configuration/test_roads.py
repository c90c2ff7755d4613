"""What a person may write of roads."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.map_marks import Vertex
from console.road_facts import ROADS, RoadConfiguration, RoadRules
from tests.configuration.test_file import EXAMPLE, GNSS, only, read

ROAD = '[[road]]\nid = "r"\nline = [[34.4, 113.74], [34.4, 113.75]]\n'
AT = "2026-07-20T12:10:00+08:00"
AT_NS = 1_784_520_600 * 1_000_000_000


def test_all_that_can_be_said_of_a_road_is_read(tmp_path: Path) -> None:
    configuration = read(
        GNSS + ROAD + f'name = "观音寺桥"\nkind = "桥"\nexit = true\nexpires_min = 90\nstate = "断"\nseen = {AT}\n'
        f'source = "民兵连"\nforecast = "18 时上桥面"\nforecast_at = {AT}\n'
        "[roads]\nexit_warn_min = 60\nexit_alarm_min = 90\ntolerance_m = 25\n",
        tmp_path,
    )
    assert configuration.roads == (
        RoadConfiguration(
            id="r", name="观音寺桥", kind="bridge", line=(Vertex(34.4, 113.74), Vertex(34.4, 113.75)), is_exit=True,
            expires_s=5_400, forecast="18 时上桥面", forecast_ns=AT_NS, state="closed", source="民兵连", seen_ns=AT_NS,
        ),
    )  # fmt: skip
    assert configuration.road_rules == RoadRules(warn_s=3_600, alarm_s=5_400, tolerance_m=25)


def test_what_is_left_out_is_unknown_and_no_exit(tmp_path: Path) -> None:
    (road,) = read(GNSS + ROAD + 'kind = "ford"\n', tmp_path).roads
    assert (road.state, road.seen_ns, road.is_exit, road.expires_s) == ("unknown", None, False, 3_600)


@pytest.mark.parametrize(
    ("content", "key", "reason"),
    [
        ('[[road]]\nid = "r"\n', "road.r.line", "missing"),
        (ROAD.replace("[34.4, 113.74], ", ""), "road.r.line", "road_line"),
        (ROAD.replace("34.4, 113.74", '"a", 113.74'), "road.r.line", "road_line"),
        (ROAD.replace("34.4, 113.74", "113.74, 34.4"), "road.r.line", "road_degrees"),
        (ROAD.replace("113.75", "113.7401"), "road.r.line", "road_length"),
        (ROAD + 'kind = "tunnel"\n', "road.r.kind", "choice"),
        (ROAD + f'state = "shut"\nseen = {AT}\n', "road.r.state", "choice"),
        (ROAD + 'state = "closed"\n', "road.r.state", "road_unseen"),
        (ROAD + 'state = "closed"\nseen = 2026-07-20T12:10:00\n', "road.r.seen", "since"),
        (ROAD + "expires_min = 0\n", "road.r.expires_min", "range"),
        (ROAD.replace('"r"', '"gnss"'), "road.gnss.id", "id_duplicate"),
        (ROAD + "width = 3\n", "road.r.width", "unknown_key"),
        (
            '[[device]]\nid = "bd"\ndriver = "beidou_rdss"\nwire = "tcp:192.0.2.9:4001"\n'
            '[[contact]]\nname = "x"\ndevice = "bd"\nrecipient = "1"\nroad = "rr"\n' + ROAD,
            "contact[1].road",
            "unknown_road",
        ),
        ("[roads]\nexit_warn_min = 90\nexit_alarm_min = 60\n", "roads[1].exit_alarm_min", "range"),
        ("".join(ROAD.replace('"r"', f'"r{n}"') for n in range(ROADS + 1)), f"road.r{ROADS}", "roads_many"),
    ],
)
def test_a_fault_names_the_key_and_the_reason(tmp_path: Path, content: str, key: str, reason: str) -> None:
    assert only(GNSS + content, tmp_path)[:2] == (key, reason)


@pytest.mark.parametrize(
    ("said", "moves"),
    [
        ('name = "无人机组"', "air"),
        ('kind = "冲锋舟"', "water"),
        ('name = "民兵"', "ground"),
        ('moves = "空中"', "air"),
    ],
)
def test_what_a_team_moves_on_is_told_or_read_from_its_name(tmp_path: Path, said: str, moves: str) -> None:
    (team,) = read(GNSS + f'[[team]]\nid = "t"\nsymbol = "机"\n{said}\n', tmp_path).teams
    assert team.moves == moves


def test_the_example_shows_every_key_of_roads() -> None:
    lines = [line.lstrip("# ") for line in EXAMPLE.read_text(encoding="utf-8").splitlines()]
    for key in (
        *("[[road]]", "line", "kind", "exit", "expires_min", "state", "source", "seen", "forecast", "forecast_at"),
        *("[roads]", "exit_warn_min", "exit_alarm_min", "tolerance_m", "moves"),
    ):
        assert any(line.startswith(key) for line in lines), key
