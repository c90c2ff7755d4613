"""The configuration in force, as plain frozen values; a copy without secrets is the first record of every run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from console.alarm_rules import Alarming
from console.configuration.alarming import builtin
from console.configuration.switching_model import SwitchingConfiguration, Uplink
from console.link_facts import QuotaPeriod
from console.picture import Cost, Grade, Mode, Rung
from console.road_facts import RoadConfiguration, RoadRules
from console.supplies import LoadConfiguration, SupplyConfiguration
from console.surroundings import MapConfiguration, Station, Terrain
from devices.video import messages

_USERINFO = re.compile(
    r"(?<=://)[^/]*@|(?<=[?&])(?i:[a-z_]*(?:password|token|secret|key|community))=[^&]*"
    r"|(?<=_)(?i:password)=[^&_/\s]*"  # cameras of one make carry it in the path: user=admin_password=..._channel=1
)
_PIN = re.compile(r"(?i)(\+\s*C\s*(?:PIN\s*2?|PWD|LCK)\s*=)[^|]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceConfiguration:
    """One configured device.

    ``settings`` are the driver's own keys; ``silent_after_s`` raises the no-data alarm; ``is_own`` marks the GNSS
    that says where this vehicle is.
    """

    id: str
    name: str
    driver: str
    wire: str
    settings: dict[str, Any] = field(default_factory=dict)
    silent_after_s: float = 60.0
    is_own: bool = False
    is_enabled: bool = True
    depends_on: tuple[str, ...] = ()
    """Ids of what it needs, all of it: while one of them has failed, this one is not judged."""


Moves = Literal["ground", "water", "air"]

IN_USE = "in_use"
"""A camera's ``bearer_id`` that means: whichever bearer carries the rear's traffic now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraConfiguration:
    """One picture source; ``owner`` is the department it belongs to.

    ``sub_url`` is a smaller stream of the same camera (on the wall; ``url`` when enlarged).  It stands at ``lat_deg``
    and ``lon_deg`` (WGS-84), or is carried by ``team_id``.  ``is_on_demand``: received only while somebody looks.
    ``bearer_id`` is the bearer it comes over, or ``IN_USE``; ``None``: none that must be spared.  ``still_s`` is the
    time between stills in still-picture mode; ``may_stand_still``: a picture that does not change is no fault.
    """

    id: str
    name: str
    url: str
    owner: str | None = None
    is_recorded: bool = True
    is_enabled: bool = True
    sub_url: str | None = None
    lat_deg: float | None = None
    lon_deg: float | None = None
    team_id: str | None = None
    is_on_demand: bool = False
    bearer_id: str | None = None
    still_s: float = 10.0
    may_stand_still: bool = False
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamConfiguration:
    """One team; ``means`` are ``device`` or ``device/subject``; ``expected_s`` how often it must be heard.

    ``kind`` says what sort of team it is, ``task`` what it is to do, in free words; ``leader`` and ``phone`` whom to
    call when it is silent.  What one ``moves`` on is proven by its track: no drone and no boat proves a road.
    """

    id: str
    name: str
    symbol: str
    people: int | None = None
    expected_s: float = 900.0
    means: tuple[str, ...] = ()
    kind: str = ""
    task: str = ""
    leader: str = ""
    phone: str = ""
    depends_on: tuple[str, ...] = ()
    moves: Moves = "ground"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskConfiguration:
    """A task by its name, and how often a team that has it must be heard."""

    name: str
    expected_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BearerConfiguration:
    """One way to reach the rear, judged by what ``device_ids`` say: probes, terminals, interfaces, what comes by it.

    ``device_id`` is the first of them.  ``degraded_ms`` and ``degraded_loss_percent`` bound the good state; down is
    ``down_after_s`` without a sign of life and ``misses_down`` attempts lost in a row; a terminal that lost its network
    is down after ``lost_after_s``.  The numbers are those of ``profile`` where the file says none, and stand here so
    that an old journal is judged as it was.  Where each use costs, a probe goes out only when nothing was heard for
    ``idle_probe_s``.
    Pictures may take ``video_budget_bps`` of it, ``video_hour_bytes`` in any hour (``None``: as much as there is), and
    ``video_grade`` at best.
    """

    id: str
    name: str
    rung: Rung
    requires: str = ""
    device_id: str | None = None
    more_device_ids: tuple[str, ...] = ()
    profile: str = "other"
    degraded_ms: float = 400.0
    degraded_loss_percent: float = 10.0
    down_after_s: float = 5.0
    misses_down: int = 4
    lost_after_s: float = 0.0
    idle_probe_s: float = 0.0
    cost: Cost = "free"
    requires_mbps: float | None = None
    quota_bytes: int | None = None
    quota_period: QuotaPeriod = "day"
    iperf3: str = ""
    video_budget_bps: float | None = None
    video_hour_bytes: int | None = None
    video_grade: Grade = "main"
    depends_on: tuple[str, ...] = ()

    @property
    def device_ids(self) -> tuple[str, ...]:
        """All that tell something of it."""
        return (self.device_id, *self.more_device_ids) if self.device_id is not None else self.more_device_ids

    @property
    def is_metered(self) -> bool:
        """Whether each use costs."""
        return self.cost != "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactConfiguration:
    """Somebody a text can be sent to: ``recipient`` on the wire of ``device_id``; ``is_rear`` marks the rear post.

    ``road_id`` is the road by which a courier gets there.
    """

    name: str
    device_id: str
    recipient: str
    is_rear: bool = False
    road_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingConfiguration:
    """How pictures are kept: files of ``segment_s``, all files of the incident together at most ``quota_bytes``.

    ``None``: only the disk bounds them.  Nothing is recorded while less than ``floor_bytes`` are free: the journal must
    go on.
    """

    quota_bytes: int | None = None
    floor_bytes: int = 2_000_000_000
    segment_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything configured."""

    mode: Mode
    incident: str
    post: str
    incident_since_ns: int | None = None
    devices: tuple[DeviceConfiguration, ...] = ()
    cameras: tuple[CameraConfiguration, ...] = ()
    teams: tuple[TeamConfiguration, ...] = ()
    bearers: tuple[BearerConfiguration, ...] = ()
    contacts: tuple[ContactConfiguration, ...] = ()
    recording: RecordingConfiguration = RecordingConfiguration()
    tasks: tuple[TaskConfiguration, ...] = ()
    terrain: Terrain = field(default_factory=Terrain)
    maps: tuple[MapConfiguration, ...] = ()
    layers: tuple[MapConfiguration, ...] = ()
    stations: tuple[Station, ...] = ()
    supplies: tuple[SupplyConfiguration, ...] = ()
    loads: tuple[LoadConfiguration, ...] = ()
    switching: SwitchingConfiguration = field(default_factory=SwitchingConfiguration)
    uplinks: tuple[Uplink, ...] = ()
    alarming: Alarming = field(default_factory=builtin)
    roads: tuple[RoadConfiguration, ...] = ()
    road_rules: RoadRules = field(default_factory=RoadRules)

    def with_added(self, new: CameraConfiguration | DeviceConfiguration) -> Configuration:
        """The same with one more camera or device, at the end of its kind."""
        if isinstance(new, CameraConfiguration):
            return replace(self, cameras=(*self.cameras, new))
        return replace(self, devices=(*self.devices, new))


def redact(url: str) -> str:
    """A wire or URL without its user, password and tokens: fit for screens, logs and journals."""
    return _USERINFO.sub(
        lambda match: "***@" if match.group().endswith("@") else f"{match.group().split('=')[0]}=***", url
    )


def without_secrets(configuration: Configuration) -> Configuration:
    """The copy that may be written down: URLs redacted, settings whose name says secret blanked."""
    return replace(
        configuration,
        devices=tuple(
            replace(device, wire=redact(device.wire), settings={k: _blank(k, v) for k, v in device.settings.items()})
            for device in configuration.devices
        ),
        cameras=tuple(
            replace(
                camera, url=_stream_shown(camera.url), sub_url=_stream_shown(camera.sub_url) if camera.sub_url else None
            )
            for camera in configuration.cameras
        ),
        switching=configuration.switching.without_secrets(),
    )


def _stream_shown(url: str) -> str:
    """Streams of platforms carry their secrets under many more names than devices' wires."""
    return messages.redact(redact(url))


def _blank(key: str, value: object) -> object:
    """Also a card's PIN among the commands a terminal begins with, where its driver would not send it either."""
    if re.search(r"(?i)password|token|secret|key|pin\b", key):
        return "***"
    return _PIN.sub(r"\1***", value) if isinstance(value, str) else value
