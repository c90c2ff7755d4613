"""UDP: datagrams to an address of ours, from anybody or from a group."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
import sys
from collections import OrderedDict

from devices.transports.address import Wire, host_and_port, written
from devices.transports.contract import OpenFailed, Sink, WriteFailed, reason_of, words_of
from devices.transports.names import resolve
from devices.transports.pump import Pump
from devices.transports.rates import SPEAKERS, Flow

DATAGRAM_OCTETS = 65_535
KERNEL_OCTETS = 1_048_576
WRITE_TIMEOUT_S = 5.0
SENDER_OCTETS_PER_S = 524_288.0
SENDER_BURST_OCTETS = 2_097_152.0
"""What a sender says beyond these is dropped, as the system does when its buffer is full: others are still heard."""

_LOG = logging.getLogger(__name__)


class Udp:
    """``udp:address:port[?to=host:port]`` and ``udp-multicast:group:port[?interface=address]``.

    Answers go to the peer that is named; without a peer to ``to`` or to the group.  What arrives while the sink is
    not ready waits in the system's buffer, and is dropped there when it is full.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._port = wire.port
        self._to: tuple[str, int] | None = None
        self._socket: socket.socket | None = None
        self._pump: Pump | None = None
        self._flows: OrderedDict[str, Flow] = OrderedDict()
        self._flooding: str | None = None
        if "to" in wire.options:
            host_and_port(wire.options["to"])

    @property
    def url(self) -> str:
        """The wire with the port that the system gave."""
        if self._wire.port or not self._port:
            return self._wire.url
        return self._wire.url.replace(self._wire.what, written(self._wire.host, self._port), 1)

    async def open(self, sink: Sink) -> None:
        """Bind to that address only, or join the group."""
        (family, address), *_ = await resolve(self._wire.host)
        if "to" in self._wire.options:
            host, port = host_and_port(self._wire.options["to"])
            targets = [found for kind, found in await resolve(host) if kind == family]
            if not targets:
                raise OpenFailed("name", host)
            self._to = targets[0], port
        sock = socket.socket(family, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)  # noqa: FBT003
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_OCTETS)
            if self._wire.scheme == "udp-multicast":
                self._join(sock, address)
            else:
                sock.bind((address, self._wire.port))
        except OSError as trouble:
            sock.close()
            reason = reason_of(trouble)
            words = words_of(trouble) if reason == "trouble" else ""
            raise OpenFailed(reason, f"{self._wire.what} {words}".strip()) from None
        self._port = sock.getsockname()[1]
        self._socket = sock
        self._pump = Pump(self._read, sink, sink.closed)
        self._pump.start()

    def _join(self, sock: socket.socket, group: str) -> None:
        interface = self._wire.options.get("interface", "0.0.0.0")  # noqa: S104 - lets the system choose for a group
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Bound to the group, the socket hears nothing else; Windows cannot do that.
        sock.bind(("" if sys.platform == "win32" else group, self._wire.port))
        member = struct.pack("4s4s", socket.inet_aton(group), socket.inet_aton(interface))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
        self._to = group, self._wire.port

    async def _read(self) -> tuple[bytes, str] | None:
        if self._socket is None:
            return None
        loop = asyncio.get_running_loop()
        while True:
            with contextlib.suppress(ConnectionError):  # Windows tells here that an earlier answer was not taken
                data, address = await loop.sock_recvfrom(self._socket, DATAGRAM_OCTETS)
                peer = written(*address[:2])
                if self._is_within(peer, len(data), loop.time()):
                    return data, peer

    def _is_within(self, peer: str, octets: int, at_s: float) -> bool:
        flow = self._flows.pop(peer, None) or Flow(SENDER_OCTETS_PER_S, SENDER_BURST_OCTETS)
        self._flows[peer] = flow
        if len(self._flows) > SPEAKERS:
            self._flows.popitem(last=False)
        is_within = flow.allow(octets, at_s)
        if not is_within and self._flooding != peer:
            self._flooding = peer
            _LOG.warning("%s: %s says too much, a part of it is dropped", self._wire.what, peer)
        return is_within

    async def write(self, data: bytes, peer: str = "") -> None:
        """Send one datagram."""
        target = host_and_port(peer) if peer else self._to
        if self._socket is None or target is None:
            raise WriteFailed("no-peer", peer or self._wire.what)
        try:
            sending = asyncio.get_running_loop().sock_sendto(self._socket, data, target)
            await asyncio.wait_for(sending, WRITE_TIMEOUT_S)
        except TimeoutError:
            raise WriteFailed("timeout", written(*target)) from None
        except OSError as trouble:
            raise WriteFailed(reason_of(trouble), words_of(trouble)) from None

    async def close(self) -> None:
        """Leave the group and give the port back."""
        pump, self._pump = self._pump, None
        if pump is not None:
            await pump.stop()
        sock, self._socket = self._socket, None
        if sock is not None:
            sock.close()
