"""A generator controller as its sampler would tell of it: it starts, warms up, carries load, uses fuel.

Settings, all optional: ``starts_after_s`` (20), ``load_w`` (4200), ``fuel_percent`` (80), ``fuel_percent_per_h`` (6),
``interval_s`` (2).  Faults: ``silent_every_s`` with ``silent_for_s`` (nobody answers), ``sender_fault`` (the fuel
sender is broken: the controller says so by one of its highest raw values).

**Source:** the registers of ``resources/profiles/modbus/deepsea-gencomm.toml``.
**Assumed:** ten seconds of warming up; 1500 revolutions a minute give 50 Hz.
"""

from __future__ import annotations

from collections.abc import Sequence

from devices.driver import Chance, Settings
from devices.profiles import Block, load, read
from devices.simulators.lines import Rounds, line

WARM_S = 10.0
FAULT_U16 = 0xFFFC
PROFILE = "deepsea-gencomm"


class ModbusSimulator:
    """Says a round of blocks whenever its time has come."""

    def __init__(self, settings: Settings, chance: Chance) -> None:
        self._chance = chance
        self._profile = read("modbus", load("modbus", PROFILE))
        self._starts_after_s = float(settings.get("starts_after_s", 20.0))
        self._load_w = float(settings.get("load_w", 4200.0))
        self._fuel_percent = float(settings.get("fuel_percent", 80.0))
        self._fuel_percent_per_h = float(settings.get("fuel_percent_per_h", 6.0))
        self._sender_fault = bool(settings.get("sender_fault", False))
        self._silent_every_s = float(settings.get("silent_every_s", 0.0))
        self._silent_for_s = float(settings.get("silent_for_s", 0.0))
        self._rounds = Rounds(float(settings.get("interval_s", 2.0)))

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002
        """Nothing: the sampler's lines go one way."""
        return ()

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """The round that is due, if one is."""
        since_s = self._rounds.due_s(at_ns)
        if since_s is None:
            return ()
        source = "modbus:simulated"
        if self._silent_every_s > 0 and since_s % self._silent_every_s >= self._silent_every_s - self._silent_for_s:
            return (line(source, "poll", at_ns, error="timeout"),)
        first = self._rounds.profile(at_ns, [line(source, "profile", at_ns, payload={"profile": self._profile.table})])
        registers = self._registers(since_s)
        return [*first, *(line(source, one.path, at_ns, payload=_cut(registers, one)) for one in self._profile.blocks)]

    def _registers(self, since_s: float) -> dict[int, int]:
        """Address and content; all others hold 0."""
        ran_s = max(0.0, since_s - self._starts_after_s)
        is_running, is_warm = ran_s > 0.0, ran_s > WARM_S
        fuel = round(max(0.0, self._fuel_percent - self._fuel_percent_per_h * ran_s / 3600.0))
        watts = round(self._load_w * (0.98 + 0.04 * self._chance())) if is_warm else 0
        decivolts = 2300 if is_running else 0
        registers = {
            772: 1,
            774: 0,
            1024: 380 if is_running else 0,
            1025: round(min(85.0, 20.0 + ran_s / 5.0)),
            1026: round(min(90.0, 20.0 + ran_s / 6.0)),
            1027: FAULT_U16 if self._sender_fault else fuel,
            1029: 276 if is_running else 252,
            1030: 1500 if is_running else 0,
            1031: 500 if is_running else 0,
            1408: 3 if is_warm else 2 if is_running else 0,
        }
        for address in (1032, 1034, 1036):
            registers |= _long(address, decivolts)
        for address in (1044, 1046, 1048):
            registers |= _long(address, round(watts / 3.0 / 230.0 * 10.0))
        registers |= _long(1536, watts)
        registers |= _long(1798, 361_000 + int(ran_s))
        return registers | _long(1800, 52_340) | _long(1808, 118)


def _long(address: int, value: int) -> dict[int, int]:
    return {address: value >> 16 & 0xFFFF, address + 1: value & 0xFFFF}


def _cut(registers: dict[int, int], block: Block) -> list[int]:
    return [registers.get(block.address + at, 0) for at in range(block.count)]
