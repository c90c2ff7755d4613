"""The one loop that carries octets from a wire into a sink."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from devices.transports.contract import Reason, Sink, WireTrouble, reason_of, words_of

Read = Callable[[], Awaitable[tuple[bytes, str] | None]]
"""Waits for octets and their peer; ``None`` at the orderly end of the wire."""


class Pump:
    """Reads while the sink is ready; tells ``on_end`` once when the wire ends by itself, never after ``stop``."""

    def __init__(self, read: Read, sink: Sink, on_end: Callable[[Reason, str], None]) -> None:
        self._read = read
        self._sink = sink
        self._on_end = on_end
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to read."""
        self._task = asyncio.get_running_loop().create_task(self._run())
        self._task.add_done_callback(self._look_at)

    async def _run(self) -> None:
        reason: Reason = "closed"
        detail = ""
        try:
            while True:
                await self._sink.ready()
                said = await self._read()
                if said is None:
                    break
                self._sink.octets(*said)
        except WireTrouble as trouble:
            reason, detail = trouble.reason, trouble.detail
        except OSError as trouble:
            reason, detail = reason_of(trouble), words_of(trouble)
        self._task = None
        self._on_end(reason, detail)

    def _look_at(self, task: asyncio.Task[None]) -> None:
        """A fault of ours must not stop a wire in silence."""
        if task.cancelled():
            return
        fault = task.exception()
        if fault is not None:
            self._task = None
            asyncio.get_running_loop().call_exception_handler({"message": "a wire's reader failed", "exception": fault})
            self._on_end("trouble", type(fault).__name__)

    async def stop(self) -> None:
        """End reading; returns when nothing more can reach the sink."""
        task, self._task = self._task, None
        if task is None or task is asyncio.current_task():
            return
        task.cancel()
        await asyncio.wait({task})
