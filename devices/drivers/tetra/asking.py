"""One command at a time: what introduces us to a terminal, what is asked of it now and then, what senders wait for.

**Source:** ftl/tetra-pei: CR LF behind a command, Ctrl-Z behind data, the next only after OK or an error.
**Assumed:** which services a terminal hands to us (+CTSP) varies by maker: the list is a setting, and an error is no
trouble; a command without an end is over after 10 s, a text after 30 s; a question that was refused twice in a row is
not asked for ten minutes (a single refusal may be a damaged line).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from devices.driver import NS_PER_S

INIT: Final = (
    "ATE0|AT+CTSP=2,2,20|AT+CTSP=2,0,0|AT+CTSP=1,3,2|AT+CTSP=1,3,9|AT+CTSP=1,3,10|AT+CTSP=1,3,130|AT+CTSP=1,3,131|"
    "AT+CTSP=1,3,137|AT+CTSP=1,3,138|AT+CTSDS=12,0,0,0,1|AT+CREG=2"
)
FORBIDDEN: Final = re.compile(r"\+C(?:PIN2?|PWD|LCK)=|\+CMG[SWC]=|\+CMSS=", re.IGNORECASE)
"""A card's secrets and locks, and what would bring the terminal to wait for a text; never sent, typed or configured."""
ANSWERS: Final = 16
_COMMANDS: Final = 40
_COMMAND_NS: Final = 10 * NS_PER_S
_TEXT_NS: Final = 30 * NS_PER_S
_ROUND_NS: Final = 30 * NS_PER_S
_SILENT: Final = 4
_REFUSALS: Final = 2
_GIVEN_UP_ROUNDS: Final = 20
_ONCE: Final = ("AT+CNUMF?", "AT+CTOM?", "AT+COPS?", "AT+CMGS=?")
_AGAIN: Final = ("AT+CREG?", "AT+CSQ", "AT+CBC", "AT+GPSPOS?")


def is_command(line: str) -> bool:
    """Whether this is one line that may be sent as it is."""
    is_line = line.isascii() and line.isprintable() and line[:2].upper() == "AT"
    return is_line and FORBIDDEN.search(line.replace(" ", "")) is None


class Asking:
    """The commands of one terminal."""

    def __init__(self, init: str) -> None:
        given = [line.strip() for line in (init or INIT).split("|")]
        self._init = [one for one in given if is_command(one)][:_COMMANDS]
        self._queue: list[str] = []
        self._answers: list[tuple[str, str]] = []
        self._refused: dict[str, int] = {}
        self._rounds = 0
        self._command: str | None = None
        self._reference: str | None = None
        self._until_ns = 0
        self._round_ns: int | None = None
        self._silent = _SILENT

    def is_waiting(self, command: str) -> bool:
        """Whether this command's end is waited for."""
        return self._command == command

    def is_busy(self, at_ns: int) -> bool:
        """Whether any command's end is waited for."""
        self._give_up(at_ns)
        return self._command is not None

    def answer(self, recipient: str | None, octets: bytes) -> None:
        """Report to a sender what became of its text; a flood is answered in bounds."""
        if recipient is not None and octets and len(self._answers) < ANSWERS:
            self._answers.append((recipient, octets.hex().upper()))

    def text(self, recipient: str, octets: bytes, reference: str, at_ns: int) -> bytes:
        """The octets that send this; its end will be told by ``ended``."""
        self._command, self._reference, self._until_ns = "AT+CMGS", reference, at_ns + _TEXT_NS
        return _message(recipient, octets.hex().upper())

    def ended(self, *, is_good: bool) -> str | None:
        """OK or an error came; the reference of the text that it is about."""
        command, reference = self._command, self._reference
        self._command = self._reference = None
        self._silent = 0
        if command in _AGAIN:
            self._refused[command] = 0 if is_good else self._refused.get(command, 0) + 1
        return reference

    def due(self, at_ns: int) -> list[bytes]:
        """The next command, if none is waited for."""
        self._give_up(at_ns)
        if self._command is not None:
            return []
        if self._round_ns is None or not 0 <= at_ns - self._round_ns < _ROUND_NS:
            self._begin_round(at_ns)
        if self._answers:
            recipient, digits = self._answers.pop(0)
            self._command, self._until_ns = "AT+CMGS", at_ns + _TEXT_NS
            return [_message(recipient, digits)]
        if not self._queue:
            return []
        self._command, self._until_ns = self._queue.pop(0), at_ns + _COMMAND_NS
        return [self._command.encode("ascii") + b"\r\n"]

    def start_again(self) -> None:
        """The wire went down: whatever comes up next has to be introduced to."""
        self._queue, self._answers, self._refused = [], [], {}
        self._command = self._reference = None
        self._round_ns = None
        self._silent = _SILENT

    def _begin_round(self, at_ns: int) -> None:
        if self._silent >= _SILENT:  # never heard, or not for long: it may have been switched off and on
            self._queue, self._refused = [*self._init, *_ONCE], {}
        self._round_ns = at_ns
        self._rounds += 1
        if self._rounds % _GIVEN_UP_ROUNDS == 0:
            self._refused = {}
        given_up = {command for command, count in self._refused.items() if count >= _REFUSALS}
        self._queue += [one for one in _AGAIN if one not in given_up and one not in self._queue]

    def _give_up(self, at_ns: int) -> None:
        if self._command is not None and not self._until_ns - _TEXT_NS <= at_ns < self._until_ns:
            self._command = self._reference = None
            self._silent = min(self._silent + 1, _SILENT)
            if self._silent >= _SILENT:
                self._queue = []

    def save(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "queue": list(self._queue),
            "answers": [list(one) for one in self._answers],
            "refused": dict(self._refused),
            "rounds": self._rounds,
            "command": self._command,
            "reference": self._reference,
            "until_ns": self._until_ns,
            "round_ns": self._round_ns,
            "silent": self._silent,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._queue = list(state["queue"])
        self._answers = [(recipient, digits) for recipient, digits in state["answers"]]
        self._refused, self._rounds = dict(state["refused"]), state["rounds"]
        self._command, self._reference = state["command"], state["reference"]
        self._until_ns, self._round_ns, self._silent = state["until_ns"], state["round_ns"], state["silent"]


def _message(recipient: str, digits: str) -> bytes:
    return f"AT+CMGS={recipient},{4 * len(digits)}\r\n{digits}\x1a".encode("ascii")
