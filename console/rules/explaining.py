"""One cause, one alarm: what hangs on something that failed is not judged, and is counted in that one's line.

An alarm may wait a few seconds until what it hangs on has answered or has failed.  When the cause is over, what hung
on it has a while to come back before it is judged by itself: nothing floods.

**Source:** ANSI/ISA-18.2, suppression by design: an alarm is kept from the operator by the logic of the plant, with
its reason shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from console.alarm_rules import AlarmRule
from console.alarm_tables import AlarmTable, WaitingTable
from console.picture import Text, Value
from console.rules.dependencies import parents_in
from console.tables import Tables
from devices.driver import NS_PER_S

GRACE_NS = 60 * NS_PER_S
"""To come back in, after the cause is over: wires are opened again within 30 s, cameras need 10 s more."""
WAIT_NS = 10 * NS_PER_S
"""How long an alarm waits for what it hangs on to answer or to fail."""
SLACK_NS = 120 * NS_PER_S
"""An outage explains what began with it, or little before: failures are noticed at different paces."""
_NAMED = 6


def failed_ids(tables: Tables) -> dict[str, str]:
    """What gives nothing, with the alarm that says so: by its own alarm, whether that is shown or not."""
    return {
        alarm.subject_id: alarm_id
        for alarm_id, alarm in tables.alarms.items()
        if alarm.is_active and rule_of(tables, alarm.rule).is_cutting
    }


def rule_of(tables: Tables, rule: str) -> AlarmRule:
    """The rule by its id; one that no file knows is a plain one."""
    return tables.alarm_rules.get(rule) or AlarmRule(id=rule)


def cause_of(tables: Tables, anchors: Iterable[str], failed: dict[str, str]) -> str | None:
    """The topmost thing that failed, or has only just come back, of all these ids hang on; ``None``: nothing did."""
    if not tables.needs:
        return None
    bad = failed.keys() | tables.recovered.keys()
    for anchor in anchors:
        found = _topmost(tables, anchor, bad, (anchor,))
        if found is not None:
            return found
    return None


def _topmost(tables: Tables, identity: str, bad: set[str], path: tuple[str, ...]) -> str | None:
    """Of what this id hangs on.  A group of which one still stands cuts nobody off."""
    for group in tables.needs.get(identity, ()):
        causes = [_failing(tables, one, bad, path) for one in group]
        if causes and all(cause is not None for cause in causes):
            return causes[0]
    return None


def _failing(tables: Tables, identity: str, bad: set[str], path: tuple[str, ...]) -> str | None:
    if identity in path:
        return None
    higher = None
    if identity not in tables.supplies:  # a battery stands though what charges it fell
        higher = _topmost(tables, identity, bad, (*path, identity))
    return higher or (identity if identity in bad else None)


def must_wait(tables: Tables, waiting: WaitingTable) -> bool:
    """Whether what this hangs on has neither answered since nor failed, and may still do either."""
    since_ns = waiting.since_ns
    if not tables.needs or tables.at_ns - since_ns >= WAIT_NS:
        return False
    seen = [
        _spoke_ns(tables, one) for anchor in (waiting.subject_id, *waiting.under) for one in _witnesses(tables, anchor)
    ]
    return any(at_ns is None or at_ns <= since_ns for at_ns in seen)


def _witnesses(tables: Tables, identity: str) -> list[str]:
    """The nearest things above that say anything of themselves."""
    found: dict[str, None] = {}
    waiting, done = [identity], {identity}
    while waiting:
        for parent in parents_in(tables.needs, waiting.pop()):
            if parent in tables.devices and tables.devices[parent].state != "disabled":
                found[parent] = None
            elif parent not in done:
                done.add(parent)
                waiting.append(parent)
    return list(found)


def _spoke_ns(tables: Tables, device_id: str) -> int | None:
    """When this device last proved that it is there."""
    asked = tables.answers.get(device_id)
    if asked is not None:
        return asked.answered_ns if asked.misses == 0 else None
    return tables.devices[device_id].last_understood_ns


def recovers(tables: Tables, alarm: AlarmTable) -> None:
    """A cutting alarm is over: what hangs on its subject gets time to come back."""
    if rule_of(tables, alarm.rule).is_cutting and any(
        alarm.subject_id in group for groups in tables.needs.values() for group in groups
    ):
        tables.recovered[alarm.subject_id] = tables.at_ns + GRACE_NS


def forget_recovered(tables: Tables) -> None:
    """End the times of coming back that are over."""
    for one in [one for one, until_ns in tables.recovered.items() if tables.at_ns >= until_ns]:
        del tables.recovered[one]


def began_with(tables: Tables, alarm: AlarmTable, cause_id: str, failed: dict[str, str]) -> bool:
    """Whether an alarm already raised belongs to this cause, not to one long before."""
    cause = tables.alarms.get(failed.get(cause_id, ""))
    return cause is not None and alarm.began_ns >= cause.began_ns - SLACK_NS


def reason_of(tables: Tables, cause_id: str, failed: dict[str, str]) -> Text:
    """Why an alarm is suppressed, in words."""
    text_id = "alarm.because" if cause_id in failed else "alarm.because_recovering"
    return Text(id=text_id, args={"cause": name_of(tables, cause_id)})


def count_beneath(tables: Tables, failed: dict[str, str]) -> dict[str, list[AlarmTable]]:
    """What is suppressed, by the alarm of its cause."""
    found: dict[str, list[AlarmTable]] = {}
    for alarm in tables.alarms.values():
        if alarm.state == "suppressed" and alarm.cause_id in failed:
            found.setdefault(failed[alarm.cause_id], []).append(alarm)
    return found


def beneath_text(tables: Tables, hidden: list[AlarmTable]) -> Text:
    """How many are not judged, and the names of the first: those whose silence matters most first."""
    ordered = sorted(hidden, key=lambda alarm: alarm.own_priority != "red")
    names = list(dict.fromkeys(name_of(tables, alarm.subject_id) for alarm in ordered))
    said = "、".join(names[:_NAMED]) + ("…" if len(names) > _NAMED else "")
    args: dict[str, Value] = {"hidden": len(names), "hidden_names": said}
    return Text(id="alarm.beneath", args=args)


def name_of(tables: Tables, identity: str) -> str:
    """What people call it; the id where nobody does."""
    kinds: tuple[Mapping[str, _Named], ...] = (
        tables.devices,
        tables.cameras,
        tables.bearers,
        tables.teams,
        tables.supplies,
    )
    found = next((kind[identity] for kind in kinds if identity in kind), None)
    if found is not None:
        return found.configuration.name
    return next((one.name for one in tables.configuration.stations if one.id == identity), identity)


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


class _Named(Protocol):
    @property
    def configuration(self) -> _HasName: ...
