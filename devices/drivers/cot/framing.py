"""Cuts the octets of one peer into XML events, TAK protobuf messages and noise.

One framer serves streams and datagrams: an XML event ends with its own ``</event>`` (not with one that stands in a
comment or in CDATA), a protobuf message of a stream with its length, one of a mesh datagram with its ``cotEvent``.

**Source:** TAK protocol as published with ATAK-CIV (``protocol.txt``): version 0 is bare XML; version 1 begins on a
stream with BF and the length as varint, on the mesh with BF 01 BF.  A stream message is never one octet long, so the
two cannot be confused.
**Assumed:** an event inside an event is the next event after a torn one.  Messages of more than 64 kB are nobody's.
A length is believed only as far as the octets bear it out: after a bad message reading goes on inside of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from devices.drivers.cot import protobuf
from devices.drivers.cot.event import Event, EventError

LIMIT: Final = 65_536
NOISE: Final = 1_024
TRIES: Final = 8
SHOWN: Final = 1_024
"""Octets of a bad piece that are kept to be looked at."""

_MAGIC: Final = 0xBF
_MARK = re.compile(rb"<!--|<!\[CDATA\[|<\?|</event[\s>]|<event[\s/>]")
_CLOSERS: Final = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_LONGEST_MARK: Final = 9
_HEAD = re.compile(rb"<event[\s/>]")
_HEADS: Final = (b"<event", b"<?xml")
_TAIL = re.compile(rb"<(?:e(?:v(?:e(?:n(?:t)?)?)?)?)?\Z")
_START = re.compile(rb"[<\xbf]")
_LIKELY = re.compile(
    rb"<event[\s/>]|<\?xml|\xbf\x01\xbf|"
    rb"\xbf(?:[\x02-\x7f]|[\x80-\xff][\x00-\x7f]|[\x80-\xff]{2}[\x00-\x03])[\x0a\x12\x18\x20]",
    re.DOTALL,
)
_LONGEST_HEAD: Final = 7
_SPACE: Final = b" \t\r\n"
_FIRST_TAGS: Final = b"\x0a\x12\x18\x20"
_MIRROR: Final = 5
"""A time in ms since 1970 is a varint of at least five octets: anything shorter is no time of a server."""

Mesh = Literal["", "head", "tail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One piece: an ``xml`` event yet to be read, an ``event`` read from protobuf, ``control`` alone, or ``bad``."""

    kind: Literal["xml", "event", "control", "bad"]
    octets: bytes
    reason: str = ""
    event: Event | None = None


def bad(octets: bytes, reason: str) -> Frame:
    """What could not be understood, cut to what is worth showing."""
    return Frame(kind="bad", octets=octets[:SHOWN], reason=reason)


class Framer:
    """Holds the unfinished rest between two reads, never more than ``LIMIT`` octets.

    ``mesh`` says that a mesh message was begun (``head``) or that only its last fields may follow (``tail``).
    ``doubt`` counts the octets ahead that a bad message claimed, ``tries`` how often another was begun among them:
    after a few they are given up together, so that lies cost no more than their own length.
    """

    def __init__(self) -> None:
        self.rest = b""
        self.mesh: Mesh = ""
        self.doubt = 0
        self.tries = 0
        self._seen = 0
        self._until = b""

    def push(self, data: bytes) -> list[Frame]:
        """Every piece that ``data`` finishes, in order; any split of the octets gives the same pieces."""
        held = self.rest + data if self.rest else data
        frames: list[Frame] = []
        at = 0
        while at < len(held):
            size = self._next(held, at, frames)
            if not size:
                break
            at += size
            self._seen, self._until = 0, b""
            self.doubt = max(0, self.doubt - size)
            self.tries = self.tries if self.doubt else 0
        self.rest = held[at:]
        return frames

    def take_rest(self) -> list[Frame]:
        """Give up what is unfinished."""
        rest, self.rest, self.mesh = self.rest, b"", ""
        self.doubt = self.tries = 0
        self._seen, self._until = 0, b""
        return [bad(rest, "truncated" if rest[0] in b"<\xbf\x0a\x12" else "noise")] if rest else []

    def _next(self, held: bytes, at: int, frames: list[Frame]) -> int:
        """Take the piece at ``at``; returns its size, 0 while octets are missing."""
        if self.mesh:
            size = self._mesh_field(held, at, frames)
            if size is not None:
                return size
            self.mesh = ""
        first = held[at]
        if first in _SPACE:
            return 1
        if first == 0x3C:
            return self._markup(held, at, frames)
        if first == _MAGIC:
            return self._binary(held, at, frames)
        return _noise(held, at, frames)

    # ---- XML

    def _markup(self, held: bytes, at: int, frames: list[Frame]) -> int:
        if _HEAD.match(held, at):
            return self._event(held, at, frames)
        if held.startswith(b"<?xml", at):
            end = held.find(b"?>", at, at + NOISE)
            return _long(held, at, frames, NOISE) if end < 0 else end + 2 - at
        if len(held) - at <= 6 and any(head.startswith(held[at : at + 6]) for head in _HEADS):
            return 0
        return _noise(held, at, frames)

    def _event(self, held: bytes, at: int, frames: list[Frame]) -> int:
        end = at + LIMIT
        while True:
            begin = at + (self._seen or 1)
            if self._until:
                found = held.find(self._until, begin, end)
                if found < 0:
                    return self._wait(held, at, frames, max(begin, min(len(held), end) - len(self._until) + 1))
                self._seen, self._until = found + len(self._until) - at, b""
                continue
            mark = _MARK.search(held, begin, end)
            if mark is None:
                return self._wait(held, at, frames, max(begin, min(len(held), end) - _LONGEST_MARK + 1))
            if mark[0] in _CLOSERS:
                self._seen, self._until = mark.end() - at, _CLOSERS[mark[0]]
                continue
            return self._bounded(held, at, frames, mark)

    def _bounded(self, held: bytes, at: int, frames: list[Frame], mark: re.Match[bytes]) -> int:
        """The event's own end, or the beginning of another one."""
        if mark[0].startswith(b"<event"):
            frames.append(bad(held[at : mark.start()], "truncated"))
            return mark.start() - at
        close = held.find(b">", mark.end() - 1, at + LIMIT)
        if close < 0:
            return self._wait(held, at, frames, mark.start())
        frames.append(Frame(kind="xml", octets=held[at : close + 1]))
        return close + 1 - at

    def _wait(self, held: bytes, at: int, frames: list[Frame], seen: int) -> int:
        if len(held) - at < LIMIT:
            self._seen = seen - at
            return 0
        tail = _TAIL.search(held, at + LIMIT - _LONGEST_MARK, at + LIMIT)
        size = tail.start() - at if tail else LIMIT
        frames.append(bad(held[at : at + size], "length"))
        return size

    # ---- protobuf

    def _binary(self, held: bytes, at: int, frames: list[Frame]) -> int:
        if held.startswith(b"\xbf\x01\xbf", at):
            self.mesh = "head"
            return 3
        if len(held) - at < 3 and b"\xbf\x01\xbf".startswith(held[at:]):
            return 0
        found = _length(held, at + 1)
        if found is None:
            return 0
        size, begin = found
        if not 2 <= size <= LIMIT - 8 or (begin < len(held) and held[begin] not in _FIRST_TAGS):
            return _noise(held, at, frames)
        if len(held) < begin + size:
            return 0
        return self._message(held, (at, begin, begin + size), frames, protobuf.event_of_message)

    def _mesh_field(self, held: bytes, at: int, frames: list[Frame]) -> int | None:
        """The next field of a mesh message; ``None`` where none can follow."""
        tag = held[at]
        if tag in b"\x18\x20":
            found = _length(held, at + 1, at + 11)
            size = 0 if found is None else found[1] - at
            return size if found is None or size > _MIRROR else None
        if self.mesh == "tail" or tag not in b"\x0a\x12":
            return None
        found = _length(held, at + 1)
        if found is not None and not 0 <= found[0] <= LIMIT - 8:
            return None
        if found is None or len(held) < sum(found):
            return 0
        size, begin = found
        if tag == 0x0A:
            return begin + size - at  # what versions its sender speaks, mostly before an event: we speak XML to all
        self.mesh = "tail"
        return self._message(held, (at, begin, begin + size), frames, protobuf.read)

    def _message(
        self,
        held: bytes,
        place: tuple[int, int, int],
        frames: list[Frame],
        read: Callable[[bytes], Event | None],
    ) -> int:
        """Read the octets between the last two of ``place``; where they are none, go on inside of them."""
        at, begin, end = place
        body = held[begin:end]
        try:
            event = read(body)
        except EventError as trouble:
            if trouble.reason != "protobuf":
                frames.append(bad(body, trouble.reason))
                return end - at
            self.mesh = ""
            self.doubt, self.tries = max(self.doubt, end - at), self.tries + 1
            following = _START.search(held, at + 1, end)
            size = self.doubt if following is None or self.tries > TRIES else following.start() - at
            frames.append(bad(held[at : at + size], "protobuf"))
            return size
        frames.append(Frame(kind="control" if event is None else "event", octets=body, event=event))
        return end - at


def _length(held: bytes, at: int, end: int | None = None) -> tuple[int, int] | None:
    """A varint and where it ends; a size of -1 for one that is none, ``None`` while octets are missing."""
    end = at + 4 if end is None else end
    try:
        found = protobuf.varint(held, at, min(len(held), end))
    except EventError:
        return -1, at
    if found is None and len(held) >= end:
        return -1, at
    return found


def _noise(held: bytes, at: int, frames: list[Frame]) -> int:
    """Everything up to where a message seems to begin; the first octet is noise, whatever it is."""
    found = _LIKELY.search(held, at + 1, at + NOISE)
    if found is not None:
        size = found.start() - at
    elif len(held) - at < NOISE:
        return 0
    else:
        half = _START.search(held, at + NOISE - _LONGEST_HEAD + 1, at + NOISE)
        size = NOISE if half is None else half.start() - at
    frames.append(bad(held[at : at + size], "noise"))
    return size


def _long(held: bytes, at: int, frames: list[Frame], limit: int) -> int:
    if len(held) - at < limit:
        return 0
    frames.append(bad(held[at : at + limit], "noise"))
    return limit
