"""What may be asked of a device, in no device's own words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SendText:
    """Send ``text`` to ``recipient`` (a subject on that wire).  ``reference`` is the console's own message id."""

    reference: str
    recipient: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReceipt:
    """Ask whether what was sent to ``recipient`` has been received, where the wire can tell."""

    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskPosition:
    """Ask for a position: of ``subject``, or of the device itself when ``None``."""

    subject: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRaw:
    """The squad's own octets, typed by hand at the workbench.  Encoders refuse what must never be sent."""

    octets: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishTeam:
    """Tell the others on this wire where a team of ours was at ``source_time_ns``.

    ``subject`` is the team's id, ``None`` this post itself.  Others shall call the place old ``stale_s`` after that
    time.  ``is_measured`` is false for a place that a person entered; ``text`` goes with it (organisation, task).
    Positions are WGS-84, ``altitude_m`` above the ellipsoid.
    """

    subject: str | None
    callsign: str
    lat_deg: float
    lon_deg: float
    source_time_ns: int
    stale_s: float
    altitude_m: float | None = None
    speed_mps: float | None = None
    course_deg: float | None = None
    accuracy_m: float | None = None
    is_measured: bool = True
    text: str = ""


DeviceCommand = SendText | AskReceipt | AskPosition | SendRaw | PublishTeam
