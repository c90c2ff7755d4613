"""A whole console beside real servers of supplies and routers: what they say reaches the picture and its replay."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands.console_process import picture_of, run, start, vehicle
from tests.devices.nut.server import server
from tests.devices.snmp.agent import COMMUNITY, agent
from tests.devices.transports.broker import free_port

pytestmark = pytest.mark.peer


@pytest.fixture
def monitor() -> Iterator[str]:
    """A battery monitor on a socket; its blocks are sometimes damaged."""
    running = start(
        "simulate", "vedirect", "tcp-listen:127.0.0.1:0", "--set", "checksum_errors=0.2", "--set", "rate_hz=5.0"
    )
    assert running.stdout is not None
    try:
        yield running.stdout.readline().removeprefix("ready ").strip()
    finally:
        running.terminate()
        running.communicate(timeout=10)


@pytest.fixture
def generator() -> Iterator[str]:
    """A generator whose sampler's lines come from a simulator."""
    wire = f"udp:127.0.0.1:{free_port()}"
    running: subprocess.Popen[str] = start(
        "simulate", "modbus", wire, "--set", "starts_after_s=0.0", "--set", "interval_s=0.5"
    )
    try:
        yield wire
    finally:
        running.terminate()
        running.communicate(timeout=10)


SUPPLIES = """
[[supply]]
id = "mains"
kind = "mains"
feeds = ["rack"]

[[supply]]
id = "rack"
kind = "ups"
device = "ups"
capacity_wh = 1500
temperature_c = 25

[[supply]]
id = "house"
kind = "vehicle_battery"
device = "battery"
capacity_wh = 2400
temperature_c = 25

[[supply]]
id = "set"
kind = "generator"
device = "generator"
load_w = 4200
tank_l = 40
burn = [[0, 0.6], [2.5, 1.3], [5, 2.15]]
"""


def facts(device: dict[str, Any]) -> dict[str, Any]:
    return {fact["key"]: fact["value"] for fact in device["facts"]}


def test_supplies_and_a_router_reach_the_picture_and_its_replay(tmp_path: Path, monitor: str, generator: str) -> None:
    with agent(tmp_path) as router, server(tmp_path) as supply:
        wires = {
            "router": ("snmp", f"snmp:127.0.0.1:{router.port}?interval_s=1.1&community={COMMUNITY}"),
            "ups": ("nut", f"nut:127.0.0.1:{supply.port}?interval_s=0.5"),
            "battery": ("vedirect", monitor),
            "generator": ("modbus", generator),
        }
        more = "".join(
            f'\n[[device]]\nid = "{name}"\nname = "{name}"\ndriver = "{driver}"\nwire = "{wire}"\n'
            for name, (driver, wire) in wires.items()
        )
        more += SUPPLIES
        folder = tmp_path / "incident"
        ended = run("--headless", "--for", "9s", "--config", vehicle(tmp_path, 9, more), "--journal", folder)
    assert ended.returncode == 0, ended.stderr
    live = picture_of(ended.stdout)
    devices = {device["id"]: device for device in live["devices"]}
    assert {name: devices[name]["state"] for name in wires} == dict.fromkeys(wires, "up")
    assert facts(devices["router"])["condition.link"] == "up"
    assert facts(devices["router"])["in_rate"] >= 0
    assert facts(devices["ups"])["power.source"] == "mains"
    assert facts(devices["ups"])["power.charge"] == 100.0
    assert devices["battery"]["malformed"] > 0
    assert 70 < facts(devices["battery"])["power.charge"] <= 80
    assert facts(devices["generator"])["engine_speed"] == 1500.0
    supplies = {supply["id"]: supply for supply in live["power"]["supplies"]}
    states = {name: supply["state"] for name, supply in supplies.items()}
    assert states.pop("set") in {"idle", "feeding"}  # it warms up first
    assert states == {"mains": "feeding", "rack": "charging", "house": "feeding"}
    house = supplies["house"]
    left_s = house["charge_percent"] / 100 * 2400 / 60 * 3600  # the simulator takes 120 W and gives 60 W of sun
    assert house["low_s"] < left_s < house["high_s"]
    assert supplies["rack"]["load_w"] == 510.0
    assert supplies["rack"]["is_reserve"]
    assert supplies["rack"]["low_s"] < 0.88 * 1500 / 510 * 3600 < supplies["rack"]["high_s"]
    assert supplies["set"]["low_s"] < 32 / 1.89 * 3600 < supplies["set"]["high_s"]
    assert live["power"]["chief_id"] == "house"
    replayed = run("replay", folder, "--headless")
    assert replayed.returncode == 0, replayed.stderr
    assert picture_of(replayed.stdout) == json.loads(json.dumps(live))
