"""Texts between stations: reading them, writing them, and what is on its way.

**Source:** APRS Protocol Reference 1.0.1 (TAPR 2000), chapter 14: ``:`` and nine signs of addressee, ``:``, at most 67
octets of text without ``|``, ``~`` and ``{``, and ``{`` with at most five signs of number; ``ack`` and ``rej`` with it.
Reply-acks (``{MM}AA``) by the addendum of 1999.
**Assumed:** texts are UTF-8 (addendum 1.2), and where they are not, GB 18030.  A text that nobody has acknowledged is
said again twice, with its number, by which the receiver knows it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from devices.driver import NS_PER_S, Refused

LONGEST_OCTETS = 67
WAITING = 16
AGAIN_NS = (10 * NS_PER_S, 12 * NS_PER_S)
_MESSAGE = re.compile(rb":([ -~]{9}):(.*)", re.DOTALL)
_NUMBERED = re.compile(rb"(.*)\{([A-Za-z0-9]{1,5})(?:\}([A-Za-z0-9]{0,5}))?", re.DOTALL)
_ANSWER = re.compile(rb"(ack|rej)([A-Za-z0-9]{1,5})(?:\}.*)?", re.DOTALL)
_DEFINITION = re.compile(rb"(PARM|UNIT|EQNS|BITS)\.")
_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NUMBERS = len(_SIGNS) ** 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A text as it came.  ``answer`` is ``ack`` or ``rej``: then ``number`` is the one of the text it is about.

    ``reply`` is the number that a reply-ack acknowledges besides.
    """

    addressee: str
    text: str
    number: str | None = None
    reply: str | None = None
    answer: str | None = None
    is_definition: bool = False


def read(info: bytes) -> Message | None:
    """A text, an answer to one, or ``None``."""
    parts = _MESSAGE.fullmatch(info)
    if parts is None:
        return None
    addressee, body = parts[1].decode("ascii").strip().upper(), parts[2]
    if (answer := _ANSWER.fullmatch(body)) is not None:
        return Message(addressee=addressee, text="", number=_word(answer[2]), answer=_word(answer[1]))
    if _DEFINITION.match(body):
        return Message(addressee=addressee, text="", is_definition=True)
    numbered = _NUMBERED.fullmatch(body)
    if numbered is None:
        return Message(addressee=addressee, text=words(body))
    reply = _word(numbered[3]) if numbered[3] else None
    return Message(addressee=addressee, text=words(numbered[1]), number=_word(numbered[2]), reply=reply)


def _word(octets: bytes) -> str:
    return octets.decode("ascii")


def words(octets: bytes) -> str:
    """Text for people, without control signs."""
    for charset in ("utf-8", "gb18030", "latin-1"):
        try:
            text = octets.decode(charset)
        except UnicodeDecodeError:
            continue
        return "".join(sign for sign in text if sign.isprintable())
    return ""


def coded(text: str) -> bytes | Refused:
    """The octets of a text, or why it cannot be sent."""
    if not text.strip():
        return Refused(reason="empty")
    if any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} or sign in "|~{" for sign in text):
        return Refused(reason="aprs-charset")
    octets = text.encode()
    return octets if len(octets) <= LONGEST_OCTETS else Refused(reason="aprs-too-long")


def written(addressee: str, body: bytes, number: str | None = None) -> bytes:
    """A message as it goes into a packet."""
    return b":" + addressee.ljust(9).encode("ascii") + b":" + body + (b"{" + number.encode() if number else b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A text on its way: ``recipient`` as the operator wrote it, ``call`` as the wire does."""

    reference: str
    recipient: str
    call: str
    number: str
    info_hex: str
    due_ns: int
    tries: int = 1


class Outgoing:
    """What was sent and is not acknowledged yet; bounded."""

    __slots__ = ("_last", "pending")

    def __init__(self) -> None:
        self.pending: list[Pending] = []
        self._last = -1

    def add(self, reference: str, recipient: str, call: str, body: bytes, at_ns: int) -> Pending:
        """The same text of the outbox keeps its number, so that nobody gets it twice."""
        known = next((one for one in self.pending if one.reference == reference and one.call == call), None)
        number = known.number if known is not None else self._number(at_ns)
        info = written(call, body, number)
        made = Pending(
            reference=reference,
            recipient=recipient,
            call=call,
            number=number,
            info_hex=info.hex(),
            due_ns=at_ns + AGAIN_NS[0],
        )
        self.pending = [*(one for one in self.pending if one is not known), made][-WAITING:]
        return made

    def _number(self, at_ns: int) -> str:
        """Another one than any lately, after a restart too."""
        value = max(0, at_ns) // NS_PER_S % _NUMBERS
        self._last = value = value if value != self._last else (value + 1) % _NUMBERS
        used = {one.number for one in self.pending}
        while (number := _in_36(value)) in used:
            self._last = value = (value + 1) % _NUMBERS
        return number

    def about(self, call: str, number: str | None) -> Pending | None:
        """The text to that station with that number."""
        return next((one for one in self.pending if (one.call, one.number) == (call, number)), None)

    def drop(self, one: Pending) -> None:
        """It is settled."""
        self.pending = [other for other in self.pending if other.number != one.number or other.call != one.call]

    def due(self, at_ns: int) -> Sequence[bytes]:
        """What has to be said again now."""
        found = []
        for index, one in enumerate(self.pending):
            if one.tries <= len(AGAIN_NS) and at_ns >= one.due_ns:
                found.append(bytes.fromhex(one.info_hex))
                wait_ns = AGAIN_NS[min(one.tries, len(AGAIN_NS) - 1)]
                self.pending[index] = replace(one, tries=one.tries + 1, due_ns=at_ns + wait_ns)
        return found

    def save(self) -> dict[str, Any]:
        """What is on its way."""
        return {"last": self._last, "pending": [asdict(one) for one in self.pending]}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._last = state["last"]
        self.pending = [Pending(**one) for one in state["pending"]]


def _in_36(value: int) -> str:
    return _SIGNS[value // 1296 % 36] + _SIGNS[value // 36 % 36] + _SIGNS[value % 36]
