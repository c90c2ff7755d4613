"""One connection per device: opens its wire, hands on what it says, tries again for ever with back-off.

Runs in the engine's loop.  Everything that happens to a wire is told to the door as a record; nothing is decided
here but when to try again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

from console.clock import steady_ns
from console.configuration.model import DeviceConfiguration, redact
from console.records import Kind, pack
from devices.driver import NS_PER_S
from devices.transports import transport_for
from devices.transports.contract import OpenFailed, Reason, Transport, WriteFailed

BACK_OFF_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
STEADY_NS = 30 * NS_PER_S
"""A wire that stood this long starts its back-off from the beginning."""
OPEN_S = 10.0
CANCEL_S = 0.5


class Door(Protocol):
    """Where a connection tells what happened."""

    def put(self, kind: Kind, source: str, payload: bytes, peer: str = "") -> None:
        """Make a record of it."""

    async def ready(self) -> None:
        """Return when more can be taken."""

    def now_ns(self) -> int:
        """Console time, which no correction of the wall clock can turn back."""


Begin = Callable[[str, Callable[[], Coroutine[Any, Any, None]]], asyncio.Task[None]]
"""Starts a supervised task: what belongs to this source runs, and begins again after a fault of ours."""


class Connection:
    """The life of one device's wire."""

    def __init__(
        self,
        device: DeviceConfiguration,
        framing: str,
        door: Door,
        begin: Begin,
        chance: Callable[[], float],
    ) -> None:
        self._device = device
        self._framing = framing
        self._door = door
        self._begin = begin
        self._chance = chance
        self._transport: Transport | None = None
        self._closed: asyncio.Event = asyncio.Event()
        self._now: asyncio.Event = asyncio.Event()
        self._why: tuple[Reason, str] | None = None
        self._task: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()
        self._failures = 0
        self._is_enabled = device.is_enabled

    def start(self) -> None:
        """Begin, if the device is in service."""
        if self._is_enabled and self._task is None:
            self._task = self._begin(self._device.id, self._live)

    async def stop(self) -> None:
        """Close the wire for good."""
        task, self._task = self._task, None
        while task is not None and not task.done():
            # Once more where somebody's wait took the cancellation for an answer that came at the same moment.
            task.cancel()
            await asyncio.wait({task}, timeout=CANCEL_S)

    def retry(self) -> None:
        """Open now, without waiting for the next try."""
        self._failures = 0
        self._now.set()

    async def set_enabled(self, *, is_enabled: bool) -> None:
        """Take the wire out of service, or back."""
        self._is_enabled = is_enabled
        if is_enabled:
            self.start()
        else:
            await self.stop()

    async def write(self, octets: bytes, peer: str) -> tuple[bool | None, str]:
        """Write; True: all of it left, False: surely none of it, None: perhaps a part; and the reason."""
        transport = self._transport
        if transport is None:
            return False, "closed"
        try:
            async with self._writing:
                await transport.write(octets, peer)
        except WriteFailed as trouble:
            return (None if trouble.reason in {"timeout", "gone", "trouble"} else False), trouble.reason
        return True, ""

    # ---- the sink

    async def ready(self) -> None:
        """Back-pressure: wait while the journal is behind."""
        await self._door.ready()

    def octets(self, data: bytes, peer: str) -> None:
        """The wire said something."""
        self._door.put(Kind.OCTETS, self._device.id, data, peer)

    def left(self, peer: str) -> None:
        """A peer of a listening wire is gone."""
        self._tell("peer-left", peer=peer)

    def closed(self, reason: Reason, detail: str) -> None:
        """The wire went down by itself."""
        self._why = (reason, detail)
        self._closed.set()

    # ---- the life

    async def _live(self) -> None:
        try:
            while True:
                self._now.clear()
                await self._once()
                wait_s = BACK_OFF_S[min(self._failures, len(BACK_OFF_S)) - 1] * (0.9 + 0.2 * self._chance())
                reason, detail = self._why or ("trouble", "")
                self._tell("down", reason=reason, detail=redact(detail), retry_ns=round(wait_s * NS_PER_S))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await self._now.wait()
        finally:
            transport, self._transport = self._transport, None
            if transport is not None:
                await transport.close()

    async def _once(self) -> None:
        """Open the wire and stay until it closes; ``_why`` says why it did."""
        self._closed.clear()
        self._why = None
        self._tell("connecting")
        began_ns = steady_ns()
        try:
            transport = transport_for(self._device.wire, self._framing, self._door.now_ns)
            try:
                async with asyncio.timeout(OPEN_S):
                    await transport.open(self)
            except BaseException:
                await transport.close()
                raise
        except OpenFailed as trouble:
            self._why = (trouble.reason, trouble.detail)
            self._failures += 1
            return
        except TimeoutError:
            self._why = ("timeout", redact(self._device.wire))
            self._failures += 1
            return
        self._transport = transport
        self._tell("up")
        await self._closed.wait()
        self._transport = None
        await transport.close()
        self._failures = 1 if steady_ns() - began_ns > STEADY_NS else self._failures + 1

    def _tell(self, state: str, peer: str = "", **more: Any) -> None:  # noqa: ANN401 - JSON values
        said: Mapping[str, Any] = {"state": state, **more}
        self._door.put(Kind.WIRE, self._device.id, pack(dict(said)), peer)
