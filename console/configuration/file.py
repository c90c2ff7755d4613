"""Reads a configuration file whole, or says everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from console.configuration.alarming import read_alarming
from console.configuration.bearers import check_bearers, pace_probes, read_bearer
from console.configuration.faults import ConfigurationFaults, said
from console.configuration.hanging import check_dependencies
from console.configuration.land import read_layer, read_map, read_station, read_terrain
from console.configuration.model import IN_USE, Configuration, DeviceConfiguration
from console.configuration.reading import Faults, Table, meant, parse, shown
from console.configuration.roads import check_count, check_courier, read_road, read_road_rules
from console.configuration.sections import (
    read_camera,
    read_contact,
    read_device,
    read_incident,
    read_recording,
)
from console.configuration.supplies import check_loads, check_supplies, read_load, read_supply
from console.configuration.switching import check_uplinks, read_switching, read_uplink
from console.configuration.teams import read_task, read_team
from console.picture import Mode, Text
from devices.catalogue import entries

_SINGLES = ("incident", "recording", "terrain", "switching", "alarms", "roads")
_LISTS = (
    "device",
    "camera",
    "team",
    "task",
    "bearer",
    "contact",
    "station",
    "map",
    "layer",
    "supply",
    "load",
    "uplink",
    "alarm",
    "road",
)
_RESERVED = {"console", IN_USE}
"""What a record's source, or a camera's bearer, may be besides the id of something configured."""

T = TypeVar("T")


def load(path: Path, *, mode: Mode = "live") -> Configuration:
    """The configuration in ``path``.

    Raises:
        ConfigurationFaults: the file cannot be read or holds faults; all of them are told.
    """
    faults = Faults(str(path))
    octets = _read(path, faults)
    configuration = None if octets is None else read(octets, faults, mode=mode)
    if configuration is None or faults.found:
        raise ConfigurationFaults(tuple(sorted(faults.found, key=lambda fault: fault.line or 0)))
    return configuration


def _read(path: Path, faults: Faults) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        faults.add("", said("reason", "file_missing"), said("remedy", "file_missing"))
    except IsADirectoryError:
        faults.add("", said("reason", "file_folder"), said("remedy", "file_missing"))
    except PermissionError:
        faults.add("", said("reason", "file_permission"), said("remedy", "file_permission"))
    except (OSError, ValueError) as trouble:
        detail = shown(getattr(trouble, "strerror", None) or trouble)
        faults.add("", said("reason", "file_unreadable", detail=detail), said("remedy", "restore"))
    return None


def read(octets: bytes, faults: Faults, *, mode: Mode) -> Configuration | None:
    """The configuration in these octets; ``None`` when they are no TOML at all.  Faults are noted in ``faults``."""
    tables = parse(octets, faults)
    if tables is None:
        return None
    incident, post, since_ns = read_incident(Table(faults, ("incident", 0), _single(tables, "incident", faults)))
    _refuse_tables(tables, faults)
    ports: dict[str, str] = {}
    rows = {name: _rows(tables, name, faults) for name in _LISTS}
    tasks = _each(rows["task"], read_task)
    configuration = Configuration(
        mode=mode,
        incident=incident,
        post=post,
        incident_since_ns=since_ns,
        devices=_each(rows["device"], lambda table: read_device(table, ports)),
        cameras=_each(rows["camera"], lambda table: read_camera(table, ports)),
        teams=_each(rows["team"], lambda table: read_team(table, tasks)),
        bearers=_each(rows["bearer"], read_bearer),
        contacts=_each(rows["contact"], read_contact),
        recording=read_recording(Table(faults, ("recording", 0), _single(tables, "recording", faults))),
        tasks=tasks,
        terrain=read_terrain(Table(faults, ("terrain", 0), _single(tables, "terrain", faults))),
        stations=_each(rows["station"], read_station),
        maps=_each(rows["map"], read_map),
        layers=_each(rows["layer"], read_layer),
        supplies=_each(rows["supply"], read_supply),
        loads=_each(rows["load"], read_load),
        switching=read_switching(Table(faults, ("switching", 0), _single(tables, "switching", faults))),
        uplinks=_each(rows["uplink"], read_uplink),
        alarming=read_alarming(Table(faults, ("alarms", 0), _single(tables, "alarms", faults)), rows["alarm"]),
        roads=_each(rows["road"], read_road),
        road_rules=read_road_rules(Table(faults, ("roads", 0), _single(tables, "roads", faults))),
    )
    check_count(rows["road"])
    _check_identities(rows)
    _check_own(configuration.devices, rows["device"])
    _check_references(configuration, rows)
    if not any(rows.values()) and not faults.found:
        faults.add("", said("reason", "nothing"), said("remedy", "nothing"))
    return pace_probes(configuration)


def _single(tables: Mapping[str, Any], name: str, faults: Faults) -> Mapping[str, Any]:
    table = tables.get(name, {})
    if isinstance(table, dict):
        return table
    faults.add(name, said("reason", "not_a_table", name=name), said("remedy", "table", header=f"[{name}]"))
    return {}


def _refuse_tables(tables: Mapping[str, Any], faults: Faults) -> None:
    for name in tables.keys() - {*_SINGLES, *_LISTS}:
        line = faults.lines.get(((name, 0), "")) or faults.lines.get((("", 0), name))
        remedy = meant(name, (*_SINGLES, *_LISTS))
        faults.add(name, said("reason", "unknown_table", name=shown(name)), remedy, line)


def _rows(tables: Mapping[str, Any], name: str, faults: Faults) -> list[Table]:
    rows = tables.get(name, [])
    if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
        return [Table(faults, (name, number), row) for number, row in enumerate(rows)]
    line = faults.lines.get(((name, 0), "")) or faults.lines.get((("", 0), name))
    remedy = said("remedy", "table", header=f"[[{name}]]")
    faults.add(name, said("reason", "not_a_list", name=name), remedy, line)
    return []


def _each(rows: Sequence[Table], reader: Callable[[Table], T]) -> tuple[T, ...]:
    return tuple(reader(row) for row in rows)


def _check_identities(rows: Mapping[str, Sequence[Table]]) -> None:
    """An id is unique in the whole file: alarms, orders and log lines name their subject by it alone."""
    seen: dict[str, str] = {}
    for kind in ("device", "camera", "team", "bearer", "station", "map", "layer", "supply", "load", "road"):
        for number, row in enumerate(rows[kind], start=1):
            identity = row.values.get("id")
            if not isinstance(identity, str) or not identity:
                continue
            key = identity.strip().casefold()  # folders on some disks do not tell capitals apart
            if key in _RESERVED:
                row.note("id", said("reason", "id_reserved", id=identity), said("remedy", "id_other"))
            elif key in seen:
                reason = said("reason", "id_duplicate", id=shown(identity), first=seen[key])
                row.note("id", reason, said("remedy", "id_other"))
            seen.setdefault(key, f"{kind}[{number}]")


def _check_own(devices: Sequence[DeviceConfiguration], rows: Sequence[Table]) -> None:
    own = [row for device, row in zip(devices, rows, strict=True) if device.is_own]
    for row in own[1:]:
        row.note("own", said("reason", "own_twice"), said("remedy", "own_twice"))


def _check_references(configuration: Configuration, rows: Mapping[str, Sequence[Table]]) -> None:
    devices = {device.id: device for device in configuration.devices if device.id}
    claimed: dict[str, str] = {}
    for team, row in zip(configuration.teams, rows["team"], strict=True):
        for means in team.means:
            device, slash, subject = means.partition("/")
            if device not in devices:
                row.note("means", _unknown_device(device), _known_device(device, devices))
            elif slash and not subject:
                row.note("means", said("reason", "means_form", given=shown(means)), said("remedy", "means_form"))
            elif claimed.setdefault(means, team.id) != team.id:
                reason = said("reason", "means_taken", means=shown(means), team=claimed[means])
                row.note("means", reason, said("remedy", "means_taken"))
    check_bearers(configuration, rows["bearer"])
    _check_cameras(configuration, rows["camera"])
    _check_power(configuration, rows)
    check_uplinks(configuration.uplinks, rows["uplink"], [bearer.id for bearer in configuration.bearers])
    for contact, row in zip(configuration.contacts, rows["contact"], strict=True):
        _check_contact(contact.device_id, row, devices)
        check_courier(row, contact.road_id, configuration.roads)
    check_dependencies(configuration, rows)


def _check_power(configuration: Configuration, rows: Mapping[str, Sequence[Table]]) -> None:
    of = configuration
    known = {
        "device": [one.id for one in of.devices],
        "camera": [one.id for one in of.cameras],
        "bearer": [one.id for one in of.bearers],
        "station": [one.id for one in of.stations],
        "team": [one.id for one in of.teams],
        "supply": [one.id for one in of.supplies],
        "load": [one.id for one in of.loads],
    }
    check_supplies(of.supplies, rows["supply"], known)
    check_loads(of.loads, rows["load"], known)


def _check_cameras(configuration: Configuration, rows: Sequence[Table]) -> None:
    bearers = {bearer.id for bearer in configuration.bearers if bearer.id}
    teams = {team.id for team in configuration.teams if team.id}
    for camera, row in zip(configuration.cameras, rows, strict=True):
        if camera.team_id is not None and camera.team_id not in teams:
            remedy = meant(camera.team_id, teams) if teams else said("remedy", "no_teams")
            row.note("team", said("reason", "unknown_team", team=shown(camera.team_id)), remedy)
        if camera.bearer_id is None or camera.bearer_id in bearers:
            continue
        if not bearers:
            row.note("bearer", said("reason", "no_bearers"), said("remedy", "no_bearers"))
        elif camera.bearer_id != IN_USE:
            reason = said("reason", "unknown_bearer", bearer=shown(camera.bearer_id))
            row.note("bearer", reason, meant(camera.bearer_id, {*bearers, IN_USE}))


def _check_contact(identity: str, row: Table, devices: Mapping[str, DeviceConfiguration]) -> None:
    if not identity:
        return
    if identity not in devices:
        row.note("device", _unknown_device(identity), _known_device(identity, devices))
        return
    entry = entries().get(devices[identity].driver)
    if entry is not None and "text" not in entry.sends:
        row.note("device", said("reason", "no_text", device=identity, driver=entry.id), said("remedy", "no_text"))


def _unknown_device(identity: str) -> Text:
    return said("reason", "unknown_device", device=shown(identity))


def _known_device(identity: str, devices: Mapping[str, DeviceConfiguration]) -> Text:
    return meant(identity, devices) if devices else said("remedy", "no_devices")
