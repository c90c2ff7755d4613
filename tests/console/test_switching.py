"""Changing the route, and the user's own program: real processes, a real kernel's table, and all that goes wrong."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from console.configuration.model import Configuration, without_secrets
from console.configuration.switching_model import SwitchingConfiguration, Uplink
from console.effects import SwitchRoute
from console.records import Kind, unpack
from console.switching import Switcher, route_words
from tests.architecture.tree import ROOT
from tests.peers import lack, need

BASE = Configuration(mode="live", incident="i", post="p")


def program(folder: Path, script: str) -> tuple[str, ...]:
    file = folder / "uplink"
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o700)
    return str(file), "--to"


def switch(configuration: Configuration, *numbers: int) -> list[dict[str, Any]]:
    """Ask for these changes at once; gives what was written down of each."""
    told: list[dict[str, Any]] = []

    def put(kind: Kind, source: str, payload: bytes, peer: str) -> None:
        assert (kind, peer) == (Kind.OUTCOME, "")
        told.append({"bearer": source, **unpack(payload)})

    async def run() -> None:
        switcher = Switcher(lambda: configuration, put)
        asked = [SwitchRoute(bearer_id=f"b{number}", previous_id="old", number=number) for number in numbers or (1,)]
        await asyncio.gather(*(switcher.obey(one) for one in asked))

    asyncio.run(run())
    return told


def hooked(folder: Path, script: str, *, timeout_s: float = 10.0) -> Configuration:
    hook = program(folder, script)
    return replace(BASE, switching=SwitchingConfiguration(execute="hook", hook=hook, timeout_s=timeout_s))


def test_the_program_gets_its_fixed_words_the_bearer_and_nothing_of_our_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_TOKEN", "secret-77")
    script = f'echo "$@" > {tmp_path}/words; env > {tmp_path}/env; echo noise; cat'
    (outcome,) = switch(hooked(tmp_path, script))
    assert outcome == {
        "bearer": "b1", "effect": "switch", "number": 1, "is_done": True, "reason": "done", "detail": "",
    }  # fmt: skip
    assert (tmp_path / "words").read_text() == "--to b1\n"
    environment = (tmp_path / "env").read_text()
    assert "PREVIOUS_BEARER=old" in environment
    assert "CANARY_TOKEN" not in environment


def test_one_that_fails_says_its_code_and_its_last_words(tmp_path: Path) -> None:
    (outcome,) = switch(hooked(tmp_path, "seq 1 5000 >&2; printf 'denied\\n\\033[31m' >&2; exit 3"))
    assert (outcome["is_done"], outcome["reason"]) == (False, "refused")
    assert outcome["detail"].startswith("3 ")
    assert "denied" in outcome["detail"]
    assert len(outcome["detail"]) <= 202
    assert outcome["detail"].isprintable()


def test_one_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    script = f"sleep 300 & echo $! > {tmp_path}/child; echo wait >&2; wait"
    begun_s = time.monotonic()
    (outcome,) = switch(hooked(tmp_path, script, timeout_s=1.0))
    assert (outcome["is_done"], outcome["reason"], outcome["detail"]) == (False, "timeout", "wait")
    child = int((tmp_path / "child").read_text())
    while psutil.pid_exists(child) and psutil.Process(child).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() - begun_s < 20
        time.sleep(0.01)


def test_what_it_leaves_running_does_not_keep_us(tmp_path: Path) -> None:
    (outcome,) = switch(hooked(tmp_path, f"sleep 60 & echo $! > {tmp_path}/child; exit 0"))
    assert outcome["reason"] == "done"
    os.kill(int((tmp_path / "child").read_text()), 9)


@pytest.mark.parametrize(("name", "reason"), [("nothing", "missing"), ("plain", "not_started")])
def test_one_that_cannot_be_run_is_said(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "plain").write_text("no program")
    hook = (str(tmp_path / name),)
    configuration = replace(BASE, switching=SwitchingConfiguration(execute="hook", hook=hook))
    assert [one["reason"] for one in switch(configuration)] == [reason]


def test_changes_are_made_one_after_another_and_those_overtaken_not_at_all(tmp_path: Path) -> None:
    told = switch(hooked(tmp_path, f'echo "$2" >> {tmp_path}/made'), 1, 2, 3)
    made = (tmp_path / "made").read_text().split()
    assert made[-1] == "b3"
    assert [one["reason"] for one in told if one["bearer"] not in made] == ["overtaken"] * (3 - len(made))
    assert len(made) < 3


def test_nothing_runs_in_a_drill_or_where_it_is_off(tmp_path: Path) -> None:
    configuration = hooked(tmp_path, f"touch {tmp_path}/ran")
    off = replace(configuration, switching=replace(configuration.switching, execute="none"))
    for one in (replace(configuration, mode="drill"), off):
        assert [outcome["reason"] for outcome in switch(one)] == ["off"]
    assert not (tmp_path / "ran").exists()


def test_a_bearer_without_a_way_out_is_said() -> None:
    configuration = replace(BASE, switching=SwitchingConfiguration(execute="route"))
    assert [one["reason"] for one in switch(configuration)] == ["no_uplink"]


@pytest.mark.parametrize(
    ("destination", "uplink", "words"),
    [
        ("default", {"gateway": "192.0.2.1"}, "route replace default via 192.0.2.1"),
        ("default", {"interface": "wwan0", "metric": 0}, "route replace default dev wwan0 metric 0"),
        (
            "10.20.0.0/16",
            {"gateway": "192.0.2.1", "interface": "eth1", "metric": 50},
            "route replace 10.20.0.0/16 via 192.0.2.1 dev eth1 metric 50",
        ),
        ("default", {"gateway": "fe80::1", "interface": "eth1"}, "-6 route replace default via fe80::1 dev eth1"),
        ("2001:db8::/32", {"interface": "eth1"}, "-6 route replace 2001:db8::/32 dev eth1"),
    ],
)
def test_the_words_said_to_ip(destination: str, uplink: dict[str, Any], words: str) -> None:
    switching = SwitchingConfiguration(execute="route", destination=destination)
    assert route_words(switching, Uplink(bearer_id="b", **uplink)) == words.split()


def test_what_is_said_to_the_program_is_not_written_down() -> None:
    switching = SwitchingConfiguration(execute="hook", hook=("/bin/uplink", "--password", "canary"))
    kept = without_secrets(replace(BASE, switching=switching)).switching
    assert kept.hook == ("/bin/uplink", "***", "***")
    assert kept == replace(switching, hook=kept.hook)


@pytest.mark.peer
def test_the_kernels_route_follows_the_bearer_that_carries(tmp_path: Path) -> None:
    need("ip")
    alone = [need("unshare"), "-n" if os.geteuid() == 0 else "-rn"]
    if subprocess.run([*alone, "true"], check=False, capture_output=True).returncode:
        lack("this computer lets nobody make a network namespace")
    words = [*alone, sys.executable, "-m", "tests.switching_scene", str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr[-3000:]
    fibre, lte, wrong, *fight = json.loads(done.stdout)
    assert fibre == ["done", "", "default via 192.0.2.1 dev way0"]
    assert lte == ["done", "", "default dev way2 scope link"]
    # A gateway that lies nowhere: the kernel refuses, the old route stays, and both are said.
    assert wrong[0] == "failed"
    assert "switch.execution.refused 2" in wrong[1]
    assert wrong[2:] == lte[2:]
    # Somebody else takes the route away: it is put back once, then only said, until a person asks for it again.
    ours, theirs = "default via 192.0.2.1 dev way0", "default via 198.51.100.1 dev way2"
    replaced = "switch.execution.replaced lte via 198.51.100.1 dev way2"
    assert fight == [
        ["done", "", ours],
        ["done", "", "", ours],
        ["replaced", replaced, "alarm.switch_replaced unacknowledged", theirs],
        ["done", "", ours],
        ["replaced", "switch.execution.gone", "alarm.switch_replaced unacknowledged"],
        ["done", "", "", f"{ours} metric 50"],
    ]
