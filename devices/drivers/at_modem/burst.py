"""Iridium short burst data: one text of up to 340 octets to the gateway that the subscription names, and back.

``sent`` means that the gateway has it; who gets it from there is agreed with the provider and not on this wire.

**Source:** public drivers of RockBLOCK modules (write with sum, session, read by length) and the result codes listed
by the goby driver: 0-4 went, 5 and above did not (another driver takes 5 for success; it is not followed).
**Assumed:** codes 32, 35 and 36 mean that nothing left and it may be tried again; a text is UTF-8; the write ends with
0 accepted, 1 too late, 2 wrong sum, 3 wrong size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from devices.commands import SendText
from devices.driver import NS_PER_S, Outgoing, Refused, TextLimit
from devices.drivers.at_modem.dialogue import Command, Dialogue, Result
from devices.drivers.at_modem.fields import numbers
from devices.observations import (
    Condition,
    DeliveryReport,
    DeliveryState,
    Malformed,
    Observation,
    Signal,
    TextMessage,
    Unrecognised,
)

CAPACITY_OCTETS: Final = 340
REPORT_DUE_S: Final = 300.0
MAIL_GAP_NS: Final = 30 * NS_PER_S
"""Between two sessions of our own accord: each costs air time, and a flood of rings must not start a flood of them.
Doubled by each that failed, 16 minutes at most."""
RETRY_S: Final = 30.0
WENT: Final = range(5)

_CLEAR: Final = Command(line="AT+SBDD0")
_READ: Final = Command(line="AT+SBDRB", kind="read")
_CLEAR_READ: Final = Command(line="AT+SBDD1")
"""Once it was told; what a status finds in the buffer after that is unread."""
_REASONS: Final[Mapping[int, tuple[DeliveryState, str]]] = {
    10: ("failed", "gateway-timeout"), 11: ("failed", "gateway-full"), 12: ("failed", "sbd-segments"),
    13: ("failed", "incomplete"), 14: ("failed", "sbd-segments"), 15: ("failed", "barred"), 16: ("failed", "locked"),
    17: ("failed", "gateway-silent"), 18: ("failed", "link-lost"), 19: ("failed", "link-lost"),
    32: ("deferred", "no-network"), 35: ("deferred", "modem-busy"), 36: ("deferred", "congestion"),
}  # fmt: skip
_OTHER: Final[tuple[DeliveryState, str]] = ("failed", "modem-refused")


class Burst:
    """At most one text on its way; mail is fetched when the ring or the status says that some waits."""

    def __init__(self, gateway: str) -> None:
        self._gateway = gateway
        self._reference: str | None = None
        self._data = b""
        self._code: int | None = None
        self._session: list[int] | None = None
        self._is_mail_due = False
        self._is_ring = False
        self._mail_ns: int | None = None
        self._failed_sessions = 0
        self._is_unread = False
        self._is_read = False

    # ---- a text out

    def measure(self, text: str) -> TextLimit:
        """Octets of UTF-8."""
        used = len(text.encode("utf-8", "replace"))
        is_sendable = 0 < used <= CAPACITY_OCTETS and _octets(text) is not None
        return TextLimit(used=used, limit=CAPACITY_OCTETS, unit="octets", is_sendable=is_sendable)

    def begin(self, command: SendText, dialogue: Dialogue, at_ns: int, obstacle: str | None) -> Outgoing | Refused:
        """Start to send a text; with an ``obstacle`` a sound one waits.  Without, ``dialogue`` is idle."""
        data = _octets(command.text)
        if command.recipient.strip() != self._gateway:
            return Refused(reason="gateway-only")
        if data is None or not data:
            return Refused(reason="no-text" if data is None else "empty")
        if len(data) > CAPACITY_OCTETS:
            return Refused(reason="burst-length")
        if obstacle is not None:
            return Refused(reason=obstacle, is_for_now=True)
        self._reference, self._data = command.reference, data
        self._code = self._session = None
        octets = dialogue.send(_CLEAR, at_ns)
        return Outgoing(octets=octets, reference=command.reference, report_due_s=REPORT_DUE_S)

    # ---- what the modem says

    def understand(self, name: str, rest: str) -> Sequence[Observation] | None:
        """+SBDIX, +SBDSX and their kin; ``None`` if the line is none of these.  Raises ``FieldError``."""
        if name in {"+SBDIX", "+SBDIXA"}:
            self._session = numbers(rest, 6)[:6]
            if self._session[5] > 0:
                self._is_mail_due = True
            return (Signal(quantity="sbd-waiting", value=float(max(0, self._session[5])), unit="1"),)
        if name == "+SBDSX":
            given = numbers(rest, 6)
            self._is_unread = given[2] > 0
            self._is_ring = self._is_ring or given[4] > 0
            self._is_mail_due = self._is_mail_due or given[4] > 0 or given[5] > 0
            return (Signal(quantity="sbd-waiting", value=float(max(0, given[5])), unit="1"),)
        return None

    def ring(self) -> Sequence[Observation]:
        """The gateway has something for us."""
        self._is_mail_due = self._is_ring = True
        return (Condition(part="sbd-ring", value="ring"),)

    def written(self, line: str) -> bool:
        """The number that ends a write; ``False``: the line is none."""
        if line not in {"0", "1", "2", "3"}:
            return False
        self._code = int(line)
        return True

    def block(self, octets: bytes) -> Sequence[Observation]:
        """A message from the gateway: length, data, sum."""
        data, told = octets[2:-2], int.from_bytes(octets[-2:], "big")
        if sum(data) & 0xFFFF != told:
            return (Malformed(reason="checksum", raw=octets),)
        self._is_read = True
        if not data:
            return ()
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            return (Unrecognised(name="sbd-data", raw=data),)
        return (TextMessage(sender=self._gateway, text=text, is_stored=self._is_unread),)

    # ---- go on

    def fetch(self, dialogue: Dialogue, at_ns: int) -> None:
        """Begin a session for waiting mail where one is due; what lies in the buffer to send is cleared before."""
        is_free = self._reference is None and dialogue.is_idle and not dialogue.waiting
        if self._is_unread and is_free:
            dialogue.ask(_READ.line, _READ.kind)
            return
        gap_ns = MAIL_GAP_NS << self._failed_sessions
        is_soon = self._mail_ns is not None and 0 <= at_ns - self._mail_ns < gap_ns
        if not self._is_mail_due or not is_free or is_soon:
            return
        self._mail_ns = at_ns
        self._session = None
        dialogue.ask(_CLEAR.line)
        dialogue.ask("AT+SBDIXA" if self._is_ring else "AT+SBDIX", "session")

    def ended(self, command: Command, result: Result, dialogue: Dialogue) -> Sequence[Observation]:
        """A command ended; the next step, or the outcome."""
        if command.kind == "session":
            return self._session_ended(result, dialogue)
        if command == _READ:
            is_told, self._is_read, self._is_unread = self._is_read, False, False
            if is_told:
                dialogue.ask_next(_CLEAR_READ)
            return ()
        if self._reference is None:
            return ()
        if command == _CLEAR and result.is_ok:
            total = (sum(self._data) & 0xFFFF).to_bytes(2, "big")
            dialogue.ask_next(Command(line=f"AT+SBDWB={len(self._data)}", kind="write", payload=self._data + total))
        elif command.kind == "write" and result.is_ok and self._code == 0:
            dialogue.ask_next(Command(line="AT+SBDIXA" if self._is_ring else "AT+SBDIX", kind="session"))
        elif command == _CLEAR or command.kind == "write":
            reference, self._reference = self._reference, None
            fault = Condition(part="sbd-write", value=f"code-{self._code}", is_good=False)
            return (
                DeliveryReport(reference=reference, message_id=reference, state="failed", reason="modem-refused"),
                fault,
            )
        return ()

    def lost(self, command: Command | None) -> Sequence[DeliveryReport]:
        """No answer.  Before the session nothing can have left; during it nobody knows."""
        reference, self._reference = self._reference, None
        if reference is None or command is None or command.kind == "session":
            return ()
        return (
            DeliveryReport(
                reference=reference, message_id=reference, state="deferred", reason="modem-silent", wait_s=RETRY_S
            ),
        )

    def _session_ended(self, result: Result, dialogue: Dialogue) -> Sequence[Observation]:
        session, self._session = self._session, None
        reference, self._reference = self._reference, None
        self._failed_sessions = min(5, self._failed_sessions + 1)
        if not result.is_ok or session is None:
            return ()  # the session may have been held: nothing is known of the text
        status, _, received, _, _, queued = session
        went = status in WENT
        if went:
            self._is_ring = False
            self._failed_sessions = 0
            self._is_mail_due = queued > 0
            dialogue.ask_next(_CLEAR)  # else the next session would send the text again
        if received == 1:
            dialogue.ask_next(_READ)
        said: list[Observation] = [Condition(part="sbd-session", value=f"code-{status}", is_good=went)]
        if reference is None:
            return said
        if went:
            return [DeliveryReport(reference=reference, message_id=reference, state="sent"), *said]
        state, reason = _REASONS.get(status, _OTHER)
        wait_s = RETRY_S if state == "deferred" else None
        return [
            DeliveryReport(reference=reference, message_id=reference, state=state, reason=reason, wait_s=wait_s),
            *said,
        ]

    def save(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "reference": self._reference,
            "data": self._data.hex(),
            "code": self._code,
            "session": self._session,
            "is_mail_due": self._is_mail_due,
            "is_ring": self._is_ring,
            "mail_ns": self._mail_ns,
            "failed_sessions": self._failed_sessions,
            "is_unread": self._is_unread,
            "is_read": self._is_read,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._reference, self._data = state["reference"], bytes.fromhex(state["data"])
        self._code, self._session = state["code"], state["session"]
        self._is_mail_due, self._is_ring = state["is_mail_due"], state["is_ring"]
        self._mail_ns, self._failed_sessions = state["mail_ns"], state["failed_sessions"]
        self._is_unread, self._is_read = state["is_unread"], state["is_read"]


def _octets(text: str) -> bytes | None:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return None
