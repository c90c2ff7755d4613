"""What the world must do as a consequence of a record.

The engine gives these back from ``step``; the runtime executes them live, after their record is on disk, and nobody
does while replaying.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Write ``octets`` to a wire.  ``reference`` is the message id when the outbox must learn the outcome."""

    device_id: str
    peer: str
    octets: bytes
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconnect:
    """Open this device's or camera's wire now."""

    subject_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Enable:
    """Take a device or camera out of service, or back."""

    subject_id: str
    is_enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkPicture:
    """Lock the recorded file of this camera in which the moment ``at_ns`` lies."""

    camera_id: str
    at_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveClip:
    """Write the last seconds of this camera as the clip ``clip_id``."""

    camera_id: str
    clip_id: str
    last_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRecording:
    """Lock or unlock this recorded file."""

    camera_id: str
    file: str
    is_locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchRoute:
    """This bearer carries now instead of ``previous_id`` (empty: none did): change the route, or tell the hook.

    ``number`` is the change's; its outcome names it.
    """

    bearer_id: str
    previous_id: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultFound:
    """We were wrong while stepping a record of ``source``: the runtime writes a FAULT record."""

    source: str
    traceback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureThroughput:
    """Measure what this bearer carries to its reflector; ``cap_bytes`` bounds both ways together."""

    bearer_id: str
    host: str
    port: int
    interface: str
    offered_mbps: float
    cap_bytes: int
    iperf3: str = ""


Effect = (
    MeasureThroughput | Send | Reconnect | Enable | MarkPicture | SaveClip | LockRecording | SwitchRoute | FaultFound
)
