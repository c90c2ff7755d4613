"""From the engine's tables to the published picture, and the picture's digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from typing import Any, cast

from console.alarm_rules import ALLOWED_PER_10_MIN
from console.bearer_tables import BearerTable
from console.configuration.model import CameraConfiguration
from console.link_assembly import links_of, reason_of
from console.pace_assembly import pace_facts_of
from console.picture import (
    AlarmLoad,
    Bearer,
    Camera,
    CameraPlace,
    ClockHealth,
    Contact,
    Device,
    Disagreement,
    Fix,
    Incident,
    JournalHealth,
    Picture,
    Place,
    RecordingHealth,
    Team,
)
from console.rules import video_use
from console.rules.detector import loss_percent, round_trip_ms
from console.rules.power_picture import power_of
from console.rules.tracks import FUTURE_NS, disagreement
from console.tables import CameraTable, DeviceTable, Tables, place_of
from console.team_tables import FixTable, TeamTable
from devices.driver import NS_PER_S


def picture_of(tables: Tables) -> Picture:
    """The whole picture at the tables' moment."""
    configuration = tables.configuration
    return Picture(
        mode=configuration.mode,
        at_ns=tables.at_ns,
        records=tables.seq,
        incident=Incident(
            name=configuration.incident, post=configuration.post, since_ns=configuration.incident_since_ns
        ),
        devices=tuple(_device(device) for device in tables.devices.values()),
        teams=tuple(_team(team) for team in tables.teams.values()),
        cameras=tuple(_camera(tables, camera) for camera in tables.cameras.values()),
        bearers=_bearers(tables),
        alarms=tuple(alarm.shown(alarm_id) for alarm_id, alarm in tables.alarms.items()),
        messages=tuple(tables.messages.values()),
        notices=tuple(tables.notices),
        contacts=_contacts(tables),
        gaps=tuple(tables.gaps),
        journal=_journal(tables),
        clock=_clock(tables),
        own_device_id=next((d.id for d in configuration.devices if d.is_own), None),
        sound_silenced_until_ns=tables.silenced_until_ns,
        faults=tables.faults,
        recording=_recording(tables),
        roll_call_ns=tables.roll_call_ns,
        marks=tuple(tables.marks.values()),
        alarm_load=_alarm_load(tables),
        pace=pace_facts_of(tables),
        power=power_of(tables),
        roads=tuple(road.shown() for road in tables.roads.values()),
        road_rules=configuration.road_rules,
        reach=tables.reach,
    )


def _journal(tables: Tables) -> JournalHealth:
    return JournalHealth(
        is_recorded=tables.is_recorded,
        since_ns=tables.recorded_since_ns,
        reason=tables.unrecorded_reason,
        lost=tables.records_lost,
    )


def _clock(tables: Tables) -> ClockHealth:
    return ClockHealth(
        offset_ns=tables.clock_offset_ns,
        device_id=tables.clock_device,
        judged_ns=tables.clock_judged_ns,
        is_doubtful=tables.is_clock_doubtful,
    )


def _alarm_load(tables: Tables) -> AlarmLoad:
    since_ns = tables.at_ns - 600 * NS_PER_S
    return AlarmLoad(
        last_10_min=sum(1 for at_ns in tables.raised if at_ns > since_ns),
        last_hour=len(tables.raised),
        allowed=ALLOWED_PER_10_MIN * tables.configuration.alarming.operators,
    )


def _recording(tables: Tables) -> RecordingHealth:
    return replace(
        tables.recording,
        quota_bytes=tables.configuration.recording.quota_bytes,
        floor_bytes=tables.configuration.recording.floor_bytes,
    )


def _contacts(tables: Tables) -> tuple[Contact, ...]:
    """The configured ones first, then every team by every means that can carry text."""
    found = {(contact.device_id, contact.recipient): contact.name for contact in tables.configuration.contacts}
    for team in tables.teams.values():
        for means in team.configuration.means:
            device_id, _, subject = means.partition("/")
            device = tables.devices.get(device_id)
            if subject and device is not None and "text" in device.sends:
                found.setdefault((device_id, subject), team.configuration.name)
    rear = [(contact.device_id, contact.recipient) for contact in tables.configuration.contacts if contact.is_rear]
    return tuple(
        Contact(device_id=key[0], recipient=key[1], name=name, is_rear=key in rear) for key, name in found.items()
    )


def _device(device: DeviceTable) -> Device:
    configuration = device.configuration
    position = device.position
    source_ns = position.source_time_ns if position is not None else None
    is_doubtful = source_ns is not None and source_ns > device.position_ns + FUTURE_NS
    fix_ns = None if source_ns is None else min(source_ns, device.position_ns)
    return Device(
        id=configuration.id,
        name=configuration.name,
        driver=configuration.driver,
        maturity=device.maturity,
        group=device.group,
        wire=configuration.wire,
        state=device.state,
        since_ns=device.since_ns,
        reason=device.reason,
        attempts=device.attempts,
        retry_at_ns=device.retry_at_ns,
        last_octets_ns=device.last_octets_ns,
        last_understood_ns=device.last_understood_ns,
        octets_in=device.octets_in,
        octets_out=device.octets_out,
        understood=device.understood,
        malformed=device.malformed,
        unrecognised=device.unrecognised,
        place=place_of(position, device.position_ns, configuration.id, fix_ns, is_doubtful=is_doubtful),
        card=device.card,
        facts=tuple(device.facts.values()),
        heard=tuple(device.heard.values()),
        subordinates=device.subordinates,
        sends=device.sends,
        next_send_ns=device.next_send_ns,
        verdict=device.verdict,
        silent_after_s=configuration.silent_after_s,
        settings=tuple((key, str(value)) for key, value in sorted(configuration.settings.items())),
    )


def _team(team: TeamTable) -> Team:
    configuration = team.configuration
    apart = disagreement(team) if team.is_disagreeing else None
    return Team(
        id=configuration.id,
        name=configuration.name,
        symbol=configuration.symbol,
        people=configuration.people,
        expected_s=configuration.expected_s,
        means=configuration.means,
        last_heard_ns=team.last_heard_ns,
        last_heard_by=team.last_heard_by,
        last_heard_kind=team.last_heard_kind,
        charge_percent=team.charge_percent,
        charge_ns=team.charge_ns,
        place=_team_place(team),
        trail=tuple(team.trail),
        fixes=tuple(_fix(means, fix) for means, fix in team.fixes.items()),
        disagreement=None if apart is None else Disagreement(first=apart[0], second=apart[1], distance_m=apart[2]),
        kind=configuration.kind,
        task=configuration.task,
        leader=configuration.leader,
        phone=configuration.phone,
        state=team.state,
        state_ns=team.state_ns,
        people_present=team.people_present,
        people_ns=team.people_ns,
        is_guest=team.is_guest,
        alarm_id=team.alarm_id,
        answered_ns=team.answered_ns,
    )


def _fix(means: str, fix: FixTable) -> Fix:
    place = place_of(fix.position, fix.at_ns, fix.device_id, fix.fix_ns, is_doubtful=fix.is_clock_doubtful)
    return Fix(means=means, place=cast("Place", place), is_jump=fix.jump_since_ns is not None)


def _team_place(team: TeamTable) -> Place | None:
    return place_of(
        team.position, team.position_ns, team.position_device, team.fix_ns, is_doubtful=team.is_clock_doubtful
    )


def _camera(tables: Tables, camera: CameraTable) -> Camera:
    configuration = camera.configuration
    bearer = video_use.carrier(tables, camera)
    return Camera(
        id=configuration.id,
        name=configuration.name,
        url=configuration.url,
        state=camera.state,
        since_ns=camera.since_ns,
        is_connected=camera.is_connected,
        last_packet_ns=camera.last_packet_ns,
        reason=camera.reason,
        attempts=camera.attempts,
        retry_at_ns=camera.retry_at_ns,
        width_px=camera.width_px,
        height_px=camera.height_px,
        codec=camera.codec,
        rate_fps=camera.rate_fps,
        rate_bps=camera.rate_bps,
        is_recording=camera.is_recording,
        owner=configuration.owner,
        grade=camera.grade,
        budget_note=camera.budget_note,
        bearer_id=bearer.configuration.id if bearer is not None else None,
        is_on_demand=configuration.is_on_demand,
        still_s=configuration.still_s,
        health=camera.health,
        health_since_ns=camera.health_since_ns,
        place=_camera_place(tables, configuration),
        has_sub=configuration.sub_url is not None,
    )


def _camera_place(tables: Tables, configuration: CameraConfiguration) -> CameraPlace | None:
    if configuration.lat_deg is not None and configuration.lon_deg is not None:
        return CameraPlace(lat_deg=configuration.lat_deg, lon_deg=configuration.lon_deg, source="fixed", datum="wgs84")
    team = tables.teams.get(configuration.team_id or "")
    place = None if team is None else _team_place(team)
    if team is None or place is None:
        return None
    return CameraPlace(
        lat_deg=place.lat_deg,
        lon_deg=place.lon_deg,
        source=team.configuration.id,
        datum=place.datum,
        fix_ns=place.fix_ns,
        at_ns=place.at_ns,
    )


def _bearers(tables: Tables) -> tuple[Bearer, ...]:
    first = video_use.in_use(tables)
    return tuple(_bearer(tables, bearer, is_first=bearer is first) for bearer in tables.bearers.values())


def _bearer(tables: Tables, bearer: BearerTable, *, is_first: bool) -> Bearer:
    configuration = bearer.configuration
    device = tables.devices.get(configuration.device_id or "")
    beams = [fact for fact in device.facts.values() if fact.key == "beam"] if device is not None else []
    is_judged = bearer.state != "unknown"
    level = max(beams, key=lambda fact: fact.value if isinstance(fact.value, int | float) else -1.0, default=None)
    return Bearer(
        id=configuration.id,
        name=configuration.name,
        rung=configuration.rung,
        requires=configuration.requires,
        device_id=configuration.device_id,
        state=bearer.state,
        since_ns=bearer.since_ns,
        reason=reason_of(tables, bearer),
        round_trip_ms=round_trip_ms(bearer.detector) if is_judged else None,
        loss_percent=loss_percent(bearer.detector) if is_judged else None,
        judged_ns=bearer.detector.last_attempt_ns,
        answered_ns=bearer.detector.last_answer_ns,
        receipt_ns=bearer.receipt_ns,
        is_in_use=is_first,
        level=level,
        next_send_ns=device.next_send_ns if device is not None else None,
        capacity_bits=device.card.capacity_bits if device is not None and device.card is not None else None,
        history=tuple(bearer.history),
        video_bps=round(video_use.rate_bps(tables, bearer), 1),
        video_hour_bytes=bearer.video_hour_bytes,
        video_budget_bps=configuration.video_budget_bps,
        video_hour_budget_bytes=configuration.video_hour_bytes,
        video_grade=configuration.video_grade,
        **links_of(tables, bearer),
        is_unstable=bearer.is_unstable,
        profile=configuration.profile,
        cost=configuration.cost,
    )


def plain(picture: Picture) -> dict[str, Any]:
    """The picture as plain JSON values."""
    return asdict(picture)


def canonical(value: dict[str, Any]) -> bytes:
    """Canonical JSON: sorted keys, no blanks, UTF-8, integers and shortest-repr floats.

    Raises:
        ValueError: a float is not a number.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest_of(picture: Picture) -> str:
    """SHA-256 of the picture's canonical JSON, in hex."""
    return hashlib.sha256(canonical(plain(picture))).hexdigest()
