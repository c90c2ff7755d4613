"""Short messages in: announced, listed or handed over at once; read from the card's memory, then removed from it.

A text is removed only after it was told (the console writes down what it hears before it asks anything), a part of a
text only when the whole was told.  What cannot be read stays on the card.

**Source:** 3GPP TS 27.005: +CMTI, +CMT, +CDS, +CMGR, +CMGL in PDU mode.
**Assumed:** a text that is listed, and not announced, may have come long ago: it is told as stored.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from devices.driver import is_late
from devices.drivers.at_modem import pdu
from devices.drivers.at_modem.dialogue import Command, Dialogue
from devices.drivers.at_modem.fields import FieldError, bare, is_quoted, split, whole
from devices.drivers.at_modem.parts import Finished, Parts
from devices.observations import Malformed, Observation, Unrecognised

_MEMORY = re.compile(r"[A-Z]{2}", re.ASCII)
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+", re.ASCII)
_HIGHEST_PLACE: Final = 9999
PLACES: Final = 256
_RECEIVED: Final = frozenset({0, 1})


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The line before a unit: which kind, its length, and where the card keeps it."""

    name: str
    length: int
    place: int | None
    is_received: bool = True


class Inbox:
    """The header whose unit is awaited, the place that is being read, and texts in parts."""

    def __init__(self, country: str) -> None:
        self._country = country
        self._parts = Parts()
        self._header: Header | None = None
        self._reading: int | None = None
        self._found: dict[int, int] = {}
        self._told: dict[int, int] = {}

    @property
    def is_awaiting(self) -> bool:
        """Whether the next line should be a unit."""
        return self._header is not None

    def announce(self, name: str, rest: str, dialogue: Dialogue, memory: str | None) -> bool:
        """Take a header or an announcement in; ``False`` if the line is neither.  Raises ``FieldError``."""
        if name in {"+CMTI", "+CDSI"}:
            self._announced(split(rest), dialogue, memory)
        elif name in {"+CMT", "+CDS"}:
            self._header = Header(name=name, length=_length(rest), place=None)
        elif name == "+CMGR":
            state = whole(split(rest)[0], 0, 4)
            place, self._reading = self._reading, None
            self._header = Header(name=name, length=_length(rest), place=place, is_received=state in _RECEIVED)
        elif name == "+CMGL":
            given = split(rest)
            if len(given) < 3:
                raise FieldError(rest)
            place, state = whole(given[0], 0, _HIGHEST_PLACE), whole(given[1], 0, 4)
            self._header = Header(name=name, length=_length(rest), place=place, is_received=state in _RECEIVED)
        else:
            return False
        return True

    def asked(self, line: str) -> None:
        """A command leaves: a place that is read now belongs to the next +CMGR."""
        if line.startswith("AT+CMGR="):
            self._reading = int(line.removeprefix("AT+CMGR="))

    def unit(
        self, line: str, dialogue: Dialogue, at_ns: int
    ) -> pdu.StatusReport | Sequence[Observation | Finished] | None:
        """What follows a header; ``None``: it is no unit, but another line.  Never raises."""
        header, self._header = self._header, None
        if header is None or not _HEX.fullmatch(line):
            return None
        octets = bytes.fromhex(line)
        if not header.is_received or self._is_known(header, octets, dialogue):
            return ()
        try:
            told = pdu.read(octets, header.length, self._country)
        except pdu.PduError as fault:
            return (Malformed(reason=f"pdu-{fault}", raw=octets),)
        if isinstance(told, pdu.StatusReport):
            return told
        if told.foreign is not None or told.alphabet == "octets":
            return (Unrecognised(name=f"sms-{told.foreign or 'data'}", raw=octets),)
        # A centre keeps a text for days until there is a network again: then it is news, but no sign of life.
        is_stored = header.name == "+CMGL" or is_late(told.time_ns, at_ns)
        return self._parts.take(told, header.place, at_ns, is_stored=is_stored)

    def expire(self, at_ns: int) -> Sequence[Finished]:
        """Texts whose missing parts were waited for long enough."""
        return self._parts.expire(at_ns)

    def forget_place(self) -> None:
        """The modem began anew: what was being read is not."""
        self._header = self._reading = None

    def remove(self, told: Finished, dialogue: Dialogue) -> None:
        """Ask to remove a told text from the card."""
        for place in told.places:
            self._told[place] = self._found.pop(place, -1)
            dialogue.ask(f"AT+CMGD={place}")
        while len(self._told) > PLACES:
            self._told.pop(next(iter(self._told)))

    def _is_known(self, header: Header, octets: bytes, dialogue: Dialogue) -> bool:
        """Whether this very text was told and not yet removed, or is about to be read by itself."""
        place = header.place
        if place is None:
            return False
        found = zlib.crc32(octets)
        if self._told.get(place) == found:
            dialogue.ask(f"AT+CMGD={place}")
            return True
        if header.name == "+CMGL" and Command(line=f"AT+CMGR={place}") in dialogue.waiting:
            return True
        self._told.pop(place, None)
        self._found[place] = found
        while len(self._found) > PLACES:
            self._found.pop(next(iter(self._found)))
        return False

    def _announced(self, given: list[str], dialogue: Dialogue, memory: str | None) -> None:
        if len(given) < 2 or not is_quoted(given[0]) or not _MEMORY.fullmatch(bare(given[0])):
            raise FieldError(given[0])
        place = whole(given[1], 0, _HIGHEST_PLACE)
        if bare(given[0]) != memory:
            dialogue.ask(f'AT+CPMS="{bare(given[0])}"')
        dialogue.ask(f"AT+CMGR={place}")

    def save(self) -> dict[str, Any]:
        """Plain values."""
        header = self._header
        return {
            "parts": self._parts.save(),
            "reading": self._reading,
            "found": [list(one) for one in self._found.items()],
            "told": [list(one) for one in self._told.items()],
            "header": header and [header.name, header.length, header.place, header.is_received],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._parts.restore(state["parts"])
        self._reading = state["reading"]
        self._found, self._told = dict(state["found"]), dict(state["told"])
        given = state["header"]
        self._header = given and Header(name=given[0], length=given[1], place=given[2], is_received=given[3])


def _length(rest: str) -> int:
    return whole(split(rest)[-1], 1, 255)
