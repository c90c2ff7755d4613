"""The life of an alarm, after ISA-18.2: unacknowledged, acknowledged, returned, shelved, suppressed, out of service.

**Source:** the alarm states and transitions of ANSI/ISA-18.2.  What each rule is, its delays and its worth, is data
(``console.alarm_rules``).  The id of an alarm is ``rule:subject``: the same trouble always has the same id, so nothing
is raised twice.  A trouble that has not lasted, or whose cause is not yet clear, waits in ``tables.waiting``.
"""

from __future__ import annotations

from console.alarm_tables import AlarmTable, WaitingTable
from console.picture import Text
from console.rules import explaining
from console.rules.explaining import rule_of
from console.tables import ALARMS, Tables
from devices.driver import NS_PER_S

HOUR_NS = 3600 * NS_PER_S
TOLD_AGAIN_NS = 10 * NS_PER_S
_ASKING = ("unacknowledged", "acknowledged", "returned")


def raise_alarm(
    tables: Tables, rule: str, subject_id: str, text: Text, *, left_s: float | None = None, under: tuple[str, ...] = ()
) -> None:
    """The trouble is there.  Already known: the words are brought up to date, the state stays.

    ``left_s`` is the time left to act where it is known.  ``under`` are ids, beside the subject, that may explain it
    by what they hang on.
    """
    alarm_id = f"{rule}:{subject_id}"
    alarm = tables.alarms.get(alarm_id)
    if alarm is not None and alarm.is_active:
        alarm.text, alarm.under, alarm.over_ns = text, under, None
        alarm.own_priority = rule_of(tables, rule).priority(left_s)
        _weigh(tables, alarm)
        return
    waiting = tables.waiting.get(alarm_id)
    if waiting is None:
        waiting = WaitingTable(rule=rule, subject_id=subject_id, text=text, since_ns=tables.at_ns)
        tables.waiting[alarm_id] = waiting
    waiting.text, waiting.left_s, waiting.under = text, left_s, under
    if _is_due(tables, waiting):
        _begin(tables, alarm_id, waiting)


def _is_due(tables: Tables, waiting: WaitingTable) -> bool:
    rule = rule_of(tables, waiting.rule)
    if tables.at_ns - waiting.since_ns < rule.on_delay_s * NS_PER_S:
        return False
    if not rule.is_explained or not tables.needs:
        return True
    anchors = (waiting.subject_id, *waiting.under)
    is_explained = explaining.cause_of(tables, anchors, explaining.failed_ids(tables)) is not None
    return is_explained or not explaining.must_wait(tables, waiting)


def _begin(tables: Tables, alarm_id: str, waiting: WaitingTable) -> None:
    """It is an alarm now.  What stands on the shelf or out of service stays there."""
    tables.waiting.pop(alarm_id, None)
    rule = rule_of(tables, waiting.rule)
    priority = rule.priority(waiting.left_s)
    known = tables.alarms.get(alarm_id)
    if known is not None and known.state in {"shelved", "out_of_service"}:
        known.text, known.under, known.own_priority = waiting.text, waiting.under, priority
        known.is_active, known.began_ns, known.priority = True, waiting.since_ns, priority
        return
    if known is None and len(tables.alarms) >= ALARMS:
        _forget_oldest(tables)
    alarm = tables.alarms[alarm_id] = AlarmTable(
        rule=waiting.rule,
        subject_id=waiting.subject_id,
        priority=priority,
        state="unacknowledged",
        text=waiting.text,
        raised_ns=tables.at_ns,
        is_active=True,
        began_ns=waiting.since_ns,
        own_priority=priority,
        under=waiting.under,
        is_spoken=rule.is_spoken,
        is_shelvable=rule.is_shelvable,
    )
    if not _suppress(tables, alarm, explaining.failed_ids(tables)):
        _ask(tables, alarm)


def _ask(tables: Tables, alarm: AlarmTable) -> None:
    """A person is asked from now on."""
    alarm.state, alarm.raised_ns = "unacknowledged", tables.at_ns
    alarm.acknowledged_ns = alarm.returned_ns = alarm.until_ns = alarm.by = alarm.cause_id = alarm.reason = None
    tables.note("alarm", alarm.subject_id, alarm.text.id, alarm.text.args)
    tables.raised.append(tables.at_ns)
    del tables.raised[:-ALARMS]


def _suppress(tables: Tables, alarm: AlarmTable, failed: dict[str, str]) -> bool:
    """Whether something it hangs on explains it; then it is counted there."""
    if not rule_of(tables, alarm.rule).is_explained:
        return False
    cause_id = explaining.cause_of(tables, (alarm.subject_id, *alarm.under), failed)
    if cause_id is None:
        return False
    alarm.state, alarm.cause_id = "suppressed", cause_id
    alarm.reason = explaining.reason_of(tables, cause_id, failed)
    alarm.acknowledged_ns = alarm.returned_ns = None
    return True


def _weigh(tables: Tables, alarm: AlarmTable) -> None:
    """Its worth is the worst of its own and of all counted beneath; when that grows, a person is asked again."""
    was = alarm.priority
    alarm.priority = "red" if "red" in (alarm.own_priority, alarm.worst_beneath) else "amber"
    if alarm.priority == "red" and was == "amber" and alarm.state == "acknowledged":
        _ask(tables, alarm)


def raise_event(tables: Tables, rule: str, subject_id: str, text: Text) -> None:
    """Something happened that does not last: it waits for a person and is gone when seen; again, it waits again."""
    alarm_id = f"{rule}:{subject_id}"
    known = tables.alarms.get(alarm_id)
    if known is not None and known.state == "unacknowledged":
        known.text = text
        return
    _begin(tables, alarm_id, WaitingTable(rule=rule, subject_id=subject_id, text=text, since_ns=tables.at_ns))
    alarm = tables.alarms[alarm_id]
    alarm.is_active, alarm.is_event = False, True


def come_back(tables: Tables, alarm_id: str, alarm: AlarmTable) -> None:
    """From the shelf, or into service again: what still stands asks a person, what is over is gone."""
    if not alarm.is_active and not alarm.is_event:
        del tables.alarms[alarm_id]
    elif alarm.is_event or not _suppress(tables, alarm, explaining.failed_ids(tables)):
        _ask(tables, alarm)
    alarm.until_ns = alarm.by = None


def clear_alarm(tables: Tables, rule: str, subject_id: str) -> None:
    """The trouble is over: gone if a person had seen it, else it waits as returned.  After the rule's off-delay."""
    alarm_id = f"{rule}:{subject_id}"
    tables.waiting.pop(alarm_id, None)
    alarm = tables.alarms.get(alarm_id)
    if alarm is None or not alarm.is_active:
        return
    if alarm.over_ns is None:
        alarm.over_ns = tables.at_ns + round(rule_of(tables, rule).off_delay_s * NS_PER_S)
    if tables.at_ns >= alarm.over_ns:
        _end(tables, alarm_id, alarm)


def _end(tables: Tables, alarm_id: str, alarm: AlarmTable) -> None:
    alarm.is_active, alarm.over_ns = False, None
    alarm.beneath, alarm.worst_beneath, alarm.told_beneath = None, "amber", 0
    explaining.recovers(tables, alarm)
    if alarm.state in {"shelved", "out_of_service"}:
        return
    if alarm.state != "suppressed":
        tables.note("alarm", alarm.subject_id, "alarm.over", {"@alarm": alarm.text.id, **alarm.text.args})
    if alarm.state in {"acknowledged", "suppressed"}:
        del tables.alarms[alarm_id]
        return
    alarm.state = "returned"
    alarm.returned_ns = tables.at_ns


def absorb(tables: Tables, alarm_id: str) -> None:
    """Another alarm says the same from now on: this one is gone, without having returned to normal."""
    tables.waiting.pop(alarm_id, None)
    alarm = tables.alarms.get(alarm_id)
    if alarm is not None and alarm.state in {"shelved", "out_of_service"}:
        alarm.is_active = False
        return
    tables.alarms.pop(alarm_id, None)
    if alarm is not None and alarm.is_active and alarm.state != "suppressed":
        tables.note("alarm", alarm.subject_id, "alarm.absorbed", {"@alarm": alarm.text.id, **alarm.text.args})


def acknowledge(tables: Tables, alarm_id: str) -> None:
    """A person has seen it; one that had returned is gone with that."""
    alarm = tables.alarms.get(alarm_id)
    if alarm is None or alarm.state not in {"unacknowledged", "returned"}:
        return
    tables.note("operator", alarm.subject_id, "alarm.acknowledged", {"@alarm": alarm.text.id, **alarm.text.args})
    if not alarm.is_active:
        del tables.alarms[alarm_id]
        return
    alarm.state = "acknowledged"
    alarm.acknowledged_ns = tables.at_ns


def set_alarm(
    tables: Tables,
    rule: str,
    subject_id: str,
    text: Text | None,
    *,
    left_s: float | None = None,
    under: tuple[str, ...] = (),
) -> None:
    """Raise with ``text``, or clear when it is ``None``."""
    if text is None:
        clear_alarm(tables, rule, subject_id)
    else:
        raise_alarm(tables, rule, subject_id, text, left_s=left_s, under=under)


def is_over(tables: Tables, rule: str, subject_id: str, value: float, limit: float) -> bool:
    """Whether a value is above its limit; once it is alarmed, until it is below by the rule's deadband."""
    return value > limit - (_deadband(tables, rule, subject_id))


def is_under(tables: Tables, rule: str, subject_id: str, value: float, limit: float) -> bool:
    """Whether a value is below its limit; once it is alarmed, until it is above by the rule's deadband."""
    return value < limit + (_deadband(tables, rule, subject_id))


def _deadband(tables: Tables, rule: str, subject_id: str) -> float:
    alarm = tables.alarms.get(f"{rule}:{subject_id}")
    return rule_of(tables, rule).deadband if alarm is not None and alarm.is_active else 0.0


def forget_subject(tables: Tables, subject_id: str) -> None:
    """End all alarms of a subject that is no longer configured, or no longer in use."""
    for alarm_id in [key for key, waiting in tables.waiting.items() if waiting.subject_id == subject_id]:
        del tables.waiting[alarm_id]
    for alarm_id, alarm in [item for item in tables.alarms.items() if item[1].subject_id == subject_id]:
        if alarm.is_active:
            _end(tables, alarm_id, alarm)


def judge(tables: Tables) -> None:
    """What time does: delays that are over, causes that came and went, counts.  At every tick, after all rules."""
    explaining.forget_recovered(tables)
    for alarm_id, alarm in list(tables.alarms.items()):
        if alarm.over_ns is not None and tables.at_ns >= alarm.over_ns:
            _end(tables, alarm_id, alarm)
    for alarm_id, waiting in list(tables.waiting.items()):
        if _is_due(tables, waiting):
            _begin(tables, alarm_id, waiting)
    if tables.needs:
        _explain(tables)
    tables.raised = [at_ns for at_ns in tables.raised if at_ns > tables.at_ns - HOUR_NS]


def _explain(tables: Tables) -> None:
    failed = explaining.failed_ids(tables)
    for alarm in list(tables.alarms.values()):
        if alarm.state == "suppressed":
            if not _suppress(tables, alarm, failed):
                _ask(tables, alarm)
        elif alarm.state in _ASKING and alarm.is_active and rule_of(tables, alarm.rule).is_explained:
            cause_id = explaining.cause_of(tables, (alarm.subject_id, *alarm.under), failed)
            if cause_id is not None and explaining.began_with(tables, alarm, cause_id, failed):
                _suppress(tables, alarm, failed)
    hidden = explaining.count_beneath(tables, explaining.failed_ids(tables))
    for alarm_id, alarm in tables.alarms.items():
        if alarm.beneath is not None or alarm_id in hidden:
            _count(tables, alarm, hidden.get(alarm_id, []))


def _count(tables: Tables, alarm: AlarmTable, hidden: list[AlarmTable]) -> None:
    """Say how many are not judged for this; the log hears of it when they became more, not every second."""
    alarm.beneath = explaining.beneath_text(tables, hidden) if hidden else None
    alarm.worst_beneath = "red" if any(one.own_priority == "red" for one in hidden) else "amber"
    is_new = len(hidden) > alarm.told_beneath
    if is_new and alarm.beneath is not None and tables.at_ns - alarm.told_ns >= TOLD_AGAIN_NS:
        alarm.told_beneath, alarm.told_ns = len(hidden), tables.at_ns
        args = {"@alarm": alarm.text.id, **alarm.text.args, **alarm.beneath.args}
        tables.note("alarm", alarm.subject_id, "alarm.explains", args)
    _weigh(tables, alarm)


def _forget_oldest(tables: Tables) -> None:
    """Make room: what has ended first, then what is only counted beneath another."""
    order = ("returned", "suppressed", "acknowledged", "unacknowledged")
    for state in order:
        found = next((key for key, alarm in tables.alarms.items() if alarm.state == state), None)
        if found is not None:
            del tables.alarms[found]
            return
    del tables.alarms[next(iter(tables.alarms))]
