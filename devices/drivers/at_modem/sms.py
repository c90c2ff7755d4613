"""Short messages out, and what becomes of them.

``sent`` means that the network took every part; ``confirmed`` that a status report came for every part.  Without a
final answer of the modem nothing is reported: the text may have left.

**Source:** 3GPP TS 27.005 (+CMGS, +CMS ERROR 300 and above), 24.011 (causes below 128 handed on by the network).
**Assumed:** causes 38, 41, 42 and 47 and error 331 mean that the text surely did not go and may be tried again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from devices.commands import SendText
from devices.driver import NS_PER_S, Outgoing, Refused, TextLimit
from devices.drivers.at_modem import pdu
from devices.drivers.at_modem.dialogue import Command, Dialogue, Result
from devices.observations import Condition, DeliveryReport, DeliveryState, Observation

AWAITED: Final = 64
REPORT_DUE_S: Final = 180.0
RETRY_S: Final = 30.0
ANYHOW_S: Final = 10.0
_PREPARE: Final = Command(line="AT+CMGF=0")
"""Before each text: a modem that began anew unseen would take the unit for words."""

_S_REASONS: Final[Mapping[int, tuple[DeliveryState, str]]] = {
    1: ("failed", "no-such-number"), 28: ("failed", "no-such-number"),
    8: ("failed", "barred"), 10: ("failed", "barred"), 50: ("failed", "barred"),
    38: ("deferred", "congestion"), 41: ("deferred", "congestion"), 42: ("deferred", "congestion"),
    47: ("deferred", "congestion"), 331: ("deferred", "no-network"), 330: ("failed", "no-centre"),
    310: ("failed", "sim"), 311: ("failed", "sim"), 312: ("failed", "sim"), 313: ("failed", "sim"),
}  # fmt: skip
_E_REASONS: Final[Mapping[int, tuple[DeliveryState, str]]] = {
    10: ("failed", "sim"), 11: ("failed", "sim"), 12: ("failed", "sim"), 13: ("failed", "sim"),
    30: ("deferred", "no-network"),
}  # fmt: skip
_UNSURE: Final = frozenset({("S", 332), ("E", 31)})
"""The network did not answer in time: it may have the text."""

_OTHER: Final[tuple[DeliveryState, str]] = ("failed", "modem-refused")


class Sms:
    """At most one text on its way, and the references of what still may be confirmed."""

    def __init__(self, country: str, most_parts: int, *, is_reported: bool) -> None:
        self._country = country
        self._most_parts = most_parts
        self._is_reported = is_reported
        self._reference: str | None = None
        self._recipient = ""
        self._units: list[Command] = []
        self._done: list[int | None] = []
        self._told: int | None = None
        self._awaited: list[tuple[int, str, str]] = []

    # ---- begin

    def measure(self, text: str) -> TextLimit:
        """Parts counted: the limit is that of as many parts as the text takes, at most those allowed."""
        found = pdu.letters_of(text)
        if found is None:
            return TextLimit(used=len(text), limit=pdu.SINGLE["ucs2"], unit="characters", is_sendable=False)
        alphabet, letters = found
        unit = 2 if alphabet == "ucs2" else 1
        parts = len(pdu.cut(alphabet, letters))
        single, each = pdu.SINGLE[alphabet], pdu.PART[alphabet]
        limit = single if parts == 1 else each * min(parts, self._most_parts)
        limit = max(limit, single) if self._most_parts == 1 else limit
        is_sendable = bool(text) and parts <= self._most_parts
        used = sum(map(len, letters)) // unit
        return TextLimit(used=used, limit=limit, unit="characters", is_sendable=is_sendable, parts=parts)

    def begin(self, command: SendText, dialogue: Dialogue, at_ns: int, obstacle: str | None) -> Outgoing | Refused:
        """Start to send a text; with an ``obstacle`` a sound one waits.  Without, ``dialogue`` is idle."""
        number = pdu.number_of(command.recipient)
        found = pdu.letters_of(command.text)
        if number is None:
            return Refused(reason="phone-number")
        if found is None:
            return Refused(reason="no-text")
        if not command.text:
            return Refused(reason="empty")
        alphabet, letters = found
        parts = pdu.cut(alphabet, letters)
        if len(parts) > self._most_parts:
            return Refused(reason="too-many-parts")
        if obstacle is not None:
            return Refused(reason=obstacle, is_for_now=True)
        group = at_ns // NS_PER_S & 0xFF
        units = pdu.submit(number, alphabet, parts, group, is_reported=self._is_reported)
        self._reference, self._recipient = command.reference, pdu.canonical(number, self._country)
        self._units = [
            Command(line=f"AT+CMGS={unit.length}", kind="text", payload=unit.octets.hex().upper().encode() + b"\x1a")
            for unit in units
        ]
        self._done, self._told = [], None
        octets = dialogue.send(_PREPARE, at_ns)
        return Outgoing(octets=octets, reference=command.reference, report_due_s=REPORT_DUE_S)

    # ---- go on

    def reference_told(self, number: int) -> None:
        """``+CMGS: number``: what the network will call this unit."""
        self._told = number

    def ended(self, command: Command, result: Result, dialogue: Dialogue) -> Sequence[Observation]:
        """A command ended; the next unit is asked for, or the outcome is told."""
        if self._reference is None or (command != _PREPARE and command.kind != "text"):
            return ()
        if not result.is_ok:
            return self._refused(result)
        if command.kind == "text":
            self._done.append(self._told)
            self._told = None
        if len(self._done) < len(self._units):
            dialogue.ask_next(self._units[len(self._done)])
            return ()
        return self._sent()

    def lost(self, command: Command | None, *, is_payload_out: bool) -> Sequence[DeliveryReport]:
        """The modem gave no answer.  What surely did not leave waits again; of the rest nothing is known."""
        reference, self._reference = self._reference, None
        if reference is None or is_payload_out or self._done or command is None:
            return ()
        report = _report(reference, "deferred", "modem-silent", ANYHOW_S)
        return (report,)

    def _sent(self) -> Sequence[Observation]:
        reference, self._reference = self._reference or "", None
        if self._is_reported and None not in self._done:
            for number in self._done:
                self._await(number or 0, reference)
        return (_report(reference, "sent"),)

    def _refused(self, result: Result) -> Sequence[Observation]:
        reference, self._reference = self._reference or "", None
        code = result.code if result.code is not None else -1
        fault = Condition(part="sms-fault", value=f"CM{result.family} {code}" if code >= 0 else "ERROR", is_good=False)
        if (result.family, code) in _UNSURE:
            return (fault,)
        state, reason = (_S_REASONS if result.family == "S" else _E_REASONS).get(code, _OTHER)
        if self._done:
            state, reason = "failed", "partly-sent"
        wait_s = RETRY_S if state == "deferred" else None
        return (_report(reference, state, reason, wait_s), fault)

    # ---- status reports

    def _await(self, number: int, reference: str) -> None:
        old = {one[1] for one in self._awaited if one[0] == number and one[1] != reference}
        self._awaited.append((number, reference, self._recipient))
        if len(self._awaited) > AWAITED:
            old.add(self._awaited[0][1])  # with one part forgotten, the rest must not confirm the whole
        self._awaited = [one for one in self._awaited if one[1] not in old]

    def reported(self, told: pdu.StatusReport) -> Sequence[Observation]:
        """A status report: confirmed with the last part; of a text that is not known any more, a condition."""
        mine = next((one for one in self._awaited if one[0] == told.message and _is_same(one[2], told.recipient)), None)
        value = f"{told.recipient} {told.outcome} {told.status}"
        if mine is None:
            return (Condition(part="sms-report", value=value, is_good=told.outcome == "delivered"),)
        if told.outcome in {"trying", "untold"}:
            return (Condition(part="sms-report", value=value),)
        if told.outcome == "failed":
            self._awaited = [one for one in self._awaited if one[1] != mine[1]]
            return (_report(mine[1], "failed", "not-delivered"),)
        self._awaited.remove(mine)
        if any(one[1] == mine[1] for one in self._awaited):
            return (Condition(part="sms-report", value=value, is_good=True),)
        return (_report(mine[1], "confirmed", source_time_ns=told.time_ns),)

    def save(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "reference": self._reference,
            "recipient": self._recipient,
            "units": [[one.line, one.kind, one.payload.hex()] for one in self._units],
            "done": list(self._done),
            "told": self._told,
            "awaited": [list(one) for one in self._awaited],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._reference, self._recipient = state["reference"], state["recipient"]
        self._units = [Command(line=one[0], kind=one[1], payload=bytes.fromhex(one[2])) for one in state["units"]]
        self._done, self._told = list(state["done"]), state["told"]
        self._awaited = [(one[0], one[1], one[2]) for one in state["awaited"]]


def _report(
    message_id: str,
    state: DeliveryState,
    reason: str | None = None,
    wait_s: float | None = None,
    source_time_ns: int | None = None,
) -> DeliveryReport:
    return DeliveryReport(
        reference=message_id,
        message_id=message_id,
        state=state,
        reason=reason,
        wait_s=wait_s,
        source_time_ns=source_time_ns,
    )


def _is_same(one: str, other: str) -> bool:
    """The same number: networks add the code of the country, or take it away."""
    return one == other or one.lstrip("+0")[-9:] == other.lstrip("+0")[-9:] != ""
