"""A wire inside this process: two ends and a place to damage what passes.  For tests and rehearsals of bad wires."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from devices.transports.contract import OpenFailed, Sink, WriteFailed
from devices.transports.pump import Pump

Damage = Callable[[bytes], Sequence[bytes]]
"""What arrives for what was sent: nothing, other octets, several pieces."""

PIECES = 1024


def _whole(data: bytes) -> Sequence[bytes]:
    return (data,)


class MemoryEnd:
    """One end; what is written here arrives at the other."""

    def __init__(self, name: str) -> None:
        self.other: MemoryEnd | None = None
        self.damage: Damage = _whole
        self._name = name
        self._arrived: asyncio.Queue[bytes | None] = asyncio.Queue(PIECES)
        self._pump: Pump | None = None
        self._is_open = False

    @property
    def url(self) -> str:
        """The name of this wire."""
        return f"memory:{self._name}"

    async def open(self, sink: Sink) -> None:
        """Open this end; it can be opened once at a time."""
        if self._is_open:
            raise OpenFailed("busy", self._name)
        self._is_open = True
        self._pump = Pump(self._read, sink, sink.closed)
        self._pump.start()

    async def _read(self) -> tuple[bytes, str] | None:
        data = await self._arrived.get()
        return None if data is None else (data, "")

    async def write(self, data: bytes, peer: str = "") -> None:
        """Send to the other end, by way of the damage."""
        other = self.other
        if not self._is_open or other is None or not other._is_open or peer:  # noqa: SLF001
            raise WriteFailed("gone", self._name)
        for piece in self.damage(data):
            try:
                other._arrived.put_nowait(piece)  # noqa: SLF001
            except asyncio.QueueFull:
                raise WriteFailed("full", self._name) from None

    async def close(self) -> None:
        """Close this end; the other one hears it."""
        pump, self._pump = self._pump, None
        if pump is not None:
            await pump.stop()
        if self._is_open and self.other is not None and self.other._is_open:  # noqa: SLF001
            self.other._hang_up()  # noqa: SLF001
        self._is_open = False
        self._arrived = asyncio.Queue(PIECES)

    def _hang_up(self) -> None:
        if self._arrived.full():
            self._arrived.get_nowait()
        self._arrived.put_nowait(None)


def memory_wire(name: str = "wire") -> tuple[MemoryEnd, MemoryEnd]:
    """Two ends of one wire."""
    near, far = MemoryEnd(name), MemoryEnd(name)
    near.other, far.other = far, near
    return near, far


_WIRES: dict[str, tuple[MemoryEnd, MemoryEnd]] = {}


def named_wire(name: str) -> tuple[MemoryEnd, MemoryEnd]:
    """The wire of that name in this process: ``memory:name`` of a configuration is its first end."""
    return _WIRES.setdefault(name, memory_wire(name))
