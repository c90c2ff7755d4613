"""A socket that sends by one network interface alone: what asks for a bearer must not be answered by another.

Linux lets everybody bind a socket to an interface since 5.7; before, and where a sandbox forbids it, that takes
``CAP_NET_RAW``.  Without the right the socket takes the interface's own address for its source, which alone proves
nothing: the kernel chooses the way by the destination.  So it is asked before each question which way a packet from
that address would take, and where that is another interface (no ``ip rule from`` this address), nothing is sent:
``NotTied``.  Better no answer than the answer of another bearer.

A tied socket needs a route by its interface, for instance a second default route with a higher metric: without one
the kernel takes every address for a neighbour on that wire, and nobody answers.  And a strict reverse path filter
drops what comes in by an interface other than the one by which the kernel would send there.  Neither is a cut:
``why_silent``.

**Source:** socket(7), ``SO_BINDTODEVICE``; linux commit c427bfec18f2 (5.7) for the right; rtnetlink(7); ``rp_filter``
in the kernel's ip-sysctl (the larger of ``all`` and the interface's counts, 1 is strict; RFC 3704 clause 2.2).
"""

from __future__ import annotations

import socket
from pathlib import Path

from devices.transports.routes import leads_out, way_to

_STRICT = 1


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


def why_silent(interface: str, address: str) -> str | None:
    """Why no answer of ``address`` can come in by this interface; ``None``: one could, or the kernel does not say.

    ``no_route``: no question could have reached it.  ``filtered``: the kernel drops the answer.
    """
    try:
        index = socket.if_nametoindex(interface)
        if not leads_out(index, address):
            return "no_route"
        return "filtered" if _is_filtered(interface, index, address) else None
    except OSError:
        return None


def _is_filtered(interface: str, index: int, address: str) -> bool:
    if ":" in address or max(_filter_of("all"), _filter_of(interface)) != _STRICT:
        return False
    source = way_to(address, interface=index).source
    return bool(source) and way_to(address, source=source).interface != index


def _filter_of(interface: str) -> int:
    said = Path(f"/proc/sys/net/ipv4/conf/{interface}/rp_filter").read_text(encoding="ascii").strip()
    return int(said) if said.isdigit() else 0
