"""A socket that sends by one network interface alone: what asks for a bearer must not be answered by another.

Linux lets everybody bind a socket to an interface since 5.7; before, and where a sandbox forbids it, that takes
``CAP_NET_RAW``.  Without the right the socket takes the interface's own address for its source, which alone proves
nothing: the kernel chooses the way by the destination.  So it is asked before each question which way a packet from
that address would take, and where that is another interface (no ``ip rule from`` this address), nothing is sent:
``NotTied``.  Better no answer than the answer of another bearer.

A tied socket needs a route by its interface, for instance a second default route with a higher metric: without one the
kernel takes every address for a neighbour on that wire, and nobody answers.  That is no cut: ``has_route`` tells it.

**Source:** socket(7), ``SO_BINDTODEVICE``; linux commit c427bfec18f2 (5.7) for the right; rtnetlink(7).
"""

from __future__ import annotations

import socket

from devices.transports.routes import leads_out, way_to


class NotTied(Exception):  # noqa: N818 - what it is
    """This computer does not let us bind to the interface, and a packet with its address would leave by another."""


def tie(wire: socket.socket, interface: str, address: str) -> bool:
    """Bind a new socket, that will ask ``address``, to ``interface``.

    Gives whether it is bound for good: else ``check`` belongs before each question.  Raises ``OSError``: ``ENODEV``
    where there is no such interface; ``NotTied``.
    """
    try:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode() + b"\0")
    except PermissionError:
        wire.bind((check(interface, address), 0))
        return False
    return True


def check(interface: str, address: str) -> str:
    """The address under which ``interface`` reaches ``address`` without being bound to it.

    Raises ``OSError`` where there is no such interface or no way; ``NotTied`` where another would be taken.
    """
    index = socket.if_nametoindex(interface)
    source = way_to(address, interface=index).source
    if not source or way_to(address, source=source).interface != index:
        raise NotTied(interface)
    return source


def has_route(interface: str, address: str) -> bool:
    """Whether a question could have reached ``address`` by this interface; true where the kernel does not say."""
    try:
        return leads_out(socket.if_nametoindex(interface), address)
    except OSError:
        return True
