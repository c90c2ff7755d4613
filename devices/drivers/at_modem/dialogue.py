"""One command at a time: what is asked now, what waits, and finding the way back when no answer comes.

A modem that missed an answer may send it later, and it would be taken for the answer to the next command.  So after a
timeout the modem is asked ``AT`` until it says OK, and everything it says in the second after that is not believed as
an answer.

**Source:** ITU-T V.250 (one command line at a time, final result codes), 3GPP TS 27.005 3.3.5 (ESC gives a prompt up).
**Assumed:** a modem that has kept silent for a second after OK has nothing left to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from devices.driver import NS_PER_S
from devices.drivers.at_modem.framing import Expected

Kind = Literal["sync", "plain", "text", "write", "read", "session", "raw"]
"""``text`` waits for a prompt, ``write`` for READY, ``read`` for a block; ``session`` reaches a satellite."""
Phase = Literal["lost", "settling", "ready"]

QUEUE: Final = 64
SETTLE_NS: Final = NS_PER_S
_TIMEOUT_S: Final[Mapping[Kind, int]] = {
    "sync": 5, "plain": 20, "text": 150, "write": 70, "read": 20, "session": 150, "raw": 60,
}  # fmt: skip
PROMPT_S: Final = 15
_EXPECTED: Final[Mapping[Kind, Expected]] = {"text": "prompt", "read": "block"}
_FAULT = re.compile(r"\+CM([ES]) ERROR:\s*(.*)", re.ASCII)
_REFUSALS: Final = frozenset({"ERROR", "COMMAND NOT SUPPORT", "TOO MANY PARAMETERS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A line to send (without its end) and, for a text or a write, what follows the prompt."""

    line: str
    kind: Kind = "plain"
    payload: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A final result: ``is_ok``, or the family of the fault (``E``, ``S`` or nothing) and its number, if it has one."""

    is_ok: bool
    family: str = ""
    code: int | None = None


def result_of(line: str) -> Result | None:
    """The final result that a line is, if it is one."""
    if line == "OK":
        return Result(is_ok=True)
    if line in _REFUSALS:
        return Result(is_ok=False)
    found = _FAULT.fullmatch(line)
    if found is None:
        return None
    digits = found[2].strip()
    return Result(is_ok=False, family=found[1], code=int(digits) if re.fullmatch(r"[0-9]{1,4}", digits) else None)


class Dialogue:
    """``flight`` is the command whose answer is awaited; ``is_prompted`` that its payload was asked for."""

    def __init__(self) -> None:
        self.phase: Phase = "lost"
        self.flight: Command | None = None
        self.is_prompted = False
        self.is_payload_out = False
        self.waiting: list[Command] = []
        self._since_ns: int | None = None
        self._silent_asks = 0

    @property
    def is_idle(self) -> bool:
        """Whether a command may be sent now."""
        return self.phase == "ready" and self.flight is None

    @property
    def expected(self) -> Expected:
        """What the next piece of the stream may be beside a line."""
        if self.flight is None or self.is_prompted:
            return "line"
        return _EXPECTED.get(self.flight.kind, "line")

    def ask(self, line: str, kind: Kind = "plain", payload: bytes = b"") -> None:
        """Ask this when its turn comes; what waits already is not asked twice, and no more than 64 wait."""
        command = Command(line=line, kind=kind, payload=payload)
        if len(self.waiting) < QUEUE and command not in self.waiting:
            self.waiting.append(command)

    def ask_next(self, command: Command) -> None:
        """Ask this before everything that waits."""
        self.waiting.insert(0, command)

    def due(self, at_ns: int) -> list[bytes]:
        """The octets to send now."""
        if self.flight is not None:
            return self._due_in_flight(at_ns)
        self.settle(at_ns)
        if self.phase == "lost" and self._is_past_pause(at_ns):
            return [self._synchronise(at_ns)]
        if self.phase != "ready":
            return []
        return [self.send(self.waiting.pop(0), at_ns)] if self.waiting else []

    def settle(self, at_ns: int) -> None:
        """The modem was found; after a second of silence it is believed."""
        if self.phase == "settling" and self._is_past_pause(at_ns):
            self.phase = "ready"

    def _is_past_pause(self, at_ns: int) -> bool:
        return self._since_ns is None or not 0 <= at_ns - self._since_ns < SETTLE_NS

    def send(self, command: Command, at_ns: int) -> bytes:
        """The octets of ``command``, which is in flight from now on."""
        self.flight, self._since_ns = command, at_ns
        self.is_prompted = self.is_payload_out = False
        return command.line.encode("ascii") + b"\r"

    def is_late(self, at_ns: int) -> bool:
        """Whether the command in flight has waited for its answer long enough."""
        if self.flight is None or self._since_ns is None:
            return False
        is_asking = self.flight.kind in {"text", "write"} and not self.is_payload_out
        limit_s = PROMPT_S if is_asking else _TIMEOUT_S[self.flight.kind]
        return not 0 <= at_ns - self._since_ns < limit_s * NS_PER_S

    def end(self, result: Result, at_ns: int) -> Command | None:
        """The command that this final result ends; ``None`` where nobody asked."""
        ended, self.flight = self.flight, None
        self.is_prompted = self.is_payload_out = False
        if ended is not None and ended.kind == "sync":
            self._silent_asks = 0 if result.is_ok else self._silent_asks
            self.phase = "settling" if result.is_ok else "lost"
            self._since_ns = at_ns
        return ended

    def lose(self) -> Command | None:
        """Forget everything and find the modem again; returns the command that got no answer."""
        lost, self.flight = self.flight, None
        self.is_prompted = self.is_payload_out = False
        self.phase = "lost"
        self.waiting.clear()
        return lost

    def _due_in_flight(self, at_ns: int) -> list[bytes]:
        if self.flight is None or not self.is_prompted or self.is_payload_out:
            return []
        self.is_payload_out = True
        self._since_ns = at_ns
        return [self.flight.payload]

    def _synchronise(self, at_ns: int) -> bytes:
        """``AT``; every second time after giving up a prompt that may be left open."""
        octets = self.send(Command(line="AT", kind="sync"), at_ns)
        self._silent_asks = (self._silent_asks + 1) % 2
        return octets if self._silent_asks else b"\x1b" + octets

    def save(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "phase": self.phase,
            "flight": None if self.flight is None else _plain(self.flight),
            "is_prompted": self.is_prompted,
            "is_payload_out": self.is_payload_out,
            "waiting": [_plain(command) for command in self.waiting],
            "since_ns": self._since_ns,
            "silent_asks": self._silent_asks,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self.phase = state["phase"]
        self.flight = None if state["flight"] is None else _command(state["flight"])
        self.is_prompted, self.is_payload_out = state["is_prompted"], state["is_payload_out"]
        self.waiting = [_command(one) for one in state["waiting"]]
        self._since_ns, self._silent_asks = state["since_ns"], state["silent_asks"]


def _plain(command: Command) -> list[str]:
    return [command.line, command.kind, command.payload.hex()]


def _command(state: list[Any]) -> Command:
    return Command(line=state[0], kind=state[1], payload=bytes.fromhex(state[2]))
