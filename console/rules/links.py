"""What is done for several bearers: at a tick, and when the wire of a device that tells of them changed."""

from __future__ import annotations

from collections.abc import Iterable

from console.effects import Effect
from console.rules import bearers, usage, video_use
from console.tables import Tables


def tick(tables: Tables) -> list[Effect]:
    """Judge each, count what it used, ask those that cost; what pictures took an hour ago is forgotten."""
    asks: list[Effect] = []
    for bearer in tables.bearers.values():
        bearers.judge(tables, bearer)
        asks += usage.due_probes(tables, bearer)
        video_use.forget_old(tables, bearer)
    return asks


def judge(tables: Tables, bearer_ids: Iterable[str]) -> None:
    """Judge these now."""
    for bearer_id in bearer_ids:
        bearers.decide(tables, tables.bearers[bearer_id])
