"""What the engine knows of teams, as plain mutable tables: part of ``console.tables``."""

from __future__ import annotations

import msgspec

from console.configuration.model import TeamConfiguration
from console.picture import TeamState, TrailPoint
from console.words import Cause
from devices.observations import Position


class FixTable(msgspec.Struct):
    """The last fix by one means; ``jump_since_ns`` and ``jump_count``: since when it tells a place out of reach."""

    position: Position
    at_ns: int
    fix_ns: int
    device_id: str
    is_clock_doubtful: bool = False
    jump_since_ns: int | None = None
    jump_count: int = 0


class TeamEdits(msgspec.Struct):
    """What was said of a team while running; it stands whatever the file says.  ``None``: nothing."""

    name: str | None = None
    task: str | None = None
    leader: str | None = None
    phone: str | None = None
    expected_s: float | None = None
    added: list[str] = []
    removed: list[str] = []


class TeamTable(msgspec.Struct):
    """One team's variable facts.  ``configuration`` is what the file, or who added the guest, says, with the edits."""

    configuration: TeamConfiguration
    known_since_ns: int
    base: TeamConfiguration | None = None
    edits: TeamEdits = msgspec.field(default_factory=TeamEdits)
    is_guest: bool = False
    state: TeamState | None = None
    state_ns: int | None = None
    people_present: int | None = None
    people_ns: int | None = None
    fixes: dict[str, FixTable] = {}
    is_disagreeing: bool = False
    jump_told_ns: int | None = None
    alarm_id: str | None = None
    cause: Cause | None = None
    """The likely cause of its silence when it was last seen, at ``cause_ns``."""
    cause_ns: int = 0
    answered_ns: int | None = None
    answered_by: str = ""
    voiced_ns: int | None = None
    """When a person last wrote down that it spoke."""
    last_heard_ns: int | None = None
    last_heard_by: str | None = None
    last_heard_kind: str | None = None
    charge_percent: float | None = None
    charge_ns: int | None = None
    position: Position | None = None
    position_ns: int = 0
    position_device: str = ""
    fix_ns: int | None = None
    is_clock_doubtful: bool = False
    trail: list[TrailPoint] = []
