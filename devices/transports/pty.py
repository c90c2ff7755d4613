"""The device's end of a pseudo-terminal: what a simulated device holds while the console opens the other end."""

from __future__ import annotations

import asyncio
import contextlib
import os

from devices.transports.contract import OpenFailed, Sink, WriteFailed, words_of
from devices.transports.pump import Pump

READ_OCTETS = 65_536


class Pty:
    """A new pseudo-terminal.  ``url`` names the console's end, as a serial port, once open.

    Like a real line it has no memory: what nobody reads is lost when the line is full.
    """

    def __init__(self) -> None:
        self._ours: int | None = None
        self._theirs: int | None = None
        self._path = ""
        self._arrived = asyncio.Event()
        self._pump: Pump | None = None

    @property
    def url(self) -> str:
        """The wire to configure in the console."""
        return f"serial:{self._path}"

    async def open(self, sink: Sink) -> None:
        """Make the pair and listen at our end."""
        try:
            import tty  # noqa: PLC0415 - there are no pseudo-terminals on Windows

            self._ours, self._theirs = os.openpty()
            tty.setraw(self._theirs)
        except (ImportError, AttributeError, OSError) as trouble:
            raise OpenFailed("missing", f"pty: {words_of(trouble)}") from None
        # Our own hold on their end keeps the pair alive while the console comes and goes.
        self._path = os.ttyname(self._theirs)
        os.set_blocking(self._ours, False)
        asyncio.get_running_loop().add_reader(self._ours, self._arrived.set)
        self._pump = Pump(self._read, sink, sink.closed)
        self._pump.start()

    async def _read(self) -> tuple[bytes, str] | None:
        while self._ours is not None:
            self._arrived.clear()
            with contextlib.suppress(BlockingIOError):
                return os.read(self._ours, READ_OCTETS), ""
            await self._arrived.wait()
        return None

    async def write(self, data: bytes, peer: str = "") -> None:
        """Say something to the console; lost where nobody takes it, as on a real line."""
        if self._ours is None or peer:
            raise WriteFailed("gone", self._path)
        with contextlib.suppress(BlockingIOError):
            os.write(self._ours, data)

    async def close(self) -> None:
        """Close both ends: a console that is connected sees its port go away."""
        pump, self._pump = self._pump, None
        ours, self._ours = self._ours, None
        theirs, self._theirs = self._theirs, None
        if ours is not None and pump is not None:
            asyncio.get_running_loop().remove_reader(ours)
            await pump.stop()
        for end in (ours, theirs):
            if end is not None:
                os.close(end)
