"""The driver ``tetra``: one terminal on one serial line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from devices.commands import AskPosition, AskReceipt, DeviceCommand, PublishTeam, SendRaw, SendText
from devices.driver import Outgoing, Refused, Settings, TextLimit
from devices.drivers.tetra import sds, told
from devices.drivers.tetra.asking import Asking, is_command
from devices.drivers.tetra.calls import Calls
from devices.drivers.tetra.coding import encoded
from devices.drivers.tetra.identity import WIDEST, subject_of
from devices.drivers.tetra.lines import LINE_LIMIT, Lines
from devices.observations import (
    Condition,
    DeliveryReport,
    Emergency,
    Malformed,
    Observation,
    Presence,
    Unrecognised,
)

TEXTS: Final = 64
RAW_OCTETS: Final = 1024
PAUSE_S: Final = 1.0
REPORT_DUE_S: Final = 35.0
_SDS: Final = "12"
_STATUS: Final = "13"
_HEX = re.compile(rb"[0-9A-Fa-f]+")
_INLINE = re.compile(r"[0-9A-Fa-f]{4,}")
_TYPED = re.compile(rb"AT[\x20-\x7e]*\r?\n?", re.IGNORECASE)
_RECIPIENT = re.compile(r"0*([0-9]{1,8})")
_BITS_MOST: Final = 4096
_ENDS = ("OK", "ERROR", "+CME ERROR", "+CMS ERROR")


class Tetra:
    """Texts, statuses, places, calls and the terminal's own state.

    Subjects are short identities (SSI) without leading zeros.  ``DeliveryReport.reference`` is that of the text.
    ``Malformed`` reasons: ``noise``, ``length``, ``hex``, ``field``, ``unfinished``.
    Asking a radio for its place is refused: no public source gives the request's layout.
    Settings: see the catalogue.

    **Source:** and **Assumed:** stand in the modules of this package.
    """

    def __init__(self, settings: Settings) -> None:
        self._lines = Lines()
        self._calls = Calls()
        self._asking = Asking(str(settings.get("init", "")))
        self._answers_reports = bool(settings.get("answer_reports", True))
        self._text_octets = int(settings.get("text_octets", 140))
        self._header: str | None = None
        self._texts: dict[str, list[str]] = {}
        self._number = 0
        self._sayers: dict[str, Callable[[Sequence[str], int], Sequence[Observation] | None]] = {
            "+CTICN": lambda fields, _: self._calls.incoming(fields),
            "+CTXG": lambda fields, _: self._calls.granted(fields),
            "+CDTXC": lambda fields, _: self._calls.ceased(fields),
            "+CTCR": lambda fields, _: self._calls.released(fields),
            "+CREG": lambda fields, _: told.registration(fields, is_asked=self._asking.is_waiting("AT+CREG?")),
            "+COPS": lambda fields, _: told.network(fields),
            "+CSQ": lambda fields, _: told.level(fields),
            "+CBC": lambda fields, _: told.charge(fields),
            "+CTOM": lambda fields, _: told.mode(fields),
            "+CNUMF": lambda fields, _: told.own_number(fields),
            "+GPSPOS": told.own_place,
            "+CMGS": lambda fields, _: self._sending(fields),
        }

    # ---- in

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:
        """Understand ``data``; never raises; any split of the octets gives the same observations."""
        said: list[Observation] = []
        for line in self._lines.feed(data):
            said.extend(self._line(line, at_ns))
        return said

    def _line(self, line: bytes, at_ns: int) -> Sequence[Observation]:
        header, self._header = self._header, None
        if header is not None:
            if _HEX.fullmatch(line.strip()):
                return self._short_data(header, line.strip(), line, at_ns)
            return [Malformed(reason="hex", raw=header.encode()), *self._line(line, at_ns)]
        if len(line) >= LINE_LIMIT:
            return [Malformed(reason="length", raw=line)]
        text = line.decode("ascii", "replace").strip("\0\x1a ")
        if not text.isprintable() or not text.isascii():
            return [Malformed(reason="noise", raw=line)]
        return self._said(text, line, at_ns) if text else []

    def _said(self, text: str, line: bytes, at_ns: int) -> Sequence[Observation]:
        name, _, rest = text.partition(":")
        name = name.strip().upper()
        if name in _ENDS:
            return self._ended(is_good=name == "OK")
        if name == "+CTSDSR":
            return self._short_data_header(text, line, at_ns)
        sayer = self._sayers.get(name)
        if sayer is None:
            is_echo = name.startswith("AT")
            return [Unrecognised(name="echo" if is_echo else name[:16] if name[:1] == "+" else "text", raw=line)]
        meant = sayer([field.strip() for field in rest.split(",")], at_ns)
        return [Malformed(reason="field", raw=line)] if meant is None else meant

    def _short_data_header(self, text: str, line: bytes, at_ns: int) -> Sequence[Observation]:
        """The data follow in a line of their own, or as the last field, as some firmware writes them."""
        head, _, last = text.rpartition(",")
        parts = last.split()
        if len(parts) == 2 and _INLINE.fullmatch(parts[1]):
            return self._short_data(f"{head},{parts[0]}", parts[1].encode(), line, at_ns)
        fields = text.split(",")
        if len(fields) in {7, 8} and _INLINE.fullmatch(last.strip()):
            return self._short_data(",".join(fields[:6]), last.strip().encode(), line, at_ns)
        self._header = text
        return []

    def _short_data(self, header: str, digits: bytes, raw: bytes, at_ns: int) -> Sequence[Observation]:
        fields = [field.strip() for field in header.partition(":")[2].split(",")]
        if len(fields) not in {3, 4, 6, 7}:
            return [Malformed(reason="field", raw=header.encode())]
        has_sender = len(fields) >= 6
        size = fields[5] if has_sender else fields[-1]
        bits = int(size) if size.isdecimal() and len(size) <= 4 else 0
        if not 0 < bits <= _BITS_MOST or len(digits) < -(-bits // 4):
            return [Malformed(reason="length", raw=header.encode() + b" " + raw)]
        digits = digits[: -(-bits // 4)]
        octets = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
        sender = subject_of(fields[1]) if has_sender else None
        recipient = subject_of(fields[3] if has_sender else fields[1])
        unread = Unrecognised(name=f"SDS {fields[0]} {octets[:1].hex().upper()}", raw=octets)
        if fields[0] == _STATUS:
            return self._status(int.from_bytes(octets[:2], "big"), sender) if bits == 16 else [unread]
        meaning = sds.read(octets, bits, (sender, recipient), at_ns) if fields[0] == _SDS else None
        if meaning is None:
            return [unread]
        if meaning.report is not None:
            self._asking.answer(sender, meaning.report.answer)
            return self._reported(meaning.report, sender) or [unread]
        if self._answers_reports:
            self._asking.answer(sender, meaning.answer)
        return meaning.said

    def _status(self, status: int, sender: str | None) -> Sequence[Observation]:
        report = sds.short_report_of(status)
        if report is not None:
            return self._reported(report, sender) or [Unrecognised(name="SDS report", raw=status.to_bytes(2, "big"))]
        here = [Presence(subject=sender, state="online")] if sender is not None else []
        if status == 0:
            return [*here, Emergency(subject=sender, kind="@radio.emergency.status")]
        return [*here, Condition(subject=sender, part="status", value=f"{status:04X}")]

    # ---- what becomes of our texts

    def _sending(self, fields: Sequence[str]) -> Sequence[Observation] | None:
        if fields[0].startswith("("):
            most = re.search(r"\(8-([0-9]{2,4})\)", ",".join(fields))
            if most is not None:
                self._text_octets = min(self._text_octets, max(0, int(most[1]) // 8 - 4))
            return []
        return [Condition(part="sds", value=f"status-{fields[1]}")] if len(fields) > 1 else []

    def _ended(self, *, is_good: bool) -> Sequence[Observation]:
        reference = self._asking.ended(is_good=is_good)
        if reference is None:
            return []
        if is_good:
            return [DeliveryReport(reference=reference, state="sent", wait_s=PAUSE_S)]
        return [DeliveryReport(reference=reference, state="failed", reason="radio-failed", wait_s=PAUSE_S)]

    def _reported(self, report: sds.Report, sender: str | None) -> Sequence[Observation]:
        """Only the recipient of that text can have it; each text is confirmed once."""
        recipient, reference = self._texts.get(str(report.number), (None, None))
        if recipient is None or recipient != sender or report.outcome == "stored":
            return []
        del self._texts[str(report.number)]
        if report.outcome == "confirmed":
            return [DeliveryReport(reference=reference, state="confirmed")]
        return [DeliveryReport(reference=reference, state="failed", reason="radio-no-answer")]

    # ---- out

    def poll(self, at_ns: int) -> Sequence[bytes]:
        """The next command, when the one before has ended: local questions, and the reports that senders asked for."""
        return self._asking.due(at_ns)

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:
        """A text; typed octets; everything else is refused."""
        match command:
            case SendText():
                return self._send(command, at_ns)
            case AskPosition():
                return Refused(reason="radio-no-position")
            case AskReceipt():
                return Refused(reason="no-receipt")
            case SendRaw():
                return _typed(command.octets)
            case PublishTeam():
                return Refused(reason="radio-no-publish")

    def measure(self, text: str) -> TextLimit:
        """How ``text`` would fit one message: an octet a character in Latin letters, else two."""
        code = encoded(text)
        used = len(code[1]) if code is not None else 2 * len(text)
        is_sendable = code is not None and 0 < used <= self._text_octets
        return TextLimit(used=used, limit=self._text_octets, unit="octets", is_sendable=is_sendable)

    def _send(self, command: SendText, at_ns: int) -> Outgoing | Refused:
        found = _RECIPIENT.fullmatch(command.recipient.strip())
        code = encoded(command.text)
        refused = None
        if self._asking.is_busy(at_ns):
            return Refused(reason="radio-waiting", is_for_now=True)
        if found is None or not 0 < int(found[1]) <= WIDEST:
            refused = "radio-recipient"
        elif code is None or not command.text:
            refused = "radio-charset" if command.text else "empty"
        elif len(code[1]) > self._text_octets:
            refused = "radio-too-long"
        if refused is not None or found is None or code is None:
            return Refused(reason=refused or "radio-recipient")
        self._number = self._number % 255 + 1
        recipient = str(int(found[1]))
        self._texts.pop(str(self._number), None)
        self._texts[str(self._number)] = [recipient, command.reference]
        if len(self._texts) > TEXTS:
            del self._texts[next(iter(self._texts))]
        octets = self._asking.text(recipient, sds.text_of(self._number, *code), command.reference, at_ns)
        return Outgoing(octets=octets, reference=command.reference, report_due_s=REPORT_DUE_S)

    # ---- the rest of the contract

    def finish(self) -> Sequence[Malformed]:
        """What is left over when the wire goes down; whatever comes up next is introduced anew."""
        header, self._header = self._header, None
        rest = (header.encode() + b" " if header is not None else b"") + self._lines.finish()
        self._asking.start_again()
        return [Malformed(reason="unfinished", raw=rest)] if rest else []

    def save(self) -> dict[str, Any]:
        """The state in plain values."""
        return {
            "held": self._lines.held.hex(),
            "header": self._header,
            "calls": self._calls.save(),
            "asking": self._asking.save(),
            "texts": {reference: list(text) for reference, text in self._texts.items()},
            "number": self._number,
            "text_octets": self._text_octets,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._lines.held = bytes.fromhex(state["held"])
        self._header = state["header"]
        self._calls.restore(state["calls"])
        self._asking.restore(state["asking"])
        self._texts = {reference: list(text) for reference, text in state["texts"].items()}
        self._number = state["number"]
        self._text_octets = state["text_octets"]


def _typed(octets: bytes) -> Outgoing | Refused:
    """One line as somebody typed it; a second one behind it, a PIN or a text of its own is refused."""
    if not 0 < len(octets) <= RAW_OCTETS:
        return Refused(reason="raw-length")
    if _TYPED.fullmatch(octets) is None:
        return Refused(reason="at-line")
    line = octets.decode("ascii").strip()
    return Outgoing(octets=octets) if is_command(line) else Refused(reason="at-forbidden")
