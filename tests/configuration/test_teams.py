"""What the file says of teams: whom to call, what they do, how often they must be heard, by what they are heard."""

from __future__ import annotations

import pytest

from console.configuration.file import read
from console.configuration.model import Configuration
from console.configuration.reading import Faults

DEVICE = '[[device]]\nid = "bd"\nname = "b"\ndriver = "beidou_rdss"\nwire = "tcp:192.0.2.10:4001"\n'
TASK = '[[task]]\nname = "水上救援"\nexpected_min = 5\n'


def told(text: str) -> tuple[Configuration | None, list[tuple[str, str]]]:
    faults = Faults("x.toml")
    found = read((DEVICE + text).encode(), faults, mode="live")
    return found, [(fault.key, fault.reason.id) for fault in faults.found]


def test_a_team_says_whom_to_call_and_what_it_does() -> None:
    found, faults = told(
        TASK + '[[team]]\nid = "t"\nname = "队"\ntask = "水上救援"\nleader = "张"\nphone = "0138"\nkind = "抗洪"\n'
        'means = ["bd", { device = "bd", subject = "0250101" }]\n'
    )
    assert faults == []
    assert found is not None
    team = found.teams[0]
    assert (team.task, team.leader, team.phone, team.kind) == ("水上救援", "张", "0138", "抗洪")
    assert (team.expected_s, team.means) == (300, ("bd", "bd/0250101"))


@pytest.mark.parametrize(
    ("line", "expected_s"),
    [('task = "水上救援"', 300), ('task = "水上救援"\nexpected_min = 20', 1200), ('task = "别的"', 900), ("", 900)],
)
def test_how_often_it_must_be_heard_comes_from_the_team_else_from_its_task(line: str, expected_s: float) -> None:
    found, faults = told(TASK + f'[[team]]\nid = "t"\n{line}\n')
    assert faults == []
    assert found is not None
    assert found.teams[0].expected_s == expected_s


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ('means = [{ device = "bd", number = "1" }]', ("team.t.means", "configuration.reason.unknown_key")),
        ('means = [{ subject = "1" }]', ("team.t.means", "configuration.reason.means_form")),
        ('means = [{ device = "bd", subject = 25 }]', ("team.t.means", "configuration.reason.means_form")),
        ('means = [{ device = "nowhere" }]', ("team.t.means", "configuration.reason.unknown_device")),
        ('means = [7, { device = "bd" }]', ("team.t.means", "configuration.reason.means_form")),
        ("phone = 13800001111", ("team.t.phone", "configuration.reason.recipient")),
    ],
)
def test_what_is_wrong_with_a_team_is_told(lines: str, fault: tuple[str, str]) -> None:
    assert fault in told(f'[[team]]\nid = "t"\n{lines}\n')[1]


def test_a_task_without_a_time_is_told() -> None:
    assert told('[[task]]\nname = "x"\n')[1] == [("task[1].expected_min", "configuration.reason.missing")]
