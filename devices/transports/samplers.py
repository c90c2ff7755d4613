"""Wires that ask by themselves whether a host answers, and hand on each finished attempt as one JSON line.

A line is an object with ``source`` (the wire), ``asked_ns`` and ``answered_ns`` (console time), and either ``payload``
(``{"round_trip_ms": ...}``) or ``error``: ``timeout``, ``refused``, ``unreachable`` when the attempt failed;
``permission``, ``not_tied``, ``no_route``, ``filtered``, ``missing``, ``name``, ``trouble`` when no attempt could be
made ("cannot probe", not "down").  With ``dev`` a question leaves by that interface or not at all
(``devices.transports.tied``).
Attempts overlap: a slow answer does not hold up the next question.  Round trips are measured on the monotonic clock.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import socket
import time
from collections.abc import Awaitable, Callable

from icmplib import AsyncSocket, ICMPRequest, ICMPv4Socket, ICMPv6Socket
from icmplib.exceptions import (
    DestinationUnreachable,
    ICMPLibError,
    SocketPermissionError,
    TimeExceeded,
    TimeoutExceeded,
)

from devices.transports.address import Wire, interface_name
from devices.transports.contract import Clock, OpenFailed, Sink, WriteFailed, reason_of
from devices.transports.names import Found, resolve
from devices.transports.pump import Pump
from devices.transports.stamp import StampAsker
from devices.transports.tied import NotTied, tie, why_silent

SLOW_RETRY_S = 60.0
LEAST_INTERVAL_S = 0.1
LINES = 64
_MAY_BE_SILENCED = frozenset({"timeout", "unreachable"})
_NOT_ALLOWED = frozenset({"permission", "not_tied"})
"""Not ours to mend, and hardly soon: asked again slowly."""

Attempt = Callable[[int, str, int], Awaitable[dict[str, object]]]
"""Asks once, by address family, numeric address and console time; gives the line's payload or raises."""


class _CannotAsk(Exception):  # noqa: N818 - an inner word of this file
    """No attempt can be made here; the argument is the word for it."""


class Sampler:
    """``ping:host``, ``tcp-connect:host:port``, ``stamp:host:port``, each with ``?interval_s=1&timeout_s=3&dev=eth1``.

    ``interval_s=0``: it asks when told to, once for each ``write``: where each question costs.
    """

    def __init__(self, wire: Wire, clock_ns: Clock = time.time_ns, slow_retry_s: float = SLOW_RETRY_S) -> None:
        self._wire = wire
        self._clock_ns = clock_ns
        self._interval_s = pace_of(wire)
        self._wanted = asyncio.Event()
        self._timeout_s = wire.number("timeout_s", 3.0, 0.1, 60.0)
        self._slow_retry_s = slow_retry_s
        self._interface = interface_name(wire.options["dev"]) if "dev" in wire.options else None
        self._stamp: StampAsker | None = None
        self._ask = self._asker_of(wire)
        self._lines: asyncio.Queue[bytes] = asyncio.Queue(LINES)
        self._address: tuple[int, str] | None = None
        self._asking: asyncio.Task[None] | None = None
        self._pump: Pump | None = None

    def _asker_of(self, wire: Wire) -> Attempt:
        if wire.scheme == "ping":
            return _Echo(self._timeout_s, self._interface).ask
        if wire.scheme == "tcp-connect":
            return self._connect
        self._stamp = StampAsker(wire.port, self._timeout_s, self._interface, self._tell_late)
        return self._stamp.ask

    def _tell_late(self, asked_ns: int, payload: dict[str, object]) -> None:
        self._tell(asked_ns, payload=payload)

    @property
    def url(self) -> str:
        """The wire as configured."""
        return self._wire.url

    async def open(self, sink: Sink) -> None:
        """Begin to ask.  Never fails: that nobody answers is what this wire is there to tell."""
        self._pump = Pump(self._read, sink, sink.closed)
        self._pump.start()
        self._asking = asyncio.get_running_loop().create_task(self._ask_on())
        self._asking.add_done_callback(self._wake)

    async def _read(self) -> tuple[bytes, str] | None:
        line = await self._lines.get()
        if self._asking is not None and self._asking.done():
            self._asking.result()  # raises: a fault of ours, told by the pump
        return line, ""

    def _wake(self, _ended: asyncio.Task[None]) -> None:
        if self._lines.full():
            self._lines.get_nowait()
        self._lines.put_nowait(b"")

    async def _ask_on(self) -> None:
        async with asyncio.TaskGroup() as attempts:
            while True:
                if self._interval_s == 0:
                    await self._wanted.wait()
                    self._wanted.clear()
                if self._lines.full():
                    await asyncio.sleep(self._interval_s)  # nobody takes them: ask no more than can be told
                    continue
                hold_s = self._interval_s
                if await self._find():
                    first = attempts.create_task(self._attempt())
                    await asyncio.sleep(hold_s)
                    if first.done() and first.result() in _NOT_ALLOWED:
                        await asyncio.sleep(self._slow_retry_s)
                else:
                    await asyncio.sleep(hold_s)

    async def _find(self) -> bool:
        """Whether there is an address to ask.  A name once found is kept: name servers fail before links do."""
        if self._address is not None:
            return True
        asked_ns = self._clock_ns()
        try:
            async with asyncio.timeout(self._timeout_s):
                found: Found = await resolve(self._wire.host)
        except (OpenFailed, TimeoutError):
            self._tell(asked_ns, error="name")
            return False
        self._address = found[0]
        return True

    async def _attempt(self) -> str:
        assert self._address is not None  # noqa: S101 - found before
        asked_ns = self._clock_ns()
        try:
            async with asyncio.timeout(self._timeout_s + 0.5):
                payload = await self._ask(*self._address, asked_ns)
        except TimeoutError:
            error = "timeout"
        except _CannotAsk as no:
            error = str(no)
        except NotTied:
            error = "not_tied"
        except OSError as trouble:
            error = reason_of(trouble)
        else:
            error = ""
            self._tell(asked_ns, payload=payload)
        if error in _MAY_BE_SILENCED and self._interface is not None:
            error = why_silent(self._interface, self._address[1]) or error
        if error:
            self._tell(asked_ns, error=error)
        return error

    async def _connect(self, family: int, address: str, asked_ns: int) -> dict[str, object]:
        del asked_ns
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        with socket.socket(family, socket.SOCK_STREAM) as wire:
            wire.settimeout(0)
            if self._interface is not None:
                tie(wire, self._interface, address)
            async with asyncio.timeout(self._timeout_s):
                await loop.sock_connect(wire, (address, self._wire.port))
            round_trip_ms = (loop.time() - began_s) * 1000.0
        return {"round_trip_ms": round_trip_ms}

    def _tell(self, asked_ns: int, *, payload: dict[str, object] | None = None, error: str | None = None) -> None:
        line: dict[str, object] = {"source": self._wire.url, "asked_ns": asked_ns}
        if error is None:
            line["answered_ns"] = max(asked_ns, self._clock_ns())
            line["payload"] = payload
        else:
            line["answered_ns"] = None
            line["error"] = error
        with contextlib.suppress(asyncio.QueueFull):
            self._lines.put_nowait(json.dumps(line, separators=(",", ":"), ensure_ascii=False).encode())

    async def write(self, data: bytes, peer: str = "") -> None:  # noqa: ARG002
        """Ask once now, where this wire asks only when told to; else refuse: nothing can be sent on it."""
        if self._interval_s > 0:
            raise WriteFailed("one-way", self._wire.what)
        self._wanted.set()

    async def close(self) -> None:
        """Ask no more."""
        asking, self._asking = self._asking, None
        pump, self._pump = self._pump, None
        if pump is not None:
            await pump.stop()
        if asking is not None:
            asking.cancel()
            await asyncio.wait({asking})
        if self._stamp is not None:
            self._stamp.close()


def pace_of(wire: Wire) -> float:
    """Seconds between two questions; 0: only when told to.  Raises ``OpenFailed("bad-url")``."""
    interval_s = wire.number("interval_s", 1.0, 0.0, 3600.0)
    if 0 < interval_s < LEAST_INTERVAL_S:
        raise OpenFailed("bad-url", f"interval_s={interval_s:g} (0, {LEAST_INTERVAL_S:g}..3600)")
    return interval_s


class _Echo:
    """ICMP echo, without privileges where the system lets us, else with them where we have them."""

    def __init__(self, timeout_s: float, interface: str | None) -> None:
        self._timeout_s = timeout_s
        self._interface = interface
        self._number = 0

    async def ask(self, family: int, address: str, asked_ns: int) -> dict[str, object]:
        kind = ICMPv6Socket if ":" in address else ICMPv4Socket
        del family, asked_ns
        self._number = (self._number + 1) & 0xFFFF
        loop = asyncio.get_running_loop()
        try:
            with AsyncSocket(_open_echo(kind)) as echo:
                if self._interface is not None:
                    tie(echo.sock, self._interface, address)
                request = ICMPRequest(destination=address, id=(id(self) >> 4) & 0xFFFF, sequence=self._number)
                began_s = loop.time()
                echo.send(request)
                reply = await echo.receive(request, self._timeout_s)
                round_trip_ms = (loop.time() - began_s) * 1000.0
                reply.raise_for_status()
                return {"round_trip_ms": round_trip_ms}
        except TimeoutExceeded:
            raise TimeoutError from None
        except (DestinationUnreachable, TimeExceeded):
            raise OSError(errno.EHOSTUNREACH, "unreachable") from None
        except ICMPLibError as trouble:
            raise _CannotAsk(_word(trouble)) from None


def _open_echo(kind: type[ICMPv4Socket | ICMPv6Socket]) -> ICMPv4Socket | ICMPv6Socket:
    try:
        return kind(None, privileged=False)
    except SocketPermissionError:
        return kind(None, privileged=True)


def _word(trouble: ICMPLibError) -> str:
    """The library puts what the system said into the text only."""
    if isinstance(trouble, SocketPermissionError):
        return "permission"
    return "unreachable" if "unreachable" in str(trouble).lower() else "trouble"
