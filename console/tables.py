"""What the engine knows, as plain mutable tables: private to the engine, whole in every snapshot.

Everything here is encoded by msgspec, so a snapshot needs no code of its own.  Rules read and change these tables;
views never see them, they get the Picture assembled from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from console.alarm_rules import AlarmRule
from console.alarm_tables import AlarmTable, AnswerTable, WaitingTable
from console.bearer_tables import BearerTable
from console.configuration.model import (
    CameraConfiguration,
    Configuration,
    DeviceConfiguration,
)
from console.map_marks import MapMark
from console.pace_tables import PaceTable
from console.picture import (
    CameraState,
    CardFact,
    Fact,
    Gap,
    Grade,
    Health,
    Heard,
    Message,
    Notice,
    Place,
    RecordingHealth,
    Text,
    Value,
    Verdict,
    WireState,
)
from console.power_tables import LoadTable, SupplyTable
from console.reach_facts import Reach
from console.road_tables import MoverTable, RoadTable
from console.team_tables import FixTable, TeamTable
from devices.observations import Position

TRAIL_POINTS = 200
MESSAGES = 200
ALARMS = 500
NOTICES = 200
STEPS = 50


class TestRun(msgspec.Struct):
    """A running test of a device: the counters when it began."""

    __test__ = False

    started_ns: int
    octets_in: int
    understood: int
    malformed: int


class DeviceTable(msgspec.Struct):
    """One device's variable facts."""

    configuration: DeviceConfiguration
    state: WireState
    since_ns: int
    group: str = ""
    maturity: str = ""
    sends: tuple[str, ...] = ()
    serves_together: bool = False
    has_slots: bool = False
    published_ns: int | None = None
    reason: Text | None = None
    attempts: int = 0
    retry_at_ns: int | None = None
    last_octets_ns: int | None = None
    last_understood_ns: int | None = None
    octets_in: int = 0
    octets_out: int = 0
    understood: int = 0
    malformed: int = 0
    unrecognised: int = 0
    position: Position | None = None
    position_ns: int = 0
    card: CardFact | None = None
    facts: dict[str, Fact] = {}
    subordinates: tuple[str, ...] = ()
    next_send_ns: int | None = None
    test: TestRun | None = None
    verdict: Verdict | None = None
    heard: dict[str, Heard] = {}
    strangers: dict[str, FixTable] = {}
    """Where those were last who are no team, by their number without leading noughts."""


class CameraTable(msgspec.Struct):
    """One camera's variable facts, as its process reported them."""

    configuration: CameraConfiguration
    state: CameraState
    since_ns: int
    was_live: bool = False
    is_connected: bool = False
    last_packet_ns: int | None = None
    reason: Text | None = None
    attempts: int = 0
    retry_at_ns: int | None = None
    width_px: int | None = None
    height_px: int | None = None
    codec: str | None = None
    rate_fps: float | None = None
    rate_bps: float | None = None
    is_recording: bool = False
    grade: Grade | None = None
    budget_note: Text | None = None
    health: Health | None = None
    health_since_ns: int | None = None
    expected_ns: int = 0
    """From when on pictures are expected: before that nobody asked for any."""
    rates_bps: dict[str, float] = {}
    """What each grade took when it was last received, smoothed."""
    bearer_id: str | None = None
    """The bearer it last came over."""
    uncounted_bytes: int = 0
    """Received before it was known over which bearer."""


class SendTable(msgspec.Struct):
    """The outbox's own timers of one device."""

    in_flight: str | None = None
    expected_reference: str | None = None
    submitted_ns: int = 0
    next_send_ns: int | None = None
    asked: dict[str, int] = {}
    report_due_s: float | None = None
    is_sent_when_written: bool = False
    attempts: dict[str, list[int]] = {}
    """When each text may have left the air, by message id."""
    resent: dict[str, int] = {}
    """How often a text was queued again by itself because it surely had not arrived."""
    asked_ns: dict[str, int] = {}
    """When receipts were asked for, by recipient; gone with the answer."""


class Step(msgspec.Struct, frozen=True):
    """One change by ``by`` of a mark, a road, or a mark that became a road: in words, and what was there before.

    An empty id: none of that kind was changed.  ``None``: it was not there.  What has one ``batch`` is taken back
    together.
    """

    did: Text
    by: str
    mark_id: str = ""
    mark: MapMark | None = None
    road_id: str = ""
    road: RoadTable | None = None
    batch: str = ""


class Tables(msgspec.Struct):
    """The whole state of an engine but its drivers, whose states are saved beside it in ``drivers``."""

    configuration: Configuration
    at_ns: int = 0
    seq: int = 0
    started_ns: int = 0
    is_running: bool = False
    devices: dict[str, DeviceTable] = {}
    teams: dict[str, TeamTable] = {}
    roll_call_ns: int | None = None
    outages: dict[str, int] = {}
    """Since when a part of somebody a device tells of is bad: ``device/subject|part``."""
    silent_groups: dict[str, list[str]] = {}
    """Teams silent from one cause, by the subject of their common alarm."""
    cameras: dict[str, CameraTable] = {}
    bearers: dict[str, BearerTable] = {}
    supplies: dict[str, SupplyTable] = {}
    loads: dict[str, LoadTable] = {}
    pace: PaceTable = msgspec.field(default_factory=PaceTable)
    alarms: dict[str, AlarmTable] = {}
    alarm_rules: dict[str, AlarmRule] = {}
    waiting: dict[str, WaitingTable] = {}
    """Troubles that are no alarms yet."""
    answers: dict[str, AnswerTable] = {}
    """Whether the devices that are asked answer."""
    needs: dict[str, tuple[tuple[str, ...], ...]] = {}
    """What hangs on what (``console.rules.dependencies``)."""
    recovered: dict[str, int] = {}
    """What failed and is back, and until when what hangs on it may come back unjudged."""
    raised: list[int] = []
    """When alarms asked for a person, in the last hour."""
    messages: dict[str, Message] = {}
    outbox: dict[str, SendTable] = {}
    received_count: int = 0
    notices: list[Notice] = []
    notice_count: int = 0
    gaps: list[Gap] = []
    is_recorded: bool = True
    recorded_since_ns: int = 0
    unrecorded_reason: Text | None = None
    records_lost: int = 0
    confirmed_unrecorded: list[str] = []
    clock_offset_ns: int | None = None
    clock_device: str | None = None
    clock_judged_ns: int | None = None
    is_clock_doubtful: bool = False
    silenced_until_ns: int | None = None
    faults: int = 0
    recording: RecordingHealth = RecordingHealth()
    marks: dict[str, MapMark] = {}
    steps: list[Step] = []
    """The last changes of marks and roads, for undoing them; the latest last."""
    roads: dict[str, RoadTable] = {}
    movers: dict[str, MoverTable] = {}
    """Who may prove roads by driving them, by team; this vehicle by an empty id."""
    reach: tuple[Reach, ...] = ()
    """Who can be reached until when."""
    reach_ns: int = 0
    reach_notices: int = -1
    """When that was reckoned, and how many lines the log had then."""
    drivers: dict[str, dict[str, dict[str, Any]]] = {}

    def remember(self, step: Step) -> None:
        """Keep a change, so that it can be taken back; what was read in together counts as one."""
        is_more_of_it = bool(step.batch and self.steps and self.steps[-1].batch == step.batch)
        self.steps.append(step)
        if not is_more_of_it:
            first_of_each = [
                n for n, one in enumerate(self.steps) if n == 0 or not one.batch or one.batch != self.steps[n - 1].batch
            ]
            del self.steps[: first_of_each[-STEPS:][0]]

    def note(
        self,
        kind: str,
        subject_id: str,
        text_id: str,
        args: Mapping[str, Value] | None = None,
        happened_ns: int | None = None,
    ) -> None:
        """Write one line of the log at console time now."""
        self.notice_count += 1
        self.notices.append(
            Notice(
                number=self.notice_count,
                at_ns=self.at_ns,
                happened_ns=happened_ns,
                kind=kind,
                subject_id=subject_id,
                text=Text(id=text_id, args=dict(args or {})),
            )
        )
        if len(self.notices) > NOTICES:
            del self.notices[0]


def place_of(
    position: Position | None, at_ns: int, device_id: str, fix_ns: int | None, *, is_doubtful: bool
) -> Place | None:
    """A position as the picture shows it; ``None`` when it has no coordinates."""
    if position is None or position.lat_deg is None or position.lon_deg is None:
        return None
    return Place(
        lat_deg=position.lat_deg,
        lon_deg=position.lon_deg,
        altitude_m=position.altitude_m,
        speed_mps=position.speed_mps,
        course_deg=position.course_deg,
        accuracy_m=position.accuracy_m,
        satellites=position.satellites,
        datum=position.datum,
        fix_ns=fix_ns,
        at_ns=at_ns,
        device_id=device_id,
        is_clock_doubtful=is_doubtful,
    )
