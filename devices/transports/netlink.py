"""What the kernel says of a network interface: at once when its carrier goes or comes, and its counters at a pace.

``netlink:eth1?interval_s=5``.  A line is one JSON object with ``source``, ``path`` (``link``), ``asked_ns``,
``answered_ns`` and the ``payload`` ``is_there``, ``is_up`` (switched on), ``has_carrier``, ``is_point_to_point``,
``received_bytes``, ``sent_bytes``.  An interface that is not there is told as such; it may be plugged in any time.

**Source:** rtnetlink(7) and netlink(7) of the Linux manual; numbers from linux/rtnetlink.h, if_link.h, if.h.
"""

from __future__ import annotations

import asyncio
import errno
import json
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass

from devices.transports.address import Wire
from devices.transports.contract import Clock, OpenFailed, Sink, WriteFailed, reason_of, words_of
from devices.transports.pump import Pump
from devices.transports.routes import HEADER, attribute, attributes, messages

_GROUP_LINK = 1
_NEW, _GONE, _GET, _ERROR = 16, 17, 18, 2
_REQUEST = 1
_NAME, _STATS64, _CARRIER = 3, 23, 33
_UP, _POINT_TO_POINT, _LOWER_UP = 0x1, 0x10, 0x10000
_LINK = struct.Struct("=BxHiII")
_COUNTERS = struct.Struct("=QQQQ")
_RECEIVE_OCTETS = 1 << 16
_LINES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkState:
    """One interface now; counters are octets since it is there, ``None`` where the kernel did not say them."""

    name: str
    is_there: bool
    is_up: bool = False
    has_carrier: bool = False
    is_point_to_point: bool = False
    received_bytes: int | None = None
    sent_bytes: int | None = None

    @property
    def condition(self) -> tuple[bool, bool, bool]:
        """What is told at once when it changes."""
        return self.is_there, self.is_up, self.has_carrier


def question(name: str, number: int) -> bytes:
    """Ask for one interface by its name."""
    body = _LINK.pack(socket.AF_UNSPEC, 0, 0, 0, 0) + attribute(_NAME, name.encode("ascii") + b"\0")
    return HEADER.pack(HEADER.size + len(body), _GET, _REQUEST, number, 0) + body


def links(data: bytes, name: str) -> Iterator[LinkState]:
    """What messages of the kernel say of the interface ``name``; anything else in them is passed over."""
    for kind, body in messages(data):
        if kind == _ERROR and len(body) >= 4 and -struct.unpack_from("=i", body)[0] == errno.ENODEV:
            yield LinkState(name=name, is_there=False)
        elif kind in {_NEW, _GONE} and len(body) >= _LINK.size:
            state = _state(body, is_there=kind == _NEW)
            if state.name == name:
                yield state


def _state(body: bytes, *, is_there: bool) -> LinkState:
    flags = _LINK.unpack_from(body)[3]
    told = dict(attributes(body[_LINK.size :]))
    name = told.get(_NAME, b"").rstrip(b"\0").decode("ascii", "replace")
    counters = told.get(_STATS64, b"")
    received, sent = _COUNTERS.unpack_from(counters)[2:] if len(counters) >= _COUNTERS.size else (None, None)
    carrier = told.get(_CARRIER)
    return LinkState(
        name=name,
        is_there=is_there,
        is_up=is_there and bool(flags & _UP),
        has_carrier=is_there and (bool(carrier[0]) if carrier else bool(flags & _LOWER_UP)),
        is_point_to_point=bool(flags & _POINT_TO_POINT),
        received_bytes=received,
        sent_bytes=sent,
    )


class Netlink:
    """One interface of this computer."""

    def __init__(self, wire: Wire, clock_ns: Clock = time.time_ns) -> None:
        self._wire = wire
        self._clock_ns = clock_ns
        self._interval_s = wire.number("interval_s", 5.0, 0.1, 3600.0)
        self._socket: socket.socket | None = None
        self._lines: asyncio.Queue[bytes] = asyncio.Queue(_LINES)
        self._before: tuple[bool, bool, bool] | None = None
        self._asked_ns = 0
        self._number = 0
        self._is_due = False
        self._due: asyncio.TimerHandle | None = None
        self._pump: Pump | None = None

    @property
    def url(self) -> str:
        """The wire as configured."""
        return self._wire.url

    async def open(self, sink: Sink) -> None:
        """Begin to listen and ask once.  Raises ``OpenFailed`` where there is no such kernel."""
        family = getattr(socket, "AF_NETLINK", None)
        if family is None:
            raise OpenFailed("missing", "netlink")
        try:
            self._socket = socket.socket(family, socket.SOCK_RAW, 0)
            self._socket.settimeout(0)
            self._socket.bind((0, _GROUP_LINK))
        except OSError as trouble:
            await self.close()
            raise OpenFailed(reason_of(trouble), words_of(trouble)) from None
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._receive)
        self._pump = Pump(self._read, sink, sink.closed)
        self._pump.start()
        self._ask()

    def _ask(self) -> None:
        if self._socket is None:
            return
        self._is_due = True
        self._asked_ns = self._clock_ns()
        self._number += 1
        try:
            self._socket.send(question(self._wire.what, self._number & 0xFFFFFFFF))
        except OSError:
            self._is_due = False  # its queue is full: the next round asks again
        self._due = asyncio.get_running_loop().call_later(self._interval_s, self._ask)

    def _receive(self) -> None:
        try:
            data = self._socket.recv(_RECEIVE_OCTETS) if self._socket is not None else b""
        except OSError as trouble:
            if trouble.errno == errno.ENOBUFS:  # messages were lost: what is now is asked for
                self._before = None
                self._ask_now()
            return
        for state in links(data, self._wire.what):
            self._take(state)

    def _ask_now(self) -> None:
        if self._due is not None:
            self._due.cancel()
        self._ask()

    def _take(self, state: LinkState) -> None:
        if state.condition == self._before and not self._is_due:
            return
        at_ns = self._clock_ns()
        asked_ns = self._asked_ns if self._is_due else at_ns
        self._is_due = False
        self._before = state.condition
        payload = {
            "is_there": state.is_there,
            "is_up": state.is_up,
            "has_carrier": state.has_carrier,
            "is_point_to_point": state.is_point_to_point,
            "received_bytes": state.received_bytes,
            "sent_bytes": state.sent_bytes,
        }
        line = {"source": self._wire.url.partition("?")[0], "path": "link", "asked_ns": asked_ns}
        line |= {"answered_ns": max(asked_ns, at_ns), "payload": payload}
        if self._lines.full():
            self._lines.get_nowait()
        self._lines.put_nowait(json.dumps(line, separators=(",", ":")).encode())

    async def _read(self) -> tuple[bytes, str] | None:
        return await self._lines.get(), ""

    async def write(self, data: bytes, peer: str = "") -> None:  # noqa: ARG002
        """Refuse: an interface is only watched."""
        raise WriteFailed("one-way", self._wire.what)

    async def close(self) -> None:
        """Watch no more."""
        if self._due is not None:
            self._due.cancel()
        wire, self._socket = self._socket, None
        if wire is not None:
            asyncio.get_running_loop().remove_reader(wire.fileno())
            wire.close()
        pump, self._pump = self._pump, None
        if pump is not None:
            await pump.stop()
