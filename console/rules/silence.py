"""Who is silent: teams not heard for longer than their task allows, and devices that say nothing.

No data is an alarm of the same rank as the value it guards: a dead sensor never silences its own alarm.
"""

from __future__ import annotations

from console.picture import Text
from console.rules.alarms import set_alarm
from console.tables import DeviceTable, Tables, TeamTable
from devices.driver import NS_PER_S


def judge_team(tables: Tables, team: TeamTable) -> None:
    """Alarm when nothing was heard by any means for ``expected_s``; a team never heard counts from when it was named.

    A team without any means cannot be heard here and is not judged.
    """
    configuration = team.configuration
    if not configuration.means:
        set_alarm(tables, "silence", configuration.id, "red", None)
        return
    heard_ns = team.last_heard_ns if team.last_heard_ns is not None else team.known_since_ns
    is_silent = tables.at_ns - heard_ns > configuration.expected_s * NS_PER_S
    set_alarm(tables, "silence", configuration.id, "red", _silence_text(tables, team) if is_silent else None)


def _silence_text(tables: Tables, team: TeamTable) -> Text:
    configuration = team.configuration
    args: dict[str, str | int | float | bool | None] = {
        "team": configuration.name,
        "minutes": round(configuration.expected_s / 60, 1),
    }
    used = [tables.devices.get(means.split("/", 1)[0]) for means in configuration.means]
    dead = [device for device in used if device is not None and is_without_data(tables, device)]
    if dead and len(dead) == len(used):
        return Text(id="alarm.silence_cause", args={**args, "device": dead[0].configuration.name})
    if team.last_heard_ns is None:
        return Text(id="alarm.silence_never", args=args)
    return Text(id="alarm.silence", args=args)


def is_without_data(tables: Tables, device: DeviceTable) -> bool:
    """Whether a device in service has said nothing understood for too long.  A closed wire is no data at once."""
    if device.state == "disabled":
        return False
    last_ns = device.last_understood_ns
    silent_ns = tables.at_ns - max(last_ns if last_ns is not None else 0, tables.started_ns)
    if device.state == "down" and device.attempts > 0:
        return silent_ns > 5 * NS_PER_S
    return silent_ns > device.configuration.silent_after_s * NS_PER_S


def judge_device(tables: Tables, device: DeviceTable) -> None:
    """Alarm when a device in service gives no data, with the wire's own reason where there is one."""
    configuration = device.configuration
    if not is_without_data(tables, device):
        set_alarm(tables, "nodata", configuration.id, "amber", None)
        return
    if device.state in {"down", "connecting"} and device.reason is not None:
        text = Text(
            id="alarm.wire_down",
            args={"device": configuration.name, "reason": f"@{device.reason.id}", **device.reason.args},
        )
    elif device.last_octets_ns is not None and device.last_octets_ns > (device.last_understood_ns or 0):
        text = Text(id="alarm.not_understood", args={"device": configuration.name})
    else:
        seconds = round(configuration.silent_after_s)
        text = Text(id="alarm.nodata", args={"device": configuration.name, "seconds": seconds})
    set_alarm(tables, "nodata", configuration.id, "amber", text)
