"""Why a team may be silent: what all that it could be heard by has in common.  A likely cause, never a proof.

An outage explains a silence that began with it: one that began long before has another cause.
**Assumed:** phones and vehicle terminals come over the public networks; a base station that is off the air or without
mains took with it who was last heard by the same gateway, for no gateway says by which station a radio comes in.
"""

from __future__ import annotations

from console.tables import DeviceTable, Tables
from console.team_tables import TeamTable
from console.words import Cause, Value
from devices.driver import NS_PER_S
from devices.observations import Condition

OUTAGES = 200
_PARTS = ("on-air", "mains")
_PUBLIC_GROUPS = ("tracker", "vehicle")
_PUBLIC_RUNGS = ("primary", "alternate")
_SLACK_NS = 120 * NS_PER_S
"""A battery goes on for a while after the mains went, and gateways tell late."""


def note_outage(tables: Tables, device: DeviceTable, seen: Condition) -> None:
    """A gateway told whether one of its stations is on the air and fed: keep since when it is not."""
    if seen.part not in _PARTS or seen.subject is None:
        return
    key = f"{device.configuration.id}/{seen.subject}|{seen.part}"
    if seen.is_good is not False:
        tables.outages.pop(key, None)
    elif key in tables.outages or len(tables.outages) < OUTAGES:
        tables.outages.setdefault(key, tables.at_ns)


def station_words(tables: Tables, station: str) -> dict[str, Value]:
    """How a station is called, and the gateway that tells of it; ``station`` is ``device/subject``."""
    device_id, _, subject = station.partition("/")
    device = tables.devices.get(device_id)
    heard = device.heard.get(subject) if device is not None else None
    return {
        "device": device.configuration.name if device is not None else device_id,
        "station": heard.name if heard is not None and heard.name else subject,
    }


def is_without_data(tables: Tables, device: DeviceTable) -> bool:
    """Whether a device in service has said nothing understood for too long.  A closed wire is no data at once."""
    if device.state == "disabled":
        return False
    last_ns = device.last_understood_ns
    silent_ns = tables.at_ns - max(last_ns if last_ns is not None else 0, tables.started_ns)
    if device.state == "down" and device.attempts > 0:
        return silent_ns > 5 * NS_PER_S
    return silent_ns > device.configuration.silent_after_s * NS_PER_S


def cause_of(tables: Tables, team: TeamTable) -> Cause | None:
    """The likely cause of this team's silence: of the device it was last heard by, else of all it can be heard by."""
    used = list(dict.fromkeys(means.partition("/")[0] for means in team.configuration.means))
    found = {device_id: _of_device(tables, team, tables.devices.get(device_id)) for device_id in used}
    if team.last_heard_by in found:
        return found[team.last_heard_by]
    causes = [cause for cause in found.values() if cause is not None]
    return causes[0] if causes and len(causes) == len(found) else None


def _of_device(tables: Tables, team: TeamTable, device: DeviceTable | None) -> Cause | None:
    if device is None or device.state == "disabled":
        return None
    name, device_id = device.configuration.name, device.configuration.id
    if is_without_data(tables, device):
        since_ns = device.last_understood_ns
        return Cause(subject_id=device_id, word="device", since_ns=since_ns, args={"device": name})
    return _station(tables, team, device) or _bearer(tables, team, device_id) or _public_net(tables, team, device)


def _explains(team: TeamTable, since_ns: int) -> bool:
    """Whether what began then can have silenced this team: after it was last heard, and before it was due again."""
    heard_ns = team.last_heard_ns if team.last_heard_ns is not None else team.known_since_ns
    return heard_ns - _SLACK_NS <= since_ns <= heard_ns + team.configuration.expected_s * NS_PER_S


def _station(tables: Tables, team: TeamTable, device: DeviceTable) -> Cause | None:
    prefix = f"{device.configuration.id}/"
    for part in _PARTS:
        for key, since_ns in tables.outages.items():
            station, _, which = key.partition("|")
            if which != part or not station.startswith(prefix) or not _explains(team, since_ns):
                continue
            return Cause(
                subject_id=station,
                word="off_air" if part == "on-air" else "no_mains",
                since_ns=since_ns,
                args=station_words(tables, station),
            )
    return None


def _bearer(tables: Tables, team: TeamTable, device_id: str) -> Cause | None:
    for bearer in tables.bearers.values():
        is_it = device_id in bearer.configuration.device_ids and bearer.state == "down"
        if is_it and _explains(team, bearer.since_ns):
            args: dict[str, Value] = {"bearer": bearer.configuration.name}
            return Cause(subject_id=bearer.configuration.id, word="bearer", since_ns=bearer.since_ns, args=args)
    return None


def _public_net(tables: Tables, team: TeamTable, device: DeviceTable) -> Cause | None:
    if device.group not in _PUBLIC_GROUPS:
        return None
    public = [one for one in tables.bearers.values() if one.configuration.rung in _PUBLIC_RUNGS]
    if not public or any(one.state != "down" for one in public):
        return None
    since_ns = max(one.since_ns for one in public)
    return Cause(subject_id="public-net", word="public_net", since_ns=since_ns) if _explains(team, since_ns) else None
