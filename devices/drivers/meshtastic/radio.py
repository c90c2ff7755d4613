"""The driver ``meshtastic``: one radio on its client stream, and the nodes that it hears.

**Source:** as in ``meaning`` and ``framing``; FromRadio packet (2), my_info (3), node_info (4), config (5),
config_complete_id (7), rebooted (8), queueStatus (11); ports 1 text, 3 position, 4 node info, 5 routing, 11 alert, 65
store and forward, 67 telemetry.
**Assumed:** what the radio lists of the nodes it knows was heard some time: true, and no sign of life.  So are packets
that it kept while nobody listened: those handed over before the list ends or within 15 s after, unless the radio says
that it received them just then; and what a store-and-forward node hands on, or marks as delayed.  A packet is counted
once, by its sender and number.  Nobody proves who a sender is; a node is who it says it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from devices.commands import AskPosition, AskReceipt, DeviceCommand, SendRaw, SendText
from devices.driver import NS_PER_S, Outgoing, Refused, Settings, TextLimit
from devices.drivers.meshtastic import meaning, sending
from devices.drivers.meshtastic.framing import MARKS, Framer
from devices.observations import (
    Emergency,
    Malformed,
    Observation,
    Presence,
    TextMessage,
    Unrecognised,
)
from devices.protobuf import Fields

ASK_NS = 30 * NS_PER_S
BEAT_NS = 240 * NS_PER_S
BACKLOG_NS = 15 * NS_PER_S
FRESH_NS = 20 * NS_PER_S
NODES = 300
PACKETS = 300
WAKE = b"\xc3" * 32
"""A sleeping radio is awake behind this, and no frame begins in it."""
_NAME_SIGNS = 40
_MPS: Mapping[str, float] = {"kmh": 1 / 3.6, "mps": 1.0}
_SILENT = {1: "id", 5: "config", 6: "log", 9: "module", 10: "channel", 11: "queue", 13: "metadata"}
_PORTS = {4: "node-info", 5: "routing", 6: "admin", 8: "waypoint", 65: "store", 70: "trace", 71: "neighbours"}


class Meshtastic:
    """Hears nodes; sends texts where the configuration says that it may.

    Settings: ``licensed``, ``channel`` (0-7), ``hops`` (1-7), ``speed_unit`` (``kmh``, ``mps``).
    ``Malformed`` reasons: ``noise``, ``truncated``, ``field``.
    """

    def __init__(self, settings: Settings) -> None:
        self._is_licensed = settings.get("licensed") is True
        self._channel = int(settings.get("channel", 0))
        self._hops = int(settings.get("hops", 3))
        self._mps = _MPS.get(str(settings.get("speed_unit")), _MPS["kmh"])
        self._framer = Framer()
        self._outbound = sending.Outbound()
        self._own: int | None = None
        self._names: dict[str, str] = {}
        self._heard: dict[str, int] = {}
        self._asked_ns: int | None = None
        self._listed_ns: int | None = None
        self._beat_ns: int | None = None

    # ---- hearing

    def receive(self, data: bytes, at_ns: int) -> Sequence[Observation]:
        """Positions, texts, charge, levels, delivery and presence; never raises."""
        seen: list[Observation] = []
        for octets, fields in self._framer.push(data):
            if fields is not None:
                seen += self._message(fields, octets, at_ns)
            elif octets.endswith(b"\n") and all(32 <= octet < 127 or octet in b"\t\r\n\x1b" for octet in octets):
                seen.append(Unrecognised(name="log", raw=octets))
            else:
                seen.append(Malformed(reason="noise", raw=octets))
        return seen

    def _message(self, said: Fields, raw: bytes, at_ns: int) -> Sequence[Observation]:
        for number, understand in ((2, self._packet), (4, self._node), (3, self._me)):
            if said.octets(number) is None:
                continue
            inner = said.inner(number)
            meant = None if inner is None else understand(inner, raw, at_ns)
            return (Malformed(reason="field", raw=raw),) if meant is None else meant
        if said.whole(7) is not None:
            self._listed_ns = at_ns
            return (Presence(state="online"),)
        if said.whole(8):
            self._asked_ns = self._listed_ns = None
            return (Unrecognised(name="rebooted", raw=raw),)
        refused = said.inner(11)
        if refused is not None and self._own is not None:
            report = self._outbound.answered(refused.whole(4), refused.signed(1) or 0, self._own, self._own)
            if report is not None and report.state != "sent":  # taken into the queue is not on the air
                return (report,)
        names = [_SILENT[number] for number in said.numbers() if number in _SILENT]
        return (Unrecognised(name=names[-1] if names else "other", raw=raw),)

    def _me(self, said: Fields, raw: bytes, at_ns: int) -> Sequence[Observation] | None:  # noqa: ARG002
        self._own = said.whole(1) or None
        return None if self._own is None else (Unrecognised(name="my-info", raw=raw),)

    def _node(self, said: Fields, raw: bytes, at_ns: int) -> Sequence[Observation] | None:  # noqa: ARG002
        """One of the list: what the radio knows of a node, since when it says."""
        node = said.whole(1)
        if not node or node >= meaning.EVERYBODY:
            return None
        self._learn(node, said.inner(2))
        subject, heard_ns = self._subject(node), meaning.instant_ns(said.fixed(5))
        seen: list[Observation] = [Presence(subject=subject, state="unknown", source_time_ns=heard_ns, is_stored=True)]
        places, metrics = said.inner(3), said.inner(6)
        if places is not None:
            place = meaning.place(places, subject, self._name(node), self._mps, is_stored=True)
            # Undated, an old place would look new.
            seen += [place] if place is not None and place.source_time_ns is not None else []
        if metrics is not None and heard_ns is not None and meaning.is_recent(heard_ns, at_ns):
            power = meaning.charge(metrics, subject, is_stored=True)
            seen += [] if power is None else [power]
        return seen

    def _packet(self, said: Fields, raw: bytes, at_ns: int) -> Sequence[Observation] | None:
        node, number = said.fixed(1), said.fixed(6) or 0
        if not node or node == meaning.EVERYBODY:
            return None
        if number and self._is_repeated(f"{node:08x}{number:08x}", at_ns):
            return (Unrecognised(name="repeat", raw=raw),)
        data, subject = said.inner(4), self._subject(node)
        is_stored = bool(said.whole(13)) or self._is_backlog(said, at_ns)
        levels = [] if subject is None or is_stored else meaning.levels(said, subject)
        here = Presence(
            subject=subject, state="online", source_time_ns=meaning.instant_ns(said.fixed(7)), is_stored=is_stored
        )
        if data is None:
            word = "encrypted" if said.octets(5) is not None else "empty"
            return [here, *levels, Unrecognised(name=word, raw=raw)]
        return [*(self._meaning(said, data, here, at_ns) or (here, Malformed(reason="field", raw=raw))), *levels]

    def _is_repeated(self, key: str, at_ns: int) -> bool:
        if key in self._heard:
            return True
        self._heard[key] = at_ns
        if len(self._heard) > PACKETS:
            del self._heard[next(iter(self._heard))]
        return False

    def _is_backlog(self, said: Fields, at_ns: int) -> bool:
        """Whether the radio had this before we listened."""
        is_early = self._listed_ns is None or at_ns - self._listed_ns < BACKLOG_NS
        received_ns = meaning.instant_ns(said.fixed(7))
        return is_early and (received_ns is None or at_ns < 0 or abs(at_ns - received_ns) > FRESH_NS)

    def _meaning(self, packet: Fields, data: Fields, here: Presence, at_ns: int) -> Sequence[Observation] | None:
        """``None``: malformed."""
        port, payload = data.whole(1) or 0, data.octets(2) or b""
        if port in {1, 11}:
            return self._text(packet, payload, here, is_alert=port == 11)
        said = Fields.read(payload)
        if port not in {3, 4, 5, 65, 67}:
            return (here, Unrecognised(name=_PORTS.get(port, f"port-{port}"), raw=payload))
        if said is None:
            return None
        if port == 5:
            return self._routing(packet, data, said, here)
        return self._kept(packet, said, here) if port == 65 else self._told(packet, port, said, here, at_ns)

    def _kept(self, packet: Fields, said: Fields, here: Presence) -> Sequence[Observation] | None:
        """What a store-and-forward node says: a text of before, or its own affairs."""
        text = said.octets(5)
        if not text:
            return (here, Unrecognised(name="store", raw=b""))
        return self._text(packet, text, replace(here, is_stored=True), is_alert=False)

    def _told(self, packet: Fields, port: int, said: Fields, here: Presence, at_ns: int) -> Sequence[Observation]:
        """What a node tells of itself: its place, its name, its charge."""
        node, subject, is_stored = packet.fixed(1) or 0, here.subject, here.is_stored
        if port == 3:
            place = meaning.place(said, subject, self._name(node), self._mps, is_stored=is_stored)
            is_dated = place is not None and (place.source_time_ns is not None or not is_stored)
            return (place,) if place is not None and is_dated else (here,)
        if port == 4:
            self._learn(node, said)
            return (here,)
        metrics, told_ns = said.inner(2), meaning.instant_ns(said.fixed(1)) or here.source_time_ns
        if metrics is None:
            return (here,)
        power = meaning.charge(metrics, subject, is_stored=is_stored) if meaning.is_recent(told_ns, at_ns) else None
        busy = [] if is_stored else meaning.load(metrics, subject)
        return (here, *busy) if power is None else (power, *busy)

    def _text(self, packet: Fields, octets: bytes, here: Presence, *, is_alert: bool) -> Sequence[Observation] | None:
        try:
            text = octets.decode("utf-8")
        except UnicodeDecodeError:
            return None
        text = "".join(sign for sign in text if sign.isprintable() or sign == "\n")
        if not text:
            return None
        to, is_stored = packet.fixed(2), here.is_stored
        message = TextMessage(
            sender=here.subject,
            recipient=None if to is None else meaning.name_of(to),
            text=text,
            source_time_ns=here.source_time_ns,
            is_stored=is_stored,
        )
        if not is_alert:
            return (message,)
        kind = "@phones.emergency.alert"
        return (
            message,
            Emergency(subject=here.subject, kind=kind, source_time_ns=here.source_time_ns, is_stored=is_stored),
        )

    def _routing(self, packet: Fields, data: Fields, said: Fields, here: Presence) -> Sequence[Observation]:
        report = self._outbound.answered(data.fixed(6), said.whole(3) or 0, packet.fixed(1) or 0, self._own)
        if report is None:
            return (here,)
        if report.state == "confirmed":
            return (here, sending.radiated(report), report)
        return (here, report)

    def _subject(self, node: int) -> str | None:
        """Nobody for the radio on this wire: it is the device itself."""
        return None if node == self._own else meaning.name_of(node)

    def _name(self, node: int) -> str | None:
        return self._names.get(f"{node:08x}")

    def _learn(self, node: int, user: Fields | None) -> None:
        name = None if user is None else user.text(2)
        if not name:
            return
        key = f"{node:08x}"
        self._names.pop(key, None)
        self._names[key] = "".join(sign for sign in name if sign.isprintable())[:_NAME_SIGNS]
        if len(self._names) > NODES:
            del self._names[next(iter(self._names))]

    # ---- saying

    def poll(self, at_ns: int) -> Sequence[bytes]:
        """Ask who the radio is and whom it knows until it has told all, then say now and then that we are there."""
        if self._listed_ns is None:
            if self._asked_ns is not None and at_ns - self._asked_ns < ASK_NS:
                return ()
            self._asked_ns = self._beat_ns = at_ns
            return (WAKE + sending.want_configuration(max(1, at_ns // NS_PER_S & 0x7FFFFFFF)),)
        if self._beat_ns is not None and at_ns - self._beat_ns < BEAT_NS:
            return ()
        self._beat_ns = at_ns
        return (sending.HEARTBEAT,)

    def encode(self, command: DeviceCommand, at_ns: int) -> Outgoing | Refused:
        """Send a text to a node or to everybody, or ask a node for its position."""
        if isinstance(command, SendRaw):
            return _raw(command.octets)
        if not self._is_licensed or self._own is None:
            is_waiting = self._is_licensed
            return Refused(reason="mesh-not-ready" if is_waiting else "mesh-unlicensed", is_for_now=is_waiting)
        match command:
            case SendText():
                return self._text_to(command, at_ns)
            case AskPosition():
                return self._ask(command, at_ns)
        return Refused(reason="mesh-no-receipt" if isinstance(command, AskReceipt) else "no-publishing")

    def _ask(self, command: AskPosition, at_ns: int) -> Outgoing | Refused:
        node = meaning.node_of(command.subject or "")
        if node is None or node in {self._own, meaning.EVERYBODY}:
            return Refused(reason="mesh-recipient")
        number = sending.packet_number(f"position {node} {at_ns}")
        return Outgoing(octets=self._packed(node, number, sending.position_question()))

    def _text_to(self, command: SendText, at_ns: int) -> Outgoing | Refused:
        node, octets = meaning.node_of(command.recipient), sending.coded(command.text)
        if node is None or node == self._own:
            return Refused(reason="mesh-recipient")
        if isinstance(octets, Refused):
            return octets
        one = self._outbound.add(command.reference, command.recipient, node, at_ns)
        packed = self._packed(node, one.number, sending.text_data(octets))
        return Outgoing(octets=packed, reference=sending.reference_of(one))

    def _packed(self, node: int, number: int, data: bytes) -> bytes:
        return sending.packet(node, number, data, channel=self._channel, hops=self._hops)

    def measure(self, text: str) -> TextLimit:
        """How ``text`` would fit one message."""
        is_sendable = self._is_licensed and not isinstance(sending.coded(text), Refused)
        used = len(text.encode("utf-8", "replace"))
        return TextLimit(used=used, limit=sending.LONGEST_OCTETS, unit="octets", is_sendable=is_sendable)

    # ---- the end, and snapshots

    def finish(self) -> Sequence[Malformed]:
        """The frame or noise that the wire broke off in."""
        return [Malformed(reason=why, raw=octets) for why, octets in self._framer.take_rest()]

    def save(self) -> dict[str, Any]:
        """The unfinished octets, the nodes' names, what was heard lately, what is on its way."""
        return {
            "rest": self._framer.rest.hex(),
            "noise": self._framer.noise.hex(),
            "own": self._own,
            "names": dict(self._names),
            "heard": dict(self._heard),
            "outbound": self._outbound.save(),
            "asked_ns": self._asked_ns,
            "listed_ns": self._listed_ns,
            "beat_ns": self._beat_ns,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from what ``save`` gave."""
        self._framer.restore(bytes.fromhex(state["rest"]), bytes.fromhex(state["noise"]))
        self._own = state["own"]
        self._names = dict(state["names"])
        self._heard = dict(state["heard"])
        self._outbound.restore(state["outbound"])
        self._asked_ns = state["asked_ns"]
        self._listed_ns = state["listed_ns"]
        self._beat_ns = state["beat_ns"]


def _raw(octets: bytes) -> Outgoing | Refused:
    """One whole frame that asks and changes nothing: packets go through the outbox, settings through nobody."""
    message = Fields.read(octets[4:])
    is_whole = octets[:2] == MARKS and int.from_bytes(octets[2:4], "big") == len(octets) - 4
    if not is_whole or message is None or not sending.is_harmless(message):
        return Refused(reason="mesh-raw")
    return Outgoing(octets=octets)
