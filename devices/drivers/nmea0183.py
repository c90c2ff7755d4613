"""GNSS receivers that speak NMEA 0183, BeiDou talkers included.

**Source:** see ``devices.nmea`` and ``devices.gnss``.
**Assumed:** what a receiver says beside its sentences (binary of its maker, a boot text, line noise) is noise and
reported as ``Malformed``; a sound sentence of another kind, the maker's own included, is ``Unrecognised``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from devices.commands import DeviceCommand, SendRaw
from devices.driver import Outgoing, Refused, Settings
from devices.gnss import Gnss
from devices.nmea import Framer, overlong, unseal
from devices.observations import Malformed, Observation, Unrecognised

RAW_OCTETS = 1024


class Nmea0183:
    """A stream of sentences in; the squad's own octets out, nothing else: a receiver has nobody to talk to."""

    __slots__ = ("_framer", "_gnss")

    def __init__(self, settings: Settings) -> None:
        del settings  # this driver has none
        self._framer = Framer()
        self._gnss = Gnss()

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:
        """Positions, sky views and clock readings; never raises."""
        understand = self._gnss.understand
        said: list[Observation] = []
        for piece in self._framer.push(data):
            if piece[0] != 0x24:
                said.append(Malformed(reason="noise", raw=piece))
                continue
            opened = unseal(piece)
            if isinstance(opened, str):
                said.append(Malformed(reason="length" if overlong(piece) else opened, raw=piece))
                continue
            body, tail = opened
            meant = understand(body, piece, at_ns)
            if meant is None:
                meant = (Unrecognised(name=_name(body), raw=piece),)
            said.extend(meant)
            if tail:
                said.append(Malformed(reason="noise", raw=tail))
        return said

    def poll(self, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002
        """Nothing: a receiver speaks unasked."""
        return ()

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:  # noqa: ARG002
        """Pass typed octets on (a receiver's own settings); refuse everything else."""
        if not isinstance(command, SendRaw):
            return Refused(reason="receiver-only")
        if not 0 < len(command.octets) <= RAW_OCTETS:
            return Refused(reason="raw-length")
        return Outgoing(octets=command.octets)

    def finish(self) -> Sequence[Malformed]:
        """The sentence or noise the wire broke off in."""
        rest = self._framer.take_rest()
        return (Malformed(reason="truncated" if rest[0] == 0x24 else "noise", raw=rest),) if rest else ()

    def save(self) -> dict[str, Any]:
        """The unfinished octets, the last date, the unfinished sky views."""
        return {"rest": self._framer.rest.hex(), "gnss": self._gnss.save()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._framer.rest = bytes.fromhex(state["rest"])
        self._gnss.restore(state["gnss"])


def _name(body: bytes) -> str:
    return body.partition(b",")[0][:16].decode("ascii", "backslashreplace")
