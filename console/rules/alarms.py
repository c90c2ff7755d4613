"""The life of an alarm, after ISA-18.2: unacknowledged, acknowledged, returned-unacknowledged, and gone.

**Source:** ANSI/ISA-18.2 alarm states as commonly taught; shelving and suppression are not built here.
The id of an alarm is ``rule:subject``: the same trouble always has the same id, so nothing is raised twice.
"""

from __future__ import annotations

from console.picture import Priority, Text
from console.tables import ALARMS, AlarmTable, Tables


def raise_alarm(tables: Tables, rule: str, subject_id: str, priority: Priority, text: Text) -> None:
    """The trouble is there.  Already known: the words are brought up to date, the state stays."""
    alarm_id = f"{rule}:{subject_id}"
    alarm = tables.alarms.get(alarm_id)
    if alarm is not None and alarm.is_active:
        alarm.text = text
        return
    if alarm is None and len(tables.alarms) >= ALARMS:
        _forget_oldest(tables)
    tables.alarms[alarm_id] = AlarmTable(
        rule=rule,
        subject_id=subject_id,
        priority=priority,
        state="unacknowledged",
        text=text,
        raised_ns=tables.at_ns,
        is_active=True,
    )
    tables.note("alarm", subject_id, text.id, text.args)


def raise_event(tables: Tables, rule: str, subject_id: str, priority: Priority, text: Text) -> None:
    """Something happened that does not last: it waits for a person and is gone when seen; again, it waits again."""
    known = tables.alarms.get(f"{rule}:{subject_id}")
    if known is not None and known.state == "unacknowledged":
        known.text = text
        return
    raise_alarm(tables, rule, subject_id, priority, text)
    tables.alarms[f"{rule}:{subject_id}"].is_active = False


def clear_alarm(tables: Tables, rule: str, subject_id: str) -> None:
    """The trouble is over: gone if a person had seen it, else it waits as returned."""
    alarm_id = f"{rule}:{subject_id}"
    alarm = tables.alarms.get(alarm_id)
    if alarm is None or not alarm.is_active:
        return
    tables.note("alarm", subject_id, "alarm.over", {"@alarm": alarm.text.id, **alarm.text.args})
    if alarm.state == "acknowledged":
        del tables.alarms[alarm_id]
        return
    alarm.is_active = False
    alarm.state = "returned"
    alarm.returned_ns = tables.at_ns


def absorb(tables: Tables, alarm_id: str) -> None:
    """Another alarm says the same from now on: this one is gone, without having returned to normal."""
    alarm = tables.alarms.pop(alarm_id, None)
    if alarm is not None and alarm.is_active:
        tables.note("alarm", alarm.subject_id, "alarm.absorbed", {"@alarm": alarm.text.id, **alarm.text.args})


def acknowledge(tables: Tables, alarm_id: str) -> None:
    """A person has seen it; one that had returned is gone with that."""
    alarm = tables.alarms.get(alarm_id)
    if alarm is None or alarm.state == "acknowledged":
        return
    tables.note("operator", alarm.subject_id, "alarm.acknowledged", {"@alarm": alarm.text.id, **alarm.text.args})
    if not alarm.is_active:
        del tables.alarms[alarm_id]
        return
    alarm.state = "acknowledged"
    alarm.acknowledged_ns = tables.at_ns


def set_alarm(tables: Tables, rule: str, subject_id: str, priority: Priority, text: Text | None) -> None:
    """Raise with ``text``, or clear when it is ``None``."""
    if text is None:
        clear_alarm(tables, rule, subject_id)
    else:
        raise_alarm(tables, rule, subject_id, priority, text)


def forget_subject(tables: Tables, subject_id: str) -> None:
    """End all alarms of a subject that is no longer configured."""
    for alarm in [a for a in tables.alarms.values() if a.subject_id == subject_id]:
        clear_alarm(tables, alarm.rule, subject_id)


def _forget_oldest(tables: Tables) -> None:
    ended = [key for key, alarm in tables.alarms.items() if not alarm.is_active]
    del tables.alarms[ended[0] if ended else next(iter(tables.alarms))]
