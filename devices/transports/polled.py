"""The wire of a device that is asked: rounds of questions, each answer handed on as one JSON line.

A line is an object with ``source`` (the wire without its options: they may hold a secret), ``asked_ns`` and
``answered_ns`` (console time), ``oid`` or ``path`` (what was asked), and ``payload`` or ``error``.  The first line is
the profile by which the numbers will be read.  A round that nobody answers is one line, ``poll`` with its ``error``;
three in a row, and the wire is down: then opening it again is the next question.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from devices.profiles import Family, Profile, ProfileFault, load, read
from devices.transports.address import Wire
from devices.transports.contract import Clock, OpenFailed, Sink, WireTrouble, WriteFailed
from devices.transports.names import resolve
from devices.transports.pump import Pump

MISSES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One answer, not yet a line; ``kind`` is ``oid`` or ``path``."""

    name: str
    asked_ns: int
    answered_ns: int | None
    kind: str = "path"
    payload: Any = None
    error: str | None = None


class Asker(Protocol):
    """How a family of devices is asked."""

    async def begin(self) -> Sequence[Told]:
        """Get ready to ask; gives what is told before the first round.  Raises ``OpenFailed``."""

    async def ask(self) -> Sequence[Told]:
        """One round, within a time of its own.  Raises ``WireTrouble`` when nobody answered."""

    async def end(self) -> None:
        """Let go of everything; may be called twice, and before ``begin``."""


class Polled:
    """A wire with ``interval_s`` between the beginnings of two rounds."""

    def __init__(self, wire: Wire, asker: Asker, clock_ns: Clock, interval_s: float) -> None:
        self._wire = wire
        self._asker = asker
        self._clock_ns = clock_ns
        self._interval_s = wire.number("interval_s", interval_s, 0.1, 3600.0)
        self._source = f"{wire.scheme}:{wire.what}"
        self._lines: deque[bytes] = deque()
        self._pump: Pump | None = None
        self._due_s = 0.0
        self._misses = 0
        self._trouble: WireTrouble | None = None

    @property
    def url(self) -> str:
        """The wire as configured."""
        return self._wire.url

    async def open(self, sink: Sink) -> None:
        """Ask a first round: a wire is up when somebody answered.  Raises ``OpenFailed``."""
        try:
            told = [*await self._asker.begin(), *await self._round()]
        except WireTrouble as trouble:
            await self._asker.end()
            raise OpenFailed(trouble.reason, trouble.detail) from None
        self._lines.extend(map(self._line, told))
        self._pump = Pump(self._read, sink, sink.closed)
        self._pump.start()

    async def _round(self) -> Sequence[Told]:
        self._due_s = asyncio.get_running_loop().time() + self._interval_s
        return await self._asker.ask()

    async def _read(self) -> tuple[bytes, str] | None:
        while not self._lines:
            if self._trouble is not None:
                raise self._trouble
            await asyncio.sleep(self._due_s - asyncio.get_running_loop().time())
            self._lines.extend(map(self._line, await self._next()))
        return self._lines.popleft(), ""

    async def _next(self) -> Sequence[Told]:
        asked_ns = self._clock_ns()
        try:
            told = await self._round()
        except WireTrouble as trouble:
            self._misses += 1
            if self._misses >= MISSES:
                self._trouble = trouble
            return (Told(name="poll", asked_ns=asked_ns, answered_ns=None, error=trouble.reason),)
        self._misses = 0
        return told

    def _line(self, told: Told) -> bytes:
        line: dict[str, Any] = {"source": self._source, told.kind: told.name, "asked_ns": told.asked_ns}
        line["answered_ns"] = max(told.asked_ns, told.answered_ns) if told.answered_ns is not None else None
        if told.error is None:
            line["payload"] = told.payload
        else:
            line["error"] = told.error
        return json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "backslashreplace")

    async def write(self, data: bytes, peer: str = "") -> None:  # noqa: ARG002
        """Refuse: such a device is only read."""
        raise WriteFailed("one-way", self._wire.what)

    async def close(self) -> None:
        """Ask no more."""
        pump, self._pump = self._pump, None
        if pump is not None:
            await pump.stop()
        await self._asker.end()


class Timed:
    """When something was asked and answered, by the clock of the loop's own thread."""

    def __init__(self, clock_ns: Clock) -> None:
        self._clock_ns = clock_ns
        self.asked_ns = clock_ns()

    def told(self, name: str, *, kind: str = "path", payload: Any = None, error: str | None = None) -> Told:  # noqa: ANN401
        """An answer that came now."""
        return Told(
            name=name,
            kind=kind,
            asked_ns=self.asked_ns,
            answered_ns=self._clock_ns(),
            payload=payload,
            error=error,
        )


async def numeric_address(wire: Wire, timeout_s: float) -> str:
    """The first address of the wire's host.  Raises ``OpenFailed("name")``."""
    try:
        async with asyncio.timeout(timeout_s):
            return (await resolve(wire.host))[0][1]
    except TimeoutError:
        raise OpenFailed("name", wire.host) from None


def profile_of(family: Family, name: str, index: int = 1) -> Profile:
    """The profile that a wire names, fit to be told.  Raises ``OpenFailed("bad-url")``."""
    try:
        profile = read(family, load(family, name), index)
        json.dumps(profile.table, allow_nan=False)
    except (ProfileFault, TypeError, ValueError) as fault:
        raise OpenFailed("bad-url", f"profile={name}: {fault}") from None
    return profile
