"""What an operator can ask of an alarm beside acknowledging it.  ``by`` names who asks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelveAlarm:
    """Do not show this alarm for ``for_s`` seconds (a minute to twelve hours); then it comes back by itself."""

    alarm_id: str
    for_s: float
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnshelveAlarm:
    """Take it off the shelf now: if the trouble still stands, it asks a person again."""

    alarm_id: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOutOfService:
    """Do not show this alarm until somebody returns it to service: there is work going on at what it watches."""

    alarm_id: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnToService:
    """Show it again: if the trouble stands, it asks a person."""

    alarm_id: str
    by: str


AlarmOrder = ShelveAlarm | UnshelveAlarm | TakeOutOfService | ReturnToService
