"""Which pictures are live: what a video process reports, and the alarm when frames do not come or cannot be trusted.

A camera that is not received on purpose (nobody looks, its bearer is spared) is no fault and raises no alarm.
"""

from __future__ import annotations

from typing import Any, cast

from console.picture import CameraState, Grade, Text, Value
from console.rules import video_use
from console.rules.alarms import set_alarm
from console.tables import CameraTable, Tables
from devices.driver import NS_PER_S

FROZEN_NS = 2 * NS_PER_S
FIRST_NS = 10 * NS_PER_S
"""Opening a source and finding its first key frame takes this long at most."""

COMING = frozenset({"live", "delayed", "abnormal", "stills"})
RESTING = frozenset({"standby", "held"})
_AS_TOLD = ("is_connected", "is_recording", "attempts", "width_px", "height_px", "codec", "rate_fps", "rate_bps")


def change_camera(tables: Tables, camera: CameraTable, said: dict[str, Any]) -> None:
    """A video process reported: only the keys it names change."""
    if camera.state == "disabled":
        return
    at_ns = tables.at_ns
    for key in _AS_TOLD:
        if key in said:
            setattr(camera, key, said[key])
    retry_ns = said.get("retry_ns")
    camera.retry_at_ns = at_ns + int(retry_ns) if retry_ns is not None else None
    packet_age_ns = said.get("packet_age_ns")
    if packet_age_ns is not None:
        camera.last_packet_ns = at_ns - int(packet_age_ns)
    is_regraded = _change_grade(tables, camera, said)
    video_use.count(tables, camera, said)
    state = cast("CameraState | None", said.get("state"))
    if state is None:
        return
    reason = said.get("reason")
    camera.reason = (
        Text(id=f"camera.reason.{reason}", args={"detail": str(said.get("detail") or "")[:200]}) if reason else None
    )
    camera.health = said.get("health")
    health_age_ns = said.get("health_age_ns")
    camera.health_since_ns = None if health_age_ns is None else at_ns - int(health_age_ns)
    if state != camera.state:
        _change_state(tables, camera, state, is_regraded=is_regraded)


def _change_state(tables: Tables, camera: CameraTable, state: CameraState, *, is_regraded: bool) -> None:
    had, has = camera.state in COMING, state in COMING
    if camera.state in RESTING:
        camera.expected_ns = tables.at_ns
    camera.state = state
    camera.since_ns = tables.at_ns
    camera.was_live = camera.was_live or has
    if had != has and state not in RESTING and (has or not is_regraded):
        text_id = "notice.picture_live" if has else "notice.picture_lost"
        tables.note("camera", camera.configuration.id, text_id, {"camera": camera.configuration.name})


def _change_grade(tables: Tables, camera: CameraTable, said: dict[str, Any]) -> bool:
    """Whether something else is received of it; the log says so where it was to spare a bearer, or no longer is."""
    grade = cast("Grade | None", said.get("grade"))
    if grade is None:
        return False
    note = said.get("note")
    why = None if note is None else Text(id=str(note["id"]), args=dict(note.get("args") or {}))
    is_changed, was_held = grade != camera.grade, camera.budget_note is not None
    if is_changed and camera.grade in {"stills", "off"}:
        camera.expected_ns = tables.at_ns
    camera.grade, camera.budget_note = grade, why
    if is_changed and (why is not None or was_held):
        args: dict[str, Value] = {"camera": camera.configuration.name, "@grade": f"camera.grade.{grade}"}
        if why is None:
            tables.note("camera", camera.configuration.id, "notice.picture_free", args)
        else:
            args = {**args, "@reason": why.id, **why.args}
            tables.note("camera", camera.configuration.id, "notice.picture_held", args)
    return is_changed


def judge_camera(tables: Tables, camera: CameraTable) -> None:
    """Alarm when no picture came for two seconds, or none can be trusted; one just asked for gets ten seconds."""
    configuration = camera.configuration
    name: dict[str, Value] = {"camera": configuration.name}
    text: Text | None = None
    if _is_missing(tables, camera):
        text = Text(id="alarm.picture", args=name)
        if camera.reason is not None:
            args = {**name, "@reason": camera.reason.id, **camera.reason.args}
            text = Text(id="alarm.picture_reason", args=args)
    set_alarm(tables, "picture", configuration.id, text)
    text = None
    if camera.state == "abnormal" and camera.health is not None:
        text = Text(id="alarm.picture_health", args={**name, "@health": f"camera.health.{camera.health}"})
    set_alarm(tables, "picture_health", configuration.id, text)


def _is_missing(tables: Tables, camera: CameraTable) -> bool:
    if camera.state in RESTING or camera.state in {"live", "delayed", "abnormal", "disabled"}:
        return False
    last_ns = camera.last_packet_ns if camera.was_live else None
    expected_ns = max(camera.expected_ns, tables.started_ns)
    if camera.grade == "stills":
        grace_ns = FIRST_NS + round(2 * camera.configuration.still_s * NS_PER_S)
        return tables.at_ns - max(last_ns or 0, expected_ns) >= grace_ns
    if last_ns is None or last_ns < expected_ns:
        return tables.at_ns - expected_ns >= FIRST_NS
    return tables.at_ns - last_ns >= FROZEN_NS
