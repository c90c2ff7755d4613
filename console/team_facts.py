"""What is known of a team: who it is, where it was by which means, what was told of it.  Part of the picture; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from console.words import TeamState


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something was.  ``fix_ns`` is the source's own time, never trusted to be later than ``at_ns``.

    ``is_clock_doubtful``: the source's time was more than 5 s ahead of arrival, so its age is counted from arrival.
    """

    lat_deg: float
    lon_deg: float
    altitude_m: float | None
    speed_mps: float | None
    course_deg: float | None
    accuracy_m: float | None
    satellites: int | None
    datum: str
    fix_ns: int | None
    at_ns: int
    device_id: str
    is_clock_doubtful: bool


class TrailPoint(NamedTuple):
    """One point of a trail; ``is_after_gap`` draws the leg that leads here dashed."""

    lat_deg: float
    lon_deg: float
    at_ns: int
    is_after_gap: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """The last fix of a team by one of its ``means``.

    ``is_jump``: the team would have had to move at more than 60 m/s to get there, so it is not taken for its place
    until it is said again.
    """

    means: str
    place: Place
    is_jump: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """Two means that tell places too far apart for one moment: both stand, neither is averaged."""

    first: str
    second: str
    distance_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team.  ``last_heard_ns`` is the arrival of the last attributable sign of life by any means, ``None`` if none.

    ``symbol`` is one character; ``expected_s`` how often it should be heard; ``means`` are ``device`` or
    ``device/subject``.  ``place`` is the newest valid of ``fixes``, the last one of each means.  ``people`` are on its
    list, ``people_present`` were told to be there at ``people_ns``.  ``alarm_id`` is the alarm of its silence, which
    may be one of several teams with one cause.  ``answered_ns`` is when a person
    of it last spoke or wrote, which a position does not prove.  ``is_guest``: added here, in no file.
    """

    id: str
    name: str
    symbol: str
    people: int | None
    expected_s: float
    means: tuple[str, ...]
    last_heard_ns: int | None
    last_heard_by: str | None
    last_heard_kind: str | None
    charge_percent: float | None
    charge_ns: int | None
    place: Place | None
    trail: tuple[TrailPoint, ...]
    fixes: tuple[Fix, ...] = ()
    disagreement: Disagreement | None = None
    kind: str = ""
    task: str = ""
    leader: str = ""
    phone: str = ""
    state: TeamState | None = None
    state_ns: int | None = None
    people_present: int | None = None
    people_ns: int | None = None
    is_guest: bool = False
    alarm_id: str | None = None
    answered_ns: int | None = None
