"""The computer's route, or the user's own program, made to follow the bearer that carries; and whether it still does.

A DHCP client sets a default route of its own at every lease, and takes ours away without a word: then packets go out by
another bearer than the screen says.  The route in force is watched.  When it is not the one that was ordered it is put
back once; if it is taken away again within ``PUT_BACK_S``, whoever does that means it (a client that insists, or a
person at the keyboard), and two programs that undo each other's work every second are worse than a wrong route that is
known.  So from then on it is only said, with what to do, until a person asks for it again (``TakeBearer``) or another
bearer is to carry.  A lease that is renewed every half an hour is put right each time; each time is in the log.

**Source:** RFC 2131 clause 4.4.5 (renewal at half of the lease); dhclient-script(8) and udhcpc set the default route
when a lease is bound or renewed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.effects import Effect, SwitchRoute
from console.rules import alarms
from console.tables import Tables
from console.words import Text, Value
from devices.driver import NS_PER_S

PUT_BACK_S = 600.0
_FAILED = "switch_failed"


def is_followed(tables: Tables, bearer_id: str | None) -> bool:
    """Whether something outside follows this bearer.

    A drill never changes a route: its bearers are played.  Nor has a bearer one that goes out of no interface (a
    terminal for texts): nothing is to be done for it, and nothing fails.
    """
    configuration = tables.configuration
    if configuration.mode != "live" or configuration.switching.execute == "none":
        return False
    is_hook = configuration.switching.execute == "hook"
    return is_hook or any(uplink.bearer_id == bearer_id for uplink in configuration.uplinks)


def clear(tables: Tables) -> None:
    """Nothing is wrong with the route outside, or none is changed any more."""
    alarms.clear_alarm(tables, _FAILED, "console")


def change(tables: Tables, bearer_id: str, previous_id: str | None) -> list[Effect]:
    """Let the route follow this bearer from now on."""
    pace = tables.pace
    pace.must_repeat = False
    if not is_followed(tables, bearer_id):
        clear(tables)
        pace.execution, pace.execution_ns, pace.execution_reason = "none", None, None
        return []
    pace.execution, pace.execution_ns, pace.execution_reason = "asked", tables.at_ns, None
    return [SwitchRoute(bearer_id=bearer_id, previous_id=previous_id or "", number=pace.number)]


def take_outcome(tables: Tables, bearer_id: str, outcome: Mapping[str, Any]) -> None:
    """What became of changing the route for this change; one that was overtaken by another says nothing any more."""
    pace, bearer = tables.pace, tables.bearers.get(bearer_id)
    if outcome.get("number") != pace.number or bearer is None:
        return
    is_done = bool(outcome.get("is_done"))
    args: dict[str, Value] = {"detail": f"{_owner(tables, outcome)} {outcome.get('detail') or ''}".strip()[:200]}
    reason = Text(id=f"switch.execution.{outcome.get('reason')}", args=args)
    said: dict[str, Value] = {"bearer": bearer.configuration.name, "@reason": reason.id, **args}
    if outcome.get("is_watched"):
        _take_watched(tables, bearer_id, said, reason, is_done=is_done)
        return
    pace.execution, pace.execution_ns = ("done" if is_done else "failed"), tables.at_ns
    pace.execution_reason = None if is_done else reason
    if is_done:
        clear(tables)
        tables.note("bearer", bearer_id, "switch.executed", said)
        return
    alarms.raise_alarm(tables, _FAILED, "console", Text(id="alarm.switch_failed", args=said))


def _owner(tables: Tables, outcome: Mapping[str, Any]) -> str:
    """The name of the bearer whose way out this route is; empty where it is nobody's."""
    interface = outcome.get("interface")
    found = [one.bearer_id for one in tables.configuration.uplinks if interface and one.interface == interface]
    bearer = tables.bearers.get(found[0]) if len(found) == 1 else None
    return bearer.configuration.name if bearer is not None else ""


def _take_watched(tables: Tables, bearer_id: str, said: dict[str, Value], reason: Text, *, is_done: bool) -> None:
    """The kernel's route is another than the one that was set, or is that one again."""
    pace = tables.pace
    if pace.execution not in {"done", "replaced"}:
        return  # it is being changed just now: the outcome of that comes
    is_new = is_done == (pace.execution == "replaced")
    pace.execution_reason = None if is_done else reason
    if is_new:
        pace.execution, pace.execution_ns = ("done" if is_done else "replaced"), tables.at_ns
    if is_done:
        pace.must_repeat = False
        clear(tables)
        if is_new:
            tables.note("bearer", bearer_id, "switch.executed", said)
        return
    if pace.must_repeat:
        return  # it is put back at the next tick, or once the bearer can be used
    if pace.put_back_ns is None or tables.at_ns - pace.put_back_ns >= PUT_BACK_S * NS_PER_S:
        pace.put_back_ns, pace.must_repeat = tables.at_ns, True
        tables.note("bearer", bearer_id, "switch.put_back", said)
        return
    alarms.raise_alarm(tables, _FAILED, "console", Text(id="alarm.switch_replaced", args=said))
