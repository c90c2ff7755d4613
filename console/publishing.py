"""When pictures are published: at most ten a second, the first change at once, and only what is on disk."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import deque
from collections.abc import Callable

from console.engine import Engine
from console.picture import Picture

PUBLISH_S = 0.1
SWITCH_S = 0.0005


class Publisher:
    """Takes pictures of the engine and hands them on once their last record is committed.  Engine's thread only.

    While nothing can be recorded (``is_recorded`` False) they are handed on at once: they say so themselves.
    """

    def __init__(self, on_picture: Callable[[Picture], None]) -> None:
        self.is_recorded = True
        self._on_picture = on_picture
        self._waiting: deque[tuple[int, Picture]] = deque()
        self._published_s = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def plan(self, loop: asyncio.AbstractEventLoop, engine: Engine) -> None:
        """Something changed."""
        if self._timer is not None:
            return
        wait_s = max(0.0, self._published_s + PUBLISH_S - time.monotonic())
        self._timer = loop.call_later(wait_s, self._publish, engine)

    def _publish(self, engine: Engine) -> None:
        self._timer = None
        if not self._published_s:
            # Somebody looks: a painting window waits for the interpreter many times, and never 5 ms each time.
            sys.setswitchinterval(SWITCH_S)
        self._published_s = time.monotonic()
        picture = engine.picture()
        if self.is_recorded:
            self._waiting.append((picture.records, picture))
        else:
            self._waiting.clear()
            self._on_picture(picture)

    def committed(self, seq: int) -> None:
        """Records up to ``seq`` are on disk: hand on the newest picture that shows no more than these."""
        picture: Picture | None = None
        while self._waiting and self._waiting[0][0] <= seq:
            picture = self._waiting.popleft()[1]
        if picture is not None:
            self._on_picture(picture)
