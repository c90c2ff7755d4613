"""What HDAP messages mean, and what has to be answered.

**Source:** OK-DMR dmr-kaitai and ok-dmrlib (radio registration, location, text message and radio control protocols),
checked on their published captures.
**Assumed:** RSSI of a location report has no stated unit: told as ``raw``.  A text's answer is matched by its request
number, because captures do not settle which of its two addresses is whose.  Of the channel states, 0 and 2 with
service "voice" are somebody speaking; the first status with another state ends that call.  Status reports 09 and 0E
above 0 are a call for help: better one too many.  The layout of B843 and B844 is not known: ``Unrecognised``.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Final

from devices.drivers.hytera.framing import LP, RCP, RRS, TMP, Hdap
from devices.drivers.hytera.known import Known, subject_of
from devices.drivers.hytera.places import SIZE, place
from devices.observations import (
    Call,
    Condition,
    DeliveryReport,
    DeliveryState,
    Emergency,
    Malformed,
    Observation,
    Position,
    Presence,
    Signal,
    TextMessage,
    Unrecognised,
)

GROUP: Final = "G"
PAUSE_S: Final = 1.0
BUSY_S: Final = 10.0
_TEXT_FAILURES: Final = {
    1: "radio-failed",
    3: "radio-parameters",
    5: "radio-receive-only",
    6: "low-battery",
    7: "radio-fault",
    8: "radio-no-answer",
    9: "radio-repeater",
    10: "radio-no-contact",
    11: "radio-denied",
    12: "radio-interrupted",
}
_BUSY: Final = 4
_CHANNEL: Final = {0: "repeating", 1: "hang", 2: "repeating", 3: "hang", 4: "channel-hang", 5: "sleep"}
_SPEAKING: Final = frozenset({0, 2})
_VOICE: Final = 1
_CALL_GROUPS: Final = frozenset({1, 2, 3})
_CALL_EMERGENCY: Final = 3
_STATUS: Final = {0x05: "zone", 0x06: "channel", 0x0C: "carrier", 0x0D: "battery-save", 0x11: "power"}
_STATUS_ALARMS: Final = {0x09: "button", 0x0E: "man-down"}
_STATUS_RSSI: Final = 0x0B

Meaning = tuple[Sequence[Observation], Sequence[Hdap]]
"""What was understood, and the answers to it."""


class Understanding:
    """Understands one message after the other; what it learns goes into ``known``."""

    def __init__(self, known: Known, *, renew_s: int) -> None:
        self._known = known
        self._renew_s = renew_s
        self._readers: dict[int, Callable[[Hdap, bytes, str, int], Meaning | None]] = {
            RRS: self._registration,
            LP: self._location,
            TMP: self._text,
            RCP: self._control,
        }

    def of(self, frame: Hdap, raw: bytes, peer: str, at_ns: int) -> Meaning:
        """What the message means, said by ``peer`` at ``at_ns``."""
        reader = self._readers.get(frame.service)
        meaning = reader(frame, raw, peer, at_ns) if reader is not None else None
        return meaning if meaning is not None else ((Unrecognised(name=frame.name, raw=raw),), ())

    # ---- registration

    def _registration(self, frame: Hdap, raw: bytes, peer: str, at_ns: int) -> Meaning | None:
        if frame.opcode not in {0x0003, 0x0001, 0x0082}:
            return None
        address = frame.payload[:4]
        if len(frame.payload) < (5 if frame.opcode == 0x0082 else 4):
            return _short(raw)
        radio = self._known.hear(address, peer)
        subject = subject_of(address)
        if frame.opcode == 0x0003:
            radio.expires_ns = at_ns + self._renew_s * 1_500_000_000
            body = address + b"\0" + self._renew_s.to_bytes(4, "big")
            answer = Hdap(service=RRS, opcode=0x0080, payload=body, is_reliable=frame.is_reliable)
            return (Presence(subject=subject, state="online"),), (answer,)
        is_online = frame.opcode == 0x0082 and frame.payload[4] == 0
        radio.is_gone = not is_online
        radio.expires_ns = at_ns + self._renew_s * 1_500_000_000 if is_online else None
        return (Presence(subject=subject, state="online" if is_online else "offline"),), ()

    # ---- location

    def _location(self, frame: Hdap, raw: bytes, peer: str, at_ns: int) -> Meaning | None:
        layout = _REPORTS.get(frame.opcode)
        if layout is None:
            return None
        address_at, result_at, block_at = layout
        payload = frame.payload
        if len(payload) < block_at + SIZE:
            if result_at is None or len(payload) < result_at + 2:
                return _short(raw)
            return self._without_place(payload[address_at : address_at + 4], payload[result_at : result_at + 2], peer)
        address = payload[address_at : address_at + 4]
        subject = subject_of(address)
        position = place(payload[block_at : block_at + SIZE], subject)
        if position is None:
            return (Malformed(reason="field", raw=raw),), ()
        if result_at is not None and payload[result_at : result_at + 2] != b"\0\0":
            position = Position(subject=subject, fix="none", source_time_ns=position.source_time_ns)
        radio = self._known.hear(address, peer)
        radio.misses = 0
        radio.placed_ns = at_ns
        said: list[Observation] = [position]
        level = payload[block_at + SIZE :]
        if frame.opcode in {0xA003, 0xD004} and len(level) >= 2:
            value = int.from_bytes(level[:2], "big", signed=True)
            said.append(Signal(subject=subject, quantity="rssi", value=float(value), unit="raw"))
        if frame.opcode == 0xB003:
            said.insert(0, Emergency(subject=subject, kind="@radio.emergency.button"))
        return said, ()

    def _without_place(self, address: bytes, result: bytes, peer: str) -> Meaning:
        """An answer that brings no place: the radio is there all the same."""
        self._known.hear(address, peer).misses = 0
        subject = subject_of(address)
        if result == b"\0\x06":
            return (Position(subject=subject, fix="none"),), ()
        is_good = result == b"\0\0"
        value = "ok" if is_good else f"error-{int.from_bytes(result, 'big'):x}"
        here = Presence(subject=subject, state="online")
        return (here, Condition(subject=subject, part="location", value=value, is_good=is_good)), ()

    # ---- text

    def _text(self, frame: Hdap, raw: bytes, peer: str, at_ns: int) -> Meaning | None:
        kind = frame.opcode & 0xFF
        payload = frame.payload
        if frame.opcode & 0x4000:
            extra = int.from_bytes(payload[:2], "big")
            if len(payload) < 2 + extra:
                return _short(raw)
            payload = payload[2 : len(payload) - extra]
        if kind in {0xA1, 0xB1}:
            return self._text_in(frame, payload, raw, peer, at_ns)
        if kind == 0xA2 and len(payload) >= 13:
            return self._answered(payload, 12)
        if kind == 0xB2 and len(payload) >= 9:
            return self._answered(payload, 8)
        return _short(raw) if kind in {0xA2, 0xB2} else None

    def _text_in(self, frame: Hdap, payload: bytes, raw: bytes, peer: str, at_ns: int) -> Meaning:
        if len(payload) < 12:
            return _short(raw)
        is_group = frame.opcode & 0xFF == 0xB1
        to, sender = payload[4:8], payload[8:12]
        try:
            text = payload[12:].decode("utf-16-le").rstrip("\0")
        except UnicodeDecodeError:
            return (Malformed(reason="field", raw=raw),), ()
        self._known.hear(sender, peer)
        answers: tuple[Hdap, ...] = ()
        if frame.opcode & 0x8000 and not is_group:
            body = payload[:12] + b"\0"
            answers = (Hdap(service=TMP, opcode=0x80A2, payload=body, is_reliable=frame.is_reliable),)
        mark = f"{payload[:12].hex()}/{zlib.crc32(payload[12:]):08x}"
        if self._known.is_repeated(mark, at_ns):
            return (Unrecognised(name=f"{frame.name} repeated", raw=raw),), answers
        recipient = f"{GROUP}{int.from_bytes(to, 'big')}" if is_group else subject_of(to)
        return (TextMessage(sender=subject_of(sender), recipient=recipient, text=text),), answers

    def _answered(self, payload: bytes, result_at: int) -> Meaning:
        request = reference_of(int.from_bytes(payload[:4], "big"))
        recipient, reference = self._known.texts.get(request, (None, request))
        result = payload[result_at]
        state, reason, wait_s = _outcome(result)
        report = DeliveryReport(reference=reference, state=state, reason=reason, wait_s=wait_s)
        if result != 0 or recipient is None or recipient.startswith(GROUP):
            return (report,), ()
        del self._known.texts[request]
        return (report, DeliveryReport(reference=reference, state="confirmed")), ()

    # ---- control

    def _control(self, frame: Hdap, raw: bytes, peer: str, at_ns: int) -> Meaning | None:  # noqa: ARG002
        payload = frame.payload
        if frame.opcode == 0xB845:
            return self._channel(payload, raw)
        if frame.opcode == 0xB0C8:
            return _status(payload) if len(payload) >= 3 else _short(raw)
        if frame.opcode == 0x8452 and len(payload) >= 6 and payload[0] == 0 and payload[1] == 0:
            self._known.own_id = int.from_bytes(payload[2:6], "little")
            return (Condition(part="radio-id", value=str(self._known.own_id)),), ()
        if frame.opcode in {0x8452, 0x90C7, 0x90C9, 0x8847}:
            return (), ()
        return None

    def _channel(self, payload: bytes, raw: bytes) -> Meaning:
        if len(payload) < 16:
            return _short(raw)
        _, status, service, call_type = (int.from_bytes(payload[at : at + 2], "little") for at in range(0, 8, 2))
        target, sender = int.from_bytes(payload[8:12], "little"), int.from_bytes(payload[12:16], "little")
        said: list[Observation] = [Condition(part="channel", value=_CHANNEL.get(status, f"state-{status}"))]
        if status in _SPEAKING and service == _VOICE and sender:
            return said + self._began(str(sender), str(target), call_type), ()
        return said + self._ended(), ()

    def _began(self, subject: str, target: str, call_type: int) -> list[Observation]:
        known = self._known
        group = f"{GROUP}{target}" if call_type in _CALL_GROUPS else target
        if (known.call_subject, known.call_group) == (subject, group):
            return []
        ended = self._ended()
        known.call_subject, known.call_group = subject, group
        is_emergency = call_type == _CALL_EMERGENCY
        return [*ended, Call(subject=subject, group=group, state="started", is_emergency=is_emergency)]

    def _ended(self) -> list[Observation]:
        known = self._known
        subject, group = known.call_subject, known.call_group
        known.call_subject = known.call_group = None
        return [] if subject is None else [Call(subject=subject, group=group, state="ended")]


_REPORTS: Final[dict[int, tuple[int, int | None, int]]] = {
    0xA002: (4, 8, 10),
    0xA003: (4, 8, 10),
    0xB003: (0, None, 5),
    0xC003: (4, None, 16),
    0xD003: (4, None, 8),
    0xD004: (4, 8, 10),
    0xC002: (4, 8, 10),
    0xC005: (4, 8, 10),
    0xD002: (4, 9, 11),
    0xB002: (4, 8, 10),
}
"""Where in a report address, result and place stand; answers have a result alone."""


def reference_of(request: int) -> str:
    """How a text's answer names it."""
    return f"tmp-{request:08x}"


def _outcome(result: int) -> tuple[DeliveryState, str | None, float]:
    if result == _BUSY:
        return "deferred", "radio-busy", BUSY_S
    return ("failed", _TEXT_FAILURES.get(result, "refused"), PAUSE_S) if result else ("sent", None, PAUSE_S)


def _short(raw: bytes) -> Meaning:
    return (Malformed(reason="length", raw=raw),), ()


def _status(payload: bytes) -> Meaning:
    target, value = payload[0], int.from_bytes(payload[1:3], "little")
    if target == _STATUS_RSSI:
        return (Signal(quantity="rssi", value=float(value), unit="level"),), ()
    if target in _STATUS_ALARMS:
        part = _STATUS_ALARMS[target]
        said: list[Observation] = [Condition(part=part, value=str(value), is_good=value == 0)]
        if value:
            said.append(Emergency(kind=f"@radio.emergency.{part}"))
        return said, ()
    return (Condition(part=_STATUS.get(target, f"status-{target:02x}"), value=str(value)),), ()
