"""TCP and TLS: one connection that we open, or an address on which devices call us."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from functools import partial

from devices.transports.address import Wire, written
from devices.transports.contract import OpenFailed, Reason, Sink, WriteFailed, reason_of, words_of
from devices.transports.names import resolve
from devices.transports.pump import Pump
from devices.transports.rates import Flow

READ_OCTETS = 65_536
WAITING_OCTETS = 262_144
WRITE_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 1.0
PEERS = 600
"""Callers of one listening wire: every vehicle terminal of a county has a connection of its own."""
CALLER_OCTETS_PER_S = 524_288.0
CALLER_BURST_OCTETS = 2_097_152.0
"""Beyond these a caller is read more slowly, and its own system lets it wait: ten times what a full gateway says."""
BACKLOG = 128
"""After an outage all of them call at once."""


class _Stream:
    """One connection: bounded both ways."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: str, flow: Flow | None = None
    ) -> None:
        self._flow = flow
        self._wait_s = 0.0
        self.has_spoken = False
        self._reader = reader
        self._writer = writer
        self._peer = peer
        # So drain waits until all octets are with the system.  Not 0: TLS would then wait for ever (CPython 3.11).
        writer.transport.set_write_buffer_limits(high=1, low=0)
        _keep_alive(writer.get_extra_info("socket"))

    async def read(self) -> tuple[bytes, str] | None:
        if self._wait_s > 0:
            await asyncio.sleep(self._wait_s)
        data = await self._reader.read(READ_OCTETS)
        self.has_spoken = True
        if self._flow is not None:
            self._wait_s = self._flow.excess_s(len(data), asyncio.get_running_loop().time())
        return (data, self._peer) if data else None

    async def write(self, data: bytes) -> None:
        if self._writer.transport.get_write_buffer_size() + len(data) > WAITING_OCTETS:
            raise WriteFailed("full", self._peer)
        if self._writer.transport.is_closing():
            raise WriteFailed("gone", self._peer)
        try:
            self._writer.write(data)
            await asyncio.wait_for(self._writer.drain(), WRITE_TIMEOUT_S)
        except TimeoutError:
            raise WriteFailed("timeout", self._peer) from None
        except OSError as trouble:
            raise WriteFailed("gone", words_of(trouble)) from None

    def abort(self) -> None:
        self._writer.transport.abort()

    async def close(self) -> None:
        self._writer.close()
        try:
            await asyncio.wait_for(self._writer.wait_closed(), CLOSE_TIMEOUT_S)
        except TimeoutError:
            self._writer.transport.abort()
        except OSError:
            pass  # it was lost already


def _keep_alive(sock: socket.socket | None) -> None:
    """Find out within half a minute that a cable was pulled: a silent device looks the same otherwise."""
    if sock is None:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", 10),
        ("TCP_KEEPINTVL", 5),
        ("TCP_KEEPCNT", 3),
        ("TCP_USER_TIMEOUT", 25_000),
        ("TCP_NODELAY", 1),
    ):
        option = getattr(socket, name, None)
        if option is not None:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, option, value)


class Tcp:
    """``tcp:host:port`` and ``tls:host:port?ca=...&cert=...&key=...&name=...``.

    TLS always checks the certificate: against ``ca`` or the system's authorities, for ``name`` or the host.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._timeout_s = wire.number("timeout_s", 5.0, 0.1, 60.0)
        self._stream: _Stream | None = None
        self._pump: Pump | None = None

    @property
    def url(self) -> str:
        """The wire as configured."""
        return self._wire.url

    async def open(self, sink: Sink) -> None:
        """Connect to the first address that answers."""
        security = security_of(self._wire) if self._wire.scheme == "tls" else None
        try:
            async with asyncio.timeout(self._timeout_s):
                self._stream = await self._connect(security)
        except TimeoutError:
            raise OpenFailed("timeout", self._wire.what) from None
        self._pump = Pump(self._stream.read, sink, sink.closed)
        self._pump.start()

    async def _connect(self, security: ssl.SSLContext | None) -> _Stream:
        failed = OpenFailed("unreachable", self._wire.what)
        name = (self._wire.options.get("name") or self._wire.host) if security else None
        for family, address in await resolve(self._wire.host):
            try:
                reader, writer = await asyncio.open_connection(
                    address, self._wire.port, family=family, ssl=security, server_hostname=name
                )
            except OSError as trouble:
                reason = reason_of(trouble)
                detail = words_of(trouble) if reason in {"tls", "trouble"} else ""
                failed = OpenFailed(reason, f"{self._wire.what} {detail}".strip())
            else:
                return _Stream(reader, writer, "")
        raise failed

    async def write(self, data: bytes, peer: str = "") -> None:
        """Send to the one at the other end."""
        if self._stream is None or peer:
            raise WriteFailed("no-peer", peer or self._wire.what)
        await self._stream.write(data)

    async def close(self) -> None:
        """Close in order, after a second by force."""
        pump, self._pump = self._pump, None
        stream, self._stream = self._stream, None
        if pump is not None:
            await pump.stop()
        if stream is not None:
            await stream.close()


def security_of(wire: Wire) -> ssl.SSLContext:
    """How a wire proves who is at its other end, by its options.  Raises ``OpenFailed``."""
    authority, certificate, key = wire.file("ca"), wire.file("cert"), wire.file("key")
    try:
        context = ssl.create_default_context(cafile=authority)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if certificate is not None:
            context.load_cert_chain(certificate, key)
    except OSError as trouble:
        raise OpenFailed("tls", words_of(trouble)) from None
    return context


class TcpListen:
    """``tcp-listen:address:port``: several devices may call; each is a peer with its own bounds.

    Where all places are taken, a caller that never said anything makes room for the next.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._port = wire.port
        self._server: asyncio.Server | None = None
        self._sink: Sink | None = None
        self._peers: dict[str, tuple[_Stream, Pump]] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The wire with the port that the system gave."""
        return f"tcp-listen:{written(self._wire.host, self._port)}"

    async def open(self, sink: Sink) -> None:
        """Listen on that address only."""
        self._sink = sink
        (_, address), *_ = await resolve(self._wire.host)
        try:
            self._server = await asyncio.start_server(self._accept, address, self._wire.port, backlog=BACKLOG)
        except OSError as trouble:
            raise OpenFailed(reason_of(trouble), self._wire.what) from None
        self._port = self._server.sockets[0].getsockname()[1]

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sink = self._sink
        address = writer.get_extra_info("peername")
        if sink is None or self._server is None or not address or not self._has_room():
            writer.transport.abort()
            return
        peer = written(*address[:2])
        stream = _Stream(reader, writer, peer, Flow(CALLER_OCTETS_PER_S, CALLER_BURST_OCTETS))
        pump = Pump(stream.read, sink, partial(self._leave, peer))
        self._peers[peer] = stream, pump
        pump.start()

    def _has_room(self) -> bool:
        if len(self._peers) < PEERS:
            return True
        mute = next((stream for stream, _ in self._peers.values() if not stream.has_spoken), None)
        if mute is not None:
            mute.abort()
        return mute is not None

    def _leave(self, peer: str, _reason: Reason, _detail: str) -> None:
        known = self._peers.pop(peer, None)
        if known is None:  # hanging up on everybody has begun, and closes this one too
            return
        stream, _ = known
        if self._sink is not None:
            self._sink.left(peer)
        closing = asyncio.get_running_loop().create_task(stream.close())
        self._leaving.add(closing)
        closing.add_done_callback(self._leaving.discard)

    def peers(self) -> tuple[str, ...]:
        """Who is connected now."""
        return tuple(self._peers)

    async def write(self, data: bytes, peer: str = "") -> None:
        """Send to ``peer``; without one to the only one there is."""
        if not peer and len(self._peers) == 1:
            peer = next(iter(self._peers))
        known = self._peers.get(peer)
        if known is None:
            raise WriteFailed("no-peer", peer or self.url)
        await known[0].write(data)

    async def close(self) -> None:
        """Stop listening and hang up on every peer."""
        server, self._server = self._server, None
        self._sink = None
        if server is not None:
            server.close()
        peers, self._peers = self._peers, {}
        for stream, pump in peers.values():
            await pump.stop()
            await stream.close()
        if self._leaving:
            await asyncio.wait(self._leaving)
        if server is not None:
            await server.wait_closed()
