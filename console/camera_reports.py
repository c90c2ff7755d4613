"""What is written down of a camera: the payload of its records."""

from __future__ import annotations

from typing import Any

from console.picture import CameraState, Grade, Text
from devices.video.messages import Status

Report = dict[str, Any]
"""Payload of a CAMERA record: the fields of ``console.picture.Camera`` that a process can know, times relative.

``state reason detail is_connected attempts retry_ns packet_age_ns width_px height_px codec rate_fps rate_bps
is_recording gaps health health_age_ns grade note video_bytes``; ``retry_ns`` and the ages count from the moment of the
record.  ``note`` (``{"id", "args"}``) says why no better grade is received; ``video_bytes`` came since the last report.
"""


def report(  # noqa: PLR0913 - what the console adds to what the process said
    status: Status,
    *,
    state: CameraState,
    grade: Grade,
    note: Text | None,
    attempts: int,
    retry_ns: int | None,
    rate_bps: float | None,
    video_bytes: int,
) -> Report:
    """The report of a camera whose process said ``status``; what is not received on purpose needs no reason."""
    is_resting = state in {"standby", "held"}
    return {
        "state": state,
        "reason": None if is_resting else status.reason,
        "detail": None if is_resting else status.detail,
        "is_connected": (status.is_connected or state == "stills") and not is_resting,
        "attempts": attempts,
        "retry_ns": retry_ns,
        "packet_age_ns": status.packet_age_ns,
        "width_px": status.width_px,
        "height_px": status.height_px,
        "codec": status.codec,
        "rate_fps": status.rate_fps,
        "rate_bps": rate_bps,
        "is_recording": status.is_recording,
        "gaps": status.gaps,
        "health": status.health,
        "health_age_ns": status.health_age_ns,
        "grade": grade,
        "note": None if note is None else {"id": note.id, "args": note.args},
        "video_bytes": video_bytes,
    }
