"""Roads as links: what is reported of them, when nobody knows any more, and whether a way out of here is proven.

There is one alarm of the own way out, whatever it consists of: roads that are exits and marks of that kind.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from console.map_marks import LONGEST_S, SHORTEST_S, WORDS
from console.picture import Text, Value
from console.road_facts import (
    RETREAT,
    ROADS,
    Report,
    Retreat,
    RoadConfiguration,
    is_line,
    length_of,
    retreat_of,
    standing,
)
from console.road_orders import AddRoad, RedrawRoad, RemoveRoad, ReportRoad, RoadOrder, SetExit
from console.road_tables import RoadTable
from console.rules import marks
from console.rules.alarms import absorb, forget_subject, set_alarm
from console.rules.passages import box_of
from console.tables import Step, Tables

KIND = "road"
_OLD, _LOST = "retreat_route", "retreat_lost"


def configure(tables: Tables) -> None:
    """Take over the roads of the file; what was reported and driven stays, unless the line is another one.

    A road of the file that is no longer there is forgotten; one that was added by an order stays.
    """
    known, tables.roads = tables.roads, {}
    for wanted in tables.configuration.roads:
        road = known.pop(wanted.id, None)
        if road is None or road.configuration.line != wanted.line:
            road = _made(wanted)
        elif road.configuration != wanted:
            road.expires_s = wanted.expires_s
            road.forecast, road.forecast_ns = wanted.forecast, wanted.forecast_ns
            road.is_exit = road.is_exit if road.is_exit_set else wanted.is_exit
        road.configuration, road.is_added = wanted, False
        _take_written(tables, road)
        tables.roads[wanted.id] = road
    for road_id, road in known.items():
        if road.is_added:
            tables.roads[road_id] = road
    _watch_retreat(tables)


def _made(wanted: RoadConfiguration) -> RoadTable:
    return RoadTable(
        configuration=wanted,
        length_m=round(length_of(wanted.line), 1),
        box_deg=box_of(wanted.line),
        is_exit=wanted.is_exit,
        expires_s=wanted.expires_s,
        forecast=wanted.forecast,
        forecast_ns=wanted.forecast_ns,
    )


def _take_written(tables: Tables, road: RoadTable) -> None:
    """What the file says was known, where nothing newer is."""
    wanted = road.configuration
    if wanted.seen_ns is None or (road.report is not None and road.report.seen_ns >= wanted.seen_ns):
        return
    seen_ns = min(wanted.seen_ns, tables.at_ns)
    road.report = Report(state=wanted.state, by="", source=wanted.source, seen_ns=seen_ns, since_ns=seen_ns)
    road.is_expiry_told = False


def obey(tables: Tables, order: RoadOrder) -> None:
    """Do what was asked, or say in the log why not."""
    match order:
        case ReportRoad():
            _report(tables, order)
        case AddRoad():
            _add(tables, order)
        case RedrawRoad():
            _redraw(tables, order)
        case SetExit():
            _set_exit(tables, order)
        case RemoveRoad():
            _remove(tables, order)


def put_back(tables: Tables, road_id: str, before: RoadTable | None) -> bool:
    """Make it what it was before a person changed it; whether that can be.

    What came of itself stays: who drove it since, while it runs where it ran, and what its file says.
    """
    road = tables.roads.get(road_id)
    if before is None:
        if road is None or not road.is_added:
            return False
        del tables.roads[road_id]
        return True
    again = _kept(before)
    if road is None:
        if not before.is_added or len(tables.roads) >= ROADS:
            return False
    elif road.configuration.line != before.configuration.line:
        return False
    else:
        again.configuration, again.is_added = road.configuration, road.is_added
        if road.line == again.line:
            again.passage, again.told_ns, again.runs = road.passage, road.told_ns, road.runs
    _take_written(tables, again)
    _settle(tables, again)
    tables.roads[road_id] = again
    return True


def _settle(tables: Tables, road: RoadTable) -> None:
    """What is over already is no news."""
    until_ns = standing(road.shown(), tables.at_ns).until_ns
    road.is_expiry_told = until_ns is None or tables.at_ns >= until_ns


def _kept(road: RoadTable) -> RoadTable:
    """As it is now, for a step; who is on the way is on the way still."""
    return msgspec.structs.replace(road, runs={})


def judge(tables: Tables) -> None:
    """Say once of every road that its time is over, and watch the own way out."""
    for road in tables.roads.values():
        judged = standing(road.shown(), tables.at_ns)
        if road.is_expiry_told or judged.until_ns is None or tables.at_ns < judged.until_ns:
            continue
        road.is_expiry_told = True
        if judged.last == "unknown":
            continue
        text_id = "notice.road_foretold" if judged.is_forecast else "notice.road_expired"
        args = {**_args(road, ""), "@state": f"road.state.{judged.last}", "forecast": road.forecast}
        tables.note(KIND, road.configuration.id, text_id, args)
    _watch_retreat(tables)


def _watch_retreat(tables: Tables) -> None:
    roads = [road.shown() for road in tables.roads.values() if road.is_exit]
    marked = [mark for mark in tables.marks.values() if mark.kind == "retreat_route"]
    if not roads and not marked:
        forget_subject(tables, RETREAT)
        return
    found = retreat_of(roads, marked, tables.configuration.road_rules, tables.at_ns)
    text = None if found.level in {"none", "proven"} else _retreat_text(tables, found)
    if found.level in {"overdue", "closed"}:
        _raise(tables, _LOST, text)
    else:
        _raise(tables, _OLD, text)


def _raise(tables: Tables, rule: str, text: Text | None) -> None:
    """One alarm at a time: where it got worse or better, the other one is taken up in it."""
    other = _OLD if rule == _LOST else _LOST
    if text is None:
        set_alarm(tables, other, RETREAT, None)
    else:
        absorb(tables, f"{other}:{RETREAT}")
    set_alarm(tables, rule, RETREAT, text)


def _retreat_text(tables: Tables, found: Retreat) -> Text:
    if found.best is None:
        names = "、".join(one.name for one in found.exits)
        return Text(id="alarm.retreat_closed", args={"names": names, "count": len(found.exits)})
    named: dict[str, Value] = {"name": found.best.name} if found.best.name else {"@name": "mark.kind.retreat_route"}
    if found.level == "unproven":
        return Text(id="alarm.retreat_unproven", args=named)
    if found.best.state == "unknown":
        return Text(id="alarm.retreat_route", args={**named, "proven_ns": found.best.proven_ns})
    rules = tables.configuration.road_rules
    limit_s = rules.alarm_s if found.level == "overdue" else rules.warn_s
    args = {**named, "proven_ns": found.best.proven_ns, "minutes": round(limit_s / 60)}
    return Text(id="alarm.retreat_old", args=args)


# ---- orders


def _args(road: RoadTable, by: str) -> dict[str, Value]:
    who: dict[str, Value] = {"by": by[:WORDS]} if by else {"@by": "mark.nobody"}
    return {"road": road.configuration.name, "@kind": f"road.kind.{road.configuration.kind}", **who}


def _report(tables: Tables, order: ReportRoad) -> None:
    road = tables.roads.get(order.road_id)
    if road is None or not _is_span(order.expires_s):
        return
    seen_ns, was = min(order.seen_ns, tables.at_ns), road.report
    source = order.source[:WORDS]
    args = {**_args(road, order.by), "@state": f"road.state.{order.state}"}
    args |= {"source": source} if source else {"@source": "mark.no_source"}
    if was is not None and seen_ns < was.seen_ns:
        tables.note(KIND, order.road_id, "notice.road_late", args, happened_ns=seen_ns)
        return
    before = _kept(road)
    since_ns = was.since_ns if was is not None and was.state == order.state else seen_ns
    road.report = Report(state=order.state, by=order.by[:WORDS], source=source, seen_ns=seen_ns, since_ns=since_ns)
    road.is_expiry_told = False
    if order.expires_s is not None:
        road.expires_s = order.expires_s
    if order.forecast is not None:
        road.forecast, road.forecast_ns = order.forecast[:WORDS], order.forecast_ns
    did = Text(id="notice.road_reported", args=args)
    _write(
        tables,
        Step(did=did, by=marks.hand_of(order), road_id=order.road_id, road=before, batch=order.batch),
        happened_ns=seen_ns,
    )


def _add(tables: Tables, order: AddRoad) -> None:
    if order.road_id in tables.roads or not _is_span(order.expires_s) or not is_line(order.line):
        return
    if len(tables.roads) >= ROADS:
        tables.note(KIND, order.road_id, "notice.roads_full", {"name": order.name[:WORDS], "count": len(tables.roads)})
        return
    road = _made(
        RoadConfiguration(
            id=order.road_id,
            name=order.name[:WORDS],
            kind=order.kind,
            line=order.line,
            is_exit=order.is_exit,
            expires_s=order.expires_s,
            forecast=order.forecast[:WORDS],
            forecast_ns=order.forecast_ns,
            state=order.state,
            source=order.source[:WORDS],
            seen_ns=order.seen_ns,
        )
    )
    road.is_added, road.drawn_ns, road.drawn_by = True, order.drawn_ns, order.drawn_by[:WORDS]
    _take_written(tables, road)
    if road.report is not None:
        since_ns = road.report.seen_ns if order.since_ns is None else min(order.since_ns, road.report.seen_ns)
        road.report = replace(road.report, by=order.by[:WORDS], since_ns=since_ns)
    passage = order.passage
    if passage is not None:
        road.passage = replace(passage, name=passage.name[:WORDS], at_ns=min(passage.at_ns, tables.at_ns))
    _settle(tables, road)
    tables.roads[order.road_id] = road
    mark = None if order.mark_id is None else marks.replaced(tables, order.mark_id, order.by)
    did = Text(id="notice.road_added", args=_args(road, order.by))
    mark_id = "" if mark is None else mark.id
    hand = marks.hand_of(order)
    _write(tables, Step(did=did, by=hand, mark_id=mark_id, mark=mark, road_id=order.road_id, batch=order.batch))


def _tell(tables: Tables, road: RoadTable, text_id: str, by: str, before: RoadTable) -> None:
    """Write down what a person changed of a road, so that it can be taken back."""
    did = Text(id=text_id, args=_args(road, by))
    _write(tables, Step(did=did, by=by[:WORDS], road_id=road.configuration.id, road=before))


def _write(tables: Tables, step: Step, happened_ns: int | None = None) -> None:
    tables.remember(step)
    tables.note(KIND, step.road_id, step.did.id, step.did.args, happened_ns=happened_ns)


def _is_span(expires_s: float | None) -> bool:
    return expires_s is None or SHORTEST_S <= expires_s <= LONGEST_S


def _redraw(tables: Tables, order: RedrawRoad) -> None:
    road = tables.roads.get(order.road_id)
    if road is None or not is_line(order.line) or order.line == road.line:
        return
    before = _kept(road)
    road.drawn, road.drawn_ns, road.drawn_by = order.line, tables.at_ns, order.by[:WORDS]
    road.length_m, road.box_deg, road.runs = round(length_of(order.line), 1), box_of(order.line), {}
    _tell(tables, road, "notice.road_redrawn", order.by, before)


def _set_exit(tables: Tables, order: SetExit) -> None:
    road = tables.roads.get(order.road_id)
    if road is None or road.is_exit == order.is_exit:
        return
    before = _kept(road)
    road.is_exit, road.is_exit_set = order.is_exit, True
    text_id = "notice.road_exit" if order.is_exit else "notice.road_no_exit"
    _tell(tables, road, text_id, order.by, before)


def _remove(tables: Tables, order: RemoveRoad) -> None:
    road = tables.roads.get(order.road_id)
    if road is not None and road.is_added:
        del tables.roads[order.road_id]
        _tell(tables, road, "notice.road_removed", order.by, _kept(road))
