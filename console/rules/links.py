"""What is done for every bearer at a tick."""

from __future__ import annotations

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
