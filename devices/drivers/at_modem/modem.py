"""The driver ``at_modem``: one modem on one stream."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from devices.commands import AskReceipt, DeviceCommand, SendRaw, SendText
from devices.driver import Outgoing, Refused, Settings, TextLimit
from devices.drivers.at_modem.asking import Asking
from devices.drivers.at_modem.burst import Burst
from devices.drivers.at_modem.dialogue import Command, Dialogue, Result, result_of
from devices.drivers.at_modem.fields import LINE, FieldError, bare, split
from devices.drivers.at_modem.framing import Framer, Piece
from devices.drivers.at_modem.inbox import Inbox
from devices.drivers.at_modem.network import Network
from devices.drivers.at_modem.parts import Finished
from devices.drivers.at_modem.pdu import StatusReport, canonical
from devices.drivers.at_modem.profile import profile
from devices.drivers.at_modem.sms import Sms
from devices.observations import (
    Card,
    Condition,
    DeliveryReport,
    Malformed,
    Observation,
    TextMessage,
    Unrecognised,
)

RAW_OCTETS: Final = 256
_RAW = re.compile(rb"AT[\x20-\x7e]*\r?\n?", re.IGNORECASE)
_FORBIDDEN = re.compile(r"\+(?:CPIN|CPIN2|CLCK|CPWD)=|\+CMG[SWC]=|\+CMSS=|\+SBD[WI]|&W", re.IGNORECASE)
"""A card's secrets and locks, and what would bring the modem to wait for a text."""
_IMSI = re.compile(r"[0-9]{6,15}", re.ASCII)
_FREE: Final = {"AT+CGMM": "model", "AT+CGMR": "firmware"}
_CALLS: Final = {"RING": "ringing", "NO CARRIER": "ended", "BUSY": "busy", "NO ANSWER": "no-answer"}


class AtModem:
    """Understands one modem by its profile; sends texts one at a time.

    ``DeliveryReport.reference`` is the reference of the SendText itself.  ``Malformed`` reasons: ``length``,
    ``noise``, ``field``, ``checksum``, ``truncated``, ``pdu-...``.  Senders are telephone numbers (those of
    ``country_code`` without it), names in quotation marks, or ``gateway`` for SBD.

    Settings: ``profile``, ``country_code``, ``most_parts`` 1-10, ``delivery_reports``, ``registration_s``,
    ``signal_s``, ``gateway``.
    """

    def __init__(self, settings: Settings) -> None:
        self._profile = profile(str(settings.get("profile", "generic")))
        self._country = str(settings.get("country_code", "86")).lstrip("+")
        self._framer = Framer()
        self._dialogue = Dialogue()
        self._asking = Asking(
            self._profile, float(settings.get("registration_s", 10)), float(settings.get("signal_s", 30))
        )
        self._network = Network(self._profile.level)
        self._inbox = Inbox(self._country)
        self._sms = Sms(
            self._country,
            int(settings.get("most_parts", 4)),
            is_reported=bool(settings.get("delivery_reports", True)),
        )
        self._burst = Burst(str(settings.get("gateway", "gateway")))
        self._overdue: list[DeliveryReport | TextMessage] = []
        """What became known between two receptions; told with the next."""

    # ---- octets in

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:
        """Understand ``data``; never raises; any split of the octets gives the same observations."""
        said: list[Observation] = []
        if data:
            said += self._overdue
            self._overdue = []
        self._framer.push(data)
        while (piece := self._framer.cut(self._dialogue.expected)) is not None:
            said += self._understand(piece, at_ns)
        self._framer.drop_taken()
        return said

    def poll(self, at_ns: int) -> Sequence[bytes]:
        """The next command, the payload that was asked for, or nothing while an answer is awaited."""
        if self._dialogue.is_late(at_ns):
            self._lose()
        for told in self._inbox.expire(at_ns):
            self._inbox.remove(told, self._dialogue)
            self._overdue.append(told.message)
        self._dialogue.settle(at_ns)
        if self._dialogue.phase == "ready":
            self._asking.ask(self._dialogue, at_ns)
            if self._profile.carrier == "sbd":
                self._burst.fetch(self._dialogue, at_ns)
        octets = self._dialogue.due(at_ns)
        if octets and self._dialogue.flight is not None:
            self._inbox.asked(self._dialogue.flight.line)
        return octets

    # ---- commands out

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:
        """The first octets of a text or one typed line; the rest of a text follows by ``poll``."""
        if isinstance(command, SendText):
            return self._encode_text(command, at_ns)
        if isinstance(command, SendRaw):
            return self._encode_raw(command, at_ns)
        return Refused(reason="no-receipt" if isinstance(command, AskReceipt) else "no-position")

    def measure(self, text: str) -> TextLimit:
        """How ``text`` would go, by the same rule as ``encode``."""
        return self._burst.measure(text) if self._profile.carrier == "sbd" else self._sms.measure(text)

    def _encode_text(self, command: SendText, at_ns: int) -> Outgoing | Refused:
        carrier = self._burst if self._profile.carrier == "sbd" else self._sms
        return carrier.begin(command, self._dialogue, at_ns, self._obstacle())

    def _obstacle(self) -> str | None:
        """Why a text must wait: the modem, its card or its network."""
        if not self._dialogue.is_idle:
            return "modem-busy" if self._dialogue.phase == "ready" else "modem-not-ready"
        if self._profile.carrier == "sbd":
            return None
        if self._network.sim is None or self._network.is_registered is None:
            return "modem-not-ready"
        if self._network.sim != "ready":
            return "no-sim"
        return None if self._network.is_registered else "not-registered"

    def _encode_raw(self, command: SendRaw, at_ns: int) -> Outgoing | Refused:
        if not 0 < len(command.octets) <= RAW_OCTETS:
            return Refused(reason="raw-length")
        if not _RAW.fullmatch(command.octets):
            return Refused(reason="at-line")
        line = command.octets.rstrip(b"\r\n").decode("ascii")
        if _FORBIDDEN.search(line.replace(" ", "")):
            return Refused(reason="at-forbidden")
        if not self._dialogue.is_idle:
            return Refused(reason="modem-busy", is_for_now=True)
        return Outgoing(octets=self._dialogue.send(Command(line=line, kind="raw"), at_ns))

    # ---- the wire goes down

    def finish(self) -> Sequence[Malformed]:
        """What is left over when the wire goes down."""
        rest = self._framer.finish()
        self._lose()
        return (Malformed(reason="truncated", raw=rest),) if rest.strip(b"\r\n \0") else ()

    def save(self) -> dict[str, Any]:
        """The state in plain values."""
        return {
            "held": self._framer.held.hex(),
            "is_overlong": self._framer.is_overlong,
            "dialogue": self._dialogue.save(),
            "asking": self._asking.save(),
            "network": self._network.save(),
            "inbox": self._inbox.save(),
            "sms": self._sms.save(),
            "burst": self._burst.save(),
            "overdue": [[type(one).__name__, asdict(one)] for one in self._overdue],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._framer.held = bytes.fromhex(state["held"])
        self._framer.is_overlong = state["is_overlong"]
        self._dialogue.restore(state["dialogue"])
        self._asking.restore(state["asking"])
        self._network.restore(state["network"])
        self._inbox.restore(state["inbox"])
        self._sms.restore(state["sms"])
        self._burst.restore(state["burst"])
        kinds = {kind.__name__: kind for kind in (DeliveryReport, TextMessage)}
        self._overdue = [kinds[name](**fields) for name, fields in state["overdue"]]

    # ---- pieces

    def _understand(self, piece: Piece, at_ns: int) -> Sequence[Observation]:
        if piece.kind == "prompt":
            self._dialogue.is_prompted = True
            return ()
        if piece.kind == "block":
            self._dialogue.is_prompted = True  # what follows is lines again
            return self._burst.block(piece.octets)
        if piece.kind == "overlong":
            return (Malformed(reason="length", raw=piece.octets),) if piece.octets else ()
        line = _text(piece.octets)
        if line is None:
            return (Malformed(reason="noise", raw=piece.octets),)
        return self._line(line, piece.octets, at_ns) if line else ()

    def _line(self, line: str, raw: bytes, at_ns: int) -> Sequence[Observation]:
        if self._inbox.is_awaiting:
            told = self._inbox.unit(line, self._dialogue, at_ns)
            if told is not None:
                return self._received(told)
            return (Malformed(reason="pdu-missing", raw=raw), *self._line(line, raw, at_ns))
        if self._is_echo(line):
            return ()
        result = result_of(line)
        if result is not None:
            return self._ended(result, raw, at_ns)
        try:
            said = self._told(line)
        except FieldError:
            return (Malformed(reason="field", raw=raw),)
        return said if said is not None else (Unrecognised(name=_name(line), raw=raw),)

    def _is_echo(self, line: str) -> bool:
        flight = self._dialogue.flight
        if flight is None:
            return False
        return line == flight.line or (flight.kind == "text" and line.encode("ascii", "replace") == flight.payload[:-1])

    def _received(self, told: StatusReport | Sequence[Observation | Finished]) -> Sequence[Observation]:
        if isinstance(told, StatusReport):
            return self._sms.reported(told)
        said: list[Observation] = []
        for one in told:
            if isinstance(one, Finished):
                self._inbox.remove(one, self._dialogue)
                said.append(one.message)
            else:
                said.append(one)
        return said

    def _told(self, line: str) -> Sequence[Observation] | None:
        """An information line or a word of the modem's own accord; ``None``: not known.  Raises ``FieldError``."""
        if line in self._profile.restarted:
            return self._restarted(line)
        if line in _CALLS:
            return (Condition(part="call", value=_CALLS[line]),)
        if line == "SBDRING":
            return self._burst.ring()
        flight = self._dialogue.flight
        if flight is not None and flight.kind == "write" and (line == "READY" or self._burst.written(line)):
            self._dialogue.is_prompted = self._dialogue.is_prompted or line == "READY"
            return ()
        found = LINE.fullmatch(line)
        if found is not None:
            said = self._information(found[1], found[2])
            if said is not None:
                return said
        return None if flight is None else self._free(flight, line)

    def _information(self, name: str, rest: str) -> Sequence[Observation] | None:
        if name == "+CMGS":
            flight = self._dialogue.flight
            if flight is not None and flight.kind == "text" and self._dialogue.is_payload_out:
                self._sms.reference_told(_message_number(rest))
            return ()
        if name == "+CLIP":
            number = canonical(bare(split(rest)[0]), self._country)
            return (Condition(part="call", value=f"ringing {number}".rstrip()),)
        if self._inbox.announce(name, rest, self._dialogue, self._network.memory):
            return ()
        before = self._network.sim
        said = self._network.understand(name, rest)
        if name == "+CPIN" and self._network.sim == "ready" and before != "ready":
            self._dialogue.ask(self._profile.identity)
        return said if said is not None else self._burst.understand(name, rest)

    def _free(self, flight: Command, line: str) -> Sequence[Observation] | None:
        """The answers that have no name: model, firmware, the card's number."""
        if flight.line.startswith("AT+SBDD") and line in {"0", "1"}:
            return ()
        found = LINE.fullmatch(line)
        value = found[2] if found is not None else line
        if flight.line in _FREE:
            return (Condition(part=_FREE[flight.line], value=bare(value)),)
        if flight.line == self._profile.identity and _IMSI.fullmatch(value.strip()):
            generation = "iridium" if self._profile.carrier == "sbd" else "sim"
            return (Card(card_id=value.strip(), generation=generation, interval_s=self._profile.interval_s),)
        return None

    # ---- commands end

    def _ended(self, result: Result, raw: bytes, at_ns: int) -> Sequence[Observation]:
        command = self._dialogue.end(result, at_ns)
        if command is None:
            return (Unrecognised(name=_name(raw.decode("ascii", "replace")), raw=raw),)
        if command.kind == "sync":
            if result.is_ok:
                self._asking.start_again()
            return ()
        said: list[Observation] = []
        if command.kind == "raw":
            said.append(Condition(part="typed", value="ok" if result.is_ok else bare(raw.decode("ascii", "replace"))))
        said += self._asking.ended(command, result)
        if result.family == "E" and result.code is not None and command.line == "AT+CPIN?":
            said += self._network.sim_fault(result.code)
            said += [Card(card_id=None, generation="sim")] if self._network.sim == "absent" else []
        carrier = self._burst if self._profile.carrier == "sbd" else self._sms
        return said + list(carrier.ended(command, result, self._dialogue))

    def _restarted(self, line: str) -> Sequence[Observation]:
        self._lose()
        return (Condition(part="modem", value=f"restarted {bare(line)}"),)

    def _lose(self) -> None:
        """No answer, or an answer that cannot be one: nothing that was known holds."""
        is_payload_out = self._dialogue.is_payload_out
        command = self._dialogue.lose()
        self._network.doubt()
        self._inbox.forget_place()
        if self._profile.carrier == "sbd":
            self._overdue += self._burst.lost(command)
        else:
            self._overdue += self._sms.lost(command, is_payload_out=is_payload_out)


def _message_number(rest: str) -> int:
    given = split(rest)[0]
    if not given.isascii() or not given.isdigit() or int(given) > 255:
        raise FieldError(rest)
    return int(given)


def _text(octets: bytes) -> str | None:
    """A line as text; ``None``: noise.  The ends of a payload may be echoed."""
    try:
        text = octets.strip(b"\x1a\x1b \t").replace(b"\t", b" ").decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def _name(line: str) -> str:
    found = LINE.fullmatch(line)
    return found[1] if found is not None else bare(line)[:16]
