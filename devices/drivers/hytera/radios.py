"""The driver ``hytera``: all radios behind one UDP port of a control radio or repeater.

Each service has a port of its own (3002 registration, 3003 location, 3004 text, 3005 control; a repeater 30001 and up
for each slot), so a squad configures one device for each port it listens on.  One instance serves all peers: they share
one channel, and its rate.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from devices.commands import AskPosition, AskReceipt, DeviceCommand, PublishTeam, SendRaw, SendText
from devices.driver import NS_PER_S, Addressed, Outgoing, Refused, Settings, TextLimit
from devices.drivers.hytera.framing import (
    LP,
    RCP,
    RRS,
    TMP,
    Hdap,
    is_hrnp,
    is_hstrp,
    open_hdap,
    open_hrnp,
    open_hstrp,
    seal_hdap,
)
from devices.drivers.hytera.known import ANSWERS, CHECKS, Known, Radio
from devices.drivers.hytera.meaning import GROUP, Understanding, reference_of
from devices.drivers.hytera.sessions import Kind, Sessions
from devices.observations import Malformed, Observation, Unrecognised

ANSWERS_PER_S: Final = 20
RAW_OCTETS: Final = 1024
BACKED_OFF: Final = 5
LISTED: Final = 128
_RECIPIENT = re.compile(r"(G?)0*([0-9]{1,8})", re.IGNORECASE)
_WIDEST: Final = 0xFF_FFFF
_CHECK_NS: Final = 10 * NS_PER_S


class Hytera:
    """Registration, presence, positions, texts, calls and emergencies of Hytera radios.

    Subjects are radio numbers, groups are written ``G1``.  ``DeliveryReport.reference`` is that of the text, or
    ``tmp-`` and the request's number where the text is not known here.  Settings: see the catalogue.

    **Source:** and **Assumed:** stand in the modules of this package.
    """

    def __init__(self, settings: Settings) -> None:
        self._network = int(settings.get("network", 10))
        self._ports = {RRS: 3002, LP: 3003, TMP: 3004, RCP: 3005}
        for service, name in ((RRS, "rrs_port"), (LP, "lp_port"), (TMP, "tmp_port")):
            self._ports[service] = int(settings.get(name, self._ports[service]))
        self._every_ns = int(settings.get("position_every_s", 120)) * NS_PER_S
        self._gap_ns = round(float(settings.get("request_gap_s", 2.0)) * NS_PER_S)
        self._text_octets = int(settings.get("text_octets", 256))
        self._listed = _listed(str(settings.get("radios", "")))
        wanted = settings.get("session", "bare")
        self._sessions = Sessions(cast("Kind", wanted) if wanted in {"hrnp", "hstrp"} else None)
        self._known = Known(own_id=int(settings.get("own_id", 0)))
        self._understanding = Understanding(self._known, renew_s=int(settings.get("renew_s", 600)))
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
        if is_hrnp(data):
            return self._control_frame(data, peer, at_ns)
        if is_hstrp(data):
            return self._repeater_frame(data, peer, at_ns)
        return self._inside([], [], data, peer, at_ns) if data else [Malformed(reason="length", raw=data)]

    def _control_frame(self, data: bytes, peer: str, at_ns: int) -> Sequence[Observation]:
        frame = open_hrnp(data)
        if isinstance(frame, str):
            return [Malformed(reason=frame, raw=data)]
        if frame.block:
            return [Unrecognised(name="HRNP fragment", raw=data)]
        said, answers = self._sessions.take_hrnp(frame, data, peer, at_ns)
        return self._inside(said, answers, frame.data, peer, at_ns)

    def _repeater_frame(self, data: bytes, peer: str, at_ns: int) -> Sequence[Observation]:
        frame = open_hstrp(data)
        if isinstance(frame, str):
            return [Malformed(reason=frame, raw=data)]
        said, answers = self._sessions.take_hstrp(frame, peer, at_ns)
        return self._inside(said, answers, frame.data, peer, at_ns)

    def _inside(
        self, said: list[Observation], answers: list[bytes], data: bytes, peer: str, at_ns: int
    ) -> Sequence[Observation]:
        self._answer(peer, answers, at_ns)
        at = 0
        while at < len(data):
            frame, size = open_hdap(data[at:])
            raw = data[at : at + size]
            at += size
            if isinstance(frame, str):
                said.append(Malformed(reason=frame, raw=raw))
                continue
            meant, wanted = self._understanding.of(frame, raw, peer, at_ns)
            said += meant
            self._answer(peer, [self._sessions.wrap(peer, one) for one in wanted], at_ns)
        return said

    def _answer(self, peer: str, answers: Sequence[bytes], at_ns: int) -> None:
        """Keep answers for the next poll; a peer that floods is answered so many times a second and no more."""
        second, counts = self._budget
        if at_ns // NS_PER_S != second or len(counts) > ANSWERS:
            counts = {}
            self._budget = (at_ns // NS_PER_S, counts)
        for octets in answers:
            counts[peer] = counts.get(peer, 0) + 1
            if counts[peer] <= ANSWERS_PER_S and len(self._answers) < ANSWERS:
                self._answers.append((peer, octets))

    # ---- out

    def poll(self, at_ns: int) -> Sequence[bytes]:
        """Answers, what keeps sessions alive, then at most one question over the air."""
        said, self._answers = [_to(peer, octets) for peer, octets in self._answers], []
        said += [_to(peer, octets) for peer, octets in self._sessions.due(at_ns)]
        question = self._question(at_ns) if self._is_time(at_ns) else None
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

    def _question(self, at_ns: int) -> bytes | None:
        for subject in self._listed:
            if subject not in self._known.radios:
                self._known.radios[subject] = Radio(address=self._address(int(subject)).hex())
        for radio in self._known.radios.values():
            if self._is_expired(radio, at_ns):
                radio.checks += 1
                radio.expires_ns = at_ns + _CHECK_NS
                return self._send(radio, Hdap(service=RRS, opcode=0x0002, payload=bytes.fromhex(radio.address)))
        due = [radio for radio in self._known.radios.values() if self._every_ns and self._is_due(radio, at_ns)]
        if not due:
            return None
        radio = min(due, key=lambda one: one.asked_ns if one.asked_ns is not None else -1)
        radio.asked_ns = at_ns
        radio.misses = min(radio.misses + 1, BACKED_OFF)
        return self._send(radio, self._where(bytes.fromhex(radio.address)))

    def _is_expired(self, radio: Radio, at_ns: int) -> bool:
        return radio.expires_ns is not None and at_ns >= radio.expires_ns and radio.checks < CHECKS

    def _is_due(self, radio: Radio, at_ns: int) -> bool:
        """Whether its position is wanted now; one that does not answer is asked ever more rarely."""
        if radio.is_gone:
            return False
        pause_ns = self._every_ns << max(0, radio.misses - 1)
        newest_ns = max((one for one in (radio.asked_ns, radio.placed_ns) if one is not None), default=None)
        return newest_ns is None or not 0 <= at_ns - newest_ns < pause_ns

    def _where(self, address: bytes) -> Hdap:
        payload = self._known.next_request().to_bytes(4, "big") + address
        return Hdap(service=LP, opcode=0xA001, payload=payload)

    def _send(self, radio: Radio, frame: Hdap) -> bytes:
        """To a radio's own port, or to what it is behind: a repeater's envelope, another host that spoke for it."""
        peer = radio.peer if self._sessions.kind(radio.peer) else self._sessions.home()
        if peer is not None:
            return _to(peer, self._sessions.wrap(peer, frame))
        first, *rest = bytes.fromhex(radio.address)
        host = ".".join(str(octet) for octet in (first or self._network, *rest))
        is_behind = radio.peer != "" and radio.peer.rpartition(":")[0] != host
        to = radio.peer if is_behind else f"{host}:{self._ports[frame.service]}"
        return Addressed(seal_hdap(frame), to)

    # ---- commands

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:  # noqa: ARG002 - the contract's clock
        """A text or a question for a position; everything else is refused."""
        match command:
            case SendText():
                return self._text(command)
            case AskPosition():
                return self._ask_position(command)
            case AskReceipt():
                return Refused(reason="no-receipt")
            case SendRaw():
                return _raw(command.octets)
            case PublishTeam():
                return Refused(reason="radio-no-publish")

    def measure(self, text: str) -> TextLimit:
        """How ``text`` would fit one message; two octets a character."""
        octets = _encoded(text)
        used = len(octets) if octets is not None else 2 * len(text)
        is_sendable = octets is not None and 0 < used <= self._text_octets
        return TextLimit(used=used, limit=self._text_octets, unit="octets", is_sendable=is_sendable)

    def _text(self, command: SendText) -> Outgoing | Refused:
        found = _RECIPIENT.fullmatch(command.recipient.strip())
        number = int(found[2]) if found else 0
        octets = _encoded(command.text)
        if found is None or not 0 < number <= _WIDEST:
            return Refused(reason="radio-recipient")
        if not octets:
            return Refused(reason="radio-charset" if octets is None else "empty")
        if len(octets) > self._text_octets:
            return Refused(reason="radio-too-long")
        request = self._known.next_request()
        is_group = bool(found[1])
        to = number.to_bytes(4, "big") if is_group else self._address(number)
        payload = request.to_bytes(4, "big") + to + self._address(self._known.own_id & _WIDEST) + octets
        frame = Hdap(service=TMP, opcode=0x80B1 if is_group else 0x80A1, payload=payload)
        name = f"{GROUP}{number}" if is_group else str(number)
        self._known.remember_text(reference_of(request), name, command.reference)
        radio = self._known.radios.get(str(number)) if not is_group else None
        sent = self._send(radio or Radio(address=to.hex()), frame)
        if is_group and self._sessions.home() is None:
            return Outgoing(octets=bytes(sent), reference=command.reference)
        return Outgoing(octets=bytes(sent), reference=command.reference, peer=_peer(sent))

    def _ask_position(self, command: AskPosition) -> Outgoing | Refused:
        found = _RECIPIENT.fullmatch((command.subject or "").strip())
        if found is None or found[1] or not 0 < int(found[2]) <= _WIDEST:
            return Refused(reason="radio-recipient")
        address = self._address(int(found[2]))
        sent = self._send(self._known.radios.get(found[2]) or Radio(address=address.hex()), self._where(address))
        return Outgoing(octets=bytes(sent), peer=_peer(sent))

    def _address(self, number: int) -> bytes:
        return bytes([self._network]) + (number & _WIDEST).to_bytes(3, "big")

    # ---- the rest of the contract

    def finish(self) -> Sequence[Malformed]:
        """Nothing: every datagram is whole."""
        return ()

    def save(self) -> dict[str, Any]:
        """The state in plain values."""
        return {
            "known": self._known.save(),
            "sessions": self._sessions.save(),
            "answers": [[peer, octets.hex()] for peer, octets in self._answers],
            "budget": [self._budget[0], dict(self._budget[1])],
            "asked_ns": self._asked_ns,
            "looked_ns": self._looked_ns,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._known.restore(state["known"])
        self._sessions.restore(state["sessions"])
        self._answers = [(peer, bytes.fromhex(octets)) for peer, octets in state["answers"]]
        self._budget = (state["budget"][0], dict(state["budget"][1]))
        self._asked_ns, self._looked_ns = state["asked_ns"], state["looked_ns"]


def _listed(text: str) -> list[str]:
    """The radio numbers in a text, however they are separated."""
    numbers = [int(word) for word in re.findall(r"[0-9]{1,8}", text)]
    return [str(number) for number in numbers if 0 < number <= _WIDEST][:LISTED]


def _to(peer: str, octets: bytes) -> bytes:
    return Addressed(octets, peer) if peer else octets


def _peer(octets: bytes) -> str | None:
    return octets.peer if isinstance(octets, Addressed) else None


def _encoded(text: str) -> bytes | None:
    """UTF-16 as radios write it; ``None`` for what has no such form."""
    try:
        return text.encode("utf-16-le")
    except UnicodeEncodeError:
        return None


def _raw(octets: bytes) -> Outgoing | Refused:
    """Typed octets.  Radio control may key, disable or listen through a radio: never by hand."""
    if not 0 < len(octets) <= RAW_OCTETS:
        return Refused(reason="raw-length")
    inside = octets
    if is_hrnp(octets) or is_hstrp(octets):
        opened = open_hrnp(octets) if is_hrnp(octets) else open_hstrp(octets)
        if isinstance(opened, str):
            return Refused(reason="radio-raw")
        inside = opened.data
    while inside:
        frame, size = open_hdap(inside)
        if isinstance(frame, str) or frame.service == RCP:
            return Refused(reason="radio-raw")
        inside = inside[size:]
    return Outgoing(octets=octets)
