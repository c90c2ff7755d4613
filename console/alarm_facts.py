"""What is known of alarms.  Pure."""

from __future__ import annotations

from dataclasses import dataclass

from console.words import AlarmState, Priority, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that needs a person.  The id is stable: the same trouble has the same id.

    ``began_ns``: since when the trouble is there, ``raised_ns``: when a person was first told.  ``beneath``: what is
    not judged because of it, ``None``: nothing.  Of a suppressed one ``cause_id`` is the id of what failed, and
    ``reason`` says it; a shelved one comes back at ``until_ns``; ``by`` put it on the shelf or out of service.
    """

    id: str
    rule: str
    subject_id: str
    priority: Priority
    state: AlarmState
    text: Text
    raised_ns: int
    acknowledged_ns: int | None
    returned_ns: int | None
    began_ns: int | None = None
    is_active: bool = True
    is_spoken: bool = True
    is_shelvable: bool = True
    beneath: Text | None = None
    cause_id: str | None = None
    reason: Text | None = None
    until_ns: int | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmLoad:
    """How many alarms asked for a person: in the last ten minutes and in the last hour, and how many are good.

    ``allowed`` is for ten minutes.
    """

    last_10_min: int = 0
    last_hour: int = 0
    allowed: int = 1
