"""Telling others where our teams are: on wires whose settings say ``publish``."""

from __future__ import annotations

from collections.abc import Iterator

from console.rules.tracks import FUTURE_NS
from console.tables import DeviceTable, Tables
from devices.commands import PublishTeam
from devices.driver import NS_PER_S

DEFAULT_EVERY_S = 30.0
STALE_FACTOR = 2.0


def is_due(tables: Tables, device: DeviceTable) -> bool:
    """Whether this wire shall be told now."""
    settings = device.configuration.settings
    if "team" not in device.sends or not settings.get("publish"):
        return False
    every_ns = round(float(settings.get("publish_s") or DEFAULT_EVERY_S) * NS_PER_S)
    return device.published_ns is None or tables.at_ns - device.published_ns >= every_ns


def commands(tables: Tables, device: DeviceTable) -> Iterator[PublishTeam]:
    """This post and every team whose place is known, but those we know from this very wire.

    Each goes out with the time of its own fix, so that an old place arrives as an old one.
    """
    device.published_ns = tables.at_ns
    own = next((d for d in tables.devices.values() if d.configuration.is_own and d.position is not None), None)
    if own is not None and own.position is not None and own.position.lat_deg is not None:
        position = own.position
        source_ns = position.source_time_ns
        is_usable = source_ns is not None and source_ns <= own.position_ns + FUTURE_NS
        yield PublishTeam(
            subject=None,
            callsign=tables.configuration.post or tables.configuration.incident,
            lat_deg=own.position.lat_deg,
            lon_deg=own.position.lon_deg or 0.0,
            source_time_ns=min(source_ns, own.position_ns) if is_usable and source_ns is not None else own.position_ns,
            stale_s=60.0,
            speed_mps=position.speed_mps,
            course_deg=position.course_deg,
        )
    for team in tables.teams.values():
        place = team.position
        if place is None or place.lat_deg is None or place.lon_deg is None:
            continue
        if team.position_device == device.configuration.id:
            continue
        yield PublishTeam(
            subject=team.configuration.id,
            callsign=team.configuration.name,
            lat_deg=place.lat_deg,
            lon_deg=place.lon_deg,
            source_time_ns=team.fix_ns if team.fix_ns is not None else team.position_ns,
            stale_s=STALE_FACTOR * team.configuration.expected_s,
            speed_mps=place.speed_mps,
            course_deg=place.course_deg,
            accuracy_m=place.accuracy_m,
        )
