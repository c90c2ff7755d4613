"""What is known of a camera: part of the picture.  Pure."""

from __future__ import annotations

from dataclasses import dataclass

from console.words import CameraState, Grade, Health, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraPlace:
    """Where a camera is.  ``source``: ``fixed``, or the id of the team that carries it, then times as in ``Place``."""

    lat_deg: float
    lon_deg: float
    source: str
    datum: str
    fix_ns: int | None = None
    at_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A picture source.  Two lamps: ``is_connected`` (the device answers) and frames (``last_packet_ns``).

    ``grade`` is what is received of it, ``None`` before that was decided; ``budget_note`` why no more than that.
    ``bearer_id`` is the bearer it comes over now.  ``health`` is what is wrong with a picture that comes, since
    ``health_since_ns``.  In ``stills``, one picture is taken every ``still_s``.
    """

    id: str
    name: str
    url: str
    state: CameraState
    since_ns: int
    is_connected: bool
    last_packet_ns: int | None
    reason: Text | None
    attempts: int
    retry_at_ns: int | None
    width_px: int | None
    height_px: int | None
    codec: str | None
    rate_fps: float | None
    rate_bps: float | None
    is_recording: bool
    owner: str | None
    grade: Grade | None = None
    budget_note: Text | None = None
    bearer_id: str | None = None
    is_on_demand: bool = False
    still_s: float = 10.0
    health: Health | None = None
    health_since_ns: int | None = None
    place: CameraPlace | None = None
    has_sub: bool = False
    """A smaller stream is configured."""
