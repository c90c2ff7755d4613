"""What the engine knows of alarms, as plain mutable tables: part of ``console.tables``."""

from __future__ import annotations

import msgspec

from console.alarm_facts import Alarm
from console.words import AlarmState, Priority, Text


class AlarmTable(msgspec.Struct):
    """One alarm; gone when normal and acknowledged, unless it is on the shelf or out of service."""

    rule: str
    subject_id: str
    priority: Priority
    state: AlarmState
    text: Text
    raised_ns: int
    is_active: bool
    acknowledged_ns: int | None = None
    returned_ns: int | None = None
    began_ns: int = 0
    own_priority: Priority = "amber"
    worst_beneath: Priority = "amber"
    """``priority`` is the worse of both: its own, and that of all that is counted beneath it."""
    is_event: bool = False
    """It does not last: nothing but a person ends it."""
    under: tuple[str, ...] = ()
    """Ids beside its subject that may explain it by what they hang on."""
    is_spoken: bool = True
    is_shelvable: bool = True
    over_ns: int | None = None
    """The trouble is gone; the alarm returns then."""
    beneath: Text | None = None
    told_beneath: int = 0
    told_ns: int = 0
    """How many the log was last told of, and when."""
    cause_id: str | None = None
    reason: Text | None = None
    until_ns: int | None = None
    by: str | None = None

    def shown(self, alarm_id: str) -> Alarm:
        """The alarm as the picture has it."""
        return Alarm(
            id=alarm_id,
            rule=self.rule,
            subject_id=self.subject_id,
            priority=self.priority,
            state=self.state,
            text=self.text,
            raised_ns=self.raised_ns,
            acknowledged_ns=self.acknowledged_ns,
            returned_ns=self.returned_ns,
            began_ns=self.began_ns or None,
            is_active=self.is_active,
            is_spoken=self.is_spoken,
            is_shelvable=self.is_shelvable,
            beneath=self.beneath,
            cause_id=self.cause_id,
            reason=self.reason,
            until_ns=self.until_ns,
            by=self.by,
        )


class WaitingTable(msgspec.Struct):
    """A trouble that is no alarm yet: it has not lasted, or what it hangs on may have failed."""

    rule: str
    subject_id: str
    text: Text
    since_ns: int
    left_s: float | None = None
    under: tuple[str, ...] = ()


class AnswerTable(msgspec.Struct):
    """Whether somebody who is asked answers."""

    misses: int = 0
    answered_ns: int | None = None
    missed_ns: int | None = None
    """When the first of these misses was."""
