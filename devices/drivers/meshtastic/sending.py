"""Packets to the radio, and which of them have not been answered.

**Source:** as in ``meaning``: ToRadio packet (1), want_config_id (3), heartbeat (7); MeshPacket to (2), channel (3),
decoded (4), id (6), hop_limit (9), want_ack (10); Data portnum (1), payload (2), want_response (3); the error words of
Routing.
**Assumed:** an answer without error from the node that was written to means that it has the text; from our own radio
that somebody handed it on, so it was on the air.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from devices.driver import Refused
from devices.drivers.meshtastic.framing import framed
from devices.drivers.meshtastic.meaning import EVERYBODY
from devices.observations import DeliveryReport, DeliveryState
from devices.protobuf import Fields, put_fixed, put_octets, put_whole

LONGEST_OCTETS = 200
WAITING = 16
SLOT_S = 3.0
BUSY_S = 60.0
TEXT, POSITION = 1, 3
_WORDS: Mapping[int, str] = {
    1: "mesh-no-route",
    3: "no-answer",
    4: "no-radio",
    5: "no-answer",
    6: "no-channel",
    7: "too-large",
    8: "no-answer",
    9: "duty-cycle",
    34: "no-key",
    35: "no-key",
    38: "duty-cycle",
    39: "no-key",
}
"""The radio's own numbers for what went wrong; any other is ``refused``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A text on its way: ``message_id`` is the console's, ``number`` the packet's."""

    message_id: str
    recipient: str
    node: int
    number: int


class Outbound:
    """What was sent and is not settled; bounded."""

    __slots__ = ("pending",)

    def __init__(self) -> None:
        self.pending: list[Pending] = []

    def add(self, message_id: str, recipient: str, node: int, at_ns: int) -> Pending:
        """A new packet of its own number: radios that know a number already would not hand it on."""
        number = packet_number(f"{message_id} {recipient} {at_ns}")
        made = Pending(message_id=message_id, recipient=recipient, node=node, number=number)
        self.pending = [*self.pending, made][-WAITING:]
        return made

    def answered(self, number: int | None, error: int, by: int, own: int | None) -> DeliveryReport | None:
        """What an answer of the network means; ``None`` where it is about none of ours, or from a stranger."""
        one = next((one for one in self.pending if one.number == number), None)
        if one is None or by not in {one.node, own}:
            return None
        if error:
            self._drop(one)
            word = _WORDS.get(error, "refused")
            is_for_later = word == "duty-cycle"
            return _report(one, "deferred" if is_for_later else "failed", word, BUSY_S if is_for_later else SLOT_S)
        if by == one.node and one.node != EVERYBODY:
            self._drop(one)
            return _report(one, "confirmed")
        return _report(one, "sent", wait_s=SLOT_S)

    def _drop(self, settled: Pending) -> None:
        self.pending = [one for one in self.pending if one is not settled]

    def save(self) -> list[dict[str, Any]]:
        """What is on its way."""
        return [asdict(one) for one in self.pending]

    def restore(self, state: list[dict[str, Any]]) -> None:
        """Continue from what ``save`` gave."""
        self.pending = [Pending(**one) for one in state]


def _report(
    one: Pending, state: DeliveryState, reason: str | None = None, wait_s: float | None = None
) -> DeliveryReport:
    reference = one.recipient if state == "confirmed" else reference_of(one)
    return DeliveryReport(reference=reference, state=state, reason=reason, wait_s=wait_s, message_id=one.message_id)


def radiated(confirmed: DeliveryReport) -> DeliveryReport:
    """What a confirmation also proves."""
    return replace(confirmed, state="sent", wait_s=SLOT_S, reference=None)


def reference_of(one: Pending) -> str:
    """How reports name the transmission."""
    return f"{one.number:08x}"


def packet_number(text: str) -> int:
    """32 bits, never 0."""
    return zlib.crc32(text.encode("utf-8", "replace")) or 1


def coded(text: str) -> bytes | Refused:
    """The octets of a text, or why it cannot be sent."""
    if not text.strip():
        return Refused(reason="empty")
    if any(unicodedata.category(sign) in {"Cc", "Cs"} and sign != "\n" for sign in text):
        return Refused(reason="mesh-charset")
    octets = text.encode()
    return octets if len(octets) <= LONGEST_OCTETS else Refused(reason="mesh-too-long")


def packet(node: int, number: int, data: bytes, *, channel: int, hops: int) -> bytes:
    """A framed packet to a node, or to everybody."""
    said = put_fixed(2, node) + (put_whole(3, channel) if channel else b"") + put_octets(4, data)
    return framed(put_octets(1, said + put_fixed(6, number) + put_whole(9, hops) + put_whole(10, 1)))


def text_data(octets: bytes) -> bytes:
    """A text."""
    return put_whole(1, TEXT) + put_octets(2, octets)


def position_question() -> bytes:
    """An empty position that asks for one."""
    return put_whole(1, POSITION) + put_octets(2, b"") + put_whole(3, 1)


def want_configuration(nonce: int) -> bytes:
    """Tell me who you are, whom you know, and from then on what you hear."""
    return framed(put_whole(3, nonce))


HEARTBEAT = framed(put_octets(7, b""))


def is_harmless(message: Fields) -> bool:
    """Whether a hand-written message only asks for the configuration or says that we are there."""
    return bool(message.numbers()) and set(message.numbers()) <= {3, 7}
