"""The driver ``jt808``: the platform's end of a wire of JT/T 808 terminals, each calling itself or behind a gateway."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from devices.commands import AskPosition, AskReceipt, DeviceCommand, PublishTeam, SendRaw, SendText
from devices.driver import Outgoing, Refused, Settings, TextLimit
from devices.drivers.jt808 import orders, registration
from devices.drivers.jt808.answers import FAILED, OK, UNSUPPORTED, Answers
from devices.drivers.jt808.channels import Channels
from devices.drivers.jt808.framing import FLAG, Frame, open_piece
from devices.drivers.jt808.parts import Parts
from devices.drivers.jt808.position import Reader, alarms_of, read_report
from devices.drivers.jt808.terminals import Terminal, Terminals
from devices.observations import (
    Condition,
    Datum,
    DeliveryReport,
    Malformed,
    Observation,
    Presence,
    Unrecognised,
)

_ACK = struct.Struct(">HHB")
_REPLIES: Final = frozenset({0x0001, 0x0104, 0x0107, 0x0201, 0x0302, 0x0500, 0x0700, 0x0802, 0x0805})
"""What a terminal says in answer to us; an answer is not answered."""
_IN_PARTS: Final = frozenset({0x0200, 0x0201, 0x0704})
_REASONS: Final = {1: "terminal-failed", 2: "terminal-malformed", 3: "terminal-unsupported"}
_AWAITED: Final = 64
PAUSE_S: Final = 1.0
"""Between two texts: a terminal has no slots, but it reads texts aloud one after the other."""
_LIVE_BATCH: Final = 0


class Jt808:
    """Understands terminals of all three editions, mixed on one wire, and answers them as a platform does.

    Told: ``Position`` (0200, 0201, 0704), ``Presence`` (registration, authentication, heartbeat, answers; logout is
    offline), ``Emergency`` (the button), ``Signal`` (``mileage`` ``fuel`` ``recorder-speed`` ``network``),
    ``Condition`` (the other alarms, ``ignition``, ``terminal`` ``imei`` ``firmware`` as it names itself,
    ``refused-terminal``), ``DeliveryReport``.  ``is_stored`` marks everything of a supplementary batch.
    Everything else is ``Unrecognised`` by its number and answered "not supported".

    ``Malformed`` reasons: ``noise``, ``length``, ``escape``, ``checksum``, ``phone``, ``parts``, ``report``, ``range``,
    ``items``, ``batch``, ``registration``, ``answer``, ``unfinished``, ``flood``.

    One instance serves all peers of a listener: whoever calls is known by its phone, not by its address.  Texts and
    queries go to the peer that said the terminal's last frame.

    Settings: ``allowed`` phones (commas or blanks between; empty: no list is kept, every terminal is let in),
    ``accept_unknown`` lets others in beside the list, ``datum`` of the positions, ``speak_texts``, ``frames_per_s``
    beyond which a peer is not understood for the rest of that second.  A terminal that is not let in is refused in
    every answer, and of what it says only its phone is told.

    A text is ``confirmed`` when the terminal answered it: the terminal has it, whether a person read it nobody knows.

    **Source:** stands in the modules of this package.
    **Assumed:** a terminal may report without having registered here, since a restart of ours must not silence it;
    whatever authentication code it shows is taken.  The code given at registration is its phone.  Batches of unknown
    kind are stored ones.
    """

    def __init__(self, settings: Settings) -> None:
        self._datum = cast("Datum", settings.get("datum", "wgs84"))
        self._is_spoken = bool(settings.get("speak_texts", True))
        self._frames_per_s = int(settings.get("frames_per_s", 5000))
        self._terminals = Terminals(settings)
        self._channels = Channels()
        self._parts = Parts()
        self._answers = Answers()
        self._awaited: dict[int, tuple[str, str, str]] = {}
        self._readers: Mapping[int, Callable[[Frame, Terminal, int], Sequence[Observation]]] = {
            0x0001: self._acknowledged,
            0x0002: self._present,
            0x0003: self._gone,
            0x0100: self._registered,
            0x0102: self._authenticated,
            0x0200: self._reported,
            0x0201: self._asked,
            0x0704: self._batch,
        }

    # ---- the contract

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:
        """Understand ``data``; never raises; any split of the octets gives the same observations."""
        return self.receive_from(data, "", at_ns)

    def receive_from(self, data: bytes, peer: str, at_ns: int) -> Sequence[Observation]:
        """As ``receive``, said by ``peer`` of a wire with many ends; each has its own unfinished octets and rate."""
        if not data:
            return ()
        channel = self._channels.of(peer)
        told: list[Observation] = []
        for doubt, piece in channel.framer.feed(data):
            if at_ns >= 0:
                is_over, is_first = channel.is_over(at_ns, self._frames_per_s)
                if is_over:  # and so is the rest of this moment
                    told += [Malformed(reason="flood", raw=b"")] if is_first else []
                    break
            if doubt is not None:
                told.append(Malformed(reason=doubt, raw=piece))
                continue
            frame = open_piece(piece)
            if isinstance(frame, str):
                told.append(Malformed(reason=frame, raw=FLAG + piece + FLAG))
            else:
                told.extend(self._understand(frame, peer, at_ns))
        return told

    def poll(self, at_ns: int) -> Sequence[bytes]:  # noqa: ARG002 - answers wait for nothing
        """The answers to what was received, several frames in one piece."""
        return self._answers.take()

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:  # noqa: ARG002 - the contract's clock
        """``command`` as a frame for a terminal heard on this wire, or the reason of refusal (see ``orders``)."""
        match command:
            case SendText():
                return self._send_text(command)
            case AskPosition(subject=subject):
                found = self._terminals.find(subject)
                if found is None:
                    return Refused(reason="terminal-unheard", is_for_now=True)
                octets = self._answers.sealed(orders.ASK_POSITION, found[1].address, b"")[1]
                return Outgoing(octets=octets, peer=found[1].peer or None)
            case AskReceipt():
                return Refused(reason="no-receipt")
            case SendRaw(octets=octets):
                return orders.raw(octets)
            case PublishTeam():
                return Refused(reason="terminal-no-publish")

    def measure(self, text: str) -> TextLimit:
        """How ``text`` would fit one message, by the same rule as ``encode``."""
        return orders.measure(text)

    def finish(self) -> Sequence[Malformed]:
        """What is left over when the wire goes down."""
        left = [*self._channels.finish(), *self._parts.finish()]
        return [Malformed(reason="unfinished", raw=octets) for octets in left if octets]

    def save(self) -> dict[str, Any]:
        """The state in plain values."""
        return {
            "channels": self._channels.save(),
            "terminals": self._terminals.save(),
            "parts": self._parts.save(),
            "answers": self._answers.save(),
            "awaited": [[serial, *who] for serial, who in self._awaited.items()],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._channels.restore(state["channels"])
        self._terminals.restore(state["terminals"])
        self._parts.restore(state["parts"])
        self._answers.restore(state["answers"])
        self._awaited = {serial: (subject, recipient, text) for serial, subject, recipient, text in state["awaited"]}

    # ---- what came

    def _understand(self, frame: Frame, peer: str, at_ns: int) -> Sequence[Observation]:
        if frame.message & 0x8000:  # what a platform says, heard by a tap or sent back
            return [Unrecognised(name=f"{frame.message:04X}", raw=frame.body)]
        terminal = self._terminals.meet(frame, peer)
        if terminal is None:
            self._refuse(frame, peer)
            return [Condition(part="refused-terminal", value=frame.subject, is_good=False)]
        reader = self._readers.get(frame.message)
        if reader is None or frame.is_encrypted or (frame.packets > 1 and frame.message not in _IN_PARTS):
            self._answer(frame, peer, UNSUPPORTED)
            return [Unrecognised(name=f"{frame.message:04X}", raw=frame.body)]
        if frame.message != registration.REGISTER:
            self._answer(frame, peer, OK)
        return reader(frame, terminal, at_ns) if frame.packets == 1 else self._packet(frame, terminal, at_ns)

    def _answer(self, frame: Frame, peer: str, result: int) -> None:
        if frame.message not in _REPLIES:
            self._answers.acknowledge(frame, peer, result)

    def _refuse(self, frame: Frame, peer: str) -> None:
        if frame.message == registration.REGISTER:
            self._answers.put(registration.ANSWER, frame.address, peer, registration.refusal(frame.serial))
        else:
            self._answer(frame, peer, FAILED)

    def _packet(self, frame: Frame, terminal: Terminal, at_ns: int) -> Sequence[Observation]:
        body, given_up = self._parts.put(frame, at_ns)
        told: list[Observation] = [Malformed(reason="unfinished", raw=octets) for octets in given_up]
        if body == "parts":
            told.append(Malformed(reason="parts", raw=frame.body))
        elif isinstance(body, bytes):
            whole = frame._replace(body=body, packets=1, packet=1)
            told.extend(self._readers[frame.message](whole, terminal, at_ns))
        return told

    def _present(self, frame: Frame, _terminal: Terminal, _at_ns: int) -> Sequence[Observation]:
        return [Presence(subject=frame.subject, state="online")]

    def _gone(self, frame: Frame, _terminal: Terminal, _at_ns: int) -> Sequence[Observation]:
        self._terminals.forget(frame.subject)
        return [Presence(subject=frame.subject, state="offline")]

    def _registered(self, frame: Frame, terminal: Terminal, _at_ns: int) -> Sequence[Observation]:
        read = registration.read(frame)
        if read is None:
            self._answers.acknowledge(frame, terminal.peer, FAILED)
            return [Malformed(reason="registration", raw=frame.body)]
        terminal.plate = read.plate
        self._answers.put(registration.ANSWER, frame.address, terminal.peer, registration.welcome(frame))
        named = Condition(subject=frame.subject, part="terminal", value=read.words())
        return [Presence(subject=frame.subject, state="online"), named]

    def _authenticated(self, frame: Frame, _terminal: Terminal, _at_ns: int) -> Sequence[Observation]:
        parts = registration.identity(frame).items()
        told = [Condition(subject=frame.subject, part=part, value=value) for part, value in parts if value]
        return [Presence(subject=frame.subject, state="online"), *told]

    def _reported(self, frame: Frame, terminal: Terminal, _at_ns: int) -> Sequence[Observation]:
        return self._report(frame.body, frame.subject, terminal)

    def _asked(self, frame: Frame, terminal: Terminal, _at_ns: int) -> Sequence[Observation]:
        return self._report(frame.body[2:], frame.subject, terminal)

    def _report(self, body: bytes, subject: str, terminal: Terminal) -> list[Observation]:
        told = read_report(body, Reader(subject, terminal.plate, self._datum), terminal.alarms)
        terminal.alarms = alarms_of(body, terminal.alarms)
        return told

    def _batch(self, frame: Frame, terminal: Terminal, _at_ns: int) -> Sequence[Observation]:
        """Count (2), kind (1), then length (2) and report, repeated; only the octets that are there are believed."""
        body = frame.body
        told: list[Observation] = []
        if len(body) < 3:
            return [Malformed(reason="batch", raw=body)]
        is_stored = body[2] != _LIVE_BATCH
        reader = Reader(frame.subject, terminal.plate, self._datum, is_stored)
        at, count = 3, 0
        while at + 2 <= len(body):
            end = at + 2 + int.from_bytes(body[at : at + 2], "big")
            if end > len(body):
                break
            report = body[at + 2 : end]
            told.extend(read_report(report, reader, 0) if is_stored else self._report(report, frame.subject, terminal))
            at, count = end, count + 1
        if at != len(body) or count != int.from_bytes(body[:2], "big"):
            told.append(Malformed(reason="batch", raw=body[at:]))
        return told

    # ---- what we sent

    def _send_text(self, command: SendText) -> Outgoing | Refused:
        found = self._terminals.find(command.recipient)
        if found is None:
            return Refused(reason="terminal-unheard", is_for_now=True)
        octets = orders.coded(command.text)
        if isinstance(octets, Refused):
            return octets
        subject, terminal = found
        body = orders.text_body(octets, terminal.address, is_spoken=self._is_spoken)
        serial, sealed = self._answers.sealed(orders.TEXT, terminal.address, body)
        self._awaited.pop(serial, None)
        self._awaited[serial] = subject, command.recipient, command.reference
        if len(self._awaited) > _AWAITED:
            del self._awaited[next(iter(self._awaited))]
        return Outgoing(octets=sealed, reference=_reference(subject, serial), peer=terminal.peer or None)

    def _acknowledged(self, frame: Frame, _terminal: Terminal, _at_ns: int) -> Sequence[Observation]:
        """An answer to a text: it left (our name for it), and the terminal has it (the recipient's)."""
        if len(frame.body) < _ACK.size:
            return [Malformed(reason="answer", raw=frame.body)]
        serial, message, result = _ACK.unpack_from(frame.body)
        told: list[Observation] = [Presence(subject=frame.subject, state="online")]
        subject, recipient, text = self._awaited.get(serial, ("", "", ""))
        if message != orders.TEXT or subject != frame.subject:
            return told
        del self._awaited[serial]
        name = _reference(subject, serial)
        if result:
            reason = _REASONS.get(result, "terminal-unclear")
            return [
                *told,
                DeliveryReport(reference=name, state="failed", reason=reason, wait_s=PAUSE_S, message_id=text),
            ]
        told.append(DeliveryReport(reference=name, state="sent", wait_s=PAUSE_S, message_id=text))
        return [*told, DeliveryReport(reference=recipient, state="confirmed", message_id=text)]


def _reference(subject: str, serial: int) -> str:
    return f"{subject}/{serial:04X}"
