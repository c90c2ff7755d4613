"""Who was where, and who was heard: what an observation says of a device and of the team behind it.

Three times are kept apart: the source's, the arrival, and when the team was last heard.  The silence clock takes
arrivals; the map takes the fix's own time, which is never believed to be fresher than its arrival.
"""

from __future__ import annotations

from console.geodesy import rough_distance_m
from console.picture import TrailPoint
from console.tables import TRAIL_POINTS, DeviceTable, TeamTable
from devices.driver import NS_PER_S
from devices.observations import Position

FUTURE_NS = 5 * NS_PER_S
TRAIL_EVERY_NS = 5 * NS_PER_S
TRAIL_STEP_M = 5.0
TRAIL_GAP_NS = 180 * NS_PER_S


def hear(team: TeamTable, at_ns: int, device_id: str, kind: str) -> None:
    """An attributable sign of life arrived."""
    team.last_heard_ns = at_ns
    team.last_heard_by = device_id
    team.last_heard_kind = kind


def place_device(device: DeviceTable, position: Position, at_ns: int) -> None:
    """A device said where it is itself.  One without a fix keeps its last place, which ages."""
    if position.lat_deg is not None:
        device.position = position
        device.position_ns = at_ns


def place_team(team: TeamTable, position: Position, at_ns: int, device_id: str) -> None:
    """A team's position arrived.  An older fix than the one known does not move the team back."""
    if position.lat_deg is None or position.lon_deg is None:
        return
    source_ns = position.source_time_ns
    is_doubtful = source_ns is not None and source_ns > at_ns + FUTURE_NS
    fix_ns = at_ns if source_ns is None or is_doubtful else min(source_ns, at_ns)
    if team.fix_ns is not None and fix_ns < team.fix_ns:
        return
    team.position = position
    team.position_ns = at_ns
    team.position_device = device_id
    team.fix_ns = fix_ns
    team.is_clock_doubtful = is_doubtful
    _extend_trail(team, position.lat_deg, position.lon_deg, fix_ns)


def _extend_trail(team: TeamTable, lat_deg: float, lon_deg: float, fix_ns: int) -> None:
    trail = team.trail
    if trail:
        last = trail[-1]
        elapsed_ns = fix_ns - last.at_ns
        if elapsed_ns < TRAIL_EVERY_NS:
            return
        if elapsed_ns < TRAIL_GAP_NS and rough_distance_m(last.lat_deg, last.lon_deg, lat_deg, lon_deg) < TRAIL_STEP_M:
            return
        trail.append(TrailPoint(lat_deg, lon_deg, fix_ns, elapsed_ns >= TRAIL_GAP_NS))
        if len(trail) > TRAIL_POINTS:
            del trail[0]
    else:
        trail.append(TrailPoint(lat_deg, lon_deg, fix_ns, is_after_gap=False))
