"""What a driver keeps of what it heard: when each subject last dated an event, how to reach it, who floods.

Every table is bounded; what was not heard for longest goes first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from devices.driver import NS_PER_S
from devices.drivers.cot.event import Event
from devices.drivers.cot.framing import Framer

SUBJECTS: Final = 1_024
PEERS: Final = 64
GONE_NS: Final = 300 * NS_PER_S
"""A peer that was silent this long is written to no more; its next event brings it back."""

BEFORE_NS: Final = 5 * NS_PER_S
"""An event dated this much before its wire began was stored: clocks differ and lines delay by less."""
AHEAD_NS: Final = 60 * NS_PER_S

PEER_RATE: Final = 1_000
WIRE_RATE: Final = 2_000
BURST_S: Final = 4
"""A peer may bring 4,000 events at once and 1,000 a second ever after; all peers of a wire together twice that."""


class Budget:
    """How many events a second are taken: what is taken now is paid for by the time that follows."""

    def __init__(self, rate: int, paid_ns: int = 0) -> None:
        self._cost_ns = NS_PER_S // rate
        self.paid_ns = paid_ns

    def takes(self, at_ns: int) -> bool:
        """Whether one more is taken now; a clock below 0 is unknown and bounds nothing."""
        if at_ns < 0:
            return True
        paid_ns = max(self.paid_ns, at_ns)
        if paid_ns - at_ns > BURST_S * NS_PER_S:
            return False
        self.paid_ns = paid_ns + self._cost_ns
        return True


class Channel:
    """One peer's octets: the unfinished rest, since when it speaks, how much it may still say."""

    def __init__(self) -> None:
        self.framer = Framer()
        self.began_ns: int | None = None
        self.heard_ns = 0
        self.is_reached_here = False
        self.budget = Budget(PEER_RATE)

    def hear(self, at_ns: int) -> None:
        """The peer spoke now."""
        self.heard_ns = at_ns
        if self.began_ns is None:
            self.began_ns = at_ns

    def save(self) -> dict[str, Any]:
        """The state in plain values."""
        return {
            "rest": self.framer.rest.hex(),
            "mesh": self.framer.mesh,
            "doubt": self.framer.doubt,
            "tries": self.framer.tries,
            "began_ns": self.began_ns,
            "heard_ns": self.heard_ns,
            "is_reached_here": self.is_reached_here,
            "paid_ns": self.budget.paid_ns,
        }

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> Channel:
        """Continue from what ``save`` gave."""
        channel = cls()
        channel.framer.rest = bytes.fromhex(state["rest"])
        channel.framer.mesh = state["mesh"]
        channel.framer.doubt = state["doubt"]
        channel.framer.tries = state["tries"]
        channel.began_ns = state["began_ns"]
        channel.heard_ns = state["heard_ns"]
        channel.is_reached_here = state["is_reached_here"]
        channel.budget.paid_ns = state["paid_ns"]
        return channel


class Memory:
    """Channels by peer, dates by event uid, callsigns and peers by subject."""

    def __init__(self) -> None:
        self.channels: dict[str, Channel] = {}
        self.budget = Budget(WIRE_RATE)
        self.dates_ns: dict[str, int] = {}
        self.callsigns: dict[str, str] = {}
        self.peers: dict[str, str] = {}

    def channel(self, peer: str, at_ns: int) -> Channel:
        """The channel of ``peer``, which spoke now."""
        channel = self.channels.pop(peer, None) or Channel()
        self.channels[peer] = channel
        channel.hear(at_ns)
        if len(self.channels) > PEERS:
            del self.channels[next(iter(self.channels))]
        return channel

    def is_stored(self, event: Event, channel: Channel, at_ns: int) -> bool:
        """Whether the event proves nothing about now, and note its date.

        It is past its stale time; or older than this wire, so that a server had kept it; or was told before.
        """
        time_ns, before_ns = event.time_ns, self.dates_ns.pop(event.uid, None)
        is_earlier = before_ns is not None and time_ns < before_ns <= at_ns + AHEAD_NS
        self.dates_ns[event.uid] = before_ns if before_ns is not None and is_earlier else time_ns
        if len(self.dates_ns) > SUBJECTS:
            del self.dates_ns[next(iter(self.dates_ns))]
        if is_earlier or time_ns == before_ns:
            return True
        if at_ns < 0:
            return False
        is_past = event.stale_ns is not None and at_ns > event.stale_ns
        return is_past or (channel.began_ns is not None and time_ns < channel.began_ns - BEFORE_NS)

    def meet(self, subject: str, callsign: str | None, peer: str, *, is_reached_here: bool) -> None:
        """A user said who it is; ``is_reached_here``: by the way it came, not by an address of its own."""
        if callsign is not None:
            _remember(self.callsigns, subject, callsign)
        if peer and is_reached_here:
            _remember(self.peers, subject, peer)
            self.channels[peer].is_reached_here = True
        else:
            self.peers.pop(subject, None)

    def ends(self, at_ns: int) -> list[str | None]:
        """Where something for everybody goes: each peer that called us, else the end that the wire names."""
        called = [
            peer
            for peer, channel in self.channels.items()
            if peer and channel.is_reached_here and at_ns - channel.heard_ns < GONE_NS
        ]
        return list(called) or [None]

    def end_of(self, subject: str, at_ns: int) -> str | None:
        """Where something for this subject goes: the peer it called by, while that one still speaks."""
        peer = self.peers.get(subject)
        return peer if peer in self.ends(at_ns) else None

    def save(self) -> dict[str, Any]:
        """The state in plain values; pairs, because the order is what goes first."""
        return {
            "paid_ns": self.budget.paid_ns,
            "channels": [[peer, channel.save()] for peer, channel in self.channels.items()],
            "dates_ns": [[uid, time_ns] for uid, time_ns in self.dates_ns.items()],
            "callsigns": [[subject, name] for subject, name in self.callsigns.items()],
            "peers": [[subject, peer] for subject, peer in self.peers.items()],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self.budget.paid_ns = state["paid_ns"]
        self.channels = {peer: Channel.restored(saved) for peer, saved in state["channels"]}
        self.dates_ns = dict(state["dates_ns"])
        self.callsigns = dict(state["callsigns"])
        self.peers = dict(state["peers"])


def _remember(table: dict[str, str], subject: str, value: str) -> None:
    table.pop(subject, None)
    table[subject] = value
    if len(table) > SUBJECTS:
        del table[next(iter(table))]
