"""From the tables of the file to the values of the model, one function a kind of table."""

from __future__ import annotations

import datetime as dt
from typing import Any

from console.configuration.bearers import read_amount
from console.configuration.faults import said
from console.configuration.hanging import KEY as DEPENDS_ON
from console.configuration.hanging import read_dependencies
from console.configuration.model import (
    CameraConfiguration,
    ContactConfiguration,
    DeviceConfiguration,
    RecordingConfiguration,
)
from console.configuration.reading import REQUIRED, S_PER_DAY, Table, meant, shown
from console.configuration.wires import (
    camera_finding,
    camera_port_of,
    port_of,
    scheme_of,
    told,
    wire_finding,
)
from devices.catalogue import Entry, SettingFault, entries

UNNAMED_INCIDENT = "未命名事件"

_DEVICE_KEYS = ("id", "name", "driver", "wire", "silent_after_s", "own", "enabled", DEPENDS_ON)


_PULLS = {"always": False, "on_demand": True}


def read_incident(table: Table) -> tuple[str, str, int | None]:
    """Name, post and start (UTC ns) of the incident."""
    name = table.text("name", "") or UNNAMED_INCIDENT
    post = table.text("post", "")
    since_ns = _read_since(table)
    table.refuse_rest()
    return name, post, since_ns


def _read_since(table: Table) -> int | None:
    value = table.value("since", None)
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = dt.datetime.fromisoformat(value)
        except ValueError:
            value = None
    if not isinstance(value, dt.datetime) or value.tzinfo is None:
        table.note("since", said("reason", "since", given=shown(table.values["since"])), said("remedy", "since"))
        return None
    return int(value.timestamp()) * 1_000_000_000


def read_device(table: Table, ports: dict[str, str]) -> DeviceConfiguration:
    """A device; ``ports`` says which device took which port already, and learns of this one's."""
    identity = table.identity()
    name = table.text("name", identity)
    wire = table.text("wire")
    entry = _read_driver(table)
    _check_wire(table, wire, entry, ports, identity)
    device = DeviceConfiguration(
        id=identity,
        name=name,
        driver=entry.id if entry else "",
        wire=wire,
        silent_after_s=table.number("silent_after_s", 60.0, 1.0, 7 * S_PER_DAY),
        is_own=table.flag("own", default=False),
        is_enabled=table.flag("enabled", default=True),
        settings=_read_settings(table, entry),
        depends_on=read_dependencies(table),
    )
    if device.is_own and entry is not None and "position" not in entry.reports:
        table.note("own", said("reason", "own_driver", driver=entry.id), said("remedy", "own_driver"))
    return device


def _read_driver(table: Table) -> Entry | None:
    name = table.text("driver")
    if not name:
        return None
    entry = entries().get(name)
    if entry is None:
        table.note("driver", said("reason", "unknown_driver", driver=shown(name)), meant(name, entries()))
    return entry


def _check_wire(table: Table, wire: str, entry: Entry | None, ports: dict[str, str], identity: str) -> None:
    if not wire:
        return
    scheme = scheme_of(wire)
    known = (
        entry.transports if entry else tuple(sorted({one for each in entries().values() for one in each.transports}))
    )
    if scheme not in known:
        example = entry.line if entry else "tcp:192.0.2.10:4001"
        reason = said("reason", "no_scheme", scheme=shown(scheme))
        if entry is not None:
            reason = said("reason", "scheme", scheme=shown(scheme), driver=entry.id)
        table.note("wire", reason, said("remedy", "scheme", known=", ".join(f"{one}:" for one in known), line=example))
        return
    finding = wire_finding(wire)
    if finding is not None:
        table.note("wire", *told(finding))
        return
    _take_port(table, "wire", port_of(wire), ports, identity)


def _take_port(table: Table, key: str, port: str | None, ports: dict[str, str], identity: str) -> None:
    if port is None:
        return
    first = ports.setdefault(port, identity or "?")
    if first != (identity or "?"):
        table.note(key, said("reason", "port_taken", port=shown(port), device=first), said("remedy", "port_taken"))


def _read_settings(table: Table, entry: Entry | None) -> dict[str, Any]:
    given = table.rest(_DEVICE_KEYS)
    if entry is None:  # which keys are good depends on the driver, and that is a fault of its own
        return {}
    faults = entry.check(given)
    for fault in faults:
        _note_setting(table, fault, entry)
    return {key: value for key, value in given.items() if key not in {fault.key for fault in faults}}


def _note_setting(table: Table, fault: SettingFault, entry: Entry) -> None:
    key, given = shown(fault.key), shown(table.values[fault.key])
    if fault.problem == "unknown":
        remedy = meant(fault.key, {*_DEVICE_KEYS, *entry.settings})
        table.note(fault.key, said("reason", "unknown_key", key=key), remedy)
        return
    args = {"key": key, "given": given, "expected": fault.expected}
    if fault.problem == "type":
        args = {"key": key, "given": given, "@expected": f"configuration.type.{fault.expected}"}
    reason = said("reason", f"setting_{fault.problem}", **args)
    table.note(fault.key, reason, said("remedy", f"setting_{fault.problem}", **args))


def read_camera(table: Table, ports: dict[str, str]) -> CameraConfiguration:
    """A camera; the bearer and the team it names are checked by the caller."""
    identity = table.identity()
    lat_deg, lon_deg = _read_place(table)
    pull = table.text("pull", "always")
    if pull not in _PULLS:
        table.note("pull", said("reason", "choice", given=shown(pull)), meant(pull, _PULLS))
    camera = CameraConfiguration(
        id=identity,
        name=table.text("name", identity),
        url=_read_url(table, "url", ports, identity) or "",
        sub_url=_read_url(table, "sub_url", ports, identity),
        owner=table.text("owner", "") or None,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        team_id=table.text("team", "") or None,
        is_on_demand=_PULLS.get(pull, False),
        is_recorded=table.flag("record", default=True),
        bearer_id=table.text("bearer", "") or None,
        still_s=table.number("still_s", 10.0, 2.0, 3_600.0),
        may_stand_still=table.flag("may_stand_still", default=False),
        is_enabled=table.flag("enabled", default=True),
        depends_on=read_dependencies(table),
    )
    table.refuse_rest()
    return camera


def _read_url(table: Table, key: str, ports: dict[str, str], identity: str) -> str | None:
    """A stream's URL.  It may hold a password, so the URL itself is never part of a fault's text."""
    url = table.text(key, REQUIRED if key == "url" else "")
    finding = camera_finding(url) if url else None
    if finding is not None:
        table.note(key, *told(finding))
    elif url:
        _take_port(table, key, camera_port_of(url), ports, identity if key == "url" else f"{identity} {key}")
    return url or None


def _read_place(table: Table) -> tuple[float | None, float | None]:
    """Where a camera that does not move stands; both coordinates or none, and not beside a team that carries it."""
    given = [key for key in ("lat_deg", "lon_deg") if table.has(key)]
    lat_deg, lon_deg = table.number("lat_deg", 0.0, -90.0, 90.0), table.number("lon_deg", 0.0, -180.0, 180.0)
    if not given:
        return None, None
    if len(given) == 1:
        table.note(given[0], said("reason", "half_place"), said("remedy", "half_place"))
    elif table.has("team"):
        table.note("team", said("reason", "two_places"), said("remedy", "two_places"))
    return lat_deg, lon_deg


def read_contact(table: Table) -> ContactConfiguration:
    """Somebody a text can be sent to; the device is checked by the caller."""
    contact = ContactConfiguration(
        name=table.text("name", REQUIRED),
        device_id=table.text("device", REQUIRED),
        recipient=_read_recipient(table),
        is_rear=table.flag("rear", default=False),
        road_id=table.text("road", "") or None,
    )
    table.refuse_rest()
    return contact


def _read_recipient(table: Table) -> str:
    """A card or number; written without quotes it is a number to TOML, and as such it would lose leading zeros."""
    if isinstance(table.values.get("recipient"), int):
        table.value("recipient", None)
        given = shown(table.values["recipient"])
        table.note("recipient", said("reason", "recipient", given=given), said("remedy", "recipient", given=given))
        return ""
    return table.text("recipient")


def read_recording(table: Table) -> RecordingConfiguration:
    """How pictures are kept."""
    quota_bytes = read_amount(table, "quota_gb", 1e9)
    recording = RecordingConfiguration(
        quota_bytes=None if quota_bytes is None else round(quota_bytes),
        floor_bytes=round(table.number("floor_gb", 2.0, 0.1, 1e6) * 1e9),
        segment_s=table.number("segment_s", 60.0, 5.0, 3_600.0),
    )
    table.refuse_rest()
    return recording
