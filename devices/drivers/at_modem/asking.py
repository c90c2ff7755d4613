"""When a modem is asked what: told its settings anew now and then, asked for registration and signal politely.

**Source:** the profile.
**Assumed:** a question that was refused three times running will be refused until the modem begins anew, or for ten
minutes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from devices.driver import NS_PER_S
from devices.drivers.at_modem.dialogue import Command, Dialogue, Result
from devices.drivers.at_modem.profile import Profile
from devices.observations import Condition, Observation

RENEW_NS: Final = 600 * NS_PER_S
MAILBOX_NS: Final = 60 * NS_PER_S
MOST_REFUSALS: Final = 3


class Asking:
    """Four rounds, each with its own time: settings, registration, signal, mailbox."""

    def __init__(self, profile: Profile, registration_s: float, signal_s: float) -> None:
        self._rounds: Mapping[str, tuple[int, tuple[str, ...]]] = {
            "start": (RENEW_NS, (*profile.start, profile.identity)),
            "registration": (round(registration_s * NS_PER_S), profile.registration),
            "signal": (round(signal_s * NS_PER_S), profile.signal),
            "mailbox": (MAILBOX_NS, profile.mailbox),
        }
        self._settings = frozenset(one for one in profile.start if "=" in one)
        self._asked: dict[str, int] = {}
        self._refused: dict[str, int] = {}
        self._missing: list[str] = []

    def start_again(self) -> None:
        """The modem was lost and found, or began anew: everything is asked anew."""
        self._asked = {}
        self._refused = {}

    def ask(self, dialogue: Dialogue, at_ns: int) -> None:
        """Let what is due wait for its turn."""
        for name, (period_ns, lines) in self._rounds.items():
            before_ns = self._asked.get(name)
            if before_ns is not None and 0 <= at_ns - before_ns < period_ns:
                continue
            self._asked[name] = at_ns
            if name == "start":
                self._refused = {}
            for line in lines:
                if self._refused.get(line, 0) < MOST_REFUSALS:
                    dialogue.ask(line)

    def ended(self, command: Command, result: Result) -> Sequence[Observation]:
        """A refused setting is told: a modem that announces no texts, for one, must be known."""
        known = [line for _, lines in self._rounds.values() for line in lines]
        if command.line not in known or command.kind != "plain":
            return ()
        if result.is_ok:
            self._refused.pop(command.line, None)
        else:
            self._refused[command.line] = self._refused.get(command.line, 0) + 1
        if command.line not in self._settings or (result.is_ok and command.line not in self._missing):
            return ()
        self._missing = [one for one in self._missing if one != command.line]
        self._missing += [] if result.is_ok else [command.line]
        part = f"setting {command.line.removeprefix('AT').partition('=')[0]}"
        return (Condition(part=part, value="taken" if result.is_ok else "refused", is_good=result.is_ok),)

    def save(self) -> dict[str, Any]:
        """Plain values."""
        return {"asked": dict(self._asked), "refused": dict(self._refused), "missing": list(self._missing)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._asked, self._refused = dict(state["asked"]), dict(state["refused"])
        self._missing = list(state["missing"])
