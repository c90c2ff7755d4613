"""What one observation changes in the tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import assert_never

from console import outbox
from console.picture import CardFact, Fact, Heard, Text, Value
from console.rules import alarms, answering, bearers, causes, passages
from console.rules.teams import Identity
from console.rules.tracks import FUTURE_NS, fix_of, hear, place_device, place_stranger, place_team
from console.tables import DeviceTable, Tables
from console.team_tables import TeamTable
from devices.driver import NS_PER_S
from devices.observations import (
    Call,
    Card,
    ClockReading,
    Condition,
    DeliveryReport,
    Emergency,
    Malformed,
    Observation,
    Position,
    Power,
    Presence,
    Reachability,
    Signal,
    Sky,
    Subordinates,
    TextMessage,
    Traffic,
    Unrecognised,
)

FACTS = 120
"""What a device told of itself."""
SUBJECT_FACTS = 240
"""What it told of others; they never take the room of its own facts."""
HEARD = 500
CLOCK_DOUBT_NS = 24 * 3600 * NS_PER_S
"""A source more than a day away from the console's clock is doubted, whoever is right."""

_OWN_EMERGENCY = re.compile(r"@[a-z0-9]+\.emergency\.[a-z0-9-]+")
"""How drivers mark a word of their own for a call for help; whatever else a device says is shown as it came."""

_HEARD_KINDS: Mapping[type, str] = {
    Position: "position",
    TextMessage: "text",
    Presence: "presence",
    Emergency: "emergency",
    Power: "power",
    Call: "call",
}

TeamByMeans = Mapping[Identity, tuple[str, str]]
BearersByDevice = Mapping[str, list[str]]


def take(
    tables: Tables, device: DeviceTable, seen: Observation, team_by_means: TeamByMeans, bearers_of: BearersByDevice
) -> None:
    """Take one observation in, at the tables' moment."""
    if isinstance(seen, Malformed):
        device.malformed += 1
        return
    if isinstance(seen, Unrecognised):
        device.unrecognised += 1
        device.last_understood_ns = tables.at_ns
        return
    device.understood += 1
    device.last_understood_ns = tables.at_ns
    if isinstance(seen, Position):
        _position(tables, device, seen, team_by_means)
    else:
        _other(tables, device, seen, team_by_means)
    for bearer_id in bearers_of.get(device.configuration.id, ()):
        bearers.take(tables, tables.bearers[bearer_id], device, seen)


def _team_of(tables: Tables, device: DeviceTable, subject: str | None, team_by_means: TeamByMeans) -> TeamTable | None:
    found = _behind(tables, device, subject, team_by_means)
    return found[0] if found is not None else None


def _behind(
    tables: Tables, device: DeviceTable, subject: str | None, team_by_means: TeamByMeans
) -> tuple[TeamTable, str] | None:
    """The team, and by which of its means."""
    key = subject.lstrip("0") if subject is not None else None
    found = team_by_means.get((device.configuration.id, key))
    return (tables.teams[found[0]], found[1]) if found is not None else None


def _position(tables: Tables, device: DeviceTable, seen: Position, team_by_means: TeamByMeans) -> None:
    at_ns = tables.at_ns
    is_own = seen.subject is None or (device.card is not None and seen.subject == device.card.card_id)
    if is_own:
        place_device(device, seen, at_ns)
    _remember(tables, device, seen)
    found, fix = _behind(tables, device, seen.subject, team_by_means), fix_of(seen, device.configuration.id, at_ns)
    is_this_vehicle = is_own and device.configuration.is_own
    if is_this_vehicle:
        passages.move_own(tables, seen, at_ns)
    if found is not None:
        team, means = found
        if not seen.is_stored:
            hear(team, at_ns, device.configuration.id, "position")
        if fix is not None:
            place_team(tables, team, fix, means)
        if not is_this_vehicle:
            passages.move_team(tables, team, seen)
    elif fix is not None and seen.subject is not None:
        place_stranger(device, seen.subject.lstrip("0"), fix)


def _other(
    tables: Tables,
    device: DeviceTable,
    seen: TextMessage
    | DeliveryReport
    | Presence
    | Emergency
    | Call
    | Signal
    | Power
    | Sky
    | ClockReading
    | Card
    | Subordinates
    | Condition
    | Reachability
    | Traffic,
    team_by_means: TeamByMeans,
) -> None:
    match seen:
        case Signal():
            _fact(device, _level(tables, seen))
        case Reachability():
            _reach(tables, device, seen)
            answering.take(tables, device, seen)
        case Traffic():
            pass  # counted for its bearer
        case Sky():
            _sky(tables, device, seen)
        case ClockReading():
            _clock(tables, device, seen)
        case Card() | Subordinates():
            _card(tables, device, seen)
        case Condition():
            causes.note_outage(tables, device, seen)
            answering.take(tables, device, seen)
            _fact(device, _part(tables, seen))
        case DeliveryReport():
            outbox.report(tables, device, seen)
        case TextMessage() | Presence() | Emergency() | Power() | Call():
            _from_team(tables, device, seen, team_by_means)
        case _:
            assert_never(seen)


def _fact(device: DeviceTable, fact: Fact) -> None:
    name = f"{fact.subject or ''}|{fact.key}|{fact.index if fact.index is not None else ''}"
    room = SUBJECT_FACTS if fact.subject is not None else SUBJECT_FACTS + FACTS
    if name in device.facts or len(device.facts) < room:
        device.facts[name] = fact


def _told(tables: Tables, subject: str | None, key: str, value: Value, unit: str | None = None) -> Fact:
    return Fact(key=key, value=value, unit=unit, index=None, at_ns=tables.at_ns, subject=subject)


def _level(tables: Tables, seen: Signal) -> Fact:
    return Fact(
        key=seen.quantity,
        value=seen.value,
        unit=seen.unit,
        index=seen.index,
        at_ns=tables.at_ns,
        subject=seen.subject,
    )


def _part(tables: Tables, seen: Condition) -> Fact:
    return Fact(
        key=f"condition.{seen.part}",
        value=seen.value,
        unit=None,
        index=None,
        at_ns=tables.at_ns,
        subject=seen.subject,
        is_good=seen.is_good,
    )


def _remember(
    tables: Tables, device: DeviceTable, seen: Position | TextMessage | Presence | Emergency | Power | Call
) -> None:
    """Keep who was told of, the latest last; the longest untold of makes room."""
    subject = seen.sender if isinstance(seen, TextMessage) else seen.subject
    if subject is None or (device.card is not None and subject == device.card.card_id):
        return
    was = device.heard.pop(subject, None) or Heard(subject=subject)
    is_stored = not isinstance(seen, Call) and seen.is_stored
    state, state_ns = was.state, was.state_ns
    if isinstance(seen, Presence):
        state, state_ns = seen.state, tables.at_ns
    is_alive = not is_stored and (not isinstance(seen, Presence) or seen.state == "online")
    device.heard[subject] = Heard(
        subject=subject,
        name=(seen.callsign if isinstance(seen, Position) else None) or was.name,
        at_ns=tables.at_ns if is_alive else was.at_ns,
        kind=_HEARD_KINDS[type(seen)] if is_alive else was.kind,
        state=state,
        state_ns=state_ns,
    )
    if len(device.heard) > HEARD:
        del device.heard[next(iter(device.heard))]


def _reach(tables: Tables, device: DeviceTable, seen: Reachability) -> None:
    if seen.is_answered:
        _fact(device, _told(tables, None, "round_trip", seen.round_trip_ms, "ms"))
    elif seen.is_answered is None:
        _fact(device, _told(tables, None, "cannot_probe", seen.reason))


def _sky(tables: Tables, device: DeviceTable, seen: Sky) -> None:
    heard = [s.cn0_dbhz for s in seen.satellites if s.cn0_dbhz is not None]
    _fact(device, _told(tables, seen.subject, f"sky.{seen.system}", len(seen.satellites)))
    _fact(device, _told(tables, seen.subject, f"cn0.{seen.system}", max(heard, default=None), "dBHz"))


def _clock(tables: Tables, device: DeviceTable, seen: ClockReading) -> None:
    """A source told the time: only the displayed offset changes, and a doubtful one is said to be so."""
    if seen.is_locked is False or seen.subject is not None:
        return
    offset_ns = seen.source_time_ns - tables.at_ns
    if tables.clock_device not in (None, device.configuration.id) and not device.configuration.is_own:
        return
    tables.clock_offset_ns = offset_ns
    tables.clock_device = device.configuration.id
    tables.clock_judged_ns = tables.at_ns
    is_far = alarms.is_over(tables, "clock", "console", abs(offset_ns) / NS_PER_S, FUTURE_NS / NS_PER_S)
    text = None
    if is_far:
        source = "alarm.clock_source" if abs(offset_ns) > CLOCK_DOUBT_NS else "alarm.clock_off"
        text = Text(id=source, args={"device": device.configuration.name, "seconds": round(offset_ns / NS_PER_S)})
    alarms.set_alarm(tables, "clock", "console", text)


def _card(tables: Tables, device: DeviceTable, seen: Card | Subordinates) -> None:
    if isinstance(seen, Subordinates):
        merged = dict.fromkeys((*device.subordinates, *seen.cards))
        device.subordinates = tuple(merged)[-500:]
        return
    was = device.card
    device.card = CardFact(
        card_id=seen.card_id,
        generation=seen.generation,
        level=seen.level,
        interval_s=seen.interval_s,
        capacity_bits=seen.capacity_bits,
        subordinate_count=seen.subordinate_count,
        at_ns=tables.at_ns,
    )
    if was is None or was.card_id != seen.card_id:
        text_id = "notice.card" if seen.card_id is not None else "notice.no_card"
        args = {"device": device.configuration.name, "card": seen.card_id}
        tables.note("device", device.configuration.id, text_id, args)


def _from_team(
    tables: Tables,
    device: DeviceTable,
    seen: TextMessage | Presence | Emergency | Power | Call,
    team_by_means: TeamByMeans,
) -> None:
    subject = seen.sender if isinstance(seen, TextMessage) else seen.subject
    team = _team_of(tables, device, subject, team_by_means)
    device_id, at_ns = device.configuration.id, tables.at_ns
    _remember(tables, device, seen)
    match seen:
        case TextMessage():
            if team is not None and not seen.is_stored:
                hear(team, at_ns, device_id, "text")
            outbox.take_in(tables, device_id, seen, team.configuration.name if team is not None else None)
        case Presence():
            if team is not None and seen.state == "online" and not seen.is_stored:
                hear(team, at_ns, device_id, "presence")
        case Emergency():
            if team is not None and not seen.is_stored:
                hear(team, at_ns, device_id, "emergency")
            name = team.configuration.name if team is not None else seen.subject or device.configuration.name
            text = Text(id="alarm.emergency", args={"who": name, **_called_for(seen.kind)})
            alarms.raise_event(tables, "emergency", team.configuration.id if team else device_id, text)
        case Call():
            _call(tables, device, seen, team)
        case Power():
            _power(tables, device, seen, team)
        case _:
            assert_never(seen)


def _called_for(kind: str) -> dict[str, Value]:
    """What a call for help was called: a word of our drivers, or the wire's own, which is never taken for one."""
    return {"@kind": kind[1:]} if _OWN_EMERGENCY.fullmatch(kind) else {"kind": kind}


def _call(tables: Tables, device: DeviceTable, seen: Call, team: TeamTable | None) -> None:
    if team is not None:
        hear(team, tables.at_ns, device.configuration.id, "call")
    name = team.configuration.name if team is not None else seen.subject or device.configuration.name
    if seen.state == "started":
        args = {"who": name, "group": seen.group or "?"}
        tables.note("call", team.configuration.id if team else device.configuration.id, "notice.call", args)
    if seen.is_emergency and seen.state == "started":
        text = Text(id="alarm.emergency", args={"who": name, "@kind": "call.emergency"})
        alarms.raise_event(tables, "emergency", team.configuration.id if team else device.configuration.id, text)


def _power(tables: Tables, device: DeviceTable, seen: Power, team: TeamTable | None) -> None:
    if seen.is_stored:
        return  # nobody says when it was so: it must not look like now
    if team is not None:
        hear(team, tables.at_ns, device.configuration.id, "power")
        if seen.charge_percent is not None:
            team.charge_percent = seen.charge_percent
            team.charge_ns = tables.at_ns
    for key, value, unit in (
        ("power.source", seen.source, None),
        ("power.charge", seen.charge_percent, "%"),
        ("power.voltage", seen.voltage_v, "V"),
        ("power.watts", seen.power_w, "W"),
        ("power.runtime", seen.runtime_s, "s"),
    ):
        if value is not None:
            _fact(device, _told(tables, seen.subject, key, value, unit))
