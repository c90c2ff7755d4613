"""By which means the rear can be reached: each bearer judged by what its own device says.

Four states: up, degraded, down, unknown.  The number of misses, not the interval of the probes, buys immunity
against loss; a bearer that flaps must stay good longer before it is called up again.

**Source:** own measurements of detectors (a fixed three-miss rule gave 529 false "down" a day at 20 % loss; sixteen
misses gave none); the quality thresholds and hysteresis follow the idea of OpenWrt's mwan3; flap penalty after
RFC 2439.
"""

from __future__ import annotations

from statistics import median

from console.bearer_tables import BearerTable, ProbeRow
from console.picture import BearerSample, BearerState, Fact, Text
from console.rules.alarms import set_alarm
from console.tables import DeviceTable, Tables
from devices.driver import NS_PER_S
from devices.observations import Reachability

SLOT_NS = 10 * NS_PER_S
HISTORY_SLOTS = 180
WINDOW_NS = 10 * NS_PER_S
MISSES_DOWN = 4
GOOD_UP = 3
FLAP_MEMORY_NS = 300 * NS_PER_S
BEAMS_FRESH_NS = 60 * NS_PER_S
USABLE_LEVEL = 3.0
USABLE_DBHZ = 40.0
_REGISTRATION = "condition.registration"
_REACHED = ("condition.lock", "condition.hub", "condition.core")
_UNRECORDED_STATES = frozenset({"disabled", "down", "connecting"})


def attempt(tables: Tables, bearer: BearerTable, seen: Reachability) -> None:
    """One finished attempt to reach the rear by this bearer."""
    at_ns = tables.at_ns
    bearer.last_attempt_ns = at_ns
    if seen.is_answered is None:
        bearer.cannot_probe = seen.reason or "unknown"
        return
    bearer.cannot_probe = None
    row = ProbeRow(at_ns, seen.round_trip_ms if seen.is_answered else None)
    bearer.attempts.append(row)
    bearer.slot.append(row)
    if seen.is_answered:
        bearer.last_answer_ns = at_ns
        bearer.good_run += 1
    else:
        bearer.good_run = 0
    _trim(bearer, at_ns)
    judge_probed(tables, bearer)


def judge(tables: Tables, bearer: BearerTable) -> None:
    """Judge one bearer at a tick, and close its time slot."""
    device = tables.devices.get(bearer.configuration.device_id or "")
    if device is None:
        _become(tables, bearer, "unknown", Text(id="bearer.reason.no_device"))
    elif device.configuration.driver == "probe":
        judge_probed(tables, bearer)
    else:
        _judge_terminal(tables, bearer, device)
    _close_slot(tables, bearer)


def judge_probed(tables: Tables, bearer: BearerTable) -> None:
    """Judge a bearer by its probe's attempts."""
    state, reason = _probed_state(tables, bearer)
    _become(tables, bearer, state, reason)


def _probed_state(tables: Tables, bearer: BearerTable) -> tuple[BearerState, Text | None]:
    at_ns, configuration = tables.at_ns, bearer.configuration
    down_ns = round(configuration.down_after_s * NS_PER_S)
    if bearer.cannot_probe is not None:
        return "unknown", Text(id=f"bearer.reason.{bearer.cannot_probe}")
    last_ns = bearer.last_attempt_ns
    if last_ns is None or at_ns - last_ns > max(3 * down_ns, 15 * NS_PER_S):
        return "unknown", Text(id="bearer.reason.no_attempt")
    _trim(bearer, at_ns)
    silent_ns = at_ns - (bearer.last_answer_ns if bearer.last_answer_ns is not None else tables.started_ns)
    if silent_ns > down_ns and _misses(bearer) >= MISSES_DOWN:
        return "down", Text(id="bearer.reason.no_answer")
    if bearer.state in {"down", "unknown"} and bearer.good_run < _good_needed(bearer, at_ns):
        return bearer.state, bearer.reason
    return _quality(bearer)


def _quality(bearer: BearerTable) -> tuple[BearerState, Text | None]:
    loss, middle_ms = loss_percent(bearer), round_trip_ms(bearer)
    if loss is not None and loss > bearer.configuration.degraded_loss_percent:
        return "degraded", Text(id="bearer.reason.loss")
    if middle_ms is not None and middle_ms > bearer.configuration.degraded_ms:
        return "degraded", Text(id="bearer.reason.slow")
    return "up", None


def _misses(bearer: BearerTable) -> int:
    misses = 0
    for row in reversed(bearer.attempts):
        if row.round_trip_ms is not None:
            break
        misses += 1
    return misses


def _good_needed(bearer: BearerTable, at_ns: int) -> int:
    if at_ns - bearer.flap_ns > FLAP_MEMORY_NS:
        return GOOD_UP
    return GOOD_UP << min(max(bearer.flaps - 1, 0), 4)


def _judge_terminal(tables: Tables, bearer: BearerTable, device: DeviceTable) -> None:
    """A terminal or modem: no probes, they would eat slots and money.  What it says of itself is the evidence."""
    state, reason = _terminal_state(tables, device)
    _become(tables, bearer, state, Text(id=f"bearer.reason.{reason}") if reason else None)


def _terminal_state(tables: Tables, device: DeviceTable) -> tuple[BearerState, str | None]:
    if device.state in _UNRECORDED_STATES:
        return "unknown", "wire"
    if device.card is not None and device.card.card_id is None:
        return "down", "no_card"
    fresh = [
        fact for fact in device.facts.values() if fact.subject is None and tables.at_ns - fact.at_ns < BEAMS_FRESH_NS
    ]
    beams = [fact for fact in fresh if fact.key == "beam"]
    return _by_beams(beams) if beams or device.has_slots else _by_conditions(fresh)


def _by_beams(beams: list[Fact]) -> tuple[BearerState, str | None]:
    usable = sum(1 for fact in beams if _is_usable(fact.value, fact.unit))
    if not beams:
        return "unknown", "no_beams"
    if usable == 0:
        return "down", "no_signal"
    return ("degraded", "few_beams") if usable == 1 else ("up", None)


def _by_conditions(fresh: list[Fact]) -> tuple[BearerState, str | None]:
    """Registered in any domain, locked, hub and core reached.  Answering our questions alone proves nothing."""
    judged = [fact for fact in fresh if fact.is_good is not None]
    registered = [fact.is_good for fact in judged if fact.key.startswith(_REGISTRATION)]
    reached = [fact.is_good for fact in judged if fact.key.startswith(_REACHED)]
    if not registered and not reached:
        return "unknown", "no_registration"
    is_up = (any(registered) or not registered) and all(reached)
    return ("up", None) if is_up else ("down", "not_registered")


def _is_usable(value: object, unit: str | None) -> bool:
    return isinstance(value, int | float) and value >= (USABLE_DBHZ if unit == "dBHz" else USABLE_LEVEL)


def loss_percent(bearer: BearerTable) -> float | None:
    """Share of the last attempts that were lost, 0..100; ``None`` without attempts."""
    rows = bearer.attempts
    if not rows:
        return None
    return round(100.0 * sum(1 for row in rows if row.round_trip_ms is None) / len(rows), 1)


def round_trip_ms(bearer: BearerTable) -> float | None:
    """Median round trip of the last answered attempts; ``None`` without any."""
    answered = [row.round_trip_ms for row in bearer.attempts if row.round_trip_ms is not None]
    return round(median(answered), 1) if answered else None


def _trim(bearer: BearerTable, at_ns: int) -> None:
    rows = bearer.attempts
    while len(rows) > 2 * MISSES_DOWN and at_ns - rows[0].at_ns > WINDOW_NS:
        del rows[0]


def _become(tables: Tables, bearer: BearerTable, state: BearerState, reason: Text | None) -> None:
    configuration = bearer.configuration
    bearer.reason = reason
    if state != bearer.state:
        if state == "down":
            bearer.flaps = bearer.flaps + 1 if tables.at_ns - bearer.flap_ns < FLAP_MEMORY_NS else 1
            bearer.flap_ns = tables.at_ns
        bearer.state = state
        bearer.since_ns = tables.at_ns
        if state != "down":  # down is said by its alarm: one cause, one line
            tables.note("bearer", configuration.id, f"bearer.became.{state}", {"bearer": configuration.name})
    text = Text(id="alarm.bearer", args={"bearer": configuration.name}) if state == "down" else None
    set_alarm(tables, "bearer", configuration.id, "red", text)


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
