"""What is known now: the engine's published, immutable summary.

Views draw it and keep no facts of their own.  Every fact carries the console time at which it became known
(``at_ns``, ``since_ns`` ...), so ages are computed when painting.  Texts for people are message ids with arguments,
so that both languages can be shown.  Bounded: 200 trail points a team, 200 messages, 500 alarms, 200 notices,
500 marks.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from console.alarm_facts import Alarm, AlarmLoad
from console.bearer_facts import Bearer, BearerSample
from console.camera_facts import Camera, CameraPlace
from console.map_marks import MapMark
from console.pace_facts import Pace
from console.power_facts import Power
from console.reach_facts import Reach
from console.road_facts import Road, RoadRules
from console.team_facts import Disagreement, Fix, Place, Team, TrailPoint
from console.words import (
    AlarmState,
    BearerState,
    CameraState,
    Cost,
    Fact,
    Grade,
    Health,
    MessageState,
    Mode,
    Priority,
    Rung,
    TeamState,
    Text,
    Value,
    WireState,
)

__all__ = [
    "Alarm",
    "AlarmLoad",
    "AlarmState",
    "Bearer",
    "BearerSample",
    "BearerState",
    "Camera",
    "CameraPlace",
    "CameraState",
    "Cost",
    "Disagreement",
    "Fact",
    "Fix",
    "Grade",
    "Health",
    "MapMark",
    "MessageState",
    "Mode",
    "Pace",
    "Place",
    "Power",
    "Priority",
    "Reach",
    "Road",
    "RoadRules",
    "Rung",
    "Team",
    "TeamState",
    "Text",
    "TrailPoint",
    "Value",
    "WireState",
]  # fmt: skip
"""What is imported here for all who read the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What this console is about."""

    name: str
    post: str
    since_ns: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Somebody who is reached by a device: when last heard, and what the network last said of being there.

    ``at_ns`` is the arrival of the last sign of life (``kind``: position, text ...), ``None`` while there was none:
    what is handed on from a store or a list is no sign of life.  ``state_ns`` is when ``state`` was told.
    """

    subject: str
    name: str | None = None
    at_ns: int | None = None
    kind: str | None = None
    state: str | None = None
    state_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFact:
    """The card in a short-message terminal and its limits."""

    card_id: str | None
    generation: str
    level: int | None
    interval_s: float | None
    capacity_bits: int | None
    subordinate_count: int | None
    at_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the last test of a device found.  ``is_good`` ``None`` while it runs."""

    is_good: bool | None
    text: Text
    at_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A configured device and what is known of it now.  ``wire`` has its secrets removed."""

    id: str
    name: str
    driver: str
    maturity: str
    group: str
    wire: str
    state: WireState
    since_ns: int
    reason: Text | None
    attempts: int
    retry_at_ns: int | None
    last_octets_ns: int | None
    last_understood_ns: int | None
    octets_in: int
    octets_out: int
    understood: int
    malformed: int
    unrecognised: int
    place: Place | None
    card: CardFact | None
    facts: tuple[Fact, ...]
    subordinates: tuple[str, ...]
    sends: tuple[str, ...]
    next_send_ns: int | None
    verdict: Verdict | None
    silent_after_s: float | None = None
    settings: tuple[tuple[str, str], ...] = ()
    """The driver's own keys as configured, in words, without secrets."""
    heard: tuple[Heard, ...] = ()
    """The last 500 who were told of by this device, the latest last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A text in or out.  ``peer`` is the far end's identity on that wire, ``peer_name`` its team's or roster name."""

    id: str
    is_outgoing: bool
    device_id: str
    peer: str | None
    peer_name: str | None
    text: str
    state: MessageState
    reason: Text | None
    created_ns: int
    submitted_ns: int | None
    sent_ns: int | None
    confirmed_ns: int | None
    source_time_ns: int | None
    changed_ns: int
    used: int | None
    limit: int | None
    unit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One line of the log: what happened (``happened_ns``), and when it became known here (``at_ns``)."""

    number: int
    at_ns: int
    happened_ns: int | None
    kind: str
    subject_id: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody a text can be sent to by one device: ``recipient`` on that wire; ``is_rear``: at the rear post."""

    device_id: str
    recipient: str
    name: str
    is_rear: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time in which this console did not run or could not write."""

    from_ns: int
    to_ns: int
    lost: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalHealth:
    """Whether what happens is being written down."""

    is_recorded: bool
    since_ns: int
    reason: Text | None
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockHealth:
    """What is known of the console's clock: ``offset_ns`` is source minus console, ``None`` while no source told."""

    offset_ns: int | None
    device_id: str | None
    judged_ns: int | None
    is_doubtful: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingHealth:
    """How the recordings of this incident fill the disk; ``None``: not known yet, or no bound.

    ``used_bytes``: all recorded files, ``locked_bytes`` of them never to be removed.  ``oldest_ns`` begins the oldest
    file that is there.  ``free_bytes``: of the whole disk; recording stops at ``floor_bytes``.  ``is_stuck``: no room
    is left and nothing unlocked to remove.  ``removed`` files made room so far, the last at ``removed_ns``.
    """

    used_bytes: int | None = None
    locked_bytes: int | None = None
    quota_bytes: int | None = None
    free_bytes: int | None = None
    floor_bytes: int | None = None
    oldest_ns: int | None = None
    is_stuck: bool = False
    removed: int = 0
    removed_ns: int | None = None
    at_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Everything a view may show."""

    mode: Mode
    at_ns: int
    records: int
    incident: Incident
    devices: tuple[Device, ...]
    teams: tuple[Team, ...]
    cameras: tuple[Camera, ...]
    bearers: tuple[Bearer, ...]
    alarms: tuple[Alarm, ...]
    messages: tuple[Message, ...]
    notices: tuple[Notice, ...]
    contacts: tuple[Contact, ...]
    gaps: tuple[Gap, ...]
    journal: JournalHealth
    clock: ClockHealth
    own_device_id: str | None
    sound_silenced_until_ns: int | None
    faults: int
    recording: RecordingHealth = RecordingHealth()
    roll_call_ns: int | None = None
    """When the roll call that goes on began; a team whose ``answered_ns`` is not earlier has answered."""
    marks: tuple[MapMark, ...] = ()
    power: Power = field(default_factory=Power)
    """What feeds whom, and how long it lasts."""
    pace: Pace = field(default_factory=Pace)
    alarm_load: AlarmLoad = field(default_factory=AlarmLoad)
    """How many alarms ask for a person, beside how many one can take in."""
    roads: tuple[Road, ...] = ()
    road_rules: RoadRules = field(default_factory=RoadRules)
    reach: tuple[Reach, ...] = ()
