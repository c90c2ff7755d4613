"""The driver ``radio_gateway``: one dispatcher's gateway, or several on one wire.

**Source:** the format of this project (see the package).
**Assumed:** a text goes to the gateway that last told of its recipient, else to the one heard last.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from devices.commands import AskPosition, AskReceipt, DeviceCommand, PublishTeam, SendRaw, SendText
from devices.driver import NS_PER_S, Addressed, Outgoing, Refused, Settings, TextLimit
from devices.drivers.radio_gateway.messages import understand
from devices.drivers.radio_gateway.reading import IDENTITY, LINE_LIMIT, FieldFault, Fields, read_object
from devices.observations import Malformed, Observation, Unrecognised

PEERS: Final = 16
SUBJECTS: Final = 1024
TEXTS: Final = 128
ANSWERS: Final = 128
ANSWERS_PER_S: Final = 50
HELLO_NS: Final = 30 * NS_PER_S
REPORT_DUE_S: Final = 60.0
RAW_OCTETS: Final = 1024
_REPEATED_NS: Final = 600 * NS_PER_S


class RadioGateway:
    """Terminals, texts, calls and base stations of a network behind its dispatcher.

    ``DeliveryReport.reference`` is that of the text, which travels there and back.  ``Malformed`` reasons: ``json``,
    ``field``, ``length``, ``unfinished``.  Settings: see the catalogue.
    """

    def __init__(self, settings: Settings) -> None:
        self._text_characters = int(settings.get("text_characters", 200))
        self._held: dict[str, bytes] = {}
        self._skipping: list[str] = []
        self._peer_of: dict[str, str] = {}
        self._texts: dict[str, int] = {}
        self._answers: list[tuple[str, bytes]] = []
        self._budget: tuple[int, int] = (0, 0)
        self._hello_ns: int | None = None
        self._last_peer = ""

    # ---- in

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:
        """Octets of the wire's one far end; never raises; any split gives the same observations."""
        return self.receive_from(data, "", at_ns)

    def receive_from(self, data: bytes, peer: str, at_ns: int) -> Sequence[Observation]:
        """Octets of ``peer``; never raises."""
        self._last_peer = peer
        said: list[Observation] = []
        *lines, rest = (self._held.pop(peer, b"") + data).split(b"\n")
        for line in lines:
            if peer in self._skipping:  # the end of what was too long
                self._skipping.remove(peer)
            elif len(line) > LINE_LIMIT:
                said.append(Malformed(reason="length", raw=line[:LINE_LIMIT]))
            elif line.strip():
                said.extend(self._line(line.strip(), peer, at_ns))
        if peer not in self._skipping and len(rest) > LINE_LIMIT:
            said.append(Malformed(reason="length", raw=rest[:LINE_LIMIT]))
            self._skipping = [*self._skipping, peer][-PEERS:]
        if rest and peer not in self._skipping:
            self._held[peer] = rest
            if len(self._held) > PEERS:
                del self._held[next(iter(self._held))]
        return said

    def _line(self, line: bytes, peer: str, at_ns: int) -> Sequence[Observation]:
        said = read_object(line)
        if said is None:
            return [Malformed(reason="json", raw=line)]
        kind = said.get("type")
        if not isinstance(kind, str):
            return [Malformed(reason="field", raw=line)]
        fields = Fields(said, at_ns)
        try:
            meant = understand(kind, fields)
            told = fields.text("id") if kind == "text" else None
            subject = fields.identity("from" if kind in {"text", "call"} else "id") if kind != "delivery" else None
        except FieldFault:
            return [Malformed(reason="field", raw=line)]
        if meant is None:
            printable = kind[:IDENTITY] if kind.isprintable() else "type"
            return [Unrecognised(name=printable, raw=line)]
        if subject is not None and peer:
            self._place(subject, peer)
        if told is not None and self._is_repeated(told, peer, at_ns):
            return [Unrecognised(name="text repeated", raw=line)]
        return meant

    def _place(self, subject: str, peer: str) -> None:
        self._peer_of.pop(subject, None)
        self._peer_of[subject] = peer
        if len(self._peer_of) > SUBJECTS:
            del self._peer_of[next(iter(self._peer_of))]

    def _is_repeated(self, message_id: str, peer: str, at_ns: int) -> bool:
        """Take a text's number; it is answered every time, and told once."""
        second, count = self._budget
        count = count + 1 if at_ns // NS_PER_S == second else 1
        self._budget = (at_ns // NS_PER_S, count)
        if count <= ANSWERS_PER_S and len(self._answers) < ANSWERS:
            self._answers.append((peer, _line(type="received", id=message_id)))
        before_ns = self._texts.pop(message_id, None)
        self._texts[message_id] = at_ns
        if len(self._texts) > TEXTS:
            del self._texts[next(iter(self._texts))]
        return before_ns is not None and 0 <= at_ns - before_ns < _REPEATED_NS

    # ---- out

    def poll(self, at_ns: int) -> Sequence[bytes]:
        """Answers; and a hello now and then, so that a gateway on UDP knows where we are."""
        said = [Addressed(octets, peer) if peer else octets for peer, octets in self._answers]
        self._answers = []
        if self._hello_ns is None or not 0 <= at_ns - self._hello_ns < HELLO_NS:
            self._hello_ns = at_ns
            hello = _line(type="hello", version=1)
            said.append(Addressed(hello, self._last_peer) if self._last_peer else hello)
        return said

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:  # noqa: ARG002 - the contract's clock
        """A text or a question for a position; everything else is refused."""
        match command:
            case SendText():
                return self._send(command)
            case AskPosition():
                subject = _recipient(command.subject or "")
                return self._outgoing(subject, None, type="locate", id=subject)
            case AskReceipt():
                return Refused(reason="no-receipt")
            case SendRaw():
                return _raw(command.octets)
            case PublishTeam():
                return Refused(reason="radio-no-publish")

    def measure(self, text: str) -> TextLimit:
        """How ``text`` would fit one message."""
        is_sendable = 0 < len(text) <= self._text_characters and _is_text(text)
        return TextLimit(used=len(text), limit=self._text_characters, unit="characters", is_sendable=is_sendable)

    def _send(self, command: SendText) -> Outgoing | Refused:
        if not command.text or not _is_text(command.text):
            return Refused(reason="radio-charset" if command.text else "empty")
        if len(command.text) > self._text_characters:
            return Refused(reason="radio-too-long")
        subject = _recipient(command.recipient)
        return self._outgoing(
            subject, command.reference, type="text", id=command.reference, to=subject, text=command.text
        )

    def _outgoing(self, subject: str | None, reference: str | None, **said: object) -> Outgoing | Refused:
        if subject is None:
            return Refused(reason="radio-name")
        peer = self._peer_of.get(subject) or self._last_peer or None
        due_s = REPORT_DUE_S if reference is not None else None
        return Outgoing(octets=_line(**said), reference=reference, peer=peer, report_due_s=due_s)

    # ---- the rest of the contract

    def finish(self) -> Sequence[Malformed]:
        """The lines in which the wire broke off; whoever comes up next is greeted."""
        held, self._held = self._held, {}
        self._skipping = []
        self._hello_ns = None
        return [Malformed(reason="unfinished", raw=rest) for rest in held.values()]

    def save(self) -> dict[str, Any]:
        """The state in plain values."""
        return {
            "held": {peer: rest.hex() for peer, rest in self._held.items()},
            "skipping": list(self._skipping),
            "peer_of": dict(self._peer_of),
            "texts": dict(self._texts),
            "answers": [[peer, octets.hex()] for peer, octets in self._answers],
            "budget": list(self._budget),
            "hello_ns": self._hello_ns,
            "last_peer": self._last_peer,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._held = {peer: bytes.fromhex(rest) for peer, rest in state["held"].items()}
        self._skipping = list(state["skipping"])
        self._peer_of = dict(state["peer_of"])
        self._texts = dict(state["texts"])
        self._answers = [(peer, bytes.fromhex(octets)) for peer, octets in state["answers"]]
        self._budget = (state["budget"][0], state["budget"][1])
        self._hello_ns = state["hello_ns"]
        self._last_peer = state["last_peer"]


def _line(**said: object) -> bytes:
    """One object as it goes out: control characters are escaped, so a text is never a second line."""
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"


def _is_text(text: str) -> bool:
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def _recipient(text: str) -> str | None:
    """A terminal or group in its canonical spelling."""
    try:
        return Fields({"to": text}).identity("to")
    except FieldFault:
        return None


def _raw(octets: bytes) -> Outgoing | Refused:
    return Outgoing(octets=octets) if 0 < len(octets) <= RAW_OCTETS else Refused(reason="raw-length")
