"""What an operator can ask of the engine.  Every order is a record before it is obeyed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from console.alarm_orders import AlarmOrder
from console.link_orders import CheckThroughput
from console.map_marks import Geometry, MarkKind, MarkState
from console.road_orders import RoadOrder
from console.supply_orders import SupplyOrder
from console.switch_orders import SwitchOrder
from console.words import TeamState, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeAlarm:
    """I have seen this alarm; ``alarm_id`` is its stable id."""

    alarm_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceSound:
    """No sound for ``for_s`` seconds; alarms stay as they are.  0 ends the silence."""

    for_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeMessage:
    """Put a text into the outbox.  ``message_id`` is made by the asker and unique in the incident."""

    message_id: str
    device_id: str
    recipient: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendMessage:
    """Send once more a message that is unknown or failed."""

    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonMessage:
    """Give a queued, unknown or failed message up."""

    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmUnrecorded:
    """Send this queued message although nothing is being written down."""

    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconnectNow:
    """Open this device's or camera's wire now, without waiting for the next try."""

    subject_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetEnabled:
    """Take a device or camera out of service, or back.  ``by`` names who did it."""

    subject_id: str
    is_enabled: bool
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestDevice:
    """Judge this device by what its wire says in the next seconds."""

    __test__: ClassVar[bool] = False

    device_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOctets:
    """Send the squad's own octets, given in hex (workbench)."""

    device_id: str
    octets_hex: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteNote:
    """An entry by hand (补记 when ``happened_ns`` is earlier): what happened, when, and to which team if any."""

    text: str
    by: str
    happened_ns: int | None = None
    team_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkPicture:
    """Something is to be seen on this camera at ``at_ns``: a line of the log and of the time bar.

    The recorded file in which that moment lies is locked.
    """

    camera_id: str
    at_ns: int
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveClip:
    """Keep what this camera showed in the last seconds, whether it is being recorded or not; the clip is locked."""

    camera_id: str
    last_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRecording:
    """Never remove this recorded file to make room, or let it be removed again."""

    camera_id: str
    file: str
    is_locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMark:
    """Mark this on the map.  ``mark_id`` is made by the asker and unique in the incident.

    ``by`` writes it down, ``source`` saw it, at ``seen_ns`` (``None``: nobody knows when).  From then on it is good
    for ``expires_s``.  ``read_by`` read it in from a file; ``None``: ``by`` did it here.  What has one ``batch`` was
    read in together and is undone together.
    """

    mark_id: str
    kind: MarkKind
    geometry: Geometry
    name: str
    by: str
    source: str
    state: MarkState
    expires_s: float
    seen_ns: int | None
    depth_m: float | None = None
    read_by: str | None = None
    batch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMark:
    """Change what is given of a mark, ``None`` leaves as it is.  Only a later ``seen_ns`` makes it fresh again.

    With ``state`` confirmed and ``seen_ns``, this is a confirmation by ``by``.
    """

    mark_id: str
    by: str
    geometry: Geometry | None = None
    name: str | None = None
    source: str | None = None
    state: MarkState | None = None
    expires_s: float | None = None
    seen_ns: int | None = None
    depth_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveMark:
    """Take a mark off the map; the log says what it was and who did it."""

    mark_id: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """Take back the last change of a mark or a road that ``by`` asked for, in the order in which they were made.

    What nobody signed is anybody's, and who does not sign takes back whatever was last.
    """

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTeam:
    """A team that no file knows: a guest.  ``team_id`` is made by the asker, as ids of the file are written.

    ``means`` as in the file; one that another team had is that team's no longer.  ``symbol`` empty: the first
    character of the name.  ``expected_s`` ``None``: that of the task, else a quarter of an hour.
    """

    team_id: str
    name: str
    symbol: str = ""
    people: int | None = None
    kind: str = ""
    task: str = ""
    leader: str = ""
    phone: str = ""
    expected_s: float | None = None
    means: tuple[str, ...] = ()
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeTeam:
    """What became known of a team; ``None`` leaves as it is.  A new task brings its expected interval with it."""

    team_id: str
    task: str | None = None
    state: TeamState | None = None
    people_present: int | None = None
    expected_s: float | None = None
    name: str | None = None
    leader: str | None = None
    phone: str | None = None
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMeans:
    """This ``device`` or ``device/subject`` is this team from now on, and no other team."""

    team_id: str
    means: str
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveMeans:
    """This ``device`` or ``device/subject`` is this team no longer."""

    team_id: str
    means: str
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardByVoice:
    """Somebody spoke with this team just now: a sign of life.  ``text`` is what it said, if anything."""

    team_id: str
    by: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginRollCall:
    """Call all teams: who answers from now on is ticked."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRollCall:
    """The roll call is over: the log says who answered and who did not."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMap:
    """The window cannot use the map ``name``: a line of the log.  ``why`` is a message id, ``args`` its arguments."""

    name: str
    why: str
    args: dict[str, Value]


RollCallOrder = BeginRollCall | EndRollCall
TeamOrder = AddTeam | ChangeTeam | AddMeans | RemoveMeans | HeardByVoice | RollCallOrder
MarkOrder = AddMark | ChangeMark | RemoveMark
DrawnOrder = MarkOrder | RoadOrder | Undo
"""What concerns that which people draw on the map."""
RecordingOrder = MarkPicture | SaveClip | LockRecording
_LinkOrder = CheckThroughput | SwitchOrder
OperationOrder = _LinkOrder | RecordingOrder | DrawnOrder | ReportMap | TeamOrder | SupplyOrder
"""What concerns the operation, not the console and its devices."""

Order = (
    AcknowledgeAlarm
    | AlarmOrder
    | SilenceSound
    | ComposeMessage
    | ResendMessage
    | AbandonMessage
    | ConfirmUnrecorded
    | ReconnectNow
    | SetEnabled
    | TestDevice
    | SendOctets
    | WriteNote
    | OperationOrder
)
