"""By which means the rear can be reached: each bearer judged by all that its devices say.

Four states: up, degraded (weak), down, unknown; unstable on top.  What is proved goes before what is said: an answer
from the far end, or anything that can have come by this bearer alone, is life; a lost carrier is a cut at once; a
terminal's word counts where no probe asks, and against a probe only while nothing has come since.  Judged when
something was heard, missed or lost, and at every tick.

**Source:** the arithmetic is ``console.rules.detector``; that any traffic counts as life and that limits belong to
each bearer follows QGroundControl (issue 4667, pull request 6658).
"""

from __future__ import annotations

from statistics import median

from console.bearer_tables import BearerTable, ProbeRow
from console.picture import BearerSample, BearerState, Text
from console.rules import detector, terminals, unreceipted, usage
from console.rules.alarms import set_alarm
from console.tables import DeviceTable, Tables
from devices.driver import NS_PER_S
from devices.observations import (
    Call,
    Condition,
    DeliveryReport,
    Emergency,
    Observation,
    Position,
    Power,
    Presence,
    Reachability,
    TextMessage,
    Traffic,
)

SLOT_NS = 10 * NS_PER_S
HISTORY_SLOTS = 180
LATE = "late"
"""The reason of an answer that came after its time: it proves life, and was counted as lost before."""

_CARRIER_PART = "link"

Judged = tuple[BearerState, Text | None]


def take(tables: Tables, bearer: BearerTable, device: DeviceTable, seen: Observation) -> None:
    """One of this bearer's devices said something: judge at once what may have changed."""
    if isinstance(seen, Reachability):
        _attempt(tables, bearer, device.configuration.id, seen)
    elif isinstance(seen, Traffic):
        has_received = usage.count_traffic(tables, bearer, device.configuration.id, seen)
        if not (has_received and seen.is_exclusive):
            return
        detector.hear(bearer.detector, tables.at_ns)
    elif is_life(seen):
        detector.hear(bearer.detector, tables.at_ns)
    elif not (isinstance(seen, Condition) and seen.part == _CARRIER_PART):
        return
    decide(tables, bearer)


def is_life(seen: Observation) -> bool:
    """Whether this can only have come from beyond the bearer, and now.  What a box says of itself cannot."""
    match seen:
        case DeliveryReport():
            return seen.state == "confirmed"
        case TextMessage():
            return not seen.is_stored
        case Position() | Emergency() | Power():
            return seen.subject is not None and not seen.is_stored
        case Presence():
            return seen.subject is not None and not seen.is_stored and seen.state == "online"
        case Call():
            return seen.subject is not None
        case _:
            return False


def _attempt(tables: Tables, bearer: BearerTable, device_id: str, seen: Reachability) -> None:
    """One finished attempt to reach the rear by this bearer."""
    at_ns, memory = tables.at_ns, bearer.detector
    if seen.is_answered is None:
        bearer.cannot_probe[device_id] = seen.reason or "unknown"
        return
    bearer.cannot_probe.pop(device_id, None)
    if seen.reason == LATE:
        detector.hear(memory, at_ns)
        return
    if device_id != bearer.judge_id and not _takes_over(bearer, device_id, at_ns, is_answered=seen.is_answered):
        if seen.is_answered:
            detector.hear(memory, at_ns)
        return
    bearer.judge_id = device_id
    usage.count_own(bearer, usage.PROBE_BYTES * (2 if seen.is_answered else 1))
    trip_ms = seen.round_trip_ms if seen.is_answered else None
    detector.attempt(memory, at_ns, trip_ms, seen.asked_ns)
    bearer.slot.append(ProbeRow(at_ns, trip_ms))


def _takes_over(bearer: BearerTable, device_id: str, at_ns: int, *, is_answered: bool) -> bool:
    """Figures are those of one probe; another's only after that one's far end has fallen silent and this one answers.

    A far end that is switched off is no weak link.
    """
    if bearer.judge_id is None or bearer.judge_id not in bearer.configuration.device_ids:
        return True
    silent_ns = at_ns - (bearer.detector.last_answer_ns or 0)
    if not is_answered or silent_ns <= bearer.configuration.down_after_s * NS_PER_S:
        return False
    if device_id in bearer.cannot_probe:
        return False
    bearer.detector.attempts = []
    return True


def judge(tables: Tables, bearer: BearerTable) -> None:
    """Judge one bearer at a tick, and close its time slot."""
    detector.trim(bearer.detector, tables.at_ns)
    usage.judge(tables, bearer)
    decide(tables, bearer)
    _close_slot(tables, bearer)


def decide(tables: Tables, bearer: BearerTable) -> None:
    """Judge one bearer by what is known now, and say what changed."""
    raw, reason = _evidence(tables, bearer)
    was_unstable = bearer.is_unstable
    shown = detector.damp(bearer.detector, tables.at_ns, bearer.state, raw)
    if bearer.is_unstable and not was_unstable:
        tables.note("bearer", bearer.configuration.id, "bearer.became.unstable", {"bearer": bearer.configuration.name})
    if shown != raw:
        reason = _held(bearer, tables.at_ns) if shown == "down" else bearer.reason
    _become(tables, bearer, shown, reason)


def _held(bearer: BearerTable, at_ns: int) -> Text:
    waits_s = detector.steady_in_s(bearer.detector, at_ns)
    return Text(id="bearer.reason.unsteady", args={"seconds": round(waits_s or 0.0)})


def _evidence(tables: Tables, bearer: BearerTable) -> Judged:
    found = [tables.devices[one] for one in bearer.configuration.device_ids if one in tables.devices]
    if not found:
        return "unknown", Text(id="bearer.reason.no_device")
    lost = terminals.lost_carrier(tables, found)
    if lost is not None:
        return "down", Text(id=f"bearer.reason.{lost}")
    return unreceipted.weigh(tables, bearer, found, _by_devices(tables, bearer, found))


def _by_devices(tables: Tables, bearer: BearerTable, found: list[DeviceTable]) -> Judged:
    probes = [device for device in found if device.configuration.driver in usage.PROBES]
    others = [device for device in found if device.configuration.driver not in usage.PROBES]
    probed: Judged | None = _by_probes(tables, bearer, probes) if probes else None
    told = _by_terminals(tables, bearer, others)
    if probed is None or (probed[0] == "unknown" and told[0] != "unknown"):
        return told
    if told[0] == "down" and not _is_alive_since(bearer, bearer.lost_ns):
        return told
    return probed


def _is_alive_since(bearer: BearerTable, at_ns: int | None) -> bool:
    life_ns = bearer.detector.last_life_ns
    return at_ns is not None and life_ns is not None and life_ns > at_ns


def _by_probes(tables: Tables, bearer: BearerTable, probes: list[DeviceTable]) -> Judged:
    refused = [bearer.cannot_probe.get(device.configuration.id) for device in probes]
    if refused and all(refused):
        return "unknown", Text(id=f"bearer.reason.{refused[0]}")
    return _by_attempts(tables, bearer)


def _by_attempts(tables: Tables, bearer: BearerTable) -> Judged:
    state, word = detector.judge_attempts(bearer.detector, tables.at_ns, bearer.configuration, tables.started_ns)
    return state, Text(id=f"bearer.reason.{word}") if word else None


def _by_terminals(tables: Tables, bearer: BearerTable, others: list[DeviceTable]) -> Judged:
    """The best that a terminal says; a cut that it says must last ``lost_after_s``, and is weak until then."""
    if not others:
        return "unknown", None
    said = [terminals.state_of(tables, device) for device in others]
    order: tuple[BearerState, ...] = ("up", "degraded", "down", "unknown")
    state, word = min(said, key=lambda one: order.index(one[0]))
    if state != "down":
        bearer.lost_ns = None
    elif bearer.lost_ns is None:
        bearer.lost_ns = tables.at_ns
    # What came by it before its only wire was lost says nothing of now: nothing can be sent.
    is_open = any(one[1] != "wire" for one in said)
    if state in {"down", "unknown"} and is_open and _is_heard(tables, bearer):
        return "up", None
    reason = Text(id=f"bearer.reason.{word}") if word else None
    lost_ns = bearer.configuration.lost_after_s * NS_PER_S
    if state == "down" and word != "no_card" and tables.at_ns - (bearer.lost_ns or 0) < lost_ns:
        return "degraded", reason
    return state, reason


def _is_heard(tables: Tables, bearer: BearerTable) -> bool:
    """Whether something came by it since the terminal lost it, and within the time that would make it down."""
    life_ns = bearer.detector.last_life_ns
    if life_ns is None or life_ns < tables.started_ns or (bearer.lost_ns is not None and life_ns <= bearer.lost_ns):
        return False
    return tables.at_ns - life_ns <= bearer.configuration.down_after_s * NS_PER_S


def _become(tables: Tables, bearer: BearerTable, state: BearerState, reason: Text | None) -> None:
    configuration = bearer.configuration
    bearer.reason = reason
    if state != bearer.state:
        bearer.state = state
        bearer.since_ns = tables.at_ns
        if state != "down":  # down is said by its alarm: one cause, one line
            tables.note("bearer", configuration.id, f"bearer.became.{state}", {"bearer": configuration.name})
    text = Text(id="alarm.bearer", args={"bearer": configuration.name}) if state == "down" else None
    set_alarm(tables, "bearer", configuration.id, text)


def _close_slot(tables: Tables, bearer: BearerTable) -> None:
    if tables.at_ns - bearer.slot_from_ns < SLOT_NS:
        return
    rows = bearer.slot
    answered = sorted(row.round_trip_ms for row in rows if row.round_trip_ms is not None)
    loss: float | None = round(100.0 * (len(rows) - len(answered)) / len(rows), 1) if rows else None
    if loss is None and bearer.state == "down":
        loss = 100.0
    bearer.history.append(
        BearerSample(
            at_ns=tables.at_ns,
            median_ms=round(median(answered), 1) if answered else None,
            low_ms=answered[0] if answered else None,
            high_ms=answered[-1] if answered else None,
            loss_percent=loss,
        )
    )
    if len(bearer.history) > HISTORY_SLOTS:
        del bearer.history[0]
    bearer.slot = []
    bearer.slot_from_ns = tables.at_ns
