"""Who is silent: teams not heard for longer than their task allows, and devices that say nothing.

No data is an alarm of the same rank as the value it guards: a dead sensor never silences its own alarm.
"""

from __future__ import annotations

from console.picture import Text, Value
from console.rules import answering, explaining
from console.rules.alarms import absorb, set_alarm
from console.rules.causes import cause_of, is_without_data
from console.rules.teams import is_silent
from console.tables import DeviceTable, Tables
from console.team_tables import TeamTable
from console.words import Cause
from devices.driver import NS_PER_S

GROUP = "silence_together"
_NAMED = 6
CAUSE_HELD_NS = 120 * NS_PER_S
DEAD_SLACK_NS = 60 * NS_PER_S
"""So long after a restart nobody had the time to speak again."""


def judge_teams(tables: Tables) -> None:
    """Alarm for every team that was not heard by any means for its ``expected_s``, its likely cause in the same line.

    Two and more teams with one cause are one alarm, which waits for a person again when one more joins them.  A team
    without any means, or sent home, is not judged.
    """
    groups: dict[str, tuple[Cause, list[TeamTable]]] = {}
    for team in tables.teams.values():
        if not is_silent(tables, team):
            _end(tables, team)
            continue
        cause = dead_time(tables, team) or _steady_cause(tables, team)
        if cause is None or _is_explained(tables, team, cause):
            _raise(tables, team, cause)
        else:
            groups.setdefault(cause.subject_id, (cause, []))[1].append(team)
    for cause, teams in groups.values():
        if len(teams) == 1:
            _raise(tables, teams[0], cause)
        else:
            _raise_together(tables, cause, teams)
    for subject_id in [one for one in tables.silent_groups if one not in groups or len(groups[one][1]) < 2]:
        _dissolve(tables, subject_id)


def _steady_cause(tables: Tables, team: TeamTable) -> Cause | None:
    """The cause of now, or for a while yet the one of before: a link that flaps must not raise its teams each time."""
    cause = cause_of(tables, team)
    if cause is not None:
        team.cause, team.cause_ns = cause, tables.at_ns
    elif team.cause is not None and tables.at_ns - team.cause_ns > CAUSE_HELD_NS:
        team.cause = None
    return team.cause


def _is_explained(tables: Tables, team: TeamTable, cause: Cause) -> bool:
    """Whether all this hangs on something that failed: then every team is counted there, and no group is made."""
    anchors = (team.configuration.id, cause.subject_id)
    return explaining.cause_of(tables, anchors, explaining.failed_ids(tables)) is not None


def dead_time(tables: Tables, team: TeamTable) -> Cause | None:
    """This console did not run when the team's time was over, and nothing was heard of it since: a cause of ours."""
    heard_ns = team.last_heard_ns if team.last_heard_ns is not None else team.known_since_ns
    due_ns = heard_ns + round(team.configuration.expected_s * NS_PER_S)
    for gap in tables.gaps:
        if gap.lost is None and heard_ns <= gap.from_ns < due_ns <= gap.to_ns + DEAD_SLACK_NS:
            return Cause(subject_id="console", word="dead_time", since_ns=gap.from_ns)
    return None


def _end(tables: Tables, team: TeamTable) -> None:
    """It was heard, or nobody waits for it any more."""
    set_alarm(tables, "silence", team.configuration.id, None)
    team.alarm_id = team.cause = None


def _raise(tables: Tables, team: TeamTable, cause: Cause | None) -> None:
    under = () if cause is None else (cause.subject_id,)
    set_alarm(tables, "silence", team.configuration.id, _silence_text(team, cause), under=under)
    team.alarm_id = f"silence:{team.configuration.id}"


def _raise_together(tables: Tables, cause: Cause, teams: list[TeamTable]) -> None:
    ids = sorted(team.configuration.id for team in teams)
    alarm_id = f"{GROUP}:{cause.subject_id}"
    is_larger = not set(ids) <= set(tables.silent_groups.get(cause.subject_id, ()))
    tables.silent_groups[cause.subject_id] = ids
    if is_larger:
        absorb(tables, alarm_id)
    for team in teams:
        absorb(tables, f"silence:{team.configuration.id}")
        team.alarm_id = alarm_id
    names = "、".join(team.configuration.name for team in teams[:_NAMED])
    args: dict[str, Value] = {"count": len(teams), "teams": names + ("…" if len(teams) > _NAMED else "")}
    set_alarm(tables, GROUP, cause.subject_id, _with_cause("alarm.silence_group", args, cause))


def _dissolve(tables: Tables, subject_id: str) -> None:
    """The teams were heard, or are silent for other reasons now and have alarms of their own."""
    ids = tables.silent_groups.pop(subject_id)
    is_any_silent = any(tables.teams[one].alarm_id is not None for one in ids if one in tables.teams)
    if is_any_silent:
        absorb(tables, f"{GROUP}:{subject_id}")
    else:
        set_alarm(tables, GROUP, subject_id, None)


def _silence_text(team: TeamTable, cause: Cause | None) -> Text:
    configuration = team.configuration
    args: dict[str, Value] = {"team": configuration.name, "minutes": round(configuration.expected_s / 60, 1)}
    if cause is not None:
        return _with_cause("alarm.silence_cause", args, cause)
    return Text(id="alarm.silence_never" if team.last_heard_ns is None else "alarm.silence", args=args)


def _with_cause(text_id: str, args: dict[str, Value], cause: Cause) -> Text:
    word = cause.word if cause.since_ns is not None else f"{cause.word}_ever"
    return Text(id=text_id, args={**args, "@cause": f"alarm.cause.{word}", "since_ns": cause.since_ns, **cause.args})


def judge_device(tables: Tables, device: DeviceTable) -> None:
    """Alarm when a device in service gives no data, with the wire's own reason where there is one.

    One of which it is said already that it does not answer gives none: that is one line.
    """
    configuration = device.configuration
    if not is_without_data(tables, device) or answering.is_raised(tables, configuration.id):
        set_alarm(tables, "nodata", configuration.id, None)
        return
    if device.state in {"down", "connecting"} and device.reason is not None:
        text = Text(
            id="alarm.wire_down",
            args={"device": configuration.name, "@reason": device.reason.id, **device.reason.args},
        )
    elif device.last_octets_ns is not None and device.last_octets_ns > (device.last_understood_ns or 0):
        text = Text(id="alarm.not_understood", args={"device": configuration.name})
    else:
        seconds = round(configuration.silent_after_s)
        text = Text(id="alarm.nodata", args={"device": configuration.name, "seconds": seconds})
    set_alarm(tables, "nodata", configuration.id, text)
