"""What an operator does with an alarm beside acknowledging it: the shelf with its timer, and out of service.

**Source:** ANSI/ISA-18.2: shelving is the operator's, for a time, and ends by itself; out of service is for works on
what is watched, without a timer; both say who did it.  What comes off the shelf and still stands asks a person again.
"""

from __future__ import annotations

from console.alarm_orders import AlarmOrder, ReturnToService, ShelveAlarm, TakeOutOfService, UnshelveAlarm
from console.alarm_tables import AlarmTable
from console.orders import AcknowledgeAlarm, SilenceSound
from console.picture import Value
from console.rules import alarms
from console.tables import Tables
from devices.driver import NS_PER_S

SHORTEST_S, LONGEST_S = 60.0, 12 * 3600.0
_WORDS = 60
_MAY_LEAVE = ("unacknowledged", "acknowledged", "returned", "suppressed")


def obey(tables: Tables, order: AcknowledgeAlarm | SilenceSound | AlarmOrder) -> None:
    """Do what was asked; of an alarm that is not there nothing is done, and what may not be is said in the log."""
    match order:
        case AcknowledgeAlarm():
            alarms.acknowledge(tables, order.alarm_id)
        case SilenceSound():
            until_ns = tables.at_ns + round(order.for_s * NS_PER_S)
            tables.silenced_until_ns = until_ns if order.for_s > 0 else None
            tables.note("operator", "console", "notice.silenced", {"seconds": order.for_s})
        case _:
            alarm = tables.alarms.get(order.alarm_id)
            if alarm is not None:
                _move(tables, alarm, order)


def _move(tables: Tables, alarm: AlarmTable, order: AlarmOrder) -> None:
    by = order.by.strip()[:_WORDS] or "?"
    match order:
        case ShelveAlarm():
            _shelve(tables, alarm, order.for_s, by)
        case UnshelveAlarm() if alarm.state == "shelved":
            _note(tables, alarm, "alarm.unshelved", by)
            alarms.come_back(tables, order.alarm_id, alarm)
        case TakeOutOfService() if alarm.state in {*_MAY_LEAVE, "shelved"}:
            _leave(alarm, by)
            alarm.state = "out_of_service"
            _note(tables, alarm, "alarm.out_of_service", by)
        case ReturnToService() if alarm.state == "out_of_service":
            _note(tables, alarm, "alarm.in_service", by)
            alarms.come_back(tables, order.alarm_id, alarm)
        case _:
            return


def _shelve(tables: Tables, alarm: AlarmTable, for_s: float, by: str) -> None:
    if alarm.state not in {*_MAY_LEAVE, "shelved"} or not SHORTEST_S <= for_s <= LONGEST_S:
        return
    if not alarm.is_shelvable:
        _note(tables, alarm, "alarm.not_shelvable", by)
        return
    _leave(alarm, by)
    alarm.state, alarm.until_ns = "shelved", tables.at_ns + round(for_s * NS_PER_S)
    _note(tables, alarm, "alarm.shelved", by, shelf_min=round(for_s / 60))


def _leave(alarm: AlarmTable, by: str) -> None:
    alarm.by = by
    alarm.acknowledged_ns = alarm.returned_ns = alarm.until_ns = alarm.cause_id = alarm.reason = None


def judge(tables: Tables) -> None:
    """Take off the shelf whose time is over."""
    for alarm_id, alarm in list(tables.alarms.items()):
        if alarm.state == "shelved" and alarm.until_ns is not None and tables.at_ns >= alarm.until_ns:
            _note(tables, alarm, "alarm.shelf_over", alarm.by or "?")
            alarms.come_back(tables, alarm_id, alarm)


def _note(tables: Tables, alarm: AlarmTable, text_id: str, by: str, **more: int) -> None:
    args: dict[str, Value] = {"@alarm": alarm.text.id, **alarm.text.args, "shelf_by": by, **more}
    tables.note("operator", alarm.subject_id, text_id, args)
