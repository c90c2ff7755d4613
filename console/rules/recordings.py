"""What is said of recorded files, and what an operator asks of them: marks, clips, locks, room on the disk."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from console.effects import Effect
from console.effects import LockRecording as Lock
from console.effects import MarkPicture as Mark
from console.effects import SaveClip as Save
from console.orders import LockRecording, MarkPicture, SaveClip
from console.picture import RecordingHealth, Text, Value
from console.rules.alarms import set_alarm
from console.tables import Tables
from devices.driver import NS_PER_S

QUIET_NS = 3600 * NS_PER_S
"""A disk that is full makes room every few seconds: it is told once, and again after so long without."""


_LOCKS = {
    "locked": "notice.recording_locked",
    "unlocked": "notice.recording_unlocked",
    "lock-failed": "notice.recording_gone",
}


def obey(tables: Tables, order: MarkPicture | SaveClip | LockRecording) -> list[Effect]:
    """What the world must do for this order; nothing for a camera that is not configured."""
    camera = tables.cameras.get(order.camera_id)
    if camera is None:
        return []
    args = {"camera": camera.configuration.name}
    match order:
        case MarkPicture():
            at_ns = min(order.at_ns, tables.at_ns)
            tables.note("mark", order.camera_id, "notice.mark", {**args, "text": order.text}, at_ns)
            return [Mark(camera_id=order.camera_id, at_ns=at_ns)]
        case SaveClip():
            return [Save(camera_id=order.camera_id, clip_id=f"clip-{tables.seq}", last_s=order.last_s)]
        case LockRecording():
            return [Lock(camera_id=order.camera_id, file=order.file, is_locked=order.is_locked)]


def take(tables: Tables, camera_id: str, said: dict[str, Any]) -> None:
    """A SEGMENT record."""
    match said.get("event"):
        case "space":
            _measure(tables, said)
        case "removed":
            _removed(tables, camera_id)
        case "locked" | "unlocked" | "lock-failed" as event if said.get("is_asked"):
            text_id = _LOCKS[event]
            tables.note("operator", camera_id, text_id, {"camera": _name(tables, camera_id), "file": str(said["file"])})
        case "saved":
            seconds = round((int(said.get("utc_end_ns") or 0) - int(said.get("utc_start_ns") or 0)) / NS_PER_S, 1)
            _note(tables, camera_id, "notice.clip_saved", {"file": str(said.get("file")), "seconds": seconds})
        case "save-failed":
            reason = f"camera.reason.{said.get('reason') or 'failed'}"
            _note(tables, camera_id, "notice.clip_failed", {"@reason": reason})
        case _:
            return


def _name(tables: Tables, camera_id: str) -> str:
    camera = tables.cameras.get(camera_id)
    return camera.configuration.name if camera is not None else camera_id


def _note(tables: Tables, camera_id: str, text_id: str, args: dict[str, Value]) -> None:
    tables.note("camera", camera_id, text_id, {"camera": _name(tables, camera_id), **args})


def _measure(tables: Tables, said: dict[str, Any]) -> None:
    is_stuck = bool(said.get("is_stuck"))
    tables.recording = RecordingHealth(
        used_bytes=said.get("used_bytes"),
        locked_bytes=said.get("locked_bytes"),
        free_bytes=said.get("free_bytes"),
        oldest_ns=said.get("oldest_ns"),
        is_stuck=is_stuck,
        removed=tables.recording.removed,
        removed_ns=tables.recording.removed_ns,
        at_ns=tables.at_ns,
    )
    set_alarm(tables, "recording", "console", Text(id="alarm.recording_stuck") if is_stuck else None)


def _removed(tables: Tables, camera_id: str) -> None:
    last_ns = tables.recording.removed_ns
    if last_ns is None or tables.at_ns - last_ns > QUIET_NS:
        tables.note("console", camera_id, "notice.recordings_removed", {"camera": _name(tables, camera_id)})
    tables.recording = replace(tables.recording, removed=tables.recording.removed + 1, removed_ns=tables.at_ns)
