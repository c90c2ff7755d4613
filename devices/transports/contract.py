"""The contract of a transport: it moves a device's octets and understands none of them.

A transport is opened once, calls its sink in the loop that opened it, and is closed once in the end, also after it
told ``closed``.  Trying again, and waiting before it, belongs to whoever opened it.  Nothing listens unless a wire
of the configuration says so, and then on the given address only.
"""

from __future__ import annotations

import errno
import ssl
from collections.abc import Callable
from typing import Literal, Protocol

Reason = Literal[
    "missing",
    "ambiguous",
    "busy",
    "permission",
    "access",
    "refused",
    "timeout",
    "unreachable",
    "name",
    "tls",
    "bad-url",
    "closed",
    "gone",
    "full",
    "no-peer",
    "one-way",
    "trouble",
]
"""Why a wire is not there or took nothing; the text for people, with its remedy, is ``wire.reason.<reason>``."""

Framing = Literal["stream", "datagram"]
Clock = Callable[[], int]


class Sink(Protocol):
    """What hears a transport.  Called in the loop's own thread, never before ``open`` was called."""

    async def ready(self) -> None:
        """Return when more can be taken.  Awaited before each read: this is the back-pressure."""

    def octets(self, data: bytes, peer: str) -> None:
        """Take octets: of a stream any piece, of a datagram wire exactly one datagram.

        ``peer`` is empty unless several may talk on this wire (``tcp-listen``, ``udp``), then ``address:port``.
        """

    def left(self, peer: str) -> None:
        """A peer of a listening wire is gone; the wire itself still stands."""

    def closed(self, reason: Reason, detail: str) -> None:
        """The wire went down by itself.  Once at most; never after ``close`` was called; nothing follows it."""


class Transport(Protocol):
    """One end of a wire."""

    @property
    def url(self) -> str:
        """Where it really is once open: a port asked for as 0 is the one given by the system."""

    async def open(self, sink: Sink) -> None:
        """Open.  Raises ``OpenFailed``; when it returns, the wire is up."""

    async def write(self, data: bytes, peer: str = "") -> None:
        """Return when the octets have left this process, all of them.  Raises ``WriteFailed``.

        ``peer`` chooses among several.  After ``WriteFailed("timeout")`` or ``"gone"`` a part may have left.
        """

    async def close(self) -> None:
        """Close, quickly and for good; may be called twice, and on a wire that never opened."""


class WireTrouble(Exception):  # noqa: N818 - named for what it is; its two kinds say what failed
    """The world is wrong: ``reason`` is a stable word, ``detail`` names the port or address, or quotes the system."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: Reason = reason
        self.detail = detail


class OpenFailed(WireTrouble):
    """A wire could not be opened."""


class WriteFailed(WireTrouble):
    """Octets could not be written."""


_BY_NUMBER: dict[int, Reason] = {
    errno.ENOENT: "missing",
    errno.ENXIO: "missing",
    errno.ENODEV: "missing",
    errno.ENOTDIR: "missing",
    errno.EADDRNOTAVAIL: "missing",
    errno.EBUSY: "busy",
    errno.EAGAIN: "busy",
    errno.EADDRINUSE: "busy",
    errno.EACCES: "permission",
    errno.EPERM: "permission",
    errno.ECONNREFUSED: "refused",
    errno.ETIMEDOUT: "timeout",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETUNREACH: "unreachable",
    errno.ENETDOWN: "unreachable",
    errno.EHOSTDOWN: "unreachable",
    errno.ECONNRESET: "gone",
    errno.ECONNABORTED: "gone",
    errno.EPIPE: "gone",
    errno.EIO: "gone",
}


def reason_of(trouble: BaseException) -> Reason:
    """The word for what the system said.  Anything not in our list is ``trouble``: its own words are the detail."""
    if isinstance(trouble, ssl.SSLError):
        return "tls"
    if isinstance(trouble, TimeoutError):
        return "timeout"
    number = getattr(trouble, "errno", None)
    return _BY_NUMBER.get(number, "trouble") if isinstance(number, int) else "trouble"


def words_of(trouble: BaseException) -> str:
    """What the system said, in one line."""
    text = getattr(trouble, "verify_message", None) or getattr(trouble, "strerror", None) or str(trouble)
    return " ".join(str(text or type(trouble).__name__).split())
