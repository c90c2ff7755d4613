"""A sink that remembers, and waiting for a condition with a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from devices.transports.contract import Reason


class Ear:
    """Everything that a transport told, in order."""

    def __init__(self) -> None:
        self.heard: list[tuple[bytes, str]] = []
        self.gone: list[str] = []
        self.endings: list[tuple[Reason, str]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def ready(self) -> None:
        await self.open.wait()

    def octets(self, data: bytes, peer: str) -> None:
        assert not self.endings, "nothing follows the end"
        self.heard.append((data, peer))

    def left(self, peer: str) -> None:
        self.gone.append(peer)

    def closed(self, reason: Reason, detail: str) -> None:
        self.endings.append((reason, detail))

    @property
    def stream(self) -> bytes:
        return b"".join(data for data, _ in self.heard)

    def has(self, octets: bytes) -> bool:
        return octets in self.stream


async def until(is_so: Callable[[], object], within_s: float = 5.0) -> None:
    """Return as soon as it is so; fail after the deadline."""
    deadline_s = asyncio.get_running_loop().time() + within_s
    while not is_so():
        assert asyncio.get_running_loop().time() < deadline_s, "it never came to be so"
        await asyncio.sleep(0.005)
