"""Tasks of the engine's loop whose faults become records and end nothing else."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Coroutine
from typing import Any

REVIVE_S = 5.0

Life = Callable[[], Coroutine[Any, Any, None]]


class Supervisor:
    """Starts tasks in a group; ``on_fault(source, traceback)`` is told when we were wrong."""

    def __init__(self, group: asyncio.TaskGroup, on_fault: Callable[[str, str], None]) -> None:
        self._group = group
        self._on_fault = on_fault

    def begin(self, source: str, life: Life) -> asyncio.Task[None]:
        """Run something that lasts: after a fault it begins again."""
        return self._group.create_task(self._supervise(source, life, is_lasting=True), name=f"life {source}")

    def begin_once(self, source: str, work: Life) -> None:
        """Run something once: after a fault it is not done again, it might be sent twice."""
        self._group.create_task(self._supervise(source, work, is_lasting=False), name=f"work {source}")

    async def _supervise(self, source: str, life: Life, *, is_lasting: bool) -> None:
        while True:
            try:
                await life()
            except Exception:  # noqa: BLE001 - one of the two supervised places: a fault of ours becomes a record
                self._on_fault(source, traceback.format_exc(limit=12))
                if not is_lasting:
                    return
                await asyncio.sleep(REVIVE_S)
            else:
                return
