"""Marks on the map: what an operator asks of them, and when nobody knows any more whether they are still so.

Nothing is concluded here: a mark is there because a person said it.  Nothing goes silently: every change is a line of
the log, and the last ones can be taken back.
"""

from __future__ import annotations

from dataclasses import replace

from console.map_marks import (
    ALL_VERTICES,
    DEEPEST_M,
    LONGEST_S,
    MARKS,
    SHORTEST_S,
    WORDS,
    MapMark,
    MarkKind,
    geometry_fault,
)
from console.orders import AddMark, ChangeMark, MarkOrder, RemoveMark
from console.picture import Text, Value
from console.road_orders import AddRoad, ReportRoad
from console.tables import Step, Tables
from devices.driver import NS_PER_S

KIND = "map"
"""The kind and the subject of these lines of the log."""


def obey(tables: Tables, order: MarkOrder) -> None:
    """Do what was asked, or say in the log why not."""
    match order:
        case AddMark():
            _add(tables, order)
        case ChangeMark():
            _change(tables, order)
        case RemoveMark():
            mark = tables.marks.get(order.mark_id)
            if mark is not None:
                _put(tables, mark.id, None, "notice.mark_removed", order)


def judge(tables: Tables) -> None:
    """Say once of every mark that its time is over.  Of the own way out ``console.rules.roads`` takes care."""
    for mark in tuple(tables.marks.values()):
        if not mark.is_expired and mark.expires_ns is not None and tables.at_ns >= mark.expires_ns:
            tables.marks[mark.id] = replace(mark, is_expired=True)
            tables.note(KIND, KIND, "notice.mark_expired", _args(mark, mark.by))


def _add(tables: Tables, order: AddMark) -> None:
    is_sound = _is_sound(order.expires_s, order.depth_m) and geometry_fault(order.kind, order.geometry) is None
    if order.mark_id in tables.marks or not is_sound:
        return
    vertices = sum(len(mark.geometry.vertices) for mark in tables.marks.values())
    if len(tables.marks) >= MARKS or vertices + len(order.geometry.vertices) > ALL_VERTICES:
        name = _named(order.name[:WORDS], order.kind)
        tables.note(KIND, KIND, "notice.marks_full", {**name, "count": len(tables.marks)})
        return
    seen_ns = None if order.seen_ns is None else min(order.seen_ns, tables.at_ns)
    is_confirmed = order.state == "confirmed" and seen_ns is not None
    mark = MapMark(
        id=order.mark_id,
        kind=order.kind,
        geometry=order.geometry,
        name=order.name[:WORDS],
        by=order.by[:WORDS],
        source=order.source[:WORDS],
        state=order.state,
        depth_m=order.depth_m if order.kind == "water_depth" else None,
        added_ns=tables.at_ns,
        seen_ns=seen_ns,
        confirmed_ns=seen_ns if is_confirmed else None,
        confirmed_by=order.by[:WORDS] if is_confirmed else None,
        expires_s=order.expires_s,
        expires_ns=None,
        is_expired=False,
    )
    text_id = "notice.mark_added_undated" if seen_ns is None else f"notice.mark_added_{order.state}"
    _put(tables, mark.id, mark, text_id, order)


def _change(tables: Tables, order: ChangeMark) -> None:
    mark = tables.marks.get(order.mark_id)
    if mark is None or not _is_sound(order.expires_s, order.depth_m):
        return
    if order.geometry is not None and geometry_fault(mark.kind, order.geometry) is not None:
        return
    seen_ns, is_seen = mark.seen_ns, False
    if order.seen_ns is not None:
        told_ns = min(order.seen_ns, tables.at_ns)
        is_seen = seen_ns is None or told_ns >= seen_ns
        seen_ns = told_ns if is_seen else seen_ns
    state = order.state or mark.state
    is_confirmed = is_seen and state == "confirmed"
    changed = replace(
        mark,
        geometry=order.geometry or mark.geometry,
        name=mark.name if order.name is None else order.name[:WORDS],
        source=mark.source if order.source is None else order.source[:WORDS],
        state=state,
        depth_m=mark.depth_m if order.depth_m is None or mark.kind != "water_depth" else order.depth_m,
        seen_ns=seen_ns,
        confirmed_ns=seen_ns if is_confirmed else mark.confirmed_ns,
        confirmed_by=order.by[:WORDS] if is_confirmed else mark.confirmed_by,
        expires_s=mark.expires_s if order.expires_s is None else order.expires_s,
    )
    _put(tables, mark.id, changed, f"notice.mark_{'confirmed' if is_confirmed else 'changed'}", order)


def _is_sound(expires_s: float | None, depth_m: float | None) -> bool:
    is_within = expires_s is None or SHORTEST_S <= expires_s <= LONGEST_S
    return is_within and (depth_m is None or 0 <= depth_m <= DEEPEST_M)


def replaced(tables: Tables, mark_id: str, by: str) -> MapMark | None:
    """Something else says what this mark said: it goes, and is told as any other; gives what it was."""
    mark = tables.marks.pop(mark_id, None)
    if mark is not None:
        tables.note(KIND, KIND, "notice.mark_removed", _args(mark, by))
    return mark


def _put(tables: Tables, mark_id: str, mark: MapMark | None, text_id: str, order: MarkOrder) -> None:
    """Change one mark, so that it is told and can be taken back by who did it here."""
    before = tables.marks.get(mark_id)
    named = mark or before
    args = {} if named is None else _args(named, order.by)
    hand, batch = (hand_of(order), order.batch) if isinstance(order, AddMark) else (order.by[:WORDS], "")
    did = Text(id=text_id, args=args)
    tables.remember(Step(did=did, by=hand, mark_id=mark_id, mark=before, batch=batch))
    put_back(tables, mark_id, mark)
    tables.note(KIND, KIND, text_id, args)


def hand_of(order: AddMark | AddRoad | ReportRoad) -> str:
    """Who did it here: what stands in a file was said by another."""
    return (order.by if order.read_by is None else order.read_by)[:WORDS]


def put_back(tables: Tables, mark_id: str, mark: MapMark | None) -> None:
    """Make it this, or nothing, with its age as of now."""
    if mark is None:
        tables.marks.pop(mark_id, None)
        return
    expires_ns = None if mark.seen_ns is None else mark.seen_ns + round(mark.expires_s * NS_PER_S)
    is_expired = expires_ns is None or tables.at_ns >= expires_ns
    tables.marks[mark_id] = replace(mark, expires_ns=expires_ns, is_expired=is_expired)


def _named(name: str, kind: MarkKind) -> dict[str, Value]:
    return said_or("name", name, f"mark.kind.{kind}")


def _args(mark: MapMark, by: str) -> dict[str, Value]:
    return {
        "@kind": f"mark.kind.{mark.kind}",
        "name": mark.name,
        **said_or("source", mark.source, "mark.no_source"),
        **said_or("by", by[:WORDS], "mark.nobody"),
    }


def said_or(name: str, typed: str, otherwise: str) -> dict[str, Value]:
    """An argument: what somebody typed, else the message ``otherwise``."""
    return {name: typed} if typed else {f"@{name}": otherwise}
