"""Until what hour each counterpart can be reached: the means that remain, what feeds each, what fails first.

Everything that something hangs on is configured, never guessed: supplies by their ``feeds``, the rest by
``depends_on``.  A means lasts as long as the first of all it needs; of several supplies of one thing, as long as the
last.  Where nothing is configured to feed a means, its end is unknown and said so: no end is ever made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from console.bearer_tables import BearerTable
from console.configuration.model import ContactConfiguration
from console.power_facts import Power, Supply
from console.reach_facts import CounterpartKind, End, Means, MeansState, Reach
from console.road_facts import standing
from console.rules.causes import is_without_data
from console.rules.dependencies import Needs, above
from console.rules.power_picture import power_of
from console.tables import DeviceTable, Tables
from console.team_tables import TeamTable
from console.words import BearerState, Text, Value
from devices.driver import NS_PER_S

REAR = "rear"
_STATES: Mapping[BearerState, MeansState] = {"up": "up", "degraded": "weak", "down": "down", "unknown": "unknown"}
_ROAD_STATES: Mapping[str, MeansState] = {"open": "up", "difficult": "weak", "closed": "down", "unknown": "unknown"}
_BEST_FIRST: Mapping[MeansState, int] = {"up": 0, "weak": 1, "unknown": 2, "down": 3}
_H_S = 3_600
_USABLE = ("up", "weak")
_UNFED = End(kind="unknown", doubt=Text(id="reach.doubt.unfed"))


class _Hanging(NamedTuple):
    """What a means hangs on, and until when that stands."""

    feeds: tuple[str, ...]
    hangs_on: tuple[str, ...]
    end: End


PERIOD_NS = 5 * NS_PER_S
"""Ends move by seconds and are shown by the minute; for hundreds of teams they cost more than all other rules."""


class _World(NamedTuple):
    """What is looked up again and again at one moment."""

    tables: Tables
    needs: Needs
    supplies: Mapping[str, Supply]
    ends: dict[str, End]
    """Of what was reckoned already, by id."""
    hanging: dict[tuple[str, ...], _Hanging]
    """The same of means, by what they begin with: hundreds of teams are reached by one device."""
    carried: Mapping[str, tuple[str, ...]]
    """Supplies that teams carry, by team."""


def tick(tables: Tables) -> None:
    """Reckon anew where the log has another line, which every change of a state writes, else every few seconds."""
    if tables.notice_count != tables.reach_notices or tables.at_ns - tables.reach_ns >= PERIOD_NS:
        judge(tables)


def judge(tables: Tables) -> None:
    """Reckon anew who can be reached until when."""
    tables.reach = reach_of(tables, power_of(tables))
    tables.reach_ns, tables.reach_notices = tables.at_ns, tables.notice_count


def reach_of(tables: Tables, power: Power) -> tuple[Reach, ...]:
    """The rear first, then the contacts, then the teams, each in the order of the file."""
    supplies = {supply.id: supply for supply in power.supplies}
    carried: dict[str, tuple[str, ...]] = {}
    for supply in power.supplies:
        if supply.team_id is not None:
            carried[supply.team_id] = (*carried.get(supply.team_id, ()), supply.id)
    world = _World(tables, tables.needs, supplies, {}, {}, carried)
    contacts = tables.configuration.contacts
    of_teams = {means for team in tables.teams.values() for means in team.configuration.means}
    rear = [contact for contact in contacts if contact.is_rear]
    found = [_rear(world, rear)] if rear or tables.bearers else []
    names = dict.fromkeys(
        contact.name
        for contact in contacts
        if not contact.is_rear and f"{contact.device_id}/{contact.recipient}" not in of_teams
    )
    found += [_contact(world, name, [one for one in contacts if one.name == name]) for name in names]
    found += [_team(world, team) for team in tables.teams.values()]
    return tuple(found)


# ---- counterparts


def _rear(world: _World, contacts: Sequence[ContactConfiguration]) -> Reach:
    means = [_bearer(world, bearer) for bearer in world.tables.bearers.values()]
    judging = {bearer.configuration.device_id for bearer in world.tables.bearers.values()}
    means += [_by_device(world, contact) for contact in contacts if contact.device_id not in judging]
    means += _courier(world, contacts)
    return _reach(REAR, contacts[0].name if contacts else "", "rear", means)


def _contact(world: _World, name: str, contacts: Sequence[ContactConfiguration]) -> Reach:
    means = [_by_device(world, contact) for contact in contacts]
    return _reach(f"contact:{name}", name, "contact", [*means, *_courier(world, contacts)])


def _team(world: _World, team: TeamTable) -> Reach:
    configuration = team.configuration
    means = [_by_means(world, team, one) for one in configuration.means]
    same = [c for c in world.tables.configuration.contacts if f"{c.device_id}/{c.recipient}" in configuration.means]
    return _reach(configuration.id, configuration.name, "team", [*means, *_courier(world, same)])


def _reach(identity: str, name: str, kind: CounterpartKind, means: Sequence[Means]) -> Reach:
    ordered = sorted(means, key=lambda one: (one.kind == "road", _BEST_FIRST[one.state], not one.is_two_way))
    usable = [one for one in ordered if one.state in _USABLE and one.kind != "road"]
    usable = usable or [one for one in ordered if one.state in _USABLE]
    talking = [one for one in usable if one.is_two_way]
    state: MeansState = min((one.state for one in means), key=lambda one: _BEST_FIRST[one], default="unknown")
    if usable:
        state = "up" if any(one.state == "up" for one in talking) else "weak"
    end = _longest([one.end for one in talking or usable]) if usable else _none_left(means)
    if usable and not talking:
        end = _with_doubt(end, Text(id="reach.doubt.one_way"))
    return Reach(id=identity, name=name, kind=kind, state=state, end=end, means=tuple(ordered))


def _none_left(means: Sequence[Means]) -> End:
    is_cut = bool(means) and all(one.state == "down" for one in means)
    if not means:
        return End(kind="unknown", doubt=Text(id="reach.doubt.no_means"))
    return End(kind="out") if is_cut else End(kind="unknown", doubt=Text(id="reach.doubt.silent"))


# ---- means


def _bearer(world: _World, bearer: BearerTable) -> Means:
    configuration = bearer.configuration
    roots = (configuration.id, *((configuration.device_id,) if configuration.device_id is not None else ()))
    hanging = _hanging(world, roots)
    return Means(
        id=configuration.id,
        name=configuration.name,
        kind="bearer",
        state=_STATES[bearer.state],
        since_ns=bearer.since_ns,
        proof_ns=bearer.receipt_ns,
        is_two_way=True,
        feeds=hanging.feeds,
        hangs_on=hanging.hangs_on,
        end=hanging.end,
    )


def _by_device(world: _World, contact: ContactConfiguration) -> Means:
    device = world.tables.devices[contact.device_id]
    heard = device.heard.get(contact.recipient.lstrip("0")) or device.heard.get(contact.recipient)
    return _device_means(world, device, heard.at_ns if heard is not None else None, None, ())


def _by_means(world: _World, team: TeamTable, means: str) -> Means:
    device_id, _, _ = means.partition("/")
    device = world.tables.devices.get(device_id)
    heard_ns = team.fixes[means].at_ns if means in team.fixes else None
    if team.last_heard_by == device_id and team.last_heard_ns is not None:
        heard_ns = max(heard_ns or 0, team.last_heard_ns)
    if device is None:
        return Means(
            id=device_id, name=device_id, kind="device", state="unknown", since_ns=None, proof_ns=heard_ns,
            is_two_way=False, feeds=(), hangs_on=(), end=End(kind="unknown"),
        )  # fmt: skip
    expected_ns = round(team.configuration.expected_s * NS_PER_S)
    team_id = team.configuration.id
    also = (team_id,) if team_id in world.needs else ()
    return _device_means(world, device, heard_ns, expected_ns, (*also, *world.carried.get(team_id, ())))


def _device_means(
    world: _World, device: DeviceTable, heard_ns: int | None, expected_ns: int | None, also: tuple[str, ...]
) -> Means:
    """By a device of this vehicle to somebody who was last heard at ``heard_ns`` and is due every ``expected_ns``.

    Somebody of whom nothing is expected counts as reachable while the device works: it was not asked.
    """
    configuration, at_ns = device.configuration, world.tables.at_ns
    state: MeansState = "up"
    since_ns: int | None = heard_ns
    if device.state in {"down", "disabled"} or is_without_data(world.tables, device):
        state, since_ns = "down", device.since_ns if device.state != "up" else device.last_understood_ns
    elif expected_ns is not None and (heard_ns is None or at_ns - heard_ns > expected_ns):
        state = "unknown"
    hanging = _hanging(world, (configuration.id, *also))
    return Means(
        id=configuration.id,
        name=configuration.name,
        kind="device",
        state=state,
        since_ns=since_ns,
        proof_ns=heard_ns,
        is_two_way="text" in device.sends,
        feeds=hanging.feeds,
        hangs_on=hanging.hangs_on,
        end=hanging.end,
    )


def _courier(world: _World, contacts: Iterable[ContactConfiguration]) -> list[Means]:
    """Roads to them: somebody can drive there, as far as is known of the road."""
    found = []
    for road_id in dict.fromkeys(contact.road_id for contact in contacts if contact.road_id is not None):
        road = world.tables.roads.get(road_id)
        if road is None:
            continue
        shown = road.shown()
        judged = standing(shown, world.tables.at_ns)
        end = End(kind="unknown", weakest=shown.name, weakest_id=road_id)
        if judged.state == "closed":
            end = End(kind="out", weakest=shown.name, weakest_id=road_id)
        elif judged.state != "unknown":
            end = End(
                kind="range", low_ns=judged.until_ns, high_ns=judged.until_ns, weakest=shown.name, weakest_id=road_id,
                doubt=Text(id="reach.doubt.road"),
            )  # fmt: skip
        found.append(
            Means(
                id=road_id, name=shown.name, kind="road", state=_ROAD_STATES[judged.state], since_ns=judged.last_ns,
                proof_ns=judged.last_ns, is_two_way=True, feeds=(), hangs_on=(), end=end,
            )
        )  # fmt: skip
    return found


# ---- how long


def _hanging(world: _World, roots: tuple[str, ...]) -> _Hanging:
    found = world.hanging.get(roots)
    if found is None:
        found = world.hanging[roots] = _hang(world, roots)
    return found


def _hang(world: _World, roots: tuple[str, ...]) -> _Hanging:
    if len(roots) == 1 and roots[0] not in world.needs and roots[0] not in world.supplies:
        return _alone(world, roots[0])
    ids = dict.fromkeys(one for root in roots for one in (root, *above(world.needs, root)))
    feeding = [world.supplies[one] for one in ids if one in world.supplies]
    end = _shortest([_end_of(world, root, ()) for root in roots])
    if not feeding and end.kind == "open":
        end = _UNFED
    return _Hanging(tuple(supply.name for supply in feeding), tuple(one for one in ids if one not in roots[:1]), end)


def _alone(world: _World, identity: str) -> _Hanging:
    """Of what nobody said what feeds it, which is most there is in a small vehicle's file."""
    end = _thing_end(world, identity)
    return _Hanging((), (), _UNFED if end.kind == "open" else end)


def _end_of(world: _World, identity: str, path: tuple[str, ...]) -> End:
    """Until when this stands, with all it hangs on.  In a circle nothing is added by going round."""
    known = world.ends.get(identity)
    if known is not None or identity in path:
        return known or End(kind="open")
    supply, deeper = world.supplies.get(identity), (*path, identity)
    above_it = [_longest([_end_of(world, one, deeper) for one in group]) for group in world.needs.get(identity, ())]
    if supply is None:
        end = _shortest([_thing_end(world, identity), *above_it])
    else:
        end = _supply_end(supply, world.tables.at_ns)
        if supply.state in {"charging", "idle"}:
            end = _with_reserve(end, above_it, supply)
    world.ends[identity] = end
    return end


def _with_reserve(own: End, feeding: Sequence[End], supply: Supply) -> End:
    """A battery that is kept full lasts as long as what keeps it so, and then by itself."""
    end = _longest([*feeding, own])
    if end.kind != "open" or supply.low_s is None or supply.high_s is None:
        return end
    args: dict[str, Value] = {"supply": supply.name, "low": round(supply.low_s / _H_S, 1)}
    return _with_doubt(end, Text(id="reach.doubt.reserve", args={**args, "high": round(supply.high_s / _H_S, 1)}))


def _thing_end(world: _World, identity: str) -> End:
    """A device or bearer that does not work takes with it what hangs on it; anything else stands."""
    device, bearer = world.tables.devices.get(identity), world.tables.bearers.get(identity)
    if device is not None and device.state == "down" and device.attempts > 0:
        return End(kind="out", weakest=device.configuration.name, weakest_id=identity)
    if bearer is not None and bearer.state == "down":
        return End(kind="out", weakest=bearer.configuration.name, weakest_id=identity)
    return End(kind="open")


def _supply_end(supply: Supply, at_ns: int) -> End:
    if supply.state == "off":
        return End(kind="out", weakest=supply.name, weakest_id=supply.id)
    low_ns, high_ns = supply.ends_low_ns, supply.ends_high_ns
    if low_ns is None and supply.low_s is not None and supply.high_s is not None:
        low_ns, high_ns = at_ns + supply.low_s * NS_PER_S, at_ns + supply.high_s * NS_PER_S
    if low_ns is None or high_ns is None:
        if supply.kind == "mains" and supply.state == "feeding":
            return End(kind="open", weakest=supply.name, weakest_id=supply.id)
        doubt = supply.doubt or Text(id="reach.doubt.supply", args={"supply": supply.name})
        return End(kind="unknown", weakest=supply.name, weakest_id=supply.id, doubt=doubt)
    doubt_of = supply.doubt
    if supply.is_stale and doubt_of is None:
        doubt_of = Text(id="reach.doubt.stale", args={"supply": supply.name})
    return End(
        kind="range",
        low_ns=low_ns,
        high_ns=high_ns,
        weakest=supply.name,
        weakest_id=supply.id,
        doubt=doubt_of,
    )


def _shortest(ends: Sequence[End]) -> End:
    """All are needed."""
    out = next((end for end in ends if end.kind == "out"), None)
    if out is not None:
        return out
    unknown = next((end for end in ends if end.kind == "unknown"), None)
    ranges = [end for end in ends if end.kind == "range"]
    if not ranges:
        return unknown or next((end for end in ends if end.weakest), End(kind="open"))
    first = min(ranges, key=lambda end: end.low_ns or 0)
    doubt = first.doubt or next((end.doubt for end in ranges if end.doubt is not None), None)
    if unknown is not None:
        doubt = unknown.doubt or doubt
    return End(
        kind="range",
        low_ns=first.low_ns,
        high_ns=min(end.high_ns or 0 for end in ranges),
        weakest=first.weakest,
        weakest_id=first.weakest_id,
        doubt=doubt,
    )


def _longest(ends: Sequence[End]) -> End:
    """One of them is enough."""
    open_end = next((end for end in ends if end.kind == "open"), None)
    if open_end is not None:
        return open_end
    ranges = [end for end in ends if end.kind == "range"]
    if not ranges:
        return next((end for end in ends if end.kind == "unknown"), ends[0] if ends else End(kind="unknown"))
    last = max(ranges, key=lambda end: end.low_ns or 0)
    return End(
        kind="range",
        low_ns=last.low_ns,
        high_ns=max(end.high_ns or 0 for end in ranges),
        weakest=last.weakest,
        weakest_id=last.weakest_id,
        doubt=last.doubt,
    )


def _with_doubt(end: End, doubt: Text) -> End:
    return End(
        kind=end.kind, low_ns=end.low_ns, high_ns=end.high_ns, weakest=end.weakest, weakest_id=end.weakest_id,
        doubt=doubt,
    )  # fmt: skip
