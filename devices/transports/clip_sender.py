"""Paced sending of a looped clip: over UDP to one receiver, or to whoever connects by TCP.

What is sent comes as bursts ``(due_ns, octets)`` from a pure source (``devices.simulators.clip``); here is only the
clock and the socket.  Runs until cancelled.  A TCP viewer that does not read is let go, so that it costs no memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Protocol

_DATAGRAM_BYTES = 7 * 188
_LATE_NS = 2_000_000_000
_BACKLOG_BYTES = 4_000_000
_NS_PER_S = 1_000_000_000


class TimedOctets(Protocol):
    """Octets and when they are due, counted from the beginning of the stream."""

    @property
    def due_ns(self) -> int:
        """Nanoseconds since the stream began."""

    @property
    def octets(self) -> bytes:
        """Whole packets of 188 octets."""


async def _paced(bursts: Iterator[TimedOctets]) -> AsyncIterator[bytes]:
    """Give each burst when it is due.  After a pause of the machine the clock is moved on, nothing is made up."""
    loop = asyncio.get_running_loop()
    began_ns = int(loop.time() * _NS_PER_S)
    for burst in bursts:
        wait_ns = began_ns + burst.due_ns - int(loop.time() * _NS_PER_S)
        if wait_ns < -_LATE_NS:
            began_ns -= wait_ns
        await asyncio.sleep(max(0, wait_ns) / _NS_PER_S)
        yield burst.octets


async def send_udp(bursts: Iterator[TimedOctets], host: str, port: int) -> None:
    """Send to ``host:port`` (unicast or multicast, time to live 1) in datagrams of seven packets, until cancelled."""
    loop = asyncio.get_running_loop()
    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        wire.settimeout(0)
        wire.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        address = (host, port)
        async for octets in _paced(bursts):
            for start in range(0, len(octets), _DATAGRAM_BYTES):
                # Nobody listens: the kernel reports the last datagram's refusal on this one.  A sender goes on.
                with contextlib.suppress(ConnectionRefusedError, BlockingIOError):
                    await loop.sock_sendto(wire, octets[start : start + _DATAGRAM_BYTES], address)
    finally:
        wire.close()


async def listen_tcp(make_bursts: Callable[[], Iterator[TimedOctets]], host: str, port: int) -> asyncio.Server:
    """Listen on ``host:port`` (0: any free port); whoever connects gets the stream from its beginning."""

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async for octets in _paced(make_bursts()):
                if writer.is_closing() or writer.transport.get_write_buffer_size() > _BACKLOG_BYTES:
                    break
                writer.write(octets)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    return await asyncio.start_server(serve, host, port)
