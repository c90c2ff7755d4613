"""Generator controllers and meters by Modbus: the sampler's lines, understood by the profile that came first.

A line holds one block of registers.  Levels become Signals, states Conditions, fields of Power one Power a block.

**Source:** MODBUS Application Protocol V1.1b3 (registers of 16 bits, tables, exceptions); what each register means:
the ``source`` of its profile in ``resources/profiles/modbus``.
**Assumed:** the word order that each item's ``format`` names.  A raw value that the profile calls ``absent`` is not
there; of a value outside its bounds nothing is believed.  A block that the device refuses is said so, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from devices.commands import DeviceCommand
from devices.driver import Outgoing, Refused, Settings
from devices.observations import Condition, Malformed, Observation
from devices.profiles import Block, Item, Profile, ProfileFault, read
from devices.readings import bits_of, is_possible, read_level, read_power, read_state
from devices.sampled import Answer, answers

_WORDS = {"u16": 1, "s16": 1, "bit": 1, "u32": 2, "s32": 2, "u32-low-first": 2, "s32-low-first": 2}


class Modbus:
    """One device, one profile.  Reads only."""

    __slots__ = ("_is_silent", "_profile")

    def __init__(self, settings: Settings) -> None:
        del settings  # this driver has none
        self._profile: Profile | None = None
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
        profile = self._profile
        block = next((one for one in profile.blocks if one.path == answer.name), None) if profile is not None else None
        if profile is None or block is None:
            return (Malformed(reason="profile", raw=answer.raw),)
        again = (Condition(part="answer", value="answered", is_good=True),) if self._is_silent else ()
        self._is_silent = False
        if answer.error is not None:
            return (*again, Condition(part=f"block_{block.table}_{block.address}", value=answer.error))
        return (*again, *_read(profile, block, answer))

    def _begin(self, answer: Answer) -> Sequence[Observation]:
        try:
            profile = read("modbus", answer.payload.get("profile") if isinstance(answer.payload, dict) else None)
        except ProfileFault:
            return (Malformed(reason="profile", raw=answer.raw),)
        self._profile = profile
        return (Condition(part="profile", value=f"{profile.name} ({profile.proof})"),)

    def poll(self, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002
        """Nothing: the sampler asks."""
        return ()

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:  # noqa: ARG002
        """Refuse: this console writes no register, and starts and stops no generator."""
        return Refused(reason="polled-only")

    def finish(self) -> Sequence[Malformed]:
        """Nothing is ever left over."""
        return ()

    def save(self) -> dict[str, Any]:
        """The profile."""
        return {
            "profile": self._profile.table if self._profile is not None else None,
            "is_silent": self._is_silent,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._profile = read("modbus", state["profile"]) if state["profile"] is not None else None
        self._is_silent = state["is_silent"]


def _read(profile: Profile, block: Block, answer: Answer) -> Sequence[Observation]:
    """Every item that lies in the block."""
    words = _registers(answer.payload, block)
    if words is None:
        return (Malformed(reason="value", raw=answer.raw),)
    said: list[Observation] = []
    power: dict[str, tuple[Item, float]] = {}
    for item in profile.items:
        raw = _raw(item, block, words)
        if raw is None:
            continue
        if item.kind == "power":
            power[item.name] = item, bits_of(item, raw)
            meant: Sequence[Observation] | None = () if is_possible(*power[item.name]) else None
        else:
            meant = _meaning(item, raw)
        said.extend(meant if meant is not None else (Malformed(reason="range", raw=answer.raw),))
    whole = read_power(power)
    return said if whole is None else [*said, whole]


def _registers(payload: object, block: Block) -> list[int] | None:
    if not isinstance(payload, list) or len(payload) != block.count:
        return None
    most = 1 if block.table in {"coil", "discrete"} else 0xFFFF
    words = [int(one) for one in payload if isinstance(one, int) and 0 <= one <= most]
    return words if len(words) == block.count else None


def _raw(item: Item, block: Block, words: Sequence[int]) -> int | None:
    """The item's number as the device holds it; ``None`` where it lies in another block."""
    at, size = item.address - block.address, _WORDS[item.format]
    if not item.key.startswith(f"{block.table}/") or at < 0 or at + size > len(words):
        return None
    if size == 1:
        return words[at] - (1 << 16) if item.format == "s16" and words[at] >> 15 else words[at]
    high, low = words[at : at + 2] if not item.format.endswith("low-first") else (words[at + 1], words[at])
    raw = high << 16 | low
    return raw - (1 << 32) if item.format.startswith("s") and raw >> 31 else raw


def _meaning(item: Item, raw: int) -> Sequence[Observation] | None:
    if raw in item.absent:
        return () if item.kind == "state" else read_level(item, raw)
    if item.kind == "state":
        return (read_state(item, bits_of(item, raw)),)
    return read_level(item, bits_of(item, raw))
