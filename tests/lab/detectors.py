"""Who judges a bearer by its probes: ours, through a real engine, and the rules of others.

**Source:** mwan3: ``net/mwan3/files/usr/sbin/mwan3track`` of openwrt/packages (a score between 0 and down+up; defaults
interval 10 s, timeout 4 s, down 5, up 5).  BFD: RFC 5880, section 6.8.4 (detection time = interval x multiplier; up
with the next packet).  Their rules, written anew in our words; their programs do more.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from console.configuration.bearers import fitted, profiles
from console.configuration.model import BearerConfiguration, Configuration, DeviceConfiguration
from console.records import Kind, Record, pack
from console.replay import new_engine
from tests.lab.link import NS_PER_MS, NS_PER_S

START_NS = 1_753_000_000 * NS_PER_S


class Detector(Protocol):
    """Takes finished probes in; ``is_down`` and ``shown`` are what a person would see."""

    interval_ns: int
    timeout_ns: int

    def probed(self, asked_ns: int, at_ns: int, round_trip_ms: float | None) -> None:
        """One probe is over at ``at_ns``: answered after ``round_trip_ms``, or given up."""

    def tick(self, at_ns: int) -> None:
        """A second has passed."""

    def shown(self) -> str:
        """The state shown."""

    def is_down(self) -> bool:
        """Whether it is called down."""


class Mwan3:
    """A score that goes down with each miss and up with each answer; the ends of its walk are the states."""

    def __init__(self, interval_s: float = 10.0, timeout_s: float = 4.0, down: int = 5, up: int = 5) -> None:
        self.interval_ns = round(interval_s * NS_PER_S)
        self.timeout_ns = round(timeout_s * NS_PER_S)
        self._down, self._up = down, up
        self._score = down + up
        self._is_online = True

    def probed(self, asked_ns: int, at_ns: int, round_trip_ms: float | None) -> None:  # noqa: ARG002
        """Walk."""
        if round_trip_ms is not None:
            self._score += 1
            if self._score >= self._up:
                self._is_online = True
            if self._score > self._up:
                self._score = self._down + self._up
        else:
            self._score -= 1
            if self._score <= self._up:
                self._is_online = False
                self._score = 0

    def tick(self, at_ns: int) -> None:
        """Nothing."""

    def shown(self) -> str:
        """Two states."""
        return "up" if self._is_online else "down"

    def is_down(self) -> bool:
        """Whether it is offline."""
        return not self._is_online


class Bfd:
    """Down when nothing came for ``multiplier`` intervals, up with the next answer."""

    def __init__(self, interval_s: float = 1.0, multiplier: int = 3) -> None:
        self.interval_ns = round(interval_s * NS_PER_S)
        self.timeout_ns = self.interval_ns
        self._multiplier = multiplier
        self._misses = 0

    def probed(self, asked_ns: int, at_ns: int, round_trip_ms: float | None) -> None:  # noqa: ARG002
        """Count."""
        self._misses = 0 if round_trip_ms is not None else self._misses + 1

    def tick(self, at_ns: int) -> None:
        """Nothing."""

    def shown(self) -> str:
        """Two states."""
        return "down" if self.is_down() else "up"

    def is_down(self) -> bool:
        """Whether the session is down."""
        return self._misses >= self._multiplier


class Ours:
    """The console's own engine, told by its own driver's lines; the bearer has the profile of its kind."""

    def __init__(self, bearer: BearerConfiguration, interval_s: float, timeout_s: float) -> None:
        self.interval_ns = round(interval_s * NS_PER_S)
        self.timeout_ns = round(timeout_s * NS_PER_S)
        self._engine = new_engine()
        self._seq = 0
        self._id = bearer.id
        configuration = Configuration(
            mode="live",
            incident="lab",
            post="lab",
            devices=(DeviceConfiguration(id="probe", name="probe", driver="probe", wire="ping:192.0.2.1"),),
            bearers=(bearer,),
        )
        said = {"configuration": msgspec.to_builtins(configuration), "last_ns": 0}
        self._put(START_NS, Kind.START, "console", pack(said))
        self._put(START_NS, Kind.WIRE, "probe", pack({"state": "up"}))

    def _put(self, at_ns: int, kind: Kind, source: str, payload: bytes) -> None:
        self._seq += 1
        self._engine.step(Record(self._seq, at_ns, kind, source, "", payload))

    def probed(self, asked_ns: int, at_ns: int, round_trip_ms: float | None) -> None:
        """Through the door, as the sampler says it."""
        if round_trip_ms is None:
            line = b'{"source":"ping:192.0.2.1","asked_ns":%d,"answered_ns":null,"error":"timeout"}' % asked_ns
        else:
            answered_ns = asked_ns + round(round_trip_ms * NS_PER_MS)
            line = b'{"source":"ping:192.0.2.1","asked_ns":%d,"answered_ns":%d,"payload":{"round_trip_ms":%.3f}}' % (
                asked_ns,
                answered_ns,
                round_trip_ms,
            )
        self._put(at_ns, Kind.OCTETS, "probe", line)

    def tick(self, at_ns: int) -> None:
        """The console's own tick."""
        self._put(at_ns, Kind.TICK, "console", b"")

    def shown(self) -> str:
        """State and restlessness: either is a change that a person sees."""
        bearer = self._engine.tables.bearers[self._id]
        return f"{bearer.state} unstable" if bearer.is_unstable else bearer.state

    def is_down(self) -> bool:
        """Whether it is called down."""
        return self._engine.tables.bearers[self._id].state == "down"


def ours(kind: str) -> Ours:
    """The console on a bearer of this kind: the profile that the product ships, probed at its pace."""
    usual = profiles()[kind]
    bearer = fitted(BearerConfiguration(id=kind, name=kind, rung="primary", device_id="probe"), kind)
    return Ours(bearer, usual.probe_s, usual.timeout_s)
