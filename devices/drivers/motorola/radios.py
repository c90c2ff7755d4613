"""The driver ``motorola``: all radios behind one UDP port of a control station or repeater.

Registration, location and text have a port each (4005, 4001, 4007), so a squad configures one device for each port it
listens on.  One instance serves all peers: they share one channel, and its rate.

**Source:** stands in the modules of this package.
**Assumed:** which protocol a datagram is in shows in the peer's port, else in its form.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from devices.commands import AskPosition, AskReceipt, DeviceCommand, PublishTeam, SendRaw, SendText
from devices.driver import NS_PER_S, Addressed, Outgoing, Refused, Settings, TextLimit
from devices.drivers.motorola import ars, lrrp, tms
from devices.drivers.motorola.roster import WIDEST, Roster, asked, request_of
from devices.observations import (
    Condition,
    DeliveryReport,
    Malformed,
    Observation,
    Position,
    Presence,
    TextMessage,
    Unrecognised,
)

ANSWERS: Final = 64
ANSWERS_PER_S: Final = 20
TEXTS: Final = 64
RAW_OCTETS: Final = 1024
REPEATED_NS: Final = 120 * NS_PER_S
PAUSE_S: Final = 1.0
_RECIPIENT = re.compile(r"0*([0-9]{1,8})")


class Motorola:
    """Registration, presence, positions and texts of MOTOTRBO radios.

    Subjects are radio numbers.  ``DeliveryReport.reference`` is that of the text, or ``tms-``, the radio's and the
    text's number where the text is not known here.  Settings: see the catalogue.
    """

    def __init__(self, settings: Settings) -> None:
        ports = (("ars", 4005), ("lrrp", 4001), ("tms", 4007))
        self._ports = {name: int(settings.get(f"{name}_port", port)) for name, port in ports}
        self._period_s = int(settings.get("position_every_s", 120))
        self._roster = Roster(
            int(settings.get("network", 12)), self._ports, str(settings.get("radios", "")), self._period_s
        )
        self._gap_ns = round(float(settings.get("request_gap_s", 2.0)) * NS_PER_S)
        self._text_octets = int(settings.get("text_octets", 280))
        self._texts: dict[str, str] = {}
        self._heard_texts: dict[str, int] = {}
        self._number = 0
        self._answers: list[tuple[str, bytes]] = []
        self._budget: tuple[int, dict[str, int]] = (0, {})
        self._asked_ns: int | None = None
        self._looked_ns: int | None = None

    # ---- in

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:
        """One datagram of the wire's one far end; never raises."""
        return self.receive_from(data, "", at_ns)

    def receive_from(self, data: bytes, peer: str, at_ns: int) -> Sequence[Observation]:
        """One datagram of ``peer``; never raises."""
        protocol = self._protocol(data, peer)
        said: Sequence[Observation] | None = None
        if protocol == "ars":
            said = self._registration(data, peer, at_ns)
        elif protocol == "lrrp":
            said = self._location(data, peer, at_ns)
        elif protocol == "tms":
            said = self._text_in(data, peer, at_ns)
        else:
            return [Malformed(reason="noise", raw=data)]
        return said if said is not None else [Malformed(reason="length", raw=data)]

    def _protocol(self, data: bytes, peer: str) -> str | None:
        port = peer.rpartition(":")[2]
        for name, known in self._ports.items():
            if port == str(known):
                return name
        if lrrp.is_lrrp(data):
            return "lrrp"
        return "ars" if ars.is_ars(data) else "tms" if tms.is_tms(data) else None

    def _registration(self, data: bytes, peer: str, at_ns: int) -> Sequence[Observation] | None:
        told = ars.open_ars(data)
        if told is None:
            return None
        is_ours = told.kind == ars.RESPONSE and told.has_more
        if told.kind not in {ars.REGISTER, ars.LEAVE, ars.RESPONSE} or is_ours:
            return [Unrecognised(name=f"ARS {told.kind:X}", raw=data)]
        subject = self._roster.number_of(peer) or told.device or self._roster.subject(peer)
        if subject is None:
            return [Presence(state="offline" if told.kind == ars.LEAVE else "online")]
        radio = self._roster.hear(subject, peer)
        is_refused = told.kind == ars.RESPONSE and told.wants_answer  # the same bit says so in a response
        radio.is_gone = told.kind == ars.LEAVE or is_refused
        radio.expires_ns = None if radio.is_gone else at_ns + ars.RENEW_S * 3 // 2 * NS_PER_S
        if told.kind == ars.REGISTER:
            if told.wants_answer:
                self._answer(peer, ars.REGISTERED, at_ns)
            radio.asked_ns = None
        return [Presence(subject=subject, state="offline" if radio.is_gone else "online")]

    def _location(self, data: bytes, peer: str, at_ns: int) -> Sequence[Observation] | None:
        told = lrrp.open_lrrp(data)
        if told is None:
            return None
        name = f"LRRP {told.kind:02X}"
        if told.kind not in lrrp.REPORTS | lrrp.ANSWERS:
            return [Unrecognised(name=name, raw=data)]
        subject = self._roster.subject(peer) or asked(told.request)
        radio = self._roster.hear(subject, peer)
        if told.lat_deg is not None and told.lon_deg is not None:
            radio.placed_ns, radio.misses = at_ns, 0
            return [_position(subject, told)]
        if told.result is None:
            return [Unrecognised(name=name, raw=data)]
        radio.misses = 0
        value = "ok" if told.result == 0 else f"error-{told.result}"
        here = Presence(subject=subject, state="online")
        return [here, Condition(subject=subject, part="location", value=value, is_good=told.result == 0)]

    def _text_in(self, data: bytes, peer: str, at_ns: int) -> Sequence[Observation] | None:
        told = tms.open_tms(data)
        if told is None:
            return None
        subject = self._roster.subject(peer)
        if subject is not None:
            self._roster.hear(subject, peer)
        if told.is_ack:
            return self._acknowledged(told, subject, data)
        if told.wants_ack:
            self._answer(peer, tms.acknowledge(told.number), at_ns)
        if told.is_control:
            return [Presence(subject=subject, state="online")]
        if told.text is None:
            return [Unrecognised(name="TMS", raw=data)]
        mark = f"{subject}/{told.number}/{zlib.crc32(data):08x}"
        before_ns = self._heard_texts.pop(mark, None)
        self._heard_texts[mark] = at_ns
        if len(self._heard_texts) > TEXTS:
            del self._heard_texts[next(iter(self._heard_texts))]
        if before_ns is not None and 0 <= at_ns - before_ns < REPEATED_NS:
            return [Unrecognised(name="TMS repeated", raw=data)]
        return [TextMessage(sender=subject, text=told.text)]

    def _acknowledged(self, told: tms.Tms, subject: str | None, data: bytes) -> Sequence[Observation]:
        if told.number is None:
            return [Unrecognised(name="TMS 1F", raw=data)]
        reference = _reference(subject or "", told.number)
        if subject is None:  # a wire with one end: the number alone must tell
            ours = [name for name in self._texts if name.endswith(f"-{told.number}")]
            reference = ours[0] if len(ours) == 1 else reference
        text = self._texts.pop(reference, None)
        sent = DeliveryReport(reference=text or reference, state="sent", wait_s=PAUSE_S)
        return [sent] if text is None else [sent, DeliveryReport(reference=text, state="confirmed")]

    def _answer(self, peer: str, octets: bytes, at_ns: int) -> None:
        """Keep an answer for the next poll; a peer that floods is answered so many times a second and no more."""
        second, counts = self._budget
        if at_ns // NS_PER_S != second or len(counts) > ANSWERS:
            counts = {}
            self._budget = (at_ns // NS_PER_S, counts)
        counts[peer] = counts.get(peer, 0) + 1
        if counts[peer] <= ANSWERS_PER_S and len(self._answers) < ANSWERS:
            self._answers.append((peer, octets))

    # ---- out

    def poll(self, at_ns: int) -> Sequence[bytes]:
        """Answers, then at most one question over the air."""
        said = [Addressed(octets, peer) if peer else octets for peer, octets in self._answers]
        self._answers = []
        question = self._roster.question(at_ns) if self._is_time(at_ns) else None
        if question is not None:
            self._asked_ns = at_ns
            said.append(question)
        return said

    def _is_time(self, at_ns: int) -> bool:
        """Whether the channel is free for a question; the radios are looked through twice a second at most."""
        if self._asked_ns is not None and 0 <= at_ns - self._asked_ns < self._gap_ns:
            return False
        if self._looked_ns is not None and 0 <= at_ns - self._looked_ns < NS_PER_S // 2:
            return False
        self._looked_ns = at_ns
        return True

    # ---- commands

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:  # noqa: ARG002 - the contract's clock
        """A text or a question for a position; everything else is refused."""
        match command:
            case SendText():
                return self._send(command)
            case AskPosition():
                return self._ask_position(command)
            case AskReceipt():
                return Refused(reason="no-receipt")
            case SendRaw():
                return _raw(command.octets)
            case PublishTeam():
                return Refused(reason="radio-no-publish")

    def _ask_position(self, command: AskPosition) -> Outgoing | Refused:
        number = _recipient(command.subject or "")
        if number is None:
            return Refused(reason="radio-recipient")
        return _outgoing(self._roster.to(number, "lrrp", lrrp.ask(request_of(int(number)))))

    def measure(self, text: str) -> TextLimit:
        """How ``text`` would fit one message; two octets a character and four before them."""
        octets = tms.encoded(text)
        used = len(octets) if octets is not None else 2 * len(text)
        is_sendable = octets is not None and bool(text) and used <= self._text_octets
        return TextLimit(used=used, limit=self._text_octets, unit="octets", is_sendable=is_sendable)

    def _send(self, command: SendText) -> Outgoing | Refused:
        number = _recipient(command.recipient)
        octets = tms.encoded(command.text)
        if number is None:
            return Refused(reason="radio-recipient")
        if not command.text or octets is None:
            return Refused(reason="radio-charset" if command.text else "empty")
        if len(octets) > self._text_octets:
            return Refused(reason="radio-too-long")
        self._number = (self._number + 1) % tms.NUMBERS
        self._texts[_reference(number, self._number)] = command.reference
        if len(self._texts) > TEXTS:
            del self._texts[next(iter(self._texts))]
        return _outgoing(self._roster.to(number, "tms", tms.send(self._number, octets)), command.reference)

    # ---- the rest of the contract

    def finish(self) -> Sequence[Malformed]:
        """Nothing: every datagram is whole."""
        return ()

    def save(self) -> dict[str, Any]:
        """The state in plain values."""
        return {
            "radios": self._roster.save(),
            "texts": dict(self._texts),
            "heard_texts": dict(self._heard_texts),
            "number": self._number,
            "answers": [[peer, octets.hex()] for peer, octets in self._answers],
            "budget": [self._budget[0], dict(self._budget[1])],
            "asked_ns": self._asked_ns,
            "looked_ns": self._looked_ns,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._roster.restore(state["radios"])
        self._texts = dict(state["texts"])
        self._heard_texts = dict(state["heard_texts"])
        self._number = state["number"]
        self._answers = [(peer, bytes.fromhex(octets)) for peer, octets in state["answers"]]
        self._budget = (state["budget"][0], dict(state["budget"][1]))
        self._asked_ns, self._looked_ns = state["asked_ns"], state["looked_ns"]


def _position(subject: str, told: lrrp.Lrrp) -> Position:
    if told.lat_deg == 0.0 and told.lon_deg == 0.0:  # a receiver that has none
        return Position(subject=subject, fix="none", source_time_ns=told.at_ns)
    return Position(
        subject=subject,
        lat_deg=told.lat_deg,
        lon_deg=told.lon_deg,
        altitude_m=told.altitude_m,
        speed_mps=told.speed_mps,
        course_deg=told.course_deg,
        accuracy_m=told.radius_m,
        source_time_ns=told.at_ns,
    )


def _reference(number: str, text: int) -> str:
    return f"tms-{number}-{text}"


def _recipient(text: str) -> str | None:
    found = _RECIPIENT.fullmatch(text.strip())
    return str(int(found[1])) if found is not None and 0 < int(found[1]) <= WIDEST else None


def _raw(octets: bytes) -> Outgoing | Refused:
    return Outgoing(octets=octets) if 0 < len(octets) <= RAW_OCTETS else Refused(reason="raw-length")


def _outgoing(octets: bytes, reference: str | None = None) -> Outgoing:
    peer = octets.peer if isinstance(octets, Addressed) else None
    return Outgoing(octets=bytes(octets), reference=reference, peer=peer)
