"""A bearer between real sockets on this computer: datagrams and connections pass by the model, in real time.

No root is needed.  A datagram takes its own way; a TCP connection is carried as a stream of pieces that cannot be lost
(its sender would have sent them again), only late; while the bearer is cut it carries nothing and says nothing, as a
dead radio link does.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from tests.lab.link import NS_PER_S, Link, Quality

PIECE_BYTES = 1_400
AGAIN_S = 0.2
"""After so long a sender of a stream says again what was lost."""

Address = tuple[str, int]


class Bearer:
    """Both directions of one bearer; ``cut`` and ``restore`` by hand."""

    def __init__(self, quality: Quality, seed: str) -> None:
        self.forth = Link(quality, f"{seed} forth")
        self.back = Link(quality, f"{seed} back")
        self.carried_bytes = 0
        self.carries = asyncio.Event()
        self.carries.set()

    def cut(self) -> None:
        """Carry nothing any more."""
        self.forth.is_up = self.back.is_up = False
        self.carries.clear()

    def restore(self) -> None:
        """Carry again."""
        self.forth.is_up = self.back.is_up = True
        self.carries.set()

    def become(self, **changes: float | None) -> None:
        """Another quality from now on: ``loss``, ``delay_ms`` ..."""
        for link in (self.forth, self.back):
            link.quality = replace(link.quality, **changes)  # type: ignore[arg-type]

    def carry(self, link: Link, data: bytes, deliver: Callable[[bytes], object]) -> None:
        """Deliver a packet when it arrives, if it does."""
        at_ns = time.monotonic_ns()
        arrives_ns = link.offer(at_ns, len(data))
        if arrives_ns is not None:
            self.carried_bytes += len(data)
            asyncio.get_running_loop().call_later((arrives_ns - at_ns) / NS_PER_S, deliver, data)

    async def carry_stream(self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry a stream to its end."""
        due_s = 0.0
        while data := await reader.read(PIECE_BYTES):
            while (arrives_ns := link.offer(time.monotonic_ns(), len(data))) is None:
                await asyncio.sleep(AGAIN_S)
                await self.carries.wait()
            due_s = max(due_s, arrives_ns / NS_PER_S)
            await asyncio.sleep(due_s - time.monotonic())
            self.carried_bytes += len(data)
            writer.write(data)
            await writer.drain()
        writer.close()


class _Socket(asyncio.DatagramProtocol):
    """One socket of the relay."""

    transport: asyncio.DatagramTransport

    def __init__(self, on_datagram: Callable[[bytes, Address], None]) -> None:
        self._on_datagram = on_datagram

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._on_datagram(data, addr)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens at the far end: as on a radio link, nobody hears of it."""


class _Datagrams:
    """The relay: in front everybody's, behind a socket for each near end."""

    def __init__(self, bearer: Bearer, far: Address) -> None:
        self._bearer, self._far = bearer, far
        self._behind: dict[Address, asyncio.Task[_Socket]] = {}
        self.front = _Socket(self._heard)

    def _heard(self, data: bytes, near: Address) -> None:
        if near not in self._behind:
            self._behind[near] = asyncio.get_running_loop().create_task(self._open(near))
        self._behind[near].add_done_callback(
            lambda opened: self._bearer.carry(self._bearer.forth, data, opened.result().transport.sendto)
        )

    async def _open(self, near: Address) -> _Socket:
        def back(data: bytes, _: Address) -> None:
            self._bearer.carry(self._bearer.back, data, lambda octets: self.front.transport.sendto(octets, near))

        loop = asyncio.get_running_loop()
        return (await loop.create_datagram_endpoint(lambda: _Socket(back), remote_addr=self._far))[1]

    async def close(self) -> None:
        self.front.transport.close()
        for opened in await asyncio.gather(*self._behind.values()):
            opened.transport.close()


@contextlib.asynccontextmanager
async def udp_relay(bearer: Bearer, far: Address) -> AsyncIterator[Address]:
    """The address at which ``far`` is reached over ``bearer``.  Every near end has a socket of its own behind."""
    relay = _Datagrams(bearer, far)
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: relay.front, local_addr=("127.0.0.1", 0))
    try:
        yield relay.front.transport.get_extra_info("sockname")[:2]
    finally:
        await relay.close()


@contextlib.asynccontextmanager
async def tcp_relay(bearer: Bearer, far: Address) -> AsyncIterator[Address]:
    """The address at which the TCP service ``far`` is reached over ``bearer``.

    While the bearer is cut a new connection stands open and not an octet comes.
    """
    tasks: set[asyncio.Task[None]] = set()

    async def serve(near_reader: asyncio.StreamReader, near_writer: asyncio.StreamWriter) -> None:
        await bearer.carries.wait()
        try:
            far_reader, far_writer = await asyncio.open_connection(*far)
        except OSError:
            near_writer.close()
            return
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(bearer.carry_stream(bearer.forth, near_reader, far_writer))
                both.create_task(bearer.carry_stream(bearer.back, far_reader, near_writer))
        except* OSError:
            pass
        finally:
            near_writer.close()
            far_writer.close()

    def begun(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(begun, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[:2]
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
