"""Modems and routers by SNMP: the sampler's lines, understood by the profile that its first line hands on.

Levels become Signals, states Conditions, counters rates.  A rate is told only between two answers of the same run of
the agent, 1..300 s apart: after a restart (``uptime`` that fell, another ``restart`` mark) and after a gap counting
begins anew.  A 32-bit counter may wrap once; where it could have wrapped twice nothing is told.  The octets that an
interface counted go on as they are, both ways together (``Traffic``), with how long it has counted.

**Source:** RFC 3416 (types, exceptions), RFC 2863 (IF-MIB: counters, discontinuities), RFC 3418 (sysUpTime);
what each OID means: the ``source`` of its profile in ``resources/profiles/snmp``.
**Assumed:** the time between two answers is that between their arrivals.  A 64-bit counter that fell was reset.
Levels given as text (``12.3 dB``) are numbers.  An OID that the agent does not have is said so, and nothing else is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from devices.commands import DeviceCommand
from devices.driver import NS_PER_S, Outgoing, Refused, Settings
from devices.observations import Condition, Malformed, Observation, Signal, Traffic
from devices.profiles import Item, Profile, ProfileFault, read
from devices.readings import (
    BPS_PER_MBPS,
    bits_of,
    is_possible,
    number_of,
    read_level,
    read_power,
    read_state,
    read_text,
)
from devices.sampled import Answer, answers, whole

SHORTEST_NS = NS_PER_S
LONGEST_NS = 300 * NS_PER_S
INDEX_MOST = 2**31 - 1
_BITS = {"Counter32": 32, "Counter64": 64}
_WAYS = ("in_rate", "out_rate")
_BITS_PER_OCTET = 8


class Snmp:
    """One agent, one profile."""

    __slots__ = (
        "_counted_s",
        "_counters",
        "_index",
        "_interface",
        "_is_other",
        "_is_silent",
        "_marks",
        "_octets",
        "_profile",
        "_required_bps",
    )

    def __init__(self, settings: Settings) -> None:
        self._required_bps = float(settings.get("required_mbps", 100.0)) * BPS_PER_MBPS
        self._interface = str(settings.get("interface", ""))
        self._profile: Profile | None = None
        self._index = 1
        self._counters: dict[str, tuple[int, int]] = {}
        self._marks: dict[str, int] = {}
        self._octets: dict[str, tuple[int, int]] = {}
        self._counted_s: float | None = None
        self._is_other = False
        self._is_silent = False

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:  # noqa: ARG002
        """What the lines of one datagram say; never raises."""
        said: list[Observation] = []
        for answer in answers(data):
            said.extend((answer,) if isinstance(answer, Malformed) else self._understand(answer))
        return said

    def _understand(self, answer: Answer) -> Sequence[Observation]:
        if answer.name == "profile":
            return self._begin(answer)
        if answer.name == "poll":
            self._is_silent = True
            return (Condition(part="answer", value=answer.error or "none", is_good=False),)
        item = self._profile.item(answer.name) if self._profile is not None else None
        if item is None:
            return (Malformed(reason="profile", raw=answer.raw),)
        if answer.error is not None:
            self._counters.pop(item.key, None)
            return (Condition(part=item.name, value=answer.error),)
        again = (Condition(part="answer", value="answered", is_good=True),) if self._is_silent else ()
        self._is_silent = False
        return (*again, *self._read(item, answer))

    def _begin(self, answer: Answer) -> Sequence[Observation]:
        payload = answer.payload
        index = payload.get("index", 1) if isinstance(payload, dict) else None
        if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index <= INDEX_MOST:
            return (Malformed(reason="profile", raw=answer.raw),)
        try:
            profile = read("snmp", payload.get("profile"), index)
        except ProfileFault:
            return (Malformed(reason="profile", raw=answer.raw),)
        if self._profile is None or (profile.table, index) != (self._profile.table, self._index):
            self._forget()
            self._marks.clear()
            self._is_other = False
        self._profile, self._index = profile, index
        return (Condition(part="profile", value=f"{profile.name} ({profile.proof})"),)

    def _forget(self) -> None:
        self._counters.clear()
        self._octets.clear()

    def _read(self, item: Item, answer: Answer) -> Sequence[Observation]:
        value = answer.payload.get("value") if isinstance(answer.payload, dict) else None
        if item.kind == "text":
            return self._text(item, value, answer)
        number = number_of(value)
        if number is None:
            return (Malformed(reason="value", raw=answer.raw),)
        match item.kind:
            case "rate":
                said = self._rate(item, answer)
            case "uptime" | "restart":
                said = self._mark(item, int(number))
            case "state":
                said = (read_state(item, bits_of(item, number)),)
            case "power":
                power = read_power({item.name: (item, number)})
                said = (power,) if power is not None else () if is_possible(item, number) else None
            case _:
                said = read_level(item, bits_of(item, number), self._required_bps)
        return said if said is not None else (Malformed(reason="range", raw=answer.raw),)

    def _text(self, item: Item, value: object, answer: Answer) -> Sequence[Observation]:
        if not isinstance(value, (str, int, float)):
            return (Malformed(reason="value", raw=answer.raw),)
        told = read_text(item, value)
        if item.name != "interface" or not self._interface:
            return (told,)
        self._is_other = told.value != self._interface
        if self._is_other:
            self._forget()
        return (Condition(part=told.part, value=told.value, is_good=not self._is_other),)

    def _mark(self, item: Item, number: int) -> Sequence[Observation]:
        """When counters began anew; the time since the agent started is also told."""
        before = self._marks.get(item.key)
        self._marks[item.key] = number
        if before is not None and (number < before if item.kind == "uptime" else number != before):
            self._forget()
        if item.kind == "restart":
            # The value of the uptime when the interface began to count.
            uptime = next((one for one in self._profile.items if one.kind == "uptime"), None) if self._profile else None
            began = number * uptime.scale if uptime is not None else 0.0
            if self._counted_s is not None and 0 < began <= self._counted_s:
                self._counted_s -= began
            return ()
        self._counted_s = number * item.scale
        return (Signal(quantity=item.name, value=number * item.scale, unit=item.unit),)

    def _rate(self, item: Item, answer: Answer) -> Sequence[Observation] | None:
        """Bits a second since the last answer; nothing where that cannot be known, ``None`` where it cannot be."""
        count, bits = whole(answer.payload.get("value")), _BITS.get(str(answer.payload.get("type")))
        at_ns = answer.answered_ns
        if count is None or bits is None or not 0 <= count < 1 << bits or at_ns is None:
            return None
        octets = self._count(item, count, bits)
        before = self._counters.get(item.key)
        if self._is_other or (before is not None and at_ns - before[1] < SHORTEST_NS):
            return octets
        self._counters[item.key] = count, at_ns
        if before is None or at_ns - before[1] > LONGEST_NS:
            return octets
        counted = _counted(item, before[0], count, bits, at_ns - before[1])
        rate = counted * item.scale * NS_PER_S / (at_ns - before[1]) if counted is not None else None
        if rate is not None and item.high is not None and rate > item.high:
            return None
        return (*octets, *(self._told_rate(item, rate) if rate is not None else ()))

    def _count(self, item: Item, count: int, bits: int) -> Sequence[Observation]:
        """What the interface counted so far, once both ways are known."""
        if self._is_other or item.name not in _WAYS or item.scale != _BITS_PER_OCTET:
            return ()
        self._octets[item.name] = count, bits
        if len(self._octets) < len(_WAYS):
            return ()
        (received, bits), (sent, other_bits) = (self._octets.pop(name) for name in _WAYS)
        if bits != other_bits:
            return ()
        return (Traffic(received_bytes=received, sent_bytes=sent, counter_bits=bits, counted_s=self._counted_s),)

    def _told_rate(self, item: Item, rate: float) -> Sequence[Observation]:
        signal = Signal(quantity=item.name, value=rate, unit=item.unit)
        if not item.against_required:
            return (signal,)
        share = Signal(quantity=f"{item.name}_share", value=100.0 * rate / self._required_bps, unit="%")
        return signal, share

    def poll(self, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002
        """Nothing: the sampler asks."""
        return ()

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:  # noqa: ARG002
        """Refuse: this console never sets anything by SNMP."""
        return Refused(reason="polled-only")

    def finish(self) -> Sequence[Malformed]:
        """Nothing is left over; a rate is never told over a wire that was down."""
        self._forget()
        return ()

    def save(self) -> dict[str, Any]:
        """The profile, the counters, the marks."""
        return {
            "profile": self._profile.table if self._profile is not None else None,
            "index": self._index,
            "counters": {key: list(value) for key, value in self._counters.items()},
            "marks": dict(self._marks),
            "octets": {name: list(value) for name, value in self._octets.items()},
            "counted_s": self._counted_s,
            "is_other": self._is_other,
            "is_silent": self._is_silent,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._index = state["index"]
        self._profile = read("snmp", state["profile"], self._index) if state["profile"] is not None else None
        self._counters = {key: (value[0], value[1]) for key, value in state["counters"].items()}
        self._marks = dict(state["marks"])
        self._octets = {name: (value[0], value[1]) for name, value in state.get("octets", {}).items()}
        self._counted_s = state.get("counted_s")
        self._is_other = state["is_other"]
        self._is_silent = state["is_silent"]


def _counted(item: Item, before: int, now: int, bits: int, gone_ns: int) -> int | None:
    """How far the counter went; ``None`` where it was reset or may have wrapped more than once."""
    if bits == 64:
        return now - before if now >= before else None
    most = item.high * gone_ns / NS_PER_S / item.scale if item.high is not None and item.scale > 0 else None
    if most is not None and most >= 1 << bits:
        return None
    return (now - before) % (1 << bits)
