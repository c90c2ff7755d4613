"""How a STAMP reflector is asked: one UDP socket, many questions under way, each answer matched by its number.

``stamp:host:port?interval_s=1&timeout_s=3&dev=eth1``: ``dev`` sends through that interface only, so that the probe
measures this bearer and not whichever one the default route takes.  The payload of a line has ``round_trip_ms``
without the time that the reflector kept the packet, ``sent`` (our number) and ``reached`` (the reflector's): their
difference is what was lost on the way out.  An answer after its time is one more line, ``is_late``.

**Source:** RFC 8762 clauses 4.2 and 4.3, RFC 8972 clause 3.
**Assumed:** numbering begins at 1, as if 0 had been lost: so the reflector's number equals ours only where it keeps no
count of its own, and both kinds can be told apart from the first answer on.
"""

from __future__ import annotations

import asyncio
import errno
import secrets
import socket
import time
from collections import OrderedDict
from collections.abc import Callable

from devices import stamp
from devices.transports.tied import NotTied, check, tie

LATE_KEPT = 256
_NS_PER_MS = 1_000_000

Late = Callable[[int, dict[str, object]], None]
"""Hears the console time of the question and what the late answer says."""


class StampAsker:
    """Asks one reflector.  ``clock_ns`` is console time; round trips are of the monotonic clock."""

    def __init__(self, port: int, timeout_s: float, interface: str | None, late: Late) -> None:
        self._port = port
        self._timeout_s = timeout_s
        self._interface = interface
        self._late = late
        self._session = secrets.randbelow(1 << 16)
        self._sequence = 0
        self._is_bound = True
        self._transport: asyncio.DatagramTransport | None = None
        self._waiting: dict[int, asyncio.Future[dict[str, object]]] = {}
        self._asked: OrderedDict[int, tuple[int, int, int]] = OrderedDict()

    async def ask(self, family: int, address: str, asked_ns: int) -> dict[str, object]:
        """One question.  Raises ``TimeoutError``, ``OSError`` or ``NotTied``."""
        transport = await self._open(family, address)
        loop = asyncio.get_running_loop()
        self._sequence += 1
        sequence = self._sequence
        answer: asyncio.Future[dict[str, object]] = loop.create_future()
        self._waiting[sequence] = answer
        packet = stamp.sender_packet(sequence, asked_ns, self._session)
        self._asked[sequence] = asked_ns, time.monotonic_ns(), stamp.ntp_time(asked_ns)
        if len(self._asked) > LATE_KEPT:
            self._asked.popitem(last=False)
        transport.sendto(packet)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await answer
        finally:
            self._waiting.pop(sequence, None)

    async def _open(self, family: int, address: str) -> asyncio.DatagramTransport:
        if self._transport is not None and self._is_good(self._transport, address):
            return self._transport
        self.close()
        wire = socket.socket(family, socket.SOCK_DGRAM)
        try:
            wire.settimeout(0)
            if self._interface is not None:
                self._is_bound = tie(wire, self._interface, address)
            wire.connect((address, self._port))
            made = await asyncio.get_running_loop().create_datagram_endpoint(lambda: _Answers(self), sock=wire)
        except (OSError, NotTied):
            wire.close()
            raise
        self._transport = made[0]
        return self._transport

    def _is_good(self, transport: asyncio.DatagramTransport, address: str) -> bool:
        """Whether the socket there is can still be used, and leaves by its interface.  Raises as ``check`` does."""
        if transport.is_closing():
            return False
        if self._interface is None or self._is_bound:
            return True
        return bool(check(self._interface, address) == transport.get_extra_info("sockname")[0])

    def take(self, packet: bytes) -> None:
        """What arrived: ours is what bears our session, a number that was asked and the time it was asked with."""
        now_ns = time.monotonic_ns()
        seen = stamp.read_reflected(packet)
        if seen is None or seen.session != self._session:
            return
        asked = self._asked.get(seen.sent_sequence)
        if asked is None or asked[2] != seen.sent_ntp:
            return
        del self._asked[seen.sent_sequence]
        trip_ms = max(0.0, (now_ns - asked[1] - seen.held_ns) / _NS_PER_MS)
        told: dict[str, object] = {
            "round_trip_ms": round(trip_ms, 3),
            "sent": seen.sent_sequence,
            "reached": seen.sequence,
        }
        waiting = self._waiting.pop(seen.sent_sequence, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(told)
        elif waiting is None:
            self._late(asked[0], {**told, "is_late": True})

    def fail(self, trouble: OSError) -> None:
        """The system says that what we sent could not be delivered.

        A socket keeps the interface it was bound to and the address it had: of a modem that was plugged in again, or
        was given another address, a new one is needed.
        """
        if trouble.errno != errno.ECONNREFUSED:
            self.close()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(trouble)

    def close(self) -> None:
        """Ask no more."""
        if self._transport is not None:
            self._transport.abort()
        self._transport = None


class _Answers(asyncio.DatagramProtocol):
    """Hands on what the socket hears."""

    def __init__(self, asker: StampAsker) -> None:
        self._asker = asker

    def datagram_received(self, data: bytes, addr: object) -> None:
        """An answer, or something else."""
        del addr  # the socket is connected: it comes from where we sent to
        self._asker.take(data)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there, or no way leads there."""
        if isinstance(exc, OSError):
            self._asker.fail(exc)
