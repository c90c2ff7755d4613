"""A simulated device on a real wire: its clock, its octets in and out.  Knows simulators by their contract only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from devices.driver import Simulator
from devices.transports import transport_for
from devices.transports.address import LINE_SCHEMES, parse
from devices.transports.contract import Clock, OpenFailed, Reason, Transport, WriteFailed
from devices.transports.pty import Pty
from devices.transports.tcp import TcpListen

TICK_S = 0.1
SCHEMES = ("pty", "serial", "tcp", "tcp-listen", "tls", "udp", "snmp", "memory", "mqtt", "mqtts", "http")


def device_end(wire: str) -> Transport:
    """The device's end of a wire, not yet open.

    ``pty:`` makes a new pair; ``tcp-listen:address:port`` waits for the console; ``tcp:`` and ``tls:`` call it;
    ``udp:host:port`` sends to that address; ``snmp:address:port`` waits to be asked, at a free port where it is 0;
    ``serial:`` opens a port; ``memory:name`` is the second end of that wire;
    ``mqtt:`` and ``mqtts:`` publish the lines of the device at that broker, ``http:host:port`` makes requests of them.
    Raises ``OpenFailed("bad-url")``.
    """
    scheme = wire.partition(":")[0]
    if scheme not in SCHEMES:
        raise OpenFailed("bad-url", scheme)
    if wire == "pty:":
        return Pty()
    if scheme == "udp":
        return transport_for(_sending(wire), "datagram")
    if scheme == "snmp":
        return transport_for(wire.replace("snmp:", "udp:", 1), "datagram")
    if scheme == "memory":
        from devices.transports.memory import named_wire  # noqa: PLC0415 - tests and rehearsals only

        return named_wire(parse(wire).what)[1]
    if scheme == "http":
        from devices.transports.http_call import HttpCall  # noqa: PLC0415 - rehearsals only

        return HttpCall(wire)
    return transport_for(wire, "datagram" if scheme in LINE_SCHEMES else "stream")


def _sending(wire: str) -> str:
    """A socket of its own for the device, that sends to the console's address."""
    target = parse(wire)
    if not target.port or target.options:
        raise OpenFailed("bad-url", wire)
    own = "[::]" if ":" in target.host else "0.0.0.0"  # noqa: S104 - answers may come by any way the target lies
    own = "127.0.0.1" if target.host in {"127.0.0.1", "localhost"} else own
    return f"udp:{own}:0?to={target.what}"


def console_end(device: Transport, wire: str) -> str:
    """The wire to configure in the console for an open device's end."""
    scheme, _, rest = device.url.partition(":")
    if scheme == "tcp-listen":
        return f"tcp:{rest}"
    if wire.startswith("snmp:"):
        return f"snmp:{rest}"
    if wire.startswith(("udp:", "mqtt:", "mqtts:")):
        return wire
    if scheme == "http":
        return f"http-listen:{rest}"
    return f"tcp-listen:{rest}" if scheme == "tcp" else device.url


class _Host:
    """The sink of a device's end: gives what the console sent to the simulator, and its answers back."""

    def __init__(self, simulator: Simulator, transport: Transport, clock_ns: Clock) -> None:
        self._simulator = simulator
        self._transport = transport
        self._clock_ns = clock_ns
        self._answers: asyncio.Queue[tuple[bytes, str]] = asyncio.Queue(256)
        self._room = asyncio.Event()
        self._room.set()
        self.ended: asyncio.Future[tuple[Reason, str]] = asyncio.get_running_loop().create_future()

    async def ready(self) -> None:
        """Take more when the answers so far have left."""
        await self._room.wait()

    def octets(self, data: bytes, peer: str) -> None:
        for answer in self._simulator.receive(data, self._clock_ns()):
            if not self._answers.full():
                self._answers.put_nowait((answer, peer))
        if self._answers.full():
            self._room.clear()

    def left(self, peer: str) -> None:
        """A console hung up: the device goes on for the next one."""

    def closed(self, reason: Reason, detail: str) -> None:
        if not self.ended.done():
            self.ended.set_result((reason, detail))

    async def answer(self) -> None:
        """Send the answers as they come."""
        while True:
            data, peer = await self._answers.get()
            self._room.set()
            await _say(self._transport, [data], [peer])

    async def speak(self, peers: Callable[[], Sequence[str]]) -> None:
        """Let the device say what it says of its own accord, for ever."""
        while True:
            await _say(self._transport, self._simulator.tick(self._clock_ns()), peers())
            await asyncio.sleep(TICK_S)


async def _say(transport: Transport, pieces: Sequence[bytes], peers: Sequence[str]) -> None:
    for piece in pieces:
        for peer in peers:
            try:
                await transport.write(piece, peer)
            except WriteFailed as trouble:
                if trouble.reason in {"gone", "timeout"} and not peer:
                    return  # the end of the wire is told by its reader


async def host(
    simulator: Simulator, wire: str, *, on_ready: Callable[[str], None], clock_ns: Clock
) -> tuple[Reason, str]:
    """Run a simulated device on a wire until cancelled, or until the wire ends: then why.

    ``on_ready`` is told the wire that the console has to open.  The device ticks ten times a second.  Many may run in
    one loop.  Raises ``OpenFailed``.
    """
    transport = device_end(wire)
    sink = _Host(simulator, transport, clock_ns)
    try:
        await transport.open(sink)
        on_ready(console_end(transport, wire))
        return await _run(sink, transport.peers if isinstance(transport, TcpListen) else _the_other)
    finally:
        await transport.close()


def _the_other() -> tuple[str, ...]:
    return ("",)


async def _run(sink: _Host, peers: Callable[[], Sequence[str]]) -> tuple[Reason, str]:
    """Until the wire ends; a fault of the simulator ends it too, and is raised as it is."""
    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(sink.answer()), loop.create_task(sink.speak(peers))]
    ends: list[asyncio.Future[Any]] = [sink.ended, *tasks]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                task.result()
        return sink.ended.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
