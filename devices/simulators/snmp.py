"""An agent, or what its sampler would tell of it: the interface of a switch or router, or a satellite modem.

On a wire ``snmp:`` it answers real questions (``devices.simulators.snmp_agent``) and says nothing by itself; on any
other it tells of each round in the sampler's lines.

Settings, all optional: ``profile`` (``if-mib``), ``index`` (1), ``rate_bps`` in (40e6) and half of it out,
``capacity_bps`` (1e9), ``interface`` (``eth1``), ``interval_s`` (5), ``wraps`` (true: 32-bit counters near their end),
``restarts_every_s`` (0: never), ``down_after_s`` (0: never), ``silent_every_s`` with ``silent_for_s``, ``community``
(``public``).
Of other profiles every level lies in the middle of what can be, with a little noise.

**Source:** RFC 2863 for what the objects mean.  **Assumed:** an agent answers within 20 ms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from devices.driver import NS_PER_S, Chance, Settings
from devices.profiles import Item, load, read
from devices.simulators.lines import Rounds, line

_WIDE = "1.3.6.1.2.1.31."


class SnmpSimulator:
    """Says a round of answers whenever its time has come; once it was really asked, it answers alone."""

    def __init__(self, settings: Settings, chance: Chance) -> None:
        self._chance = chance
        self._table = load("snmp", str(settings.get("profile", "if-mib")))
        self._index = int(settings.get("index", 1))
        self._profile = read("snmp", self._table, self._index)
        self._bps = float(settings.get("rate_bps", 40e6))
        self._capacity_bps = float(settings.get("capacity_bps", 1e9))
        self._interface = str(settings.get("interface", "eth1"))
        self._wraps = bool(settings.get("wraps", True))
        self._restarts_every_s = float(settings.get("restarts_every_s", 0.0))
        self._down_after_s = float(settings.get("down_after_s", 0.0))
        self._silent_every_s = float(settings.get("silent_every_s", 0.0))
        self._silent_for_s = float(settings.get("silent_for_s", 0.0))
        self._rounds = Rounds(float(settings.get("interval_s", 5.0)))
        self._community = str(settings.get("community", "public"))
        self._began_ns: int | None = None
        self._is_asked = False
        self._source = "snmp:simulated"

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:
        """The answer to a question of SNMP; to anything else nothing."""
        from devices.simulators.snmp_agent import answer  # noqa: PLC0415 - pysnmp only where it is asked

        since_s = self._since_s(at_ns)
        if self._is_silent(since_s):
            return ()
        said = answer(data, self._community, {item.key: self._value(item, since_s) for item in self._profile.items})
        self._is_asked = self._is_asked or said is not None
        return (said,) if said is not None else ()

    def _since_s(self, at_ns: int) -> float:
        self._began_ns = at_ns if self._began_ns is None else self._began_ns
        return (at_ns - self._began_ns) / NS_PER_S

    def _is_silent(self, since_s: float) -> bool:
        return self._silent_every_s > 0 and since_s % self._silent_every_s >= self._silent_every_s - self._silent_for_s

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """The round that is due, if one is and nobody asks."""
        self._since_s(at_ns)
        since_s = None if self._is_asked else self._rounds.due_s(at_ns)
        if since_s is None:
            return ()
        if self._is_silent(since_s):
            return (line(self._source, "poll", at_ns, error="timeout"),)
        payload = {"profile": self._profile.table, "index": self._index}
        first = self._rounds.profile(at_ns, [line(self._source, "profile", at_ns, payload=payload)])
        return [*first, *(self._answer(item, since_s, at_ns) for item in self._profile.items)]

    def _answer(self, item: Item, since_s: float, at_ns: int) -> bytes:
        kind, value = self._value(item, since_s)
        return line(self._source, item.key, at_ns, kind="oid", payload={"type": kind, "value": value})

    def _value(self, item: Item, since_s: float) -> tuple[str, Any]:
        up_s = since_s % self._restarts_every_s if self._restarts_every_s > 0 else since_s + 86_400.0
        match item.kind:
            case "uptime":
                return "TimeTicks", int(up_s * 100) % (1 << 32)
            case "restart":
                return "TimeTicks", 0
            case "text":
                return "OctetString", self._interface if item.name == "interface" else f"simulated {item.name}"
            case "rate":
                return self._counter(item, up_s)
            case "state" | "power":
                return "Integer32", self._state(item, since_s)
            case _:
                return "Gauge32", self._level(item)

    def _counter(self, item: Item, up_s: float) -> tuple[str, int]:
        share = 1.0 if item.name.startswith("in_rate") else 0.5 if item.name.startswith("out_rate") else 0.0
        counted = int(up_s * self._bps * share / 8.0)
        if item.key.startswith(_WIDE):
            return "Counter64", counted
        return "Counter32", (counted + ((1 << 32) - 30_000_000 if self._wraps else 0)) % (1 << 32)

    def _state(self, item: Item, since_s: float) -> int:
        if item.kind == "power" and item.name != "source":
            return self._level(item)
        is_down = self._down_after_s > 0 and since_s >= self._down_after_s
        wanted = item.bad if is_down else item.good
        numbers = [int(raw) for raw, word in item.values.items() if not wanted or word in wanted]
        return numbers[0] if numbers else 0

    def _level(self, item: Item) -> int:
        if item.name == "capacity":
            return round((self._capacity_bps - item.offset) / item.scale)
        low, high = item.low if item.low is not None else 0.0, item.high if item.high is not None else 100.0
        value = min(item.good_high, high) if item.good_high is not None else low + (high - low) * 0.6
        value -= (self._chance() - 0.5) * 0.02 * (high - low) if item.good_high is None else 0.0
        return round((value - item.offset) / item.scale)
