"""How much of a bearer was used, against its quota; and when a bearer that costs may be asked whether it lives.

Counted are an interface's own counters where a device tells them (this computer's, else a router's by SNMP), else what
this console itself sent and received over the bearer: pictures and probes.  A count is never a bill: the operator
counts at his end.

**Source:** lesson of routers whose background traffic and probes ate a satellite's plan (Net-ISP-Balance issue 13,
NetworkOptimizer pull request 1098): probes are thinned by cost and are counted.
Counters that wrap and begin anew: RFC 2863 clause 3.1.6, RFC 2578 clause 7.1.6.
**Assumed:** operators in China count days and months by Beijing time (UTC+8).
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from console.bearer_tables import BearerTable
from console.effects import Effect, Send
from console.link_facts import QuotaPeriod
from console.picture import Text, Value
from console.rules.alarms import set_alarm
from console.tables import Tables
from devices.driver import NS_PER_S
from devices.observations import Traffic

PROBE_BYTES = 84
"""One way: 44 octets of a STAMP packet or 56 of an echo, with the heads of UDP or ICMP, and IP."""

SPARE_SHARE = 0.8
PROBES = frozenset({"probe", "stamp"})
"""Drivers that ask the far end."""

_HERE = "netlink"
RETRY_S = 20.0
ASK = b"ask\n"
_HOUR_NS = 3_600 * NS_PER_S
_BEIJING = dt.timezone(dt.timedelta(hours=8))
_ON_DEMAND = "interval_s=0"


def period_from_ns(at_ns: int, period: QuotaPeriod, began_ns: int) -> int:
    """When the period in which ``at_ns`` lies began; ``began_ns``: the incident."""
    if period == "incident":
        return began_ns
    return _began_ns(at_ns // _HOUR_NS, period)


@lru_cache(maxsize=32)
def _began_ns(hours: int, period: QuotaPeriod) -> int:
    """Of the period in which the hour lies that begins so long after 1970: asked every second, another once an hour."""
    day = dt.datetime.fromtimestamp(hours * 3_600, _BEIJING).replace(hour=0)
    first = day.replace(day=1) if period == "month" else day
    return int(first.timestamp()) * NS_PER_S


def count_traffic(tables: Tables, bearer: BearerTable, device_id: str, seen: Traffic) -> bool:
    """Take in an interface's counters; whether it received since.  The first telling counts nothing yet.

    A counter that fell was full and went on from 0 where it is narrower than 64 bits and counted on meanwhile, else
    it began anew, and all it shows was counted since.  After a time without telling, a narrow one may have been full
    more than once: then this is the least that was used.
    """
    before, now = bearer.counters.get(device_id), [seen.received_bytes, seen.sent_bytes]
    bearer.counters[device_id] = [*now, tables.at_ns]
    if before is None or not _is_counted(tables, bearer, device_id):
        return False
    received, sent = seen.received_bytes - before[0], seen.sent_bytes - before[1]
    if received < 0 or sent < 0:
        told_ns = before[2] if len(before) > 2 else tables.at_ns
        is_anew = seen.counter_bits >= 64 or _is_younger(seen, tables.at_ns - told_ns)
        full = 1 << seen.counter_bits
        received, sent = now if is_anew else (received % full, sent % full)
    if bearer.is_own_count:
        bearer.is_own_count = False
        bearer.used_bytes = 0
        bearer.used_from_ns = tables.at_ns
    bearer.used_bytes += received + sent
    return received > 0


def _is_younger(seen: Traffic, passed_ns: int) -> bool:
    return seen.counted_s is not None and seen.counted_s * NS_PER_S < passed_ns


def _is_counted(tables: Tables, bearer: BearerTable, device_id: str) -> bool:
    """Each octet once: this computer's own interfaces where they tell, else the first box that does."""
    telling = [one for one in bearer.configuration.device_ids if one in bearer.counters and one in tables.devices]
    here = [one for one in telling if tables.devices[one].configuration.driver == _HERE]
    return device_id in (here or telling[:1])


def count_own(bearer: BearerTable, size_bytes: int) -> None:
    """Something of ours passed; not added where the interface itself counts."""
    if bearer.is_own_count:
        bearer.used_bytes += size_bytes


def judge(tables: Tables, bearer: BearerTable) -> None:
    """At ticks: a new period begins at nothing; 80 % and all of the quota are alarms."""
    configuration = bearer.configuration
    from_ns = period_from_ns(tables.at_ns, configuration.quota_period, bearer.used_from_ns)
    if from_ns > bearer.used_from_ns:
        bearer.used_bytes, bearer.used_from_ns = 0, from_ns
    quota_bytes = configuration.quota_bytes
    text = None
    if quota_bytes is not None and bearer.used_bytes >= SPARE_SHARE * quota_bytes:
        word = "spent" if bearer.used_bytes >= quota_bytes else "spare"
        args: dict[str, Value] = {"bearer": configuration.name, "megabytes": round(quota_bytes / 1e6)}
        text = Text(id=f"alarm.quota_{word}", args=args)
    set_alarm(tables, "quota", configuration.id, text)


def due_probes(tables: Tables, bearer: BearerTable) -> list[Effect]:
    """Ask now, on a bearer where volume costs: only when nothing was heard for ``idle_probe_s``.

    After a miss sooner, until it is judged down; then at the idle pace again.  Where each message costs: nobody.
    """
    configuration, memory = bearer.configuration, bearer.detector
    if configuration.cost != "metered":
        return []
    wait_s = configuration.idle_probe_s
    if 0 < memory.misses < configuration.misses_down:
        wait_s = min(wait_s, RETRY_S)
    last_ns = max(bearer.asked_ns or 0, memory.last_life_ns or 0)
    if tables.at_ns - last_ns < wait_s * NS_PER_S:
        return []
    found = [tables.devices[one] for one in configuration.device_ids if one in tables.devices]
    asks: list[Effect] = []
    for device in found:
        asks_when_told = _ON_DEMAND in device.configuration.wire.partition("?")[2].split("&")
        if device.configuration.driver in PROBES and device.state == "up" and asks_when_told:
            bearer.asked_ns = tables.at_ns
            device.octets_out += len(ASK)
            asks.append(Send(device_id=device.configuration.id, peer="", octets=ASK))
    return asks
