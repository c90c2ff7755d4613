"""A check of what a bearer carries, asked for by a person: refused where it would do harm, else measured and kept.

**Source:** an iperf3 run eats a satellite's daily plan: so only on request, bounded in octets, and where volume costs
only after a second confirmation.
"""

from __future__ import annotations

from typing import Any

from console.bearer_tables import BearerTable
from console.effects import Effect, MeasureThroughput
from console.link_facts import Throughput
from console.link_orders import CheckThroughput
from console.picture import Text, Value
from console.rules import shortfall, usage
from console.tables import Tables
from devices.driver import NS_PER_S

FREE_BYTES = 100_000_000
"""Three seconds each way at 100 Mbit/s."""

METERED_BYTES = 1_000_000
USUAL_MBPS = 10.0
"""What is offered where nothing is required."""

MARGIN = 1.1
LONGEST_NS = 60 * NS_PER_S


def cap_bytes(bearer: BearerTable) -> int:
    """What a check of this bearer takes at most, both ways together."""
    return METERED_BYTES if bearer.configuration.is_metered else FREE_BYTES


def target(tables: Tables, bearer: BearerTable) -> tuple[str, int, str] | None:
    """Host, port and interface of this bearer's reflector; ``None``: it has none."""
    for device_id in bearer.configuration.device_ids:
        device = tables.devices.get(device_id)
        if device is None or device.configuration.driver != "stamp":
            continue
        address, _, query = device.configuration.wire.partition(":")[2].partition("?")
        options = dict(part.partition("=")[::2] for part in query.split("&"))
        host, _, port = address.rpartition(":")
        if host and port.isdigit():
            return host.strip("[]"), int(port), options.get("dev", "")
    return None


def obey(tables: Tables, order: CheckThroughput) -> list[Effect]:
    """Begin a check, or say why not."""
    bearer = tables.bearers.get(order.bearer_id)
    if bearer is None:
        return []
    found = target(tables, bearer)
    refusal = _refusal(tables, bearer, order, has_target=found is not None)
    args: dict[str, Value] = {"bearer": bearer.configuration.name, "by": order.by or "?"}
    if refusal is not None or found is None:
        args |= {"@reason": f"throughput.refused.{refusal}", "megabytes": cap_bytes(bearer) / 1e6}
        tables.note("operator", order.bearer_id, "throughput.refused_line", args)
        return []
    bearer.measuring_ns = tables.at_ns
    tables.note("operator", order.bearer_id, "throughput.asked", args)
    host, port, interface = found
    return [
        MeasureThroughput(
            bearer_id=order.bearer_id,
            host=host,
            port=port,
            interface=interface,
            offered_mbps=round((bearer.configuration.requires_mbps or USUAL_MBPS) * MARGIN, 3),
            cap_bytes=cap_bytes(bearer),
            iperf3=bearer.configuration.iperf3,
        )
    ]


def _refusal(tables: Tables, bearer: BearerTable, order: CheckThroughput, *, has_target: bool) -> str | None:
    if bearer.configuration.cost == "message" or not has_target:
        return "no_reflector"
    if bearer.configuration.is_metered and not order.is_confirmed:
        return "costs"
    if any(
        one.measuring_ns is not None and tables.at_ns - one.measuring_ns < LONGEST_NS for one in tables.bearers.values()
    ):
        return "running"
    return "down" if bearer.state == "down" else None


def take_outcome(tables: Tables, bearer_id: str, said: dict[str, Any]) -> None:
    """What a check found becomes a fact with its moment, and a line of the log; other outcomes are passed over."""
    bearer = tables.bearers.get(bearer_id)
    if bearer is None or said.get("effect") != "throughput":
        return
    bearer.measuring_ns = None
    required_mbps = bearer.configuration.requires_mbps
    figures = [_number(said.get(key)) for key in ("out_mbps", "back_mbps", "offered_mbps")]
    out_mbps, back_mbps, offered_mbps = figures
    reason = str(said.get("reason") or "trouble")
    is_measured = out_mbps is not None and back_mbps is not None
    found = Throughput(
        at_ns=tables.at_ns,
        out_mbps=out_mbps,
        back_mbps=back_mbps,
        offered_mbps=offered_mbps,
        required_mbps=required_mbps,
        size_bytes=int(_number(said.get("size_bytes")) or 0),
        tool=str(said.get("tool") or "")[:20],
        is_enough=_is_enough(required_mbps, figures),
        reason=None if is_measured else Text(id=f"throughput.reason.{reason}"),
    )
    bearer.throughput = found
    usage.count_own(bearer, found.size_bytes)
    args: dict[str, Value] = {"bearer": bearer.configuration.name, "out": out_mbps, "back": back_mbps}
    if not is_measured:
        args = {"bearer": bearer.configuration.name, "@reason": f"throughput.reason.{reason}"}
    tables.note("bearer", bearer_id, "throughput.found" if is_measured else "throughput.failed", args)
    if shortfall.take(bearer, found):
        tables.note("bearer", bearer_id, "throughput.short", {**args, "required": f"{required_mbps or 0.0:g}"})


def _is_enough(required_mbps: float | None, figures: list[float | None]) -> bool | None:
    """Both ways; not judged where this computer could not even offer it."""
    out_mbps, back_mbps, offered_mbps = figures
    if required_mbps is None or out_mbps is None or back_mbps is None:
        return None
    if min(out_mbps, back_mbps) >= shortfall.ENOUGH_SHARE * required_mbps:
        return True
    return False if offered_mbps is not None and offered_mbps >= required_mbps else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e12:
        return None
    return float(value)
