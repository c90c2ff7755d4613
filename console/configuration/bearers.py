"""``[[bearer]]``: a way to the rear, and the profiles that say what is normal for one of its kind.

**Source:** the profiles lie in ``resources/rules/bearers.toml``, with where their numbers come from.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from console.configuration.faults import said
from console.configuration.hanging import read_dependencies
from console.configuration.model import BearerConfiguration, Configuration, DeviceConfiguration
from console.configuration.reading import S_PER_DAY, Table, meant, shown
from console.configuration.switching import RUNGS
from console.configuration.wires import scheme_of
from console.link_facts import QuotaPeriod
from console.picture import Cost, Grade
from devices.transports.address import host_and_port
from devices.transports.contract import OpenFailed

FILE = Path(__file__).parents[2] / "resources" / "rules" / "bearers.toml"
PROBE_SCHEMES = frozenset({"ping", "tcp-connect", "stamp"})
"""Wires that ask at a pace."""
LEAST_COSTLY_S = 60.0
"""No probe on a bearer that costs goes out by itself more often."""

_GRADES: Mapping[str, Grade] = {"main": "main", "sub": "sub", "stills": "stills", "off": "off"}
_PERIODS: Mapping[str, QuotaPeriod] = {"day": "day", "month": "month", "incident": "incident"}
_COSTS: Mapping[str, Cost] = {"free": "free", "metered": "metered", "message": "message"}


@dataclass(frozen=True, slots=True, kw_only=True)
class BearerProfile:
    """What is normal for a kind of bearer; the keys are explained in its file."""

    degraded_ms: float
    degraded_loss_percent: float
    down_after_s: float
    misses_down: int
    probe_s: float
    timeout_s: float
    cost: Cost
    lost_after_s: float = 0.0
    idle_probe_s: float = 0.0


@cache
def profiles() -> Mapping[str, BearerProfile]:
    """Every profile by its name.  One that cannot be read is our own mistake: raises."""
    return {name: BearerProfile(**table) for name, table in tomllib.loads(FILE.read_text(encoding="utf-8")).items()}


def fitted(bearer: BearerConfiguration, profile: str) -> BearerConfiguration:
    """The bearer with the numbers of this profile.  Raises ``KeyError`` for an unknown one."""
    usual = profiles()[profile]
    return replace(
        bearer,
        profile=profile,
        degraded_ms=usual.degraded_ms,
        degraded_loss_percent=usual.degraded_loss_percent,
        down_after_s=usual.down_after_s,
        misses_down=usual.misses_down,
        lost_after_s=usual.lost_after_s,
        idle_probe_s=usual.idle_probe_s,
        cost=usual.cost,
    )


def read_bearer(table: Table) -> BearerConfiguration:
    """A bearer; its devices are checked by ``check_bearers``."""
    identity = table.identity()
    hour_bytes = read_amount(table, "video_mb_per_hour", 1e6)
    quota_bytes = read_amount(table, "quota_mb", 1e6)
    devices = _read_devices(table)
    bearer = BearerConfiguration(
        id=identity,
        name=table.text("name", identity),
        rung=_choice(table, "rung", RUNGS, None) or "primary",
        requires="、".join(table.texts("requires")),
        device_id=devices[0] if devices else None,
        more_device_ids=devices[1:],
        requires_mbps=read_amount(table, "requires_mbps", 1.0),
        quota_bytes=None if quota_bytes is None else round(quota_bytes),
        quota_period=_choice(table, "quota_period", _PERIODS, "day") or "day",
        iperf3=_read_server(table),
        video_budget_bps=read_amount(table, "video_kbps", 1e3),
        video_hour_bytes=None if hour_bytes is None else round(hour_bytes),
        video_grade=_choice(table, "video", _GRADES, "main") or "main",
        depends_on=read_dependencies(table),
    )
    bearer = _read_limits(table, fitted(bearer, _read_profile(table)))
    table.refuse_rest()
    return bearer


def _read_devices(table: Table) -> tuple[str, ...]:
    """``device`` first where it is given, then ``devices``, each once."""
    first = table.text("device", "")
    return tuple(dict.fromkeys(one for one in (first, *table.texts("devices")) if one))


def _read_server(table: Table) -> str:
    """Where an iperf3 server listens."""
    server = table.text("iperf3", "")
    try:
        return server if not server or host_and_port(server)[1] else ""
    except OpenFailed:
        table.note("iperf3", said("reason", "url_no_port", given=shown(server)), said("remedy", "url_no_port"))
        return ""


def _read_profile(table: Table) -> str:
    name = table.text("profile", "other")
    if name in profiles():
        return name
    table.note("profile", said("reason", "choice", given=shown(name)), meant(name, profiles()))
    return "other"


def _read_limits(table: Table, bearer: BearerConfiguration) -> BearerConfiguration:
    """What the file says of itself, else what the profile says."""
    idle_s = table.number("idle_probe_s", LEAST_COSTLY_S, LEAST_COSTLY_S, S_PER_DAY)
    return replace(
        bearer,
        degraded_ms=table.number("degraded_ms", bearer.degraded_ms, 1.0, 600_000.0),
        degraded_loss_percent=table.number("degraded_loss_percent", bearer.degraded_loss_percent, 0.0, 100.0),
        down_after_s=table.number("down_after_s", bearer.down_after_s, 1.0, S_PER_DAY),
        misses_down=table.whole("misses_down", 1, 1000) or bearer.misses_down,
        lost_after_s=table.number("lost_after_s", bearer.lost_after_s, 0.0, S_PER_DAY),
        idle_probe_s=idle_s if table.has("idle_probe_s") else bearer.idle_probe_s,
        cost=_choice(table, "cost", _COSTS, bearer.cost) or bearer.cost,
    )


def _choice(table: Table, key: str, words: Mapping[str, Any], default: str | None) -> Any:  # noqa: ANN401 - one of words
    """What the word at ``key`` means; ``None`` where it is none of them."""
    word = table.text(key) if default is None else table.text(key, default)
    if word not in words and word:
        known = ", ".join(words)
        is_rung = key == "rung"
        reason = said("reason", "rung" if is_rung else "choice", given=shown(word))
        table.note(key, reason, said("remedy", "one_of", known=known) if is_rung else meant(word, words))
    return words.get(word)


def read_amount(table: Table, key: str, unit: float) -> float | None:
    """An amount in ``unit``; ``None`` where the file gives none: no bound."""
    amount = table.number(key, 1.0, 0.1, 1e7)
    return amount * unit if table.has(key) else None


def check_bearers(configuration: Configuration, rows: Sequence[Table]) -> None:
    """Note what is wrong between bearers and devices."""
    devices = {device.id: device for device in configuration.devices if device.id}
    for bearer, row in zip(configuration.bearers, rows, strict=True):
        for number, identity in enumerate(bearer.device_ids):
            key = "device" if row.has("device") and number == 0 else "devices"
            if identity not in devices:
                remedy = meant(identity, devices) if devices else said("remedy", "no_devices")
                row.note(key, said("reason", "unknown_device", device=shown(identity)), remedy)
            elif bearer.is_metered:
                _check_pace(row, key, devices[identity])


def _check_pace(row: Table, key: str, device: DeviceConfiguration) -> None:
    """A probe that asks by itself on a bearer that costs eats it."""
    interval_s = _interval_s(device)
    if interval_s is not None and 0 < interval_s < LEAST_COSTLY_S:
        args = {"device": device.id, "least": f"{LEAST_COSTLY_S:g}"}
        row.note(key, said("reason", "costly_probe", **args), said("remedy", "costly_probe", **args))


def _interval_s(device: DeviceConfiguration) -> float | None:
    if scheme_of(device.wire) not in PROBE_SCHEMES:
        return None
    given = dict(part.partition("=")[::2] for part in device.wire.partition("?")[2].split("&"))
    try:
        return float(given["interval_s"]) if "interval_s" in given else None
    except ValueError:
        return None


def pace_probes(configuration: Configuration) -> Configuration:
    """Probes whose wire names no pace get that of their bearer: at its profile's, or only when asked where it costs."""
    paces: dict[str, tuple[float, float]] = {}
    for bearer in configuration.bearers:
        usual = profiles()[bearer.profile]
        pace = (0.0 if bearer.is_metered else usual.probe_s, usual.timeout_s)
        for identity in bearer.device_ids:
            if bearer.profile != "other" or bearer.is_metered:
                paces.setdefault(identity, pace)
    devices = tuple(
        replace(device, wire=_paced(device.wire, *paces[device.id]))
        if device.id in paces and scheme_of(device.wire) in PROBE_SCHEMES
        else device
        for device in configuration.devices
    )
    return replace(configuration, devices=devices)


def _paced(wire: str, interval_s: float, timeout_s: float) -> str:
    wanted = [("interval_s", interval_s), ("timeout_s", timeout_s)]
    missing = [f"{key}={value:g}" for key, value in wanted if f"{key}=" not in wire]
    if not missing:
        return wire
    return f"{wire}{'&' if '?' in wire else '?'}{'&'.join(missing)}"
