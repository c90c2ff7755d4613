"""The far end of a STAMP measurement: gives every test packet back, numbered by what reached it.

Stateful: it counts what came from each sender, so that the sender learns which direction loses.  It answers with as
many octets as it was asked with and to nobody who sends less than a whole packet, so it multiplies nothing; it keeps
no more than ``SESSIONS`` counts, and answers one address no faster than ``PACKETS_PER_S``.

**Source:** RFC 8762 clause 4.3 (stateful Session-Reflector), clause 6 (security).
"""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Callable
from typing import Protocol

from devices import stamp

SESSIONS = 256
IDLE_NS = 900 * 1_000_000_000
PACKETS_PER_S = 20_000
"""200 Mbit/s of the packets that a throughput check sends."""

_BUFFER = 4 << 20
_STEP_S = 0.2
_ROUND = 64
_IP_RECVTTL = 12
"""Linux; the library has no name for it."""

_TTL = struct.Struct("@i")


class Line(Protocol):
    """What lies between a sender and this end in a rehearsal; asked in the thread that serves."""

    def passes(self, octets: int, *, is_back: bool) -> bool:
        """Whether a packet of so many octets arrives: at the reflector, or its answer back at the sender."""


class Reflector:
    """One UDP socket; ``url`` says where once it is made.  Raises ``OSError`` when the address cannot be taken.

    What a ``line`` keeps on the way out never reached this end and is not counted.
    """

    def __init__(self, host: str, port: int, line: Line | None = None) -> None:
        self._line = line
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        self._socket = socket.socket(family, kind)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            if family == socket.AF_INET6:
                self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
            else:
                self._socket.setsockopt(socket.IPPROTO_IP, _IP_RECVTTL, 1)
            self._socket.settimeout(0)
            self._socket.bind(address)
        except OSError:
            self._socket.close()
            raise
        self._counts: dict[tuple[str, int, int], tuple[int, int]] = {}
        self._allowed: dict[str, tuple[int, int]] = {}

    @property
    def url(self) -> str:
        """The wire that a console would name, with the port that was given where 0 was asked for."""
        host, port = self._socket.getsockname()[:2]
        return f"stamp:[{host}]:{port}" if ":" in host else f"stamp:{host}:{port}"

    def serve(self, is_over: Callable[[], bool]) -> None:
        """Answer until ``is_over``, which is asked five times a second."""
        while not is_over():
            if select.select([self._socket], [], [], _STEP_S)[0]:
                self._answer_waiting()

    def close(self) -> None:
        """Let go of the port."""
        self._socket.close()

    def _answer_waiting(self) -> None:
        for _ in range(_ROUND):
            try:
                packet, said, _, peer = self._socket.recvmsg(stamp.LONGEST + 1, 64)
            except OSError:  # nothing more, or what an earlier answer met
                return
            received_ns = time.time_ns()
            sent = stamp.read_sent(packet)
            if sent is None or len(packet) > stamp.LONGEST or not self._may_answer(peer[0], received_ns):
                continue
            if self._line is not None and not self._line.passes(len(packet), is_back=False):
                continue
            sequence = self._count((peer[0], peer[1], sent.session), received_ns)
            size = (len(packet), _ttl_of(said))
            answer = stamp.reflector_packet(sent, sequence, received_ns, time.time_ns(), size)
            if self._line is not None and not self._line.passes(len(answer), is_back=True):
                continue
            try:
                self._socket.sendto(answer, peer)
            except OSError:
                continue  # its way back is cut, or the line is full: it counts as lost on the way back

    def _count(self, session: tuple[str, int, int], at_ns: int) -> int:
        sequence, _ = self._counts.pop(session, (0, 0))
        if len(self._counts) >= SESSIONS:
            del self._counts[next(iter(self._counts))]
        self._counts[session] = sequence + 1, at_ns  # the latest last
        oldest = next(iter(self._counts))
        if at_ns - self._counts[oldest][1] > IDLE_NS:
            del self._counts[oldest]
        return sequence

    def _may_answer(self, host: str, at_ns: int) -> bool:
        second = at_ns // 1_000_000_000
        was, answered = self._allowed.get(host, (second, 0))
        if was != second:
            self._allowed.clear()
            answered = 0
        self._allowed[host] = second, answered + 1
        return answered < PACKETS_PER_S


def _ttl_of(said: list[tuple[int, int, bytes]]) -> int:
    for _, kind, data in said:
        if kind in {socket.IP_TTL, socket.IPV6_HOPLIMIT} and len(data) >= _TTL.size:
            ttl: int = _TTL.unpack_from(data)[0]
            return ttl & 0xFF
    return 0
