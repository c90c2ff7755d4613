"""How runs begin and what the console itself reports: configuration, wires, cameras, journal, clock.

A restart continues the incident: what was known stays with its true age, and the time in which this console did not
run is a gap.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import msgspec

from console.bearer_tables import BearerTable
from console.configuration.model import Configuration
from console.orders import SetEnabled
from console.picture import Gap, Text, Value, WireState
from console.rules import alarms, detector, pace, power, reach, roads, teams
from console.rules.dependencies import needs_of
from console.tables import CameraTable, DeviceTable, Tables
from devices.driver import NS_PER_S

GAPS = 50


class Description(NamedTuple):
    """What the catalogue says of a driver."""

    group: str
    maturity: str
    sends: tuple[str, ...]
    serves_together: bool = False
    """One driver serves all peers of a wire with many ends."""
    has_slots: bool = False
    """A card grants slots to send in: nothing is sent before it told how often."""


def empty_tables() -> Tables:
    """Tables before the first record."""
    return Tables(configuration=Configuration(mode="live", incident="", post=""))


def begin(tables: Tables, said: dict[str, Any], describe: Any, *, is_restart: bool) -> None:  # noqa: ANN401
    """A run begins with this configuration, or the running one gets it.

    What is still configured keeps its facts; what is not is forgotten with its alarms.
    """
    configuration = msgspec.convert(said["configuration"], Configuration)
    tables.alarm_rules = {rule.id: rule for rule in configuration.alarming.rules}
    tables.needs = needs_of(configuration)
    is_first = tables.started_ns == 0
    if is_restart:
        _begin_run(tables, said, is_first=is_first)
    tables.configuration = configuration
    _devices(tables, describe, is_restart=is_restart)
    teams.configure(tables)
    _cameras(tables, is_restart=is_restart)
    _bearers(tables, is_restart=is_restart)
    power.configure(tables)
    pace.configure(tables, is_restart=is_restart)
    roads.configure(tables)
    reach.judge(tables)
    names = {device.id: device.name for device in configuration.devices}
    names |= {camera.id: camera.name for camera in configuration.cameras}
    added = str(said.get("added") or "")
    if added in names:
        tables.note("operator", added, "notice.added", {"name": names[added], "id": added})
        return
    tables.note(
        "console", "console", "notice.start" if is_first else "notice.restart" if is_restart else "notice.configured"
    )


def _begin_run(tables: Tables, said: dict[str, Any], *, is_first: bool) -> None:
    """The console itself began anew: the time before is a gap, and what it says of itself is judged again."""
    tables.answers = {}
    last_ns = int(said.get("last_ns") or 0)
    if not is_first and last_ns:
        _gap(tables, last_ns, None)
    tables.started_ns = tables.at_ns
    tables.is_running = True
    tables.is_recorded = True
    tables.recorded_since_ns = tables.at_ns
    tables.unrecorded_reason = None
    tables.is_clock_doubtful = bool(said.get("is_clock_doubtful"))
    text = Text(id="alarm.clock_behind") if tables.is_clock_doubtful else None
    alarms.set_alarm(tables, "clock_behind", "console", text)
    broken = said.get("broken_file")
    text = Text(id="alarm.configuration", args={"file": str(broken)}) if broken else None
    alarms.set_alarm(tables, "configuration", "console", text)
    damaged = said.get("damaged")
    if damaged:
        text = Text(id="alarm.journal_damaged", args={"file": str(damaged)})
        alarms.raise_alarm(tables, "journal_damaged", "console", text)


def _gap(tables: Tables, from_ns: int, lost: int | None) -> None:
    tables.gaps.append(Gap(from_ns=from_ns, to_ns=tables.at_ns, lost=lost))
    if len(tables.gaps) > GAPS:
        del tables.gaps[0]


def _devices(tables: Tables, describe: Any, *, is_restart: bool) -> None:  # noqa: ANN401
    at_ns = tables.at_ns
    known, tables.devices = tables.devices, {}
    for wanted in tables.configuration.devices:
        described: Description = describe(wanted.driver)
        device = known.pop(wanted.id, None)
        is_same = device is not None and (device.configuration.driver, device.configuration.wire) == (
            wanted.driver,
            wanted.wire,
        )
        if not is_same:  # the counters of another interface: what they differ by was never used
            for bearer in tables.bearers.values():
                bearer.counters.pop(wanted.id, None)
        if device is None:
            device = DeviceTable(configuration=wanted, state="connecting", since_ns=at_ns)
        device.configuration = wanted
        device.group, device.maturity, device.sends, device.serves_together, device.has_slots = described
        if is_restart or not is_same:
            device.state = "connecting" if wanted.is_enabled else "disabled"
            device.since_ns = at_ns
            device.reason = None
            device.attempts = 0
            device.retry_at_ns = None
            device.test = None
        tables.devices[wanted.id] = device
    for device_id in known:
        alarms.forget_subject(tables, device_id)
        tables.outbox.pop(device_id, None)


def _cameras(tables: Tables, *, is_restart: bool) -> None:
    known, tables.cameras = tables.cameras, {}
    for wanted in tables.configuration.cameras:
        camera = known.pop(wanted.id, None)
        if camera is None:
            camera = CameraTable(
                configuration=wanted, state="connecting", since_ns=tables.at_ns, expected_ns=tables.at_ns
            )
        camera.configuration = wanted
        if is_restart:
            camera.state = "connecting" if wanted.is_enabled else "disabled"
            camera.since_ns = tables.at_ns
            camera.was_live = False
            camera.is_connected = False
            camera.is_recording = False
            camera.reason = None
            camera.attempts = 0
            camera.retry_at_ns = None
            camera.grade = camera.budget_note = None
            camera.health = camera.health_since_ns = None
            camera.expected_ns = tables.at_ns
        tables.cameras[wanted.id] = camera
    for camera_id in known:
        alarms.forget_subject(tables, camera_id)


def _bearers(tables: Tables, *, is_restart: bool) -> None:
    known, tables.bearers = tables.bearers, {}
    for wanted in tables.configuration.bearers:
        bearer = known.pop(wanted.id, None)
        is_known = bearer is not None
        if bearer is None:
            bearer = BearerTable(
                configuration=wanted,
                state="unknown",
                since_ns=tables.at_ns,
                slot_from_ns=tables.at_ns,
                used_from_ns=tables.at_ns,
            )
        bearer.configuration = wanted
        if is_restart:
            detector.forget(bearer.detector)
            bearer.lost_ns = None
            bearer.cannot_probe = {}
            bearer.measuring_ns = None
            bearer.slot = []
            bearer.slot_from_ns = tables.at_ns
            if bearer.state != "unknown":
                bearer.state = "unknown"
                bearer.since_ns = tables.at_ns
            bearer.reason = Text(id="bearer.reason.restart" if is_known else "bearer.reason.no_attempt")
        tables.bearers[wanted.id] = bearer
    for bearer_id in known:
        alarms.forget_subject(tables, bearer_id)


def change_wire(tables: Tables, device: DeviceTable, said: dict[str, Any]) -> None:
    """A wire went up, down or is being opened."""
    state = cast("WireState", said.get("state", "down"))
    reason = said.get("reason")
    if device.state == "disabled":
        return
    if state == "up":
        device.attempts = 0
        device.retry_at_ns = None
        device.reason = None
    elif state == "down":
        device.attempts += 1
        retry_ns = said.get("retry_ns")
        device.retry_at_ns = tables.at_ns + int(retry_ns) if retry_ns is not None else None
        if isinstance(reason, str):
            device.reason = Text(id=f"wire.reason.{reason}", args={"detail": str(said.get("detail") or "")[:200]})
    if state == device.state:
        return
    is_change = state == "up" or (state == "down" and device.attempts == 1)
    if state != "connecting":
        if device.state != state:
            device.since_ns = tables.at_ns if is_change else device.since_ns
        device.state = state
    if is_change:
        args: dict[str, Value] = {"device": device.configuration.name, "reason": ""}
        if device.reason is not None:
            args = {**args, "@reason": device.reason.id, **device.reason.args}
        tables.note("device", device.configuration.id, f"notice.wire_{state}", args)


def set_enabled(tables: Tables, order: SetEnabled) -> None:
    """Take a device or camera out of service by somebody, or back."""
    subject = tables.devices.get(order.subject_id) or tables.cameras.get(order.subject_id)
    if subject is None:
        return
    subject.state = "connecting" if order.is_enabled else "disabled"
    subject.since_ns = tables.at_ns
    if isinstance(subject, CameraTable):
        subject.expected_ns = tables.at_ns
    subject.reason = None if order.is_enabled else Text(id="notice.out_of_service_by", args={"by": order.by or "?"})
    text_id = "notice.in_service" if order.is_enabled else "notice.out_of_service"
    tables.note("operator", order.subject_id, text_id, {"device": subject.configuration.name, "by": order.by or "?"})
    if not order.is_enabled:
        alarms.forget_subject(tables, order.subject_id)


def change_journal(tables: Tables, said: dict[str, Any]) -> None:
    """The journal can or cannot be written."""
    is_recorded = said.get("state") == "recorded"
    tables.is_recorded = is_recorded
    tables.recorded_since_ns = tables.at_ns
    reason = said.get("reason")
    tables.unrecorded_reason = None
    if not is_recorded:
        tables.unrecorded_reason = Text(
            id=f"journal.reason.{reason}", args={"detail": str(said.get("detail") or "")[:200]}
        )
        tables.confirmed_unrecorded = []
    text = None if is_recorded else Text(id="alarm.journal", args={"@reason": f"journal.reason.{reason}"})
    alarms.set_alarm(tables, "journal", "console", text)
    lost = int(said.get("lost") or 0)
    if lost:
        tables.records_lost += lost
        _gap(tables, int(said.get("from_ns") or tables.at_ns), lost)
        tables.note("console", "console", "notice.lost", {"count": lost})


def change_clock(tables: Tables, said: dict[str, Any]) -> None:
    """The computer's clock jumped; console time did not."""
    seconds = round(int(said.get("step_ns", 0)) / NS_PER_S, 1)
    tables.note("console", "console", "notice.clock_jump", {"seconds": seconds})
    text = Text(id="alarm.clock_jump", args={"seconds": seconds})
    alarms.raise_alarm(tables, "clock_jump", "console", text)
    alarms.clear_alarm(tables, "clock_jump", "console")
