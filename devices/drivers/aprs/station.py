"""The driver ``aprs``: one KISS modem, and the stations heard through it.

**Source:** APRS Protocol Reference 1.0.1 (TAPR 2000): data types (chapter 5), objects and items (11), messages (14),
status (16), third-party traffic (17); see the other modules.
**Assumed:** the same packet of the same station within 30 s is a digipeater's repetition and no new sign of life.  An
object is where somebody says it is: never the position of who says so, nor of a station of that name; its subject is
``object/NAME``, told and not heard.  Third-party traffic comes from a network and may be of any age: it is counted, and
proves only who relayed it.  Our own packet heard again was radiated.  A place that the station itself calls old is
undated: it is told as such, and not placed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from devices.commands import AskPosition, AskReceipt, DeviceCommand, SendRaw, SendText
from devices.driver import NS_PER_S, Refused, Settings, TextLimit
from devices.driver import Outgoing as Octets
from devices.drivers.aprs import messages, places
from devices.drivers.aprs.framing import CALLSIGN, FEND, FRAME_OCTETS, Framer, Packet, kiss, open_frame, ui_frame
from devices.drivers.aprs.framing import unescape as unescaped
from devices.observations import (
    Condition,
    DeliveryReport,
    DeliveryState,
    Emergency,
    Malformed,
    Observation,
    Position,
    Presence,
    TextMessage,
    Unrecognised,
)

REPEAT_NS = 30 * NS_PER_S
TAKEN_NS = 1800 * NS_PER_S
ACK_NS = 2 * NS_PER_S
REPEATS = 200
TAKEN = 100
ACKS = 8
SLOT_S = 5.0
"""The channel is shared: this long after a text, at the earliest, goes the next."""
TO_CALL = "APZ369"
"""Destination of our packets: APZ is for software without a name of its own."""
_STATUS_SIGNS = 67
_PLACED = frozenset({b"!", b"=", b"/", b"@", b"`", b"'"})
_OTHER = {b"T": "telemetry", b"_": "weather", b"}": "third-party", b"?": "query", b"$": "nmea", b"<": "capabilities"}


class Aprs:
    """Hears stations; sends texts where a licence is configured.

    Settings: ``callsign`` (ours), ``licensed`` (nothing is radiated without), ``way`` (digipeaters of our packets).
    ``Malformed`` reasons: ``noise``, ``length``, ``truncated``, ``escape``, ``address``, ``field``.
    """

    __slots__ = ("_acks", "_call", "_framer", "_is_licensed", "_last_ack_ns", "_outgoing", "_repeats", "_taken", "_way")

    def __init__(self, settings: Settings) -> None:
        call = str(settings.get("callsign") or "").strip().upper()
        self._call = call if CALLSIGN.fullmatch(call) else ""
        self._is_licensed = settings.get("licensed") is True
        way = [one.strip().upper() for one in str(settings.get("way") or "").split(",") if one.strip()]
        self._way = [one for one in way if CALLSIGN.fullmatch(one)][:2]
        self._framer = Framer()
        self._outgoing = messages.Outgoing()
        self._repeats: dict[str, int] = {}
        self._taken: dict[str, int] = {}
        self._acks: list[str] = []
        self._last_ack_ns = -ACK_NS

    # ---- hearing

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:
        """Positions, texts, delivery and presence; never raises."""
        seen: list[Observation] = []
        for doubt, piece in self._framer.push(data):
            if doubt:
                seen.append(Malformed(reason=doubt, raw=piece))
            else:
                seen += self._frame(piece, at_ns)
        return seen

    def _frame(self, piece: bytes, at_ns: int) -> Sequence[Observation]:
        frame = unescaped(piece)
        if frame is None:
            return (Malformed(reason="escape", raw=piece),)
        if frame[0] & 0x0F:
            return (Unrecognised(name=f"kiss-{frame[0] & 0x0F}", raw=piece),)
        packet = open_frame(frame[1:])
        if isinstance(packet, str):
            is_sound = packet == "other"
            return (Unrecognised(name="ax25", raw=piece) if is_sound else Malformed(reason=packet, raw=piece),)
        return self._packet(packet, piece, at_ns)

    def _packet(self, packet: Packet, piece: bytes, at_ns: int) -> Sequence[Observation]:
        if packet.source == self._call:
            return self._echo(packet, piece)
        if self._is_repeated(packet, at_ns):
            return (Unrecognised(name="repeat", raw=piece),)
        return self._meaning(packet, piece, at_ns)

    def _is_repeated(self, packet: Packet, at_ns: int) -> bool:
        text = f"{packet.source}>{packet.destination}:".encode() + packet.info
        return _is_known(self._repeats, hashlib.blake2s(text, digest_size=12).hexdigest(), at_ns, REPEAT_NS, REPEATS)

    def _echo(self, packet: Packet, piece: bytes) -> Sequence[Observation]:
        """A digipeater said our packet again: so it was on the air.  It says nothing of any other station."""
        message = messages.read(packet.info)
        pending = None if message is None else self._outgoing.about(message.addressee, message.number)
        if pending is None:
            return (Unrecognised(name="own", raw=piece),)
        return (_report(pending, "sent"),)

    def _meaning(self, packet: Packet, piece: bytes, at_ns: int) -> Sequence[Observation]:
        info, kind, here = packet.info, packet.info[:1], Presence(subject=packet.source, state="online")
        if kind in _PLACED:
            return self._position(packet, piece, at_ns)
        if kind == b":":
            return self._message(packet, piece, at_ns)
        if kind in {b";", b")"}:
            return (here, _object(info, at_ns) or Malformed(reason="field", raw=piece))
        if kind == b">":
            return (here, Condition(subject=packet.source, part="status", value=_status(info[1:])))
        return (here, Unrecognised(name=_OTHER.get(kind, "other"), raw=piece))

    def _position(self, packet: Packet, piece: bytes, at_ns: int) -> Sequence[Observation]:
        subject, info, source_ns = packet.source, packet.info, None
        if info[:1] in {b"`", b"'"}:
            spot = places.mic_e(packet.destination, info)
        elif info[:1] in {b"/", b"@"}:
            source_ns = places.instant_ns(info[1:8], at_ns)
            spot = places.plain_or_compressed(info[8:])
        else:
            spot = places.plain_or_compressed(info[1:])
        here = Presence(subject=subject, state="online")
        if spot is None:
            return (here, Malformed(reason="field", raw=piece))
        seen: list[Observation] = []
        if spot.is_current:
            seen.append(_placed(subject, spot, source_ns))
        else:
            seen += [here, Condition(subject=subject, part="fix", value="old", is_good=False)]
        if spot.is_calling_help:
            seen.append(Emergency(subject=subject, kind="@phones.emergency.mic-e", source_time_ns=source_ns))
        return seen

    def _message(self, packet: Packet, piece: bytes, at_ns: int) -> Sequence[Observation]:
        here = Presence(subject=packet.source, state="online")
        message = messages.read(packet.info)
        if message is None:
            return (here, Malformed(reason="field", raw=piece))
        is_ours = bool(self._call) and message.addressee == self._call
        if message.answer is not None:
            return self._answered(packet.source, message) if is_ours else (here,)
        if message.is_definition:
            return (here, Unrecognised(name="telemetry-definition", raw=piece))
        seen: list[Observation] = []
        if is_ours and message.reply is not None:
            seen += self._answered(packet.source, message)
        if is_ours and message.number is not None:
            self._acks = [*self._acks, f"{packet.source} {message.number}"][-ACKS:]
        if is_ours and self._was_taken(packet.source, message, at_ns):
            return [*seen, here]  # the sender has not heard our acknowledgement: he is there, his text is known
        return [*seen, TextMessage(sender=packet.source, recipient=message.addressee, text=message.text)]

    def _was_taken(self, source: str, message: messages.Message, at_ns: int) -> bool:
        if message.number is None:
            return False
        key = f"{source} {message.number} {hashlib.blake2s(message.text.encode(), digest_size=4).hexdigest()}"
        return _is_known(self._taken, key, at_ns, TAKEN_NS, TAKEN)

    def _answered(self, source: str, message: messages.Message) -> Sequence[Observation]:
        """Only the station that a text was for can say what became of it."""
        here = Presence(subject=source, state="online")
        number = message.number if message.answer is not None else message.reply
        pending = self._outgoing.about(source, number)
        if pending is None:
            return (here,)
        self._outgoing.drop(pending)
        if message.answer == "rej":
            return (here, _report(pending, "failed", reason="rejected"))
        return (here, _report(pending, "sent"), _report(pending, "confirmed"))

    # ---- saying

    def poll(self, at_ns: int) -> Sequence[bytes]:
        """Acknowledgements, one in two seconds at most, and texts that nobody has acknowledged."""
        if not self._may_send():
            self._acks = []
            return ()
        said = [self._packed(info) for info in self._outgoing.due(at_ns)]
        if self._acks and at_ns - self._last_ack_ns >= ACK_NS:
            source, number = self._acks.pop(0).split(" ")
            self._last_ack_ns = at_ns
            said.append(self._packed(messages.written(source, b"ack" + number.encode())))
        return said

    def _may_send(self) -> bool:
        return self._is_licensed and bool(self._call)

    def _packed(self, info: bytes) -> bytes:
        return kiss(ui_frame(self._call, TO_CALL, self._way, info))

    def encode(self, command: DeviceCommand, at_ns: int) -> Octets | Refused:
        """Send a text, or ask a station for its position; nothing at all without a licence."""
        if not self._may_send():
            return Refused(reason="aprs-callsign" if self._is_licensed else "aprs-unlicensed")
        match command:
            case SendText():
                return self._text(command, at_ns)
            case AskPosition():
                call = _station(command.subject or "")
                octets = None if call is None else self._packed(messages.written(call, b"?APRSP"))
                return Refused(reason="aprs-recipient") if octets is None else Octets(octets=octets)
            case SendRaw():
                return _raw(command.octets)
        return Refused(reason="aprs-no-receipt" if isinstance(command, AskReceipt) else "no-publishing")

    def _text(self, command: SendText, at_ns: int) -> Octets | Refused:
        call, body = _station(command.recipient), messages.coded(command.text)
        if call is None or call == self._call:
            return Refused(reason="aprs-recipient")
        if isinstance(body, Refused):
            return body
        pending = self._outgoing.add(command.reference, command.recipient, call, body, at_ns)
        octets = self._packed(bytes.fromhex(pending.info_hex))
        return Octets(octets=octets, reference=_reference(pending))

    def measure(self, text: str) -> TextLimit:
        """How ``text`` would fit one message."""
        is_sendable = self._may_send() and not isinstance(messages.coded(text), Refused)
        used = len(text.encode("utf-8", "replace"))
        return TextLimit(used=used, limit=messages.LONGEST_OCTETS, unit="octets", is_sendable=is_sendable)

    # ---- the end, and snapshots

    def finish(self) -> Sequence[Malformed]:
        """The frame or noise that the wire broke off in."""
        rest = self._framer.take_rest()
        return () if rest is None else (Malformed(reason=rest[0], raw=rest[1]),)

    def save(self) -> dict[str, Any]:
        """The unfinished frame, what was heard lately, what is on its way."""
        return {
            "framer": self._framer.save(),
            "outgoing": self._outgoing.save(),
            "repeats": dict(self._repeats),
            "taken": dict(self._taken),
            "acks": list(self._acks),
            "last_ack_ns": self._last_ack_ns,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._framer.restore(state["framer"])
        self._outgoing.restore(state["outgoing"])
        self._repeats = dict(state["repeats"])
        self._taken = dict(state["taken"])
        self._acks = list(state["acks"])
        self._last_ack_ns = state["last_ack_ns"]


def _is_known(table: dict[str, int], key: str, at_ns: int, within_ns: int, most: int) -> bool:
    """Whether that came within the time before; it is known from now on.  The oldest is forgotten first."""
    known_ns = table.get(key)
    if known_ns is not None and abs(at_ns - known_ns) <= within_ns:
        return True
    table.pop(key, None)
    table[key] = at_ns
    if len(table) > most:
        del table[next(iter(table))]
    return False


def _reference(pending: messages.Pending) -> str:
    return f"{pending.call}/{pending.number}"


def _report(pending: messages.Pending, state: DeliveryState, reason: str | None = None) -> DeliveryReport:
    """``sent`` names the transmission, ``confirmed`` the recipient; both the very message of the console."""
    reference = pending.recipient if state == "confirmed" else _reference(pending)
    wait_s = None if state == "confirmed" else SLOT_S
    return DeliveryReport(reference=reference, state=state, reason=reason, wait_s=wait_s, message_id=pending.reference)


def _station(text: str) -> str | None:
    call = text.strip().upper()
    return call if CALLSIGN.fullmatch(call) else None


def _raw(octets: bytes) -> Octets | Refused:
    """One whole data frame: other KISS commands change or leave the modem's mode."""
    frame = unescaped(octets[1:-1])
    is_one = len(octets) <= FRAME_OCTETS and octets[:1] == octets[-1:] == bytes((FEND,)) and FEND not in octets[1:-1]
    if not is_one or not frame or frame[0] & 0x0F or isinstance(open_frame(frame[1:]), str):
        return Refused(reason="aprs-raw")
    return Octets(octets=octets)


def _status(text: bytes) -> str:
    return messages.words(text[7:] if text[:7].endswith(b"z") and text[:6].isdigit() else text)[:_STATUS_SIGNS]


def _placed(subject: str, spot: places.Spot, source_ns: int | None, *, is_stored: bool = False) -> Position:
    return Position(
        subject=subject,
        callsign=subject.removeprefix("object/"),
        lat_deg=spot.lat_deg,
        lon_deg=spot.lon_deg,
        altitude_m=spot.altitude_m,
        speed_mps=spot.speed_mps,
        course_deg=spot.course_deg,
        accuracy_m=spot.accuracy_m,
        fix="none" if spot.lat_deg is None else "unknown",
        source_time_ns=source_ns,
        is_stored=is_stored,
    )


def _object(info: bytes, at_ns: int) -> Observation | None:
    """An object (dated) or an item; a killed one is no more."""
    if info[:1] == b";":
        name, mark, source_ns, rest = info[1:10], info[10:11], places.instant_ns(info[11:18], at_ns), info[18:]
    else:
        ends = [at for at in (info.find(b"!", 4, 11), info.find(b"_", 4, 11)) if at > 0]
        at = min(ends, default=-1)
        name, mark, source_ns, rest = info[1:at], info[at : at + 1], None, info[at + 1 :]
    words = messages.words(name).strip()
    if not words or mark not in {b"*", b"_", b"!"}:
        return None
    if mark == b"_":
        return Unrecognised(name="killed", raw=info)
    spot = places.plain_or_compressed(rest)
    return None if spot is None else _placed(f"object/{words}", spot, source_ns, is_stored=True)
