"""A UPS as its NUT server's sampler would tell of it: mains, then battery until it is low, then mains again.

Settings, all optional: ``mains_for_s`` (60), ``battery_for_s`` (600; 0: mains never fail), ``runtime_s`` (1800: how
long a full battery carries the load), ``load_percent`` (35), ``interval_s`` (5).  Faults: ``stale_every_s`` with
``stale_for_s`` (``data-stale``), ``is_frozen`` (on battery nothing moves), ``noise`` (share of values that cannot be).

**Source:** NUT developer guide, names of variables and words of ``ups.status``.
**Assumed:** a constant load empties the battery evenly; charging takes as long as emptying.
"""

from __future__ import annotations

from collections.abc import Sequence

from devices.driver import Chance, Settings
from devices.simulators.lines import Rounds, line

LOW_PERCENT = 20.0


class NutSimulator:
    """Says a round whenever its time has come."""

    def __init__(self, settings: Settings, chance: Chance) -> None:
        self._chance = chance
        self._mains_for_s = max(1.0, float(settings.get("mains_for_s", 60.0)))
        self._battery_for_s = max(0.0, float(settings.get("battery_for_s", 600.0)))
        self._runtime_s = max(1.0, float(settings.get("runtime_s", 1800.0)))
        self._load_percent = float(settings.get("load_percent", 35.0))
        self._stale_every_s = float(settings.get("stale_every_s", 0.0))
        self._stale_for_s = float(settings.get("stale_for_s", 0.0))
        self._is_frozen = bool(settings.get("is_frozen", False))
        self._noise = float(settings.get("noise", 0.0))
        self._rounds = Rounds(float(settings.get("interval_s", 5.0)))

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002
        """Nothing: the sampler's lines go one way."""
        return ()

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """The round that is due, if one is."""
        since_s = self._rounds.due_s(at_ns)
        if since_s is None:
            return ()
        if self._stale_every_s > 0 and since_s % self._stale_every_s >= self._stale_every_s - self._stale_for_s:
            return (line("nut:simulated", "ups/veh", at_ns, error="data-stale"),)
        return (line("nut:simulated", "ups/veh", at_ns, payload=self._variables(since_s)),)

    def _variables(self, since_s: float) -> dict[str, str]:
        within_s = since_s % (self._mains_for_s + self._battery_for_s)
        on_battery_s = max(0.0, within_s - self._mains_for_s)
        is_on_battery = on_battery_s > 0.0
        charge_percent = max(0.0, 100.0 - 100.0 * (0.0 if self._is_frozen else on_battery_s) / self._runtime_s)
        status = "OL CHRG" if not is_on_battery else "OB DISCHRG LB" if charge_percent < LOW_PERCENT else "OB DISCHRG"
        load = self._load_percent
        if self._noise and self._chance() < self._noise:
            charge_percent = 4000.0
        return {
            "battery.charge": f"{charge_percent:.0f}",
            "battery.runtime": f"{self._runtime_s * charge_percent / 100.0:.0f}",
            "battery.voltage": f"{22.0 + 5.0 * charge_percent / 100.0:.2f}",
            "device.model": "simulated",
            "input.voltage": "0.0" if is_on_battery else f"{229.0 + 2.0 * self._chance():.1f}",
            "output.voltage": "230.0",
            "ups.load": f"{load:.0f}",
            "ups.realpower": f"{load * 15.0:.0f}",
            "ups.status": status,
        }
