"""The drill as it is started by people: ready soon, gone with its console, never mixed with the real thing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO

import psutil
import pytest

from console.configuration.choice import Chosen
from console.configuration.model import Configuration
from console.configuration.places import journals
from console.drill import RESUME_S, open_vehicle, start_vehicle
from console.journal import store
from console.runtime import Runtime
from console.trouble import OperatorError
from tests.architecture.tree import ROOT
from tests.peers import lack, need

SHORT = Path(__file__).parent / "short.toml"
MAIN = [sys.executable, str(ROOT / "main.py")]
LIVE = Configuration(mode="live", incident="真事", post="前指")


def _until(is_so: Callable[[], bool], deadline_s: float) -> bool:
    end_s = time.monotonic() + deadline_s
    while not is_so():
        if time.monotonic() > end_s:
            return False
        time.sleep(0.02)
    return True


def _players(parent: int) -> list[psutil.Process]:
    try:
        children = psutil.Process(parent).children()
        return [child for child in children if "drill-wires" in child.cmdline()]
    except psutil.Error:
        return []


def test_a_headless_drill_has_teams_pictures_and_bearers_within_twenty_seconds(tmp_path: Path) -> None:
    folder = tmp_path / "incident"
    done = subprocess.run(
        [*MAIN, "--headless", "--drill", "--for", "20s", "--journal", str(folder)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    picture = json.loads(done.stdout)
    assert picture["mode"] == "drill"
    assert [team["name"] for team in picture["teams"] if team["place"] is None] == []
    assert [camera["state"] for camera in picture["cameras"]] == ["live"] * 4
    assert [bearer["state"] for bearer in picture["bearers"]] == ["up"] * 5
    assert [device["id"] for device in picture["devices"] if device["state"] != "up"] == []
    assert picture["faults"] == 0
    again = subprocess.run(
        [*MAIN, "replay", str(folder), "--headless"], capture_output=True, text=True, timeout=60, check=True
    )
    assert json.loads(again.stdout)["digest"] == picture["digest"]


@pytest.mark.peer
def test_a_drill_runs_whole_on_a_computer_without_any_network(tmp_path: Path) -> None:
    alone = [need("unshare"), "-rn"]
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        lack("this computer lets nobody make a network namespace")
    done = subprocess.run(
        [*alone, *MAIN, "--headless", "--drill", "--for", "12s", "--journal", str(tmp_path / "incident")],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    picture = json.loads(done.stdout)
    assert [device["id"] for device in picture["devices"] if device["state"] != "up"] == []
    assert [bearer["id"] for bearer in picture["bearers"] if bearer["state"] != "up"] == []
    assert [camera["id"] for camera in picture["cameras"] if camera["state"] != "live"] == []


@pytest.fixture
def console(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [*MAIN, "--headless", "--drill", "--journal", str(tmp_path / "incident")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        yield process
        process.kill()


def _player_of(console: subprocess.Popen[str]) -> psutil.Process:
    assert _until(lambda: bool(_players(console.pid)), 20)
    (player,) = _players(console.pid)
    assert _until(lambda: len(player.net_connections("inet")) >= 8, 20), "its wires never stood"
    return player


def test_the_players_die_with_a_console_that_was_killed(console: subprocess.Popen[str]) -> None:
    player = _player_of(console)
    console.kill()
    assert _until(lambda: not player.is_running() or player.status() == psutil.STATUS_ZOMBIE, 5)


@pytest.mark.skipif(sys.platform != "linux", reason="the system ends them there only")
def test_even_players_that_hang_die_with_their_console(console: subprocess.Popen[str]) -> None:
    player = _player_of(console)
    player.suspend()
    console.kill()
    try:
        assert _until(lambda: not player.is_running() or player.status() == psutil.STATUS_ZOMBIE, 5)
    finally:
        if player.is_running():
            player.kill()


def _end(console: subprocess.Popen[str]) -> str:
    """What it prints at its end; asked more than once, since how it hears a signal is not what is tested here."""
    for _ in range(10):
        console.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            return console.communicate(timeout=3)[0]
    pytest.fail("the console did not end")


def test_the_players_outlive_ctrl_c_until_the_console_has_ended_in_order(console: subprocess.Popen[str]) -> None:
    player = _player_of(console)
    assert os.getpgid(player.pid) != os.getpgid(console.pid)
    picture = json.loads(_end(console))
    assert [device["id"] for device in picture["devices"] if device["state"] == "down"] == []
    assert not player.is_running()


def _play_by_hand(stack: ExitStack, *more: str) -> tuple[subprocess.Popen[str], IO[str]]:
    command = [*MAIN, "drill-wires", "--scenario", str(SHORT), *more]
    process = stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    stack.callback(process.kill)
    assert process.stdout is not None
    return process, process.stdout


def test_the_players_say_one_line_and_end_when_their_input_does() -> None:
    with ExitStack() as stack:
        process, stdout = _play_by_hand(stack)
        ready = json.loads(stdout.readline())["ready"]
        assert set(ready) == {"beidou", "tracker", "caller", "probe", "switch", "behind", "line", "camera", "called"}
        assert ready["probe"].endswith("?interval_s=0.5&timeout_s=1")
        assert [ready[one].partition(":")[0] for one in ("switch", "behind", "line")] == ["snmp", "tcp", "stamp"]
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(5) == 0
        assert stdout.read() == ""


def test_players_of_a_parent_that_is_gone_already_do_not_begin() -> None:
    with ExitStack() as stack:
        process, stdout = _play_by_hand(stack, "--parent", "1")
        assert process.wait(20) == 0
        assert stdout.read() == ""


def test_the_vehicle_can_be_begun_before_it_is_needed_and_its_wires_fall_with_the_context() -> None:
    with start_vehicle(Chosen(None, None), scenario=SHORT) as vehicle:
        assert len(_players(os.getpid())) == 1
        assert vehicle().configuration.mode == "drill"
    assert _players(os.getpid()) == []


def test_a_console_that_gives_up_before_the_wires_stand_leaves_nothing() -> None:
    with start_vehicle(Chosen(None, None), scenario=SHORT):
        pass
    assert _players(os.getpid()) == []


def test_a_scenario_that_cannot_be_played_is_a_sentence(tmp_path: Path) -> None:
    lost = tmp_path / "missing.toml"
    with pytest.raises(OperatorError) as caught, open_vehicle(Chosen(None, None), scenario=lost):
        pass
    assert "演练车没有启动" in caught.value.sentence("zh")
    assert "drill vehicle did not start" in caught.value.sentence("en")


# ---- live and drill


def test_a_live_configuration_passes_through_and_nothing_is_played() -> None:
    with open_vehicle(Chosen(LIVE, None)) as vehicle:
        assert vehicle.configuration is LIVE
        assert vehicle.folder.parent == journals("live")
        assert _players(os.getpid()) == []


def test_a_drill_is_written_beside_the_real_incidents_never_among_them() -> None:
    with open_vehicle(Chosen(None, None), scenario=SHORT) as vehicle:
        assert vehicle.folder.parent == journals("drill")
    assert journals("drill") != journals("live")


def _left(folder: Path, configuration: Configuration) -> None:
    """A short run of the console."""
    runtime = Runtime(configuration, folder)
    runtime.start()
    runtime.stop()


@pytest.fixture
def quiet(tmp_path: Path) -> Path:
    """A drill without devices."""
    file = tmp_path / "quiet.toml"
    file.write_text('[incident]\nname = "静演练"\n[[team]]\nid = "a"\n[simulate.incident]\nbegan_min_before = 90\n')
    return file


def test_a_drill_that_was_left_lately_goes_on_and_an_old_one_does_not(quiet: Path) -> None:
    with open_vehicle(Chosen(None, None), scenario=quiet) as first:
        _left(first.folder, first.configuration)
    with open_vehicle(Chosen(None, None), scenario=quiet) as second:
        assert second.folder == first.folder
        assert second.configuration.incident_since_ns == first.configuration.incident_since_ns
    old = first.folder.with_name(first.folder.name.replace("20", "19", 1))
    first.folder.rename(old)
    for file in old.iterdir():
        os.utime(file, (time.time() - RESUME_S - 60,) * 2)
    with open_vehicle(Chosen(None, None), scenario=quiet) as third:
        assert third.folder != old
        assert not (third.folder / store.FILE).exists()


def test_a_named_folder_keeps_the_beginning_of_its_incident(quiet: Path, tmp_path: Path) -> None:
    folder = tmp_path / "named"
    with open_vehicle(Chosen(None, folder), scenario=quiet) as first:
        _left(folder, first.configuration)
    with open_vehicle(Chosen(None, folder), scenario=quiet) as second:
        assert second.configuration.incident_since_ns == first.configuration.incident_since_ns


def test_a_drill_is_never_written_into_a_real_incident(tmp_path: Path) -> None:
    _left(tmp_path / "live", LIVE)
    with pytest.raises(OperatorError) as caught, open_vehicle(Chosen(None, tmp_path / "live"), scenario=SHORT):
        pass
    assert caught.value.text.id == "drill.folder_is_live"
    assert _players(os.getpid()) == []


def test_a_real_incident_is_never_written_into_a_drill(quiet: Path, tmp_path: Path) -> None:
    with open_vehicle(Chosen(None, tmp_path / "drill"), scenario=quiet) as vehicle:
        _left(vehicle.folder, vehicle.configuration)
    with pytest.raises(OperatorError) as caught, open_vehicle(Chosen(LIVE, tmp_path / "drill")):
        pass
    assert caught.value.text.id == "drill.folder_is_drill"


@pytest.mark.parametrize("octets", [b"", b"this is no journal at all", b"SQLite format 3\0" + bytes(200)])
def test_a_damaged_journal_is_left_to_the_engine_to_tell(quiet: Path, tmp_path: Path, octets: bytes) -> None:
    folder = tmp_path / "damaged"
    folder.mkdir()
    (folder / store.FILE).write_bytes(octets)
    with open_vehicle(Chosen(None, folder), scenario=quiet) as vehicle:
        assert vehicle.folder == folder
