"""Puts messages together that came in several packets.

**Source:** header fields as in ``framing``: the packets of a message have serial numbers that follow one another.
**Assumed:** packets come in any order, and again.  A message that is not whole after a minute, or is pushed out by
newer ones, is given up: asking for the missing packets (8003) differs between the editions and is not done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from devices.driver import NS_PER_S
from devices.drivers.jt808.framing import Frame

MOST_PACKETS: Final = 64
MOST_MESSAGES: Final = 64
MOST_OCTETS: Final = 65_536
KEPT_NS: Final = 60 * NS_PER_S

_Key = tuple[str, int, int]
"""Who, which message, serial number of the first packet."""


@dataclass(slots=True, kw_only=True)
class _Message:
    total: int
    began_ns: int
    packets: dict[int, bytes] = field(default_factory=dict)


class Parts:
    """Unfinished messages: bounded in number, packets and octets, and in time while the time is known."""

    def __init__(self) -> None:
        self._messages: dict[_Key, _Message] = {}
        self._octets = 0

    def put(self, frame: Frame, at_ns: int) -> tuple[bytes | Literal["parts"] | None, list[bytes]]:
        """Take a packet: the whole body when it was the last one, and the first octets of messages given up.

        ``parts``: the packet belongs to no message that could be put together.
        """
        given_up = self._expired(at_ns)
        key = (frame.subject, frame.message, (frame.serial - frame.packet + 1) & 0xFFFF)
        message = self._messages.get(key)
        if frame.packets > MOST_PACKETS or (message is not None and message.total != frame.packets):
            return "parts", given_up
        if message is None:
            message = self._messages[key] = _Message(total=frame.packets, began_ns=at_ns)
        if frame.packet not in message.packets:
            message.packets[frame.packet] = frame.body
            self._octets += len(frame.body)
        if len(message.packets) == message.total:
            self._forget(key)
            return b"".join(message.packets[index] for index in range(1, message.total + 1)), given_up
        while len(self._messages) > MOST_MESSAGES or self._octets > MOST_OCTETS:
            given_up.append(self._forget(next(iter(self._messages))))
        return None, given_up

    def finish(self) -> list[bytes]:
        """Give everything up."""
        return [self._forget(key) for key in list(self._messages)]

    def save(self) -> list[Any]:
        """Plain values."""
        return [
            [*key, one.total, one.began_ns, [[index, body.hex()] for index, body in one.packets.items()]]
            for key, one in self._messages.items()
        ]

    def restore(self, state: Sequence[Any]) -> None:
        """Continue from what ``save`` gave."""
        self._messages = {}
        self._octets = 0
        for subject, message, serial, total, began_ns, packets in state:
            bodies = {index: bytes.fromhex(body) for index, body in packets}
            self._messages[subject, message, serial] = _Message(total=total, began_ns=began_ns, packets=bodies)
            self._octets += sum(map(len, bodies.values()))

    def _expired(self, at_ns: int) -> list[bytes]:
        old = [key for key, one in self._messages.items() if 0 <= one.began_ns < at_ns - KEPT_NS]
        return [self._forget(key) for key in old]

    def _forget(self, key: _Key) -> bytes:
        message = self._messages.pop(key)
        self._octets -= sum(map(len, message.packets.values()))
        return message.packets[min(message.packets)]
