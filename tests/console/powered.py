"""A vehicle with a battery monitor, a UPS, a generator and loads; what their boxes say is made here, octet by octet."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from console.configuration.model import Configuration, DeviceConfiguration, TeamConfiguration
from console.power_facts import Supply
from console.supplies import LoadConfiguration, SupplyConfiguration
from devices.profiles import load, read
from devices.simulators.modbus import PROFILE
from devices.simulators.vedirect import sealed
from tests.console.door import Door

BATTERY = SupplyConfiguration(
    id="house", name="车载电池", kind="vehicle_battery", device_id="shunt", capacity_wh=5000, temperature_c=25,
    feeds=("ups", "tv"), low_s=3600, critical_s=900, is_counted=True,
)  # fmt: skip
UPS = SupplyConfiguration(
    id="ups", name="机柜 UPS", kind="ups", device_id="nut", capacity_wh=1000, efficiency_percent=88, feeds=("bd",)
)
MAINS = SupplyConfiguration(id="mains", name="市电", kind="mains", feeds=("ups",))
SET = SupplyConfiguration(
    id="set", name="发电机", kind="generator", device_id="gen", tank_l=40, burn=((0, 0.6), (2, 1.2)), feeds=("house",)
)
STATION = SupplyConfiguration(id="bs", name="基站后备", kind="station_backup", full_h=8, feeds=("station",))
RADIOS = SupplyConfiguration(id="hand", name="手持", kind="handheld", team_id="fire", full_h=10, feeds=("fire",))
LIGHT = LoadConfiguration(id="light", name="照明", supply_id="house", power_w=200, can_be_shed=True, shed_order=1)
HEAT = LoadConfiguration(id="heat", name="加热", supply_id="ups", power_w=100, can_be_shed=True, shed_order=2)

VEHICLE = Configuration(
    mode="live",
    incident="停电",
    post="新郑-指01",
    devices=(
        DeviceConfiguration(id="shunt", name="电池监测", driver="vedirect", wire="serial:/dev/ttyS1"),
        DeviceConfiguration(id="nut", name="UPS", driver="nut", wire="nut:127.0.0.1:3493"),
        DeviceConfiguration(id="gen", name="发电机组", driver="modbus", wire="modbus:127.0.0.1:502"),
        DeviceConfiguration(id="bd", name="北斗指挥机", driver="beidou_rdss", wire="tcp:127.0.0.1:1"),
    ),
    teams=(TeamConfiguration(id="fire", name="消防", symbol="消", means=("bd/4204986",)),),
)


def block(watts: float, charge_percent: float, *, runtime_min: int = 60) -> bytes:
    """What a battery monitor says while ``watts`` are taken from the battery (negative: it is filled)."""
    return sealed(
        [
            ("V", "24000"),
            ("I", f"{-watts / 24.0 * 1000:.0f}"),
            ("P", f"{-watts:.0f}"),
            ("SOC", f"{charge_percent * 10:.0f}"),
            ("TTG", str(runtime_min)),
        ]
    )


def hours(seconds: int | None) -> float:
    """A time to go that must be known, in hours."""
    assert seconds is not None
    return seconds / 3600


class Rig(Door):
    """A door with the supplies of a test."""

    def __init__(self, *supplies: SupplyConfiguration, loads: tuple[LoadConfiguration, ...] = ()) -> None:
        super().__init__(replace(VEHICLE, supplies=supplies, loads=loads))
        for device in VEHICLE.devices:
            self.up(device.id)

    def supply(self, supply_id: str) -> Supply:
        """As the picture has it."""
        return next(one for one in self.picture().power.supplies if one.id == supply_id)

    def discharge(
        self, seconds: int, watts: float, begin_percent: float, capacity_wh: float, step: float = 0.1
    ) -> float:
        """A constant load for that long, a block a second; returns the charge at its end."""
        for second in range(seconds):
            truth = begin_percent - 100.0 * watts * second / 3600.0 / capacity_wh
            self.say("shunt", block(watts, truth // step * step))
            self.wait(1)
        return begin_percent - 100.0 * watts * seconds / 3600.0 / capacity_wh

    def sampled(self, device_id: str, said: dict[str, Any]) -> None:
        """One line of a sampler, answered at once."""
        line = {"source": "test:", "asked_ns": self.at_ns, "answered_ns": self.at_ns, **said}
        self.say(device_id, json.dumps(line).encode())

    def ups(self, status: str, charge_percent: float = 100.0, watts: float = 300.0) -> None:
        """The UPS answers."""
        variables = {
            "ups.status": status,
            "battery.charge": f"{charge_percent:.0f}",
            "battery.voltage": f"{24 + charge_percent / 100:.2f}",
            "ups.realpower": f"{watts:.0f}",
        }
        self.sampled("nut", {"path": "ups/veh", "payload": variables})

    def generator(self, fuel_percent: int, watts: int, *, is_running: bool) -> None:
        """The generator's controller answers a whole round."""
        profile = read("modbus", load("modbus", PROFILE))
        self.sampled("gen", {"path": "profile", "payload": {"profile": profile.table}})
        registers = {
            1027: fuel_percent,
            1030: 1500 if is_running else 0,
            1408: 3 if is_running else 0,
            1536: watts >> 16,
            1537: watts & 0xFFFF,
        }
        for one in profile.blocks:
            payload = [registers.get(one.address + index, 0) for index in range(one.count)]
            self.sampled("gen", {"path": one.path, "payload": payload})
