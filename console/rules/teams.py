"""Who stands behind which radio, card or phone: what the file says of the teams, with what was said while running.

An edit stands over restarts and new configurations, whatever the file says.  One means is one team's: giving it to
another takes it from the one that had it, and the log says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from console.configuration.model import TeamConfiguration
from console.orders import (
    AddMeans,
    AddTeam,
    BeginRollCall,
    ChangeTeam,
    EndRollCall,
    HeardByVoice,
    RemoveMeans,
    RollCallOrder,
    TeamOrder,
)
from console.picture import TeamState, Value
from console.rules import alarms
from console.rules.tracks import OPERATOR, forget_fix, hear, place_stranger, place_team
from console.tables import Tables
from console.team_tables import TeamTable
from devices.driver import NS_PER_S

TEAMS = 500
MEANS = 32
"""Of one team."""
EXPECTED_S = 900.0
_LEAST_S, _MOST_S = 5.0, 7 * 86_400.0
_NAME, _TEXT = 60, 500
_MOST_PEOPLE = 10_000
_MISSING = 20
_IDENTITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")

Identity = tuple[str, str | None]
"""A device, and who it tells of; ``None``: itself."""


def identity_of(means: str) -> Identity:
    """What a means stands for, however many zeros its number begins with."""
    device_id, slash, subject = means.partition("/")
    return device_id, subject.lstrip("0") if slash else None


def teams_by_means(tables: Tables) -> dict[Identity, tuple[str, str]]:
    """The team behind a device's subject, and its means as the team has it."""
    return {
        identity_of(means): (team.configuration.id, means)
        for team in tables.teams.values()
        for means in team.configuration.means
    }


def settle(tables: Tables) -> None:
    """Work the edits into every team's configuration."""
    given = {identity_of(means): team_id for team_id, team in tables.teams.items() for means in team.edits.added}
    for team_id, team in tables.teams.items():
        base, edits, before = team.base or team.configuration, team.edits, team.configuration.means
        removed = {identity_of(means) for means in edits.removed}
        kept = [
            means
            for means in base.means
            if identity_of(means) not in removed and given.get(identity_of(means), team_id) == team_id
        ]
        added = [means for means in edits.added if given[identity_of(means)] == team_id]
        team.configuration = replace(
            base,
            name=edits.name if edits.name is not None else base.name,
            task=edits.task if edits.task is not None else base.task,
            leader=edits.leader if edits.leader is not None else base.leader,
            phone=edits.phone if edits.phone is not None else base.phone,
            expected_s=edits.expected_s if edits.expected_s is not None else base.expected_s,
            means=tuple(dict.fromkeys([*kept, *added])),
        )
        still = {identity_of(means) for means in team.configuration.means}
        for identity in dict.fromkeys(identity_of(means) for means in before):
            if identity not in still:
                _disown(tables, team, identity)


def configure(tables: Tables) -> None:
    """The file's teams and the guests.  A team that is no longer in the file is written into the log as it was."""
    known, tables.teams = tables.teams, {}
    for wanted in tables.configuration.teams:
        team = known.pop(wanted.id, None) or TeamTable(configuration=wanted, known_since_ns=tables.at_ns)
        team.base, team.is_guest = wanted, False
        tables.teams[wanted.id] = team
    for team_id, team in known.items():
        if team.is_guest:
            tables.teams[team_id] = team
            continue
        alarms.forget_subject(tables, team_id)
        tables.note("operator", team_id, "notice.team_gone", {"team": team.configuration.name, **_last_known(team)})
    settle(tables)


def _last_known(team: TeamTable) -> dict[str, str | int | float | None]:
    place = team.position
    words = "?" if place is None or place.lat_deg is None else f"{place.lat_deg:.6f} {place.lon_deg:.6f} {place.datum}"
    return {"place": words, "heard_ns": team.last_heard_ns}


def interval_s(tables: Tables, task: str) -> float | None:
    """How often a team with this task must be heard; ``None`` where nobody said."""
    return next((one.expected_s for one in tables.configuration.tasks if one.name == task), None)


# ---- orders


def obey(tables: Tables, order: TeamOrder) -> None:
    """Do what was asked of a team, or say in the log why not."""
    match order:
        case AddTeam():
            _add_team(tables, order)
        case ChangeTeam():
            _change(tables, order)
        case AddMeans():
            _add_means(tables, order)
        case RemoveMeans():
            _remove_means(tables, order)
        case HeardByVoice():
            _hear_voice(tables, order)
        case BeginRollCall() | EndRollCall():
            _call_roll(tables, order)
        case _:
            assert_never(order)


def _refuse(tables: Tables, subject: str, why: str, what: str) -> None:
    tables.note("operator", subject[:64], "notice.team_refused", {"what": what[:120], "@why": f"team.refused.{why}"})


def _taken(tables: Tables, team_id: str) -> bool:
    named = (tables.teams, tables.devices, tables.cameras, tables.bearers)
    folded = team_id.casefold()
    return folded == "console" or any(folded == one.casefold() for table in named for one in table)


def _add_team(tables: Tables, order: AddTeam) -> None:
    name = _line(order.name)
    if not _IDENTITY.fullmatch(order.team_id) or not name:
        _refuse(tables, order.team_id, "name", order.name)
        return
    if _taken(tables, order.team_id):
        _refuse(tables, order.team_id, "taken", order.team_id)
        return
    if len(tables.teams) >= TEAMS:
        _refuse(tables, order.team_id, "full", name)
        return
    base = TeamConfiguration(
        id=order.team_id,
        name=name,
        symbol=(_line(order.symbol) or name)[:1],
        people=None if order.people is None else min(max(order.people, 0), _MOST_PEOPLE),
        expected_s=_bounded_s(order.expected_s) or interval_s(tables, order.task) or EXPECTED_S,
        kind=_line(order.kind),
        task=_line(order.task),
        leader=_line(order.leader),
        phone=_line(order.phone),
    )
    team = TeamTable(configuration=base, known_since_ns=tables.at_ns, base=base, is_guest=True)
    tables.teams[order.team_id] = team
    tables.note("operator", order.team_id, "notice.team_added", {"team": name, "by": _line(order.by) or "?"})
    for means in order.means[:MEANS]:
        _give(tables, team, means, order.by)
    settle(tables)


def _line(text: str) -> str:
    """One short line of printable characters."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())[:_NAME]


def _bounded_s(seconds: float | None) -> float | None:
    return None if seconds is None else min(max(float(seconds), _LEAST_S), _MOST_S)


def _known(tables: Tables, team_id: str) -> TeamTable | None:
    team = tables.teams.get(team_id)
    if team is None:
        _refuse(tables, team_id, "unknown", team_id)
    return team


def _change(tables: Tables, order: ChangeTeam) -> None:
    team = _known(tables, order.team_id)
    if team is None:
        return
    before, edits = team.configuration, team.edits
    if order.name is not None and _line(order.name):
        edits.name = _line(order.name)
    if order.leader is not None:
        edits.leader = _line(order.leader)
    if order.phone is not None:
        edits.phone = _line(order.phone)
    if order.task is not None:
        edits.task = _line(order.task)
        edits.expected_s = interval_s(tables, edits.task) or edits.expected_s
    if order.expected_s is not None:
        edits.expected_s = _bounded_s(order.expected_s)
    settle(tables)
    _say_changes(tables, team, before, order)
    if order.state is not None:
        _enter_state(tables, team, order.state, order.by)
    if order.people_present is not None:
        team.people_present = min(max(order.people_present, 0), _MOST_PEOPLE)
        team.people_ns = tables.at_ns
        count, on_list = team.people_present, team.configuration.people
        args: dict[str, Value] = {"team": team.configuration.name, "count": count, "all": on_list}
        _note(tables, team, "notice.team_people", args, order.by)


def _say_changes(tables: Tables, team: TeamTable, before: TeamConfiguration, order: ChangeTeam) -> None:
    now = team.configuration
    for key, old, new in (
        ("name", before.name, now.name),
        ("task", before.task, now.task),
        ("leader", before.leader, now.leader),
        ("phone", before.phone, now.phone),
        ("expected", f"{before.expected_s / 60:g}", f"{now.expected_s / 60:g}"),
    ):
        if old != new:
            args = {"team": before.name, "@what": f"team.field.{key}", "old": old or "—", "new": new or "—"}
            _note(tables, team, "notice.team_changed", args, order.by)


def _note(tables: Tables, team: TeamTable, text_id: str, args: Mapping[str, Value], by: str) -> None:
    tables.note("operator", team.configuration.id, text_id, {**args, "by": _line(by) or "?"})


def _enter_state(tables: Tables, team: TeamTable, state: TeamState, by: str) -> None:
    team.state, team.state_ns = state, tables.at_ns
    args = {"team": team.configuration.name, "@state": f"team.state.{state}"}
    _note(tables, team, "notice.team_state", args, by)


def _add_means(tables: Tables, order: AddMeans) -> None:
    team = _known(tables, order.team_id)
    if team is not None:
        _give(tables, team, order.means, order.by)
        settle(tables)


def _give(tables: Tables, team: TeamTable, means: str, by: str = "") -> None:
    device_id, slash, subject = means.partition("/")
    if device_id not in tables.devices or (slash and not subject) or len(means) > 128 or not means.isprintable():
        _refuse(tables, team.configuration.id, "means", means)
        return
    identity = identity_of(means)
    if any(identity_of(one) == identity for one in team.configuration.means):
        return
    if len(team.configuration.means) >= MEANS:
        _refuse(tables, team.configuration.id, "many_means", means)
        return
    for other in tables.teams.values():
        if any(identity_of(one) == identity for one in other.configuration.means):
            _take(tables, other, means, by)
    team.edits.removed = [one for one in team.edits.removed if identity_of(one) != identity]
    team.edits.added = [*(one for one in team.edits.added if identity_of(one) != identity), means]
    _note(tables, team, "notice.means_added", {"team": team.configuration.name, "means": means}, by)
    _credit(tables, team, device_id, subject if slash else None, means)


def _credit(tables: Tables, team: TeamTable, device_id: str, subject: str | None, means: str) -> None:
    """What was heard of this number before it had a name was this team, then and there."""
    wanted = subject.lstrip("0") if subject is not None else None
    for one in tables.devices[device_id].heard.values():
        if one.subject.lstrip("0") == wanted and one.at_ns is not None and one.at_ns > (team.last_heard_ns or -1):
            hear(team, one.at_ns, device_id, one.kind or "presence")
    fix = tables.devices[device_id].strangers.pop(wanted, None) if wanted is not None else None
    if fix is not None:
        place_team(tables, team, fix, means)


def _remove_means(tables: Tables, order: RemoveMeans) -> None:
    team = _known(tables, order.team_id)
    if team is None:
        return
    identity = identity_of(order.means)
    if any(identity_of(one) == identity for one in team.configuration.means):
        _take(tables, team, order.means, order.by)
        settle(tables)


def _take(tables: Tables, team: TeamTable, means: str, by: str) -> None:
    identity = identity_of(means)
    _disown(tables, team, identity)
    team.edits.added = [one for one in team.edits.added if identity_of(one) != identity]
    if team.base is not None and any(identity_of(one) == identity for one in team.base.means):
        team.edits.removed = [*(one for one in team.edits.removed if identity_of(one) != identity), means][-TEAMS:]
    _note(tables, team, "notice.means_removed", {"team": team.configuration.name, "means": means}, by)


def _disown(tables: Tables, team: TeamTable, identity: Identity) -> None:
    """It is this team's no longer, and neither is what it said: another's words and place would look like its own."""
    device = tables.devices.get(identity[0])
    for known in [one for one in team.fixes if identity_of(one) == identity]:
        fix = forget_fix(team, known)
        if fix is not None and device is not None and identity[1] is not None:
            place_stranger(device, identity[1], fix)
    team.charge_percent = team.charge_ns = None
    _unhear(tables, team, identity)


def _unhear(tables: Tables, team: TeamTable, identity: Identity) -> None:
    """The team was last heard by its other means, or when a person wrote it down."""
    if identity[0] not in (team.last_heard_by, team.answered_by):
        return
    others = {identity_of(one) for one in team.configuration.means} - {identity}
    told = [
        (one.at_ns, device_id, one.kind or "presence")
        for device_id, device in tables.devices.items()
        for one in device.heard.values()
        if one.at_ns is not None and (device_id, one.subject.lstrip("0")) in others
    ]
    whole = [
        (tables.devices[one].position_ns, one) for one, subject in others if subject is None and one in tables.devices
    ]
    told += [(at_ns, device_id, "position") for at_ns, device_id in whole if at_ns]
    team.last_heard_ns = team.last_heard_by = team.last_heard_kind = team.answered_ns = None
    team.answered_by = ""
    if team.voiced_ns is not None:
        told.append((team.voiced_ns, OPERATOR, "voice"))
    for at_ns, device_id, kind in sorted(told):
        hear(team, at_ns, device_id, kind)


def _hear_voice(tables: Tables, order: HeardByVoice) -> None:
    team = _known(tables, order.team_id)
    if team is None:
        return
    hear(team, tables.at_ns, OPERATOR, "voice")
    text = order.text.strip()[:_TEXT]
    args = {"team": team.configuration.name, "text": text}
    _note(tables, team, "notice.voice_text" if text else "notice.voice", args, order.by)


def _call_roll(tables: Tables, order: RollCallOrder) -> None:
    """Begin to call all teams, or end it with a line of who answered."""
    by = _line(order.by) or "?"
    if isinstance(order, BeginRollCall):
        if tables.roll_call_ns is None:
            tables.roll_call_ns = tables.at_ns
            tables.note("operator", "console", "notice.roll_call", {"by": by})
        return
    since_ns, tables.roll_call_ns = tables.roll_call_ns, None
    if since_ns is None:
        return
    called = [team for team in tables.teams.values() if team.state != "stood_down"]
    missing = [team.configuration.name for team in called if (team.answered_ns or 0) < since_ns]
    args: dict[str, Value] = {"by": by, "since_ns": since_ns, "all": len(called), "count": len(called) - len(missing)}
    names = "、".join(missing[:_MISSING]) + ("…" if len(missing) > _MISSING else "")
    text_id = "notice.roll_call_missing" if missing else "notice.roll_call_all"
    tables.note("operator", "console", text_id, {**args, "teams": names})


def is_watched(team: TeamTable) -> bool:
    """Whether its silence means anything: it can be heard, and was not sent home."""
    return bool(team.configuration.means) and team.state != "stood_down"


def silent_ns(tables: Tables, team: TeamTable) -> int:
    """For how long it has not been heard by any means; one never heard counts from when it was named."""
    return tables.at_ns - (team.last_heard_ns if team.last_heard_ns is not None else team.known_since_ns)


def is_silent(tables: Tables, team: TeamTable) -> bool:
    """Whether it is over its time."""
    return is_watched(team) and silent_ns(tables, team) > team.configuration.expected_s * NS_PER_S
