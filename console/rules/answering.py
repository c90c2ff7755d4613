"""Whether a device that is asked answers: a switch that is pinged, a unit that is polled.

Asking goes on while nobody answers, so this is another thing than no data.  A device that judges a bearer is that
bearer's matter, unless something else hangs on it.
"""

from __future__ import annotations

from console.alarm_tables import AnswerTable
from console.picture import Text
from console.rules.alarms import set_alarm
from console.rules.causes import is_without_data
from console.tables import DeviceTable, Tables
from devices.driver import NS_PER_S
from devices.observations import Condition, Reachability

RULE = "unanswered"
MISSES = 4
SILENT_NS = 5 * NS_PER_S


def take(tables: Tables, device: DeviceTable, seen: Reachability | Condition) -> None:
    """One attempt, or what a poller says of its attempts (it has tried again by itself).

    Whatever else a poller says was answered: one whose wire was opened anew knows of no silence.
    """
    if isinstance(seen, Condition):
        if seen.subject is not None or (seen.part != "answer" and device.configuration.id not in tables.answers):
            return
        is_answered, misses = seen.is_good if seen.part == "answer" else True, MISSES
    else:
        is_answered, misses = seen.is_answered, 1
    if is_answered is None:
        return
    row = tables.answers.setdefault(device.configuration.id, AnswerTable())
    if is_answered:
        row.misses, row.missed_ns, row.answered_ns = 0, None, tables.at_ns
        return
    if row.misses == 0:
        row.missed_ns = tables.at_ns
    row.misses += misses


def judge(tables: Tables, device: DeviceTable) -> None:
    """Alarm when nobody answered for five seconds and four attempts.

    It stands until somebody answers, though the wire of a poller is given up meanwhile: that is the same trouble.
    """
    row = tables.answers.get(device.configuration.id)
    if row is None:
        return
    is_dead = False
    if device.state == "disabled":
        del tables.answers[device.configuration.id]
    elif row.misses >= MISSES and row.missed_ns is not None:
        is_told = is_raised(tables, device.configuration.id) or not is_without_data(tables, device)
        is_dead = is_told and tables.at_ns - row.missed_ns >= SILENT_NS
        is_dead = is_dead and not _is_told_by_bearer(tables, device.configuration.id)
    text = Text(id="alarm.unanswered", args={"device": device.configuration.name}) if is_dead else None
    set_alarm(tables, RULE, device.configuration.id, text)


def is_raised(tables: Tables, device_id: str) -> bool:
    """Whether it is an alarm now that this device does not answer."""
    alarm = tables.alarms.get(f"{RULE}:{device_id}")
    return alarm is not None and alarm.is_active


def _is_told_by_bearer(tables: Tables, device_id: str) -> bool:
    if any(device_id in group for groups in tables.needs.values() for group in groups):
        return False
    configured = (bearer.configuration for bearer in tables.bearers.values())
    return any(device_id in (one.device_id, *one.more_device_ids) for one in configured)
