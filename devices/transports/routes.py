"""What the kernel's routing tables say: by which interface an address would be reached, which route is in force.

**Source:** rtnetlink(7) and netlink(7) of the Linux manual; numbers from linux/rtnetlink.h.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass

NEW, GONE, GET = 24, 25, 26
CHANGES = 0x1 | 0x40 | 0x400
"""Groups that tell of links, and of IPv4 and IPv6 routes: a link that goes down takes its routes without a word."""
_ERROR, _DONE = 2, 3
_REQUEST, _ALL = 1, 0x300
_TO, _FROM, _OUT, _GATEWAY, _METRIC, _SOURCE, _SEVERAL, _TABLE = 1, 2, 4, 5, 6, 7, 9, 15
_MAIN, _UNICAST = 254, 1
_CLONED, _DEAD = 0x200, 0x1
_RECEIVE_OCTETS = 1 << 16
_WAIT_S = 1.0
HEADER = struct.Struct("=IHHII")
ROUTE = struct.Struct("=BBBBBBBBI")
ATTRIBUTE = struct.Struct("=HH")
_HOP = struct.Struct("=HBBi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How the kernel would send to an address: by the interface with the index ``interface``, under ``source``."""

    interface: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route of the main table; ``gateway`` and ``interface`` are empty where it has none, or several at once."""

    gateway: str
    interface: str
    metric: int

    def __str__(self) -> str:
        """As ``ip route`` writes it, more or less."""
        words = (f"via {self.gateway}" * bool(self.gateway), f"dev {self.interface}" * bool(self.interface))
        return " ".join(filter(None, (*words, f"metric {self.metric}" * bool(self.metric))))


def messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each whole message in what the kernel said: its kind and its body."""
    at = 0
    while at + HEADER.size <= len(data):
        size, kind = HEADER.unpack_from(data, at)[:2]
        if size < HEADER.size or at + size > len(data):
            return
        yield kind, data[at + HEADER.size : at + size]
        at += (size + 3) & ~3


def attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each whole attribute: its kind without the flags, and its value."""
    at = 0
    while at + ATTRIBUTE.size <= len(data):
        size, kind = ATTRIBUTE.unpack_from(data, at)
        if size < ATTRIBUTE.size or at + size > len(data):
            return
        yield kind & 0x3FFF, data[at + ATTRIBUTE.size : at + size]
        at += (size + 3) & ~3


def attribute(kind: int, value: bytes) -> bytes:
    """One attribute as the kernel reads it."""
    return ATTRIBUTE.pack(ATTRIBUTE.size + len(value), kind) + value + b"\0" * (-len(value) % 4)


def way_to(address: str, *, source: str = "", interface: int = 0) -> Way:
    """How a packet to ``address`` would leave: from ``source`` and out of ``interface`` where they are given.

    Raises ``OSError`` as the kernel answers, ``ENETUNREACH`` where no way leads there.
    """
    there = ipaddress.ip_address(address.partition("%")[0])
    family = socket.AF_INET if there.version == 4 else socket.AF_INET6
    body = ROUTE.pack(family, there.max_prefixlen, there.max_prefixlen if source else 0, 0, 0, 0, 0, 0, 0)
    body += attribute(_TO, there.packed)
    if source:
        body += attribute(_FROM, ipaddress.ip_address(source).packed)
    if interface:
        body += attribute(_OUT, struct.pack("=I", interface))
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as kernel:
        kernel.settimeout(_WAIT_S)
        kernel.send(HEADER.pack(HEADER.size + len(body), GET, _REQUEST, 1, 0) + body)
        for kind, answer in messages(kernel.recv(_RECEIVE_OCTETS)):
            if kind == _ERROR and len(answer) >= 4:
                number = -struct.unpack_from("=i", answer)[0]
                raise OSError(number, os.strerror(number))
            if kind == NEW:
                return _way(answer)
    raise OSError("the kernel did not answer")


def _way(body: bytes) -> Way:
    told = dict(attributes(body[ROUTE.size :]))
    out, source = told.get(_OUT, b""), told.get(_SOURCE, b"")
    return Way(
        interface=struct.unpack("=I", out)[0] if len(out) == 4 else 0,
        source=str(ipaddress.ip_address(source)) if len(source) in {4, 16} else "",
    )


def in_force(destination: str) -> Route | None:
    """The route of the main table to exactly this network (``default``: everywhere) that the kernel prefers.

    ``destination`` is ``default`` (of IPv4), ``::/0`` or a network.  ``None``: there is none.  Raises ``OSError``.
    """
    network = ipaddress.ip_network("0.0.0.0/0" if destination == "default" else destination, strict=False)
    found = [_route(body) for body in _all(network.version) if _is_of(body, network)]
    return min(found, key=lambda route: route.metric, default=None)


def leads_out(interface: int, address: str) -> bool:
    """Whether any table has a route to this address by the interface with this index.  Raises ``OSError``.

    Without one a socket that is bound to the interface takes every address for a neighbour on its wire.
    """
    there = ipaddress.ip_address(address.partition("%")[0])
    return any(_leads(body, interface, there) for body in _all(there.version))


def _all(version: int) -> Iterator[bytes]:
    """Every route that is used, of all tables."""
    body = ROUTE.pack(socket.AF_INET if version == 4 else socket.AF_INET6, 0, 0, 0, 0, 0, 0, 0, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as kernel:
        kernel.settimeout(_WAIT_S)
        kernel.send(HEADER.pack(HEADER.size + len(body), GET, _REQUEST | _ALL, 1, 0) + body)
        while True:
            for kind, answer in messages(kernel.recv(_RECEIVE_OCTETS)):
                if kind in {_DONE, _ERROR}:
                    return
                _, _, _, _, _, _, _, what, flags = ROUTE.unpack_from(answer)
                if kind == NEW and what == _UNICAST and not flags & (_CLONED | _DEAD):
                    yield answer


def _leads(body: bytes, interface: int, there: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    told = dict(attributes(body[ROUTE.size :]))
    network = ipaddress.ip_network((told.get(_TO, b"\0" * len(there.packed)), body[1]))
    outs = [told.get(_OUT, b""), *_hops(told.get(_SEVERAL, b""))]
    return struct.pack("=I", interface) in outs and there in network


def _hops(data: bytes) -> Iterator[bytes]:
    """The interfaces of a route that has several ways at once."""
    at = 0
    while at + _HOP.size <= len(data):
        size, _, _, index = _HOP.unpack_from(data, at)
        if size < _HOP.size:
            return
        yield struct.pack("=I", index)
        at += (size + 3) & ~3


def _is_of(body: bytes, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    _, size, _, _, table = ROUTE.unpack_from(body)[:5]
    told = dict(attributes(body[ROUTE.size :]))
    if _TABLE in told:
        table = struct.unpack("=I", told[_TABLE])[0]
    there = told.get(_TO, b"\0" * len(network.network_address.packed))
    return (table, size, there) == (_MAIN, network.prefixlen, network.network_address.packed)


def _route(body: bytes) -> Route:
    told = dict(attributes(body[ROUTE.size :]))
    gateway, out, metric = (told.get(kind, b"") for kind in (_GATEWAY, _OUT, _METRIC))
    try:
        interface = socket.if_indextoname(struct.unpack("=I", out)[0]) if len(out) == 4 else ""
    except OSError:  # it is gone since
        interface = ""
    return Route(
        gateway=str(ipaddress.ip_address(gateway)) if len(gateway) in {4, 16} else "",
        interface=interface,
        metric=struct.unpack("=I", metric)[0] if len(metric) == 4 else 0,
    )
