"""Which pictures are live: a camera that is in service and gives no frames is an alarm."""

from __future__ import annotations

from console.picture import Text
from console.rules.alarms import set_alarm
from console.tables import CameraTable, Tables
from devices.driver import NS_PER_S

FROZEN_NS = 2 * NS_PER_S
FIRST_NS = 10 * NS_PER_S
"""Opening a source and finding its first key frame takes this long at most."""


def judge_camera(tables: Tables, camera: CameraTable) -> None:
    """Alarm when no picture came for two seconds; a source still opening for the first time gets ten."""
    configuration = camera.configuration
    last_ns = camera.last_packet_ns if camera.was_live else None
    since_ns, grace_ns = (tables.started_ns, FIRST_NS) if last_ns is None else (last_ns, FROZEN_NS)
    is_frozen = camera.state not in {"live", "delayed", "disabled"} and tables.at_ns - since_ns >= grace_ns
    text: Text | None = None
    if is_frozen:
        text = Text(id="alarm.picture", args={"camera": configuration.name})
        if camera.reason is not None:
            text = Text(
                id="alarm.picture_reason",
                args={"camera": configuration.name, "reason": f"@{camera.reason.id}", **camera.reason.args},
            )
    set_alarm(tables, "picture", configuration.id, "amber", text)
