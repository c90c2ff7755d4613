"""The contract of a driver and of a simulator, and what both sides share.

Nothing is inherited.  A driver does no input or output and never asks for the time: it is told.  One instance
serves one device, or one peer of a listening device.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from devices.commands import DeviceCommand
from devices.observations import Malformed, Observation

NS_PER_S = 1_000_000_000

Settings = Mapping[str, Any]
"""A device's own keys of the configuration, checked against the catalogue entry before a driver sees them."""


LATE_NS = 300 * NS_PER_S
"""What took longer from its sender was kept somewhere on its way: a centre, a gateway, a radio that was off."""


def is_late(source_time_ns: int | None, at_ns: int) -> bool:
    """Whether a message dated so was kept somewhere before it arrived: true, but no sign of life of now.

    What is not dated, or arrives at an unknown time (``at_ns`` below 0), is not late.
    """
    return source_time_ns is not None and at_ns >= 0 and at_ns - source_time_ns > LATE_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Octets to send, and the form to write down when they hold a secret (else the octets themselves).

    ``reference`` is how the wire's own DeliveryReport will name this transmission (a BeiDou command id such as
    ``TXA``); ``None`` where the wire cannot name it.  ``peer`` is where to send on a wire with many ends
    (``address:port``); ``None`` where the wire knows it.  ``report_due_s``: how long the device may take to say what
    became of it; ``None``: the console's own patience.  ``is_sent_when_written``: nobody on this wire will say that it
    was sent, so all octets written is as much as can be known until a receipt comes.
    """

    octets: bytes
    recorded: bytes | None = None
    reference: str | None = None
    peer: str | None = None
    report_due_s: float | None = None
    is_sent_when_written: bool = False


class Addressed(bytes):
    """Octets of ``poll`` for one ``peer`` (``address:port``) of a wire with many ends.

    Plain octets go to the peer that was just heard, on a tick to the end that the wire itself names.
    """

    peer: str

    def __new__(cls, octets: bytes, peer: str) -> Self:
        """The same octets, with their address."""
        made = super().__new__(cls, octets)
        made.peer = peer
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why a command is not sent: ``reason`` is a message id of the catalogue ``refusal.*``, without the prefix.

    ``is_for_now``: nothing is wrong with the command, the device cannot take it yet; a text waits.
    """

    reason: str
    is_for_now: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLimit:
    """How much of a text one message carries.

    ``used`` and ``limit`` are in ``unit`` (``hanzi``, ``octets``, ``digits`` or ``characters``), the class the encoder
    chose for this text; ``limit`` is ``None`` while the card has not told its limits.  ``parts`` is how many
    transmissions the text takes.
    """

    used: int
    limit: int | None
    unit: str
    is_sendable: bool
    parts: int = 1


class Driver(Protocol):
    """Octets in, observations out; commands in, octets out."""

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:
        """Understand ``data``.  Never raises; on streams any split of the octets gives the same observations."""

    def poll(self, at_ns: int) -> Sequence[bytes]:
        """What to send now of the driver's own accord: answers, queries.  Called after every receive and tick."""

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:
        """Turn a command into octets, or say why not."""

    def finish(self) -> Sequence[Malformed]:
        """What is left over when the wire goes down."""

    def save(self) -> dict[str, Any]:
        """The driver's state in plain values (numbers, text, bytes as hex, lists, dictionaries), for a snapshot."""

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""


class PeerDriver(Driver, Protocol):
    """A driver of which one instance serves every peer of a wire (catalogue: ``peers = "together"``).

    The channel behind the peers is one and has one rate; an answer may come from another port than was asked.
    """

    def receive_from(self, data: bytes, peer: str, at_ns: int) -> Sequence[Observation]:
        """As ``receive``, said by ``peer`` (``address:port``, empty where the wire has one end)."""


class TextDriver(Driver, Protocol):
    """A driver that can send text."""

    def measure(self, text: str) -> TextLimit:
        """How ``text`` would fit one message now."""


class Simulator(Protocol):
    """The device's end of a wire: pure, driven by the clock it is told and a seeded source of chance."""

    def receive(self, data: bytes, at_ns: int) -> Sequence[bytes]:
        """Answer what the console sent."""

    def tick(self, at_ns: int) -> Sequence[bytes]:
        """What the device says of its own accord by now.  Called about ten times a second."""


Chance = Callable[[], float]
"""Gives the next number in 0..1; seeded by the host, so that a drill repeats."""

DriverFactory = Callable[[Settings], Driver]
SimulatorFactory = Callable[[Settings, Chance], Simulator]


def xor_octets(data: bytes) -> int:
    """XOR of all octets, 0..255.

    Folds one large integer on itself and looks only at its lowest octet: a sentence costs 0.7 us, a loop 5 us.
    """
    value = int.from_bytes(data, "big")
    if len(data) > 128:
        shift = 512 << (len(data) // 128).bit_length()
        while shift > 512:
            value ^= value >> shift
            shift >>= 1
    value ^= value >> 512
    value ^= value >> 256
    value ^= value >> 128
    value ^= value >> 64
    value ^= value >> 32
    value ^= value >> 16
    return (value ^ (value >> 8)) & 0xFF
