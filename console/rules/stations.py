"""Base stations that a gateway says are off the air or without mains: an alarm, until silent teams' own line names it.

**Assumed:** what a gateway last said of a station holds until it says otherwise; a gateway that is silent itself has an
alarm of its own.
"""

from __future__ import annotations

from console.picture import Text
from console.rules.alarms import absorb, set_alarm
from console.rules.causes import station_words
from console.tables import Tables

RULE = "station"
_WORDS = {"on-air": "alarm.station_off_air", "mains": "alarm.station_no_mains"}


def judge(tables: Tables) -> None:
    """One alarm a station: off the air before without mains.  Where teams are silent by it, theirs says so instead."""
    failed: dict[str, str] = {}
    for key in tables.outages:
        station, _, part = key.partition("|")
        if part == "on-air" or station not in failed:
            failed[station] = part
    silencing = set(tables.silent_groups)
    silencing |= {team.cause.subject_id for team in tables.teams.values() if team.cause and team.alarm_id}
    for station, part in failed.items():
        if station in silencing:
            absorb(tables, f"{RULE}:{station}")
        else:
            set_alarm(tables, RULE, station, _text(tables, station, part), under=(station.partition("/")[0],))
    known = [alarm.subject_id for alarm in tables.alarms.values() if alarm.rule == RULE and alarm.is_active]
    known += [waiting.subject_id for waiting in tables.waiting.values() if waiting.rule == RULE]
    for station in known:
        if station not in failed:
            set_alarm(tables, RULE, station, None)


def _text(tables: Tables, station: str, part: str) -> Text:
    since_ns = tables.outages[f"{station}|{part}"]
    return Text(id=_WORDS[part], args={**station_words(tables, station), "since_ns": since_ns})
