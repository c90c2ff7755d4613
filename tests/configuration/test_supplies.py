"""What a person may write of supplies and loads."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.supplies import LoadConfiguration, SupplyConfiguration, at
from tests.configuration.test_file import EXAMPLE, GNSS, faults_of, only, read, words

BATTERY = """
[[supply]]
id = "house"
name = "生活电池"
kind = "vehicle_battery"
device = "gnss"
capacity_wh = 4800
usable_percent = 80
age_percent = 92
chemistry = "lead"
feeds = ["gnss", "light"]

[[load]]
id = "light"
name = "照明"
power_w = 180
fed_by = "house"
can_shed = true
shed_order = 1
"""
GENERATOR = """
[[supply]]
id = "gen"
kind = "generator"
tank_l = 40
burn = [[0, 0.6], [2, 1.1]]
feeds = ["house"]
"""


def test_a_battery_and_its_load_are_read(tmp_path: Path) -> None:
    configuration = read(GNSS + BATTERY, tmp_path)
    assert configuration.supplies == (
        SupplyConfiguration(
            id="house",
            name="生活电池",
            kind="vehicle_battery",
            device_id="gnss",
            feeds=("gnss", "light"),
            capacity_wh=4800,
            usable_percent=80,
            age_percent=92,
            cold=((-20, 0.5), (0, 0.8), (25, 1)),
            is_counted=True,
        ),
    )
    assert configuration.loads == (
        LoadConfiguration(id="light", name="照明", supply_id="house", power_w=180, can_be_shed=True, shed_order=1),
    )


def test_what_burns_without_load_and_for_each_kilowatt_hour_is_a_curve(tmp_path: Path) -> None:
    line = GENERATOR.replace("burn = [[0, 0.6], [2, 1.1]]", "burn_idle_l_per_h = 0.5\nburn_l_per_kwh = 0.3")
    (supply,) = read(GNSS + line.replace('feeds = ["house"]\n', ""), tmp_path).supplies
    assert at(supply.burn, 0) == 0.5
    assert at(supply.burn, 4) == pytest.approx(1.7)


@pytest.mark.parametrize(
    ("content", "key", "reason"),
    [
        (BATTERY.replace("vehicle_battery", "batery"), "supply.house.kind", "choice"),
        (BATTERY.replace('kind = "vehicle_battery"\n', ""), "supply.house.kind", "missing"),
        (BATTERY.replace('device = "gnss"', 'device = "gnns"'), "supply.house.device", "unknown_device"),
        (BATTERY.replace('device = "gnss"', 'device = "gnss/"'), "supply.house.device", "means_form"),
        (BATTERY.replace('device = "gnss"', 'team = "nobody"'), "supply.house.team", "unknown_team"),
        (BATTERY.replace('feeds = ["gnss"', 'feeds = ["gnns"'), "supply.house.feeds", "unknown_fed"),
        (BATTERY.replace('fed_by = "house"', 'fed_by = "home"'), "load.light.fed_by", "unknown_supply"),
        (BATTERY.replace("power_w = 180\n", ""), "load.light.power_w", "missing"),
        (BATTERY.replace('"lead"', '"led"'), "supply.house.chemistry", "choice"),
        (BATTERY.replace("age_percent = 92", "age_percent = 192"), "supply.house.age_percent", "range"),
        (BATTERY.replace("age_percent = 92", "tank_l = 40"), "supply.house.tank_l", "supply_key"),
        (
            BATTERY.replace("age_percent = 92", "critical_percent = 40"),
            "supply.house.critical_percent",
            "critical_above",
        ),
        (BATTERY.replace("age_percent = 92", "colour = 1"), "supply.house.colour", "unknown_key"),
        (BATTERY.replace('"light"', '"gnss"'), "load.gnss.id", "id_duplicate"),
        (BATTERY + GENERATOR.replace("[[0, 0.6], [2, 1.1]]", "[[2, 1], [0, 1]]"), "supply.gen.burn", "curve"),
        (BATTERY + GENERATOR.replace("[[0, 0.6], [2, 1.1]]", "3"), "supply.gen.burn", "curve"),
        (BATTERY + GENERATOR.replace("[[0, 0.6], [2, 1.1]]", "[[0, true]]"), "supply.gen.burn", "curve"),
        (
            BATTERY + GENERATOR.replace("burn = [[0, 0.6], [2, 1.1]]", "burn_idle_l_per_h = 1"),
            "supply.gen.burn_idle_l_per_h",
            "half_burn",
        ),
    ],
)
def test_a_fault_names_the_key_and_the_reason(tmp_path: Path, content: str, key: str, reason: str) -> None:
    assert only(GNSS + content, tmp_path)[:2] == (key, reason)


def test_who_feeds_himself_in_a_circle_is_named_at_both_ends(tmp_path: Path) -> None:
    circle = BATTERY.replace('feeds = ["gnss", "light"]', 'feeds = ["gen"]') + GENERATOR
    found = words(faults_of(GNSS + circle, tmp_path))
    assert [one[:2] for one in found] == [("supply.house.feeds", "feeds_itself"), ("supply.gen.feeds", "feeds_itself")]


def test_the_example_shows_every_key_of_power() -> None:
    lines = [line.lstrip("# ") for line in EXAMPLE.read_text(encoding="utf-8").splitlines()]
    keys = (
        "kind device team feeds capacity_wh usable_percent age_percent chemistry temperature_c capacity_doubt_percent "
        "efficiency_percent counted monitor_wh load_w full_h tank_l burn low_percent critical_percent low_h critical_h "
        "power_w fed_by can_shed shed_order"
    )
    for key in keys.split():
        assert any(line.startswith(key) for line in lines), key
