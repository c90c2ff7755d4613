"""From the table of the change of bearers to what the picture says of it."""

from __future__ import annotations

from collections.abc import Sequence

from console.bearer_tables import BearerTable
from console.pace_facts import Pace, Quiet
from console.rules import pace, shortfall
from console.tables import Tables
from devices.driver import NS_PER_S


def pace_facts_of(tables: Tables) -> Pace:
    """Where we are, for the picture."""
    row = tables.pace
    now = tables.bearers.get(row.carrier_id or "")
    quiet = _quiet(tables, now)
    return Pace(
        carrier_id=row.carrier_id,
        since_ns=row.since_ns,
        way=row.way,
        by=row.by,
        reason=row.reason,
        number=row.number,
        held_by=row.held_by,
        held_ns=row.held_ns,
        proposed_id=row.proposed_id,
        proposed_ns=row.proposed_ns,
        proposed_reason=row.proposed_reason,
        is_on_reserve=row.reserve_ns is not None,
        reserve_ns=row.reserve_ns,
        acknowledged_by=row.acknowledged_by,
        returns_to_id=_returns_to(tables, now, quiet),
        quiet_s=tables.configuration.switching.quiet_s,
        quiet=quiet,
        execution=row.execution,
        execution_ns=row.execution_ns,
        execution_reason=row.execution_reason,
        told=tuple(row.told),
    )


def _quiet(tables: Tables, now: BearerTable | None) -> tuple[Quiet, ...]:
    if now is None:
        return ()
    row, quiet_ns = tables.pace, round(tables.configuration.switching.quiet_s * NS_PER_S)
    is_bound = row.held_by is not None
    ids = [one.configuration.id for one in pace.above(tables, now) if not shortfall.is_thin(one, tables.at_ns)]
    return tuple(
        Quiet(bearer_id=one, since_ns=since_ns, returns_ns=None if is_bound else since_ns + quiet_ns)
        for one in ids
        if (since_ns := row.good_since.get(one)) is not None
    )


def _returns_to(tables: Tables, now: BearerTable | None, quiet: Sequence[Quiet]) -> str | None:
    """The automatic bearer above that is nearest to taking over; where none is quiet, the highest."""
    if now is None or tables.pace.held_by is not None:
        return None
    automatic = tables.configuration.switching.automatic
    above = [one for one in pace.above(tables, now) if not shortfall.is_unproved(one)]
    ids = [one.configuration.id for one in above if one.configuration.rung in automatic]
    first = min((one for one in quiet if one.bearer_id in ids), key=lambda one: one.since_ns, default=None)
    return first.bearer_id if first is not None else next(iter(ids), None)
