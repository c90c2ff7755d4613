"""What a bearer's row says beyond its state: usage, throughput, losses by direction, what its devices say."""

from __future__ import annotations

from typing import Any

from console.bearer_tables import BearerTable
from console.link_facts import Usage
from console.rules import explaining, terminals, throughput, usage
from console.tables import DeviceTable, Tables
from console.words import Text, Value
from devices.driver import NS_PER_S

FRESH_NS = 30 * NS_PER_S
_LEVELS = ("rsrp", "esn0", "ebn0", "cn", "rssi")


def links_of(tables: Tables, bearer: BearerTable) -> dict[str, Any]:
    """These fields of ``Bearer``."""
    configuration = bearer.configuration
    return {
        "requires_mbps": configuration.requires_mbps,
        "loss_out_percent": _fresh_value(tables, bearer, "loss.out"),
        "loss_back_percent": _fresh_value(tables, bearer, "loss.back"),
        "usage": Usage(
            used_bytes=bearer.used_bytes,
            from_ns=bearer.used_from_ns,
            is_own=bearer.is_own_count,
            quota_bytes=configuration.quota_bytes,
            period=configuration.quota_period,
        ),
        "throughput": bearer.throughput,
        "measuring_ns": bearer.measuring_ns,
        "can_be_checked": configuration.cost != "message" and throughput.target(tables, bearer) is not None,
        "check_bytes": throughput.cap_bytes(bearer),
        "evidence": _evidence(tables, bearer),
    }


def reason_of(tables: Tables, bearer: BearerTable) -> Text | None:
    """Why it is as it is; of one that is cut together with what it hangs on, that: it is the same cut."""
    alarm = tables.alarms.get(f"bearer:{bearer.configuration.id}")
    if bearer.state != "down" or alarm is None or alarm.state != "suppressed" or alarm.cause_id is None:
        return bearer.reason
    return Text(id="bearer.reason.hangs", args={"cause": explaining.name_of(tables, alarm.cause_id)})


def _fresh_value(tables: Tables, bearer: BearerTable, key: str) -> float | None:
    """What its judge said lately; nothing of a bearer that is down: that was before the cut."""
    device = tables.devices.get(bearer.judge_id or "") if bearer.state != "down" else None
    fact = None if device is None else device.facts.get(f"|{key}|")
    if fact is None or tables.at_ns - fact.at_ns > FRESH_NS or not isinstance(fact.value, int | float):
        return None
    return float(fact.value)


def _evidence(tables: Tables, bearer: BearerTable) -> tuple[Text, ...]:
    """Carrier, far end, registration and level, in the order of the way; nothing that is old."""
    found = [tables.devices[one] for one in bearer.configuration.device_ids if one in tables.devices]
    said = [*_carriers(tables, found), *_far_end(tables, bearer, found)]
    for device in found:
        if device.configuration.driver not in usage.PROBES:
            said += _terminal(tables, device)
    return tuple(said)


def _carriers(tables: Tables, found: list[DeviceTable]) -> list[Text]:
    if all(terminals.carrier_of(tables, device) is None for device in found):
        return []
    return [Text(id=f"bearer.evidence.{terminals.lost_carrier(tables, found) or 'carrier'}")]


def _far_end(tables: Tables, bearer: BearerTable, found: list[DeviceTable]) -> list[Text]:
    asked_ns = bearer.detector.last_attempt_ns
    if asked_ns is None or not any(device.configuration.driver in usage.PROBES for device in found):
        return []
    if tables.at_ns - asked_ns > max(FRESH_NS, round(2 * bearer.configuration.idle_probe_s * NS_PER_S)):
        return []
    return [Text(id="bearer.evidence.no_answer" if bearer.detector.misses else "bearer.evidence.answers")]


def _terminal(tables: Tables, device: DeviceTable) -> list[Text]:
    said: list[Text] = []
    fresh = [fact for fact in device.facts.values() if tables.at_ns - fact.at_ns < terminals.FRESH_NS]
    state, _ = terminals.state_of(tables, device)
    if any(fact.key.startswith("condition.registration") for fact in fresh):
        said.append(Text(id="bearer.evidence.registered" if state == "up" else "bearer.evidence.unregistered"))
    for fact in fresh:
        if fact.key in _LEVELS and fact.subject is None and isinstance(fact.value, int | float):
            args: dict[str, Value] = {"value": f"{fact.value:g}", "unit": fact.unit or ""}
            said.append(Text(id=f"bearer.evidence.{fact.key}", args=args))
            break
    return said
