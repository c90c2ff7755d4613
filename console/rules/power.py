"""What feeds whom, and how long it lasts."""

from __future__ import annotations

from console.power_facts import Load, Power, Supply
from console.power_tables import LoadTable, SupplyTable
from console.rules import alarms
from console.tables import Tables


def configure(tables: Tables) -> None:
    """Take over the configured supplies and loads; what is still configured keeps its facts."""
    known, tables.supplies = tables.supplies, {}
    for wanted in tables.configuration.supplies:
        supply = known.pop(wanted.id, None) or SupplyTable(configuration=wanted, since_ns=tables.at_ns)
        supply.configuration = wanted
        tables.supplies[wanted.id] = supply
    for supply_id in known:
        alarms.forget_subject(tables, supply_id)
    loads, tables.loads = tables.loads, {}
    for one in tables.configuration.loads:
        load = loads.get(one.id) or LoadTable(configuration=one)
        load.configuration = one
        tables.loads[one.id] = load


def power_of(tables: Tables) -> Power:
    """Power as the picture has it."""
    return Power(
        supplies=tuple(_shown(supply) for supply in tables.supplies.values()),
        loads=tuple(_load(load) for load in tables.loads.values()),
    )


def _shown(supply: SupplyTable) -> Supply:
    configuration = supply.configuration
    return Supply(
        id=configuration.id,
        name=configuration.name,
        kind=configuration.kind,
        state=supply.state,
        since_ns=supply.since_ns,
        device_id=configuration.device_id,
        team_id=configuration.team_id,
        feeds=configuration.feeds,
        told_by=supply.told_by,
    )


def _load(load: LoadTable) -> Load:
    configuration = load.configuration
    return Load(
        id=configuration.id,
        name=configuration.name,
        supply_id=configuration.supply_id,
        power_w=configuration.power_w,
        power_ns=None,
        is_on=load.is_on,
        can_be_shed=configuration.can_be_shed,
        shed_order=configuration.shed_order,
        told_ns=load.told_ns,
        told_by=load.told_by,
    )
