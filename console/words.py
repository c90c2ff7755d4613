"""The words of the picture: states, grades, and texts that can be shown in either language.  Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Value = str | int | float | bool | None

Mode = Literal["live", "drill"]
WireState = Literal["connecting", "up", "down", "disabled"]
CameraState = Literal[
    "connecting", "live", "delayed", "stalled", "down", "disabled", "abnormal", "stills", "standby", "held"
]
"""``abnormal``: packets and pictures come, the picture is not to be trusted.  ``stills``: one picture every so often.

``standby``: received only while somebody looks, and nobody does.  ``held``: not received, to spare its bearer.  Neither
is a fault: whether the camera could be reached is then simply not known.
"""
Grade = Literal["main", "sub", "stills", "off"]
"""What is received of a camera: its large stream, its small one, a still every so often, nothing."""
Health = Literal["frozen", "black", "white", "blurred", "torn"]
BearerState = Literal["up", "degraded", "down", "unknown"]
Cost = Literal["free", "metered", "message"]
"""What using a bearer costs: nothing, by volume, or by each message."""
AlarmState = Literal["unacknowledged", "acknowledged", "returned", "shelved", "suppressed", "out_of_service"]
"""After ISA-18.2.  The last three ask nobody: put away for a time, explained by another alarm, or being worked on."""
MessageState = Literal["queued", "submitted", "sent", "confirmed", "failed", "unknown", "abandoned", "received"]
Priority = Literal["red", "amber"]
Rung = Literal["primary", "alternate", "contingency", "emergency"]
TeamState = Literal["standby", "moving", "working", "resting", "returning", "stood_down"]
"""What a team is doing, as a person told.  ``stood_down``: it went home, and its silence is no alarm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A message id and its arguments.  One whose name begins with ``@`` is itself a message id (``console.i18n``)."""

    id: str
    args: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why somebody may be silent: ``subject_id`` names it for alarms, ``word`` its text, ``since_ns`` when it began."""

    subject_id: str
    word: str
    since_ns: int | None
    args: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One value a device told, in words or as a number with its unit, and when.

    ``subject`` is who or what it is told of, ``None`` the device itself; ``is_good`` the device's own judgement.
    """

    key: str
    value: Value
    unit: str | None
    index: int | None
    at_ns: int
    subject: str | None = None
    is_good: bool | None = None
