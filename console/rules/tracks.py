"""Who was where, and who was heard: what an observation says of a device and of the team behind it.

Three times are kept apart: the source's, the arrival, and when the team was last heard.  The silence clock takes
arrivals; the map takes the fix's own time, which is never believed to be fresher than its arrival.
"""

from __future__ import annotations

from itertools import combinations

from console.geodesy import rough_distance_m
from console.picture import Text, TrailPoint, Value
from console.rules import alarms
from console.tables import TRAIL_POINTS, DeviceTable, Tables
from console.team_tables import FixTable, TeamTable
from devices.driver import NS_PER_S
from devices.observations import Position

OPERATOR = "operator"
"""By whom was heard what a person wrote down."""
ANSWERS = ("voice", "call", "text", "note", "emergency")
"""Signs of life that take a person."""
FUTURE_NS = 5 * NS_PER_S
TRAIL_EVERY_NS = 5 * NS_PER_S
TRAIL_STEP_M = 5.0
TRAIL_GAP_NS = 180 * NS_PER_S
STRANGERS = 200
FIXES = 16
"""Means of one team whose last fix is kept."""
JUMP_MPS = 60.0
"""Faster than this nobody on the ground moves."""
JUMP_SLACK_M = 50.0
JUMP_AGREEING = 3
JUMP_TOLD_NS = 600 * NS_PER_S
APART_M = 200.0
APART_NS = 120 * NS_PER_S


def hear(team: TeamTable, at_ns: int, device_id: str, kind: str) -> None:
    """An attributable sign of life arrived."""
    team.last_heard_ns = at_ns
    team.last_heard_by = device_id
    team.last_heard_kind = kind
    if kind in ANSWERS:
        team.answered_ns, team.answered_by = at_ns, device_id
    if device_id == OPERATOR:
        team.voiced_ns = at_ns


def forget_fix(team: TeamTable, means: str) -> FixTable | None:
    """What this means told was somebody else's place: the team is where its others say, or nowhere known.

    Gives the fix, for whoever it belongs to.  The trail begins anew: nobody can say whose each of its legs is.
    """
    fix = team.fixes.pop(means, None)
    if fix is None:
        return None
    team.trail = []
    if fix.fix_ns == team.fix_ns and fix.device_id == team.position_device:
        team.position, team.fix_ns, team.is_clock_doubtful = None, None, False
        rest = [one for one in team.fixes.values() if one.jump_since_ns is None]
        if rest:
            _take(team, max(rest, key=lambda one: one.fix_ns), is_after_jump=False)
    return fix


def place_device(device: DeviceTable, position: Position, at_ns: int) -> None:
    """A device said where it is itself.  One without a fix keeps its last place, which ages."""
    if position.lat_deg is not None:
        device.position = position
        device.position_ns = at_ns


def fix_of(position: Position, device_id: str, at_ns: int) -> FixTable | None:
    """The fix that arrived now as ``position``, never fresher than its arrival; ``None`` where it is none."""
    if position.lat_deg is None or position.lon_deg is None:
        return None
    source_ns = position.source_time_ns
    is_doubtful = source_ns is not None and source_ns > at_ns + FUTURE_NS
    return FixTable(
        position=position,
        at_ns=at_ns,
        fix_ns=at_ns if source_ns is None or is_doubtful else min(source_ns, at_ns),
        device_id=device_id,
        is_clock_doubtful=is_doubtful,
    )


def place_stranger(device: DeviceTable, subject: str, fix: FixTable) -> None:
    """Keep where somebody was whom nobody named yet: the newest fix, the longest unheard of makes room."""
    was = device.strangers.pop(subject, None)
    device.strangers[subject] = fix if was is None or fix.fix_ns >= was.fix_ns else was
    if len(device.strangers) > STRANGERS:
        del device.strangers[next(iter(device.strangers))]


def place_team(tables: Tables, team: TeamTable, fix: FixTable, means: str) -> None:
    """A team's fix is known by one of its means.  The newest valid fix of all means is its place.

    An older fix than the one known does not move the team back.  A fix out of reach is kept and told, but is not the
    team's place before it was said ``JUMP_AGREEING`` times while nothing else was.
    """
    was = team.fixes.get(means)
    if was is not None and fix.fix_ns < was.fix_ns:
        return
    is_newest = team.fix_ns is None or fix.fix_ns >= team.fix_ns
    distance_m = _leap_m(team, fix) if is_newest else None
    if distance_m is not None:
        _suspect(tables, team, fix, was, distance_m)
    team.fixes.pop(means, None)
    team.fixes[means] = fix
    if len(team.fixes) > FIXES:
        del team.fixes[next(iter(team.fixes))]
    if is_newest and fix.jump_since_ns is None:
        _take(team, fix, is_after_jump=distance_m is not None)
    _note_disagreement(tables, team)


def _take(team: TeamTable, fix: FixTable, *, is_after_jump: bool) -> None:
    position = fix.position
    team.position = position
    team.position_ns = fix.at_ns
    team.position_device = fix.device_id
    team.fix_ns = fix.fix_ns
    team.is_clock_doubtful = fix.is_clock_doubtful
    if position.lat_deg is not None and position.lon_deg is not None:
        _extend_trail(team, position.lat_deg, position.lon_deg, fix.fix_ns, is_after_jump=is_after_jump)


def _apart_m(one: Position, other: Position) -> float:
    if one.lat_deg is None or one.lon_deg is None or other.lat_deg is None or other.lon_deg is None:
        return 0.0
    return rough_distance_m(one.lat_deg, one.lon_deg, other.lat_deg, other.lon_deg)


def _slack_m(one: Position, other: Position, least_m: float) -> float:
    return max(least_m, one.accuracy_m or 0.0, other.accuracy_m or 0.0)


def _is_leap(before: Position, before_ns: int, after: Position, after_ns: int, least_m: float) -> bool:
    """Whether nobody gets from one to the other in this time.  What says itself that it is faster is believed."""
    fastest_mps = max(JUMP_MPS, 1.5 * (before.speed_mps or 0.0), 1.5 * (after.speed_mps or 0.0))
    reach_m = fastest_mps * (after_ns - before_ns) / NS_PER_S + _slack_m(before, after, least_m)
    return _apart_m(before, after) > reach_m


def _leap_m(team: TeamTable, fix: FixTable) -> float | None:
    """How far the team would have leapt to this fix; ``None`` where it can have gone there."""
    if team.position is None or team.fix_ns is None:
        return None
    least_m = JUMP_SLACK_M if fix.device_id == team.position_device else APART_M
    if not _is_leap(team.position, team.fix_ns, fix.position, fix.fix_ns, least_m):
        return None
    return _apart_m(team.position, fix.position)


def _suspect(tables: Tables, team: TeamTable, fix: FixTable, was: FixTable | None, distance_m: float) -> None:
    """Mark a fix out of reach, unless it is the last of several that agree while no other place was said."""
    fix.jump_since_ns, fix.jump_count = fix.fix_ns, 1
    is_same = (
        was is not None
        and was.jump_since_ns is not None
        and (team.fix_ns or 0) < was.jump_since_ns
        and not _is_leap(was.position, was.fix_ns, fix.position, fix.fix_ns, JUMP_SLACK_M)
    )
    if was is not None and is_same:
        fix.jump_since_ns = was.jump_since_ns
        fix.jump_count = was.jump_count + (fix.fix_ns > was.fix_ns)
    device = tables.devices.get(fix.device_id)
    args: dict[str, Value] = {
        "team": team.configuration.name,
        "device": device.configuration.name if device is not None else fix.device_id,
        "km": round(distance_m / 1000, 1),
    }
    if fix.jump_count >= JUMP_AGREEING:
        fix.jump_since_ns, fix.jump_count = None, 0
        tables.note("team", team.configuration.id, "notice.jump_taken", args)
        return
    if team.jump_told_ns is None or tables.at_ns - team.jump_told_ns >= JUMP_TOLD_NS:
        team.jump_told_ns = tables.at_ns
        text = Text(id="alarm.jump", args=args)
        alarms.raise_event(tables, "jump", team.configuration.id, text)


def disagreement(team: TeamTable) -> tuple[str, str, float] | None:
    """The two means that tell places furthest apart for one moment, and how far, beyond what is no disagreement.

    Each may be as wrong as it says, and the team may have moved between the two as fast as it says.
    """
    worst: tuple[str, str, float] | None = None
    for (first, one), (second, other) in combinations(team.fixes.items(), 2):
        elapsed_ns = abs(one.fix_ns - other.fix_ns)
        if elapsed_ns > APART_NS:
            continue
        speed_mps = max(one.position.speed_mps or 0.0, other.position.speed_mps or 0.0)
        distance_m = _apart_m(one.position, other.position)
        allowed_m = _slack_m(one.position, other.position, APART_M) + speed_mps * elapsed_ns / NS_PER_S
        if distance_m > allowed_m and (worst is None or distance_m > worst[2]):
            worst = (first, second, distance_m)
    return worst


def _note_disagreement(tables: Tables, team: TeamTable) -> None:
    found = disagreement(team)
    if (found is not None) == team.is_disagreeing:
        return
    team.is_disagreeing = found is not None
    args: dict[str, Value] = {"team": team.configuration.name}
    if found is None:
        tables.note("team", team.configuration.id, "notice.agreement", args)
        return
    args |= {"first": found[0], "second": found[1], "km": round(found[2] / 1000, 1)}
    tables.note("team", team.configuration.id, "notice.disagreement", args)


def _extend_trail(team: TeamTable, lat_deg: float, lon_deg: float, fix_ns: int, *, is_after_jump: bool) -> None:
    trail = team.trail
    if trail:
        last = trail[-1]
        elapsed_ns = fix_ns - last.at_ns
        if elapsed_ns < TRAIL_EVERY_NS and not is_after_jump:
            return
        if elapsed_ns < TRAIL_GAP_NS and rough_distance_m(last.lat_deg, last.lon_deg, lat_deg, lon_deg) < TRAIL_STEP_M:
            return
        trail.append(TrailPoint(lat_deg, lon_deg, fix_ns, is_after_jump or elapsed_ns >= TRAIL_GAP_NS))
        if len(trail) > TRAIL_POINTS:
            del trail[0]
    else:
        trail.append(TrailPoint(lat_deg, lon_deg, fix_ns, is_after_gap=False))
