"""Which bearer carries the rear's traffic: primary, alternate, contingency, emergency, in this order.

Left at once when down; when nothing is known of it, or it stays weak, after a while.  Between rungs that are configured
as automatic the change is made; another is proposed and taken by a person, and so is leaving one that was measured
too thin (``console.rules.shortfall``).  A higher rung is returned to only after it
was good without a break for a quiet time: one that flaps never takes the traffic back.  A person may take any bearer
and may hold the one that carries.  Every change is a line of the log; while a lower rung than the first carries we are
on reserve, and that is said until somebody has seen it.

**Source:** PACE planning (primary, alternate, contingency, emergency) asks for agreed triggers and for telling the far
end; silent fail-over that hides a broken primary is a known fault of navigation consoles (OpenCPN issue 4651, Signal K
issue 1182); different bounds for failing and for recovering follow OpenWrt's mwan3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.bearer_tables import BearerTable
from console.effects import Effect
from console.pace_facts import Told
from console.pace_tables import PaceTable
from console.rules import alarms, explaining, shortfall, way_out
from console.rules.detector import loss_percent
from console.switch_orders import AcknowledgeReserve, HoldBearer, ReleaseBearer, SwitchOrder, TakeBearer, TellSwitch
from console.tables import Tables
from console.words import Text, Value
from devices.driver import NS_PER_S

RUNGS = ("primary", "alternate", "contingency", "emergency")
SETTLED_NS = 30 * NS_PER_S
"""So long must another bearer have been good to be worth leaving a weak one for."""

MISSED_NS = 10 * NS_PER_S
"""So long a lost probe keeps a bearer from being taken; in this time it answers, is down or its cause is known."""

TOLD = 50
_USABLE = frozenset({"up", "degraded"})
_ALARM = "switch_proposed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The bearer that should carry instead, and why.  ``must_ask``: whatever its rung, a person decides."""

    bearer: BearerTable
    reason: Text
    must_ask: bool = False


def order_of(tables: Tables) -> list[BearerTable]:
    """All bearers, the highest rung first; within a rung as configured."""
    return sorted(tables.bearers.values(), key=lambda bearer: RUNGS.index(bearer.configuration.rung))


def carrier(tables: Tables) -> BearerTable | None:
    """The bearer that carries the rear's traffic now; ``None``: none that could be used."""
    bearer = tables.bearers.get(tables.pace.carrier_id or "")
    return bearer if bearer is not None and bearer.state in _USABLE else None


def configure(tables: Tables, *, is_restart: bool) -> None:
    """A run begins, or the configuration changed: what is no longer there carries nothing."""
    pace = tables.pace
    pace.good_since = {} if is_restart else {key: ns for key, ns in pace.good_since.items() if key in tables.bearers}
    if pace.carrier_id not in tables.bearers:
        tables.pace = PaceTable(number=pace.number)
        _withdraw(tables)
        return
    if pace.proposed_id is not None and pace.proposed_id not in tables.bearers:
        _withdraw(tables)
    does_execute = way_out.is_followed(tables, pace.carrier_id)
    if does_execute and is_restart:
        pace.must_repeat = True
        if pace.execution == "asked":
            pace.execution, pace.execution_reason = "unknown", None
    elif not does_execute:
        pace.execution, pace.execution_reason = "none", None
        way_out.clear(tables)


# ---- judging


def judge(tables: Tables) -> list[Effect]:
    """Change, propose or withdraw, by what is known now.  At ticks and whenever a bearer may have changed."""
    if not tables.bearers:
        return []
    _watch(tables)
    pace = tables.pace
    effects = _repeat(tables)
    wanted = _wanted(tables)
    if wanted is None:
        _withdraw(tables)
    elif pace.held_by is None and not wanted.must_ask and _is_automatic(tables, wanted.bearer):
        effects += _change(tables, wanted.bearer, wanted.reason)
    else:
        _propose(tables, wanted)
    return effects


def _watch(tables: Tables) -> None:
    """Since when each bearer is good enough to return to."""
    good_since = tables.pace.good_since
    for bearer_id, bearer in tables.bearers.items():
        if is_good(tables, bearer):
            good_since.setdefault(bearer_id, tables.at_ns)
        else:
            good_since.pop(bearer_id, None)


def is_good(tables: Tables, bearer: BearerTable) -> bool:
    """Good enough to return to: up, not coming and going, and losing no more than is configured."""
    if bearer.state != "up" or bearer.is_unstable:
        return False
    loss = loss_percent(bearer.detector)
    return loss is None or loss <= tables.configuration.switching.return_loss_percent


def _good_for_ns(tables: Tables, bearer: BearerTable) -> int:
    since_ns = tables.pace.good_since.get(bearer.configuration.id)
    return -1 if since_ns is None else tables.at_ns - since_ns


def _wanted(tables: Tables) -> Wanted | None:
    """What should carry instead of what does; ``None``: it is right as it is."""
    now = tables.bearers.get(tables.pace.carrier_id or "")
    if now is None:
        return _first(tables)
    others = [bearer for bearer in order_of(tables) if bearer is not now]
    why = _left_for(tables, now)
    if why in {"down", "unknown"}:
        usable = _usable(tables, others)
        return None if usable is None else Wanted(usable, _why_left(tables, why, usable))
    if why == "weak" and tables.pace.held_by is None:
        better = next((one for one in others if _is_better(tables, one)), None)
        if better is not None:
            return Wanted(better, _why_left(tables, why, better))
    thicker = _thicker(tables, now, others)
    if thicker is not None:
        return Wanted(thicker, shortfall.reason(now), must_ask=True)
    return _return(tables, now)


def _usable(tables: Tables, others: Sequence[BearerTable]) -> BearerTable | None:
    """The first that can be used; ``None`` as long as one before it does not answer and may be cut by the same.

    Bearers are judged at different paces: behind one dead switch each would be taken in its turn.  What is proposed
    already is not taken back for a probe that was lost.
    """
    failed = explaining.failed_ids(tables)
    for bearer in others:
        if bearer.state not in _USABLE:
            continue
        if not _is_missed(tables, bearer) or bearer.configuration.id == tables.pace.proposed_id:
            return bearer
        if explaining.cause_of(tables, (bearer.configuration.id,), failed) not in failed:
            return None
    return None


def _thicker(tables: Tables, now: BearerTable, others: Sequence[BearerTable]) -> BearerTable | None:
    """What carries more than a bearer that was measured too thin; ``None``: nothing does, it is not thin, or held."""
    if tables.pace.held_by is not None or not shortfall.is_thin(now, tables.at_ns):
        return None
    settled = (one for one in others if _good_for_ns(tables, one) >= SETTLED_NS)
    return next((one for one in settled if shortfall.is_worth(one, now, tables.at_ns)), None)


def _is_missed(tables: Tables, bearer: BearerTable) -> bool:
    """Whether its latest probe was lost just now.  Where each costs, or none can be made now, that says nothing."""
    asked_ns = bearer.detector.last_attempt_ns
    is_asked = bearer.configuration.cost == "free" and asked_ns is not None and tables.at_ns - asked_ns <= MISSED_NS
    return is_asked and bearer.detector.misses > 0


def _first(tables: Tables) -> Wanted | None:
    """None carries yet.  Bearers become known one after another: a lower one waits for those above to be judged."""
    is_settled = tables.at_ns - tables.started_ns >= _unknown_ns(tables)
    for bearer in order_of(tables):
        if bearer.state in _USABLE:
            return Wanted(bearer, Text(id="switch.reason.first"))
        if bearer.state == "unknown" and not is_settled:
            return None
    return None


def _left_for(tables: Tables, now: BearerTable) -> str | None:
    """Why the carrying bearer should be left, ``None``: it should not."""
    weak_ns = round(tables.configuration.switching.weak_s * NS_PER_S)
    for_ns = tables.at_ns - max(now.since_ns, tables.started_ns)
    if now.state == "down":
        return "down"
    if now.state == "unknown":
        return "unknown" if for_ns >= _unknown_ns(tables) else None
    return "weak" if now.state == "degraded" and weak_ns and for_ns >= weak_ns else None


def _unknown_ns(tables: Tables) -> int:
    return round(tables.configuration.switching.unknown_s * NS_PER_S)


def _is_better(tables: Tables, bearer: BearerTable) -> bool:
    """Worth leaving a weak one for without asking."""
    is_settled = _good_for_ns(tables, bearer) >= SETTLED_NS
    return is_settled and _is_automatic(tables, bearer) and not shortfall.is_thin(bearer, tables.at_ns)


def _is_automatic(tables: Tables, bearer: BearerTable) -> bool:
    return bearer.configuration.rung in tables.configuration.switching.automatic


def _return(tables: Tables, now: BearerTable) -> Wanted | None:
    """A higher rung that was good for the whole quiet time; never while a person holds what carries."""
    quiet_s = tables.configuration.switching.quiet_s
    if tables.pace.held_by is not None:
        return None
    minutes = round(quiet_s / 60, 1)
    quiet = [one for one in above(tables, now) if _good_for_ns(tables, one) >= quiet_s * NS_PER_S]
    for bearer in quiet:
        if not shortfall.is_unproved(bearer):
            return Wanted(bearer, Text(id="switch.reason.return", args={"minutes": minutes}))
    unproved = next((one for one in quiet if not shortfall.is_thin(one, tables.at_ns)), None)
    if unproved is None:
        return None
    return Wanted(unproved, shortfall.reason_to_ask(unproved, minutes), must_ask=True)


def above(tables: Tables, now: BearerTable) -> list[BearerTable]:
    """The bearers of a higher rung than this one, the highest first."""
    rank = RUNGS.index(now.configuration.rung)
    return [one for one in order_of(tables) if RUNGS.index(one.configuration.rung) < rank]


def _why_left(tables: Tables, why: str, instead: BearerTable) -> Text:
    """Names the carrying bearer, and all before the new one that fail like it: what is missing, in one line."""
    order = order_of(tables)
    now = tables.bearers[tables.pace.carrier_id or ""]
    failing = [one for one in order[: order.index(instead)] if one is now or one.state == now.state]
    names = " / ".join(one.configuration.name for one in (failing if now in failing else [*failing, now]))
    return Text(id=f"switch.reason.{why}", args={"from": names})


# ---- changing and proposing


def _change(tables: Tables, bearer: BearerTable, reason: Text) -> list[Effect]:
    said = {"bearer": bearer.configuration.name, "@reason": reason.id, **reason.args}
    text_id = "switch.began" if tables.pace.carrier_id is None else "switch.automatic"
    tables.note("bearer", bearer.configuration.id, text_id, said)
    return _carry(tables, bearer, reason=reason)


def _carry(tables: Tables, bearer: BearerTable, *, reason: Text | None, by: str = "") -> list[Effect]:
    """From now on this one carries; ``by`` is empty where nobody was asked."""
    pace, bearer_id = tables.pace, bearer.configuration.id
    previous_id = pace.carrier_id
    _withdraw(tables)
    pace.carrier_id, pace.since_ns, pace.reason = bearer_id, tables.at_ns, reason
    pace.way, pace.by = ("operator" if by else "start" if previous_id is None else "automatic"), by
    pace.number += 1
    pace.told = []
    pace.is_telling_due = bool(tables.configuration.switching.tell_rear)
    if not is_reserve(tables, bearer):
        pace.reserve_ns = pace.acknowledged_by = None
    else:
        pace.reserve_ns = tables.at_ns if pace.reserve_ns is None else pace.reserve_ns
        pace.acknowledged_by = by or None
    return way_out.change(tables, bearer_id, previous_id)


def is_reserve(tables: Tables, bearer: BearerTable) -> bool:
    """Whether this is a lower rung than the first that is configured."""
    return RUNGS.index(bearer.configuration.rung) > RUNGS.index(order_of(tables)[0].configuration.rung)


def _propose(tables: Tables, wanted: Wanted) -> None:
    pace, configuration = tables.pace, wanted.bearer.configuration
    said: dict[str, Value] = {"bearer": configuration.name, "@reason": wanted.reason.id, **wanted.reason.args}
    if pace.proposed_id != configuration.id:
        if pace.proposed_id is not None:  # nobody can take it any more: the new one asks instead
            alarms.absorb(tables, f"{_ALARM}:{pace.proposed_id}")
        pace.proposed_id, pace.proposed_ns = configuration.id, tables.at_ns
    pace.proposed_reason = wanted.reason
    alarms.raise_alarm(tables, _ALARM, configuration.id, Text(id="alarm.switch_proposed", args=said))


def _withdraw(tables: Tables) -> None:
    pace = tables.pace
    if pace.proposed_id is not None:
        alarms.clear_alarm(tables, _ALARM, pace.proposed_id)
    pace.proposed_id = pace.proposed_ns = pace.proposed_reason = None


# ---- the route outside


def _repeat(tables: Tables) -> list[Effect]:
    """The computer's route may be another's, or gone with a restart: set it again once the bearer can be used."""
    pace = tables.pace
    now = carrier(tables)
    if not pace.must_repeat or now is None:
        return []
    return way_out.change(tables, now.configuration.id, pace.carrier_id)


# ---- what a person asks


def obey(tables: Tables, order: SwitchOrder) -> Sequence[Effect]:
    """Do what was ordered; what is not there changes nothing."""
    match order:
        case TakeBearer():
            return _take(tables, order)
        case HoldBearer():
            _hold(tables, order.by)
        case ReleaseBearer():
            _release(tables, order.by)
        case AcknowledgeReserve():
            _acknowledge(tables, order.by)
        case TellSwitch():
            told(tables, Told(name=order.who, at_ns=tables.at_ns))
            tables.note("operator", tables.pace.carrier_id or "console", "switch.told", {"who": order.who})
    return []


def _take(tables: Tables, order: TakeBearer) -> Sequence[Effect]:
    bearer, pace = tables.bearers.get(order.bearer_id), tables.pace
    if bearer is None:
        return []
    is_proposed = order.bearer_id in {pace.proposed_id, pace.carrier_id}
    said: dict[str, Value] = {"bearer": bearer.configuration.name, "by": order.by or "?"}
    tables.note("operator", order.bearer_id, "switch.taken" if is_proposed else "switch.taken_held", said)
    # Who takes a bearer has seen what was proposed: there is nothing left to acknowledge.
    alarms.acknowledge(tables, f"{_ALARM}:{pace.proposed_id}")
    if not is_proposed:
        pace.held_by, pace.held_ns = order.by or "?", tables.at_ns
    elif order.bearer_id != pace.carrier_id:
        pace.held_by = pace.held_ns = None
    return _carry(tables, bearer, reason=pace.proposed_reason if is_proposed else None, by=order.by or "?")


def _hold(tables: Tables, by: str) -> None:
    pace = tables.pace
    bearer = tables.bearers.get(pace.carrier_id or "")
    if bearer is None or pace.held_by is not None:
        return
    pace.held_by, pace.held_ns = by or "?", tables.at_ns
    said: dict[str, Value] = {"bearer": bearer.configuration.name, "by": by or "?"}
    tables.note("operator", bearer.configuration.id, "switch.held", said)


def _release(tables: Tables, by: str) -> None:
    pace = tables.pace
    if pace.held_by is None:
        return
    pace.held_by = pace.held_ns = None
    tables.note("operator", pace.carrier_id or "console", "switch.released", {"by": by or "?"})


def _acknowledge(tables: Tables, by: str) -> None:
    pace = tables.pace
    bearer = tables.bearers.get(pace.carrier_id or "")
    if bearer is None or pace.reserve_ns is None or pace.acknowledged_by is not None:
        return
    pace.acknowledged_by = by or "?"
    said: dict[str, Value] = {"bearer": bearer.configuration.name, "by": by or "?"}
    tables.note("operator", bearer.configuration.id, "switch.acknowledged", said)


def told(tables: Tables, one: Told) -> None:
    """Somebody was told of the change that is in force."""
    rows = tables.pace.told
    if all(row.message_id != one.message_id or one.message_id is None for row in rows) and len(rows) < TOLD:
        rows.append(one)
